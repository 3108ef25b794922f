//! What both sides do without talks: dominance, equilibria, how often over draws, and whether threats are credible.

use serde::{Deserialize, Serialize};

use super::Exact;

/// The game of two sides. Packages are places in the lists of [`super::Side`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Game {
    /// The players who pick the row and the column: the two sides.
    pub row: usize,
    pub column: usize,
    /// In the order in which packages go.
    pub dominance: Vec<Struck>,
    /// Packages that are left: rows, columns.
    pub left: [Vec<usize>; 2],
    /// All between which others lie; `None` = see `too_large`.
    pub equilibria: Option<Vec<Equilibrium>>,
    /// Sets of equilibria that hang together; in a game without degeneracy each is one point.
    pub components: Vec<Component>,
    /// Why there are no equilibria.
    pub too_large: Option<String>,
}

/// A package that is struck out: another, or a mix, is better against whatever is left of the other side's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Struck {
    /// From 1; packages of one round go together.
    pub round: usize,
    pub player: usize,
    pub package: usize,
    /// What is better.
    pub by: Vec<Played>,
    /// By how much at least.
    pub margin: f64,
}

/// A package and its share in a mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    pub package: usize,
    pub share: Exact,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Equilibrium {
    pub row: Vec<Played>,
    pub column: Vec<Played>,
    /// The combination, where neither side mixes.
    pub cell: Option<usize>,
    /// Of each player, bystanders too.
    pub payoffs: Vec<f64>,
}

/// A connected set of equilibria that no other adjoins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Places of its extreme equilibria; one = it is a point.
    pub equilibria: Vec<usize>,
    pub pieces: Vec<Piece>,
    /// The least and the most that each side gets: row, column.
    pub payoffs: [[f64; 2]; 2],
}

/// Any mix of the rows of a piece with any mix of its columns is an equilibrium. In words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    pub row: String,
    pub column: String,
}

/// How often outcomes are equilibria without mixing, over draws of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draws {
    /// Draws that were asked for.
    pub samples: usize,
    /// Draws in which the whole game is known: those that are counted.
    pub counted: usize,
    /// Outcomes that are an equilibrium in some draw, the most frequent first.
    pub outcomes: Vec<OutcomeCount>,
    /// Draws in which there is none without mixing.
    pub none: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeCount {
    /// Packages of row and column.
    pub packages: [usize; 2],
    pub cell: usize,
    /// Draws in which it is an equilibrium.
    pub equilibrium: usize,
    /// Draws in which it is the only one without mixing.
    pub only: usize,
}

/// A side asks another for its levers at their mildest, and threatens with its own as in no deal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threat {
    /// Who threatens, and whom.
    pub player: usize,
    pub other: usize,
    /// What a refusal costs the one who threatens if it carries the threat out, against letting it be; above 0 = it
    /// would rather not.
    pub costs_own: f64,
    /// Whether it would.
    pub carried_out: Move,
    /// Whether the other gives in, knowing that.
    pub given_in: Move,
    pub outcomes: Vec<ThreatOutcome>,
    pub ties: Vec<Tie>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Move {
    Yes,
    No,
    /// It is indifferent, or it hangs on somebody who is.
    Either,
}

/// An end that may be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreatOutcome {
    pub moves: Vec<String>,
    pub name: String,
    pub cell: usize,
    /// By player.
    pub payoffs: Vec<f64>,
}

/// A point at which more than one move may be best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tie {
    /// The moves that lead there.
    pub at: Vec<String>,
    pub player: usize,
    pub between: Vec<String>,
}
