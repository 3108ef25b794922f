//! `coercivity serve` and `coercivity report`: the page, and what can be handed to someone else.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::view::{View, chokepoints, view};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_engine::{Foresight, run};
use coercivity_model::{Report, Scenario};
use coercivity_web::report::{Contents, report as compose};
use coercivity_web::{Config, Known, Limits, data};
use coercivity_world::{REFERENCE, World};

use crate::Failure;
use crate::args::{ReportArgs, Serve};
use crate::ensembles;
use crate::input::{self, Input, model_in, own_scenarios, scenario_path};
use crate::output::{may_replace_file, write_file};
use crate::progress::Line;
use crate::run::command;
use crate::written::{BARGAIN, PLAN};

pub fn serve(args: &Serve) -> Result<(), Failure> {
    let model_path = args.model.clone();
    let mut report = Report::default();
    let model = model_in(model_path.as_deref().unwrap_or(REFERENCE), &mut report)?;
    let scenarios = own_scenarios(&model.folders)
        .into_iter()
        .filter_map(|id| Some(Known { path: scenario_path(&model, &id, &mut report)?, id }))
        .collect();
    let world = |what: &str, error: std::io::Error| Failure::World(format!("{what}: {error}"));
    let program = std::env::current_exe().map_err(|error| world("cannot find this program", error))?;
    let config = Config {
        files: Arc::new(World),
        model,
        model_path,
        scenarios,
        ensembles: ensembles::open(&args.ensemble)?,
        plans: PLAN.open(&args.plan)?,
        bargains: BARGAIN.open(&args.bargain)?,
        build: build(&program).map_err(|error| world("cannot read this program", error))?,
        program,
        cache: args.cache.clone().unwrap_or_else(|| cache_folder("runs")),
        host: args.host,
        port: args.port,
        limits: limits(args),
    };
    if !args.host.is_loopback() {
        eprintln!(
            "warning: whoever reaches {} can start runs on this machine; nobody is asked for a password",
            args.host
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| world("cannot start the server", error))?;
    let (host, port) = (args.host, args.port);
    let listening = |address| println!("Coercivity is at http://{address}/ (Ctrl-C ends it)");
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    runtime
        .block_on(coercivity_web::serve(config, listening, stop))
        .map_err(|error| world(&format!("cannot serve at {host}, port {port}"), error))
}

/// Version, size and time of the program: a new build of the same version may give other figures.
pub fn build(program: &Path) -> std::io::Result<String> {
    let file = std::fs::metadata(program)?;
    let age = file.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", env!("CARGO_PKG_VERSION"), file.len(), age.as_nanos()))
}

fn limits(args: &Serve) -> Limits {
    let mut limits = Limits::default();
    if let Some(seconds) = args.time_limit {
        let limit = std::time::Duration::from_secs_f64(seconds);
        (limits.run, limits.preview) = (limit, limit.min(limits.preview));
    }
    limits
}

/// Where what was found is kept: the user's folder for such things, or else that for what is temporary.
pub fn cache_folder(of: &str) -> PathBuf {
    let given = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || given("HOME").map(|home| home.join(".cache"));
    let folder = given("XDG_CACHE_HOME").or_else(home).unwrap_or_else(std::env::temp_dir);
    folder.join("coercivity").join(of)
}

pub fn report(args: &ReportArgs) -> Result<(), Failure> {
    may_replace_file(&args.out, args.force)?;
    // Before the runs, which take minutes: whether there can be a report at all.
    let (plan, bargain) = (PLAN.text(args.plan.as_deref())?, BARGAIN.text(args.bargain.as_deref())?);
    let nothing = Contents { main: b"", ghost: b"", data: b"", plan: None, bargain: None };
    compose(&nothing).map_err(|why| Failure::World(why.to_string()))?;
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let foresight = args.foresight.into();
    let line = Line::new();
    let mut main = look(&input, foresight, command(&input, foresight, None, false), &line)?;
    main.scenario_id.clone_from(&input.scenario_name);
    line.say("without measures".to_string());
    let without = Input { scenario: Scenario::no_measures(), ..input };
    let ghost = look(&without, Foresight::Perfect, String::new(), &line)?;
    line.done();
    let text = |view: &View| serde_json::to_vec(view).expect("a view is plain data");
    let figures = serde_json::to_vec(&data::data(&without.model)).expect("figures are plain data");
    let (plan, bargain) = (plan.as_deref().map(str::as_bytes), bargain.as_deref().map(str::as_bytes));
    let html = compose(&Contents { main: &text(&main), ghost: &text(&ghost), data: &figures, plan, bargain });
    write_file(&args.out, &html.map_err(|why| Failure::World(why.to_string()))?)?;
    println!("{}", main.headline.text);
    println!("Report: {}", args.out.display());
    Ok(())
}

fn look(input: &Input, foresight: Foresight, command: String, line: &Line) -> Result<View, Failure> {
    let clock = Instant::now();
    let seconds = || clock.elapsed().as_secs_f64();
    let setup = Setup { clock: &seconds, progress: line, ..Setup::quiet(foresight, Settings::default()) };
    let stopped = |error: SolveError| {
        line.done();
        Failure::Solver(format!("{error}. No report was written, because there is no answer to report."))
    };
    let outcome = run(&input.model, &input.scenario, &setup).map_err(stopped)?;
    let summary = Summary::new(&input.model, &input.scenario, &outcome, command);
    let mut view = view(&input.model, &input.scenario, &outcome, &summary);
    view.chokepoints = Some(chokepoints::of_run(&input.model, &input.scenario, &outcome).map_err(stopped)?);
    Ok(view)
}

/// A host by its address, or `localhost`.
pub fn host(text: &str) -> Result<IpAddr, String> {
    let text = if text == "localhost" { "127.0.0.1" } else { text };
    text.parse().map_err(|_| "it must be an address of this machine, such as 127.0.0.1 or 0.0.0.0".to_string())
}
