//! The method `market`: what happens when nobody plans.
//!
//! The same model and scenario as the linear program's, in weeks, and the same space of slots; but each desk looks after
//! itself. In a week shipments arrive; from ore to product, sites run on what they were given (`production`), what there is
//! is shared out (`rationing`) and sent (`shipping`, `licences`); needs are met (`consumption`); then desks order for the
//! next week (`cover`, `orders`) and prices move (`prices`). Each file has one behaviour: its equation, its units, its source.
//!
//! Whatever they do lies within the rows of the program: `record` writes it down as its columns. So all that can be said
//! of a run can be said of a market too, balances are checked by the same rows, and no market is better than the optimum.
//!
//! Nothing is allocated in a week, and the same input gives the same numbers.

mod arrays;
mod consumption;
mod controls;
mod cover;
mod due;
mod licences;
mod network;
mod orders;
mod prices;
mod production;
mod rationing;
mod record;
mod shipping;
mod state;
pub mod tables;

use std::sync::Arc;

use coercivity_model::calendar::Date;
use coercivity_model::{Behaviour, Model, Scenario};

use crate::node::{Loss, Node};
use crate::policy::{Belief, Policy, StepPolicy};
use crate::space::Space;
use crate::state::State;
use crate::tags::Tags;
use controls::Controls;
use network::Network;
pub use record::{Moves, Record, Sheet};
use state::{World, ZONES};

/// What is fixed for a week, whatever anybody does.
pub struct Week {
    day: Date,
    /// Years since the start.
    years: f64,
    /// Position of its policy among the different ones.
    policy: usize,
    /// Units of activity a year, by site.
    capacity: Vec<f64>,
    /// Units a year, by demand.
    amount: Vec<f64>,
}

impl Week {
    fn new(model: &Model, step: usize, policy: usize, says: &StepPolicy) -> Week {
        let capacity = |(site, remaining)| model.capacity_per_year(site, step) * remaining;
        let amount = |(demand, factor)| model.amount_per_year(demand, step) * factor;
        Week {
            day: model.calendar.middle_day(step),
            years: step as f64 * model.calendar.years_per_step(),
            policy,
            capacity: model.sites.iter().zip(&says.remaining).map(capacity).collect(),
            amount: model.demands.iter().zip(&says.demand_factor).map(amount).collect(),
        }
    }
}

/// The policy of each week, and the different ones among them; the last is that of a week without measures.
pub struct Horizon {
    policy: Policy,
    policies: Vec<Arc<StepPolicy>>,
    /// Weeks on each lane, by policy.
    leads: Vec<Vec<usize>>,
    weeks: Vec<Week>,
    /// The first week, without measures.
    quiet: Week,
}

impl Horizon {
    fn new(model: &Model, scenario: &Scenario, tags: &Tags, without: Option<&Loss>) -> Horizon {
        let policy = Policy::new(model, scenario, tags, &Belief::truth(model, scenario));
        let policy = without.map(|loss| policy.without(loss)).unwrap_or(policy);
        let mut policies: Vec<Arc<StepPolicy>> = policy.distinct(0).into_iter().cloned().collect();
        let same = |week: usize| policies.iter().position(|p| std::ptr::eq(&**p, policy.step(week)));
        let week = |step: usize| {
            let at = same(step).expect("each policy is among the distinct ones");
            Week::new(model, step, at, &policies[at])
        };
        let weeks = (0..model.steps()).map(week).collect();
        let none = StepPolicy::new(model, scenario, tags, &[]);
        let quiet = Week::new(model, 0, policies.len(), &none);
        policies.push(Arc::new(none));
        let leads = |policy: &Arc<StepPolicy>| {
            let lanes = model.lanes.iter().zip(&policy.lanes);
            lanes.map(|(lane, control)| model.step.lead_steps(lane.lead_days + control.delay_days)).collect()
        };
        let leads = policies.iter().map(leads).collect();
        Horizon { policy, policies, leads, weeks, quiet }
    }
}

/// A model and scenario made ready: in weeks, with everybody who trades. It can be run many times, with other behaviour.
pub struct Market {
    pub model: Model,
    pub scenario: Scenario,
    pub tags: Tags,
    pub space: Space,
    horizon: Horizon,
    network: Network,
    initial: State,
    /// Weeks that goods are on their way or in the making at most.
    ahead: usize,
    /// Where the price of a region and product stands, by node: inside those who control the product, or outside. So does all
    /// else that is kept by product and zone.
    priced: Vec<usize>,
    /// The lanes of each product from inside to outside.
    outward: Vec<Vec<usize>>,
    /// What each line can be relied on for in quiet times, by line.
    trust: Vec<f64>,
}

impl Market {
    /// Makes a model ready, whatever its steps are; `without` a node that is lost in the first week.
    pub fn new(model: &Model, scenario: &Scenario, without: Option<&Node>) -> Market {
        let model = model.in_weeks();
        let loss = without.map(|node| Loss { node: node.clone(), steps: 0..model.steps() });
        let tags = Tags::new(&model, scenario);
        let horizon = Horizon::new(&model, scenario, &tags, loss.as_ref());
        let space = Space::pruned(&model, &tags, &horizon.policies);
        let network = Network::new(&model, &space, &horizon);
        let initial = State::initial(&model, &tags, &space);
        let leads = horizon.leads.iter().flatten().copied().chain(network.runs.iter().map(|run| run.lead));
        let ahead = leads.chain(initial.under_way.iter().map(|way| way.due)).max().unwrap_or(0);
        let insides = controls::insides(&model, scenario);
        let product_of = |node: usize| node % model.products.len();
        let is_outside = |node: usize| !insides[product_of(node)][node / model.products.len()];
        let nodes = 0..network.nodes.len();
        let priced: Vec<usize> = nodes.map(|node| product_of(node) * ZONES + usize::from(is_outside(node))).collect();
        let mut outward = vec![Vec::new(); model.products.len()];
        for (l, lane) in network.lanes.iter().enumerate().filter(|(_, lane)| priced[lane.from] < priced[lane.to]) {
            outward[lane.product].push(l);
        }
        let trust = vec![1.0; network.lines.len()];
        let mut market = Market {
            model,
            scenario: scenario.clone(),
            tags,
            space,
            horizon,
            network,
            initial,
            ahead,
            priced,
            outward,
            trust,
        };
        market.trust = market.rehearse();
        market
    }

    /// Trade finds its way before anything happens: the first week over and over, without measures and at the reference
    /// prices. What each line delivered of what was asked of it stays.
    fn rehearse(&self) -> Vec<f64> {
        let behaviour = self.behaviour();
        let controls = Controls::none(&self.model);
        let mut world = World::new(self, &behaviour, &controls);
        world.rehearsal = true;
        world.settle();
        for week in 0..self.model.steps().min(REHEARSAL) {
            world.goods_move(week);
            world.order(week);
        }
        world.trust
    }

    /// The behaviour that the model has, with what the scenario says otherwise.
    pub fn behaviour(&self) -> Behaviour {
        let mut behaviour = self.model.behaviour.clone();
        for (name, value) in &self.scenario.behaviour {
            *behaviour.by_name(name).expect("the reader knows the names") = *value;
        }
        behaviour
    }

    /// Whether anybody limits what it sends of a product.
    pub fn is_controlled(&self, product: usize) -> bool {
        let products = self.model.products.len();
        (0..self.model.regions.len()).any(|region| self.priced[region * products + product] == product * ZONES)
    }

    /// Runs it, week by week.
    pub fn run(&self, behaviour: &Behaviour) -> Record {
        let controls = Controls::new(&self.model, &self.scenario, behaviour);
        let mut world = World::new(self, behaviour, &controls);
        world.settle();
        for week in 0..self.model.steps() {
            world.week(week);
        }
        world.record
    }
}

/// Weeks after which trade has found its way.
const REHEARSAL: usize = 104;

impl World<'_> {
    fn week(&mut self, week: usize) {
        self.goods_move(week);
        self.substitute(week);
        self.order(week);
        self.move_prices(week);
        self.record.sheets.add(&self.sheet);
    }

    fn goods_move(&mut self, week: usize) {
        self.begin(week);
        self.release(week);
        self.ask_for_needs(week);
        let net = self.net;
        for &node in &net.order {
            for &job in &net.nodes[node].jobs {
                self.produce(job, week);
            }
            self.ration(node);
            self.send(node, week);
        }
        for &job in &net.last {
            self.produce(job, week);
        }
        self.consume(week);
        self.keep();
    }
}
