//! Demands: met by options, unmet in tiers, or late with a backlog.
//!
//! SPEC: "sum of y over options + u = amount(t) x D"; with `late_cost`, "sum of y = amount(t) x D
//! - u + v, with v <= 0.2 x D x the largest amount so far catching up".

use super::{Builder, Column, ColumnId, Row};

/// Share of a year's largest amount that can be caught up in a year.
pub const CATCH_UP: f64 = 0.2;

pub(super) fn add(b: &mut Builder, step: usize) {
    for d in 0..b.model.demands.len() {
        let demand = &b.model.demands[d];
        let amount = b.policy.amount_per_year(b.model, d, step);
        b.largest_amount[d] = b.largest_amount[d].max(amount);
        let required = amount * b.years;
        let late = demand.late_cost.is_some();
        if required <= 0.0 && !(late && (b.backlog_before[d].is_some() || b.state.backlog[d] > 0.0)) {
            continue;
        }
        let row = b.row(Row::Demand { demand: d, step }, required, required);
        let catch_up = late.then(|| backlog(b, d, step, row));
        if !late {
            tiers(b, d, step, row, required);
        }
        options(b, d, step, row, required, catch_up);
    }
}

fn tiers(b: &mut Builder, d: usize, step: usize, row: usize, required: f64) {
    let (demand, discount) = (&b.model.demands[d], b.discount(step));
    for (tier, t) in demand.tiers.iter().enumerate() {
        // The last tier is left open: shares add up to 1 only up to rounding.
        let width = if tier + 1 == demand.tiers.len() { f64::INFINITY } else { t.share * required };
        let column = b.column(Column::Unmet { demand: d, tier, step }, width, demand.value * t.factor * discount);
        b.entry(row, column, 1.0);
    }
}

/// Unmet units go to the backlog and come back as catching up. Gives the column of catching up.
fn backlog(b: &mut Builder, d: usize, step: usize, row: usize) -> ColumnId {
    let (demand, discount) = (&b.model.demands[d], b.discount(step));
    let unmet = b.column(Column::Unmet { demand: d, tier: 0, step }, f64::INFINITY, 0.0);
    let most = CATCH_UP * b.years * b.largest_amount[d];
    let catch_up = b.column(Column::CatchUp { demand: d, step }, most, 0.0);
    let mut cost = demand.late_cost.unwrap_or(0.0) * b.years * discount;
    if step + 1 == b.steps {
        cost += demand.value * b.discount(b.steps);
    }
    let after = b.column(Column::Backlog { demand: d, step }, f64::INFINITY, cost);
    let before = if step == b.first { b.state.backlog[d] } else { 0.0 };
    let balance = b.row(Row::Backlog { demand: d, step }, before, before);
    b.entry(balance, after, 1.0);
    b.entry(balance, unmet, -1.0);
    b.entry(balance, catch_up, 1.0);
    if let Some(column) = b.backlog_before[d] {
        b.entry(balance, column, -1.0);
    }
    b.backlog_before[d] = Some(after);
    b.entry(row, unmet, 1.0);
    b.entry(row, catch_up, -1.0);
    catch_up
}

fn options(b: &mut Builder, d: usize, step: usize, row: usize, required: f64, catch_up: Option<ColumnId>) {
    let (demand, space, policy) = (&b.model.demands[d], b.space, b.policy.step(step));
    let day = b.model.calendar.middle_day(step);
    let discount = b.discount(step);
    for (o, option) in demand.options.iter().enumerate() {
        if option.opens.is_some_and(|opens| day < opens) || option.max_share == Some(0.0) {
            continue;
        }
        let drawn: Option<Vec<(usize, f64)>> = option
            .uses
            .iter()
            .map(|(product, amount)| {
                let allowed = !policy.banned(b.model, d, *product);
                Some((space.draw(demand.region, *product, allowed)?, *amount))
            })
            .collect();
        // A product that never comes, or never without a banned tag: no such option.
        let Some(drawn) = drawn else { continue };
        let column = b.column(Column::Met { demand: d, option: o, step }, f64::INFINITY, option.cost * discount);
        b.entry(row, column, 1.0);
        for (slot, amount) in drawn {
            b.take(slot, step, column, amount);
        }
        match (option.max_share, catch_up) {
            (None, _) => {}
            (Some(share), None) => b.upper[column] = share * required,
            (Some(share), Some(catch_up)) => {
                let row = Row::OptionShare { demand: d, option: o, step };
                let row = b.row(row, f64::NEG_INFINITY, share * required);
                b.entry(row, column, 1.0);
                b.entry(row, catch_up, -share);
            }
        }
    }
}
