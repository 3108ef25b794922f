//! `coercivity summarize`: what an ensemble says.

use comfy_table::Cell;
use serde_json::{Value, json};

use coercivity_engine::ensemble::spec::Method;
use coercivity_engine::ensemble::summary::{Conditions, Known, Question, Summary, Unknowns};
use coercivity_engine::results::headline::{money, month, percent};
use coercivity_model::{Date, Report};
use coercivity_world::ensemble::Folder;

use crate::Failure;
use crate::args::Summarize;
use crate::layout::{self, print_bold, quantity, wrap};
use crate::{asked, input};

/// Rows of a table that are shown.
const SHOWN: usize = 12;

/// Unless something else is asked for.
pub const CONFIDENCE: f64 = 0.95;
pub const ALPHA: f64 = 0.95;

/// Letters of a full bar.
const BAR: usize = 30;

pub fn summarize(args: &Summarize) -> Result<(), Failure> {
    let folder = Folder::open(&args.dir)?;
    let model = &folder.ensemble.model;
    let mut report = Report::default();
    let demand = args.demand.as_ref().map(|id| asked::demand(model, id, &mut report));
    if report.has_errors() {
        input::print(&report);
        return Err(Failure::Input);
    }
    let question = Question { demand: demand.flatten(), by: args.by, confidence: args.confidence, alpha: args.alpha };
    let found = folder.summarize(question)?;
    if args.json {
        println!("{:#}", to_json(&folder, &found));
    } else {
        show(&folder, &found);
    }
    Ok(())
}

/// What `--json` prints.
pub fn to_json(folder: &Folder, found: &Summary) -> Value {
    let mut value = json!(found);
    for (key, text) in [
        ("ensemble", &folder.plan.ensemble),
        ("name", &folder.plan.name),
        ("model", &folder.ensemble.model.name),
        ("scenario", &folder.ensemble.scenario.name),
        ("currency", &folder.ensemble.model.currency),
    ] {
        value[key] = text.as_str().into();
    }
    value
}

fn show(folder: &Folder, found: &Summary) {
    let (model, scenario) = (&folder.ensemble.model, &folder.ensemble.scenario);
    let who = match &found.demand_name {
        Some(name) => format!("supply for {name} runs"),
        None => "some need runs".to_string(),
    };
    let when = found.by.map_or_else(String::new, |by| format!(" before {by}"));
    println!();
    print_bold(&format!(
        "{}: {who} short{when} in {} of {} futures.",
        folder.plan.name,
        between(found.short, percent),
        found.samples
    ));
    let spec = &folder.ensemble.spec;
    let how = match spec.method {
        Method::Optimal => format!("Foresight: {}", spec.foresight.name()),
        Method::Market => "Nobody plans (method market)".to_string(),
    };
    println!(
        "{}",
        wrap(&format!(
            "Model: {}. Scenario: {}. {how}. In brackets: where the figure lies with a confidence of {}.",
            model.name,
            scenario.name,
            percent(found.confidence)
        ))
    );
    left_out(found);
    println!();
    println!("Short by");
    curve(&found.by_date);
    println!();
    value(model.currency.as_str(), found);
    if let Some(fan) = &found.fan {
        println!();
        units(fan);
    }
    demands(model.currency.as_str(), found);
    unknowns(found);
    conditions(found);
}

fn left_out(found: &Summary) {
    let why = found.why.as_deref().unwrap_or_default();
    if found.no_model > 0 {
        println!(
            "{}",
            wrap(&format!("Left out: {} samples whose values contradict each other ({why}).", found.no_model))
        );
    }
    if found.stopped > 0 {
        println!("{}", wrap(&format!("Left out: {} samples without an optimum ({why}).", found.stopped)));
    }
}

/// A figure and its interval.
fn between(known: Known, text: impl Fn(f64) -> String) -> String {
    match (known.low, known.high) {
        (Some(low), Some(high)) => format!("{} ({} to {})", text(known.value), text(low), text(high)),
        _ => text(known.value),
    }
}

/// A share of a variance, which as an estimate may be a little below 0.
fn part(share: f64) -> String {
    format!("{:.0}%", 100.0 * share).replace("-0%", "0%")
}

/// The probability by date, a bar for each step in which it grows, and for the last.
fn curve(by_date: &[(Date, Known)]) {
    let mut before = f64::NAN;
    for (n, (day, known)) in by_date.iter().enumerate() {
        let same = known.value == before || known.value == 0.0;
        if same && n + 1 < by_date.len() {
            continue;
        }
        before = known.value;
        let bar = "█".repeat((known.value * BAR as f64).round() as usize);
        println!("  {day}  {bar:<BAR$}  {}", between(*known, percent));
    }
}

fn value(currency: &str, found: &Summary) {
    let cash = |amount: f64| money(amount, currency);
    let mut table = layout::table(&["value unmet, discounted", "amount", "from", "to"], 1);
    let cells = |name: String, known: Known| {
        let end = |end: Option<f64>| end.map_or("-".to_string(), cash);
        [name, cash(known.value), end(known.low), end(known.high)].map(Cell::new)
    };
    for (share, known) in &found.quantiles {
        table.add_row(cells(format!("less in {} of futures", percent(*share)), *known));
    }
    table.add_row(cells("mean".to_string(), Known { value: found.mean, low: None, high: None }));
    table.add_row(cells(format!("mean of the worst {}", percent(1.0 - found.alpha)), found.cvar));
    println!("{table}");
}

/// Units unmet by step: the middle half and the middle.
fn units(fan: &[(Date, Vec<f64>)]) {
    let mut table = layout::table(&["units unmet in", "5%", "25%", "median", "75%", "95%"], 1);
    for (day, quantiles) in fan.iter().filter(|(_, quantiles)| quantiles.iter().any(|units| *units > 0.0)) {
        let cells = std::iter::once(month(*day)).chain(quantiles.iter().map(|units| quantity(*units)));
        table.add_row(cells.map(Cell::new));
    }
    println!("{table}");
}

fn demands(currency: &str, found: &Summary) {
    if found.demands.is_empty() {
        return;
    }
    println!();
    let tail = format!("worst {}", percent(1.0 - found.alpha));
    let mut table = layout::table(&["need", "short in", "half begin by", "mean loss", &tail], 1);
    for demand in found.demands.iter().take(SHOWN) {
        table.add_row(
            [
                demand.name.clone(),
                between(demand.short, percent),
                demand.median_day.to_string(),
                money(demand.mean, currency),
                money(demand.cvar, currency),
            ]
            .map(Cell::new),
        );
    }
    println!("{table}");
    if found.demands.len() > SHOWN {
        println!("and {} more: see --json", found.demands.len() - SHOWN);
    }
}

fn unknowns(found: &Summary) {
    println!();
    match &found.unknowns {
        Unknowns::Indices { rows, inputs } => {
            let mut table = layout::table(&["of what is not known about the loss", "alone", "with others"], 1);
            for input in inputs {
                table.add_row(
                    [input.name.clone(), between(input.first, part), between(input.total, part)].map(Cell::new),
                );
            }
            println!("{table}");
            println!("{}", wrap(&format!("Sobol indices from {rows} points: first order, and total.")));
        }
        Unknowns::Correlations { inputs } => {
            let mut table = layout::table(&["the loss grows with", "rank correlation"], 1);
            for input in inputs.iter().take(SHOWN) {
                table.add_row([input.name.clone(), format!("{:+.2}", input.correlation)].map(Cell::new));
            }
            println!("{table}");
            println!("{}", wrap("How much each accounts for is said where the spec asks for `indices = true`."));
        }
        Unknowns::Constant => println!("The loss is the same in all futures: no input matters to it."),
        Unknowns::Unknown { why } => println!("Which input matters is unknown: {why}."),
    }
}

fn conditions(found: &Summary) {
    println!();
    match &found.conditions {
        Conditions::Found { boxes } => {
            for condition in boxes {
                let text = format!(
                    "Short in {} of futures with {}: {} of all short ones ({} samples).",
                    percent(condition.density),
                    condition.words,
                    percent(condition.coverage),
                    condition.samples
                );
                println!("{}", wrap(&text));
            }
        }
        Conditions::None { why } => println!("No conditions tell short futures from others: {why}."),
    }
}
