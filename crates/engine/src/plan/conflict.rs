//! Which requirements cannot be met together: a set of them of which each one is needed for the conflict.
//!
//! One after the other is left out; where the rest still cannot be met, it stays out (the deletion filter: Chinneck & Dravnieks
//! 1991). What remains is irreducible: without any one of them the others can be met. The budget is one of them.

use super::action::Required;
use super::{Future, Plan};
use crate::solve::{SolveError, Stop};
use crate::two_stage::{Asked, Benders, Risk};

/// Requirements in conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Ids of requirements.
    pub services: Vec<String>,
    /// Whether more money would help.
    pub budget: bool,
}

/// The conflict of a plan that cannot be; `None` where it can.
pub fn conflict(plan: &Plan, futures: &[Future], stop: &Stop) -> Result<Option<Conflict>, SolveError> {
    let budget = plan.spec.budget;
    let mut left: Vec<Required> = plan.required.clone();
    if possible(plan, futures, &left, budget, stop)? {
        return Ok(None);
    }
    let of_budget = possible(plan, futures, &left, f64::INFINITY, stop)?;
    let budget = if of_budget { budget } else { f64::INFINITY };
    let mut position = 0;
    while position < left.len() {
        let mut rest = left.clone();
        rest.remove(position);
        if possible(plan, futures, &rest, budget, stop)? {
            position += 1;
        } else {
            left = rest;
        }
    }
    Ok(Some(Conflict { services: left.into_iter().map(|service| service.id).collect(), budget: of_budget }))
}

/// Whether some decisions leave every future possible.
fn possible(
    plan: &Plan,
    futures: &[Future],
    required: &[Required],
    budget: f64,
    stop: &Stop,
) -> Result<bool, SolveError> {
    if required.is_empty() {
        return Ok(true);
    }
    let problem = plan.asking(futures, required, budget);
    let probabilities = problem.probabilities();
    let asked = Asked::new(&problem.first, &probabilities, Risk::NEUTRAL, stop);
    Benders::new(&problem)?.is_possible(&asked)
}
