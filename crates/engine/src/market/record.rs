//! What a market did, week by week, and the same as columns of the program.

use std::collections::HashMap;

use coercivity_model::Model;

use super::Market;
use super::state::ZONES;
use crate::program::{Column, Program, Row};
use crate::run::{Foresight, Outcome, Plan, Seconds};
use crate::solve::{Basis, Solution};

/// Quantities in units, by week and then by what the name says.
#[derive(Clone)]
pub struct Record {
    pub activity: Vec<f64>,
    pub flow: Vec<f64>,
    pub relabel: Vec<f64>,
    pub pool: Vec<f64>,
    pub release: Vec<f64>,
    pub met: Vec<f64>,
    /// Units of each demand that are not asked for because of the price.
    pub priced_out: Vec<f64>,
    /// Currency per unit, by product: inside those who control it, outside.
    pub price: Vec<f64>,
    /// By lane: units that wait for a licence or have one and are not sent.
    pub waiting: Vec<f64>,
    /// By desk: what it has, uses in a week and wants to have.
    pub stock: Vec<f64>,
    pub used: Vec<f64>,
    pub target: Vec<f64>,
}

impl Record {
    /// An empty sheet for one week.
    pub fn sheet(market: &Market) -> Record {
        let (model, space, net) = (&market.model, &market.space, &market.network);
        let zeros = |n: usize| vec![0.0; n];
        Record {
            activity: zeros(space.runs.len()),
            flow: zeros(space.crossings.len()),
            relabel: zeros(space.relabels.len()),
            pool: zeros(net.pools.len()),
            release: zeros(model.stocks.len()),
            met: zeros(net.option_count()),
            priced_out: zeros(model.demands.len()),
            price: zeros(model.products.len() * ZONES),
            waiting: zeros(model.lanes.len()),
            stock: zeros(net.desks.len()),
            used: zeros(net.desks.len()),
            target: zeros(net.desks.len()),
        }
    }

    /// No weeks yet, and room for as many sheets like this one.
    pub fn with_room(sheet: &Record, weeks: usize) -> Record {
        let mut record = sheet.clone();
        for part in record.parts_mut() {
            *part = Vec::with_capacity(weeks * part.len());
        }
        record
    }

    pub fn clear(&mut self) {
        self.parts_mut().into_iter().for_each(|part| part.fill(0.0));
    }

    /// Another week is over.
    pub fn add(&mut self, sheet: &Record) {
        for (part, week) in self.parts_mut().into_iter().zip(sheet.parts()) {
            part.extend_from_slice(week);
        }
    }

    fn parts(&self) -> [&Vec<f64>; 12] {
        let Record { activity, flow, relabel, pool, release, met, priced_out, price, waiting, stock, used, target } =
            self;
        [activity, flow, relabel, pool, release, met, priced_out, price, waiting, stock, used, target]
    }

    fn parts_mut(&mut self) -> [&mut Vec<f64>; 12] {
        let Record { activity, flow, relabel, pool, release, met, priced_out, price, waiting, stock, used, target } =
            self;
        [activity, flow, relabel, pool, release, met, priced_out, price, waiting, stock, used, target]
    }
}

impl Record {
    /// Price of a product inside the countries that control it, currency per unit.
    pub fn price_inside(&self, model: &Model, product: usize, week: usize) -> f64 {
        self.price[(week * model.products.len() + product) * ZONES]
    }

    /// Price of a product outside of them.
    pub fn price_outside(&self, model: &Model, product: usize, week: usize) -> f64 {
        self.price[(week * model.products.len() + product) * ZONES + 1]
    }
}

impl Market {
    /// What was done as a run of the program in weeks: one plan, of which every column is what the market did.
    pub fn outcome(&self, record: &Record) -> Outcome {
        let (model, policy) = (&self.model, &self.horizon.policy);
        let program = Program::new(model, &self.space, policy, &self.initial);
        let columns = self.columns(record, &program);
        let objective = program.constant + columns.iter().zip(&program.costs).map(|(x, c)| x * c).sum::<f64>();
        let solution = Solution {
            column_duals: vec![0.0; columns.len()],
            row_duals: self.worth(record, &program),
            columns,
            objective,
        };
        let holding_of_untouched_stock = program.constant;
        let plan = Plan {
            program,
            solution,
            basis: Basis::none(),
            went_on: false,
            policy: policy.clone(),
            from: 0,
            until: model.steps(),
        };
        Outcome {
            tags: self.tags.clone(),
            space: self.space.clone(),
            plans: vec![plan],
            foresight: Foresight::Announced,
            holding_of_untouched_stock,
            seconds: Seconds::default(),
        }
    }

    /// The value of each column.
    fn columns(&self, record: &Record, program: &Program) -> Vec<f64> {
        let (model, space, net) = (&self.model, &self.space, &self.network);
        let mut values = vec![0.0; program.columns.len()];
        let mut at: HashMap<Column, usize> = HashMap::new();
        let mut left = vec![0.0; model.demands.len()];
        let mut week_of_left = vec![usize::MAX; model.demands.len()];
        let met = |d: usize, week: usize| -> f64 {
            let options = 0..model.demands[d].options.len();
            options.map(|o| record.met[week * net.option_count() + net.option(d, o)]).sum()
        };
        for (c, column) in program.columns.iter().enumerate() {
            values[c] = match *column {
                Column::Activity { run, step } => record.activity[step * space.runs.len() + run],
                Column::Flow { crossing, step } => record.flow[step * space.crossings.len() + crossing],
                Column::Relabel { relabel, step } => record.relabel[step * space.relabels.len() + relabel],
                Column::Stock { slot, step, .. } => {
                    net.pool_of[slot].map_or(0.0, |pool| record.pool[step * net.pools.len() + pool])
                }
                Column::Release { stock, step } => record.release[step * model.stocks.len() + stock],
                Column::Met { demand, option, step } => {
                    record.met[step * net.option_count() + net.option(demand, option)]
                }
                Column::Unmet { demand, step, .. } => {
                    let required = self.horizon.policy.required(model, demand, step);
                    if model.demands[demand].late_cost.is_some() {
                        (required - met(demand, step)).max(0.0)
                    } else {
                        if week_of_left[demand] != step {
                            (week_of_left[demand], left[demand]) = (step, (required - met(demand, step)).max(0.0));
                        }
                        let units = left[demand].min(program.upper[c]);
                        left[demand] -= units;
                        units
                    }
                }
                Column::CatchUp { demand, step } => {
                    let required = self.horizon.policy.required(model, demand, step);
                    (met(demand, step) - required).max(0.0)
                }
                // What follows from the others.
                _ => {
                    at.insert(*column, c);
                    0.0
                }
            };
        }
        follow(program, &at, &mut values);
        values
    }

    /// What a unit is worth: the price there and then, discounted as a dual is.
    fn worth(&self, record: &Record, program: &Program) -> Vec<f64> {
        let model = &self.model;
        let of = |row: &Row| match *row {
            Row::Balance { slot, step } => {
                let s = &self.space.slots[slot];
                let products = model.products.len();
                let price = record.price[step * products * ZONES + self.priced[s.region * products + s.product]];
                price * (1.0 + model.discount_rate).powf(-(step as f64) * model.calendar.years_per_step())
            }
            _ => 0.0,
        };
        program.rows.iter().map(of).collect()
    }
}

/// Sets the columns that follow from others: accounts, backlogs and strategic stock from step to step, and what is missing.
fn follow(program: &Program, at: &HashMap<Column, usize>, values: &mut [f64]) {
    let mut activity = vec![0.0; program.rows.len()];
    let add = |activity: &mut Vec<f64>, c: usize, value: f64| {
        for e in program.start[c]..program.start[c + 1] {
            activity[program.index[e]] += program.value[e] * value;
        }
    };
    for (c, value) in values.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        add(&mut activity, c, *value);
    }
    for (r, row) in program.rows.iter().enumerate() {
        let column = match *row {
            Row::Backlog { demand, step } => Column::Backlog { demand, step },
            Row::Strategic { stock, step } => Column::Strategic { stock, step },
            Row::Account { region, product, step } => Column::Account { region, product, step },
            Row::Target { stock, step } => Column::Shortfall { stock, step },
            Row::MissingStock { stock } => Column::MissingStock { stock },
            Row::MissingOnLane { lane } => Column::MissingOnLane { lane },
            Row::MissingInSite { site } => Column::MissingInSite { site },
            _ => continue,
        };
        let c = at[&column];
        values[c] = (program.row_lower[r] - activity[r]).max(0.0);
        add(&mut activity, c, values[c]);
    }
}

/// How far a run of one plan is from satisfying its program: the largest violation of a row or bound, relative to what moves in
/// it, and where.
pub fn violation(outcome: &Outcome) -> (f64, String) {
    let plan = &outcome.plans[0];
    let (program, values) = (&plan.program, &plan.solution.columns);
    let (mut activity, mut size) = (vec![0.0; program.rows.len()], vec![1.0_f64; program.rows.len()]);
    let mut worst = (0.0, String::new());
    let mut note = |by: f64, what: &dyn Fn() -> String| {
        if by > worst.0 {
            worst = (by, what());
        }
    };
    for (c, value) in values.iter().enumerate() {
        for e in program.start[c]..program.start[c + 1] {
            let units = program.value[e] * value;
            activity[program.index[e]] += units;
            size[program.index[e]] = size[program.index[e]].max(units.abs());
        }
        let by = (program.lower[c] - value).max(value - program.upper[c]) / value.abs().max(1.0);
        let bounds = || format!("{:?}: {value} not in {}..{}", program.columns[c], program.lower[c], program.upper[c]);
        note(by, &bounds);
    }
    for (r, row) in program.rows.iter().enumerate() {
        let by = (program.row_lower[r] - activity[r]).max(activity[r] - program.row_upper[r]) / size[r];
        note(by, &|| format!("{row:?}: {} not in {}..{}", activity[r], program.row_lower[r], program.row_upper[r]));
    }
    worst
}
