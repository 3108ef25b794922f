//! `model.toml`: name, calendar and money of a model.

use crate::calendar::{Calendar, Date, StepUnit};
use crate::diag::{Code, Diagnostic, Report};
use crate::toml_table::{TomlTable, parse};

/// The contents of `model.toml`.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub name: String,
    pub start: Date,
    pub step: StepUnit,
    pub steps: usize,
    pub currency: String,
    /// Per year.
    pub discount_rate: f64,
    pub terminal_value: f64,
    /// Scenario of `scenarios/` that a run takes where none is named.
    pub default_scenario: Option<String>,
}

/// Reads `model.toml`; `None` where something that the rest needs is wrong (all is reported).
pub fn read_manifest(file: &str, text: &str, report: &mut Report) -> Option<Manifest> {
    let table = parse(file, text, report)?;
    let mut keys = TomlTable::new(file, &table, 0..0);
    match keys.count("format", 0, report) {
        Some(1) => {}
        Some(other) => keys.wrong(
            keys.span_of("format"),
            Code::UnsupportedFormat,
            format!("the model is of format {other}, and this program reads format 1"),
            Some("a newer version of this program may read it".to_string()),
            report,
        ),
        None if keys.has("format") => {}
        None => keys.missing("format", "the file format, 1", report),
    }
    let name = keys.text("name", report);
    let start = keys.date("start", report);
    if start.is_none() && !keys.has("start") {
        keys.missing("start", "the first day of step 0, such as 2025-01-01", report);
    }
    let step = keys.choice("step", StepUnit::NAMES, report).and_then(|s| StepUnit::parse(&s));
    if step.is_none() && !keys.has("step") {
        keys.missing("step", "`week`, `month` or `quarter`", report);
    }
    let steps = keys.count("steps", 1, report);
    if steps.is_none() && !keys.has("steps") {
        keys.missing("steps", "the number of steps", report);
    }
    let currency = keys.text("currency", report);
    let discount_rate = keys.number("discount_rate", 0.0, f64::INFINITY, report);
    let terminal_value = keys.number("terminal_value", 0.0, f64::INFINITY, report);
    let default_scenario = keys.id("default_scenario", report);
    let span = keys.span_of("steps");
    keys.finish(report);

    let (start, step, steps) = (start?, step?, steps?);
    if Calendar::new(start, step, steps).is_none() {
        report.push(
            Diagnostic::error(Code::OutOfRange, "the last step lies beyond the year 9999")
                .at(report.place(file, span))
                .help("fewer steps, or an earlier `start`"),
        );
        return None;
    }
    Some(Manifest {
        name: name.unwrap_or_default(),
        start,
        step,
        steps,
        currency: currency.unwrap_or_else(|| "USD".to_string()),
        discount_rate: discount_rate.unwrap_or(0.0),
        terminal_value: terminal_value.unwrap_or(1.0),
        default_scenario,
    })
}
