//! The books of a run, kept from what was carried out and from the model: what came and went in
//! every slot, and whether the limits of the specification hold. Nothing is read off rows of the
//! program.

use coercivity_engine::Outcome;
use coercivity_engine::program::Column;
use coercivity_engine::results::carried_out;
use coercivity_model::model::StockKind;
use coercivity_model::scenario::{Effect, Scope};
use coercivity_model::{Model, Scenario};

/// Relative to what came and went.
const TOLERANCE: f64 = 1e-6;

/// What really is in force, read from the scenario alone.
pub struct Law<'a> {
    pub model: &'a Model,
    pub scenario: &'a Scenario,
}

impl Law<'_> {
    pub fn effects(&self, step: usize) -> impl Iterator<Item = &Effect> {
        let day = self.model.calendar.middle_day(step);
        let measures = self.scenario.measures.iter().enumerate();
        measures.filter(move |(m, _)| self.scenario.in_force(*m, day)).map(|(_, measure)| &measure.effect)
    }

    pub fn covers(&self, scope: &Scope, lane: usize) -> bool {
        let lane = &self.model.lanes[lane];
        scope.by.contains(&lane.from) && scope.on.contains(&lane.product) && scope.to.contains(&lane.to)
    }

    /// Steps from sending to arrival.
    fn lane_steps(&self, lane: usize, step: usize) -> usize {
        let delays = self.effects(step).map(|effect| match effect {
            Effect::ExportControl { scope, delay_days, .. } if self.covers(scope, lane) => *delay_days,
            _ => 0.0,
        });
        self.model.step.lead_steps(self.model.lanes[lane].lead_days + delays.fold(0.0, f64::max))
    }

    /// Units a year that may cross a lane.
    fn lane_limit(&self, lane: usize, step: usize) -> f64 {
        let l = &self.model.lanes[lane];
        let years = self.model.calendar.years_per_step();
        let flow = l.flow.unwrap_or(0.0);
        let growth = l.growth.map_or(f64::INFINITY, |growth| flow + growth * step as f64 * years);
        let controls = self.effects(step).map(|effect| match effect {
            Effect::ExportControl { scope, allow_civil, leakage, .. }
                if *allow_civil < 1.0 && self.covers(scope, lane) =>
            {
                (allow_civil + leakage * (1.0 - allow_civil)) * flow
            }
            _ => f64::INFINITY,
        });
        controls.fold(l.capacity.unwrap_or(f64::INFINITY).min(growth), f64::min)
    }

    /// Activity a year of a site.
    fn capacity(&self, site: usize, step: usize) -> f64 {
        let remaining = self.effects(step).map(|effect| match effect {
            Effect::Outage { sites, remaining } if sites.contains(&site) => *remaining,
            _ => 1.0,
        });
        self.model.capacity_per_year(&self.model.sites[site], step) * remaining.product::<f64>()
    }

    /// Units of a demand in a step.
    fn required(&self, demand: usize, step: usize) -> f64 {
        let factors = self.effects(step).map(|effect| match effect {
            Effect::DemandShift { demands, factor } if demands.contains(&demand) => *factor,
            _ => 1.0,
        });
        let amount = self.model.amount_per_year(&self.model.demands[demand], step);
        amount * factors.product::<f64>() * self.model.calendar.years_per_step()
    }

    /// Units of strategic stock that may leave in a step.
    fn release(&self, stock: usize, step: usize) -> f64 {
        let s = &self.model.stocks[stock];
        let rates = self.effects(step).map(|effect| match effect {
            Effect::Release { region, products, rate }
                if region.contains(&s.region) && products.contains(&s.product) =>
            {
                rate.unwrap_or(f64::INFINITY)
            }
            _ => 0.0,
        });
        rates.sum::<f64>() * self.model.calendar.years_per_step()
    }
}

/// What came to a place in each step, less what went, and how much moved in all.
struct Account {
    net: Vec<f64>,
    moved: Vec<f64>,
}

impl Account {
    fn new(steps: usize) -> Account {
        Account { net: vec![0.0; steps], moved: vec![0.0; steps] }
    }

    fn add(&mut self, step: usize, units: f64) {
        // What is due after the end is none of this run.
        if let Some(net) = self.net.get_mut(step) {
            *net += units;
            self.moved[step] += units.abs();
        }
    }
}

/// A complaint where a figure is above what it may be.
pub fn above(what: &str, found: f64, most: f64, scale: f64) -> Option<String> {
    let slack = TOLERANCE * scale.abs().max(1.0);
    (found > most + slack).then(|| format!("{what}: {found} is above {most}"))
}

/// Slots from which more went than came, in any step. Empty if the books balance: the rest is
/// disposed of.
pub fn imbalances(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let law = Law { model, scenario };
    let (space, tags, steps) = (&outcome.space, &outcome.tags, model.steps());
    let years = model.calendar.years_per_step();
    let mut books: Vec<Account> = space.slots.iter().map(|_| Account::new(steps)).collect();
    let mut add = |slot: Option<usize>, step: usize, units: f64| {
        if let Some(slot) = slot {
            books[slot].add(step, units);
        }
    };
    let made_in = |region: Option<usize>, product| region.map_or(0, |region| tags.of_origin(region, product));
    for stock in model.stocks.iter().filter(|s| s.kind == StockKind::Commercial) {
        let slot = space.slot(stock.region, stock.product, made_in(stock.origin, stock.product));
        add(slot, 0, stock.initial);
    }
    for lane in &model.lanes {
        let slot = space.slot(lane.to, lane.product, made_in(Some(lane.from), lane.product));
        for step in 0..model.step.lead_steps(lane.lead_days) {
            add(slot, step, lane.flow.unwrap_or(0.0) * years);
        }
    }
    for site in &model.sites {
        let first = site.processes[0];
        for (product, amount) in &model.processes[first].outputs {
            let slot = space.slot(site.region, *product, tags.of_process(site.region, first));
            for step in 0..model.step.lead_steps(site.lead_days) {
                add(slot, step, site.made.unwrap_or(0.0) * years * amount);
            }
        }
    }
    for (plan, _, column, value) in carried_out(outcome) {
        match column {
            Column::Activity { run, step } => {
                let run = &space.runs[run];
                let site = &model.sites[run.site];
                let due = step + model.step.lead_steps(site.lead_days);
                let process = &model.processes[run.process];
                for ((slot, _), (_, amount)) in run.inputs.iter().zip(&process.inputs) {
                    add(Some(*slot), step, -value * amount);
                }
                let given = run.tags | tags.of_process(site.region, run.process);
                for (product, amount) in &process.outputs {
                    add(space.slot(site.region, *product, given), due, value * amount);
                }
            }
            Column::Flow { crossing, step } => {
                let crossing = &space.crossings[crossing];
                add(Some(crossing.from), step, -value);
                add(crossing.to, step + law.lane_steps(crossing.lane, step), value);
            }
            Column::Relabel { relabel, step } => {
                let (from, to) = space.relabels[relabel];
                add(Some(from), step, -value);
                add(Some(to), step, value);
            }
            Column::Stock { slot, step, .. } => {
                add(Some(slot), step, -value);
                add(Some(slot), step + 1, value);
            }
            Column::Release { stock, step } => {
                let stock = &model.stocks[stock];
                add(space.slot(stock.region, stock.product, made_in(stock.origin, stock.product)), step, value);
            }
            Column::Met { demand, option, step } => {
                let d = &model.demands[demand];
                for (product, amount) in &d.options[option].uses {
                    let allowed = !plan.policy.step(step).banned(model, demand, *product);
                    add(space.draw(d.region, *product, allowed), step, -value * amount);
                }
            }
            _ => {}
        }
    }
    let mut wrong = Vec::new();
    for (slot, account) in space.slots.iter().zip(&books) {
        for step in 0..steps {
            let place = format!("{} in {}", model.products[slot.product].id, model.regions[slot.region].id);
            let what = format!("{place} ({}) in step {step}", tags.name(slot.tags));
            wrong.extend(above(&what, -account.net[step], 0.0, account.moved[step]));
        }
    }
    // Relabelling only adds tags, and never adds or takes units.
    for (from, to) in &space.relabels {
        let (from, to) = (space.slots[*from], space.slots[*to]);
        if (from.region, from.product) != (to.region, to.product) || from.tags & !to.tags != 0 {
            wrong.push(format!("a relabelling of {from:?} to {to:?}"));
        }
    }
    wrong
}

/// Limits of the specification that what was carried out breaks.
pub fn broken_limits(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let law = Law { model, scenario };
    let (steps, products) = (model.steps(), model.products.len());
    let years = model.calendar.years_per_step();
    let zeros = |n: usize| vec![vec![0.0; steps]; n];
    let (mut active, mut sent) = (zeros(model.sites.len()), zeros(model.lanes.len()));
    let (mut stock, mut released) = (zeros(model.stocks.len()), zeros(model.stocks.len()));
    let (mut met, mut unmet) = (zeros(model.demands.len()), zeros(model.demands.len()));
    let (mut caught_up, mut backlog) = (zeros(model.demands.len()), zeros(model.demands.len()));
    // What may leave a region again: what came there, counted, and what was sent on.
    let (mut came, mut left) = (zeros(model.regions.len() * products), zeros(model.regions.len() * products));
    let mut wrong = Vec::new();
    for (_, _, column, value) in carried_out(outcome) {
        match column {
            Column::Activity { run, step } => {
                let run = &outcome.space.runs[run];
                let site = &model.sites[run.site];
                active[run.site][step] += value;
                for (product, amount) in &model.processes[run.process].outputs {
                    if let Some(cell) =
                        came[site.region * products + product].get_mut(step + model.step.lead_steps(site.lead_days))
                    {
                        *cell += value * amount;
                    }
                }
            }
            Column::Flow { crossing, step } => {
                let l = outcome.space.crossings[crossing].lane;
                let lane = &model.lanes[l];
                sent[l][step] += value;
                left[lane.from * products + lane.product][step] += value;
                if let Some(cell) = came[lane.to * products + lane.product].get_mut(step + law.lane_steps(l, step)) {
                    *cell += value * model.products[lane.product].reexport;
                }
            }
            Column::Stock { stock: s, step, .. } | Column::Strategic { stock: s, step } => stock[s][step] += value,
            Column::Release { stock: s, step } => {
                released[s][step] += value;
                let s = &model.stocks[s];
                came[s.region * products + s.product][step] += value;
            }
            Column::Met { demand, option, step } => {
                met[demand][step] += value;
                let d = &model.demands[demand];
                if let (Some(share), None) = (d.options[option].max_share, d.late_cost) {
                    let most = share * law.required(demand, step);
                    wrong.extend(above(&format!("an option of {} in step {step}", d.id), value, most, 0.0));
                }
            }
            Column::Unmet { demand, step, .. } => unmet[demand][step] += value,
            Column::CatchUp { demand, step } => caught_up[demand][step] += value,
            Column::Backlog { demand, step } => backlog[demand][step] += value,
            _ => {}
        }
    }
    for (l, lane) in model.lanes.iter().enumerate() {
        for step in 0..steps.min(model.step.lead_steps(lane.lead_days)) {
            let share = model.products[lane.product].reexport;
            came[lane.to * products + lane.product][step] += share * lane.flow.unwrap_or(0.0) * years;
        }
        for (step, sent) in sent[l].iter().enumerate() {
            let most = law.lane_limit(l, step) * years;
            wrong.extend(above(&format!("lane {l} in step {step}"), *sent, most, 0.0));
        }
    }
    for (s, site) in model.sites.iter().enumerate() {
        for (product, amount) in &model.processes[site.processes[0]].outputs {
            for step in 0..steps.min(model.step.lead_steps(site.lead_days)) {
                came[site.region * products + product][step] += site.made.unwrap_or(0.0) * years * amount;
            }
        }
        for (step, active) in active[s].iter().enumerate() {
            let most = law.capacity(s, step) * years;
            wrong.extend(above(&format!("{} in step {step}", site.id), *active, most, 0.0));
            let least = site.minimum * most;
            wrong.extend(above(&format!("the minimum of {} in step {step}", site.id), least, *active, 0.0));
        }
    }
    for (s, row) in model.stocks.iter().enumerate() {
        if row.kind == StockKind::Commercial {
            came[row.region * products + row.product][0] += row.initial;
        }
        for step in 0..steps {
            let what = format!("stock {s} in step {step}");
            wrong.extend(above(&what, stock[s][step], row.capacity.unwrap_or(f64::INFINITY), 0.0));
            if row.kind == StockKind::Strategic {
                let before = if step == 0 { row.initial } else { stock[s][step - 1] };
                let most = law.release(s, step);
                wrong.extend(above(&format!("the release of {what}"), released[s][step], most, 0.0));
                // Strategic stock that cannot leave has no columns.
                let kept = stock[s][step] + released[s][step];
                if stock[s].iter().chain(&released[s]).any(|units| *units > 0.0) {
                    wrong.extend(above(&format!("what {what} keeps"), (kept - before).abs(), 0.0, before));
                }
            }
        }
    }
    for node in 0..came.len() {
        let (region, product) = (node / products, node % products);
        let imported = model.lanes.iter().any(|l| l.to == region && l.product == product);
        if model.products[product].reexport >= 1.0 || !imported {
            continue;
        }
        let (mut may, mut did) = (0.0, 0.0);
        for step in 0..steps {
            may += came[node][step];
            did += left[node][step];
            let what = format!("re-export of product {product} from region {region} by step {step}");
            wrong.extend(above(&what, did, may, 0.0));
        }
    }
    for step in 0..steps {
        for effect in law.effects(step) {
            if let Effect::Quota { scope, amount } = effect {
                let lanes = (0..model.lanes.len()).filter(|l| law.covers(scope, *l));
                let together: f64 = lanes.map(|l| sent[l][step]).sum();
                wrong.extend(above(&format!("a quota in step {step}"), together, amount * years, 0.0));
            }
        }
        for (d, demand) in model.demands.iter().enumerate() {
            let what = format!("{} in step {step}", demand.id);
            let required = law.required(d, step);
            let served = met[d][step] + unmet[d][step] - caught_up[d][step];
            wrong.extend(above(&what, (served - required).abs(), 0.0, required));
            if demand.late_cost.is_some() {
                let before = if step == 0 { 0.0 } else { backlog[d][step - 1] };
                let after = before + unmet[d][step] - caught_up[d][step];
                wrong.extend(above(&format!("backlog of {what}"), (after - backlog[d][step]).abs(), 0.0, after));
                let largest = (0..=step).map(|t| law.required(d, t)).fold(0.0, f64::max);
                let most = 0.2 * years * largest / years;
                wrong.extend(above(&format!("catching up of {what}"), caught_up[d][step], most, 0.0));
            }
        }
    }
    wrong
}
