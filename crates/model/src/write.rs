//! A model as files: those of one folder that stands alone, whatever it was read from.

use crate::csv_table::Table;
use crate::model::Model;
use crate::schema::TableName;

/// The files of a model, by name: `model.toml`, and each table that has rows. What is read from them is the same model,
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
    files
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
