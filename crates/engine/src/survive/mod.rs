//! How long demands stay met when a node is lost, and what the loss costs.
//!
//! *Time-to-survive* is the longest time from the loss on in which every demand that is asked for stays met in full.
//! Nothing else counts in it, not even cost: it says what could be done (`last`). *Value at risk* is the cost of
//! the run without the node less that of the run with it, both planned with everything known from the loss on.
//!
//! Both begin in one state: that in which the announced run stands when the node is lost. One optimum with nothing
//! lost is at the bottom of all answers. A node that it does not use costs nothing. Where little changes, its basis
//! leads to the optimum without the node in few steps of the simplex method; elsewhere the smaller program without
//! the node is solved anew. And the plan that proves how long supply lasts with nothing lost proves as much for
//! every node that it does not use.

mod last;
mod loss;
mod search;
pub mod view;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_model::{Model, Scenario};
use rayon::prelude::*;
use serde::Serialize;

use crate::node::{Loss, Node};
use crate::policy::{Belief, Policy};
use crate::program::Program;
use crate::results::summary::{grown_short, shortage_threshold};
use crate::run::{Foresight, Setup, prepare, state_at};
use crate::solve::{Basis, Settings, Shelf, Solution, SolveError, Solver};
use crate::space::Space;
use crate::state::State;
pub use search::Lasts;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Step at whose beginning nodes are lost.
    pub at: usize,
    /// Steps after which they are back; `None` = never.
    pub recover: Option<usize>,
    /// Demands that must stay met; `None` = all that can be met at all.
    pub demands: Option<Vec<usize>>,
}

/// What the loss of a node means.
#[derive(Clone, Debug)]
pub struct Survival {
    pub node: Node,
    pub lasts: Lasts,
    /// Demands that what is left is too little for when it ends: (demand, share of the blame), the largest first. The
    /// shares are what the dual of θ lays on the demands, and add up to 1. Empty where it lasts to the end.
    pub short: Vec<(usize, f64)>,
    /// Cost without the node less cost with it, discounted, in currency.
    pub value_at_risk: f64,
    /// What is lost, by demand.
    pub lost: Vec<Lost>,
}

/// What a demand loses by the loss of a node; negative where it gains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    pub demand: usize,
    /// Units unmet; of a demand that can be late, units by which its backlog grew.
    pub units: f64,
    /// Discounted, in currency.
    pub value: f64,
}

/// All answers.
#[derive(Clone, Debug)]
pub struct Survivals {
    /// With nothing lost.
    pub base: Survival,
    /// Demands left out: they cannot be met even in the first step with nothing lost.
    pub left_out: Vec<usize>,
    /// In the order in which the nodes were given.
    pub nodes: Vec<Survival>,
    /// How the answers were found.
    pub effort: Effort,
}

/// How many nodes were settled in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effort {
    /// Different losses.
    pub losses: usize,
    /// Not used, so nothing changes.
    pub unused: usize,
    /// Optimum without the node found from the basis of the optimum with it.
    pub warm: usize,
    /// Solved anew.
    pub cold: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SurviveError {
    /// These demands were asked for, and cannot be met even in the first step with nothing lost.
    NeverMet(Vec<usize>),
    Solve(SolveError),
}

impl From<SolveError> for SurviveError {
    fn from(error: SolveError) -> Self {
        SurviveError::Solve(error)
    }
}

/// Where it begins, and what must last.
pub(crate) struct Ground<'a> {
    pub model: &'a Model,
    pub space: &'a Space,
    pub state: &'a State,
    /// With nothing lost.
    pub policy: Policy,
    /// By demand: whether it must stay met.
    pub met: Vec<bool>,
    pub settings: Settings,
}

/// The optimum with nothing lost, from which every loss is seen.
struct Base<'a> {
    ground: Ground<'a>,
    program: Program,
    solution: Solution,
    basis: Basis,
    /// Its program, for each thread.
    shelf: Shelf,
}

/// Answers for every node. `setup` says how to solve and who watches; its foresight is not used, as the way to the
/// loss is announced and the way from there is known. `tell` is told how many of how many losses are settled.
pub fn survive(
    model: &Model,
    scenario: &Scenario,
    question: &Question,
    nodes: &[Node],
    setup: &Setup,
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<Survivals, SurviveError> {
    let (tags, space, state) = if question.at == 0 {
        let (tags, space, _) = prepare(model, scenario, Foresight::Perfect, setup.prune, None);
        let state = State::initial(model, &tags, &space);
        (tags, space, state)
    } else {
        state_at(model, scenario, question.at, setup)?
    };
    let policy = Policy::new(model, scenario, &tags, &Belief::truth(model, scenario));
    let program = Program::new(model, &space, &policy, &state);
    let (solution, basis) =
        Solver { stop: &|| setup.progress.stop(), ..Solver::new(setup.settings) }.solve(&program)?;
    let met = vec![true; model.demands.len()];
    let settings = setup.settings;
    let ground = Ground { model, space: &space, state: &state, policy, met, settings };
    let shelf = Shelf::new(rayon::current_num_threads());
    let mut base = Base { ground, program, solution, basis, shelf };
    let left_out = base.ask_for(question)?;
    let first_short = base.ground.first_short(&base.program, &base.solution);
    let found = search::lasts(&base.ground, &base.ground.policy, first_short, None)?;
    let untouched = Survival {
        node: Node::nothing(),
        lasts: found.lasts,
        short: found.short,
        value_at_risk: 0.0,
        lost: Vec::new(),
    };

    // Nodes that stop the same things are one loss: a country's only site at a stage, say.
    let mut position: HashMap<Node, usize> = HashMap::new();
    let mut losses: Vec<Loss> = Vec::new();
    let loss_of: Vec<usize> = nodes
        .iter()
        .map(|node| {
            *position.entry(Node { id: String::new(), ..node.clone() }).or_insert_with(|| {
                let end = question.recover.map_or(model.steps(), |steps| (question.at + steps).min(model.steps()));
                losses.push(Loss { node: node.clone(), steps: question.at..end });
                losses.len() - 1
            })
        })
        .collect();
    let done = AtomicUsize::new(0);
    tell(0, losses.len());
    let answers: Vec<(Survival, loss::Way)> = losses
        .par_iter()
        .map(|loss| {
            let answer = loss::settle(&base, &untouched, found.witness.as_ref(), loss);
            tell(done.fetch_add(1, Ordering::Relaxed) + 1, losses.len());
            answer
        })
        .collect::<Result<_, SolveError>>()?;
    let ways = |way: loss::Way| answers.iter().filter(|(_, w)| *w == way).count();
    let effort = Effort {
        losses: losses.len(),
        unused: ways(loss::Way::Unused),
        warm: ways(loss::Way::Warm),
        cold: ways(loss::Way::Cold),
    };
    let nodes = nodes.iter().zip(loss_of);
    let nodes = nodes.map(|(node, i)| Survival { node: node.clone(), ..answers[i].0.clone() }).collect();
    Ok(Survivals { base: untouched, left_out, nodes, effort })
}

impl Base<'_> {
    /// Settles which demands must stay met; returns those that cannot be.
    fn ask_for(&mut self, question: &Question) -> Result<Vec<usize>, SurviveError> {
        let asked = |d: usize| question.demands.as_ref().is_none_or(|list| list.contains(&d));
        self.ground.met = (0..self.ground.model.demands.len()).map(asked).collect();
        let hopeless = search::hopeless(&self.ground)?;
        match &question.demands {
            None => {
                hopeless.iter().for_each(|d| self.ground.met[*d] = false);
                if self.ground.met.iter().any(|met| *met) {
                    Ok(hopeless)
                } else {
                    Err(SurviveError::NeverMet(hopeless))
                }
            }
            Some(_) if hopeless.is_empty() => Ok(hopeless),
            Some(_) => Err(SurviveError::NeverMet(hopeless)),
        }
    }
}

impl Ground<'_> {
    /// How long it lasts as it is; in `known` steps no demand falls short, as a plan has shown.
    pub(crate) fn lasts(&self, known: usize) -> Result<Lasts, SolveError> {
        search::lasts(self, &self.policy, known, None).map(|found| found.lasts)
    }

    /// Steps from the loss on before one of the demands that must stay met is short in a plan.
    fn first_short(&self, program: &Program, solution: &Solution) -> usize {
        let steps = self.model.steps();
        let grew = grown_short(self.model, program, solution);
        let short = |step: usize| {
            (0..self.model.demands.len()).any(|d| self.met[d] && grew[d * steps + step] > self.threshold(d, step))
        };
        (self.state.step..steps).find(|step| short(*step)).unwrap_or(steps) - self.state.step
    }

    /// Units unmet of a demand in a step that are no shortage.
    fn threshold(&self, demand: usize, step: usize) -> f64 {
        shortage_threshold(self.policy.required(self.model, demand, step))
    }
}
