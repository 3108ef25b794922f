//! What could be agreed: the frontier, what rules say, payments, and what it costs to leave levers off the table.

use serde::{Deserialize, Serialize};

use super::{Combination, Exact, Setting};

/// What could be agreed by the sides. Bystanders have no part in it; what they get is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deals {
    /// Of those that were run, combinations that no other beats for the sides: in the order of what the first side gets,
    /// the most first.
    pub frontier: Vec<Combination>,
    /// Combinations that the sides accept, no deal included.
    pub acceptable: usize,
    /// Of each side, the most that it could gain with no side losing.
    pub ideal: Vec<f64>,
    /// One for each rule; empty where no side can gain without another losing.
    pub points: Vec<Solved>,
    /// What is agreed where the sides may pay each other; `None` = together they gain nothing.
    pub payments: Option<Payments>,
    /// Why a rule has no point.
    pub problems: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The largest product of gains.
    Nash,
    /// Gains in proportion to the most that each could gain.
    KalaiSmorodinsky,
    /// The largest least gain.
    Egalitarian,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Solved {
    pub rule: Rule,
    pub deal: Mixed,
}

/// A combination, or a draw by lot between some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mixed {
    pub mix: Vec<Share>,
    /// By player.
    pub payoffs: Vec<f64>,
    /// Against no deal.
    pub gains: Vec<f64>,
    /// Whether it is the point itself, and not one near it.
    pub exact: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub cell: usize,
    pub levels: Vec<usize>,
    pub name: String,
    pub share: Exact,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payments {
    /// What all sides gain together against no deal.
    pub surplus: f64,
    /// What each player gains after payments: an equal part of it for each side; of bystanders, by the first of `ways`.
    pub gains: Vec<f64>,
    /// Combinations that give most to all together, and what each player is paid there; below 0 = pays.
    pub ways: Vec<Paid>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paid {
    pub combination: Combination,
    pub paid: Vec<f64>,
}

/// A constraint, what it leaves on the table, and what that costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    pub id: String,
    pub name: String,
    pub source: Option<String>,
    /// Levers that are not on the table, as they stay.
    pub settings: Vec<Setting>,
    /// Combinations that are left, of those that were run.
    pub left: usize,
    pub prices: Vec<Price>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    pub rule: Rule,
    /// What is agreed with what is left; `None` = nothing.
    pub bound: Option<Mixed>,
    /// What each player gains less than with all on the table; below 0 = more.
    pub lost: Vec<f64>,
}
