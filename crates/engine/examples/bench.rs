//! Counts and times the program of a model under a scenario, with and without pruning. For `./x bench`.
//!
//!     bench MODEL [SCENARIO] [--mps FILE]
//!
//! Prints JSON: for `pruned` and `full`, rows, columns, entries, and the CPU seconds in which it was built (everything
//! from the model in memory to the program; the least of several times). `--mps` also writes the pruned program.

mod common;

use std::time::Instant;

use coercivity_engine::Foresight;
use coercivity_engine::program::{Program, mps};
use coercivity_engine::run::prepare;
use coercivity_engine::space::Space;
use coercivity_engine::state::State;
use coercivity_engine::tags::Tags;
use coercivity_model::{Model, Report, Scenario, read_model, read_scenario};
use common::{Disk, fail};
use serde_json::{Value, json};

const USAGE: &str = "usage: bench MODEL [SCENARIO] [--mps FILE]";

/// A pruned program is built so many times; a full one, which can be a hundred times as large, once.
const REPEATS: usize = 5;

fn main() {
    let mut paths = Vec::new();
    let mut mps_path = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--mps" {
            mps_path = Some(words.next().unwrap_or_else(|| fail(USAGE)));
        } else {
            paths.push(word);
        }
    }
    if paths.is_empty() || paths.len() > 2 {
        fail(USAGE);
    }
    let (model, scenario) = read(&paths[0], paths.get(1).map(String::as_str));
    let pruned = measure(&model, &scenario, true, REPEATS, mps_path.as_deref());
    let full = measure(&model, &scenario, false, 1, None);
    println!("{:#}", json!({ "pruned": pruned, "full": full }));
}

fn read(model: &str, scenario: Option<&str>) -> (Model, Scenario) {
    let mut report = Report::default();
    let read = read_model(&Disk, model, &mut report).and_then(|model| {
        let scenario = match scenario {
            None => Some(Scenario::default()),
            Some(path) => read_scenario(&Disk, path, &model, &mut report),
        };
        scenario.map(|scenario| (model, scenario))
    });
    read.unwrap_or_else(|| fail(&report.render(false, 100)))
}

fn measure(model: &Model, scenario: &Scenario, prune: bool, repeats: usize, mps_path: Option<&str>) -> Value {
    let mut least = f64::INFINITY;
    let mut size = Value::Null;
    for i in 0..repeats {
        let begin = Clock::now();
        let (tags, space, program) = build(model, scenario, prune);
        least = least.min(begin.seconds());
        size = json!({ "rows": program.rows.len(), "columns": program.columns.len(), "entries": program.entries() });
        if let Some(path) = mps_path.filter(|_| i == 0) {
            let names = mps::Names { model, scenario, tags: &tags, space: &space };
            std::fs::write(path, mps::write(&program, &names)).unwrap_or_else(|e| fail(&format!("{path}: {e}")));
        }
    }
    size["build_seconds"] = json!(least);
    size
}

fn build(model: &Model, scenario: &Scenario, prune: bool) -> (Tags, Space, Program) {
    let (tags, space, plans) = prepare(model, scenario, Foresight::Perfect, prune, None);
    let state = State::initial(model, &tags, &space);
    let program = Program::new(model, &space, &plans[0].1, &state);
    (tags, space, program)
}

/// CPU time of this thread where the kernel tells it, else wall-clock time, which is no less.
struct Clock {
    cpu: Option<f64>,
    wall: Instant,
}

impl Clock {
    fn now() -> Clock {
        Clock { cpu: cpu_seconds(), wall: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        match (self.cpu, cpu_seconds()) {
            (Some(begin), Some(end)) => end - begin,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

/// The first number of Linux's `schedstat`: nanoseconds that the thread has spent on a CPU.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}
