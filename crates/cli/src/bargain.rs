//! `coercivity bargain`: what to ask, offer and threaten.

mod show;
mod tables;

use std::sync::atomic::Ordering;
use std::time::Instant;

use coercivity_engine::bargain::answer::answer;
use coercivity_engine::bargain::payoffs::Payoffs;
use coercivity_engine::bargain::runs::{RunError, Way, payoffs};
use coercivity_engine::bargain::whole::Bargain as Whole;
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_model::Severity;
use coercivity_world::bargain::{BargainSource, Kept};

use crate::Failure;
use crate::args::Bargain;
use crate::ensemble::on_ctrl_c;
use crate::input;
use crate::output::may_replace;
use crate::progress::Line;
use crate::run::write_answer;
use crate::serve::{build, cache_folder};

pub fn bargain(args: &Bargain) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        may_replace(out, args.force)?;
    }
    let source = BargainSource::read(&args.spec, args.model.as_deref())?;
    if source.report.count(Severity::Warning) > 0 {
        input::print(&source.report);
    }
    let payoffs = run(args, &source)?;
    let found = answer(&source.bargain.spec, &payoffs, command(args)).map_err(|problems| {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::World(list.join("; "))
    })?;
    let text = || serde_json::to_string_pretty(&found).expect("an answer is plain data");
    if let Some(out) = &args.out {
        write_answer(out, &tables::tables(&found), "bargain.json", text())?;
    }
    if args.json {
        println!("{}", text());
    } else {
        show::show(&found);
    }
    Ok(())
}

fn command(args: &Bargain) -> String {
    let model = args.model.as_ref().map(|model| format!(" --model {model}"));
    format!("coercivity bargain {}{}", args.spec, model.unwrap_or_default())
}

/// Makes the runs that are missing.
fn run(args: &Bargain, source: &BargainSource) -> Result<Payoffs, Failure> {
    let clock = Instant::now();
    let program = std::env::current_exe().and_then(|program| build(&program));
    let about = program.map_err(|error| Failure::World(format!("cannot read this program: {error}")))?;
    let kept = Kept::open(&args.cache.clone().unwrap_or_else(|| cache_folder("bargains")))?;
    let line = Line::new();
    let stopped = on_ctrl_c();
    let over = || args.time_limit.is_some_and(|limit| clock.elapsed().as_secs_f64() > limit);
    let found = payoffs(
        &source.bargain,
        &source.samples,
        &Way {
            about: &about,
            settings: Settings::default(),
            keep: &kept,
            tell: &|n, of, what| line.count(n, of, what),
            stop: &|| stopped.load(Ordering::Relaxed) || over(),
        },
    );
    line.done();
    if let Some(trouble) = kept.trouble() {
        eprintln!("warning: {trouble}; it would be run again");
    }
    found.map_err(|error| match error {
        RunError::Solve(SolveError::Interrupted) => {
            let why = "what was done by then is kept: the same command goes on from there".to_string();
            match over() {
                true => Failure::Solver(format!("the time limit was reached; {why}")),
                false => Failure::Interrupted(format!("stopped; {why}")),
            }
        }
        RunError::Solve(error) => Failure::Solver(format!("{error}. There is no answer without this run.")),
        RunError::NotFinite { player, combination } => {
            Failure::Solver(not_finite(&source.bargain, player, combination))
        }
    })
}

fn not_finite(bargain: &Whole, player: usize, combination: usize) -> String {
    let levels = bargain.spec.levers.iter().zip(bargain.combinations.levels(combination));
    let levers: Vec<String> =
        levels.map(|(lever, level)| format!("{} {}", lever.id.0, lever.levels[level].id)).collect();
    format!(
        "what `{}` gets with {} is no finite number: give smaller values and weights",
        bargain.spec.players[player].id.0,
        levers.join(", ")
    )
}
