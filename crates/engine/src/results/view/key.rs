//! The five figures beneath the headline.

use coercivity_model::Model;
use coercivity_model::model::EndUse;
use serde::Serialize;

use crate::results::headline::{
    chokepoints, duration, least_cover, losses, money, month, percent, read_steps, shortages,
};
use crate::results::summary::Summary;
use crate::run::Outcome;

/// A figure with what it counts. Texts, since they are read and not computed with.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    pub label: &'static str,
    pub value: String,
    pub note: String,
}

pub fn figures(model: &Model, outcome: &Outcome, summary: &Summary) -> Vec<Key> {
    let currency = &model.currency;
    let shortages = shortages(model, outcome);
    let military = shortages.iter().filter(|s| model.demands[s.demand].end_use == EndUse::Military);
    let key = |label, value: String, note: String| Key { label, value, note };

    let first = match military.min_by_key(|s| s.first) {
        Some(s) => key(
            "First defence user short",
            model.demands[s.demand].name.clone(),
            format!("from {}; {} unmet in all", month(s.first), percent(s.unmet_share)),
        ),
        None => key("First defence user short", "None".to_string(), format!("of {}", of_military(model))),
    };
    let cover = match least_cover(model, outcome) {
        Some(cover) => key(
            "Least cover",
            duration(cover.days),
            format!(
                "of {}, for {}, in {}",
                model.products[cover.product].name,
                model.demands[cover.demand].name,
                month(cover.when)
            ),
        ),
        None => key("Least cover", "Unknown".to_string(), "no user keeps stock in this model".to_string()),
    };
    let unmet = key(
        "Unmet demand",
        money(summary.unmet_value, currency),
        format!("{} of {} needs run short, at today's value", shortages.len(), model.demands.len()),
    );
    let choke = match chokepoints(model, outcome).first() {
        Some(c) => key(
            "Tightest chokepoint",
            format!("{}, {}", model.products[c.product].name, model.regions[c.region].name),
            format!("1% more capacity would save {}", money(c.one_percent, currency)),
        ),
        None => key("Tightest chokepoint", "None".to_string(), "no capacity is used up".to_string()),
    };
    let losses = losses(model, outcome);
    let unmet_of = |r: usize| losses[r].civil + losses[r].military;
    let hit = (0..losses.len()).max_by(|a, b| unmet_of(*a).total_cmp(&unmet_of(*b)).then(b.cmp(a)));
    let hardest = match hit.filter(|r| unmet_of(*r) > 0.0) {
        Some(r) => key(
            "Hit hardest",
            model.regions[r].name.clone(),
            format!("{} of what is unmet", percent(unmet_of(r) / losses_in_all(&losses))),
        ),
        None => key("Hit hardest", "Nobody".to_string(), format!("through {}", last_read(model))),
    };
    vec![first, cover, unmet, choke, hardest]
}

fn losses_in_all(losses: &[crate::results::headline::Losses]) -> f64 {
    losses.iter().map(|loss| loss.civil + loss.military).sum()
}

fn of_military(model: &Model) -> String {
    let n = model.demands.iter().filter(|d| d.end_use == EndUse::Military).count();
    format!("{n} military need{}", if n == 1 { "" } else { "s" })
}

fn last_read(model: &Model) -> String {
    month(model.calendar.first_day(read_steps(model) - 1))
}
