//! What the assessment rests on: the figures upstream of the needs by how well they are known, their sources, and
//! what is not known.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use coercivity_model::csv_table::Table;
use coercivity_model::figures::{Figure, figures};
use coercivity_model::model::Model;
use coercivity_model::schema::{CONFIDENCES, TableName};
use serde::Serialize;

use super::factors::{Source, source};
use super::{Base, Map};
use crate::results::table::{Cells, ResultTable};

#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// Figures upstream of the needs.
    pub figures: usize,
    /// (confidence, figures), the best known first, "not given" last.
    pub confidence: Vec<(&'static str, usize)>,
    /// Figures without a source.
    pub without_source: usize,
    /// Figures by table: (file, figures, of which recalled or assumed).
    pub tables: Vec<(&'static str, usize, usize)>,
    /// Sources with the most figures first.
    pub sources: Vec<Cited>,
    /// Recalled or assumed figures that have a range, and all of them.
    pub guesses_with_range: usize,
    pub guesses: usize,
    /// Ranges whose ends are one.
    pub no_width: usize,
    /// Sites of the map whose owner is not one known firm, and all of them.
    pub owners_unknown: usize,
    pub sites: usize,
    /// By product and stage: share whose making is not known.
    pub unknown: Vec<Unknown>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Cited {
    #[serde(flatten)]
    pub source: Source,
    pub figures: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct Unknown {
    pub product: String,
    pub stage: String,
    pub share: f64,
}

pub(super) fn evidence(base: &Base, map: &Map) -> Evidence {
    let model = base.asked.model;
    let rows = Rows::new(base);
    let list: Vec<Figure> = figures(model).into_iter().filter(|figure| rows.count(model, figure)).collect();
    let mut confidence: Vec<(&'static str, usize)> = CONFIDENCES.iter().map(|c| (*c, 0)).collect();
    confidence.push(("not given", 0));
    let (mut by_table, mut by_source) = (BTreeMap::new(), BTreeMap::<&str, usize>::new());
    for figure in &list {
        let known = CONFIDENCES.iter().position(|c| Some(*c) == figure.confidence);
        confidence[known.unwrap_or(CONFIDENCES.len())].1 += 1;
        let (all, guesses) = by_table.entry(figure.table).or_insert((0, 0));
        *all += 1;
        *guesses += usize::from(figure.is_guess());
        figure.sources.iter().for_each(|key| *by_source.entry(key).or_default() += 1);
    }
    let mut sources: Vec<Cited> =
        by_source.into_iter().map(|(key, figures)| Cited { source: source(model, key), figures }).collect();
    sources.sort_by(|a, b| b.figures.cmp(&a.figures).then_with(|| a.source.key.cmp(&b.source.key)));
    let ranged: HashSet<(TableName, usize, &str)> =
        model.ranges.iter().map(|range| (range.table, range.row, range.column.name)).collect();
    let mine: HashSet<(TableName, usize, &str)> = list.iter().map(|f| (f.table, f.row, f.column.name)).collect();
    let key = |figure: &&Figure| ranged.contains(&(figure.table, figure.row, figure.column.name));
    let guesses = || list.iter().filter(|figure| figure.is_guess());
    let narrow = model.ranges.iter().filter(|range| range.low == range.high);
    let unknown = map.products.iter().flat_map(|product| {
        let unknown = |share: f64, stage: &str| Unknown { product: product.name.clone(), stage: stage.into(), share };
        product.stages.iter().map(move |stage| unknown(stage.unknown, &stage.stage))
    });
    Evidence {
        figures: list.len(),
        without_source: list.iter().filter(|figure| figure.sources.is_empty()).count(),
        confidence,
        tables: by_table.into_iter().map(|(table, (all, guesses))| (table.file(), all, guesses)).collect(),
        sources,
        guesses_with_range: guesses().filter(key).count(),
        guesses: guesses().count(),
        no_width: narrow.filter(|range| mine.contains(&(range.table, range.row, range.column.name))).count(),
        owners_unknown: map.sites.iter().filter(|site| !site.one_firm).count(),
        sites: map.sites.len(),
        unknown: unknown.filter(|unknown| unknown.share > 0.0).collect(),
    }
}

/// The rows of tables that lie upstream of the needs, by what they name.
struct Rows<'a> {
    products: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
    processes: BTreeSet<&'a str>,
    demands: BTreeSet<&'a str>,
}

impl<'a> Rows<'a> {
    fn new(base: &Base<'a>) -> Rows<'a> {
        let (model, scope) = (base.asked.model, &base.scope);
        let products = || scope.products.iter().map(|p| &model.products[*p]);
        Rows {
            products: products().map(|p| p.id.as_str()).collect(),
            groups: products().flat_map(|p| &p.groups).map(String::as_str).collect(),
            processes: scope.processes.iter().map(|q| model.processes[*q].id.as_str()).collect(),
            demands: scope.needs.iter().map(|d| model.demands[*d].id.as_str()).collect(),
        }
    }

    /// Whether a figure is one of theirs, and one that a run reads.
    fn count(&self, model: &Model, figure: &Figure) -> bool {
        let (table, row) = (&model.tables[&figure.table], figure.row);
        match figure.table {
            TableName::Products => self.products.contains(table.text(row, "id")),
            TableName::Processes => self.processes.contains(table.text(row, "process")),
            TableName::Sites => table.list(row, "process").any(|process| self.processes.contains(process)),
            TableName::Lanes | TableName::Stocks => self.names_product(table, row),
            TableName::Demands => self.demands.contains(table.text(row, "id")),
            TableName::Uses | TableName::Options | TableName::Tiers => self.demands.contains(table.text(row, "demand")),
            _ => false,
        }
    }

    fn names_product(&self, table: &Table, row: usize) -> bool {
        let named = |name: &str| name == "*" || self.products.contains(name) || self.groups.contains(name);
        table.list(row, "product").any(named)
    }
}

impl Evidence {
    /// `sources`, a row a source.
    pub fn tables(&self) -> Vec<ResultTable> {
        let text = |of: &dyn Fn(&Cited) -> String| Cells::Text(self.sources.iter().map(of).collect());
        vec![ResultTable {
            name: "sources",
            columns: vec![
                ("key", text(&|s| s.source.key.clone())),
                ("title", text(&|s| s.source.title.clone())),
                ("publisher", text(&|s| s.source.publisher.clone())),
                ("year", text(&|s| s.source.year.clone())),
                ("url", text(&|s| s.source.url.clone())),
                ("figures", Cells::Number(self.sources.iter().map(|s| s.figures as f64).collect())),
            ],
        }]
    }
}
