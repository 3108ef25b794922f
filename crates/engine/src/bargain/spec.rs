//! The spec of a bargain: a TOML file that says who talks, on which day, about which measures, and what each cares about.

use coercivity_model::Date;

use crate::ensemble::spec::Given;

/// What a spec says.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    /// Of the model's folder, as given.
    pub model: Option<String>,
    /// What was in force and announced up to the talks.
    pub scenario: Given,
    /// Day of the talks: from its step on everything is known.
    pub talks: Date,
    /// Steps that are looked at from the talks on; `None` = all that the model has.
    pub steps: Option<usize>,
    /// Payoffs are rounded to multiples of this, in currency, before they are compared.
    pub round_to: f64,
    /// The most combinations that are run; of more, so many are drawn.
    pub most_runs: usize,
    pub seed: u64,
    pub players: Vec<Player>,
    pub levers: Vec<Lever>,
    /// What happens if talks fail: a level for each lever that is not at its first.
    pub no_deal: Vec<Setting>,
    pub positions: Vec<Position>,
    pub constraints: Vec<Constraint>,
    pub issues: Vec<Issue>,
    pub truce: Option<Truce>,
    pub decay: Option<Decay>,
    pub draws: Option<Draws>,
}

/// A side: one or more regions, and what it cares about. A player without levers is a bystander.
#[derive(Clone, Debug)]
pub struct Player {
    pub id: String,
    pub name: String,
    /// Regions and groups of regions.
    pub regions: Vec<Given>,
    pub weights: Weights,
    /// Weights of single demands, which replace those of the player.
    pub cares: Vec<Care>,
    /// Weight of duties and export taxes that its regions pay, and of those that they collect.
    pub duties_paid: f64,
    pub duties_collected: f64,
}

/// What a unit of currency counts for a player.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Of the value of needs that are not met.
    pub unmet: f64,
    /// Of what is paid for needs that are met, at scarcity prices.
    pub prices: f64,
}

#[derive(Clone, Debug)]
pub struct Care {
    pub demands: Vec<Given>,
    pub weights: Weights,
}

/// Measures that one player can lift, keep or change.
#[derive(Clone, Debug)]
pub struct Lever {
    pub id: Given,
    pub name: String,
    /// Id of the player whose it is.
    pub by: Given,
    /// Ids of measures of the scenario.
    pub measures: Vec<Given>,
    /// At least two, the mildest first: "off" and "on" where the file names none.
    pub levels: Vec<Level>,
    pub source: Option<String>,
}

/// What a lever's measures do from the talks on.
#[derive(Clone, Debug)]
pub struct Level {
    pub id: String,
    pub name: String,
    pub does: Does,
}

#[derive(Clone, Debug)]
pub enum Does {
    /// Its measures are not in force.
    Off,
    /// Its measures are in force as they are written, without end, whatever a truce says.
    On,
    /// In force with other figures: (key of the measure, value), such as `allow_civil`.
    With(Vec<(Given, f64)>),
}

/// A lever at a level.
#[derive(Clone, Debug)]
pub struct Setting {
    pub lever: Given,
    pub level: Given,
}

/// A package that somebody has put on the table; levers that it does not name are as without a deal.
#[derive(Clone, Debug)]
pub struct Position {
    pub id: String,
    pub name: String,
    /// Id of the player whose position it is; `None` = nobody's, or what was agreed.
    pub of: Option<Given>,
    pub date: Option<Date>,
    pub settings: Vec<Setting>,
    pub source: Option<String>,
    pub note: Option<String>,
}

/// What a side says it will not trade: a deal leaves these levers at these levels.
#[derive(Clone, Debug)]
pub struct Constraint {
    pub id: String,
    pub name: String,
    pub settings: Vec<Setting>,
    pub source: Option<String>,
}

/// Levers that could be agreed on apart from the others.
#[derive(Clone, Debug)]
pub struct Issue {
    pub id: String,
    pub name: String,
    pub levers: Vec<Given>,
}

/// How a deal is kept.
#[derive(Clone, Debug)]
pub struct Truce {
    /// Length of a round, in months: how often one could break it.
    pub round_months: f64,
    /// The chance that it is renewed for another round.
    pub renewal: f64,
    /// Rounds until a breach is answered.
    pub answered_after: u32,
}

/// Days on which the ledger is drawn up again.
#[derive(Clone, Debug)]
pub struct Decay {
    pub dates: Vec<Date>,
    /// Steps looked at from each of them.
    pub steps: usize,
}

/// Samples of inputs over which outcomes are counted.
#[derive(Clone, Debug)]
pub struct Draws {
    pub ensemble: Given,
    pub samples: usize,
    pub seed: Option<u64>,
}
