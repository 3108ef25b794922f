//! The model as data: what the tables say, with ids resolved to positions.
//!
//! Every `usize` that names a region, product, process, site, lane, demand or stock is a position
//! in the vector of that name in [`Model`]. Units are those of SPEC section 1 and stand in names
//! or comments.

use std::collections::BTreeMap;

use crate::calendar::{Calendar, Date, StepUnit};
use crate::csv_table::Table;
use crate::observations::Observation;
use crate::schema::TableName;
use crate::uncertainty::Range;

/// A whole model, valid: nothing in it needs to be checked again.
#[derive(Clone, Debug)]
pub struct Model {
    pub name: String,
    pub calendar: Calendar,
    pub start: Date,
    pub step: StepUnit,
    pub currency: String,
    /// Per year.
    pub discount_rate: f64,
    pub terminal_value: f64,
    pub default_scenario: Option<String>,
    /// The model's folder, then that of the model it extends, and so on.
    pub folders: Vec<String>,
    pub regions: Vec<Region>,
    pub products: Vec<Product>,
    pub processes: Vec<Process>,
    pub sites: Vec<Site>,
    /// One lane per product and pair of regions: wildcard rows are expanded.
    pub lanes: Vec<Lane>,
    pub demands: Vec<Demand>,
    pub stocks: Vec<Stock>,
    pub observations: Vec<Observation>,
    pub ranges: Vec<Range>,
    /// The tables as read, with sources, confidences, notes and unknown columns.
    pub tables: BTreeMap<TableName, Table>,
    /// SHA-256 of the tables and `model.toml` of the folder and of those it extends, in hexadecimal.
    pub hash: String,
}

#[derive(Clone, Debug)]
pub struct Region {
    pub id: String,
    pub name: String,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub unit: String,
    pub stage: String,
    /// Currency per unit.
    pub price: f64,
    /// Share of a region's imports that may leave it again unprocessed.
    pub reexport: f64,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Process {
    pub id: String,
    /// (product, units per unit of activity), amounts above 0.
    pub inputs: Vec<(usize, f64)>,
    /// (product, units per unit of activity), amounts above 0.
    pub outputs: Vec<(usize, f64)>,
}

#[derive(Clone, Debug)]
pub struct Site {
    pub id: String,
    pub processes: Vec<usize>,
    pub region: usize,
    /// Units of activity a year.
    pub capacity: f64,
    /// Currency per unit of activity.
    pub cost: f64,
    pub opens: Option<Date>,
    pub closes: Option<Date>,
    pub ramp_months: f64,
    pub lead_days: f64,
    /// Activity a year before the start.
    pub made: Option<f64>,
    /// Least share of the capacity that runs.
    pub minimum: f64,
    pub owner: String,
    pub status: String,
}

#[derive(Clone, Debug)]
pub struct Lane {
    pub product: usize,
    pub from: usize,
    pub to: usize,
    pub lead_days: f64,
    /// Currency per unit.
    pub cost: f64,
    /// Units a year; `None` = unlimited.
    pub capacity: Option<f64>,
    /// Reference flow, units a year.
    pub flow: Option<f64>,
    /// The part of the reference flow for military use, units a year.
    pub military: Option<f64>,
    /// Units a year by which the flow can grow each year; `None` = no limit.
    pub growth: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndUse {
    Civil,
    Military,
}

impl EndUse {
    /// As in tables.
    pub fn name(self) -> &'static str {
        match self {
            EndUse::Civil => "civil",
            EndUse::Military => "military",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Demand {
    pub id: String,
    pub name: String,
    /// What the amount counts, for people; empty where not given.
    pub unit: String,
    pub region: usize,
    /// Units a year in step 0, before shifts.
    pub amount: f64,
    /// Currency per unmet unit.
    pub value: f64,
    pub end_use: EndUse,
    /// Currency per unit and year; `Some` = what is unmet is delayed, not lost.
    pub late_cost: Option<f64>,
    /// Per year.
    pub growth: f64,
    pub opens: Option<Date>,
    pub closes: Option<Date>,
    /// Alternatives; empty where no row of `uses.csv` serves the demand.
    pub options: Vec<DemandOption>,
    /// Never empty: (share of the amount, factor on the value), shares adding up to 1.
    pub tiers: Vec<Tier>,
}

#[derive(Clone, Debug)]
pub struct DemandOption {
    pub id: String,
    /// (product, units per unit of demand).
    pub uses: Vec<(usize, f64)>,
    pub opens: Option<Date>,
    /// Largest share of the demand in a step; `None` = no limit (no row in `options.csv`).
    pub max_share: Option<f64>,
    /// Currency per unit of demand.
    pub cost: f64,
}

#[derive(Clone, Copy, Debug)]
pub struct Tier {
    pub share: f64,
    pub factor: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StockKind {
    Commercial,
    Strategic,
}

#[derive(Clone, Debug)]
pub struct Stock {
    pub region: usize,
    pub product: usize,
    pub kind: StockKind,
    /// Units.
    pub initial: f64,
    /// Units; `None` = unlimited.
    pub capacity: Option<f64>,
    /// Currency per unit and year.
    pub holding_cost: f64,
    /// Units.
    pub target: f64,
    /// Currency per unit and year below the target.
    pub shortfall_cost: f64,
    /// Where the initial stock was made; `None` = outside every rule's reach.
    pub origin: Option<usize>,
}

impl Model {
    pub fn steps(&self) -> usize {
        self.calendar.steps()
    }

    /// Capacity of a site in a step before outages, units of activity a year: 0 before it opens
    /// and from its closing day, rising linearly over the ramp, measured on the middle day.
    pub fn capacity_per_year(&self, site: &Site, step: usize) -> f64 {
        let day = self.calendar.middle_day(step);
        if site.closes.is_some_and(|closes| day >= closes) {
            return 0.0;
        }
        match site.opens {
            Some(opens) if day < opens => 0.0,
            Some(opens) if site.ramp_months > 0.0 => {
                let ramp_days = site.ramp_months * (365.0 / 12.0);
                let since = crate::calendar::days_between(opens, day) as f64;
                site.capacity * (since / ramp_days).clamp(0.0, 1.0)
            }
            _ => site.capacity,
        }
    }

    /// Amount of a demand in a step before shifts, units a year.
    pub fn amount_per_year(&self, demand: &Demand, step: usize) -> f64 {
        let day = self.calendar.middle_day(step);
        let open = demand.opens.is_none_or(|d| day >= d) && demand.closes.is_none_or(|d| day < d);
        if !open {
            return 0.0;
        }
        demand.amount * (1.0 + demand.growth).powf(step as f64 * self.calendar.years_per_step())
    }

    /// Whether any of the products of these processes is an output of one of them.
    pub fn is_output_of(&self, product: usize, processes: &[usize]) -> bool {
        processes.iter().any(|p| self.processes[*p].outputs.iter().any(|(out, _)| *out == product))
    }

    /// Figures of the model by confidence: (confidence, rows), "not given" last.
    pub fn rows_by_confidence(&self) -> Vec<(&'static str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, table) in &self.tables {
            if name.is_input() {
                for row in 0..table.len() {
                    *counts.entry(table.text(row, "confidence")).or_default() += 1;
                }
            }
        }
        let mut list: Vec<(&'static str, usize)> =
            crate::schema::CONFIDENCES.iter().filter_map(|c| counts.get(c).map(|n| (*c, *n))).collect();
        list.extend(counts.get("").map(|n| ("not given", *n)));
        list
    }
}
