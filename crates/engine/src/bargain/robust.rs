//! Equilibria where payoffs are not known: how often each outcome is one over draws of the payoffs.

use std::collections::BTreeMap;

use num_traits::Zero;
use rayon::prelude::*;

use super::Problem;
use super::equilibria::equilibria;
use super::game::{Game, Player};

/// How often outcomes are equilibria without mixing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequencies {
    pub draws: usize,
    /// Draws in which the packages of (row, column) are an equilibrium.
    pub equilibrium: Vec<Vec<usize>>,
    /// Draws in which they are the only equilibrium without mixing.
    pub only: Vec<Vec<usize>>,
    /// Draws in which there is none without mixing.
    pub none: usize,
}

impl Frequencies {
    /// The share of draws in which two packages are an equilibrium.
    pub fn share(&self, row: usize, column: usize) -> f64 {
        self.equilibrium[row][column] as f64 / self.draws as f64
    }
}

/// Packages that each player mixes: the row player's, the column player's.
pub type Support = (Vec<usize>, Vec<usize>);

fn same_shape(draws: &[Game]) -> Result<(usize, usize), Problem> {
    let shape = |game: &Game| (game.count(Player::Row), game.count(Player::Column));
    let first = draws.first().map(shape).ok_or(Problem::NoDraws)?;
    match draws.iter().position(|game| shape(game) != first) {
        Some(draw) => Err(Problem::Draw { draw, has: shape(&draws[draw]), wanted: first }),
        None => Ok(first),
    }
}

/// Counts equilibria without mixing over draws of the same game. Errors: no draws, draws of different shape.
///
/// ```
/// use coercivity_engine::bargain::{Game, frequencies};
/// let chicken = Game::whole(&[&[3, 1], &[4, 0]], &[&[3, 4], &[1, 0]]).unwrap();
/// let dilemma = Game::whole(&[&[3, 0], &[5, 1]], &[&[3, 5], &[0, 1]]).unwrap();
/// let found = frequencies(&[chicken, dilemma]).unwrap();
/// assert_eq!(found.equilibrium, [[0, 1], [1, 1]]);
/// assert_eq!(found.only, [[0, 0], [0, 1]]);
/// ```
pub fn frequencies(draws: &[Game]) -> Result<Frequencies, Problem> {
    let (rows, columns) = same_shape(draws)?;
    let mut found = Frequencies {
        draws: draws.len(),
        equilibrium: vec![vec![0; columns]; rows],
        only: vec![vec![0; columns]; rows],
        none: 0,
    };
    let pure: Vec<Vec<(usize, usize)>> = draws.par_iter().map(Game::pure_equilibria).collect();
    for outcomes in pure {
        outcomes.iter().for_each(|(row, column)| found.equilibrium[*row][*column] += 1);
        match outcomes[..] {
            [] => found.none += 1,
            [(row, column)] => found.only[row][column] += 1,
            _ => {}
        }
    }
    Ok(found)
}

/// In how many draws there is an extreme equilibrium in which the players mix just these packages; mixing one is
/// playing it. Errors: as [`frequencies`] and [`equilibria()`].
pub fn supports(draws: &[Game]) -> Result<BTreeMap<Support, usize>, Problem> {
    same_shape(draws)?;
    let mut counts = BTreeMap::new();
    for game in draws {
        let played = |mix: &[super::Fraction]| (0..mix.len()).filter(|place| !mix[*place].is_zero()).collect();
        let mut found: Vec<Support> =
            equilibria(game)?.extreme.iter().map(|e| (played(&e.row), played(&e.column))).collect();
        found.sort_unstable();
        found.dedup();
        for support in found {
            *counts.entry(support).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_game_in_three_has_no_outcome_without_mixing() {
        let stag = |most| Game::whole(&[&[most, 0], &[3, 2]], &[&[most, 3], &[0, 2]]).unwrap();
        let inspection = Game::whole(&[&[-1, 3], &[1, 0]], &[&[2, -2], &[-1, 1]]).unwrap();
        let draws = [stag(4), stag(2), inspection];
        let found = frequencies(&draws).unwrap();
        assert_eq!((found.equilibrium[0][0], found.equilibrium[1][1], found.none), (1, 2, 1));
        assert_eq!(found.only, [[0, 0], [0, 1]]);
        assert_eq!(found.share(1, 1), 2.0 / 3.0);
        let mixed = supports(&draws).unwrap();
        let both = (vec![0, 1], vec![0, 1]);
        let expected = [((vec![0], vec![0]), 1), (both, 2), ((vec![1], vec![1]), 2)];
        assert_eq!(mixed, BTreeMap::from(expected));
    }

    #[test]
    fn draws_must_be_of_one_game() {
        let (small, large) = (Game::whole(&[&[1]], &[&[1]]).unwrap(), Game::whole(&[&[1, 2]], &[&[1, 2]]).unwrap());
        assert_eq!(frequencies(&[]), Err(Problem::NoDraws));
        let wrong = Problem::Draw { draw: 1, has: (1, 2), wanted: (1, 1) };
        assert_eq!(frequencies(&[small, large]), Err(wrong));
    }
}
