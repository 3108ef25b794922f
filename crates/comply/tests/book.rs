//! The page of the book on the two tables is made from their attribute tables.

use std::fmt::Write;
use std::path::Path;

use coercivity_comply::tables::{DECLARATIONS, PARTS};

const HEAD: &str = "<!-- Made from crates/comply/src/tables.rs: change that, then run
UPDATE_BOOK=1 cargo test --release -p coercivity-comply --test book -->

# The tables of a bill of materials

What `coercivity comply` reads: two CSV files, or the sheets `parts` and `declarations` of a workbook. `coercivity comply
--template DIR` writes both, empty and filled in with an example. Other columns are kept and have no effect.
";

fn page() -> String {
    let mut page = HEAD.to_string();
    for schema in [&PARTS, &DECLARATIONS] {
        write!(page, "\n## {}\n\nOne row a {}. It holds {}.\n\n", schema.file, schema.noun, schema.meaning).unwrap();
        page.push_str("| column | unit | if empty | what it is |\n|---|---|---|---|\n");
        for c in schema.columns.iter().chain(schema.common) {
            let (name, empty) = if c.required {
                (format!("**{}**", c.name), "must be filled in")
            } else {
                (c.name.to_string(), c.default)
            };
            writeln!(page, "| {name} | {} | {empty} | {} |", c.unit, c.meaning).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_the_tables_is_that_of_their_attributes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/comply-tables.md");
    if std::env::var_os("UPDATE_BOOK").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let found = std::fs::read_to_string(&path).expect("the page is there");
    assert!(found == page(), "the page differs: run this test with UPDATE_BOOK=1");
}
