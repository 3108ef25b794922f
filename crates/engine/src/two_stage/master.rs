//! The program of the decisions, which knows of the scenarios what cuts say.
//!
//! Costs of the scenarios are counted from what they were at the first decisions asked for, in a unit that the decisions
//! can move them by: what matters are differences of a plan, which are small against all that a scenario costs.

use highs::HighsModelStatus;

use super::First;
use super::benders::Asked;
use super::subproblem::Cut;
use crate::solve::linear::Linear;
use crate::solve::{Held, SolveError, Stop, power_of_two};

/// What the cuts of a scenario say.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// What its costs are counted from.
    pub base: Option<f64>,
    pub costs: Vec<Cut>,
    pub possible: Vec<Cut>,
}

pub(super) struct Master {
    held: Held,
    decisions: usize,
    whole: Vec<bool>,
    /// By scenario, the column of its cost.
    cost_of: Vec<Option<usize>>,
    base: Vec<f64>,
    unit: f64,
    /// What the objective leaves out, in money.
    constant: f64,
}

/// The best decisions as far as cuts tell.
pub(super) struct Proposal {
    pub decisions: Vec<f64>,
    /// Costs of the scenarios as far as cuts tell; empty where they are left out.
    pub costs: Vec<Option<f64>>,
    /// No decisions come to less, in money.
    pub bound: f64,
}

impl Master {
    /// The program with all that is known. `relaxed`: whole numbers may be broken. Without `costs`, those of the
    /// decisions alone count.
    pub fn new(asked: &Asked, known: &[Known], relaxed: bool, costs: bool) -> Master {
        let first = asked.first;
        let n = first.costs.len();
        let active: Vec<usize> = asked.active();
        let slopes = active.iter().flat_map(|k| &known[*k].costs).flat_map(|cut| cut.slopes.iter().enumerate());
        let moves = slopes.chain(first.costs.iter().enumerate()).map(|(x, slope)| slope.abs() * first.range(x));
        let most = moves.fold(0.0, f64::max);
        let unit = if most > 0.0 { power_of_two(most) } else { 1.0 };

        let mut columns: Vec<(f64, f64, f64)> =
            (0..n).map(|x| (first.costs[x] / unit, first.lower[x], first.upper[x])).collect();
        let mut rows: Vec<(f64, f64)> = Vec::new();
        let mut entries: Vec<(usize, usize, f64)> = Vec::new();
        for (r, row) in first.rows.iter().enumerate() {
            let scale = row_scale(first, r);
            entries.extend(row.entries.iter().map(|(x, value)| (rows.len(), *x, value * scale)));
            rows.push((row.lower * scale, row.upper * scale));
        }
        let mut cost_of = vec![None; known.len()];
        let base: Vec<f64> = known.iter().map(|known| known.base.unwrap_or(0.0)).collect();
        let mut constant = 0.0;
        let risk = asked.risk;
        if costs {
            let middle = active.iter().map(|k| base[*k]).sum::<f64>() / active.len().max(1) as f64;
            for k in &active {
                cost_of[*k] = Some(columns.len());
                let probability = asked.probabilities[*k];
                columns.push(((1.0 - risk.weight) * probability, f64::NEG_INFINITY, f64::INFINITY));
                constant += (1.0 - risk.weight) * probability * base[*k];
            }
            if risk.weight > 0.0 {
                // CVaR = min over v of v + the mean of what lies above v, over 1 - alpha.
                let value = columns.len();
                columns.push((risk.weight, f64::NEG_INFINITY, f64::INFINITY));
                constant += risk.weight * middle;
                for k in &active {
                    let above = columns.len();
                    columns.push((risk.weight * asked.probabilities[*k] / (1.0 - risk.level), 0.0, f64::INFINITY));
                    let row = rows.len();
                    entries.extend([(row, above, 1.0), (row, value, 1.0)]);
                    entries.push((row, cost_of[*k].expect("just made"), -1.0));
                    rows.push(((base[*k] - middle) / unit, f64::INFINITY));
                }
            }
        }
        let whole: Vec<bool> = first.whole.iter().map(|whole| *whole && !relaxed).collect();
        let mut held = Held::new(&Linear::new(&columns, &rows, &entries), &whole);
        for tolerance in ["primal_feasibility_tolerance", "dual_feasibility_tolerance"] {
            held.number_option(tolerance, 1e-9);
        }
        held.number_option("mip_feasibility_tolerance", 1e-9);
        held.number_option("mip_rel_gap", 1e-9);
        held.number_option("mip_abs_gap", 1e-9);
        let mut master = Master { held, decisions: n, whole, cost_of, base, unit, constant };
        for k in active {
            known[k].possible.iter().for_each(|cut| master.possible(cut));
            known[k].costs.iter().for_each(|cut| master.costs(k, cut));
        }
        master
    }

    /// Adds what a scenario costs at least.
    pub fn costs(&mut self, scenario: usize, cut: &Cut) {
        let Some(column) = self.cost_of[scenario] else { return };
        let mut entries: Vec<(usize, f64)> =
            cut.slopes.iter().enumerate().filter(|(_, s)| **s != 0.0).map(|(x, s)| (x, -s / self.unit)).collect();
        entries.push((column, 1.0));
        self.held.add_row((cut.constant - self.base[scenario]) / self.unit, f64::INFINITY, &entries);
    }

    /// Adds what decisions are possible.
    pub fn possible(&mut self, cut: &Cut) {
        let entries: Vec<(usize, f64)> =
            cut.slopes.iter().enumerate().filter(|(_, s)| **s != 0.0).map(|(x, s)| (x, *s)).collect();
        self.held.add_row(f64::NEG_INFINITY, -cut.constant, &entries);
    }

    /// The best decisions as far as cuts tell. `Err(Infeasible)`: there are none.
    pub fn propose(&mut self, stop: &Stop) -> Result<Proposal, SolveError> {
        let mut status = self.held.solve(stop).map_err(SolveError::Trouble)?;
        if !matches!(
            status,
            HighsModelStatus::Optimal | HighsModelStatus::Infeasible | HighsModelStatus::ReachedInterrupt
        ) {
            self.held.forget();
            status = self.held.solve(stop).map_err(SolveError::Trouble)?;
        }
        match status {
            HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => {}
            HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
                return Err(SolveError::Infeasible);
            }
            HighsModelStatus::ReachedInterrupt => return Err(SolveError::Interrupted),
            status => return Err(SolveError::Trouble(format!("the program of the decisions: {status:?}"))),
        }
        let (columns, _) = self.held.solution();
        let is_whole = |x: usize| self.whole[x];
        let decisions: Vec<f64> =
            (0..self.decisions).map(|x| if is_whole(x) { columns[x].round() } else { columns[x] }).collect();
        let costs = (self.cost_of.iter().zip(&self.base))
            .map(|(column, base)| column.map(|column| columns[column] * self.unit + base))
            .collect();
        let name = if self.whole.iter().any(|w| *w) { "mip_dual_bound" } else { "objective_function_value" };
        let found = self.held.figure(name).unwrap_or(f64::NEG_INFINITY);
        Ok(Proposal { decisions, costs, bound: found * self.unit + self.constant })
    }

    /// What one more unit of a row's binding bound would change the objective by, in money, with whole numbers as they are.
    pub fn price(&mut self, first: &First, row: usize, decisions: &[f64], stop: &Stop) -> Result<f64, SolveError> {
        for x in (0..decisions.len()).filter(|x| first.whole[*x]) {
            self.held.set_column(x, decisions[x], decisions[x]);
        }
        self.propose(stop)?;
        let (_, duals) = self.held.solution();
        Ok(duals[row] * row_scale(first, row) * self.unit)
    }
}

/// What a row of the decisions is multiplied by, so that tolerances speak of shares of its largest entry.
fn row_scale(first: &First, row: usize) -> f64 {
    let entries = &first.rows[row].entries;
    let size = entries.iter().fold(0.0_f64, |most, (x, v)| most.max((v * first.range(*x)).abs()));
    if size > 0.0 { 1.0 / power_of_two(size) } else { 1.0 }
}
