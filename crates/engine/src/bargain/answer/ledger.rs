//! The leverage ledger: what the levers of a side cost whom, alone and together, how that fades, and how long the
//! others last.

use coercivity_model::Date;
use coercivity_model::calendar::{days_after, days_between};
use num_traits::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::Side;
use super::ground::{Ground, Units};
use crate::bargain::fraction::{Fraction, exact, whole};
use crate::bargain::{self, Bites, bites, payoffs};

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
    /// Its share of what all cost together (Shapley); `None` = not every set of the hand was run.
    pub share: Option<Vec<f64>>,
}

/// The ledger from a later day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerAt {
    pub date: Date,
    /// Months looked at from it on.
    pub months: f64,
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
    /// What it costs from each day on: alone, or the hand together.
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
    /// Under which lever, pulled to its last level; `None` = under no deal.
    pub lever: Option<usize>,
    /// Days from the talks until the first of its needs is short that stays met with every lever at its mildest.
    pub days: Option<f64>,
    /// Whether none is short in all the time that was looked at; `days` is that time then.
    pub throughout: bool,
}

impl From<&payoffs::Lasts> for Lasts {
    fn from(lasts: &payoffs::Lasts) -> Lasts {
        let payoffs::Lasts { player, lever, days, throughout } = *lasts;
        Lasts { player, lever, days, throughout }
    }
}

/// The ledger of each side, over payoffs of the same combinations.
pub(super) fn ledger(ground: &Ground, units: &Units) -> Vec<Hand> {
    let hand = |side: &Side| {
        let costs = |others: &[usize]| costs(ground, units, &ground.players[side.player].levers, others);
        Hand {
            player: side.player,
            alone: costs(&vec![0; ground.spec.levers.len()]),
            in_no_deal: costs(&ground.no_deal),
        }
    };
    ground.sides.iter().map(hand).collect()
}

/// What a hand costs while all other levers are as in `others`; `None` where not even each alone, each as the last and all
/// were run.
fn costs(ground: &Ground, units: &Units, hand: &[usize], others: &[usize]) -> Option<Costs> {
    let payoffs = |pulled: &dyn Fn(usize) -> bool| {
        let mut levels = others.to_vec();
        for (place, lever) in hand.iter().enumerate() {
            levels[*lever] = if pulled(place) { ground.spec.levers[*lever].levels.len() - 1 } else { 0 };
        }
        units[ground.number(&levels)].clone()
    };
    let less = |than: &[Fraction], gets: &[Fraction]| than.iter().zip(gets).map(|(a, b)| a - b).collect::<Vec<_>>();
    let (none, all) = (payoffs(&|_| false)?, payoffs(&|_| true)?);
    let alone: Vec<Vec<Fraction>> =
        (0..hand.len()).map(|lever| Some(less(&none, &payoffs(&|place| place == lever)?))).collect::<Option<_>>()?;
    let last: Vec<Vec<Fraction>> =
        (0..hand.len()).map(|lever| Some(less(&payoffs(&|place| place != lever)?, &all))).collect::<Option<_>>()?;
    let sets = 1_usize.checked_shl(hand.len() as u32).unwrap_or(0);
    let every: Option<Vec<Vec<Fraction>>> = (0..sets).map(|set| payoffs(&|place| set >> place & 1 == 1)).collect();
    let whole = every.and_then(|every| bargain::Hand::new(every).ok()).map(|hand| hand.ledger());
    let apart: Vec<Fraction> = (0..none.len()).map(|player| alone.iter().map(|costs| &costs[player]).sum()).collect();
    let together = less(&none, &all);
    let lever = |(place, lever): (usize, &usize)| LeverCost {
        lever: *lever,
        alone: ground.all_currency(&alone[place]),
        last: ground.all_currency(&last[place]),
        share: whole.as_ref().map(|ledger| ground.all_currency(&ledger.levers[place].share)),
    };
    Some(Costs {
        levers: hand.iter().enumerate().map(lever).collect(),
        together: ground.all_currency(&together),
        interaction: ground.all_currency(&less(&together, &apart)),
        apart: ground.all_currency(&apart),
    })
}

/// How levers, and hands of more than one, fade on all others, by ledgers of later days.
pub(super) fn fades(ground: &Ground, decay: &[LedgerAt]) -> Vec<Fade> {
    let mut fades = Vec::new();
    for (place, side) in ground.sides.iter().enumerate() {
        let levers = &ground.players[side.player].levers;
        let all = (levers.len() > 1).then_some(None);
        for lever in levers.iter().copied().map(Some).chain(all) {
            for on in (0..ground.players.len()).filter(|on| *on != side.player) {
                let cost = |at: &LedgerAt| {
                    let costs = at.hands[place].alone.as_ref()?;
                    let figures = match lever {
                        None => &costs.together,
                        Some(lever) => &costs.levers.iter().find(|cost| cost.lever == lever)?.alone,
                    };
                    Some((at.date, figures[on], figures[side.player]))
                };
                // What comes after a day that is not known is left out.
                let costs: Vec<(Date, f64, f64)> = decay.iter().map_while(cost).collect();
                fades.extend(fade(side.player, lever, on, &costs));
            }
        }
    }
    fades
}

/// `costs`: day, what it costs the other, what it costs oneself. `None` = nothing is known.
fn fade(player: usize, lever: Option<usize>, on: usize, costs: &[(Date, f64, f64)]) -> Option<Fade> {
    let (start, first, _) = *costs.first()?;
    let until = |cost: &dyn Fn(f64, f64) -> f64, least: f64| {
        if first <= 0.0 {
            return Some(Fades::Never);
        }
        let point = |(date, other, own): &(Date, f64, f64)| {
            Some((whole(days_between(start, *date)), exact(cost(*other, *own))?))
        };
        let points: Vec<(Fraction, Fraction)> = costs.iter().map(point).collect::<Option<_>>()?;
        Some(match bites(&points, &exact(least)?) {
            Bites::Never => Fades::Never,
            Bites::Until(days) => Fades::Until(days_after(start, days.to_integer().to_i64()?)),
            Bites::Throughout => Fades::Throughout,
        })
    };
    Some(Fade {
        player,
        lever,
        on,
        costs: costs.iter().map(|(date, other, _)| (*date, *other)).collect(),
        half: until(&|other, _| other, first / 2.0)?,
        beyond_own: until(&|other, own| other - own, 0.0)?,
    })
}
