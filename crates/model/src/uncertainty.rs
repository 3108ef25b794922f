//! How far figures may be from what the tables say: `uncertainty.csv`.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::calendar::{Date, parse_date};
use crate::csv_table::{Table, cell_problem};
use crate::diag::{Code, Diagnostic, Report, Severity};
use crate::figures::{Figure, is_figure};
use crate::files::{join, parent};
use crate::model::Model;
use crate::names::nearest;
use crate::schema::{Column, Kind, TableName};

/// A number or a date.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Amount {
    Number(f64),
    Date(Date),
}

/// How likely what lies between the ends of a range is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Triangular,
    Uniform,
    Lognormal,
}

/// One row of `uncertainty.csv` that speaks of a figure in the tables as they are.
#[derive(Clone, Debug)]
pub struct Range {
    pub table: TableName,
    /// Position in the table.
    pub row: usize,
    pub column: &'static Column,
    pub low: Amount,
    pub best: Amount,
    pub high: Amount,
    pub shape: Shape,
    pub why: String,
}

impl Amount {
    /// Reads a cell of a column; `None` where the column has no such figures.
    pub fn parse(column: &Column, cell: &str) -> Option<Amount> {
        match column.kind {
            Kind::Date => parse_date(cell).map(Amount::Date),
            _ => cell.parse().ok().map(Amount::Number),
        }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Amount::Number(number) => number.fmt(f),
            Amount::Date(date) => date.fmt(f),
        }
    }
}

/// The name of each row of a table, as `uncertainty.csv` gives it: `ox-dy/CHN/JPN`.
pub fn row_names(name: TableName, table: &Table) -> Vec<String> {
    let part = |row, (column, default): &(&str, &str)| table.given(row, column).unwrap_or(default).to_string();
    let names: Vec<String> = (0..table.len())
        .map(|row| name.row_columns().iter().map(|column| part(row, column)).collect::<Vec<_>>().join("/"))
        .collect();
    if name != TableName::Tiers {
        return names;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let number = |name: String| {
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        format!("{name}/{count}")
    };
    names.into_iter().map(number).collect()
}

/// The ranges that speak of figures as they are. A range whose figure has changed is stale: it is left
/// out with a warning, or without one where another model's figure lies over the one it speaks of.
/// The folders are those of the model, the one that lies over all others first.
pub(crate) fn read(tables: &BTreeMap<TableName, Table>, folders: &[String], report: &mut Report) -> Vec<Range> {
    let table = &tables[&TableName::Uncertainty];
    if table.is_empty() {
        return Vec::new();
    }
    let inputs: Vec<TableName> = TableName::ALL.iter().copied().filter(|name| name.is_input()).collect();
    let rows: HashMap<TableName, HashMap<String, usize>> = inputs
        .iter()
        .map(|name| {
            let names = row_names(*name, &tables[name]);
            (*name, names.into_iter().enumerate().map(|(row, name)| (name, row)).collect())
        })
        .collect();
    // Where a table has errors, a row that is not there says nothing of the range that names it.
    let unread: HashSet<TableName> = inputs
        .iter()
        .copied()
        .filter(|name| {
            let wrong = |file: &str| {
                let errors = report.diagnostics().iter().filter(|d| d.severity == Severity::Error);
                errors.filter_map(|d| d.place.as_ref()).any(|place| place.file == file)
            };
            tables[name].files().any(wrong)
        })
        .collect();
    let layer = |file: &str| folders.iter().position(|folder| join(folder, "") == parent(file));
    let mut absent: HashSet<TableName> = HashSet::new();
    let mut seen: HashMap<(TableName, usize, &str), usize> = HashMap::new();
    let mut ranges = Vec::new();
    for at in 0..table.len() {
        let mut wrong = |column: &str, message: String, near: Option<String>| {
            let d = Diagnostic::error(Code::UnknownId, message).at(table.place(at, column, report));
            report.push(match near {
                Some(near) => d.help(format!("use `{near}`")),
                None => d.help("a range names a figure: table, row and column"),
            });
        };
        // An empty cell was reported with the table.
        let given = |column| table.given(at, column);
        let (Some(named), Some(row), Some(column)) = (given("table"), given("row"), given("column")) else { continue };
        let Some(name) = inputs.iter().copied().find(|name| name.stem() == named) else {
            let near = nearest(named, inputs.iter().map(|name| name.stem()));
            wrong("table", format!("unknown table `{named}`"), near.map(str::to_string));
            continue;
        };
        let figures = name.schema().columns.iter().filter(|c| is_figure(c.kind));
        let Some(column) = figures.clone().find(|c| c.name == column) else {
            let near = nearest(column, figures.map(|c| c.name));
            wrong("column", format!("`{named}` has no figures in a column `{column}`"), near.map(str::to_string));
            continue;
        };
        let Some(position) = rows[&name].get(row).copied() else {
            if unread.contains(&name) {
                continue;
            }
            if tables[&name].header.is_empty() {
                // Once, and not for each of its ranges.
                if absent.insert(name) {
                    wrong("table", format!("there is no table `{}`", tables[&name].file), None);
                }
                continue;
            }
            let near = nearest(row, rows[&name].keys().map(String::as_str));
            wrong("row", format!("`{named}` has no row `{row}`"), near.map(str::to_string));
            continue;
        };
        if let Some(first) = seen.insert((name, position, column.name), at) {
            let d = Diagnostic::error(Code::DuplicateRow, "the figure has two ranges");
            let d = d.at(table.place(at, "", report));
            report.push(d.help(format!("the first one stands at {}", table.line(first, report))));
            continue;
        }
        let mut ends = Vec::new();
        for end in ["low", "best", "high"] {
            let Some(cell) = given(end) else { continue };
            match cell_problem(column, cell) {
                Some((code, message, help)) => {
                    let mut d = Diagnostic::error(code, message).at(table.place(at, end, report));
                    d.help = help;
                    report.push(d);
                }
                None => ends.extend(Amount::parse(column, cell)),
            }
        }
        let [low, best, high] = ends[..] else { continue };
        if low > best || best > high {
            report.push(
                Diagnostic::error(Code::BadRange, format!("the range {low}, {best}, {high} is not in order"))
                    .at(table.place(at, "low", report))
                    .help("`low` is at most `best`, and `best` at most `high`"),
            );
            continue;
        }
        let figures = &tables[&name];
        let figure = figures.given(position, column.name).and_then(|cell| Amount::parse(column, cell));
        if figure != Some(best) {
            // In a model that lies over another, what it replaces leaves stale ranges below.
            let replaced = layer(figures.file_of(position)) < layer(table.file_of(at));
            if !replaced {
                let is = figure.map_or("empty".to_string(), |figure| figure.to_string());
                let message = format!("`best` is {best}, and the figure in `{named}` is {is}: the range is not used");
                let d = Diagnostic::warning(Code::StaleRange, message).at(table.place(at, "best", report));
                report.push(d.help("bring the range up to date with the figure"));
            }
            continue;
        }
        let shape = match table.text(at, "shape") {
            "uniform" => Shape::Uniform,
            "lognormal" => Shape::Lognormal,
            _ => Shape::Triangular,
        };
        let why = table.text(at, "why").to_string();
        ranges.push(Range { table: name, row: position, column, low, best, high, shape, why });
    }
    ranges
}

/// Whether nobody counted a figure that a run reads. Where a region lies on a map takes no part in one.
fn is_guess_of_a_run(figure: &Figure) -> bool {
    figure.table.is_input() && figure.table != TableName::Regions && figure.is_guess()
}

/// Reports every recalled or assumed figure that a run reads which has no range.
pub fn check(model: &Model, figures: &[Figure], report: &mut Report) {
    let ranged: HashSet<(TableName, usize, &str)> =
        model.ranges.iter().map(|range| (range.table, range.row, range.column.name)).collect();
    let mut rows: HashMap<TableName, Vec<String>> = HashMap::new();
    for figure in figures.iter().filter(|figure| is_guess_of_a_run(figure)) {
        if ranged.contains(&(figure.table, figure.row, figure.column.name)) {
            continue;
        }
        let (table, column) = (&model.tables[&figure.table], figure.column.name);
        let row = &rows.entry(figure.table).or_insert_with(|| row_names(figure.table, table))[figure.row];
        let how = figure.confidence.unwrap_or_default();
        let message = format!("the figure `{}` in `{column}` is {how} and has no range", figure.text);
        let file = figure.table.stem();
        let help = format!("give `uncertainty.csv` a row {file},{row},{column} with low, best, high and why");
        let place = table.place(figure.row, column, report);
        report.push(Diagnostic::error(Code::NoRange, message).at(place).help(help));
    }
}

/// Every recalled or assumed figure that a run reads, with a range of a share of it either way: of a date,
/// that share of a year, rounded up to a day. A figure of 0 has no share. `confidence` leaves only those
/// known so well.
pub fn nearby(model: &Model, share: f64, confidence: Option<&str>) -> Vec<Range> {
    let figures = crate::figures::figures(model);
    let wanted = |figure: &&Figure| confidence.is_none() || figure.confidence == confidence;
    let guesses = figures.iter().filter(|figure| is_guess_of_a_run(figure)).filter(wanted);
    guesses.filter_map(|figure| around(figure, share)).collect()
}

fn around(figure: &Figure, share: f64) -> Option<Range> {
    let column = figure.column;
    let best = Amount::parse(column, figure.text)?;
    let (low, high) = match best {
        Amount::Number(0.0) => return None,
        Amount::Number(number) => {
            let by = share * number.abs();
            let most = if column.kind == Kind::Share { 1.0 } else { f64::INFINITY };
            (Amount::Number(number - by), Amount::Number((number + by).min(most)))
        }
        Amount::Date(date) => {
            let days = jiff::Span::new().days((share * 365.0).ceil() as i64);
            (Amount::Date(date.saturating_sub(days)), Amount::Date(date.saturating_add(days)))
        }
    };
    let why = format!("{}% either way", 100.0 * share);
    Some(Range { table: figure.table, row: figure.row, column, low, best, high, shape: Shape::Uniform, why })
}
