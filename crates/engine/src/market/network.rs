//! Who may take what from whom: the space of a run, seen by those who order.
//!
//! A *pool* is a slot in which goods are kept. A *desk* orders for all who take from the same pools of a region; a *user* takes:
//! an input of a *job* (a process at a site), a *line* to a desk elsewhere, or a demand. What a job makes and what a line brings
//! lies in the pools of the desk that ordered it, tags and all, so that whoever needs goods without a tag orders only from those
//! who can make them.

use std::collections::HashMap;
use std::ops::Range;

use coercivity_model::Model;
use coercivity_model::model::{EndUse, StockKind};

use super::Horizon;
use crate::space::{SlotId, Space};

pub struct Pool {
    pub slot: SlotId,
    pub node: usize,
    /// Row of `stocks.csv` in which goods can be kept from week to week.
    pub stock: Option<usize>,
    /// (user, entry) of those who take from it.
    pub takers: Vec<(usize, usize)>,
    pub desks: Vec<usize>,
}

pub struct Desk {
    pub node: usize,
    pub pools: Vec<usize>,
    pub users: Vec<usize>,
    pub lines: Vec<usize>,
    /// Whether anything can be kept.
    pub keeps: bool,
}

/// In which order those who take are served, as far as rank counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    Defence,
    Home,
    Ally,
    Other,
}

#[derive(Clone, Copy, Debug)]
pub enum Taker {
    Input {
        job: usize,
        amount: f64,
    },
    Line(usize),
    /// By an option of a demand.
    Demand {
        amount: f64,
    },
}

pub struct User {
    pub taker: Taker,
    pub desk: usize,
    pub rank: Rank,
    pub entries: Range<usize>,
}

/// One pool that a user takes from, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub pool: usize,
    /// Its units treated as having more tags, where a run, crossing or demand draws from several slots.
    pub relabel: Option<usize>,
    /// The run that uses it.
    pub run: usize,
    /// The crossing that sends it as it is, and the one that sets `civil`.
    pub plain: Option<usize>,
    pub civil: Option<usize>,
}

pub struct Job {
    pub site: usize,
    pub process: usize,
    /// Its users, an input each; one run on all of them, or with a single input a run for each entry.
    pub inputs: Vec<usize>,
    /// The run of a job with no input or with several.
    pub run: usize,
    /// (product, units per unit of activity), and where what is asked of each stands in `asked`.
    pub outputs: Vec<(usize, f64)>,
    pub asked: usize,
}

#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// The user that takes for the line at the desk it orders from.
    Lane { lane: usize, user: usize },
    /// Position of the output in `asked`, and its units per unit of activity.
    Job { job: usize, asked: usize, amount: f64 },
}

pub struct Line {
    pub desk: usize,
    pub source: Source,
}

/// A region and product with pools.
#[derive(Default)]
pub struct Node {
    /// Those that fewest desks take from first.
    pub pools: Vec<usize>,
    pub desks: Vec<usize>,
    /// Lanes that leave.
    pub lanes: Vec<usize>,
    /// Jobs that run here, whose inputs have been shared out.
    pub jobs: Vec<usize>,
    /// Jobs of which all orders are known once the desks here, coming from the end, have ordered.
    pub ordered: Vec<usize>,
}

pub struct Network {
    pub pools: Vec<Pool>,
    pub desks: Vec<Desk>,
    pub users: Vec<User>,
    pub entries: Vec<Entry>,
    pub jobs: Vec<Job>,
    pub lines: Vec<Line>,
    pub nodes: Vec<Node>,
    /// Nodes with pools, from ore to product.
    pub order: Vec<usize>,
    /// Jobs that run when all else is done: an input of theirs is made from what they make.
    pub last: Vec<usize>,
    pub asked: usize,
    /// Pool of a slot.
    pub pool_of: Vec<Option<usize>>,
    /// Entries of a lane, of all its lines.
    pub lane_entries: Vec<Vec<(usize, usize)>>,
    /// Jobs of a site.
    pub site_jobs: Vec<Vec<usize>>,
    /// Lines that a job makes for.
    pub served: Vec<Vec<usize>>,
    /// The users of a demand's option under a policy, by [`Network::use_of`]; `None` = it cannot be had.
    uses: Vec<Option<Vec<usize>>>,
    options: Vec<usize>,
    option_count: usize,
}

impl Network {
    pub fn new(model: &Model, space: &Space, horizon: &Horizon) -> Network {
        Weaver::new(model, space).weave(horizon)
    }

    /// The users of a demand's option under a policy; `None` = a product that never comes, or never as it must be.
    pub fn users_of(&self, policy: usize, demand: usize, option: usize) -> Option<&[usize]> {
        self.uses[policy * self.option_count + self.options[demand] + option].as_deref()
    }

    /// Position of an option among those of all demands.
    pub fn option(&self, demand: usize, option: usize) -> usize {
        self.options[demand] + option
    }

    pub fn option_count(&self) -> usize {
        self.option_count
    }
}

struct Weaver<'a> {
    model: &'a Model,
    space: &'a Space,
    net: Network,
    /// Where a slot draws from.
    sources: Vec<Vec<(usize, Option<usize>)>>,
    runs_into: HashMap<usize, Vec<usize>>,
    crossings_into: HashMap<usize, Vec<usize>>,
    desk_of: HashMap<Vec<usize>, usize>,
    job_of: HashMap<Vec<usize>, usize>,
    user_of: HashMap<(usize, usize, usize, SlotId), usize>,
}

impl<'a> Weaver<'a> {
    fn new(model: &'a Model, space: &'a Space) -> Weaver<'a> {
        let products = model.products.len();
        let mut pools: Vec<Pool> = Vec::new();
        let mut pool_of = vec![None; space.slots.len()];
        for (s, slot) in space.slots.iter().enumerate().filter(|(_, slot)| slot.kept) {
            pool_of[s] = Some(pools.len());
            let is_here = |row: &coercivity_model::model::Stock| {
                (row.region, row.product, row.kind) == (slot.region, slot.product, StockKind::Commercial)
            };
            let stock = model.stocks.iter().position(is_here);
            let node = slot.region * products + slot.product;
            pools.push(Pool { slot: s, node, stock, takers: Vec::new(), desks: Vec::new() });
        }
        let mut sources: Vec<Vec<(usize, Option<usize>)>> =
            pool_of.iter().map(|pool: &Option<usize>| pool.iter().map(|p| (*p, None)).collect()).collect();
        for (r, (from, to)) in space.relabels.iter().enumerate() {
            sources[*to].extend(pool_of[*from].map(|pool| (pool, Some(r))));
        }
        let (mut runs_into, mut crossings_into) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (r, run) in space.runs.iter().enumerate() {
            for slot in run.outputs.iter().filter_map(|(_, slot, _)| *slot) {
                runs_into.entry(slot).or_default().push(r);
            }
        }
        for (c, crossing) in space.crossings.iter().enumerate() {
            if let Some(slot) = crossing.to {
                crossings_into.entry(slot).or_default().push(c);
            }
        }
        let option_count = model.demands.iter().map(|d| d.options.len()).sum();
        let options = model.demands.iter().scan(0, |at, d| {
            *at += d.options.len();
            Some(*at - d.options.len())
        });
        let net = Network {
            pools,
            desks: Vec::new(),
            users: Vec::new(),
            entries: Vec::new(),
            jobs: Vec::new(),
            lines: Vec::new(),
            nodes: (0..model.regions.len() * products).map(|_| Node::default()).collect(),
            order: Vec::new(),
            last: Vec::new(),
            asked: 0,
            pool_of,
            lane_entries: vec![Vec::new(); model.lanes.len()],
            site_jobs: vec![Vec::new(); model.sites.len()],
            served: Vec::new(),
            uses: Vec::new(),
            options: options.collect(),
            option_count,
        };
        let (desk_of, job_of, user_of) = (HashMap::new(), HashMap::new(), HashMap::new());
        Weaver { model, space, net, sources, runs_into, crossings_into, desk_of, job_of, user_of }
    }

    fn weave(mut self, horizon: &Horizon) -> Network {
        for policy in &horizon.policies {
            for d in 0..self.model.demands.len() {
                for option in 0..self.model.demands[d].options.len() {
                    let users = self.demand(policy, d, option);
                    self.net.uses.push(users);
                }
            }
        }
        // What must run whoever asks for it.
        for (r, run) in self.space.runs.iter().enumerate() {
            if self.model.sites[run.site].minimum > 0.0 {
                self.job(vec![r]);
            }
        }
        // A desk finds its suppliers, and they are desks that find theirs.
        let mut next = 0;
        while next < self.net.desks.len() {
            self.supply(next);
            next += 1;
        }
        self.arrange();
        self.net
    }

    fn demand(&mut self, policy: &crate::policy::StepPolicy, d: usize, option: usize) -> Option<Vec<usize>> {
        let demand = &self.model.demands[d];
        let uses = &demand.options[option].uses;
        let slot = |(product, amount): &(usize, f64)| {
            let allowed = !policy.banned(self.model, d, *product);
            Some((*product, self.space.draw(demand.region, *product, allowed)?, *amount))
        };
        let drawn: Vec<(usize, SlotId, f64)> = uses.iter().map(slot).collect::<Option<_>>()?;
        let rank = if demand.end_use == EndUse::Military { Rank::Defence } else { Rank::Home };
        let users = drawn.into_iter().map(|(product, slot, amount)| {
            let key = (d, option, product, slot);
            if let Some(user) = self.user_of.get(&key) {
                return *user;
            }
            let entry = |(pool, relabel): &(usize, Option<usize>)| Entry {
                pool: *pool,
                relabel: *relabel,
                run: 0,
                plain: None,
                civil: None,
            };
            let entries = self.sources[slot].iter().map(entry).collect();
            let user = self.user(Taker::Demand { amount }, rank, entries);
            self.user_of.insert(key, user);
            user
        });
        Some(users.collect())
    }

    fn user(&mut self, taker: Taker, rank: Rank, mut entries: Vec<Entry>) -> usize {
        entries.sort_by_key(|entry| entry.pool);
        let desk = self.desk(entries.iter().map(|entry| entry.pool).collect());
        let (user, first) = (self.net.users.len(), self.net.entries.len());
        for (at, entry) in entries.iter().enumerate() {
            self.net.pools[entry.pool].takers.push((user, first + at));
        }
        self.net.entries.extend(entries);
        self.net.users.push(User { taker, desk, rank, entries: first..self.net.entries.len() });
        self.net.desks[desk].users.push(user);
        user
    }

    fn desk(&mut self, pools: Vec<usize>) -> usize {
        if let Some(desk) = self.desk_of.get(&pools) {
            return *desk;
        }
        let desk = self.net.desks.len();
        let node = self.net.pools[pools[0]].node;
        for pool in &pools {
            self.net.pools[*pool].desks.push(desk);
        }
        let keeps = self.net.pools[pools[0]].stock.is_some();
        self.net.nodes[node].desks.push(desk);
        self.desk_of.insert(pools.clone(), desk);
        self.net.desks.push(Desk { node, pools, users: Vec::new(), lines: Vec::new(), keeps });
        desk
    }

    /// The lines of a desk: sites of the region that make what it takes, and lanes that bring it.
    fn supply(&mut self, desk: usize) {
        let slots: Vec<SlotId> = self.net.desks[desk].pools.iter().map(|pool| self.net.pools[*pool].slot).collect();
        let product = self.net.desks[desk].node % self.model.products.len();
        let into = |ways: &HashMap<usize, Vec<usize>>| {
            let mut list: Vec<usize> = slots.iter().filter_map(|slot| ways.get(slot)).flatten().copied().collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let (runs, crossings) = (into(&self.runs_into), into(&self.crossings_into));
        for group in grouped(&runs, |r| (self.space.runs[*r].site, self.space.runs[*r].process)) {
            let job = self.job(group);
            let at = self.net.jobs[job].outputs.iter().position(|(p, _)| *p == product).expect("it makes the product");
            let (amount, asked) = (self.net.jobs[job].outputs[at].1, self.net.jobs[job].asked + at);
            self.line(desk, Source::Job { job, asked, amount });
        }
        for group in grouped(&crossings, |c| self.space.crossings[*c].lane) {
            let lane = self.space.crossings[group[0]].lane;
            let mut entries: Vec<Entry> = Vec::new();
            for c in group {
                let crossing = &self.space.crossings[c];
                for (pool, relabel) in &self.sources[crossing.from] {
                    let at = entries.iter().position(|entry| entry.pool == *pool).unwrap_or_else(|| {
                        let none = Entry { pool: *pool, relabel: *relabel, run: 0, plain: None, civil: None };
                        entries.push(none);
                        entries.len() - 1
                    });
                    let way = if crossing.sets_civil { &mut entries[at].civil } else { &mut entries[at].plain };
                    way.get_or_insert(c);
                }
            }
            if entries.is_empty() {
                continue;
            }
            let line = self.net.lines.len();
            let (from, to) = (self.model.lanes[lane].from, self.model.lanes[lane].to);
            let groups = |region: usize| &self.model.regions[region].groups;
            let ally = groups(from).iter().any(|group| groups(to).contains(group));
            let user = self.user(Taker::Line(line), if ally { Rank::Ally } else { Rank::Other }, entries);
            let of_user = self.net.users[user].entries.clone();
            self.net.lane_entries[lane].extend(of_user.map(|entry| (user, entry)));
            self.line(desk, Source::Lane { lane, user });
        }
    }

    fn line(&mut self, desk: usize, source: Source) {
        self.net.desks[desk].lines.push(self.net.lines.len());
        self.net.lines.push(Line { desk, source });
    }

    /// A process at a site whose runs are these.
    fn job(&mut self, runs: Vec<usize>) -> usize {
        if let Some(job) = self.job_of.get(&runs) {
            return *job;
        }
        let first = &self.space.runs[runs[0]];
        let inputs = first.inputs.len();
        let pools_of = |r: &usize| {
            let of = |(slot, _): &(SlotId, f64)| self.sources[*slot].len();
            self.space.runs[*r].inputs.iter().map(of).sum::<usize>()
        };
        // With several inputs the run that takes the most kinds of units; with one each kind has a run of its own.
        let widest = *runs.iter().max_by_key(|r| pools_of(r)).expect("a job has a run");
        let job = self.net.jobs.len();
        let outputs: Vec<(usize, f64)> = first.outputs.iter().map(|(product, _, amount)| (*product, *amount)).collect();
        let (site, process, asked) = (first.site, first.process, self.net.asked);
        self.net.asked += outputs.len();
        self.net.jobs.push(Job { site, process, inputs: Vec::new(), run: widest, outputs, asked });
        self.job_of.insert(runs.clone(), job);
        self.net.site_jobs[site].push(job);
        for i in 0..inputs {
            let amount = self.space.runs[widest].inputs[i].1;
            let mut entries: Vec<Entry> = Vec::new();
            let taking = if inputs == 1 { runs.clone() } else { vec![widest] };
            for run in taking {
                for (pool, relabel) in &self.sources[self.space.runs[run].inputs[i].0] {
                    if entries.iter().all(|entry| entry.pool != *pool) {
                        entries.push(Entry { pool: *pool, relabel: *relabel, run, plain: None, civil: None });
                    }
                }
            }
            let user = self.user(Taker::Input { job, amount }, Rank::Home, entries);
            self.net.jobs[job].inputs.push(user);
        }
        job
    }

    /// Puts nodes in the order in which goods pass through them, and jobs with the nodes where they run.
    fn arrange(&mut self) {
        let (model, net) = (self.model, &mut self.net);
        let products = model.products.len();
        let is_node: Vec<bool> = (0..net.nodes.len()).map(|n| net.pools.iter().any(|pool| pool.node == n)).collect();
        let node_of_input = |net: &Network, user: usize| net.desks[net.users[user].desk].node;
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); net.nodes.len()];
        let mut before = vec![0_usize; net.nodes.len()];
        for job in &net.jobs {
            let region = model.sites[job.site].region;
            for user in &job.inputs {
                let from = node_of_input(net, *user);
                for (product, _) in &job.outputs {
                    let to = region * products + product;
                    if is_node[to] && to != from {
                        after[from].push(to);
                        before[to] += 1;
                    }
                }
            }
        }
        for (l, entries) in net.lane_entries.iter().enumerate() {
            let lane = &model.lanes[l];
            if !entries.is_empty() && model.step.lead_steps(lane.lead_days) == 0 {
                after[lane.from * products + lane.product].push(lane.to * products + lane.product);
                before[lane.to * products + lane.product] += 1;
            }
        }
        let mut left: Vec<usize> = (0..net.nodes.len()).filter(|n| is_node[*n]).collect();
        while !left.is_empty() {
            // In a circle nobody is first: the one that waits for the fewest goes.
            let at = (0..left.len()).min_by_key(|at| before[left[*at]]).expect("some are left");
            let node = left.remove(at);
            net.order.push(node);
            for to in std::mem::take(&mut after[node]) {
                before[to] = before[to].saturating_sub(1);
            }
        }
        let mut place = vec![usize::MAX; net.nodes.len()];
        for (at, node) in net.order.iter().enumerate() {
            place[*node] = at;
        }
        for job in 0..net.jobs.len() {
            let region = model.sites[net.jobs[job].site].region;
            let outputs = net.jobs[job].outputs.iter().map(|(product, _)| region * products + product);
            let first = outputs.filter(|node| is_node[*node]).min_by_key(|node| place[*node]);
            let inputs = net.jobs[job].inputs.iter().map(|user| place[node_of_input(net, *user)]);
            match first {
                Some(node) if inputs.clone().all(|input| input < place[node]) => net.nodes[node].jobs.push(job),
                _ => net.last.push(job),
            }
            if let Some(node) = first {
                net.nodes[node].ordered.push(job);
            }
        }
        for pool in 0..net.pools.len() {
            net.nodes[net.pools[pool].node].pools.push(pool);
        }
        for l in 0..model.lanes.len() {
            if !net.lane_entries[l].is_empty() {
                net.nodes[model.lanes[l].from * products + model.lanes[l].product].lanes.push(l);
            }
        }
        net.served = vec![Vec::new(); net.jobs.len()];
        for (l, line) in net.lines.iter().enumerate() {
            if let Source::Job { job, .. } = line.source {
                net.served[job].push(l);
            }
        }
        let pools = &net.pools;
        for node in &mut net.nodes {
            node.pools.sort_by_key(|pool| pools[*pool].desks.len());
        }
    }
}

/// Groups of neighbours with the same key, of a list made so that like ones stand together.
fn grouped<K: PartialEq + Ord>(list: &[usize], key: impl Fn(&usize) -> K) -> Vec<Vec<usize>> {
    let mut sorted = list.to_vec();
    sorted.sort_by_key(|one| (key(one), *one));
    sorted.chunk_by(|a, b| key(a) == key(b)).map(<[usize]>::to_vec).collect()
}
