//! A window of a bargain made ready to run: the state in which it begins, and what holds from then on under each
//! combination of levers.
//!
//! Up to the window everything is as the scenario has it, and known as it is announced. From its first step on everything
//! is known, and a lever at a level is a *standing* measure: it is in force in every step, or in none, and no truce suspends
//! it. Measures that are no lever's stay as the scenario has them.
//!
//! All combinations share one space, so that all begin in one state. It has what matters under any of them. Which that is
//! shows with one lever at a time: limits of lanes, releases and tags matter on their own. Only of what a need may not
//! consume each set is a draw of its own, so levers with origin rules are taken in all their combinations.

use std::sync::Arc;

use coercivity_model::hex::hex;
use coercivity_model::scenario::Effect;
use coercivity_model::{Model, Scenario};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::figures::{Figures, gains};
use super::whole::{Bargain, Cares, Window};
use crate::policy::{Belief, LanePolicy, Policy, StepPolicy};
use crate::program::Program;
use crate::ranges::with_budget;
use crate::run::{Foresight, Setup, beliefs, carried_to};
use crate::solve::{Basis, MANY_CHANGES, Solution, SolveError, Solver};
use crate::space::Space;
use crate::space::translate::Translation;
use crate::state::State;
use crate::tags::Tags;

/// How much more plans may cost that count as equally good, as a share.
pub const HARDLY: f64 = 1e-6;

/// A window that is ready.
pub struct Stage<'a> {
    bargain: &'a Bargain,
    window: &'a Window,
    /// As far as the end of the window.
    pub model: Model,
    pub tags: Tags,
    pub space: Space,
    pub state: State,
}

impl<'a> Stage<'a> {
    /// Runs up to the window, unless the state in which it begins is known. `setup` says how to solve and who watches.
    pub fn new(
        bargain: &'a Bargain,
        window: &'a Window,
        state: Option<State>,
        setup: &Setup,
    ) -> Result<Stage<'a>, SolveError> {
        let model = bargain.model.first_steps(window.steps.end);
        let scenario = &bargain.scenario;
        let tags = Tags::new(&model, scenario);
        let plans: Vec<(usize, Policy)> = beliefs(&model, scenario, Foresight::Announced)
            .into_iter()
            .filter(|(step, _)| *step < window.steps.start)
            .map(|(step, belief)| (step, Policy::new(&model, scenario, &tags, &belief)))
            .collect();
        let mut policies: Vec<Arc<StepPolicy>> =
            plans.iter().flat_map(|(step, policy)| policy.distinct(*step)).cloned().collect();
        for pulled in bargain.covering() {
            let policy = bargain.policy(&model, &tags, window, &pulled);
            policies.extend(policy.distinct(window.steps.start).into_iter().cloned());
        }
        let space =
            if setup.prune { Space::pruned(&model, &tags, &policies) } else { Space::full(&model, &tags, &policies) };
        let state = match state {
            Some(state) => state,
            None => carried_to(&model, &tags, &space, plans, window.steps.start, setup)?,
        };
        Ok(Stage { bargain, window, model, tags, space, state })
    }

    /// The plan of a combination; it goes on from that of another where that takes few steps.
    pub fn solve(&self, combination: usize, near: Option<&Solved>, setup: &Setup) -> Result<Solved, SolveError> {
        let policy = self.policy(combination);
        let program = Program::new(&self.model, &self.space, &policy, &self.state);
        let stop = || setup.progress.stop();
        let solver = Solver { settings: setup.settings, stop: &stop, shelf: setup.shelf };
        let went_on = match near {
            Some(near) => {
                let between = Translation::new(&self.space, &self.space);
                let basis = near.basis.carried_over(&near.program, &program, &between);
                solver.solve_from(&program, &basis, &MANY_CHANGES)?.optimum()
            }
            None => None,
        };
        let (solution, basis) = went_on.map_or_else(|| solver.solve(&program), Ok)?;
        Ok(Solved { policy, program, solution, basis })
    }

    /// What a plan comes to.
    pub fn figures(&self, solved: &Solved) -> Figures {
        Figures::new(&self.model, &self.space, &solved.policy, &solved.program, &solved.solution)
    }

    /// The least and the most that a player can get in plans of a combination that cost hardly more than the best (by
    /// [`HARDLY`]): who goes short is not always settled by what is cheapest. Of what is paid for needs that are met
    /// nothing is said, as it is no sum over a plan.
    pub fn reach(&self, solved: &Solved, cares: &Cares, setup: &Setup) -> Result<(f64, f64), SolveError> {
        let spent = solved.solution.objective - solved.program.constant;
        let mut program = with_budget(&solved.program, spent + HARDLY * spent.abs());
        let gains = gains(&self.model, &self.space, &solved.policy, &solved.program, cares);
        let mut end = |sign: f64| {
            program.costs = gains.iter().map(|gain| sign * gain).collect();
            let stop = || setup.progress.stop();
            let solver = Solver { settings: setup.settings, stop: &stop, shelf: setup.shelf };
            solver.solve(&program).map(|(solution, _)| sign * solution.objective)
        };
        Ok((end(1.0)?, end(-1.0)?))
    }

    /// What holds under a combination.
    pub fn policy(&self, combination: usize) -> Policy {
        self.bargain.policy(&self.model, &self.tags, self.window, &self.bargain.pulled(combination))
    }
}

/// The plan of a combination.
pub struct Solved {
    policy: Policy,
    program: Program,
    solution: Solution,
    basis: Basis,
}

/// By lever, its level; `None` = as if there were no such lever.
type Pulled = Vec<Option<usize>>;

impl Bargain {
    fn pulled(&self, combination: usize) -> Pulled {
        self.combinations.levels(combination).into_iter().map(Some).collect()
    }

    /// The scenario in which levers are pulled from the start of a window on. Of the time before it says nothing.
    fn standing(&self, window: &Window, pulled: &Pulled) -> Scenario {
        let mut scenario = self.scenario.clone();
        let first = self.model.calendar.middle_day(window.steps.start);
        for (lever, level) in self.levers.iter().zip(pulled) {
            let effects = level.and_then(|level| lever.levels[level].as_ref());
            for (i, m) in lever.measures.iter().enumerate() {
                scenario.truces.iter_mut().for_each(|truce| truce.suspends.retain(|suspended| suspended != m));
                let measure = &mut scenario.measures[*m];
                match effects {
                    Some(effects) => {
                        measure.effect.clone_from(&effects[i]);
                        (measure.from, measure.until) = (measure.from.min(first), None);
                    }
                    None => measure.until = Some(measure.from.min(first)),
                }
            }
        }
        scenario
    }

    fn policy(&self, model: &Model, tags: &Tags, window: &Window, pulled: &Pulled) -> Policy {
        let scenario = self.standing(window, pulled);
        Policy::new(model, &scenario, tags, &Belief::truth(model, &scenario))
    }

    /// Ways to pull the levers that show all that can matter under any combination.
    fn covering(&self) -> Vec<Pulled> {
        let none: Pulled = vec![None; self.levers.len()];
        let mut all = vec![none];
        let bans = |lever: usize| {
            let measures = self.levers[lever].measures.iter();
            measures.clone().any(|m| matches!(self.scenario.measures[*m].effect, Effect::OriginRule { .. }))
        };
        for lever in 0..self.levers.len() {
            // On its own, and a lever that bans on top of all the combinations of those before it.
            let base = if bans(lever) { all.clone() } else { all[..1].to_vec() };
            for level in 0..self.levers[lever].levels.len() {
                all.extend(base.iter().map(|pulled| {
                    let mut pulled = pulled.clone();
                    pulled[lever] = Some(level);
                    pulled
                }));
            }
        }
        all
    }

    /// Levers under all of whose levels the same holds at the talks, while no other lever is pulled.
    pub(super) fn without_effect(&self) -> Vec<usize> {
        let model = self.model.first_steps(self.talks.steps.end);
        let tags = Tags::new(&model, &self.scenario);
        let none: Pulled = vec![None; self.levers.len()];
        let same = |lever: &usize| {
            let hashes = (0..self.levers[*lever].levels.len()).map(|level| {
                let mut pulled = none.clone();
                pulled[*lever] = Some(level);
                hash(&self.policy(&model, &tags, &self.talks, &pulled), &self.talks)
            });
            let mut hashes: Vec<String> = hashes.collect();
            hashes.dedup();
            hashes.len() == 1
        };
        (0..self.levers.len()).filter(same).collect()
    }

    /// A hash of what holds in a window under each of these combinations: where it is the same, so is the program.
    pub fn programs(&self, window: &Window, combinations: &[usize]) -> Vec<String> {
        let model = self.model.first_steps(window.steps.end);
        let tags = Tags::new(&model, &self.scenario);
        let policy = |combination: &usize| self.policy(&model, &tags, window, &self.pulled(*combination));
        combinations.par_iter().map(|combination| hash(&policy(combination), window)).collect()
    }
}

/// SHA-256 of what holds in the steps of a window, in hexadecimal.
fn hash(policy: &Policy, window: &Window) -> String {
    let mut all = Sha256::new();
    let mut before: Option<(*const StepPolicy, Vec<u8>)> = None;
    for step in window.steps.clone() {
        let policy = policy.step(step);
        // Steps in which the same measures are in force share one.
        let digest = match &before {
            Some((known, digest)) if std::ptr::eq(*known, policy) => digest.clone(),
            _ => Sha256::digest(format!("{:?}", without_closed(policy))).to_vec(),
        };
        all.update(&digest);
        before = Some((policy, digest));
    }
    hex(&all.finalize())
}

/// The same where nothing is said of lanes on which nothing may be sent.
fn without_closed(policy: &StepPolicy) -> StepPolicy {
    let mut policy = policy.clone();
    for lane in policy.lanes.iter_mut().filter(|lane| lane.limit == Some(0.0)) {
        *lane = LanePolicy { limit: Some(0.0), ..LanePolicy::default() };
    }
    policy
}
