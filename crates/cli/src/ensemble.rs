//! `coercivity ensemble`: plans, runs and merges many runs in which what is not known is drawn anew.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use coercivity_engine::ensemble::spec::Method;
use coercivity_engine::results::headline::duration;
use coercivity_world::ensemble::{Folder, Merged, Source, Trouble};

use crate::Failure;
use crate::args::{Ensemble, EnsembleCommand, EnsemblePlan};
use crate::input;
use crate::progress::Line;

/// What schedulers tell a job of an array which one it is by.
const ARRAY: &str = "SLURM_ARRAY_TASK_ID";

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Input(report) => {
                input::print(&report);
                Failure::Input
            }
            Trouble::World(why) => Failure::World(why),
        }
    }
}

pub fn ensemble(args: &Ensemble) -> Result<(), Failure> {
    match &args.command {
        Some(EnsembleCommand::Plan(plan)) => self::plan(plan),
        Some(EnsembleCommand::Shard { dir, index, json }) => shard(dir, *index, *json),
        Some(EnsembleCommand::Merge { dir, json }) => merge(dir, *json),
        None => whole(&args.whole, args.json),
    }
}

/// The folder of a spec: the one that is asked for, else one named after the spec.
fn folder(args: &EnsemblePlan, line: &Line) -> Result<Folder, Failure> {
    let spec = args.spec.as_deref().expect("clap asks for one");
    let dir = args.out.clone().unwrap_or_else(|| Folder::default_dir(spec));
    let source = Source::read(spec, args.model.as_deref())?;
    let made = Folder::make(source, &dir, args.shard_size.map(|n| n as usize), &|what| line.say(what.to_string()));
    Ok(made.inspect_err(|_| line.done())?)
}

fn plan(args: &EnsemblePlan) -> Result<(), Failure> {
    let line = Line::new();
    let folder = folder(args, &line)?;
    line.done();
    let (plan, dir) = (&folder.plan, folder.dir.display());
    eprintln!("{}", in_words(&folder));
    println!("{dir}: {} samples in {} shards of {}", plan.samples, plan.shards, plan.shard_size);
    println!("run each of them, here or elsewhere:  coercivity ensemble shard {dir} --index N");
    println!("when all are there:                   coercivity ensemble merge {dir}");
    Ok(())
}

/// What the pilot found.
fn in_words(folder: &Folder) -> String {
    let (pilot, go_on) = (folder.plan.pilot, folder.plan.go_on);
    if folder.ensemble.spec.method == Method::Market {
        return "Each sample is a market in weeks: nothing is solved.".to_string();
    }
    let found = format!(
        "Of {} programs of the first {} samples {} could go on from the basis of a like run",
        pilot.plans, pilot.samples, pilot.went_on
    );
    match go_on {
        true => format!("{found}: all try to, and are solved anew where it takes too many steps."),
        false => format!("{found}: all are solved anew."),
    }
}

fn whole(args: &EnsemblePlan, json: bool) -> Result<(), Failure> {
    let clock = Instant::now();
    let line = Line::new();
    let folder = folder(args, &line)?;
    line.say(in_words(&folder));
    let stopped = on_ctrl_c();
    let (runner, total) = (folder.runner(), folder.plan.samples);
    let bar = Bar::new(&line, total);
    for index in 0..folder.plan.shards {
        let before = folder.samples_of(index).start;
        let tell = |done: usize| bar.at(before + done);
        if folder.run(&runner, index, &tell, &|| stopped.load(Ordering::Relaxed))?.is_none() {
            line.done();
            return Err(Failure::Interrupted(format!(
                "stopped after {before} of {total} samples, which are kept: the same command goes on from there"
            )));
        }
    }
    line.done();
    let merged = folder.merge()?;
    show(&folder, &merged, json, Some(clock.elapsed().as_secs_f64()));
    Ok(())
}

fn shard(dir: &Path, index: Option<usize>, json: bool) -> Result<(), Failure> {
    let index = match index {
        Some(index) => index,
        None => std::env::var(ARRAY).ok().and_then(|text| text.trim().parse().ok()).ok_or_else(|| {
            Failure::World(format!("which shard? Say so with --index N, or let a scheduler set {ARRAY}"))
        })?,
    };
    let folder = Folder::open(dir)?;
    let line = Line::new();
    let stopped = on_ctrl_c();
    let total = folder.samples_of(index).len();
    let bar = Bar::new(&line, total);
    let done = folder.run(&folder.runner(), index, &|done| bar.at(done), &|| stopped.load(Ordering::Relaxed));
    line.done();
    match done? {
        Some(shard) if json => println!("{:#}", serde_json::json!(shard)),
        Some(shard) => {
            let last = shard.first + shard.samples - 1;
            let was = if shard.kept { ", was there already" } else { "" };
            println!("{}: samples {} to {last}{was}", shard.path, shard.first);
        }
        None => return Err(Failure::Interrupted(format!("shard {index} was stopped; nothing of it is kept"))),
    }
    Ok(())
}

fn merge(dir: &Path, json: bool) -> Result<(), Failure> {
    let folder = Folder::open(dir)?;
    let merged = folder.merge()?;
    show(&folder, &merged, json, None);
    Ok(())
}

fn show(folder: &Folder, merged: &Merged, json: bool, seconds: Option<f64>) {
    if json {
        println!("{:#}", serde_json::json!(merged));
        return;
    }
    let (totals, dir) = (merged.totals, folder.dir.display());
    println!("{dir}: {} samples", folder.plan.samples);
    if totals.no_model + totals.stopped > 0 {
        println!(
            "{} of them have no model (values that contradict each other), and {} no optimum: see `why` in samples.parquet",
            totals.no_model, totals.stopped
        );
    }
    if totals.plans > 0 {
        println!("{} programs, {} solved from the basis of a like run", totals.plans, totals.went_on);
    }
    if let Some(seconds) = seconds {
        let each = seconds / folder.plan.samples as f64;
        println!("{} in all, {each:.2} s a sample", duration_of(seconds));
    }
    println!("what it means:  coercivity summarize {dir}");
}

fn duration_of(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 172_800.0 => format!("{:.0} min", s / 60.0),
        s => duration(s / 86_400.0),
    }
}

/// Says each count once, and none below one that was said.
struct Bar<'a> {
    line: &'a Line,
    total: usize,
    said: AtomicUsize,
}

impl Bar<'_> {
    fn new(line: &Line, total: usize) -> Bar<'_> {
        line.count(0, total, "samples");
        Bar { line, total, said: AtomicUsize::new(0) }
    }

    fn at(&self, done: usize) {
        if self.said.fetch_max(done, Ordering::Relaxed) < done {
            self.line.count(done, self.total, "samples");
        }
    }
}

/// Whether somebody has asked to stop. The shard under way is given up; who asks again ends the program at once.
pub fn on_ctrl_c() -> &'static AtomicBool {
    static STOPPED: AtomicBool = AtomicBool::new(false);
    let stop = || {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping; press again to stop at once");
    };
    // Where there is no such signal, nothing is lost but the words.
    let _ = ctrlc::set_handler(stop);
    &STOPPED
}
