//! `coercivity chokepoints`: where the chain is narrow, and what it would save to relieve it.

mod show;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use coercivity_engine::chokepoints as engine;
use coercivity_engine::chokepoints::cut::Cut;
use coercivity_engine::chokepoints::tables::{figures, tables};
use coercivity_engine::results::table::{Cells, ResultTable};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_engine::{Foresight, Outcome, run};
use coercivity_model::Report;

use crate::Failure;
use crate::args::Chokepoints;
use crate::asked;
use crate::input::{self, Input};
use crate::output::may_replace;
use crate::progress::Line;
use crate::run::write_answer;

/// Needs between two reports of how far it is.
const TOLD: usize = 10;

/// What was found, of what.
struct Answer {
    input: Input,
    found: engine::Chokepoints,
    command: String,
}

pub fn chokepoints(args: &Chokepoints) -> Result<(), Failure> {
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let mut report = Report::default();
    let at = asked::step_of(&input.model, args.at, &mut report);
    let demands = match &args.demand[..] {
        [] => (0..input.model.demands.len()).collect(),
        names => asked::demands(&input.model, names, &mut report),
    };
    if report.has_errors() {
        input::print(&report);
        return Err(Failure::Input);
    }
    if let Some(out) = &args.out {
        may_replace(out, args.force)?;
    }
    let line = Line::new();
    let clock = Instant::now();
    let stopped = |error: SolveError| {
        line.done();
        Failure::Solver(format!("{error}. No chokepoints are known."))
    };
    let (model, scenario) = (&input.model, &input.scenario);
    let tell = |n, of| {
        if n % TOLD == 0 || n == of {
            line.say(format!("min-cuts: {n} of {of} needs"));
        }
    };
    // First, since they are quick and a demand may turn out to have none.
    let cuts = engine::cuts(model, scenario, at, &demands, &tell).map_err(stopped)?;
    if !args.demand.is_empty() {
        can_be_met(&input, at, &cuts, &demands).inspect_err(|_| line.done())?;
    }
    let seconds = || clock.elapsed().as_secs_f64();
    let settings = Settings::default();
    let setup = Setup { clock: &seconds, progress: &line, ..Setup::quiet(Foresight::Perfect, settings) };
    let outcome = run(model, scenario, &setup).map_err(stopped)?;
    let found = engine::chokepoints(model, scenario, &outcome, at, cuts);
    line.done();
    let command = command(args, &input);
    let answer = Answer { input, found, command };
    if let Some(out) = &args.out {
        answer.write(out, &outcome)?;
    }
    if args.json {
        println!("{:#}", answer.json(&outcome));
    } else {
        answer.show(args.out.as_deref());
    }
    Ok(())
}

/// Whether each of the demands that were asked for has a cut.
fn can_be_met(input: &Input, at: usize, cuts: &[Cut], demands: &[usize]) -> Result<(), Failure> {
    let model = &input.model;
    let day = model.calendar.first_day(at);
    for demand in demands {
        let id = &model.demands[*demand].id;
        let Some(cut) = cuts.iter().find(|cut| cut.demand == *demand) else {
            return Err(Failure::World(format!(
                "the demand `{id}` needs nothing on {day}: choose another day with --at"
            )));
        };
        if cut.is_cut_off() && cut.opens.is_none() {
            let why = match closed_by(input, cut) {
                Some(measures) => format!("without {measures} something would"),
                None => "see its rows in `uses.csv`, and the sites and lanes of what they name".to_string(),
            };
            let text = format!("the demand `{id}` can never be met: from {day} on no supply reaches it; {why}");
            return Err(Failure::World(text));
        }
    }
    Ok(())
}

/// Ids of the measures that alone close a need off.
fn closed_by(input: &Input, cut: &Cut) -> Option<String> {
    let ids: Vec<String> = cut.closed_by.iter().map(|m| format!("`{}`", input.scenario.measures[*m].id)).collect();
    (!ids.is_empty()).then(|| ids.join(" or "))
}

/// The command that gives the same figures.
fn command(args: &Chokepoints, input: &Input) -> String {
    let mut words = vec!["coercivity chokepoints".to_string()];
    words.extend(input.model_path.clone());
    words.extend(input.scenario_name.as_ref().map(|name| format!("--scenario {name}")));
    words.extend(args.at.map(|at| format!("--at {at}")));
    words.extend(args.demand.iter().map(|id| format!("--demand {id}")));
    words.join(" ")
}

impl Answer {
    fn write(&self, out: &Path, outcome: &Outcome) -> Result<(), Failure> {
        let tables = tables(&self.input.model, &self.input.scenario, outcome, &self.found);
        write_answer(out, &tables, "chokepoints.json", format!("{:#}\n", self.json(outcome)))
    }

    fn json(&self, outcome: &Outcome) -> Value {
        let (model, scenario) = (&self.input.model, &self.input.scenario);
        let day = |step| model.calendar.first_day(step).to_string();
        let mut all = Map::new();
        for (key, value) in [
            ("model", json!(model.name)),
            ("scenario", json!(scenario.name)),
            ("foresight", json!(Foresight::Perfect.name())),
            ("currency", json!(model.currency)),
            ("from", json!(day(self.found.window.start))),
            ("until", json!(day(self.found.window.end))),
        ] {
            all.insert(key.to_string(), value);
        }
        for table in figures(model, scenario, &self.found) {
            all.insert(table.name.to_string(), rows(&table));
        }
        for table in
            tables(model, scenario, outcome, &self.found).iter().filter(|table| OVER_TIME.contains(&table.name))
        {
            all.insert(table.name.to_string(), series(table, model.steps()));
        }
        for (key, value) in [
            ("version", json!(env!("CARGO_PKG_VERSION"))),
            ("model_hash", json!(model.hash)),
            ("scenario_hash", json!(scenario.hash)),
            ("command", json!(self.command)),
        ] {
            all.insert(key.to_string(), value);
        }
        Value::Object(all)
    }
}

/// Tables that are told in JSON as a series each: columns of text once, numbers as lists by step.
const OVER_TIME: &[&str] = &["limits", "prices"];

/// A table as a list of objects.
fn rows(table: &ResultTable) -> Value {
    let row = |r: usize| table.columns.iter().map(|(name, cells)| (name.to_string(), cell(cells, r))).collect();
    Value::Array((0..table.len()).map(|r| Value::Object(row(r))).collect())
}

/// A table over time, as one object for each set of texts: its numbers by step, null where there are none.
fn series(table: &ResultTable, steps: usize) -> Value {
    let mut list: BTreeMap<Vec<String>, Map<String, Value>> = BTreeMap::new();
    let text = |r: usize| {
        let texts = table.columns.iter().filter_map(|(_, cells)| match cells {
            Cells::Text(v) => Some(v[r].clone()),
            _ => None,
        });
        texts.collect::<Vec<String>>()
    };
    let Some((_, Cells::Step(step))) = table.columns.first() else { return Value::Null };
    for (r, step) in step.iter().enumerate() {
        let object = list.entry(text(r)).or_default();
        for (name, cells) in &table.columns {
            match cells {
                Cells::Text(v) => drop(object.insert(name.to_string(), json!(v[r]))),
                Cells::Number(v) => {
                    let numbers = object.entry(name.to_string()).or_insert_with(|| json!(vec![Value::Null; steps]));
                    numbers[*step] = json!(v[r]);
                }
                _ => {}
            }
        }
    }
    Value::Array(list.into_values().map(Value::Object).collect())
}

fn cell(cells: &Cells, row: usize) -> Value {
    match cells {
        Cells::Step(v) => json!(v[row]),
        Cells::Date(v) => json!(v[row].to_string()),
        Cells::Text(v) => json!(v[row]),
        Cells::Number(v) => json!(v[row]),
        Cells::Known(v) => json!(v[row]),
    }
}
