//! Where the chain is narrow, as the page ranks it.

use coercivity_model::{Model, Scenario};
use serde::Serialize;

use super::rounded;
use crate::chokepoints::concentration::{Concentration, Of};
use crate::chokepoints::{Chokepoints as Found, Entry, Node, chokepoints, cuts};
use crate::results::headline::main_output;
use crate::run::Outcome;
use crate::solve::SolveError;

/// Nodes of each kind, and countries of each stage: the rest is what `coercivity chokepoints` writes.
const NODES: usize = 40;
const COUNTRIES: usize = 8;

/// The chokepoints of a run; shares, indices and min-cuts are those of its first year.
#[derive(Clone, Debug, Serialize)]
pub struct Chokepoints {
    /// First day of the year that is counted, and the first day after it.
    pub from: String,
    pub until: String,
    /// Needs that have a min-cut.
    pub needs: usize,
    /// Each ranked: first by what 1% more would save.
    pub stages: Vec<Ranked>,
    pub sites: Vec<Ranked>,
    pub lanes: Vec<Ranked>,
    /// Of each stage, down the chain.
    pub concentration: Vec<Shares>,
}

/// A node with what makes it a chokepoint.
#[derive(Clone, Debug, Serialize)]
pub struct Ranked {
    /// As on the command line.
    pub id: String,
    /// `stage` (a country at a stage), `site`, `lane`, or `re-exports`, which stand together and cannot be lost.
    pub kind: &'static str,
    pub name: String,
    pub stage: String,
    /// Ids: the country, of a lane where it begins and where it ends.
    pub regions: Vec<String>,
    pub share: Option<f64>,
    pub hhi: Option<f64>,
    pub n1_carried: Option<f64>,
    /// Needs in whose min-cut it stands, and its largest share of one.
    pub cuts: usize,
    pub largest_cut: f64,
    /// What 1% more throughout would save, discounted, in currency.
    pub one_percent: f64,
    /// What one unit more would save when it saves most, in currency of the day, and that day.
    pub one_more: f64,
    pub when: Option<String>,
    /// What sets the limit: `capacity`, `growth`, `measure`, `share`.
    pub set_by: Option<&'static str>,
}

/// Who makes the output of a stage.
#[derive(Clone, Debug, Serialize)]
pub struct Shares {
    pub stage: String,
    /// In currency, at the model's prices.
    pub output: f64,
    /// The largest first.
    pub countries: Vec<Share>,
    pub hhi: f64,
    /// Least and most, as far as owners are known.
    pub hhi_by_owner: [f64; 2],
    pub unknown_owner: f64,
    /// Share of the use that is left without the largest country, at this stage alone and carried down the chain.
    pub n1: Option<f64>,
    pub n1_carried: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Share {
    pub region: String,
    pub share: f64,
}

/// Looks a run over. Errors: the program of a min-cut was not solved.
pub fn of_run(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Result<Chokepoints, SolveError> {
    let demands: Vec<usize> = (0..model.demands.len()).collect();
    let cuts = cuts(model, scenario, 0, &demands, &|_, _| {})?;
    let found = chokepoints(model, scenario, outcome, 0, cuts);
    let list = |entries: &[Entry]| entries.iter().take(NODES).map(|entry| ranked(model, &found, entry)).collect();
    let stage = |c: &Concentration| match c.of {
        Of::Stage(stage) => Some(shares(model, c, &found.chain.stages[stage])),
        Of::Product(_) => None,
    };
    let day = |step| model.calendar.first_day(step).to_string();
    Ok(Chokepoints {
        from: day(found.window.start),
        until: day(found.window.end),
        needs: found.cuts.len(),
        stages: list(&found.stages),
        sites: list(&found.sites),
        lanes: list(&found.lanes),
        concentration: found.concentration.iter().filter_map(stage).collect(),
    })
}

fn ranked(model: &Model, found: &Found, entry: &Entry) -> Ranked {
    let stages = &found.chain.stages;
    let stage_of = |product: usize| stages[found.chain.stage_of[product]].clone();
    let product = |product: usize| model.products[product].name.clone();
    let region = |region: usize| model.regions[region].name.as_str();
    let (kind, name, stage, regions) = match entry.node {
        Node::Stage { region: r, stage } => {
            ("stage", format!("{}, {}", region(r), stages[stage]), stages[stage].clone(), vec![r])
        }
        Node::Site(site) => {
            let of = &model.sites[site];
            let output = main_output(model, site).map(|(product, _)| product);
            let what = output.map_or(String::new(), |p| format!("{}, ", product(p)));
            let name = format!("{} ({what}{})", of.id, region(of.region));
            ("site", name, output.map_or(String::new(), stage_of), vec![of.region])
        }
        Node::Lane(lane) => {
            let of = &model.lanes[lane];
            let name = format!("{}, {} to {}", product(of.product), region(of.from), region(of.to));
            ("lane", name, stage_of(of.product), vec![of.from, of.to])
        }
        Node::Reexports(p) => ("re-exports", format!("{}, all re-exports", product(p)), stage_of(p), vec![]),
    };
    let when = (entry.saving.one_more > 0.0).then(|| model.calendar.first_day(entry.saving.step).to_string());
    Ranked {
        id: entry.node.id(model, &found.chain),
        kind,
        name,
        stage,
        regions: regions.into_iter().map(|r| model.regions[r].id.clone()).collect(),
        share: entry.share.map(rounded),
        hhi: entry.hhi.map(rounded),
        n1_carried: entry.n1_carried.map(rounded),
        cuts: entry.cuts,
        largest_cut: rounded(entry.largest_cut),
        one_percent: rounded(entry.saving.one_percent),
        one_more: rounded(entry.saving.one_more),
        when,
        set_by: entry.why.map(|why| why.name()),
    }
}

fn shares(model: &Model, c: &Concentration, stage: &str) -> Shares {
    let share =
        |(region, share): &(usize, f64)| Share { region: model.regions[*region].id.clone(), share: rounded(*share) };
    Shares {
        stage: stage.to_string(),
        output: rounded(c.output),
        countries: c.countries.iter().take(COUNTRIES).map(share).collect(),
        hhi: rounded(c.hhi),
        hhi_by_owner: [rounded(c.hhi_by_owner.0), rounded(c.hhi_by_owner.1)],
        unknown_owner: rounded(c.unknown_owner),
        n1: c.n1.map(rounded),
        n1_carried: c.n1_carried.map(rounded),
    }
}
