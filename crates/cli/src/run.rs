//! `coercivity run`.

use std::path::PathBuf;
use std::time::Instant;

use coercivity_engine::node::Loss;
use coercivity_engine::program::{Program, mps};
use coercivity_engine::ranges::ranges;
use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::table::ResultTable;
use coercivity_engine::results::tables::tables;
use coercivity_engine::run::{Setup, prepare};
use coercivity_engine::solve::Settings;
use coercivity_engine::state::State;
use coercivity_engine::{Foresight, run as engine_run};
use coercivity_model::{Model, Report};

use crate::Failure;
use crate::args::Run;
use crate::asked;
use crate::input::{self, Input};
use crate::output::{FileToWrite, MARKER, may_replace, write_file, write_folder};
use crate::progress::Line;
use crate::show;
use crate::workbook;

pub fn run(args: &Run) -> Result<(), Failure> {
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
    let foresight = args.foresight.into();
    let setup = Setup {
        without,
        clock: &|| clock.elapsed().as_secs_f64(),
        progress: &line,
        ..Setup::quiet(foresight, Settings { time_limit: args.time_limit, ..Settings::default() })
    };
    let outcome = engine_run(&input.model, &input.scenario, &setup);
    let outcome = outcome.map_err(|error| {
        line.done();
        stopped(args, &input, foresight, &error.to_string())
    })?;
    let again = command(&input, foresight, args.without.as_deref(), args.ranges);
    let mut summary = Summary::new(&input.model, &input.scenario, &outcome, again);
    summary.seconds.read = read;
    if args.ranges {
        let tell = |n, of| line.say(format!("ranges: {n} of {of} demands"));
        let found = ranges(&input.model, &outcome, summary.objective, setup.settings, &tell);
        summary.ranges = Some(found.map_err(|error| {
            line.done();
            stopped(args, &input, foresight, &error.to_string())
        })?);
    }
    line.say("writing".to_string());
    let writing = clock.elapsed().as_secs_f64();
    let tables = match (&out, &args.xlsx) {
        (None, None) => Vec::new(),
        _ => tables(&input.model, &input.scenario, &outcome),
    };
    if let Some(path) = &args.xlsx {
        let book = workbook::results(&tables);
        let book = book.map_err(|error| Failure::World(format!("cannot lay out the workbook: {error}")));
        book.and_then(|bytes| write_file(path, &bytes)).inspect_err(|_| line.done())?;
    }
    if let Some(out) = &out {
        let mut files = vec![(MARKER.to_string(), Vec::new())];
        files.extend(files_of(&tables)?);
        summary.seconds.write = clock.elapsed().as_secs_f64() - writing;
        files.push(("summary.json".to_string(), json(&summary).into_bytes()));
        write_folder(out, files.into_iter().map(Ok)).inspect_err(|_| line.done())?;
    }
    line.done();
    if args.json {
        println!("{}", json(&summary));
    } else {
        show::run(&input, &outcome, &summary, args.without.as_deref(), out.as_deref());
    }
    Ok(())
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
    let mut words = vec!["coercivity run".to_string()];
    words.extend(input.model_path.clone());
    words.extend(input.scenario_name.as_ref().map(|name| format!("--scenario {name}")));
    words.push(format!("--foresight {}", foresight.name()));
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
