//! One CSV table: its cells as text, typed by the attribute table, with the place of each.
//!
//! Reading validates every cell against [`crate::schema`]; what passes can afterwards be taken out
//! without further checks. Cross-references between tables are not looked at here.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::calendar::{Date, parse_date};
use crate::diag::{Code, Diagnostic, Place, Report};
use crate::schema::{Column, Kind, Schema};

/// A table as it was read. Unknown columns are kept.
#[derive(Clone, Debug)]
pub struct Table {
    /// Path of the file, as shown in diagnostics.
    pub file: String,
    /// Every column, in the order in which the files name them.
    pub header: Vec<String>,
    rows: Vec<Row>,
    column_of: HashMap<String, usize>,
    /// The tables that this one lies over, whose rows come first.
    below: Vec<Layer>,
}

/// A file whose rows another table took over.
#[derive(Clone, Debug)]
struct Layer {
    file: String,
    column_of: HashMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Row {
    cells: csv::StringRecord,
    /// Byte at which the record starts.
    start: usize,
    /// Position in [`Table::below`]; `None` = the table's own file.
    layer: Option<usize>,
}

impl Table {
    /// A table without rows, for a file that may be absent.
    pub fn empty(file: &str) -> Table {
        let (header, rows, column_of, below) = Default::default();
        Table { file: file.to_string(), header, rows, column_of, below }
    }

    /// Reads and validates a table whose text the report already has under `file`.
    pub fn read(schema: &Schema, file: &str, text: &str, report: &mut Report) -> Table {
        let mut table = Table::empty(file);
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(&text.as_bytes()[bom..]);
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    report.push(
                        Diagnostic::error(Code::BadCsv, format!("cannot read the table: {error}"))
                            .at(report.place(file, 0..0))
                            .help("a table is plain text, with commas between cells"),
                    );
                    break;
                }
            }
            let start = bom + record.position().map_or(0, |p| p.byte() as usize);
            if table.header.is_empty() {
                table.header = record.iter().map(str::to_string).collect();
                table.read_header(schema, start, text, report);
            } else if record.len() == table.header.len() {
                table.rows.push(Row { cells: record.clone(), start, layer: None });
            } else {
                report.push(
                    Diagnostic::error(
                        Code::BadCsv,
                        format!("the row has {} cells, the header has {}", record.len(), table.header.len()),
                    )
                    .at(report.place(file, record_span(text, start)))
                    .help("a cell with a comma in it is put between quotation marks"),
                );
            }
        }
        if table.header.is_empty() {
            report.push(
                Diagnostic::error(Code::BadCsv, format!("`{file}` has no header row"))
                    .at(report.place(file, 0..0))
                    .help(format!("the first row names the columns: {}", column_names(schema))),
            );
        }
        table.check_cells(schema, text, report);
        table
    }

    fn read_header(&mut self, schema: &Schema, start: usize, text: &str, report: &mut Report) {
        for (i, name) in self.header.iter().enumerate() {
            let place = || report.place(&self.file, cell_span(text, start, i));
            if self.column_of.insert(name.clone(), i).is_some() {
                report.push(
                    Diagnostic::error(Code::DuplicateColumn, format!("two columns are called `{name}`"))
                        .at(place())
                        .help("rename one of them or leave it out"),
                );
            } else if schema.column(name).is_none() && schema.figure_column(name).is_none() {
                let known = schema.columns.iter().chain(schema.common).map(|c| c.name);
                let mut d = Diagnostic::warning(
                    Code::UnknownColumn,
                    format!("the column `{name}` is not part of the format: it is kept and has no effect"),
                )
                .at(place());
                d = d.help(match crate::names::nearest(name, known) {
                    Some(near) => format!("is `{near}` meant?"),
                    None => format!("the columns are {}", column_names(schema)),
                });
                report.push(d);
            }
        }
        for column in schema.columns.iter().filter(|c| c.required && !self.column_of.contains_key(c.name)) {
            report.push(
                Diagnostic::error(
                    Code::MissingColumn,
                    format!("`{}` needs the column `{}`: {}", schema.file, column.name, column.meaning),
                )
                .at(report.place(&self.file, record_span(text, start)))
                .help(format!("add `{}` to the header and a cell of it to each row", column.name)),
            );
        }
    }

    fn check_cells(&self, schema: &Schema, text: &str, report: &mut Report) {
        for (i, name) in self.header.iter().enumerate() {
            let column = match (schema.column(name), schema.figure_column(name)) {
                (Some(column), _) => column,
                (None, Some((_, about))) => about,
                (None, None) => continue,
            };
            for row in &self.rows {
                let cell = &row.cells[i];
                let problem = if !cell.is_empty() {
                    cell_problem(column, cell)
                } else if column.required {
                    Some((
                        Code::MissingValue,
                        format!("`{name}` is empty"),
                        Some(format!("fill in {}", column.meaning)),
                    ))
                } else {
                    None
                };
                if let Some((code, message, help)) = problem {
                    let mut d =
                        Diagnostic::error(code, message).at(report.place(&self.file, cell_span(text, row.start, i)));
                    d.help = help;
                    report.push(d);
                }
            }
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Lays this table over another: rows of the other stay unless one here has the same key.
    pub fn over(mut self, base: Table, schema: &Schema) -> Table {
        let key = |table: &Table, row: usize| -> Vec<String> {
            let part = |(column, default): &(&str, &str)| table.given(row, column).unwrap_or(default).to_string();
            schema.key.iter().map(part).collect()
        };
        let own: HashSet<Vec<String>> = (0..self.len()).map(|row| key(&self, row)).collect();
        let kept: Vec<bool> = (0..base.len()).map(|row| !own.contains(&key(&base, row))).collect();
        let Table { file, header, rows, column_of, below } = base;
        let last = below.len();
        self.below = below;
        self.below.push(Layer { file, column_of });
        let rows = rows.into_iter().zip(kept).filter(|(_, kept)| *kept);
        let rows = rows.map(|(row, _)| Row { layer: Some(row.layer.unwrap_or(last)), ..row });
        self.rows = rows.chain(self.rows).collect();
        let added: Vec<String> = self.header.into_iter().filter(|name| !header.contains(name)).collect();
        self.header = header.into_iter().chain(added).collect();
        self
    }

    fn column_of(&self, row: usize, column: &str) -> Option<usize> {
        match self.rows[row].layer {
            Some(layer) => self.below[layer].column_of.get(column).copied(),
            None => self.column_of.get(column).copied(),
        }
    }

    /// The text of a cell; empty where the column is absent.
    pub fn text(&self, row: usize, column: &str) -> &str {
        self.column_of(row, column).map_or("", |i| &self.rows[row].cells[i])
    }

    /// The text of a cell, or `None` where it is empty.
    pub fn given(&self, row: usize, column: &str) -> Option<&str> {
        Some(self.text(row, column)).filter(|cell| !cell.is_empty())
    }

    /// A number that passed the checks; `None` where the cell is empty (or was reported as wrong).
    pub fn number(&self, row: usize, column: &str) -> Option<f64> {
        self.given(row, column).and_then(|cell| cell.parse().ok())
    }

    /// Changes the text of a cell. A column that its file does not have is added to it, empty in all other rows.
    pub(crate) fn set(&mut self, row: usize, column: &str, text: &str) {
        let at = self.column_of(row, column).unwrap_or_else(|| self.add_column(self.rows[row].layer, column));
        let cells = &self.rows[row].cells;
        self.rows[row].cells = cells.iter().enumerate().map(|(i, cell)| if i == at { text } else { cell }).collect();
    }

    /// Adds a column to a layer's rows; returns its position in them.
    fn add_column(&mut self, layer: Option<usize>, column: &str) -> usize {
        let rows = self.rows.iter_mut().filter(|row| row.layer == layer);
        let mut at = 0;
        for row in rows {
            at = row.cells.len();
            row.cells.push_field("");
        }
        let columns = match layer {
            Some(layer) => &mut self.below[layer].column_of,
            None => &mut self.column_of,
        };
        columns.insert(column.to_string(), at);
        if !self.header.iter().any(|known| known == column) {
            self.header.push(column.to_string());
        }
        at
    }

    /// The files whose rows it has, or would have.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.below.iter().map(|layer| layer.file.as_str()).chain([self.file.as_str()])
    }

    /// The file that a row stands in.
    pub fn file_of(&self, row: usize) -> &str {
        self.rows[row].layer.map_or(&self.file, |layer| &self.below[layer].file)
    }

    pub fn date(&self, row: usize, column: &str) -> Option<Date> {
        self.given(row, column).and_then(parse_date)
    }

    /// The parts of a `;`-list.
    pub fn list(&self, row: usize, column: &str) -> impl Iterator<Item = &str> {
        list_parts(self.text(row, column))
    }

    /// The place of a cell (of the row's start where the column is absent; of the file where the report
    /// does not have its text).
    pub fn place(&self, row: usize, column: &str, report: &Report) -> Place {
        let own = &self.rows[row];
        let file = self.file_of(row);
        let Some((_, text)) = report.texts().find(|(name, _)| *name == file) else {
            return report.place(file, 0..0);
        };
        let span = match self.column_of(row, column) {
            Some(i) => cell_span(text, own.start, i),
            None => record_span(text, own.start),
        };
        report.place(file, span)
    }

    /// Reports every cell that starts a formula.
    pub fn report_formulas(&self, report: &mut Report) {
        for row in 0..self.len() {
            for column in &self.header {
                let cell = self.text(row, column);
                if starts_formula(cell) {
                    let place = self.place(row, column, report);
                    report.push(formula(cell).at(place));
                }
            }
        }
    }

    /// `file:line` of a row, for use in help texts.
    pub fn line(&self, row: usize, report: &Report) -> String {
        let place = self.place(row, "", report);
        format!("{}:{}", place.file, place.line)
    }
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

pub fn list_parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn column_names(schema: &Schema) -> String {
    schema.columns.iter().map(|c| format!("`{}`", c.name)).collect::<Vec<_>>().join(", ")
}

pub(crate) type Problem = (Code, String, Option<String>);

pub(crate) fn cell_problem(column: &Column, cell: &str) -> Option<Problem> {
    let name = column.name;
    match column.kind {
        Kind::Text => None,
        Kind::Id | Kind::Label | Kind::Ref(_) => bad_id(name, cell),
        Kind::RefOrAll(_) => {
            if cell == "*" {
                None
            } else {
                bad_id(name, cell)
            }
        }
        Kind::Members(_) if list_parts(cell).eq(["*"]) => None,
        Kind::RefList(_) | Kind::Members(_) | Kind::LabelList => {
            if list_parts(cell).next().is_none() {
                let help = "its entries stand with `;` between them".to_string();
                return Some((Code::MissingValue, format!("`{name}` is a list without entries"), Some(help)));
            }
            list_parts(cell).find_map(|part| bad_id(name, part))
        }
        Kind::Number => number_problem(name, cell, f64::NEG_INFINITY, f64::INFINITY),
        Kind::NonNegative => number_problem(name, cell, 0.0, f64::INFINITY),
        Kind::Share => number_problem(name, cell, 0.0, 1.0),
        Kind::Growth => match number_problem(name, cell, -1.0, f64::INFINITY) {
            None if cell.parse::<f64>() == Ok(-1.0) => {
                let help = "it must be above -1; -0.5 halves the amount each year".to_string();
                Some((Code::OutOfRange, format!("`{name}` is -1, and nothing would be left after a year"), Some(help)))
            }
            problem => problem,
        },
        Kind::Date => parse_date(cell).is_none().then(|| date_problem(name, cell)),
        Kind::Choice(words) => (!words.contains(&cell)).then(|| choice_problem(name, cell, words)),
    }
}

fn bad_id(name: &str, cell: &str) -> Option<Problem> {
    (!is_id(cell)).then(|| {
        let help = "an id has letters, digits, `-`, `_` and `.` only".to_string();
        (Code::BadId, format!("`{cell}` in `{name}` is not an id"), Some(help))
    })
}

pub(crate) fn date_problem(name: &str, cell: &str) -> Problem {
    let help = "a date is a day of the calendar, written YYYY-MM-DD".to_string();
    (Code::BadDate, format!("`{name}` is `{cell}`, and there is no such date"), Some(help))
}

pub(crate) fn choice_problem(name: &str, cell: &str, words: &[&str]) -> Problem {
    let list = words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
    (Code::BadChoice, format!("`{name}` is `{cell}`"), Some(format!("it is one of {list}")))
}

fn number_problem(name: &str, cell: &str, least: f64, most: f64) -> Option<Problem> {
    // Rust would read `inf`, `NaN` and `1e999`; a figure is a finite number.
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => range_problem(name, value, least, most),
        _ => {
            let help = "a figure is a finite number such as 1250, 0.25 or 1.2e6, without thousands separators";
            let what = if cell.parse::<f64>().is_ok() { "a finite number" } else { "a number" };
            Some((Code::BadNumber, format!("`{name}` is `{cell}`, which is not {what}"), Some(help.to_string())))
        }
    }
}

pub(crate) fn range_problem(name: &str, value: f64, least: f64, most: f64) -> Option<Problem> {
    if value >= least && value <= most {
        return None;
    }
    let range = match (least.is_finite(), most.is_finite()) {
        (true, true) => format!("between {least} and {most}"),
        _ => format!("at least {least}"),
    };
    Some((Code::OutOfRange, format!("`{name}` is {value}"), Some(format!("it must be {range}"))))
}

/// Bytes of the record that starts at `start`, up to the end of its first line.
fn record_span(text: &str, start: usize) -> Range<usize> {
    let start = skip_blank(text, start);
    let len = text[start..].find(['\n', '\r']).unwrap_or(text.len() - start);
    start..start + len
}

/// Bytes of the `index`-th cell of the record that starts at `start`.
fn cell_span(text: &str, start: usize, index: usize) -> Range<usize> {
    let start = skip_blank(text, start);
    let (mut begin, mut quoted, mut cell) = (start, false, 0);
    let mut end = text.len();
    for (offset, c) in text[start..].char_indices() {
        match c {
            // A quotation mark inside an unquoted cell, as in `a 5" pipe`, is a character like others.
            '"' if quoted || text[begin..start + offset].is_empty() || text.as_bytes()[begin] == b'"' => {
                quoted = !quoted;
            }
            ',' if !quoted && cell == index => {
                end = start + offset;
                break;
            }
            ',' if !quoted => {
                cell += 1;
                begin = start + offset + 1;
            }
            '\n' | '\r' if !quoted => {
                end = start + offset;
                break;
            }
            _ => {}
        }
    }
    let cell = &text[begin..end];
    let lead = cell.len() - cell.trim_start().len();
    begin + lead..begin + lead.max(cell.trim_end().len())
}

/// The reader gives the end of the record before: line ends and empty lines come first.
fn skip_blank(text: &str, start: usize) -> usize {
    start + text[start..].bytes().take_while(|b| matches!(b, b'\n' | b'\r')).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::TableName;

    fn read(text: &str) -> (Table, Report) {
        let mut report = Report::default();
        report.add_text("stocks.csv", text.into());
        let table = Table::read(TableName::Stocks.schema(), "stocks.csv", text, &mut report);
        (table, report)
    }

    fn said(report: &Report) -> Vec<String> {
        report
            .diagnostics()
            .iter()
            .map(|d| {
                let p = d.place.as_ref().unwrap();
                format!("{} {}:{}", d.code.as_str(), p.line, p.column)
            })
            .collect()
    }

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
    fn cells_are_typed_and_placed() {
        let (table, report) = read("region,product,initial,note\r\nA,ore,12.5,\"a, \"\"b\"\"\"\r\n\r\nB,ore,,\r\n");
        assert!(report.diagnostics().is_empty(), "{}", report.render(false, 100));
        assert_eq!(table.len(), 2);
        assert_eq!(table.number(0, "initial"), Some(12.5));
        assert_eq!(table.number(1, "initial"), None);
        assert_eq!(table.text(0, "note"), "a, \"b\"");
        assert_eq!(table.line(1, &report), "stocks.csv:4");
        assert_eq!(table.place(1, "product", &report).column, 3);
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let (_, report) = read(
            "\u{feff}region,product,initial,capacity,kind,colour\n\
             A,,NaN,-1,private,red\n\
             B b,ore,1,2,strategic\n\
             C,ore,1e999,1 000,commercial,\n",
        );
        assert_eq!(
            said(&report),
            [
                "unknown-column 1:38", // the byte order mark counts as no character
                "bad-csv 3:1",
                "missing-value 2:3",
                "bad-number 2:4",
                "bad-number 4:7",
                "out-of-range 2:8",
                "bad-number 4:13",
                "bad-choice 2:11",
            ]
        );
    }

    #[test]
    fn a_missing_column_and_an_empty_file_are_errors() {
        let (_, report) = read("region,initial\nA,1\n");
        assert_eq!(said(&report), ["missing-column 1:1"]);
        let (_, report) = read("");
        assert_eq!(said(&report), ["bad-csv 1:1"]);
    }
}
