//! Bargains: what each side has in hand, what it can get, and whether what is agreed will hold.
//!
//! The core of it, in which payoffs are numbers and no model runs. [`Hand`] says what levers cost whom; [`Game`] is
//! what both do without talks, with [`equilibria()`], [`dominance()`] and, over draws of payoffs, [`frequencies`];
//! [`Node`] is a tree of threats; [`Table`] has the packages that could be agreed on; [`Terms`] and [`linkage`] say
//! whether that holds. Everything that can be a fraction is one, to the digit: [`fraction`].

mod alternating;
pub mod answer;
mod asked;
mod corners;
mod deals;
mod dictionary;
mod dominance;
mod equilibria;
pub mod figures;
pub mod fraction;
mod game;
mod guess;
mod leverage;
pub mod payoffs;
mod pieces;
mod problem;
mod repeated;
mod robust;
pub mod runs;
pub mod spec;
pub mod stage;
mod tree;
pub mod whole;

pub use alternating::alternating_offers;
pub use deals::{Curve, Deal, Point, Price, Solution, Table, Transfer};
pub use dominance::{Dominance, Step, dominance};
pub use equilibria::{Component, Equilibria, Equilibrium, equilibria};
pub use fraction::Fraction;
pub use game::{Game, Payoffs, Player};
pub use leverage::{Bites, Entry, Hand, Ledger, bites, loss_of_share, patience_of};
pub use pieces::Piece;
pub use problem::Problem;
pub use repeated::{Linkage, Patience, Rounds, Terms, linkage};
pub use robust::{Frequencies, Support, frequencies, supports};
pub use tree::{Node, Outcome, Play, Tie};
