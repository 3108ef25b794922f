//! What was counted in the world: outputs, flows, shares, reliance.
//!
//! Observations take no part in a run. Results are held against them, and trade is balanced with them.

use crate::calendar::{Calendar, Date};
use crate::model::Process;

/// What an observation counts, over the days that it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Units a year of the products that sites in the regions give: their activity times what the recipe
    /// gives. It counts in the step of the activity, however long the site's lead.
    Output,
    /// Units a year of the products sent from the regions to those where the flow goes. It counts in the step
    /// of sending.
    Flow,
    /// The output in the regions over the output everywhere.
    Share,
    /// Net imports of the products over net imports plus what the regions make of them from anything
    /// else: what a unit is made of is counted once, where it comes into being. Imports come from outside
    /// the regions, and what leaves for outside is taken off: below 0 is a net exporter. A process that takes
    /// any of the products makes none anew, and what it gives is not counted.
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

impl Observation {
    /// The steps it speaks of: those whose middle day lies in its days.
    pub fn steps(&self, calendar: &Calendar) -> Vec<usize> {
        let spoken_of = |step: &usize| (self.from..self.until).contains(&calendar.middle_day(*step));
        (0..calendar.steps()).filter(spoken_of).collect()
    }

    /// Units of its products that a process gives per unit of activity.
    pub fn given_by(&self, process: &Process) -> f64 {
        let outputs = process.outputs.iter().filter(|(product, _)| self.products.contains(product));
        outputs.map(|(_, amount)| amount).sum()
    }

    /// Whether a process makes its products from none of them.
    pub fn made_anew_by(&self, process: &Process) -> bool {
        !process.inputs.iter().any(|(product, _)| self.products.contains(product))
    }

    /// Whether what is sent of a product from one region to another is part of the flow.
    pub fn is_sent(&self, product: usize, from: usize, to: usize) -> bool {
        self.products.contains(&product) && self.regions.contains(&from) && self.to.contains(&to)
    }
}
