//! Positions: who gains what by them, who would not accept, and the smallest addition that would change that.

use coercivity_model::Date;
use serde::{Deserialize, Serialize};

use super::{Combination, Setting};

/// A package that somebody has put on the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub id: String,
    pub name: String,
    /// Whose it is; `None` = nobody's, or what was agreed.
    pub of: Option<usize>,
    pub date: Option<Date>,
    pub source: Option<String>,
    pub note: Option<String>,
    pub combination: Combination,
    /// Whether no side loses by it against no deal.
    pub acceptable: Option<bool>,
    /// By player, what it would have to be given to accept; 0 for those who do, and for bystanders, whom nobody asks.
    pub shortfall: Option<Vec<f64>>,
    /// Whether those who gain by it could pay those who lose.
    pub can_be_paid_for: Option<bool>,
    /// Whether no combination gives a side more and none less. Where not all were run, `None` unless one that was does.
    pub on_frontier: Option<bool>,
    /// The fewest levers moved further from no deal that make it acceptable, all ways; empty where it is acceptable,
    /// unknown, or no addition helps.
    pub additions: Vec<Addition>,
}

/// Further levers moved, and what comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Addition {
    pub adds: Vec<Added>,
    pub combination: Combination,
}

/// A lever that is moved, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub by: usize,
    pub from: usize,
    #[serde(flatten)]
    pub to: Setting,
}
