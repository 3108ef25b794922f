//! Origins: for what a demand used, the countries in which each stage and each product before it was made.
//!
//! A unit is followed back through the inputs of what it was made of, of several inputs each for its part of what
//! they are worth together at the model's prices. Its share of a stage in a country is the part of it of which the
//! stage was last done there. So for each stage the shares add up to 1 with two others: what was there at the
//! start and may have been through the stage ([`Origin::Start`]), and what has not been through it
//! ([`Origin::Other`]), such as goods of a route that skips the stage, or an input whose chain begins later.
//!
//! Where the stage is that of a step's inputs too (memory in an accelerator, both chips), the step counts for what its
//! output is worth above them. Scrap carries what it fell from: ore in a magnet made of scrap is that of the magnet
//! before. The same is told of each product that was passed on the way, as if it were a stage of its own.

use std::collections::BTreeMap;
use std::ops::Range;

use coercivity_model::Model;

use super::linear::Shares;
use super::{Chain, EndlessLoop, Layers, Made, NOTHING, Told, by_worth, used};
use crate::results::table::ResultTable;
use crate::results::tables::Rows;
use crate::run::Outcome;
use crate::space::{Run, Space};

/// What units were made of passed through this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Passed {
    /// A stage: position in `Chain::stages`.
    Stage(usize),
    Product(usize),
}

/// Where it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Region(usize),
    /// Not known: stock, or goods under way, at the start.
    Start,
    /// It did not pass through it.
    Other,
}

/// Units of a product that a demand used, by where each stage and product before was made.
#[derive(Clone, Debug)]
pub struct Used {
    pub demand: usize,
    pub product: usize,
    pub quantity: f64,
    /// Units of it that came out of stock, at the place of use.
    pub from_stock: f64,
    /// Units by origin: of each they add up to `quantity`. Stages down the chain, then products.
    pub passed: Vec<(Passed, BTreeMap<Origin, f64>)>,
}

impl Used {
    /// Units that passed through something there.
    pub fn units(&self, passed: Passed, origin: Origin) -> f64 {
        let of = self.passed.iter().find(|(p, _)| *p == passed);
        of.and_then(|(_, units)| units.get(&origin)).copied().unwrap_or(0.0)
    }

    /// The same over all that was used.
    pub fn share(&self, passed: Passed, origin: Origin) -> f64 {
        self.units(passed, origin) / self.quantity
    }

    fn add(&mut self, other: &Used) {
        for (passed, units) in &other.passed {
            if !self.passed.iter().any(|(mine, _)| mine == passed) {
                // So far all of it had not passed through.
                self.passed.push((*passed, BTreeMap::from([(Origin::Other, self.quantity)])));
            }
            let (_, mine) = self.passed.iter_mut().find(|(mine, _)| mine == passed).expect("it is there now");
            units.iter().for_each(|(origin, units)| *mine.entry(*origin).or_default() += units);
        }
        for (passed, mine) in &mut self.passed {
            if !other.passed.iter().any(|(theirs, _)| theirs == passed) {
                *mine.entry(Origin::Other).or_default() += other.quantity;
            }
        }
        self.quantity += other.quantity;
        self.from_stock += other.from_stock;
    }
}

/// Origins of all that was used, by step; by demand, product and step.
pub struct Origins {
    pub chain: Chain,
    pub used: BTreeMap<(usize, usize, usize), Used>,
}

impl Origins {
    /// What a demand used in these steps, product by product.
    pub fn over(&self, demand: usize, steps: Range<usize>) -> Vec<Used> {
        let mut total: Vec<Used> = Vec::new();
        for ((_, product, _), used) in self.of(demand).filter(|((_, _, step), _)| steps.contains(step)) {
            match total.last_mut().filter(|last| last.product == *product) {
                Some(last) => last.add(used),
                None => total.push(used.clone()),
            }
        }
        for used in &mut total {
            used.passed.sort_by_key(|(passed, _)| (self.place(*passed), *passed));
        }
        total
    }

    /// What a demand used, by product and step.
    pub fn of(&self, demand: usize) -> impl Iterator<Item = (&(usize, usize, usize), &Used)> {
        self.used.range((demand, 0, 0)..(demand + 1, 0, 0))
    }

    fn place(&self, passed: Passed) -> (usize, usize) {
        place(&self.chain, passed)
    }

    pub fn name<'m>(&'m self, model: &'m Model, passed: Passed) -> &'m str {
        match passed {
            Passed::Stage(stage) => &self.chain.stages[stage],
            Passed::Product(product) => &model.products[product].id,
        }
    }
}

/// Order of what is passed: stages before products, down the chain. A stage that some goods skip stands before the
/// first that follows it.
fn place(chain: &Chain, passed: Passed) -> (usize, usize) {
    let column = |stage: usize| chain.column[stage].map_or(2 * chain.before(stage), |column| 2 * column + 1);
    match passed {
        Passed::Stage(stage) => (0, column(stage)),
        Passed::Product(product) => (1, column(chain.stage_of[product])),
    }
}

/// Origins of what a demand used; of all demands without one.
///
/// # Errors
///
/// If in some step goods go round in a loop that nothing enters.
pub fn origins(model: &Model, outcome: &Outcome, demand: Option<usize>) -> Result<Origins, EndlessLoop> {
    let mut passages = Passages::new(model, &outcome.space, demand);
    let list = used(model, outcome, &mut passages)?;
    let mut all: BTreeMap<(usize, usize, usize), Used> = BTreeMap::new();
    for one in list.into_iter().filter(|one| one.quantity > NOTHING) {
        let passed = passages.all.iter().zip(&one.mix).filter(|(_, shares)| !shares.is_empty());
        let passed = passed.map(|(passed, shares)| (*passed, passages.units(shares, one.quantity))).collect();
        let (demand, product, quantity) = (one.demand, one.product, one.quantity);
        let used = Used { demand, product, quantity, from_stock: quantity * one.from_stock, passed };
        let key = (demand, product, one.step);
        match all.get_mut(&key) {
            Some(before) => before.add(&used),
            None => drop(all.insert(key, used)),
        }
    }
    Ok(Origins { chain: passages.chain, used: all })
}

/// Tells, of each stage and product, where it was last passed: regions by number, and after them the start.
struct Passages<'a> {
    model: &'a Model,
    space: &'a Space,
    chain: Chain,
    demand: Option<usize>,
    /// By layer.
    all: Vec<Passed>,
    /// By layer and product: whether units of the product can have passed, and whether those may that were there at
    /// the start: not by falling from what was made of it.
    can: Vec<Vec<bool>>,
    may: Vec<Vec<bool>>,
}

impl<'a> Passages<'a> {
    fn new(model: &'a Model, space: &'a Space, demand: Option<usize>) -> Self {
        let chain = Chain::new(model);
        let demands = model.demands.iter().enumerate().filter(|(d, _)| demand.is_none_or(|wanted| wanted == *d));
        let wanted: Vec<usize> =
            demands.flat_map(|(_, d)| &d.options).flat_map(|o| &o.uses).map(|(product, _)| *product).collect();
        let stages = (0..chain.stages.len()).map(Passed::Stage);
        let mut all: Vec<Passed> = stages.chain((0..model.products.len()).map(Passed::Product)).collect();
        all.sort_by_key(|passed| (place(&chain, *passed), *passed));
        let mut passages = Passages { model, space, chain, demand, all, can: Vec::new(), may: Vec::new() };
        passages.all.retain(|passed| {
            let can = reached(model, |p| is(&passages.chain, *passed, p), |_, _| true);
            wanted.iter().any(|product| can[*product])
        });
        for passed in &passages.all {
            let starts = |product| is(&passages.chain, *passed, product);
            passages.can.push(reached(model, starts, |_, _| true));
            let on = |process, product| !passages.chain.begins_anew(process, product);
            passages.may.push(reached(model, starts, on));
        }
        passages
    }

    fn units(&self, shares: &Shares, quantity: f64) -> BTreeMap<Origin, f64> {
        let origin = |name: usize| if name == self.start() { Origin::Start } else { Origin::Region(name) };
        let mut units: BTreeMap<Origin, f64> =
            shares.iter().map(|(name, share)| (origin(*name), share * quantity)).collect();
        let other = quantity - units.values().sum::<f64>();
        if other > NOTHING * quantity {
            units.insert(Origin::Other, other);
        }
        units
    }

    /// The number that stands for what was there at the start.
    fn start(&self) -> usize {
        self.model.regions.len()
    }
}

fn is(chain: &Chain, passed: Passed, product: usize) -> bool {
    match passed {
        Passed::Stage(stage) => chain.stage_of[product] == stage,
        Passed::Product(own) => own == product,
    }
}

/// By product: whether it is one of these or can be made of one, by these outputs of processes.
fn reached(model: &Model, starts: impl Fn(usize) -> bool, on: impl Fn(usize, usize) -> bool) -> Vec<bool> {
    let mut reached: Vec<bool> = (0..model.products.len()).map(starts).collect();
    loop {
        let before = reached.clone();
        for (q, process) in model.processes.iter().enumerate() {
            if process.inputs.iter().any(|(input, _)| reached[*input]) {
                let outputs = process.outputs.iter().filter(|(output, _)| on(q, *output));
                outputs.for_each(|(output, _)| reached[*output] = true);
            }
        }
        if reached == before {
            return reached;
        }
    }
}

impl Told for Passages<'_> {
    /// After those of stages and products one in which nothing is told but that it came from somewhere: in a loop that
    /// nothing enters, each stage is done, and yet there is no first one.
    fn layers(&self) -> usize {
        self.all.len() + 1
    }

    fn wants(&self, demand: usize) -> bool {
        self.demand.is_none_or(|wanted| wanted == demand)
    }

    fn unknown(&mut self, product: usize) -> Layers {
        let of = |may: &Vec<bool>| if may[product] { vec![(self.start(), 1.0)] } else { Shares::new() };
        self.may.iter().map(of).chain([Shares::new()]).collect()
    }

    fn made(&mut self, run: &Run, product: usize, layer: usize, _: &[Layers]) -> Made {
        if let Some(&passed) = self.all.get(layer) {
            if !self.can[layer][product] {
                return Made { passed: Vec::new(), left: 1.0, added: Shares::new() };
            }
            if is(&self.chain, passed, product) {
                let same = |slot: usize| is(&self.chain, passed, self.space.slots[slot].product);
                let parts = by_worth(self.model, self.space, run, same);
                let here = self.model.sites[run.site].region;
                let left = 1.0 - parts.kept;
                return Made { passed: parts.same, left, added: vec![(here, left)] };
            }
        }
        let parts = by_worth(self.model, self.space, run, |_| false);
        let left = if parts.other.is_empty() { 1.0 } else { 0.0 };
        Made { passed: parts.other, left, added: Shares::new() }
    }
}

/// The origins of what a demand used in these steps, step by step. `share` is that of the units used; as origin,
/// `(start)` stands for what is not known and `(other)` for what has not been through the stage or product.
pub fn table(name: &'static str, model: &Model, origins: &Origins, demand: usize, steps: Range<usize>) -> ResultTable {
    let mut rows = Rows::new();
    for ((_, product, step), used) in origins.of(demand).filter(|((_, _, step), _)| steps.contains(step)) {
        let product = &model.products[*product];
        for (passed, units) in &used.passed {
            let kind = match passed {
                Passed::Stage(_) => "stage",
                Passed::Product(_) => "product",
            };
            for (origin, units) in units {
                let origin = origin_id(model, *origin);
                let texts =
                    [&model.demands[demand].id, &product.id, &product.unit, kind, origins.name(model, *passed), origin];
                rows.push(*step, texts, [units / used.quantity, *units]);
            }
        }
    }
    let texts = ["demand", "product", "unit", "of", "passed", "origin"];
    rows.finish(model, name, texts, ["share", "quantity"])
}

/// A region's id, `(start)` or `(other)`.
pub fn origin_id(model: &Model, origin: Origin) -> &str {
    match origin {
        Origin::Region(region) => &model.regions[region].id,
        Origin::Start => "(start)",
        Origin::Other => "(other)",
    }
}
