//! Re-export: what a region sends of a product is at most what it made, had and was released,
//! and a share of what arrived there, all counted from the start.
//!
//! Written as an account from step to step, at least 0, so that each row is short.

use std::collections::BTreeMap;

use super::{Builder, Column, Row};
use crate::state::Carrier;

/// Columns and figures that move one account in one step.
#[derive(Default)]
struct Moves {
    entries: Vec<(usize, f64)>,
    given: f64,
}

pub(super) fn add(b: &mut Builder) {
    let model = b.model;
    let products = model.products.len();
    let share = |product: usize| model.products[product].reexport;
    let mut sends = vec![false; model.regions.len() * products];
    let mut receives = sends.clone();
    for lane in &model.lanes {
        sends[lane.from * products + lane.product] = true;
        receives[lane.to * products + lane.product] = true;
    }
    let kept = |region: usize, product: usize| {
        let node = region * products + product;
        share(product) < 1.0 && sends[node] && receives[node]
    };
    let mut moves: BTreeMap<(usize, usize, usize), Moves> = BTreeMap::new();
    // By the crossings of the space and not the columns of this plan: where every lane out is
    // closed as far as is known, the account goes on for the plans that come after.
    let mut sent = vec![false; sends.len()];
    for lane in b.space.crossings.iter().map(|c| &model.lanes[c.lane]) {
        sent[lane.from * products + lane.product] = true;
    }
    for (column, what) in b.columns.iter().enumerate() {
        match *what {
            Column::Activity { run, step } => {
                let run = &b.space.runs[run];
                let site = &model.sites[run.site];
                let due = step + model.step.lead_steps(site.lead_days);
                for (product, _, amount) in &run.outputs {
                    if due < b.steps && kept(site.region, *product) {
                        let m = moves.entry((site.region, *product, due)).or_default();
                        m.entries.push((column, *amount));
                    }
                }
            }
            Column::Flow { crossing, step } => {
                let l = b.space.crossings[crossing].lane;
                let lane = &model.lanes[l];
                if kept(lane.from, lane.product) {
                    moves.entry((lane.from, lane.product, step)).or_default().entries.push((column, -1.0));
                }
                let arrival = b.policy.arrival(model, l, step);
                if arrival < b.steps && kept(lane.to, lane.product) {
                    let m = moves.entry((lane.to, lane.product, arrival)).or_default();
                    m.entries.push((column, share(lane.product)));
                }
            }
            Column::Release { stock, step } => {
                let stock = &model.stocks[stock];
                if kept(stock.region, stock.product) {
                    moves.entry((stock.region, stock.product, step)).or_default().entries.push((column, 1.0));
                }
            }
            _ => {}
        }
    }
    for way in &b.state.under_way {
        if way.due < b.steps && kept(way.region, way.product) {
            let counted = match way.by {
                Carrier::Lane(_) => share(way.product),
                Carrier::Site(_) => 1.0,
            };
            moves.entry((way.region, way.product, way.due)).or_default().given += counted * way.quantity;
        }
    }
    for region in 0..model.regions.len() {
        for product in (0..products).filter(|p| kept(region, *p) && sent[region * products + p]) {
            let mut before = None;
            for step in b.first..b.steps {
                let m = moves.remove(&(region, product, step)).unwrap_or_default();
                let initial = if step == b.first { b.state.account[region * products + product] } else { 0.0 };
                let given = initial + m.given;
                let after = b.column(Column::Account { region, product, step }, f64::INFINITY, 0.0);
                let row = b.row(Row::Account { region, product, step }, given, given);
                b.entry(row, after, 1.0);
                if let Some(before) = before {
                    b.entry(row, before, -1.0);
                }
                m.entries.iter().for_each(|(column, value)| b.entry(row, *column, -value));
                before = Some(after);
            }
        }
    }
}
