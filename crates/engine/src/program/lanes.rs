//! Lanes: flow within capacity, growth, controls and quotas; arrivals after the lead and delay.
//!
//! SPEC: "A shipment's steps are round((lead_days + delay_days) / step_days) by the measures in
//! force in the step it is sent, and so are its duties." Several limits on the whole flow of a
//! lane are one: the least of them.

use super::{Builder, Column, Row};

pub(super) fn add(b: &mut Builder, step: usize) {
    let (policy, space) = (b.policy.step(step), b.space);
    let discount = b.discount(step);
    // By lane, the columns of this step; for the quotas, which go across lanes.
    let mut of_lane = vec![Vec::new(); if policy.quotas.is_empty() { 0 } else { b.model.lanes.len() }];
    for (l, lane) in b.model.lanes.iter().enumerate() {
        let limits = &policy.lanes[l];
        let growth = lane.growth.map(|growth| lane.flow.unwrap_or(0.0) + growth * step as f64 * b.years);
        let limit = [lane.capacity, growth, limits.limit].into_iter().flatten().reduce(f64::min);
        if limit == Some(0.0) || b.crossings_of_lane[l].is_empty() {
            continue;
        }
        let arrival = b.policy.arrival(b.model, l, step);
        let duty = limits.duty_rate * b.model.products[lane.product].price * discount;
        let mut columns = Vec::new();
        let mut free = Vec::new();
        for c in b.crossings_of_lane[l].clone() {
            let crossing = &space.crossings[c];
            if crossing.sets_civil && !limits.sets_civil(crossing.sent) {
                continue;
            }
            let column = b.column(Column::Flow { crossing: c, step }, f64::INFINITY, lane.cost * discount + duty);
            b.duties[column] = duty;
            b.take(crossing.from, step, column, 1.0);
            if let Some(to) = crossing.to.filter(|_| arrival < b.steps) {
                b.put(to, arrival, column, 1.0);
            }
            columns.push((column, crossing.sent));
            if crossing.stays_free {
                free.push((column, crossing.sent));
            }
        }
        let all = |list: &[(usize, u8)]| list.iter().map(|(c, _)| *c).collect::<Vec<_>>();
        let tagged = |list: &[(usize, u8)], tag: u8| {
            list.iter().filter(|(_, sent)| sent & tag != 0).map(|(c, _)| *c).collect::<Vec<_>>()
        };
        if let Some(limit) = limit {
            b.at_most(Row::LaneLimit { lane: l, step }, &all(&columns), limit * b.years);
        }
        if let Some(limit) = limits.free_limit {
            b.at_most(Row::FreeLimit { lane: l, step }, &all(&free), limit * b.years);
        }
        for (tag, limit) in &limits.tagged_limits {
            let row = Row::TaggedLimit { lane: l, tag: *tag, free: false, step };
            b.at_most(row, &tagged(&columns, *tag), limit * b.years);
        }
        for (tag, limit) in &limits.tagged_free_limits {
            let row = Row::TaggedLimit { lane: l, tag: *tag, free: true, step };
            b.at_most(row, &tagged(&free, *tag), limit * b.years);
        }
        if !policy.quotas.is_empty() {
            of_lane[l] = all(&columns);
        }
    }
    for (measure, lanes, amount) in &policy.quotas {
        let columns: Vec<usize> = lanes.iter().flat_map(|l| of_lane[*l].iter().copied()).collect();
        b.at_most(Row::Quota { measure: *measure, step }, &columns, amount * b.years);
    }
}
