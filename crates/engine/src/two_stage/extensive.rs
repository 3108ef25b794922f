//! The extensive form: the decisions and the programs of all scenarios as one, for HiGHS's branch and bound.

use highs::HighsModelStatus;

use super::subproblem::scaled;
use super::{Gap, Problem, Solved};
use crate::solve::linear::Linear;
use crate::solve::{Held, Scaling, SolveError, Stop, TOLERANCE, power_of_two};

/// Solves a problem as one program. Where it is stopped, the best that is known comes back, marked; `Err(Interrupted)` if
/// nothing is known yet. HiGHS does not ask `stop` in all of its parts, but looks at the clock in most: `limit` is for
/// it, in seconds.
pub fn extensive(problem: &Problem, gap: Gap, limit: Option<f64>, stop: &Stop) -> Result<Solved, SolveError> {
    problem.check().map_err(SolveError::Trouble)?;
    let form = Form::new(problem, gap.against);
    let mut whole = problem.first.whole.clone();
    whole.resize(form.program.costs.len(), false);
    let is_whole = whole.iter().any(|whole| *whole);
    let mut held = Held::new(&form.program, &whole);
    // HiGHS counts gaps as a share of the objective: so that is counted from what is compared with.
    held.number_option("mip_rel_gap", gap.share);
    held.number_option("mip_abs_gap", 0.0);
    for tolerance in ["primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"] {
        held.number_option(tolerance, TOLERANCE);
    }
    if let Some(limit) = limit {
        held.number_option("time_limit", limit.max(0.0));
    }
    let mut status = held.solve(stop).map_err(SolveError::Trouble)?;
    if matches!(status, HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible) {
        // What is made smaller first may be found infeasible by rounding alone: the program itself has the last word.
        held.forget();
        held.word_option("presolve", "off");
        status = held.solve(stop).map_err(SolveError::Trouble)?;
    }
    let stopped = match status {
        HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty => false,
        HighsModelStatus::ReachedInterrupt | HighsModelStatus::ReachedTimeLimit => true,
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => return Err(SolveError::Infeasible),
        HighsModelStatus::Unbounded => return Err(SolveError::Unbounded),
        status => return Err(SolveError::Trouble(format!("{status:?}"))),
    };
    let bound = held.figure(if is_whole { "mip_dual_bound" } else { "objective_function_value" });
    // A solve that was ended has a solution only where it says so: 2 = feasible.
    if stopped && (!is_whole || held.whole_figure("primal_solution_status") != Some(2)) {
        return Err(SolveError::Interrupted);
    }
    let (columns, _) = held.solution();
    let first = problem.first.costs.len();
    let decisions: Vec<f64> =
        (0..first).map(|x| if problem.first.whole[x] { columns[x].round() } else { columns[x] }).collect();
    let recourse: Vec<f64> = (problem.scenarios.iter().zip(&form.blocks))
        .map(|(scenario, block)| match block {
            None => f64::NAN,
            Some((begin, scaling)) => {
                let program = &scenario.program;
                let unscaled = (0..program.costs.len())
                    .map(|c| (columns[begin + c] * scaling.unit(c)).clamp(program.lower[c], program.upper[c]));
                program.cost(&unscaled.collect::<Vec<f64>>())
            }
        })
        .collect();
    let objective = problem.objective(&decisions, &recourse);
    let bound = bound.map_or(f64::NEG_INFINITY, |bound| bound / form.money + gap.against).min(objective);
    Ok(Solved { decisions, recourse, objective, bound, rounds: 1, stopped })
}

/// The one program, scaled, and where what stands in it.
struct Form {
    program: Linear,
    /// By scenario that can come: its first column, and how it is scaled.
    blocks: Vec<Option<(usize, Scaling)>>,
    /// What a unit of money is in the program's objective.
    money: f64,
}

impl Form {
    fn new(problem: &Problem, against: f64) -> Form {
        let (first, risk) = (&problem.first, problem.risk);
        let scalings: Vec<Option<Scaling>> = (problem.scenarios.iter())
            .map(|scenario| (scenario.probability > 0.0).then(|| Scaling::new((&scenario.program).into())))
            .collect();
        let money = 1.0 / usual_cost(problem, &scalings);
        let mut columns: Vec<(f64, f64, f64)> =
            (0..first.costs.len()).map(|x| (first.costs[x] * money, first.lower[x], first.upper[x])).collect();
        let mut rows: Vec<(f64, f64)> = Vec::new();
        let mut entries: Vec<(usize, usize, f64)> = Vec::new();
        for row in &first.rows {
            // By its largest entry: a budget would else stand beside shares.
            let size = row.entries.iter().fold(0.0_f64, |most, (_, value)| most.max(value.abs()));
            let scale = if size > 0.0 { 1.0 / power_of_two(size) } else { 1.0 };
            entries.extend(row.entries.iter().map(|(x, value)| (rows.len(), *x, *value * scale)));
            rows.push((row.lower * scale, row.upper * scale));
        }
        let (mut blocks, mut constant) = (Vec::new(), -against);
        // The value at risk, from which CVaR is counted.
        let value = (risk.weight > 0.0).then(|| {
            columns.push((risk.weight, f64::NEG_INFINITY, f64::INFINITY));
            columns.len() - 1
        });
        for (scenario, scaling) in problem.scenarios.iter().zip(scalings) {
            let Some(scaling) = scaling else {
                blocks.push(None);
                continue;
            };
            let program = &scenario.program;
            let block = scaled(program, &scaling);
            let (begin, top) = (columns.len(), rows.len());
            let share = (1.0 - risk.weight) * scenario.probability;
            let cost = |c: usize| program.costs[c] * scaling.unit(c) * money;
            for c in 0..block.costs.len() {
                columns.push((cost(c) * share, block.lower[c], block.upper[c]));
                entries.extend(
                    (block.start[c]..block.start[c + 1]).map(|e| (top + block.index[e], begin + c, block.value[e])),
                );
            }
            rows.extend(block.row_lower.iter().zip(&block.row_upper).map(|(lower, upper)| (*lower, *upper)));
            entries.extend(scenario.links.iter().map(|l| (top + l.row, l.decision, l.value * scaling.of_row(l.row))));
            constant += share * program.constant;
            if let Some(value) = value {
                // above >= q y + constant - value
                let above = columns.len();
                columns.push((risk.weight * scenario.probability / (1.0 - risk.level), 0.0, f64::INFINITY));
                let row = rows.len();
                rows.push((program.constant * money, f64::INFINITY));
                entries.extend([(row, above, 1.0), (row, value, 1.0)]);
                let costs = (0..program.costs.len()).map(|c| (row, begin + c, -cost(c)));
                entries.extend(costs.filter(|(_, _, cost)| *cost != 0.0));
            }
            blocks.push(Some((begin, scaling)));
        }
        let mut program = Linear::new(&columns, &rows, &entries);
        program.constant = constant * money;
        Form { program, blocks, money }
    }
}

/// What a scaled column of a scenario costs, in the middle of all that cost anything; a power of two.
fn usual_cost(problem: &Problem, scalings: &[Option<Scaling>]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for (scenario, scaling) in problem.scenarios.iter().zip(scalings) {
        let Some(scaling) = scaling else { continue };
        for (c, cost) in scenario.program.costs.iter().enumerate().filter(|(_, cost)| **cost != 0.0) {
            sum += (cost * scaling.unit(c)).abs().log2();
            count += 1;
        }
    }
    if count == 0 { 1.0 } else { power_of_two((sum / f64::from(count)).exp2()) }
}
