//! The figures of a run for programs: `summary.json` (SPEC section 4).

use std::collections::BTreeMap;

use coercivity_model::{Model, Scenario};
use serde::Serialize;

use super::carried_out;
use crate::program::{Column, Cost, Program};
use crate::run::Outcome;
use crate::solve::Solution;

/// Discounted costs by what they are for, in the model's currency.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Costs {
    pub production: f64,
    pub transport: f64,
    pub duties: f64,
    pub holding: f64,
    pub shortfall: f64,
    pub options: f64,
    pub terminal: f64,
}

/// Wall-clock seconds by stage.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Timing {
    pub read: f64,
    pub build: f64,
    pub solve: f64,
    pub write: f64,
}

/// Least and greatest total unmet of a demand among solutions nearly as good as the best.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Range {
    pub least: f64,
    pub greatest: f64,
}

/// The contents of `summary.json`. Maps by demand have one number a step.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub model: String,
    pub scenario: String,
    pub method: &'static str,
    pub foresight: &'static str,
    pub status: &'static str,
    pub objective: f64,
    /// Discounted, with late costs and the final backlog.
    pub unmet_value: f64,
    pub costs: Costs,
    pub unmet: BTreeMap<String, Vec<f64>>,
    pub required: BTreeMap<String, Vec<f64>>,
    /// Backlog at the end of each step, of the demands that can be late.
    pub late: BTreeMap<String, Vec<f64>>,
    /// First day of the first step that is short, or null.
    pub first_unmet: BTreeMap<String, Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranges: Option<BTreeMap<String, Range>>,
    /// Days on which a plan was made.
    pub plans: Vec<String>,
    /// Rows and columns of the first, largest program.
    pub rows: usize,
    pub columns: usize,
    pub version: &'static str,
    pub model_hash: String,
    pub scenario_hash: String,
    /// The command that gives these figures again.
    pub command: String,
    pub seconds: Timing,
}

/// Units unmet below this are none: 1e-6 of what is required, and never below 1e-9.
pub fn shortage_threshold(required: f64) -> f64 {
    (1e-6 * required).max(1e-9)
}

/// Units by which what is unmet grows in a plan, by demand x steps + step; what is caught up makes it less.
pub(crate) fn grown_short(model: &Model, program: &Program, solution: &Solution) -> Vec<f64> {
    let steps = model.steps();
    let mut grew = vec![0.0; model.demands.len() * steps];
    for (column, value) in program.columns.iter().zip(&solution.columns) {
        match *column {
            Column::Unmet { demand, step, .. } => grew[demand * steps + step] += value,
            Column::CatchUp { demand, step } => grew[demand * steps + step] -= value,
            _ => {}
        }
    }
    grew
}

/// Required, unmet and late units of every demand, by demand and step.
#[derive(Clone, Debug)]
pub struct Demands {
    pub required: Vec<Vec<f64>>,
    pub unmet: Vec<Vec<f64>>,
    pub late: Vec<Vec<f64>>,
}

impl Demands {
    pub fn new(model: &Model, outcome: &Outcome) -> Demands {
        let zeros = vec![vec![0.0; model.steps()]; model.demands.len()];
        let mut demands = Demands { required: zeros.clone(), unmet: zeros.clone(), late: zeros };
        for plan in &outcome.plans {
            for step in plan.from..plan.until {
                for d in 0..model.demands.len() {
                    demands.required[d][step] = plan.policy.required(model, d, step);
                }
            }
        }
        for (_, _, column, value) in carried_out(outcome) {
            match column {
                Column::Unmet { demand, step, .. } if model.demands[demand].late_cost.is_none() => {
                    demands.unmet[demand][step] += value;
                }
                Column::Backlog { demand, step } => demands.late[demand][step] = value,
                _ => {}
            }
        }
        for (d, demand) in model.demands.iter().enumerate() {
            for step in 0..model.steps() {
                let threshold = shortage_threshold(demands.required[d][step]);
                if demand.late_cost.is_some() {
                    // What is unmet of a need that can be late is what its backlog grew by.
                    let before = if step == 0 { 0.0 } else { demands.late[d][step - 1] };
                    demands.unmet[d][step] = demands.late[d][step] - before;
                    if demands.late[d][step] <= threshold {
                        demands.late[d][step] = 0.0;
                    }
                }
                if demands.unmet[d][step] <= threshold {
                    demands.unmet[d][step] = 0.0;
                }
            }
        }
        demands
    }

    /// The first step in which a demand is short.
    pub fn first_short(&self, demand: usize) -> Option<usize> {
        self.unmet[demand].iter().position(|unmet| *unmet > 0.0)
    }
}

/// Sums the costs of what was carried out: (by kind, unmet value). Fixed order of summation.
pub fn costs(outcome: &Outcome) -> (Costs, f64) {
    let mut costs = Costs::default();
    let mut unmet = 0.0;
    for (plan, c, column, value) in carried_out(outcome) {
        let duties = value * plan.program.duties[c];
        let cost = value * (plan.program.costs[c] - plan.program.duties[c]);
        costs.duties += duties;
        *match column.cost() {
            Cost::Production => &mut costs.production,
            Cost::Transport => &mut costs.transport,
            Cost::Duties => &mut costs.duties,
            Cost::Holding => &mut costs.holding,
            Cost::Shortfall => &mut costs.shortfall,
            Cost::Options => &mut costs.options,
            Cost::Terminal => &mut costs.terminal,
            Cost::Unmet => &mut unmet,
        } += cost;
    }
    costs.holding += outcome.holding_of_untouched_stock;
    (costs, unmet)
}

impl Costs {
    pub fn total(&self) -> f64 {
        self.production + self.transport + self.duties + self.holding + self.shortfall + self.options + self.terminal
    }
}

impl Summary {
    pub fn new(model: &Model, scenario: &Scenario, outcome: &Outcome, command: String) -> Summary {
        let demands = Demands::new(model, outcome);
        let (costs, unmet_value) = costs(outcome);
        let by_demand = |table: &[Vec<f64>]| -> BTreeMap<String, Vec<f64>> {
            model.demands.iter().zip(table).map(|(d, row)| (d.id.clone(), row.clone())).collect()
        };
        let mut late = by_demand(&demands.late);
        late.retain(|id, _| model.demands.iter().any(|d| d.id == *id && d.late_cost.is_some()));
        let first = &outcome.plans[0].program;
        Summary {
            model: model.name.clone(),
            scenario: scenario.name.clone(),
            method: "optimal",
            foresight: outcome.foresight.name(),
            status: "optimal",
            objective: costs.total() + unmet_value,
            unmet_value,
            costs,
            unmet: by_demand(&demands.unmet),
            required: by_demand(&demands.required),
            late,
            first_unmet: model
                .demands
                .iter()
                .enumerate()
                .map(|(d, demand)| {
                    let date = demands.first_short(d).map(|step| model.calendar.first_day(step).to_string());
                    (demand.id.clone(), date)
                })
                .collect(),
            ranges: None,
            plans: outcome.plans.iter().map(|p| model.calendar.middle_day(p.from).to_string()).collect(),
            rows: first.rows.len(),
            columns: first.columns.len(),
            version: env!("CARGO_PKG_VERSION"),
            model_hash: model.hash.clone(),
            scenario_hash: scenario.hash.clone(),
            command,
            seconds: Timing { build: outcome.seconds.build, solve: outcome.seconds.solve, ..Timing::default() },
        }
    }
}
