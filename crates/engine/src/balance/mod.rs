//! Reference trade flows balanced with production and use: do the figures of trade fit together?
//!
//! Over the first year of a model, in each region and for each product, what comes out of sites and what arrives
//! is what sites take, what leaves, what needs take, and what is left over; stocks do not change. Flows are
//! moved as little as they must be, counted in their sigmas, and activities lie within the capacities.
//! Where the balance cannot hold, a use is left with a gap. Lanes without a reference flow, and rows of
//! `lanes.csv` with a `*` (many lanes with one figure), take no part: nothing flows there.
//!
//! Units are those of the products, a year.

pub(crate) mod least_squares;

use std::collections::{BTreeMap, BTreeSet};

use coercivity_model::Model;
use coercivity_model::csv_table::Table;
use coercivity_model::model::{Demand, Lane};
use coercivity_model::observations::{Observation, Quantity};
use coercivity_model::schema::TableName;
use coercivity_model::uncertainty::Amount;

use least_squares::{Problem, Terms, Variable};

/// Sigma of a flow without a range, as a share of it, by the confidence of the figure. These are judgements: an
/// `observed` flow is a customs figure, and mirror figures of two countries are taken to differ by so much; a
/// `reported` one was rounded or converted by others; a `derived` one rests on two or three of these; 30% and 50%
/// are those of a figure from memory and of a split that nobody counted, right in its size at best.
const SIGMAS: &[(&str, f64)] =
    &[("observed", 0.05), ("reported", 0.1), ("derived", 0.2), ("recalled", 0.3), ("assumed", 0.5)];

/// Where the confidence is not given: as if assumed.
const SIGMA_NOT_GIVEN: f64 = 0.5;

/// No figure is known better than this share of it, so that none stops all others from moving.
const LEAST_SIGMA: f64 = 0.001;

/// Low and high of a range are hardly ever passed: two sigmas away on either side.
const SIGMAS_OF_A_RANGE: f64 = 4.0;

/// Sigma of a site's activity, as a share of its capacity: what it really made is known by its capacity alone, so
/// activities follow flows and use. So weak that a balanced model stays balanced: another balance of the reference
/// model moves no flow by much more than 2%; with a sigma of one capacity it would be more flows, and further.
const SIGMA_OF_ACTIVITY: f64 = 3.0;

/// Sigma of one process among several of a site, as a share of the capacity, around equal parts: next to nothing,
/// but there is one answer.
const SIGMA_OF_A_PART: f64 = 30.0;

/// What leaving a whole use unserved costs. A gap of 1% of a use weighs as much as a figure that is off by 100 sigmas.
const GAP_COST: f64 = 1e6;

/// Gaps below this share of a use are rounding of the solver.
const GAP: f64 = 1e-6;

/// Flows that move by less than this share of them were not adjusted: four digits do not show it.
const ADJUSTED: f64 = 1e-3;

/// The scenario whose observations take part: the world without measures.
const BASELINE: &str = "baseline";

/// A reference flow and what it is balanced to.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Row of `lanes.csv`.
    pub row: usize,
    /// Position in the lanes of the model.
    pub lane: usize,
    pub reference: f64,
    pub sigma: f64,
    pub balanced: f64,
}

impl Flow {
    /// Units by which the flow moves.
    pub fn change(&self) -> f64 {
        self.balanced - self.reference
    }

    /// The change as a share of the reference; `None` where the reference is 0.
    pub fn change_share(&self) -> Option<f64> {
        (self.reference > 0.0).then(|| self.change() / self.reference)
    }

    pub fn is_adjusted(&self) -> bool {
        self.change().abs() > ADJUSTED * self.reference.max(self.sigma)
    }

    /// Whether the flow moves by more than a share of the reference, and by more than so many units.
    pub fn moves_by_more_than(&self, share: f64, units: f64) -> bool {
        self.change().abs() > units && self.change_share().is_none_or(|moved| moved.abs() > share)
    }
}

/// An observation that takes part, and what the figures say of it.
#[derive(Clone, Debug)]
pub struct Counted<'m> {
    pub observation: &'m Observation,
    /// By the reference flows, and by sites that run as they are expected to.
    pub before: f64,
    pub balanced: f64,
}

/// A use that no flow and no site can serve.
#[derive(Clone, Debug)]
pub struct Gap<'m> {
    pub region: usize,
    pub product: usize,
    pub used: f64,
    pub missing: f64,
    /// Those that use it.
    pub needs: Vec<&'m Demand>,
}

/// What balancing found.
#[derive(Clone, Debug)]
pub struct Balance<'m> {
    /// In the order of the rows of `lanes.csv`.
    pub flows: Vec<Flow>,
    pub observations: Vec<Counted<'m>>,
    pub gaps: Vec<Gap<'m>>,
    /// Rows with a `*` and a flow, which take no part.
    pub left_out: usize,
}

/// Why there is no balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// No lane has a reference flow.
    NoFlows,
    /// The solver stopped short, and why.
    Stopped(String),
}

/// Balances the reference flows of a model.
pub fn balance(model: &Model) -> Result<Balance<'_>, Failed> {
    let year = first_year(model);
    let mut flows = reference_flows(model);
    if flows.is_empty() {
        return Err(Failed::NoFlows);
    }
    let mut problem = Problem::default();
    let lanes: Vec<usize> = flows.iter().map(|flow| add_flow(&mut problem, model, flow)).collect();
    let runs: Vec<Run> = (0..model.sites.len()).flat_map(|site| add_site(&mut problem, model, site, &year)).collect();
    let expected: Vec<f64> = {
        let mut expected = vec![0.0; problem.variables.len()];
        lanes.iter().zip(&flows).for_each(|(variable, flow)| expected[*variable] = flow.reference);
        runs.iter().for_each(|run| expected[run.variable] = run.expected);
        expected
    };
    let counted: Vec<(&Observation, Terms)> = model
        .observations
        .iter()
        .filter(|observation| takes_part(model, observation, &year))
        .map(|observation| (observation, terms(model, observation, &flows, &lanes, &runs)))
        .filter(|(_, terms)| !terms.is_empty())
        .collect();
    for (observation, terms) in &counted {
        let size = observation.value.max(sum(terms, &expected));
        let sigma = observation.tolerance.max(LEAST_SIGMA * size);
        if sigma > 0.0 {
            problem.soft.push((terms.clone(), observation.value, sigma));
        }
    }
    let uses = uses(model, &year);
    let gaps = add_balances(&mut problem, model, (&flows, &lanes), &runs, &uses, &expected);

    let values = problem.solve().map_err(Failed::Stopped)?;
    for (flow, variable) in flows.iter_mut().zip(&lanes) {
        let size = flow.reference.max(flow.sigma);
        flow.balanced = if values[*variable] < GAP * size { 0.0 } else { values[*variable] };
    }
    let observations = counted.into_iter().map(|(observation, terms)| Counted {
        observation,
        before: sum(&terms, &expected),
        balanced: sum(&terms, &values),
    });
    let gaps = uses.into_iter().zip(gaps).map(|(((region, product), of), gap)| Gap {
        region,
        product,
        used: of.amount,
        missing: values[gap],
        needs: of.needs,
    });
    Ok(Balance {
        observations: observations.collect(),
        gaps: gaps.filter(|gap| gap.missing > GAP * gap.used).collect(),
        left_out: rows_of_many_lanes(model),
        flows,
    })
}

fn sum(terms: &Terms, values: &[f64]) -> f64 {
    terms.iter().map(|(variable, coefficient)| coefficient * values[*variable]).sum()
}

/// The steps of the model's first year.
fn first_year(model: &Model) -> Vec<usize> {
    let end = coercivity_model::calendar::year_after(model.start);
    (0..model.steps()).filter(|step| model.calendar.middle_day(*step) < end).collect()
}

/// The mean of what is given for each step of the year; there is at least one.
fn mean(figures: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = figures.len() as f64;
    // Divided first, so that no figure is too large to be added.
    figures.map(|figure| figure / count).sum()
}

fn is_of_many_lanes(table: &Table, row: usize) -> bool {
    ["product", "from", "to"].iter().any(|column| table.text(row, column) == "*")
}

fn rows_of_many_lanes(model: &Model) -> usize {
    let table = &model.tables[&TableName::Lanes];
    (0..table.len()).filter(|row| is_of_many_lanes(table, *row) && table.given(*row, "flow").is_some()).count()
}

/// The flows that can move, as yet unbalanced. A flow of 0 without a range stays 0.
fn reference_flows(model: &Model) -> Vec<Flow> {
    let table = &model.tables[&TableName::Lanes];
    // Of rows that speak of one lane the last one counts.
    let own = (0..table.len()).filter(|row| !is_of_many_lanes(table, *row));
    let rows: BTreeMap<[&str; 3], usize> =
        own.map(|row| (["product", "from", "to"].map(|column| table.text(row, column)), row)).collect();
    let mut flows: Vec<Flow> = model
        .lanes
        .iter()
        .enumerate()
        .filter_map(|(position, lane)| {
            let key = [&model.products[lane.product].id, &model.regions[lane.from].id, &model.regions[lane.to].id];
            let row = *rows.get(&key.map(String::as_str))?;
            let reference = lane.flow?;
            let sigma = sigma(model, row, reference);
            (sigma > 0.0).then_some(Flow { row, lane: position, reference, sigma, balanced: reference })
        })
        .collect();
    flows.sort_by_key(|flow| flow.row);
    flows
}

/// How far a reference flow may be from what it is: by its range, else by the confidence of the figure.
fn sigma(model: &Model, row: usize, reference: f64) -> f64 {
    let ranges = model.ranges.iter();
    let mut own = ranges.filter(|r| (r.table, r.row, r.column.name) == (TableName::Lanes, row, "flow"));
    let sigma = match own.next().map(|range| (range.low, range.high)) {
        Some((Amount::Number(low), Amount::Number(high))) => (high - low) / SIGMAS_OF_A_RANGE,
        _ => {
            let table = &model.tables[&TableName::Lanes];
            let confidence = table.given(row, "flow.confidence").or_else(|| table.given(row, "confidence"));
            let known = SIGMAS.iter().find(|(name, _)| Some(*name) == confidence);
            known.map_or(SIGMA_NOT_GIVEN, |(_, share)| *share) * reference
        }
    };
    sigma.max(LEAST_SIGMA * reference)
}

fn add_flow(problem: &mut Problem, model: &Model, flow: &Flow) -> usize {
    let scale = flow.reference.max(flow.sigma);
    let upper = model.lanes[flow.lane].capacity.unwrap_or(f64::INFINITY);
    let variable = problem.add(Variable { scale, lower: 0.0, upper, cost: 0.0 });
    problem.soft.push((vec![(variable, 1.0)], flow.reference, flow.sigma));
    variable
}

/// A process at a site.
struct Run {
    site: usize,
    process: usize,
    variable: usize,
    /// Activity a year before anything is balanced.
    expected: f64,
}

/// The runs of a site that has capacity in the first year.
fn add_site(problem: &mut Problem, model: &Model, position: usize, year: &[usize]) -> Vec<Run> {
    let site = &model.sites[position];
    let capacity = mean(year.iter().map(|step| model.capacity_per_year(site, *step)));
    if capacity <= 0.0 {
        return Vec::new();
    }
    let lower = site.minimum * capacity;
    let whole = Variable { scale: capacity, lower, upper: capacity, cost: 0.0 };
    let expected = site.made.unwrap_or(capacity).clamp(lower, capacity);
    let total = problem.add(whole);
    problem.soft.push((vec![(total, 1.0)], expected, SIGMA_OF_ACTIVITY * capacity));
    if let [process] = site.processes[..] {
        return vec![Run { site: position, process, variable: total, expected }];
    }
    let part = expected / site.processes.len() as f64;
    let run = |process: &usize| {
        let variable = problem.add(Variable { lower: 0.0, upper: f64::INFINITY, ..whole });
        problem.soft.push((vec![(variable, 1.0)], part, SIGMA_OF_A_PART * capacity));
        Run { site: position, process: *process, variable, expected: part }
    };
    let runs: Vec<Run> = site.processes.iter().map(run).collect();
    let parts = runs.iter().map(|run| (run.variable, 1.0)).chain([(total, -1.0)]);
    problem.hard.push((parts.collect(), 0.0));
    runs
}

/// Whether an observation says something of the flows or outputs of the first year without measures.
fn takes_part(model: &Model, observation: &Observation, year: &[usize]) -> bool {
    let steps = observation.steps(&model.calendar);
    matches!(observation.what, Quantity::Flow | Quantity::Output)
        && observation.scenario == BASELINE
        && !steps.is_empty()
        && steps.iter().all(|step| year.contains(step))
}

/// What an observation counts, as a sum over variables.
fn terms(model: &Model, observation: &Observation, flows: &[Flow], lanes: &[usize], runs: &[Run]) -> Terms {
    match observation.what {
        Quantity::Flow => {
            let is_sent = |lane: &Lane| observation.is_sent(lane.product, lane.from, lane.to);
            let sent = flows.iter().zip(lanes).filter(|(flow, _)| is_sent(&model.lanes[flow.lane]));
            sent.map(|(_, variable)| (*variable, 1.0)).collect()
        }
        _ => {
            let here = runs.iter().filter(|run| observation.regions.contains(&model.sites[run.site].region));
            let given = here.map(|run| (run.variable, observation.given_by(&model.processes[run.process])));
            given.filter(|(_, amount)| *amount > 0.0).collect()
        }
    }
}

/// What needs take of a product in a region.
#[derive(Default)]
struct Use<'m> {
    amount: f64,
    needs: Vec<&'m Demand>,
}

/// Uses by region and product: the mean amount of the first year by the option `base`, or the first one.
fn uses<'m>(model: &'m Model, year: &[usize]) -> BTreeMap<(usize, usize), Use<'m>> {
    let mut uses: BTreeMap<(usize, usize), Use> = BTreeMap::new();
    for demand in &model.demands {
        let amount = mean(year.iter().map(|step| model.amount_per_year(demand, *step)));
        let option = demand.options.iter().find(|option| option.id == "base").or(demand.options.first());
        for (product, units) in option.iter().flat_map(|option| &option.uses) {
            if amount * units > 0.0 {
                let of = uses.entry((demand.region, *product)).or_default();
                of.amount += amount * units;
                of.needs.push(demand);
            }
        }
    }
    uses
}

/// Adds the balance of each region and product, with what is left over and what is missing. Gives the variables
/// of the gaps, in the order of the uses.
fn add_balances(
    problem: &mut Problem,
    model: &Model,
    (flows, lanes): (&[Flow], &[usize]),
    runs: &[Run],
    uses: &BTreeMap<(usize, usize), Use>,
    expected: &[f64],
) -> Vec<usize> {
    let mut supply: BTreeMap<(usize, usize), Terms> = BTreeMap::new();
    for (flow, variable) in flows.iter().zip(lanes) {
        let lane = &model.lanes[flow.lane];
        supply.entry((lane.to, lane.product)).or_default().push((*variable, 1.0));
        supply.entry((lane.from, lane.product)).or_default().push((*variable, -1.0));
    }
    for run in runs {
        let (region, process) = (model.sites[run.site].region, &model.processes[run.process]);
        let inputs = process.inputs.iter().map(|(product, amount)| (product, -amount));
        for (product, amount) in process.outputs.iter().map(|(product, amount)| (product, *amount)).chain(inputs) {
            supply.entry((region, *product)).or_default().push((run.variable, amount));
        }
    }
    let nodes: BTreeSet<(usize, usize)> = supply.keys().chain(uses.keys()).copied().collect();
    let mut gaps = Vec::new();
    for node in nodes {
        let mut terms = supply.remove(&node).unwrap_or_default();
        let used = uses.get(&node).map_or(0.0, |of| of.amount);
        let size = terms.iter().map(|(variable, amount)| (amount * expected[*variable]).abs()).fold(used, f64::max);
        let left_over = Variable { scale: size.max(1.0), lower: 0.0, upper: f64::INFINITY, cost: 0.0 };
        terms.push((problem.add(left_over), -1.0));
        if used > 0.0 {
            let gap = problem.add(Variable { scale: used, lower: 0.0, upper: used, cost: GAP_COST });
            terms.push((gap, 1.0));
            gaps.push(gap);
        }
        problem.hard.push((terms, used));
    }
    gaps
}
