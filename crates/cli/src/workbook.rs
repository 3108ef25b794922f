//! Workbooks in and out: `coercivity import`, and the results of a run as one.

use coercivity_engine::results::table::{Cells, ResultTable};
use coercivity_model::csv_table::Table;
use coercivity_model::names::nearest;
use coercivity_model::schema::TableName;
use coercivity_model::workbook::{Workbook, is_workbook};
use coercivity_model::{Code, Diagnostic, Files, Report};
use coercivity_world::World;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, XlsxError};

use crate::Failure;
use crate::args::Import;
use crate::input::{counted, print};
use crate::output::{FileToWrite, may_replace, write_folder};

/// The sheet that becomes `model.toml`.
const MANIFEST: &str = "model";

pub fn import(args: &Import) -> Result<(), Failure> {
    may_replace(&args.dir, args.force)?;
    let bytes = World
        .read(&args.book)
        .map_err(|error| Failure::World(format!("cannot read `{}`: {error}; name a workbook", args.book)))?;
    let mut report = Report::default();
    let files = read(&args.book, bytes, &mut report);
    if !report.diagnostics().is_empty() {
        print(&report);
    }
    let Some(files) = files.filter(|_| !report.has_errors()) else { return Err(Failure::Input) };
    let count = files.len();
    write_folder(&args.dir, files.into_iter().map(Ok))?;
    println!("wrote {} to {}", counted(count, "file"), args.dir.display());
    println!("next: coercivity check {}", args.dir.display());
    Ok(())
}

/// The files of a model folder, from the sheets named like its tables.
fn read(file: &str, bytes: Vec<u8>, report: &mut Report) -> Option<Vec<FileToWrite>> {
    if !is_workbook(&bytes) {
        let message = format!("`{file}` is no workbook");
        report.push(Diagnostic::error(Code::UnreadableFile, message).help("save it as .xlsx"));
        return None;
    }
    let mut book = Workbook::open(file, bytes, report)?;
    let mut files = Vec::new();
    let known = || TableName::ALL.iter().map(|name| name.file().trim_end_matches(".csv"));
    for sheet in book.names() {
        let name = sheet.trim().trim_end_matches(".csv").to_lowercase();
        let table = known().position(|known| known == name).map(|i| TableName::ALL[i]);
        if table.is_none() && name != MANIFEST {
            let place = report.place(&book.place(&sheet), 0..0);
            let d = Diagnostic::warning(
                Code::UnknownColumn,
                format!("the sheet `{sheet}` is no table of a model: it is left out"),
            );
            report.push(d.at(place).help(match nearest(&name, known()) {
                Some(near) => format!("is `{near}` meant?"),
                None => format!("the sheets are `{MANIFEST}`, {}", known().collect::<Vec<_>>().join(", ")),
            }));
            continue;
        }
        let Some(text) = book.text(&sheet, report) else { continue };
        let place = book.place(&sheet);
        report.add_text(&place, text.as_str().into());
        match table {
            Some(table) => {
                Table::read(table.schema(), &place, &text, report).report_formulas(report);
                files.push((table.file().to_string(), text.into_bytes()));
            }
            None => files.push(("model.toml".to_string(), manifest(&text).into_bytes())),
        }
    }
    if !files.iter().any(|(name, _)| name == "model.toml") {
        let message = format!("the workbook `{file}` has no sheet `{MANIFEST}`");
        let help = "its rows are a key and a value each: `format` 1, and `extends` reference/magnets, or `start`, `step`, `steps`";
        report.push(Diagnostic::error(Code::MissingFile, message).help(help));
    }
    Some(files)
}

/// `model.toml` from a sheet of keys and values.
fn manifest(text: &str) -> String {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let rows = reader.records().flatten();
    rows.filter_map(|row| {
        let (key, value) = (row.get(0)?.to_string(), row.get(1)?.to_string());
        let plain = value.parse::<f64>().is_ok() || coercivity_model::calendar::parse_date(&value).is_some();
        // Texts of JSON are texts of TOML.
        let value = if plain { value } else { serde_json::Value::from(value).to_string() };
        (!key.is_empty()).then(|| format!("{key} = {value}\n"))
    })
    .collect()
}

/// The tables of a run as a workbook. Texts are written as texts, so that none becomes a formula.
pub fn results(tables: &[ResultTable]) -> Result<Vec<u8>, XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    // The clock would make every copy another file.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    let (bold, day) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, (name, _)) in table.columns.iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, *name, &bold)?;
        }
        for row in 0..table.len() {
            for (column, (_, cells)) in table.columns.iter().enumerate() {
                let (line, column) = (row as u32 + 1, column as u16);
                match cells {
                    Cells::Known(v) => match v[row] {
                        Some(number) => sheet.write_number(line, column, number)?,
                        None => continue,
                    },
                    Cells::Step(v) => sheet.write_number(line, column, v[row] as f64)?,
                    Cells::Date(v) => {
                        let date = ExcelDateTime::parse_from_str(&v[row].to_string())?;
                        sheet.write_datetime_with_format(line, column, &date, &day)?
                    }
                    Cells::Text(v) => sheet.write_string(line, column, &v[row])?,
                    Cells::Number(v) => sheet.write_number(line, column, v[row])?,
                };
            }
        }
    }
    book.save_to_buffer()
}
