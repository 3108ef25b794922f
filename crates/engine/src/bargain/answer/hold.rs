//! Whether what is agreed holds: the patience it takes, apart and linked, and the patience that there is.

use serde::{Deserialize, Serialize};

use super::{Combination, Exact};

/// How agreements hold as truces that are renewed round by round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truce {
    pub round_months: f64,
    /// The chance that it is renewed for another round.
    pub renewal: f64,
    /// Rounds until a breach is answered.
    pub answered_after: u32,
    /// What theory says is agreed first, then the positions that are acceptable.
    pub agreements: Vec<Agreement>,
    /// Issues apart and linked, for the first agreement; `None` = no issues, or no agreement.
    pub linkage: Option<Link>,
}

/// Something that is agreed, and what it takes to keep it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Id of the position; `None` = what the largest product of gains picks among single combinations.
    pub position: Option<String>,
    pub combination: Combination,
    pub terms: Vec<Terms>,
}

/// What a side gets by keeping and by breaking an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub player: usize,
    /// The most that it gets by its own levers alone while the others keep what was agreed; `None` = not all of it was
    /// run.
    pub temptation: Option<f64>,
    /// The combination that gives it that.
    pub breach: Option<Combination>,
    pub reward: f64,
    /// No deal.
    pub punishment: f64,
    pub keeps: Keeps,
}

/// The patience that it takes to keep an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keeps {
    /// The least discount factor of a round; `None` = none is enough, or unknown, as `words` say.
    pub least: Option<f64>,
    /// The same as a fraction, where it is one for certain.
    pub exact: Option<Exact>,
    /// The same as the largest discount rate of a year.
    pub rate_per_year: Option<f64>,
    pub words: String,
}

/// Issues, each with a truce of its own against one truce over all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub issues: Vec<Issue>,
    /// By side: what its most demanding issue takes, and what one truce over all takes.
    pub apart: Vec<Keeps>,
    pub pooled: Vec<Keeps>,
    /// What all sides must have.
    pub all_apart: Keeps,
    pub all_pooled: Keeps,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub id: String,
    pub name: String,
    pub levers: Vec<usize>,
    /// Of each side, the levers of all other issues being as in no deal.
    pub terms: Vec<Terms>,
}

/// The patience of a side, by how long its needs stay met where talks fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    pub player: usize,
    pub days: Option<f64>,
    /// Whether none is short in all the time that was looked at; the patience is then that of this time, at least.
    pub throughout: bool,
    /// The discount factor of a round.
    pub patience: Option<Exact>,
}

/// How offers in turn divide a surplus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offers {
    /// Who offers first.
    pub first: usize,
    /// What each side gets of it, first side first.
    pub shares: Vec<Exact>,
}
