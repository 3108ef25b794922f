//! Weighted least squares with equations that must hold and bounds: a quadratic program, solved by Clarabel.
//!
//! The caller's units may differ by many orders: each variable comes with its usual size, equations are
//! scaled by their largest term, and the solver sees figures near 1. One thread and a fixed order: the same
//! problem gives the same answer, bit for bit.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus, ZeroConeT};

/// What is asked of the solver, relative to the scaled figures. If it cannot get there, `ENOUGH` is taken.
const WANTED: f64 = 1e-11;
const ENOUGH: f64 = 1e-8;

/// An unknown of the problem.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its usual size, above 0.
    pub scale: f64,
    pub lower: f64,
    /// Infinite = no bound.
    pub upper: f64,
    /// What a scale of it costs, linearly.
    pub cost: f64,
}

/// (variable, coefficient), each variable at most once.
pub type Terms = Vec<(usize, f64)>;

/// Minimise the sum of ((terms - value) / sigma)^2 over the soft equations, and of the costs, such that the hard
/// equations and the bounds hold.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    pub variables: Vec<Variable>,
    /// Terms, value, sigma.
    pub soft: Vec<(Terms, f64, f64)>,
    /// Terms, value.
    pub hard: Vec<(Terms, f64)>,
}

/// Rows of the solver's program as they are made.
#[derive(Default)]
struct Rows {
    row: Vec<usize>,
    column: Vec<usize>,
    value: Vec<f64>,
    right: Vec<f64>,
}

impl Rows {
    fn push(&mut self, terms: impl IntoIterator<Item = (usize, f64)>, right: f64) {
        for (column, value) in terms {
            self.row.push(self.right.len());
            self.column.push(column);
            self.value.push(value);
        }
        self.right.push(right);
    }
}

impl Problem {
    pub fn add(&mut self, variable: Variable) -> usize {
        self.variables.push(variable);
        self.variables.len() - 1
    }

    /// The values of the variables; else why the solver stopped.
    pub fn solve(&self) -> Result<Vec<f64>, String> {
        let (own, count) = (self.variables.len(), self.variables.len() + self.soft.len());
        let scaled = |terms: &Terms, by: f64| -> Terms {
            terms.iter().map(|(v, coefficient)| (*v, coefficient * self.variables[*v].scale / by)).collect()
        };
        let mut rows = Rows::default();
        for (terms, value) in &self.hard {
            let by = scaled(terms, 1.0).iter().map(|(_, c)| c.abs()).fold(value.abs(), f64::max);
            if by > 0.0 {
                rows.push(scaled(terms, by), value / by);
            }
        }
        // Beside the variables stands the deviation of each soft equation, counted in sigmas.
        for (i, (terms, value, sigma)) in self.soft.iter().enumerate() {
            rows.push(scaled(terms, *sigma).into_iter().chain([(own + i, -1.0)]), value / sigma);
        }
        let fixed = |variable: &Variable| variable.upper <= variable.lower;
        for (v, variable) in self.variables.iter().enumerate().filter(|(_, variable)| fixed(variable)) {
            rows.push([(v, 1.0)], variable.lower / variable.scale);
        }
        let equations = rows.right.len();
        for (v, variable) in self.variables.iter().enumerate().filter(|(_, variable)| !fixed(variable)) {
            rows.push([(v, -1.0)], -variable.lower / variable.scale);
            if variable.upper.is_finite() {
                rows.push([(v, 1.0)], variable.upper / variable.scale);
            }
        }
        let bounds = rows.right.len() - equations;
        // The solver takes half of the square.
        let deviations: Vec<usize> = (own..count).collect();
        let squares =
            CscMatrix::new_from_triplets(count, count, deviations.clone(), deviations, vec![2.0; self.soft.len()]);
        let mut costs: Vec<f64> = self.variables.iter().map(|variable| variable.cost).collect();
        costs.resize(count, 0.0);
        let matrix = CscMatrix::new_from_triplets(rows.right.len(), count, rows.row, rows.column, rows.value);
        let cones = [ZeroConeT(equations), NonnegativeConeT(bounds)];
        let mut solver = DefaultSolver::new(&squares, &costs, &matrix, &rows.right, &cones, settings())
            .map_err(|error| error.to_string())?;
        solver.solve();
        match solver.solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => {
                let values = solver.solution.x.iter().zip(&self.variables);
                Ok(values.map(|(x, v)| (x * v.scale).clamp(v.lower, v.upper.max(v.lower))).collect())
            }
            other => Err(format!("the solver stopped: {other:?}")),
        }
    }
}

fn settings() -> DefaultSettings<f64> {
    DefaultSettings {
        verbose: false,
        max_threads: 1,
        direct_solve_method: "qdldl".to_string(),
        tol_gap_abs: WANTED,
        tol_gap_rel: WANTED,
        tol_feas: WANTED,
        reduced_tol_gap_abs: ENOUGH,
        reduced_tol_gap_rel: ENOUGH,
        reduced_tol_feas: ENOUGH,
        ..DefaultSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(scale: f64, upper: f64) -> Variable {
        Variable { scale, lower: 0.0, upper, cost: 0.0 }
    }

    #[track_caller]
    fn is(problem: &Problem, wanted: &[f64]) {
        let found = problem.solve().unwrap();
        let same = found.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(1e-3));
        assert!(same, "{found:?}, not {wanted:?}");
        assert_eq!(found, problem.solve().unwrap());
    }

    #[test]
    fn deviations_share_a_misfit_by_the_squares_of_their_sigmas() {
        // x + y = 130 with x = 60 +- 10 and y = 40 +- 20: the misfit of 30 is split 100 : 400.
        let mut problem = Problem::default();
        let (x, y) = (problem.add(variable(60.0, f64::INFINITY)), problem.add(variable(40.0, f64::INFINITY)));
        problem.soft = vec![(vec![(x, 1.0)], 60.0, 10.0), (vec![(y, 1.0)], 40.0, 20.0)];
        problem.hard = vec![(vec![(x, 1.0), (y, 1.0)], 130.0)];
        is(&problem, &[66.0, 64.0]);
        // y at most 50: x takes the rest. Held at 50, the same.
        problem.variables[y].upper = 50.0;
        is(&problem, &[80.0, 50.0]);
        problem.variables[y].lower = 50.0;
        is(&problem, &[80.0, 50.0]);
    }

    #[test]
    fn sizes_may_differ_by_many_orders() {
        // x of a millionth, y of a million: 1e9 x + 1e-3 y = 2500 with x = 1e-6 +- 1e-7 and y = 1e6 +- 1e5. In units of
        // their sigmas the equation reads 1000 + 100 a + 1000 + 100 b = 2500: a = b = 2.5.
        let mut problem = Problem::default();
        let (x, y) = (problem.add(variable(1e-6, f64::INFINITY)), problem.add(variable(1e6, f64::INFINITY)));
        problem.soft = vec![(vec![(x, 1.0)], 1e-6, 1e-7), (vec![(y, 1.0)], 1e6, 1e5)];
        problem.hard = vec![(vec![(x, 1e9), (y, 1e-3)], 2500.0)];
        let found = problem.solve().unwrap();
        assert!((found[0] / 1.25e-6 - 1.0).abs() < 1e-6 && (found[1] / 1.25e6 - 1.0).abs() < 1e-6, "{found:?}");
    }

    /// What is minimised.
    fn objective(problem: &Problem, values: &[f64]) -> f64 {
        let sum = |terms: &Terms| terms.iter().map(|(v, c)| c * values[*v]).sum::<f64>();
        let squares = problem.soft.iter().map(|(terms, value, sigma)| ((sum(terms) - value) / sigma).powi(2));
        let costs = problem.variables.iter().zip(values).map(|(variable, x)| variable.cost * x / variable.scale);
        squares.sum::<f64>() + costs.sum::<f64>()
    }

    /// The same problem as HiGHS solves it, by an active set instead of an interior point.
    fn by_highs(problem: &Problem) -> Vec<f64> {
        let mut other = highs::RowProblem::new();
        let own: Vec<_> =
            problem.variables.iter().map(|v| other.add_column(v.cost / v.scale, v.lower..=v.upper)).collect();
        let deviations: Vec<_> = problem.soft.iter().map(|_| other.add_column(0.0, -1e6..=1e6)).collect();
        for (terms, value) in &problem.hard {
            other.add_row(*value..=*value, terms.iter().map(|(v, c)| (own[*v], *c)));
        }
        for ((terms, value, sigma), deviation) in problem.soft.iter().zip(&deviations) {
            let scaled = terms.iter().map(|(v, c)| (own[*v], c / sigma));
            other.add_row(value / sigma..=value / sigma, scaled.chain([(*deviation, -1.0)]));
        }
        let (own, count) = (own.len(), own.len() + deviations.len());
        let squares = (0..count).map(|i| (i >= own).then_some((i, 2.0)));
        let mut model = other.optimise(highs::Sense::Minimise);
        model.make_quiet();
        model.pass_hessian(highs::HessianFormat::Triangular, squares);
        let solved = model.solve();
        assert_eq!(solved.status(), highs::HighsModelStatus::Optimal);
        solved.get_solution().columns()[..own].to_vec()
    }

    #[test]
    fn another_solver_finds_the_same() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut dice = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        for _ in 0..20 {
            // Flows known to some per cent, and nodes that take more than comes, with a gap each.
            let mut problem = Problem::default();
            for _ in 0..12 {
                let size = 10_f64.powf(3.0 * dice());
                let upper = if dice() < 0.3 { size * (0.5 + dice()) } else { f64::INFINITY };
                let v = problem.add(variable(size, upper));
                problem.soft.push((vec![(v, 1.0)], size, size * (0.05 + 0.5 * dice())));
            }
            for node in 0..4 {
                let mut terms: Terms = (0..12).filter(|v| v % 4 == node).map(|v| (v, 1.0)).collect();
                terms.extend((0..12).filter(|v| v % 5 == node).map(|v| (v, -dice())).filter(|(v, _)| v % 4 != node));
                let used = terms.iter().map(|(v, c)| c.max(0.0) * problem.variables[*v].scale).sum::<f64>() * 1.3;
                terms.push((problem.add(variable(used, f64::INFINITY)), -1.0));
                terms.push((problem.add(Variable { cost: 1e4, ..variable(used, used) }), 1.0));
                problem.hard.push((terms, used));
            }
            let (ours, theirs) = (problem.solve().unwrap(), by_highs(&problem));
            let (a, b) = (objective(&problem, &ours), objective(&problem, &theirs));
            // HiGHS stops earlier: the flows themselves agree to the third digit only.
            assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{a} is not {b}");
            assert!(a <= b + 1e-9 * b.abs().max(1.0), "{a} is worse than {b}");
        }
    }

    #[test]
    fn what_cannot_be_is_no_answer() {
        let mut problem = Problem::default();
        let x = problem.add(variable(1.0, 1.0));
        problem.soft = vec![(vec![(x, 1.0)], 1.0, 1.0)];
        problem.hard = vec![(vec![(x, 1.0)], 2.0)];
        assert!(problem.solve().is_err());
    }
}
