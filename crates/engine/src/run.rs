//! Runs: one program with perfect foresight, or a plan made anew whenever something is announced.

use std::ops::Range;
use std::sync::Arc;

use coercivity_model::{Model, Scenario};

use crate::node::Loss;
use crate::policy::{Belief, Policy, StepPolicy};
use crate::program::{Column, Program};
use crate::solve::{Basis, MANY_CHANGES, NO_SHELF, Settings, Shelf, Solution, SolveError, Solver};
use crate::space::Space;
use crate::space::translate::Translation;
use crate::state::{Carrier, State, UnderWay};
use crate::tags::Tags;

/// What is known when a plan is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foresight {
    /// Everything.
    Perfect,
    /// What has been announced or is in force.
    Announced,
}

impl Foresight {
    pub fn name(self) -> &'static str {
        match self {
            Foresight::Perfect => "perfect",
            Foresight::Announced => "announced",
        }
    }
}

/// What a run is doing, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Building the n-th plan of so many.
    Building { plan: usize, plans: usize },
    /// Solving the n-th plan of so many.
    Solving { plan: usize, plans: usize, rows: usize, columns: usize },
}

/// Somebody who watches a run.
pub trait Progress: Sync {
    fn stage(&self, stage: Stage);

    /// Whether the run shall end before it is done, with [`SolveError::Interrupted`]. Asked often while solving.
    fn stop(&self) -> bool {
        false
    }
}

impl Progress for () {
    fn stage(&self, _: Stage) {}
}

/// A plan, and the steps of it that were carried out.
pub struct Plan {
    pub program: Program,
    pub solution: Solution,
    pub basis: Basis,
    /// Whether it was found by going on from a plan of [`Setup::near`].
    pub went_on: bool,
    pub policy: Policy,
    /// First step.
    pub from: usize,
    /// First step that was not carried out.
    pub until: usize,
}

impl Plan {
    /// Builds and solves the n-th plan of so many, of which `steps` are carried out.
    #[allow(clippy::too_many_arguments)]
    fn new(
        model: &Model,
        space: &Space,
        policy: Policy,
        state: &State,
        steps: Range<usize>,
        (plan, plans): (usize, usize),
        setup: &Setup,
        seconds: &mut Seconds,
    ) -> Result<Plan, SolveError> {
        setup.progress.stage(Stage::Building { plan, plans });
        let begin = (setup.clock)();
        let program = Program::new(model, space, &policy, state);
        let built = (setup.clock)();
        seconds.build += built - begin;
        let (rows, columns) = (program.rows.len(), program.columns.len());
        setup.progress.stage(Stage::Solving { plan, plans, rows, columns });
        let stop = || setup.progress.stop();
        let solver = Solver { settings: setup.settings, stop: &stop, shelf: setup.shelf };
        let near = match setup.near.and_then(|near| near.basis_for(space, &program, steps.start)) {
            Some(basis) => solver.solve_from(&program, &basis, &MANY_CHANGES)?.optimum(),
            None => None,
        };
        let went_on = near.is_some();
        let (solution, basis) = near.map_or_else(|| solver.solve(&program), Ok)?;
        seconds.solve += (setup.clock)() - built;
        Ok(Plan { program, solution, basis, went_on, policy, from: steps.start, until: steps.end })
    }
}

/// Everything a run knows: the space, and the plans in the order in which they were carried out.
pub struct Outcome {
    pub tags: Tags,
    pub space: Space,
    pub plans: Vec<Plan>,
    pub foresight: Foresight,
    /// Discounted cost of holding strategic stock that nothing releases, over all steps.
    pub holding_of_untouched_stock: f64,
    /// Seconds spent building and solving.
    pub seconds: Seconds,
}

impl Outcome {
    /// The basis of the plan that begins at a step, carried over to a program in another space.
    fn basis_for(&self, space: &Space, program: &Program, from: usize) -> Option<Basis> {
        let plan = self.plans.iter().find(|plan| plan.from == from)?;
        let between = Translation::new(&self.space, space);
        Some(plan.basis.carried_over(&plan.program, program, &between))
    }
}

/// Wall-clock seconds, given by the caller's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seconds {
    pub build: f64,
    pub solve: f64,
}

/// What is needed to run: settings, a clock (seconds since any moment), and somebody who watches.
pub struct Setup<'a> {
    pub foresight: Foresight,
    pub settings: Settings,
    /// Leave out what cannot matter (`true` but for tests and comparisons).
    pub prune: bool,
    /// A node that is lost, which is known from the start.
    pub without: Option<Loss>,
    /// A run that differs little: where it made a plan, the new one goes on from its basis if that takes few steps.
    pub near: Option<&'a Outcome>,
    /// Programs of runs before, which are changed in place where that is all that it takes.
    pub shelf: &'a Shelf,
    pub clock: &'a dyn Fn() -> f64,
    pub progress: &'a dyn Progress,
}

impl Setup<'_> {
    /// A run as it is, whole, without a clock, that nobody watches.
    pub fn quiet(foresight: Foresight, settings: Settings) -> Self {
        Setup {
            foresight,
            settings,
            prune: true,
            without: None,
            near: None,
            shelf: &NO_SHELF,
            clock: &|| 0.0,
            progress: &(),
        }
    }
}

/// Steps at which a plan is made, each with what is then believed.
pub(crate) fn beliefs(model: &Model, scenario: &Scenario, foresight: Foresight) -> Vec<(usize, Belief)> {
    if foresight == Foresight::Perfect {
        return vec![(0, Belief::truth(model, scenario))];
    }
    let mut plans: Vec<(usize, Belief)> = Vec::new();
    for step in 0..model.steps() {
        let belief = Belief::announced(model, scenario, step);
        // A plan that rests on the same beliefs about what is left stays optimal.
        if plans.last().is_none_or(|(_, before)| !before.agrees_from(&belief, step)) {
            plans.push((step, belief));
        }
    }
    plans
}

/// The policies of all plans and the space they share.
pub fn prepare(
    model: &Model,
    scenario: &Scenario,
    foresight: Foresight,
    prune: bool,
    without: Option<&Loss>,
) -> (Tags, Space, Vec<(usize, Policy)>) {
    let tags = Tags::new(model, scenario);
    let plans: Vec<(usize, Policy)> = beliefs(model, scenario, foresight)
        .into_iter()
        .map(|(step, belief)| {
            let policy = Policy::new(model, scenario, &tags, &belief);
            (step, without.map(|loss| policy.without(loss)).unwrap_or(policy))
        })
        .collect();
    // Goods keep their tags from plan to plan, so all plans live in one space.
    let policies: Vec<Arc<StepPolicy>> =
        plans.iter().flat_map(|(step, policy)| policy.distinct(*step)).cloned().collect();
    let space = if prune { Space::pruned(model, &tags, &policies) } else { Space::full(model, &tags, &policies) };
    (tags, space, plans)
}

/// Each policy with the steps in which its plan is carried out, as far as step `end`.
fn spans(policies: Vec<(usize, Policy)>, end: usize) -> Vec<(Policy, Range<usize>)> {
    let ends: Vec<usize> = policies.iter().skip(1).map(|(from, _)| (*from).min(end)).chain([end]).collect();
    let spans = policies.into_iter().zip(ends).map(|((from, policy), until)| (policy, from..until));
    spans.filter(|(_, steps)| !steps.is_empty()).collect()
}

/// Runs a model under a scenario.
pub fn run(model: &Model, scenario: &Scenario, setup: &Setup) -> Result<Outcome, SolveError> {
    let begin = (setup.clock)();
    let (tags, space, policies) = prepare(model, scenario, setup.foresight, setup.prune, setup.without.as_ref());
    let mut state = State::initial(model, &tags, &space);
    let mut seconds = Seconds { build: (setup.clock)() - begin, solve: 0.0 };
    let mut plans = Vec::new();
    let mut holding_of_untouched_stock = 0.0;
    let spans = spans(policies, model.steps());
    let count = spans.len();
    for (i, (policy, steps)) in spans.into_iter().enumerate() {
        let until = steps.end;
        let plan = Plan::new(model, &space, policy, &state, steps, (i + 1, count), setup, &mut seconds)?;
        if i == 0 {
            // Which strategic stock can leave is settled by the space that all plans share.
            holding_of_untouched_stock = plan.program.constant;
        }
        if until < model.steps() {
            state = advance(model, &space, state, &plan);
        }
        plans.push(plan);
    }
    Ok(Outcome { tags, space, plans, foresight: setup.foresight, holding_of_untouched_stock, seconds })
}

/// The state at the start of a step, after what the announced run does before it.
pub fn state_at(
    model: &Model,
    scenario: &Scenario,
    step: usize,
    setup: &Setup,
) -> Result<(Tags, Space, State), SolveError> {
    let (tags, space, policies) = prepare(model, scenario, Foresight::Announced, setup.prune, setup.without.as_ref());
    let state = carried_to(model, &tags, &space, policies, step, setup)?;
    Ok((tags, space, state))
}

/// The state at the start of a step, after plans that were made for these policies, each from its step on, were carried
/// out as far as it.
pub(crate) fn carried_to(
    model: &Model,
    tags: &Tags,
    space: &Space,
    policies: Vec<(usize, Policy)>,
    step: usize,
    setup: &Setup,
) -> Result<State, SolveError> {
    let mut state = State::initial(model, tags, space);
    let spans = spans(policies, step);
    let (count, mut seconds) = (spans.len(), Seconds::default());
    for (i, (policy, steps)) in spans.into_iter().enumerate() {
        let plan = Plan::new(model, space, policy, &state, steps, (i + 1, count), setup, &mut seconds)?;
        state = advance(model, space, state, &plan);
    }
    Ok(state)
}

/// The state after the steps of a plan that were carried out.
fn advance(model: &Model, space: &Space, before: State, plan: &Plan) -> State {
    let (until, products) = (plan.until, model.products.len());
    let mut state = State {
        step: until,
        stocks: vec![Vec::new(); model.stocks.len()],
        under_way: before.under_way.iter().filter(|way| way.due >= until).cloned().collect(),
        ..before
    };
    for (s, stock) in before.stocks.iter().enumerate() {
        if model.stocks[s].kind == coercivity_model::model::StockKind::Strategic {
            state.stocks[s].clone_from(stock);
        }
    }
    for step in plan.from..until {
        for d in 0..model.demands.len() {
            let amount = plan.policy.amount_per_year(model, d, step);
            state.largest_amount[d] = state.largest_amount[d].max(amount);
        }
    }
    let columns = plan.program.columns.iter().zip(&plan.solution.columns);
    for (column, value) in columns.filter(|(c, _)| c.step().is_some_and(|step| step < until)) {
        let (last, value) = (column.step() == Some(until - 1), *value);
        match *column {
            Column::Stock { stock, slot, .. } if last => state.stocks[stock].push((slot, value)),
            Column::Strategic { stock, .. } if last => {
                state.strategic[stock] = value;
                state.stocks[stock].iter_mut().for_each(|(_, units)| *units = value);
            }
            Column::Backlog { demand, .. } if last => state.backlog[demand] = value,
            Column::Account { region, product, .. } if last => state.account[region * products + product] = value,
            Column::Flow { crossing, step } => {
                let crossing = &space.crossings[crossing];
                let lane = &model.lanes[crossing.lane];
                let way = UnderWay {
                    due: plan.policy.arrival(model, crossing.lane, step),
                    slot: crossing.to,
                    region: lane.to,
                    product: lane.product,
                    quantity: value,
                    by: Carrier::Lane(crossing.lane),
                };
                if way.due >= model.steps() {
                    state.still_on_lane[crossing.lane] += value;
                } else if way.due >= until {
                    state.under_way.push(way);
                }
            }
            Column::Activity { run, step } => {
                let run = &space.runs[run];
                let site = &model.sites[run.site];
                let due = step + model.step.lead_steps(site.lead_days);
                for (product, slot, amount) in &run.outputs {
                    if due >= model.steps() {
                        state.still_in_site[run.site] += value * amount * model.products[*product].price;
                    } else if due >= until {
                        state.under_way.push(UnderWay {
                            due,
                            slot: *slot,
                            region: site.region,
                            product: *product,
                            quantity: value * amount,
                            by: Carrier::Site(run.site),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    state
}
