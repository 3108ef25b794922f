//! Sending what lines were given, within what lanes and measures let pass.
//!
//! The limits are those of SPEC section 3, in the step of sending: capacity and growth of the lane, the share that a control
//! allows, quotas over several lanes, tagged units under content-rules, and what may be re-exported. Where more is to be sent
//! than may be, all that counts against the limit shrinks by one factor. Where a control refuses military use, goods for those
//! who may take them with the tag `civil` carry it, and leave what may stay free to others.

use super::state::World;

impl World<'_> {
    pub fn send(&mut self, node: usize, week: usize) {
        let (net, model) = (self.net, &self.market.model);
        if net.nodes[node].lanes.is_empty() {
            return;
        }
        for &lane in &net.nodes[node].lanes {
            self.limit(lane, week);
        }
        // What leaves again of what came is limited by the account.
        let counted = net.nodes[node].receives && model.products[node % self.products()].reexport < 1.0;
        let factor = if counted { self.may_leave(node) } else { 1.0 };
        for &lane in &net.nodes[node].lanes {
            self.dispatch(lane, week, factor);
        }
    }

    /// The share of what is to leave a node that may be re-exported.
    fn may_leave(&self, node: usize) -> f64 {
        let of_lane = |lane: &usize| self.net.lanes[*lane].entries.iter().map(|e| self.sending[*e]).sum::<f64>();
        let leaving: f64 = self.net.nodes[node].lanes.iter().map(of_lane).sum();
        if leaving > self.account[node] { self.account[node].max(0.0) / leaving } else { 1.0 }
    }

    /// What is claimed of each quota this week.
    pub fn claim_quotas(&mut self, week: usize) {
        for (q, (_, lanes, _)) in self.policy(week).quotas.iter().enumerate() {
            self.quota_claims[q] = lanes.iter().map(|lane| self.claimed(*lane)).sum();
        }
    }

    /// Units that the lines of a lane claim.
    fn claimed(&self, lane: usize) -> f64 {
        self.net.lanes[lane].lines.iter().map(|(_, user)| self.claim[*user]).sum()
    }

    /// Units that a lane can carry in a week, whatever measures say: its capacity, and what it has grown to.
    pub fn carries(&self, lane: usize, week: usize) -> f64 {
        let l = &self.net.lanes[lane];
        let grown = l.growth.map_or(f64::INFINITY, |growth| l.flow + growth * self.fixed(week).years);
        l.capacity.min(grown) * self.years
    }

    /// Sets what each entry of a lane may send.
    fn limit(&mut self, lane: usize, week: usize) {
        let (net, space) = (self.net, &self.market.space);
        let policy = self.policy(week);
        let limits = &policy.lanes[lane];
        let mut any = false;
        for &entry in &net.lanes[lane].entries {
            self.sending[entry] = 0.0;
            if self.drawn[entry] == 0.0 {
                continue;
            }
            any = true;
            let e = &net.entries[entry];
            let sent = |c: usize| space.crossings[c].sent;
            self.marked[entry] = e.civil.is_some_and(|c| limits.sets_civil(sent(c)));
            if self.marked[entry] || e.plain.is_some() {
                self.sending[entry] = self.drawn[entry];
            }
        }
        if !any {
            return;
        }
        let mut most = self.carries(lane, week).min(limits.limit.unwrap_or(f64::INFINITY) * self.years);
        for (q, (_, lanes, amount)) in policy.quotas.iter().enumerate() {
            // Each lane gets the share of the quota that it has of what is asked for.
            if self.quota_claims[q] > 0.0 && lanes.binary_search(&lane).is_ok() {
                most = most.min(amount * self.years * self.claimed(lane) / self.quota_claims[q]);
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
    }

    /// The crossing that an entry sends by.
    fn crossing(&self, entry: usize) -> Option<usize> {
        let e = &self.net.entries[entry];
        if self.marked[entry] { e.civil } else { e.plain }
    }

    /// Lowers what counts against a limit to it, all by one factor.
    fn shrink(&mut self, lane: usize, most: f64, counts: impl Fn(&Self, usize, usize) -> bool) {
        if most == f64::INFINITY {
            return;
        }
        let entries = &self.net.lanes[lane].entries;
        let counted = |world: &Self, entry: usize| world.crossing(entry).is_some_and(|c| counts(world, entry, c));
        let sum: f64 = entries.iter().filter(|e| counted(self, **e)).map(|e| self.sending[*e]).sum();
        if sum > most {
            for entry in entries {
                if counted(self, *entry) {
                    self.sending[*entry] *= most / sum;
                }
            }
        }
    }

    /// Takes what is sent out of the pools and puts it under way; line by line, what was claimed and what went.
    fn dispatch(&mut self, lane: usize, week: usize, factor: f64) {
        let net = self.net;
        let l = &net.lanes[lane];
        let due = week + self.market.horizon.leads[self.fixed(week).policy][lane];
        let (from, to) = (self.market.priced[l.from], self.market.priced[l.to]);
        for &(line, user) in &l.lines {
            let mut sent = 0.0;
            for entry in net.users[user].entries.clone() {
                if self.sending[entry] > 0.0
                    && let Some(crossing) = self.crossing(entry)
                {
                    let units = self.take(entry, self.sending[entry] * factor);
                    self.sending[entry] = units;
                    self.record.flow.add(crossing, units);
                    self.account[l.from] -= units;
                    if let Some(pool) = net.arrives[crossing] {
                        self.bring(line, lane, pool, units, week, due);
                    }
                }
                sent += self.sending[entry];
            }
            self.sent_by(line, user, lane, sent, week);
            if from != to {
                self.to_cross[l.product] += self.claim[user].max(sent);
                self.desired[from] += self.claim[user];
                self.supplied[to] += sent;
            }
        }
    }

    /// Puts units of a line under way to a pool.
    fn bring(&mut self, line: usize, lane: usize, pool: usize, units: f64, week: usize, due: usize) {
        let l = &self.net.lanes[lane];
        let counted = units * self.market.model.products[l.product].reexport;
        if self.market.priced[l.from] != self.market.priced[l.to] {
            self.crossed[l.product] += units;
        }
        if due == week {
            self.pool[pool] += units;
            self.account[l.to] += counted;
            return;
        }
        self.under_way[line] += units;
        self.due.add(due, pool, units);
        self.account_due.add(due, l.to, counted);
        self.line_due.add(due, line, units);
    }
}
