//! Ensembles: what samples share changes nothing of what they find.

mod common;

use std::sync::Arc;

use coercivity_engine::ensemble::Ensemble;
use coercivity_engine::ensemble::sample::{Found, Kept, Record, Runner};
use coercivity_engine::ensemble::spec::read_spec;
use coercivity_engine::solve::Settings;
use coercivity_model::Report;
use common::Case;

/// Two steps, a mine, a plant that may open late, a stock, and a need of 10 a step.
fn ensemble(inputs: &str) -> Ensemble {
    let mut case = Case { path: "ensemble".into(), files: Default::default(), expectations: Vec::new() };
    let mut file = |name: &str, text: &str| case.files.insert(&format!("m/{name}"), text);
    file("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 2\n");
    file("regions.csv", "id\nA\nB\n");
    file("products.csv", "id,unit,stage,price\nore,t,ore,1\n");
    file("processes.csv", "process,product,amount\ndig,ore,1\n");
    file("sites.csv", "id,process,region,capacity,cost\nmine,dig,A,60,5\nfar,dig,B,60,6\n");
    file("lanes.csv", "from,to,product,cost,capacity\nB,A,ore,1,24\n");
    file("demands.csv", "id,region,amount,value\nneed,A,120,100\n");
    file("uses.csv", "demand,product,amount\nneed,ore,1\n");
    let (model, _) = case.input(None).unwrap();
    let mut report = Report::default();
    let text = format!("name = \"n\"\nsamples = 24\nseed = 7\n{inputs}");
    let made = read_spec("spec.toml", &text, &mut report)
        .and_then(|spec| Ensemble::new(spec, "spec.toml", model, None, &mut report));
    made.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

const MIXED: &str = "
[[input]]
id = \"capacity\"
table = \"sites\"
column = \"capacity\"
rows = [\"mine\"]
moves = \"times\"
low = 0.5
best = 1.0
high = 2.0
[[input]]
id = \"amount\"
table = \"demands\"
column = \"amount\"
moves = \"times\"
low = 0.5
best = 1.0
high = 1.5
";

fn runner(ensemble: &Ensemble, go_on: bool) -> Runner<'_> {
    Runner::new(ensemble, Settings::default(), go_on)
}

fn run(runner: &Runner, samples: impl IntoIterator<Item = usize>) -> Vec<Record> {
    runner.run(&samples.into_iter().collect::<Vec<_>>(), &|_| true).unwrap()
}

/// To the last bit: numbers are printed in full.
fn in_full(records: &[Record]) -> String {
    format!("{records:#?}")
}

#[test]
fn what_a_pilot_kept_changes_nothing() {
    let ensemble = ensemble(MIXED);
    let kept = Arc::new(Kept::default());
    let pilot = run(&runner(&ensemble, true).keeping(kept.clone()), 0..8);
    assert!(pilot.iter().any(|r| matches!(&*r.outcome, Found::Optimal(figures) if figures.went_on > 0)));
    kept.keep(&pilot);
    for go_on in [true, false] {
        let alone = run(&runner(&ensemble, go_on), 0..24);
        let after = run(&runner(&ensemble, go_on).keeping(kept.clone()), 0..24);
        assert_eq!(in_full(&alone), in_full(&after));
        let went_on = |record: &Record| matches!(&*record.outcome, Found::Optimal(figures) if figures.went_on > 0);
        assert!(go_on || !after.iter().any(went_on), "what went on is not an answer for those that do not");
        // What the pilot found is taken, not found again.
        let taken = pilot.iter().zip(&after).filter(|(a, b)| Arc::ptr_eq(&a.outcome, &b.outcome)).count();
        assert_eq!(taken, pilot.iter().filter(|record| go_on || !went_on(record)).count());
    }
}

#[test]
fn parts_and_order_change_nothing() {
    let ensemble = ensemble(MIXED);
    let whole = run(&runner(&ensemble, true), 0..24);
    let mut parts: Vec<Record> =
        [17..24, 0..3, 3..17].into_iter().flat_map(|part| run(&runner(&ensemble, true), part.rev())).collect();
    parts.sort_by_key(|record| record.sample);
    assert_eq!(in_full(&whole), in_full(&parts));
}

#[test]
fn going_on_finds_the_optimum_of_running_anew() {
    let ensemble = ensemble(MIXED);
    for (a, b) in run(&runner(&ensemble, true), 0..24).iter().zip(&run(&runner(&ensemble, false), 0..24)) {
        let (Found::Optimal(a), Found::Optimal(b)) = (&*a.outcome, &*b.outcome) else { panic!("no optimum") };
        assert!((a.objective - b.objective).abs() <= 1e-6 * b.objective.abs(), "{} and {}", a.objective, b.objective);
        assert_eq!(a.first_short, b.first_short);
    }
}
