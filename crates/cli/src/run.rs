//! `coercivity run`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::CommandFactory;
use clap::error::ErrorKind;
use coercivity_engine::market::{self, Market};
use coercivity_engine::node::Loss;
use coercivity_engine::program::{Program, mps};
use coercivity_engine::ranges::ranges;
use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::table::ResultTable;
use coercivity_engine::results::tables::tables;
use coercivity_engine::run::{Setup, prepare};
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_engine::state::State;
use coercivity_engine::{Foresight, Outcome, run as engine_run};
use coercivity_model::{Model, Report};
use serde_json::json;

use crate::Failure;
use crate::args::{Args, Method, Run};
use crate::asked;
use crate::input::{self, Input};
use crate::output::{FileToWrite, MARKER, may_replace, write_file, write_folder};
use crate::progress::Line;
use crate::show::{Show, disorder};
use crate::workbook;

/// What a method found.
struct Done {
    outcome: Outcome,
    summary: Summary,
    /// The market, for what only it has.
    market: Option<(Market, market::Record)>,
}

pub fn run(args: &Run) -> Result<(), Failure> {
    refuse_what_does_not_go_together(args);
    let clock = Instant::now();
    let line = Line::new();
    line.say("reading".to_string());
    let input = input::read(args.model.as_deref(), args.scenario.as_deref()).inspect_err(|_| line.done())?;
    let out = output_folder(args, &input);
    if let Some(out) = &out {
        may_replace(out, args.force).inspect_err(|_| line.done())?;
    }
    let read = clock.elapsed().as_secs_f64();
    let without = loss(&input.model, args.without.as_deref()).inspect_err(|_| line.done())?;
    if let Some(path) = &args.write_mps {
        write_mps(path, &input, without.as_ref())?;
    }
    let mut found: Vec<(&str, Done)> = Vec::new();
    if args.method != Method::Market {
        found.push(("optimal", plan(args, &input, without.clone(), &clock, &line)?));
    }
    if args.method != Method::Optimal {
        found.push(("market", trade(args, &input, without.as_ref(), &clock, &line)));
    }
    found.iter_mut().for_each(|(_, done)| done.summary.seconds.read = read);
    line.say("writing".to_string());
    let writing = clock.elapsed().as_secs_f64();
    let tables: Vec<Vec<ResultTable>> = match (&out, &args.xlsx) {
        (None, None) => Vec::new(),
        _ => found.iter().map(|(_, done)| done.tables(&input)).collect(),
    };
    if let Some(path) = &args.xlsx {
        let book = workbook::results(&tables[0]);
        let book = book.map_err(|error| Failure::World(format!("cannot lay out the workbook: {error}")));
        book.and_then(|bytes| write_file(path, &bytes)).inspect_err(|_| line.done())?;
    }
    if let Some(out) = &out {
        let mut files = vec![(MARKER.to_string(), Vec::new())];
        let alone = found.len() == 1;
        for ((method, done), tables) in found.iter_mut().zip(&tables) {
            // Two methods have a folder each.
            let name = |file: String| if alone { file } else { format!("{method}/{file}") };
            files.extend(files_of(tables)?.into_iter().map(|(file, bytes)| (name(file), bytes)));
            done.summary.seconds.write = clock.elapsed().as_secs_f64() - writing;
            files.push((name("summary.json".to_string()), json(&done.summary).into_bytes()));
        }
        write_folder(out, files.into_iter().map(Ok)).inspect_err(|_| line.done())?;
    }
    line.done();
    tell(args, &input, &found, out.as_deref());
    Ok(())
}

/// What stands on standard output.
fn tell(args: &Run, input: &Input, found: &[(&str, Done)], out: Option<&Path>) {
    match found {
        [(_, done)] if args.json => println!("{}", json(&done.summary)),
        [(_, best), (_, market)] if args.json => {
            let disorder = json!({
                "objective": market.summary.objective - best.summary.objective,
                "unmet_value": market.summary.unmet_value - best.summary.unmet_value,
            });
            let both = json!({ "optimal": best.summary, "market": market.summary, "price_of_disorder": disorder });
            println!("{both:#}");
        }
        _ => {
            for (_, Done { outcome, summary, market }) in found {
                let show = Show { input, outcome, summary, without: args.without.as_deref(), out };
                match market {
                    None => show.optimum(),
                    Some((market, record)) => show.market(market, record),
                }
            }
            if let [(_, best), (_, market)] = found {
                disorder(&input.model, &best.summary, &market.summary);
            }
        }
    }
}

impl Done {
    fn tables(&self, input: &Input) -> Vec<ResultTable> {
        match &self.market {
            None => tables(&input.model, &input.scenario, &self.outcome),
            Some((market, record)) => {
                let mut list = tables(&market.model, &input.scenario, &self.outcome);
                list.extend(market::tables::tables(market, record, &self.outcome));
                list
            }
        }
    }
}

/// Ends the program where options are given that mean nothing together.
fn refuse_what_does_not_go_together(args: &Run) {
    let why = match args.method {
        Method::Market if args.ranges => "--ranges asks for other optima, and a market has none: leave it out",
        Method::Both if args.xlsx.is_some() => {
            "--xlsx holds the tables of one method: run `optimal` and `market` by themselves"
        }
        _ => return,
    };
    Args::command().error(ErrorKind::ArgumentConflict, why).exit();
}

/// The method `optimal`.
fn plan(args: &Run, input: &Input, without: Option<Loss>, clock: &Instant, line: &Line) -> Result<Done, Failure> {
    let foresight = args.foresight.into();
    let setup = Setup {
        without,
        clock: &|| clock.elapsed().as_secs_f64(),
        progress: line,
        ..Setup::quiet(foresight, Settings { time_limit: args.time_limit, ..Settings::default() })
    };
    let stopped = |error: SolveError| {
        line.done();
        stopped(args, input, foresight, &error.to_string())
    };
    let outcome = engine_run(&input.model, &input.scenario, &setup).map_err(stopped)?;
    let again = command(input, foresight, args.without.as_deref(), args.ranges);
    let mut summary = Summary::new(&input.model, &input.scenario, &outcome, again);
    if args.ranges {
        let tell = |n, of| line.say(format!("ranges: {n} of {of} demands"));
        let found = ranges(&input.model, &outcome, summary.objective, setup.settings, &tell);
        summary.ranges = Some(found.map_err(stopped)?);
    }
    Ok(Done { outcome, summary, market: None })
}

/// The method `market`.
fn trade(args: &Run, input: &Input, without: Option<&Loss>, clock: &Instant, line: &Line) -> Done {
    line.say("trading".to_string());
    let begin = clock.elapsed().as_secs_f64();
    let market = Market::new(&input.model, &input.scenario, without.map(|loss| &loss.node));
    let ready = clock.elapsed().as_secs_f64();
    let record = market.run(&market.behaviour());
    let outcome = market.outcome(&record);
    let again = again(input, "--method market", args.without.as_deref(), false);
    let mut summary = Summary::new(&market.model, &input.scenario, &outcome, again);
    (summary.method, summary.status) = ("market", "simulated");
    (summary.seconds.build, summary.seconds.solve) = (ready - begin, clock.elapsed().as_secs_f64() - ready);
    Done { outcome, summary, market: Some((market, record)) }
}

/// The loss of a node from the first step on.
pub fn loss(model: &Model, node: Option<&str>) -> Result<Option<Loss>, Failure> {
    let Some(text) = node else { return Ok(None) };
    let mut report = Report::default();
    let Some(node) = asked::nodes(model, &[text.to_string()], &mut report).pop() else {
        input::print(&report);
        return Err(Failure::Input);
    };
    Ok(Some(Loss { node, steps: 0..model.steps() }))
}

/// The tables of a run as files.
pub fn files_of(tables: &[ResultTable]) -> Result<Vec<FileToWrite>, Failure> {
    let mut files = Vec::new();
    for table in tables {
        let failed = |e| Failure::World(format!("cannot lay out the table `{}`: {e}", table.name));
        files.push((format!("{}.csv", table.name), table.csv().map_err(failed)?));
        files.push((format!("{}.parquet", table.name), table.parquet().map_err(failed)?));
    }
    Ok(files)
}

/// Writes a folder of results: tables, and a file that has all of the answer.
pub fn write_answer(out: &Path, tables: &[ResultTable], name: &str, text: String) -> Result<(), Failure> {
    let mut files = vec![(MARKER.to_string(), Vec::new())];
    files.extend(files_of(tables)?);
    files.push((name.to_string(), text.into_bytes()));
    write_folder(out, files.into_iter().map(Ok))
}

/// The text of `summary.json`.
pub fn json(summary: &Summary) -> String {
    serde_json::to_string_pretty(summary).expect("a summary is plain data")
}

/// Where the results go: as asked, else to `results/SCENARIO`; with --json only as asked.
fn output_folder(args: &Run, input: &Input) -> Option<PathBuf> {
    args.out.clone().or_else(|| {
        let name = input.scenario_name.as_deref().unwrap_or("no-measures");
        let name = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".toml");
        (!args.json).then(|| PathBuf::from("results").join(name))
    })
}

/// The command that gives the same figures, without what does not change them.
pub fn command(input: &Input, foresight: Foresight, without: Option<&str>, ranges: bool) -> String {
    again(input, &format!("--foresight {}", foresight.name()), without, ranges)
}

fn again(input: &Input, how: &str, without: Option<&str>, ranges: bool) -> String {
    let mut words = vec!["coercivity run".to_string()];
    words.extend(input.model_path.clone());
    words.extend(input.scenario_name.as_ref().map(|name| format!("--scenario {name}")));
    words.push(how.to_string());
    // A lane's node holds a `>`, an owner's name anything.
    words.extend(without.map(|node| format!("--without '{}'", node.replace('\'', r"'\''"))));
    words.extend(ranges.then(|| "--ranges".to_string()));
    words.join(" ")
}

fn write_mps(path: &std::path::Path, input: &Input, without: Option<&Loss>) -> Result<(), Failure> {
    let (model, scenario) = (&input.model, &input.scenario);
    let (tags, space, policies) = prepare(model, scenario, Foresight::Perfect, true, without);
    let state = State::initial(model, &tags, &space);
    let program = Program::new(model, &space, &policies[0].1, &state);
    let names = mps::Names { model, scenario, tags: &tags, space: &space };
    write_file(path, mps::write(&program, &names).as_bytes())
}

/// The solver stopped short: says what is known.
fn stopped(args: &Run, input: &Input, foresight: Foresight, why: &str) -> Failure {
    if args.json {
        let known = serde_json::json!({
            "model": input.model.name,
            "scenario": input.scenario.name,
            "method": "optimal",
            "foresight": foresight.name(),
            "status": "stopped",
            "why": why,
            "objective": null,
            "version": env!("CARGO_PKG_VERSION"),
            "model_hash": input.model.hash,
            "scenario_hash": input.scenario.hash,
            "command": command(input, foresight, args.without.as_deref(), args.ranges),
        });
        println!("{known:#}");
    }
    Failure::Solver(format!("{why}. No figures were written, because none would be the answer."))
}
