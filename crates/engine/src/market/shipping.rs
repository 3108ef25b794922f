//! Sending what lines were given, within what lanes and measures let pass.
//!
//! The limits are those of SPEC section 3, in the step of sending: capacity and growth of the lane, the share that a control
//! allows, quotas over several lanes, tagged units under content-rules, and what may be re-exported. Where more is to be sent
//! than may be, all that counts against the limit shrinks by one factor. Where a control refuses military use, goods for those
//! who may take them with the tag `civil` carry it, and leave what may stay free to others.

use super::network::{Source, Taker};
use super::state::{World, ZONES};

impl World<'_> {
    pub fn send(&mut self, node: usize, week: usize) {
        let (net, model) = (self.net, &self.market.model);
        if net.nodes[node].lanes.is_empty() {
            return;
        }
        let mut leaving = 0.0;
        for &lane in &net.nodes[node].lanes {
            leaving += self.limit(lane, week);
        }
        let product = node % self.products();
        let counted = model.products[product].reexport < 1.0 && self.receives(node);
        let factor = if counted && leaving > self.account[node] { self.account[node].max(0.0) / leaving } else { 1.0 };
        for &lane in &net.nodes[node].lanes {
            self.dispatch(lane, week, factor);
        }
    }

    fn receives(&self, node: usize) -> bool {
        let (region, product) = (node / self.products(), node % self.products());
        self.market.model.lanes.iter().any(|lane| (lane.to, lane.product) == (region, product))
    }

    /// Units that a lane can carry in a week, whatever measures say: its capacity, and what it has grown to.
    pub fn carries(&self, lane: usize, week: usize) -> f64 {
        let l = &self.market.model.lanes[lane];
        let years = self.calendar(week) as f64 * self.years;
        let growth = l.growth.map(|growth| l.flow.unwrap_or(0.0) + growth * years);
        l.capacity.unwrap_or(f64::INFINITY).min(growth.unwrap_or(f64::INFINITY)) * self.years
    }

    /// Sets what each entry of a lane may send; gives the sum.
    fn limit(&mut self, lane: usize, week: usize) -> f64 {
        let (net, space) = (self.net, &self.market.space);
        let policy = self.policy(week);
        let limits = &policy.lanes[lane];
        let entries = &net.lane_entries[lane];
        for &(_, entry) in entries {
            let e = &net.entries[entry];
            let sent = |c: usize| space.crossings[c].sent;
            self.marked[entry] = e.civil.is_some_and(|c| limits.sets_civil(sent(c)));
            self.sending[entry] = if self.marked[entry] || e.plain.is_some() { self.drawn[entry] } else { 0.0 };
        }
        let mut most = self.carries(lane, week).min(limits.limit.unwrap_or(f64::INFINITY) * self.years);
        for (_, lanes, amount) in policy.quotas.iter().filter(|(_, lanes, _)| lanes.binary_search(&lane).is_ok()) {
            // Each lane gets the share of the quota that it has of what is asked for.
            let asked = |l: &usize| net.lane_entries[*l].iter().map(|(user, _)| *user);
            let claims = |l: &usize| -> f64 {
                let mut last = usize::MAX;
                asked(l)
                    .map(|user| if std::mem::replace(&mut last, user) == user { 0.0 } else { self.claim[user] })
                    .sum()
            };
            let all: f64 = lanes.iter().map(claims).sum();
            if all > 0.0 {
                most = most.min(amount * self.years * claims(&lane) / all);
            }
        }
        self.shrink(lane, most, |_, _, _| true);
        if let Some(free) = limits.free_limit {
            self.shrink(lane, free * self.years, |world, entry, crossing| {
                !world.marked[entry] && world.market.space.crossings[crossing].stays_free
            });
        }
        for (tag, limit) in &limits.tagged_limits {
            self.shrink(lane, limit * self.years, |world, _, crossing| {
                world.market.space.crossings[crossing].sent & tag != 0
            });
        }
        for (tag, limit) in &limits.tagged_free_limits {
            self.shrink(lane, limit * self.years, |world, entry, crossing| {
                let c = &world.market.space.crossings[crossing];
                !world.marked[entry] && c.stays_free && c.sent & tag != 0
            });
        }
        net.lane_entries[lane].iter().map(|(_, entry)| self.sending[*entry]).sum()
    }

    /// The crossing that an entry sends by.
    fn crossing(&self, entry: usize) -> Option<usize> {
        let e = &self.net.entries[entry];
        if self.marked[entry] { e.civil } else { e.plain }
    }

    /// Lowers what counts against a limit to it, all by one factor.
    fn shrink(&mut self, lane: usize, most: f64, counts: impl Fn(&Self, usize, usize) -> bool) {
        let entries = &self.net.lane_entries[lane];
        let counted = |world: &Self, entry: usize| world.crossing(entry).is_some_and(|c| counts(world, entry, c));
        let sum: f64 = entries.iter().filter(|(_, e)| counted(self, *e)).map(|(_, e)| self.sending[*e]).sum();
        if sum > most {
            for (_, entry) in entries {
                if counted(self, *entry) {
                    self.sending[*entry] *= most / sum;
                }
            }
        }
    }

    /// Takes what is sent out of the pools and puts it under way.
    fn dispatch(&mut self, lane: usize, week: usize, factor: f64) {
        let (net, model, space) = (self.net, &self.market.model, &self.market.space);
        let l = &model.lanes[lane];
        let due = week + model.step.lead_steps(l.lead_days + self.policy(week).lanes[lane].delay_days);
        let (from, to) = (self.zone(l.product, l.from), self.zone(l.product, l.to));
        let products = self.products();
        for &(user, entry) in &net.lane_entries[lane] {
            let Taker::Line(line) = net.users[user].taker else { unreachable!("lanes are taken for by lines") };
            let Some(crossing) = self.crossing(entry).filter(|_| self.sending[entry] > 0.0) else { continue };
            let units = self.take(entry, self.sending[entry] * factor, week);
            self.sending[entry] = units;
            self.record.flow[week * space.crossings.len() + crossing] += units;
            self.account[l.from * products + l.product] -= units;
            let Some(pool) = space.crossings[crossing].to.and_then(|slot| net.pool_of[slot]) else { continue };
            let node = l.to * products + l.product;
            let counted = units * model.products[l.product].reexport;
            if from != to {
                self.crossed[l.product] += units;
            }
            if due == week {
                self.pool[pool] += units;
                self.account[node] += counted;
            } else if due < self.weeks {
                self.due[due * net.pools.len() + pool] += units;
                self.account_due[due * net.nodes.len() + node] += counted;
            }
            if due > week {
                self.under_way[line] += units;
                if due < self.weeks {
                    self.line_due[due * net.lines.len() + line] += units;
                }
            }
        }
        let mut at = 0;
        let entries = &net.lane_entries[lane];
        // Line by line: what was asked, what went.
        while at < entries.len() {
            let user = entries[at].0;
            let mut sent = 0.0;
            while at < entries.len() && entries[at].0 == user {
                sent += self.sending[entries[at].1];
                at += 1;
            }
            let Taker::Line(line) = net.users[user].taker else { unreachable!("lanes are taken for by lines") };
            let Source::Lane { .. } = net.lines[line].source else { unreachable!("a user of a lane's line") };
            self.sent_by(line, user, lane, sent, week);
            if from != to {
                self.to_cross[l.product] += self.claim[user].max(sent);
                self.desired[l.product * ZONES + from] += self.claim[user];
                self.supplied[l.product * ZONES + to] += sent;
            }
        }
    }
}
