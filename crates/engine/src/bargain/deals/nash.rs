//! The Nash point: the largest product of gains.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettings, DefaultSolver, ExponentialConeT, IPSolver, NonnegativeConeT, SolverStatus, SupportedConeT,
};
use num_traits::{One, Signed, Zero};

use crate::bargain::Problem;
use crate::bargain::fraction::{Fraction, exact, near};

/// What is asked of the solver; if it cannot get there, `ENOUGH` is taken. The product is flat at its top, so gains are
/// known to the root of this.
const WANTED: f64 = 1e-14;
const ENOUGH: f64 = 1e-11;

/// Shares of packages.
type Mix = Vec<(usize, Fraction)>;

/// The point of two players who both can gain, exactly. `frontier` are the corners of the hull's frontier in their
/// order.
///
/// Along an edge from p to q the product is a parabola; its top is where the two gains change at the same rate.
pub(super) fn of_two(gains: &[Vec<Fraction>], frontier: &[usize]) -> Mix {
    let mut best: Option<(Fraction, Mix)> = None;
    let mut take = |mix: Mix| {
        let gain =
            |player: usize| mix.iter().map(|(package, share)| &gains[*package][player] * share).sum::<Fraction>();
        let (first, second) = (gain(0), gain(1));
        if first.is_negative() || second.is_negative() {
            return;
        }
        let product = first * second;
        if best.as_ref().is_none_or(|(most, _)| product > *most) {
            best = Some((product, mix));
        }
    };
    for package in frontier {
        take(vec![(*package, Fraction::one())]);
    }
    for edge in frontier.windows(2) {
        let (p, q) = (&gains[edge[0]], &gains[edge[1]]);
        let (first, second) = (&q[0] - &p[0], &q[1] - &p[1]);
        let top = -(&p[0] * &second + &p[1] * &first) / (first * second * Fraction::from_integer(2.into()));
        if top.is_positive() && top < Fraction::one() {
            take(vec![(edge[0], Fraction::one() - &top), (edge[1], top)]);
        }
    }
    best.expect("both can gain").1
}

/// The point of any players, near enough: the largest sum of logarithms of the gains of those who can gain, in units of
/// the most that each could, by Clarabel with exponential cones.
pub(super) fn of_many(
    gains: &[Vec<Fraction>],
    frontier: &[usize],
    gaining: &[usize],
    ideal: &[Fraction],
) -> Result<Mix, Problem> {
    let (shares, logs, players) = (frontier.len(), gaining.len(), ideal.len());
    // Rows: each share is at least 0, their sum at most 1, nobody else loses; then (log, 1, gain) of each in its cone.
    let (mut row, mut column, mut value, mut right) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut push = |terms: Vec<(usize, f64)>, constant: f64| {
        for (place, coefficient) in terms {
            row.push(right.len());
            column.push(place);
            value.push(coefficient);
        }
        right.push(constant);
    };
    let minus_gain = |player: usize, unit: &Fraction| -> Vec<(usize, f64)> {
        let term = |(place, package): (usize, &usize)| (place, -near(&(&gains[*package][player] / unit)));
        frontier.iter().enumerate().map(term).collect()
    };
    (0..shares).for_each(|place| push(vec![(place, -1.0)], 0.0));
    push((0..shares).map(|place| (place, 1.0)).collect(), 1.0);
    for player in (0..players).filter(|player| !gaining.contains(player)) {
        let size = frontier.iter().map(|package| gains[*package][player].abs()).max().filter(|size| !size.is_zero());
        push(minus_gain(player, &size.unwrap_or_else(Fraction::one)), 0.0);
    }
    for (place, player) in gaining.iter().enumerate() {
        push(vec![(shares + place, -1.0)], 0.0);
        push(Vec::new(), 1.0);
        push(minus_gain(*player, &ideal[*player]), 0.0);
    }
    let matrix = CscMatrix::new_from_triplets(right.len(), shares + logs, row, column, value);
    let costs: Vec<f64> = vec![0.0; shares].into_iter().chain(vec![-1.0; logs]).collect();
    let cones: Vec<SupportedConeT<f64>> = [NonnegativeConeT(shares + 1 + players - logs)]
        .into_iter()
        .chain((0..logs).map(|_| ExponentialConeT()))
        .collect();
    let settings = DefaultSettings {
        verbose: false,
        max_threads: 1,
        tol_gap_abs: WANTED,
        tol_gap_rel: WANTED,
        tol_feas: WANTED,
        reduced_tol_gap_abs: ENOUGH,
        reduced_tol_gap_rel: ENOUGH,
        reduced_tol_feas: ENOUGH,
        ..DefaultSettings::default()
    };
    let none = CscMatrix::zeros((shares + logs, shares + logs));
    let failed = |why: String| Problem::Solver { why };
    let mut solver = DefaultSolver::new(&none, &costs, &matrix, &right, &cones, settings)
        .map_err(|error| failed(error.to_string()))?;
    solver.solve();
    match solver.solution.status {
        SolverStatus::Solved | SolverStatus::AlmostSolved => {}
        status => return Err(failed(status.to_string())),
    }
    // What the solver leaves of shares that are 0 is not played.
    let found = solver.solution.x[..shares].iter().map(|share| if *share < 1e-9 { 0.0 } else { *share });
    let found: Vec<Fraction> = found.map(|share| exact(share).unwrap_or_else(Fraction::zero)).collect();
    let sum: Fraction = found.iter().sum();
    if !sum.is_positive() {
        return Err(failed("no deal found".to_string()));
    }
    Ok(frontier.iter().copied().zip(found.into_iter().map(|share| share / &sum)).collect())
}
