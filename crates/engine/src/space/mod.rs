//! The space of the program: the slots in which goods can be, and the ways between them.
//!
//! A *slot* is a region, a product and a tag set. The space lists the slots, and on them the runs
//! of processes, the crossings of lanes, the relabellings and the draws of demands. It knows no
//! steps, bounds or costs: those are the program's. Which slots there are is an [`Extent`]: all of
//! them, or those that can matter ([`prune`]).
//!
//! How tag sets are drawn. A unit may always be treated as if it had more tags than it has. So
//! whoever may take units with any tags within a set W can be given one slot to draw from: the
//! union of the supplied tag sets within W, into which each of those can be relabelled.

pub mod prune;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use coercivity_model::Model;

use crate::policy::StepPolicy;
use crate::tags::{CIVIL, TagSet, Tags};
use prune::Extent;

/// Position of a slot in [`Space::slots`].
pub type SlotId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub region: usize,
    pub product: usize,
    pub tags: TagSet,
}

/// A process at a site on inputs of one tag set.
#[derive(Clone, Debug)]
pub struct Run {
    pub site: usize,
    pub process: usize,
    /// The tags of the inputs.
    pub tags: TagSet,
    /// (slot, units per unit of activity).
    pub inputs: Vec<(SlotId, f64)>,
    /// (product, slot where it matters, units per unit of activity).
    pub outputs: Vec<(usize, Option<SlotId>, f64)>,
}

/// Units of one tag set crossing a lane.
#[derive(Clone, Debug)]
pub struct Crossing {
    pub lane: usize,
    /// Tags that the lane's limits see.
    pub sent: TagSet,
    /// Whether the crossing sets the tag `civil`.
    pub sets_civil: bool,
    /// Whether units count against the limits on what stays free of `civil`.
    pub stays_free: bool,
    pub from: SlotId,
    /// `None` where nobody at the destination needs it.
    pub to: Option<SlotId>,
}

/// Slots and ways. See the module's head.
pub struct Space {
    pub slots: Vec<Slot>,
    /// (from, to): the units of one slot treated as those of another with more tags.
    pub relabels: Vec<(SlotId, SlotId)>,
    pub runs: Vec<Run>,
    pub crossings: Vec<Crossing>,
    /// Slots that units arrive in as they are, by node; stock is kept in these.
    supplied: Vec<Vec<SlotId>>,
    /// Tags that matter at a node.
    relevant: Vec<TagSet>,
    /// Slot to draw from, by node and tags allowed.
    draws: BTreeMap<(usize, TagSet), Option<SlotId>>,
    slot_of: BTreeMap<(usize, TagSet), SlotId>,
    products: usize,
}

impl Space {
    /// The space of everything: each region, product and tag set. For tests and comparisons.
    pub fn full(model: &Model, tags: &Tags, policies: &[Rc<StepPolicy>]) -> Space {
        Space::assemble(model, tags, policies, &Extent::full(model, tags))
    }

    /// The space of what can matter under any of these policies.
    pub fn pruned(model: &Model, tags: &Tags, policies: &[Rc<StepPolicy>]) -> Space {
        Space::assemble(model, tags, policies, &Extent::pruned(model, tags, policies))
    }

    fn assemble(model: &Model, tags: &Tags, policies: &[Rc<StepPolicy>], extent: &Extent) -> Space {
        let products = model.products.len();
        let node = |region: usize, product: usize| region * products + product;
        let mut wanted = Wanted { extent, allowed: vec![BTreeSet::new(); model.regions.len() * products] };

        for (d, demand) in model.demands.iter().enumerate() {
            for (product, _) in demand.options.iter().flat_map(|o| &o.uses) {
                for policy in policies {
                    wanted.add(node(demand.region, *product), !policy.banned(model, d, *product));
                }
            }
        }
        let mut runs = Vec::new();
        for (s, site) in model.sites.iter().enumerate() {
            for q in site.processes.iter().copied().filter(|q| extent.run_matters(s, *q)) {
                for set in extent.run_sets(model, tags, s, q) {
                    let free = !extent.run_relevant(model, tags, s, q);
                    for (product, _) in &model.processes[q].inputs {
                        wanted.add(node(site.region, *product), set | free);
                    }
                    runs.push((s, q, set, set | free));
                }
            }
        }
        let mut crossings = Vec::new();
        for (l, lane) in model.lanes.iter().enumerate().filter(|(l, _)| extent.lane_matters(*l)) {
            let free = !extent.lane_relevant(model, policies, l);
            for set in extent.lane_sets(model, policies, l) {
                wanted.add(node(lane.from, lane.product), set | free);
                crossings.push((l, set, set | free));
            }
        }

        let mut space = wanted.into_space(model);
        for (s, q, set, allowed) in runs {
            let (region, process) = (model.sites[s].region, &model.processes[q]);
            let given = set | tags.of_process(region, q);
            let inputs: Option<Vec<(SlotId, f64)>> = process
                .inputs
                .iter()
                .map(|(product, amount)| Some((space.draw(region, *product, allowed)?, *amount)))
                .collect();
            // An input that never comes: the process cannot run on these tags.
            let Some(inputs) = inputs else { continue };
            let outputs = process
                .outputs
                .iter()
                .map(|(product, amount)| (*product, space.slot(region, *product, given), *amount))
                .collect();
            space.runs.push(Run { site: s, process: q, tags: set, inputs, outputs });
        }
        for (l, set, allowed) in crossings {
            let lane = &model.lanes[l];
            let Some(from) = space.draw(lane.from, lane.product, allowed) else { continue };
            let tracked = extent.relevant(node(lane.to, lane.product)) & CIVIL != 0;
            let free = tracked && set & CIVIL == 0;
            let plain = Crossing {
                lane: l,
                sent: set,
                sets_civil: false,
                stays_free: free,
                from,
                to: space.slot(lane.to, lane.product, set),
            };
            if free && policies.iter().any(|p| p.lanes[l].sets_civil(set)) {
                let to = space.slot(lane.to, lane.product, set | CIVIL);
                space.crossings.push(Crossing { sets_civil: true, stays_free: false, to, ..plain.clone() });
            }
            space.crossings.push(plain);
        }
        space
    }

    fn node(&self, region: usize, product: usize) -> usize {
        region * self.products + product
    }

    /// The slot in which units of these tags are kept; `None` where the product does not matter.
    pub fn slot(&self, region: usize, product: usize, tags: TagSet) -> Option<SlotId> {
        let node = self.node(region, product);
        self.slot_of.get(&(node, tags & self.relevant[node])).copied()
    }

    /// The slot to draw units from whose tags all lie within `allowed`; `None` where none come.
    pub fn draw(&self, region: usize, product: usize, allowed: TagSet) -> Option<SlotId> {
        let node = self.node(region, product);
        self.draws.get(&(node, allowed & self.relevant[node])).copied().flatten()
    }

    /// The slots in which stock of a product can be kept.
    pub fn stock_slots(&self, region: usize, product: usize) -> &[SlotId] {
        &self.supplied[self.node(region, product)]
    }
}

/// Collects, for each node, the tag sets that somebody wants to draw units within.
struct Wanted<'a> {
    extent: &'a Extent,
    allowed: Vec<BTreeSet<TagSet>>,
}

impl Wanted<'_> {
    fn add(&mut self, node: usize, allowed: TagSet) {
        self.allowed[node].insert(allowed & self.extent.relevant(node));
    }

    /// Lays out the slots of every node and the relabellings between them.
    fn into_space(self, model: &Model) -> Space {
        let products = model.products.len();
        let mut space = Space {
            slots: Vec::new(),
            relabels: Vec::new(),
            runs: Vec::new(),
            crossings: Vec::new(),
            supplied: Vec::new(),
            relevant: (0..self.allowed.len()).map(|n| self.extent.relevant(n)).collect(),
            draws: BTreeMap::new(),
            slot_of: BTreeMap::new(),
            products,
        };
        for (node, allowed) in self.allowed.iter().enumerate() {
            let supplies = self.extent.supplies(node);
            let within = |set: TagSet| supplies.iter().copied().filter(move |s| s & !set == 0);
            let mut family: BTreeSet<TagSet> = supplies.iter().copied().collect();
            let mut joined = BTreeSet::new();
            for set in allowed {
                let union = within(*set).reduce(|a, b| a | b);
                if let Some(union) = union {
                    family.insert(union);
                    if within(union).count() > 1 {
                        joined.insert(union);
                    }
                }
                space.draws.insert((node, *set), None);
            }
            for tags in &family {
                space.slot_of.insert((node, *tags), space.slots.len());
                space.slots.push(Slot { region: node / products, product: node % products, tags: *tags });
            }
            for set in allowed {
                let slot = within(*set).reduce(|a, b| a | b).map(|union| space.slot_of[&(node, union)]);
                space.draws.insert((node, *set), slot);
            }
            // A step up to each joined set from the sets below it that reach no other joined set first.
            for to in &joined {
                for from in family.iter().filter(|from| *from & !to == 0 && *from != to) {
                    let between = |mid: &&TagSet| *mid != from && *mid != to && *from & !**mid == 0 && **mid & !to == 0;
                    if !joined.iter().any(|mid| between(&mid)) {
                        space.relabels.push((space.slot_of[&(node, *from)], space.slot_of[&(node, *to)]));
                    }
                }
            }
            space.supplied.push(supplies.iter().map(|tags| space.slot_of[&(node, *tags)]).collect());
        }
        space
    }
}
