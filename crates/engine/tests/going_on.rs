//! A solve that goes on from the basis of one before, against the same program solved anew.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::node::Node;
use coercivity_engine::program::{Column, Program};
use coercivity_engine::solve::{Leg, NO_SHELF, Reached, Settings, Shelf, Solver};
use coercivity_model::calendar::Calendar;
use coercivity_model::{Model, Report, Scenario, read_model};
use common::{Disk, outcome, root};

/// To the end, by exact weights.
const ALL: Leg = Leg { steps: 1000.0, devex: false, hopeful: 0.0 };

/// A hundred steps, the least there are.
fn few(hopeful: f64) -> Leg {
    Leg { steps: 0.0, devex: true, hopeful }
}

/// The reference model for a year.
fn model() -> Model {
    let mut report = Report::default();
    let model = read_model(&Disk(root()), "models/magnets", &mut report).expect("the model is right");
    Model { calendar: Calendar::new(model.start, model.step, 12).unwrap(), ..model }
}

/// The program with what Chinese separation makes held at 0.
fn without_chinese_separation(model: &Model, space: &coercivity_engine::space::Space, program: &Program) -> Program {
    let node = Node::parse(model, "CHN:oxide").unwrap();
    let mut program = program.clone();
    for c in 0..program.columns.len() {
        if let Column::Activity { run, .. } = program.columns[c]
            && node.activities.contains(&(space.runs[run].site, space.runs[run].process))
        {
            program.upper[c] = 0.0;
        }
    }
    program
}

#[test]
fn however_the_way_is_parted_it_ends_at_the_optimum_or_is_given_up() {
    let model = model();
    let base = outcome(&model, &Scenario::default(), Foresight::Perfect, true);
    let plan = &base.plans[0];
    let program = without_chinese_separation(&model, &base.space, &plan.program);
    let (anew, _) = Solver::new(Settings::default()).solve(&program).unwrap();
    assert!(anew.objective > plan.solution.objective * 1.01, "the loss costs something");

    let shelf = Shelf::new(1);
    for shelf in [&NO_SHELF, &shelf] {
        let solver = Solver { shelf, ..Solver::new(Settings::default()) };
        let from = |program: &Program, legs: &[Leg]| solver.solve_from(program, &plan.basis, legs).unwrap();
        for legs in [&[ALL][..], &[few(1.1), ALL], &[few(1.1), few(1.1), few(1.1), ALL]] {
            let there = from(&program, legs).optimum().expect("it is allowed all steps");
            assert!((there.0.objective / anew.objective - 1.0).abs() < 1e-9, "{legs:?}");
        }
        // Where it does not suffice, and where no hope is left, there is no answer; nothing is left over from it for
        // the next.
        assert!(matches!(from(&program, &[few(0.0)]), Reached::GivenUp));
        assert!(matches!(from(&program, &[few(1e-9), ALL]), Reached::GivenUp));
        assert!(matches!(from(&program, &[few(1.1)]), Reached::GivenUp));
        // Nobody may go without, which cannot be.
        let mut met = program.clone();
        for c in 0..met.columns.len() {
            if let Column::Unmet { .. } = met.columns[c] {
                met.upper[c] = 0.0;
            }
        }
        assert!(matches!(from(&met, &[ALL]), Reached::Nothing));
        // The program itself, in no step at all.
        let same = from(&plan.program, &[few(0.0)]).optimum().expect("it is there");
        assert!((same.0.objective / plan.solution.objective - 1.0).abs() < 1e-9);
    }
    assert!(shelf.changed_in_place() > 0);
}
