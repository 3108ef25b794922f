//! Policy: which measures are in force in each step, as far as known, and what they come to for
//! every lane, site, demand and stock.
//!
//! Knowledge and effect are kept apart. [`Belief`] says, for one point in time, which measures are
//! thought to be in force in each later step (SPEC section 3, `foresight`); [`Policy`] compiles a
//! belief into numbers that the program uses as they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use coercivity_model::model::{EndUse, Lane, StockKind};
use coercivity_model::scenario::{Effect, Measure, Truce};
use coercivity_model::{Date, Model, Scenario};

use crate::node::Loss;
use crate::tags::{CIVIL, TagSet, Tags};

/// For each step, the positions of the measures thought to be in force, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belief(Vec<Vec<usize>>);

impl Belief {
    /// Everything known: what really happens.
    pub fn truth(model: &Model, scenario: &Scenario) -> Belief {
        let days = model.calendar.middle_days();
        let in_force = |day: &Date| (0..scenario.measures.len()).filter(|m| scenario.in_force(*m, *day)).collect();
        Belief(days.iter().map(in_force).collect())
    }

    /// What is known on the middle day of step `now`, for every step from `now` on; for the steps
    /// before, the truth.
    pub fn announced(model: &Model, scenario: &Scenario, now: usize) -> Belief {
        let days = model.calendar.middle_days();
        let mut belief = Belief::truth(model, scenario);
        let seen = &days[..=now];
        let truces: Vec<Option<Date>> = scenario.truces.iter().map(|t| known_end(t, seen)).collect();
        for (t, day) in days.iter().enumerate().skip(now + 1) {
            belief.0[t] = (0..scenario.measures.len())
                .filter(|m| {
                    let measure = &scenario.measures[*m];
                    is_known(scenario, *m, seen)
                        && measure.from <= *day
                        && known_until(measure, seen).is_none_or(|until| *day < until)
                        && !scenario.truces.iter().zip(&truces).any(|(truce, end)| {
                            truce.suspends.contains(m) && truce.from <= *day && end.is_some_and(|end| *day < end)
                        })
                })
                .collect();
        }
        belief
    }

    pub fn in_force(&self, step: usize) -> &[usize] {
        &self.0[step]
    }

    /// The same without one measure.
    pub fn without(&self, measure: usize) -> Belief {
        let without = |step: &Vec<usize>| step.iter().copied().filter(|m| *m != measure).collect();
        Belief(self.0.iter().map(without).collect())
    }

    /// Whether two beliefs say the same of every step from `step` on.
    pub fn agrees_from(&self, other: &Belief, step: usize) -> bool {
        self.0[step..] == other.0[step..]
    }
}

/// A measure is known once it is announced or has been seen in force; what was once known stays so.
fn is_known(scenario: &Scenario, measure: usize, seen: &[Date]) -> bool {
    seen.iter().any(|day| scenario.measures[measure].announced <= *day || scenario.in_force(measure, *day))
}

/// The end of a measure as known: none before it is announced, unless it has been seen to end.
fn known_until(measure: &Measure, seen: &[Date]) -> Option<Date> {
    let now = *seen.last()?;
    measure.until.filter(|until| measure.until_announced <= now || *until <= now)
}

/// The end of a truce as known, or `None` where the truce is not known at all.
fn known_end(truce: &Truce, seen: &[Date]) -> Option<Date> {
    let now = *seen.last()?;
    if truce.announced > now && !seen.iter().any(|day| truce.in_force(*day)) {
        return None;
    }
    let mut end = truce.until;
    for extension in &truce.extensions[..truce.extended] {
        // Announced, or under way: a day past the term before on which the truce still holds.
        if extension.announced <= now || (end <= now && truce.from <= now) {
            end = extension.until;
        } else {
            break;
        }
    }
    Some(end)
}

/// What holds on a lane in one step. Limits are in units a year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LanePolicy {
    /// Added to the lead of all that is sent.
    pub delay_days: f64,
    /// Sum of the rates of duties and export taxes, as a share of the price.
    pub duty_rate: f64,
    /// The part of it that the sender's region collects: export taxes.
    pub tax_rate: f64,
    /// The whole flow.
    pub limit: Option<f64>,
    /// The units that stay free of the tag `civil`.
    pub free_limit: Option<f64>,
    /// The units that carry a tag.
    pub tagged_limits: Vec<(TagSet, f64)>,
    /// The units that carry a tag and stay free of `civil`.
    pub tagged_free_limits: Vec<(TagSet, f64)>,
}

impl LanePolicy {
    /// Whether crossing may set the tag `civil` on units of these tags.
    pub fn sets_civil(&self, tags: TagSet) -> bool {
        self.free_limit.is_some() || self.tagged_free_limits.iter().any(|(tag, _)| tags & tag != 0)
    }
}

/// Whether strategic stock may leave, and how fast (units a year).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outflow {
    Closed,
    AtMost(f64),
    Free,
}

/// Everything that measures say about one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepPolicy {
    /// By lane.
    pub lanes: Vec<LanePolicy>,
    /// (measure, lanes in scope, units a year).
    pub quotas: Vec<(usize, Vec<usize>, f64)>,
    /// Share of each site's capacity that outages leave.
    pub remaining: Vec<f64>,
    /// Support per unit of activity, by site.
    pub support: Vec<f64>,
    /// Factor on the amount of each demand.
    pub demand_factor: Vec<f64>,
    /// (demand region, end use, product, tag): units of the product with the tag are not consumed.
    pub bans: Vec<Ban>,
    /// By stock.
    pub outflow: Vec<Outflow>,
    /// (site, process) that do not run because a node is lost.
    pub stopped: BTreeSet<(usize, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ban {
    pub region: usize,
    pub end_use: EndUse,
    pub product: usize,
    pub tag: TagSet,
}

impl StepPolicy {
    /// What these measures, by position, come to when they are in force.
    pub fn new(model: &Model, scenario: &Scenario, tags: &Tags, in_force: &[usize]) -> StepPolicy {
        let mut policy = StepPolicy {
            lanes: vec![LanePolicy::default(); model.lanes.len()],
            quotas: Vec::new(),
            remaining: vec![1.0; model.sites.len()],
            support: vec![0.0; model.sites.len()],
            demand_factor: vec![1.0; model.demands.len()],
            bans: Vec::new(),
            outflow: vec![Outflow::Closed; model.stocks.len()],
            stopped: BTreeSet::new(),
        };
        for measure in in_force {
            policy.apply(model, scenario, tags, *measure);
        }
        policy
    }

    fn apply(&mut self, model: &Model, scenario: &Scenario, tags: &Tags, measure: usize) {
        match &scenario.measures[measure].effect {
            Effect::ExportControl { scope, allow_civil, allow_military, leakage, delay_days, .. } => {
                let share = |allow: f64| allow + leakage * (1.0 - allow);
                for l in lanes(model, &scope.by, &scope.on, &scope.to) {
                    let (lane, policy) = (&model.lanes[l], &mut self.lanes[l]);
                    let flow = lane.flow.unwrap_or(0.0);
                    if *allow_civil < 1.0 {
                        lower(&mut policy.limit, share(*allow_civil) * flow);
                    }
                    if *allow_military < 1.0 {
                        lower(&mut policy.free_limit, share(*allow_military) * lane.military.unwrap_or(flow));
                    }
                    policy.delay_days = policy.delay_days.max(*delay_days);
                }
            }
            Effect::Quota { scope, amount } => {
                let scope = lanes(model, &scope.by, &scope.on, &scope.to).collect::<Vec<_>>();
                if *amount == 0.0 {
                    // A ban closes each lane, so that nothing is built for it.
                    for l in &scope {
                        lower(&mut self.lanes[*l].limit, 0.0);
                    }
                } else if !scope.is_empty() {
                    self.quotas.push((measure, scope, *amount));
                }
            }
            Effect::Tariff { by, on, origin, rate } => {
                for l in lanes(model, origin, on, by) {
                    self.lanes[l].duty_rate += rate;
                }
            }
            Effect::ExportTax { scope, rate } => {
                for l in lanes(model, &scope.by, &scope.on, &scope.to) {
                    self.lanes[l].duty_rate += rate;
                    self.lanes[l].tax_rate += rate;
                }
            }
            Effect::OriginRule { by, on, end_use, .. } => {
                let tag = tags.of_measure(measure).expect("origin-rules tag");
                for region in by {
                    for product in on {
                        self.bans.push(Ban { region: *region, end_use: *end_use, product: *product, tag });
                    }
                }
            }
            Effect::ContentRule { scope, allow, compliance, allow_military, .. } => {
                let tag = tags.of_measure(measure).expect("content-rules tag");
                let share = allow + (1.0 - allow) * (1.0 - compliance);
                let elsewhere: Vec<usize> = (0..model.regions.len()).filter(|r| !scope.by.contains(r)).collect();
                for l in lanes(model, &elsewhere, &scope.on, &scope.to) {
                    let (lane, policy) = (&model.lanes[l], &mut self.lanes[l]);
                    let flow = lane.flow.unwrap_or(0.0);
                    if share < 1.0 {
                        policy.tagged_limits.push((tag, share * flow));
                    }
                    if *allow_military < 1.0 {
                        let limit = allow_military * lane.military.unwrap_or(flow);
                        policy.tagged_free_limits.push((tag, limit));
                    }
                }
            }
            Effect::Outage { sites, remaining } => sites.iter().for_each(|s| self.remaining[*s] *= remaining),
            Effect::DemandShift { demands, factor } => {
                demands.iter().for_each(|d| self.demand_factor[*d] *= factor);
            }
            Effect::Support { sites, amount } => sites.iter().for_each(|s| self.support[*s] += amount),
            Effect::Release { region, products, rate } => {
                for (s, stock) in model.stocks.iter().enumerate() {
                    if stock.kind == StockKind::Strategic
                        && region.contains(&stock.region)
                        && products.contains(&stock.product)
                    {
                        self.outflow[s] = match (self.outflow[s], rate) {
                            (Outflow::Free, _) | (_, None) => Outflow::Free,
                            (Outflow::Closed, Some(rate)) => Outflow::AtMost(*rate),
                            (Outflow::AtMost(before), Some(rate)) => Outflow::AtMost(before + rate),
                        };
                    }
                }
            }
        }
    }

    /// The tags that a demand may not consume in a product.
    pub fn banned(&self, model: &Model, demand: usize, product: usize) -> TagSet {
        let d = &model.demands[demand];
        let civil = if d.end_use == EndUse::Military { CIVIL } else { 0 };
        self.bans
            .iter()
            .filter(|b| b.region == d.region && b.end_use == d.end_use && b.product == product)
            .fold(civil, |set, b| set | b.tag)
    }
}

fn lower(limit: &mut Option<f64>, to: f64) {
    *limit = Some(limit.map_or(to, |before| before.min(to)));
}

/// Lanes from a region of `from` to one of `to` with a product of `on`; all three are sorted.
pub(crate) fn lanes<'a>(
    model: &'a Model,
    from: &'a [usize],
    on: &'a [usize],
    to: &'a [usize],
) -> impl Iterator<Item = usize> + 'a {
    (0..model.lanes.len()).filter(move |l| covers(&model.lanes[*l], from, on, to))
}

/// Whether a lane is one of [`lanes`].
pub(crate) fn covers(lane: &Lane, from: &[usize], on: &[usize], to: &[usize]) -> bool {
    from.binary_search(&lane.from).is_ok()
        && on.binary_search(&lane.product).is_ok()
        && to.binary_search(&lane.to).is_ok()
}

/// A belief in numbers. Steps with the same measures in force share one [`StepPolicy`].
#[derive(Clone, Debug)]
pub struct Policy {
    steps: Vec<Arc<StepPolicy>>,
}

impl Policy {
    pub fn new(model: &Model, scenario: &Scenario, tags: &Tags, belief: &Belief) -> Policy {
        let mut known: Vec<(&[usize], Arc<StepPolicy>)> = Vec::new();
        let steps = (0..model.steps())
            .map(|t| {
                let in_force = belief.in_force(t);
                if let Some((_, policy)) = known.iter().find(|(measures, _)| *measures == in_force) {
                    return policy.clone();
                }
                let policy = Arc::new(StepPolicy::new(model, scenario, tags, in_force));
                known.push((in_force, policy.clone()));
                policy
            })
            .collect();
        Policy { steps }
    }

    /// The same with a node lost.
    pub fn without(&self, loss: &Loss) -> Policy {
        let mut known: Vec<(Arc<StepPolicy>, Arc<StepPolicy>)> = Vec::new();
        let mut lost = |before: &Arc<StepPolicy>| {
            if let Some((_, after)) = known.iter().find(|(known, _)| Arc::ptr_eq(known, before)) {
                return after.clone();
            }
            let mut policy = (**before).clone();
            policy.stopped.extend(&loss.node.activities);
            loss.node.lanes.iter().for_each(|l| lower(&mut policy.lanes[*l].limit, 0.0));
            let after = Arc::new(policy);
            known.push((before.clone(), after.clone()));
            after
        };
        let steps = self.steps.iter().enumerate();
        Policy { steps: steps.map(|(t, p)| if loss.steps.contains(&t) { lost(p) } else { p.clone() }).collect() }
    }

    pub fn step(&self, step: usize) -> &StepPolicy {
        &self.steps[step]
    }

    /// What holds in a step, as the policy of a single step in which nothing is delayed.
    pub fn steady(&self, step: usize) -> Policy {
        let mut policy = StepPolicy::clone(&self.steps[step]);
        policy.lanes.iter_mut().for_each(|lane| lane.delay_days = 0.0);
        Policy { steps: vec![Arc::new(policy)] }
    }

    /// Amount of a demand in a step, shifts included, units a year.
    pub fn amount_per_year(&self, model: &Model, demand: usize, step: usize) -> f64 {
        model.amount_per_year(&model.demands[demand], step) * self.steps[step].demand_factor[demand]
    }

    /// Units that a demand needs in a step.
    pub fn required(&self, model: &Model, demand: usize, step: usize) -> f64 {
        self.amount_per_year(model, demand, step) * model.calendar.years_per_step()
    }

    /// The step in which what a lane takes on in `step` arrives, by the measures then in force.
    pub fn arrival(&self, model: &Model, lane: usize, step: usize) -> usize {
        let delay_days = self.steps[step].lanes[lane].delay_days;
        step + model.step.lead_steps(model.lanes[lane].lead_days + delay_days)
    }

    /// The different policies among the steps from `from` on.
    pub fn distinct(&self, from: usize) -> Vec<&Arc<StepPolicy>> {
        let mut list: Vec<&Arc<StepPolicy>> = Vec::new();
        for policy in &self.steps[from..] {
            if !list.iter().any(|p| Arc::ptr_eq(p, policy)) {
                list.push(policy);
            }
        }
        list
    }
}
