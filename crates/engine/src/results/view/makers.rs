//! Who makes what at each stage, and who sends it to whom: what the map shows.
//!
//! Stages hold goods of different kinds, so they are added up by what they are worth at the model's prices.

use std::collections::BTreeMap;

use coercivity_model::{Model, Scenario};
use serde::Serialize;

use super::all_rounded;
use crate::program::Column;
use crate::results::carried_out;
use crate::results::tables::{controlled_products, makes};
use crate::run::Outcome;
use crate::trace::Chain;

/// Lanes shown of a stage: the largest over all steps, as they are or as the reference flows have them, so that a
/// lane that is cut does not drop out of sight.
const LANES: usize = 12;

/// Output of a stage.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    pub stage: String,
    /// Currency, at the model's prices.
    pub unit: String,
    /// `[N]` by region.
    pub made: BTreeMap<String, Vec<f64>>,
}

/// What crosses borders of a stage's products.
#[derive(Clone, Debug, Serialize)]
pub struct Trade {
    pub stage: String,
    pub lanes: Vec<Lane>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Lane {
    pub from: String,
    pub to: String,
    /// `[N]`, sent in each step, in currency.
    pub flow: Vec<f64>,
}

pub fn made(model: &Model, chain: &Chain, outcome: &Outcome) -> Vec<Made> {
    let mut totals: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for (_, _, column, value) in carried_out(outcome) {
        let Column::Activity { run, step } = column else { continue };
        let run = &outcome.space.runs[run];
        let region = model.sites[run.site].region;
        for (product, _, amount) in &run.outputs {
            let total = totals.entry((chain.stage_of[*product], region)).or_insert_with(|| vec![0.0; model.steps()]);
            total[step] += value * amount * model.products[*product].price;
        }
    }
    in_order(chain)
        .map(|stage| Made {
            stage: chain.stages[stage].clone(),
            unit: model.currency.clone(),
            made: totals
                .range((stage, 0)..(stage + 1, 0))
                .map(|((_, region), total)| (model.regions[*region].id.clone(), all_rounded(total)))
                .collect(),
        })
        .filter(|made| !made.made.is_empty())
        .collect()
}

/// Stages down the chain, those that are passed through left out.
fn in_order(chain: &Chain) -> impl Iterator<Item = usize> + use<> {
    let mut stages: Vec<(usize, usize)> =
        (0..chain.stages.len()).filter_map(|stage| Some((chain.column[stage]?, stage))).collect();
    stages.sort_unstable();
    stages.into_iter().map(|(_, stage)| stage)
}

/// Re-exports of goods under an export control are left out: the tool finds no routes around controls.
pub fn trade(model: &Model, chain: &Chain, scenario: &Scenario, outcome: &Outcome) -> Vec<Trade> {
    let controlled = controlled_products(scenario);
    let mut totals: BTreeMap<(usize, usize, usize), Vec<f64>> = BTreeMap::new();
    for (_, _, column, value) in carried_out(outcome) {
        let Column::Flow { crossing, step } = column else { continue };
        let lane = &model.lanes[outcome.space.crossings[crossing].lane];
        if controlled.contains(&lane.product) && !makes(model, lane.from, lane.product) {
            continue;
        }
        let key = (chain.stage_of[lane.product], lane.from, lane.to);
        let total = totals.entry(key).or_insert_with(|| vec![0.0; model.steps()]);
        total[step] += value * model.products[lane.product].price;
    }
    let mut reference: BTreeMap<(usize, usize, usize), f64> = BTreeMap::new();
    let years = model.calendar.years_per_step() * model.steps() as f64;
    for lane in model.lanes.iter().filter(|lane| lane.flow.is_some_and(|flow| flow > 0.0)) {
        let key = (chain.stage_of[lane.product], lane.from, lane.to);
        *reference.entry(key).or_default() += lane.flow.unwrap_or(0.0) * years * model.products[lane.product].price;
        totals.entry(key).or_insert_with(|| vec![0.0; model.steps()]);
    }
    let trade = |stage: usize| {
        let mut lanes: Vec<(f64, Lane)> = totals
            .range((stage, 0, 0)..(stage + 1, 0, 0))
            .map(|(key @ (_, from, to), total)| {
                let size = total.iter().sum::<f64>().max(reference.get(key).copied().unwrap_or(0.0));
                let (from, to) = (model.regions[*from].id.clone(), model.regions[*to].id.clone());
                (size, Lane { from, to, flow: all_rounded(total) })
            })
            .collect();
        lanes.sort_by(|a, b| b.0.total_cmp(&a.0));
        Trade {
            stage: chain.stages[stage].clone(),
            lanes: lanes.into_iter().take(LANES).map(|(_, lane)| lane).collect(),
        }
    };
    in_order(chain).map(trade).filter(|trade| !trade.lanes.is_empty()).collect()
}
