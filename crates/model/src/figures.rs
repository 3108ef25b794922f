//! The figures of a model: every number and date in its tables, with where it comes from and how well
//! it is known.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diag::{Code, Diagnostic, Report};
use crate::model::Model;
use crate::schema::{CONFIDENCES, Column, Kind, TableName};

/// One cell that holds a number or a date.
#[derive(Clone, Debug)]
pub struct Figure<'m> {
    pub table: TableName,
    pub row: usize,
    pub column: &'static Column,
    /// As written.
    pub text: &'m str,
    /// Keys of `sources.csv`: those of the figure's own column, or else of its row.
    pub sources: Vec<&'m str>,
    /// As for the sources; `None` = not given.
    pub confidence: Option<&'m str>,
}

impl Figure<'_> {
    /// Whether nobody counted it.
    pub fn is_guess(&self) -> bool {
        matches!(self.confidence, Some("recalled" | "assumed"))
    }
}

/// Whether cells of this kind are figures.
pub fn is_figure(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::NonNegative | Kind::Share | Kind::Growth | Kind::Date)
}

/// The figures, table by table, row by row.
pub fn figures(model: &Model) -> Vec<Figure<'_>> {
    let mut figures = Vec::new();
    for (&table, cells) in
        model.tables.iter().filter(|(name, _)| !matches!(name, TableName::Sources | TableName::Uncertainty))
    {
        let columns: Vec<(&Column, String, String)> = table
            .schema()
            .columns
            .iter()
            .filter(|c| is_figure(c.kind))
            .map(|c| (c, format!("{}.source", c.name), format!("{}.confidence", c.name)))
            .collect();
        for row in 0..cells.len() {
            for (column, source, confidence) in &columns {
                let Some(text) = cells.given(row, column.name) else { continue };
                let own = if cells.given(row, source).is_some() { source } else { "source" };
                figures.push(Figure {
                    table,
                    row,
                    column,
                    text,
                    sources: cells.list(row, own).collect(),
                    confidence: cells.given(row, confidence).or_else(|| cells.given(row, "confidence")),
                });
            }
        }
    }
    figures
}

/// How many figures a table has, and what they rest on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Coverage {
    pub figures: usize,
    /// Those with at least one source.
    pub sourced: usize,
    /// Figures by confidence, in the order of [`CONFIDENCES`], "not given" last.
    pub confidence: [usize; CONFIDENCES.len() + 1],
    /// Year of the newest source of each figure that is neither recalled nor assumed, sorted.
    #[serde(skip)]
    pub years: Vec<i32>,
}

impl Coverage {
    /// Oldest, middle and newest of the years.
    pub fn age(&self) -> Option<[i32; 3]> {
        let (first, last) = (self.years.first()?, self.years.last()?);
        Some([*first, self.years[self.years.len() / 2], *last])
    }
}

/// The coverage of each table that has figures.
pub fn coverage(model: &Model, figures: &[Figure]) -> BTreeMap<TableName, Coverage> {
    let years = years(model);
    let mut tables: BTreeMap<TableName, Coverage> = BTreeMap::new();
    for figure in figures {
        let coverage = tables.entry(figure.table).or_default();
        coverage.figures += 1;
        coverage.sourced += usize::from(!figure.sources.is_empty());
        let known = CONFIDENCES.iter().position(|c| Some(*c) == figure.confidence);
        coverage.confidence[known.unwrap_or(CONFIDENCES.len())] += 1;
        // What was recalled or assumed for this model says nothing of how old the figure is.
        if !figure.is_guess() {
            coverage.years.extend(figure.sources.iter().filter_map(|key| years.get(key)).max());
        }
    }
    tables.values_mut().for_each(|coverage| coverage.years.sort_unstable());
    tables
}

/// The year of each source that has one.
fn years(model: &Model) -> BTreeMap<&str, i32> {
    let sources = &model.tables[&TableName::Sources];
    let rows =
        (0..sources.len()).filter_map(|row| Some((sources.text(row, "key"), sources.text(row, "year").parse().ok()?)));
    rows.collect()
}

/// A source and the figures that rest on it.
#[derive(Clone, Debug, Serialize)]
pub struct SourceUse<'m> {
    pub key: &'m str,
    pub title: &'m str,
    pub publisher: &'m str,
    pub year: Option<i32>,
    pub figures: usize,
}

/// The sources with the most figures first.
pub fn sources<'m>(model: &'m Model, figures: &[Figure<'m>]) -> Vec<SourceUse<'m>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    figures.iter().flat_map(|figure| &figure.sources).for_each(|key| *counts.entry(key).or_default() += 1);
    let table = &model.tables[&TableName::Sources];
    let mut list: Vec<SourceUse> = (0..table.len())
        .map(|row| {
            let key = table.text(row, "key");
            SourceUse {
                key,
                title: table.text(row, "title"),
                publisher: table.text(row, "publisher"),
                year: table.text(row, "year").parse().ok(),
                figures: counts.get(key).copied().unwrap_or(0),
            }
        })
        .collect();
    list.sort_by(|a, b| b.figures.cmp(&a.figures).then(a.key.cmp(b.key)));
    list
}

/// Reports every figure without a source or a confidence.
pub fn check(model: &Model, figures: &[Figure], report: &mut Report) {
    for figure in figures {
        let (what, column) = match (figure.sources.is_empty(), figure.confidence) {
            (true, _) => ("source", "source"),
            (false, None) => ("confidence", "confidence"),
            (false, Some(_)) => continue,
        };
        let name = figure.column.name;
        let place = model.tables[&figure.table].place(figure.row, name, report);
        report.push(
            Diagnostic::error(Code::NoSource, format!("the figure `{}` in `{name}` has no {what}", figure.text))
                .at(place)
                .help(format!("fill in `{column}` of the row, or `{name}.{column}` for this figure alone")),
        );
    }
}
