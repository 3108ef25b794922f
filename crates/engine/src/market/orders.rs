//! Orders: what desks ask of whom.
//!
//! A desk orders what it uses and a part of what it lacks,
//!
//! > order = max(0, use + (cover x use - stock + use x lead - under way - waiting for licences) / `order_weeks`), units a week
//!
//! with the use of a week smoothed over `forecast_weeks` (as it is, where nothing can be kept), and cover x use no more than can be
//! kept. It shares the order among its suppliers by past trade (`flow` of a lane, capacity of a site; `new_supplier_share` of it
//! where there was none) times the trust w in each. Of a supplier that delivered the part d of what was asked,
//!
//! > w <- w x (1 - (1 - d) / T) where d < 1,   w + (1 - w) / T where all came,   T = `trust_weeks`,
//!
//! so that orders go on moving until nobody is short beside another who is idle; with w following d alone they would rest before.
//! Desks order from products back to ore, so that what one asks is known to the next.
//! Source: order-up-to rules with smoothing, as in Sterman, Business Dynamics (2000), chapters 17 and 18.

use super::network::{Source, Taker};
use super::state::World;

impl World<'_> {
    /// Everybody's orders in a world where nothing happens: what is used, from products back to ore. Done until it no
    /// longer changes; then stocks say what cover each desk had.
    pub fn settle(&mut self) {
        let net = self.net;
        self.weigh(0);
        for job in 0..net.jobs.len() {
            self.paid_before[job] = self.pays(job).min(1.0);
        }
        self.ask_for_needs(0);
        self.choose_recipes(true);
        self.share_orders(0);
        for _ in 0..ROUNDS {
            let mut changed = false;
            self.asked.fill(0.0);
            for &node in net.order.iter().rev() {
                for &desk in &net.nodes[node].desks {
                    let (used, _) = self.used(desk);
                    changed |= used != self.use_a_week[desk];
                    self.use_a_week[desk] = used;
                    self.ordered[desk] = self.use_a_week[desk];
                    self.place(desk, None);
                }
                for &job in &net.nodes[node].ordered {
                    let wanted = self.slices(job);
                    changed |= wanted != self.wanted[job];
                    self.wanted[job] = wanted;
                }
            }
            if !changed {
                break;
            }
        }
        for (desk, d) in net.desks.iter().enumerate() {
            let used = self.use_a_week[desk];
            // Where several desks take from the same pools, each has its part by what it uses.
            let part = |pool: &usize| {
                let all: f64 = net.pools[*pool].desks.iter().map(|desk| self.use_a_week[*desk]).sum();
                if all > 0.0 { self.pool[*pool] * used / all } else { 0.0 }
            };
            let stock: f64 = d.pools.iter().map(part).sum();
            self.quiet_cover[desk] = match d.keeps {
                true if stock > 0.0 && used > 0.0 => stock / used,
                true => self.behaviour.cover_weeks,
                false => 0.0,
            };
            self.cover[desk] = self.quiet_cover[desk];
            self.target[desk] = self.cover[desk] * used;
        }
        self.settle_prices();
        // Orders of the first week meet the controls of the first week.
        for line in 0..net.lines.len() {
            if let Source::Lane { lane, user } = net.lines[line].source {
                self.apply(line, user, lane, self.claim[user], 0);
            }
        }
    }

    /// Units that those who take at a desk want in a week, and the part of it that stays in the region.
    pub fn used(&self, desk: usize) -> (f64, f64) {
        let (mut used, mut here) = (0.0, 0.0);
        for (user, taker) in &self.net.desks[desk].takers {
            let (wants, stays) = match taker {
                Taker::Input { job, amount } => (self.wanted[*job] * amount, true),
                Taker::Demand { .. } => (self.claim[*user], true),
                Taker::Line => (self.claim[*user], false),
            };
            used += wants;
            here += if stays { wants } else { 0.0 };
        }
        (used, here)
    }

    /// Orders for next week.
    pub fn order(&mut self, week: usize) {
        let net = self.net;
        self.weigh(week);
        self.choose_recipes(false);
        self.expect_rises();
        self.share_orders(week);
        self.asked.fill(0.0);
        for &node in net.order.iter().rev() {
            for &desk in &net.nodes[node].desks {
                self.order_at(desk, week);
            }
            for &job in &net.nodes[node].ordered {
                self.wanted[job] = self.slices(job);
            }
        }
    }

    fn order_at(&mut self, desk: usize, week: usize) {
        let (b, net) = (self.behaviour, self.net);
        let (used, here) = self.used(desk);
        self.use_a_week[desk] += (used - self.use_a_week[desk]) / b.forecast_weeks;
        let use_a_week = self.use_a_week[desk];
        self.cover[desk] = self.wanted_cover(desk, week);
        let target = (self.cover[desk] * use_a_week).min(self.room(desk));
        let stock = self.kept(desk);
        let mut gap = if net.desks[desk].keeps { target - stock } else { 0.0 };
        for line in net.desks[desk].lines.clone() {
            gap += use_a_week * self.share[line] * self.lead[line] - self.under_way[line] - self.waiting[line];
        }
        self.target[desk] = if net.desks[desk].keeps { target } else { 0.0 };
        self.refill[desk] = ((self.target[desk] - stock) / b.order_weeks).max(0.0);
        // A rehearsal is of trade, not of stocks.
        let gap = if self.rehearsal { 0.0 } else { gap };
        // Where nothing can be kept, what is used is ordered, and not what was used on average.
        let basis = if net.desks[desk].keeps { use_a_week } else { used };
        self.ordered[desk] = (basis + gap / b.order_weeks).max(0.0);
        (self.sheet.stock[desk], self.sheet.used[desk], self.sheet.target[desk]) = (stock, use_a_week, target);
        let placed = self.place(desk, Some(week));
        let here = if used > 0.0 { here / used } else { 0.0 };
        self.desired[self.market.priced[net.desks[desk].node]] += placed * here;
    }

    /// Puts the order of a desk to its lines, no more to a lane than it can carry; without a week, in the world where nothing
    /// happens. Gives the units ordered.
    fn place(&mut self, desk: usize, week: Option<usize>) -> f64 {
        let net = self.net;
        let mut placed = 0.0;
        for line in net.desks[desk].lines.clone() {
            let mut order = self.ordered[desk] * self.share[line];
            if let Source::Lane { lane, .. } = net.lines[line].source {
                order = order.min(self.carries(lane, week.unwrap_or(0)));
            }
            placed += order;
            match (net.lines[line].source, week) {
                (Source::Job { asked, .. }, _) => self.asked[asked] += order,
                (Source::Lane { user, .. }, None) => self.claim[user] = order,
                (Source::Lane { lane, user }, Some(week)) => {
                    self.apply(line, user, lane, order, (week + 1).min(self.weeks - 1))
                }
            }
        }
        placed
    }

    /// The share of each line in its desk's orders.
    fn share_orders(&mut self, week: usize) {
        let (net, new) = (self.net, self.behaviour.new_supplier_share);
        let capacity = &self.fixed(week).capacity;
        for desk in &net.desks {
            let mut all = 0.0;
            for line in desk.lines.clone() {
                let past = match net.lines[line].source {
                    Source::Lane { lane, .. } => net.lanes[lane].flow,
                    Source::Job { job, amount, .. } => capacity[net.jobs[job].site] * self.recipe[job] * amount,
                };
                self.share[line] = past;
                all += past;
            }
            let least = if all > 0.0 { new * all } else { 1.0 };
            let mut sum = 0.0;
            for line in desk.lines.clone() {
                let past = self.share[line];
                let shut = past == 0.0 && matches!(net.lines[line].source, Source::Job { .. });
                self.share[line] = if shut { 0.0 } else { past.max(least) * self.trust[line] };
                sum += self.share[line];
            }
            for line in desk.lines.clone() {
                self.share[line] = if sum > 0.0 { self.share[line] / sum } else { 0.0 };
            }
        }
    }

    /// What a line delivered of what was asked of it is remembered.
    pub fn judge(&mut self, line: usize, asked: f64, delivered: f64) {
        if asked > 0.0 {
            let (share, trust) = ((delivered / asked).min(1.0), self.trust[line]);
            let change = if share < ALL { trust * (share - 1.0) } else { 1.0 - trust };
            self.trust[line] = (trust + change / self.behaviour.trust_weeks).max(LEAST_TRUST);
        }
    }

    /// What a desk can keep: its part of the warehouse, by what is used.
    fn room(&self, desk: usize) -> f64 {
        let (net, node) = (self.net, self.net.desks[desk].node);
        let stock = net.nodes[node].pools.first().and_then(|pool| net.pools[*pool].stock);
        let Some(capacity) = stock.and_then(|stock| self.market.model.stocks[stock].capacity) else {
            return f64::INFINITY;
        };
        let all: f64 = net.nodes[node].desks.iter().map(|other| self.use_a_week[*other]).sum();
        if all > 0.0 { capacity * self.use_a_week[desk] / all } else { capacity }
    }
}

/// Rounds after which orders of all tiers have settled at the latest; loops of recycling shrink by their yield in each.
const ROUNDS: usize = 40;

/// Whoever delivers this part of an order has delivered all of it.
const ALL: f64 = 0.99;

/// A supplier is never quite forgotten.
const LEAST_TRUST: f64 = 1e-3;
