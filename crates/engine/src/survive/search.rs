//! The search for the longest time in which demands stay met: over whole steps first, then within one.

use std::ops::RangeInclusive;

use super::Ground;
use super::last::{self, Leeway};
use crate::policy::Policy;
use crate::program::{Column, Program, Row};
use crate::solve::{Basis, Method, ONE_CHANGE, Reached, Settings, Solution, SolveError, Solver, solve};

/// A share of a step this near to 0 or 1 is that.
const NEAR: f64 = 1e-7;

/// Programs with fewer rows are solved by the simplex method, which is faster for them.
const SMALL: usize = 3000;

/// Programs with more rows take longer than to ask what the optimum of the whole run is near to.
const LARGE: usize = 9000;

/// How long demands stay met, from the loss on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lasts {
    /// Steps lived through in full.
    pub steps: usize,
    /// Share of the step after them that is lived through; 0 where they reach the end of the run.
    pub part: f64,
}

impl Lasts {
    /// In steps.
    pub fn length(self) -> f64 {
        self.steps as f64 + self.part
    }
}

pub(super) struct Found {
    pub lasts: Lasts,
    pub short: Vec<(usize, f64)>,
    /// The plan that proves it, unless what was known did.
    pub witness: Option<(Program, Solution)>,
}

/// What a search among losses has beside it.
pub(super) struct Beside<'a> {
    /// It lasts no longer than this: than with nothing lost.
    pub most: Lasts,
    /// The whole run under the same policy.
    pub program: &'a Program,
    /// Of its optimum, or of one near to it.
    pub basis: &'a Basis,
    pub solver: Solver<'a>,
}

/// Searches under a policy. In `known` steps no demand falls short, as a plan has shown.
pub(super) fn lasts(
    ground: &Ground,
    policy: &Policy,
    known: usize,
    mut beside: Option<&Beside>,
) -> Result<Found, SolveError> {
    let (first, all) = (ground.state.step, ground.model.steps() - ground.state.step);
    // It lasts for `low` steps at least, and ends in the step after `high` steps at the latest.
    let (mut low, mut high) = (known.min(all), beside.map_or(all, |beside| beside.most.steps));
    // In longer and longer strides until a step is not reached, by halves from then on.
    let (mut stride, mut halves, mut witness) = (0, false, None);
    while low < all {
        let steps = if halves { low + (high - low).div_ceil(2) } else { (low + stride).min(high).min(all - 1) };
        // Before the first program that takes long.
        if let Some(beside) = beside.take_if(|beside| beside.program.rows.len() * (steps + 1) >= LARGE * all) {
            let further = from_the_optimum(ground, beside, low..=high)?;
            if further > low {
                (low, stride) = (further, 0);
                continue;
            }
        }
        match live_through(ground, policy, first + steps)? {
            Some((program, solution)) => {
                let part = -solution.objective;
                if part < 1.0 - NEAR {
                    let lasts = Lasts { steps, part: if part < NEAR { 0.0 } else { part } };
                    let short = short(ground, &program, &solution);
                    return Ok(Found { lasts, short, witness: Some((program, solution)) });
                }
                if steps == high {
                    // All of the last step that could be reached.
                    let short = short(ground, &program, &solution);
                    let witness = Some((program, solution));
                    return Ok(Found { lasts: Lasts { steps: steps + 1, part: 0.0 }, short, witness });
                }
                (low, stride, witness) = (steps + 1, 2 * stride + 1, Some((program, solution)));
            }
            None if steps > low => (high, halves) = (steps - 1, true),
            // What was known does not hold to the last digit.
            None if low > 0 => (low, high, halves) = (0, low - 1, true),
            None => return Err(SolveError::Infeasible),
        }
    }
    Ok(Found { lasts: Lasts { steps: all, part: 0.0 }, short: Vec::new(), witness })
}

/// The most steps, of a range, of which a plan without shortage is near to the optimum of the whole run: unmet demand
/// held at 0 leaves its basis dual feasible, and few steps lead to such a plan, or show that there is none. It may
/// last longer.
fn from_the_optimum(ground: &Ground, beside: &Beside, within: RangeInclusive<usize>) -> Result<usize, SolveError> {
    let (mut low, mut high, mut steps) = (*within.start(), *within.end(), *within.end());
    while low < high {
        let program = without_shortage(ground, beside.program, ground.state.step + steps);
        match beside.solver.solve_from(&program, beside.basis, &ONE_CHANGE)? {
            Reached::Optimum(..) => low = steps,
            Reached::Nothing => high = steps - 1,
            Reached::GivenUp => break,
        }
        steps = low + (high - low).div_ceil(2);
    }
    Ok(low)
}

/// The program in which the demands that must stay met are met before a step.
fn without_shortage(ground: &Ground, program: &Program, before: usize) -> Program {
    let mut program = program.clone();
    for c in 0..program.columns.len() {
        if let Column::Unmet { demand, step, .. } = program.columns[c]
            && ground.met[demand]
            && step < before
        {
            program.upper[c] = 0.0;
        }
    }
    program
}

/// The plan that lives through the most of step `last`; `None` if the steps before it cannot be lived through.
fn live_through(ground: &Ground, policy: &Policy, last: usize) -> Result<Option<(Program, Solution)>, SolveError> {
    let program = |leeway| last::program(ground.model, ground.space, policy, ground.state, last, &ground.met, leeway);
    let exact = program(Leeway::None);
    let solver = Solver::new(settings(ground, &exact));
    let found = match solver.once(&exact) {
        // Of what is hardly short the second program has the last word.
        Err(SolveError::Infeasible | SolveError::Trouble(_)) => {
            let rounded = program(Leeway::Rounding);
            solver.solve(&rounded).map(|(solution, _)| (rounded, solution))
        }
        found => found.map(|(solution, _)| (exact, solution)),
    };
    match found {
        Err(SolveError::Infeasible) => Ok(None),
        found => found.map(Some),
    }
}

fn settings(ground: &Ground, program: &Program) -> Settings {
    let method = if program.rows.len() < SMALL { Method::Simplex } else { Method::InteriorPoint };
    Settings { method, ..ground.settings }
}

/// The demands that are in the way of a greater θ, by what its dual lays on them.
fn short(ground: &Ground, program: &Program, solution: &Solution) -> Vec<(usize, f64)> {
    let mut blame = vec![0.0; ground.model.demands.len()];
    for (r, row) in program.rows.iter().enumerate() {
        if let Row::Demand { demand, step } = row
            && ground.met[*demand]
        {
            blame[*demand] += solution.row_duals[r].abs() * ground.policy.required(ground.model, *demand, *step);
        }
    }
    let total: f64 = blame.iter().sum();
    let mut list: Vec<(usize, f64)> =
        blame.into_iter().enumerate().filter(|(_, b)| *b > NEAR * total).map(|(d, b)| (d, b / total)).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    list
}

/// Of the demands that must stay met, those that cannot be met in the first step: those left short by the plan of
/// that step alone that leaves the least value unmet.
pub(super) fn hopeless(ground: &Ground) -> Result<Vec<usize>, SolveError> {
    let first = ground.state.step;
    let mut program =
        last::program(ground.model, ground.space, &ground.policy, ground.state, first, &ground.met, Leeway::All);
    for c in 0..program.columns.len() {
        match program.columns[c] {
            Column::Unmet { demand, .. } => program.costs[c] = ground.model.demands[demand].value.max(1.0),
            // All of the step.
            Column::Lasts => (program.lower[c], program.costs[c]) = (1.0, 0.0),
            _ => {}
        }
    }
    let solution = solve(&program, settings(ground, &program))?;
    let mut unmet = vec![0.0; ground.met.len()];
    for (column, value) in program.columns.iter().zip(&solution.columns) {
        if let Column::Unmet { demand, .. } = *column {
            unmet[demand] += value;
        }
    }
    Ok((0..ground.met.len()).filter(|d| ground.met[*d] && unmet[*d] > ground.threshold(*d, first)).collect())
}

#[cfg(test)]
mod tests {
    use coercivity_model::{MemoryFiles, Model, Report, Scenario, read_model};

    use super::{Beside, Lasts, from_the_optimum, lasts};
    use crate::node::{Loss, Node};
    use crate::policy::{Belief, Policy};
    use crate::program::Program;
    use crate::run::{Foresight, prepare};
    use crate::solve::{Settings, Solver};
    use crate::state::State;
    use crate::survive::Ground;

    /// Two needs of 5 magnets a week each, of which the first is worth more, 25 in stock, 3 a week of the ally and the
    /// rest from elsewhere.
    const TABLES: [(&str, &str); 9] = [
        (
            "model.toml",
            "format = 1\nstart = 2025-01-01\nstep = \"week\"\nsteps = 30\nterminal_value = 0\ndiscount_rate = 0\n",
        ),
        ("regions.csv", "id\nHOME\nALLY\nELSE\n"),
        ("products.csv", "id,unit,stage,price\nmag,t,magnet,100\n"),
        ("processes.csv", "process,product,amount\nmake,mag,1\n"),
        (
            "sites.csv",
            "id,process,region,capacity\nmake-ally,make,ALLY,156.42857142857142\n\
             make-else,make,ELSE,5214.285714285715\n",
        ),
        ("lanes.csv", "product,from,to,flow\nmag,ALLY,HOME,\nmag,ELSE,HOME,\n"),
        ("demands.csv", "id,region,amount,value\ndear,HOME,260.7142857142857,1000\ncheap,HOME,260.7142857142857,1\n"),
        ("uses.csv", "demand,product,amount\ndear,mag,1\ncheap,mag,1\n"),
        ("stocks.csv", "region,product,initial\nHOME,mag,25\n"),
    ];

    fn model() -> Model {
        let mut files = MemoryFiles::default();
        TABLES.into_iter().for_each(|(name, text)| files.insert(&format!("m/{name}"), text));
        let mut report = Report::default();
        read_model(&files, "m", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
    }

    #[test]
    fn the_optimum_leads_to_what_the_search_finds() {
        let (model, scenario) = (model(), Scenario::default());
        let (tags, space, _) = prepare(&model, &scenario, Foresight::Perfect, true, None);
        let state = State::initial(&model, &tags, &space);
        let loss = Loss { node: Node::parse(&model, "make-else").unwrap(), steps: 0..30 };
        let policy = Policy::new(&model, &scenario, &tags, &Belief::truth(&model, &scenario)).without(&loss);
        let program = Program::new(&model, &space, &policy, &state);
        let solver = Solver::new(Settings::default());
        let (_, basis) = solver.solve(&program).unwrap();
        let most = Lasts { steps: 30, part: 0.0 };
        let beside = Beside { most, program: &program, basis: &basis, solver };
        // 25 and 3 a week against 10 a week, and against 5 where only the cheap need is asked for.
        for (met, steps) in [(vec![true, true], 3), (vec![false, true], 12)] {
            let settings = Settings::default();
            let ground = Ground { model: &model, space: &space, state: &state, policy: policy.clone(), met, settings };
            assert_eq!(from_the_optimum(&ground, &beside, 0..=30).unwrap(), steps);
            let found = lasts(&ground, &policy, 0, Some(&beside)).unwrap();
            assert_eq!(found.lasts.steps, steps);
            assert_eq!(lasts(&ground, &policy, steps, None).unwrap().lasts, found.lasts);
            // No further than it is asked to look.
            assert_eq!(from_the_optimum(&ground, &beside, 0..=1).unwrap(), 1);
        }
    }
}
