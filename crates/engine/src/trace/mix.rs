//! Mixes: what units are made of, as shares of nodes and links. The flow diagram is drawn of them.

use std::collections::HashMap;

use coercivity_model::Model;

use super::linear::Shares;
use super::{Chain, Layers, Made, Told, by_worth};
use crate::space::{Run, Space};

/// A country at a stage; `None` = unknown, for what was there at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    pub stage: usize,
    pub region: Option<usize>,
}

/// What was done at one node and went on to be worked at another (positions in `Trace::nodes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    pub from: usize,
    pub to: usize,
}

/// What a unit is made of. Both lists are sorted by what they name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mix {
    /// Where its last stage was done: (position in `Trace::nodes`, share). They add up to 1, but for units
    /// of which all that was done is passed through.
    pub made: Shares,
    /// (position in `Trace::links`, share): the shares of links into one stage add up to at most 1.
    pub links: Shares,
}

/// Layers of a unit's shares.
const MADE: usize = 0;
const LINKS: usize = 1;

/// Tells nodes and links, by number.
pub struct Mixes<'a> {
    model: &'a Model,
    space: &'a Space,
    pub chain: Chain,
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    node_of: HashMap<Node, usize>,
    link_of: HashMap<Link, usize>,
}

impl<'a> Mixes<'a> {
    pub fn new(model: &'a Model, space: &'a Space) -> Self {
        let (nodes, links) = (Vec::new(), Vec::new());
        let (node_of, link_of) = (HashMap::new(), HashMap::new());
        Mixes { model, space, chain: Chain::new(model), nodes, links, node_of, link_of }
    }

    fn node(&mut self, node: Node) -> usize {
        *self.node_of.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    fn link(&mut self, link: Link) -> usize {
        *self.link_of.entry(link).or_insert_with(|| {
            self.links.push(link);
            self.links.len() - 1
        })
    }

    pub fn mix(mut layers: Layers) -> Mix {
        let links = layers.pop().expect("two layers");
        Mix { made: layers.pop().expect("two layers"), links }
    }
}

impl Told for Mixes<'_> {
    fn layers(&self) -> usize {
        2
    }

    fn unknown(&mut self, product: usize) -> Layers {
        let stage = self.chain.stage_of[product];
        let known = self.chain.column[stage].map(|_| (self.node(Node { stage, region: None }), 1.0));
        vec![Vec::from_iter(known), Shares::new()]
    }

    /// Inputs that are of the output's own stage already (memory in an accelerator, both chips) keep what they
    /// are made of, for the part of the output's worth that they are; the rest is made here. Where the stage is
    /// passed through, it is as if the step had not been.
    fn made(&mut self, run: &Run, product: usize, layer: usize, told: &[Layers]) -> Made {
        let stage = self.chain.stage_of[product];
        let node = Node { stage, region: Some(self.model.sites[run.site].region) };
        let here = self.chain.column[stage].map(|_| self.node(node));
        if self.chain.begins_anew(run.process, product) {
            let made = here.filter(|_| layer == MADE).map(|here| (here, 1.0));
            return Made { passed: Vec::new(), left: 1.0, added: Vec::from_iter(made) };
        }
        let same = |slot: usize| here.is_some() && self.chain.stage_of[self.space.slots[slot].product] == stage;
        let parts = by_worth(self.model, self.space, run, same);
        let worked: f64 = 1.0 - parts.kept;
        let mut passed = parts.same;
        match (here, layer) {
            (Some(here), MADE) => Made { passed, left: worked, added: vec![(here, worked)] },
            (here, _) => {
                let left = if parts.other.is_empty() { worked } else { 0.0 };
                let mut added = Shares::new();
                for (slot, share) in &parts.other {
                    passed.push((*slot, share * worked));
                    let into = here.filter(|_| layer == LINKS);
                    for (from, part) in told[*slot][MADE].iter().filter(|_| into.is_some()) {
                        let link = Link { from: *from, to: into.expect("as filtered") };
                        added.push((self.link(link), part * share * worked));
                    }
                }
                Made { passed, left, added }
            }
        }
    }
}
