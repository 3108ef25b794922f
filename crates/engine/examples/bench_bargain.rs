//! Times runs of a bargain, anew and from the plan of no deal, and says how far payoffs can move among plans that are equally
//! good. For the decision on bargains (`docs/decisions/0015-bargain.md`).
//!
//!     bench_bargain SPEC [COMBINATION...]
//!
//! Prints JSON: CPU seconds up to the talks and, by combination (no deal and each lever alone, unless some are named), CPU
//! seconds of each way, payoffs by player and way, and the least and the most that each player can get.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::bargain::spec::read_spec;
use coercivity_engine::bargain::stage::Stage;
use coercivity_engine::bargain::whole::Bargain;
use coercivity_engine::run::Setup;
use coercivity_engine::solve::Settings;
use coercivity_model::files::{join, parent};
use coercivity_model::{Report, read_model, read_scenario};
use common::{Disk, cpu_seconds, fail};
use serde_json::{Value, json};

const USAGE: &str = "usage: bench_bargain SPEC [COMBINATION...]";

fn main() {
    let mut words = std::env::args().skip(1);
    let path = words.next().unwrap_or_else(|| fail(USAGE));
    let named: Vec<usize> = words.map(|word| word.parse().unwrap_or_else(|_| fail(USAGE))).collect();
    let bargain = read(&path);
    let setup = Setup::quiet(Foresight::Announced, Settings::default());
    let begin = cpu_seconds();
    let stage = Stage::new(&bargain, &bargain.talks, None, &setup).unwrap_or_else(|error| fail(&error.to_string()));
    let up_to_talks = cpu_seconds() - begin;
    let no_deal = stage.solve(bargain.no_deal, None, &setup).unwrap_or_else(|error| fail(&error.to_string()));
    let last = |lever: usize| bargain.combinations.places[lever] * (bargain.levers[lever].levels.len() - 1);
    let alone = (0..bargain.levers.len()).map(last);
    let combinations = if named.is_empty() { [bargain.no_deal].into_iter().chain(alone).collect() } else { named };
    let one = |combination: &usize| -> Value {
        let timed = |near| {
            let begin = cpu_seconds();
            let solved = stage.solve(*combination, near, &setup).unwrap_or_else(|error| fail(&error.to_string()));
            (cpu_seconds() - begin, solved)
        };
        let ((anew_seconds, anew), (from_seconds, from)) = (timed(None), timed(Some(&no_deal)));
        let payoffs = |solved| -> Vec<f64> {
            let figures = stage.figures(solved);
            bargain.players.iter().map(|cares| figures.payoff(cares)).collect()
        };
        let reach = bargain.players.iter().map(|cares| stage.reach(&anew, cares, &setup).ok());
        json!({
            "combination": combination, "anew_seconds": anew_seconds, "from_seconds": from_seconds,
            "anew": payoffs(&anew), "from": payoffs(&from), "objective": stage.figures(&anew).objective,
            "objective_from": stage.figures(&from).objective, "reach": reach.collect::<Vec<_>>(),
        })
    };
    let found: Vec<Value> = combinations.iter().map(one).collect();
    println!("{:#}", json!({ "up_to_talks": up_to_talks, "combinations": found }));
}

fn read(path: &str) -> Bargain {
    let mut report = Report::default();
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| fail(&format!("{path}: {error}")));
    let found = read_spec(path, &text, &mut report).and_then(|spec| {
        let folder = join(parent(path), spec.model.as_deref().unwrap_or("."));
        let model = read_model(&Disk, &folder, &mut report)?;
        let scenario = read_scenario(&Disk, &join(parent(path), &spec.scenario.0), &model, &mut report)?;
        Bargain::new(spec, path, model, scenario, &mut report)
    });
    found.unwrap_or_else(|| fail(&report.render(false, 100)))
}
