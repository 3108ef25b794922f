//! The model as data: what the tables say, with ids resolved to positions.
//!
//! Every `usize` that names a region, product, process, site, lane, demand or stock is a position
//! in the vector of that name in [`Model`]. Units are those of SPEC section 1 and stand in names
//! or comments.

use std::collections::BTreeMap;

use crate::behaviour::{Behaviour, Evidence};
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
    /// How people behave where nobody plans.
    pub behaviour: Behaviour,
    /// What `behaviour.toml` says for it, by parameter.
    pub evidence: BTreeMap<&'static str, Evidence>,
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

    /// The same model over its first steps. At the end of these, what is missing is charged.
    pub fn first_steps(&self, steps: usize) -> Model {
        let calendar = Calendar::new(self.start, self.step, steps).expect("a shorter time than the model's own");
        Model { calendar, ..self.clone() }
    }

    /// The same model in quarters, over at least the same days, as far as the calendar goes: smaller, for a quick
    /// look. Figures are per year and stay as they are. What a quarter cannot show is lost: leads and delays of less
    /// than half a quarter vanish and others round to whole ones, and a measure, opening or closing counts for all of
    /// the quarter whose middle day it holds on, or for none of it. A model in quarters comes back as it is.
    pub fn in_quarters(&self) -> Model {
        let quarters = match self.step {
            StepUnit::Quarter => return self.clone(),
            StepUnit::Month => self.steps().div_ceil(3),
            StepUnit::Week => self.steps().div_ceil(13),
        };
        let end = self.calendar.first_day(self.steps());
        // A quarter may be two days shorter than 13 weeks.
        let long_enough = |calendar: &Calendar| calendar.first_day(calendar.steps()) >= end;
        let in_quarters = |n| Calendar::new(self.start, StepUnit::Quarter, n);
        let whole = (quarters..=quarters + 1).filter_map(in_quarters).find(long_enough);
        // The last one may pass the end of all days.
        let Some(calendar) = whole.or_else(|| in_quarters(quarters - 1).filter(|c| c.steps() > 0)) else {
            return self.clone();
        };
        Model { calendar, step: StepUnit::Quarter, ..self.clone() }
    }

    /// The same model in weeks, as many whole ones as its steps hold and at least one: what the method `market` runs in.
    /// Figures are per year and stay as they are.
    pub fn in_weeks(&self) -> Model {
        let days = crate::calendar::days_between(self.start, self.calendar.first_day(self.steps()));
        let calendar = Calendar::new(self.start, StepUnit::Week, (days as usize / 7).max(1));
        let calendar = calendar.expect("a shorter time than the model's own");
        Model { calendar, step: StepUnit::Week, ..self.clone() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryFiles, Report, read_model};

    fn model(start: &str, step: &str, steps: usize) -> Model {
        let mut files = MemoryFiles::default();
        files.insert("m/model.toml", format!("format = 1\nstart = {start}\nstep = \"{step}\"\nsteps = {steps}\n"));
        files.insert("m/regions.csv", "id\nA\nB\n");
        files.insert("m/products.csv", "id,unit,stage,price\nore,t,ore,10\n");
        files.insert("m/processes.csv", "process,product,amount\ndig,ore,1\n");
        files.insert("m/sites.csv", "id,process,region,capacity,opens,ramp_months\nmine,dig,A,240,2025-04-01,6\n");
        files.insert("m/lanes.csv", "product,from,to,lead_days\nore,A,B,45\n");
        files.insert("m/demands.csv", "id,region,amount,value,growth\nneed,B,120,1000,0.21\n");
        files.insert("m/uses.csv", "demand,product,amount\nneed,ore,1\n");
        let mut report = Report::default();
        read_model(&files, "m", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
    }

    /// Quarters that a model becomes, and the day after them.
    fn quarters(start: &str, step: &str, steps: usize) -> (usize, String) {
        let coarse = model(start, step, steps).in_quarters();
        assert_eq!((coarse.step, coarse.calendar.unit()), (StepUnit::Quarter, StepUnit::Quarter));
        (coarse.steps(), coarse.calendar.first_day(coarse.steps()).to_string())
    }

    #[test]
    fn quarters_reach_at_least_as_far() {
        let after = |n, day: &str| (n, day.to_string());
        assert_eq!(quarters("2025-01-01", "month", 60), after(20, "2030-01-01"));
        assert_eq!(quarters("2025-01-01", "month", 4), after(2, "2025-07-01"));
        assert_eq!(quarters("2025-01-31", "month", 3), after(1, "2025-04-30"));
        assert_eq!(quarters("2025-01-01", "quarter", 5), after(5, "2026-04-01"));
        // 52 weeks end on 31 December 2025, before the fourth quarter does.
        assert_eq!(quarters("2025-01-01", "week", 52), after(4, "2026-01-01"));
        assert_eq!(quarters("2025-01-01", "week", 53), after(5, "2026-04-01"));
        // 13 weeks end on 3 May, two days after the quarter from February to April.
        assert_eq!(quarters("2025-02-01", "week", 13), after(2, "2025-08-01"));
    }

    #[test]
    fn weeks_are_whole_and_at_least_one() {
        let weeks = |start, step, steps| model(start, step, steps).in_weeks().steps();
        // 2025 to 2029 are 1,826 days.
        assert_eq!(weeks("2025-01-01", "month", 60), 260);
        assert_eq!(weeks("2025-01-01", "quarter", 1), 12);
        assert_eq!(weeks("2025-01-01", "week", 5), 5);
    }

    #[test]
    fn figures_per_year_stay_and_short_leads_vanish() {
        let fine = model("2025-01-01", "month", 12);
        let coarse = fine.in_quarters();
        assert_eq!((coarse.hash.as_str(), coarse.start), (fine.hash.as_str(), fine.start));
        // 45 days: one month (1.48), and no quarter (0.49).
        let lead = |model: &Model| model.step.lead_steps(model.lanes[0].lead_days);
        assert_eq!((lead(&fine), lead(&coarse)), (1, 0));
        // The middle day of April to June is 16 May: 45 of the 182.5 days of the ramp.
        let capacity = coarse.capacity_per_year(&coarse.sites[0], 1);
        assert!((capacity - 240.0 * 45.0 / 182.5).abs() < 1e-9, "{capacity}");
        // Half a year: the root of 1.21.
        let amount = coarse.amount_per_year(&coarse.demands[0], 2);
        assert!((amount - 132.0).abs() < 1e-9, "{amount}");
        assert_eq!(amount, fine.amount_per_year(&fine.demands[0], 6));
    }

    #[test]
    fn at_the_end_of_all_days_the_last_quarter_is_left_out() {
        assert_eq!(quarters("9999-01-01", "month", 10), (3, "9999-10-01".to_string()));
        let short = model("9999-11-01", "month", 1).in_quarters();
        assert_eq!((short.step, short.steps()), (StepUnit::Month, 1), "no quarter fits");
    }
}
