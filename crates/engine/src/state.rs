//! The state in which a plan begins: stocks, what is under way, accounts and backlogs.
//!
//! At step 0 it comes from the model; for a plan made later, from what was carried out before.

use coercivity_model::Model;
use coercivity_model::model::StockKind;

use serde::{Deserialize, Serialize};

use crate::space::{SlotId, Space};
use crate::tags::Tags;

/// Units that arrive in a later step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnderWay {
    /// Step of arrival.
    pub due: usize,
    /// Where they arrive; `None` where nobody needs them.
    pub slot: Option<SlotId>,
    pub region: usize,
    pub product: usize,
    /// Units.
    pub quantity: f64,
    pub by: Carrier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carrier {
    Lane(usize),
    Site(usize),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// First step of the plan.
    pub step: usize,
    /// Stock at the end of the step before, by row of `stocks.csv`: (slot, units). For strategic
    /// stock one entry at most.
    pub stocks: Vec<Vec<(SlotId, f64)>>,
    /// Strategic stock, by row of `stocks.csv`, whether or not it has a slot. Units.
    pub strategic: Vec<f64>,
    /// Due in the run, in no order that matters.
    pub under_way: Vec<UnderWay>,
    /// Sent during the run and due after it: units by lane, value in currency by site.
    pub still_on_lane: Vec<f64>,
    pub still_in_site: Vec<f64>,
    /// Units late, by demand.
    pub backlog: Vec<f64>,
    /// Largest amount so far, units a year, by demand.
    pub largest_amount: Vec<f64>,
    /// What may still be re-exported, by region x products + product. Units.
    pub account: Vec<f64>,
}

impl State {
    /// The state at the start of the model.
    pub fn initial(model: &Model, tags: &Tags, space: &Space) -> State {
        let (products, steps) = (model.products.len(), model.steps());
        let years = model.calendar.years_per_step();
        let mut state = State {
            step: 0,
            stocks: vec![Vec::new(); model.stocks.len()],
            strategic: vec![0.0; model.stocks.len()],
            under_way: Vec::new(),
            still_on_lane: vec![0.0; model.lanes.len()],
            still_in_site: vec![0.0; model.sites.len()],
            backlog: vec![0.0; model.demands.len()],
            largest_amount: vec![0.0; model.demands.len()],
            account: vec![0.0; model.regions.len() * products],
        };
        for (s, stock) in model.stocks.iter().enumerate() {
            let made = stock.origin.map_or(0, |region| tags.of_origin(region, stock.product));
            let slot = space.slot(stock.region, stock.product, made).filter(|_| stock.initial > 0.0);
            state.stocks[s].extend(slot.map(|slot| (slot, stock.initial)));
            match stock.kind {
                StockKind::Commercial => state.account[stock.region * products + stock.product] += stock.initial,
                StockKind::Strategic => state.strategic[s] = stock.initial,
            }
        }
        for (l, lane) in model.lanes.iter().enumerate() {
            let Some(flow) = lane.flow.filter(|flow| *flow > 0.0) else { continue };
            let slot = space.slot(lane.to, lane.product, tags.of_origin(lane.from, lane.product));
            for due in 0..model.step.lead_steps(lane.lead_days).min(steps) {
                state.under_way.push(UnderWay {
                    due,
                    slot,
                    region: lane.to,
                    product: lane.product,
                    quantity: flow * years,
                    by: Carrier::Lane(l),
                });
            }
        }
        for (s, site) in model.sites.iter().enumerate() {
            let Some(made) = site.made.filter(|made| *made > 0.0) else { continue };
            let given = tags.of_process(site.region, site.processes[0]);
            for due in 0..model.step.lead_steps(site.lead_days).min(steps) {
                for (product, amount) in &model.processes[site.processes[0]].outputs {
                    state.under_way.push(UnderWay {
                        due,
                        slot: space.slot(site.region, *product, given),
                        region: site.region,
                        product: *product,
                        quantity: made * years * amount,
                        by: Carrier::Site(s),
                    });
                }
            }
        }
        state
    }
}
