//! Workbooks as text: a sheet becomes the text of a CSV table whose lines are the sheet's rows, so that
//! one reader checks both and a diagnostic can show the row.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Sheets, open_workbook_auto_from_rs};

use crate::diag::{Code, Diagnostic, Report};

/// Whether the bytes are those of a workbook (xlsx, xlsb or ods are zip archives, xls a compound file).
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
}

/// An open workbook.
pub struct Workbook {
    file: String,
    sheets: Sheets<Cursor<Vec<u8>>>,
}

impl Workbook {
    /// Opens a workbook (xlsx, xlsb, xls, ods), or reports why it cannot be read.
    pub fn open(file: &str, bytes: Vec<u8>, report: &mut Report) -> Option<Workbook> {
        match open_workbook_auto_from_rs(Cursor::new(bytes)) {
            Ok(sheets) => Some(Workbook { file: file.to_string(), sheets }),
            Err(error) => {
                report.push(cannot(file, &error.to_string()));
                None
            }
        }
    }

    /// Names of the sheets, in their order.
    pub fn names(&self) -> Vec<String> {
        self.sheets.sheet_names()
    }

    /// The name of a sheet as a file, for diagnostics.
    pub fn place(&self, sheet: &str) -> String {
        format!("{}[{sheet}]", self.file)
    }

    /// The text of a sheet, or a report of why it cannot be read. A formula stays one, so that it is
    /// reported like one in a CSV file.
    pub fn text(&mut self, sheet: &str, report: &mut Report) -> Option<String> {
        let place = self.place(sheet);
        match sheet_text(&mut self.sheets, &place, sheet, report) {
            Ok(text) => Some(text),
            Err(error) => {
                report.push(cannot(&self.file, &error));
                None
            }
        }
    }
}

fn cannot(file: &str, error: &str) -> Diagnostic {
    Diagnostic::error(Code::UnreadableFile, format!("cannot read the workbook `{file}`: {error}"))
        .help("save it as .xlsx, or its sheets as CSV files")
}

fn sheet_text(
    book: &mut Sheets<Cursor<Vec<u8>>>,
    place: &str,
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
            Diagnostic::error(Code::BadNumber, format!("cell {cell} of `{place}` holds an error of the spreadsheet"))
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
