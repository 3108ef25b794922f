//! One scenario: what it costs at given decisions, and what that says of other decisions.
//!
//! Its program stays in HiGHS with the basis of the last optimum. Decisions move bounds of rows alone, so that basis stays
//! dual feasible, and a few steps of the dual simplex method lead to the next optimum. What is found depends on the
//! decisions that were asked for before, in their order, and on nothing else.

use highs::HighsModelStatus;

use super::Scenario;
use crate::solve::linear::Linear;
use crate::solve::{Held, Scaling, SolveError, Stop, TOLERANCE};

/// What a scenario says of all decisions x: that its cost is at least `constant + slopes x`, or, if it is about what is
/// possible at all, that `constant + slopes x <= 0`.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub constant: f64,
    /// By decision.
    pub slopes: Vec<f64>,
}

impl Cut {
    pub fn at(&self, decisions: &[f64]) -> f64 {
        self.constant + self.slopes.iter().zip(decisions).map(|(slope, x)| slope * x).sum::<f64>()
    }
}

/// What comes of decisions in a scenario.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Costs(f64, Cut),
    Impossible(Cut),
}

pub(super) struct Subproblem<'a> {
    program: &'a Linear,
    /// By row that decisions stand in: (row, its entries).
    rows: Vec<(usize, Vec<(usize, f64)>)>,
    decisions: usize,
    /// What HiGHS has, made when it is first asked for.
    held: Option<(Held, Scaling)>,
}

/// From so many rows on, the first optimum is sought from within, and not along the edges.
const LARGE: usize = 500;

/// Steps for each row after which a warm start is given up.
const STEPS_PER_ROW: f64 = 1.0;
const LEAST_STEPS: i32 = 1000;

impl<'a> Subproblem<'a> {
    pub fn new(scenario: &'a Scenario, decisions: usize) -> Subproblem<'a> {
        let mut links = scenario.links.clone();
        links.sort_by_key(|link| (link.row, link.decision));
        let mut rows: Vec<(usize, Vec<(usize, f64)>)> = Vec::new();
        for link in links {
            match rows.last_mut() {
                Some((row, entries)) if *row == link.row => entries.push((link.decision, link.value)),
                _ => rows.push((link.row, vec![(link.decision, link.value)])),
            }
        }
        Subproblem { program: &scenario.program, rows, decisions, held: None }
    }

    /// What comes of decisions.
    pub fn at(&mut self, decisions: &[f64], stop: &Stop) -> Result<Answer, SolveError> {
        let fresh = self.held.is_none();
        let (mut held, scaling) = self.held.take().unwrap_or_else(|| hand_over(self.program));
        for (row, entries) in &self.rows {
            let moved: f64 = entries.iter().map(|(x, value)| value * decisions[*x]).sum();
            let scale = scaling.of_row(*row);
            let (lower, upper) = (self.program.row_lower[*row], self.program.row_upper[*row]);
            held.set_row(*row, (lower - moved) * scale, (upper - moved) * scale);
        }
        // Where it was stopped or in trouble, the next one begins anew: what it finds must not hang on when that was.
        let status = settle(&mut held, fresh, self.program.row_lower.len(), stop)?;
        let answer = match status {
            HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => {
                let (columns, duals) = held.solution();
                Ok(self.costs(decisions, &scaling, &columns, &duals))
            }
            HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
                held.dual_ray().and_then(|ray| self.impossible(decisions, &scaling, &ray)).ok_or_else(|| {
                    SolveError::Trouble(
                        "a scenario seems to have no solution, and no proof of it was found".to_string(),
                    )
                })
            }
            HighsModelStatus::Unbounded => Err(SolveError::Unbounded),
            status => Err(SolveError::Trouble(format!("{status:?}"))),
        }?;
        self.held = Some((held, scaling));
        Ok(answer)
    }

    fn costs(&self, decisions: &[f64], scaling: &Scaling, columns: &[f64], duals: &[f64]) -> Answer {
        let program = self.program;
        let unscaled: Vec<f64> = (0..columns.len())
            .map(|c| (columns[c] * scaling.unit(c)).clamp(program.lower[c], program.upper[c]))
            .collect();
        let cost = program.cost(&unscaled);
        let mut slopes = vec![0.0; self.decisions];
        for (row, entries) in &self.rows {
            // The dual is what the optimum moves by when the row's bound does; decisions move that the other way.
            let dual = duals[*row] * scaling.rows[*row] / scaling.objective;
            entries.iter().for_each(|(x, value)| slopes[*x] -= dual * value);
        }
        let constant = cost - slopes.iter().zip(decisions).map(|(slope, x)| slope * x).sum::<f64>();
        Answer::Costs(cost, Cut { constant, slopes })
    }

    /// The cut of a ray: weights of the rows under which no columns reach the bounds.
    fn impossible(&self, decisions: &[f64], scaling: &Scaling, ray: &[f64]) -> Option<Answer> {
        let cut = |sign: f64| {
            let program = self.program;
            let weights: Vec<f64> = ray.iter().zip(&scaling.rows).map(|(w, scale)| sign * w * scale).collect();
            let largest = weights.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
            // What the rows ask for, less the most that columns can give.
            let (mut constant, mut slopes) = (0.0, vec![0.0; self.decisions]);
            for (r, weight) in weights.iter().enumerate() {
                let bound = if *weight > 0.0 { program.row_lower[r] } else { program.row_upper[r] };
                if *weight == 0.0 || (!bound.is_finite() && weight.abs() <= 1e-9 * largest) {
                    continue;
                }
                constant += weight * bound;
            }
            for c in 0..program.costs.len() {
                let given: f64 = (program.start[c]..program.start[c + 1])
                    .map(|e| weights[program.index[e]] * program.value[e])
                    .sum();
                let size: f64 = (program.start[c]..program.start[c + 1])
                    .map(|e| (weights[program.index[e]] * program.value[e]).abs())
                    .fold(0.0, f64::max);
                if given.abs() > 1e-8 * size {
                    constant -= given * if given > 0.0 { program.upper[c] } else { program.lower[c] };
                }
            }
            for (row, entries) in &self.rows {
                entries.iter().for_each(|(x, value)| slopes[*x] -= weights[*row] * value);
            }
            let size = slopes.iter().fold(constant.abs(), |most, slope| most.max(slope.abs()));
            Cut { constant: constant / size, slopes: slopes.iter().map(|slope| slope / size).collect() }
        };
        // Which sign a ray has is the solver's own affair: the one that proves it is the right one.
        [1.0, -1.0]
            .map(cut)
            .into_iter()
            .find(|cut| cut.constant.is_finite() && cut.at(decisions) > 0.0)
            .map(Answer::Impossible)
    }
}

/// Solves from the basis that there is, anew where that takes too long, and so that there is a proof where it has no
/// solution.
fn settle(held: &mut Held, fresh: bool, rows: usize, stop: &Stop) -> Result<HighsModelStatus, SolveError> {
    let anew = |held: &mut Held, method: &str| {
        held.forget();
        held.word_option("solver", method);
        held.word_option("presolve", if method == "ipx" { "choose" } else { "off" });
        held.whole_option("simplex_iteration_limit", i32::MAX);
        held.solve(stop).map_err(SolveError::Trouble)
    };
    let warm = |held: &mut Held| {
        held.word_option("solver", "simplex");
        held.word_option("presolve", "off");
        held.whole_option("simplex_iteration_limit", ((rows as f64 * STEPS_PER_ROW) as i32).max(LEAST_STEPS));
        held.solve(stop).map_err(SolveError::Trouble)
    };
    let mut status = match fresh {
        true if rows >= LARGE => anew(held, "ipx")?,
        true => anew(held, "simplex")?,
        false => warm(held)?,
    };
    let done = |status| {
        matches!(
            status,
            HighsModelStatus::Optimal
                | HighsModelStatus::ModelEmpty
                | HighsModelStatus::Infeasible
                | HighsModelStatus::Unbounded
                | HighsModelStatus::ReachedInterrupt
        )
    };
    if !fresh && rows >= LARGE && !done(status) {
        status = anew(held, "ipx")?;
    }
    let from_within = (fresh || status != HighsModelStatus::Infeasible) && rows >= LARGE;
    if !done(status) || (status == HighsModelStatus::Infeasible && from_within) {
        // The simplex method may do where the other did not, and it has the proof.
        status = anew(held, "simplex")?;
    }
    match status {
        HighsModelStatus::ReachedInterrupt => Err(SolveError::Interrupted),
        status => Ok(status),
    }
}

/// The scaled program in HiGHS.
fn hand_over(program: &Linear) -> (Held, Scaling) {
    let scaling = Scaling::new(program.into());
    let scaled = scaled(program, &scaling);
    let mut held = Held::new(&scaled, &[]);
    held.whole_option("simplex_scale_strategy", 0);
    for tolerance in ["primal_feasibility_tolerance", "dual_feasibility_tolerance"] {
        held.number_option(tolerance, TOLERANCE);
    }
    (held, scaling)
}

/// A program in the units of its scaling.
pub(super) fn scaled(program: &Linear, scaling: &Scaling) -> Linear {
    let columns = program.costs.len();
    let of_rows = |bounds: &[f64]| bounds.iter().enumerate().map(|(r, b)| b * scaling.of_row(r)).collect();
    let of_columns = |bounds: &[f64]| bounds.iter().enumerate().map(|(c, b)| b / scaling.unit(c)).collect();
    let mut value = program.value.clone();
    for c in 0..columns {
        let entries = program.start[c]..program.start[c + 1];
        for (value, row) in value[entries.clone()].iter_mut().zip(&program.index[entries]) {
            *value *= scaling.columns[c] * scaling.rows[*row];
        }
    }
    Linear {
        costs: (0..columns).map(|c| program.costs[c] * scaling.columns[c] * scaling.objective).collect(),
        lower: of_columns(&program.lower),
        upper: of_columns(&program.upper),
        row_lower: of_rows(&program.row_lower),
        row_upper: of_rows(&program.row_upper),
        start: program.start.clone(),
        index: program.index.clone(),
        value,
        constant: 0.0,
    }
}
