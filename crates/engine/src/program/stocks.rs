//! Stocks: commercial stock by tag set within its capacity and against its target; strategic
//! stock, which nobody adds to and which leaves only under a release.

use coercivity_model::model::StockKind;

use super::{Builder, Column, Row};
use crate::policy::Outflow;

pub(super) fn add(b: &mut Builder, step: usize) {
    for s in 0..b.model.stocks.len() {
        match b.model.stocks[s].kind {
            StockKind::Commercial => commercial(b, s, step),
            StockKind::Strategic => strategic(b, s, step),
        }
    }
}

fn commercial(b: &mut Builder, s: usize, step: usize) {
    let (stock, space) = (&b.model.stocks[s], b.space);
    let discount = b.discount(step);
    let slots = space.stock_slots(stock.region, stock.product);
    if step == b.first {
        for (slot, units) in &b.state.stocks[s] {
            b.give(*slot, step, *units);
        }
    } else {
        for (i, slot) in slots.iter().enumerate() {
            b.put(*slot, step, b.stock_before[s][i], 1.0);
        }
    }
    let holding = stock.holding_cost * b.years * discount;
    let columns: Vec<usize> = slots
        .iter()
        .map(|slot| {
            let column = b.column(Column::Stock { stock: s, slot: *slot, step }, f64::INFINITY, holding);
            b.take(*slot, step, column, 1.0);
            column
        })
        .collect();
    if let Some(capacity) = stock.capacity {
        b.at_most(Row::StockCapacity { stock: s, step }, &columns, capacity);
    }
    if stock.target > 0.0 && stock.shortfall_cost > 0.0 {
        let cost = stock.shortfall_cost * b.years * discount;
        let missing = b.column(Column::Shortfall { stock: s, step }, f64::INFINITY, cost);
        let row = b.row(Row::Target { stock: s, step }, stock.target, f64::INFINITY);
        b.entry(row, missing, 1.0);
        columns.iter().for_each(|c| b.entry(row, *c, 1.0));
    }
    b.stock_before[s] = columns;
}

fn strategic(b: &mut Builder, s: usize, step: usize) {
    let (stock, discount) = (&b.model.stocks[s], b.discount(step));
    let holding = stock.holding_cost * b.years * discount;
    let Some((slot, _)) = b.state.stocks[s].first().copied() else {
        // Nothing releases it, or nobody needs it: it lies there, at a cost.
        b.constant += holding * b.state.strategic[s];
        return;
    };
    let column = b.column(Column::Strategic { stock: s, step }, f64::INFINITY, holding);
    let most = match b.policy.step(step).outflow[s] {
        Outflow::Closed => 0.0,
        Outflow::AtMost(rate) => rate * b.years,
        Outflow::Free => f64::INFINITY,
    };
    let release = b.column(Column::Release { stock: s, step }, most, 0.0);
    b.put(slot, step, release, 1.0);
    let before = if step == b.first { b.state.strategic[s] } else { 0.0 };
    let row = b.row(Row::Strategic { stock: s, step }, before, before);
    b.entry(row, column, 1.0);
    b.entry(row, release, 1.0);
    if let Some(column) = b.strategic_before[s] {
        b.entry(row, column, -1.0);
    }
    b.strategic_before[s] = Some(column);
}
