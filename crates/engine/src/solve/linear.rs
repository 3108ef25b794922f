//! A linear program by its numbers alone: what a solver sees of a [`Program`], and what the two-stage programs are made
//! of, whose rows and columns mean what their maker says.

use crate::program::Program;

/// Minimise costs x columns + constant, columns and rows within bounds.
#[derive(Clone, Debug, Default)]
pub struct Linear {
    pub costs: Vec<f64>,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub row_lower: Vec<f64>,
    pub row_upper: Vec<f64>,
    /// Entries by column: those of column c are `start[c]..start[c + 1]`.
    pub start: Vec<usize>,
    pub index: Vec<usize>,
    pub value: Vec<f64>,
    pub constant: f64,
}

impl Linear {
    /// A program of columns (cost, lower, upper) and rows (lower, upper), with entries (row, column, value); entries of
    /// one place add up.
    pub fn new(columns: &[(f64, f64, f64)], rows: &[(f64, f64)], entries: &[(usize, usize, f64)]) -> Linear {
        let mut sorted = entries.to_vec();
        sorted.sort_by_key(|(row, column, _)| (*column, *row));
        let mut program = Linear {
            costs: columns.iter().map(|column| column.0).collect(),
            lower: columns.iter().map(|column| column.1).collect(),
            upper: columns.iter().map(|column| column.2).collect(),
            row_lower: rows.iter().map(|row| row.0).collect(),
            row_upper: rows.iter().map(|row| row.1).collect(),
            start: vec![0; columns.len() + 1],
            ..Linear::default()
        };
        let mut last = None;
        for (row, column, value) in sorted {
            assert!(row < rows.len() && column < columns.len(), "an entry lies outside the program");
            if last == Some((row, column)) {
                *program.value.last_mut().expect("the entry before") += value;
                continue;
            }
            last = Some((row, column));
            program.start[column + 1] += 1;
            program.index.push(row);
            program.value.push(value);
        }
        for column in 0..columns.len() {
            program.start[column + 1] += program.start[column];
        }
        program
    }

    /// What the columns cost in all.
    pub fn cost(&self, columns: &[f64]) -> f64 {
        self.constant + columns.iter().zip(&self.costs).map(|(x, c)| x * c).sum::<f64>()
    }
}

/// The numbers of a program, wherever they are kept.
#[derive(Clone, Copy)]
pub(crate) struct Figures<'a> {
    pub costs: &'a [f64],
    pub lower: &'a [f64],
    pub upper: &'a [f64],
    pub row_lower: &'a [f64],
    pub row_upper: &'a [f64],
    pub start: &'a [usize],
    pub index: &'a [usize],
    pub value: &'a [f64],
}

impl<'a> From<&'a Program> for Figures<'a> {
    fn from(program: &'a Program) -> Self {
        Figures {
            costs: &program.costs,
            lower: &program.lower,
            upper: &program.upper,
            row_lower: &program.row_lower,
            row_upper: &program.row_upper,
            start: &program.start,
            index: &program.index,
            value: &program.value,
        }
    }
}

impl<'a> From<&'a Linear> for Figures<'a> {
    fn from(program: &'a Linear) -> Self {
        Figures {
            costs: &program.costs,
            lower: &program.lower,
            upper: &program.upper,
            row_lower: &program.row_lower,
            row_upper: &program.row_upper,
            start: &program.start,
            index: &program.index,
            value: &program.value,
        }
    }
}
