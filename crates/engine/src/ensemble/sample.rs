//! One sample: drawn, run, and what came of it.
//!
//! A run goes on from an *anchor*: the run in which whatever has few values (a truce extended or not) is as drawn, and
//! all else is in the middle. Anchors depend on the ensemble alone, so it does not matter which samples ran before.
//! Samples that draw the same values are run once, and what a runner has found can be handed to the next ([`Kept`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use coercivity_model::Date;
use coercivity_model::calendar::days_since_1970;
use coercivity_model::uncertainty::Amount;
use rayon::prelude::*;

use super::Ensemble;
use super::marginal::Marginal;
use super::spec::Method;
use crate::market::Market;
use crate::results::headline::unmet_costs;
use crate::results::summary::{Costs, Demands, costs};
use crate::run::{Outcome, Setup, run};
use crate::solve::{Settings, Shelf, SolveError, Stop};
use crate::{Progress, Stage};

/// More anchors than this are not kept: then all runs go on from one.
const MOST_ANCHORS: usize = 16;

/// What one sample drew and found.
#[derive(Clone, Debug)]
pub struct Record {
    pub sample: usize,
    /// By variable.
    pub values: Vec<Amount>,
    pub outcome: Arc<Found>,
}

/// What a run found, or why there is none.
#[derive(Clone, Debug)]
pub enum Found {
    Optimal(Figures),
    /// The model cannot have these values, and why.
    NoModel(String),
    /// The solver stopped, and why.
    Stopped(String),
}

/// The figures of a run that are kept.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Total cost, discounted, in currency.
    pub objective: f64,
    /// The part of it that is unmet demand.
    pub unmet_value: f64,
    pub costs: Costs,
    /// First day of the first step in which any demand is short.
    pub first_short: Option<Date>,
    /// Of each demand, in the order of the model.
    pub demands: Vec<OfDemand>,
    /// Plans that were made, and how many of them went on from an anchor.
    pub plans: usize,
    pub went_on: usize,
}

/// What a demand goes without.
#[derive(Clone, Debug)]
pub struct OfDemand {
    /// Units, by step.
    pub unmet: Vec<f64>,
    /// Discounted, in currency.
    pub unmet_value: f64,
    /// First day of the first step in which it is short.
    pub first_short: Option<Date>,
}

/// Runs samples, and keeps what they share.
pub struct Runner {
    ensemble: Arc<Ensemble>,
    settings: Settings,
    /// Whether runs go on from an anchor.
    go_on: bool,
    /// Variables of few values, if the anchors for them are few.
    of_anchor: Vec<usize>,
    /// Whether all that is found is kept, since all of an ensemble is little.
    keeps_all: bool,
    kept: Arc<Kept>,
}

/// What runners of one ensemble with the same settings share. As much as there is of it is what each of them would find.
pub struct Kept {
    anchors: Mutex<HashMap<Vec<u64>, Anchor>>,
    /// By values: what comes of them if runs go on from an anchor, and if they do not.
    known: [Mutex<HashMap<Vec<u64>, Arc<Found>>>; 2],
    /// Programs that the next samples change in place.
    shelf: Shelf,
}

impl Default for Kept {
    fn default() -> Kept {
        // As many as are in hand at a time, and for each another whose rows or columns are not the same.
        let shelf = Shelf::new(2 * rayon::current_num_threads());
        Kept { anchors: Mutex::default(), known: Default::default(), shelf }
    }
}

impl Kept {
    /// How many programs were made by changing bounds, right-hand sides and costs of one before in place.
    pub fn changed_in_place(&self) -> usize {
        self.shelf.changed_in_place()
    }

    /// Keeps what runs found that go on from an anchor; where they did not, it is what a run that does not finds as well.
    pub fn keep(&self, records: &[Record]) {
        for record in records {
            let anew = match &*record.outcome {
                Found::Optimal(figures) => figures.went_on == 0,
                Found::NoModel(_) => true,
                Found::Stopped(_) => false,
            };
            for known in &self.known[usize::from(!anew)..] {
                known.lock().expect("nobody panics with it").insert(bits(&record.values), record.outcome.clone());
            }
        }
    }
}

/// Made once, by whoever needs it first and is not stopped; within, `None` where its run has no optimum.
type Anchor = Arc<Mutex<Option<Arc<Option<Outcome>>>>>;

/// Somebody wanted no more of it.
struct Stopped;

/// Asks in the middle of a solve whether to go on.
struct Asking<'a>(&'a Stop<'a>);

impl Progress for Asking<'_> {
    fn stage(&self, _: Stage) {}

    fn stop(&self) -> bool {
        self.0()
    }
}

impl Runner {
    pub fn new(ensemble: &Arc<Ensemble>, settings: Settings, go_on: bool) -> Runner {
        let counts = |v: &usize| match &ensemble.variables[*v].marginal {
            Marginal::Choice(values) => Some(values.len()),
            _ => None,
        };
        let all = 0..ensemble.variables.len();
        let few: Vec<usize> = all.clone().filter(|v| counts(v).is_some()).collect();
        let combinations = few.iter().filter_map(counts).try_fold(1, |product: usize, n| product.checked_mul(n));
        let anchored = combinations.is_some_and(|n| n <= MOST_ANCHORS);
        let keeps_all = few.len() == all.len() && combinations.is_some_and(|n| n <= 256 * MOST_ANCHORS);
        Runner {
            ensemble: ensemble.clone(),
            settings,
            go_on,
            of_anchor: if anchored { few } else { Vec::new() },
            keeps_all,
            kept: Arc::default(),
        }
    }

    /// The same, with what another has kept.
    pub fn keeping(self, kept: Arc<Kept>) -> Runner {
        Runner { kept, ..self }
    }

    /// Runs samples, as many at a time as there are threads, in the order in which they were given. `tell` is told how
    /// many are done. `None`: `stop`, which is asked often, said so, and nothing of it goes on.
    pub fn run(&self, samples: &[usize], tell: &(dyn Fn(usize) + Sync), stop: &Stop) -> Option<Vec<Record>> {
        let drawn: Vec<Vec<Amount>> = samples.iter().map(|sample| self.ensemble.draw(*sample)).collect();
        let mut of_values: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut different: Vec<&[Amount]> = Vec::new();
        let runs: Vec<usize> = drawn
            .iter()
            .map(|values| {
                *of_values.entry(bits(values)).or_insert_with(|| {
                    different.push(values);
                    different.len() - 1
                })
            })
            .collect();
        let times = |run: usize| runs.iter().filter(|r| **r == run).count();
        let done = AtomicUsize::new(0);
        let found: Vec<Arc<Found>> = different
            .par_iter()
            .enumerate()
            .map(|(run, values)| {
                if stop() {
                    return None;
                }
                let found = self.found(values, stop).ok()?;
                let finished = times(run);
                tell(done.fetch_add(finished, Ordering::Relaxed) + finished);
                Some(found)
            })
            .collect::<Option<_>>()?;
        let records = samples.iter().zip(drawn.iter().zip(runs));
        Some(
            records
                .map(|(sample, (values, run))| Record {
                    sample: *sample,
                    values: values.clone(),
                    outcome: found[run].clone(),
                })
                .collect(),
        )
    }

    fn found(&self, values: &[Amount], stop: &Stop) -> Result<Arc<Found>, Stopped> {
        let lock = || self.kept.known[usize::from(self.go_on)].lock().expect("nobody panics with it");
        if let Some(found) = lock().get(&bits(values)) {
            return Ok(found.clone());
        }
        let found = Arc::new(self.find(values, stop)?);
        if self.keeps_all {
            lock().insert(bits(values), found.clone());
        }
        Ok(found)
    }

    fn find(&self, values: &[Amount], stop: &Stop) -> Result<Found, Stopped> {
        let ensemble = &self.ensemble;
        let (model, scenario) = match ensemble.with(values) {
            Ok(input) => input,
            Err(report) => return Ok(Found::NoModel(first_line(&report))),
        };
        if ensemble.spec.method == Method::Market {
            let market = Market::new(&model, &scenario, None);
            let outcome = market.outcome(&market.run(&market.behaviour()));
            // Nothing was solved.
            return Ok(Found::Optimal(Figures { plans: 0, ..figures(&market.model, &outcome) }));
        }
        let anchor = if self.go_on { self.anchor(values, stop)? } else { Arc::new(None) };
        let (near, progress) = (anchor.as_ref().as_ref(), Asking(stop));
        let setup = Setup { near, progress: &progress, ..self.setup() };
        match run(&model, &scenario, &setup) {
            Ok(outcome) => Ok(Found::Optimal(figures(&model, &outcome))),
            Err(SolveError::Interrupted) => Err(Stopped),
            Err(error) => Ok(Found::Stopped(error.to_string())),
        }
    }

    fn setup(&self) -> Setup<'_> {
        Setup { shelf: &self.kept.shelf, ..Setup::quiet(self.ensemble.spec.foresight, self.settings) }
    }

    /// The run from which one with these values goes on.
    fn anchor(&self, values: &[Amount], stop: &Stop) -> Result<Arc<Option<Outcome>>, Stopped> {
        let middle = |v: usize| self.ensemble.variables[v].marginal.middle();
        let of_anchor = |v: &usize| self.of_anchor.contains(v);
        let at: Vec<Amount> = (0..values.len()).map(|v| if of_anchor(&v) { values[v] } else { middle(v) }).collect();
        let anchors = || self.kept.anchors.lock().expect("nobody panics with it");
        let anchor: Anchor = anchors().entry(bits(&at)).or_default().clone();
        let mut made = anchor.lock().expect("nobody panics with it");
        if let Some(made) = &*made {
            return Ok(made.clone());
        }
        // One that was stopped is left to be made: what a run goes on from must not depend on who was stopped before.
        let new = Arc::new(self.make_anchor(&at, stop)?);
        *made = Some(new.clone());
        Ok(new)
    }

    fn make_anchor(&self, at: &[Amount], stop: &Stop) -> Result<Option<Outcome>, Stopped> {
        let Ok((model, scenario)) = self.ensemble.with(at) else { return Ok(None) };
        let progress = Asking(stop);
        let setup = Setup { progress: &progress, ..self.setup() };
        match run(&model, &scenario, &setup) {
            Err(SolveError::Interrupted) => Err(Stopped),
            other => Ok(other.ok()),
        }
    }
}

fn figures(model: &coercivity_model::Model, outcome: &Outcome) -> Figures {
    let demands = Demands::new(model, outcome);
    let (costs, unmet_value) = costs(outcome);
    let values = unmet_costs(model, outcome);
    let day = |step: usize| model.calendar.first_day(step);
    let of_demand = |d: usize| OfDemand {
        unmet: demands.unmet[d].clone(),
        unmet_value: values[d],
        first_short: demands.first_short(d).map(day),
    };
    let demands: Vec<OfDemand> = (0..model.demands.len()).map(of_demand).collect();
    Figures {
        objective: costs.total() + unmet_value,
        unmet_value,
        costs,
        first_short: demands.iter().filter_map(|demand| demand.first_short).min(),
        demands,
        plans: outcome.plans.len(),
        went_on: outcome.plans.iter().filter(|plan| plan.went_on).count(),
    }
}

fn first_line(report: &coercivity_model::Report) -> String {
    report.diagnostics().first().map_or_else(String::new, |d| d.message.clone())
}

/// Values as what can be compared for being the same.
fn bits(values: &[Amount]) -> Vec<u64> {
    let bits = |value: &Amount| match value {
        Amount::Number(number) => number.to_bits(),
        Amount::Date(date) => days_since_1970(*date) as u64,
    };
    values.iter().map(bits).collect()
}
