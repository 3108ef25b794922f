//! Every figure of a model with its source, confidence and range, as the page's data table has it.

use std::collections::{BTreeMap, HashMap};

use coercivity_model::Model;
use coercivity_model::figures::figures;
use coercivity_model::schema::TableName;
use coercivity_model::uncertainty::row_names;
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct Data {
    pub figures: Vec<Figure>,
    pub sources: BTreeMap<String, Source>,
    /// Figures without a source or a confidence.
    pub unknown: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub table: &'static str,
    /// As `uncertainty.csv` names rows.
    pub row: String,
    pub column: &'static str,
    /// As written.
    pub value: String,
    pub unit: &'static str,
    /// Keys of `sources`.
    pub source: Vec<String>,
    pub confidence: Option<String>,
    pub low: Option<String>,
    pub high: Option<String>,
    /// Why the range is what it is.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Source {
    pub title: String,
    pub publisher: String,
    pub year: String,
    pub url: String,
    pub note: String,
}

pub fn data(model: &Model) -> Data {
    let ranges: HashMap<_, _> =
        model.ranges.iter().map(|range| ((range.table, range.row, range.column.name), range)).collect();
    let mut rows: BTreeMap<TableName, Vec<String>> = BTreeMap::new();
    let figures: Vec<Figure> = figures(model)
        .into_iter()
        .map(|figure| {
            let names =
                rows.entry(figure.table).or_insert_with(|| row_names(figure.table, &model.tables[&figure.table]));
            let range = ranges.get(&(figure.table, figure.row, figure.column.name));
            Figure {
                table: figure.table.stem(),
                row: names[figure.row].clone(),
                column: figure.column.name,
                value: figure.text.to_string(),
                unit: figure.column.unit,
                source: figure.sources.iter().map(|key| key.to_string()).collect(),
                confidence: figure.confidence.map(str::to_string),
                low: range.map(|range| range.low.to_string()),
                high: range.map(|range| range.high.to_string()),
                why: range.map(|range| range.why.clone()),
            }
        })
        .collect();
    let unknown = figures.iter().filter(|f| f.source.is_empty() || f.confidence.is_none()).count();
    Data { figures, sources: sources(model), unknown }
}

fn sources(model: &Model) -> BTreeMap<String, Source> {
    let table = &model.tables[&TableName::Sources];
    let source = |row: usize| {
        let text = |column| table.text(row, column).to_string();
        let source = Source {
            title: text("title"),
            publisher: text("publisher"),
            year: text("year"),
            url: text("url"),
            note: text("note"),
        };
        (text("key"), source)
    };
    (0..table.len()).map(source).collect()
}
