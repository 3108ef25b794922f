//! One loss: how long it is survived, and what it costs.

use super::search::{self, Beside};
use super::{Base, Lost, Survival};
use crate::node::Loss;
use crate::program::{Column, Program, Row};
use crate::results::summary::shortage_threshold;
use crate::solve::{ONE_CHANGE, Solution, SolveError, Solver};

/// Quantities below this are rounding of the solver.
const NOTHING: f64 = 1e-9;

/// How a loss was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Unused,
    Warm,
    Cold,
}

/// Settles a loss. `untouched` is what holds with nothing lost, and `witness` the plan that proves how long.
pub(super) fn settle(
    base: &Base,
    untouched: &Survival,
    witness: Option<&(Program, Solution)>,
    loss: &Loss,
) -> Result<(Survival, Way), SolveError> {
    let policy = base.ground.policy.without(loss);
    let is_used = |program: &Program, solution: &Solution| {
        let mut columns = program.columns.iter().zip(&solution.columns);
        columns.any(|(column, value)| *value > NOTHING && is_lost(base, loss, *column))
    };
    let solver = Solver { shelf: &base.shelf, ..Solver::new(base.ground.settings) };
    let narrowed = without(base, loss);
    let (program, found, way) = if !is_used(&base.program, &base.solution) {
        (narrowed, None, Way::Unused)
    } else if let Some(found) = solver.solve_from(&narrowed, &base.basis, &ONE_CHANGE)?.optimum() {
        (narrowed, Some(found), Way::Warm)
    } else {
        let program = Program::new(base.ground.model, base.ground.space, &policy, base.ground.state);
        let found = Solver::new(base.ground.settings).solve(&program)?;
        (program, Some(found), Way::Cold)
    };
    let (solution, basis) = found.as_ref().map_or((&base.solution, &base.basis), |(solution, basis)| (solution, basis));
    let mut survival = Survival {
        node: loss.node.clone(),
        value_at_risk: (solution.objective - base.solution.objective).max(0.0),
        lost: lost(base, &program, solution),
        ..untouched.clone()
    };
    let known = base.ground.first_short(&program, solution);
    // It lasts no longer than with nothing lost, so a plan that lasts as long without the node proves it.
    let spared = witness.is_some_and(|(program, solution)| !is_used(program, solution));
    if !spared && known < base.ground.model.steps() - base.ground.state.step {
        let beside = Beside { most: untouched.lasts, program: &program, basis, solver };
        let found = search::lasts(&base.ground, &policy, known, Some(&beside))?;
        (survival.lasts, survival.short) = (found.lasts, found.short);
    }
    Ok((survival, way))
}

fn is_lost(base: &Base, loss: &Loss, column: Column) -> bool {
    match column {
        Column::Activity { run, step } => {
            let run = &base.ground.space.runs[run];
            loss.steps.contains(&step) && loss.node.activities.contains(&(run.site, run.process))
        }
        Column::Flow { crossing, step } => {
            loss.steps.contains(&step) && loss.node.lanes.contains(&base.ground.space.crossings[crossing].lane)
        }
        _ => false,
    }
}

/// The program with nothing lost, its columns of the node held at 0: of the same rows and columns, so that the basis
/// fits.
fn without(base: &Base, loss: &Loss) -> Program {
    let mut program = base.program.clone();
    for c in 0..program.columns.len() {
        if is_lost(base, loss, program.columns[c]) {
            (program.lower[c], program.upper[c]) = (0.0, 0.0);
        }
    }
    for r in 0..program.rows.len() {
        if let Row::Capacity { site, step } = program.rows[r]
            && loss.steps.contains(&step)
            && base.ground.model.sites[site].processes.iter().all(|q| loss.node.activities.contains(&(site, *q)))
        {
            // The minimum goes with the site.
            program.row_lower[r] = f64::NEG_INFINITY;
        }
    }
    program
}

/// What each demand loses: unmet without the node less unmet with it.
fn lost(base: &Base, program: &Program, solution: &Solution) -> Vec<Lost> {
    let (after, before) = (unmet(base, program, solution), unmet(base, &base.program, &base.solution));
    let years = base.ground.model.calendar.years_per_step() * base.ground.model.steps() as f64;
    let change = |(after, before): (Lost, Lost)| {
        let lost = Lost { units: after.units - before.units, value: after.value - before.value, ..after };
        let required = base.ground.model.demands[lost.demand].amount * years;
        (lost.units.abs() > shortage_threshold(required)).then_some(lost)
    };
    let mut list: Vec<Lost> = after.into_iter().zip(before).filter_map(change).collect();
    list.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.demand.cmp(&b.demand)));
    list
}

/// What each demand goes without in a plan.
fn unmet(base: &Base, program: &Program, solution: &Solution) -> Vec<Lost> {
    let nothing = |demand| Lost { demand, units: 0.0, value: 0.0 };
    let mut list: Vec<Lost> = (0..base.ground.model.demands.len()).map(nothing).collect();
    for ((column, units), cost) in program.columns.iter().zip(&solution.columns).zip(&program.costs) {
        match *column {
            Column::Unmet { demand, .. } => {
                list[demand].units += units;
                list[demand].value += units * cost;
            }
            Column::Backlog { demand, .. } => list[demand].value += units * cost,
            Column::CatchUp { demand, .. } => list[demand].units -= units,
            _ => {}
        }
    }
    list
}
