//! Limits that bind, read off a solved program by what they stand for.
//!
//! A limit on a single column is a bound of that column and not a row (`Builder::at_most`), so both are
//! read. Where several limits of a lane came to one bound, the bound is the lane's.

use crate::program::{Column, Program, Row};
use crate::solve::Solution;
use crate::space::Space;

/// What sets a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Capacity of a site. Units of activity.
    Site(usize),
    /// What a lane carries: its capacity, its growth, or measures. Units of its product.
    Lane(usize),
    /// What a lane carries with a tag, or free of `civil`. Units of its product.
    Tagged(usize),
    /// A quota over several lanes, by measure. Units of products.
    Quota(usize),
    /// Largest share of an option. Units of the demand.
    Option { demand: usize, option: usize },
}

/// A limit that would make the optimum better if it were looser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binding {
    pub limit: Limit,
    pub step: usize,
    /// Units in the step.
    pub units: f64,
    /// By how much the objective would fall for each unit more.
    pub saves: f64,
}

/// The limits of a program that bind at a solution, rows first, each in the order of the program.
pub fn binding<'a>(
    space: &'a Space,
    program: &'a Program,
    solution: &'a Solution,
) -> impl Iterator<Item = Binding> + 'a {
    let rows = program.rows.iter().enumerate().filter_map(move |(r, row)| {
        let (limit, step) = match *row {
            Row::Capacity { site, step } => (Limit::Site(site), step),
            Row::LaneLimit { lane, step } => (Limit::Lane(lane), step),
            Row::FreeLimit { lane, step } | Row::TaggedLimit { lane, step, .. } => (Limit::Tagged(lane), step),
            Row::Quota { measure, step } => (Limit::Quota(measure), step),
            Row::OptionShare { demand, option, step } => (Limit::Option { demand, option }, step),
            _ => return None,
        };
        Some(Binding { limit, step, units: program.row_upper[r], saves: -solution.row_duals[r] })
    });
    let columns = program.columns.iter().enumerate().filter_map(move |(c, column)| {
        let (limit, step) = match *column {
            Column::Activity { run, step } => (Limit::Site(space.runs[run].site), step),
            Column::Flow { crossing, step } => (Limit::Lane(space.crossings[crossing].lane), step),
            Column::Met { demand, option, step } => (Limit::Option { demand, option }, step),
            _ => return None,
        };
        Some(Binding { limit, step, units: program.upper[c], saves: -solution.column_duals[c] })
    });
    rows.chain(columns).filter(|b| b.saves > 0.0 && b.units.is_finite())
}
