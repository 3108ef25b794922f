//! Needs: what is asked for at the prices there are, what is met, and by which option.
//!
//! > asked = required x min(1, (p / p0)^e),   e = `demand_elasticity`,
//!
//! with p the price of what the options in use take, and p0 that at reference prices. What is lost to price is unmet, as is what
//! is short. An option serves its share of what is asked; the shares move by at most `substitution_per_year` x D a week, away from
//! the option that is short or dearer, within `max_share` and from the day on which it opens.
//! Source: elasticity -0.15 (-0.30 to -0.10), derived from 2010-11 (METHODS section 1); substitution at most a tenth of a need a year
//! (Sprecher et al. 2017).

use super::state::World;
use crate::program::CATCH_UP;

/// An option that gets less than this of what it asks is short.
const ENOUGH: f64 = 0.99;

impl World<'_> {
    fn is_open(&self, demand: usize, option: usize, week: usize) -> bool {
        let model = &self.market.model;
        let o = &model.demands[demand].options[option];
        o.max_share != Some(0.0)
            && o.opens.is_none_or(|opens| self.fixed(week).day >= opens)
            && self.net.users_of(self.fixed(week).policy, demand, option).is_some()
    }

    /// Price of what one unit takes, at the prices there are or the reference prices.
    fn unit_price(&self, demand: usize, option: usize, reference: bool) -> f64 {
        let model = &self.market.model;
        let d = &model.demands[demand];
        let price = |product: usize| match reference {
            true => model.products[product].price,
            false => self.price_in(product, d.region),
        };
        d.options[option].uses.iter().map(|(product, amount)| amount * price(*product)).sum()
    }

    /// Claims of all demands.
    pub fn ask_for_needs(&mut self, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        let fixed = self.fixed(week);
        for (d, demand) in model.demands.iter().enumerate() {
            let amount = fixed.amount[d];
            self.largest[d] = self.largest[d].max(amount);
            let required = amount * self.years;
            let (mut price, mut reference) = (0.0, 0.0);
            for option in 0..demand.options.len() {
                let share = self.mix[net.option(d, option)];
                price += share * self.unit_price(d, option, false);
                reference += share * self.unit_price(d, option, true);
            }
            let dearer = if reference > 0.0 && price > 0.0 { price / reference } else { 1.0 };
            // The elasticity is not above 0: what is no dearer is asked for in full.
            let asked = if dearer > 1.0 { dearer.powf(self.behaviour.demand_elasticity).min(1.0) } else { 1.0 };
            let late = if demand.late_cost.is_some() {
                self.backlog[d].min(CATCH_UP * self.years * self.largest[d])
            } else {
                0.0
            };
            self.sheet.priced_out[d] = required * (1.0 - asked);
            for (option, o) in demand.options.iter().enumerate() {
                let at = net.option(d, option);
                let wants = match self.is_open(d, option, week) {
                    true => (self.mix[at] * (required * asked + late))
                        .min(o.max_share.map_or(f64::INFINITY, |s| s * required)),
                    false => 0.0,
                };
                self.serve[at] = wants;
            }
            // Users that other policies know claim nothing.
            for user in &net.needs[d] {
                self.claim[*user] = 0.0;
            }
            for option in 0..demand.options.len() {
                for user in net.users_of(fixed.policy, d, option).into_iter().flatten() {
                    self.claim[*user] = self.serve[net.option(d, option)] * self.amount(*user);
                }
            }
        }
    }

    /// Needs are met from what they were given.
    pub fn consume(&mut self, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        let fixed = self.fixed(week);
        for (d, demand) in model.demands.iter().enumerate() {
            let required = fixed.amount[d] * self.years;
            let mut met = 0.0;
            for option in 0..demand.options.len() {
                let at = net.option(d, option);
                self.served[at] = 0.0;
                let Some(users) = net.users_of(fixed.policy, d, option) else { continue };
                let mut units = self.serve[at];
                for user in users {
                    units = units.min(self.granted[*user] / self.amount(*user));
                }
                // What is due and what is late, and not a hair more.
                let most = required + if demand.late_cost.is_some() { self.backlog[d] } else { 0.0 } - met;
                units = units.min(most).max(0.0);
                for user in users {
                    let share = units * self.amount(*user) / self.granted[*user];
                    for e in net.users[*user].entries.clone().filter(|_| units > 0.0) {
                        self.take(e, self.drawn[e] * share);
                    }
                }
                self.served[at] = units;
                self.sheet.met[at] = units;
                met += units;
            }
            if demand.late_cost.is_some() {
                self.backlog[d] = (self.backlog[d] + required - met).max(0.0);
            }
        }
    }

    /// Options change places.
    pub fn substitute(&mut self, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        for (d, demand) in model.demands.iter().enumerate().filter(|(_, d)| d.options.len() > 1) {
            let mut step = self.behaviour.substitution_per_year * self.years;
            let cost = |world: &Self, option: usize| world.unit_price(d, option, false) + demand.options[option].cost;
            // From the one that is worst off to the one that is best off.
            let mut worst: Option<(f64, usize)> = None;
            let mut best: Option<(f64, usize)> = None;
            for option in 0..demand.options.len() {
                let at = net.option(d, option);
                let open = self.is_open(d, option, week);
                let got = if self.serve[at] > 0.0 { self.served[at] / self.serve[at] } else { 1.0 };
                let pain = match open {
                    true => cost(self, option) + if got < ENOUGH { (1.0 - got) * demand.value } else { 0.0 },
                    false => f64::INFINITY,
                };
                let room = demand.options[option].max_share.unwrap_or(1.0) - self.mix[at];
                if self.mix[at] > 0.0 && worst.is_none_or(|(most, _)| pain > most) {
                    worst = Some((pain, option));
                }
                if open && room > 0.0 && best.is_none_or(|(least, _)| pain < least) {
                    best = Some((pain, option));
                }
            }
            let (Some((most, from)), Some((least, to))) = (worst, best) else { continue };
            if from == to || most <= least {
                continue;
            }
            let (from, to_at) = (net.option(d, from), net.option(d, to));
            step = step.min(self.mix[from]).min(demand.options[to].max_share.unwrap_or(1.0) - self.mix[to_at]);
            self.mix[from] -= step;
            self.mix[to_at] += step;
        }
    }
}
