//! Plans: what to do now, not knowing what comes.
//!
//! [`spec`] is what the user writes; [`action`] finds in the model what its options name; [`portfolio`] makes decisions of
//! them and [`future`] a program of each future, in which bounds of rows hang on these decisions. What is best then is asked
//! of [`crate::two_stage`], and [`answer`] asks it everything that a person wants to know before money is spent.
//! [`conflict`] says which requirements cannot be met together.

pub mod action;
pub mod answer;
pub mod conflict;
pub mod future;
pub mod portfolio;
pub mod spec;

use coercivity_model::{Model, Report, Scenario as Measures};
use rayon::prelude::*;

use crate::two_stage::{Problem, Scenario};
use action::{Found, Required, required, resolve};
use portfolio::Portfolio;
use spec::{Spec, add_listed};

/// A future: a model and the measures in it.
pub struct Future {
    pub name: String,
    /// Of all futures together 1; 0 = the one in the middle, which is only compared with.
    pub probability: f64,
    pub model: Model,
    pub measures: Measures,
}

/// A plan with all that its decisions hang on.
pub struct Plan {
    pub spec: Spec,
    pub actions: Vec<Found>,
    pub required: Vec<Required>,
    pub portfolio: Portfolio,
    pub problem: Problem,
    /// The same, decided later; `None` = not asked.
    pub later: Option<(Portfolio, Problem)>,
    /// Names of the futures, in the order of the problem's scenarios.
    pub futures: Vec<String>,
    /// Position of the future that is planned for where one does not think of the others.
    pub middle: usize,
    pub currency: String,
    /// Units of what each option adds, and what all of it is.
    pub amounts: Vec<(f64, String)>,
}

impl Plan {
    /// Puts a plan together. All problems are in `report`; `None` if any is an error. `futures` are those that count, then
    /// maybe one in the middle of them.
    pub fn new(mut spec: Spec, file: &str, futures: &[Future], report: &mut Report) -> Option<Plan> {
        let model = &futures.first()?.model;
        add_listed(&mut spec, file, model, report);
        if report.has_errors() {
            return None;
        }
        let actions = resolve(&spec, model, 0.0, report);
        let required = required(&spec, file, model, report);
        if report.has_errors() {
            return None;
        }
        let now = spec.now.unwrap_or(model.start);
        let portfolio = Portfolio::new(&actions, spec.budget, model, now);
        let problem = problem(&spec, futures, &actions, &required, &portfolio);
        let later = spec.wait_months.map(|months| {
            let actions = resolve(&spec, model, months, report);
            let day = coercivity_model::calendar::days_after(now, (months * 365.0 / 12.0).round() as i64);
            let portfolio = Portfolio::new(&actions, spec.budget, model, day);
            let problem = self::problem(&spec, futures, &actions, &required, &portfolio);
            (portfolio, problem)
        });
        let likeliest =
            |best: usize, k: usize| if futures[k].probability > futures[best].probability { k } else { best };
        let middle = futures.iter().position(|future| future.probability == 0.0);
        let middle = middle.unwrap_or_else(|| (0..futures.len()).fold(0, likeliest));
        let amounts = actions.iter().map(|action| action.amount(model)).collect();
        let names = futures.iter().map(|future| future.name.clone()).collect();
        let currency = model.currency.clone();
        Some(Plan { spec, actions, required, portfolio, problem, later, futures: names, middle, currency, amounts })
    }

    /// The same plan with only some of its requirements, and maybe without a limit of money.
    fn asking(&self, futures: &[Future], required: &[Required], budget: f64) -> Problem {
        let mut problem = problem(&self.spec, futures, &self.actions, required, &self.portfolio);
        problem.first = self.portfolio.with_budget(budget);
        problem
    }
}

fn problem(
    spec: &Spec,
    futures: &[Future],
    actions: &[Found],
    required: &[Required],
    portfolio: &Portfolio,
) -> Problem {
    let scenario = |future: &Future| {
        future::future(&future.model, &future.measures, actions, required, &portfolio.pieces, future.probability)
    };
    let scenarios: Vec<Scenario> = futures.par_iter().map(scenario).collect();
    Problem { first: portfolio.first.clone(), scenarios, risk: spec.risk }
}
