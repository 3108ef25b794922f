//! Sites: activity within capacity and above the minimum, inputs now, outputs after the lead.
//!
//! SPEC: "Activity of a site over all its processes and tag sets <= capacity(t) x D", "activity of
//! a site in a step >= minimum x capacity(t) x D".

use super::{Builder, Column, Row};

pub(super) fn add(b: &mut Builder, step: usize) {
    let policy = b.policy.step(step);
    let discount = b.discount(step);
    for (s, site) in b.model.sites.iter().enumerate() {
        let capacity = b.model.capacity_per_year(site, step) * policy.remaining[s] * b.years;
        if capacity <= 0.0 || b.runs_of_site[s].is_empty() {
            continue;
        }
        let lead = b.model.step.lead_steps(site.lead_days);
        let cost = (site.cost - policy.support[s]).max(0.0) * discount;
        let mut columns = Vec::new();
        for run in b.runs_of_site[s].clone() {
            if policy.stopped.contains(&(s, b.space.runs[run].process)) {
                continue;
            }
            let column = b.column(Column::Activity { run, step }, f64::INFINITY, cost);
            let space = b.space;
            for (slot, amount) in &space.runs[run].inputs {
                b.take(*slot, step, column, *amount);
            }
            for (_, slot, amount) in &space.runs[run].outputs {
                if let Some(slot) = slot.filter(|_| step + lead < b.steps) {
                    b.put(slot, step + lead, column, *amount);
                }
            }
            columns.push(column);
        }
        if columns.is_empty() {
            continue;
        }
        let least = site.minimum * capacity;
        if let [only] = columns[..] {
            b.upper[only] = capacity;
            b.lower[only] = least;
        } else {
            let lower = if least > 0.0 { least } else { f64::NEG_INFINITY };
            let row = b.row(Row::Capacity { site: s, step }, lower, capacity);
            columns.iter().for_each(|c| b.entry(row, *c, 1.0));
        }
    }
}
