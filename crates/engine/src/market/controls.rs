//! What controls mean to those who trade: where a licence is asked, how much leaks, what is feared.

use coercivity_model::calendar::{Date, days_between};
use coercivity_model::scenario::{Effect, Licences, Scope};
use coercivity_model::{Behaviour, Model, Scenario};

use crate::policy;

/// What a lane's controls ask of those who send on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LaneControl {
    /// The wait in weeks and the share that is granted in a week; `None` = no licence is needed.
    pub licence: Option<(usize, f64)>,
    /// Share of what is blocked that is sent all the same, later.
    pub leakage: f64,
}

/// The controls of each week by lane, and what is feared of them.
pub struct Controls {
    distinct: Vec<Vec<LaneControl>>,
    of_week: Vec<usize>,
    /// By week and lane: chance that within the time looked ahead the lane is cut, times the share that it would lose. A week
    /// in which nothing is feared has no lanes.
    fear: Vec<Vec<f64>>,
}

impl Controls {
    pub fn new(model: &Model, scenario: &Scenario, behaviour: &Behaviour) -> Controls {
        let (lanes, weeks) = (model.lanes.len(), model.steps());
        let days = model.calendar.middle_days();
        let mut controls = Controls { distinct: Vec::new(), of_week: Vec::new(), fear: vec![Vec::new(); weeks] };
        let mut known: Vec<Vec<usize>> = Vec::new();
        for day in days {
            let in_force: Vec<usize> = (0..scenario.measures.len()).filter(|m| scenario.in_force(*m, *day)).collect();
            let at = known.iter().position(|list| *list == in_force).unwrap_or_else(|| {
                controls.distinct.push(in_force_on(model, scenario, behaviour, &in_force));
                known.push(in_force);
                known.len() - 1
            });
            controls.of_week.push(at);
        }
        for (m, measure) in scenario.measures.iter().enumerate() {
            let losses = losses(model, &measure.effect);
            if losses.is_empty() {
                continue;
            }
            for (week, day) in days.iter().enumerate() {
                let chance = chance_of_a_cut(scenario, m, *day, behaviour.fear_weeks);
                if chance > 0.0 {
                    controls.fear[week].resize(lanes, 0.0);
                }
                for (lane, lost) in losses.iter().filter(|_| chance > 0.0) {
                    let fear = &mut controls.fear[week][*lane];
                    *fear = 1.0 - (1.0 - *fear) * (1.0 - chance * lost);
                }
            }
        }
        controls
    }

    /// No controls, and nothing to fear.
    pub fn none(model: &Model) -> Controls {
        let (lanes, weeks) = (model.lanes.len(), model.steps());
        let distinct = vec![vec![LaneControl::default(); lanes]];
        Controls { distinct, of_week: vec![0; weeks], fear: vec![Vec::new(); weeks] }
    }

    pub fn lane(&self, week: usize, lane: usize) -> &LaneControl {
        &self.distinct[self.of_week[week]][lane]
    }

    /// What is feared in a week, by lane; `None` = nothing.
    pub fn fear(&self, week: usize) -> Option<&[f64]> {
        Some(self.fear[week].as_slice()).filter(|lanes| !lanes.is_empty())
    }

    /// Weeks that an application waits at most.
    pub fn longest_wait(&self) -> usize {
        let licences = self.distinct.iter().flatten().filter_map(|lane| lane.licence);
        licences.map(|(wait, _)| wait).max().unwrap_or(0)
    }
}

fn in_scope<'a>(model: &'a Model, scope: &'a Scope) -> impl Iterator<Item = usize> + 'a {
    policy::lanes(model, &scope.by, &scope.on, &scope.to)
}

fn in_force_on(model: &Model, scenario: &Scenario, behaviour: &Behaviour, in_force: &[usize]) -> Vec<LaneControl> {
    let mut lanes = vec![LaneControl::default(); model.lanes.len()];
    for measure in in_force {
        let Effect::ExportControl { scope, allow_civil, allow_military, leakage, licences, .. } =
            &scenario.measures[*measure].effect
        else {
            continue;
        };
        for l in in_scope(model, scope) {
            lanes[l].leakage = lanes[l].leakage.max(*leakage);
            if let Licences::Asked { wait_days, grant_per_day } = licences {
                let wait = model.step.lead_steps(wait_days.unwrap_or(behaviour.licence_wait_days));
                let mut grant = 1.0 - (1.0 - grant_per_day.unwrap_or(behaviour.grant_per_day)).powi(7);
                if *allow_civil == 0.0 && *allow_military == 0.0 {
                    grant = 0.0;
                }
                // Of several controls the slowest counts.
                let (other_wait, other_grant) = lanes[l].licence.unwrap_or((0, 1.0));
                lanes[l].licence = Some((wait.max(other_wait), grant.min(other_grant)));
            }
        }
    }
    lanes
}

/// The share of its reference flow that a lane loses to a measure, where it is a limit on trade.
fn losses(model: &Model, effect: &Effect) -> Vec<(usize, f64)> {
    match effect {
        Effect::ExportControl { scope, allow_civil, leakage, .. } => {
            let lost = (1.0 - allow_civil) * (1.0 - leakage);
            in_scope(model, scope).filter(|_| lost > 0.0).map(|lane| (lane, lost)).collect()
        }
        Effect::Quota { scope, amount } => {
            let lanes: Vec<usize> = in_scope(model, scope).collect();
            let flow: f64 = lanes.iter().map(|l| model.lanes[*l].flow.unwrap_or(0.0)).sum();
            let lost = if flow > 0.0 { (1.0 - amount / flow).max(0.0) } else { 0.0 };
            lanes.into_iter().filter(|_| lost > 0.0).map(|lane| (lane, lost)).collect()
        }
        _ => Vec::new(),
    }
}

/// How likely it is, as far as is known on a day, that a measure comes into force within so many weeks.
fn chance_of_a_cut(scenario: &Scenario, m: usize, day: Date, weeks: f64) -> f64 {
    let measure = &scenario.measures[m];
    if scenario.in_force(m, day) || measure.until.is_some_and(|until| until <= day) {
        return 0.0;
    }
    // It is known once it is announced or has begun, held off or not.
    if measure.announced > day && measure.from > day {
        return 0.0;
    }
    let near = |date: Date| days_between(day, date) as f64 <= 7.0 * weeks;
    if measure.from > day {
        return if near(measure.from) { 1.0 } else { 0.0 };
    }
    // It has begun, and a truce holds it off: until the end of the term that is known, and on if it is extended.
    let mut chance: f64 = 1.0;
    for truce in scenario.truces.iter().filter(|t| t.suspends.contains(&m) && t.in_force(day)) {
        let (mut end, mut next) = (truce.until, 0);
        for extension in &truce.extensions[..truce.extended] {
            if extension.announced > day && end > day {
                break;
            }
            (end, next) = (extension.until, next + 1);
        }
        // Whoever gives no chance of an extension holds it for as likely as not.
        let lapses = truce.extensions.get(next).map_or(1.0, |extension| 1.0 - extension.probability.unwrap_or(0.5));
        chance = chance.min(if near(end) { lapses } else { 0.0 });
    }
    chance
}

/// Regions that limit or tax what they send of a product, by product: inside prices are theirs.
pub fn insides(model: &Model, scenario: &Scenario) -> Vec<Vec<bool>> {
    let mut inside = vec![vec![false; model.regions.len()]; model.products.len()];
    for measure in &scenario.measures {
        let scope = match &measure.effect {
            Effect::ExportControl { scope, .. } | Effect::Quota { scope, .. } | Effect::ExportTax { scope, .. } => {
                scope
            }
            _ => continue,
        };
        // What everybody does to one buyer is a ban on imports, and makes no inside.
        if scope.by.len() == model.regions.len() {
            continue;
        }
        for product in &scope.on {
            scope.by.iter().for_each(|region| inside[*product][*region] = true);
        }
    }
    inside
}
