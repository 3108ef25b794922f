//! Where the goods that a demand uses were made, stage by stage, read off the flows of a run.
//!
//! In each step and slot all that is there mixes, and whoever takes from the slot takes of the mix. A process
//! passes on what its inputs were made of, weighted by what they are worth at the model's prices, and adds its
//! own country. Where an input is of the same stage as what is made of it, each of the two countries counts for its
//! part of the worth. Stock and goods under way at the start are of unknown making.
//!
//! What is told of a unit is up to `Told`: `mix` tells the countries of its last stage and the links
//! between those before, for a diagram; [`mod@origins`] tells, of each stage and product before it, where it was done.
//!
//! Within a step goods may pass through many slots, and back: what is told of the slots of a step solves a linear
//! system, x = Q x + r (`linear`), slots that depend on each other together. A loop that nothing enters has no
//! answer, which is an error.

mod chain;
mod linear;
mod mix;
pub mod origins;

use std::collections::HashMap;
use std::mem::take;

use coercivity_model::Model;
use coercivity_model::model::StockKind;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

pub use chain::Chain;
use linear::{Shares, System};
use mix::Mixes;
pub use mix::{Link, Mix, Node};
pub use origins::origins;

use crate::program::{Column, Row};
use crate::results::carried_out;
use crate::run::Outcome;
use crate::space::{Run, SlotId, Space};
use crate::state::State;

/// Quantities below this are rounding of the solver.
const NOTHING: f64 = 1e-9;

/// A loop that nothing enters and that carries less than this is rounding too: its making is unknown.
const ROUNDING: f64 = 1e-6;

/// Units of a product that a demand used in a step, and what is told of them.
#[derive(Clone, Debug)]
pub struct Used<M = Mix> {
    pub demand: usize,
    pub product: usize,
    pub step: usize,
    pub quantity: f64,
    /// Share of the units that came out of stock: what the stock of the product in the region fell by
    /// in the step, over all that was taken there.
    pub from_stock: f64,
    pub mix: M,
}

/// All that demands used, by step, with the nodes and links that the mixes name.
#[derive(Clone, Debug)]
pub struct Trace {
    pub chain: Chain,
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    pub used: Vec<Used>,
}

/// A loop that nothing enters: where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndlessLoop {
    pub product: usize,
    pub region: usize,
    pub step: usize,
}

impl EndlessLoop {
    /// The same in words.
    pub fn message(&self, model: &Model) -> String {
        format!(
            "{} in {} goes round in a loop that nothing of worth enters, in the step from {}: where it was made has no \
             answer; `coercivity check` names recipes that give more than they take",
            model.products[self.product].name,
            model.regions[self.region].name,
            model.calendar.first_day(self.step),
        )
    }
}

/// Traces everything that was used, for the flow diagram. See the module's head.
pub fn trace(model: &Model, outcome: &Outcome) -> Result<Trace, EndlessLoop> {
    let mut told = Mixes::new(model, &outcome.space);
    let used = used(model, outcome, &mut told)?;
    let mixed = |u: Used<Layers>| {
        let (demand, product, step, quantity, from_stock) = (u.demand, u.product, u.step, u.quantity, u.from_stock);
        Used { demand, product, step, quantity, from_stock, mix: Mixes::mix(u.mix) }
    };
    let used = used.into_iter().map(mixed).collect();
    Ok(Trace { chain: told.chain, nodes: told.nodes, links: told.links, used })
}

/// What is told of a unit, layer by layer.
type Layers = Vec<Shares>;

/// What is told of units: shares of what a number stands for, in layers. A layer mixes as the units do, and may
/// rest on those before it.
trait Told {
    fn layers(&self) -> usize;

    /// What is told of units that were there at the start.
    fn unknown(&mut self, product: usize) -> Layers;

    /// What is told in a layer of units of a product that a run makes.
    fn made(&mut self, run: &Run, product: usize, layer: usize, told: &[Layers]) -> Made;

    /// Whether something is told of the demand's use.
    fn wants(&self, _demand: usize) -> bool {
        true
    }
}

/// Where what is told of made units comes from. What is passed on and what is left add up to 1.
struct Made {
    /// Shares of the units that are as what was in a slot.
    passed: Vec<(SlotId, f64)>,
    left: f64,
    added: Shares,
}

/// The inputs of a run by their parts of its worth.
struct Parts {
    /// Of the output's own kind, and how much of the output's worth they are together.
    same: Vec<(SlotId, f64)>,
    kept: f64,
    /// The others: shares that add up to 1.
    other: Vec<(SlotId, f64)>,
}

/// The inputs of a run, those of its output's own kind apart. What is worth nothing counts by number.
fn by_worth(model: &Model, space: &Space, run: &Run, same: impl Fn(SlotId) -> bool) -> Parts {
    let worth = |(slot, amount): &(SlotId, f64)| (*slot, model.products[space.slots[*slot].product].price * amount);
    let (same, other): (Vec<_>, Vec<_>) = run.inputs.iter().map(worth).partition(|(slot, _)| same(*slot));
    let all: f64 = run.outputs.iter().map(|(out, _, amount)| model.products[*out].price * amount).sum();
    let brought: f64 = same.iter().map(|(_, worth)| worth).sum();
    let kept = if all > 0.0 { (brought / all).min(1.0) } else { 0.0 };
    let same = shares(&same).into_iter().map(|(slot, share)| (slot, share * kept)).collect();
    Parts { same, kept, other: shares(&other) }
}

fn shares(weights: &[(SlotId, f64)]) -> Vec<(SlotId, f64)> {
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let share = |weight: f64| if total > 0.0 { weight / total } else { 1.0 / weights.len() as f64 };
    weights.iter().map(|(slot, weight)| (*slot, share(*weight))).collect()
}

/// Where units in a slot come from.
enum Source {
    /// Known before the step is solved.
    Known(Layers),
    /// Passed on from another slot in the same step.
    Slot(SlotId),
    /// Made in the same step by a run (position in `Space::runs`): this product.
    Made { run: usize, product: usize },
}

type Sources = HashMap<SlotId, Vec<(f64, Source)>>;

/// A column of a step: what it takes and what it gives.
struct Move {
    column: Column,
    takes: Vec<(SlotId, f64)>,
    /// (slot, step in which they are there, units).
    gives: Vec<(SlotId, usize, f64)>,
}

/// The moves of each step that were carried out.
fn moves(model: &Model, outcome: &Outcome) -> Vec<Vec<Move>> {
    let mut moves: Vec<Vec<Move>> = (0..model.steps()).map(|_| Vec::new()).collect();
    for (plan, c, column, value) in carried_out(outcome).filter(|(_, _, _, value)| *value > NOTHING) {
        let Some(step) = column.step() else { continue };
        let (mut takes, mut gives) = (Vec::new(), Vec::new());
        for e in plan.program.start[c]..plan.program.start[c + 1] {
            let Row::Balance { slot, step } = plan.program.rows[plan.program.index[e]] else { continue };
            let units = plan.program.value[e] * value;
            if units < 0.0 {
                takes.push((slot, -units));
            } else {
                gives.push((slot, step, units));
            }
        }
        if !takes.is_empty() || !gives.is_empty() {
            moves[step].push(Move { column, takes, gives });
        }
    }
    moves
}

/// What is told of everything that was used.
fn used<T: Told>(model: &Model, outcome: &Outcome, told: &mut T) -> Result<Vec<Used<Layers>>, EndlessLoop> {
    let mut tracer = Tracer {
        model,
        outcome,
        told,
        waiting: HashMap::new(),
        mixes: Vec::new(),
        in_stock: vec![0.0; model.regions.len() * model.products.len()],
    };
    tracer.start();
    let mut used = Vec::new();
    for (step, moves) in moves(model, outcome).into_iter().enumerate() {
        tracer.step(step, &moves, &mut used)?;
    }
    Ok(used)
}

struct Tracer<'a, T> {
    model: &'a Model,
    outcome: &'a Outcome,
    told: &'a mut T,
    /// Units that will be in a slot in a step, of known making.
    waiting: HashMap<(SlotId, usize), Vec<(f64, Layers)>>,
    /// What is told of the slots in the current step, layer by layer.
    mixes: Vec<Layers>,
    /// Units in commercial stock at the end of the step before, by region x products + product.
    in_stock: Vec<f64>,
}

impl<T: Told> Tracer<'_, T> {
    /// Stock and goods under way at the start: of unknown making.
    fn start(&mut self) {
        let state = State::initial(self.model, &self.outcome.tags, &self.outcome.space);
        let commercial = |s: &usize| self.model.stocks[*s].kind == StockKind::Commercial;
        let stocks = (0..state.stocks.len()).filter(commercial).flat_map(|s| &state.stocks[s]);
        let mut there: Vec<(SlotId, usize, f64)> = stocks.map(|(slot, units)| (*slot, 0, *units)).collect();
        for (slot, _, units) in &there {
            let node = self.node(*slot);
            self.in_stock[node] += units;
        }
        there.extend(state.under_way.iter().filter_map(|way| Some((way.slot?, way.due, way.quantity))));
        for (slot, step, units) in there {
            let mix = self.unknown(slot);
            self.waiting.entry((slot, step)).or_default().push((units, mix));
        }
    }

    /// Position of a slot's region and product.
    fn node(&self, slot: SlotId) -> usize {
        let s = &self.outcome.space.slots[slot];
        s.region * self.model.products.len() + s.product
    }

    /// By region and product, the share of what is taken in a step that its stock falls by. The stock is
    /// then that at the end of the step.
    fn shares_from_stock(&mut self, moves: &[Move]) -> Vec<f64> {
        let nothing = vec![0.0; self.in_stock.len()];
        let (mut kept, mut released, mut taken) = (nothing.clone(), nothing.clone(), nothing);
        for one in moves {
            let list = match one.column {
                Column::Stock { .. } => &mut kept,
                // From one slot to another of the same region and product.
                Column::Relabel { .. } => continue,
                Column::Release { .. } => {
                    one.gives.iter().for_each(|(slot, _, units)| released[self.node(*slot)] += units);
                    continue;
                }
                _ => &mut taken,
            };
            one.takes.iter().for_each(|(slot, units)| list[self.node(*slot)] += units);
        }
        let before = std::mem::replace(&mut self.in_stock, kept);
        let share = |node: usize| {
            let out = (before[node] - self.in_stock[node]).max(0.0) + released[node];
            if taken[node] > NOTHING { (out / taken[node]).min(1.0) } else { 0.0 }
        };
        (0..before.len()).map(share).collect()
    }

    fn unknown(&mut self, slot: SlotId) -> Layers {
        self.told.unknown(self.outcome.space.slots[slot].product)
    }

    fn step(&mut self, step: usize, moves: &[Move], used: &mut Vec<Used<Layers>>) -> Result<(), EndlessLoop> {
        let sources = self.sources(step, moves);
        self.mixes = vec![vec![Shares::new(); self.told.layers()]; self.outcome.space.slots.len()];
        for members in self.components(&sources) {
            self.settle(step, &members, &sources)?;
        }
        let from_stock = self.shares_from_stock(moves);
        for one in moves {
            for (slot, due, units) in one.gives.iter().filter(|(_, due, _)| *due > step) {
                let mix = match one.column {
                    Column::Activity { run, .. } => self.made(run, self.outcome.space.slots[*slot].product),
                    _ => self.mixes[one.takes[0].0].clone(),
                };
                self.waiting.entry((*slot, *due)).or_default().push((*units, mix));
            }
            if let Column::Met { demand, step, .. } = one.column
                && self.told.wants(demand)
            {
                for (slot, units) in &one.takes {
                    used.push(Used {
                        demand,
                        product: self.outcome.space.slots[*slot].product,
                        step,
                        quantity: *units,
                        from_stock: from_stock[self.node(*slot)],
                        mix: self.mixes[*slot].clone(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Where the units in each slot of a step come from.
    fn sources(&mut self, step: usize, moves: &[Move]) -> Sources {
        let mut sources = Sources::new();
        for slot in 0..self.outcome.space.slots.len() {
            if let Some(known) = self.waiting.remove(&(slot, step)) {
                sources.insert(slot, known.into_iter().map(|(units, mix)| (units, Source::Known(mix))).collect());
            }
        }
        for one in moves {
            for (slot, _, units) in one.gives.iter().filter(|(_, due, _)| *due == step) {
                let source = match (one.column, one.takes.first()) {
                    (Column::Activity { run, .. }, _) => {
                        Source::Made { run, product: self.outcome.space.slots[*slot].product }
                    }
                    (_, Some((from, _))) => Source::Slot(*from),
                    // A release: strategic stock was there at the start.
                    (_, None) => Source::Known(self.unknown(*slot)),
                };
                sources.entry(*slot).or_default().push((*units, source));
            }
        }
        // What is taken where less than rounding was given.
        for (slot, units) in moves.iter().flat_map(|one| &one.takes) {
            if !sources.contains_key(slot) {
                let unknown = Source::Known(self.unknown(*slot));
                sources.insert(*slot, vec![(*units, unknown)]);
            }
        }
        sources
    }

    /// Slots that depend on each other stand together, after those that they depend on.
    fn components(&self, sources: &Sources) -> Vec<Vec<SlotId>> {
        let mut slots: Vec<SlotId> = sources.keys().copied().collect();
        slots.sort_unstable();
        let mut graph: DiGraph<SlotId, ()> = DiGraph::new();
        let nodes: HashMap<SlotId, NodeIndex> = slots.iter().map(|slot| (*slot, graph.add_node(*slot))).collect();
        for slot in &slots {
            for (_, source) in &sources[slot] {
                let inputs: &[(SlotId, f64)] = match source {
                    Source::Known(_) => &[],
                    Source::Slot(from) => &[(*from, 1.0)],
                    Source::Made { run, .. } => &self.outcome.space.runs[*run].inputs,
                };
                for from in inputs.iter().filter_map(|(from, _)| nodes.get(from)) {
                    graph.add_edge(nodes[slot], *from, ());
                }
            }
        }
        let sorted = |members: Vec<NodeIndex>| {
            let mut members: Vec<SlotId> = members.into_iter().map(|node| graph[node]).collect();
            members.sort_unstable();
            members
        };
        tarjan_scc(&graph).into_iter().map(sorted).collect()
    }

    /// Solves what is told of slots that depend on each other.
    fn settle(&mut self, step: usize, members: &[SlotId], sources: &Sources) -> Result<(), EndlessLoop> {
        for layer in 0..self.told.layers() {
            match self.system(layer, members, sources).solve() {
                Some(solved) => members.iter().zip(solved).for_each(|(slot, own)| self.mixes[*slot][layer] = own),
                None => {
                    let most =
                        members.iter().flat_map(|slot| &sources[slot]).map(|(units, _)| *units).fold(0.0, f64::max);
                    if most < ROUNDING {
                        members.iter().for_each(|slot| self.mixes[*slot] = self.unknown(*slot));
                        return Ok(());
                    }
                    let slot = &self.outcome.space.slots[members[0]];
                    return Err(EndlessLoop { product: slot.product, region: slot.region, step });
                }
            }
        }
        Ok(())
    }

    fn system(&mut self, layer: usize, members: &[SlotId], sources: &Sources) -> System {
        let mut system = System::new(members.len());
        for (row, slot) in members.iter().enumerate() {
            let total: f64 = sources[slot].iter().map(|(units, _)| units).sum();
            for (units, source) in &sources[slot] {
                let share = units / total;
                match source {
                    Source::Known(mix) => system.leave(row, share, &mix[layer]),
                    Source::Slot(from) => self.pass(&mut system, layer, members, row, *from, share),
                    Source::Made { run, product } => {
                        let run = &self.outcome.space.runs[*run];
                        let made = self.told.made(run, *product, layer, &self.mixes);
                        system.leave(row, share * made.left, &[]);
                        system.add(row, share, &made.added);
                        for (from, part) in made.passed {
                            self.pass(&mut system, layer, members, row, from, share * part);
                        }
                    }
                }
            }
        }
        system
    }

    fn pass(&self, system: &mut System, layer: usize, members: &[SlotId], row: usize, from: SlotId, share: f64) {
        match members.binary_search(&from) {
            Ok(to) => system.pass(row, to, share),
            Err(_) => system.leave(row, share, &self.mixes[from][layer]),
        }
    }

    /// What is told of what a run makes in the current step and that is there later.
    fn made(&mut self, run: usize, product: usize) -> Layers {
        let run = &self.outcome.space.runs[run];
        let mut layers = Vec::with_capacity(self.told.layers());
        for layer in 0..self.told.layers() {
            let mut made = self.told.made(run, product, layer, &self.mixes);
            let mut all = take(&mut made.added);
            for (from, part) in made.passed {
                all.extend(self.mixes[from][layer].iter().map(|(name, share)| (*name, share * part)));
            }
            layers.push(linear::merged(all));
        }
        layers
    }
}
