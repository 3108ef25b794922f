//! What a run found, as figures and tables that files, terminal and page all read.

pub mod headline;
pub mod limits;
pub mod observed;
pub mod summary;
pub mod table;
pub mod tables;
pub mod view;

use crate::program::Column;
use crate::run::{Outcome, Plan};

/// The columns that were carried out, with their values, plan by plan. What is missing at the end
/// belongs to the last plan.
pub fn carried_out(outcome: &Outcome) -> impl Iterator<Item = (&Plan, usize, Column, f64)> {
    let last = outcome.plans.len() - 1;
    outcome.plans.iter().enumerate().flat_map(move |(i, plan)| {
        let columns = plan.program.columns.iter().enumerate();
        columns
            .filter(move |(_, column)| column.step().map_or(i == last, |step| step < plan.until))
            .map(move |(c, column)| (plan, c, *column, plan.solution.columns[c]))
    })
}
