//! The terminal charge: what is missing at the end, against the start, of stock and of goods in
//! transit, at a share of its price. More left than at the start earns nothing.

use coercivity_model::model::StockKind;

use super::{Builder, Column, Row};

pub(super) fn add(b: &mut Builder) {
    let (model, steps) = (b.model, b.steps);
    let factor = model.terminal_value * b.discount(steps);
    if factor <= 0.0 {
        return;
    }
    // Columns whose goods are left at the end, by stock, lane and site.
    let mut in_stock = vec![Vec::new(); model.stocks.len()];
    let mut on_lane = vec![Vec::new(); model.lanes.len()];
    let mut in_site = vec![Vec::new(); model.sites.len()];
    for (column, what) in b.columns.iter().enumerate() {
        match *what {
            Column::Stock { stock, step, .. } | Column::Strategic { stock, step } if step + 1 == steps => {
                in_stock[stock].push((column, 1.0));
            }
            Column::Flow { crossing, step } => {
                let l = b.space.crossings[crossing].lane;
                if b.policy.arrival(model, l, step) >= steps {
                    on_lane[l].push((column, 1.0));
                }
            }
            Column::Activity { run, step } => {
                let run = &b.space.runs[run];
                if step + model.step.lead_steps(model.sites[run.site].lead_days) >= steps {
                    in_site[run.site].push((column, value_of_outputs(b, run.process)));
                }
            }
            _ => {}
        }
    }
    for (s, stock) in model.stocks.iter().enumerate() {
        let unreleased = stock.kind == StockKind::Strategic && in_stock[s].is_empty();
        let left = if unreleased { b.state.strategic[s] } else { 0.0 };
        let charge = model.products[stock.product].price * factor;
        let missing = Column::MissingStock { stock: s };
        add_missing(b, missing, Row::MissingStock { stock: s }, stock.initial - left, charge, &in_stock[s]);
    }
    for (l, lane) in model.lanes.iter().enumerate() {
        let lead = model.step.lead_steps(lane.lead_days).min(steps);
        let start = lane.flow.unwrap_or(0.0) * b.years * lead as f64;
        let wanted = start - if start > 0.0 { b.state.still_on_lane[l] } else { 0.0 };
        let charge = model.products[lane.product].price * factor;
        let missing = Column::MissingOnLane { lane: l };
        add_missing(b, missing, Row::MissingOnLane { lane: l }, wanted, charge, &on_lane[l]);
    }
    for (s, site) in model.sites.iter().enumerate() {
        let lead = model.step.lead_steps(site.lead_days).min(steps);
        let start = site.made.unwrap_or(0.0) * b.years * lead as f64 * value_of_outputs(b, site.processes[0]);
        let wanted = start - if start > 0.0 { b.state.still_in_site[s] } else { 0.0 };
        let missing = Column::MissingInSite { site: s };
        add_missing(b, missing, Row::MissingInSite { site: s }, wanted, factor, &in_site[s]);
    }
}

/// missing >= wanted - what is left, at `charge` per unit.
fn add_missing(b: &mut Builder, column: Column, row: Row, wanted: f64, charge: f64, left: &[(usize, f64)]) {
    if wanted <= 0.0 || charge <= 0.0 {
        return;
    }
    let missing = b.column(column, f64::INFINITY, charge);
    let row = b.row(row, wanted, f64::INFINITY);
    b.entry(row, missing, 1.0);
    left.iter().for_each(|(column, value)| b.entry(row, *column, *value));
}

/// Value at list prices of what one unit of activity gives.
fn value_of_outputs(b: &Builder, process: usize) -> f64 {
    let outputs = &b.model.processes[process].outputs;
    outputs.iter().map(|(product, amount)| amount * b.model.products[*product].price).sum()
}
