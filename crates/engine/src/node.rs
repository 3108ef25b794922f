//! Nodes: the parts of a supply that may be lost, by the names people give on a command line.
//!
//! | written | what goes |
//! |---|---|
//! | `sep-lynas` | a site |
//! | `CHN:oxide` | a country at a stage, or at one product of it: `CHN:ox-dy` |
//! | `CHN` | a country: all its sites, and the lanes out of it |
//! | `mag-h:CHN>USA` | the lane of a product, or the lanes of a stage: `magnet:CHN>*` |
//! | `owner:Lynas` | the sites of an owner |
//!
//! A group of regions or products may stand for its members, `*` for all of them, and several nodes joined by `+`
//! are lost together.

use std::collections::BTreeSet;
use std::ops::Range;

use coercivity_model::names::nearest;
use coercivity_model::{Code, Diagnostic, Model};

use crate::trace::Chain;

/// What goes when a node is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// As it is written.
    pub id: String,
    /// (site, process) that no longer run.
    pub activities: BTreeSet<(usize, usize)>,
    /// Lanes on which nothing is sent any more. What is under way still arrives.
    pub lanes: BTreeSet<usize>,
}

/// A node that is lost for some steps.
#[derive(Clone, Debug)]
pub struct Loss {
    pub node: Node,
    pub steps: Range<usize>,
}

impl Node {
    /// Nothing lost.
    pub fn nothing() -> Node {
        Node { id: String::new(), activities: BTreeSet::new(), lanes: BTreeSet::new() }
    }

    /// Reads a node or several joined by `+`.
    ///
    /// Errors: one diagnostic for each part that names nothing, with the nearest known id.
    pub fn parse(model: &Model, text: &str) -> Result<Node, Vec<Diagnostic>> {
        let names = Names { model, chain: Chain::new(model) };
        let (mut whole, mut wrong) = (Node { id: text.to_string(), ..Node::nothing() }, Vec::new());
        // An owner's name may hold anything.
        let parts: Vec<&str> = if text.starts_with("owner:") { vec![text] } else { text.split('+').collect() };
        for part in parts {
            match names.part(part.trim()) {
                Ok(node) => {
                    whole.activities.extend(node.activities);
                    whole.lanes.extend(node.lanes);
                }
                Err(problem) => wrong.push(*problem),
            }
        }
        if wrong.is_empty() { Ok(whole) } else { Err(wrong) }
    }

    /// Every site.
    pub fn sites(model: &Model) -> Vec<Node> {
        let node = |s: usize| Node {
            id: model.sites[s].id.clone(),
            activities: model.sites[s].processes.iter().map(|q| (s, *q)).collect(),
            lanes: BTreeSet::new(),
        };
        (0..model.sites.len()).map(node).collect()
    }

    /// Every country at every stage at which it has a site, in the order of stages.
    pub fn stages(model: &Model) -> Vec<Node> {
        let names = Names { model, chain: Chain::new(model) };
        let mut list = Vec::new();
        for stage in 0..names.chain.stages.len() {
            for (region, of) in model.regions.iter().enumerate() {
                let activities = names.at(&[region], |product| names.chain.stage_of[product] == stage);
                if !activities.is_empty() {
                    let id = format!("{}:{}", of.id, names.chain.stages[stage]);
                    list.push(Node { id, activities, lanes: BTreeSet::new() });
                }
            }
        }
        list
    }

    /// Every lane.
    pub fn lanes(model: &Model) -> Vec<Node> {
        let region = |r: usize| &model.regions[r].id;
        let node = |l: usize| {
            let lane = &model.lanes[l];
            let id = format!("{}:{}>{}", model.products[lane.product].id, region(lane.from), region(lane.to));
            Node { id, activities: BTreeSet::new(), lanes: BTreeSet::from([l]) }
        };
        (0..model.lanes.len()).map(node).collect()
    }

    /// Every owner that has a name.
    pub fn owners(model: &Model) -> Vec<Node> {
        let names = Names { model, chain: Chain::new(model) };
        let owners: BTreeSet<&str> = model.sites.iter().map(|s| s.owner.as_str()).filter(|o| !o.is_empty()).collect();
        let node = |owner: &str| {
            let activities = names.of_sites(|site| site.owner == owner);
            Node { id: format!("owner:{owner}"), activities, lanes: BTreeSet::new() }
        };
        owners.into_iter().map(node).collect()
    }
}

/// The words of a model in which nodes are named.
struct Names<'a> {
    model: &'a Model,
    chain: Chain,
}

impl Names<'_> {
    fn part(&self, text: &str) -> Result<Node, Box<Diagnostic>> {
        let node = |activities, lanes| Node { id: text.to_string(), activities, lanes };
        if let Some(owner) = text.strip_prefix("owner:") {
            let activities = self.of_sites(|site| site.owner == owner);
            let owners = self.model.sites.iter().map(|s| s.owner.as_str());
            return if activities.is_empty() {
                Err(unknown(text, "owner", owner, owners))
            } else {
                Ok(node(activities, BTreeSet::new()))
            };
        }
        if let Some((what, way)) = text.split_once(':') {
            if let Some((from, to)) = way.split_once('>') {
                let (products, from, to) =
                    (self.products(what, text)?, self.regions(from, text)?, self.regions(to, text)?);
                let lanes: BTreeSet<usize> = (0..self.model.lanes.len())
                    .filter(|l| {
                        let lane = &self.model.lanes[*l];
                        products.contains(&lane.product) && from.contains(&lane.from) && to.contains(&lane.to)
                    })
                    .collect();
                return if lanes.is_empty() {
                    Err(nothing(text, "no such lane"))
                } else {
                    Ok(node(BTreeSet::new(), lanes))
                };
            }
            let (regions, products) = (self.regions(what, text)?, self.products(way, text)?);
            let activities = self.at(&regions, |product| products.contains(&product));
            return if activities.is_empty() {
                Err(nothing(text, "nothing of the kind is made there"))
            } else {
                Ok(node(activities, BTreeSet::new()))
            };
        }
        if let Some(s) = self.model.sites.iter().position(|site| site.id == text) {
            return Ok(node(self.of_sites(|site| site.id == self.model.sites[s].id), BTreeSet::new()));
        }
        let Some(regions) = self.regions_of(text) else {
            let sites = self.model.sites.iter().map(|site| site.id.as_str());
            return Err(unknown(text, "site or region", text, sites.chain(self.region_names())));
        };
        let lanes = (0..self.model.lanes.len()).filter(|l| regions.contains(&self.model.lanes[*l].from)).collect();
        let here = |site: &coercivity_model::model::Site| regions.contains(&site.region);
        Ok(node(self.of_sites(here), lanes))
    }

    /// All that sites do which are like this.
    fn of_sites(&self, like: impl Fn(&coercivity_model::model::Site) -> bool) -> BTreeSet<(usize, usize)> {
        let sites = self.model.sites.iter().enumerate().filter(|(_, site)| like(site));
        sites.flat_map(|(s, site)| site.processes.iter().map(move |q| (s, *q))).collect()
    }

    /// What is done in regions to make products; a by-product that begins anew is not what is made.
    fn at(&self, regions: &[usize], makes: impl Fn(usize) -> bool) -> BTreeSet<(usize, usize)> {
        let made = |q: usize| {
            let outputs = self.model.processes[q].outputs.iter();
            outputs.map(|(product, _)| *product).any(|p| makes(p) && !self.chain.begins_anew(q, p))
        };
        let here = |site: &coercivity_model::model::Site| regions.contains(&site.region);
        self.of_sites(here).into_iter().filter(|(_, q)| made(*q)).collect()
    }

    fn regions_of(&self, name: &str) -> Option<Vec<usize>> {
        let regions = self.model.regions.iter().enumerate();
        let all: Vec<usize> = regions
            .filter(|(_, region)| name == "*" || region.id == name || region.groups.iter().any(|group| group == name))
            .map(|(r, _)| r)
            .collect();
        (!all.is_empty()).then_some(all)
    }

    fn regions(&self, name: &str, whole: &str) -> Result<Vec<usize>, Box<Diagnostic>> {
        self.regions_of(name).ok_or_else(|| unknown(whole, "region", name, self.region_names()))
    }

    fn region_names(&self) -> impl Iterator<Item = &str> {
        self.model.regions.iter().flat_map(|r| std::iter::once(&r.id).chain(&r.groups)).map(String::as_str)
    }

    /// Products of a stage, of a group, or of that id.
    fn products(&self, name: &str, whole: &str) -> Result<Vec<usize>, Box<Diagnostic>> {
        let named = |p: &coercivity_model::model::Product| {
            p.id == name || p.stage == name || p.groups.iter().any(|g| g == name)
        };
        let products = self.model.products.iter().enumerate();
        let all: Vec<usize> = products.filter(|(_, p)| name == "*" || named(p)).map(|(p, _)| p).collect();
        if all.is_empty() {
            let known = self.model.products.iter().flat_map(|p| [p.stage.as_str(), p.id.as_str()]);
            return Err(unknown(whole, "stage or product", name, known));
        }
        Ok(all)
    }
}

/// How nodes are written, for those who got it wrong.
const WRITTEN: &str = "write a site, `REGION`, `REGION:STAGE`, `PRODUCT:FROM>TO` or `owner:NAME`";

fn unknown<'a>(whole: &str, kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Box<Diagnostic> {
    let within = if whole == name { String::new() } else { format!(" in `{whole}`") };
    let help = match nearest(name, known) {
        Some(near) => format!("use `{near}`; {WRITTEN}"),
        None => WRITTEN.to_string(),
    };
    Box::new(Diagnostic::error(Code::UnknownId, format!("there is no {kind} `{name}`{within}")).help(help))
}

fn nothing(whole: &str, why: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(Code::UnknownId, format!("`{whole}` names nothing: {why}")).help(WRITTEN.to_string()))
}
