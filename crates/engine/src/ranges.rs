//! Who exactly runs short is often not unique: for each short demand, the least and the greatest
//! total unmet among solutions that cost at most 1.0001 x the optimum.
//!
//! With announced foresight the steps carried out before the last plan stand as they are, and the
//! last plan is varied. For a demand that can be late, what is varied is the backlog at the end:
//! units that are late and caught up are not lost, and in a linear program the sum of a backlog's
//! growth has no greatest value.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_model::Model;
use rayon::prelude::*;

use crate::program::{Column, Program, Row};
use crate::results::carried_out;
use crate::results::summary::{Demands, Range, shortage_threshold};
use crate::run::Outcome;
use crate::solve::{Settings, SolveError, solve};

/// How much dearer than the optimum a solution may be, as a share of it.
const SLACK: f64 = 1e-4;

/// Ranges of the demands that run short, by id, as many at a time as there are cores. `tell` is
/// told how many of how many are done.
pub fn ranges(
    model: &Model,
    outcome: &Outcome,
    objective: f64,
    settings: Settings,
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<BTreeMap<String, Range>, SolveError> {
    let demands = Demands::new(model, outcome);
    let plan = outcome.plans.last().expect("a run has a plan");
    let short: Vec<usize> = (0..model.demands.len()).filter(|d| demands.first_short(*d).is_some()).collect();
    let spent = plan.solution.objective - plan.program.constant;
    let program = with_budget(&plan.program, spent + SLACK * objective.abs());
    let done = AtomicUsize::new(0);
    tell(0, short.len());
    let range = |program: &mut Program, d: &usize| -> Result<(String, Range), SolveError> {
        let late = model.demands[*d].late_cost.is_some();
        let last = model.steps() - 1;
        let counts = |column: &Column| match *column {
            Column::Unmet { demand, .. } => demand == *d && !late,
            Column::Backlog { demand, step } => demand == *d && late && step == last,
            _ => false,
        };
        // What was carried out before the last plan is not varied.
        let before: f64 = carried_out(outcome)
            .filter(|(_, _, column, _)| counts(column) && column.step().is_some_and(|step| step < plan.from))
            .map(|(_, _, _, value)| value)
            .sum();
        let mut end = |sign: f64| -> Result<f64, SolveError> {
            for (cost, column) in program.costs.iter_mut().zip(&program.columns) {
                *cost = if counts(column) { sign } else { 0.0 };
            }
            Ok(before + sign * solve(program, settings)?.objective)
        };
        let (least, greatest) = (end(1.0)?, end(-1.0)?);
        let threshold = shortage_threshold(demands.required[*d].iter().sum());
        let clean = |units: f64| if units <= threshold { 0.0 } else { units };
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, short.len());
        Ok((model.demands[*d].id.clone(), Range { least: clean(least), greatest: clean(greatest) }))
    };
    short.par_iter().map_with(program, range).collect()
}

/// The same program with one more row: costs at most `budget`.
pub(crate) fn with_budget(program: &Program, budget: f64) -> Program {
    let row = program.rows.len();
    let (mut start, mut index, mut value) = (vec![0], Vec::new(), Vec::new());
    for c in 0..program.columns.len() {
        let entries = program.start[c]..program.start[c + 1];
        index.extend_from_slice(&program.index[entries.clone()]);
        value.extend_from_slice(&program.value[entries]);
        if program.costs[c] != 0.0 {
            index.push(row);
            value.push(program.costs[c]);
        }
        start.push(index.len());
    }
    let mut rows = program.rows.clone();
    rows.push(Row::Budget);
    Program {
        columns: program.columns.clone(),
        lower: program.lower.clone(),
        upper: program.upper.clone(),
        costs: program.costs.clone(),
        duties: vec![0.0; program.columns.len()],
        rows,
        row_lower: program.row_lower.iter().copied().chain([f64::NEG_INFINITY]).collect(),
        row_upper: program.row_upper.iter().copied().chain([budget]).collect(),
        start,
        index,
        value,
        constant: 0.0,
    }
}
