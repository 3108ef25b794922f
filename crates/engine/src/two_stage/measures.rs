//! What it is worth to think of all scenarios, and what it would be worth to know.
//!
//! Of the best decisions for all scenarios together (here and now), of those for a mean scenario held up to all of them
//! (the expected value solution), and of those made once it is known which scenario comes (wait and see):
//! `wait and see <= here and now <= expected value solution`. Birge & Louveaux 2011, chapter 4.

use super::benders::{Asked, Benders};
use super::{Link, Problem, Risk, Scenario, Solved};
use crate::solve::linear::Linear;
use crate::solve::{SolveError, Stop};

/// What knowing is worth, in money.
#[derive(Clone, Debug)]
pub struct Measures {
    pub here_and_now: f64,
    /// Of the decisions that are best in the mean scenario, over all scenarios; `None` = they make one impossible.
    pub expected_value_solution: Option<f64>,
    pub wait_and_see: f64,
}

impl Measures {
    /// Value of the stochastic solution; without bound (`None`) where the other one makes a scenario impossible.
    pub fn value_of_the_stochastic_solution(&self) -> Option<f64> {
        Some(self.expected_value_solution? - self.here_and_now)
    }

    /// Expected value of perfect information.
    pub fn value_of_perfect_information(&self) -> f64 {
        self.here_and_now - self.wait_and_see
    }
}

/// The scenario in which each figure is the mean of all: where all programs have the same shape; else `None`.
pub fn mean_scenario(problem: &Problem) -> Option<Scenario> {
    let all = &problem.scenarios;
    let first = all.first()?;
    let shape = |s: &Scenario| (s.program.start.clone(), s.program.index.clone(), s.program.row_lower.len());
    let places = |s: &Scenario| s.links.iter().map(|link| (link.row, link.decision)).collect::<Vec<_>>();
    if all.iter().any(|s| shape(s) != shape(first) || places(s) != places(first)) {
        return None;
    }
    let mean = |list: fn(&Linear) -> &Vec<f64>| {
        let of = |at: usize| all.iter().map(|s| s.probability * list(&s.program)[at]).sum();
        (0..list(&first.program).len()).map(of).collect::<Vec<f64>>()
    };
    let program = Linear {
        costs: mean(|p| &p.costs),
        lower: mean(|p| &p.lower),
        upper: mean(|p| &p.upper),
        row_lower: mean(|p| &p.row_lower),
        row_upper: mean(|p| &p.row_upper),
        start: first.program.start.clone(),
        index: first.program.index.clone(),
        value: mean(|p| &p.value),
        constant: all.iter().map(|s| s.probability * s.program.constant).sum(),
    };
    let link = |at: usize| all.iter().map(|s| s.probability * s.links[at].value).sum();
    let links = first.links.iter().enumerate().map(|(at, l)| Link { value: link(at), ..*l }).collect();
    Some(Scenario { probability: 0.0, program, links })
}

/// The best decisions if only one scenario could come.
pub fn knowing(benders: &mut Benders, asked: &Asked, scenario: usize) -> Result<Solved, SolveError> {
    let mut alone = vec![0.0; asked.probabilities.len()];
    alone[scenario] = 1.0;
    benders.solve(&Asked { probabilities: &alone, risk: Risk::NEUTRAL, ..*asked })
}

/// What each scenario would cost in all if it was known to come, by scenario; not a number where it cannot come.
pub fn wait_and_see(benders: &mut Benders, asked: &Asked) -> Result<Vec<f64>, SolveError> {
    let mut costs = vec![f64::NAN; asked.probabilities.len()];
    for k in asked.active() {
        costs[k] = knowing(benders, asked, k)?.objective;
    }
    Ok(costs)
}

/// All measures of a problem, with its mean scenario as the one that is planned for without thinking of the others.
/// `Err(Trouble)`: there is none, as the scenarios differ in more than figures.
pub fn measures(problem: &Problem, stop: &Stop) -> Result<Measures, SolveError> {
    let mean = mean_scenario(problem)
        .ok_or_else(|| SolveError::Trouble("the scenarios differ in more than figures".to_string()))?;
    let mut with_mean = problem.clone();
    with_mean.scenarios.push(mean);
    let probabilities = with_mean.probabilities();
    let mut benders = Benders::new(&with_mean)?;
    let asked = Asked::new(&with_mean.first, &probabilities, with_mean.risk, stop);
    let here_and_now = benders.solve(&asked)?.objective;
    let of_mean = knowing(&mut benders, &asked, with_mean.scenarios.len() - 1)?.decisions;
    let expected = benders.costs_at(&asked, &of_mean)?.map(|recourse| with_mean.objective(&of_mean, &recourse));
    let known = wait_and_see(&mut benders, &asked)?;
    Ok(Measures {
        here_and_now,
        expected_value_solution: expected,
        wait_and_see: with_mean.risk.of(&probabilities, &known),
    })
}
