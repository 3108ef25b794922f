//! What holds of the method `market` on random models, whatever people fear, hoard or pay.

use coercivity_engine::Foresight;
use coercivity_engine::market::Market;
use coercivity_engine::run::Outcome;
use coercivity_model::Behaviour;
use coercivity_model::behaviour::PARAMETERS;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::outcome;
use crate::draft::{Style, drafts};
use crate::{at_most, books, config};

/// Balances and limits, against what moves in them.
const TOLERANCE: f64 = 1e-9;

/// Behaviour anywhere in what is possible, more often near what is usual.
fn behaviours() -> impl Strategy<Value = Behaviour> {
    vec((any::<bool>(), 0.0..1.0_f64), PARAMETERS.len()).prop_map(|draws| {
        let mut behaviour = Behaviour::default();
        for (p, (usual, share)) in PARAMETERS.iter().zip(draws) {
            let (least, most) = (p.least, p.most.min(p.least + 10.0 * (p.value - p.least).abs().max(0.1)));
            if !usual {
                *behaviour.by_name(p.name).unwrap() = least + share * (most - least);
            }
        }
        behaviour
    })
}

proptest! {
    #![proptest_config(config(1000, 31))]
    #[test]
    fn a_market_keeps_every_row_of_the_program(draft in drafts(), behaviour in behaviours()) {
        let (model, scenario) = draft.input(&Style::default());
        let market = Market::new(&model, &scenario, None);
        let record = market.run(&behaviour);
        let found = market.outcome(&record);
        let (by, what) = violation(&found);
        prop_assert!(by <= TOLERANCE, "{by}: {what}\n{}", draft.text());
        prop_assert!(found.plans[0].solution.columns.iter().all(|value| value.is_finite() && *value >= 0.0));
        // The same from the specification, read off the scenario and not off the program.
        let mut wrong = books::imbalances(&market.model, &scenario, &found);
        wrong.extend(books::broken_limits(&market.model, &scenario, &found));
        prop_assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), draft.text());
    }
}

proptest! {
    #![proptest_config(config(1000, 32))]
    #[test]
    fn a_market_is_never_better_than_the_optimum(draft in drafts()) {
        let (model, scenario) = draft.input(&Style::default());
        let market = Market::new(&model, &scenario, None);
        let found = market.outcome(&market.run(&market.behaviour()));
        let best = outcome(&market.model, &scenario, Foresight::Perfect, true);
        at_most("optimum and market", best.plans[0].solution.objective, found.plans[0].solution.objective, &draft)?;
    }
}

/// How far a run of one plan is from satisfying its program: the largest violation of a row or bound, relative to what moves in
/// it, and where.
fn violation(outcome: &Outcome) -> (f64, String) {
    let plan = &outcome.plans[0];
    let (program, values) = (&plan.program, &plan.solution.columns);
    let (mut activity, mut size) = (vec![0.0; program.rows.len()], vec![1.0_f64; program.rows.len()]);
    let mut worst = (0.0, String::new());
    let mut note = |by: f64, what: &dyn Fn() -> String| {
        if by > worst.0 {
            worst = (by, what());
        }
    };
    for (c, value) in values.iter().enumerate() {
        for e in program.start[c]..program.start[c + 1] {
            let units = program.value[e] * value;
            activity[program.index[e]] += units;
            size[program.index[e]] = size[program.index[e]].max(units.abs());
        }
        let by = (program.lower[c] - value).max(value - program.upper[c]) / value.abs().max(1.0);
        let bounds = || format!("{:?}: {value} not in {}..{}", program.columns[c], program.lower[c], program.upper[c]);
        note(by, &bounds);
    }
    for (r, row) in program.rows.iter().enumerate() {
        let by = (program.row_lower[r] - activity[r]).max(activity[r] - program.row_upper[r]) / size[r];
        note(by, &|| format!("{row:?}: {} not in {}..{}", activity[r], program.row_lower[r], program.row_upper[r]));
    }
    worst
}
