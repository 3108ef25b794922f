//! The tables of a market beside those that every run has: prices, cover, licences that wait, needs lost.

use super::state::ZONES;
use super::{Market, Record};
use crate::results::summary::Demands;
use crate::results::table::ResultTable;
use crate::results::tables::Rows;
use crate::run::Outcome;

/// In a fixed order.
pub fn tables(market: &Market, record: &Record, outcome: &Outcome) -> Vec<ResultTable> {
    vec![prices(market, record), cover(market, record), licences(market, record), lost(market, record, outcome)]
}

/// Currency per unit: inside the countries that control a product, and outside. Where nobody does all is outside.
fn prices(market: &Market, record: &Record) -> ResultTable {
    let model = &market.model;
    let mut rows = Rows::new();
    for week in 0..model.steps() {
        for (p, product) in model.products.iter().enumerate() {
            let at = (week * model.products.len() + p) * ZONES;
            for (zone, price) in ["inside", "outside"].iter().zip(&record.sheets.price[at..at + ZONES]) {
                if *zone == "outside" || market.is_controlled(p) {
                    rows.push(week, [product.id.as_str(), *zone], [*price]);
                }
            }
        }
    }
    rows.finish(model, "market_prices", ["product", "zone"], ["price"])
}

/// Stock by region and product at the end of a week, and how many weeks of use it is.
fn cover(market: &Market, record: &Record) -> ResultTable {
    let (model, net) = (&market.model, &market.network);
    let products = model.products.len();
    let mut rows = Rows::new();
    for week in 0..model.steps() {
        for node in net.order.iter().filter(|node| net.nodes[**node].desks.iter().any(|d| net.desks[*d].keeps)) {
            let sum = |of: &[f64]| -> f64 {
                net.nodes[*node].desks.iter().map(|desk| of[week * net.desks.len() + desk]).sum()
            };
            let (stock, used, target) =
                (sum(&record.sheets.stock), sum(&record.sheets.used), sum(&record.sheets.target));
            // Weeks of nothing are no number.
            let weeks = |units: f64| if used > 0.0 { units / used } else { f64::NAN };
            let texts = [model.regions[node / products].id.as_str(), &model.products[node % products].id];
            rows.push(week, texts, [stock, used, weeks(stock), weeks(target)]);
        }
    }
    rows.finish(model, "cover", ["region", "product"], ["stock", "use_a_week", "weeks", "wanted_weeks"])
}

/// Units for which a licence was asked and which were not sent yet.
fn licences(market: &Market, record: &Record) -> ResultTable {
    let model = &market.model;
    let mut rows = Rows::new();
    for week in 0..model.steps() {
        for (l, lane) in model.lanes.iter().enumerate() {
            let waiting = record.sheets.waiting[week * model.lanes.len() + l];
            if waiting > 0.0 {
                let (from, to) = (&model.regions[lane.from].id, &model.regions[lane.to].id);
                rows.push(week, [model.products[lane.product].id.as_str(), from, to], [waiting]);
            }
        }
    }
    rows.finish(model, "licences", ["product", "from", "to"], ["waiting"])
}

/// Units of needs that are not met: not asked for at the price, and not to be had.
fn lost(market: &Market, record: &Record, outcome: &Outcome) -> ResultTable {
    let model = &market.model;
    let demands = Demands::new(model, outcome);
    let mut rows = Rows::new();
    for week in 0..model.steps() {
        for (d, demand) in model.demands.iter().enumerate() {
            let unmet = demands.unmet[d][week];
            if unmet > 0.0 {
                let to_price = record.sheets.priced_out[week * model.demands.len() + d].min(unmet);
                let region = &model.regions[demand.region].id;
                rows.push(week, [demand.id.as_str(), region], [to_price, unmet - to_price]);
            }
        }
    }
    rows.finish(model, "lost", ["demand", "region"], ["to_price", "to_shortage"])
}
