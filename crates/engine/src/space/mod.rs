//! The space of the program: the slots in which goods can be, and the ways between them.
//!
//! A *slot* is a region, a product and a tag set. The space lists the slots, and on them the runs
//! of processes, the crossings of lanes, the relabellings and the draws of demands. It knows no
//! steps, bounds or costs: those are the program's. Which slots there are is an [`Extent`]: all of
//! them, or those that can matter ([`prune`]).
//!
//! How tag sets are drawn. A unit may always be treated as if it had more tags than it has. So
//! whoever may take units of several tag sets is given one slot to draw from, into which units of
//! each of those sets can be relabelled. Nothing is kept in such a slot: a unit is treated as
//! having more tags where it is used and nowhere before, so that no plan marks goods for which a
//! later plan, that knows more, has a better use.

pub mod prune;
pub mod translate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use coercivity_model::Model;

use crate::policy::StepPolicy;
use crate::tags::{CIVIL, TagSet, Tags};
use prune::Extent;

/// Position of a slot in [`Space::slots`].
pub type SlotId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub region: usize,
    pub product: usize,
    pub tags: TagSet,
    /// Whether units come here as they are and can be kept; else it is for drawing alone.
    pub kept: bool,
}

/// Which units somebody draws: those with all tags of `least` and none but those of `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Draw {
    least: TagSet,
    most: TagSet,
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
#[derive(Clone)]
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
    /// Slot to draw from, by node.
    draws: BTreeMap<(usize, Draw), Option<SlotId>>,
    slot_of: BTreeMap<(usize, TagSet), SlotId>,
    products: usize,
}

impl Space {
    /// The space of everything: each region, product and tag set. For tests and comparisons.
    pub fn full(model: &Model, tags: &Tags, policies: &[Arc<StepPolicy>]) -> Space {
        Space::assemble(model, tags, policies, &Extent::full(model, tags))
    }

    /// The space of what can matter under any of these policies.
    pub fn pruned(model: &Model, tags: &Tags, policies: &[Arc<StepPolicy>]) -> Space {
        Space::assemble(model, tags, policies, &Extent::pruned(model, tags, policies))
    }

    fn assemble(model: &Model, tags: &Tags, policies: &[Arc<StepPolicy>], extent: &Extent) -> Space {
        let products = model.products.len();
        let node = |region: usize, product: usize| region * products + product;
        let mut wanted = Wanted { extent, draws: vec![BTreeSet::new(); model.regions.len() * products] };

        for (d, demand) in model.demands.iter().enumerate() {
            for (product, _) in demand.options.iter().flat_map(|o| &o.uses) {
                for policy in policies {
                    let most = !policy.banned(model, d, *product);
                    wanted.add(node(demand.region, *product), Draw { least: 0, most });
                }
            }
        }
        let mut runs = Vec::new();
        for (s, site) in model.sites.iter().enumerate() {
            for q in site.processes.iter().copied().filter(|q| extent.run_matters(s, *q)) {
                for set in extent.run_sets(model, tags, s, q) {
                    let free = !extent.run_relevant(model, tags, s, q);
                    let inputs = &model.processes[q].inputs;
                    // Several inputs may come with different tags; one input is taken as it is.
                    let least = if inputs.len() == 1 { set } else { 0 };
                    let draw = Draw { least, most: set | free };
                    inputs.iter().for_each(|(product, _)| wanted.add(node(site.region, *product), draw));
                    runs.push((s, q, set, draw));
                }
            }
        }
        let mut crossings = Vec::new();
        for (l, lane) in model.lanes.iter().enumerate().filter(|(l, _)| extent.lane_matters(*l)) {
            let free = !extent.lane_relevant(model, policies, l);
            for set in extent.lane_sets(model, policies, l) {
                // Fewer tags are never worse on a lane: units are sent as they are.
                let draw = Draw { least: set, most: set | free };
                wanted.add(node(lane.from, lane.product), draw);
                crossings.push((l, set, draw));
            }
        }

        let mut space = wanted.into_space(model);
        for (s, q, set, draw) in runs {
            let (region, process) = (model.sites[s].region, &model.processes[q]);
            let given = set | tags.of_process(region, q);
            let inputs: Option<Vec<(SlotId, f64)>> = process
                .inputs
                .iter()
                .map(|(product, amount)| Some((space.drawn(region, *product, draw)?, *amount)))
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
        for (l, set, draw) in crossings {
            let lane = &model.lanes[l];
            let Some(from) = space.drawn(lane.from, lane.product, draw) else { continue };
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

    /// The same slots and ways with the recipes of a model that differs in figures only; `None` where
    /// a recipe takes what it gave before.
    pub fn with_recipes(&self, model: &Model) -> Option<Space> {
        let mut space = self.clone();
        let of = |side: &[(usize, f64)], product| side.iter().find(|(p, _)| *p == product).map(|(_, amount)| *amount);
        for run in &mut space.runs {
            let process = &model.processes[run.process];
            for (slot, amount) in &mut run.inputs {
                *amount = of(&process.inputs, self.slots[*slot].product)?;
            }
            for (product, _, amount) in &mut run.outputs {
                *amount = of(&process.outputs, *product)?;
            }
        }
        Some(space)
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
        self.drawn(region, product, Draw { least: 0, most: allowed })
    }

    fn drawn(&self, region: usize, product: usize, draw: Draw) -> Option<SlotId> {
        let node = self.node(region, product);
        self.draws.get(&(node, draw.at(self.relevant[node]))).copied().flatten()
    }

    /// The slots in which stock of a product can be kept.
    pub fn stock_slots(&self, region: usize, product: usize) -> &[SlotId] {
        &self.supplied[self.node(region, product)]
    }
}

impl Draw {
    /// The same where only these tags are told apart.
    fn at(self, relevant: TagSet) -> Draw {
        Draw { least: self.least & relevant, most: self.most & relevant }
    }

    fn takes(self, tags: TagSet) -> bool {
        self.least & !tags == 0 && tags & !self.most == 0
    }
}

/// Collects, for each node, what somebody wants to draw there.
struct Wanted<'a> {
    extent: &'a Extent,
    draws: Vec<BTreeSet<Draw>>,
}

impl Wanted<'_> {
    fn add(&mut self, node: usize, draw: Draw) {
        self.draws[node].insert(draw.at(self.extent.relevant(node)));
    }

    /// Lays out the slots of every node: one for each tag set that comes, and one for each choice of
    /// several of them that somebody draws from.
    fn into_space(self, model: &Model) -> Space {
        let products = model.products.len();
        let mut space = Space {
            slots: Vec::new(),
            relabels: Vec::new(),
            runs: Vec::new(),
            crossings: Vec::new(),
            supplied: Vec::new(),
            relevant: (0..self.draws.len()).map(|n| self.extent.relevant(n)).collect(),
            draws: BTreeMap::new(),
            slot_of: BTreeMap::new(),
            products,
        };
        for (node, draws) in self.draws.iter().enumerate() {
            let slot = |tags, kept| Slot { region: node / products, product: node % products, tags, kept };
            let mut supplied = Vec::new();
            for tags in self.extent.supplies(node) {
                supplied.push(space.slots.len());
                space.slot_of.insert((node, *tags), space.slots.len());
                space.slots.push(slot(*tags, true));
            }
            let mut choices: BTreeMap<Vec<SlotId>, SlotId> = BTreeMap::new();
            for draw in draws {
                let from: Vec<SlotId> = supplied.iter().copied().filter(|s| draw.takes(space.slots[*s].tags)).collect();
                let drawn = match from[..] {
                    [] => None,
                    [only] => Some(only),
                    _ => Some(*choices.entry(from).or_insert_with_key(|from| {
                        let to = space.slots.len();
                        let union = from.iter().fold(0, |set, s| set | space.slots[*s].tags);
                        space.slots.push(slot(union, false));
                        space.relabels.extend(from.iter().map(|from| (*from, to)));
                        to
                    })),
                };
                space.draws.insert((node, *draw), drawn);
            }
            space.supplied.push(supplied);
        }
        space
    }
}
