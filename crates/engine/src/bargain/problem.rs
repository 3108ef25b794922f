//! What can be wrong with a bargain.

use std::fmt;

use super::fraction::Fraction;
use super::game::Player;

/// A problem of an input, or a limit that is reached. Places count from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// A player of a game has no package.
    NoPackages { player: Player },
    /// A player's payoffs have another number of rows than the row player's.
    Rows { player: Player, has: usize, wanted: usize },
    /// A row of payoffs has another length than the first.
    Ragged { player: Player, row: usize, has: usize, wanted: usize },
    /// A payoff of a game is infinite or no number.
    NotFinite { player: Player, row: usize, column: usize, value: f64 },
    /// A game has more to search than can be.
    TooLarge { rows: usize, columns: usize, most: usize, what: &'static str },
    /// A degenerate component has more pieces than can be listed.
    TooManyPieces { most: usize },

    /// A table has no players.
    NoPlayers,
    /// A table has no packages.
    NothingOnTheTable,
    /// A package, or a set of levers, has payoffs of too few or too many players.
    Package { package: usize, has: usize, wanted: usize },
    /// A payoff of a package, or (`None`) of no deal, is infinite or no number.
    PackageNotFinite { package: Option<usize>, player: usize, value: f64 },
    /// Items are given of too few or too many packages.
    Items { has: usize, wanted: usize },
    /// A solver stopped without an answer.
    Solver { why: String },

    /// A hand of levers needs payoffs of each set of them.
    Sets { sets: usize, most: usize },

    /// A choice in a tree has no moves. `at`: the moves that lead there.
    NoMoves { at: Vec<String> },
    /// A choice in a tree is that of a player whom there is not.
    UnknownPlayer { at: Vec<String>, player: usize, players: usize },
    /// An end of a tree has payoffs of too few or too many players.
    Payoffs { at: Vec<String>, has: usize, wanted: usize },

    /// A chance of renewal is not above 0 and at most 1.
    Renewal { value: Fraction },
    /// A breach is answered before it has paid.
    AnsweredAfterNothing,
    /// Nothing to link.
    NoIssues,
    /// An issue has terms of too few or too many players.
    Issue { issue: usize, has: usize, wanted: usize },
    /// A patience is not from 0 to 1.
    Patience { player: Player, value: Fraction },
    /// Both sides can wait for ever.
    NoHaste,

    /// No draws of payoffs.
    NoDraws,
    /// A draw has other numbers of packages than the first.
    Draw { draw: usize, has: (usize, usize), wanted: (usize, usize) },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let place = |at: &[String]| if at.is_empty() { "at the root".to_string() } else { at.join(", ") };
        match self {
            Problem::NoPackages { player } => write!(f, "the {} player has no package", player.name()),
            Problem::Rows { player, has, wanted } => {
                write!(f, "the {} player's payoffs have {has} rows, the row player's {wanted}", player.name())
            }
            Problem::Ragged { player, row, has, wanted } => {
                write!(f, "row {} of the {} player's payoffs has {has} numbers, not {wanted}", row + 1, player.name())
            }
            Problem::NotFinite { player, row, column, value } => {
                let (row, column) = (row + 1, column + 1);
                write!(f, "the {} player's payoff in row {row}, column {column} is {value}", player.name())
            }
            Problem::TooLarge { rows, columns, most, what } => write!(
                f,
                "the game is too large: {rows} x {columns} packages are left undominated, and no more than {most} {what} \
                 can be searched"
            ),
            Problem::TooManyPieces { most } => {
                write!(f, "the game is degenerate: its equilibria are made up of more than {most} pieces")
            }
            Problem::NoPlayers => write!(f, "there is no player"),
            Problem::NothingOnTheTable => write!(f, "there is no package"),
            Problem::Package { package, has, wanted } => {
                write!(f, "package {} has payoffs of {has} players, not {wanted}", package + 1)
            }
            Problem::PackageNotFinite { package, player, value } => {
                let of = package.map_or("no deal".to_string(), |package| format!("package {}", package + 1));
                write!(f, "the payoff of {of} to player {} is {value}", player + 1)
            }
            Problem::Items { has, wanted } => write!(f, "items are given of {has} packages, not {wanted}"),
            Problem::Solver { why } => write!(f, "the solver stopped without an answer: {why}"),
            Problem::Sets { sets, most } => {
                write!(f, "{sets} sets of levers have payoffs; all sets of n levers are 2^n, with n at most {most}")
            }
            Problem::NoMoves { at } => write!(f, "{}: a choice without moves", place(at)),
            Problem::UnknownPlayer { at, player, players } => {
                write!(f, "{}: player {} decides, and there are {players}", place(at), player + 1)
            }
            Problem::Payoffs { at, has, wanted } => {
                write!(f, "{}: payoffs of {has} players, not {wanted}", place(at))
            }
            Problem::Renewal { value } => write!(f, "the chance of renewal is {value}, not above 0 and at most 1"),
            Problem::AnsweredAfterNothing => write!(f, "a breach is answered after one round at the soonest"),
            Problem::NoIssues => write!(f, "there is no issue"),
            Problem::Issue { issue, has, wanted } => {
                write!(f, "issue {} has terms of {has} players, not {wanted}", issue + 1)
            }
            Problem::Patience { player, value } => {
                write!(f, "the {} player's patience is {value}, not from 0 to 1", player.name())
            }
            Problem::NoHaste => write!(f, "neither side loses by waiting: nothing settles the division"),
            Problem::NoDraws => write!(f, "there are no draws"),
            Problem::Draw { draw, has, wanted } => {
                write!(f, "draw {} has {} x {} packages, the first {} x {}", draw + 1, has.0, has.1, wanted.0, wanted.1)
            }
        }
    }
}

impl std::error::Error for Problem {}
