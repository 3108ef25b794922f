//! Weights and values of what is built into a part, added up over time.

use std::collections::BTreeMap;

use num_traits::CheckedSub;

use crate::amount::{Amount, Bounds, add};
use crate::bom::Part;
use crate::timeline::Timeline;

/// An amount of a unit or currency, as far as it is known. Nothing at all is of no currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    pub bounds: Bounds,
    pub currency: Option<String>,
}

impl From<Bounds> for Total {
    fn from(bounds: Bounds) -> Total {
        Total { bounds, currency: None }
    }
}

impl Total {
    pub const NOTHING: Total = Total { bounds: Bounds::NOTHING, currency: None };
    const ANYTHING: Total = Total { bounds: Bounds::ANYTHING, currency: None };

    /// The sum; in two currencies it is not known.
    pub fn plus(&self, other: &Total) -> Total {
        if other.bounds == Bounds::NOTHING {
            return self.clone();
        }
        if self.bounds == Bounds::NOTHING && self.currency.is_none() {
            return other.clone();
        }
        match self.currency == other.currency {
            true => Total { bounds: self.bounds.plus(&other.bounds), currency: self.currency.clone() },
            false => Total { bounds: Bounds { most: None, ..self.bounds }, currency: self.currency.clone() },
        }
    }

    /// What holds whichever of the totals holds.
    pub fn either(totals: impl Iterator<Item = Total>) -> Total {
        let both = |a: Total, b: Total| match a.currency == b.currency {
            true => Total { bounds: a.bounds.either(&b.bounds), currency: a.currency },
            false => Total::ANYTHING,
        };
        totals.reduce(both).unwrap_or(Total::NOTHING)
    }
}

/// A running sum that parts enter and leave.
#[derive(Default)]
struct Tally {
    least: Amount,
    most: Amount,
    /// Members without a most.
    unbounded: usize,
    members: usize,
    /// An exact sum was not possible: from then on nothing is known.
    overflow: bool,
}

impl Tally {
    fn enter(&mut self, bounds: &Bounds) {
        self.members += 1;
        self.change(bounds, add);
        self.unbounded += usize::from(bounds.most.is_none());
    }

    fn leave(&mut self, bounds: &Bounds) {
        self.members -= 1;
        self.change(bounds, |a, b| a.checked_sub(b));
        self.unbounded -= usize::from(bounds.most.is_none());
    }

    fn change(&mut self, bounds: &Bounds, combine: impl Fn(&Amount, &Amount) -> Option<Amount>) {
        let least = combine(&self.least, &bounds.least);
        let most = combine(&self.most, &bounds.most.unwrap_or_default());
        match least.zip(most) {
            Some((least, most)) => (self.least, self.most) = (least, most),
            None => self.overflow = true,
        }
    }

    fn bounds(&self) -> Bounds {
        match self.overflow {
            true => Bounds::ANYTHING,
            false => Bounds { least: self.least, most: Some(self.most).filter(|_| self.unbounded == 0) },
        }
    }
}

/// The total in what is built into a part, given that of each part.
pub fn add_up(part: &Part, totals: &[Timeline<Total>]) -> Timeline<Total> {
    let times = |i: usize, total: &Total| total.bounds.times(part.contains[i].1.as_ref());
    Timeline::together(
        part.contains.iter().map(|(child, _)| &totals[*child]),
        BTreeMap::<Option<String>, Tally>::new(),
        |tallies, i, before, now| {
            if let Some(before) = before.filter(|total| total.bounds != Bounds::NOTHING) {
                tallies.entry(before.currency.clone()).or_default().leave(&times(i, before));
            }
            if now.bounds != Bounds::NOTHING {
                tallies.entry(now.currency.clone()).or_default().enter(&times(i, now));
            }
        },
        |tallies| {
            let present = tallies.iter().filter(|(_, tally)| tally.members > 0);
            let totals = present.map(|(currency, tally)| Total { bounds: tally.bounds(), currency: currency.clone() });
            totals.fold(Total::NOTHING, |sum, total| sum.plus(&total))
        },
    )
}
