//! Mixes: what units are made of, as shares of nodes and links.

use std::collections::HashMap;

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
    pub made: Vec<(usize, f64)>,
    /// (position in `Trace::links`, share): the shares of links into one stage add up to at most 1.
    pub links: Vec<(usize, f64)>,
}

/// Shares below this are left out.
const LITTLE: f64 = 1e-9;

impl Mix {
    /// Made at one node, of nothing known.
    pub fn made(node: usize) -> Mix {
        Mix { made: vec![(node, 1.0)], links: Vec::new() }
    }

    /// The same worked on at a node.
    pub fn into(self, node: usize, names: &mut Names) -> Mix {
        let mut links = self.links;
        links.extend(self.made.into_iter().map(|(from, share)| (names.link(Link { from, to: node }), share)));
        Mix { made: vec![(node, 1.0)], links: merged(links) }
    }

    /// The largest difference of two shares.
    pub fn distance(&self, other: &Mix) -> f64 {
        let most = |a: &[(usize, f64)], b: &[(usize, f64)]| {
            let of = |list: &[(usize, f64)], name| list.binary_search_by_key(&name, |(n, _)| *n).map(|i| list[i].1);
            a.iter().map(|(name, share)| (share - of(b, *name).unwrap_or(0.0)).abs()).fold(0.0, f64::max)
        };
        let both = |a: &[(usize, f64)], b: &[(usize, f64)]| most(a, b).max(most(b, a));
        both(&self.made, &other.made).max(both(&self.links, &other.links))
    }
}

/// Adds mixes up.
#[derive(Default)]
pub struct Mixer {
    made: Vec<(usize, f64)>,
    links: Vec<(usize, f64)>,
}

impl Mixer {
    pub fn add(&mut self, mix: &Mix, weight: f64) {
        self.made.extend(mix.made.iter().map(|(name, share)| (*name, share * weight)));
        self.links.extend(mix.links.iter().map(|(name, share)| (*name, share * weight)));
    }

    pub fn finish(self) -> Mix {
        Mix { made: merged(self.made), links: merged(self.links) }
    }
}

/// Sorted, with one entry a name.
fn merged(mut list: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    // Stable, so that sums are taken in the order in which they were added.
    list.sort_by_key(|(name, _)| *name);
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    list.retain(|(_, share)| *share > LITTLE);
    list
}

/// Nodes and links by number.
#[derive(Default)]
pub struct Names {
    nodes: Vec<Node>,
    links: Vec<Link>,
    node_of: HashMap<Node, usize>,
    link_of: HashMap<Link, usize>,
}

impl Names {
    pub fn node(&mut self, node: Node) -> usize {
        *self.node_of.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    pub fn link(&mut self, link: Link) -> usize {
        *self.link_of.entry(link).or_insert_with(|| {
            self.links.push(link);
            self.links.len() - 1
        })
    }

    /// All of them, by number.
    pub fn lists(self) -> (Vec<Node>, Vec<Link>) {
        (self.nodes, self.links)
    }
}
