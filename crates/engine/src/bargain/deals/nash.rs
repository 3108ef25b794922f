//! The Nash point: the largest product of gains.

use num_traits::{One, Signed, Zero};

use crate::balance::least_squares::{self, Variable};
use crate::bargain::Problem;
use crate::bargain::fraction::{Fraction, exact, near};

/// Steps to the top, at most.
const STEPS: usize = 100;

/// The top is reached where gains move by no more than this share of themselves.
const STILL: f64 = 1e-10;

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

/// The point of any players, near enough, from a deal by which all of `gaining` gain. Others are held at no loss.
///
/// Newton's method on the sum of logarithms. Near G it is the sum of (r - 1) - (r - 1)^2 / 2 with r the gain over G, so
/// each step is a problem of least squares: r as near to 2 as can be. Far from the top steps are shortened as they must
/// be for a sum of logarithms (Nesterov and Nemirovskii 1994).
pub(super) fn of_many(
    gains: &[Vec<Fraction>],
    frontier: &[usize],
    gaining: &[usize],
    start: &[(usize, Fraction)],
) -> Result<Mix, Problem> {
    let share = |package: &usize| start.iter().find(|(of, _)| of == package).map_or(0.0, |(_, share)| near(share));
    let mut shares: Vec<f64> = frontier.iter().map(share).collect();
    let players = gains[frontier[0]].len();
    let of = |player: usize| frontier.iter().map(|package| near(&gains[*package][player])).collect::<Vec<f64>>();
    let table: Vec<Vec<f64>> = (0..players).map(of).collect();
    let gain = |player: usize, shares: &[f64]| table[player].iter().zip(shares).map(|(g, s)| g * s).sum::<f64>();
    for _ in 0..STEPS {
        let here: Vec<f64> = gaining.iter().map(|player| gain(*player, &shares)).collect();
        let target = step(&table, gaining, &here).map_err(|why| Problem::Solver { why })?;
        let moves = gaining.iter().zip(&here).map(|(player, here)| gain(*player, &target) / here - 1.0);
        let length = moves.map(|by| by * by).sum::<f64>().sqrt();
        let part = if length > 0.25 { 1.0 / (1.0 + length) } else { 1.0 };
        shares.iter_mut().zip(&target).for_each(|(share, target)| *share += part * (target - *share));
        if length < STILL {
            break;
        }
    }
    let found: Vec<Fraction> =
        shares.iter().map(|share| exact(share.max(0.0)).unwrap_or_else(Fraction::zero)).collect();
    let sum: Fraction = found.iter().sum();
    if !sum.is_positive() {
        return Err(Problem::Solver { why: "no deal is left".to_string() });
    }
    Ok(frontier.iter().copied().zip(found.into_iter().map(|share| share / &sum)).collect())
}

/// Shares in which the gains of `gaining` are as near as can be to twice those `here`.
fn step(table: &[Vec<f64>], gaining: &[usize], here: &[f64]) -> Result<Vec<f64>, String> {
    let mut problem = least_squares::Problem::default();
    let any = |scale: f64| Variable { scale, lower: 0.0, upper: f64::INFINITY, cost: 0.0 };
    let shares: Vec<usize> = table[0].iter().map(|_| problem.add(any(1.0))).collect();
    problem.hard.push((shares.iter().map(|share| (*share, 1.0)).collect(), 1.0));
    for (player, gains) in table.iter().enumerate() {
        let terms = |unit: f64| shares.iter().zip(gains).map(|(share, gain)| (*share, gain / unit)).collect::<Vec<_>>();
        if let Some(place) = gaining.iter().position(|gaining| *gaining == player) {
            problem.soft.push((terms(here[place]), 2.0, 1.0));
        } else if let Some(size) = gains.iter().map(|gain| gain.abs()).max_by(f64::total_cmp).filter(|size| *size > 0.0)
        {
            let left = problem.add(any(1.0));
            problem.hard.push((terms(size).into_iter().chain([(left, -1.0)]).collect(), 0.0));
        }
    }
    let mut values = problem.solve()?;
    values.truncate(shares.len());
    Ok(values)
}
