//! A table of a TOML file whose keys are taken out one by one, with the place of each.
//!
//! Every wrong value is reported, not just the first; keys that nobody took are reported at the end.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::calendar::{Date, parse_date};
use crate::csv_table::{choice_problem, date_problem, is_id, range_problem};
use crate::diag::{Code, Diagnostic, Report};
use crate::names::nearest;
use crate::uncertainty::Amount;

/// Parses a TOML file, reporting each syntax error with its place.
pub fn parse<'t>(file: &str, text: &'t str, report: &mut Report) -> Option<DeTable<'t>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let message = error.message();
        // A day such as 2025-02-30 is wrong as a date, whatever the syntax says.
        let code = if message.contains("date") || message.contains("day") { Code::BadDate } else { Code::BadToml };
        let help = match code {
            Code::BadDate => "a date is a day of the calendar, written YYYY-MM-DD",
            _ => {
                "texts stand between quotation marks, lists between brackets, and a key stands once: see https://toml.io"
            }
        };
        report.push(
            Diagnostic::error(code, format!("cannot read the file: {message}"))
                .at(report.place(file, error.span().unwrap_or(0..0)))
                .help(help),
        );
    }
    errors.is_empty().then(|| table.into_inner())
}

/// A word as given, and where it stands.
pub type Given = (String, Range<usize>);

pub struct TomlTable<'t> {
    pub file: &'t str,
    table: &'t DeTable<'t>,
    /// Where the table itself stands, for keys that are missing.
    pub span: Range<usize>,
    taken: BTreeSet<&'static str>,
}

impl<'t> TomlTable<'t> {
    pub fn new(file: &'t str, table: &'t DeTable<'t>, span: Range<usize>) -> TomlTable<'t> {
        TomlTable { file, table, span, taken: BTreeSet::new() }
    }

    pub fn raw(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.taken.insert(key);
        self.table.get(key)
    }

    /// The bytes of a key's value, or of the table where it has none.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or(self.span.clone(), |value| value.span())
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether an optional key is given; from here on it counts as known.
    pub fn given(&mut self, key: &'static str) -> bool {
        self.raw(key).is_some()
    }

    pub fn missing(&self, key: &str, meaning: &str, report: &mut Report) {
        report.push(
            Diagnostic::error(Code::MissingKey, format!("the key `{key}` is missing"))
                .at(report.place(self.file, self.span.clone()))
                .help(format!("it is {meaning}")),
        );
    }

    /// Reports a key that must be there and is not.
    pub fn require(&self, key: &str, meaning: &str, report: &mut Report) {
        if !self.has(key) {
            self.missing(key, meaning, report);
        }
    }

    pub fn wrong(&self, span: Range<usize>, code: Code, message: String, help: Option<String>, report: &mut Report) {
        let mut d = Diagnostic::error(code, message).at(report.place(self.file, span));
        d.help = help;
        report.push(d);
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue>, wanted: &str, report: &mut Report) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let help = Some(format!("write {wanted}"));
        self.wrong(value.span(), Code::WrongType, format!("`{key}` is {found}, not {wanted}"), help, report);
    }

    pub fn text(&mut self, key: &'static str, report: &mut Report) -> Option<String> {
        let value = self.raw(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(key, value, "a text", report);
        }
        text.map(str::to_string)
    }

    /// A text that must be there, with its place.
    pub fn needed_text(&mut self, key: &'static str, meaning: &str, report: &mut Report) -> Option<Given> {
        self.require(key, meaning, report);
        Some((self.text(key, report)?, self.span_of(key)))
    }

    /// An id: a text of letters, digits, `-`, `_` and `.`.
    pub fn id(&mut self, key: &'static str, report: &mut Report) -> Option<String> {
        let text = self.text(key, report)?;
        if is_id(&text) {
            return Some(text);
        }
        let help = "an id has letters, digits, `-`, `_` and `.` only".to_string();
        self.wrong(self.span_of(key), Code::BadId, format!("`{text}` is not an id"), Some(help), report);
        None
    }

    pub fn choice(&mut self, key: &'static str, words: &[&str], report: &mut Report) -> Option<String> {
        let text = self.text(key, report)?;
        if words.contains(&text.as_str()) {
            return Some(text);
        }
        let (code, message, mut help) = choice_problem(key, &text, words);
        if let Some(near) = nearest(&text, words.iter().copied()) {
            help = help.map(|list| format!("is `{near}` meant? {list}"));
        }
        self.wrong(self.span_of(key), code, message, help, report);
        None
    }

    pub fn number(&mut self, key: &'static str, least: f64, most: f64, report: &mut Report) -> Option<f64> {
        let value = self.raw(key)?;
        if !matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_)) {
            self.wrong_type(key, value, "a number", report);
            return None;
        }
        let Some(number) = finite(value.get_ref()) else {
            let message = format!("`{key}` is not a finite number");
            let help = Some("a figure is a finite number such as 1250, 0.25 or 1.2e6".to_string());
            self.wrong(value.span(), Code::BadNumber, message, help, report);
            return None;
        };
        if let Some((code, message, help)) = range_problem(key, number, least, most) {
            self.wrong(value.span(), code, message, help, report);
            return None;
        }
        Some(number)
    }

    /// True or false; false where it is not given.
    pub fn flag(&mut self, key: &'static str, report: &mut Report) -> bool {
        let Some(value) = self.raw(key) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, "true or false", report);
        }
        flag.unwrap_or(false)
    }

    /// A number or a date.
    pub fn amount(&mut self, key: &'static str, report: &mut Report) -> Option<Amount> {
        match self.raw(key)?.get_ref() {
            DeValue::Datetime(_) | DeValue::String(_) => self.date(key, report).map(Amount::Date),
            _ => self.number(key, f64::NEG_INFINITY, f64::INFINITY, report).map(Amount::Number),
        }
    }

    /// A list of numbers and dates. The inner `None`: the key is not given. The outer one: something in it is wrong.
    pub fn amounts(&mut self, key: &'static str, report: &mut Report) -> Option<Option<Vec<Amount>>> {
        let Some(value) = self.raw(key) else { return Some(None) };
        let amount = |entry: &Spanned<DeValue>| match entry.get_ref() {
            DeValue::Datetime(date) => parse_date(&date.to_string()).map(Amount::Date),
            DeValue::String(text) => parse_date(text).map(Amount::Date),
            number => finite(number).map(Amount::Number),
        };
        let entries = value.get_ref().as_array();
        let list = entries.and_then(|entries| entries.iter().map(amount).collect::<Option<Vec<_>>>());
        if list.is_none() {
            self.wrong_type(key, value, "a list of finite numbers or of dates, such as [0.3, 0.6]", report);
        }
        list.map(Some)
    }

    /// A whole number, at least `least`.
    pub fn count(&mut self, key: &'static str, least: usize, report: &mut Report) -> Option<usize> {
        self.whole(key, least as f64, 1e6, report).map(|number| number as usize)
    }

    /// A whole number in a range.
    pub fn whole(&mut self, key: &'static str, least: f64, most: f64, report: &mut Report) -> Option<u64> {
        let number = self.number(key, least, most, report)?;
        if number.fract() != 0.0 {
            let message = format!("`{key}` is {number}, not a whole number");
            let help = Some("write a number without a fraction".to_string());
            self.wrong(self.span_of(key), Code::WrongType, message, help, report);
            return None;
        }
        Some(number as u64)
    }

    /// A date, as a TOML date or as text.
    pub fn date(&mut self, key: &'static str, report: &mut Report) -> Option<Date> {
        let value = self.raw(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(date) if date.time.is_none() => date.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_type(key, value, "a date such as 2026-11-10", report);
                return None;
            }
        };
        let date = parse_date(&text);
        if date.is_none() {
            let (code, message, help) = date_problem(key, &text);
            self.wrong(value.span(), code, message, help, report);
        }
        date
    }

    /// A list of texts with their places; a single text is a list of one.
    pub fn list(&mut self, key: &'static str, report: &mut Report) -> Option<Vec<Given>> {
        let value = self.raw(key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(vec![(text.to_string(), value.span())]);
        }
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a text or a list of texts", report);
            return None;
        };
        let mut list = Vec::new();
        for entry in array.iter() {
            match entry.get_ref().as_str() {
                Some(text) => list.push((text.to_string(), entry.span())),
                None => self.wrong_type(key, entry, "a text", report),
            }
        }
        Some(list)
    }

    /// A table of its own.
    pub fn table(&mut self, key: &'static str, report: &mut Report) -> Option<TomlTable<'t>> {
        let value = self.raw(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, value, "a table", report);
        }
        table.map(|table| TomlTable::new(self.file, table, value.span()))
    }

    /// The tables of an array of tables.
    pub fn tables(&mut self, key: &'static str, report: &mut Report) -> Vec<TomlTable<'t>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of tables", report);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for entry in array.iter() {
            match entry.get_ref().as_table() {
                Some(table) => tables.push(TomlTable::new(self.file, table, entry.span())),
                None => self.wrong_type(key, entry, "a table", report),
            }
        }
        tables
    }

    /// All keys and what they say, where each may be any id and says a text, in the order of the keys.
    pub fn texts(self, report: &mut Report) -> Vec<(Given, Given)> {
        let mut texts = Vec::new();
        for (key, value) in self.table.iter() {
            let name = key.get_ref().as_ref();
            match value.get_ref().as_str() {
                Some(text) => texts.push(((name.to_string(), key.span()), (text.to_string(), value.span()))),
                None => self.wrong_type(name, value, "a text", report),
            }
        }
        texts
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self, report: &mut Report) {
        for (key, _) in self.table.iter().filter(|(key, _)| !self.taken.contains(key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            let mut d = Diagnostic::error(Code::UnknownKey, format!("the key `{name}` is not part of the format here"))
                .at(report.place(self.file, key.span()));
            d = d.help(match nearest(name, self.taken.iter().copied()) {
                Some(near) => format!("is `{near}` meant?"),
                None => {
                    let known = self.taken.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                    format!("the keys are {known}")
                }
            });
            report.push(d);
        }
    }
}

/// A number that is finite.
fn finite(value: &DeValue) -> Option<f64> {
    let number = match value {
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).ok().map(|i| i as f64),
        DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
        _ => None,
    };
    number.filter(|n| n.is_finite())
}
