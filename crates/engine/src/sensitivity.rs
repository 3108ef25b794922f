//! Which figures a run hangs on: what the total cost would be with each of them at the ends of its
//! range.
//!
//! One solve predicts all of them. With the optimum's quantities x and prices y (of rows) and z (of
//! columns) held, the program of the changed model costs by its Lagrangian
//!
//! ```text
//! (c' - c) x - y (A' - A) x + y (b' - b) + z (u' - u)
//! ```
//!
//! more than the one that was solved. The program is built anew with the figure at the end itself and
//! not a little way towards it, so that dates and leads, which count in whole steps, are figures like
//! others. What is bent in between (another limit binds, another way is cheaper) the prediction does
//! not see: where only bounds change it is never above the true change, where only costs change never
//! below. So those that matter most are solved again.
//!
//! All programs are built in the space of the unchanged model, so that a row or column stands for the
//! same thing in each. What comes anew is priced by the prices there are, as far as they say anything
//! of it; such a prediction, and that of a figure which is 0 and left its ways out of the space, is
//! marked as rough.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_model::uncertainty::{Amount, Range};
use coercivity_model::{Change, Date, Model, Scenario, changed};
use rayon::prelude::*;

use crate::policy::{Belief, Policy};
use crate::program::{Column, ColumnId, Program, Row, RowId};
use crate::results::headline::{named, shortages};
use crate::results::summary::costs;
use crate::run::{Foresight, Outcome, Setup, run};
use crate::solve::{Settings, Solution, SolveError};
use crate::space::Space;
use crate::state::State;
use crate::tags::Tags;

/// What a run found, as far as runs are compared here.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Total cost, discounted, in currency.
    pub objective: f64,
    /// The part of it that is unmet demand.
    pub unmet_value: f64,
    /// The need that the headline names first, and the first day on which it is short.
    pub headline: Option<(usize, Date)>,
}

/// A figure at one end of its range.
#[derive(Clone, Debug)]
pub struct End {
    pub to: Amount,
    /// Predicted change of the total cost, in currency; or why the model cannot have this figure.
    pub predicted: Result<f64, String>,
    /// Rows or columns come or go with the figure: the prediction is rough.
    pub rough: bool,
    /// What a run finds, where it was made.
    pub found: Option<Found>,
}

/// A figure with what is predicted and found at both ends of its range, the low one first.
#[derive(Clone, Debug)]
pub struct Effect {
    pub range: Range,
    pub ends: [End; 2],
}

impl Effect {
    /// The larger predicted effect, either way.
    pub fn size(&self) -> f64 {
        let sizes = self.ends.iter().map(|end| end.predicted.as_ref().map_or(0.0, |change| change.abs()));
        sizes.fold(0.0, f64::max)
    }

    /// Whether a run with this figure has another headline.
    pub fn moves_headline(&self, unchanged: &Found) -> bool {
        self.ends.iter().flat_map(|end| &end.found).any(|found| found.headline != unchanged.headline)
    }
}

/// What an outcome comes to.
pub fn found(model: &Model, outcome: &Outcome) -> Found {
    let (costs, unmet_value) = costs(outcome);
    let shortages = shortages(model, outcome);
    let headline = named(model, &shortages).first().map(|s| (s.demand, s.first));
    Found { objective: costs.total() + unmet_value, unmet_value, headline }
}

/// Predicts the effect of every range on the total cost from one outcome with perfect foresight. The
/// largest effects come first, equal ones in the order of the ranges. `tell` is told how many of how
/// many are done.
pub fn predict(
    model: &Model,
    scenario: &Scenario,
    outcome: &Outcome,
    ranges: &[Range],
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Effect> {
    let base = Base::new(model, scenario, outcome);
    let done = AtomicUsize::new(0);
    let effect = |range: &Range| {
        let ends = [range.low, range.high].map(|to| {
            let (predicted, rough) = match base.predict(range, to) {
                Ok((change, rough)) => (Ok(change), rough || range.best == Amount::Number(0.0)),
                Err(why) => (Err(why), false),
            };
            End { to, predicted, rough, found: None }
        });
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, ranges.len());
        Effect { range: range.clone(), ends }
    };
    let mut effects: Vec<Effect> = ranges.par_iter().map(effect).collect();
    effects.sort_by(|a, b| b.size().total_cmp(&a.size()));
    effects
}

/// Runs the model with each of the figures at each end that it can have and does not have already, with
/// perfect foresight, as many at a time as there are cores. `tell` is told how many of how many are done.
pub fn solve_again(
    model: &Model,
    scenario: &Scenario,
    effects: &mut [Effect],
    settings: Settings,
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), SolveError> {
    let jobs: Vec<(usize, usize)> = (0..effects.len())
        .flat_map(|e| [(e, 0), (e, 1)])
        .filter(|(e, end)| {
            let end = &effects[*e].ends[*end];
            end.predicted.is_ok() && end.to != effects[*e].range.best
        })
        .collect();
    let done = AtomicUsize::new(0);
    tell(0, jobs.len());
    let again = |(e, end): &(usize, usize)| -> Result<Found, SolveError> {
        let effect = &effects[*e];
        let model = moved(model, &effect.range, effect.ends[*end].to).expect("it could be predicted");
        let setup = Setup::quiet(Foresight::Perfect, settings);
        let found = found(&model, &run(&model, scenario, &setup)?);
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, jobs.len());
        Ok(found)
    };
    let found: Vec<Found> = jobs.par_iter().map(again).collect::<Result<_, _>>()?;
    for ((e, end), found) in jobs.into_iter().zip(found) {
        effects[e].ends[end].found = Some(found);
    }
    Ok(())
}

/// The model with one figure elsewhere, or why there is none.
fn moved(model: &Model, range: &Range, to: Amount) -> Result<Model, String> {
    let change = Change { table: range.table, row: range.row, column: range.column, to };
    changed(model, &[change]).map_err(|report| report.diagnostics()[0].message.clone())
}

/// The optimum that predictions start from.
struct Base<'a> {
    model: &'a Model,
    scenario: &'a Scenario,
    belief: Belief,
    tags: &'a Tags,
    space: &'a Space,
    program: &'a Program,
    solution: &'a Solution,
    row_of: HashMap<Row, RowId>,
    column_of: HashMap<Column, ColumnId>,
}

impl<'a> Base<'a> {
    fn new(model: &'a Model, scenario: &'a Scenario, outcome: &'a Outcome) -> Base<'a> {
        let plan = &outcome.plans[0];
        Base {
            model,
            scenario,
            belief: Belief::truth(model, scenario),
            tags: &outcome.tags,
            space: &outcome.space,
            program: &plan.program,
            solution: &plan.solution,
            row_of: positions(&plan.program.rows),
            column_of: positions(&plan.program.columns),
        }
    }

    /// Predicted change of the total cost, and whether the program has other rows or columns.
    fn predict(&self, range: &Range, to: Amount) -> Result<(f64, bool), String> {
        if to == range.best {
            return Ok((0.0, false));
        }
        let model = moved(self.model, range, to)?;
        let space = self.space.with_recipes(&model).ok_or("an input would be an output")?;
        let policy = Policy::new(&model, self.scenario, self.tags, &self.belief);
        let state = State::initial(&model, self.tags, &space);
        Ok(self.difference(&Program::new(&model, &space, &policy, &state)))
    }

    /// What the Lagrangian of another program is above that of the one solved.
    fn difference(&self, after: &Program) -> (f64, bool) {
        let (before, solution) = (self.program, self.solution);
        let rows = matched(&before.rows, &self.row_of, &after.rows);
        let columns = matched(&before.columns, &self.column_of, &after.columns);
        let same = before.rows.len() == after.rows.len()
            && before.columns.len() == after.columns.len()
            && rows.iter().chain(&columns).all(Option::is_some);
        let reduced = |program: &Program, column: ColumnId, price: &dyn Fn(RowId) -> f64| {
            let entries = program.start[column]..program.start[column + 1];
            program.costs[column] - entries.map(|e| price(program.index[e]) * program.value[e]).sum::<f64>()
        };

        let mut total = after.constant - before.constant;
        let mut prices: Vec<f64> = rows.iter().map(|r| r.map_or(0.0, |r| solution.row_duals[r])).collect();
        if !same {
            total += self.price_new_rows(after, &rows, &columns, &mut prices);
        }
        for (r, row) in rows.iter().enumerate() {
            if let Some(before_row) = *row {
                total += at_bound(prices[r], after.row_lower[r], after.row_upper[r])
                    - at_bound(prices[r], before.row_lower[before_row], before.row_upper[before_row]);
            }
        }
        for (c, column) in columns.iter().enumerate() {
            let cost = || reduced(after, c, &|r| prices[r]);
            if let Some(b) = *column {
                let z = solution.column_duals[b];
                total += at_bound(z, after.lower[c], after.upper[c]) - at_bound(z, before.lower[b], before.upper[b]);
                if solution.columns[b] != 0.0 {
                    total += (cost() - reduced(before, b, &|r| solution.row_duals[r])) * solution.columns[b];
                }
            } else {
                total += at_bound(cost(), after.lower[c], after.upper[c]);
            }
        }
        if !same {
            let (mut rows_left, mut columns_left) = (vec![false; before.rows.len()], vec![false; before.columns.len()]);
            rows.iter().flatten().for_each(|r| rows_left[*r] = true);
            columns.iter().flatten().for_each(|c| columns_left[*c] = true);
            for r in (0..before.rows.len()).filter(|r| !rows_left[*r]) {
                total -= at_bound(solution.row_duals[r], before.row_lower[r], before.row_upper[r]);
            }
            for c in (0..before.columns.len()).filter(|c| !columns_left[*c]) {
                total -= at_bound(solution.column_duals[c], before.lower[c], before.upper[c]);
            }
        }
        (total, !same)
    }

    /// Gives a new row whose columns are all new, and all add to it, the price at which the cheapest of
    /// them gains nothing: what a unit of a new need costs, or of a new capacity saves. Other new rows
    /// are free. Returns what the new rows cost.
    fn price_new_rows(
        &self,
        after: &Program,
        rows: &[Option<RowId>],
        columns: &[Option<ColumnId>],
        prices: &mut [f64],
    ) -> f64 {
        let mut entries: Vec<Vec<(ColumnId, f64)>> = vec![Vec::new(); rows.len()];
        for c in 0..columns.len() {
            for e in after.start[c]..after.start[c + 1] {
                if rows[after.index[e]].is_none() {
                    entries[after.index[e]].push((c, after.value[e]));
                }
            }
        }
        let mut total = 0.0;
        for r in (0..rows.len()).filter(|r| rows[*r].is_none()) {
            if entries[r].iter().any(|(c, value)| columns[*c].is_some() || *value < 0.0) {
                continue;
            }
            let open = entries[r].iter().filter(|(c, _)| after.upper[*c] == f64::INFINITY);
            let worth = open.map(|(c, value)| {
                let taken = (after.start[*c]..after.start[*c + 1]).map(|e| prices[after.index[e]] * after.value[e]);
                (after.costs[*c] - taken.sum::<f64>()) / value
            });
            let most = if after.row_lower[r].is_finite() { f64::INFINITY } else { 0.0 };
            let price = worth.fold(most, f64::min);
            if price.is_finite() {
                prices[r] = price;
                total += at_bound(price, after.row_lower[r], after.row_upper[r]);
            }
        }
        total
    }
}

/// A bound at its price: a price above 0 is that of the lower one, below 0 of the upper one.
fn at_bound(price: f64, lower: f64, upper: f64) -> f64 {
    let bound = if price > 0.0 { lower } else { upper };
    if bound.is_finite() { price * bound } else { 0.0 }
}

fn positions<T: Copy + Eq + Hash>(list: &[T]) -> HashMap<T, usize> {
    list.iter().enumerate().map(|(at, what)| (*what, at)).collect()
}

/// For each of `after`, the position of the same in `before`.
fn matched<T: Copy + Eq + Hash>(before: &[T], positions: &HashMap<T, usize>, after: &[T]) -> Vec<Option<usize>> {
    if before == after {
        return (0..after.len()).map(Some).collect();
    }
    after.iter().map(|what| positions.get(what).copied()).collect()
}
