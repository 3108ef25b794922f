//! The leverage ledger: what the levers of a side cost whom, alone and together, how that fades, and how long the
//! others last.

use coercivity_model::Date;
use serde::{Deserialize, Serialize};

/// What the levers of a side cost each player, each pulled to its last level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hand {
    /// Whose levers they are.
    pub player: usize,
    /// While all other levers are at their mildest; `None` = not all of it was run.
    pub alone: Option<Costs>,
    /// While the levers of others are as in no deal.
    pub in_no_deal: Option<Costs>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    pub levers: Vec<LeverCost>,
    /// All levers together, by player.
    pub together: Vec<f64>,
    /// The sum of what each costs alone.
    pub apart: Vec<f64>,
    /// What they cost together beyond that.
    pub interaction: Vec<f64>,
}

/// What a lever costs each player; below 0 = it gains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeverCost {
    pub lever: usize,
    /// With no other lever of the hand pulled.
    pub alone: Vec<f64>,
    /// In addition to all others of the hand.
    pub last: Vec<f64>,
    /// Its share of what all cost together (Shapley).
    pub share: Vec<f64>,
}

/// The ledger from a later day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerAt {
    pub date: Date,
    pub hands: Vec<Hand>,
}

/// How a lever, or a whole hand, loses its bite on a player as dates go by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fade {
    /// Whose it is.
    pub player: usize,
    /// `None` = the whole hand.
    pub lever: Option<usize>,
    /// Whom it costs something.
    pub on: usize,
    /// What it costs from each day on, the talks first: alone, or the hand together.
    pub costs: Vec<(Date, f64)>,
    /// Until when it costs at least half of what it costs at first.
    pub half: Fades,
    /// Until when it costs at least as much as it costs the one who pulls it.
    pub beyond_own: Fades,
}

/// Until when a cost stays at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "date", rename_all = "kebab-case")]
pub enum Fades {
    /// It does not at first, or there is none.
    Never,
    Until(Date),
    /// It does up to the last date that was looked at.
    Throughout,
}

/// How long a player's needs stay met under levers of others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lasts {
    /// Who lasts.
    pub player: usize,
    /// Under which lever of another; `None` = all of all others, as in no deal.
    pub lever: Option<usize>,
    /// Days from the talks until the first need is short.
    pub days: Option<f64>,
    /// Whether none is short in all the time that was looked at; `days` is that time then.
    pub throughout: bool,
}
