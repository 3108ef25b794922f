//! Times the method `market`. For `./x bench`.
//!
//!     bench_market MODEL [SCENARIO]...
//!
//! Prints JSON: for each scenario, and for none, the weeks, the CPU seconds in which everybody was made ready (once for many runs)
//! and those of a run, without tables; of a run the least of several times, on one core.

mod common;

use coercivity_engine::market::Market;
use coercivity_model::{Report, Scenario, read_model, read_scenario};
use common::{Disk, cpu_seconds, fail};
use serde_json::{Map, Value, json};

const REPEATS: usize = 20;

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let Some((model, scenarios)) = paths.split_first() else { fail("usage: bench_market MODEL [SCENARIO]...") };
    let mut report = Report::default();
    let model = read_model(&Disk, model, &mut report).unwrap_or_else(|| fail(&report.render(false, 100)));
    let mut found = Map::new();
    found.insert("no measures".to_string(), timed(|| Market::new(&model, &Scenario::no_measures(), None)));
    for path in scenarios {
        let scenario =
            read_scenario(&Disk, path, &model, &mut report).unwrap_or_else(|| fail(&report.render(false, 100)));
        found.insert(scenario.name.clone(), timed(|| Market::new(&model, &scenario, None)));
    }
    println!("{:#}", Value::Object(found));
}

fn timed(ready: impl Fn() -> Market) -> Value {
    let begin = cpu_seconds();
    let market = ready();
    let made = cpu_seconds() - begin;
    let behaviour = market.behaviour();
    let mut least = f64::INFINITY;
    for _ in 0..REPEATS {
        let begin = cpu_seconds();
        let record = market.run(&behaviour);
        least = least.min(cpu_seconds() - begin);
        drop(record);
    }
    json!({ "weeks": market.model.steps(), "ready": made, "run": least })
}
