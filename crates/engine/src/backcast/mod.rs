//! Backcasts: does the market replay what happened?
//!
//! [`spec`] is what a file says: a scenario, what was observed, what is fitted and when, and what would count as a hit.
//! This module replays the market over the times that were observed; [`score`] holds the two against each other and against the
//! naive forecast (what was last seen stays); [`fit`] finds the fitted parameters again, from the fit's time alone, and says how
//! well the data know them. A miss is reported, never tuned away.

pub mod fit;
pub mod score;
pub mod spec;

use coercivity_model::calendar::{days_after, days_between, months_after};
use coercivity_model::scenario::{Effect, Licences};
use coercivity_model::{Date, Model, Scenario};

use crate::market::{Market, Record};
pub use spec::{Backcast, Quantity, Target, read_backcast};

/// A value over the days from `from` until `until`, which is not one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub from: Date,
    pub until: Date,
    pub value: f64,
}

/// What the market did under a backcast.
pub struct Replay {
    market: Market,
    record: Record,
    quantity: Quantity,
}

impl Backcast {
    /// Replays with the fitted parameters at other values; with none given, as the files have them.
    pub fn replay(&self, values: &[f64]) -> Replay {
        let mut scenario = self.scenario.clone();
        for (parameter, value) in self.parameters.iter().zip(values) {
            set(&mut scenario, &parameter.target, *value);
        }
        let market = Market::new(&self.model, &scenario, None);
        let record = market.run(&market.behaviour());
        Replay { market, record, quantity: self.quantity.clone() }
    }

    /// The values of the fitted parameters in the files.
    pub fn values(&self) -> Vec<f64> {
        self.parameters.iter().map(|parameter| value_of(&self.model, &self.scenario, &parameter.target)).collect()
    }
}

impl Replay {
    /// Units in a time, or the mean price; `None` where the model does not reach that far.
    pub fn over(&self, from: Date, until: Date) -> Option<f64> {
        let model = &self.market.model;
        let days = days_between(from, until);
        let (start, end) = (model.start, days_after(model.start, 7 * model.steps() as i64));
        if from < start || until > end || days <= 0 {
            return None;
        }
        let mut sum = 0.0;
        for week in 0..model.steps() {
            let first = days_after(start, 7 * week as i64);
            let overlap = days_between(first.max(from), days_after(first, 7).min(until));
            if overlap > 0 {
                sum += overlap as f64 * self.a_day(week);
            }
        }
        Some(match self.quantity {
            Quantity::Exports { .. } => sum,
            Quantity::Price { .. } => sum / days as f64,
        })
    }

    fn a_day(&self, week: usize) -> f64 {
        let model = &self.market.model;
        match &self.quantity {
            Quantity::Exports { region, products } => {
                let counts = |crossing: usize| {
                    let lane = &model.lanes[self.market.space.crossings[crossing].lane];
                    lane.from == *region && products.contains(&lane.product)
                };
                let sent = self.record.flow.of(week).filter(|(crossing, _)| counts(*crossing));
                sent.map(|(_, units)| units).sum::<f64>() / 7.0
            }
            Quantity::Price { product, inside, per } => {
                let price = match inside {
                    true => self.record.price_inside(model, *product, week),
                    false => self.record.price_outside(model, *product, week),
                };
                price / per
            }
        }
    }

    /// Month by month, as far as the model goes.
    pub fn months(&self) -> Vec<Span> {
        let model = &self.market.model;
        let mut months = Vec::new();
        let mut from = model.start;
        loop {
            let until = months_after(model.start, months.len() as i64 + 1);
            let Some(value) = self.over(from, until) else { return months };
            months.push(Span { from, until, value });
            from = until;
        }
    }
}

fn value_of(model: &Model, scenario: &Scenario, target: &Target) -> f64 {
    match target {
        Target::Behaviour(name) => {
            let own = scenario.behaviour.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
            own.or_else(|| model.behaviour.value(name)).expect("the reader knows the names")
        }
        Target::Grant(measure) => match scenario.measures[*measure].effect {
            Effect::ExportControl { licences: Licences::Asked { grant_per_day, .. }, .. } => {
                grant_per_day.unwrap_or(model.behaviour.grant_per_day)
            }
            _ => unreachable!("the reader knows that it asks for licences"),
        },
    }
}

fn set(scenario: &mut Scenario, target: &Target, value: f64) {
    match target {
        Target::Behaviour(name) => {
            scenario.behaviour.retain(|(other, _)| other != name);
            scenario.behaviour.push((name, value));
        }
        Target::Grant(measure) => {
            if let Effect::ExportControl { licences: Licences::Asked { grant_per_day, .. }, .. } =
                &mut scenario.measures[*measure].effect
            {
                *grant_per_day = Some(value);
            }
        }
    }
}
