//! `model.toml`: name, calendar and money of a model.

use std::ops::Range;

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

/// The folder of the model that a manifest extends, as it names it, with the place of the name.
pub fn extended(file: &str, text: &str) -> Option<(String, Range<usize>)> {
    let table = parse(file, text, &mut Report::default())?;
    let mut keys = TomlTable::new(file, &table, 0..0);
    let path = keys.text("extends", &mut Report::default())?;
    Some((path, keys.span_of("extends")))
}

/// Reads `model.toml`; `None` where something that the rest needs is wrong (all is reported).
///
/// `base` is the manifest of the model that it extends (`Some(None)` = that has errors): what is not
/// given here is as it is there.
pub fn read_manifest(file: &str, text: &str, base: Option<&Option<Manifest>>, report: &mut Report) -> Option<Manifest> {
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
    let extends = keys.text("extends", report).is_some();
    let alone = base.is_none() && !extends;
    let base = base.and_then(Option::as_ref);
    let start = keys.date("start", report);
    if start.is_none() && alone && !keys.has("start") {
        keys.missing("start", "the first day of step 0, such as 2025-01-01", report);
    }
    let step = keys.choice("step", StepUnit::NAMES, report).and_then(|s| StepUnit::parse(&s));
    if step.is_none() && alone && !keys.has("step") {
        keys.missing("step", "`week`, `month` or `quarter`", report);
    }
    let steps = keys.count("steps", 1, report);
    if steps.is_none() && alone && !keys.has("steps") {
        keys.missing("steps", "the number of steps", report);
    }
    let currency = keys.text("currency", report);
    let discount_rate = keys.number("discount_rate", 0.0, f64::INFINITY, report);
    let terminal_value = keys.number("terminal_value", 0.0, f64::INFINITY, report);
    let default_scenario = keys.id("default_scenario", report);
    let span = keys.span_of("steps");
    keys.finish(report);

    let start = start.or(base.map(|b| b.start))?;
    let (step, steps) = (step.or(base.map(|b| b.step))?, steps.or(base.map(|b| b.steps))?);
    if Calendar::new(start, step, steps).is_none() {
        report.push(
            Diagnostic::error(Code::OutOfRange, "the last step lies beyond the year 9999")
                .at(report.place(file, span))
                .help("fewer steps, or an earlier `start`"),
        );
        return None;
    }
    Some(Manifest {
        name: name.or(base.map(|b| b.name.clone())).unwrap_or_default(),
        start,
        step,
        steps,
        currency: currency.or(base.map(|b| b.currency.clone())).unwrap_or_else(|| "USD".to_string()),
        discount_rate: discount_rate.or(base.map(|b| b.discount_rate)).unwrap_or(0.0),
        terminal_value: terminal_value.or(base.map(|b| b.terminal_value)).unwrap_or(1.0),
        default_scenario: default_scenario.or(base.and_then(|b| b.default_scenario.clone())),
    })
}
