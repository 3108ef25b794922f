//! Where a chain is narrow: which country, stage, site and lane, and what it would save to relieve it.
//!
//! Three looks at one run. [`mod@concentration`] says how few make each product;
//! [`cut`] what limits each need if the day's capacities and measures last; the prices of the run's
//! program what more of each capacity and lane would save. [`chokepoints`] joins them by node: a country
//! at a stage (`CHN:oxide`), a site (`sep-north`), a lane (`mag-h:CHN>USA`). [`tables`] lays them out.
//!
//! Lanes that carry goods under an export control on from countries that do not make them are one node
//! a product (`mag-h:(re-exports)`), as in the flows of a run: the tool names no routes around controls.

pub mod concentration;
pub mod cut;
pub mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_model::{Model, Scenario};
use rayon::prelude::*;

use crate::results::headline::{Saving, main_output, of_the_day, read_steps, site_savings};
use crate::results::limits::{Binding, Limit, binding};
use crate::results::tables::{controlled_products, makes};
use crate::run::Outcome;
use crate::solve::SolveError;
use crate::trace::Chain;
use concentration::{Books, Concentration, Of, concentration};
use cut::{Cut, Networks, Why, why};

/// Cuts in which a node's share is below this are not counted.
const COUNTED: f64 = 1e-6;

/// A place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A country at a stage (position in `Chain::stages`): its sites whose main output is of that stage.
    Stage {
        region: usize,
        stage: usize,
    },
    Site(usize),
    Lane(usize),
    /// All re-exports of a product under an export control.
    Reexports(usize),
}

impl Node {
    /// What a node is called on the command line and in files.
    pub fn id(self, model: &Model, chain: &Chain) -> String {
        match self {
            Node::Stage { region, stage } => format!("{}:{}", model.regions[region].id, chain.stages[stage]),
            Node::Site(site) => model.sites[site].id.clone(),
            Node::Lane(lane) => {
                let lane = &model.lanes[lane];
                let (from, to) = (&model.regions[lane.from].id, &model.regions[lane.to].id);
                format!("{}:{from}>{to}", model.products[lane.product].id)
            }
            Node::Reexports(product) => format!("{}:(re-exports)", model.products[product].id),
        }
    }

    pub fn kind(self) -> &'static str {
        match self {
            Node::Stage { .. } => "stage",
            Node::Site(_) => "site",
            Node::Lane(_) | Node::Reexports(_) => "lane",
        }
    }
}

/// A node with what makes it a chokepoint.
#[derive(Clone, Debug)]
pub struct Entry {
    pub node: Node,
    /// Of a country or site: share of the output of its stage. Of a lane: share of its product's use where it ends.
    /// `None` where there is no such output or use.
    pub share: Option<f64>,
    /// Of the stage, of a lane the product: index of concentration by country, and N-1 carried down the chain.
    pub hhi: Option<f64>,
    pub n1_carried: Option<f64>,
    /// Needs in whose min-cut it stands.
    pub cuts: usize,
    /// Its largest share of one of them.
    pub largest_cut: f64,
    /// What more capacity would save, over the run.
    pub saving: Saving,
    /// What sets the limit: of a lane when one more saves most, or in a cut where it never saves anything. `None`
    /// where nothing is limited.
    pub why: Option<Why>,
}

/// What was found.
pub struct Chokepoints {
    pub chain: Chain,
    /// The steps whose output and use are counted; measures and capacities of the min-cuts are those of the first.
    pub window: Range<usize>,
    pub concentration: Vec<Concentration>,
    /// Of the needs that were asked for and need anything in the first step of the window.
    pub cuts: Vec<Cut>,
    /// Countries at stages, sites, lanes, each ranked: first by what 1% more would save, then by cuts.
    pub stages: Vec<Entry>,
    pub sites: Vec<Entry>,
    pub lanes: Vec<Entry>,
}

/// The steps of one year from a step on, as far as there are any.
pub fn year_from(model: &Model, step: usize) -> Range<usize> {
    let steps = (1.0 / model.calendar.years_per_step()).round() as usize;
    step..(step + steps).min(model.steps())
}

/// The min-cuts of demands in step `at`, in the order given; those that need nothing then are left out.
/// `tell` is told how many of how many are made.
pub fn cuts(
    model: &Model,
    scenario: &Scenario,
    at: usize,
    demands: &[usize],
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Cut>, SolveError> {
    let networks = Networks::new(model, scenario);
    let done = AtomicUsize::new(0);
    let cut = |demand: &usize| {
        let cut = networks.cut(*demand, at);
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, demands.len());
        cut
    };
    let cuts: Vec<Option<Cut>> = demands.par_iter().map(cut).collect::<Result<_, _>>()?;
    Ok(cuts.into_iter().flatten().collect())
}

/// The chokepoints of a run, as of step `at`, joined with the [`cuts`] of that step. Of a run with announced foresight
/// what more capacity saves is what each plan says of the steps that were carried out.
pub fn chokepoints(model: &Model, scenario: &Scenario, outcome: &Outcome, at: usize, cuts: Vec<Cut>) -> Chokepoints {
    let chain = Chain::new(model);
    let window = year_from(model, at);
    let books = Books::new(model, outcome, &window);
    let concentration = concentration(model, &chain, &books);
    let join = Join { model, chain: &chain, scenario, outcome, books: &books, concentration: &concentration };
    let [stages, sites, lanes] = join.entries(&cuts);
    Chokepoints { chain, window, concentration, cuts, stages, sites, lanes }
}

/// Values of the limits of sites and lanes in the steps that are read: per unit of activity or of the product, discounted.
pub fn limit_values<'a>(model: &'a Model, outcome: &'a Outcome) -> impl Iterator<Item = Binding> + 'a {
    let steps = read_steps(model);
    outcome
        .plans
        .iter()
        .flat_map(move |plan| {
            let until = plan.until.min(steps);
            binding(&outcome.space, &plan.program, &plan.solution).filter(move |b| b.step < until)
        })
        .filter(|b| matches!(b.limit, Limit::Site(_) | Limit::Lane(_) | Limit::Tagged(_)))
}

/// The node of a lane.
pub fn lane_node(model: &Model, controlled: &BTreeSet<usize>, lane: usize) -> Node {
    let l = &model.lanes[lane];
    if controlled.contains(&l.product) && !makes(model, l.from, l.product) {
        Node::Reexports(l.product)
    } else {
        Node::Lane(lane)
    }
}

/// What is joined.
struct Join<'a> {
    model: &'a Model,
    chain: &'a Chain,
    scenario: &'a Scenario,
    outcome: &'a Outcome,
    books: &'a Books,
    concentration: &'a [Concentration],
}

impl Join<'_> {
    /// Entries of countries at stages, of sites and of lanes.
    fn entries(&self, cuts: &[Cut]) -> [Vec<Entry>; 3] {
        let controlled = controlled_products(self.scenario);
        let years = self.model.calendar.years_per_step();
        let mut entries: BTreeMap<Node, Entry> = BTreeMap::new();
        for c in self.concentration {
            if let Of::Stage(stage) = c.of {
                for (region, share) in &c.countries {
                    self.entry(&mut entries, Node::Stage { region: *region, stage }).share = Some(*share);
                }
            }
        }
        for (site, saving) in site_savings(self.model, self.outcome) {
            for node in self.nodes_of_site(site) {
                let entry = self.entry(&mut entries, node);
                entry.saving.merge(&saving);
                entry.why = Some(Why::Capacity);
            }
        }
        for b in limit_values(self.model, self.outcome) {
            if let Limit::Lane(lane) | Limit::Tagged(lane) = b.limit {
                let entry = self.entry(&mut entries, lane_node(self.model, &controlled, lane));
                let of_the_day = of_the_day(self.model, b.step, b.saves);
                if of_the_day > entry.saving.one_more {
                    entry.why = Some(why(self.model, b.limit, b.units / years, b.step));
                }
                entry.saving.add(b.step, b.units, b.saves, of_the_day);
            }
        }
        for cut in cuts {
            let mut shares: BTreeMap<Node, (f64, Why)> = BTreeMap::new();
            for part in &cut.parts {
                let nodes = match part.limit {
                    Limit::Site(site) => self.nodes_of_site(site),
                    Limit::Lane(lane) | Limit::Tagged(lane) => vec![lane_node(self.model, &controlled, lane)],
                    Limit::Quota(_) | Limit::Option { .. } => Vec::new(),
                };
                nodes.into_iter().for_each(|node| shares.entry(node).or_insert((0.0, part.why)).0 += part.share);
            }
            for (node, (share, why)) in shares.into_iter().filter(|(_, (share, _))| *share > COUNTED) {
                let entry = self.entry(&mut entries, node);
                entry.why = entry.why.or(Some(why));
                entry.cuts += 1;
                entry.largest_cut = entry.largest_cut.max(share);
            }
        }
        let mut ranked: Vec<Entry> = entries.into_values().collect();
        ranked.sort_by(|a, b| {
            let by_saving = b.saving.one_percent.total_cmp(&a.saving.one_percent);
            by_saving.then(b.cuts.cmp(&a.cuts)).then(b.share.unwrap_or(0.0).total_cmp(&a.share.unwrap_or(0.0)))
        });
        let kind = |kind: &str| ranked.iter().filter(|e| e.node.kind() == kind).cloned().collect();
        [kind("stage"), kind("site"), kind("lane")]
    }

    /// A site, and its country at the stage of its main output.
    fn nodes_of_site(&self, site: usize) -> Vec<Node> {
        let stage = main_output(self.model, site).map(|(product, _)| self.chain.stage_of[product]);
        let country = stage.map(|stage| Node::Stage { region: self.model.sites[site].region, stage });
        country.into_iter().chain([Node::Site(site)]).collect()
    }

    /// The entry of a node; a new one says what the concentrations say of it.
    fn entry<'e>(&self, entries: &'e mut BTreeMap<Node, Entry>, node: Node) -> &'e mut Entry {
        entries.entry(node).or_insert_with(|| {
            let of = self.of(node).and_then(|of| self.concentration.iter().find(|c| c.of == of));
            Entry {
                node,
                share: self.share(node, of),
                hhi: of.map(|c| c.hhi),
                n1_carried: of.and_then(|c| c.n1_carried),
                cuts: 0,
                largest_cut: 0.0,
                saving: Saving::default(),
                why: None,
            }
        })
    }

    /// The stage or product whose concentration a node goes by.
    fn of(&self, node: Node) -> Option<Of> {
        match node {
            Node::Stage { stage, .. } => Some(Of::Stage(stage)),
            Node::Site(site) => {
                main_output(self.model, site).map(|(product, _)| Of::Stage(self.chain.stage_of[product]))
            }
            Node::Lane(lane) => Some(Of::Product(self.model.lanes[lane].product)),
            Node::Reexports(product) => Some(Of::Product(product)),
        }
    }

    fn share(&self, node: Node, of: Option<&Concentration>) -> Option<f64> {
        match node {
            // Countries come from the concentrations.
            Node::Stage { .. } | Node::Reexports(_) => None,
            Node::Site(site) => {
                let of = of?;
                let Of::Stage(stage) = of.of else { return None };
                Some(self.books.worth_of_site(self.model, self.chain, site, stage) / of.output)
            }
            Node::Lane(lane) => {
                let sent = self.books.sent.get(&lane).copied().unwrap_or(0.0);
                let l = &self.model.lanes[lane];
                let used = self.books.used_in(l.to, l.product);
                (used > 0.0).then(|| sent / used)
            }
        }
    }
}
