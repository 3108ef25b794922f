//! What came of one thing that was looked at, as a value; words for it are found elsewhere.

use serde::Serialize;

use crate::amount::Amount;
use crate::bom::Fault;
use crate::claim::Claim;
use crate::country::Country;

/// A verdict, in the order of how bad it is: a whole is as its worst part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Pass,
    Unknown,
    Fail,
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.word())
    }
}

impl Verdict {
    pub const ALL: [Verdict; 3] = [Verdict::Pass, Verdict::Unknown, Verdict::Fail];

    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Unknown => "unknown",
            Verdict::Fail => "fail",
        }
    }
}

/// One thing that was looked at, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Position in [`crate::bom::Source::pieces`]; `None` = the part itself.
    pub piece: Option<usize>,
    /// The step or fact.
    pub claim: Claim,
    pub why: Why,
}

/// What came of it. Numbers of documents are positions in [`crate::bom::Bom::documents`].
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Done in countries that the rule does not cover.
    Elsewhere { document: usize },
    /// The step does not exist for the material.
    NotApplicable { document: usize },
    /// The part holds no covered material: declared, or by its list of materials.
    NoneInIt { document: usize },
    /// The list of the materials is complete.
    Complete { document: usize },
    /// An exception of the rule holds: position in [`crate::rule::Rule::exceptions`].
    Exempt { exception: usize, document: usize, share: Option<(Amount, Amount)> },
    /// A waiver holds: position in [`crate::rule::Rule::waivers`], with a document for each thing it needs.
    Waived { waiver: usize, documents: Vec<usize> },
    /// The share is below the threshold: at most so much of so much.
    Below { most: Amount, of: Option<Amount> },

    /// Nothing, or `unknown`, is said.
    NotSaid,
    /// Some countries are said, and others are not named.
    NotAllSaid,
    /// Said, and no document proves it.
    Unproven(Option<(usize, Fault)>),
    /// `n/a` is said of a step that every such material goes through.
    MustApply,
    /// It is not settled whether the rule covers this country.
    Unsettled(Country),
    /// The name may or may not mean a covered material: position in [`crate::rule::Rule::unclear`].
    WhichMaterial(usize),
    /// The name is not known.
    UnknownMaterial,
    /// An exception is claimed and may hold, if the share is below the threshold.
    ShareOpen { exception: usize },
    /// The share may or may not reach the threshold.
    ShareNotKnown,

    /// Done in a covered country. Without a document the row itself says so, which is enough against it.
    There { country: Country, document: Option<usize> },
    /// The share reaches the threshold: at least so much of so much.
    Reaches { least: Amount, of: Amount },
}

impl Why {
    pub fn verdict(&self) -> Verdict {
        match self {
            Why::Elsewhere { .. }
            | Why::NotApplicable { .. }
            | Why::NoneInIt { .. }
            | Why::Complete { .. }
            | Why::Exempt { .. }
            | Why::Waived { .. }
            | Why::Below { .. } => Verdict::Pass,
            Why::NotSaid
            | Why::NotAllSaid
            | Why::Unproven(_)
            | Why::MustApply
            | Why::Unsettled(_)
            | Why::WhichMaterial(_)
            | Why::UnknownMaterial
            | Why::ShareOpen { .. }
            | Why::ShareNotKnown => Verdict::Unknown,
            Why::There { .. } | Why::Reaches { .. } => Verdict::Fail,
        }
    }

    /// The document that proves it, or fails to.
    pub fn document(&self) -> Option<usize> {
        match self {
            Why::Elsewhere { document }
            | Why::NotApplicable { document }
            | Why::NoneInIt { document }
            | Why::Complete { document }
            | Why::Exempt { document, .. }
            | Why::There { document: Some(document), .. }
            | Why::Unproven(Some((document, _))) => Some(*document),
            Why::Waived { documents, .. } => documents.first().copied(),
            _ => None,
        }
    }
}
