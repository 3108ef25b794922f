//! Iterated strict dominance, step by step: packages that nobody who looks to its own payoff would pick, whatever it
//! expects of the other, are struck out, and then those that nobody would pick in what is left.
//!
//! A package is struck out where some other package, or some mix of packages, is better against each package of the
//! other that is left (Bernheim 1984; Pearce 1984). Whether a mix is: the value of the zero-sum game of the differences
//! is above 0, an exact linear program. Order does not matter, and no equilibrium is lost; both would be false of weak
//! dominance, which strikes out nothing here.

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::dictionary::Dictionary;
use super::fraction::Fraction;
use super::game::{Game, Player};

/// What is left of a game, and how it came to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dominance {
    /// In the order in which packages go.
    pub steps: Vec<Step>,
    /// Packages of the row player that are left.
    pub rows: Vec<usize>,
    pub columns: Vec<usize>,
}

/// A package that is struck out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1; packages of one round go together, by what was left after the round before. All of them go by one
    /// package each, or, where there is none such, all by mixes.
    pub round: usize,
    pub player: Player,
    pub package: usize,
    /// What is better: (package of the same player, share), shares above 0 that add up to 1.
    pub by: Vec<(usize, Fraction)>,
    /// By how much it is better at least, against whatever is left of the other's; above 0.
    pub margin: Fraction,
}

impl Dominance {
    /// Whether one package is left to each: the game is settled by dominance alone.
    pub fn settles(&self) -> bool {
        self.rows.len() == 1 && self.columns.len() == 1
    }
}

/// Strikes out strictly dominated packages until there are none.
///
/// ```
/// use coercivity_engine::bargain::{Game, dominance};
/// // Prisoner's dilemma: the second package is better whatever the other does.
/// let game = Game::whole(&[&[3, 0], &[5, 1]], &[&[3, 5], &[0, 1]]).unwrap();
/// let left = dominance(&game);
/// assert!(left.settles());
/// assert_eq!((left.rows[0], left.columns[0]), (1, 1));
/// ```
pub fn dominance(game: &Game) -> Dominance {
    strike(game, &[better_alone, better_mix])
}

/// The same by single packages alone, which is quick for any game.
pub(super) fn dominance_of_packages(game: &Game) -> Dominance {
    strike(game, &[better_alone])
}

/// Strikes out until nothing is better: each round by the first way that finds something.
fn strike(game: &Game, ways: &[Way]) -> Dominance {
    let mut left = [Player::Row, Player::Column].map(|player| (0..game.count(player)).collect::<Vec<usize>>());
    let mut steps = Vec::new();
    for round in 1.. {
        let struck = ways.iter().find_map(|better| {
            let steps: Vec<Step> = (Player::BOTH.into_iter())
                .flat_map(|player| {
                    let (own, others) = (&left[player.index()], &left[player.other().index()]);
                    own.iter().filter_map(move |package| {
                        let (by, margin) = better(game, player, *package, own, others)?;
                        Some(Step { round, player, package: *package, by, margin })
                    })
                })
                .collect();
            (!steps.is_empty()).then_some(steps)
        });
        let Some(struck) = struck else { break };
        for step in &struck {
            left[step.player.index()].retain(|package| *package != step.package);
        }
        steps.extend(struck);
    }
    let [rows, columns] = left;
    Dominance { steps, rows, columns }
}

/// What is better than a package against each of `others`, (package, share), and by how much at least.
type Better = (Vec<(usize, Fraction)>, Fraction);

/// A way to look for what is better than a player's package, given the packages of its own and of the other's that are
/// left.
type Way = fn(&Game, Player, usize, &[usize], &[usize]) -> Option<Better>;

/// The package that is better than another by the largest margin, of several the first.
fn better_alone(game: &Game, player: Player, package: usize, own: &[usize], others: &[usize]) -> Option<Better> {
    let margin = |rival: usize| {
        let differences = others.iter().map(|other| difference(game, player, rival, package, *other));
        differences.min().expect("nobody is left without a package")
    };
    let margins = own.iter().filter(|rival| **rival != package).map(|rival| (*rival, margin(*rival)));
    let best = margins.rev().max_by(|a, b| a.1.cmp(&b.1)).filter(|(_, margin)| margin.is_positive());
    best.map(|(rival, margin)| (vec![(rival, Fraction::one())], margin))
}

/// The mix that is better than a package by the largest margin.
fn better_mix(game: &Game, player: Player, package: usize, own: &[usize], others: &[usize]) -> Option<Better> {
    let rivals: Vec<usize> = own.iter().copied().filter(|rival| *rival != package).collect();
    let gap = |rival: &usize, other: usize| difference(game, player, *rival, package, other);
    // What is best against some package of the other's is not dominated, which is quickly seen.
    if others.iter().any(|other| rivals.iter().all(|rival| !gap(rival, *other).is_positive())) {
        return None;
    }
    let line = |rival: &usize| others.iter().map(|other| gap(rival, *other)).collect();
    let (mix, margin) = maximin(&rivals.iter().map(line).collect::<Vec<_>>());
    let by = rivals.into_iter().zip(mix).filter(|(_, share)| share.is_positive()).collect();
    margin.is_positive().then_some((by, margin))
}

/// By how much a package is better than another against one of the other player's.
fn difference(game: &Game, player: Player, package: usize, than: usize, other: usize) -> Fraction {
    game.against(player, package, other) - game.against(player, than, other)
}

/// The mix of the rows of a zero-sum game that gets most whatever the column, and what it gets (von Neumann 1928).
fn maximin(payoffs: &[Vec<Fraction>]) -> (Vec<Fraction>, Fraction) {
    let common = payoffs.iter().flatten().fold(BigInt::one(), |common, v| num_integer::lcm(common, v.denom().clone()));
    let scaled = |v: &Fraction| v.numer() * (&common / v.denom());
    let least = payoffs.iter().flatten().map(scaled).min().expect("no player is without a package");
    // Above 0 throughout, so that the column player's program is bounded: its shares over the value, their sum to be
    // as large as can be.
    let lift = BigInt::one() - least;
    let table: Vec<Vec<BigInt>> = payoffs.iter().map(|line| line.iter().map(|v| scaled(v) + &lift).collect()).collect();
    let (rows, columns) = (table.len(), table[0].len());
    let mut dictionary = Dictionary::new(table, vec![BigInt::one(); rows], vec![vec![BigInt::one(); columns]]);
    assert!(dictionary.maximise(0), "a table above 0 bounds the program");
    let duals = dictionary.duals(0);
    let sum: BigInt = duals.iter().sum();
    let total: Fraction = dictionary.values().iter().sum();
    let mix = duals.into_iter().map(|dual| Fraction::new(dual, sum.clone())).collect();
    (mix, (total.recip() - Fraction::from_integer(lift)) / Fraction::from_integer(common))
}

#[cfg(test)]
mod tests {
    use super::super::fraction::{ratio, whole};
    use super::*;

    #[test]
    fn a_mix_strikes_out_what_no_package_does() {
        // Half of the first row and half of the second give 2 against either column, the third 1. Without the third row
        // the second column is never better, and without that the second row is not.
        let row = [&[4, 0][..], &[0, 4], &[1, 1]];
        let game = Game::whole(&row, &[&[1, 0], &[1, 0], &[0, 5]]).unwrap();
        let found = dominance(&game);
        let half = ratio(1, 2).unwrap();
        let first = Step {
            round: 1,
            player: Player::Row,
            package: 2,
            by: vec![(0, half.clone()), (1, half)],
            margin: whole(1),
        };
        assert_eq!(found.steps[0], first);
        let rest: Vec<_> = found.steps[1..].iter().map(|s| (s.round, s.player, s.package, s.by[0].0)).collect();
        assert_eq!(rest, [(2, Player::Column, 1, 0), (3, Player::Row, 1, 0)]);
        assert!(found.settles());
    }

    #[test]
    fn weak_dominance_strikes_out_nothing() {
        // The second row is never better and once as good.
        let game = Game::whole(&[&[1, 1], &[1, 0]], &[&[1, 1], &[1, 1]]).unwrap();
        let found = dominance(&game);
        assert!(found.steps.is_empty() && !found.settles());
        assert_eq!((found.rows, found.columns), (vec![0, 1], vec![0, 1]));
    }

    #[test]
    fn value_of_a_zero_sum_game() {
        // [[3, -1], [-2, 4]]: shares 3/5 and 2/5, value 1.
        let payoffs = [[3, -1], [-2, 4]].map(|line| line.map(whole).to_vec());
        assert_eq!(maximin(&payoffs), (vec![ratio(3, 5).unwrap(), ratio(2, 5).unwrap()], whole(1)));
    }
}
