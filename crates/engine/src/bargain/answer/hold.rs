//! Whether what is agreed holds: the patience it takes, apart and linked, and the patience that there is.

use num_traits::One;
use serde::{Deserialize, Serialize};

use super::ground::{Ground, decimal};
use super::ledger::Lasts;
use super::positions::Position;
use super::words::at_least;
use super::{Combination, Exact, Package, Side};
use crate::bargain::fraction::{Fraction, parse};
use crate::bargain::{self, Problem, Rounds, alternating_offers, linkage, patience_of, spec};

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
    /// The same as the largest discount rate of a year, 1 = 100%; `None` also where any is small enough.
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

/// Days of a month, on average over four years.
const DAYS_PER_MONTH: f64 = 30.4375;

const UNKNOWN: &str = "unknown: not every way to break it was run";

/// Whether agreements hold. `agreed`: the combination that theory picks. Errors: a chance of renewal, or an answer, that
/// the core refuses.
pub(super) fn truce(
    ground: &Ground,
    agreed: Option<usize>,
    positions: &[Position],
) -> Result<Option<Truce>, Vec<Problem>> {
    let Some(spec) = &ground.spec.truce else { return Ok(None) };
    let rounds = Rounds::new(decimal(spec.renewal), spec.answered_after)?;
    let clock = Clock { rounds, months: spec.round_months };
    let accepted = positions.iter().filter(|position| position.acceptable == Some(true));
    let all = agreed.map(|cell| (None, cell)).into_iter();
    let all = all.chain(accepted.map(|position| (Some(position.id.clone()), position.combination.cell)));
    let any_lever = |_: usize| true;
    let agreement = |(position, cell): (Option<String>, usize)| {
        let kept: Vec<Kept> = (ground.sides.iter())
            .map(|side| kept(ground, side, &ground.combinations.levels(cell), &any_lever))
            .collect::<Option<_>>()?;
        let terms = kept.into_iter().map(|kept| kept.terms(ground, &clock)).collect();
        Some(Agreement { position, combination: ground.combination(cell), terms })
    };
    Ok(Some(Truce {
        round_months: spec.round_months,
        renewal: spec.renewal,
        answered_after: spec.answered_after,
        agreements: all.filter_map(agreement).collect(),
        linkage: agreed.and_then(|cell| link(ground, cell, &clock)),
    }))
}

/// How rounds go on, and how long one is.
struct Clock {
    rounds: Rounds,
    months: f64,
}

/// What a side gets by keeping an agreement, and by breaking it.
struct Kept {
    player: usize,
    reward: Fraction,
    punishment: Fraction,
    /// The combination that is best for it and what it gets there; `None` = not all that it could turn to was run.
    breach: Option<(usize, Fraction)>,
}

/// `None` where the agreement, or no deal, was not run. `may`: levers that it may break it with.
fn kept(ground: &Ground, side: &Side, agreed: &[usize], may: &dyn Fn(usize) -> bool) -> Option<Kept> {
    let player = side.player;
    let own = &ground.players[player].levers;
    let turned = |package: &Package| {
        let mut levels = agreed.to_vec();
        let changed = own.iter().zip(&package.levels).filter(|(lever, _)| may(**lever));
        changed.for_each(|(lever, level)| levels[*lever] = *level);
        let cell = ground.number(&levels);
        Some((cell, ground.get(cell)?[player].clone()))
    };
    let all: Option<Vec<(usize, Fraction)>> = side.packages.iter().map(turned).collect();
    // Of several that are best the first.
    let best = |all: Vec<(usize, Fraction)>| all.into_iter().rev().max_by(|a, b| a.1.cmp(&b.1));
    Some(Kept {
        player,
        reward: ground.get(ground.number(agreed))?[player].clone(),
        punishment: ground.without()?[player].clone(),
        breach: all.and_then(best),
    })
}

impl Kept {
    fn core(&self) -> Option<bargain::Terms> {
        let (_, temptation) = self.breach.clone()?;
        Some(bargain::Terms::new(temptation, self.reward.clone(), self.punishment.clone()))
    }

    fn terms(&self, ground: &Ground, clock: &Clock) -> Terms {
        let core = self.core();
        let breach = self.breach.as_ref().filter(|(_, most)| *most > self.reward);
        let keeps = match &core {
            None => Keeps { least: None, exact: None, rate_per_year: None, words: UNKNOWN.to_string() },
            Some(core) => {
                let why = match self.punishment >= self.reward {
                    true => "breaking it pays, and no deal is no worse than keeping it",
                    false => "for what a breach pays it is renewed too seldom, or answered too late",
                };
                keeps(&core.patience(&clock.rounds), clock, why)
            }
        };
        Terms {
            player: self.player,
            temptation: core.map(|core| ground.currency(&core.temptation)),
            breach: breach.map(|(cell, _)| ground.combination(*cell)),
            reward: ground.currency(&self.reward),
            punishment: ground.currency(&self.punishment),
            keeps,
        }
    }
}

/// `why_never`: why no patience is enough, where none is.
fn keeps(patience: &bargain::Patience, clock: &Clock, why_never: &str) -> Keeps {
    let least = patience.least();
    let per_year = |least: f64| least.powf(-12.0 / clock.months) - 1.0;
    Keeps {
        least,
        exact: patience.exact().as_ref().map(Exact::from),
        rate_per_year: least.filter(|least| *least > 0.0).map(per_year),
        words: match least {
            None => format!("never: {why_never}"),
            Some(0.0) => "always: breaking it never pays".to_string(),
            Some(least) => format!("from a patience of {} on", at_least(least)),
        },
    }
}

/// Issues apart and linked. Terms of an issue: its own levers as agreed, all others as in no deal.
fn link(ground: &Ground, agreed: usize, clock: &Clock) -> Option<Link> {
    let agreed = ground.combinations.levels(agreed);
    let issue = |issue: &spec::Issue| {
        let is_in = |lever: usize| issue.levers.iter().any(|of| of.0 == ground.spec.levers[lever].id.0);
        let levels: Vec<usize> =
            (0..agreed.len()).map(|lever| if is_in(lever) { agreed[lever] } else { ground.no_deal[lever] }).collect();
        let kept: Vec<Kept> =
            ground.sides.iter().map(|side| kept(ground, side, &levels, &is_in)).collect::<Option<_>>()?;
        let core: Vec<bargain::Terms> = kept.iter().map(Kept::core).collect::<Option<_>>()?;
        let told = Issue {
            id: issue.id.clone(),
            name: issue.name.clone(),
            levers: (0..agreed.len()).filter(|lever| is_in(*lever)).collect(),
            terms: kept.iter().map(|kept| kept.terms(ground, clock)).collect(),
        };
        Some((told, core))
    };
    let (issues, core): (Vec<Issue>, Vec<Vec<bargain::Terms>>) =
        ground.spec.issues.iter().map(issue).collect::<Option<Vec<_>>>()?.into_iter().unzip();
    let found = linkage(&core, &clock.rounds).ok()?;
    let (all_apart, all_pooled) = found.all();
    let keeps = |patience: &bargain::Patience| keeps(patience, clock, "no patience is enough");
    Some(Link {
        issues,
        apart: found.apart.iter().map(keeps).collect(),
        pooled: found.pooled.iter().map(keeps).collect(),
        all_apart: keeps(&all_apart),
        all_pooled: keeps(&all_pooled),
    })
}

/// The patience of each player of whom it is known how long its needs stay met in no deal.
pub(super) fn patience(ground: &Ground, lasts: &[Lasts]) -> Vec<Patience> {
    let round = ground.spec.truce.as_ref().map_or(1.0, |truce| truce.round_months);
    let of = |lasts: &Lasts| Patience {
        player: lasts.player,
        days: lasts.days,
        throughout: lasts.throughout,
        patience: (lasts.days.and_then(|days| patience_of(days, round * DAYS_PER_MONTH))).as_ref().map(Exact::from),
    };
    lasts.iter().filter(|lasts| lasts.lever.is_none()).map(of).collect()
}

/// How offers in turn divide a surplus between two sides, by who offers first.
pub(super) fn offers(ground: &Ground, patience: &[Patience]) -> Vec<Offers> {
    let [one, two] = &ground.sides[..] else { return Vec::new() };
    let of = |side: &Side| {
        let found = patience.iter().find(|patience| patience.player == side.player)?;
        parse(&found.patience.as_ref()?.text)
    };
    let (Some(first), Some(second)) = (of(one), of(two)) else { return Vec::new() };
    let one_first = alternating_offers(&first, &second).map(|share| [share.clone(), Fraction::one() - share]);
    let two_first = alternating_offers(&second, &first).map(|share| [Fraction::one() - share.clone(), share]);
    let all = [(one.player, one_first), (two.player, two_first)].into_iter();
    let told = |(first, shares): (usize, Result<[Fraction; 2], _>)| {
        Some(Offers { first, shares: shares.ok()?.iter().map(Exact::from).collect() })
    };
    all.filter_map(told).collect()
}
