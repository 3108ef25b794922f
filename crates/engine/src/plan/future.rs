//! One future: the linear program of its model and scenario, in which the bounds of some rows hang on what was decided.
//!
//! The program is that of a model in which all options are done, so that nothing they could lead to is pruned; then rows
//! give back what they add for the share to which they are done. With all shares at 0 it is the program of the model as
//! it is, with all at 1 that of the model with every option in its tables.
//!
//! What is bought appears in stock on its day, from outside the model, with the origin of the stock it joins. What is left
//! of it at the end is worth what a missing unit is charged at: stock that nobody needed is not lost.

use std::collections::HashMap;

use coercivity_model::model::{Site, Stock, StockKind};
use coercivity_model::{Date, Model, Scenario as Measures};

use super::action::{Found, Required, What, Where};
use crate::policy::Policy;
use crate::program::{Column, Program, Row};
use crate::run::{Foresight, prepare};
use crate::solve::linear::Linear;
use crate::space::SlotId;
use crate::state::State;
use crate::two_stage::{Link, Scenario};

/// Where in the model what an option adds lies.
#[derive(Clone, Copy, Debug)]
enum Added {
    Site(usize),
    Stock(usize),
    Other,
}

/// The scenario of a two-stage program. `pieces`: by option, the decisions that its share is the sum of.
pub fn future(
    model: &Model,
    measures: &Measures,
    actions: &[Found],
    required: &[Required],
    pieces: &[Vec<usize>],
    probability: f64,
) -> Scenario {
    let (opened, added) = opened(model, actions);
    // Stock that can be bought is looked for as if it was there.
    let mut full = opened.clone();
    for (action, added) in actions.iter().zip(&added) {
        if let (What::Stock { units, .. }, Added::Stock(s)) = (&action.what, added) {
            full.stocks[*s].initial += units;
        }
    }
    let (tags, space, mut policies) = prepare(&full, measures, Foresight::Perfect, true, None);
    let policy = policies.swap_remove(0).1;
    let mut state = State::initial(&full, &tags, &space);
    for (s, stock) in opened.stocks.iter().enumerate() {
        let bought = full.stocks[s].initial - stock.initial;
        if bought > 0.0 {
            state.stocks[s].iter_mut().for_each(|(_, units)| *units = stock.initial);
            match stock.kind {
                StockKind::Strategic => state.strategic[s] = stock.initial,
                StockKind::Commercial => {
                    state.account[stock.region * model.products.len() + stock.product] -= bought;
                }
            }
        }
    }
    let program = Program::new(&opened, &space, &policy, &state);
    let mut build = Build::new(&program, pieces);
    for (position, (action, added)) in actions.iter().zip(&added).enumerate() {
        match (&action.what, added) {
            (What::Site { .. }, Added::Site(site)) => {
                let of_site = |run: usize| space.runs[run].site == *site;
                build.site(&opened, &policy, &of_site, *site, position);
            }
            (What::Stock { units, .. }, Added::Stock(s)) => {
                let slot = state.stocks[*s].first().map(|(slot, _)| *slot);
                build.bought(&opened, *s, slot, action.ready, *units, position);
            }
            (What::Offtake { lane, amount }, _) => {
                let of_lane = |crossing: usize| space.crossings[crossing].lane == *lane;
                build.lane(model, &of_lane, *lane, action.ready, *amount, position);
            }
            (What::Substitution { of, share }, _) => {
                for (d, o) in of {
                    build.option(model, &policy, (*d, *o), action.ready, *share, position);
                }
            }
            _ => {}
        }
    }
    build.left_over(&opened);
    for service in required {
        build.service(model, &policy, service);
    }
    build.finish(probability)
}

/// The model with all options done, and where what they add lies in it.
fn opened(model: &Model, actions: &[Found]) -> (Model, Vec<Added>) {
    let mut opened = model.clone();
    let mut added = Vec::new();
    for action in actions {
        added.push(match &action.what {
            What::Site { plant, capacity, ramp_months } => {
                let site = match plant {
                    Where::Like(like) => Site { closes: None, made: None, minimum: 0.0, ..model.sites[*like].clone() },
                    Where::New { processes, region, running_cost, lead_days } => Site {
                        id: String::new(),
                        processes: processes.clone(),
                        region: *region,
                        capacity: 0.0,
                        cost: *running_cost,
                        opens: None,
                        closes: None,
                        ramp_months: 0.0,
                        lead_days: *lead_days,
                        made: None,
                        minimum: 0.0,
                        owner: String::new(),
                        status: String::new(),
                    },
                };
                let (opens, ramp_months) = (Some(action.ready), *ramp_months);
                opened.sites.push(Site { id: action.id.clone(), capacity: *capacity, opens, ramp_months, ..site });
                Added::Site(opened.sites.len() - 1)
            }
            What::Stock { region, product, kind, units, holding_cost } => {
                let same = |s: &Stock| (s.region, s.product, s.kind) == (*region, *product, *kind);
                let at = opened.stocks.iter().position(same).unwrap_or_else(|| {
                    opened.stocks.push(Stock {
                        region: *region,
                        product: *product,
                        kind: *kind,
                        initial: 0.0,
                        capacity: None,
                        holding_cost: *holding_cost,
                        target: 0.0,
                        shortfall_cost: 0.0,
                        origin: None,
                    });
                    opened.stocks.len() - 1
                });
                // What is bought comes with the room for it.
                let room = &mut opened.stocks[at].capacity;
                *room = room.map(|room| room + units);
                Added::Stock(at)
            }
            What::Offtake { lane, .. } => {
                let lane = &mut opened.lanes[*lane];
                (lane.capacity, lane.growth) = (None, None);
                Added::Other
            }
            What::Substitution { of, share } => {
                for (d, o) in of {
                    let option = &mut opened.demands[*d].options[*o];
                    option.max_share = option.max_share.map(|own| (own + share).min(1.0));
                    option.opens = option.opens.map(|opens| opens.min(action.ready));
                }
                Added::Other
            }
        });
    }
    (opened, added)
}

/// A program under construction: the numbers of the opened one, further rows and columns, and the ties to decisions.
struct Build<'a> {
    program: &'a Program,
    pieces: &'a [Vec<usize>],
    row_of: HashMap<Row, usize>,
    columns: Vec<(f64, f64, f64)>,
    rows: Vec<(f64, f64)>,
    entries: Vec<(usize, usize, f64)>,
    links: Vec<Link>,
    /// By lane and by (demand, option), each with its steps: rows that several options share.
    shared: HashMap<(usize, usize, usize), usize>,
    /// Units bought of each stock, with the option.
    bought: Vec<(usize, f64, usize)>,
}

impl<'a> Build<'a> {
    fn new(program: &'a Program, pieces: &'a [Vec<usize>]) -> Build<'a> {
        let columns = program.columns.len();
        Build {
            program,
            pieces,
            row_of: program.rows.iter().enumerate().map(|(r, row)| (*row, r)).collect(),
            columns: (0..columns).map(|c| (program.costs[c], program.lower[c], program.upper[c])).collect(),
            rows: program.row_lower.iter().copied().zip(program.row_upper.iter().copied()).collect(),
            entries: (0..columns)
                .flat_map(|c| {
                    (program.start[c]..program.start[c + 1]).map(move |e| (program.index[e], c, program.value[e]))
                })
                .collect(),
            links: Vec::new(),
            shared: HashMap::new(),
            bought: Vec::new(),
        }
    }

    fn row(&mut self, lower: f64, upper: f64, entries: impl IntoIterator<Item = (usize, f64)>) -> usize {
        let row = self.rows.len();
        self.rows.push((lower, upper));
        self.entries.extend(entries.into_iter().map(|(column, value)| (row, column, value)));
        row
    }

    /// A share of an option stands in a row.
    fn link(&mut self, row: usize, action: usize, value: f64) {
        if value != 0.0 {
            self.links.extend(self.pieces[action].iter().map(|decision| Link { row, decision: *decision, value }));
        }
    }

    fn columns_in(&self, step: usize, is: &dyn Fn(Column) -> bool) -> Vec<(usize, f64)> {
        let all = self.program.columns.iter().enumerate();
        all.filter(|(_, column)| column.step() == Some(step) && is(**column)).map(|(c, _)| (c, 1.0)).collect()
    }

    /// Activity of a new site <= its capacity in the step x the share that is built.
    fn site(&mut self, model: &Model, policy: &Policy, of_site: &dyn Fn(usize) -> bool, site: usize, action: usize) {
        for step in 0..model.steps() {
            let remaining = policy.step(step).remaining[site];
            let capacity =
                model.capacity_per_year(&model.sites[site], step) * remaining * model.calendar.years_per_step();
            let is = |column: Column| matches!(column, Column::Activity { run, .. } if of_site(run));
            let columns = self.columns_in(step, &is);
            if capacity > 0.0 && !columns.is_empty() {
                let row = self.row(f64::NEG_INFINITY, 0.0, columns);
                self.link(row, action, -capacity);
            }
        }
    }

    /// Units come to a stock in the first step whose middle day is not before they are there.
    fn bought(&mut self, model: &Model, s: usize, slot: Option<SlotId>, ready: Date, units: f64, action: usize) {
        let step = (0..model.steps()).find(|step| model.calendar.middle_day(*step) >= ready);
        // Without a slot nobody can use it, ever.
        let (Some(step), Some(slot)) = (step, slot) else { return };
        let stock = &model.stocks[s];
        match stock.kind {
            StockKind::Strategic => {
                if let Some(row) = self.row_of.get(&Row::Strategic { stock: s, step }).copied() {
                    self.link(row, action, -units);
                }
            }
            StockKind::Commercial => {
                if let Some(row) = self.row_of.get(&Row::Balance { slot, step }).copied() {
                    self.link(row, action, units);
                }
                let account = Row::Account { region: stock.region, product: stock.product, step };
                if let Some(row) = self.row_of.get(&account).copied() {
                    self.link(row, action, -units);
                }
            }
        }
        self.bought.push((s, units, action));
    }

    /// What is left of what was bought is worth its price, by the share of it that what is missing is charged at.
    fn left_over(&mut self, model: &Model) {
        let steps = model.steps();
        let end = (1.0 + model.discount_rate).powf(-(steps as f64) * model.calendar.years_per_step());
        let mut stocks: Vec<usize> = self.bought.iter().map(|(s, ..)| *s).collect();
        stocks.sort_unstable();
        stocks.dedup();
        for s in stocks {
            let worth = model.products[model.stocks[s].product].price * model.terminal_value * end;
            if worth <= 0.0 {
                continue;
            }
            let left = self.columns.len();
            self.columns.push((-worth, 0.0, f64::INFINITY));
            // At most what was bought, and what is there beyond the stock of the start, or else that is missing.
            let row = self.row(f64::NEG_INFINITY, 0.0, [(left, 1.0)]);
            for (_, units, action) in self.bought.clone().into_iter().filter(|(of, ..)| *of == s) {
                self.link(row, action, -units);
            }
            match self.row_of.get(&Row::MissingStock { stock: s }).copied() {
                Some(row) => self.entries.push((row, left, -1.0)),
                None => {
                    let is = |column: Column| matches!(column, Column::Stock { stock, .. } | Column::Strategic { stock, .. } if stock == s);
                    let there = self.columns_in(steps - 1, &is);
                    self.row(0.0, f64::INFINITY, there.into_iter().chain([(left, -1.0)]));
                }
            }
        }
    }

    /// Flow of a lane <= what it can carry without + the share of the contract. Limits of measures stay as they are.
    fn lane(
        &mut self,
        model: &Model,
        of_lane: &dyn Fn(usize) -> bool,
        l: usize,
        ready: Date,
        amount: f64,
        action: usize,
    ) {
        let (lane, years) = (&model.lanes[l], model.calendar.years_per_step());
        for step in 0..model.steps() {
            let growth = lane.growth.map(|growth| lane.flow.unwrap_or(0.0) + growth * step as f64 * years);
            let Some(limit) = [lane.capacity, growth].into_iter().flatten().reduce(f64::min) else { return };
            let row = match self.shared.get(&(l, usize::MAX, step)) {
                Some(row) => *row,
                None => {
                    let is = |column: Column| matches!(column, Column::Flow { crossing, .. } if of_lane(crossing));
                    let columns = self.columns_in(step, &is);
                    let row = self.row(f64::NEG_INFINITY, limit * years, columns);
                    self.shared.insert((l, usize::MAX, step), row);
                    row
                }
            };
            if model.calendar.middle_day(step) >= ready {
                self.link(row, action, -amount * years);
            }
        }
    }

    /// What an alternative meets <= its own share of the need + the share of the programme. What is caught up counts with
    /// its own share alone.
    fn option(
        &mut self,
        model: &Model,
        policy: &Policy,
        (d, o): (usize, usize),
        ready: Date,
        share: f64,
        action: usize,
    ) {
        let demand = &model.demands[d];
        let option = &demand.options[o];
        for step in 0..model.steps() {
            let day = model.calendar.middle_day(step);
            let open = option.opens.is_none_or(|opens| day >= opens);
            let own = option.max_share.filter(|_| open).unwrap_or(0.0);
            let required = policy.required(model, d, step);
            let is =
                |column: Column| matches!(column, Column::Met { demand, option, .. } if (demand, option) == (d, o));
            let Some((column, _)) = self.columns_in(step, &is).first().copied() else { continue };
            let row = match self.shared.get(&(d, o, step)) {
                Some(row) => *row,
                None => {
                    let is = |column: Column| matches!(column, Column::CatchUp { demand, .. } if demand == d);
                    let late = self.columns_in(step, &is);
                    let entries = [(column, 1.0)].into_iter().chain(late.into_iter().map(|(c, _)| (c, -own)));
                    let row = self.row(f64::NEG_INFINITY, own * required, entries.collect::<Vec<_>>());
                    self.shared.insert((d, o, step), row);
                    row
                }
            };
            if day >= ready {
                self.link(row, action, -share * required);
            }
        }
    }

    /// Over the days of a requirement, each of its needs is met to its share.
    fn service(&mut self, model: &Model, policy: &Policy, service: &Required) {
        let within = |step: usize| {
            let day = model.calendar.middle_day(step);
            day >= service.from && day < service.until
        };
        for d in &service.demands {
            let steps: Vec<usize> = (0..model.steps()).filter(|step| within(*step)).collect();
            let needed: f64 = steps.iter().map(|step| policy.required(model, *d, *step)).sum();
            let is = |column: Column| matches!(column, Column::Met { demand, .. } if demand == *d);
            let met: Vec<(usize, f64)> = steps.iter().flat_map(|step| self.columns_in(*step, &is)).collect();
            if needed > 0.0 {
                self.row(service.least * needed, f64::INFINITY, met);
            }
        }
    }

    fn finish(self, probability: f64) -> Scenario {
        let mut program = Linear::new(&self.columns, &self.rows, &self.entries);
        program.constant = self.program.constant;
        Scenario { probability, program, links: self.links }
    }
}
