//! Two-stage programs: decide now, learn what comes, then do the best that is left to do.
//!
//! A [`Problem`] has decisions x and scenarios k, each with its probability p and a program of its own:
//!
//! ```text
//! minimise  c x + (1 - w) sum p_k Q_k(x) + w CVaR_alpha(Q(x))      x within bounds and rows, some of them whole
//! Q_k(x) =  min q y   where   lower <= W y + T x <= upper          (all of q, W, T and the bounds may differ by k)
//! ```
//!
//! Nothing here knows supply chains. [`extensive()`] hands it over as one program, which suits few and small scenarios;
//! [`Benders`] keeps each scenario apart and tells the decisions by cuts what they come to, which suits many and large
//! ones. Both find the same optimum. [`measures`] says what it was worth to think of more than one scenario, and what it
//! would be worth to know which one comes.
//!
//! Birge & Louveaux, *Introduction to Stochastic Programming*, 2nd ed. 2011; Rockafellar & Uryasev 2000 for CVaR.

mod benders;
mod extensive;
mod master;
pub mod measures;
mod subproblem;

pub use benders::{Asked, Benders, NOBODY};
pub use extensive::extensive;

use crate::solve::linear::Linear;

/// Decisions, and what may come.
#[derive(Clone, Debug)]
pub struct Problem {
    pub first: First,
    pub scenarios: Vec<Scenario>,
    pub risk: Risk,
}

/// What is decided now. Each decision has finite bounds, so that no scenario can be made to pay without end.
#[derive(Clone, Debug, Default)]
pub struct First {
    pub costs: Vec<f64>,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    /// Whether a decision takes whole numbers only.
    pub whole: Vec<bool>,
    pub rows: Vec<FirstRow>,
}

/// A row on decisions alone.
#[derive(Clone, Debug)]
pub struct FirstRow {
    pub lower: f64,
    pub upper: f64,
    /// (decision, value)
    pub entries: Vec<(usize, f64)>,
}

/// One of the things that may come.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Of all scenarios together 1. One of probability 0 counts for nothing, and can still be asked for.
    pub probability: f64,
    pub program: Linear,
    /// T: how much of a decision stands in a row of the program.
    pub links: Vec<Link>,
}

/// One entry of T.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    pub row: usize,
    pub decision: usize,
    pub value: f64,
}

/// How much the bad scenarios count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Risk {
    /// w, 0..1: share of CVaR in what is minimised; the rest is the expected value.
    pub weight: f64,
    /// alpha, 0..1 (not 1): CVaR is the mean of the worst 1 - alpha.
    pub level: f64,
}

impl Risk {
    /// The expected value alone.
    pub const NEUTRAL: Risk = Risk { weight: 0.0, level: 0.0 };

    /// What costs come to, each with its probability.
    pub fn of(self, probabilities: &[f64], costs: &[f64]) -> f64 {
        let mean = expected(probabilities, costs);
        if self.weight == 0.0 {
            mean
        } else {
            (1.0 - self.weight) * mean + self.weight * self.cvar(probabilities, costs)
        }
    }

    /// CVaR of costs at the level: their mean over the worst 1 - alpha. Where that ends within a scenario, the part of
    /// it counts which belongs to it (Rockafellar & Uryasev 2002, proposition 8).
    pub fn cvar(self, probabilities: &[f64], costs: &[f64]) -> f64 {
        let mut order: Vec<usize> = (0..costs.len()).filter(|k| probabilities[*k] > 0.0).collect();
        order.sort_by(|a, b| costs[*b].total_cmp(&costs[*a]).then(a.cmp(b)));
        let tail = 1.0 - self.level;
        let (mut sum, mut left) = (0.0, tail);
        for k in order {
            let part = probabilities[k].min(left);
            sum += part * costs[k];
            left -= part;
        }
        sum / (tail - left)
    }
}

/// How far from the optimum a search may end: by a share of what its decisions save against others, such as to do nothing.
/// As a share of all that is minimised it would say little, where most of that is there whatever is decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    pub share: f64,
    /// What is minimised, at the decisions compared with.
    pub against: f64,
}

impl Gap {
    /// As exact as the figures are.
    pub const NONE: Gap = Gap { share: 0.0, against: 0.0 };

    /// In money, where the best decisions known come to an objective.
    pub fn money(self, objective: f64) -> f64 {
        if self.share > 0.0 { self.share * (self.against - objective).max(0.0) } else { 0.0 }
    }
}

/// Mean of costs, each with its probability.
pub fn expected(probabilities: &[f64], costs: &[f64]) -> f64 {
    // A cost that cannot come may be one that is not known.
    probabilities.iter().zip(costs).filter(|(p, _)| **p > 0.0).map(|(p, cost)| p * cost).sum()
}

/// What was decided, and what comes of it.
#[derive(Clone, Debug)]
pub struct Solved {
    pub decisions: Vec<f64>,
    /// Q of each scenario at these decisions; not a number where its probability is 0.
    pub recourse: Vec<f64>,
    /// What is minimised.
    pub objective: f64,
    /// No decisions come to less than this.
    pub bound: f64,
    /// Times that all scenarios were asked; 1 where all is one program.
    pub rounds: usize,
    /// Whether it was ended before the gap asked for was reached.
    pub stopped: bool,
}

impl Solved {
    /// By how much better decisions might be at most.
    pub fn gap(&self) -> f64 {
        (self.objective - self.bound).max(0.0)
    }
}

/// What a solver leaves of a bound, as a share of what stands on its sides.
const ROUNDING: f64 = 1e-7;

impl First {
    /// What decisions cost now.
    pub fn cost(&self, decisions: &[f64]) -> f64 {
        decisions.iter().zip(&self.costs).map(|(x, c)| x * c).sum()
    }

    /// Whether decisions keep its bounds and rows, up to rounding.
    fn allows(&self, decisions: &[f64]) -> bool {
        let within = |value: f64, lower: f64, upper: f64, size: f64| {
            value >= lower - ROUNDING * size && value <= upper + ROUNDING * size
        };
        let bounds = (0..decisions.len())
            .all(|x| within(decisions[x], self.lower[x], self.upper[x], self.lower[x].abs().max(self.upper[x].abs())));
        bounds
            && self.rows.iter().all(|row| {
                let size = row.entries.iter().map(|(x, v)| (v * decisions[*x]).abs()).fold(0.0, f64::max);
                let value = row.entries.iter().map(|(x, v)| v * decisions[*x]).sum();
                within(value, row.lower, row.upper, size)
            })
    }

    /// From the least to the most that a decision can be.
    fn range(&self, decision: usize) -> f64 {
        self.upper[decision] - self.lower[decision]
    }
}

impl Problem {
    pub fn probabilities(&self) -> Vec<f64> {
        self.scenarios.iter().map(|scenario| scenario.probability).collect()
    }

    /// What is minimised, at decisions with these costs of the scenarios.
    pub fn objective(&self, decisions: &[f64], recourse: &[f64]) -> f64 {
        self.first.cost(decisions) + self.risk.of(&self.probabilities(), recourse)
    }

    /// Says what about the problem makes no sense, if anything does not.
    pub fn check(&self) -> Result<(), String> {
        let first = &self.first;
        let count = first.costs.len();
        if [first.lower.len(), first.upper.len(), first.whole.len()] != [count; 3] {
            return Err("the decisions' costs, bounds and kinds are not equally many".to_string());
        }
        for x in 0..count {
            let (lower, upper) = (first.lower[x], first.upper[x]);
            if !(lower.is_finite() && upper.is_finite() && lower <= upper && first.costs[x].is_finite()) {
                return Err(format!(
                    "decision {x} lies between {lower} and {upper}: it needs a cost and finite bounds"
                ));
            }
        }
        if first.rows.iter().flat_map(|row| &row.entries).any(|(x, _)| *x >= count) {
            return Err("a row is about a decision that there is not".to_string());
        }
        let whole: f64 = self.scenarios.iter().map(|scenario| scenario.probability).sum();
        let negative =
            self.scenarios.iter().any(|scenario| scenario.probability.is_nan() || scenario.probability < 0.0);
        if negative || (whole - 1.0).abs() > 1e-9 {
            return Err(format!("the probabilities add up to {whole}"));
        }
        for (k, scenario) in self.scenarios.iter().enumerate() {
            let rows = scenario.program.row_lower.len();
            if scenario.links.iter().any(|link| link.row >= rows || link.decision >= count) {
                return Err(format!("scenario {k} ties a row or a decision that there is not"));
            }
        }
        let Risk { weight, level } = self.risk;
        if !(0.0..=1.0).contains(&weight) || !(0.0..1.0).contains(&level) {
            return Err(format!("the weight {weight} or the level {level} of the risk lies outside 0..1"));
        }
        Ok(())
    }
}
