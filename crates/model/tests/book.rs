//! The book's page of tables is made from the attribute table, so that it cannot say anything else.
//!
//! After a change of the table: `UPDATE_BOOK=1 cargo test --release --workspace --test book`.

use std::fmt::Write;
use std::path::Path;

use coercivity_model::schema::{COMMON, Column, Kind, SCHEMAS};

const HEAD: &str = "\
# The tables of a model

A model is a folder: `model.toml` and these CSV tables (UTF-8, header row, comma). An empty cell is \"not given\"; unknown columns are
ignored with a warning, unknown ids are errors. Ids are letters, digits, `-`, `_`, `.`. For a single figure of column C the columns
`C.source` and `C.confidence` overrule the row's. Columns in bold must be given.
";

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Id => "id".to_string(),
        Kind::Ref(table) => format!("id of a {}", table.schema().noun),
        Kind::RefOrAll(table) => format!("id of a {}, or `*`", table.schema().noun),
        Kind::RefList(table) => format!("`;`-list of ids, each of a {}", table.schema().noun),
        Kind::Members(table) => format!("`;`-list of ids or groups, each of a {}, or `*`", table.schema().noun),
        Kind::Label => "name".to_string(),
        Kind::LabelList => "`;`-list of names".to_string(),
        Kind::Text => "text".to_string(),
        Kind::NonNegative => "number, at least 0".to_string(),
        Kind::Number => "number".to_string(),
        Kind::Growth => "number above -1".to_string(),
        Kind::Share => "0 to 1".to_string(),
        Kind::Date => "YYYY-MM-DD".to_string(),
        Kind::Choice(words) => words.join(", "),
    }
}

fn rows(page: &mut String, columns: &[Column]) {
    page.push_str("\n| column | holds | unit | if empty | meaning |\n|---|---|---|---|---|\n");
    for c in columns {
        let name = if c.required { format!("**{}**", c.name) } else { c.name.to_string() };
        writeln!(page, "| {name} | {} | {} | {} | {} |", kind(c.kind), c.unit, c.default, c.meaning).unwrap();
    }
}

fn page() -> String {
    let mut page = HEAD.to_string();
    for schema in SCHEMAS {
        write!(page, "\n## {}\n\nOne row a {}. It holds {}.\n", schema.file, schema.noun, schema.meaning).unwrap();
        let key: Vec<String> = schema.key.iter().map(|(column, _)| format!("`{column}`")).collect();
        writeln!(page, "Its key, where a model [extends](own-data.md) another: {}.", key.join(", ")).unwrap();
        rows(&mut page, schema.columns);
    }
    page.push_str("\n## In every table\n");
    rows(&mut page, COMMON);
    page
}

#[test]
fn the_page_of_tables_is_that_of_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/tables.md");
    if std::env::var_os("UPDATE_BOOK").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "{} is not what the schema says: see the head of this test", path.display());
}
