//! Fitting: the parameters of a backcast found again from the fit's time alone, and how well the data know them.
//!
//! Least squares over the times that fit: of exports the error over the mean of what was observed, of prices the logarithm of
//! replayed over observed. Found by simplex searches of Nelder and Mead (crate `argmin`) over the logits of where each parameter
//! lies in its range, from several beginnings. How sure it is comes from the slopes there: with J the derivatives of the errors
//! by the parameters and s^2 the sum of squares over (times - parameters), the covariance is s^2 (J'J)^-1. Two parameters whose
//! estimates go together by more than 0.95 the data cannot tell apart; where there are not more times than parameters, nothing is
//! known of how sure it is.

use std::sync::atomic::{AtomicU64, Ordering};

use argmin::core::{CostFunction, Executor, State};
use argmin::solver::neldermead::NelderMead;
use rayon::prelude::*;

use super::score::rows;
use super::{Backcast, Quantity};
use crate::solve::Stop;

/// Rounds of a search at most, and the spread of its values at which it ends.
const MOST_ROUNDS: u64 = 200;
const CLOSE: f64 = 1e-6;

/// Of its range, by which a parameter is moved for a slope.
const STEP: f64 = 1e-3;

/// Estimates that go together by more are one.
const TOGETHER: f64 = 0.95;

pub struct Fit {
    pub values: Vec<f64>,
    /// Standard errors; `None` = the data do not say.
    pub errors: Vec<Option<f64>>,
    /// Pairs of parameters that the data cannot tell apart, with how they go together.
    pub together: Vec<(usize, usize, f64)>,
    /// Parameters whose value hardly changes what is replayed.
    pub idle: Vec<usize>,
    /// Root of the mean square of the errors.
    pub rms: f64,
    pub replays: u64,
}

struct Problem<'a> {
    backcast: &'a Backcast,
    stop: &'a Stop<'a>,
    replays: &'a AtomicU64,
}

impl Problem<'_> {
    fn values(&self, place: &[f64]) -> Vec<f64> {
        let at = |(p, x): (&super::spec::Parameter, &f64)| p.low + (p.high - p.low) / (1.0 + (-x).exp());
        self.backcast.parameters.iter().zip(place).map(at).collect()
    }

    /// The errors of the times that fit.
    fn errors(&self, values: &[f64]) -> Vec<f64> {
        self.replays.fetch_add(1, Ordering::Relaxed);
        let replay = self.backcast.replay(values);
        let rows: Vec<_> = rows(self.backcast, &replay).into_iter().filter(|row| row.fitted).collect();
        let mean = rows.iter().map(|row| row.observed.value).sum::<f64>() / rows.len().max(1) as f64;
        let error = |replayed: f64, observed: f64| match self.backcast.quantity {
            Quantity::Exports { .. } => (replayed - observed) / mean,
            Quantity::Price { .. } => (replayed / observed).ln(),
        };
        rows.iter().filter_map(|row| Some(error(row.replayed?, row.observed.value))).collect()
    }
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, place: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        // The solver has no way out but the end of its rounds, which take no time when nothing is replayed.
        if (self.stop)() {
            return Ok(f64::INFINITY);
        }
        Ok(self.errors(&self.values(place)).iter().map(|error| error * error).sum())
    }
}

/// Fits; `None` where `stop` said to end, or where nothing is to be fitted.
pub fn fit(backcast: &Backcast, stop: &Stop) -> Option<Fit> {
    let n = backcast.parameters.len();
    if n == 0 {
        return None;
    }
    let replays = AtomicU64::new(0);
    let found: Vec<(f64, Vec<f64>)> =
        starts(backcast).par_iter().filter_map(|begin| search(backcast, begin, stop, &replays)).collect();
    if stop() {
        return None;
    }
    let (_, place) = found.into_iter().min_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let problem = Problem { backcast, stop, replays: &replays };
    let values = problem.values(&place);
    let errors = problem.errors(&values);
    let sum: f64 = errors.iter().map(|error| error * error).sum();
    let slopes: Vec<Vec<f64>> = (0..n)
        .map(|at| {
            let p = &backcast.parameters[at];
            let step = STEP * (p.high - p.low);
            let step = if values[at] + step > p.high { -step } else { step };
            let mut moved = values.clone();
            moved[at] += step;
            problem.errors(&moved).iter().zip(&errors).map(|(a, b)| (a - b) / step).collect()
        })
        .collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let normal: Vec<Vec<f64>> = slopes.iter().map(|a| slopes.iter().map(|b| dot(a, b)).collect()).collect();
    // A parameter that moves no error over its whole range is idle, and would hide what is known of the others.
    let range = |at: usize| backcast.parameters[at].high - backcast.parameters[at].low;
    let idle: Vec<usize> = (0..n).filter(|at| normal[*at][*at].sqrt() * range(*at) < 1e-3).collect();
    let kept: Vec<usize> = (0..n).filter(|at| !idle.contains(at)).collect();
    let inverse = inverse(&kept.iter().map(|a| kept.iter().map(|b| normal[*a][*b]).collect()).collect::<Vec<_>>());
    let freedom = errors.len() as f64 - n as f64;
    let (mut sure, mut together) = (vec![None; n], Vec::new());
    match inverse {
        Some(inverse) => {
            for (i, a) in kept.iter().enumerate() {
                if freedom > 0.0 {
                    sure[*a] = Some((sum / freedom * inverse[i][i]).sqrt());
                }
                for (j, b) in kept.iter().enumerate().skip(i + 1) {
                    let correlation = inverse[i][j] / (inverse[i][i] * inverse[j][j]).sqrt();
                    if correlation.abs() > TOGETHER {
                        together.push((*a, *b, correlation));
                    }
                }
            }
        }
        // No inverse: some move the errors in the same way.
        None => {
            for (i, a) in kept.iter().enumerate() {
                together.extend(kept[i + 1..].iter().map(|b| (*a, *b, 1.0)));
            }
        }
    }
    let rms = (sum / errors.len().max(1) as f64).sqrt();
    Some(Fit { values, errors: sure, together, idle, rms, replays: replays.into_inner() })
}

/// Where searches begin: at the values of the files, and at a quarter and three quarters of each range, since the errors have
/// more than one valley.
fn starts(backcast: &Backcast) -> Vec<Vec<f64>> {
    let n = backcast.parameters.len();
    let logit = |share: f64| (share / (1.0 - share)).ln();
    let values = backcast.values();
    let of_files = values.iter().zip(&backcast.parameters).map(|(value, p)| {
        let share = (value - p.low) / (p.high - p.low);
        logit(share.clamp(0.02, 0.98))
    });
    let corner = |c: usize| (0..n).map(|at| logit(if c >> at & 1 == 0 { 0.25 } else { 0.75 })).collect();
    std::iter::once(of_files.collect()).chain((0..1 << n).map(corner)).collect()
}

/// The least sum of the squares of the errors that a search finds, and where.
fn search(backcast: &Backcast, begin: &[f64], stop: &Stop, replays: &AtomicU64) -> Option<(f64, Vec<f64>)> {
    let mut corners = vec![begin.to_vec()];
    for at in 0..begin.len() {
        let mut corner = begin.to_vec();
        corner[at] += 1.0;
        corners.push(corner);
    }
    let solver = NelderMead::new(corners).with_sd_tolerance(CLOSE).ok()?;
    let search = Executor::new(Problem { backcast, stop, replays }, solver);
    let found = search.configure(|state| state.max_iters(MOST_ROUNDS)).run().ok()?;
    Some((found.state().get_best_cost(), found.state().get_best_param()?.clone()))
}

/// The inverse of a small matrix, by elimination with pivots; `None` where there is none.
fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let unit = |row: usize| (0..n).map(move |column| f64::from(u8::from(row == column)));
    let mut rows: Vec<Vec<f64>> =
        matrix.iter().enumerate().map(|(row, values)| values.iter().copied().chain(unit(row)).collect()).collect();
    let scale = matrix.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    for column in 0..n {
        let pivot = (column..n).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        if rows[pivot][column].abs() <= 1e-12 * scale {
            return None;
        }
        rows.swap(column, pivot);
        let by = rows[column][column];
        rows[column].iter_mut().for_each(|value| *value /= by);
        for other in (0..n).filter(|other| *other != column) {
            let by = rows[other][column];
            let taken = rows[column].clone();
            rows[other].iter_mut().zip(taken).for_each(|(value, taken)| *value -= by * taken);
        }
    }
    Some(rows.into_iter().map(|row| row[n..].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::inverse;

    #[test]
    fn inverses_by_hand() {
        assert_eq!(inverse(&[vec![2.0, 1.0], vec![1.0, 1.0]]), Some(vec![vec![1.0, -1.0], vec![-1.0, 2.0]]));
        assert_eq!(inverse(&[vec![1.0, 2.0], vec![2.0, 4.0]]), None);
    }
}
