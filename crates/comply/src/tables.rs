//! The two tables of a bill of materials: parts, and the declarations that prove what is said of them.
//!
//! They come as CSV files or as the sheets of a workbook. A sheet becomes the text of a CSV table, so
//! that both are checked by one reader and a diagnostic can show the row.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Sheets, open_workbook_auto_from_rs};
use coercivity_model::csv_table::Table;
use coercivity_model::diag::{Code, Diagnostic, Report};
use coercivity_model::schema::{Column, Kind, Schema};

use Kind::{Date, NonNegative, Text};

const fn may(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Column {
    Column { name, kind, required: false, unit, default, meaning }
}

const fn need(name: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column { name, kind, required: true, unit: "", default: "", meaning }
}

const NOTE: &[Column] = &[may("note", Text, "", "", "free text")];

const COUNTRY: &str = "not known";

pub const PARTS: Schema = Schema {
    file: "parts.csv",
    noun: "part, or material in a part",
    meaning: "the parts, who supplies them, and the materials in them with where each step of making them was done",
    key: &[],
    common: NOTE,
    columns: &[
        need("part", Text, "the part's number or name; a part may have several rows"),
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
        need("document", Text, "its number or name, as in the column `documents` of the parts"),
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
    for row in 0..table.len() {
        for column in &table.header {
            let cell = table.text(row, column);
            if starts_formula(cell) {
                let place = table.place(row, column, report);
                report.push(formula(cell).at(place));
            }
        }
    }
    table
}

/// A spreadsheet that opens the file would compute such a cell instead of showing it.
pub fn starts_formula(cell: &str) -> bool {
    let mut chars = cell.chars();
    match chars.next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => {
            let rest = chars.as_str();
            !matches!(rest, "" | "-") && rest.parse::<f64>().is_err()
        }
        _ => false,
    }
}

fn formula(cell: &str) -> Diagnostic {
    let shown: String = cell.chars().take(40).collect();
    Diagnostic::error(Code::FormulaCell, format!("the cell starts a formula: `{shown}`"))
        .help("put the value itself into the cell, as text or number")
}

/// Whether the bytes are those of a workbook (xlsx, xlsb or ods are zip archives, xls a compound file).
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
}

/// Reads the sheets `parts` and `declarations` of a workbook; with no sheet of the first name, the
/// first sheet.
pub fn read_workbook(file: &str, bytes: Vec<u8>, report: &mut Report) -> Option<Tables> {
    let cannot = |error: String| {
        Diagnostic::error(Code::UnreadableFile, format!("cannot read the workbook `{file}`: {error}"))
            .help("save it as .xlsx, or its sheets as CSV files")
    };
    let mut book = match open_workbook_auto_from_rs(Cursor::new(bytes)) {
        Ok(book) => book,
        Err(error) => {
            report.push(cannot(error.to_string()));
            return None;
        }
    };
    let names = book.sheet_names();
    let called = |wanted: &str| names.iter().find(|name| name.trim().eq_ignore_ascii_case(wanted)).cloned();
    let Some(parts) = called("parts").or_else(|| names.first().cloned()) else {
        report.push(cannot("it has no sheets".to_string()));
        return None;
    };
    let mut sheet = |schema: &Schema, name: &str| match sheet_text(&mut book, file, name, report) {
        Ok(text) => Some(read_one(schema, &place(file, name), &text, report)),
        Err(error) => {
            report.push(cannot(error));
            None
        }
    };
    let declared = called("declarations").filter(|name| *name != parts);
    let parts = sheet(&PARTS, &parts);
    let declarations = match declared {
        Some(name) => sheet(&DECLARATIONS, &name),
        None => Some(Table::empty(DECLARATIONS.file)),
    };
    Some(Tables { parts: parts?, declarations: declarations? })
}

fn place(file: &str, sheet: &str) -> String {
    format!("{file}[{sheet}]")
}

/// A sheet as the text of a CSV table whose lines are the sheet's rows. A formula stays one, so that
/// it is reported like one in a CSV file.
fn sheet_text(
    book: &mut Sheets<Cursor<Vec<u8>>>,
    file: &str,
    name: &str,
    report: &mut Report,
) -> Result<String, String> {
    let values: Range<Data> = book.worksheet_range(name).map_err(|e| e.to_string())?;
    let formulas = book.worksheet_formula(name).map_err(|e| e.to_string())?;
    let Some((last_row, last_column)) = values.end() else { return Ok(String::new()) };
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut errors = Vec::new();
    for row in 0..=last_row {
        let mut cells: Vec<String> = (0..=last_column)
            .map(|column| {
                if let Some(formula) = formulas.get_value((row, column)).filter(|f| !f.is_empty()) {
                    return format!("={formula}");
                }
                let value = values.get_value((row, column)).unwrap_or(&Data::Empty);
                if matches!(value, Data::Error(_)) {
                    errors.push((row, column));
                }
                cell_text(value)
            })
            .collect();
        if cells.iter().all(String::is_empty) {
            // The writer has no empty record; an empty line keeps the numbers of those that follow.
            cells = vec![String::new()];
        }
        writer.write_record(&cells).map_err(|e| e.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    for (row, column) in errors {
        let cell = format!("{}{}", column_letters(column), row + 1);
        report.push(
            Diagnostic::error(
                Code::BadNumber,
                format!("cell {cell} of `{}` holds an error of the spreadsheet", place(file, name)),
            )
            .help("put the value itself into the cell, or leave it empty"),
        );
    }
    let text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
    // How the writer says "a record of one empty cell".
    Ok(text.lines().map(|line| if line == "\"\"" { "\n".to_string() } else { format!("{line}\n") }).collect())
}

fn cell_text(value: &Data) -> String {
    match value {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => shown(*number),
        // A line break inside a cell would shift the lines that follow; people list things that way.
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
        }
        Data::Bool(flag) => if *flag { "yes" } else { "no" }.to_string(),
        Data::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(_) | Data::Empty => String::new(),
    }
}

/// A number to the 15 digits that a spreadsheet shows: 0.1 + 0.2 is 0.3 there.
fn shown(number: f64) -> String {
    format!("{number:.14e}").parse::<f64>().unwrap_or(number).to_string()
}

/// The letters of a column, counted from 0: A, B, ..., Z, AA.
fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (column % 26) as u8);
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().map(|b| *b as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_figures_and_dashes() {
        for cell in ["=1+1", "@SUM(A1)", "+A1", "-A1", "=cmd|' /C calc'!A0"] {
            assert!(starts_formula(cell), "{cell}");
        }
        for cell in ["-", "--", "-5", "+1.5", "M-17", "", "n/a"] {
            assert!(!starts_formula(cell), "{cell}");
        }
    }

    #[test]
    fn numbers_are_those_that_a_spreadsheet_shows() {
        assert_eq!(shown(0.1 + 0.2), "0.3");
        assert_eq!(shown(1234.5), "1234.5");
        assert_eq!(shown(50.0), "50");
    }

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        let letters: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(column_letters).collect();
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
