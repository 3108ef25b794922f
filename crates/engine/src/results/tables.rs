//! The tables of a run: demand, options, sites, flows, stocks, prices, and observations where the model has any.

use std::collections::{BTreeMap, BTreeSet};

use coercivity_model::model::StockKind;
use coercivity_model::scenario::Effect;
use coercivity_model::{Date, Model, Scenario};

use super::summary::Demands;
use super::table::{Cells, ResultTable};
use super::{carried_out, observed};
use crate::program::{Column, Program, Row};
use crate::run::{Outcome, Plan};

/// Quantities below this are rounding of the solver and are left out of the flows.
const NOTHING: f64 = 1e-9;

/// Every table of a run, in a fixed order.
pub fn tables(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Vec<ResultTable> {
    let mut tables = vec![
        demand(model, outcome),
        options(model, outcome),
        sites(model, outcome),
        flows(model, scenario, outcome),
        stocks(model, outcome),
        prices(model, outcome),
    ];
    if !model.observations.is_empty() {
        tables.push(observed::table(&observed::hold(model, outcome)));
    }
    tables
}

/// Rows under construction: each row has a step, texts and numbers.
pub(crate) struct Rows<const T: usize, const N: usize> {
    rows: Vec<(usize, [String; T], [f64; N])>,
}

impl<const T: usize, const N: usize> Rows<T, N> {
    pub(crate) fn new() -> Self {
        Rows { rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, step: usize, texts: [&str; T], numbers: [f64; N]) {
        self.rows.push((step, texts.map(str::to_string), numbers));
    }

    pub(crate) fn finish(
        mut self,
        model: &Model,
        name: &'static str,
        texts: [&'static str; T],
        numbers: [&'static str; N],
    ) -> ResultTable {
        // By step, then in the order of making; plans overlap in no step.
        self.rows.sort_by_key(|(step, _, _)| *step);
        let dates: Vec<Date> = self.rows.iter().map(|(step, _, _)| model.calendar.first_day(*step)).collect();
        let mut columns = vec![
            ("step", Cells::Step(self.rows.iter().map(|(step, _, _)| *step).collect())),
            ("date", Cells::Date(dates)),
        ];
        for (i, name) in texts.into_iter().enumerate() {
            columns.push((name, Cells::Text(self.rows.iter().map(|(_, t, _)| t[i].clone()).collect())));
        }
        for (i, name) in numbers.into_iter().enumerate() {
            columns.push((name, Cells::Number(self.rows.iter().map(|(_, _, n)| n[i]).collect())));
        }
        ResultTable { name, columns }
    }
}

/// Units of each demand that are met, by demand and step.
pub fn met(model: &Model, outcome: &Outcome) -> Vec<Vec<f64>> {
    let mut met = vec![vec![0.0; model.steps()]; model.demands.len()];
    for (_, _, column, value) in carried_out(outcome) {
        if let Column::Met { demand, step, .. } = column {
            met[demand][step] += value;
        }
    }
    met
}

fn demand(model: &Model, outcome: &Outcome) -> ResultTable {
    let demands = Demands::new(model, outcome);
    let met = met(model, outcome);
    let mut rows = Rows::new();
    let cells = (0..model.steps()).flat_map(|step| (0..model.demands.len()).map(move |d| (step, d)));
    for (step, d) in cells {
        let demand = &model.demands[d];
        let numbers = [demands.required[d][step], met[d][step], demands.unmet[d][step], demands.late[d][step]];
        rows.push(step, [&demand.id, &model.regions[demand.region].id, demand.end_use.name()], numbers);
    }
    rows.finish(model, "demand", ["demand", "region", "end_use"], ["required", "met", "unmet", "late"])
}

fn options(model: &Model, outcome: &Outcome) -> ResultTable {
    let mut rows = Rows::new();
    for (_, _, column, value) in carried_out(outcome) {
        if let Column::Met { demand, option, step } = column {
            let d = &model.demands[demand];
            rows.push(step, [&d.id, &d.options[option].id], [value]);
        }
    }
    rows.finish(model, "options", ["demand", "option"], ["quantity"])
}

fn sites(model: &Model, outcome: &Outcome) -> ResultTable {
    let values = capacity_values(outcome);
    let mut rows = Rows::new();
    for (plan, _, column, value) in carried_out(outcome) {
        let Column::Activity { run, step } = column else { continue };
        let run = &outcome.space.runs[run];
        let site = &model.sites[run.site];
        let capacity = site_capacity(model, plan, run.site, step);
        let saves = values.get(&(run.site, step)).copied().unwrap_or(0.0);
        let texts = [
            site.id.as_str(),
            &model.processes[run.process].id,
            &model.regions[site.region].id,
            &outcome.tags.name(run.tags),
        ];
        rows.push(step, texts, [value, capacity, saves]);
    }
    rows.finish(model, "sites", ["site", "process", "region", "tags"], ["quantity", "capacity", "capacity_value"])
}

/// Units of activity that a site can do in a step.
pub fn site_capacity(model: &Model, plan: &Plan, site: usize, step: usize) -> f64 {
    let remaining = plan.policy.step(step).remaining[site];
    model.capacity_per_year(&model.sites[site], step) * remaining * model.calendar.years_per_step()
}

/// What one more unit of a site's activity in a step would save, by (site, step).
pub fn capacity_values(outcome: &Outcome) -> BTreeMap<(usize, usize), f64> {
    let mut values = BTreeMap::new();
    for plan in &outcome.plans {
        for (r, row) in plan.program.rows.iter().enumerate() {
            if let Row::Capacity { site, step } = row
                && *step < plan.until
            {
                values.insert((*site, *step), (-plan.solution.row_duals[r]).max(0.0));
            }
        }
        for (c, column) in plan.program.columns.iter().enumerate() {
            if let Column::Activity { run, step } = column
                && *step < plan.until
                && plan.program.upper[c].is_finite()
            {
                let saves = (-plan.solution.column_duals[c]).max(0.0);
                values.insert((outcome.space.runs[*run].site, *step), saves);
            }
        }
    }
    values
}

/// Flows by lane and tags. Re-exports of goods under an export control are one total a product:
/// the tool finds no routes around controls.
fn flows(model: &Model, scenario: &Scenario, outcome: &Outcome) -> ResultTable {
    let controlled = controlled_products(scenario);
    let mut rows = Rows::new();
    let mut reexports: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (plan, _, column, value) in carried_out(outcome) {
        let Column::Flow { crossing, step } = column else { continue };
        if value <= NOTHING {
            continue;
        }
        let crossing = &outcome.space.crossings[crossing];
        let lane = &model.lanes[crossing.lane];
        if controlled.contains(&lane.product) && !makes(model, lane.from, lane.product) {
            *reexports.entry((step, lane.product)).or_default() += value;
            continue;
        }
        let arrival = plan.policy.arrival(model, crossing.lane, step).to_string();
        let received = if crossing.sets_civil { crossing.sent | crate::tags::CIVIL } else { crossing.sent };
        let texts = [
            model.products[lane.product].id.as_str(),
            &model.regions[lane.from].id,
            &model.regions[lane.to].id,
            &outcome.tags.name(received),
            &arrival,
        ];
        rows.push(step, texts, [value]);
    }
    for ((step, product), value) in reexports {
        rows.push(step, [&model.products[product].id, "(re-exports)", "", "", ""], [value]);
    }
    rows.finish(model, "flows", ["product", "from", "to", "tags", "arrival_step"], ["quantity"])
}

/// Products under an export control of the scenario.
pub fn controlled_products(scenario: &Scenario) -> BTreeSet<usize> {
    scenario
        .measures
        .iter()
        .filter_map(|m| match &m.effect {
            Effect::ExportControl { scope, .. } => Some(scope.on.iter().copied()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Re-exports of goods under an export control over all lanes and steps, by unit of quantity.
pub fn reexport_total(model: &Model, scenario: &Scenario, outcome: &Outcome) -> BTreeMap<String, f64> {
    let controlled = controlled_products(scenario);
    let mut totals: BTreeMap<String, f64> = BTreeMap::new();
    for (_, _, column, value) in carried_out(outcome) {
        if let Column::Flow { crossing, .. } = column {
            let lane = &model.lanes[outcome.space.crossings[crossing].lane];
            if value > NOTHING && controlled.contains(&lane.product) && !makes(model, lane.from, lane.product) {
                *totals.entry(model.products[lane.product].unit.clone()).or_default() += value;
            }
        }
    }
    totals
}

/// Whether a region has a site that makes a product: what it sends is then not a re-export.
pub fn makes(model: &Model, region: usize, product: usize) -> bool {
    model.sites.iter().any(|s| s.region == region && model.is_output_of(product, &s.processes))
}

fn stocks(model: &Model, outcome: &Outcome) -> ResultTable {
    let mut rows = Rows::new();
    for (_, _, column, value) in carried_out(outcome) {
        let (stock, tags, step) = match column {
            Column::Stock { stock, slot, step } => (stock, outcome.tags.name(outcome.space.slots[slot].tags), step),
            Column::Strategic { stock, step } => (stock, String::new(), step),
            _ => continue,
        };
        let s = &model.stocks[stock];
        let kind = if s.kind == StockKind::Strategic { "strategic" } else { "commercial" };
        let texts = [model.regions[s.region].id.as_str(), &model.products[s.product].id, kind, &tags];
        rows.push(step, texts, [value, s.target]);
    }
    rows.finish(model, "stocks", ["region", "product", "kind", "tags"], ["quantity", "target"])
}

/// Scarcity prices: the duals of the balances, as in the objective (discounted to the start) and
/// as money of the day.
pub fn prices(model: &Model, outcome: &Outcome) -> ResultTable {
    let mut rows = Rows::new();
    for plan in &outcome.plans {
        for (slot, step, dual) in balance_duals(&plan.program, plan) {
            let s = outcome.space.slots[slot];
            if !s.kept {
                continue;
            }
            let years = model.calendar.years_per_step();
            let then = dual * (1.0 + model.discount_rate).powf(step as f64 * years);
            let texts =
                [model.regions[s.region].id.as_str(), &model.products[s.product].id, &outcome.tags.name(s.tags)];
            rows.push(step, texts, [dual, then]);
        }
    }
    rows.finish(model, "prices", ["region", "product", "tags"], ["price", "price_of_the_day"])
}

fn balance_duals<'a>(program: &'a Program, plan: &'a Plan) -> impl Iterator<Item = (usize, usize, f64)> + 'a {
    program.rows.iter().enumerate().filter_map(move |(r, row)| match row {
        Row::Balance { slot, step } if *step < plan.until => Some((*slot, *step, plan.solution.row_duals[r].max(0.0))),
        _ => None,
    })
}
