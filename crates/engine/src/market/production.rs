//! Sites: how much they run, and by which recipe.
//!
//! Joint products are asked for in different amounts: with q_o = asked / units of it per unit of activity, all are wanted up to the
//! least q, only some beyond it. Each slice of activity runs at
//!
//! > r = clamp(1 - (1 - v) / band, 0, 1),   v = value of those outputs that are still wanted / (value of the inputs + cost),
//!
//! with band = `closure_band`, and the activity wanted is the sum over slices of width x r: a plant makes cerium for the sake of
//! neodymium as long as neodymium alone pays, and nothing for the sake of scrap. What did not pay at the reference prices is judged
//! by how it has changed. Activity is limited by the capacity of the site (units a year x D) and by the scarcest input; surplus
//! goes to stock. A site with several recipes moves within `recipe_weeks` to giving each a part of its
//! capacity as (v / best v) to the power `recipe_choice`.
//! Source: SPEC section 1 (`processes.csv`, `sites.csv`); closing below cost is the usual condition for shutting down.

use super::network::{Source, Taker};
use super::state::World;

impl World<'_> {
    /// Units of activity that a site can do in a week.
    fn capacity(&self, site: usize, week: usize) -> f64 {
        let model = &self.market.model;
        model.capacity_per_year(&model.sites[site], self.calendar(week))
            * self.policy(week).remaining[site]
            * self.years
    }

    /// The share of what is asked of each site that it can do, and no less than it must.
    pub fn plan_sites(&mut self, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        self.possible.fill(0.0);
        for (j, job) in net.jobs.iter().enumerate() {
            self.possible[job.site] += self.wanted[j];
        }
        for site in 0..model.sites.len() {
            let (asked, capacity) = (self.possible[site], self.capacity(site, week));
            self.capacities[site] = capacity;
            let least = model.sites[site].minimum * capacity;
            let activity = asked.clamp(least, capacity.max(least));
            self.possible[site] = if asked > 0.0 { activity / asked } else { activity };
        }
        for (j, job) in net.jobs.iter().enumerate() {
            for user in &job.inputs {
                self.claim[*user] = self.wanted[j] * self.possible[job.site] * self.amount(*user);
            }
        }
    }

    /// Runs a job on what its inputs were given.
    pub fn produce(&mut self, job: usize, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        let j = &net.jobs[job];
        let mut activity = self.wanted[job] * self.possible[j.site];
        let jobs = &net.site_jobs[j.site];
        if model.sites[j.site].minimum > 0.0 && jobs.iter().all(|job| self.wanted[*job] == 0.0) && jobs[0] == job {
            // Nobody asks, and it must run all the same: its first job does.
            activity = self.possible[j.site];
        }
        if self.policy(week).stopped.contains(&(j.site, j.process)) {
            activity = 0.0;
        }
        for user in &j.inputs {
            let amount = self.amount(*user);
            activity = activity.min(self.granted[*user] / amount);
        }
        for &line in &net.served[job] {
            let Source::Job { asked, amount, .. } = net.lines[line].source else {
                unreachable!("a job serves its lines")
            };
            self.judge(line, self.asked[asked], activity * amount);
        }
        if activity <= 0.0 {
            return;
        }
        let lead = model.step.lead_steps(model.sites[j.site].lead_days);
        let single = j.inputs.len() == 1;
        for user in &j.inputs {
            let share = activity * self.amount(*user) / self.granted[*user];
            for e in net.users[*user].entries.clone() {
                let units = self.take(e, self.drawn[e] * share, week);
                if single && units > 0.0 {
                    self.put_out(net.entries[e].run, units / self.amount(*user), week, lead);
                }
            }
        }
        if !single {
            self.put_out(j.run, activity, week, lead);
        }
    }

    /// Units that a user takes for one unit of what it does.
    pub fn amount(&self, user: usize) -> f64 {
        match self.net.users[user].taker {
            Taker::Input { amount, .. } | Taker::Demand { amount, .. } => amount,
            Taker::Line(_) => 1.0,
        }
    }

    /// Takes units out of the pool of an entry; as many as there are, should rounding have left fewer.
    pub fn take(&mut self, entry: usize, units: f64, week: usize) -> f64 {
        let e = &self.net.entries[entry];
        let units = units.min(self.pool[e.pool]).max(0.0);
        self.pool[e.pool] -= units;
        if let Some(relabel) = e.relabel {
            self.record.relabel[week * self.market.space.relabels.len() + relabel] += units;
        }
        units
    }

    fn put_out(&mut self, run: usize, activity: f64, week: usize, lead: usize) {
        let (net, space) = (self.net, &self.market.space);
        self.record.activity[week * space.runs.len() + run] += activity;
        let due = week + lead;
        if due >= self.weeks {
            return;
        }
        let region = self.market.model.sites[space.runs[run].site].region;
        for (product, slot, amount) in &space.runs[run].outputs {
            let units = activity * amount;
            let node = region * self.products() + product;
            match due == week {
                true => self.account[node] += units,
                false => self.account_due[due * net.nodes.len() + node] += units,
            }
            match slot.and_then(|slot| net.pool_of[slot]) {
                Some(pool) if due == week => self.pool[pool] += units,
                Some(pool) => self.due[due * net.pools.len() + pool] += units,
                None => {}
            }
        }
    }

    /// Value of what a unit of a job's activity gives, and what it costs, at the prices there are.
    pub fn basket(&self, job: usize, week: usize) -> (f64, f64) {
        let model = &self.market.model;
        let j = &self.net.jobs[job];
        let (site, process) = (&model.sites[j.site], &model.processes[j.process]);
        let value = |list: &[(usize, f64)]| -> f64 {
            list.iter().map(|(product, amount)| amount * self.price_in(*product, site.region)).sum()
        };
        let cost = (site.cost - self.policy(week).support[j.site]).max(0.0) + value(&process.inputs);
        (value(&process.outputs), cost)
    }

    /// Value of a job's outputs over what they cost to make, against what it was before where that did not pay.
    pub fn pays(&self, job: usize, week: usize) -> f64 {
        let (value, cost) = self.basket(job, week);
        if cost > 0.0 { value / cost / self.paid_before[job] } else { f64::INFINITY }
    }

    /// Activity that a job's orders come to.
    pub fn slices(&self, job: usize, week: usize) -> f64 {
        let j = &self.net.jobs[job];
        let region = self.market.model.sites[j.site].region;
        let (_, cost) = self.basket(job, week);
        let cost = cost * self.paid_before[job];
        let asked = |at: usize| self.asked[j.asked + at] / j.outputs[at].1;
        let (mut done, mut activity) = (0.0, 0.0);
        loop {
            // The slice up to the least that is asked for beyond what is done, and the value of what is still wanted in it.
            let (mut next, mut value) = (f64::INFINITY, 0.0);
            for (at, (product, amount)) in j.outputs.iter().enumerate() {
                if asked(at) > done {
                    next = next.min(asked(at));
                    value += amount * self.price_in(*product, region);
                }
            }
            if next == f64::INFINITY {
                return activity;
            }
            let runs = if cost > 0.0 { self.runs_at(value / cost) } else { 1.0 };
            activity += (next - done) * runs;
            if runs == 0.0 {
                return activity;
            }
            done = next;
        }
    }

    /// r of the module's head.
    fn runs_at(&self, v: f64) -> f64 {
        let (below, band) = (1.0 - v, self.behaviour.closure_band);
        if below <= 0.0 {
            1.0
        } else if band > 0.0 {
            (1.0 - below / band).max(0.0)
        } else {
            0.0
        }
    }

    /// The part of its site's capacity that goes to each job; at once, or moving there.
    pub fn choose_recipes(&mut self, week: usize, at_once: bool) {
        let net = self.net;
        let moves = if at_once { 1.0 } else { 1.0 / self.behaviour.recipe_weeks };
        for jobs in net.site_jobs.iter().filter(|jobs| jobs.len() > 1) {
            let best = jobs.iter().map(|job| self.pays(*job, week)).fold(0.0, f64::max);
            let weight = |world: &Self, job: usize| {
                let against = if best > 0.0 && best.is_finite() { world.pays(job, week) / best } else { 1.0 };
                against.powf(world.behaviour.recipe_choice)
            };
            let sum: f64 = jobs.iter().map(|job| weight(self, *job)).sum();
            for &job in jobs {
                let part = weight(self, job) / sum.max(f64::MIN_POSITIVE);
                self.recipe[job] += moves * (part - self.recipe[job]);
            }
        }
    }
}
