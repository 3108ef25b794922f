//! `coercivity data --sensitivity`: which figures a run hangs on, and whether its headline holds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use comfy_table::Cell;
use serde_json::{Value, json};

use coercivity_engine::run::Setup;
use coercivity_engine::sensitivity::{Effect, End, Found, found, predict, solve_again};
use coercivity_engine::solve::Settings;
use coercivity_engine::{Foresight, run};
use coercivity_model::schema::TableName;
use coercivity_model::uncertainty::{Amount, nearby, row_names};
use coercivity_model::{Date, Model};

use crate::Failure;
use crate::args::Data;
use crate::input::{self, Input, counted};
use crate::layout::quantity;
use crate::layout::{self, print_bold, wrap};
use crate::progress::Line;

/// Figures that are run again, and those of them that are shown.
const AGAIN: usize = 20;
const SHOWN: usize = 10;

/// Figures ranked between two reports of how far it is.
const TOLD: usize = 100;

/// What was found out.
struct Answer {
    input: Input,
    by: Option<f64>,
    /// That of all figures that were moved, if only one was wanted.
    confidence: Option<String>,
    unchanged: Found,
    /// By predicted effect.
    effects: Vec<Effect>,
    /// Of the rows of each table with ranges.
    names: BTreeMap<TableName, Vec<String>>,
}

pub fn sensitivity(args: &Data) -> Result<(), Failure> {
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let (model, scenario) = (&input.model, &input.scenario);
    let confidence = args.confidence.as_deref();
    let ranges = args.by.map_or_else(|| model.ranges.clone(), |percent| nearby(model, percent / 100.0, confidence));
    if ranges.is_empty() {
        return Err(Failure::World(match args.by {
            Some(_) => format!("no figure of the model is {}", confidence.unwrap_or("recalled or assumed")),
            None => "the model has no ranges: give it an `uncertainty.csv`, or move every guess with --by".to_string(),
        }));
    }
    let line = Line::new();
    let stopped = |error| {
        line.done();
        Failure::Solver(format!("{error}. Nothing is known of the figures."))
    };
    let (clock, settings) = (Instant::now(), Settings::default());
    let seconds = || clock.elapsed().as_secs_f64();
    let setup = Setup { clock: &seconds, progress: &line, ..Setup::quiet(Foresight::Perfect, settings) };
    let outcome = run(model, scenario, &setup).map_err(stopped)?;
    let ranked = |n, of| {
        if n % TOLD == 0 || n == of {
            line.say(format!("ranking: {n} of {of} figures"));
        }
    };
    let mut effects = predict(model, scenario, &outcome, &ranges, &ranked);
    let first = effects.len().min(AGAIN);
    let solved = |n, of| line.say(format!("solving again: {n} of {of}"));
    solve_again(model, scenario, &mut effects[..first], settings, &solved).map_err(stopped)?;
    line.done();
    let unchanged = found(model, &outcome);
    let ranged: BTreeSet<TableName> = effects.iter().map(|effect| effect.range.table).collect();
    let names = ranged.into_iter().map(|table| (table, row_names(table, &model.tables[&table]))).collect();
    let (by, confidence) = (args.by, args.confidence.clone());
    let answer = Answer { input, by, confidence, unchanged, effects, names };
    if args.json {
        println!("{:#}", answer.json());
    } else {
        answer.show();
    }
    Ok(())
}

impl Answer {
    fn model(&self) -> &Model {
        &self.input.model
    }

    /// Those that were run again.
    fn again(&self) -> &[Effect] {
        &self.effects[..self.effects.len().min(AGAIN)]
    }

    /// Table, row and column of a figure.
    fn place(&self, effect: &Effect) -> (&'static str, &str, &'static str) {
        let range = &effect.range;
        (range.table.stem(), &self.names[&range.table][range.row], range.column.name)
    }

    fn name(&self, effect: &Effect) -> String {
        let (table, row, column) = self.place(effect);
        format!("{table} {row} {column}")
    }

    fn show(&self) {
        let model = self.model();
        println!("{} · {}, perfect foresight", model.name, self.input.scenario.name);
        println!();
        print_bold(&self.verdict());
        println!();
        let currency = &model.currency;
        let within = match self.by {
            Some(percent) => {
                let which = self.confidence.as_deref().map_or("guesses".to_string(), |c| format!("{c} figures"));
                format!("{which} moved by {percent}%")
            }
            None => "figures within their ranges".to_string(),
        };
        let title = format!("What the total cost hangs on most, M {currency}: {within}, run again and (as predicted)");
        println!("{}", wrap(&title));
        let mut shown: Vec<&Effect> = self.again().iter().collect();
        shown.sort_by(|a, b| self.change(b).total_cmp(&self.change(a)));
        let mut rows = layout::table(&["figure", "low", "best", "high", "if low", "if high", "headline"], 1);
        for effect in shown.iter().take(SHOWN) {
            let range = &effect.range;
            let moves = if effect.moves_headline(&self.unchanged) { "changes" } else { "stays" };
            let cells = [
                self.name(effect),
                range.low.to_string(),
                range.best.to_string(),
                range.high.to_string(),
                self.cost(&effect.ends[0]),
                self.cost(&effect.ends[1]),
                moves.to_string(),
            ];
            rows.add_row(cells.into_iter().map(Cell::new));
        }
        layout::print(&rows, self.effects.len().saturating_sub(SHOWN), "--json");
        let unmet = quantity(self.unchanged.unmet_value / 1e6);
        let total = quantity(self.unchanged.objective / 1e6);
        println!("As it is: total cost {total} M {currency}, of which unmet demand {unmet} M.");
        let refused = self.effects.iter().filter(|e| e.ends.iter().any(|end| end.predicted.is_err())).count();
        if refused > 0 {
            let text =
                format!("{} cannot be moved alone, and were left out: --json says why.", counted(refused, "figure"));
            println!("{}", wrap(&text));
        }
    }

    /// What was found of the headline, in a sentence.
    fn verdict(&self) -> String {
        let of = format!("the first {} of {}", self.again().len(), counted(self.effects.len(), "figure"));
        let named = match &self.unchanged.headline {
            Some((demand, first)) => format!("{}, short from {first}", self.model().demands[*demand].name),
            None => "nobody runs short".to_string(),
        };
        let movers: Vec<&Effect> = self.again().iter().filter(|e| e.moves_headline(&self.unchanged)).collect();
        if movers.is_empty() {
            return format!("The headline ({named}) stays with each of {of}.");
        }
        let list: Vec<String> = movers.iter().map(|effect| self.name(effect)).collect();
        format!("The headline ({named}) changes with {} of {of}: {}.", movers.len(), list.join("; "))
    }

    /// The larger change of the total cost that was found.
    fn change(&self, effect: &Effect) -> f64 {
        let found = effect.ends.iter().flat_map(|end| &end.found);
        found.map(|found| (found.objective - self.unchanged.objective).abs()).fold(0.0, f64::max)
    }

    /// Change of the total cost as found, and as predicted.
    fn cost(&self, end: &End) -> String {
        match (&end.found, &end.predicted) {
            (Some(found), Ok(predicted)) => {
                let about = if end.rough { "roughly " } else { "" };
                let change = found.objective - self.unchanged.objective;
                format!("{} ({about}{})", quantity(change / 1e6), quantity(predicted / 1e6))
            }
            (None, Ok(_)) => "0".to_string(),
            (_, Err(_)) => "impossible".to_string(),
        }
    }

    fn json(&self) -> Value {
        let (model, scenario) = (self.model(), &self.input.scenario);
        json!({
            "model": model.name,
            "scenario": scenario.name,
            "foresight": Foresight::Perfect.name(),
            "currency": model.currency,
            "by_percent": self.by,
            "confidence": self.confidence,
            "unchanged": self.found(&self.unchanged),
            "figures": self.effects.iter().map(|effect| self.figure(effect)).collect::<Vec<_>>(),
            "version": env!("CARGO_PKG_VERSION"),
            "model_hash": model.hash,
            "scenario_hash": scenario.hash,
        })
    }

    fn figure(&self, effect: &Effect) -> Value {
        let (table, row, column) = self.place(effect);
        let again = effect.ends.iter().any(|end| end.found.is_some());
        json!({
            "table": table,
            "row": row,
            "column": column,
            "best": amount(&effect.range.best),
            "why": effect.range.why,
            "low": self.end(&effect.ends[0]),
            "high": self.end(&effect.ends[1]),
            "moves_headline": again.then(|| effect.moves_headline(&self.unchanged)),
        })
    }

    fn end(&self, end: &End) -> Value {
        json!({
            "figure": amount(&end.to),
            "predicted_change": end.predicted.as_ref().ok(),
            "rough": end.rough,
            "impossible": end.predicted.as_ref().err(),
            "change": end.found.as_ref().map(|found| found.objective - self.unchanged.objective),
            "found": end.found.as_ref().map(|found| self.found(found)),
        })
    }

    fn found(&self, found: &Found) -> Value {
        let named = |(demand, first): &(usize, Date)| json!({ "demand": self.model().demands[*demand].id, "first_unmet": first.to_string() });
        json!({
            "objective": found.objective,
            "unmet_value": found.unmet_value,
            "headline": found.headline.as_ref().map(named),
        })
    }
}

fn amount(amount: &Amount) -> Value {
    match amount {
        Amount::Number(number) => json!(number),
        Amount::Date(date) => json!(date.to_string()),
    }
}
