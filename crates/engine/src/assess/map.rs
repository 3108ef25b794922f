//! Where the materials are extracted, processed and recycled: the origins of what the needs used in a year, stage by
//! stage, and the sites behind them.
//!
//! Quantities are units of the product that the needs used which passed through a stage in a country, not units of
//! what the stage makes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use coercivity_model::Model;
use coercivity_model::model::Site;
use serde::Serialize;

use super::Base;
use crate::chokepoints::concentration::firm;
use crate::program::Column;
use crate::results::carried_out;
use crate::results::headline::main_output;
use crate::results::table::{Cells, ResultTable};
use crate::trace::origins::{Origin, Passed, origin_id, origins};
use crate::trace::{Chain, EndlessLoop};

/// Countries with a smaller share of a stage are not lost, and their sites are not listed.
pub const MATTERS: f64 = 0.01;

/// Shares below this are rounding.
const NOTHING: f64 = 1e-9;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Map {
    /// Of each product that the needs used, those of the largest worth first.
    pub products: Vec<OfProduct>,
    /// Sites of the countries that matter, by stage.
    pub sites: Vec<OfSite>,
    pub recycling: Vec<Recycled>,
    /// Products that the needs may use and did not.
    pub unused: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OfProduct {
    pub product: String,
    pub name: String,
    pub unit: String,
    /// Units that the needs used in the year.
    pub quantity: f64,
    /// At the model's price, in currency.
    pub worth: f64,
    /// Units out of stock at the place of use.
    pub from_stock: f64,
    pub stages: Vec<OfStage>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OfStage {
    pub stage: String,
    /// The largest share first.
    pub countries: Vec<OfCountry>,
    /// Share whose making is not known: it was there at the start.
    pub unknown: f64,
    /// Share that did not pass through the stage.
    pub other: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct OfCountry {
    pub region: String,
    pub name: String,
    pub share: f64,
    pub quantity: f64,
}

/// A site of a country that matters at a stage.
#[derive(Clone, Debug, Serialize)]
pub struct OfSite {
    pub stage: String,
    pub region: String,
    pub country: String,
    pub site: String,
    /// Empty: not given.
    pub owner: String,
    pub one_firm: bool,
    /// Empty: not given.
    pub status: String,
    /// Units of its main output a year.
    pub capacity: f64,
    pub makes: String,
    pub unit: String,
}

/// What a country took of a by-product that goes back into the chain, in the year.
#[derive(Clone, Debug, Serialize)]
pub struct Recycled {
    pub product: String,
    pub name: String,
    pub unit: String,
    pub region: String,
    pub country: String,
    pub quantity: f64,
    pub share: f64,
}

impl Map {
    /// Countries at stages that matter to one of the products, as `CHN:oxide`, with their largest share.
    pub fn countries(&self) -> BTreeMap<String, f64> {
        let mut largest: BTreeMap<String, f64> = BTreeMap::new();
        for stage in self.products.iter().flat_map(|product| &product.stages) {
            for country in stage.countries.iter().filter(|country| country.share > MATTERS) {
                let share = largest.entry(format!("{}:{}", country.region, stage.stage)).or_default();
                *share = share.max(country.share);
            }
        }
        largest
    }

    /// `map` (a row a product, stage and origin), `sites` and `recycling`.
    pub fn tables(&self) -> Vec<ResultTable> {
        let mut names: [Vec<String>; 3] = Default::default();
        let (mut shares, mut quantities) = (Vec::new(), Vec::new());
        for product in &self.products {
            for stage in &product.stages {
                let countries = stage.countries.iter().map(|c| (c.region.as_str(), c.share));
                let unknown = [("(start)", stage.unknown), ("(other)", stage.other)];
                for (origin, share) in countries.chain(unknown.into_iter().filter(|(_, share)| *share > 0.0)) {
                    let row = [&product.product, &stage.stage, origin];
                    names.iter_mut().zip(row).for_each(|(column, name)| column.push(name.to_string()));
                    shares.push(share);
                    quantities.push(share * product.quantity);
                }
            }
        }
        let [products, stages, origins] = names.map(Cells::Text);
        let map = ResultTable {
            name: "map",
            columns: vec![
                ("product", products),
                ("stage", stages),
                ("origin", origins),
                ("share", Cells::Number(shares)),
                ("quantity", Cells::Number(quantities)),
            ],
        };
        let text = |of: &dyn Fn(&OfSite) -> String| Cells::Text(self.sites.iter().map(of).collect());
        let sites = ResultTable {
            name: "sites",
            columns: vec![
                ("stage", text(&|s| s.stage.clone())),
                ("region", text(&|s| s.region.clone())),
                ("site", text(&|s| s.site.clone())),
                ("owner", text(&|s| s.owner.clone())),
                ("status", text(&|s| s.status.clone())),
                ("makes", text(&|s| s.makes.clone())),
                ("unit", text(&|s| s.unit.clone())),
                ("capacity", Cells::Number(self.sites.iter().map(|s| s.capacity).collect())),
            ],
        };
        vec![map, sites]
    }
}

/// The map of a year.
pub(super) fn map(base: &mut Base, year: Range<usize>) -> Result<Map, EndlessLoop> {
    // Only the year needs to be followed.
    let until = base.outcome.plans[0].until;
    base.outcome.plans[0].until = year.end;
    let needs = base.asked.needs;
    let only = if let [need] = needs { Some(*need) } else { None };
    let found = origins(base.asked.model, &base.outcome, only);
    base.outcome.plans[0].until = until;
    let found = found?;
    let model = base.asked.model;

    let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
    for used in needs.iter().flat_map(|d| found.over(*d, year.clone())) {
        let sum = sums.entry(used.product).or_default();
        sum.quantity += used.quantity;
        sum.from_stock += used.from_stock;
        for (passed, units) in &used.passed {
            let Passed::Stage(stage) = *passed else { continue };
            if !sum.stages.contains(&stage) {
                sum.stages.push(stage);
            }
            for (origin, units) in units.iter().filter(|(origin, _)| **origin != Origin::Other) {
                *sum.units.entry((stage, *origin)).or_default() += units;
            }
        }
    }
    let mut products: Vec<OfProduct> = sums.iter().map(|(p, sum)| sum.product(model, &found.chain, *p)).collect();
    products.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.product.cmp(&b.product)));
    let unused = base.scope.used.iter().filter(|p| !sums.contains_key(p));
    let unused = unused.map(|p| model.products[*p].id.clone()).collect();
    let mut map = Map { products, sites: Vec::new(), recycling: recycling(base, &found.chain, &year), unused };
    map.sites = sites(base, &found.chain, &map);
    Ok(map)
}

/// What the needs used of one product.
#[derive(Default)]
struct Sum {
    quantity: f64,
    from_stock: f64,
    /// In the order of the chain.
    stages: Vec<usize>,
    units: BTreeMap<(usize, Origin), f64>,
}

impl Sum {
    fn product(&self, model: &Model, chain: &Chain, product: usize) -> OfProduct {
        let of = &model.products[product];
        OfProduct {
            product: of.id.clone(),
            name: of.name.clone(),
            unit: of.unit.clone(),
            quantity: self.quantity,
            worth: self.quantity * of.price,
            from_stock: self.from_stock,
            stages: self.stages.iter().map(|stage| self.stage(model, chain, *stage)).collect(),
        }
    }

    fn stage(&self, model: &Model, chain: &Chain, stage: usize) -> OfStage {
        let (mut countries, mut unknown) = (Vec::new(), 0.0);
        for ((_, origin), units) in self.units.range((stage, Origin::Region(0))..=(stage, Origin::Other)) {
            let share = units / self.quantity;
            match *origin {
                Origin::Region(r) if share > NOTHING => countries.push(OfCountry {
                    region: origin_id(model, *origin).to_string(),
                    name: model.regions[r].name.clone(),
                    share,
                    quantity: *units,
                }),
                Origin::Start => unknown += share,
                _ => {}
            }
        }
        countries.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.region.cmp(&b.region)));
        let told: f64 = countries.iter().map(|country| country.share).sum::<f64>() + unknown;
        let other = if told < 1.0 - NOTHING { 1.0 - told } else { 0.0 };
        OfStage { stage: chain.stages[stage].clone(), countries, unknown, other }
    }
}

/// Sites upstream of the needs in countries that matter, those of one stage together.
fn sites(base: &Base, chain: &Chain, map: &Map) -> Vec<OfSite> {
    let (model, countries) = (base.asked.model, map.countries());
    let mut list: Vec<(usize, OfSite)> = Vec::new();
    for s in &base.scope.sites {
        let site = &model.sites[*s];
        let Some((product, amount)) = main_output(model, *s).filter(|(p, _)| base.scope.products.contains(p)) else {
            continue;
        };
        let (stage, region) = (chain.stage_of[product], &model.regions[site.region]);
        if countries.contains_key(&format!("{}:{}", region.id, chain.stages[stage])) {
            let capacity = site.capacity * amount;
            list.push((stage, of_site(model, chain, site, product, capacity)));
        }
    }
    let place = |stage: usize| (chain.column[stage].unwrap_or(chain.before(stage)), stage);
    list.sort_by(|(a, one), (b, other)| {
        let by_place = place(*a).cmp(&place(*b)).then_with(|| one.region.cmp(&other.region));
        by_place.then(other.capacity.total_cmp(&one.capacity)).then_with(|| one.site.cmp(&other.site))
    });
    list.into_iter().map(|(_, site)| site).collect()
}

fn of_site(model: &Model, chain: &Chain, site: &Site, product: usize, capacity: f64) -> OfSite {
    let (region, product_) = (&model.regions[site.region], &model.products[product]);
    OfSite {
        stage: chain.stages[chain.stage_of[product]].clone(),
        region: region.id.clone(),
        country: region.name.clone(),
        site: site.id.clone(),
        owner: site.owner.clone(),
        one_firm: firm(&site.owner).is_some(),
        status: site.status.clone(),
        capacity,
        makes: product_.name.clone(),
        unit: product_.unit.clone(),
    }
}

/// Who takes by-products that go back into the chain.
fn recycling(base: &Base, chain: &Chain, year: &Range<usize>) -> Vec<Recycled> {
    let model = base.asked.model;
    let back = |p: &usize| (0..model.processes.len()).any(|q| chain.begins_anew(q, *p));
    let scrap: BTreeSet<usize> = base.scope.products.iter().copied().filter(back).collect();
    let mut taken: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (_, _, column, value) in carried_out(&base.outcome) {
        let Column::Activity { run, step } = column else { continue };
        if value > NOTHING && year.contains(&step) {
            let run = &base.outcome.space.runs[run];
            for (product, amount) in &model.processes[run.process].inputs {
                if scrap.contains(product) {
                    *taken.entry((*product, model.sites[run.site].region)).or_default() += value * amount;
                }
            }
        }
    }
    let mut list: Vec<Recycled> = Vec::new();
    for product in scrap {
        let of = || taken.range((product, 0)..(product + 1, 0));
        let total: f64 = of().map(|(_, units)| units).sum();
        let mut rows: Vec<Recycled> = of()
            .map(|((_, region), units)| Recycled {
                product: model.products[product].id.clone(),
                name: model.products[product].name.clone(),
                unit: model.products[product].unit.clone(),
                region: model.regions[*region].id.clone(),
                country: model.regions[*region].name.clone(),
                quantity: *units,
                share: units / total,
            })
            .collect();
        rows.sort_by(|a, b| b.quantity.total_cmp(&a.quantity).then_with(|| a.region.cmp(&b.region)));
        list.extend(rows);
    }
    list
}
