//! The two tables of a bill of materials: parts, and the declarations that prove what is said of them.
//!
//! They come as CSV files or as the sheets of a workbook. A sheet becomes the text of a CSV table, so
//! that both are checked by one reader and a diagnostic can show the row.

use coercivity_model::csv_table::Table;
use coercivity_model::diag::{Code, Diagnostic, Report};
use coercivity_model::schema::{Column, Kind, Schema, may, need};
use coercivity_model::workbook::Workbook;

use Kind::{Date, NonNegative, Text};

const NOTE: &[Column] = &[may("note", Text, "", "", "free text")];

const COUNTRY: &str = "not known";

pub const PARTS: Schema = Schema {
    file: "parts.csv",
    noun: "part, or material in a part",
    meaning: "the parts, who supplies them, and the materials in them with where each step of making them was done",
    key: &[],
    common: NOTE,
    columns: &[
        need("part", Text, "", "the part's number or name; a part may have several rows"),
        may("name", Text, "", "the part's number", "name for people"),
        may("part_of", Text, "", "delivered by itself", "the part it is built into"),
        may("quantity", NonNegative, "", "not known", "how many of it are in one `part_of`"),
        may(
            "supplier",
            Text,
            "",
            "not named",
            "who supplies it; rows of one part with other suppliers are alternatives",
        ),
        may("weight_g", NonNegative, "g", "not known", "weight of one part"),
        may("value", NonNegative, "currency", "not known", "price of one part"),
        may("currency", Text, "", "", "ISO 4217 code of `value` and `material_value`, such as `USD`"),
        may("made_in", Text, "", COUNTRY, "country or countries in which the part itself is made"),
        may("cots", Text, "", "not known", "`yes` if it is a commercially available off-the-shelf item, else `no`"),
        may("electronic_device", Text, "", "not known", "`yes` if it is an electronic device, else `no`"),
        may("material", Text, "", "not known", "a material in the part; `none` = none that a rule might cover"),
        may("material_g", NonNegative, "g", "not known", "weight of the material in one part"),
        may("material_percent", NonNegative, "%", "not known", "or its share of the part's weight, 50 for a half"),
        may("material_value", NonNegative, "currency", "not known", "value of the material in one part"),
        may("recycled", Text, "", "not known", "`yes` if the material is made from recycled material, else `no`"),
        may("mined", Text, "", COUNTRY, "country or countries of mining"),
        may("refined", Text, "", COUNTRY, "country or countries of refining"),
        may("separated", Text, "", COUNTRY, "country or countries of separation"),
        may("melted", Text, "", COUNTRY, "country or countries of melting into metal or alloy"),
        may(
            "produced",
            Text,
            "",
            COUNTRY,
            "country or countries of production: powder, pressing, sintering, magnetising",
        ),
        may("technology", Text, "", COUNTRY, "country or countries whose rare-earth technology was used"),
        may("documents", Text, "", "none", "`;`-list of the documents that prove what the row says"),
    ],
};

pub const DECLARATIONS: Schema = Schema {
    file: "declarations.csv",
    noun: "document",
    meaning: "the documents that prove what rows of the parts say, with date and signature",
    key: &[("document", "")],
    common: NOTE,
    columns: &[
        need("document", Text, "", "its number or name, as in the column `documents` of the parts"),
        may("supplier", Text, "", "not given", "who issued it"),
        may(
            "covers",
            Text,
            "",
            "everything on the rows that cite it, but no waiver",
            "`;`-list of what it covers: steps, `content`, `made_in`, `cots`, `electronic-device`, `recycled`, `waiver`, `mitigation-plan`",
        ),
        may("dated", Date, "", "it proves nothing", "date of signature"),
        may("expires", Date, "", "it does not expire", "last day on which it holds"),
        may("signed_by", Text, "", "it proves nothing", "who signed it"),
    ],
};

/// Both tables, as read. Errors are in the report.
pub struct Tables {
    pub parts: Table,
    pub declarations: Table,
}

/// Reads CSV tables; without declarations nothing is proven.
pub fn read_csv(parts: (&str, &str), declarations: Option<(&str, &str)>, report: &mut Report) -> Tables {
    let parts = read_one(&PARTS, parts.0, parts.1, report);
    let declarations = match declarations {
        Some((file, text)) => read_declarations(file, text, report),
        None => Table::empty(DECLARATIONS.file),
    };
    Tables { parts, declarations }
}

/// Reads a CSV table of declarations.
pub fn read_declarations(file: &str, text: &str, report: &mut Report) -> Table {
    read_one(&DECLARATIONS, file, text, report)
}

fn read_one(schema: &Schema, file: &str, text: &str, report: &mut Report) -> Table {
    report.add_text(file, text.into());
    let table = Table::read(schema, file, text, report);
    table.report_formulas(report);
    table
}

/// Reads the sheets `parts` and `declarations` of a workbook; with no sheet of the first name, the
/// first sheet.
pub fn read_workbook(file: &str, bytes: Vec<u8>, report: &mut Report) -> Option<Tables> {
    let mut book = Workbook::open(file, bytes, report)?;
    let names = book.names();
    let called = |wanted: &str| names.iter().find(|name| name.trim().eq_ignore_ascii_case(wanted)).cloned();
    let Some(parts) = called("parts").or_else(|| names.first().cloned()) else {
        let message = format!("the workbook `{file}` has no sheets");
        report.push(Diagnostic::error(Code::UnreadableFile, message).help("it needs a sheet `parts`"));
        return None;
    };
    let mut sheet = |schema: &Schema, name: &str| {
        let text = book.text(name, report)?;
        Some(read_one(schema, &book.place(name), &text, report))
    };
    let declared = called("declarations").filter(|name| *name != parts);
    let parts = sheet(&PARTS, &parts);
    let declarations = match declared {
        Some(name) => sheet(&DECLARATIONS, &name),
        None => Some(Table::empty(DECLARATIONS.file)),
    };
    Some(Tables { parts: parts?, declarations: declarations? })
}
