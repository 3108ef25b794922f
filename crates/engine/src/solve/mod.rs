//! Solving a program with HiGHS, scaled on the way in and unscaled on the way out.
//!
//! One thread, so that the same program gives the same bytes on any machine size. Interior point
//! with crossover by default; should it stop without an optimum, the simplex method gets the rest
//! of the time. Where a program differs little from one that was solved, [`Solver::solve_from`] goes on from there;
//! where only its figures differ, it is changed in place (`shelf.rs`).

pub mod linear;
mod raw;
mod shelf;

use std::collections::HashMap;
use std::hash::Hash;

use highs::{HighsModelStatus, SolvedModel};

use crate::program::{ColumnId, Program, RowId};
use crate::space::translate::Translation;
use linear::Figures;
pub(crate) use raw::Held;
pub use raw::{Basis, Stop};
use shelf::Entries;
pub use shelf::{NO_SHELF, Shelf};

/// Primal and dual values of a program, in the program's own units.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Value of each column.
    pub columns: Vec<f64>,
    /// Change of the optimum per unit of each column's binding bound.
    pub column_duals: Vec<f64>,
    /// Change of the optimum per unit of each row's binding bound.
    pub row_duals: Vec<f64>,
    /// Optimum, constant included.
    pub objective: f64,
}

/// Why there is no solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SolveError {
    /// The time limit was reached.
    TimeLimit,
    /// Whoever watches wanted no more of it.
    Interrupted,
    /// No numbers satisfy all rows: an error of the program's builder, or of the scaling.
    Infeasible,
    /// The optimum lies nowhere: it gets better without end.
    Unbounded,
    /// HiGHS gave up; its own word for why.
    Trouble(String),
}

impl std::fmt::Display for SolveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SolveError::TimeLimit => write!(f, "the time limit was reached before an optimum was found"),
            SolveError::Interrupted => write!(f, "the run was interrupted before an optimum was found"),
            SolveError::Infeasible => write!(f, "the solver found the program infeasible"),
            SolveError::Unbounded => write!(f, "the solver found the program unbounded"),
            SolveError::Trouble(status) => write!(f, "the solver stopped short: {status}"),
        }
    }
}

/// How to solve.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seconds for one program; `None` = no limit.
    pub time_limit: Option<f64>,
    pub method: Method,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    InteriorPoint,
    Simplex,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { time_limit: None, method: Method::InteriorPoint }
    }
}

/// Solves a program to optimality.
pub fn solve(program: &Program, settings: Settings) -> Result<Solution, SolveError> {
    Solver::new(settings).solve(program).map(|(solution, _)| solution)
}

/// Who solves: how, until when, and with what is at hand of programs solved before.
#[derive(Clone, Copy)]
pub struct Solver<'a> {
    pub settings: Settings,
    /// Says when a solve shall end before it is done.
    pub stop: &'a Stop<'a>,
    pub shelf: &'a Shelf,
}

impl Solver<'_> {
    /// To the end, and each program anew.
    pub fn new(settings: Settings) -> Solver<'static> {
        Solver { settings, stop: &|| false, shelf: &NO_SHELF }
    }

    /// The optimum of a program and its basis.
    pub fn solve(&self, program: &Program) -> Result<(Solution, Basis), SolveError> {
        match self.once(program) {
            // Rare numerical trouble of one method is not trouble of the other.
            Err(SolveError::Trouble(_) | SolveError::Infeasible) if self.settings.method == Method::InteriorPoint => {
                self.with(Method::Simplex).once(program)
            }
            answer => answer,
        }
    }

    /// The same by one method, whose word is taken for it.
    pub fn once(&self, program: &Program) -> Result<(Solution, Basis), SolveError> {
        let scaling = Scaling::new(program.into());
        let (entries, mut model) = self.shelf.take(program, &scaling).map_err(trouble)?;
        set_options(&mut model, self.settings);
        let solved = self.run(model)?;
        self.put(program, &scaling, entries, solved)
    }

    /// Solves a program of the same rows and columns as one that was solved, from the basis of its optimum: where
    /// little changes few steps of the simplex method do. Steps are counted, not timed, so that the answer does not
    /// hang on the machine.
    pub fn solve_from(&self, program: &Program, basis: &Basis, legs: &[Leg]) -> Result<Reached, SolveError> {
        match self.with(Method::Simplex).go_on(program, basis, legs) {
            Ok((solution, basis)) => Ok(Reached::Optimum(solution, basis)),
            Err(SolveError::Infeasible) => Ok(Reached::Nothing),
            // Too many steps, or trouble that solving anew may not have.
            Err(SolveError::Trouble(_)) => Ok(Reached::GivenUp),
            Err(error) => Err(error),
        }
    }

    fn with(&self, method: Method) -> Self {
        Solver { settings: Settings { method, ..self.settings }, ..*self }
    }

    fn go_on(&self, program: &Program, basis: &Basis, legs: &[Leg]) -> Result<(Solution, Basis), SolveError> {
        let scaling = Scaling::new(program.into());
        let (entries, mut model) = self.shelf.take(program, &scaling).map_err(trouble)?;
        set_options(&mut model, self.settings);
        // The costs stay as they are. HiGHS would change them a little, lest it stands still, and mend that in the
        // end; from an optimum it gets on faster without.
        model.set_option("dual_simplex_cost_perturbation_multiplier", 0.0);
        if !raw::set_basis(&mut model, basis) {
            return Err(trouble("the basis was refused"));
        }
        let rows = program.rows.len() as f64;
        for leg in legs {
            model.set_option("simplex_iteration_limit", ((leg.steps * rows) as i32).max(LEAST_STEPS));
            model.set_option("simplex_dual_edge_weight_strategy", if leg.devex { DEVEX } else { EXACT });
            let solved = self.run(model)?;
            let goes_on = solved.status() == HighsModelStatus::ReachedIterationLimit;
            if !goes_on || infeasible(&solved) >= leg.hopeful * rows {
                return self.put(program, &scaling, entries, solved);
            }
            model = solved.into();
        }
        Err(trouble("too many steps"))
    }

    fn run(&self, model: highs::Model) -> Result<SolvedModel, SolveError> {
        raw::solve(model, self.stop).map_err(trouble)?.ok_or(SolveError::Interrupted)
    }

    /// Reads the answer off, and puts the program on the shelf.
    fn put(
        &self,
        program: &Program,
        scaling: &Scaling,
        entries: Entries,
        solved: SolvedModel,
    ) -> Result<(Solution, Basis), SolveError> {
        let found = read_off(program, scaling, &solved).map(|solution| (solution, raw::basis(&solved)));
        self.shelf.put(entries, solved.into());
        found
    }
}

impl Basis {
    /// The basis carried over from the program that it belongs to to another one: what stands for the same thing in
    /// both keeps its place, and what is new stays out of the way.
    pub fn carried_over(&self, from: &Program, to: &Program, between: &Translation) -> Basis {
        let columns = from.columns.iter().map(|column| between.column(*column));
        let rows = from.rows.iter().map(|row| between.row(*row));
        Basis {
            columns: carried(&self.columns, columns, &to.columns, raw::AT_LOWER),
            rows: carried(&self.rows, rows, &to.rows, raw::BASIC),
        }
    }
}

fn carried<K: Copy + Eq + Hash, S: Copy>(
    places: &[S],
    from: impl Iterator<Item = Option<K>>,
    to: &[K],
    new: S,
) -> Vec<S> {
    let of: HashMap<K, S> = from.zip(places).filter_map(|(key, place)| Some((key?, *place))).collect();
    to.iter().map(|key| of.get(key).copied().unwrap_or(new)).collect()
}

/// Where going on from a basis led.
pub enum Reached {
    Optimum(Solution, Basis),
    /// To where no numbers seem to satisfy all rows.
    Nothing,
    /// Not to the end of the way: to solve the program anew is faster.
    GivenUp,
}

impl Reached {
    pub fn optimum(self) -> Option<(Solution, Basis)> {
        match self {
            Reached::Optimum(solution, basis) => Some((solution, basis)),
            Reached::Nothing | Reached::GivenUp => None,
        }
    }
}

/// A part of the way that a solve may go on from a basis.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// Steps for each row.
    pub steps: f64,
    /// Whether the next row is chosen by Devex weights, which begin at 1, and not by exact ones, for which the basis is
    /// solved with once for each row before the first step, and in every step.
    pub devex: bool,
    /// As many infeasible values for each row end it: most of the way is still to go.
    pub hopeful: f64,
}

/// For one change of a large program (a node lost, say). Half of them are done before exact weights would be known.
/// `docs/decisions/0009-survival.md` has what was measured.
pub const ONE_CHANGE: [Leg; 5] = [
    Leg { steps: 0.01, devex: true, hopeful: 1.0 },
    Leg { steps: 0.03, devex: false, hopeful: 0.11 },
    Leg { steps: 0.04, devex: false, hopeful: 0.125 },
    Leg { steps: 0.06, devex: false, hopeful: 0.14 },
    Leg { steps: 0.46, devex: false, hopeful: 0.0 },
];

/// For a small change of many figures. At some 0.8 steps a row an interior point takes as long (reference model, 24
/// months). `docs/decisions/0012-ensemble-speed.md` has what was measured.
pub const MANY_CHANGES: [Leg; 2] =
    [Leg { steps: 0.08, devex: true, hopeful: 0.14 }, Leg { steps: 0.52, devex: true, hopeful: 0.0 }];

/// HiGHS's numbers for them.
const DEVEX: i32 = 1;
const EXACT: i32 = 2;

/// However few rows there are.
const LEAST_STEPS: i32 = 100;

fn set_options(model: &mut highs::Model, settings: Settings) {
    model.set_option("threads", 1);
    model.set_option("parallel", "off");
    model.set_option(
        "solver",
        match settings.method {
            Method::InteriorPoint => "ipx",
            Method::Simplex => "simplex",
        },
    );
    if settings.method == Method::Simplex {
        // The program is scaled already; a sixth of the time goes without scaling it again.
        model.set_option("simplex_scale_strategy", 0);
    }
    for tolerance in ["primal_feasibility_tolerance", "dual_feasibility_tolerance"] {
        model.set_option(tolerance, TOLERANCE);
    }
    if let Some(seconds) = settings.time_limit {
        model.set_option("time_limit", seconds);
    }
}

/// The optimum in the program's own units.
fn read_off(program: &Program, scaling: &Scaling, solved: &SolvedModel) -> Result<Solution, SolveError> {
    match solved.status() {
        HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => {}
        HighsModelStatus::ReachedTimeLimit => return Err(SolveError::TimeLimit),
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => return Err(SolveError::Infeasible),
        HighsModelStatus::Unbounded => return Err(SolveError::Unbounded),
        status => return Err(trouble(status)),
    }
    let raw = solved.get_solution();
    // Against bounds, so that rounding on the way never shows as a negative quantity.
    let columns: Vec<f64> = (0..program.columns.len())
        .map(|c| (raw.columns()[c] * scaling.unit(c)).clamp(program.lower[c], program.upper[c]))
        .collect();
    let column_duals =
        (0..program.columns.len()).map(|c| raw.dual_columns()[c] / scaling.columns[c] / scaling.objective).collect();
    let row_duals = (0..program.rows.len()).map(|r| raw.dual_rows()[r] * scaling.rows[r] / scaling.objective).collect();
    let objective = program.constant + columns.iter().zip(&program.costs).map(|(x, c)| x * c).sum::<f64>();
    Ok(Solution { columns, column_duals, row_duals, objective })
}

/// How many rows and columns a solve that ended early left beyond a bound; no more than there are rows.
fn infeasible(solved: &SolvedModel) -> f64 {
    // HiGHS knows it after every run of the simplex method.
    solved.int_info_value(c"num_primal_infeasibilities").map_or(f64::INFINITY, |count| count as f64)
}

fn trouble(status: impl std::fmt::Debug) -> SolveError {
    SolveError::Trouble(format!("{status:?}"))
}

/// What a row or a price may be off by, in the scaled program. Tighter than HiGHS's own 1e-7,
/// since [`Scaling::quantities`] makes everything smaller.
pub(crate) const TOLERANCE: f64 = 1e-9;

/// Factors that bring entries and costs near 1: scaled entry = entry x row factor x column factor.
/// All are powers of two, so that scaling changes no digit.
pub(crate) struct Scaling {
    pub(crate) rows: Vec<f64>,
    pub(crate) columns: Vec<f64>,
    /// On all quantities. With bounds in the hundred thousands an interior solution is too far from
    /// a vertex for crossover to end exactly, and thousands of simplex steps must make it good.
    quantities: f64,
    pub(crate) objective: f64,
}

/// Bounds larger than this are scaled down.
const LARGEST_BOUND: f64 = 512.0;

/// How far they are scaled down at most: 2^-40.
const LEAST_SCALE: f64 = 1.0 / (1u64 << 40) as f64;

/// Passes of geometric scaling; more change little.
const PASSES: usize = 4;

impl Scaling {
    /// What a scaled column's 1 is in the program's own units.
    pub(crate) fn unit(&self, column: ColumnId) -> f64 {
        self.columns[column] / self.quantities
    }

    /// What a bound of a row is multiplied by.
    pub(crate) fn of_row(&self, row: RowId) -> f64 {
        self.rows[row] * self.quantities
    }

    pub(crate) fn new(program: Figures) -> Scaling {
        let mut rows = vec![1.0_f64; program.row_lower.len()];
        let mut columns = vec![1.0_f64; program.costs.len()];
        for _ in 0..PASSES {
            let mut range = vec![(f64::INFINITY, 0.0_f64); rows.len()];
            for (c, column) in columns.iter().enumerate() {
                for e in program.start[c]..program.start[c + 1] {
                    let size = program.value[e].abs() * column;
                    let (least, most) = &mut range[program.index[e]];
                    *least = least.min(size);
                    *most = most.max(size);
                }
            }
            for (row, (least, most)) in rows.iter_mut().zip(range) {
                if most > 0.0 {
                    *row = power_of_two(1.0 / (least * most).sqrt());
                }
            }
            for (c, column) in columns.iter_mut().enumerate() {
                let sizes =
                    (program.start[c]..program.start[c + 1]).map(|e| program.value[e].abs() * rows[program.index[e]]);
                let (least, most) =
                    sizes.fold((f64::INFINITY, 0.0_f64), |(least, most), size| (least.min(size), most.max(size)));
                if most > 0.0 {
                    *column = power_of_two(1.0 / (least * most).sqrt());
                }
            }
        }
        let costs = program.costs.iter().zip(&columns).map(|(cost, scale)| (cost * scale).abs());
        let (sum, count) = costs.filter(|c| *c > 0.0).fold((0.0, 0), |(sum, n), c| (sum + c.log2(), n + 1));
        let objective = if count == 0 { 1.0 } else { (-(sum / f64::from(count)).round()).exp2() };
        let of_rows = program.row_lower.iter().chain(program.row_upper).zip(rows.iter().chain(&rows));
        let of_columns = program.lower.iter().chain(program.upper).zip(columns.iter().chain(&columns));
        let bounds = of_rows.map(|(bound, scale)| bound * scale).chain(of_columns.map(|(bound, scale)| bound / scale));
        let largest = bounds.map(f64::abs).filter(|bound| bound.is_finite()).fold(LARGEST_BOUND, f64::max);
        // Beyond that, bounds stand for "no limit" and scaling by them would lose the other figures.
        let quantities = power_of_two(LARGEST_BOUND / largest).max(LEAST_SCALE);
        Scaling { rows, columns, quantities, objective }
    }
}

pub(crate) fn power_of_two(value: f64) -> f64 {
    value.log2().round().exp2()
}
