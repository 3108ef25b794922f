//! What could be agreed: the frontier, what rules say, payments, and what it costs to leave levers off the table.

use num_traits::Signed;
use serde::{Deserialize, Serialize};

use super::ground::{Ground, OnTable};
use super::{Combination, Exact, Setting};
use crate::bargain::fraction::Fraction;
use crate::bargain::{self, Deal, Solution, Transfer, spec};

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

const RULES: [(Rule, Solution); 3] = [
    (Rule::Nash, Solution::Nash),
    (Rule::KalaiSmorodinsky, Solution::KalaiSmorodinsky),
    (Rule::Egalitarian, Solution::Egalitarian),
];

/// What could be agreed.
pub(super) fn deals(ground: &Ground, on: &OnTable) -> Deals {
    let (mut points, mut problems) = (Vec::new(), Vec::new());
    for (rule, solution) in RULES {
        match on.table.solve(solution) {
            Ok(deal) => points.extend(deal.map(|deal| Solved { rule, deal: mixed(ground, on, &deal) })),
            Err(problem) => problems.push(format!("{}: {problem}", rule.name())),
        }
    }
    Deals {
        frontier: frontier(ground, on).into_iter().map(|cell| ground.combination(cell)).collect(),
        acceptable: (0..on.cells.len()).filter(|place| on.table.is_acceptable(*place)).count(),
        ideal: ground.all_currency(&on.table.ideal()),
        points,
        payments: on.table.with_payments().map(|agreed| payments(ground, on, &agreed)),
        problems,
    }
}

/// The combinations that no other beats, by what the first side gets, then the next; of those that give every player the
/// same the first.
fn frontier(ground: &Ground, on: &OnTable) -> Vec<usize> {
    let mut cells: Vec<usize> = on.table.frontier().into_iter().map(|place| on.cells[place]).collect();
    let payoffs = |cell: usize| ground.get(cell).expect("what is on the table is known");
    cells.sort_by(|a, b| {
        let (of_a, of_b) = (payoffs(*a), payoffs(*b));
        ground.of_sides(of_b).cmp(&ground.of_sides(of_a)).then(of_b.cmp(of_a)).then(a.cmp(b))
    });
    cells.dedup_by(|a, b| payoffs(*a) == payoffs(*b));
    cells
}

/// A deal of the sides as one of all players.
fn mixed(ground: &Ground, on: &OnTable, deal: &Deal) -> Mixed {
    let mix: Vec<(usize, Fraction)> =
        deal.mix.iter().map(|(package, share)| (on.cells[*package], share.clone())).collect();
    let payoffs = ground.mean(&mix).expect("what is on the table is known");
    let gains = ground.gains(&payoffs).expect("there is no table without no deal");
    let share = |(cell, share): &(usize, Fraction)| {
        let levels = ground.combinations.levels(*cell);
        Share { cell: *cell, name: ground.name(&levels), levels, share: share.into() }
    };
    Mixed {
        mix: mix.iter().map(share).collect(),
        payoffs: ground.all_currency(&payoffs),
        gains: ground.all_currency(&gains),
        exact: deal.is_exact,
    }
}

fn payments(ground: &Ground, on: &OnTable, agreed: &Transfer) -> Payments {
    let mut ways: Vec<Paid> = Vec::new();
    for (package, payments) in agreed.packages.iter().zip(&agreed.payments) {
        let combination = ground.combination(on.cells[*package]);
        if ways.iter().any(|way| way.combination.payoffs == combination.payoffs) {
            continue;
        }
        let mut paid = vec![0.0; ground.players.len()];
        for (side, payment) in ground.sides.iter().zip(payments) {
            paid[side.player] = ground.currency(payment);
        }
        ways.push(Paid { combination, paid });
    }
    let gains = ways[0].combination.gains.iter().flatten().zip(&ways[0].paid).map(|(gain, paid)| gain + paid).collect();
    Payments { surplus: ground.currency(&agreed.surplus), gains, ways }
}

/// What each constraint leaves, and its price; rules that have no point have no price.
pub(super) fn constraints(ground: &Ground, on_table: Option<&OnTable>) -> Vec<Bound> {
    let bound = |constraint: &spec::Constraint| {
        let settings: Vec<Setting> = (constraint.settings.iter())
            .filter_map(|setting| ground.spec.place_of(setting))
            .map(|(lever, level)| Setting { lever, level })
            .collect();
        let may = |cell: usize| {
            let levels = ground.combinations.levels(cell);
            settings.iter().all(|setting| levels[setting.lever] == setting.level)
        };
        let on = on_table.filter(|on| on.cells.iter().any(|cell| may(*cell)));
        Bound {
            id: constraint.id.clone(),
            name: constraint.name.clone(),
            source: constraint.source.clone(),
            left: on.map_or(0, |on| on.cells.iter().filter(|cell| may(**cell)).count()),
            prices: on.map_or(Vec::new(), |on| {
                let priced = |(rule, solution)| {
                    let found = on.table.price(solution, |package| may(on.cells[package])).ok()?;
                    Some(price(ground, on, rule, &found))
                };
                RULES.into_iter().filter_map(priced).collect()
            }),
            settings,
        }
    };
    ground.spec.constraints.iter().map(bound).collect()
}

fn price(ground: &Ground, on: &OnTable, rule: Rule, found: &bargain::Price) -> Price {
    let bound = found.bound.as_ref().map(|deal| mixed(ground, on, deal));
    let free = found.free.as_ref().map(|deal| mixed(ground, on, deal));
    let gain = |deal: &Option<Mixed>, player: usize| deal.as_ref().map_or(0.0, |deal| deal.gains[player]);
    let lost = (0..ground.players.len()).map(|player| gain(&free, player) - gain(&bound, player)).collect();
    Price { rule, bound, lost }
}

/// What is taken as agreed where a single combination must be: the Nash point if it is one, else that of the largest
/// product of gains. `None` where there is none by which all gain who can.
pub(super) fn agreed(ground: &Ground, on: &OnTable) -> Option<usize> {
    let gaining: Vec<bool> = on.table.ideal().iter().map(Signed::is_positive).collect();
    let product = |place: usize| -> Fraction {
        let gains = on.table.gains(place);
        gains.into_iter().zip(&gaining).filter(|(_, gaining)| **gaining).map(|(gain, _)| gain).product()
    };
    let place_of = |cell: &usize| on.cells.binary_search(cell).expect("cells of a frontier are on the table");
    let places = frontier(ground, on).into_iter().map(|cell| place_of(&cell));
    let mut best: Option<(Fraction, usize)> = None;
    for place in places.filter(|place| on.table.is_acceptable(*place)) {
        let product = product(place);
        if product.is_positive() && best.as_ref().is_none_or(|(most, _)| product > *most) {
            best = Some((product, place));
        }
    }
    best.filter(|_| gaining.contains(&true)).map(|(_, place)| on.cells[place])
}

impl Rule {
    pub fn name(self) -> &'static str {
        match self {
            Rule::Nash => "Nash",
            Rule::KalaiSmorodinsky => "Kalai-Smorodinsky",
            Rule::Egalitarian => "egalitarian",
        }
    }
}
