//! What a supplier is sent to fill in, and an example that is filled in.

use coercivity_model::schema::{Kind, Schema};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::tables::{DECLARATIONS, PARTS};

const EXAMPLE: [(&str, &str); 2] = [
    ("parts.csv", include_str!("../../../examples/comply/parts.csv")),
    ("declarations.csv", include_str!("../../../examples/comply/declarations.csv")),
];

/// Files by name: the empty tables, both as a workbook, and the example likewise.
pub fn files() -> Result<Vec<(String, Vec<u8>)>, XlsxError> {
    let mut files = Vec::new();
    for schema in [&PARTS, &DECLARATIONS] {
        files.push((schema.file.to_string(), format!("{}\n", header(schema).join(",")).into_bytes()));
    }
    files.push(("bill-of-materials.xlsx".to_string(), workbook(None)?));
    for (name, text) in EXAMPLE {
        files.push((format!("example/{name}"), text.as_bytes().to_vec()));
    }
    files.push(("example/bill-of-materials.xlsx".to_string(), workbook(Some(EXAMPLE.map(|(_, text)| text)))?));
    Ok(files)
}

fn header(schema: &Schema) -> Vec<&'static str> {
    schema.columns.iter().chain(schema.common).map(|column| column.name).collect()
}

fn workbook(filled: Option<[&str; 2]>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The clock would make every copy another file.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    for (i, schema) in [&PARTS, &DECLARATIONS].into_iter().enumerate() {
        let sheet = book.add_worksheet();
        table(sheet, schema, filled.map(|texts| texts[i]))?;
    }
    explain(book.add_worksheet())?;
    book.save_to_buffer()
}

fn table(sheet: &mut Worksheet, schema: &Schema, text: Option<&str>) -> Result<(), XlsxError> {
    sheet.set_name(schema.file.trim_end_matches(".csv"))?;
    sheet.set_freeze_panes(1, 1)?;
    let bold = Format::new().set_bold();
    for (column, name) in header(schema).into_iter().enumerate() {
        let column = column as u16;
        sheet.write_string_with_format(0, column, name, &bold)?;
        sheet.set_column_width(column, 16)?;
    }
    let mut reader = csv::Reader::from_reader(text.unwrap_or_default().as_bytes());
    for (row, record) in reader.records().enumerate() {
        let record = record.expect("the embedded table is well formed");
        for (column, cell) in record.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let (row, at) = (row as u32 + 1, column as u16);
            let kind = schema.columns.get(column).map(|c| c.kind);
            match (kind, cell.parse::<f64>()) {
                (Some(Kind::NonNegative), Ok(number)) => sheet.write_number(row, at, number)?,
                (Some(Kind::Date), _) => {
                    let date = ExcelDateTime::parse_from_str(cell)?;
                    sheet.write_datetime_with_format(row, at, &date, &Format::new().set_num_format("yyyy-mm-dd"))?
                }
                _ => sheet.write_string(row, at, cell)?,
            };
        }
    }
    Ok(())
}

/// A sheet that says what each column is.
fn explain(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("columns")?;
    let bold = Format::new().set_bold();
    for (column, (title, width)) in
        [("sheet", 14.0), ("column", 18.0), ("unit", 10.0), ("what it is", 90.0), ("if empty", 40.0)]
            .into_iter()
            .enumerate()
    {
        sheet.write_string_with_format(0, column as u16, title, &bold)?;
        sheet.set_column_width(column as u16, width)?;
    }
    let mut row = 1;
    for schema in [&PARTS, &DECLARATIONS] {
        for column in schema.columns.iter().chain(schema.common) {
            let empty = if column.required { "must be filled in" } else { column.default };
            let cells = [schema.file.trim_end_matches(".csv"), column.name, column.unit, column.meaning, empty];
            for (i, cell) in cells.into_iter().enumerate() {
                sheet.write_string(row, i as u16, cell)?;
            }
            row += 1;
        }
    }
    Ok(())
}
