//! The reference model against what was counted in the world: each observation within its tolerance,
//! under the scenario that it is meant for.

mod common;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use coercivity_engine::Foresight;
use coercivity_engine::results::observed::{Held, hold};
use coercivity_model::{Files, Report, read_model, read_scenario};
use common::{outcome, root};

/// Below this many, agreement says little.
const LEAST: usize = 20;

/// The files of the workspace.
struct Disk(PathBuf);

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

fn line(held: &Held) -> String {
    let of = held.observation;
    let result = held.result.map_or("unknown".to_string(), |result| format!("{result:.4}"));
    format!("{} ({}): observed {}, result {result}, tolerance {}", of.id, of.scenario, of.value, of.tolerance)
}

#[test]
fn the_reference_model_agrees_with_what_was_counted() {
    let (files, mut report) = (Disk(root()), Report::default());
    let model = read_model(&files, "models/magnets", &mut report);
    let model = model.unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    let count = model.observations.len();
    assert!(count >= LEAST, "models/magnets has {count} observations, and needs {LEAST}");
    let scenarios: BTreeSet<&str> = model.observations.iter().map(|o| o.scenario.as_str()).collect();
    let mut wrong = Vec::new();
    for name in scenarios {
        let path = format!("models/magnets/scenarios/{name}.toml");
        let scenario = read_scenario(&files, &path, &model, &mut report);
        let scenario = scenario.unwrap_or_else(|| panic!("{}", report.render(false, 100)));
        let found = outcome(&model, &scenario, Foresight::Perfect, true);
        let meant = hold(&model, &found).into_iter().filter(|held| held.observation.scenario == name);
        wrong.extend(meant.filter(|held| held.within() != Some(true)).map(|held| line(&held)));
    }
    assert!(wrong.is_empty(), "{} of {count} observations are not met:\n{}", wrong.len(), wrong.join("\n"));
}
