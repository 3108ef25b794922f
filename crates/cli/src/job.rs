//! `coercivity job`, which `serve` starts for each run: reads what is asked from a folder, writes the results
//! there, and tells on standard output how far it is.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::tables::tables;
use coercivity_engine::results::view::{chokepoints, view};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::{Method, Settings};
use coercivity_engine::{Foresight, Progress, Stage, run};
use coercivity_model::{Report, Scenario, read_scenario};
use coercivity_web::Request;
use coercivity_web::job::{self, REQUEST, RESULTS, SCENARIO, Told};
use coercivity_world::{REFERENCE, World};

use crate::Failure;
use crate::args::Job;
use crate::input::{Input, model_in, print, scenario_path};
use crate::output::write_folder;
use crate::run::{command, files_of, json, loss};

/// Tells each stage as a line of JSON.
struct Telling;

impl Progress for Telling {
    fn stage(&self, stage: Stage) {
        let (plan, plans, what) = match stage {
            Stage::Building { plan, plans } => (plan, plans, "building".to_string()),
            Stage::Solving { plan, plans, rows, .. } => (plan, plans, format!("solving {rows} rows")),
        };
        let told = match plans {
            1 => Told { stage: what, done: None },
            _ => {
                Told { stage: format!("plan {plan} of {plans}: {what}"), done: Some((plan - 1) as f64 / plans as f64) }
            }
        };
        tell(&told);
    }
}

fn tell(told: &Told) {
    // Nobody may listen any more; then nobody needs to know.
    let mut out = std::io::stdout().lock();
    let line = serde_json::to_string(told).expect("it is plain data");
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A server that was killed cannot end its jobs; its end of their input closes with it.
fn end_with_the_server() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
}

pub fn job(args: &Job) -> Result<(), Failure> {
    let clock = Instant::now();
    end_with_the_server();
    let request = request(&args.dir)?;
    let input = input(&args.dir, &request)?;
    let foresight = match request.foresight {
        job::Foresight::Announced if !request.preview => Foresight::Announced,
        _ => Foresight::Perfect,
    };
    // On the smaller program of a preview the simplex method is the faster one.
    let method = if request.preview { Method::Simplex } else { Method::InteriorPoint };
    let settings = Settings { method, ..Settings::default() };
    let seconds = || clock.elapsed().as_secs_f64();
    let read = seconds();
    let without = loss(&input.model, request.without.as_deref())?;
    let setup = Setup { without, clock: &seconds, progress: &Telling, ..Setup::quiet(foresight, settings) };
    let outcome = run(&input.model, &input.scenario, &setup).map_err(|error| {
        Failure::Solver(format!("{error}. There are no figures, because none would be the answer."))
    })?;
    tell(&Told { stage: "min-cuts".to_string(), done: None });
    let found = match request.without {
        None => Some(chokepoints::of_run(&input.model, &input.scenario, &outcome)),
        Some(_) => None,
    };
    let found =
        found.transpose().map_err(|error| Failure::Solver(format!("{error}. Its chokepoints are not known.")))?;
    tell(&Told { stage: "writing".to_string(), done: None });
    // No command gives the figures of a preview, or of a model that has a default scenario without it.
    let reproducible = !request.preview && (request.scenario.is_some() || input.model.default_scenario.is_none());
    let again =
        if reproducible { command(&input, foresight, request.without.as_deref(), false) } else { String::new() };
    let mut summary = Summary::new(&input.model, &input.scenario, &outcome, again);
    summary.seconds.read = read;
    let writing = seconds();
    let mut view = view(&input.model, &input.scenario, &outcome, &summary);
    view.scenario_id.clone_from(&request.scenario);
    view.preview = request.preview;
    view.without.clone_from(&request.without);
    view.chokepoints = found;
    let mut files = files_of(&tables(&input.model, &input.scenario, &outcome))?;
    files.push(("view.json".to_string(), serde_json::to_vec(&view).expect("a view is plain data")));
    summary.seconds.write = seconds() - writing;
    files.push(("summary.json".to_string(), json(&summary).into_bytes()));
    write_folder(&args.dir.join(RESULTS), files.into_iter().map(Ok))
}

fn request(dir: &Path) -> Result<Request, Failure> {
    let path = dir.join(REQUEST);
    let bytes = std::fs::read(&path).map_err(|e| Failure::World(format!("cannot read `{}`: {e}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|e| Failure::World(format!("`{}` is no request: {e}", path.display())))
}

fn input(dir: &Path, request: &Request) -> Result<Input, Failure> {
    let mut report = Report::default();
    let model = model_in(request.model.as_deref().unwrap_or(REFERENCE), &mut report)?;
    if model.hash != request.model_hash {
        let why = "the model's files have changed since the server began: start it again";
        return Err(Failure::World(why.to_string()));
    }
    let model = if request.preview { model.in_quarters() } else { model };
    let edited = request.edited.then(|| dir.join(SCENARIO).to_string_lossy().into_owned());
    let path = match (&edited, &request.scenario) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(name)) => scenario_path(&model, name, &mut report),
        (None, None) => None,
    };
    let scenario = match &path {
        Some(path) => read_scenario(&World, path, &model, &mut report),
        None => Some(Scenario::no_measures()),
    };
    let Some(scenario) = scenario.filter(|_| !report.has_errors()) else {
        print(&report);
        return Err(Failure::Input);
    };
    // With edits, the file that the page offers for download.
    let scenario_name = match &request.scenario {
        Some(name) if request.edited => Some(format!("{name}-edited.toml")),
        name => name.clone(),
    };
    Ok(Input { model, scenario, model_path: request.model.clone(), scenario_name, warnings: 0 })
}
