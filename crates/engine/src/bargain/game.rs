//! A game of two players in normal form: each picks one of its packages, not knowing what the other picks.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::Problem;
use super::fraction::{Fraction, dot, exact, whole};

/// Payoffs of each package of the row player (first index) against each of the column player (second index).
pub type Payoffs = Vec<Vec<Fraction>>;

/// One of the two players.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Player {
    /// The one who picks the row.
    Row,
    /// The one who picks the column.
    Column,
}

impl Player {
    pub const BOTH: [Player; 2] = [Player::Row, Player::Column];

    pub fn other(self) -> Player {
        match self {
            Player::Row => Player::Column,
            Player::Column => Player::Row,
        }
    }

    pub fn index(self) -> usize {
        self as usize
    }

    pub fn name(self) -> &'static str {
        match self {
            Player::Row => "row",
            Player::Column => "column",
        }
    }
}

/// A game of two players with finite payoffs; more is better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Game {
    /// What each player gets, rows by columns.
    payoffs: [Payoffs; 2],
}

impl Game {
    /// A game from what the row player and what the column player get.
    ///
    /// Errors: no packages, rows that differ in length, two tables that differ in shape; all of them at once.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Game, equilibria, fraction::ratio};
    /// // Stag hunt: both hunt, both do not, or each hunts two times out of three.
    /// let game = Game::whole(&[&[4, 0], &[3, 2]], &[&[4, 3], &[0, 2]]).unwrap();
    /// let found = equilibria(&game).unwrap();
    /// assert_eq!(found.extreme.len(), 3);
    /// assert!(found.extreme.iter().any(|e| e.row == [ratio(2, 3).unwrap(), ratio(1, 3).unwrap()]));
    /// ```
    pub fn new(row: Payoffs, column: Payoffs) -> Result<Game, Vec<Problem>> {
        let mut problems = Vec::new();
        let width = row.first().map_or(0, Vec::len);
        for (player, payoffs) in [(Player::Row, &row), (Player::Column, &column)] {
            if payoffs.is_empty() || payoffs.iter().all(Vec::is_empty) {
                problems.push(Problem::NoPackages { player });
                continue;
            }
            if payoffs.len() != row.len() {
                problems.push(Problem::Rows { player, has: payoffs.len(), wanted: row.len() });
            }
            for (place, payoffs) in payoffs.iter().enumerate().filter(|(_, payoffs)| payoffs.len() != width) {
                problems.push(Problem::Ragged { player, row: place, has: payoffs.len(), wanted: width });
            }
        }
        if problems.is_empty() { Ok(Game { payoffs: [row, column] }) } else { Err(problems) }
    }

    /// A game from numbers, taken as the exact fractions that they stand for. Errors: as [`Game::new`], and each number
    /// that is not finite.
    pub fn numbers(row: &[Vec<f64>], column: &[Vec<f64>]) -> Result<Game, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut read = |player, payoffs: &[Vec<f64>]| -> Payoffs {
            let mut cell = |i, j, value| {
                exact(value).unwrap_or_else(|| {
                    problems.push(Problem::NotFinite { player, row: i, column: j, value });
                    Fraction::zero()
                })
            };
            let line = |(i, line): (usize, &Vec<f64>)| line.iter().enumerate().map(|(j, v)| cell(i, j, *v)).collect();
            payoffs.iter().enumerate().map(line).collect()
        };
        let (row, column) = (read(Player::Row, row), read(Player::Column, column));
        match Game::new(row, column) {
            Ok(game) if problems.is_empty() => Ok(game),
            Ok(_) => Err(problems),
            Err(more) => Err(problems.into_iter().chain(more).collect()),
        }
    }

    /// A game from whole numbers. Errors: as [`Game::new`].
    pub fn whole(row: &[&[i64]], column: &[&[i64]]) -> Result<Game, Vec<Problem>> {
        let read = |payoffs: &[&[i64]]| payoffs.iter().map(|line| line.iter().map(|v| whole(*v)).collect()).collect();
        Game::new(read(row), read(column))
    }

    /// The game in which the column player gets in each case what the row player gets with places changed.
    /// Errors: as [`Game::new`]; the table must be square.
    pub fn symmetric(row: Payoffs) -> Result<Game, Vec<Problem>> {
        let width = row.iter().map(Vec::len).max().unwrap_or(0);
        let turned = |j: usize| row.iter().filter_map(|line| line.get(j).cloned()).collect();
        let column = (0..width).map(turned).collect();
        Game::new(row, column)
    }

    /// How many packages a player has.
    pub fn count(&self, player: Player) -> usize {
        match player {
            Player::Row => self.payoffs[0].len(),
            Player::Column => self.payoffs[0][0].len(),
        }
    }

    /// What a player gets where these packages meet.
    pub fn payoff(&self, player: Player, row: usize, column: usize) -> &Fraction {
        &self.payoffs[player.index()][row][column]
    }

    /// What a player gets with its package `own` against the other's package `other`.
    pub(super) fn against(&self, player: Player, own: usize, other: usize) -> &Fraction {
        match player {
            Player::Row => self.payoff(player, own, other),
            Player::Column => self.payoff(player, other, own),
        }
    }

    /// What both get when they mix their packages: shares that add up to 1.
    pub fn expected(&self, row: &[Fraction], column: &[Fraction]) -> [Fraction; 2] {
        Player::BOTH.map(|player| {
            let lines: Vec<Fraction> = self.payoffs[player.index()].iter().map(|line| dot(line, column)).collect();
            dot(row, &lines)
        })
    }

    /// What a player gets with each of its packages against a mix of the other's.
    pub fn replies(&self, player: Player, mix: &[Fraction]) -> Vec<Fraction> {
        let reply = |own| {
            let terms = mix.iter().enumerate().filter(|(_, share)| !share.is_zero());
            terms.map(|(other, share)| self.against(player, own, other) * share).sum()
        };
        (0..self.count(player)).map(reply).collect()
    }

    /// Whether neither player could gain by another package: the definition of an equilibrium (Nash 1951), to the
    /// digit.
    pub fn is_equilibrium(&self, row: &[Fraction], column: &[Fraction]) -> bool {
        let fits = |player: Player, own: &[Fraction]| {
            own.len() == self.count(player)
                && own.iter().all(|share| !share.is_negative())
                && own.iter().sum::<Fraction>().is_one()
        };
        let content = |player, own: &[Fraction], mix: &[Fraction]| {
            let replies = self.replies(player, mix);
            let best = replies.iter().max().expect("a game has packages");
            own.iter().zip(&replies).all(|(share, reply)| share.is_zero() || reply == best)
        };
        fits(Player::Row, row)
            && fits(Player::Column, column)
            && content(Player::Row, row, column)
            && content(Player::Column, column, row)
    }

    /// The pairs of packages from which neither player gains by leaving alone, row by row.
    pub fn pure_equilibria(&self) -> Vec<(usize, usize)> {
        let (rows, columns) = (self.count(Player::Row), self.count(Player::Column));
        let best = |player: Player, other: usize| {
            (0..self.count(player)).map(|own| self.against(player, own, other)).max().expect("a game has packages")
        };
        let best_rows: Vec<&Fraction> = (0..columns).map(|j| best(Player::Row, j)).collect();
        let best_columns: Vec<&Fraction> = (0..rows).map(|i| best(Player::Column, i)).collect();
        let pairs = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
        pairs
            .filter(|(i, j)| {
                self.payoff(Player::Row, *i, *j) == best_rows[*j]
                    && self.payoff(Player::Column, *i, *j) == best_columns[*i]
            })
            .collect()
    }

    /// The game of some of the packages.
    pub fn part(&self, rows: &[usize], columns: &[usize]) -> Game {
        let cut = |payoffs: &Payoffs| {
            rows.iter().map(|i| columns.iter().map(|j| payoffs[*i][*j].clone()).collect()).collect()
        };
        Game { payoffs: [cut(&self.payoffs[0]), cut(&self.payoffs[1])] }
    }

    /// A player's payoffs as whole numbers of the same order, own packages by the other's: against each package of the
    /// other the worst is 0 and something is above 0. Best replies are those of the game, since what is taken away
    /// hangs on the other's choice alone.
    pub(super) fn replies_in_whole_numbers(&self, player: Player) -> Vec<Vec<BigInt>> {
        let payoffs = &self.payoffs[player.index()];
        let common = payoffs.iter().flatten().fold(BigInt::one(), |common, v| common.lcm(v.denom()));
        let (own, others) = (self.count(player), self.count(player.other()));
        let scaled = |i, j| {
            let value = self.against(player, i, j);
            value.numer() * (&common / value.denom())
        };
        let mut table: Vec<Vec<BigInt>> = (0..own).map(|i| (0..others).map(|j| scaled(i, j)).collect()).collect();
        for j in 0..others {
            let worst = table.iter().map(|line| line[j].clone()).min().expect("a game has packages");
            table.iter_mut().for_each(|line| line[j] -= &worst);
        }
        let divisor = table.iter().flatten().fold(BigInt::zero(), |divisor, v| divisor.gcd(v));
        if !divisor.is_zero() && !divisor.is_one() {
            table.iter_mut().flatten().for_each(|v| *v /= &divisor);
        }
        for j in 0..others {
            if table.iter().all(|line| line[j].is_zero()) {
                table.iter_mut().for_each(|line| line[j] = BigInt::one());
            }
        }
        table
    }
}
