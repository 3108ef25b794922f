//! The options of a plan, found in its model: what each of them changes there, when, and for how much money.
//!
//! Futures differ in figures and measures, never in what there is, so positions found in one model hold in all of them.

use coercivity_model::calendar::{days_after, days_between, months_after};
use coercivity_model::model::StockKind;
use coercivity_model::toml_table::Given;
use coercivity_model::{Code, Date, Diagnostic, Model, Report};

use super::spec::{Action, Kind, Plant, Spec};
use crate::named::place_of;

/// An option with what it names.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: String,
    pub name: String,
    pub what: What,
    /// First day on which it is there.
    pub ready: Date,
    pub money: Money,
    /// What all of it is still worth after the last step, in currency of that day: the share of its money that its years
    /// after it are of all of them (straight-line).
    pub left: f64,
    pub whole: bool,
    pub least: f64,
    /// Positions of what must be done to at least as large a share.
    pub requires: Vec<usize>,
    /// Positions of what cannot be done beside it.
    pub excludes: Vec<usize>,
}

/// What a share x of an option costs: `linear x + convex x^2 / 2`, in currency of the day of the decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Money {
    pub linear: f64,
    pub convex: f64,
}

impl Money {
    pub fn at(self, share: f64) -> f64 {
        self.linear * share + 0.5 * self.convex * share * share
    }
}

/// What an option changes in the model, all of it being done.
#[derive(Clone, Debug)]
pub enum What {
    Site {
        plant: Where,
        capacity: f64,
        ramp_months: f64,
    },
    Stock {
        region: usize,
        product: usize,
        kind: StockKind,
        units: f64,
        holding_cost: f64,
    },
    Offtake {
        lane: usize,
        amount: f64,
    },
    /// (demand, option)
    Substitution {
        of: Vec<(usize, usize)>,
        share: f64,
    },
}

impl Found {
    /// What all of the option is, and its unit.
    pub fn amount(&self, model: &Model) -> (f64, String) {
        let unit = |product: usize| model.products[product].unit.clone();
        match &self.what {
            What::Site { capacity, .. } => (*capacity, "units of activity a year".to_string()),
            What::Stock { product, units, .. } => (*units, unit(*product)),
            What::Offtake { lane, amount } => (*amount, format!("{} a year", unit(model.lanes[*lane].product))),
            What::Substitution { share, .. } => (*share, "of the needs".to_string()),
        }
    }
}

/// What a new site is.
#[derive(Clone, Debug)]
pub enum Where {
    Like(usize),
    New { processes: Vec<usize>, region: usize, running_cost: f64, lead_days: f64 },
}

/// A requirement with what it names.
#[derive(Clone, Debug)]
pub struct Required {
    pub id: String,
    pub demands: Vec<usize>,
    pub least: f64,
    pub from: Date,
    /// Not included.
    pub until: Date,
}

/// Finds what the options of a spec name. `later`: by how many months the decision is put off. All problems are in `report`.
pub fn resolve(spec: &Spec, model: &Model, later: f64, report: &mut Report) -> Vec<Found> {
    let mut finder = Finder { file: "", model, report };
    let now = months(spec.now.unwrap_or(model.start), later);
    let ids: Vec<&str> = spec.actions.iter().map(|action| action.id.as_str()).collect();
    let end = model.calendar.middle_day(model.steps() - 1);
    let mut list = Vec::new();
    for action in &spec.actions {
        finder.file = &action.file;
        let what = finder.what(action);
        let requires = finder.positions(&action.requires, &ids, "option");
        let excludes = finder.positions(&action.excludes, &ids, "option");
        let ready = months(action.earliest.map_or(now, |day| day.max(now)), action.lead_months);
        if ready > end && later == 0.0 {
            let message = format!("`{}` is there from {ready} on, which is after the last step", action.id);
            let help = "give the plan more steps, or leave it out: it can buy nothing here";
            finder.push(Diagnostic::warning(Code::NoEffect, message).help(help), &action.span);
        }
        let Some((what, own)) = what else { continue };
        let after = |years: Option<f64>| years.map_or(0.0, |years| share_after(ready, model, years));
        let left = action.cost * after(action.life_years) + own.linear * after(action.kind.years());
        list.push(Found {
            id: action.id.clone(),
            name: action.name.clone(),
            what,
            ready,
            money: Money { linear: own.linear + action.cost, ..own },
            left,
            whole: action.whole,
            least: action.least,
            requires,
            excludes,
        });
    }
    list
}

/// The share of so many years from a day on that lies after the last step of a model.
fn share_after(day: Date, model: &Model, years: f64) -> f64 {
    let within = days_between(day, model.calendar.first_day(model.steps())) as f64 / 365.0;
    if years > 0.0 { (1.0 - within.max(0.0) / years).max(0.0) } else { 0.0 }
}

/// Finds what the requirements of a spec name.
pub fn required(spec: &Spec, file: &str, model: &Model, report: &mut Report) -> Vec<Required> {
    let mut finder = Finder { file, model, report };
    let ids: Vec<&str> = model.demands.iter().map(|demand| demand.id.as_str()).collect();
    (spec.services.iter())
        .map(|service| Required {
            id: service.id.clone(),
            demands: finder.positions(&service.demands, &ids, "demand"),
            least: service.least,
            from: service.from.unwrap_or(model.start),
            until: service.until.unwrap_or(model.calendar.first_day(model.steps())),
        })
        .collect()
}

/// Whole months, then days.
fn months(day: Date, months: f64) -> Date {
    let days = (months.fract() * 365.0 / 12.0).round() as i64;
    days_after(months_after(day, months.trunc() as i64), days)
}

struct Finder<'a> {
    file: &'a str,
    model: &'a Model,
    report: &'a mut Report,
}

impl Finder<'_> {
    fn push(&mut self, diagnostic: Diagnostic, span: &std::ops::Range<usize>) {
        let place = self.report.place(self.file, span.clone());
        self.report.push(diagnostic.at(place));
    }

    fn position(&mut self, given: &Given, ids: &[&str], noun: &str) -> Option<usize> {
        let otherwise = || format!("it is the id of a {noun}");
        place_of(given, noun, ids, &otherwise, self.file, self.report)
    }

    fn positions(&mut self, given: &[Given], ids: &[&str], noun: &str) -> Vec<usize> {
        given.iter().filter_map(|given| self.position(given, ids, noun)).collect()
    }

    fn region(&mut self, given: &Given) -> Option<usize> {
        let ids: Vec<&str> = self.model.regions.iter().map(|region| region.id.as_str()).collect();
        self.position(given, &ids, "region")
    }

    fn product(&mut self, given: &Given) -> Option<usize> {
        let ids: Vec<&str> = self.model.products.iter().map(|product| product.id.as_str()).collect();
        self.position(given, &ids, "product")
    }

    /// What an option changes, and what its kind costs by itself.
    fn what(&mut self, action: &Action) -> Option<(What, Money)> {
        let model = self.model;
        let linear = |linear: f64| Money { linear, convex: 0.0 };
        match &action.kind {
            Kind::Site { plant, capacity, ramp_months, floor } => {
                let plant = self.plant(plant)?;
                let mut public = 0.0;
                if let Some(floor) = floor {
                    let product = self.product(&floor.product)?;
                    let first = match &plant {
                        Where::Like(site) => model.sites[*site].processes[0],
                        Where::New { processes, .. } => processes[0],
                    };
                    let made = model.processes[first].outputs.iter().find(|(output, _)| *output == product);
                    let Some((_, amount)) = made else {
                        let message = format!("`{}` guarantees a price of what it does not make", action.id);
                        let help = "its first process has the product as an output";
                        self.push(Diagnostic::error(Code::NothingInScope, message).help(help), &floor.product.1);
                        return None;
                    };
                    let above = (floor.price - model.products[product].price).max(0.0);
                    public = above * amount * capacity * floor.years;
                }
                Some((What::Site { plant, capacity: *capacity, ramp_months: *ramp_months }, linear(public)))
            }
            Kind::Stock { region, product, kind, units, price, impact, holding_cost } => {
                let (region, product) = (self.region(region), self.product(product));
                let (region, product) = (region?, product?);
                let price = price.unwrap_or(model.products[product].price) * units;
                let what = What::Stock { region, product, kind: *kind, units: *units, holding_cost: *holding_cost };
                Some((what, Money { linear: price, convex: price * impact }))
            }
            Kind::Offtake { product, from, to, amount, premium, years } => {
                let (p, f, t) = (self.product(product), self.region(from), self.region(to));
                let (p, f, t) = (p?, f?, t?);
                let lane = model.lanes.iter().position(|lane| (lane.product, lane.from, lane.to) == (p, f, t));
                let Some(lane) = lane else {
                    let message = format!("no lane carries `{}` from `{}` to `{}`", product.0, from.0, to.0);
                    let help = "a contract needs a lane in `lanes.csv`, if only one without a flow";
                    self.push(Diagnostic::error(Code::NothingInScope, message).help(help), &product.1);
                    return None;
                };
                Some((What::Offtake { lane, amount: *amount }, linear(premium * amount * years)))
            }
            Kind::Substitution { demands, option, share } => {
                let ids: Vec<&str> = model.demands.iter().map(|demand| demand.id.as_str()).collect();
                let mut of = Vec::new();
                for demand in demands {
                    let Some(d) = self.position(demand, &ids, "demand") else { continue };
                    let ids: Vec<&str> = model.demands[d].options.iter().map(|o| o.id.as_str()).collect();
                    let Some(o) = self.position(option, &ids, &format!("option of `{}`", demand.0)) else { continue };
                    if model.demands[d].options[o].max_share.is_none() {
                        let message = format!("`{}` of `{}` has no limit, so nothing opens it", option.0, demand.0);
                        let help = "give it a row in `options.csv` with a `max_share`";
                        self.push(Diagnostic::error(Code::NothingInScope, message).help(help), &demand.1);
                    }
                    of.push((d, o));
                }
                Some((What::Substitution { of, share: *share }, linear(0.0)))
            }
        }
    }

    fn plant(&mut self, plant: &Plant) -> Option<Where> {
        let model = self.model;
        match plant {
            Plant::Like(site) => {
                let ids: Vec<&str> = model.sites.iter().map(|site| site.id.as_str()).collect();
                self.position(site, &ids, "site").map(Where::Like)
            }
            Plant::New { processes, region, running_cost, lead_days } => {
                let ids: Vec<&str> = model.processes.iter().map(|process| process.id.as_str()).collect();
                let found = self.positions(processes, &ids, "process");
                let region = self.region(region)?;
                let all = found.len() == processes.len() && !found.is_empty();
                let (running_cost, lead_days) = (*running_cost, *lead_days);
                all.then_some(Where::New { processes: found, region, running_cost, lead_days })
            }
        }
    }
}
