//! The assessment of a supply: where it comes from, what may disturb it, how long needs stay met without its parts,
//! what would help, and what all this rests on.
//!
//! The five parts of article 24 of the EU's Critical Raw Materials Act, as plain data: [`map`], [`factors`],
//! vulnerability ([`survive`](mod@crate::survive)), [`mitigation`], [`evidence`]. All figures are those of one run with
//! perfect foresight and of runs that differ from it in one thing. Nothing is said of the law.

pub mod evidence;
pub mod factors;
pub mod map;
pub mod mitigation;
pub mod scope;

use coercivity_model::{Date, Model, Scenario};
use serde::Serialize;

use crate::chokepoints::year_from;
use crate::node::Node;
use crate::results::headline::{read_steps, shortages};
use crate::run::{Foresight, Outcome, Setup, run};
use crate::solve::{Settings, SolveError};
use crate::survive::view::View;
use crate::survive::{Question, SurviveError, survive};
use crate::trace::EndlessLoop;
pub use evidence::Evidence;
pub use factors::Factors;
pub use map::Map;
pub use mitigation::Mitigation;
use scope::Scope;

/// Countries at stages that are lost one after the other, at most.
const NODES: usize = 24;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub model: &'a Model,
    pub scenario: &'a Scenario,
    /// Demands, in ascending order. At least one.
    pub needs: &'a [usize],
    pub settings: Settings,
}

/// Somebody who watches.
pub trait Watch: Sync {
    /// What is being done.
    fn part(&self, doing: &str);
    /// So many of so many are done.
    fn count(&self, n: usize, of: usize, what: &str);
}

impl Watch for () {
    fn part(&self, _: &str) {}
    fn count(&self, _: usize, _: usize, _: &str) {}
}

/// Why there is no assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssessError {
    Solve(SolveError),
    /// Where things were made has no answer.
    Loop(EndlessLoop),
}

impl From<SolveError> for AssessError {
    fn from(error: SolveError) -> Self {
        AssessError::Solve(error)
    }
}

/// The whole assessment.
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    pub currency: String,
    /// First day of the run, and the day after its last.
    pub from: Date,
    pub until: Date,
    /// First day after the year of map and factors.
    pub year_until: Date,
    pub needs: Vec<Need>,
    pub map: Map,
    pub factors: Factors,
    /// `None`: none of the needs can be met even at the start.
    pub vulnerability: Option<View>,
    /// Ids of needs that cannot be met in the first step, whatever is done.
    pub never_met: Vec<String>,
    /// Countries at stages of the map that were not lost, as they matter least.
    pub not_lost: Vec<String>,
    pub mitigation: Mitigation,
    pub evidence: Evidence,
}

/// One of the needs, and how it is met with nothing lost.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    pub id: String,
    pub name: String,
    pub region: String,
    pub unit: String,
    /// Units a year at the start.
    pub amount: f64,
    /// Ids of products that it uses.
    pub uses: Vec<String>,
    pub short: Option<Short>,
}

/// A need that runs short.
#[derive(Clone, Debug, Serialize)]
pub struct Short {
    pub first: Date,
    /// Share of the run's need that is unmet, or late.
    pub share: f64,
    /// Whether it is late, not lost.
    pub late: bool,
    /// Least share of a step's need that is met, and when.
    pub worst_share: f64,
    pub worst: Date,
    /// Discounted, in currency.
    pub cost: f64,
}

/// The run that everything is seen from.
pub(crate) struct Base<'a> {
    pub asked: Asked<'a>,
    pub scope: Scope,
    pub outcome: Outcome,
}

impl<'a> Base<'a> {
    pub(crate) fn new(asked: Asked<'a>) -> Result<Base<'a>, SolveError> {
        let (model, scenario) = (asked.model, asked.scenario);
        let outcome = run(model, scenario, &Setup::quiet(Foresight::Perfect, asked.settings))?;
        Ok(Base { asked, scope: Scope::new(model, asked.needs), outcome })
    }
}

/// Makes the assessment.
pub fn assess(asked: Asked, watch: &dyn Watch) -> Result<Assessment, AssessError> {
    let model = asked.model;
    watch.part("solving with nothing lost");
    let mut base = Base::new(asked)?;
    let year = year_from(model, 0);
    watch.part("tracing the first year");
    let map = map::map(&mut base, year.clone()).map_err(AssessError::Loop)?;
    let factors = factors::factors(&base, &year);
    let (nodes, not_lost) = nodes(model, &map);
    watch.part("losing countries at stages");
    let (vulnerability, never_met) = vulnerability(&base, &nodes, watch)?;
    watch.part("trying what would help");
    let mitigation = mitigation::mitigation(&base, watch)?;
    let evidence = evidence::evidence(&base, &map);
    Ok(Assessment {
        currency: model.currency.clone(),
        from: model.calendar.first_day(0),
        until: model.calendar.first_day(model.steps()),
        year_until: model.calendar.first_day(year.end),
        needs: needs(&base),
        map,
        factors,
        vulnerability,
        never_met,
        not_lost,
        mitigation,
        evidence,
    })
}

fn needs(base: &Base) -> Vec<Need> {
    let model = base.asked.model;
    let shortages = shortages(model, &base.outcome);
    let need = |d: &usize| {
        let demand = &model.demands[*d];
        let short = shortages.iter().find(|short| short.demand == *d).map(|short| Short {
            first: short.first,
            share: short.unmet_share,
            late: short.late,
            worst_share: short.worst_share,
            worst: short.worst,
            cost: short.cost,
        });
        Need {
            id: demand.id.clone(),
            name: demand.name.clone(),
            region: model.regions[demand.region].name.clone(),
            unit: demand.unit.clone(),
            amount: demand.amount,
            uses: scope::used_by(demand).into_iter().map(|p| model.products[p].id.clone()).collect(),
            short,
        }
    };
    base.asked.needs.iter().map(need).collect()
}

/// The countries at stages that are lost, in the order of stages; and the ids of those that are not.
fn nodes(model: &Model, map: &Map) -> (Vec<Node>, Vec<String>) {
    let mut wanted: Vec<(f64, String)> = Vec::new();
    for (id, share) in map.countries() {
        if Node::parse(model, &id).is_ok() {
            wanted.push((share, id));
        }
    }
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let left: Vec<String> = wanted.iter().skip(NODES).map(|(_, id)| id.clone()).collect();
    wanted.truncate(NODES);
    let all = Node::stages(model);
    (all.into_iter().filter(|node| wanted.iter().any(|(_, id)| *id == node.id)).collect(), left)
}

/// How long the needs stay met without each node. Needs that cannot be met at all are left out, and named.
fn vulnerability(base: &Base, nodes: &[Node], watch: &dyn Watch) -> Result<(Option<View>, Vec<String>), AssessError> {
    let Asked { model, scenario, needs, settings } = base.asked;
    let setup = Setup::quiet(Foresight::Perfect, settings);
    let tell = |n: usize, of: usize| watch.count(n, of, "losses");
    let (mut met, mut never) = (needs.to_vec(), Vec::new());
    while !met.is_empty() {
        let question = Question { at: 0, recover: None, demands: Some(met.clone()) };
        match survive(model, scenario, &question, nodes, &setup, &tell) {
            Ok(found) => return Ok((Some(View::new(model, &question, &found)), never)),
            Err(SurviveError::NeverMet(list)) => {
                met.retain(|d| !list.contains(d));
                never.extend(list.iter().map(|d| model.demands[*d].id.clone()));
            }
            Err(SurviveError::Solve(error)) => return Err(error.into()),
        }
    }
    Ok((None, never))
}

/// First day on which one of these demands is short.
pub(crate) fn first_day(model: &Model, step: Option<usize>) -> Option<Date> {
    step.filter(|step| *step < read_steps(model)).map(|step| model.calendar.first_day(step))
}
