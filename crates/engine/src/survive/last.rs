//! How much of a step can be lived through: the program that answers it.
//!
//! Some demands must be met in full in every step before the last one, and in a share θ of it. Within that step
//! production, shipments and needs are spread evenly, so what may happen in a share θ of it is θ times what may
//! happen in all of it. What is in stock when it begins, and what arrives in it, is there from its first day on.
//! The program asks for the greatest θ; money plays no part in it.

use coercivity_model::Model;
use coercivity_model::calendar::Calendar;

use crate::policy::Policy;
use crate::program::{Column, ColumnId, Program, Row, RowId};
use crate::results::summary::shortage_threshold;
use crate::space::Space;
use crate::state::State;

/// What may be unmet of a demand that is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leeway {
    None,
    /// What SPEC section 4 calls no shortage.
    Rounding,
    /// Everything.
    All,
}

/// The program of the steps up to and including `last`, in which the `met` demands are met and no others are there;
/// its optimum is -θ.
pub fn program(
    model: &Model,
    space: &Space,
    policy: &Policy,
    state: &State,
    last: usize,
    met: &[bool],
    leeway: Leeway,
) -> Program {
    let calendar = Calendar::new(model.start, model.step, last + 1).expect("earlier than the end of the model");
    let mut short = Model { calendar, terminal_value: 0.0, ..model.clone() };
    for (demand, met) in short.demands.iter_mut().zip(met) {
        demand.amount *= if *met { 1.0 } else { 0.0 };
    }
    let mut program = Program::new(&short, space, policy, state);
    program.costs.iter_mut().for_each(|cost| *cost = 0.0);
    program.constant = 0.0;
    let mut share = Share::default();
    for r in 0..program.rows.len() {
        share.row(&mut program, r, last);
    }
    for c in 0..program.columns.len() {
        if let Column::Unmet { demand, step, .. } = program.columns[c] {
            program.upper[c] = match leeway {
                Leeway::None => 0.0,
                Leeway::Rounding => shortage_threshold(policy.required(model, demand, step)),
                Leeway::All => f64::INFINITY,
            };
        } else {
            share.column(&mut program, c, last);
        }
    }
    share.into(program)
}

/// The column of θ under construction, and the rows that tie others to it.
#[derive(Default)]
struct Share {
    /// (row, value)
    entries: Vec<(RowId, f64)>,
    /// (column, the most that it may be in all of the last step)
    ties: Vec<(ColumnId, f64)>,
}

impl Share {
    /// Bounds that are amounts of the last step become multiples of θ. Levels, such as stocks, stay.
    fn row(&mut self, program: &mut Program, r: RowId, last: usize) {
        let amount = match program.rows[r] {
            Row::Demand { step, .. } if step == last => {
                // sum = θ x required
                let required = program.row_lower[r];
                (program.row_lower[r], program.row_upper[r]) = (0.0, 0.0);
                required
            }
            Row::Capacity { step, .. }
            | Row::LaneLimit { step, .. }
            | Row::FreeLimit { step, .. }
            | Row::TaggedLimit { step, .. }
            | Row::Quota { step, .. }
            | Row::OptionShare { step, .. }
                if step == last =>
            {
                // sum <= θ x limit. A minimum uses nothing up and stands in nobody's way.
                let limit = program.row_upper[r];
                (program.row_lower[r], program.row_upper[r]) = (f64::NEG_INFINITY, 0.0);
                limit
            }
            _ => return,
        };
        self.entries.push((r, -amount));
    }

    fn column(&mut self, program: &mut Program, c: ColumnId, last: usize) {
        let what = program.columns[c];
        let flows = matches!(
            what,
            Column::Activity { .. }
                | Column::Flow { .. }
                | Column::Met { .. }
                | Column::CatchUp { .. }
                | Column::Release { .. }
        );
        if what.step() == Some(last) && flows && program.upper[c].is_finite() {
            self.ties.push((c, program.upper[c]));
            (program.lower[c], program.upper[c]) = (0.0, f64::INFINITY);
        }
    }

    /// Adds the column of θ and the ties: column - most x θ <= 0.
    fn into(self, mut program: Program) -> Program {
        let mut entries = self.entries;
        let mut tie_of = vec![None; program.columns.len()];
        for (column, most) in self.ties {
            tie_of[column] = Some(program.rows.len());
            entries.push((program.rows.len(), -most));
            program.rows.push(Row::Lasts { column });
            program.row_lower.push(f64::NEG_INFINITY);
            program.row_upper.push(0.0);
        }
        let (mut start, mut index, mut value) = (vec![0], Vec::new(), Vec::new());
        for (c, tie) in tie_of.into_iter().enumerate() {
            let range = program.start[c]..program.start[c + 1];
            index.extend_from_slice(&program.index[range.clone()]);
            value.extend_from_slice(&program.value[range]);
            if let Some(row) = tie {
                index.push(row);
                value.push(1.0);
            }
            start.push(index.len());
        }
        for (row, amount) in entries.into_iter().filter(|(_, amount)| *amount != 0.0) {
            index.push(row);
            value.push(amount);
        }
        start.push(index.len());
        program.columns.push(Column::Lasts);
        program.lower.push(0.0);
        program.upper.push(1.0);
        program.costs.push(-1.0);
        program.duties.push(0.0);
        Program { start, index, value, ..program }
    }
}
