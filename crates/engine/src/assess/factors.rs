//! What may disturb the supply: measures and truces that touch it, stages in few hands, recipes whose input comes
//! from one country.

use std::ops::Range;

use coercivity_model::scenario::Effect;
use coercivity_model::schema::TableName;
use coercivity_model::{Date, Model, describe};
use serde::Serialize;

use super::Base;
use super::scope::Scope;
use crate::chokepoints::concentration::{Books, Of, concentration};
use crate::results::table::{Cells, ResultTable};
use crate::trace::Chain;

/// From this share of the output on a product counts as made in one country.
const ALONE: f64 = 0.999;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Factors {
    pub measures: Vec<Policy>,
    pub truces: Vec<Policy>,
    /// Down the chain; of all output of the stage, not of the needs' part alone.
    pub stages: Vec<Concentrated>,
    /// Inputs that one country made all of, in the year.
    pub single: Vec<Single>,
}

/// A measure or truce of the scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    pub id: String,
    pub name: String,
    pub by: String,
    pub what: String,
    pub from: Date,
    pub until: Option<Date>,
    pub announced: Date,
    pub claimed_by: String,
    pub legal: String,
    pub sources: Vec<Source>,
    pub note: String,
}

/// A row of `sources.csv`.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    pub key: String,
    pub title: String,
    pub publisher: String,
    pub year: String,
    pub url: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Concentrated {
    pub stage: String,
    /// 0..1.
    pub hhi: f64,
    /// Country with the largest share.
    pub largest: String,
    pub share: f64,
    pub countries: usize,
    /// Output without the largest country, over use; `None` where nothing is used.
    pub n1: Option<f64>,
    /// The same, with what goes into it left without its largest countries too.
    pub n1_carried: Option<f64>,
    pub unknown_owner: f64,
}

/// A product that one country makes, and what it goes into.
#[derive(Clone, Debug, Serialize)]
pub struct Single {
    pub product: String,
    pub name: String,
    pub country: String,
    pub share: f64,
    /// Products that are made of it.
    pub into: Vec<String>,
}

/// The source of a key; only the key where the model does not have it.
pub(super) fn source(model: &Model, key: &str) -> Source {
    let table = &model.tables[&TableName::Sources];
    let row = (0..table.len()).find(|row| table.text(*row, "key") == key);
    let cell = |column: &str| row.map_or(String::new(), |row| table.text(row, column).to_string());
    Source {
        key: key.to_string(),
        title: cell("title"),
        publisher: cell("publisher"),
        year: cell("year"),
        url: cell("url"),
    }
}

pub(super) fn factors(base: &Base, year: &Range<usize>) -> Factors {
    let (model, scenario) = (base.asked.model, base.asked.scenario);
    let touched: Vec<bool> = scenario.measures.iter().map(|m| touches(&m.effect, &base.scope)).collect();
    let described = describe::scenario(model, scenario);
    let sources = |keys: &[&str]| keys.iter().map(|key| source(model, key)).collect();
    let measures = described.measures.iter().zip(&touched).filter(|(_, touched)| **touched);
    let measures = measures.map(|(m, _)| Policy {
        id: m.id.to_string(),
        name: m.name.to_string(),
        by: m.by.clone(),
        what: m.what.clone(),
        from: m.from,
        until: m.until,
        announced: m.announced,
        claimed_by: m.claimed_by.to_string(),
        legal: m.legal.to_string(),
        sources: sources(&m.source),
        note: m.note.to_string(),
    });
    let truces = described.truces.iter().zip(&scenario.truces);
    let truces = truces.filter(|(_, t)| t.suspends.iter().any(|m| touched[*m])).map(|(d, t)| Policy {
        id: d.id.to_string(),
        name: d.name.to_string(),
        by: describe::by_of_truce(model, scenario, t).0,
        what: describe::truce(scenario, t),
        from: d.from,
        until: Some(d.until),
        announced: d.announced,
        claimed_by: d.claimed_by.to_string(),
        legal: d.legal.to_string(),
        sources: sources(&d.source),
        note: d.note.to_string(),
    });
    let (measures, truces) = (measures.collect(), truces.collect());
    let chain = Chain::new(model);
    let books = Books::new(model, &base.outcome, year);
    let (mut stages, mut single) = (Vec::new(), Vec::new());
    for found in concentration(model, &chain, &books) {
        let Some((largest, share)) = found.countries.first().copied() else { continue };
        let country = model.regions[largest].name.clone();
        match found.of {
            Of::Stage(stage) if base.scope.products.iter().any(|p| chain.stage_of[*p] == stage) => {
                stages.push(Concentrated {
                    stage: chain.stages[stage].clone(),
                    hhi: found.hhi,
                    largest: country,
                    share,
                    countries: found.countries.len(),
                    n1: found.n1,
                    n1_carried: found.n1_carried,
                    unknown_owner: found.unknown_owner,
                });
            }
            Of::Product(p) if base.scope.products.contains(&p) && share >= ALONE => {
                let into = into(model, &base.scope, p);
                if !into.is_empty() {
                    let (product, name) = (model.products[p].id.clone(), model.products[p].name.clone());
                    single.push(Single { product, name, country, share, into });
                }
            }
            _ => {}
        }
    }
    Factors { measures, truces, stages, single }
}

/// Names of the products, upstream of the needs or theirs, that are made of one.
fn into(model: &Model, scope: &Scope, product: usize) -> Vec<String> {
    let takes = |q: &&usize| model.processes[**q].inputs.iter().any(|(input, _)| *input == product);
    let outputs = scope.processes.iter().filter(takes).flat_map(|q| &model.processes[*q].outputs);
    let outputs: std::collections::BTreeSet<usize> =
        outputs.map(|(output, _)| *output).filter(|output| scope.products.contains(output)).collect();
    outputs.into_iter().map(|output| model.products[output].name.clone()).collect()
}

/// Whether a measure is on something upstream of the needs, or on them.
fn touches(effect: &Effect, scope: &Scope) -> bool {
    match effect {
        Effect::ExportControl { scope: on, .. }
        | Effect::Quota { scope: on, .. }
        | Effect::ExportTax { scope: on, .. }
        | Effect::ContentRule { scope: on, .. } => on.on.iter().any(|p| scope.products.contains(p)),
        Effect::Tariff { on, .. } | Effect::OriginRule { on, .. } => on.iter().any(|p| scope.products.contains(p)),
        Effect::Release { products, .. } => products.iter().any(|p| scope.products.contains(p)),
        Effect::Outage { sites, .. } | Effect::Support { sites, .. } => sites.iter().any(|s| scope.sites.contains(s)),
        Effect::DemandShift { demands, .. } => demands.iter().any(|d| scope.needs.contains(d)),
    }
}

impl Factors {
    /// `concentration`, a row a stage.
    pub fn tables(&self) -> Vec<ResultTable> {
        let text = |of: &dyn Fn(&Concentrated) -> String| Cells::Text(self.stages.iter().map(of).collect());
        let number = |of: &dyn Fn(&Concentrated) -> f64| Cells::Number(self.stages.iter().map(of).collect());
        vec![ResultTable {
            name: "concentration",
            columns: vec![
                ("stage", text(&|s| s.stage.clone())),
                ("largest", text(&|s| s.largest.clone())),
                ("share", number(&|s| s.share)),
                ("hhi", number(&|s| s.hhi)),
                ("n1", Cells::Known(self.stages.iter().map(|s| s.n1).collect())),
                ("n1_carried", Cells::Known(self.stages.iter().map(|s| s.n1_carried).collect())),
                ("unknown_owner", number(&|s| s.unknown_owner)),
            ],
        }]
    }
}
