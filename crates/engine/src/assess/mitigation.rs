//! What would help, one thing at a time: the run again with one figure changed, everything else as it is.
//!
//! Three kinds of things are tried: more in stock at the start, more capacity, more substitution. What each saves is
//! the total cost of the run less that of the run with it; how much of that falls to the needs is told beside, and
//! is the lesser figure to trust, as needs of equal value may share what there is in more than one way at one cost.
//! So the rank goes by the lesser of the two.
//!
//! Stock is given, not bought: what it costs to buy stands beside what it saves. What is left of it at the end
//! earns nothing, and what is used of it need not be put back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_model::model::{Stock, StockKind};
use coercivity_model::{Date, Model};
use rayon::prelude::*;
use serde::Serialize;

use super::scope::usual;
use super::{Base, Watch, first_day};
use crate::policy::Policy;
use crate::program::{Column, Program};
use crate::results::headline::{main_output, site_savings};
use crate::results::summary::{grown_short, shortage_threshold};
use crate::results::table::{Cells, ResultTable};
use crate::run::{Foresight, prepare};
use crate::solve::{ONE_CHANGE, Solution, SolveError, Solver, solve};
use crate::state::State;

/// Days of the needs' use that are added to a stock.
pub const DAYS: f64 = 90.0;
/// Added to the capacity of a site, as a share of it.
pub const MORE: f64 = 0.1;
/// Added to the largest share of an option.
pub const POINTS: f64 = 0.1;

/// How many of each kind are tried.
const PRODUCTS: usize = 6;
const INPUTS: usize = 4;
const SITES: usize = 5;
const HOME_SITES: usize = 3;
const OPTIONS: usize = 4;

/// One thing that is changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// More of a product at the start, in commercial stock: (region, units).
    Stock { product: usize, added: Vec<(usize, f64)> },
    /// More capacity of a site, by [`MORE`].
    Capacity { site: usize },
    /// (demand, option) whose largest share grows by [`POINTS`].
    Options { id: String, of: Vec<(usize, usize)> },
}

/// What was tried, ranked by the lesser of what it saves in all and for the needs, then by what it saves in all.
#[derive(Clone, Debug, Serialize)]
pub struct Mitigation {
    /// Total cost of the run as it is, discounted, in currency.
    pub cost: f64,
    /// Of it, what the needs go without.
    pub needs_cost: f64,
    /// First day on which one of the needs is short.
    pub first_short: Option<Date>,
    pub measures: Vec<Measure>,
    /// Things of the same kinds that were not tried, so that it does not take too long.
    pub not_tried: usize,
    /// How many were found from the optimum as it is; the others were solved anew.
    pub warm: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Stock,
    Capacity,
    Options,
}

#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    pub kind: Kind,
    /// `stock:mag-h`, `capacity:sep-lynas`, `option:magnet-free`.
    pub id: String,
    /// In words.
    pub what: String,
    /// Total cost that it saves, discounted, in currency: value at risk avoided.
    pub saves: f64,
    /// The part of it that the needs go without less.
    pub saves_needs: f64,
    /// First day on which one of the needs is short with it.
    pub first_short: Option<Date>,
    /// Days later than as it is; `None` where one of the two is never short.
    pub days_later: Option<i64>,
    /// What buying the stock costs at the model's prices; `None` = not known.
    pub buying: Option<f64>,
    /// What holding it costs a year; it is in `saves` already. `None` = not known, and counted as 0.
    pub holding: Option<f64>,
}

/// What a run says of the needs.
struct Seen {
    objective: f64,
    needs: f64,
    first: Option<usize>,
}

pub(super) fn mitigation(base: &Base, watch: &dyn Watch) -> Result<Mitigation, SolveError> {
    let model = base.asked.model;
    let plan = &base.outcome.plans[0];
    let as_is = seen(base, model, &plan.policy, &plan.program, &plan.solution);
    let (changes, not_tried) = candidates(base);
    let done = AtomicUsize::new(0);
    watch.count(0, changes.len(), "changes");
    let again = |change: &Change| {
        let found = again(base, change);
        watch.count(done.fetch_add(1, Ordering::Relaxed) + 1, changes.len(), "changes");
        found
    };
    let found: Vec<(Seen, bool)> = changes.par_iter().map(again).collect::<Result<_, SolveError>>()?;
    let before = first_day(model, as_is.first);
    let measure = |(change, (with, _)): (&Change, &(Seen, bool))| {
        let after = first_day(model, with.first);
        let days = |from: Date, until: Date| coercivity_model::calendar::days_between(from, until);
        let (buying, holding) = change.costs(model);
        Measure {
            kind: change.kind(),
            id: change.id(model),
            what: change.what(model),
            saves: as_is.objective - with.objective,
            saves_needs: as_is.needs - with.needs,
            first_short: after,
            days_later: before.zip(after).map(|(before, after)| days(before, after)),
            buying,
            holding,
        }
    };
    let mut measures: Vec<Measure> = changes.iter().zip(&found).map(measure).collect();
    // What is rounding of the solver settles no order.
    let step = 1e-8 * as_is.objective.abs();
    let sure = |m: &Measure| if m.saves.min(m.saves_needs) > step { m.saves.min(m.saves_needs) } else { 0.0 };
    measures.sort_by(|a, b| {
        let by_total = || b.saves.total_cmp(&a.saves);
        sure(b).total_cmp(&sure(a)).then_with(by_total).then_with(|| a.id.cmp(&b.id))
    });
    Ok(Mitigation {
        cost: as_is.objective,
        needs_cost: as_is.needs,
        first_short: before,
        measures,
        not_tried,
        warm: found.iter().filter(|(_, warm)| *warm).count(),
    })
}

/// What is tried, and how many more there would be.
pub(super) fn candidates(base: &Base) -> (Vec<Change>, usize) {
    let (mut list, mut left) = (Vec::new(), 0);
    let mut take = |mut some: Vec<Change>, most: usize| {
        left += some.len().saturating_sub(most);
        some.truncate(most);
        list.extend(some);
    };
    let (products, inputs) = stocks(base);
    take(products, PRODUCTS);
    take(inputs, INPUTS);
    let (anywhere, home) = sites(base);
    take(anywhere, SITES);
    take(home, HOME_SITES);
    take(options(base), OPTIONS);
    (list, left)
}

/// Stocks of the products that the needs use, and of what goes into them where sites at the needs' place take it in;
/// those of the largest worth first.
fn stocks(base: &Base) -> (Vec<Change>, Vec<Change>) {
    let (model, scope) = (base.asked.model, &base.scope);
    let mut used: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    for d in base.asked.needs {
        let demand = &model.demands[*d];
        // A need that begins later is counted as it is then.
        let amounts = (0..model.steps()).map(|step| model.amount_per_year(demand, step));
        let amount = amounts.clone().find(|amount| *amount > 0.0).unwrap_or(0.0);
        for (product, of_one) in usual(demand) {
            *used.entry(*product).or_default().entry(demand.region).or_default() += amount * of_one * DAYS / 365.0;
        }
    }
    let mut inputs: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    for (product, regions) in &used {
        for (region, units) in regions {
            // The first recipe that a site there has for the product.
            let here = model.sites.iter().filter(|site| site.region == *region).flat_map(|site| &site.processes);
            let output = |q: usize| model.processes[q].outputs.iter().find(|(output, _)| output == product);
            let Some((q, made)) = here.filter_map(|q| Some((*q, output(*q)?.1))).min_by_key(|(q, _)| *q) else {
                continue;
            };
            for (input, amount) in model.processes[q].inputs.iter().filter(|(i, _)| !used.contains_key(i)) {
                *inputs.entry(*input).or_default().entry(*region).or_default() += units * amount / made;
            }
        }
    }
    inputs.retain(|input, _| scope.products.contains(input));
    let changes = |of: BTreeMap<usize, BTreeMap<usize, f64>>| {
        let mut list: Vec<(f64, Change)> = Vec::new();
        for (product, regions) in of {
            let added: Vec<(usize, f64)> = regions.into_iter().filter(|(_, units)| *units > 0.0).collect();
            let worth = model.products[product].price * added.iter().map(|(_, units)| units).sum::<f64>();
            if !added.is_empty() {
                list.push((worth, Change::Stock { product, added }));
            }
        }
        list.sort_by(|a, b| b.0.total_cmp(&a.0));
        list.into_iter().map(|(_, change)| change).collect()
    };
    (changes(used), changes(inputs))
}

/// Sites upstream of the needs whose capacity binds, by what 1% more would save: those anywhere, and those of the
/// needs' own regions that are not among the first of them.
fn sites(base: &Base) -> (Vec<Change>, Vec<Change>) {
    let (model, scope) = (base.asked.model, &base.scope);
    let savings = site_savings(model, &base.outcome);
    let mut ranked: Vec<(usize, f64)> = savings.iter().map(|(site, saving)| (*site, saving.one_percent)).collect();
    ranked.retain(|(site, _)| scope.sites.contains(site));
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let home = |site: &usize| scope.regions.contains(&model.sites[*site].region);
    let all: Vec<usize> = ranked.into_iter().map(|(site, _)| site).collect();
    let rest = all.iter().skip(SITES).copied().filter(home).collect::<Vec<_>>();
    let first = all.iter().copied().filter(|site| !rest.contains(site)).collect::<Vec<_>>();
    let change = |site: usize| Change::Capacity { site };
    (first.into_iter().map(change).collect(), rest.into_iter().map(change).collect())
}

/// The first limited option of each need, needs with the same one together, most needs first.
fn options(base: &Base) -> Vec<Change> {
    let model = base.asked.model;
    let mut groups: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for d in base.asked.needs {
        let options = model.demands[*d].options.iter().enumerate();
        let limited = options.filter(|(_, option)| option.max_share.is_some_and(|share| share > 0.0 && share < 1.0));
        if let Some((o, option)) = limited.min_by_key(|(o, option)| (option.opens, *o)) {
            groups.entry(&option.id).or_default().push((*d, o));
        }
    }
    let mut list: Vec<(&str, Vec<(usize, usize)>)> = groups.into_iter().collect();
    list.sort_by_key(|(_, of)| std::cmp::Reverse(of.len()));
    list.into_iter().map(|(id, of)| Change::Options { id: id.to_string(), of }).collect()
}

/// Runs again with a change; and whether the optimum as it is led to the new one.
fn again(base: &Base, change: &Change) -> Result<(Seen, bool), SolveError> {
    let changed = change.applied(base.asked.model);
    let (tags, space, mut policies) = prepare(&changed, base.asked.scenario, Foresight::Perfect, true, None);
    let policy = policies.swap_remove(0).1;
    let state = State::initial(&changed, &tags, &space);
    // What is missing at the end is missing against the stock of before.
    let mut model = changed;
    for (s, stock) in model.stocks.iter_mut().enumerate() {
        stock.initial = base.asked.model.stocks.get(s).map_or(0.0, |before| before.initial);
    }
    let program = Program::new(&model, &space, &policy, &state);
    let plan = &base.outcome.plans[0];
    let same = program.rows == plan.program.rows && program.columns == plan.program.columns;
    let solver = Solver::new(base.asked.settings);
    if same && let Some((solution, _)) = solver.solve_from(&program, &plan.basis, &ONE_CHANGE)?.optimum() {
        return Ok((seen(base, &model, &policy, &program, &solution), true));
    }
    let solution = solve(&program, base.asked.settings)?;
    Ok((seen(base, &model, &policy, &program, &solution), false))
}

fn seen(base: &Base, model: &Model, policy: &Policy, program: &Program, solution: &Solution) -> Seen {
    let needs = &base.scope.needs;
    let mut cost = 0.0;
    for ((column, units), price) in program.columns.iter().zip(&solution.columns).zip(&program.costs) {
        match *column {
            Column::Unmet { demand, .. } | Column::Backlog { demand, .. } if needs.contains(&demand) => {
                cost += units * price;
            }
            _ => {}
        }
    }
    let short = grown_short(model, program, solution);
    let is_short = |demand: usize, step: usize| {
        short[demand * model.steps() + step] > shortage_threshold(policy.required(model, demand, step))
    };
    let first = (0..model.steps()).find(|step| needs.iter().any(|demand| is_short(*demand, *step)));
    Seen { objective: solution.objective, needs: cost, first }
}

impl Change {
    /// The model with the change. Stock comes with the room for it.
    pub fn applied(&self, model: &Model) -> Model {
        let mut model = model.clone();
        match self {
            Change::Stock { product, added } => {
                for (region, units) in added {
                    let holding_cost = holding(&model, *product, *region).unwrap_or(0.0);
                    match commercial(&model, *product, *region) {
                        Some(s) => {
                            let stock = &mut model.stocks[s];
                            stock.initial += units;
                            stock.capacity = stock.capacity.map(|room| room + units);
                        }
                        None => model.stocks.push(Stock {
                            region: *region,
                            product: *product,
                            kind: StockKind::Commercial,
                            initial: *units,
                            capacity: Some(*units),
                            holding_cost,
                            target: 0.0,
                            shortfall_cost: 0.0,
                            origin: None,
                        }),
                    }
                }
            }
            Change::Capacity { site } => model.sites[*site].capacity *= 1.0 + MORE,
            Change::Options { of, .. } => {
                for (demand, option) in of {
                    let share = &mut model.demands[*demand].options[*option].max_share;
                    *share = share.map(|share| (share + POINTS).min(1.0));
                }
            }
        }
        model
    }

    fn kind(&self) -> Kind {
        match self {
            Change::Stock { .. } => Kind::Stock,
            Change::Capacity { .. } => Kind::Capacity,
            Change::Options { .. } => Kind::Options,
        }
    }

    fn id(&self, model: &Model) -> String {
        match self {
            Change::Stock { product, .. } => format!("stock:{}", model.products[*product].id),
            Change::Capacity { site } => format!("capacity:{}", model.sites[*site].id),
            Change::Options { id, .. } => format!("option:{id}"),
        }
    }

    fn what(&self, model: &Model) -> String {
        match self {
            Change::Stock { product, added } => {
                let product = &model.products[*product];
                let units: f64 = added.iter().map(|(_, units)| units).sum();
                let places: Vec<&str> = added.iter().map(|(region, _)| model.regions[*region].name.as_str()).collect();
                format!(
                    "{DAYS:.0} days of use of {} more in stock at the start: {} {} in {}",
                    product.name,
                    three(units),
                    product.unit,
                    places.join(", ")
                )
            }
            Change::Capacity { site: s } => {
                let site = &model.sites[*s];
                let owner = if site.owner.is_empty() { String::new() } else { format!(" ({})", site.owner) };
                let makes = main_output(model, *s)
                    .map_or(String::new(), |(p, _)| format!(", which makes {}", model.products[p].name));
                let country = &model.regions[site.region].name;
                format!("{:.0}% more capacity at {}{owner} in {country}{makes}", 100.0 * MORE, site.id)
            }
            Change::Options { id, of } => {
                let names: Vec<&str> = of.iter().map(|(d, _)| model.demands[*d].name.as_str()).collect();
                let points = 100.0 * POINTS;
                format!("option `{id}` may serve {points:.0} points more of: {}", names.join(", "))
            }
        }
    }

    /// What buying and what holding for a year costs.
    fn costs(&self, model: &Model) -> (Option<f64>, Option<f64>) {
        let Change::Stock { product, added } = self else { return (None, None) };
        let price = model.products[*product].price;
        let units: f64 = added.iter().map(|(_, units)| units).sum();
        let hold = |(region, units): &(usize, f64)| Some(holding(model, *product, *region)? * units);
        ((price > 0.0).then_some(price * units), added.iter().map(hold).sum())
    }
}

fn commercial(model: &Model, product: usize, region: usize) -> Option<usize> {
    let is = |stock: &Stock| stock.kind == StockKind::Commercial && (stock.product, stock.region) == (product, region);
    model.stocks.iter().position(is)
}

/// Currency a unit and year in stock: as the model has it there, else elsewhere; `None` where it has none.
fn holding(model: &Model, product: usize, region: usize) -> Option<f64> {
    let here = commercial(model, product, region);
    let elsewhere = || model.stocks.iter().position(|s| s.kind == StockKind::Commercial && s.product == product);
    let cost = model.stocks[here.or_else(elsewhere)?].holding_cost;
    (cost > 0.0).then_some(cost)
}

/// A number with three significant digits.
fn three(value: f64) -> String {
    let digits = if value > 0.0 { (2 - value.log10().floor() as i32).clamp(0, 6) as usize } else { 0 };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

impl Mitigation {
    /// `mitigation`, a row a change.
    pub fn tables(&self) -> Vec<ResultTable> {
        let text = |of: &dyn Fn(&Measure) -> String| Cells::Text(self.measures.iter().map(of).collect());
        let number = |of: &dyn Fn(&Measure) -> f64| Cells::Number(self.measures.iter().map(of).collect());
        let known = |of: &dyn Fn(&Measure) -> Option<f64>| Cells::Known(self.measures.iter().map(of).collect());
        vec![ResultTable {
            name: "mitigation",
            columns: vec![
                ("change", text(&|m| m.id.clone())),
                ("saves", number(&|m| m.saves)),
                ("saves_needs", number(&|m| m.saves_needs)),
                ("first_short", text(&|m| m.first_short.map_or(String::new(), |day| day.to_string()))),
                ("buying", known(&|m| m.buying)),
                ("holding", known(&|m| m.holding)),
            ],
        }]
    }
}
