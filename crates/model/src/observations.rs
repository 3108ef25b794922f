//! What was counted in the world: outputs, flows, shares, reliance.
//!
//! Observations take no part in a run. Results are held against them, and trade is balanced with them.

use crate::calendar::Date;

/// What an observation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Units a year of the products that come out of sites in the regions.
    Output,
    /// Units a year of the products sent from the regions.
    Flow,
    /// The output in the regions over the output everywhere.
    Share,
    /// Net imports of the products over net imports plus what the regions make of them from anything
    /// else: what a unit is made of is counted once, where it comes into being.
    Reliance,
}

impl Quantity {
    pub fn parse(word: &str) -> Option<Quantity> {
        Some(match word {
            "output" => Quantity::Output,
            "flow" => Quantity::Flow,
            "share" => Quantity::Share,
            "reliance" => Quantity::Reliance,
            _ => return None,
        })
    }
}

/// One row of `observations.csv`. Positions are those of the model.
#[derive(Clone, Debug)]
pub struct Observation {
    pub id: String,
    pub name: String,
    pub what: Quantity,
    pub products: Vec<usize>,
    pub regions: Vec<usize>,
    /// Where a flow goes.
    pub to: Vec<usize>,
    /// The days of the model that are compared: from `from` on, before `until`.
    pub from: Date,
    pub until: Date,
    /// Units a year, or a share.
    pub value: f64,
    /// As the value.
    pub tolerance: f64,
    /// Name of the scenario that is compared.
    pub scenario: String,
}
