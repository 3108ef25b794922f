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
    pub claims: Vec<Claim>,
    pub desks: Vec<usize>,
}

/// A user that takes from a pool.
#[derive(Clone, Copy)]
pub struct Claim {
    pub user: usize,
    pub entry: usize,
    pub rank: Rank,
    /// Whether it takes for a desk elsewhere.
    pub away: bool,
}

pub struct Desk {
    pub node: usize,
    pub pools: Vec<usize>,
    /// Its users, and what they are.
    pub takers: Vec<(usize, Taker)>,
    pub lines: Range<usize>,
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
    Line,
    /// By an option of a demand.
    Demand {
        amount: f64,
    },
}

pub struct User {
    pub taker: Taker,
    pub desk: usize,
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
    /// Its users, an input each, and the units that each takes for one of activity; one run on all of them, or with a single
    /// input a run for each entry.
    pub inputs: Vec<(usize, f64)>,
    /// The run of a job with no input or with several.
    pub run: usize,
    /// (node, units per unit of activity), and where what is asked of each stands in `asked`.
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

/// Where what a run makes goes.
pub struct Output {
    pub node: usize,
    pub pool: Option<usize>,
    pub amount: f64,
}

pub struct Run {
    /// Weeks until what it makes is there.
    pub lead: usize,
    pub outputs: Vec<Output>,
}

/// A lane as those see it who trade on it.
pub struct Lane {
    pub product: usize,
    /// Nodes.
    pub from: usize,
    pub to: usize,
    /// Units a year: its reference flow, 0 where there was none; what it can carry, and by how much that grows each year.
    pub flow: f64,
    pub capacity: f64,
    pub growth: Option<f64>,
    /// (line, user) of those who order on it, and the entries of all of them.
    pub lines: Vec<(usize, usize)>,
    pub entries: Vec<usize>,
}

/// A region and product with pools.
#[derive(Default)]
pub struct Node {
    /// Those that fewest desks take from first.
    pub pools: Vec<usize>,
    pub desks: Vec<usize>,
    /// Lanes that leave, and whether any comes.
    pub lanes: Vec<usize>,
    pub receives: bool,
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
    pub lanes: Vec<Lane>,
    pub runs: Vec<Run>,
    pub nodes: Vec<Node>,
    /// Nodes with pools, from ore to product.
    pub order: Vec<usize>,
    /// Jobs that run when all else is done: an input of theirs is made from what they make.
    pub last: Vec<usize>,
    pub asked: usize,
    /// Pool of a slot.
    pub pool_of: Vec<Option<usize>>,
    /// Pool in which a crossing arrives.
    pub arrives: Vec<Option<usize>>,
    /// Jobs of a site.
    pub site_jobs: Vec<Vec<usize>>,
    /// Lines that a job makes for, and of what: its place in `asked`, and the units per unit of activity.
    pub served: Vec<Vec<(usize, usize, f64)>>,
    /// The users of each demand, under whichever policy.
    pub needs: Vec<Vec<usize>>,
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
            pools.push(Pool { slot: s, node, stock, claims: Vec::new(), desks: Vec::new() });
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
        let pool_in = |slot: Option<SlotId>| slot.and_then(|slot| pool_of[slot]);
        let lanes = model.lanes.iter().map(|lane| Lane {
            product: lane.product,
            from: lane.from * products + lane.product,
            to: lane.to * products + lane.product,
            flow: lane.flow.unwrap_or(0.0),
            capacity: lane.capacity.unwrap_or(f64::INFINITY),
            growth: lane.growth,
            lines: Vec::new(),
            entries: Vec::new(),
        });
        let runs = space.runs.iter().map(|run| {
            let site = &model.sites[run.site];
            let output = |(product, slot, amount): &(usize, Option<SlotId>, f64)| Output {
                node: site.region * products + product,
                pool: pool_in(*slot),
                amount: *amount,
            };
            Run { lead: model.step.lead_steps(site.lead_days), outputs: run.outputs.iter().map(output).collect() }
        });
        let net = Network {
            pools,
            desks: Vec::new(),
            users: Vec::new(),
            entries: Vec::new(),
            jobs: Vec::new(),
            lines: Vec::new(),
            lanes: lanes.collect(),
            runs: runs.collect(),
            nodes: (0..model.regions.len() * products).map(|_| Node::default()).collect(),
            order: Vec::new(),
            last: Vec::new(),
            asked: 0,
            arrives: space.crossings.iter().map(|crossing| pool_in(crossing.to)).collect(),
            pool_of,
            site_jobs: vec![Vec::new(); model.sites.len()],
            served: Vec::new(),
            needs: vec![Vec::new(); model.demands.len()],
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
            self.net.needs[d].push(user);
            user
        });
        Some(users.collect())
    }

    fn user(&mut self, taker: Taker, rank: Rank, mut entries: Vec<Entry>) -> usize {
        entries.sort_by_key(|entry| entry.pool);
        let desk = self.desk(entries.iter().map(|entry| entry.pool).collect());
        let (user, first) = (self.net.users.len(), self.net.entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let claim = Claim { user, entry: first + at, rank, away: matches!(taker, Taker::Line) };
            self.net.pools[entry.pool].claims.push(claim);
        }
        self.net.entries.extend(entries);
        self.net.users.push(User { taker, desk, entries: first..self.net.entries.len() });
        self.net.desks[desk].takers.push((user, taker));
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
        self.net.desks.push(Desk { node, pools, takers: Vec::new(), lines: 0..0, keeps });
        desk
    }

    /// The lines of a desk: sites of the region that make what it takes, and lanes that bring it.
    fn supply(&mut self, desk: usize) {
        let slots: Vec<SlotId> = self.net.desks[desk].pools.iter().map(|pool| self.net.pools[*pool].slot).collect();
        let node = self.net.desks[desk].node;
        let into = |ways: &HashMap<usize, Vec<usize>>| {
            let mut list: Vec<usize> = slots.iter().filter_map(|slot| ways.get(slot)).flatten().copied().collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let (runs, crossings) = (into(&self.runs_into), into(&self.crossings_into));
        let first = self.net.lines.len();
        for group in grouped(&runs, |r| (self.space.runs[*r].site, self.space.runs[*r].process)) {
            let job = self.job(group);
            let at = self.net.jobs[job].outputs.iter().position(|(of, _)| *of == node).expect("it makes the product");
            let (amount, asked) = (self.net.jobs[job].outputs[at].1, self.net.jobs[job].asked + at);
            self.net.lines.push(Line { desk, source: Source::Job { job, asked, amount } });
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
            let user = self.user(Taker::Line, if ally { Rank::Ally } else { Rank::Other }, entries);
            self.net.lanes[lane].lines.push((line, user));
            self.net.lanes[lane].entries.extend(self.net.users[user].entries.clone());
            self.net.lines.push(Line { desk, source: Source::Lane { lane, user } });
        }
        self.net.desks[desk].lines = first..self.net.lines.len();
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
        let (site, process, asked) = (first.site, first.process, self.net.asked);
        let first_node = self.model.sites[site].region * self.model.products.len();
        let outputs: Vec<(usize, f64)> =
            first.outputs.iter().map(|(product, _, amount)| (first_node + product, *amount)).collect();
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
            self.net.jobs[job].inputs.push((user, amount));
        }
        job
    }

    /// Puts nodes in the order in which goods pass through them, and jobs with the nodes where they run.
    fn arrange(&mut self) {
        let (model, net) = (self.model, &mut self.net);
        let is_node: Vec<bool> = (0..net.nodes.len()).map(|n| net.pools.iter().any(|pool| pool.node == n)).collect();
        let node_of_input = |net: &Network, user: usize| net.desks[net.users[user].desk].node;
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); net.nodes.len()];
        let mut before = vec![0_usize; net.nodes.len()];
        for job in &net.jobs {
            for (user, _) in &job.inputs {
                let from = node_of_input(net, *user);
                for (to, _) in job.outputs.iter().filter(|(to, _)| is_node[*to] && *to != from) {
                    after[from].push(*to);
                    before[*to] += 1;
                }
            }
        }
        for (l, lane) in net.lanes.iter().enumerate() {
            if !lane.lines.is_empty() && model.step.lead_steps(model.lanes[l].lead_days) == 0 {
                after[lane.from].push(lane.to);
                before[lane.to] += 1;
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
            let outputs = net.jobs[job].outputs.iter().map(|(node, _)| *node);
            let first = outputs.filter(|node| is_node[*node]).min_by_key(|node| place[*node]);
            let inputs = net.jobs[job].inputs.iter().map(|(user, _)| place[node_of_input(net, *user)]);
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
        for (l, lane) in net.lanes.iter().enumerate() {
            net.nodes[lane.to].receives = true;
            if !lane.lines.is_empty() {
                net.nodes[lane.from].lanes.push(l);
            }
        }
        net.served = vec![Vec::new(); net.jobs.len()];
        for (l, line) in net.lines.iter().enumerate() {
            if let Source::Job { job, asked, amount } = line.source {
                net.served[job].push((l, asked, amount));
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
