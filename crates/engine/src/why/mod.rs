//! Why a need is short: which input was missing where, and back to the measure that caused it.
//!
//! Told from runs, and so for every method alike: the run as it is, the run without any measure, and one run without each measure
//! that was in force by then. The *chain* goes from the input that came least, against the run without measures, to the source of it
//! that fell most, and on to what that source is made of, until a measure stands on the way or nothing fell. A *cause* is a measure
//! without which less would be missing; what several do together adds up to more or less than what each does alone.

use std::collections::BTreeMap;

use coercivity_model::scenario::{Effect, Measure};
use coercivity_model::{Date, Model, Scenario};

use crate::market::Market;
use crate::policy::covers;
use crate::program::Column;
use crate::results::carried_out;
use crate::results::summary::Demands;
use crate::run::{Foresight, Outcome, Setup, run};
use crate::solve::{Settings, SolveError};

/// How runs are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Market,
    Optimal(Foresight),
}

/// Where units of a product come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Lane(usize),
    Site(usize),
}

/// One place on the way back.
#[derive(Clone, Debug)]
pub struct Link {
    pub region: usize,
    pub product: usize,
    /// Units that came in the time looked at, and without measures.
    pub came: f64,
    pub without: f64,
    /// The source that fell most: what came from it, and without measures.
    pub source: Option<(Source, f64, f64)>,
    /// Measures in force in that time on that source.
    pub measures: Vec<usize>,
}

/// A measure, and what would be unmet without it.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    pub measure: usize,
    pub unmet: f64,
}

#[derive(Clone, Debug)]
pub struct Why {
    pub demand: usize,
    /// Units required and unmet in the step, and unmet without any measure.
    pub required: f64,
    pub unmet: f64,
    pub without_all: f64,
    /// From the need back.
    pub chain: Vec<Link>,
    /// That which takes away most first; those that change nothing are left out.
    pub causes: Vec<Cause>,
    /// First day of the step, and of the time whose arrivals are compared.
    pub day: Date,
    pub since: Date,
}

/// Days before the step whose arrivals are compared.
const LOOK_BACK: i64 = 91;

/// No chain is longer: by then it has gone in a circle.
const LONGEST: usize = 12;

/// A source that fell by less than this share of what came did not fall.
const NOTICEABLE: f64 = 0.01;

struct Ran {
    model: Model,
    outcome: Outcome,
}

fn ran(model: &Model, scenario: &Scenario, way: Way) -> Result<Ran, SolveError> {
    match way {
        Way::Market => {
            let market = Market::new(model, scenario, None);
            let outcome = market.outcome(&market.run(&market.behaviour()));
            Ok(Ran { model: market.model, outcome })
        }
        Way::Optimal(foresight) => {
            let outcome = run(model, scenario, &Setup::quiet(foresight, Settings::default()))?;
            Ok(Ran { model: model.clone(), outcome })
        }
    }
}

/// The scenario in which some measures never come.
fn without(scenario: &Scenario, gone: impl Fn(usize) -> bool) -> Scenario {
    let never = Date::constant(9999, 12, 31);
    let mut changed = scenario.clone();
    for (_, measure) in changed.measures.iter_mut().enumerate().filter(|(m, _)| gone(*m)) {
        (measure.from, measure.announced, measure.until) = (never, never, None);
    }
    changed
}

/// Says why a demand is short on a day; `None` where it is not. `tell` is told the runs that are done, and how many there are.
pub fn why(
    model: &Model,
    scenario: &Scenario,
    demand: usize,
    day: Date,
    way: Way,
    tell: &dyn Fn(usize, usize),
) -> Result<Option<Why>, SolveError> {
    let actual = ran(model, scenario, way)?;
    let step = step_of(&actual.model, day);
    let unmet = |ran: &Ran| Demands::new(&ran.model, &ran.outcome).unmet[demand][step].max(0.0);
    let short = unmet(&actual);
    if short <= 0.0 {
        return Ok(None);
    }
    let calendar = &actual.model.calendar;
    let in_force = |m: &usize| {
        let measure = &scenario.measures[*m];
        measure.from <= calendar.middle_day(step)
    };
    let asked: Vec<usize> = (0..scenario.measures.len()).filter(in_force).collect();
    let runs = asked.len() + 2;
    tell(1, runs);
    let quiet = ran(model, &without(scenario, |_| true), way)?;
    tell(2, runs);
    let mut causes = Vec::new();
    for (done, m) in asked.iter().enumerate() {
        let alone = ran(model, &without(scenario, |other| other == *m), way)?;
        causes.push(Cause { measure: *m, unmet: unmet(&alone) });
        tell(done + 3, runs);
    }
    causes.retain(|cause| (short - cause.unmet).abs() > NOTICEABLE * short);
    causes.sort_by(|a, b| a.unmet.total_cmp(&b.unmet).then(a.measure.cmp(&b.measure)));
    let first = first_step(&actual.model, step);
    let window = first..step + 1;
    let (came, quiet_came) = (arrivals(&actual, &window), arrivals(&quiet, &window));
    let chain = Chain { model: &actual.model, scenario, came, quiet: quiet_came, window }.from(demand);
    let required = actual.outcome.plans[0].policy.required(&actual.model, demand, step);
    Ok(Some(Why {
        demand,
        required,
        unmet: short,
        without_all: unmet(&quiet),
        chain,
        causes,
        day: calendar.first_day(step),
        since: calendar.first_day(first),
    }))
}

fn step_of(model: &Model, day: Date) -> usize {
    let calendar = &model.calendar;
    (0..calendar.steps()).rev().find(|step| calendar.first_day(*step) <= day).unwrap_or(0)
}

fn first_step(model: &Model, step: usize) -> usize {
    let from = coercivity_model::calendar::days_after(model.calendar.first_day(step), -LOOK_BACK);
    (0..step).find(|s| model.calendar.first_day(*s) >= from).unwrap_or(step)
}

/// Units by (region, product) and source that came in these steps.
type Arrivals = BTreeMap<(usize, usize), BTreeMap<Source, f64>>;

fn arrivals(ran: &Ran, window: &std::ops::Range<usize>) -> Arrivals {
    let (model, space) = (&ran.model, &ran.outcome.space);
    let mut arrivals = Arrivals::new();
    let mut add = |place, source, units| *arrivals.entry(place).or_default().entry(source).or_default() += units;
    for (plan, _, column, value) in carried_out(&ran.outcome) {
        match column {
            Column::Flow { crossing, step } => {
                let l = space.crossings[crossing].lane;
                let lane = &model.lanes[l];
                if window.contains(&plan.policy.arrival(model, l, step)) {
                    add((lane.to, lane.product), Source::Lane(l), value);
                }
            }
            Column::Activity { run, step } => {
                let run = &space.runs[run];
                let site = &model.sites[run.site];
                if window.contains(&(step + model.step.lead_steps(site.lead_days))) {
                    for (product, _, amount) in &run.outputs {
                        add((site.region, *product), Source::Site(run.site), value * amount);
                    }
                }
            }
            _ => {}
        }
    }
    arrivals
}

struct Chain<'a> {
    model: &'a Model,
    scenario: &'a Scenario,
    came: Arrivals,
    quiet: Arrivals,
    window: std::ops::Range<usize>,
}

impl Chain<'_> {
    fn from(&self, demand: usize) -> Vec<Link> {
        let d = &self.model.demands[demand];
        let products: Vec<usize> = d.options.iter().take(1).flat_map(|o| o.uses.iter().map(|(p, _)| *p)).collect();
        let mut chain: Vec<Link> = Vec::new();
        let mut next = self.worst(d.region, &products);
        while let Some((region, product)) = next.filter(|_| chain.len() < LONGEST) {
            if chain.iter().any(|link| (link.region, link.product) == (region, product)) {
                break;
            }
            let link = self.link(region, product);
            next = match link.source {
                Some(_) if !link.measures.is_empty() => None,
                Some((Source::Lane(l), ..)) => Some((self.model.lanes[l].from, product)),
                Some((Source::Site(s), ..)) => {
                    let site = &self.model.sites[s];
                    let inputs = site.processes.iter().flat_map(|q| &self.model.processes[*q].inputs);
                    let inputs: Vec<usize> = inputs.map(|(p, _)| *p).collect();
                    self.worst(site.region, &inputs)
                }
                None => None,
            };
            chain.push(link);
        }
        chain
    }

    fn sum(arrivals: &Arrivals, region: usize, product: usize) -> f64 {
        arrivals.get(&(region, product)).map_or(0.0, |sources| sources.values().sum())
    }

    /// The product of which the least came against the run without measures.
    fn worst(&self, region: usize, products: &[usize]) -> Option<(usize, usize)> {
        let share = |product: usize| {
            let quiet = Chain::sum(&self.quiet, region, product);
            if quiet > 0.0 { Chain::sum(&self.came, region, product) / quiet } else { f64::INFINITY }
        };
        let worst = products.iter().copied().min_by(|a, b| share(*a).total_cmp(&share(*b)))?;
        (share(worst) < 1.0 - NOTICEABLE).then_some((region, worst))
    }

    fn link(&self, region: usize, product: usize) -> Link {
        let of = |arrivals: &Arrivals, source: &Source| {
            arrivals.get(&(region, product)).and_then(|sources| sources.get(source)).copied().unwrap_or(0.0)
        };
        let without = Chain::sum(&self.quiet, region, product);
        let sources = self.quiet.get(&(region, product)).into_iter().flat_map(|sources| sources.keys().copied());
        let fell = sources
            .map(|source| (source, of(&self.came, &source), of(&self.quiet, &source)))
            .max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)).then(b.0.cmp(&a.0)))
            .filter(|(_, came, quiet)| quiet - came > NOTICEABLE * without);
        let measures = fell.map_or(Vec::new(), |(source, ..)| self.on(source));
        Link { region, product, came: Chain::sum(&self.came, region, product), without, source: fell, measures }
    }

    /// Measures that act on a source in the time looked at.
    fn on(&self, source: Source) -> Vec<usize> {
        let days = &self.model.calendar.middle_days()[self.window.clone()];
        // What arrives now was sent before.
        let earlier = |l: usize| self.model.step.lead_steps(self.model.lanes[l].lead_days);
        let acts = |m: usize, measure: &Measure| match source {
            Source::Lane(l) => {
                let first = self.window.start.saturating_sub(earlier(l));
                let days = &self.model.calendar.middle_days()[first..self.window.end];
                acts_on_lane(self.model, &measure.effect, l) && days.iter().any(|day| self.scenario.in_force(m, *day))
            }
            Source::Site(s) => {
                let acts = matches!(&measure.effect, Effect::Outage { sites, .. } if sites.contains(&s));
                acts && days.iter().any(|day| self.scenario.in_force(m, *day))
            }
        };
        let measures = self.scenario.measures.iter().enumerate();
        measures.filter(|(m, measure)| acts(*m, measure)).map(|(m, _)| m).collect()
    }
}

fn acts_on_lane(model: &Model, effect: &Effect, l: usize) -> bool {
    let lane = &model.lanes[l];
    match effect {
        Effect::ExportControl { scope, .. } | Effect::Quota { scope, .. } | Effect::ExportTax { scope, .. } => {
            covers(lane, &scope.by, &scope.on, &scope.to)
        }
        Effect::Tariff { by, on, origin, .. } => covers(lane, origin, on, by),
        Effect::ContentRule { scope, .. } => {
            !scope.by.contains(&lane.from) && scope.on.contains(&lane.product) && scope.to.contains(&lane.to)
        }
        _ => false,
    }
}
