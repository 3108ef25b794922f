//! Whoever watches a run can end it: between plans, in the interior point, in the simplex method.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_engine::program::Program;
use coercivity_engine::run::{Setup, Stage, prepare};
use coercivity_engine::solve::{Method, Settings, SolveError, Solver, solve};
use coercivity_engine::state::State;
use coercivity_engine::{Foresight, Progress, run};
use coercivity_model::{Model, Report, Scenario, read_model};
use common::{Case, root};

/// The reference model on the disk: large enough for both methods to ask more than once.
fn reference() -> Model {
    let folder = root().join("models/magnets");
    let mut files = coercivity_model::MemoryFiles::default();
    for path in common::files_below(&folder, "csv").into_iter().chain([folder.join("model.toml")]) {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_string();
        files.insert(&format!("m/{name}"), std::fs::read(&path).unwrap());
    }
    read_model(&files, "m", &mut Report::default()).unwrap().in_quarters()
}

#[test]
fn both_methods_end_when_they_are_told_to() {
    let (model, scenario) = (reference(), Scenario::default());
    let (tags, space, policies) = prepare(&model, &scenario, Foresight::Perfect, true, None);
    let program = Program::new(&model, &space, &policies[0].1, &State::initial(&model, &tags, &space));
    for method in [Method::InteriorPoint, Method::Simplex] {
        let settings = Settings { method, ..Settings::default() };
        let asked = AtomicUsize::new(0);
        let count = || {
            asked.fetch_add(1, Ordering::Relaxed);
            false
        };
        let never = Solver { stop: &count, ..Solver::new(settings) }.solve(&program);
        let asked = asked.into_inner();
        assert!(asked > 100, "{method:?} asked {asked} times");
        // To be asked changes no digit.
        assert_eq!(never.unwrap().0.columns, solve(&program, settings).unwrap().columns, "{method:?}");
        for after in [0, asked / 2] {
            let left = AtomicUsize::new(after);
            let stop = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err();
            let stopped = Solver { stop: &stop, ..Solver::new(settings) }.solve(&program).map(|_| ()).unwrap_err();
            assert_eq!(stopped, SolveError::Interrupted, "{method:?}");
        }
    }
}

/// Wants no more once the second plan is begun.
struct Impatient(AtomicUsize);

impl Progress for Impatient {
    fn stage(&self, stage: Stage) {
        if let Stage::Building { plan, .. } = stage {
            self.0.store(plan, Ordering::Relaxed);
        }
    }

    fn stop(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

#[test]
fn a_run_ends_with_the_plan_that_nobody_wants() {
    let case = Case::read(&root().join("tests/cases/announced/announced-by-the-middle-day.md"));
    let (model, scenario) = case.input(Some("scenario-feb-15.toml")).unwrap_or_else(|_| panic!("the case is right"));
    let progress = Impatient(AtomicUsize::new(0));
    let setup =
        Setup { clock: &|| 0.0, progress: &progress, ..Setup::quiet(Foresight::Announced, Settings::default()) };
    assert_eq!(run(&model, &scenario, &setup).err(), Some(SolveError::Interrupted));
    assert_eq!(progress.0.into_inner(), 2);
}
