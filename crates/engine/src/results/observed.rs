//! Results held against what was counted in the world (`observations.csv`).
//!
//! What each quantity means stands with [`Quantity`]. A result that cannot be computed, because no step
//! lies in the days or nothing is there to divide by, is unknown and never a number.

use coercivity_model::Model;
use coercivity_model::observations::{Observation, Quantity};

use super::carried_out;
use super::table::{Cells, ResultTable};
use crate::program::Column;
use crate::run::Outcome;

/// Units a year below this are rounding of the solver.
const NOTHING: f64 = 1e-9;

/// Figures count as equal if they differ by less than this part of what was counted: what the solver cannot tell apart.
const SAME: f64 = 1e-6;

/// An observation and what the run says of it.
#[derive(Clone, Copy, Debug)]
pub struct Held<'m> {
    pub observation: &'m Observation,
    /// Units a year or a share, as the observation; `None` = unknown.
    pub result: Option<f64>,
}

impl Held<'_> {
    /// Result less what was counted.
    pub fn difference(&self) -> Option<f64> {
        self.result.map(|result| result - self.observation.value)
    }

    /// Whether the result lies within the tolerance.
    pub fn within(&self) -> Option<bool> {
        let Observation { value, tolerance, .. } = self.observation;
        self.difference().map(|difference| difference.abs() <= tolerance + SAME * value)
    }
}

/// What the run did in a step.
enum Deed {
    Ran { site: usize, process: usize },
    Sent { lane: usize },
}

/// Every observation of the model, whichever scenario it is meant for, held against a run.
pub fn hold<'m>(model: &'m Model, outcome: &Outcome) -> Vec<Held<'m>> {
    let deeds: Vec<(usize, Deed, f64)> = carried_out(outcome)
        .filter_map(|(_, _, column, value)| match column {
            Column::Activity { run, step } => {
                let run = &outcome.space.runs[run];
                Some((step, Deed::Ran { site: run.site, process: run.process }, value))
            }
            Column::Flow { crossing, step } => {
                Some((step, Deed::Sent { lane: outcome.space.crossings[crossing].lane }, value))
            }
            _ => None,
        })
        .collect();
    let observations = model.observations.iter();
    observations.map(|observation| Held { observation, result: result(model, observation, &deeds) }).collect()
}

fn result(model: &Model, observation: &Observation, deeds: &[(usize, Deed, f64)]) -> Option<f64> {
    let steps = observation.steps(&model.calendar);
    let inside = |region: usize| observation.regions.contains(&region);
    // Units over the steps, by what they are counted as.
    let (mut here, mut everywhere, mut anew, mut sent, mut net_imports) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (_, deed, value) in deeds.iter().filter(|(step, _, _)| steps.contains(step)) {
        match deed {
            Deed::Ran { site, process } => {
                let process = &model.processes[*process];
                let units = value * observation.given_by(process);
                everywhere += units;
                if inside(model.sites[*site].region) {
                    here += units;
                    if observation.made_anew_by(process) {
                        anew += units;
                    }
                }
            }
            Deed::Sent { lane } => {
                let lane = &model.lanes[*lane];
                if observation.is_sent(lane.product, lane.from, lane.to) {
                    sent += value;
                }
                if observation.products.contains(&lane.product) {
                    match (inside(lane.from), inside(lane.to)) {
                        (false, true) => net_imports += value,
                        (true, false) => net_imports -= value,
                        _ => {}
                    }
                }
            }
        }
    }
    let years = steps.len() as f64 * model.calendar.years_per_step();
    let ratio = |part: f64, whole: f64| (whole > NOTHING * years).then(|| part / whole);
    match observation.what {
        _ if steps.is_empty() => None,
        Quantity::Output => Some(here / years),
        Quantity::Flow => Some(sent / years),
        Quantity::Share => ratio(here, everywhere),
        Quantity::Reliance => ratio(net_imports, net_imports + anew),
    }
}

/// The table `observations` of a run.
pub fn table(held: &[Held]) -> ResultTable {
    let text = |of: fn(&Observation) -> &String| held.iter().map(|h| of(h.observation).clone()).collect();
    let number = |of: fn(&Observation) -> f64| held.iter().map(|h| of(h.observation)).collect();
    let within = held.iter().map(|h| h.within().map_or("unknown", |within| if within { "yes" } else { "no" }));
    ResultTable {
        name: "observations",
        columns: vec![
            ("id", Cells::Text(text(|o| &o.id))),
            ("name", Cells::Text(text(|o| &o.name))),
            ("scenario", Cells::Text(text(|o| &o.scenario))),
            ("observed", Cells::Number(number(|o| o.value))),
            ("tolerance", Cells::Number(number(|o| o.tolerance))),
            ("result", Cells::Known(held.iter().map(|h| h.result).collect())),
            ("difference", Cells::Known(held.iter().map(Held::difference).collect())),
            ("within", Cells::Text(within.map(str::to_string).collect())),
        ],
    }
}
