//! Which nodes, tags and tag sets can matter: the pruning that makes the program small.
//!
//! A *node* is a region and a product. Four facts are worked out, each a least fixed point over
//! the model's sites and lanes, for the union of all policies that a run may meet:
//!
//! 1. **reach**: units can ever be there (initial or releasable stock, goods under way, outputs of
//!    processes whose inputs can be there, lanes that are ever open).
//! 2. **need**: somebody can gain from units being there (a demand, a stock that costs when it is
//!    short, a release that saves the cost of holding strategic stock, a lane or site whose
//!    pipeline is charged at the end, a process or lane towards a node that is needed).
//! 3. **relevant**: the tags that something downstream of the node tells apart.
//! 4. **supplies**: the sets of relevant tags with which units come to the node.
//!
//! **Why the optimum stays the same.** Take an optimal solution of the full program.
//! - A node that is not reached holds nothing in any solution: its columns are 0.
//! - A node that is not needed: replace every flow into it by disposal before the lane or at the
//!   process, and empty it at the start. Disposal is free, limits only get looser, costs are not
//!   negative, and by 2 nothing that costs less with units there is lost. Re-export accounts only
//!   count what is sent on, which by 2 goes to other nodes without need. (A site with a `minimum`
//!   runs all the same, and a pipeline that is charged at the end counts as a need.)
//! - A tag that is not relevant at a node: no row downstream tells units with it from units
//!   without it, so adding up the flows of tag sets that agree on the relevant tags gives a
//!   solution of the smaller program of equal cost; and a solution of the smaller one is one of
//!   the full program after relabelling all units to carry the irrelevant tags that their tag set
//!   may meet, which is free. A tag that a site adds to its outputs anyway makes that tag of its
//!   inputs irrelevant for them.
//! - Limits on units that stay free of `civil` bind nobody where `civil` is not relevant at the
//!   destination: the units may as well carry it.
//! - A tag set with which no units come to a node is only of use to collect units of several sets
//!   for a joint use; [`super::Space`] adds a slot for each such choice. Treating units as having
//!   more tags before they are used, on a lane, in stock or in a process of one input, gains
//!   nothing: no limit is looser for units with more tags, but for those on what stays free of
//!   `civil`, and there the crossing itself sets the tag.
//!
//! Property tests hold the pruned program's optimum against the full one's.

use std::collections::BTreeSet;
use std::sync::Arc;

use coercivity_model::Model;
use coercivity_model::model::StockKind;

use crate::policy::{Outflow, StepPolicy};
use crate::tags::{CIVIL, TagSet, Tags};

/// What can matter, by node (region x products + product).
pub struct Extent {
    products: usize,
    relevant: Vec<TagSet>,
    supplies: Vec<Vec<TagSet>>,
    /// By site, the processes that are worth running.
    runs: Vec<Vec<usize>>,
    /// By lane.
    lanes: Vec<bool>,
}

impl Extent {
    /// Everything, with all subsets of all tags everywhere.
    pub fn full(model: &Model, tags: &Tags) -> Extent {
        let nodes = model.regions.len() * model.products.len();
        let all = tags.all();
        Extent {
            products: model.products.len(),
            relevant: vec![all; nodes],
            supplies: vec![(0..=all).filter(|set| set & !all == 0).collect(); nodes],
            runs: model.sites.iter().map(|s| s.processes.clone()).collect(),
            lanes: vec![true; model.lanes.len()],
        }
    }

    /// What can matter under any of these policies.
    pub fn pruned(model: &Model, tags: &Tags, policies: &[Arc<StepPolicy>]) -> Extent {
        let open = Open::new(model, policies);
        let reached = reach(model, &open);
        let (needed, runs, lanes) = need(model, &open, &reached);
        let nodes = reached.len();
        let mut extent = Extent {
            products: model.products.len(),
            relevant: vec![0; nodes],
            supplies: vec![Vec::new(); nodes],
            runs,
            lanes,
        };
        let active: Vec<bool> = (0..nodes).map(|n| reached[n] && needed[n]).collect();
        extent.find_relevant(model, tags, policies, &active);
        extent.find_supplies(model, tags, policies, &active);
        extent
    }

    pub fn relevant(&self, node: usize) -> TagSet {
        self.relevant[node]
    }

    pub fn supplies(&self, node: usize) -> &[TagSet] {
        &self.supplies[node]
    }

    pub fn run_matters(&self, site: usize, process: usize) -> bool {
        self.runs[site].contains(&process)
    }

    pub fn lane_matters(&self, lane: usize) -> bool {
        self.lanes[lane]
    }

    fn node(&self, region: usize, product: usize) -> usize {
        region * self.products + product
    }

    /// Tags of the inputs that some output of the process tells apart.
    pub fn run_relevant(&self, model: &Model, tags: &Tags, site: usize, process: usize) -> TagSet {
        let region = model.sites[site].region;
        let outputs = &model.processes[process].outputs;
        let relevant = outputs.iter().fold(0, |set, (p, _)| set | self.relevant[self.node(region, *p)]);
        relevant & !tags.of_process(region, process)
    }

    /// The tag sets of inputs on which a process can run, each the union of sets that come.
    pub fn run_sets(&self, model: &Model, tags: &Tags, site: usize, process: usize) -> Vec<TagSet> {
        let region = model.sites[site].region;
        let relevant = self.run_relevant(model, tags, site, process);
        let inputs: Vec<BTreeSet<TagSet>> = model.processes[process]
            .inputs
            .iter()
            .map(|(p, _)| self.supplies[self.node(region, *p)].iter().map(|set| set & relevant).collect())
            .collect();
        if let [only] = &inputs[..] {
            return only.iter().copied().collect();
        }
        let mut unions: BTreeSet<TagSet> = BTreeSet::from([0]);
        for set in inputs.iter().flatten() {
            let more: Vec<TagSet> = unions.iter().map(|union| union | set).collect();
            unions.extend(more);
        }
        let within = |set: TagSet, input: &BTreeSet<TagSet>| {
            input.iter().copied().filter(|s| s & !set == 0).reduce(|a, b| a | b)
        };
        unions
            .into_iter()
            .filter(|set| {
                let drawn: Option<Vec<TagSet>> = inputs.iter().map(|input| within(*set, input)).collect();
                drawn.is_some_and(|drawn| drawn.into_iter().fold(0, |a, b| a | b) == *set)
            })
            .collect()
    }

    /// Tags that the destination or a limit of the lane tells apart.
    pub fn lane_relevant(&self, model: &Model, policies: &[Arc<StepPolicy>], lane: usize) -> TagSet {
        let l = &model.lanes[lane];
        let destination = self.relevant[self.node(l.to, l.product)];
        policies.iter().fold(destination, |set, policy| {
            let limits = &policy.lanes[lane];
            let tagged = limits.tagged_limits.iter();
            let free = limits.tagged_free_limits.iter().filter(|_| destination & CIVIL != 0);
            tagged.chain(free).fold(set, |set, (tag, _)| set | tag)
        })
    }

    /// The tag sets with which units are sent on a lane, as far as they are told apart.
    pub fn lane_sets(&self, model: &Model, policies: &[Arc<StepPolicy>], lane: usize) -> Vec<TagSet> {
        let l = &model.lanes[lane];
        let relevant = self.lane_relevant(model, policies, lane);
        let sets: BTreeSet<TagSet> =
            self.supplies[self.node(l.from, l.product)].iter().map(|set| set & relevant).collect();
        sets.into_iter().collect()
    }

    fn find_relevant(&mut self, model: &Model, tags: &Tags, policies: &[Arc<StepPolicy>], active: &[bool]) {
        for (d, demand) in model.demands.iter().enumerate() {
            for (product, _) in demand.options.iter().flat_map(|o| &o.uses) {
                let node = self.node(demand.region, *product);
                for policy in policies.iter().filter(|_| active[node]) {
                    self.relevant[node] |= policy.banned(model, d, *product);
                }
            }
        }
        until_stable(|| {
            let mut changed = false;
            for (s, site) in model.sites.iter().enumerate() {
                for q in self.runs[s].clone() {
                    let relevant = self.run_relevant(model, tags, s, q);
                    for (product, _) in &model.processes[q].inputs {
                        let node = self.node(site.region, *product);
                        changed |= grow(&mut self.relevant[node], relevant);
                    }
                }
            }
            for l in 0..model.lanes.len() {
                if self.lanes[l] {
                    let relevant = self.lane_relevant(model, policies, l);
                    let node = self.node(model.lanes[l].from, model.lanes[l].product);
                    changed |= grow(&mut self.relevant[node], relevant);
                }
            }
            changed
        });
    }

    fn find_supplies(&mut self, model: &Model, tags: &Tags, policies: &[Arc<StepPolicy>], active: &[bool]) {
        let mut sets: Vec<BTreeSet<TagSet>> = vec![BTreeSet::new(); active.len()];
        for source in sources(model, policies) {
            let node = self.node(source.region, source.product);
            if active[node] {
                sets[node].insert(source.tags(tags) & self.relevant[node]);
            }
        }
        until_stable(|| {
            for (node, set) in sets.iter().enumerate() {
                self.supplies[node] = set.iter().copied().collect();
            }
            let mut changed = false;
            for (s, site) in model.sites.iter().enumerate() {
                for q in &self.runs[s] {
                    let given = tags.of_process(site.region, *q);
                    for set in self.run_sets(model, tags, s, *q) {
                        for (product, _) in &model.processes[*q].outputs {
                            let node = self.node(site.region, *product);
                            if active[node] {
                                changed |= sets[node].insert((set | given) & self.relevant[node]);
                            }
                        }
                    }
                }
            }
            for (l, lane) in model.lanes.iter().enumerate().filter(|(l, _)| self.lanes[*l]) {
                let node = self.node(lane.to, lane.product);
                if !active[node] {
                    continue;
                }
                for set in self.lane_sets(model, policies, l) {
                    changed |= sets[node].insert(set & self.relevant[node]);
                    if policies.iter().any(|p| p.lanes[l].sets_civil(set)) {
                        changed |= sets[node].insert((set | CIVIL) & self.relevant[node]);
                    }
                }
            }
            changed
        });
    }
}

fn until_stable(mut round: impl FnMut() -> bool) {
    while round() {}
}

fn grow(set: &mut TagSet, by: TagSet) -> bool {
    let before = *set;
    *set |= by;
    *set != before
}

/// Where units come from that no process of the run makes.
struct Source {
    region: usize,
    product: usize,
    origin: Origin,
}

enum Origin {
    /// Initial stock made in a region, or nowhere that a rule reaches.
    Stock(Option<usize>),
    /// Under way on a lane, made in its `from` region.
    Lane(usize),
    /// In the pipeline of a site that ran its first process.
    Site { process: usize },
}

impl Source {
    fn tags(&self, tags: &Tags) -> TagSet {
        match self.origin {
            Origin::Stock(None) => 0,
            Origin::Stock(Some(region)) | Origin::Lane(region) => tags.of_origin(region, self.product),
            Origin::Site { process } => tags.of_process(self.region, process),
        }
    }
}

fn sources(model: &Model, policies: &[Arc<StepPolicy>]) -> Vec<Source> {
    let mut list = Vec::new();
    for (s, stock) in model.stocks.iter().enumerate().filter(|(_, s)| s.initial > 0.0) {
        let released = policies.iter().any(|p| p.outflow[s] != Outflow::Closed);
        if stock.kind == StockKind::Commercial || released {
            let origin = Origin::Stock(stock.origin);
            list.push(Source { region: stock.region, product: stock.product, origin });
        }
    }
    for lane in &model.lanes {
        if lane.flow.is_some_and(|flow| flow > 0.0) && model.step.lead_steps(lane.lead_days) > 0 {
            list.push(Source { region: lane.to, product: lane.product, origin: Origin::Lane(lane.from) });
        }
    }
    for site in &model.sites {
        if site.made.is_some_and(|made| made > 0.0) && model.step.lead_steps(site.lead_days) > 0 {
            let process = site.processes[0];
            for (product, _) in &model.processes[process].outputs {
                list.push(Source { region: site.region, product: *product, origin: Origin::Site { process } });
            }
        }
    }
    list
}

/// Sites and lanes that are open in some step.
struct Open<'a> {
    sites: Vec<bool>,
    lanes: Vec<bool>,
    policies: &'a [Arc<StepPolicy>],
}

impl<'a> Open<'a> {
    fn new(model: &Model, policies: &'a [Arc<StepPolicy>]) -> Open<'a> {
        let sites =
            model.sites.iter().map(|site| (0..model.steps()).any(|t| model.capacity_per_year(site, t) > 0.0)).collect();
        let lanes = model
            .lanes
            .iter()
            .enumerate()
            .map(|(l, lane)| {
                let can_flow = lane.growth != Some(0.0) || lane.flow.is_some_and(|flow| flow > 0.0);
                let ever_allowed = policies.iter().any(|p| p.lanes[l].limit != Some(0.0));
                can_flow && ever_allowed && lane.capacity != Some(0.0)
            })
            .collect();
        Open { sites, lanes, policies }
    }
}

fn reach(model: &Model, open: &Open) -> Vec<bool> {
    let products = model.products.len();
    let node = |region: usize, product: usize| region * products + product;
    let mut reached = vec![false; model.regions.len() * products];
    for source in sources(model, open.policies) {
        reached[node(source.region, source.product)] = true;
    }
    until_stable(|| {
        let before = reached.iter().filter(|r| **r).count();
        for (_, site) in model.sites.iter().enumerate().filter(|(s, _)| open.sites[*s]) {
            for process in site.processes.iter().map(|q| &model.processes[*q]) {
                if process.inputs.iter().all(|(p, _)| reached[node(site.region, *p)]) {
                    process.outputs.iter().for_each(|(p, _)| reached[node(site.region, *p)] = true);
                }
            }
        }
        for (_, lane) in model.lanes.iter().enumerate().filter(|(l, _)| open.lanes[*l]) {
            if reached[node(lane.from, lane.product)] {
                reached[node(lane.to, lane.product)] = true;
            }
        }
        reached.iter().filter(|r| **r).count() > before
    });
    reached
}

/// Nodes that are needed, the processes worth running by site, and the lanes worth sailing.
fn need(model: &Model, open: &Open, reached: &[bool]) -> (Vec<bool>, Vec<Vec<usize>>, Vec<bool>) {
    let products = model.products.len();
    let node = |region: usize, product: usize| region * products + product;
    let mut needed = vec![false; reached.len()];
    for demand in model.demands.iter().filter(|d| d.amount > 0.0) {
        for option in &demand.options {
            if option.uses.iter().all(|(p, _)| reached[node(demand.region, *p)]) {
                option.uses.iter().for_each(|(p, _)| needed[node(demand.region, *p)] = true);
            }
        }
    }
    let charged = |price: f64| price > 0.0 && model.terminal_value > 0.0;
    for (s, stock) in model.stocks.iter().enumerate() {
        let price = model.products[stock.product].price;
        let kept = stock.initial > 0.0 && charged(price) || stock.target > 0.0 && stock.shortfall_cost > 0.0;
        // Strategic stock that costs to hold is better released and thrown away than kept.
        let released = open.policies.iter().any(|p| p.outflow[s] != Outflow::Closed);
        let burden = stock.kind == StockKind::Strategic && stock.initial > 0.0 && stock.holding_cost > 0.0;
        needed[node(stock.region, stock.product)] |= kept || burden && released;
    }
    let mut runs = vec![Vec::new(); model.sites.len()];
    let mut lanes = vec![false; model.lanes.len()];
    until_stable(|| {
        let mut changed = false;
        for (s, site) in model.sites.iter().enumerate().filter(|(s, _)| open.sites[*s]) {
            let pipeline = site.made.is_some_and(|made| made > 0.0) && model.step.lead_steps(site.lead_days) > 0;
            let worth = site.minimum > 0.0 || pipeline && model.terminal_value > 0.0;
            for q in &site.processes {
                let process = &model.processes[*q];
                let useful = worth || process.outputs.iter().any(|(p, _)| needed[node(site.region, *p)]);
                let possible = process.inputs.iter().all(|(p, _)| reached[node(site.region, *p)]);
                if useful && possible && !runs[s].contains(q) {
                    runs[s].push(*q);
                    process.inputs.iter().for_each(|(p, _)| needed[node(site.region, *p)] = true);
                    changed = true;
                }
            }
        }
        for (l, lane) in model.lanes.iter().enumerate().filter(|(l, _)| open.lanes[*l]) {
            let pipeline = lane.flow.is_some_and(|flow| flow > 0.0) && model.step.lead_steps(lane.lead_days) > 0;
            let worth = pipeline && charged(model.products[lane.product].price);
            let from = node(lane.from, lane.product);
            if !lanes[l] && reached[from] && (worth || needed[node(lane.to, lane.product)]) {
                lanes[l] = true;
                needed[from] = true;
                changed = true;
            }
        }
        changed
    });
    (needed, runs, lanes)
}
