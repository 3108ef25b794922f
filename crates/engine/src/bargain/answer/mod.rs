//! What a bargain comes to: everything that follows from who gets what under which combination of levers.
//!
//! [`Answer`] is what the terminal, the page, the report and the JSON show. It is made from payoffs by the exact core
//! beside it and runs no model. Payoffs are rounded once, at the entrance; after that everything is a
//! fraction until it is written down. A combination that was not run is unknown, and so is whatever hangs on it.

pub mod deals;
mod ground;
pub mod hold;
pub mod ledger;
pub mod play;
pub mod positions;
mod words;

use coercivity_model::Date;
use serde::{Deserialize, Serialize};

use deals::{Bound, Deals};
use hold::{Offers, Patience, Truce};
use ledger::{Fade, Hand, Lasts, LedgerAt};
use play::{Draws, Game, Threat};
use positions::Position;

pub use words::at_least;

use super::Problem;
use super::fraction::{Fraction, near};
use super::payoffs::Payoffs;
use super::spec::Spec;
use ground::Ground;

/// How an answer is laid out as JSON. Who reads one of another number cannot know what it says.
pub const FORMAT: u32 = 1;

/// What a bargain comes to. Payoffs, gains, costs and prices are in currency, discounted to the start of the model; more
/// is better, except for costs. Players, levers, levels and packages are told by their places in the lists, combinations
/// by their numbers. `None` is unknown unless something else is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// [`FORMAT`].
    pub format: u32,
    pub name: String,
    /// The answer in a sentence or two.
    pub headline: String,
    pub currency: String,
    pub talks: Date,
    /// Months looked at from the talks on.
    pub months: f64,
    /// Payoffs are multiples of this.
    pub round_to: f64,
    /// Name of the model, and of the scenario.
    pub model: String,
    pub scenario: String,
    /// Hash of all that the payoffs hang on.
    pub hash: String,
    /// The command that gives this again.
    pub command: String,
    pub players: Vec<Player>,
    pub levers: Vec<Lever>,
    /// The players who hold levers, in their order, and the packages of each.
    pub sides: Vec<Side>,
    pub runs: Runs,
    /// What each player gets, by combination; `None` = not run. A combination's number is the sum of [`Package::cell`]
    /// over the sides, or of level x [`Lever::place`] over the levers.
    pub payoffs: Vec<Option<Vec<f64>>>,
    pub no_deal: Combination,
    pub positions: Vec<Position>,
    /// What the levers of each side cost whom.
    pub ledger: Vec<Hand>,
    /// The same from later days on.
    pub decay: Vec<LedgerAt>,
    /// How long levers bite, by that.
    pub fades: Vec<Fade>,
    /// How long needs stay met.
    pub lasts: Vec<Lasts>,
    /// What two sides do without talks; `None` = see `no_game`.
    pub game: Option<Game>,
    /// Why there is no game.
    pub no_game: Option<String>,
    /// `None` = not asked.
    pub draws: Option<Draws>,
    pub threats: Vec<Threat>,
    /// `None` = unknown, since no deal was not run.
    pub deals: Option<Deals>,
    pub constraints: Vec<Bound>,
    /// `None` = not asked.
    pub truce: Option<Truce>,
    pub patience: Vec<Patience>,
    /// How offers in turn divide a surplus, by who offers first; empty where there are not two sides, or a patience is
    /// unknown.
    pub offers: Vec<Offers>,
    /// What is not known, was rounded, drawn or left out, in sentences.
    pub doubt: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Player {
    pub id: String,
    pub name: String,
    /// Places of its levers.
    pub levers: Vec<usize>,
    /// Whether it holds no lever: what it gains and loses is told, and it has no part in what is agreed.
    pub bystander: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lever {
    pub id: String,
    pub name: String,
    /// The player whose it is.
    pub by: usize,
    /// The mildest first.
    pub levels: Vec<Level>,
    /// What a step of its level adds to the number of a combination.
    pub place: usize,
    pub source: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    pub id: String,
    pub name: String,
}

/// A player who holds levers, and its packages: all combinations of its own levers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    pub player: usize,
    pub packages: Vec<Package>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Level of each lever of the player, in the order of [`Player::levers`].
    pub levels: Vec<usize>,
    /// "no lever", or its levers that are not at their mildest.
    pub name: String,
    /// What it adds to the number of a combination.
    pub cell: usize,
}

/// How much was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// Combinations of all levers.
    pub cells: usize,
    /// Those of which payoffs are known.
    pub known: usize,
    /// Different programs among them: combinations that come to the same policy are one run.
    pub programs: usize,
    /// Whether the combinations to be run were drawn, there being too many.
    pub drawn: bool,
}

/// A combination of all levers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Combination {
    pub cell: usize,
    /// Level of each lever.
    pub levels: Vec<usize>,
    /// Its packages in words.
    pub name: String,
    /// By player.
    pub payoffs: Option<Vec<f64>>,
    /// Against no deal.
    pub gains: Option<Vec<f64>>,
}

/// An exact fraction, and the number nearest to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exact {
    pub text: String,
    pub value: f64,
}

impl From<&Fraction> for Exact {
    fn from(fraction: &Fraction) -> Exact {
        Exact { text: fraction.to_string(), value: near(fraction) }
    }
}

/// A lever that is set to a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub lever: usize,
    pub level: usize,
}

/// What a bargain comes to. `command`: what gives it again.
///
/// Errors, all at once: payoffs that are not finite; a truce whose chances are none.
pub fn answer(spec: &Spec, payoffs: &Payoffs, command: String) -> Result<Answer, Vec<Problem>> {
    let ground = Ground::new(spec, payoffs)?;
    let on_table = ground.on_table();
    let on_table = on_table.as_ref();
    let (game, no_game) = match play::game(&ground) {
        Ok(game) => (Some(game), None),
        Err(why) => (None, Some(why)),
    };
    let draws = match &spec.draws {
        Some(asked) => {
            let units = payoffs.draws.iter().map(|values| ground.others(values)).collect::<Result<Vec<_>, _>>()?;
            play::draws(&ground, asked.samples, &units)
        }
        None => None,
    };
    let at = |later: &super::payoffs::Later| {
        let hands = ledger::ledger(&ground, &ground.others(&later.values)?);
        Ok(LedgerAt { date: later.date, months: later.months, hands })
    };
    let decay: Vec<LedgerAt> = payoffs.decay.iter().map(at).collect::<Result<_, Vec<Problem>>>()?;
    let positions = positions::positions(&ground, on_table).map_err(|problem| vec![problem])?;
    let lasts: Vec<Lasts> = payoffs.lasts.iter().map(Lasts::from).collect();
    let patience = hold::patience(&ground, &lasts);
    let mut answer = Answer {
        format: FORMAT,
        name: spec.name.clone(),
        headline: String::new(),
        currency: payoffs.currency.clone(),
        talks: spec.talks.0,
        months: payoffs.months,
        round_to: spec.round_to,
        model: payoffs.model.clone(),
        scenario: payoffs.scenario.clone(),
        hash: payoffs.hash.clone(),
        command,
        players: ground.players.clone(),
        levers: ground.levers(),
        sides: ground.sides.clone(),
        runs: Runs {
            cells: payoffs.runs.combinations,
            known: payoffs.runs.known,
            programs: payoffs.runs.programs,
            drawn: payoffs.runs.combinations > spec.most_runs,
        },
        payoffs: (ground.units.iter()).map(|units| units.as_ref().map(|units| ground.all_currency(units))).collect(),
        no_deal: ground.combination(ground.number(&ground.no_deal)),
        ledger: ledger::ledger(&ground, &ground.units),
        fades: ledger::fades(&ground, &decay),
        decay,
        lasts,
        game,
        no_game,
        draws,
        threats: play::threats(&ground),
        deals: on_table.map(|on| deals::deals(&ground, on)),
        constraints: deals::constraints(&ground, on_table),
        truce: hold::truce(&ground, on_table.and_then(|on| deals::agreed(&ground, on)), &positions)?,
        positions,
        offers: hold::offers(&ground, &patience),
        patience,
        doubt: Vec::new(),
    };
    answer.headline = words::headline(&answer);
    answer.doubt = words::doubt(&answer);
    Ok(answer)
}
