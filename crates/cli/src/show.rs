//! What a person sees after a run.

use std::path::Path;

use coercivity_engine::Outcome;
use coercivity_engine::results::summary::Summary;

use crate::input::Input;

/// Columns of the terminal, 100 where there is none.
pub fn width() -> usize {
    100
}

pub fn run(_input: &Input, _outcome: &Outcome, summary: &Summary, out: Option<&Path>) {
    println!("{} {:?}", summary.objective, out);
}
