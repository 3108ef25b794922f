//! Where a market stands: goods, orders, prices. What happens to them is in the files of the behaviours.

use coercivity_model::Behaviour;
use coercivity_model::model::StockKind;

use super::controls::Controls;
use super::due::Due;
use super::network::{Network, Source};
use super::record::{Record, Sheet};
use super::{Market, Week};
use crate::policy::{Outflow, StepPolicy};
use crate::state::Carrier;

/// Inside or outside of those who control a product.
pub const ZONES: usize = 2;

/// Those who make a product: sums over units asked of them.
#[derive(Clone, Copy, Default)]
pub struct Makers {
    pub units: f64,
    /// Rise of cost over value at reference prices.
    pub dearer: f64,
    /// Margin against the band in which a site closes, 0 to 1.
    pub room: f64,
}

pub struct World<'a> {
    pub market: &'a Market,
    pub net: &'a Network,
    pub controls: &'a Controls,
    pub behaviour: &'a Behaviour,
    /// D, years a week.
    pub years: f64,
    pub weeks: usize,
    /// The first week, over and over, and without measures.
    pub rehearsal: bool,

    // Goods, in units.
    /// What lies in each pool now.
    pub pool: Vec<f64>,
    /// What is due to pools, and by lines.
    pub due: Due,
    pub line_due: Due,
    /// On its way, by line.
    pub under_way: Vec<f64>,
    /// Strategic stock, by row of `stocks.csv`.
    pub strategic: Vec<f64>,
    /// What may still be re-exported, by node, and what comes to it later.
    pub account: Vec<f64>,
    pub account_due: Due,
    /// Units late and the largest amount so far (units a year), by demand.
    pub backlog: Vec<f64>,
    pub largest: Vec<f64>,

    // Claims of this week, in units.
    /// By user.
    pub claim: Vec<f64>,
    pub granted: Vec<f64>,
    /// By entry.
    pub drawn: Vec<f64>,
    /// What a desk wants to have in stock, what it wants to add this week, and what it was given for it.
    pub target: Vec<f64>,
    pub refill: Vec<f64>,
    pub refilled: Vec<f64>,
    /// What of a pool was there before the week and is not for others.
    pub reserve: Vec<f64>,
    /// Activity that a job wants, and the share of it that its site can do.
    pub wanted: Vec<f64>,
    pub possible: Vec<f64>,
    /// Units of activity that each site can do this week.
    pub capacities: Vec<f64>,
    /// Units asked of each output of each job, and the activity that this comes to.
    pub asked: Vec<f64>,
    pub asked_activity: Vec<f64>,
    /// Units claimed of each quota.
    pub quota_claims: Vec<f64>,
    /// Units sent by entry, in the making, and whether they are marked `civil`.
    pub sending: Vec<f64>,
    pub marked: Vec<bool>,

    // Desks.
    /// Units used a week, smoothed.
    pub use_a_week: Vec<f64>,
    /// Cover in quiet times, in weeks of use, and as wanted now.
    pub quiet_cover: Vec<f64>,
    pub cover: Vec<f64>,
    /// Orders of this week, in units.
    pub ordered: Vec<f64>,

    // Lines.
    /// Share that came of what was asked, smoothed.
    pub trust: Vec<f64>,
    /// Share of the desk's orders.
    pub share: Vec<f64>,
    /// Weeks on the way; what is in the making at sites nearby is not counted, as if it came at once.
    pub lead: Vec<f64>,
    /// Orders of this week that need no licence or have one are claims; here are those that wait, by line and by week in which
    /// they have waited long enough, and those granted.
    pub waiting: Vec<f64>,
    pub ripe_due: Due,
    pub ripe: Vec<f64>,
    pub licensed: Vec<f64>,
    /// What leaks, by line.
    pub leak_due: Due,

    // Demands.
    /// Share of each option.
    pub mix: Vec<f64>,
    /// What each option is to serve this week, and serves.
    pub serve: Vec<f64>,
    pub served: Vec<f64>,

    // Prices, by product and zone.
    pub price: Vec<f64>,
    /// Logarithm of the change in a week, smoothed, and by how much of itself a price is expected to rise.
    pub trend: Vec<f64>,
    pub rise: Vec<f64>,
    /// Demand over supply in quiet times; 0 where there was none of either.
    pub normal: Vec<f64>,
    pub supplied: Vec<f64>,
    pub desired: Vec<f64>,
    /// By product: what crossed between the zones, and what was to.
    pub crossed: Vec<f64>,
    pub to_cross: Vec<f64>,
    /// How good each job is against the best of its site, and the part of the site's capacity that it has.
    pub weight: Vec<f64>,
    pub recipe: Vec<f64>,
    /// Value of what a unit of each job's activity gives, and what it costs: at the prices there are, and at reference prices.
    pub basket: Vec<(f64, f64)>,
    pub basket_before: Vec<(f64, f64)>,
    /// By product and zone.
    pub makers: Vec<Makers>,
    /// Basket over cost of a site before anything happened, by job.
    pub paid_before: Vec<f64>,

    /// What was done this week, and in the weeks before.
    pub sheet: Sheet,
    pub record: Record,
}

impl<'a> World<'a> {
    pub fn new(market: &'a Market, behaviour: &'a Behaviour, controls: &'a Controls) -> World<'a> {
        let (model, net) = (&market.model, &market.network);
        let (weeks, nodes, products) = (model.steps(), net.nodes.len(), model.products.len());
        let zeros = |n: usize| vec![0.0; n];
        let sheet = Sheet::new(market);
        let mut world = World {
            market,
            net,
            controls,
            behaviour,
            years: model.calendar.years_per_step(),
            weeks,
            rehearsal: false,
            pool: zeros(net.pools.len()),
            due: Due::new(weeks, market.ahead, net.pools.len()),
            line_due: Due::new(weeks, market.ahead, net.lines.len()),
            under_way: zeros(net.lines.len()),
            strategic: market.initial.strategic.clone(),
            account: market.initial.account.clone(),
            account_due: Due::new(weeks, market.ahead, nodes),
            backlog: zeros(model.demands.len()),
            largest: zeros(model.demands.len()),
            claim: zeros(net.users.len()),
            granted: zeros(net.users.len()),
            drawn: zeros(net.entries.len()),
            target: zeros(net.desks.len()),
            refill: zeros(net.desks.len()),
            refilled: zeros(net.desks.len()),
            reserve: zeros(net.pools.len()),
            wanted: zeros(net.jobs.len()),
            possible: zeros(model.sites.len()),
            capacities: zeros(model.sites.len()),
            asked: zeros(net.asked),
            asked_activity: zeros(net.asked),
            quota_claims: zeros(market.horizon.policies.iter().map(|policy| policy.quotas.len()).max().unwrap_or(0)),
            sending: zeros(net.entries.len()),
            marked: vec![false; net.entries.len()],
            use_a_week: zeros(net.desks.len()),
            quiet_cover: zeros(net.desks.len()),
            cover: zeros(net.desks.len()),
            ordered: zeros(net.desks.len()),
            trust: market.trust.clone(),
            share: zeros(net.lines.len()),
            lead: zeros(net.lines.len()),
            waiting: zeros(net.lines.len()),
            ripe_due: Due::new(weeks, controls.longest_wait(), net.lines.len()),
            ripe: zeros(net.lines.len()),
            licensed: zeros(net.lines.len()),
            leak_due: Due::new(weeks, behaviour.leakage_weeks.round() as usize, net.lines.len()),
            mix: zeros(net.option_count()),
            serve: zeros(net.option_count()),
            served: zeros(net.option_count()),
            price: model.products.iter().flat_map(|p| [p.price; ZONES]).collect(),
            trend: zeros(products * ZONES),
            rise: zeros(products * ZONES),
            normal: vec![1.0; products * ZONES],
            supplied: zeros(products * ZONES),
            desired: zeros(products * ZONES),
            crossed: zeros(products),
            to_cross: zeros(products),
            weight: vec![1.0; net.jobs.len()],
            recipe: vec![1.0; net.jobs.len()],
            basket: vec![(0.0, 0.0); net.jobs.len()],
            basket_before: vec![(0.0, 0.0); net.jobs.len()],
            makers: vec![Makers::default(); products * ZONES],
            paid_before: vec![1.0; net.jobs.len()],
            record: Record::new(market, &sheet, weeks),
            sheet,
        };
        world.start();
        world
    }

    /// What is in stock and under way at the start.
    fn start(&mut self) {
        let (model, net) = (&self.market.model, self.net);
        let products = model.products.len();
        for (s, _) in model.stocks.iter().enumerate().filter(|(_, stock)| stock.kind == StockKind::Commercial) {
            for (slot, units) in &self.market.initial.stocks[s] {
                if let Some(pool) = net.pool_of[*slot] {
                    self.pool[pool] += units;
                }
            }
        }
        for way in &self.market.initial.under_way {
            if let Some(pool) = way.slot.and_then(|slot| net.pool_of[slot]) {
                self.due.add(way.due, pool, way.quantity);
            }
            let counted = match way.by {
                Carrier::Lane(_) => model.products[way.product].reexport,
                Carrier::Site(_) => 1.0,
            };
            self.account_due.add(way.due, way.region * products + way.product, counted * way.quantity);
        }
        for (l, line) in net.lines.iter().enumerate() {
            if let Source::Lane { lane, .. } = line.source {
                self.lead[l] = model.step.lead_steps(model.lanes[lane].lead_days) as f64;
            }
        }
        let day = model.calendar.middle_day(0);
        for (d, demand) in model.demands.iter().enumerate() {
            // All of a need is served by the first option that there is.
            let first = demand.options.iter().position(|o| o.opens.is_none_or(|opens| day >= opens));
            if let Some(first) = first {
                self.mix[net.option(d, first)] = 1.0;
            }
        }
    }

    /// What is fixed for a week; it outlives what happens in it.
    pub fn fixed(&self, week: usize) -> &'a Week {
        let horizon = &self.market.horizon;
        if self.rehearsal { &horizon.quiet } else { &horizon.weeks[week] }
    }

    /// The policy of a week.
    pub fn policy(&self, week: usize) -> &'a StepPolicy {
        &self.market.horizon.policies[self.fixed(week).policy]
    }

    pub fn price_in(&self, product: usize, region: usize) -> f64 {
        self.price[self.market.priced[region * self.products() + product]]
    }

    pub fn products(&self) -> usize {
        self.market.model.products.len()
    }

    /// What comes this week, and an empty sheet for it.
    pub fn begin(&mut self, week: usize) {
        let pools = self.net.pools.len();
        self.reserve.fill(0.0);
        for pool in 0..pools {
            if self.pool[pool] == 0.0 {
                continue;
            }
            let wanted: f64 = self.net.pools[pool].desks.iter().map(|desk| self.target[*desk]).sum();
            let desks = self.net.pools[pool].desks.iter().flat_map(|desk| &self.net.desks[*desk].pools);
            let there: f64 = desks.map(|pool| self.pool[*pool]).sum();
            let part = if there > wanted { wanted / there } else { 1.0 };
            self.reserve[pool] = self.pool[pool] * part;
        }
        for due in [&mut self.due, &mut self.account_due, &mut self.line_due, &mut self.ripe_due, &mut self.leak_due] {
            due.begin(week);
        }
        for (units, came) in self.pool.iter_mut().zip(self.due.on(week)) {
            *units += came;
        }
        for (units, came) in self.account.iter_mut().zip(self.account_due.on(week)) {
            *units += came;
        }
        for (units, came) in self.under_way.iter_mut().zip(self.line_due.on(week)) {
            *units = (*units - came).max(0.0);
        }
        self.record.begin();
        self.sheet.clear();
        self.granted.fill(0.0);
        self.drawn.fill(0.0);
        self.refilled.fill(0.0);
        self.supplied.fill(0.0);
        self.desired.fill(0.0);
        self.crossed.fill(0.0);
        self.to_cross.fill(0.0);
        self.plan_sites(week);
        self.claim_quotas(week);
    }

    /// Strategic stock goes out where it may, as far as desks lack cover. Units: what leaves <= rate x D, and <= what is there.
    pub fn release(&mut self, week: usize) {
        let (model, net) = (&self.market.model, self.net);
        let policy = self.policy(week);
        for (s, stock) in model.stocks.iter().enumerate().filter(|(_, stock)| stock.kind == StockKind::Strategic) {
            let Some(pool) = self.market.initial.stocks[s].first().and_then(|(slot, _)| net.pool_of[*slot]) else {
                continue;
            };
            let most = match policy.outflow[s] {
                Outflow::Closed => 0.0,
                Outflow::AtMost(rate) => rate * self.years,
                Outflow::Free => f64::INFINITY,
            };
            let desks = net.pools[pool].desks.iter();
            let lacking: f64 =
                desks.map(|desk| (self.target[*desk] + self.use_a_week[*desk] - self.kept(*desk)).max(0.0)).sum();
            let leaves = most.min(self.strategic[s]).min(lacking);
            self.strategic[s] -= leaves;
            self.pool[pool] += leaves;
            self.account[stock.region * model.products.len() + stock.product] += leaves;
            self.sheet.release[s] = leaves;
        }
    }

    /// What of its pools is a desk's: by what each of those who take from them wants to keep.
    pub fn kept(&self, desk: usize) -> f64 {
        let part = |pool: &usize| {
            let sharing = &self.net.pools[*pool].desks;
            let all: f64 = sharing.iter().map(|desk| self.target[*desk]).sum();
            let share = if all > 0.0 { self.target[desk] / all } else { 1.0 / sharing.len() as f64 };
            self.pool[*pool] * share
        };
        self.net.desks[desk].pools.iter().map(part).sum()
    }

    /// At the end of a week what cannot be kept is gone: where there is no row for it, and beyond the capacity.
    pub fn keep(&mut self) {
        let net = self.net;
        for node in &net.order {
            let pools = &net.nodes[*node].pools;
            let Some(stock) = net.pools[pools[0]].stock else {
                pools.iter().for_each(|pool| self.pool[*pool] = 0.0);
                continue;
            };
            if let Some(capacity) = self.market.model.stocks[stock].capacity {
                let all: f64 = pools.iter().map(|pool| self.pool[*pool]).sum();
                if all > capacity {
                    pools.iter().for_each(|pool| self.pool[*pool] *= capacity / all);
                }
            }
        }
        self.sheet.pool.copy_from_slice(&self.pool);
    }
}
