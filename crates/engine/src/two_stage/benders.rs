//! Benders' decomposition (the L-shaped method), with a cut for each scenario: the decisions are proposed by a small program,
//! each scenario says what it costs at them and, by its prices, at least everywhere else.
//!
//! First whole numbers may be broken, and half of the way from the best decisions so far to those proposed is taken (the
//! in-out method: Ben-Ameur & Neto 2007), as proposals of few cuts leap from corner to corner. With the cuts of that time the
//! whole numbers take few more rounds. Cuts speak of all decisions, so they are kept for whatever is asked next: another
//! budget, another weight of the risk, one scenario alone.

use rayon::prelude::*;

use super::master::{Known, Master};
use super::subproblem::{Answer, Subproblem};
use super::{First, Gap, Problem, Risk, Solved};
use crate::solve::{SolveError, Stop};

/// A problem under decomposition, with all that is known of it so far.
pub struct Benders<'a> {
    subproblems: Vec<Subproblem<'a>>,
    known: Vec<Known>,
}

/// What is to be solved.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The decisions of the problem, whose costs, bounds and rows may be others.
    pub first: &'a First,
    /// By scenario; those of 0 are not asked.
    pub probabilities: &'a [f64],
    pub risk: Risk,
    pub gap: Gap,
    /// Decisions to begin with, such as those of a like problem.
    pub start: Option<&'a [f64]>,
    /// Told after each round: what was found so far, if anything was.
    pub tell: &'a (dyn Fn(usize, Option<f64>, f64) + Sync),
    pub stop: &'a Stop<'a>,
}

impl<'a> Asked<'a> {
    /// To the optimum, from nothing, and nobody watches.
    pub fn new(first: &'a First, probabilities: &'a [f64], risk: Risk, stop: &'a Stop<'a>) -> Asked<'a> {
        Asked { first, probabilities, risk, gap: Gap::NONE, start: None, tell: NOBODY, stop }
    }

    /// The scenarios that can come.
    pub(super) fn active(&self) -> Vec<usize> {
        (0..self.probabilities.len()).filter(|k| self.probabilities[*k] > 0.0).collect()
    }

    fn objective(&self, decisions: &[f64], recourse: &[f64]) -> f64 {
        self.first.cost(decisions) + self.risk.of(self.probabilities, recourse)
    }
}

/// Whoever does not watch.
pub const NOBODY: &(dyn Fn(usize, Option<f64>, f64) + Sync) = &|_, _, _| {};

/// Decisions and what they come to.
struct Point {
    decisions: Vec<f64>,
    recourse: Vec<f64>,
    objective: f64,
}

/// A cut changes nothing that is nearer than this, as a share of what was found.
const SAME: f64 = 1e-11;

impl<'a> Benders<'a> {
    /// Errors: what [`Problem::check`] says.
    pub fn new(problem: &'a Problem) -> Result<Benders<'a>, SolveError> {
        problem.check().map_err(SolveError::Trouble)?;
        let decisions = problem.first.costs.len();
        let subproblems = problem.scenarios.iter().map(|scenario| Subproblem::new(scenario, decisions)).collect();
        Ok(Benders { subproblems, known: vec![Known::default(); problem.scenarios.len()] })
    }

    /// Cuts known so far.
    pub fn cuts(&self) -> usize {
        self.known.iter().map(|known| known.costs.len() + known.possible.len()).sum()
    }

    /// What each scenario costs at decisions; `None` where these make a scenario impossible.
    pub fn costs_at(&mut self, asked: &Asked, decisions: &[f64]) -> Result<Option<Vec<f64>>, SolveError> {
        self.ask(&asked.active(), decisions, asked.stop, None)
    }

    /// Asks scenarios, and keeps what they say, also for a master.
    fn ask(
        &mut self,
        active: &[usize],
        decisions: &[f64],
        stop: &Stop,
        mut master: Option<&mut Master>,
    ) -> Result<Option<Vec<f64>>, SolveError> {
        let asked: Vec<(usize, &mut Subproblem)> =
            self.subproblems.iter_mut().enumerate().filter(|(k, _)| active.contains(k)).collect();
        let answers: Vec<(usize, Answer)> = asked
            .into_par_iter()
            .map(|(k, subproblem)| Ok((k, subproblem.at(decisions, stop)?)))
            .collect::<Result<_, SolveError>>()?;
        let mut costs = vec![f64::NAN; self.known.len()];
        let mut possible = true;
        for (k, answer) in answers {
            match answer {
                Answer::Costs(cost, cut) => {
                    costs[k] = cost;
                    self.known[k].base.get_or_insert(cost);
                    if let Some(master) = &mut master {
                        master.costs(k, &cut);
                    }
                    self.known[k].costs.push(cut);
                }
                Answer::Impossible(cut) => {
                    possible = false;
                    if let Some(master) = &mut master {
                        master.possible(&cut);
                    }
                    self.known[k].possible.push(cut);
                }
            }
        }
        Ok(possible.then_some(costs))
    }

    /// Finds the best decisions. Where it is stopped, the best that are known come back, marked; `Err(Interrupted)` if there
    /// are none yet, and `Err(Infeasible)` if no decisions leave every scenario possible.
    pub fn solve(&mut self, asked: &Asked) -> Result<Solved, SolveError> {
        let mut search = Search { best: None, bound: f64::NEG_INFINITY, rounds: 0 };
        let whole = asked.first.whole.iter().any(|whole| *whole);
        let found = self.begin(asked, &mut search).and_then(|()| {
            self.relaxed(asked, &mut search)?;
            self.exact(asked, &mut search, whole)
        });
        let stopped = matches!(found, Err(SolveError::Interrupted));
        match (found, search.best) {
            (Err(SolveError::Interrupted) | Ok(()), Some(best)) => Ok(Solved {
                decisions: best.decisions,
                recourse: best.recourse,
                objective: best.objective,
                bound: search.bound.min(best.objective),
                rounds: search.rounds,
                stopped,
            }),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(SolveError::Trouble("no decisions were found".to_string())),
        }
    }

    /// Whether there are decisions that leave every scenario possible, whole numbers kept.
    pub fn is_possible(&mut self, asked: &Asked) -> Result<bool, SolveError> {
        let active = asked.active();
        loop {
            let proposal = match Master::new(asked, &self.known, false, false).propose(asked.stop) {
                Err(SolveError::Infeasible) => return Ok(false),
                other => other?,
            };
            if self.ask(&active, &proposal.decisions, asked.stop, None)?.is_some() {
                return Ok(true);
            }
        }
    }

    /// Finds decisions that leave every scenario possible, until each has a cut of its costs.
    fn begin(&mut self, asked: &Asked, search: &mut Search) -> Result<(), SolveError> {
        let active = asked.active();
        if let Some(start) = asked.start {
            let costs = self.ask(&active, start, asked.stop, None)?;
            search.consider(asked, start, costs);
        }
        while active.iter().any(|k| self.known[*k].costs.is_empty()) {
            let proposal = Master::new(asked, &self.known, true, false).propose(asked.stop)?;
            let costs = self.ask(&active, &proposal.decisions, asked.stop, None)?;
            search.consider(asked, &proposal.decisions, costs);
            search.tell(asked);
        }
        Ok(())
    }

    /// Closes the gap where whole numbers may be broken.
    fn relaxed(&mut self, asked: &Asked, search: &mut Search) -> Result<(), SolveError> {
        let active = asked.active();
        let mut master = Master::new(asked, &self.known, true, true);
        let mut centre: Option<Point> = None;
        let mut inside = true;
        loop {
            let proposal = master.propose(asked.stop)?;
            search.bound = search.bound.max(proposal.bound);
            if centre
                .as_ref()
                .is_some_and(|centre| centre.objective - proposal.bound <= 0.5 * asked.gap.money(centre.objective))
            {
                return Ok(());
            }
            let query: Vec<f64> = match &centre {
                Some(centre) if inside => {
                    proposal.decisions.iter().zip(&centre.decisions).map(|(a, b)| 0.5 * (a + b)).collect()
                }
                _ => proposal.decisions.clone(),
            };
            let costs = self.ask(&active, &query, asked.stop, Some(&mut master))?;
            search.rounds += 1;
            let Some(costs) = costs else {
                inside = false;
                continue;
            };
            // Where the cuts leave the proposal as it is, the next one is looked at itself.
            let cut_off = self.new_cuts_reach(&proposal.decisions, &proposal.costs);
            if !inside && !cut_off {
                return Ok(());
            }
            inside = cut_off;
            let objective = asked.objective(&query, &costs);
            search.consider(asked, &query, Some(costs.clone()));
            if centre.as_ref().is_none_or(|centre| objective < centre.objective) {
                centre = Some(Point { decisions: query, recourse: costs, objective });
            }
            search.tell(asked);
        }
    }

    /// Whether the last cut of any scenario lies above what the master took it to cost.
    fn new_cuts_reach(&self, decisions: &[f64], costs: &[Option<f64>]) -> bool {
        self.known.iter().zip(costs).any(|(known, cost)| match (known.costs.last(), cost) {
            (Some(cut), Some(cost)) => cut.at(decisions) > cost + 1e-9 * cost.abs().max(1.0),
            _ => false,
        })
    }

    /// Closes the gap.
    fn exact(&mut self, asked: &Asked, search: &mut Search, whole: bool) -> Result<(), SolveError> {
        let active = asked.active();
        let mut master = Master::new(asked, &self.known, !whole, true);
        let mut last: Option<Vec<f64>> = None;
        loop {
            let proposal = master.propose(asked.stop)?;
            search.bound = search.bound.max(proposal.bound);
            search.tell(asked);
            // The same again: the cuts are as exact as the figures are.
            if last.as_ref() == Some(&proposal.decisions) {
                return Ok(());
            }
            let costs = self.ask(&active, &proposal.decisions, asked.stop, Some(&mut master))?;
            search.rounds += 1;
            // The best so far may lie half way to somewhere, with a little of everything in it. What is proposed is a corner,
            // which has no more in it than it needs: one of these is given back, if it is good enough.
            let corner = search.point(asked, &proposal.decisions, costs);
            if corner.as_ref().is_some_and(|corner| search.within(corner, asked.gap)) {
                search.best = corner;
                search.tell(asked);
                return Ok(());
            }
            // Every scenario costs what the cuts said: they have nothing left to learn.
            let learned = corner.is_none() || self.new_cuts_reach(&proposal.decisions, &proposal.costs);
            search.keep(corner);
            search.tell(asked);
            if !learned {
                return Ok(());
            }
            last = Some(proposal.decisions);
        }
    }

    /// What one more unit of a row's binding bound changes the objective by, whole numbers being as decided.
    pub fn price(&mut self, asked: &Asked, row: usize, decisions: &[f64]) -> Result<f64, SolveError> {
        Master::new(asked, &self.known, true, true).price(asked.first, row, decisions, asked.stop)
    }
}

/// What a search has found so far.
struct Search {
    best: Option<Point>,
    bound: f64,
    rounds: usize,
}

impl Search {
    /// Keeps decisions if they are possible, whole where they must be, and better than all before.
    fn consider(&mut self, asked: &Asked, decisions: &[f64], costs: Option<Vec<f64>>) {
        let point = self.point(asked, decisions, costs);
        self.keep(point);
    }

    /// Decisions and what they come to, if they are possible, and whole where they must be.
    fn point(&self, asked: &Asked, decisions: &[f64], costs: Option<Vec<f64>>) -> Option<Point> {
        let recourse = costs?;
        let broken = |x: usize| asked.first.whole[x] && decisions[x].fract() != 0.0;
        if (0..decisions.len()).any(broken) || !asked.first.allows(decisions) {
            return None;
        }
        let objective = asked.objective(decisions, &recourse);
        Some(Point { decisions: decisions.to_vec(), recourse, objective })
    }

    /// Keeps a point if it is better than all before.
    fn keep(&mut self, point: Option<Point>) {
        let better = |point: &Point| self.best.as_ref().is_none_or(|best| point.objective < best.objective);
        if let Some(point) = point.filter(better) {
            self.best = Some(point);
        }
    }

    /// Whether nothing can be better than a point by more than the gap.
    fn within(&self, point: &Point, gap: Gap) -> bool {
        point.objective - self.bound <= gap.money(point.objective).max(SAME * point.objective.abs())
    }

    fn tell(&self, asked: &Asked) {
        (asked.tell)(self.rounds, self.best.as_ref().map(|best| best.objective), self.bound);
    }
}
