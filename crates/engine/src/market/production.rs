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

use super::network::Taker;
use super::state::World;

impl World<'_> {
    /// The share of what is asked of each site that it can do, and no less than it must.
    pub fn plan_sites(&mut self, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        let fixed = self.fixed(week);
        self.possible.fill(0.0);
        for (j, job) in net.jobs.iter().enumerate() {
            self.possible[job.site] += self.wanted[j];
        }
        for site in 0..model.sites.len() {
            let (asked, capacity) = (self.possible[site], fixed.capacity[site] * self.years);
            self.capacities[site] = capacity;
            let least = model.sites[site].minimum * capacity;
            let activity = asked.clamp(least, capacity.max(least));
            self.possible[site] = if asked > 0.0 { activity / asked } else { activity };
        }
        for (j, job) in net.jobs.iter().enumerate() {
            for (user, amount) in &job.inputs {
                self.claim[*user] = self.wanted[j] * self.possible[job.site] * amount;
            }
        }
    }

    /// Runs a job on what its inputs were given.
    pub fn produce(&mut self, job: usize, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        let j = &net.jobs[job];
        let mut activity = self.wanted[job] * self.possible[j.site];
        let jobs = &net.site_jobs[j.site];
        let nobody_asks = activity == 0.0 && jobs.iter().all(|job| self.wanted[*job] == 0.0);
        if nobody_asks && model.sites[j.site].minimum > 0.0 && jobs[0] == job {
            // It must run all the same: its first job does.
            activity = self.possible[j.site];
        }
        if self.policy(week).stopped.contains(&(j.site, j.process)) {
            activity = 0.0;
        }
        for (user, amount) in &j.inputs {
            activity = activity.min(self.granted[*user] / amount);
        }
        for &(line, asked, amount) in &net.served[job] {
            self.judge(line, self.asked[asked], activity * amount);
        }
        if activity <= 0.0 {
            return;
        }
        let single = j.inputs.len() == 1;
        for (user, amount) in &j.inputs {
            let share = activity * amount / self.granted[*user];
            for e in net.users[*user].entries.clone() {
                let units = self.take(e, self.drawn[e] * share);
                if single && units > 0.0 {
                    self.put_out(net.entries[e].run, units / amount, week);
                }
            }
        }
        if !single {
            self.put_out(j.run, activity, week);
        }
    }

    /// Units that a user takes for one unit of what it does.
    pub fn amount(&self, user: usize) -> f64 {
        match self.net.users[user].taker {
            Taker::Input { amount, .. } | Taker::Demand { amount, .. } => amount,
            Taker::Line => 1.0,
        }
    }

    /// Takes units out of the pool of an entry; as many as there are, should rounding have left fewer.
    pub fn take(&mut self, entry: usize, units: f64) -> f64 {
        let e = &self.net.entries[entry];
        let units = units.min(self.pool[e.pool]).max(0.0);
        self.pool[e.pool] -= units;
        if let Some(relabel) = e.relabel {
            self.record.relabel.add(relabel, units);
        }
        units
    }

    fn put_out(&mut self, run: usize, activity: f64, week: usize) {
        let net = self.net;
        self.record.activity.add(run, activity);
        let due = week + net.runs[run].lead;
        for output in &net.runs[run].outputs {
            let units = activity * output.amount;
            match due == week {
                true => self.account[output.node] += units,
                false => self.account_due.add(due, output.node, units),
            }
            match output.pool {
                Some(pool) if due == week => self.pool[pool] += units,
                Some(pool) => self.due.add(due, pool, units),
                None => {}
            }
        }
    }

    /// Value of what a unit of each job's activity gives, and what it costs, at the prices there are.
    pub fn weigh(&mut self, week: usize) {
        let model = &self.market.model;
        let support = &self.policy(week).support;
        for (at, job) in self.net.jobs.iter().enumerate() {
            let (site, process) = (&model.sites[job.site], &model.processes[job.process]);
            let value = |list: &[(usize, f64)]| -> f64 {
                list.iter().map(|(product, amount)| amount * self.price_in(*product, site.region)).sum()
            };
            let cost = (site.cost - support[job.site]).max(0.0) + value(&process.inputs);
            self.basket[at] = (value(&process.outputs), cost);
        }
    }

    /// Value of a job's outputs over what they cost to make, against what it was before where that did not pay.
    pub fn pays(&self, job: usize) -> f64 {
        let (value, cost) = self.basket[job];
        if cost > 0.0 { value / cost / self.paid_before[job] } else { f64::INFINITY }
    }

    /// Activity that a job's orders come to.
    pub fn slices(&mut self, job: usize) -> f64 {
        let j = &self.net.jobs[job];
        let (_, cost) = self.basket[job];
        let cost = cost * self.paid_before[job];
        for (at, (_, amount)) in j.outputs.iter().enumerate() {
            self.asked_activity[j.asked + at] = self.asked[j.asked + at] / amount;
        }
        let (mut done, mut activity) = (0.0, 0.0);
        loop {
            // The slice up to the least that is asked for beyond what is done, and the value of what is still wanted in it.
            let (mut next, mut value) = (f64::INFINITY, 0.0);
            for (asked, (node, amount)) in self.asked_activity[j.asked..].iter().zip(&j.outputs) {
                if *asked > done {
                    next = next.min(*asked);
                    value += amount * self.price[self.market.priced[*node]];
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
    pub fn choose_recipes(&mut self, at_once: bool) {
        let net = self.net;
        let moves = if at_once { 1.0 } else { 1.0 / self.behaviour.recipe_weeks };
        for jobs in net.site_jobs.iter().filter(|jobs| jobs.len() > 1) {
            let best = jobs.iter().map(|job| self.pays(*job)).fold(0.0, f64::max);
            let mut sum = 0.0;
            for &job in jobs {
                let against = if best > 0.0 && best.is_finite() { self.pays(job) / best } else { 1.0 };
                self.weight[job] = if against == 1.0 { 1.0 } else { against.powf(self.behaviour.recipe_choice) };
                sum += self.weight[job];
            }
            for &job in jobs {
                let part = self.weight[job] / sum.max(f64::MIN_POSITIVE);
                self.recipe[job] += moves * (part - self.recipe[job]);
            }
        }
    }
}
