//! Min-cuts: how much of a need could be served year after year, and what it is that limits it.
//!
//! The network of a need is the program of one step in which a day's capacities, lanes and measures hold
//! for ever: nothing takes time, nothing is stored, nobody else needs anything, nothing costs. The most that
//! can be served in it is a maximum flow. By duality it is the sum, over the limits that bind, of the
//! limit times what one unit more of it would add: those limits are the cut, and their terms its shares.
//! Where each process makes one product of another, unit for unit, that is the classical minimum cut
//! and each limit in it adds 1; with recipes of several inputs a limit adds less, with joint products
//! some adds nothing. Several cuts may be equally narrow; one of them is named.
//!
//! An option that may serve a share of the need only is a limit too: of the need as it really is. The
//! minimum that a site runs plays no part: what it makes too much is thrown away.

use std::collections::BTreeMap;
use std::sync::Arc;

use coercivity_model::calendar::Calendar;
use coercivity_model::model::{Demand, DemandOption, Lane, Site, Tier};
use coercivity_model::{Model, Scenario};

use crate::policy::{Belief, Policy, StepPolicy};
use crate::program::{Column, Program, Row};
use crate::results::limits::{Limit, binding};
use crate::solve::{Method, Settings, Solution, SolveError, solve};
use crate::space::Space;
use crate::state::State;
use crate::tags::Tags;

/// Flow below this share of the need, and parts of a cut below this share of it, are rounding.
const NOTHING: f64 = 1e-9;

/// How much can be served, and what limits it.
#[derive(Clone, Debug)]
pub struct Cut {
    pub demand: usize,
    /// What is needed, units a year.
    pub needed: f64,
    /// The most that can be served, units a year; `None` = nothing limits it.
    pub most: Option<f64>,
    /// What limits it, the largest share first; empty where there is no limit, and where nothing can be served.
    pub parts: Vec<Part>,
    /// For a need that nothing can serve: measures each of which, were it not in force, would open a way.
    pub closed_by: Vec<usize>,
    /// For a need that nothing can serve: the first later step in which something can.
    pub opens: Option<usize>,
}

/// A limit in a cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    pub limit: Limit,
    /// Units a year.
    pub units: f64,
    /// Units of the need that one unit more of the limit would add.
    pub adds: f64,
    /// Share of the cut: units x adds over the flow. The shares of a cut add up to 1.
    pub share: f64,
    pub why: Why,
}

/// What a limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Capacity,
    /// How fast a lane can grow.
    Growth,
    Measure,
    /// The largest share of an option.
    Share,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Why::Capacity => "capacity",
            Why::Growth => "growth",
            Why::Measure => "measure",
            Why::Share => "share",
        }
    }
}

impl Cut {
    /// The most that can be served over what is needed; `None` where nothing limits it.
    pub fn coverage(&self) -> Option<f64> {
        self.most.map(|most| most / self.needed)
    }

    /// Whether nothing at all can be served.
    pub fn is_cut_off(&self) -> bool {
        self.most.is_some_and(|most| most <= NOTHING * self.needed)
    }
}

/// The networks of a scenario: what is common to all demands and steps.
pub struct Networks<'a> {
    model: &'a Model,
    scenario: &'a Scenario,
    tags: Tags,
    truth: Belief,
    policy: Policy,
}

/// A network solved: the most that can be served, `None` without limit, and what it was read from.
struct Solved {
    most: Option<f64>,
    program: Program,
    space: Space,
    solution: Option<Solution>,
}

impl<'a> Networks<'a> {
    pub fn new(model: &'a Model, scenario: &'a Scenario) -> Networks<'a> {
        let (tags, truth) = (Tags::new(model, scenario), Belief::truth(model, scenario));
        let policy = Policy::new(model, scenario, &tags, &truth);
        Networks { model, scenario, tags, truth, policy }
    }

    /// The min-cut of a demand in a step; `None` where it needs nothing then.
    pub fn cut(&self, demand: usize, step: usize) -> Result<Option<Cut>, SolveError> {
        let needed = self.policy.amount_per_year(self.model, demand, step);
        if needed <= 0.0 {
            return Ok(None);
        }
        let solved = self.solve(&self.policy, demand, step)?;
        let mut cut = Cut { demand, needed, most: solved.most, parts: Vec::new(), closed_by: Vec::new(), opens: None };
        if cut.is_cut_off() {
            cut.closed_by = self.closed_by(demand, step)?;
            cut.opens = self.opens(demand, step)?;
        } else {
            cut.parts = self.parts(&solved, step);
        }
        Ok(Some(cut))
    }

    fn solve(&self, policy: &Policy, demand: usize, step: usize) -> Result<Solved, SolveError> {
        let model = steady(self.model, demand, step);
        let policy = policy.steady(step);
        let policies: Vec<Arc<StepPolicy>> = policy.distinct(0).into_iter().cloned().collect();
        let space = Space::pruned(&model, &self.tags, &policies);
        let state = State::initial(&model, &self.tags, &space);
        let mut program = Program::new(&model, &space, &policy, &state);
        serve_the_most(&mut program);
        if program.columns.is_empty() {
            return Ok(Solved { most: Some(0.0), program, space, solution: None });
        }
        let settings = Settings { method: Method::Simplex, ..Settings::default() };
        let solution = match solve(&program, settings) {
            Ok(solution) => Some(solution),
            // Serving nothing is always feasible, so that only the other of the two can be meant.
            Err(SolveError::Unbounded | SolveError::Infeasible) => None,
            Err(error) => return Err(error),
        };
        // `+ 0.0`, so that nothing is not a negative nothing.
        let most = solution.as_ref().map(|s| -s.objective / model.calendar.years_per_step() + 0.0);
        Ok(Solved { most, program, space, solution })
    }

    fn parts(&self, solved: &Solved, step: usize) -> Vec<Part> {
        let (Some(most), Some(solution)) = (solved.most, &solved.solution) else { return Vec::new() };
        let years = self.model.calendar.years_per_step();
        let mut parts: Vec<Part> = binding(&solved.space, &solved.program, solution)
            .map(|b| Part {
                limit: b.limit,
                units: b.units / years,
                adds: b.saves,
                share: b.saves * b.units / years / most,
                why: why(self.model, b.limit, b.units / years, step),
            })
            .filter(|part| part.share > NOTHING)
            .collect();
        parts.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.limit.cmp(&b.limit)));
        parts
    }

    fn closed_by(&self, demand: usize, step: usize) -> Result<Vec<usize>, SolveError> {
        let mut list = Vec::new();
        for measure in self.truth.in_force(step) {
            let policy = Policy::new(self.model, self.scenario, &self.tags, &self.truth.without(*measure));
            if self.solve(&policy, demand, step)?.most.is_none_or(|most| most > NOTHING) {
                list.push(*measure);
            }
        }
        Ok(list)
    }

    fn opens(&self, demand: usize, step: usize) -> Result<Option<usize>, SolveError> {
        for later in step + 1..self.model.steps() {
            if self.solve(&self.policy, demand, later)?.most.is_none_or(|most| most > NOTHING) {
                return Ok(Some(later));
            }
        }
        Ok(None)
    }
}

/// What a limit of so many units a year in a step is.
pub fn why(model: &Model, limit: Limit, units: f64, step: usize) -> Why {
    match limit {
        Limit::Site(_) => Why::Capacity,
        Limit::Quota(_) | Limit::Tagged(_) => Why::Measure,
        Limit::Option { .. } => Why::Share,
        Limit::Lane(l) => {
            let is = |other: f64| units >= other * (1.0 - NOTHING);
            let lane = &model.lanes[l];
            match (lane.capacity, grown(model, lane, step)) {
                (Some(capacity), _) if is(capacity) => Why::Capacity,
                (_, Some(grown)) if is(grown) => Why::Growth,
                _ => Why::Measure,
            }
        }
    }
}

/// The model as it is in a step, for ever: one step in which nothing takes time, with no stocks and one need.
fn steady(model: &Model, demand: usize, step: usize) -> Model {
    let site = |site: &Site| Site {
        capacity: model.capacity_per_year(site, step),
        opens: None,
        closes: None,
        ramp_months: 0.0,
        lead_days: 0.0,
        made: None,
        minimum: 0.0,
        ..site.clone()
    };
    let lane = |lane: &Lane| Lane {
        capacity: [lane.capacity, grown(model, lane, step)].into_iter().flatten().reduce(f64::min),
        growth: None,
        lead_days: 0.0,
        ..lane.clone()
    };
    let day = model.calendar.middle_day(step);
    let option = |option: &DemandOption| DemandOption {
        max_share: if option.opens.is_some_and(|opens| day < opens) { Some(0.0) } else { option.max_share },
        opens: None,
        ..option.clone()
    };
    // The others keep their places, since the policy goes by them.
    let need = |(d, other): (usize, &Demand)| Demand {
        amount: if d == demand { model.amount_per_year(other, step) } else { 0.0 },
        options: if d == demand { other.options.iter().map(option).collect() } else { Vec::new() },
        growth: 0.0,
        opens: None,
        closes: None,
        late_cost: None,
        tiers: vec![Tier { share: 1.0, factor: 1.0 }],
        ..other.clone()
    };
    let calendar = Calendar::new(model.calendar.first_day(step), model.step, 1);
    Model {
        name: model.name.clone(),
        calendar: calendar.expect("the step lies in the calendar"),
        currency: model.currency.clone(),
        behaviour: model.behaviour.clone(),
        evidence: model.evidence.clone(),
        default_scenario: None,
        folders: Vec::new(),
        terminal_value: 0.0,
        regions: model.regions.clone(),
        products: model.products.clone(),
        processes: model.processes.clone(),
        sites: model.sites.iter().map(site).collect(),
        lanes: model.lanes.iter().map(lane).collect(),
        demands: model.demands.iter().enumerate().map(need).collect(),
        stocks: Vec::new(),
        observations: Vec::new(),
        ranges: Vec::new(),
        tables: BTreeMap::new(),
        hash: String::new(),
        ..*model
    }
}

/// What a lane can have grown to by a step, units a year.
fn grown(model: &Model, lane: &Lane, step: usize) -> Option<f64> {
    let years = step as f64 * model.calendar.years_per_step();
    lane.growth.map(|growth| lane.flow.unwrap_or(0.0) + growth * years)
}

/// Turns a program that serves a need at the least cost into one that serves the most it can.
fn serve_the_most(program: &mut Program) {
    program.costs.fill(0.0);
    program.constant = 0.0;
    for (column, what) in program.columns.iter().enumerate() {
        if let Column::Met { .. } = what {
            program.costs[column] = -1.0;
        }
    }
    for (row, what) in program.rows.iter().enumerate() {
        if let Row::Demand { .. } = what {
            (program.row_lower[row], program.row_upper[row]) = (0.0, f64::INFINITY);
        }
    }
}
