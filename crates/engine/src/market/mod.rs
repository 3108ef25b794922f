//! The method `market`: what happens when nobody plans.
//!
//! The same model and scenario as the linear program's, in weeks, and the same space of slots; but each desk looks after
//! itself. In a week shipments arrive; from ore to product, sites run on what they were given ([`production`]), what there is
//! is shared out ([`rationing`]) and sent ([`shipping`], [`licences`]); needs are met ([`consumption`]); then desks order for the
//! next week ([`cover`], [`orders`]) and prices move ([`prices`]). Each file has one behaviour: its equation, its units, its source.
//!
//! Whatever they do lies within the rows of the program: [`record`] writes it down as its columns. So all that can be said
//! of a run can be said of a market too, balances are checked by the same rows, and no market is better than the optimum.
//!
//! Nothing is allocated in a week, and the same input gives the same numbers.

mod consumption;
mod controls;
mod cover;
mod licences;
mod network;
mod orders;
mod prices;
mod production;
mod rationing;
pub mod record;
mod shipping;
mod state;
pub mod tables;

use std::sync::Arc;

use coercivity_model::{Behaviour, Model, Scenario};

use crate::node::{Loss, Node};
use crate::policy::{Belief, Policy, StepPolicy};
use crate::space::Space;
use crate::state::State;
use crate::tags::Tags;
use controls::Controls;
use network::Network;
pub use record::Record;
use state::World;

/// The policy of each week, and the different ones among them; the last is that of a week without measures.
pub struct Horizon {
    policy: Policy,
    policies: Vec<Arc<StepPolicy>>,
    of_week: Vec<usize>,
}

impl Horizon {
    fn new(model: &Model, scenario: &Scenario, tags: &Tags, without: Option<&Loss>) -> Horizon {
        let policy = Policy::new(model, scenario, tags, &Belief::truth(model, scenario));
        let policy = without.map(|loss| policy.without(loss)).unwrap_or(policy);
        let mut policies: Vec<Arc<StepPolicy>> = policy.distinct(0).into_iter().cloned().collect();
        let same = |week: usize| policies.iter().position(|p| std::ptr::eq(&**p, policy.step(week)));
        let of_week: Vec<usize> =
            (0..model.steps()).map(|week| same(week).expect("each policy is among the distinct ones")).collect();
        policies.push(Arc::new(StepPolicy::new(model, scenario, tags, &[])));
        Horizon { policy, policies, of_week }
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
    /// By product and region: whether the region limits what it sends.
    insides: Vec<Vec<bool>>,
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
        let insides = controls::insides(&model, scenario);
        let trust = vec![1.0; network.lines.len()];
        let mut market =
            Market { model, scenario: scenario.clone(), tags, space, horizon, network, initial, insides, trust };
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
        self.insides[product].contains(&true)
    }

    /// 0 inside those who control a product, 1 outside.
    fn zone(&self, product: usize, region: usize) -> usize {
        usize::from(!self.insides[product][region])
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
        self.keep(week);
    }
}
