//! A plain market as columns of figures, for whoever works out the same equations in another program (`bench/market_peer.py`).
//!
//! Where nothing tells goods of a product apart, a place (region and product) has one pool and one desk, a lane one line, and a
//! process at a site one run. What is left of the network then is a few tables of numbers. Positions are those of rows in the
//! other tables, places come in the order in which goods pass through them; a limit that there is not is `null`.

use std::collections::BTreeMap;

use coercivity_model::behaviour::PARAMETERS;
use serde_json::{Value, json};

use super::Market;
use super::controls::Controls;
use super::network::{Network, Source};
use super::state::World;

impl Market {
    /// The market before its first week as tables of figures, by name and column, for another program that works out the same
    /// equations: places (region and product), lanes, sites, jobs (a process at a site) with their inputs and outputs, demands
    /// with their options and uses. Figures are units, units a year (capacities, flows, amounts), currency (prices, costs,
    /// values) or weeks (leads, what opens); `trust` is that after the rehearsal, a limit that there is not is `null`. `None`
    /// where a measure is in the scenario or goods of a product are told apart.
    pub fn arrays(&self) -> Option<Value> {
        let (model, net) = (&self.model, &self.network);
        if !self.scenario.measures.is_empty() || !is_plain(net) {
            return None;
        }
        let (products, behaviour, controls) = (model.products.len(), self.behaviour(), Controls::none(model));
        let world = World::new(self, &behaviour, &controls);
        let mut place_of: Vec<Option<usize>> = vec![None; net.nodes.len()];
        for (place, node) in net.order.iter().enumerate() {
            place_of[*node] = Some(place);
        }
        let pool = |node: &usize| net.nodes[*node].pools[0];
        let stock = |node: &usize| net.pools[pool(node)].stock;
        let taken_at = |user: usize| place_of[net.desks[net.users[user].desk].node];
        let places = json!({
            "product": column(&net.order, |node| node % products),
            "kept": column(&net.order, |node| stock(node).is_some()),
            "room": column(&net.order, |node| stock(node).map(|s| model.stocks[s].capacity)),
            "receives": column(&net.order, |node| net.nodes[*node].receives),
            "stock": column(&net.order, |node| world.pool[pool(node)]),
            "account": column(&net.order, |node| world.account[*node]),
        });
        let ahead: Vec<usize> = (0..=self.ahead.min(model.steps())).collect();
        let due = json!({
            "stock": column(&ahead, |week| column(&net.order, |node| world.due.on(*week)[pool(node)])),
            "account": column(&ahead, |week| column(&net.order, |node| world.account_due.on(*week)[*node])),
        });
        let lanes = json!({
            "from": column(&net.lanes, |lane| place_of[lane.from]),
            "to": column(&net.lanes, |lane| place_of[lane.to]),
            "flow": column(&net.lanes, |lane| lane.flow),
            "capacity": column(&net.lanes, |lane| lane.capacity),
            "growth": column(&net.lanes, |lane| lane.growth),
            "lead": column(&net.lanes, |lane| world.lead[lane.lines[0].0]),
            "trust": column(&net.lanes, |lane| self.trust[lane.lines[0].0]),
        });
        let sites = json!({
            "minimum": column(&model.sites, |site| site.minimum),
            "capacity": column(&self.horizon.weeks, |week| week.capacity.clone()),
        });
        let mut last = vec![false; net.jobs.len()];
        net.last.iter().for_each(|job| last[*job] = true);
        let jobs = json!({
            "site": column(&net.jobs, |job| job.site),
            "cost": column(&net.jobs, |job| model.sites[job.site].cost),
            "lead": column(&net.jobs, |job| net.runs[job.run].lead),
            "last": last,
        });
        let taken =
            net.jobs.iter().enumerate().flat_map(|(j, job)| job.inputs.iter().map(move |(user, a)| (j, *user, *a)));
        let taken: Vec<(usize, usize, f64)> = taken.collect();
        let inputs = json!({
            "job": column(&taken, |(job, _, _)| *job),
            "place": column(&taken, |(_, user, _)| taken_at(*user)),
            "amount": column(&taken, |(_, _, amount)| *amount),
        });
        let mut trust_in: Vec<Option<f64>> = vec![None; net.asked];
        for (line, trust) in net.lines.iter().zip(&self.trust) {
            if let Source::Job { asked, .. } = line.source {
                trust_in[asked] = Some(*trust);
            }
        }
        let made =
            net.jobs.iter().enumerate().flat_map(|(j, job)| job.outputs.iter().map(move |(node, a)| (j, *node, *a)));
        let made: Vec<(usize, usize, f64)> = made.collect();
        let outputs = json!({
            "job": column(&made, |(job, _, _)| *job),
            "place": column(&made, |(_, node, _)| place_of[*node]),
            "product": column(&made, |(_, node, _)| node % products),
            "amount": column(&made, |(_, _, amount)| *amount),
            "trust": trust_in,
        });
        let demands = json!({
            "amount": column(&self.horizon.weeks, |week| week.amount.clone()),
            "value": column(&model.demands, |demand| demand.value),
            "waits": column(&model.demands, |demand| demand.late_cost.is_some()),
        });
        let choices: Vec<(usize, usize)> = model
            .demands
            .iter()
            .enumerate()
            .flat_map(|(d, demand)| (0..demand.options.len()).map(move |o| (d, o)))
            .collect();
        let of = |(d, o): &(usize, usize)| &model.demands[*d].options[*o];
        let opens = |choice: &(usize, usize)| {
            let users = net.users_of(self.horizon.weeks[0].policy, choice.0, choice.1);
            let is_open = |week: &usize| of(choice).opens.is_none_or(|opens| self.horizon.weeks[*week].day >= opens);
            users.and_then(|_| (0..model.steps()).find(is_open))
        };
        let options = json!({
            "demand": column(&choices, |(d, _)| *d),
            "cost": column(&choices, |choice| of(choice).cost),
            "most": column(&choices, |choice| of(choice).max_share),
            "opens": column(&choices, opens),
            "share": column(&choices, |(d, o)| world.mix[net.option(*d, *o)]),
        });
        let used: Vec<(usize, usize, usize, f64)> = choices
            .iter()
            .enumerate()
            .flat_map(|(at, choice)| {
                of(choice).uses.iter().map(move |(product, amount)| (at, choice.0, *product, *amount))
            })
            .collect();
        let uses = json!({
            "option": column(&used, |(option, ..)| *option),
            "product": column(&used, |(_, _, product, _)| *product),
            "place": column(&used, |(_, d, product, _)| place_of[model.demands[*d].region * products + product]),
            "amount": column(&used, |(.., amount)| *amount),
        });
        let mut behaviour = behaviour.clone();
        let parameters: BTreeMap<&str, Option<f64>> =
            PARAMETERS.iter().map(|p| (p.name, behaviour.by_name(p.name).copied())).collect();
        Some(json!({
            "weeks": model.steps(),
            "years_a_week": model.calendar.years_per_step(),
            "behaviour": parameters,
            "products": {
                "price": column(&model.products, |product| product.price),
                "reexport": column(&model.products, |product| product.reexport),
            },
            "places": places, "due": due, "lanes": lanes, "sites": sites, "jobs": jobs, "inputs": inputs, "outputs": outputs,
            "demands": demands, "options": options, "uses": uses,
        }))
    }
}

fn column<T, V>(rows: &[T], value: impl FnMut(&T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}

/// Whether goods of a product are nowhere told apart, and a job makes no product twice.
fn is_plain(net: &Network) -> bool {
    let distinct =
        |outputs: &[(usize, f64)]| (1..outputs.len()).all(|i| outputs[..i].iter().all(|o| o.0 != outputs[i].0));
    net.desks.iter().all(|desk| desk.pools.len() == 1)
        && net.pools.iter().all(|pool| pool.desks.len() == 1)
        && net.order.iter().all(|node| net.nodes[*node].pools.len() == 1)
        && net.users.iter().all(|user| user.entries.len() == 1)
        && net.lanes.iter().all(|lane| lane.lines.len() == 1)
        && net.jobs.iter().all(|job| distinct(&job.outputs))
}
