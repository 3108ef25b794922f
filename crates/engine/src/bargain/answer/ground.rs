//! What all parts of an answer stand on: who holds what, and who gets what under which combination.
//!
//! Payoffs are rounded here, once: they are whole numbers of the unit that the spec says from here on, and currency
//! again where they are written down.

use num_traits::{Signed, Zero};

use super::super::Problem;
use super::super::deals::Table;
use super::super::fraction::{Fraction, exact, near, parse};
use super::super::payoffs::{Combinations, Payoffs, Values};
use super::super::spec::{self, Spec};
use super::{Combination, Level, Lever, Package, Player, Side};

/// What each player gets in units of `round_to`, by combination; `None` = not run.
pub(super) type Units = Vec<Option<Vec<Fraction>>>;

pub(super) struct Ground<'a> {
    pub spec: &'a Spec,
    pub combinations: Combinations,
    pub players: Vec<Player>,
    pub sides: Vec<Side>,
    /// Level of each lever where talks fail.
    pub no_deal: Vec<usize>,
    pub units: Units,
    /// The unit in currency.
    unit: Fraction,
}

/// Combinations that are known, as packages of a table of the sides.
pub(super) struct OnTable {
    pub table: Table,
    /// The combination of each package.
    pub cells: Vec<usize>,
}

impl<'a> Ground<'a> {
    /// Errors: payoffs that are not finite, all of them.
    pub fn new(spec: &'a Spec, payoffs: &Payoffs) -> Result<Ground<'a>, Vec<Problem>> {
        let combinations = Combinations::new(spec.levers.iter().map(|lever| lever.levels.len()).collect())
            .expect("combinations that were run can be counted");
        let held = |id: &str| (0..spec.levers.len()).filter(|lever| spec.levers[*lever].by.0 == id).collect();
        let player = |player: &spec::Player| {
            let levers: Vec<usize> = held(&player.id.0);
            Player { id: player.id.0.clone(), name: player.name.clone(), bystander: levers.is_empty(), levers }
        };
        let players: Vec<Player> = spec.players.iter().map(player).collect();
        let sides = (0..players.len())
            .filter(|player| !players[*player].bystander)
            .map(|player| Side { player, packages: packages(spec, &combinations, &players[player].levers) })
            .collect();
        let unit = decimal(spec.round_to);
        let units = round(&payoffs.values, &unit)?;
        Ok(Ground { spec, combinations, players, sides, no_deal: spec.no_deal(), units, unit })
    }

    /// The same from a later day on, or in a draw. Errors: payoffs that are not finite.
    pub fn others(&self, values: &Values) -> Result<Units, Vec<Problem>> {
        round(values, &self.unit)
    }

    /// Units as currency.
    pub fn currency(&self, units: &Fraction) -> f64 {
        near(&(units * &self.unit))
    }

    pub fn all_currency(&self, units: &[Fraction]) -> Vec<f64> {
        units.iter().map(|units| self.currency(units)).collect()
    }

    pub fn number(&self, levels: &[usize]) -> usize {
        self.combinations.number(levels)
    }

    pub fn get(&self, cell: usize) -> Option<&[Fraction]> {
        self.units[cell].as_deref()
    }

    pub fn is_whole(&self) -> bool {
        self.units.iter().all(Option::is_some)
    }

    /// What each player gets where talks fail.
    pub fn without(&self) -> Option<&[Fraction]> {
        self.get(self.number(&self.no_deal))
    }

    /// What each player gains against no deal.
    pub fn gains(&self, payoffs: &[Fraction]) -> Option<Vec<Fraction>> {
        Some(payoffs.iter().zip(self.without()?).map(|(gets, without)| gets - without).collect())
    }

    /// What each player gets on average under a mix.
    pub fn mean(&self, mix: &[(usize, Fraction)]) -> Option<Vec<Fraction>> {
        let known: Vec<(&[Fraction], &Fraction)> =
            mix.iter().map(|(cell, share)| Some((self.get(*cell)?, share))).collect::<Option<_>>()?;
        let of = |player: usize| known.iter().map(|(payoffs, share)| &payoffs[player] * *share).sum();
        Some((0..self.players.len()).map(of).collect())
    }

    /// Those of the sides, of figures of all players.
    pub fn of_sides(&self, figures: &[Fraction]) -> Vec<Fraction> {
        self.sides.iter().map(|side| figures[side.player].clone()).collect()
    }

    pub fn combination(&self, cell: usize) -> Combination {
        let payoffs = self.get(cell);
        let levels = self.combinations.levels(cell);
        Combination {
            cell,
            name: self.name(&levels),
            levels,
            payoffs: payoffs.map(|payoffs| self.all_currency(payoffs)),
            gains: payoffs.and_then(|payoffs| self.gains(payoffs)).map(|gains| self.all_currency(&gains)),
        }
    }

    /// The packages of all sides in words.
    pub fn name(&self, levels: &[usize]) -> String {
        if levels.iter().all(|level| *level == 0) {
            return "no lever pulled".to_string();
        }
        let package = |side: &Side| {
            let player = &self.players[side.player];
            let own: Vec<usize> = player.levers.iter().map(|lever| levels[*lever]).collect();
            format!("{}: {}", player.name, package_name(self.spec, &player.levers, &own))
        };
        self.sides.iter().map(package).collect::<Vec<String>>().join("; ")
    }

    pub fn levers(&self) -> Vec<Lever> {
        let lever = |(place, lever): (usize, &spec::Lever)| Lever {
            id: lever.id.0.clone(),
            name: lever.name.clone(),
            by: self.players.iter().position(|player| player.levers.contains(&place)).unwrap_or_default(),
            levels: (lever.levels.iter())
                .map(|level| Level { id: level.id.clone(), name: level.name.clone() })
                .collect(),
            place: self.combinations.places[place],
            source: lever.source.clone(),
        };
        self.spec.levers.iter().enumerate().map(lever).collect()
    }

    /// What is on the table, of what is known; `None` where no deal is not, or nobody holds a lever.
    pub fn on_table(&self) -> Option<OnTable> {
        let without = self.of_sides(self.without()?);
        let known = (0..self.units.len()).filter_map(|cell| Some((cell, self.of_sides(self.get(cell)?))));
        let (cells, packages) = known.unzip();
        Table::new(packages, without).ok().map(|table| OnTable { table, cells })
    }
}

/// All combinations of a player's levers, the first lever changing fastest.
fn packages(spec: &Spec, combinations: &Combinations, levers: &[usize]) -> Vec<Package> {
    let own = Combinations::new(levers.iter().map(|lever| spec.levers[*lever].levels.len()).collect())
        .expect("some of what can be counted can be counted");
    let package = |number: usize| {
        let levels = own.levels(number);
        let cell = levers.iter().zip(&levels).map(|(lever, level)| combinations.places[*lever] * level).sum();
        Package { name: package_name(spec, levers, &levels), levels, cell }
    };
    (0..own.count).map(package).collect()
}

/// The levers that are not at their mildest; the level is named where it is not the last.
fn package_name(spec: &Spec, levers: &[usize], levels: &[usize]) -> String {
    let pulled = levers.iter().zip(levels).filter(|(_, level)| **level > 0).map(|(lever, level)| {
        let lever = &spec.levers[*lever];
        match *level + 1 == lever.levels.len() {
            true => lever.name.clone(),
            false => format!("{} ({})", lever.name, lever.levels[*level].name),
        }
    });
    let pulled: Vec<String> = pulled.collect();
    if pulled.is_empty() { "no lever".to_string() } else { pulled.join(" + ") }
}

/// A number as the decimal that it is written as: 0.8 is 4/5, and not the binary fraction nearest to it.
pub(super) fn decimal(number: f64) -> Fraction {
    parse(&number.to_string()).unwrap_or_else(Fraction::zero)
}

fn round(values: &Values, unit: &Fraction) -> Result<Units, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut units = Vec::new();
    for (cell, payoffs) in values.iter().enumerate() {
        let mut one = |(player, value): (usize, &f64)| {
            let exact = exact(*value).unwrap_or_else(|| {
                problems.push(Problem::PackageNotFinite { package: Some(cell), player, value: *value });
                Fraction::zero()
            });
            if unit.is_positive() { (exact / unit).round() } else { exact }
        };
        units.push(payoffs.as_ref().map(|payoffs| payoffs.iter().enumerate().map(&mut one).collect()));
    }
    if problems.is_empty() { Ok(units) } else { Err(problems) }
}
