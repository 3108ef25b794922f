//! The decisions of a plan: which of them make up each option, what they cost, and which go together.

use coercivity_model::calendar::days_between;
use coercivity_model::{Date, Model};

use super::action::Found;
use crate::two_stage::{First, FirstRow};

/// Pieces in which money that rises with the amount is followed; at their ends it is exact.
const PIECES: usize = 10;

/// The decisions of the options.
#[derive(Clone, Debug)]
pub struct Portfolio {
    pub first: First,
    /// By option, the decisions that add up to the share of it that is done.
    pub pieces: Vec<Vec<usize>>,
    /// Money of each decision, in currency of the day of the decision.
    money: Vec<f64>,
    /// Row of the budget.
    budget: usize,
}

impl Portfolio {
    /// The decisions about options, made on a day. What is minimised has their money less what is left of it after the last
    /// step, each discounted to the start of the model; the budget has all of it.
    pub fn new(actions: &[Found], budget: f64, model: &Model, day: Date) -> Portfolio {
        let (now, end) = (discount(model, day), discount(model, model.calendar.first_day(model.steps())));
        let mut first = First::default();
        let mut money = Vec::new();
        let mut decision = |upper: f64, cost: f64, left: f64, whole: bool| {
            first.costs.push(cost * now - left * end);
            first.lower.push(0.0);
            first.upper.push(upper);
            first.whole.push(whole);
            money.push(cost);
            money.len() - 1
        };
        let bars =
            |a: usize| !actions[a].excludes.is_empty() || actions.iter().any(|other| other.excludes.contains(&a));
        let (mut pieces, mut taken) = (Vec::new(), Vec::new());
        for (a, action) in actions.iter().enumerate() {
            let steps = if action.whole || action.money.convex == 0.0 { 1 } else { PIECES };
            let width = 1.0 / steps as f64;
            let piece = |n: usize| {
                let at = |n: usize| action.money.at(n as f64 * width);
                decision(width, (at(n + 1) - at(n)) / width, action.left, action.whole)
            };
            let of: Vec<usize> = (0..steps).map(piece).collect();
            // Whether it is done at all, where that counts.
            taken.push(match action.whole {
                true => Some(of[0]),
                false => (action.least > 0.0 || bars(a)).then(|| decision(1.0, 0.0, 0.0, true)),
            });
            pieces.push(of);
        }
        let share = |a: usize, sign: f64| pieces[a].iter().map(move |x| (*x, sign));
        let mut rows = Vec::new();
        let mut at_most = |upper: f64, entries: Vec<(usize, f64)>| {
            rows.push(FirstRow { lower: f64::NEG_INFINITY, upper, entries });
            rows.len() - 1
        };
        for (a, action) in actions.iter().enumerate() {
            if let (Some(taken), false) = (taken[a], action.whole) {
                at_most(0.0, share(a, 1.0).chain([(taken, -1.0)]).collect());
                at_most(0.0, share(a, -1.0).chain([(taken, action.least)]).collect());
            }
            for b in &action.requires {
                at_most(0.0, share(a, 1.0).chain(share(*b, -1.0)).collect());
            }
            for b in &action.excludes {
                at_most(1.0, [taken[a], taken[*b]].into_iter().flatten().map(|taken| (taken, 1.0)).collect());
            }
        }
        let budget = at_most(budget, money.iter().copied().enumerate().filter(|(_, cost)| *cost > 0.0).collect());
        first.rows = rows;
        Portfolio { first, pieces, money, budget }
    }

    /// The decisions with another budget.
    pub fn with_budget(&self, budget: f64) -> First {
        let mut first = self.first.clone();
        first.rows[self.budget].upper = budget;
        first
    }

    /// The row of the budget.
    pub fn budget_row(&self) -> usize {
        self.budget
    }

    /// To do nothing.
    pub fn nothing(&self) -> Vec<f64> {
        vec![0.0; self.money.len()]
    }

    /// Share of each option that decisions come to.
    pub fn shares(&self, decisions: &[f64]) -> Vec<f64> {
        let share = |of: &Vec<usize>| of.iter().map(|x| decisions[*x]).sum::<f64>();
        let rounded = |share: f64| if share < LEAST_SHARE { 0.0 } else { share.min(1.0) };
        self.pieces.iter().map(|of| rounded(share(of))).collect()
    }

    /// Money of an option.
    pub fn money_of(&self, action: usize, decisions: &[f64]) -> f64 {
        self.pieces[action].iter().map(|x| self.money[*x] * decisions[*x]).sum()
    }

    /// Money of all options.
    pub fn money(&self, decisions: &[f64]) -> f64 {
        (0..self.pieces.len()).map(|a| self.money_of(a, decisions)).sum()
    }

    /// The decisions without one option.
    pub fn without(&self, action: usize, decisions: &[f64]) -> Vec<f64> {
        let mut left = decisions.to_vec();
        self.pieces[action].iter().for_each(|x| left[*x] = 0.0);
        left
    }
}

/// A smaller share of an option is rounding of the solver.
const LEAST_SHARE: f64 = 1e-6;

/// What money on a day is worth at the start of a model, per unit.
fn discount(model: &Model, day: Date) -> f64 {
    let years = days_between(model.start, day) as f64 / 365.0;
    (1.0 + model.discount_rate).powf(-years)
}
