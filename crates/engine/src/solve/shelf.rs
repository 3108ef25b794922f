//! Programs that HiGHS holds from solve to solve. The samples of an ensemble mostly have the same rows, columns and
//! entries: then bounds, right-hand sides and costs are changed in place, and nothing else is handed over.
//!
//! What is held remembers nothing of the solves before, so that no answer hangs on what was solved earlier.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use highs::{ColProblem, HighsStatus, Sense};

use super::Scaling;
use super::raw::{self, Idle};
use crate::program::{Program, RowId};

/// Where programs lie between two solves. The fewer there may be, the sooner the oldest goes.
pub struct Shelf {
    held: Mutex<Vec<Held>>,
    most: usize,
    changed_in_place: AtomicUsize,
}

/// Keeps nothing.
pub static NO_SHELF: Shelf = Shelf::new(0);

impl Shelf {
    /// One for so many programs.
    pub const fn new(most: usize) -> Shelf {
        Shelf { held: Mutex::new(Vec::new()), most, changed_in_place: AtomicUsize::new(0) }
    }

    /// How many programs were not handed over, but made of one that was there.
    pub fn changed_in_place(&self) -> usize {
        self.changed_in_place.load(Ordering::Relaxed)
    }

    /// The scaled program in HiGHS, with the options of HiGHS itself: one from the shelf whose entries are those of the
    /// program, changed in place, or else a new one.
    pub(super) fn take(&self, program: &Program, scaling: &Scaling) -> Result<(Entries, highs::Model), HighsStatus> {
        let scaled = Scaled::new(program, scaling);
        let found = {
            let mut held = self.held.lock().expect("nobody panics with it");
            held.iter().rposition(|held| held.entries.are_those_of(program)).map(|at| held.remove(at))
        };
        match found {
            Some(held) => {
                let mut model = held.idle.wake();
                raw::change(&mut model, &scaled)?;
                self.changed_in_place.fetch_add(1, Ordering::Relaxed);
                Ok((held.entries, model))
            }
            None => Ok((Entries::of(program), new(program, scaling, &scaled)?)),
        }
    }

    /// Puts one back.
    pub(super) fn put(&self, entries: Entries, model: highs::Model) {
        if self.most == 0 {
            return;
        }
        let mut held = self.held.lock().expect("nobody panics with it");
        if held.len() == self.most {
            held.remove(0);
        }
        held.push(Held { entries, idle: Idle::new(model) });
    }
}

struct Held {
    entries: Entries,
    idle: Idle,
}

/// What cannot be changed in place: which column has which entry in which row. Scaling them hangs on nothing else.
pub(super) struct Entries {
    rows: usize,
    start: Vec<usize>,
    index: Vec<RowId>,
    value: Vec<f64>,
}

impl Entries {
    fn of(program: &Program) -> Entries {
        Entries {
            rows: program.rows.len(),
            start: program.start.clone(),
            index: program.index.clone(),
            value: program.value.clone(),
        }
    }

    fn are_those_of(&self, program: &Program) -> bool {
        self.rows == program.rows.len()
            && self.start == program.start
            && self.index == program.index
            && self.value == program.value
    }
}

/// What can: costs, bounds and right-hand sides, scaled.
pub(super) struct Scaled {
    pub costs: Vec<f64>,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub row_lower: Vec<f64>,
    pub row_upper: Vec<f64>,
}

impl Scaled {
    fn new(program: &Program, scaling: &Scaling) -> Scaled {
        let of_columns = |figures: &[f64], factor: &dyn Fn(usize) -> f64| -> Vec<f64> {
            figures.iter().enumerate().map(|(c, figure)| figure * factor(c)).collect()
        };
        let of_rows = |figures: &[f64]| of_columns(figures, &|r| scaling.of_row(r));
        Scaled {
            costs: of_columns(&program.costs, &|c| scaling.columns[c] * scaling.objective),
            // All factors are powers of two, so that to divide is to multiply.
            lower: of_columns(&program.lower, &|c| 1.0 / scaling.unit(c)),
            upper: of_columns(&program.upper, &|c| 1.0 / scaling.unit(c)),
            row_lower: of_rows(&program.row_lower),
            row_upper: of_rows(&program.row_upper),
        }
    }
}

fn new(program: &Program, scaling: &Scaling, scaled: &Scaled) -> Result<highs::Model, HighsStatus> {
    let mut problem = ColProblem::default();
    let rows: Vec<_> =
        (0..program.rows.len()).map(|r| problem.add_row(scaled.row_lower[r]..=scaled.row_upper[r])).collect();
    for c in 0..program.columns.len() {
        let entries = (program.start[c]..program.start[c + 1]).map(|e| {
            let row = program.index[e];
            (rows[row], program.value[e] * scaling.columns[c] * scaling.rows[row])
        });
        problem.add_column(scaled.costs[c], scaled.lower[c]..=scaled.upper[c], entries);
    }
    problem.try_optimise(Sense::Minimise)
}
