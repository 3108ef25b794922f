//! What pruning, reuse and a warm start each give an ensemble. For `./x bench`.
//!
//!     bench_ensemble SPEC MODEL [--samples N] [--full N] [--arrays DIR]
//!
//! Runs the first samples of an ensemble with perfect foresight, in as many ways as there are to run them, and prints JSON:
//! for each sample the CPU seconds of its program (pruned, and `full`: nothing left out) and of solving it, by interior
//! point and from the basis of a like run, handed over anew and (`shared`) changed in place. Only the first are solved in full. `--arrays` writes the full programs of these
//! as MPS files, `sample-0.mps` and so on, for the peer in Python. Every way has to come to the same optimum.

mod common;

use std::collections::HashMap;

use coercivity_engine::ensemble::Ensemble;
use coercivity_engine::ensemble::marginal::Marginal;
use coercivity_engine::ensemble::spec::read_spec;
use coercivity_engine::program::{Program, mps};
use coercivity_engine::run::{Foresight, Outcome, Setup, prepare, run};
use coercivity_engine::solve::{NO_SHELF, Settings, Shelf};
use coercivity_engine::state::State;
use coercivity_model::edit::edited;
use coercivity_model::uncertainty::Amount;
use coercivity_model::{Model, Report, Scenario, read_model};
use common::{Disk, cpu_seconds, fail};
use serde_json::{Value, json};

const USAGE: &str = "usage: bench_ensemble SPEC MODEL [--samples N] [--full N] [--arrays DIR]";

fn main() {
    let (mut paths, mut samples, mut full, mut arrays) = (Vec::new(), 8, 2, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap_or_else(|| fail(USAGE));
        match word.as_str() {
            "--samples" => samples = next().parse().unwrap_or_else(|_| fail(USAGE)),
            "--full" => full = next().parse().unwrap_or_else(|_| fail(USAGE)),
            "--arrays" => arrays = Some(next()),
            _ => paths.push(word),
        }
    }
    let [spec, model] = &paths[..] else { fail(USAGE) };
    let ensemble = read(spec, model);
    let mut anchors: HashMap<String, Outcome> = HashMap::new();
    // For each way of solving one, so that as many programs are changed in place as in an ensemble.
    let (anew_on, warm_on) = (Shelf::new(2), Shelf::new(2));
    let found: Vec<Value> = (0..samples)
        .map(|sample| {
            let values = ensemble.draw(sample);
            let begin = cpu_seconds();
            let (model, scenario) = with(&ensemble, &values);
            let changed = cpu_seconds() - begin;
            let at = anchored(&ensemble, &values);
            let anchor = anchors.entry(format!("{at:?}")).or_insert_with(|| {
                let (model, scenario) = with(&ensemble, &at);
                solved(&model, &scenario, true, None, &NO_SHELF)
            });
            let anew = solved(&model, &scenario, true, None, &NO_SHELF);
            let warm = solved(&model, &scenario, true, Some(anchor), &NO_SHELF);
            let before = anew_on.changed_in_place();
            let anew_shared = solved(&model, &scenario, true, None, &anew_on);
            let warm_shared = solved(&model, &scenario, true, Some(anchor), &warm_on);
            for (alone, shared) in [(&anew, &anew_shared), (&warm, &warm_shared)] {
                let columns = |outcome: &Outcome| outcome.plans[0].solution.columns.clone();
                assert_eq!(columns(alone), columns(shared), "sample {sample}: a program changed in place is another");
            }
            let whole = (sample < full).then(|| solved(&model, &scenario, false, None, &NO_SHELF));
            for other in whole.iter().chain([&warm]) {
                let (a, b) = (objective(&anew), objective(other));
                assert!((a - b).abs() <= 1e-6 * a.abs(), "sample {sample}: {a} and {b} are not the same optimum");
            }
            if let Some(folder) = arrays.as_deref().filter(|_| sample < full) {
                write(&model, &scenario, &format!("{folder}/sample-{sample}.mps"));
            }
            json!({
                "changed": changed,
                "anew": figures(&anew),
                "warm": figures(&warm),
                "anew_shared": figures(&anew_shared),
                "warm_shared": figures(&warm_shared),
                "in_place": anew_on.changed_in_place() > before,
                "full": whole.as_ref().map(figures),
                "objective": objective(&anew),
            })
        })
        .collect();
    println!("{:#}", json!({ "samples": found, "anchors": anchors.len() }));
}

fn read(spec_path: &str, model_path: &str) -> Ensemble {
    let mut report = Report::default();
    let text = std::fs::read_to_string(spec_path).unwrap_or_else(|e| fail(&format!("{spec_path}: {e}")));
    let ensemble = read_spec(spec_path, &text, &mut report).and_then(|spec| {
        let model = read_model(&Disk, model_path, &mut report)?;
        let scenario = match &spec.scenario {
            Some(name) => {
                let path = format!("{model_path}/scenarios/{name}.toml");
                Some(edited(&Disk, Some(&path), &model, &[], &mut report)?)
            }
            None => None,
        };
        Ensemble::new(spec, spec_path, model, scenario.as_deref(), &mut report)
    });
    ensemble.unwrap_or_else(|| fail(&report.render(false, 100)))
}

fn with(ensemble: &Ensemble, values: &[Amount]) -> (Model, Scenario) {
    ensemble.with(values).unwrap_or_else(|report| fail(&report.render(false, 100)))
}

/// What a sample goes on from, as the runner has it: what has few values as drawn, all else in the middle.
fn anchored(ensemble: &Ensemble, values: &[Amount]) -> Vec<Amount> {
    let at = |(v, value): (usize, &Amount)| match &ensemble.variables[v].marginal {
        Marginal::Choice(_) => *value,
        other => other.middle(),
    };
    values.iter().enumerate().map(at).collect()
}

fn solved(model: &Model, scenario: &Scenario, prune: bool, near: Option<&Outcome>, shelf: &Shelf) -> Outcome {
    let quiet = Setup::quiet(Foresight::Perfect, Settings::default());
    let setup = Setup { prune, near, shelf, clock: &cpu_seconds, ..quiet };
    run(model, scenario, &setup).unwrap_or_else(|error| fail(&error.to_string()))
}

fn objective(outcome: &Outcome) -> f64 {
    outcome.plans[0].solution.objective
}

fn figures(outcome: &Outcome) -> Value {
    let plan = &outcome.plans[0];
    json!({
        "build": outcome.seconds.build,
        "solve": outcome.seconds.solve,
        "rows": plan.program.rows.len(),
        "went_on": plan.went_on,
    })
}

fn write(model: &Model, scenario: &Scenario, path: &str) {
    let (tags, space, plans) = prepare(model, scenario, Foresight::Perfect, false, None);
    let program = Program::new(model, &space, &plans[0].1, &State::initial(model, &tags, &space));
    let names = mps::Names { model, scenario, tags: &tags, space: &space };
    std::fs::write(path, mps::write(&program, &names)).unwrap_or_else(|e| fail(&format!("{path}: {e}")));
}
