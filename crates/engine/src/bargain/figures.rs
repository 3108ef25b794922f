//! What a run of a combination comes to, before anybody's weights: by demand and by region. It is kept on disk, so that
//! other players, weights and roundings need no new run.

use coercivity_model::Model;
use serde::{Deserialize, Serialize};

use super::spec::Weights;
use super::whole::Cares;
use crate::policy::Policy;
use crate::program::{Column, Program, Row};
use crate::results::summary::{grown_short, shortage_threshold};
use crate::solve::Solution;
use crate::space::Space;

/// Figures in currency, discounted to the start of the model, over the steps of a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// All costs together: what the plan keeps as small as can be.
    pub objective: f64,
    /// By demand: the value of what is unmet or late.
    pub unmet: Vec<f64>,
    /// By demand: what is met, at what one unit more would cost in its step.
    pub prices: Vec<f64>,
    /// By region: duties and export taxes on what it imports.
    pub paid: Vec<f64>,
    /// By region: duties that it collects on imports and taxes on exports.
    pub collected: Vec<f64>,
    /// By demand: steps of the window before the first in which it is short; `None` = it never is.
    pub first_short: Vec<Option<usize>>,
}

impl Figures {
    /// Reads the figures off an optimum.
    pub fn new(model: &Model, space: &Space, policy: &Policy, program: &Program, solution: &Solution) -> Figures {
        let (demands, regions, steps) = (model.demands.len(), model.regions.len(), model.steps());
        let mut marginal = vec![0.0; demands * steps];
        for (row, dual) in program.rows.iter().zip(&solution.row_duals) {
            if let Row::Demand { demand, step } = *row {
                marginal[demand * steps + step] = *dual;
            }
        }
        let mut figures = Figures {
            objective: solution.objective,
            unmet: vec![0.0; demands],
            prices: vec![0.0; demands],
            paid: vec![0.0; regions],
            collected: vec![0.0; regions],
            first_short: vec![None; demands],
        };
        for (c, column) in program.columns.iter().enumerate() {
            let value = solution.columns[c];
            match *column {
                Column::Unmet { demand, .. } | Column::Backlog { demand, .. } => {
                    figures.unmet[demand] += value * program.costs[c];
                }
                Column::Met { demand, step, .. } => {
                    figures.prices[demand] += value * marginal[demand * steps + step];
                }
                Column::Flow { crossing, step } => {
                    let lane = &model.lanes[space.crossings[crossing].lane];
                    let duties = value * program.duties[c];
                    let taxes = duties * taxes(space, policy, crossing, step);
                    figures.paid[lane.to] += duties;
                    figures.collected[lane.from] += taxes;
                    figures.collected[lane.to] += duties - taxes;
                }
                _ => {}
            }
        }
        let short = grown_short(model, program, solution);
        let first = program.columns.iter().filter_map(|column| column.step()).min().unwrap_or(0);
        for demand in 0..demands {
            let is_short =
                |step: &usize| short[demand * steps + step] > shortage_threshold(policy.required(model, demand, *step));
            figures.first_short[demand] = (first..steps).find(is_short).map(|step| step - first);
        }
        figures
    }

    /// Whether they can be those of a model.
    pub fn fit(&self, model: &Model) -> bool {
        let of_demands = [&self.unmet, &self.prices].iter().all(|list| list.len() == model.demands.len());
        let of_regions = [&self.paid, &self.collected].iter().all(|list| list.len() == model.regions.len());
        of_demands && of_regions && self.first_short.len() == model.demands.len()
    }

    /// What a player gets.
    pub fn payoff(&self, cares: &Cares) -> f64 {
        let costs = |weights: &[Option<Weights>]| -> f64 {
            let of = |d: usize| {
                weights[d].map_or(0.0, |weights| {
                    weighed(weights.unmet, self.unmet[d]) + weighed(weights.prices, self.prices[d])
                })
            };
            (0..weights.len()).map(of).sum()
        };
        let of_regions = |figures: &[f64]| -> f64 {
            figures.iter().zip(&cares.regions).filter(|(_, own)| **own).map(|(figure, _)| figure).sum()
        };
        weighed(cares.duties_collected, of_regions(&self.collected))
            - weighed(cares.duties_paid, of_regions(&self.paid))
            - costs(&cares.weights)
    }
}

/// The part of what is due on a crossing that the sender's region collects.
fn taxes(space: &Space, policy: &Policy, crossing: usize, step: usize) -> f64 {
    let limits = &policy.step(step).lanes[space.crossings[crossing].lane];
    if limits.tax_rate > 0.0 { limits.tax_rate / limits.duty_rate } else { 0.0 }
}

/// What a player gains by a unit of each column, but for what is paid for needs that are met.
pub fn gains(model: &Model, space: &Space, policy: &Policy, program: &Program, cares: &Cares) -> Vec<f64> {
    let unmet = |demand: usize| cares.weights[demand].map_or(0.0, |weights| weights.unmet);
    let gain = |(c, column): (usize, &Column)| match *column {
        Column::Unmet { demand, .. } | Column::Backlog { demand, .. } => -unmet(demand) * program.costs[c],
        Column::Flow { crossing, step } => {
            let lane = &model.lanes[space.crossings[crossing].lane];
            let (taxes, own) = (taxes(space, policy, crossing, step), |region: usize| f64::from(cares.regions[region]));
            let collected = taxes * own(lane.from) + (1.0 - taxes) * own(lane.to);
            program.duties[c] * (cares.duties_collected * collected - cares.duties_paid * own(lane.to))
        }
        _ => 0.0,
    };
    program.columns.iter().enumerate().map(gain).collect()
}

/// What counts nothing is not asked what it is.
fn weighed(weight: f64, figure: f64) -> f64 {
    if weight == 0.0 { 0.0 } else { weight * figure }
}
