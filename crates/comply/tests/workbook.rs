//! Workbooks as people keep them: empty rows and columns, dates, formulas, errors, a first sheet of another name.

mod common;

use coercivity_comply::bom;
use coercivity_comply::tables::{Tables, read_workbook};
use coercivity_model::Report;
use coercivity_model::workbook::is_workbook;
use common::day;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

fn header(sheet: &mut Worksheet, row: u32, names: &[&str]) {
    for (column, name) in names.iter().enumerate() {
        sheet.write_string(row, column as u16, *name).unwrap();
    }
}

fn read(mut book: Workbook) -> (Option<Tables>, Report) {
    let bytes = book.save_to_buffer().unwrap();
    assert!(is_workbook(&bytes));
    let mut report = Report::default();
    let tables = read_workbook("book.xlsx", bytes, &mut report);
    (tables, report)
}

/// `code file:line:column` of each problem.
fn said(report: &Report) -> Vec<String> {
    let place = |d: &coercivity_model::Diagnostic| {
        d.place.as_ref().map_or("nowhere".to_string(), |p| format!("{}:{}:{}", p.file, p.line, p.column))
    };
    report.diagnostics().iter().map(|d| format!("{} {}", d.code.as_str(), place(d))).collect()
}

#[test]
fn cells_become_what_they_show() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Sheet1").unwrap();
    header(sheet, 0, &["part", "weight_g", "cots", "material", "material_g", "melted", "documents"]);
    // Row 2 is empty, and the second word of a cell stands on a line of its own.
    sheet.write_string(2, 0, "P 1").unwrap();
    sheet.write_number(2, 1, 0.1 + 0.2).unwrap();
    sheet.write_boolean(2, 2, true).unwrap();
    sheet.write_string(2, 3, "NdFeB").unwrap();
    sheet.write_number(2, 4, 0.3).unwrap();
    sheet.write_string(2, 5, "Japan\nAtlantis").unwrap();
    sheet.write_string(2, 6, "D, 1").unwrap();
    // A cell that is only formatted widens nothing.
    sheet.write_blank(9, 12, &Format::new().set_bold()).unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("Declarations").unwrap();
    header(sheet, 0, &["document", "dated", "signed_by"]);
    sheet.write_string(1, 0, "D, 1").unwrap();
    let date = ExcelDateTime::from_ymd(2026, 2, 3).unwrap();
    sheet.write_datetime_with_format(1, 1, &date, &Format::new().set_num_format("d.m.yyyy")).unwrap();
    sheet.write_string(1, 2, "A. Person").unwrap();
    let (tables, mut report) = read(book);
    let tables = tables.unwrap();
    assert_eq!(tables.parts.text(0, "melted"), "Japan; Atlantis");
    assert_eq!((tables.parts.text(0, "weight_g"), tables.parts.text(0, "cots")), ("0.3", "yes"));
    assert_eq!(tables.declarations.date(0, "dated"), Some(day("2026-02-03")));
    assert!(bom::read(&tables, &mut report).is_none());
    assert_eq!(said(&report), ["unknown-country book.xlsx[Sheet1]:3:23"]);
}

#[test]
fn formulas_and_errors_are_named_with_their_row() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("parts").unwrap();
    header(sheet, 0, &["part", "weight_g", "material_g"]);
    sheet.write_string(1, 0, "P").unwrap();
    sheet.write_formula(1, 1, "=1+1").unwrap();
    let (_, report) = read(book);
    let said = said(&report);
    assert!(said.contains(&"formula-cell book.xlsx[parts]:2:3".to_string()), "{said:?}");
}

#[test]
fn what_is_no_workbook_is_said() {
    let mut report = Report::default();
    assert!(read_workbook("book.xlsx", b"PK\x03\x04 and no more".to_vec(), &mut report).is_none());
    assert_eq!(said(&report), ["unreadable-file nowhere"]);
}
