//! What users use, by where each stage of it was done: what the flow diagram shows.
//!
//! One diagram for each stage whose products are used. Every column of it adds up to what is used, but for
//! what was there at the start and begins further down. Users are grouped by region and end use; the smaller
//! ones stand together.

use std::collections::BTreeMap;

use coercivity_model::Model;
use coercivity_model::model::EndUse;
use serde::Serialize;

use super::{all_rounded, to_digits};
use crate::results::summary::Demands;
use crate::run::Outcome;
use crate::trace::{Trace, trace};

/// Groups of each end use that are shown; the rest stand together.
const CIVIL: usize = 7;
const MILITARY: usize = 5;

/// Links that never carry this share of a group's largest use are left out.
const LITTLE: f64 = 0.004;

/// Significant digits of what a link carries, and the share of a group's largest use that is nothing: there are
/// tens of thousands of these numbers, and a report holds them all.
const DIGITS: usize = 4;
const NOTHING: f64 = 1e-5;

/// A diagram: goods of one stage and those who use them.
#[derive(Clone, Debug, Serialize)]
pub struct Flows {
    pub stage: String,
    /// `quantity`, or `value` at the model's prices where the stage's products have several units.
    pub measure: &'static str,
    pub unit: String,
    /// Stages side by side, down the chain.
    pub columns: Vec<String>,
    pub nodes: Vec<NodeOfView>,
    pub groups: Vec<Group>,
    pub links: Vec<LinkOfGroup>,
}

/// A country at a stage.
#[derive(Clone, Debug, Serialize)]
pub struct NodeOfView {
    pub column: usize,
    pub stage: String,
    /// A region's id, or `stock` for what was there at the start.
    pub region: String,
    pub name: String,
}

/// Users of one region and end use, or the rest of them. Lists are `[N]`.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    pub id: String,
    pub name: String,
    /// `None` for the rest.
    pub region: Option<String>,
    pub end_use: &'static str,
    pub demands: Vec<String>,
    /// Met, and what the unmet part would take of the first option.
    pub required: Vec<f64>,
    pub met: Vec<f64>,
    /// The part of `met` that came out of stock.
    pub from_stock: Vec<f64>,
}

/// The part of a link that a group uses, `[N]`. Positions in `nodes` and `groups`; no `to` = to the group.
#[derive(Clone, Debug, Serialize)]
pub struct LinkOfGroup {
    pub from: usize,
    pub to: Option<usize>,
    pub group: usize,
    pub flow: Vec<f64>,
}

pub fn flows(model: &Model, outcome: &Outcome) -> Vec<Flows> {
    let Ok(trace) = trace(model, outcome) else { return Vec::new() };
    let demands = Demands::new(model, outcome);
    let mut stages: Vec<(usize, usize)> = (0..trace.chain.stages.len())
        .filter_map(|stage| Some((trace.chain.column[stage]?, stage)))
        .filter(|(column, _)| *column > 0)
        .collect();
    stages.sort_unstable();
    let diagram = |(_, stage)| {
        let unit = unit(model, &trace, stage);
        Diagram { model, trace: &trace, demands: &demands, stage, unit }.flows()
    };
    let mut flows: Vec<(f64, Flows)> = stages.into_iter().filter_map(diagram).collect();
    // What most users depend on comes first.
    flows.sort_by(|a, b| b.0.total_cmp(&a.0));
    flows.into_iter().map(|(_, flows)| flows).collect()
}

/// The common unit of a stage's products that are used.
fn unit(model: &Model, trace: &Trace, stage: usize) -> Option<String> {
    let uses = model.demands.iter().flat_map(|d| &d.options).flat_map(|o| &o.uses);
    let mut units: Vec<&str> = uses
        .filter(|(product, _)| trace.chain.stage_of[*product] == stage)
        .map(|(product, _)| model.products[*product].unit.as_str())
        .collect();
    units.sort_unstable();
    units.dedup();
    (units.len() == 1).then(|| units[0].to_string())
}

struct Diagram<'a> {
    model: &'a Model,
    trace: &'a Trace,
    demands: &'a Demands,
    stage: usize,
    /// The common unit of the stage's products that are used; `None` where there are several.
    unit: Option<String>,
}

impl Diagram<'_> {
    /// The diagram with how many needs use the stage; `None` where nobody does.
    fn flows(&self) -> Option<(f64, Flows)> {
        let (model, chain) = (self.model, &self.trace.chain);
        let users: Vec<usize> = (0..model.demands.len()).filter(|d| self.takes(*d) > 0.0).collect();
        if users.is_empty() {
            return None;
        }
        let groups = self.groups(&users);
        let group_of: BTreeMap<usize, usize> =
            groups.iter().enumerate().flat_map(|(g, (_, list))| list.iter().map(move |d| (*d, g))).collect();
        let steps = model.steps();
        let mut group_list: Vec<Group> = groups.iter().map(|(name, list)| self.group(name, list)).collect();
        // By (group, from, to): nodes of the trace.
        let mut totals: BTreeMap<(usize, usize, Option<usize>), Vec<f64>> = BTreeMap::new();
        for used in &self.trace.used {
            let Some(&group) = group_of.get(&used.demand) else { continue };
            if chain.stage_of[used.product] != self.stage {
                continue;
            }
            let amount = used.quantity * self.weight(used.product);
            group_list[group].met[used.step] += amount;
            group_list[group].from_stock[used.step] += amount * used.from_stock;
            let links = used.mix.links.iter().map(|(link, share)| {
                let link = self.trace.links[*link];
                (link.from, Some(link.to), *share)
            });
            let last = used.mix.made.iter().map(|(node, share)| (*node, None, *share));
            for (from, to, share) in links.chain(last) {
                totals.entry((group, from, to)).or_insert_with(|| vec![0.0; steps])[used.step] += amount * share;
            }
        }
        for group in &mut group_list {
            let required =
                group.required.iter().zip(&group.met).map(|(missing, met)| missing + met).collect::<Vec<_>>();
            group.required = all_rounded(&required);
        }
        let largest: Vec<f64> = group_list.iter().map(|g| g.met.iter().copied().fold(0.0, f64::max)).collect();
        totals.retain(|(group, _, _), flow| flow.iter().any(|units| *units > LITTLE * largest[*group]));

        let mut nodes: Vec<usize> = totals.keys().flat_map(|(_, from, to)| to.iter().copied().chain([*from])).collect();
        let place = |node: &usize| {
            let node = &self.trace.nodes[*node];
            (chain.column[node.stage], node.stage, node.region.unwrap_or(usize::MAX))
        };
        nodes.sort_unstable_by_key(place);
        nodes.dedup();
        let number = |node: usize| nodes.iter().position(|n| *n == node).expect("it is in the list");
        let mut columns: Vec<usize> = nodes
            .iter()
            .map(|node| chain.column[self.trace.nodes[*node].stage].expect("only those have nodes"))
            .collect();
        columns.sort_unstable();
        columns.dedup();
        let column = |stage: usize| columns.iter().position(|c| Some(*c) == chain.column[stage]).expect("as above");
        let name_of = |at: usize| {
            let mut names: Vec<&str> = Vec::new();
            for node in &nodes {
                let stage = self.trace.nodes[*node].stage;
                if column(stage) == at && !names.contains(&chain.stages[stage].as_str()) {
                    names.push(&chain.stages[stage]);
                }
            }
            names.join(" and ")
        };
        for group in &mut group_list {
            group.met = all_rounded(&group.met);
            group.from_stock = all_rounded(&group.from_stock);
        }
        let flows = Flows {
            stage: chain.stages[self.stage].clone(),
            measure: if self.unit.is_some() { "quantity" } else { "value" },
            unit: self.unit.clone().unwrap_or_else(|| model.currency.clone()),
            columns: (0..columns.len()).map(name_of).collect(),
            nodes: nodes
                .iter()
                .map(|node| {
                    let node = &self.trace.nodes[*node];
                    let region = node.region.map(|r| &model.regions[r]);
                    NodeOfView {
                        column: column(node.stage),
                        stage: chain.stages[node.stage].clone(),
                        region: region.map_or("stock".to_string(), |r| r.id.clone()),
                        name: region.map_or("Stock at the start".to_string(), |r| r.name.clone()),
                    }
                })
                .collect(),
            groups: group_list,
            links: totals
                .iter()
                .map(|((group, from, to), flow)| LinkOfGroup {
                    from: number(*from),
                    to: to.map(number),
                    group: *group,
                    flow: flow.iter().map(|units| figure(*units, largest[*group])).collect(),
                })
                .collect(),
        };
        Some((users.len() as f64, flows))
    }

    fn weight(&self, product: usize) -> f64 {
        if self.unit.is_some() { 1.0 } else { self.model.products[product].price }
    }

    /// What a unit of a demand takes of the stage's products in its first option that takes any.
    fn takes(&self, demand: usize) -> f64 {
        let of = |uses: &[(usize, f64)]| -> f64 {
            let mine = uses.iter().filter(|(product, _)| self.trace.chain.stage_of[*product] == self.stage);
            mine.map(|(product, amount)| amount * self.weight(*product)).sum()
        };
        self.model.demands[demand].options.iter().map(|o| of(&o.uses)).find(|amount| *amount > 0.0).unwrap_or(0.0)
    }

    /// Users by region and end use, the largest by what they need over all steps; the rest at the end.
    fn groups(&self, users: &[usize]) -> Vec<(GroupName, Vec<usize>)> {
        let need = |d: &usize| self.demands.required[*d].iter().sum::<f64>() * self.takes(*d);
        let mut groups = Vec::new();
        for (end_use, most) in [(EndUse::Civil, CIVIL), (EndUse::Military, MILITARY)] {
            let mut by_region: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for d in users.iter().filter(|d| self.model.demands[**d].end_use == end_use) {
                by_region.entry(self.model.demands[*d].region).or_default().push(*d);
            }
            let mut list: Vec<(f64, usize, Vec<usize>)> =
                by_region.into_iter().map(|(region, list)| (list.iter().map(need).sum(), region, list)).collect();
            list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let kept = if list.len() > most { most - 1 } else { list.len() };
            let rest: Vec<usize> = list[kept..].iter().flat_map(|(_, _, list)| list.iter().copied()).collect();
            let named = list.into_iter().take(kept);
            groups.extend(named.map(|(_, region, list)| (GroupName { region: Some(region), end_use }, list)));
            if !rest.is_empty() {
                groups.push((GroupName { region: None, end_use }, rest));
            }
        }
        groups
    }

    /// A group before anything is used; `required` holds what is missing.
    fn group(&self, name: &GroupName, list: &[usize]) -> Group {
        let steps = self.model.steps();
        let missing = |step: usize| list.iter().map(|d| self.demands.unmet[*d][step].max(0.0) * self.takes(*d)).sum();
        let region = name.region.map(|r| &self.model.regions[r]);
        let of = match name.end_use {
            EndUse::Civil => "civil",
            EndUse::Military => "defence",
        };
        Group {
            id: format!("{}-{}", region.map_or("other", |r| &r.id), name.end_use.name()),
            name: format!("{} {of}", region.map_or("Other", |r| &r.name)),
            region: region.map(|r| r.id.clone()),
            end_use: name.end_use.name(),
            demands: list.iter().map(|d| self.model.demands[*d].id.clone()).collect(),
            required: (0..steps).map(missing).collect(),
            met: vec![0.0; steps],
            from_stock: vec![0.0; steps],
        }
    }
}

fn figure(units: f64, largest: f64) -> f64 {
    if units < NOTHING * largest { 0.0 } else { to_digits(units, DIGITS) }
}

struct GroupName {
    region: Option<usize>,
    end_use: EndUse,
}
