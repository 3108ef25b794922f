//! Everything that a person wants to know before money is spent: the portfolio, what each item buys, what more money would
//! buy, how wrong it can go, and what it would be worth to know more or to wait.
//!
//! All is found with one set of cuts (`two_stage::Benders`): each question begins with what the questions before have taught.

use coercivity_model::Date;
use serde::{Deserialize, Deserializer, Serialize};

use super::Plan;
use crate::solve::{SolveError, Stop};
use crate::two_stage::measures::knowing;
use crate::two_stage::{Asked, Benders, Gap, Solved, expected, extensive};

/// How an answer is laid out as JSON. Who reads one of another number cannot know what it says.
pub const FORMAT: u32 = 2;

/// How the plan is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Cuts of each future.
    Benders,
    /// All futures as one program; what is asked after the portfolio goes by cuts all the same.
    Extensive,
}

/// Told what is done, and in it the round, the best objective so far and its bound.
pub type Tell<'a> = dyn Fn(&str, usize, Option<f64>, f64) + Sync + 'a;

/// What is asked.
pub struct Question<'a> {
    pub method: Method,
    /// Share of what the plan saves.
    pub gap: f64,
    /// Whether the frontier is asked for.
    pub frontier: bool,
    /// Whether what knowing and waiting is worth, and regrets, are asked for.
    pub values: bool,
    pub tell: &'a Tell<'a>,
    /// Seconds after which `stop` will say so at the latest, for the method that does not always ask; `None` = never.
    pub left: &'a (dyn Fn() -> Option<f64> + Sync),
    pub stop: &'a Stop<'a>,
}

/// What was found. Losses are total costs of the model, discounted to its start, in currency. What is not known is NaN, in
/// JSON `null`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// [`FORMAT`].
    pub format: u32,
    pub name: String,
    pub currency: String,
    pub futures: usize,
    pub options: usize,
    pub weight: f64,
    pub level: f64,
    /// Where nothing is done.
    pub nothing: Outcome,
    pub plan: Outcome,
    /// What the plan saves, against doing nothing: of what is minimised.
    #[serde(deserialize_with = "or_unknown")]
    pub saves: f64,
    /// By how much a better plan might be better at most.
    #[serde(deserialize_with = "or_unknown")]
    pub gap: f64,
    /// The same as a share of what this one saves; `None` = it saves nothing, or doing nothing misses a requirement.
    pub gap_of_savings: Option<f64>,
    pub items: Vec<Item>,
    /// What one more unit of money would save, all-or-nothing options being as they are; `None` = not asked.
    pub shadow_price: Option<f64>,
    pub frontier: Vec<Outcome>,
    /// Options in the order in which they enter as the budget grows.
    pub entry: Vec<Entry>,
    pub values: Option<Values>,
    pub regret: Vec<Regret>,
    pub rounds: usize,
    pub cuts: usize,
    /// Whether it was ended early; what was not found by then is left out.
    pub stopped: bool,
}

/// A portfolio and what comes of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub budget: f64,
    pub spent: f64,
    #[serde(deserialize_with = "or_unknown")]
    pub expected_loss: f64,
    #[serde(deserialize_with = "or_unknown")]
    pub cvar: f64,
    /// By how much the expected loss is less than where nothing is done; `None` = nothing cannot be done: it misses a requirement.
    pub less_expected: Option<f64>,
    /// The same of the worst futures.
    pub less_cvar: Option<f64>,
    /// What is minimised: money now and losses, weighed.
    #[serde(deserialize_with = "or_unknown")]
    pub objective: f64,
    /// No portfolio within the budget comes to less.
    #[serde(deserialize_with = "or_unknown")]
    pub bound: f64,
    /// Of the frontier: what a unit of money more than in the budget before has saved, money spent included; `None` = of no
    /// frontier, or not known of what lies before the first budget.
    pub next_unit: Option<f64>,
    /// Share of each option, by id.
    pub shares: Vec<(String, f64)>,
}

/// One option of the portfolio.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub name: String,
    pub share: f64,
    /// The share of all of it, with its unit.
    pub amount: f64,
    pub unit: String,
    pub money: f64,
    /// What it is still worth after the last step, in currency of that day.
    pub left: f64,
    pub ready: Date,
    /// By how much the losses, weighed, are less than without it, all else being done; `None` = not known, or a requirement
    /// cannot be met without it.
    pub buys: Option<f64>,
    pub needed: bool,
}

/// The first budget of the frontier at which an option is taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub budget: f64,
    pub share: f64,
}

/// What knowing is worth. All are differences of what is minimised, in currency.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Values {
    /// Less than the plan made for the middle future alone comes to; `None` = that one misses a requirement.
    pub stochastic_solution: Option<f64>,
    pub perfect_information: f64,
    /// Less, if it is decided so much later, when it is known which future it is; below 0 waiting costs more than knowing
    /// is worth. `None` = not asked, or ended before it was known.
    pub waiting: Option<f64>,
    pub wait_months: Option<f64>,
}

/// What a future comes to in all, by what was decided: money now and losses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Regret {
    pub future: String,
    pub probability: f64,
    /// Decided knowing that it comes.
    pub best: f64,
    pub plan: f64,
    #[serde(deserialize_with = "or_unknown")]
    pub nothing: f64,
    /// Of the plan made for the middle future alone.
    pub middle: Option<f64>,
    /// What each costs more than the best.
    pub plan_regret: f64,
    /// `None` = nothing cannot be done.
    pub nothing_regret: Option<f64>,
    pub middle_regret: Option<f64>,
}

fn or_unknown<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// Answers a question. `Err(Infeasible)`: the requirements cannot be met; `Err(Interrupted)`: stopped before there was a plan.
pub fn answer(plan: &Plan, question: &Question) -> Result<Answer, SolveError> {
    let mut search = Search::new(plan, question)?;
    let found = search.portfolio()?;
    let mut answer = search.first_answer(&found);
    match search.further(&found, &mut answer) {
        Ok(()) => {}
        Err(SolveError::Interrupted) => answer.stopped = true,
        Err(error) => return Err(error),
    }
    answer.cuts = search.benders.cuts();
    Ok(answer)
}

struct Search<'a> {
    plan: &'a Plan,
    question: &'a Question<'a>,
    benders: Benders<'a>,
    probabilities: Vec<f64>,
    nothing: Vec<f64>,
    /// Losses where nothing is done, by future; `None` = a requirement is missed then.
    without: Option<Vec<f64>>,
}

impl<'a> Search<'a> {
    fn new(plan: &'a Plan, question: &'a Question<'a>) -> Result<Search<'a>, SolveError> {
        let benders = Benders::new(&plan.problem)?;
        let (probabilities, nothing) = (plan.problem.probabilities(), plan.portfolio.nothing());
        let mut search = Search { plan, question, benders, probabilities, nothing, without: None };
        search.tell("what comes where nothing is done");
        let first = &plan.problem.first;
        search.without = search.costs(first, &search.nothing.clone())?;
        Ok(search)
    }

    fn tell(&self, what: &str) {
        (self.question.tell)(what, 0, None, f64::NEG_INFINITY);
    }

    /// The gap allowed: of what is saved against doing nothing, or exact where nothing cannot be done.
    fn gap(&self) -> Gap {
        match &self.without {
            None => Gap::NONE,
            Some(costs) => Gap { share: self.question.gap, against: self.plan.problem.objective(&self.nothing, costs) },
        }
    }

    fn costs(&mut self, first: &crate::two_stage::First, decisions: &[f64]) -> Result<Option<Vec<f64>>, SolveError> {
        let asked = Asked::new(first, &self.probabilities, self.plan.problem.risk, self.question.stop);
        self.benders.costs_at(&asked, decisions)
    }

    fn solve(&mut self, budget: f64, start: &[f64], what: &str) -> Result<Solved, SolveError> {
        self.tell(what);
        let first = self.plan.portfolio.with_budget(budget);
        let tell = |round: usize, best: Option<f64>, bound: f64| (self.question.tell)(what, round, best, bound);
        let asked = Asked {
            first: &first,
            probabilities: &self.probabilities,
            risk: self.plan.problem.risk,
            gap: self.gap(),
            start: Some(start),
            tell: &tell,
            stop: self.question.stop,
        };
        self.benders.solve(&asked)
    }

    fn portfolio(&mut self) -> Result<Solved, SolveError> {
        match self.question.method {
            Method::Benders => self.solve(self.plan.spec.budget, &self.nothing.clone(), "the portfolio"),
            Method::Extensive => {
                self.tell("the portfolio, all futures as one program");
                extensive(&self.plan.problem, self.gap(), (self.question.left)(), self.question.stop)
            }
        }
    }

    fn outcome(&self, budget: f64, solved: &Solved) -> Outcome {
        let Plan { portfolio, problem, actions, .. } = self.plan;
        let shares = portfolio.shares(&solved.decisions);
        let expected = |costs: &[f64]| expected(&self.probabilities, costs);
        let cvar = |costs: &[f64]| problem.risk.cvar(&self.probabilities, costs);
        let without = self.without.as_deref();
        let (expected_loss, worst) = (expected(&solved.recourse), cvar(&solved.recourse));
        Outcome {
            budget,
            spent: portfolio.money(&solved.decisions),
            expected_loss,
            cvar: worst,
            less_expected: without.map(|costs| expected(costs) - expected_loss),
            less_cvar: without.map(|costs| cvar(costs) - worst),
            objective: solved.objective,
            bound: solved.bound,
            next_unit: None,
            shares: actions.iter().zip(shares).map(|(action, share)| (action.id.clone(), share)).collect(),
        }
    }

    fn first_answer(&self, found: &Solved) -> Answer {
        let Plan { spec, portfolio, problem, actions, .. } = self.plan;
        let unknown = || vec![f64::NAN; self.probabilities.len()];
        let recourse = self.without.clone().unwrap_or_else(unknown);
        let objective = problem.objective(&self.nothing, &recourse);
        let nothing = Solved {
            decisions: self.nothing.clone(),
            recourse,
            objective,
            bound: objective,
            rounds: 0,
            stopped: false,
        };
        let saves = objective - found.objective;
        let shares = portfolio.shares(&found.decisions);
        let item = |a: usize| {
            let (amount, unit) = &self.plan.amounts[a];
            Item {
                id: actions[a].id.clone(),
                name: actions[a].name.clone(),
                share: shares[a],
                amount: amount * shares[a],
                unit: unit.clone(),
                money: portfolio.money_of(a, &found.decisions),
                left: actions[a].left * shares[a],
                ready: actions[a].ready,
                buys: None,
                needed: false,
            }
        };
        Answer {
            format: FORMAT,
            name: spec.name.clone(),
            currency: self.plan.currency.clone(),
            futures: self.probabilities.iter().filter(|p| **p > 0.0).count(),
            options: actions.len(),
            weight: problem.risk.weight,
            level: problem.risk.level,
            nothing: self.outcome(0.0, &nothing),
            plan: self.outcome(spec.budget, found),
            saves,
            gap: found.gap(),
            gap_of_savings: (saves > 0.0).then(|| found.gap() / saves),
            items: (0..actions.len()).filter(|a| shares[*a] > 0.0).map(item).collect(),
            shadow_price: None,
            frontier: Vec::new(),
            entry: Vec::new(),
            values: None,
            regret: Vec::new(),
            rounds: found.rounds,
            cuts: self.benders.cuts(),
            stopped: found.stopped,
        }
    }

    /// What is asked of a portfolio.
    fn further(&mut self, found: &Solved, answer: &mut Answer) -> Result<(), SolveError> {
        if found.stopped {
            return Err(SolveError::Interrupted);
        }
        self.what_items_buy(found, answer)?;
        let first = self.plan.problem.first.clone();
        let asked = Asked::new(&first, &self.probabilities, self.plan.problem.risk, self.question.stop);
        let row = self.plan.portfolio.budget_row();
        // One more unit of money makes the objective less by that much.
        answer.shadow_price = Some(-self.benders.price(&asked, row, &found.decisions)?).map(|price| price.max(0.0));
        if self.question.frontier {
            self.frontier(answer)?;
        }
        if self.question.values {
            self.values(found, answer)?;
        }
        Ok(())
    }

    fn what_items_buy(&mut self, found: &Solved, answer: &mut Answer) -> Result<(), SolveError> {
        self.tell("what each item buys");
        let problem = &self.plan.problem;
        let with = problem.risk.of(&self.probabilities, &found.recourse);
        for item in &mut answer.items {
            let a = self.plan.actions.iter().position(|action| action.id == item.id).expect("an item is an option");
            let decisions = self.plan.portfolio.without(a, &found.decisions);
            match self.costs(&problem.first, &decisions)? {
                Some(costs) => item.buys = Some(problem.risk.of(&self.probabilities, &costs) - with),
                None => item.needed = true,
            }
        }
        Ok(())
    }

    /// The best portfolio of each budget, from small to large, each from the one before.
    fn frontier(&mut self, answer: &mut Answer) -> Result<(), SolveError> {
        let mut before: Option<Solved> = None;
        let mut last = (0.0, answer.nothing.objective);
        for budget in self.plan.spec.budgets.clone() {
            let start = before.as_ref().map_or(&self.nothing, |before| &before.decisions).clone();
            let mut solved = match self.solve(budget, &start, "the frontier") {
                // So little money meets no requirement.
                Err(SolveError::Infeasible) => continue,
                other => other?,
            };
            if solved.stopped {
                return Err(SolveError::Interrupted);
            }
            // Within the gap more money may seem to do worse; what less could buy it can buy as well.
            if let Some(before) = before.filter(|before| before.objective <= solved.objective) {
                solved = Solved { bound: solved.bound, ..before };
            }
            let mut outcome = self.outcome(budget, &solved);
            // Where nothing cannot be done, nothing is known of what lies before the first budget.
            let slope = (last.1 - outcome.objective) / (budget - last.0);
            outcome.next_unit = Some(slope).filter(|slope| slope.is_finite());
            last = (budget, outcome.objective);
            for (action, (id, share)) in self.plan.actions.iter().zip(&outcome.shares) {
                if *share > 0.0 && answer.entry.iter().all(|entry| entry.id != *id) {
                    answer.entry.push(Entry { id: id.clone(), name: action.name.clone(), budget, share: *share });
                }
            }
            answer.frontier.push(outcome);
            before = Some(solved);
        }
        Ok(())
    }

    fn values(&mut self, found: &Solved, answer: &mut Answer) -> Result<(), SolveError> {
        let problem = &self.plan.problem;
        let probabilities = self.probabilities.clone();
        let gap = self.gap();
        let stop = self.question.stop;
        let asked = Asked { gap, ..Asked::new(&problem.first, &probabilities, problem.risk, stop) };
        self.tell("the plan for the middle future alone");
        let of_middle = knowing(&mut self.benders, &asked, self.plan.middle)?.decisions;
        let middle = self.benders.costs_at(&asked, &of_middle)?;
        self.tell("the best of each future");
        let best = each(&mut self.benders, &asked, self.question.gap, self.without.as_deref())?;
        // What is as good as another within the gap may be found a little better there.
        let total = |decisions: &[f64], costs: &[f64], k: usize| problem.first.cost(decisions) + costs[k];
        let all =
            [Some((&found.decisions, &found.recourse)), self.without.as_ref().map(|costs| (&self.nothing, costs))];
        let all: Vec<(&Vec<f64>, &Vec<f64>)> =
            all.into_iter().chain([middle.as_ref().map(|costs| (&of_middle, costs))]).flatten().collect();
        let least = |k: usize| all.iter().map(|(decisions, costs)| total(decisions, costs, k)).fold(best[k], f64::min);
        let known: Vec<f64> = (0..best.len()).map(least).collect();
        let seen = problem.risk.of(&probabilities, &known);
        answer.values = Some(Values {
            stochastic_solution: middle.as_ref().map(|costs| problem.objective(&of_middle, costs) - found.objective),
            perfect_information: found.objective - seen,
            waiting: None,
            wait_months: self.plan.spec.wait_months,
        });
        answer.regret = (0..probabilities.len())
            .filter(|k| probabilities[*k] > 0.0)
            .map(|k| {
                let plan = total(&found.decisions, &found.recourse, k);
                let nothing = self.without.as_ref().map(|costs| total(&self.nothing, costs, k));
                let middle = middle.as_ref().map(|costs| total(&of_middle, costs, k));
                let more = |total: f64| total - known[k];
                Regret {
                    future: self.plan.futures[k].clone(),
                    probability: probabilities[k],
                    best: known[k],
                    plan,
                    nothing: nothing.unwrap_or(f64::NAN),
                    middle,
                    plan_regret: more(plan),
                    nothing_regret: nothing.map(more),
                    middle_regret: middle.map(more),
                }
            })
            .collect();
        // Last, so that who stops it here keeps the rest.
        let waiting = self.waiting(found)?;
        answer.values.as_mut().expect("just put there").waiting = waiting;
        Ok(())
    }

    /// What is gained by deciding later, knowing which future comes; `None` = not asked.
    fn waiting(&self, found: &Solved) -> Result<Option<f64>, SolveError> {
        let Some((portfolio, later)) = &self.plan.later else { return Ok(None) };
        self.tell("the best of each future, decided later");
        let asked = Asked::new(&portfolio.first, &self.probabilities, self.plan.problem.risk, self.question.stop);
        let asked = Asked { gap: self.gap(), ..asked };
        let mut benders = Benders::new(later)?;
        // All at once here, as each future's first answer takes longest; after it they are asked one by one.
        benders.costs_at(&asked, &self.nothing)?;
        let costs = each(&mut benders, &asked, self.question.gap, self.without.as_deref())?;
        Ok(Some(found.objective - later.risk.of(&self.probabilities, &costs)))
    }
}

/// What each future comes to if it is known to come, to a share of what is saved there against doing nothing.
fn each(benders: &mut Benders, asked: &Asked, share: f64, without: Option<&[f64]>) -> Result<Vec<f64>, SolveError> {
    let mut costs = vec![f64::NAN; asked.probabilities.len()];
    for k in (0..costs.len()).filter(|k| asked.probabilities[*k] > 0.0) {
        let gap = without.map_or(Gap::NONE, |costs| Gap { share, against: costs[k] });
        costs[k] = knowing(benders, &Asked { gap, ..*asked }, k)?.objective;
    }
    Ok(costs)
}
