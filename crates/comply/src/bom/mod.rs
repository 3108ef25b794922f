//! A bill of materials: parts, their suppliers, the materials in them, and what documents prove.
//!
//! Everything here is in an order that does not depend on the order of rows, and nothing here knows a
//! rule.

mod read;

use std::sync::Arc;

use coercivity_model::Date;

use crate::amount::{self, Amount};
use crate::claim::Claim;
use crate::country::Answer;

pub use read::read;

/// Parts, sorted by their number, and documents, sorted by theirs.
#[derive(Debug, Default)]
pub struct Bom {
    pub parts: Vec<Part>,
    pub documents: Vec<Document>,
    /// Positions in `parts`, each part before those it is built into.
    pub bottom_up: Vec<usize>,
    /// Every distinct answer of a cell about countries.
    pub answers: Vec<Answer>,
}

/// A part by its number.
#[derive(Debug, Default)]
pub struct Part {
    pub number: String,
    /// Name for people; may be empty.
    pub name: String,
    /// What it is built into: part and how many, where known.
    pub part_of: Vec<(usize, Option<Amount>)>,
    /// What is built into it.
    pub contains: Vec<(usize, Option<Amount>)>,
    /// One for each supplier, sorted by name.
    pub sources: Vec<Source>,
}

/// A part as one supplier supplies it.
#[derive(Debug, Default)]
pub struct Source {
    /// Empty = not named.
    pub supplier: String,
    pub weight_g: Stated<Option<Amount>>,
    pub value: Stated<Option<Amount>>,
    pub currency: Option<String>,
    pub made_in: Stated<Option<AnswerId>>,
    pub cots: Stated<Option<bool>>,
    pub electronic_device: Stated<Option<bool>>,
    /// That it holds no material a rule might cover.
    pub none: Stated<bool>,
    /// The documents that its rows cite, for claims about the whole.
    pub documents: Cited,
    pub pieces: Vec<Piece>,
}

/// One material in a part, as one row gives it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// As the row names it.
    pub material: String,
    pub weight: Option<Weight>,
    pub value: Option<Amount>,
    pub recycled: Option<bool>,
    /// In the order of [`Claim::STEPS`].
    pub steps: [AnswerId; 6],
    pub documents: Cited,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Grams(Amount),
    /// Share of the part's weight.
    Share(Amount),
}

/// What rows say, with the documents that they cite for it.
#[derive(Debug, Default)]
pub struct Stated<T> {
    pub value: T,
    pub documents: Cited,
}

/// Positions in [`Bom::documents`], sorted. What one row says shares one list.
pub type Cited = Arc<[u32]>;

/// Position in [`Bom::answers`]; 0 is the empty cell.
pub type AnswerId = u32;

/// A declaration or another document.
#[derive(Debug, Default)]
pub struct Document {
    pub number: String,
    pub supplier: String,
    /// `None` = everything that [`Claim::covered_by_default`].
    pub covers: Option<Vec<Claim>>,
    pub dated: Option<Date>,
    pub expires: Option<Date>,
    pub signed_by: String,
}

/// Why a document proves nothing on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Undated,
    Unsigned,
    NotYet(Date),
    Expired(Date),
}

impl Document {
    pub fn covers(&self, claim: Claim) -> bool {
        match &self.covers {
            Some(claims) => claims.contains(&claim),
            None => claim.covered_by_default(),
        }
    }

    /// Whether it proves anything on a date.
    pub fn holds(&self, date: Date) -> Result<(), Fault> {
        let dated = self.dated.ok_or(Fault::Undated)?;
        if self.signed_by.is_empty() {
            return Err(Fault::Unsigned);
        }
        if date < dated {
            return Err(Fault::NotYet(dated));
        }
        match self.expires {
            Some(expires) if date > expires => Err(Fault::Expired(expires)),
            _ => Ok(()),
        }
    }

    /// The days on which that changes.
    pub fn edges(&self) -> impl Iterator<Item = Date> {
        let after = self.expires.and_then(|expires| expires.tomorrow().ok());
        [self.dated, after].into_iter().flatten()
    }
}

impl Part {
    /// Whether it is delivered by itself rather than built into something.
    pub fn is_item(&self) -> bool {
        self.part_of.is_empty()
    }
}

impl Source {
    /// Grams of a piece in one part, where the row or the part's weight tells.
    pub fn grams(&self, piece: &Piece) -> Option<Amount> {
        match piece.weight? {
            Weight::Grams(grams) => Some(grams),
            Weight::Share(share) => amount::multiply(&self.weight_g.value?, &share),
        }
    }
}
