//! `coercivity chokepoints`: where the chain is narrow, and what it would save to relieve it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use comfy_table::Cell;
use serde_json::{Map, Value, json};

use coercivity_engine::chokepoints::concentration::{Concentration, Of};
use coercivity_engine::chokepoints::cut::Cut;
use coercivity_engine::chokepoints::tables::{figures, lines, tables};
use coercivity_engine::chokepoints::{self as engine, Entry};
use coercivity_engine::results::headline::{money, percent};
use coercivity_engine::results::table::{Cells, ResultTable};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_engine::{Foresight, Outcome, run};
use coercivity_model::names::nearest;
use coercivity_model::{Code, Date, Diagnostic, Report};

use crate::Failure;
use crate::args::Chokepoints;
use crate::input::{self, Input, counted};
use crate::layout::{print, print_bold, quantity, table, width, wrap};
use crate::output::{MARKER, may_replace, write_folder};
use crate::progress::Line;
use crate::run::files_of;

/// Rows shown of the ranked countries, of sites and lanes, and of needs.
const STAGES: usize = 12;
const PLACES: usize = 6;
const NEEDS: usize = 10;

/// Limits shown of a need's cut.
const LIMITS: usize = 2;

/// From this width on there is room for columns that can be spared.
const ROOMY: usize = 100;

/// What was found, of what.
struct Answer {
    input: Input,
    found: engine::Chokepoints,
    command: String,
}

pub fn chokepoints(args: &Chokepoints) -> Result<(), Failure> {
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let at = step_of(&input, args.at)?;
    let demands = demands(&input, &args.demand)?;
    if let Some(out) = &args.out {
        may_replace(out, args.force)?;
    }
    let line = Line::new();
    let clock = Instant::now();
    let stopped = |error: SolveError| {
        line.done();
        Failure::Solver(format!("{error}. No chokepoints are known."))
    };
    let seconds = || clock.elapsed().as_secs_f64();
    let settings = Settings::default();
    let setup = Setup { foresight: Foresight::Perfect, settings, prune: true, clock: &seconds, progress: &line };
    let (model, scenario) = (&input.model, &input.scenario);
    let outcome = run(model, scenario, &setup).map_err(stopped)?;
    let tell = |n, of| {
        if n % NEEDS == 0 || n == of {
            line.say(format!("min-cuts: {n} of {of} needs"));
        }
    };
    let found = engine::chokepoints(model, scenario, &outcome, at, &demands, &tell).map_err(stopped)?;
    line.done();
    if !args.demand.is_empty() {
        can_be_met(&input, &found, &demands)?;
    }
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

/// The step that a day lies in; of no day, the first.
fn step_of(input: &Input, at: Option<Date>) -> Result<usize, Failure> {
    let calendar = &input.model.calendar;
    let (first, end) = (calendar.first_day(0), calendar.first_day(calendar.steps()));
    let Some(at) = at else { return Ok(0) };
    (0..calendar.steps()).rev().find(|step| calendar.first_day(*step) <= at && at < end).ok_or_else(|| {
        Failure::World(format!("--at {at} lies outside the model, whose days are from {first} on and before {end}"))
    })
}

/// The demands of these ids, each once; of no ids, all.
fn demands(input: &Input, ids: &[String]) -> Result<Vec<usize>, Failure> {
    let all = &input.model.demands;
    if ids.is_empty() {
        return Ok((0..all.len()).collect());
    }
    let (mut list, mut report) = (Vec::new(), Report::default());
    for id in ids {
        match all.iter().position(|demand| demand.id == *id) {
            Some(demand) => list.push(demand),
            None => {
                let unknown = Diagnostic::error(Code::UnknownId, format!("--demand: unknown demand `{id}`"));
                let near = nearest(id, all.iter().map(|demand| demand.id.as_str()));
                report.push(match near {
                    Some(near) => unknown.help(format!("use `{near}`")),
                    None => unknown.help("the ids of demands stand in `demands.csv`"),
                });
            }
        }
    }
    if !report.diagnostics().is_empty() {
        input::print(&report);
        return Err(Failure::Input);
    }
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

/// Whether each of the demands that were asked for has a cut.
fn can_be_met(input: &Input, found: &engine::Chokepoints, demands: &[usize]) -> Result<(), Failure> {
    let model = &input.model;
    let day = model.calendar.first_day(found.window.start);
    for demand in demands {
        let id = &model.demands[*demand].id;
        let Some(cut) = found.cuts.iter().find(|cut| cut.demand == *demand) else {
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
        let mut files = vec![(MARKER.to_string(), Vec::new())];
        files.extend(files_of(&tables)?);
        files.push(("chokepoints.json".to_string(), format!("{:#}\n", self.json(outcome)).into_bytes()));
        write_folder(out, files.into_iter().map(Ok))
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

    fn show(&self, out: Option<&Path>) {
        let (model, scenario) = (&self.input.model, &self.input.scenario);
        let day = |step| model.calendar.first_day(step);
        let window = &self.found.window;
        println!("{} · {}, perfect foresight", model.name, scenario.name);
        println!();
        print_bold(&self.sentence());
        println!();
        self.show_stages();
        self.show_places("site", &self.found.sites);
        self.show_places("lane", &self.found.lanes);
        let title = format!("How few make it, from {} on and before {}", day(window.start), day(window.end));
        println!("{}", wrap(&title));
        self.show_concentration();
        self.show_cuts(day(window.start));
        let more = match out {
            Some(out) => format!("Tables over time, of products and of owners: {}", out.display()),
            None => "Tables over time, of products and of owners: --out DIR, or --json.".to_string(),
        };
        println!("{}", wrap(&more));
        println!("Again: {}", self.command);
    }

    /// The answer: where it is, and what it would save to relieve it.
    fn sentence(&self) -> String {
        let (model, found) = (&self.input.model, &self.found);
        let saves = |entry: &&Entry| entry.saving.one_percent > 0.0;
        let worth = |entry: &Entry| money(entry.saving.one_percent, &model.currency);
        let Some(first) = found.stages.first().filter(saves) else {
            return match found.lanes.first().filter(saves) {
                Some(lane) => format!(
                    "No capacity is short. The bottleneck is the lane {}: 1% more of it throughout would save {}.",
                    self.id(lane),
                    worth(lane)
                ),
                None => "Nothing is a bottleneck: more of any capacity or lane would save nothing.".to_string(),
            };
        };
        let place = match first.node {
            engine::Node::Stage { region, stage } => {
                format!("{}, stage {}", model.regions[region].name, found.chain.stages[stage])
            }
            _ => self.id(first),
        };
        let mut text = format!(
            "The bottleneck is {place}: 1% more capacity there throughout would save {}; it limits {} of {}.",
            worth(first),
            first.cuts,
            counted(found.cuts.len(), "need"),
        );
        let best: Vec<String> = [("site", &found.sites), ("lane", &found.lanes)]
            .into_iter()
            .filter_map(|(kind, list)| {
                list.first().filter(saves).map(|e| format!("{kind} {} ({})", self.id(e), worth(e)))
            })
            .collect();
        if !best.is_empty() {
            text.push_str(&format!(" Alone, it would be most for {}.", best.join(" and ")));
        }
        text
    }

    fn id(&self, entry: &Entry) -> String {
        entry.node.id(&self.input.model, &self.found.chain)
    }

    fn show_stages(&self) {
        let model = &self.input.model;
        let title =
            format!("Countries and stages, by what 1% more capacity throughout would save (M {})", model.currency);
        println!("{}", wrap(&title));
        let mut rows = table(&["node", "share", "HHI", "N-1 carried", "limits", "1% saves"], 1);
        let list: Vec<&Entry> = self.found.stages.iter().filter(|e| e.saving.one_percent > 0.0 || e.cuts > 0).collect();
        for entry in list.iter().take(STAGES) {
            rows.add_row(vec![
                Cell::new(self.id(entry)),
                Cell::new(known(entry.share, percent)),
                Cell::new(known(entry.hhi, index)),
                Cell::new(known(entry.n1_carried, percent)),
                Cell::new(entry.cuts),
                Cell::new(quantity(entry.saving.one_percent / 1e6)),
            ]);
        }
        print(&rows, list.len().saturating_sub(STAGES), "--out DIR");
    }

    fn show_places(&self, kind: &str, list: &[Entry]) {
        let model = &self.input.model;
        if list.is_empty() {
            return;
        }
        let roomy = width() >= ROOMY;
        let (share, more) = match kind {
            "site" => ("share of stage", "unit of output"),
            _ => ("share of use", "unit"),
        };
        println!(
            "{}",
            wrap(&format!("{}s; the most that one more {more} would save, {}", upper(kind), model.currency))
        );
        let mut header = vec![kind, share, "limits", "1% saves", "one more saves"];
        if roomy {
            header.push("in");
        }
        let mut rows = table(&header, 1);
        for entry in list.iter().take(PLACES) {
            let mut cells = vec![
                Cell::new(self.id(entry)),
                Cell::new(known(entry.share, percent)),
                Cell::new(entry.cuts),
                Cell::new(quantity(entry.saving.one_percent / 1e6)),
                Cell::new(quantity(entry.saving.one_more)),
            ];
            if roomy {
                let day = model.calendar.first_day(entry.saving.step).strftime("%b %Y").to_string();
                cells.push(Cell::new(if entry.saving.one_more > 0.0 { day } else { String::new() }));
            }
            rows.add_row(cells);
        }
        print(&rows, list.len().saturating_sub(PLACES), "--out DIR");
    }

    fn show_concentration(&self) {
        let model = &self.input.model;
        let mut rows = table(&["stage", "largest", "HHI", "HHI by owner", "N-1", "N-1 carried"], 1);
        let stage = |c: &&Concentration| matches!(c.of, Of::Stage(_));
        for c in self.found.concentration.iter().filter(stage) {
            let Of::Stage(stage) = c.of else { continue };
            let (region, share) = c.countries[0];
            let (least, most) = c.hhi_by_owner;
            let owners =
                if index(least) == index(most) { index(least) } else { format!("{} to {}", index(least), index(most)) };
            rows.add_row(vec![
                Cell::new(&self.found.chain.stages[stage]),
                Cell::new(format!("{} {}", model.regions[region].id, percent(share))),
                Cell::new(index(c.hhi)),
                Cell::new(owners),
                Cell::new(known(c.n1, percent)),
                Cell::new(known(c.n1_carried, percent)),
            ]);
        }
        print(&rows, 0, "");
    }

    fn show_cuts(&self, day: Date) {
        let (model, scenario, chain) = (&self.input.model, &self.input.scenario, &self.found.chain);
        let mut cuts: Vec<&Cut> = self.found.cuts.iter().filter(|cut| cut.most.is_some()).collect();
        cuts.sort_by(|a, b| a.coverage().unwrap_or(0.0).total_cmp(&b.coverage().unwrap_or(0.0)));
        let Some(least) = cuts.first() else { return };
        let title = match least.coverage().unwrap_or(0.0) {
            least if least < 1.0 => "Needs that the chain can carry least of, if nobody else needed anything",
            _ => "The chain could carry each need alone; those that it could carry least of",
        };
        println!("{}", wrap(&format!("{title} (capacities and measures as on {day})")));
        let mut rows = table(&["need", "of what it needs", "what limits it"], 1);
        rows.column_mut(2).expect("there are three").set_cell_alignment(comfy_table::CellAlignment::Left);
        for cut in cuts.iter().take(NEEDS) {
            let limits = match (cut.is_cut_off(), closed_by(&self.input, cut)) {
                (false, _) => {
                    let lines = lines(model, scenario, chain, cut);
                    let shown = lines.iter().take(LIMITS).map(|line| format!("{} ({})", line.id, percent(line.share)));
                    let more = lines.len().saturating_sub(LIMITS);
                    let more = (more > 0).then(|| format!("{more} more"));
                    shown.chain(more).collect::<Vec<_>>().join(", ")
                }
                (true, Some(measures)) => format!("cut off by {measures}"),
                (true, None) => "cut off".to_string(),
            };
            let id = &model.demands[cut.demand].id;
            rows.add_row(vec![Cell::new(id), Cell::new(times(cut.coverage().unwrap_or(0.0))), Cell::new(limits)]);
        }
        print(&rows, cuts.len().saturating_sub(NEEDS), "--out DIR");
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

fn known(value: Option<f64>, show: fn(f64) -> String) -> String {
    value.map_or("-".to_string(), show)
}

/// An index of concentration as it is usually shown, 0 to 10,000.
fn index(hhi: f64) -> String {
    quantity((10_000.0 * hhi).round())
}

/// "41%", and from twice on "2.5 times".
fn times(share: f64) -> String {
    if share < 2.0 { percent(share) } else { format!("{} times", quantity(share)) }
}

fn upper(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
