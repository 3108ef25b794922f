//! What a market did, week by week, and the same as columns of the program.

use std::collections::HashMap;

use coercivity_model::Model;

use super::Market;
use super::state::ZONES;
use crate::program::{Column, Program, Row};
use crate::run::{Foresight, Outcome, Plan, Seconds};
use crate::solve::{Basis, Solution};

/// What a market did, in units.
#[derive(Clone)]
pub struct Record {
    /// Activity by run, shipments by crossing, changes of tags by relabelling.
    pub activity: Moves,
    pub flow: Moves,
    pub relabel: Moves,
    /// All else: the sheets of all weeks, one after the other.
    pub sheets: Sheet,
}

impl Record {
    /// No weeks yet, and room for so many.
    pub fn new(market: &Market, sheet: &Sheet, weeks: usize) -> Record {
        let space = &market.space;
        Record {
            activity: Moves::with_room(weeks, space.runs.len()),
            flow: Moves::with_room(weeks, space.crossings.len()),
            relabel: Moves::with_room(weeks, space.relabels.len()),
            sheets: sheet.with_room(weeks),
        }
    }

    /// A week begins.
    pub fn begin(&mut self) {
        [&mut self.activity, &mut self.flow, &mut self.relabel].into_iter().for_each(Moves::begin);
    }
}

/// What stands at the end of a week, by what the name says.
#[derive(Clone)]
pub struct Sheet {
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

impl Sheet {
    /// An empty one.
    pub fn new(market: &Market) -> Sheet {
        let (model, net) = (&market.model, &market.network);
        let zeros = |n: usize| vec![0.0; n];
        Sheet {
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

    fn with_room(&self, weeks: usize) -> Sheet {
        let mut sheets = self.clone();
        for part in sheets.parts_mut() {
            *part = Vec::with_capacity(weeks * part.len());
        }
        sheets
    }

    pub fn clear(&mut self) {
        self.parts_mut().into_iter().for_each(|part| part.fill(0.0));
    }

    /// Another week is over.
    pub fn add(&mut self, sheet: &Sheet) {
        for (part, week) in self.parts_mut().into_iter().zip(sheet.parts()) {
            part.extend_from_slice(week);
        }
    }

    fn parts(&self) -> [&Vec<f64>; 9] {
        let Sheet { pool, release, met, priced_out, price, waiting, stock, used, target } = self;
        [pool, release, met, priced_out, price, waiting, stock, used, target]
    }

    fn parts_mut(&mut self) -> [&mut Vec<f64>; 9] {
        let Sheet { pool, release, met, priced_out, price, waiting, stock, used, target } = self;
        [pool, release, met, priced_out, price, waiting, stock, used, target]
    }
}

/// What moved, week by week. Of all that could move in a week most does not, so only what does is kept.
#[derive(Clone)]
pub struct Moves {
    /// What moved and how many units; the same may come more than once in a week.
    moves: Vec<(u32, f64)>,
    /// Where each week begins.
    starts: Vec<usize>,
}

impl Moves {
    fn with_room(weeks: usize, width: usize) -> Moves {
        // Half of all that could move; in the reference model a quarter does.
        Moves { moves: Vec::with_capacity(weeks * width / 2), starts: Vec::with_capacity(weeks) }
    }

    fn begin(&mut self) {
        self.starts.push(self.moves.len());
    }

    pub fn add(&mut self, what: usize, units: f64) {
        self.moves.push((what as u32, units));
    }

    /// The moves of a week.
    pub fn of(&self, week: usize) -> impl Iterator<Item = (usize, f64)> {
        let end = self.starts.get(week + 1).copied().unwrap_or(self.moves.len());
        self.moves[self.starts[week]..end].iter().map(|(what, units)| (*what as usize, *units))
    }

    /// Units of one thing, by week.
    pub fn by_week(&self, what: usize) -> Vec<f64> {
        let units = |week: usize| self.of(week).filter(|(of, _)| *of == what).map(|(_, units)| units).sum();
        (0..self.starts.len()).map(units).collect()
    }

    /// Units of everything in a week.
    fn all(&self, week: usize, units: &mut [f64]) {
        units.fill(0.0);
        for (what, moved) in self.of(week) {
            units[what] += moved;
        }
    }
}

impl Record {
    /// Price of a product inside the countries that control it, currency per unit.
    pub fn price_inside(&self, model: &Model, product: usize, week: usize) -> f64 {
        self.sheets.price[(week * model.products.len() + product) * ZONES]
    }

    /// Price of a product outside of them.
    pub fn price_outside(&self, model: &Model, product: usize, week: usize) -> f64 {
        self.sheets.price[(week * model.products.len() + product) * ZONES + 1]
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
        // What moved in the week that is written.
        let (mut activity, mut flow, mut relabelled) =
            (vec![0.0; space.runs.len()], vec![0.0; space.crossings.len()], vec![0.0; space.relabels.len()]);
        let mut written = usize::MAX;
        let met = |d: usize, week: usize| -> f64 {
            let options = 0..model.demands[d].options.len();
            options.map(|o| record.sheets.met[week * net.option_count() + net.option(d, o)]).sum()
        };
        for (c, column) in program.columns.iter().enumerate() {
            if let Some(step) = column.step().filter(|step| *step != written) {
                record.activity.all(step, &mut activity);
                record.flow.all(step, &mut flow);
                record.relabel.all(step, &mut relabelled);
                written = step;
            }
            values[c] = match *column {
                Column::Activity { run, .. } => activity[run],
                Column::Flow { crossing, .. } => flow[crossing],
                Column::Relabel { relabel, .. } => relabelled[relabel],
                Column::Stock { slot, step, .. } => {
                    net.pool_of[slot].map_or(0.0, |pool| record.sheets.pool[step * net.pools.len() + pool])
                }
                Column::Release { stock, step } => record.sheets.release[step * model.stocks.len() + stock],
                Column::Met { demand, option, step } => {
                    record.sheets.met[step * net.option_count() + net.option(demand, option)]
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
                let price = record.sheets.price[step * products * ZONES + self.priced[s.region * products + s.product]];
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
