//! Prices: one inside the countries that control a product, one outside.
//!
//! > p <- p x (demand / supply)^k x (c / p)^r,   k = `price_response` x 12 / 52 a week, r = `price_return` x 12 / 52
//!
//! Demand is what those who use it order, exports that may leave included; supply is what sites could make at their capacity, and
//! what arrives from the other zone; their ratio is taken against what it was before anything happened. c is what costs say: the
//! reference price, and `pass_through` of what the makers' inputs cost more than at reference prices (against the value of their
//! basket; the mean over them, by what is asked of each). So a demand that stays at twice the supply brings p to c x 2^(k/r). The less
//! margin makers have (`production`) against `closure_band`, the less they lower a price: nobody sells below
//! cost for want of orders. Open trade pulls the two prices together: of ln(outside) - ln(inside x (1 + duty) + freight), the part
//! `price_tie` x 12 / 52 x (what crosses / what is to cross) closes in a week, half on either side. What is left of the difference
//! is what a licence is worth. No price falls below `price_floor` of the reference price.
//! Source: METHODS section 1 (k 0.1 to 0.5 a month); the return to costs is ours, without it a small gap that lasts moves a price
//! without end.

use super::state::{Makers, World, ZONES};

/// Months in a week.
const MONTHS: f64 = 12.0 / 52.0;

/// Demand over supply counts at most this, or one over it, in a week: where nothing arrives the ratio says nothing.
const MOST: f64 = 4.0;

/// Whoever is asked for nothing counts as if for this share of capacity.
const LEAST_WEIGHT: f64 = 1e-6;

impl World<'_> {
    /// Demand over supply before anything happened.
    pub fn settle_prices(&mut self) {
        let net = self.net;
        self.supplied.fill(0.0);
        self.desired.fill(0.0);
        self.plan_sites(0);
        self.offer();
        for (d, desk) in net.desks.iter().enumerate() {
            let (_, here) = self.used(d);
            self.desired[self.market.priced[desk.node]] += here;
        }
        for lane in &net.lanes {
            let (from, to) = (self.market.priced[lane.from], self.market.priced[lane.to]);
            for (_, user) in lane.lines.iter().filter(|_| from != to) {
                self.desired[from] += self.claim[*user];
                self.supplied[to] += self.claim[*user];
            }
        }
        self.basket_before.copy_from_slice(&self.basket);
        for at in 0..self.normal.len() {
            let (supplied, desired) = (self.supplied[at], self.desired[at]);
            self.normal[at] = if supplied > 0.0 && desired > 0.0 { desired / supplied } else { 0.0 };
        }
    }

    /// What sites could make, of each product and in each zone.
    fn offer(&mut self) {
        for (j, job) in self.net.jobs.iter().enumerate() {
            let most = self.capacities[job.site] * self.recipe[j];
            for (node, amount) in &job.outputs {
                self.supplied[self.market.priced[*node]] += most * amount;
            }
        }
    }

    /// What makers' inputs cost more than at reference prices, and how much room their margins leave.
    fn look_at_costs(&mut self) {
        self.makers.fill(Makers::default());
        for (j, job) in self.net.jobs.iter().enumerate() {
            let (_, cost) = self.basket[j];
            let (value_before, cost_before) = self.basket_before[j];
            let dearer = if value_before > 0.0 { (cost - cost_before) / value_before } else { 0.0 };
            let margin = (self.pays(j) - 1.0) / self.behaviour.closure_band.max(f64::MIN_POSITIVE);
            for (node, amount) in &job.outputs {
                let units = self.asked_units(j, *node).max(LEAST_WEIGHT * self.capacities[job.site] * amount);
                let makers = &mut self.makers[self.market.priced[*node]];
                makers.units += units;
                makers.dearer += units * dearer;
                makers.room += units * margin.clamp(0.0, 1.0);
            }
        }
    }

    fn asked_units(&self, job: usize, node: usize) -> f64 {
        let j = &self.net.jobs[job];
        j.outputs.iter().enumerate().filter(|(_, (of, _))| *of == node).map(|(at, _)| self.asked[j.asked + at]).sum()
    }

    pub fn move_prices(&mut self, week: usize) {
        self.look_at_costs();
        self.offer();
        let model = &self.market.model;
        let b = self.behaviour;
        for (product, p) in model.products.iter().enumerate() {
            for zone in 0..ZONES {
                let at = product * ZONES + zone;
                let (supplied, desired) = (self.supplied[at], self.desired[at]);
                let ratio = match (self.normal[at] > 0.0, supplied > 0.0) {
                    (true, true) => desired / supplied / self.normal[at],
                    (true, false) => MOST,
                    // Nobody made it or nobody asked for it: nothing is known of its price.
                    (false, _) => 1.0,
                };
                let makers = self.makers[at];
                let mean = |sum: f64| if makers.units > 0.0 { sum / makers.units } else { 0.0 };
                let costs = p.price * (1.0 + b.pass_through * mean(makers.dearer)).max(b.price_floor);
                let mut change = b.price_response * ratio.clamp(1.0 / MOST, MOST).ln();
                if change < 0.0 && makers.units > 0.0 {
                    change *= mean(makers.room);
                }
                if self.price[at] > 0.0 {
                    change += b.price_return * (costs / self.price[at]).ln();
                }
                let change = change * MONTHS;
                let before = self.price[at];
                self.price[at] = (before * change.exp()).max(b.price_floor * p.price);
                if before > 0.0 {
                    self.trend[at] += ((self.price[at] / before).ln() - self.trend[at]) / b.price_memory_weeks;
                }
            }
            let passes =
                if self.to_cross[product] > 0.0 { self.crossed[product] / self.to_cross[product] } else { 0.0 };
            self.tie(product, passes.min(1.0), week);
        }
        self.sheet.price.copy_from_slice(&self.price);
    }

    fn tie(&mut self, product: usize, passes: f64, week: usize) {
        let (model, policy) = (&self.market.model, self.policy(week));
        // Duties and freight of the lanes from inside to outside, by reference flow.
        let (mut flows, mut freight, mut duty) = (0.0, 0.0, 0.0);
        for lane in &self.market.outward[product] {
            let flow = self.net.lanes[*lane].flow;
            flows += flow;
            freight += flow * model.lanes[*lane].cost;
            duty += flow * policy.lanes[*lane].duty_rate;
        }
        let (inside, outside) = (self.price[product * ZONES], self.price[product * ZONES + 1]);
        if flows <= 0.0 || inside <= 0.0 || outside <= 0.0 {
            return;
        }
        let landed = inside + (duty * model.products[product].price + freight) / flows;
        let part = 0.5 * (self.behaviour.price_tie * MONTHS * passes).min(1.0);
        let apart = (outside / landed).ln();
        self.price[product * ZONES + 1] = outside * (-part * apart).exp();
        self.price[product * ZONES] = inside * (part * apart).exp();
    }
}
