//! A model as files: those of one folder that stands alone, whatever it was read from.

use crate::behaviour::{Evidence, FILE};
use crate::csv_table::Table;
use crate::model::Model;
use crate::schema::TableName;

/// The files of a model, by name: `model.toml`, each table that has rows, and `behaviour.toml`. What is read from them is the same model,
/// but for its hash and folders.
pub fn files_of(model: &Model) -> Vec<(String, Vec<u8>)> {
    let mut head = toml::Table::new();
    let mut set = |key: &str, value: toml::Value| head.insert(key.to_string(), value);
    set("format", 1.into());
    set("name", model.name.clone().into());
    set("start", toml::Value::Datetime(model.start.to_string().parse().expect("a date of the calendar")));
    set("step", model.step.name().into());
    set("steps", (model.steps() as i64).into());
    set("currency", model.currency.clone().into());
    set("discount_rate", model.discount_rate.into());
    set("terminal_value", model.terminal_value.into());
    let mut files = vec![("model.toml".to_string(), head.to_string().into_bytes())];
    let tables = TableName::ALL.iter().map(|name| (name, &model.tables[name]));
    let tables = tables.filter(|(_, table)| !table.header.is_empty());
    files.extend(tables.map(|(name, table)| (format!("{}.csv", name.stem()), csv_of(table))));
    files.extend(behaviour_of(model));
    files
}

/// `behaviour.toml`, where the model or one that it extends has one.
fn behaviour_of(model: &Model) -> Option<(String, Vec<u8>)> {
    let of = |(name, evidence): (&&'static str, &Evidence)| {
        let mut own = toml::Table::new();
        let value = model.behaviour.value(name).expect("evidence is of a parameter");
        let figures = [("value", value), ("low", evidence.low), ("high", evidence.high)];
        own.extend(figures.map(|(key, figure)| (key.to_string(), figure.into())));
        let texts = [("source", &evidence.source), ("confidence", &evidence.confidence), ("note", &evidence.note)];
        own.extend(texts.map(|(key, text)| (key.to_string(), text.clone().into())));
        (name.to_string(), toml::Value::Table(own))
    };
    let table: toml::Table = model.evidence.iter().map(of).collect();
    (!table.is_empty()).then(|| (FILE.to_string(), table.to_string().into_bytes()))
}

fn csv_of(table: &Table) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "memory has no end that shows here";
    writer.write_record(&table.header).expect(written);
    for row in 0..table.len() {
        writer.write_record(table.header.iter().map(|column| table.text(row, column))).expect(written);
    }
    writer.into_inner().expect(written)
}
