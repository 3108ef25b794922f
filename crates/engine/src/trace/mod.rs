//! Where the goods that a demand uses were made, stage by stage, read off the flows of a run.
//!
//! In each step and slot all that is there mixes, and whoever takes from the slot takes of the mix. A process
//! passes on what its inputs were made of, weighted by what they are worth at the model's prices, and adds its
//! own country. Where an input is of the same stage as what is made of it, each of the two countries counts for its
//! part of the worth. So a unit used carries, for each stage, shares of the countries where that stage was done, and
//! for each pair of stages that follow each other the shares of the pairs of countries: the links. Stock and
//! goods under way at the start are of unknown making.
//!
//! Within a step goods may pass through many slots, and back: the mixes of a step solve a linear system,
//! x = Q x + r. It is solved by sweeps down the chain, which settle at once where nothing goes back. A loop
//! that nothing enters has no answer, which is an error.

mod chain;
mod mix;

use std::collections::HashMap;

use coercivity_model::Model;

pub use chain::Chain;
pub use mix::{Link, Mix, Node};
use mix::{Mixer, Names};

use crate::program::{Column, Row};
use crate::results::carried_out;
use crate::run::Outcome;
use crate::space::SlotId;
use crate::state::State;

/// Quantities below this are rounding of the solver.
const NOTHING: f64 = 1e-9;

/// Sweeps settle when no share changes by more, and must within so many.
const SETTLED: f64 = 1e-10;
const SWEEPS: usize = 500;

/// Units of a product that a demand used in a step, and where they were made.
#[derive(Clone, Debug)]
pub struct Used {
    pub demand: usize,
    pub product: usize,
    pub step: usize,
    pub quantity: f64,
    /// Share of the units that came out of stock: what the stock of the product in the region fell by
    /// in the step, over all that was taken there.
    pub from_stock: f64,
    pub mix: Mix,
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

/// Where units in a slot come from.
enum Source {
    /// Of a mix known before the step is solved.
    Known(Mix),
    /// Passed on from another slot in the same step.
    Slot(SlotId),
    /// Made in the same step by a run (position in `Space::runs`): this product.
    Made { run: usize, product: usize },
}

/// A column of a step: what it takes and what it gives.
struct Move {
    column: Column,
    takes: Vec<(SlotId, f64)>,
    /// (slot, step in which they are there, units).
    gives: Vec<(SlotId, usize, f64)>,
}

/// Traces everything that was used. See the module's head.
pub fn trace(model: &Model, outcome: &Outcome) -> Result<Trace, EndlessLoop> {
    let mut tracer = Tracer {
        model,
        outcome,
        chain: Chain::new(model),
        names: Names::default(),
        waiting: HashMap::new(),
        mixes: vec![Mix::default(); outcome.space.slots.len()],
        in_stock: vec![0.0; model.regions.len() * model.products.len()],
    };
    tracer.start();
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
    let mut used = Vec::new();
    for (step, moves) in moves.into_iter().enumerate() {
        tracer.step(step, &moves, &mut used)?;
    }
    let Tracer { chain, names, .. } = tracer;
    let (nodes, links) = names.lists();
    Ok(Trace { chain, nodes, links, used })
}

struct Tracer<'a> {
    model: &'a Model,
    outcome: &'a Outcome,
    chain: Chain,
    names: Names,
    /// Units that will be in a slot in a step, of known making.
    waiting: HashMap<(SlotId, usize), Vec<(f64, Mix)>>,
    /// Of the slots in the current step.
    mixes: Vec<Mix>,
    /// Units in commercial stock at the end of the step before, by region x products + product.
    in_stock: Vec<f64>,
}

impl Tracer<'_> {
    /// Stock and goods under way at the start: of unknown making.
    fn start(&mut self) {
        let state = State::initial(self.model, &self.outcome.tags, &self.outcome.space);
        let commercial = |s: &usize| self.model.stocks[*s].kind == coercivity_model::model::StockKind::Commercial;
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

    fn unknown(&mut self, slot: SlotId) -> Mix {
        let product = self.outcome.space.slots[slot].product;
        let stage = self.chain.stage_of[product];
        match self.chain.column[stage] {
            Some(_) => Mix::made(self.names.node(Node { stage, region: None })),
            None => Mix::default(),
        }
    }

    fn step(&mut self, step: usize, moves: &[Move], used: &mut Vec<Used>) -> Result<(), EndlessLoop> {
        let mut sources: HashMap<SlotId, Vec<(f64, Source)>> = HashMap::new();
        for slot in 0..self.mixes.len() {
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
        self.settle(step, &sources)?;
        let from_stock = self.shares_from_stock(moves);
        for one in moves {
            for (slot, due, units) in one.gives.iter().filter(|(_, due, _)| *due > step) {
                let mix = match one.column {
                    Column::Activity { run, .. } => {
                        let product = self.outcome.space.slots[*slot].product;
                        self.made(run, product)
                    }
                    _ => self.mixes[one.takes[0].0].clone(),
                };
                self.waiting.entry((*slot, *due)).or_default().push((*units, mix));
            }
            if let Column::Met { demand, step, .. } = one.column {
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

    /// Solves the mixes of a step by sweeps down the chain.
    fn settle(&mut self, step: usize, sources: &HashMap<SlotId, Vec<(f64, Source)>>) -> Result<(), EndlessLoop> {
        let slots = &self.outcome.space.slots;
        let mut order: Vec<SlotId> = sources.keys().copied().collect();
        // Down the chain, and units as they come before units to draw from.
        order.sort_by_key(|slot| {
            let s = &slots[*slot];
            (self.chain.column_of(s.product).unwrap_or(0), s.product, !s.kept, *slot)
        });
        self.mixes.iter_mut().for_each(|mix| *mix = Mix::default());
        for _ in 0..SWEEPS {
            let mut change = 0.0_f64;
            for slot in &order {
                let mut mixer = Mixer::default();
                let total: f64 = sources[slot].iter().map(|(units, _)| units).sum();
                for (units, source) in &sources[slot] {
                    match source {
                        Source::Known(mix) => mixer.add(mix, units / total),
                        Source::Slot(from) => mixer.add(&self.mixes[*from], units / total),
                        Source::Made { run, product } => {
                            let mix = self.made(*run, *product);
                            mixer.add(&mix, units / total);
                        }
                    }
                }
                let mix = mixer.finish();
                change = change.max(mix.distance(&self.mixes[*slot]));
                self.mixes[*slot] = mix;
            }
            if change < SETTLED {
                return match order.iter().find(|slot| self.is_endless(**slot)) {
                    Some(slot) => Err(EndlessLoop { product: slots[*slot].product, region: slots[*slot].region, step }),
                    None => Ok(()),
                };
            }
        }
        let slot = &slots[order[0]];
        Err(EndlessLoop { product: slot.product, region: slot.region, step })
    }

    /// Whether nothing that was ever made is in a slot.
    fn is_endless(&self, slot: SlotId) -> bool {
        let product = self.outcome.space.slots[slot].product;
        self.chain.column_of(product).is_some() && self.mixes[slot].made.is_empty()
    }

    /// What comes out of a run in the current step. Inputs that are of the output's own stage already (memory
    /// in an accelerator, both chips) keep what they are made of, for the part of the output's worth that they
    /// are; the rest is made here.
    fn made(&mut self, run: usize, product: usize) -> Mix {
        let run = &self.outcome.space.runs[run];
        let stage = self.chain.stage_of[product];
        let node = Node { stage, region: Some(self.model.sites[run.site].region) };
        let here = self.chain.column[stage].map(|_| self.names.node(node));
        if self.chain.begins_anew(run.process, product) {
            return here.map_or_else(Mix::default, Mix::made);
        }
        let of_product = |slot: SlotId| self.outcome.space.slots[slot].product;
        let worth = |slot: SlotId, amount: f64| self.model.products[of_product(slot)].price * amount;
        let (same, before): (Vec<_>, Vec<_>) = run
            .inputs
            .iter()
            .map(|(slot, amount)| (*slot, worth(*slot, *amount)))
            .partition(|(slot, _)| here.is_some() && self.chain.stage_of[of_product(*slot)] == stage);
        let all: f64 = run.outputs.iter().map(|(out, _, amount)| self.model.products[*out].price * amount).sum();
        let brought: f64 = same.iter().map(|(_, worth)| worth).sum();
        let kept = if all > 0.0 { (brought / all).min(1.0) } else { 0.0 };
        let made = match here {
            // Passed through: as if the step had not been.
            None => self.mixed(&before),
            Some(here) => self.mixed(&before).into(here, &mut self.names),
        };
        let mut mixer = Mixer::default();
        mixer.add(&self.mixed(&same), kept);
        mixer.add(&made, 1.0 - kept);
        mixer.finish()
    }

    /// The mix of slots by weight; of weights that are all 0, by number.
    fn mixed(&self, weights: &[(SlotId, f64)]) -> Mix {
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let mut mixer = Mixer::default();
        for (slot, weight) in weights {
            let share = if total > 0.0 { weight / total } else { 1.0 / weights.len() as f64 };
            mixer.add(&self.mixes[*slot], share);
        }
        mixer.finish()
    }
}
