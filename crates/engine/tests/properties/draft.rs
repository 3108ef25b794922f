//! Random small models with scenarios, as drafts: figures that the tables are written from, so
//! that a property can change one thing and write them again.

use coercivity_model::{Date, MemoryFiles, Model, Report, Scenario, read_model, read_scenario};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub const REGIONS: &[&str] = &["A", "B", "C"];
pub const PRODUCTS: &[&str] = &["ore", "metal", "magnet", "slag"];
/// (id, (product, amount) ...).
pub const PROCESSES: &[(&str, &[(usize, f64)])] = &[
    ("dig", &[(0, 1.0)]),
    ("smelt", &[(0, -1.5), (1, 1.0), (3, 0.25)]),
    ("press", &[(1, -0.8), (2, 1.0)]),
    ("reuse", &[(3, -2.0), (1, 1.0)]),
    ("recycle", &[(2, 0.5), (3, 1.0)]),
];
/// The processes without inputs.
const FREE: &[usize] = &[0, 4];
const START: Date = Date::constant(2025, 1, 1);

#[derive(Clone, Debug)]
pub struct Draft {
    pub step: &'static str,
    pub steps: usize,
    pub discount: f64,
    pub terminal: f64,
    /// (price, reexport) by product.
    pub products: Vec<(f64, f64)>,
    pub sites: Vec<Site>,
    pub lanes: Vec<Lane>,
    pub demands: Vec<Demand>,
    pub stocks: Vec<Stock>,
    pub measures: Vec<Measure>,
    pub truce: Option<Truce>,
}

/// Positions are taken modulo what there is. Days are tens of days from the start.
#[derive(Clone, Debug)]
pub struct Site {
    pub processes: Vec<usize>,
    pub region: usize,
    pub capacity: f64,
    pub cost: f64,
    pub opens: Option<usize>,
    pub closes: Option<usize>,
    pub ramp: f64,
    pub lead_days: f64,
    pub made: Option<f64>,
    pub minimum: f64,
}

#[derive(Clone, Debug)]
pub struct Lane {
    pub product: usize,
    pub from: usize,
    pub to: usize,
    pub lead_days: f64,
    pub cost: f64,
    pub capacity: Option<f64>,
    pub flow: Option<f64>,
    pub military: Option<f64>,
    pub growth: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct Demand {
    pub region: usize,
    pub amount: f64,
    pub value: f64,
    pub military: bool,
    pub late_cost: Option<f64>,
    pub growth: f64,
    pub uses: Vec<(usize, f64)>,
    pub other: Option<Other>,
    pub tiers: bool,
}

/// A second option.
#[derive(Clone, Debug)]
pub struct Other {
    pub uses: (usize, f64),
    pub opens: Option<usize>,
    pub max_share: f64,
    pub cost: f64,
}

#[derive(Clone, Debug)]
pub struct Stock {
    pub region: usize,
    pub product: usize,
    pub initial: f64,
    /// Above the initial stock and the target.
    pub room: Option<f64>,
    pub holding: f64,
    pub target: f64,
    pub shortfall: f64,
    pub origin: Option<usize>,
    pub strategic: bool,
}

#[derive(Clone, Debug)]
pub struct Measure {
    pub effect: Effect,
    pub from: Option<usize>,
    pub until: Option<usize>,
    /// Tens of days before `from`.
    pub announced: Option<usize>,
    /// Tens of days after it is announced.
    pub until_announced: Option<usize>,
}

#[derive(Clone, Debug)]
pub enum Effect {
    Control { by: usize, on: usize, to: Option<usize>, civil: f64, military: f64, leakage: f64, delay_days: f64 },
    Quota { by: Option<usize>, on: usize, to: Option<usize>, amount: f64 },
    Tariff { by: usize, on: usize, origin: Option<usize>, rate: f64 },
    Tax { by: usize, on: usize, rate: f64 },
    Origin { by: usize, on: usize, origin: usize, military: bool, process: Option<usize> },
    Content { by: usize, on: usize, allow: f64, compliance: f64, military: f64, process: Option<usize> },
    Outage { site: usize, remaining: f64 },
    Shift { demand: usize, factor: f64 },
    Support { site: usize, amount: f64 },
    Release { region: usize, product: usize, rate: Option<f64> },
}

#[derive(Clone, Debug)]
pub struct Truce {
    pub suspends: usize,
    pub from: usize,
    pub until: usize,
    pub extended: Option<usize>,
}

/// A figure a year in whole units a month.
fn yearly(least: u32, most: u32) -> impl Strategy<Value = f64> {
    (least..=most).prop_map(|n| f64::from(n) * 12.0)
}

/// Where things are made, more often than not.
fn origin() -> impl Strategy<Value = usize> {
    select(&[0, 0, 0, 1, 1, 2][..])
}

/// Where things are needed, more often than not.
fn market() -> impl Strategy<Value = usize> {
    select(&[0, 1, 1, 2, 2, 2][..])
}

fn product() -> impl Strategy<Value = usize> {
    select(&[2, 2, 2, 1, 1, 0, 3][..])
}

fn share() -> impl Strategy<Value = f64> {
    select(&[0.0, 0.25, 0.5, 1.0][..])
}

fn lead() -> impl Strategy<Value = f64> {
    select(&[0.0, 0.0, 10.0, 30.0, 61.0][..])
}

prop_compose! {
    /// A site whose first process is this one.
    fn site(first: usize)(
        second in option::weighted(0.2, 0..PROCESSES.len()),
        region in origin(),
        capacity in yearly(3, 40),
        cost in 0..3_u8,
        opens in option::weighted(0.15, 0..12_usize),
        life in option::weighted(0.15, 2..12_usize),
        ramp in select(&[0.0, 0.0, 2.0][..]),
        lead_days in lead(),
        made in option::weighted(0.5, yearly(1, 10)),
        minimum in share(),
    ) -> Site {
        let processes: Vec<usize> = [Some(first), second.filter(|q| *q != first)].into_iter().flatten().collect();
        let free = processes.iter().all(|q| FREE.contains(q));
        Site {
            region,
            capacity,
            cost: f64::from(cost),
            opens,
            closes: life.map(|life| opens.unwrap_or(0) + life),
            ramp,
            lead_days,
            made,
            minimum: if free && minimum < 1.0 { minimum } else { 0.0 },
            processes,
        }
    }
}

prop_compose! {
    fn lane()(
        product in product(),
        from in origin(),
        step in 1..REGIONS.len(),
        lead_days in lead(),
        cost in 0..3_u8,
        capacity in option::weighted(0.3, yearly(2, 30)),
        flow in option::weighted(0.7, yearly(2, 20)),
        military in option::weighted(0.3, share()),
        growth in option::weighted(0.2, yearly(0, 20)),
    ) -> Lane {
        Lane {
            product,
            from,
            to: (from + step) % REGIONS.len(),
            lead_days,
            cost: f64::from(cost) * 0.5,
            capacity,
            flow,
            military: military.map(|share| share * flow.unwrap_or(0.0)),
            growth,
        }
    }
}

prop_compose! {
    fn demand()(
        region in market(),
        amount in yearly(2, 20),
        value in select(&[10.0, 40.0, 90.0][..]),
        military in any::<bool>(),
        late_cost in option::weighted(0.3, select(&[20.0, 100.0][..])),
        growth in select(&[0.0, 0.0, 0.5, -0.25][..]),
        product in select(&[2, 2, 1][..]),
        second in option::weighted(0.2, 0.1..0.5_f64),
        other in option::weighted(0.4, (0..PRODUCTS.len(), option::weighted(0.3, 0..10_usize), share(), 0..6_u8)),
        tiers in any::<bool>(),
    ) -> Demand {
        let mut uses = vec![(product, 1.0)];
        uses.extend(second.map(|amount| (0, (amount * 8.0).round() / 8.0)).filter(|(_, amount)| *amount > 0.0));
        let other = other.map(|(product, opens, max_share, cost)| Other {
            uses: (product, 1.5),
            opens,
            max_share,
            cost: f64::from(cost),
        });
        Demand { region, amount, value, military, late_cost, growth, uses, other, tiers }
    }
}

prop_compose! {
    fn stock()(
        region in market(),
        product in product(),
        initial in 0..25_u8,
        room in option::weighted(0.5, 0..15_u8),
        holding in select(&[0.0, 1.0, 6.0][..]),
        target in select(&[0.0, 4.0, 15.0][..]),
        shortfall in select(&[0.0, 3.0, 30.0][..]),
        origin in option::of(origin()),
        strategic in prop::bool::weighted(0.35),
    ) -> Stock {
        let target = if strategic { 0.0 } else { target };
        let (initial, room) = (f64::from(initial), room.map(f64::from));
        Stock { region, product, initial, room, holding, target, shortfall, origin, strategic }
    }
}

fn control() -> impl Strategy<Value = Effect> {
    let shares = (share(), share(), select(&[0.0, 0.0, 0.25][..]));
    let delay = select(&[0.0, 0.0, 0.0, 30.0, 40.0][..]);
    (origin(), product(), option::weighted(0.3, market()), shares, delay).prop_map(
        |(by, on, to, (civil, military, leakage), delay_days)| Effect::Control {
            by,
            on,
            to,
            civil,
            military,
            leakage,
            delay_days,
        },
    )
}

fn origin_rule() -> impl Strategy<Value = Effect> {
    let process = option::weighted(0.3, 0..PROCESSES.len());
    (market(), product(), origin(), prop::bool::weighted(0.7), process)
        .prop_map(|(by, on, origin, military, process)| Effect::Origin { by, on, origin, military, process })
}

fn content_rule() -> impl Strategy<Value = Effect> {
    let process = option::weighted(0.3, 0..PROCESSES.len());
    (origin(), product(), share(), select(&[1.0, 1.0, 0.5][..]), share(), process).prop_map(
        |(by, on, allow, compliance, military, process)| Effect::Content {
            by,
            on,
            allow,
            compliance,
            military,
            process,
        },
    )
}

fn effect() -> impl Strategy<Value = Effect> {
    let rate = || select(&[0.1, 1.0, 5.0][..]);
    prop_oneof![
        4 => control(),
        2 => (option::of(origin()), product(), option::weighted(0.3, market()), yearly(0, 10))
            .prop_map(|(by, on, to, amount)| Effect::Quota { by, on, to, amount }),
        1 => (market(), product(), option::of(origin()), rate())
            .prop_map(|(by, on, origin, rate)| Effect::Tariff { by, on, origin, rate }),
        1 => (origin(), product(), rate()).prop_map(|(by, on, rate)| Effect::Tax { by, on, rate }),
        3 => origin_rule(),
        3 => content_rule(),
        1 => (0..8_usize, share()).prop_map(|(site, remaining)| Effect::Outage { site, remaining }),
        1 => (0..8_usize, select(&[0.0, 0.5, 1.5, 3.0][..])).prop_map(|(demand, factor)| Effect::Shift { demand, factor }),
        1 => (0..8_usize, 1..3_u8)
            .prop_map(|(site, amount)| Effect::Support { site, amount: f64::from(amount) * 0.75 }),
        2 => (market(), product(), option::of(yearly(1, 10)))
            .prop_map(|(region, product, rate)| Effect::Release { region, product, rate }),
    ]
}

prop_compose! {
    fn measure()(
        effect in effect(),
        from in option::weighted(0.6, 0..12_usize),
        life in option::weighted(0.5, 1..10_usize),
        announced in option::weighted(0.4, 0..9_usize),
        until_announced in option::weighted(0.5, 0..12_usize),
    ) -> Measure {
        Measure { effect, from, until: life.map(|life| from.unwrap_or(0) + life), announced, until_announced }
    }
}

prop_compose! {
    fn truce()(
        suspends in 0..8_usize,
        from in 0..10_usize,
        life in 1..8_usize,
        extended in option::of(1..6_usize),
    ) -> Truce {
        Truce { suspends, from, until: from + life, extended: extended.map(|more| from + life + more) }
    }
}

/// A lane like this one for the products up to `most`, between all regions.
fn between_all(lane: &Lane, most: usize) -> Vec<Lane> {
    let regions = 0..REGIONS.len();
    let pairs = regions.clone().flat_map(|from| regions.clone().map(move |to| (from, to)));
    let pairs = pairs.filter(|(from, to)| from != to);
    pairs.flat_map(|(from, to)| (0..most).map(move |product| Lane { product, from, to, ..lane.clone() })).collect()
}

/// Moves a measure to where there is something for it to act on.
fn on_target(mut measure: Measure, lanes: &[Lane], demands: &[Demand], stocks: &[Stock]) -> Measure {
    match &mut measure.effect {
        Effect::Control { by, on, to, .. } => {
            let lane = &lanes[(*by * 7 + *on) % lanes.len()];
            (*by, *on, *to) = (lane.from, lane.product, to.map(|_| lane.to));
        }
        Effect::Quota { by, on, .. } => {
            let lane = &lanes[(by.unwrap_or(3) * 7 + *on) % lanes.len()];
            (*by, *on) = (by.map(|_| lane.from), lane.product);
        }
        Effect::Content { by, on, .. } => {
            *on = lanes[(*by * 7 + *on) % lanes.len()].product;
        }
        Effect::Origin { by, on, military, .. } => {
            let demand = &demands[(*by * 7 + *on) % demands.len()];
            (*by, *on, *military) = (demand.region, demand.uses[0].0, demand.military);
        }
        Effect::Release { region, product, .. } => {
            if let Some(stock) = stocks.iter().find(|s| s.strategic) {
                (*region, *product) = (stock.region, stock.product);
            }
        }
        _ => {}
    }
    measure
}

/// At most this many rules that tag, so that the full space stays small.
const RULES: usize = 2;

prop_compose! {
    pub fn drafts()(
        step in select(&["month", "month", "month", "week", "quarter"][..]),
        steps in 2..=5_usize,
        discount in select(&[0.0, 0.05, 0.2][..]),
        terminal in select(&[0.0, 0.5, 1.0, 1.0][..]),
        prices in vec((1..12_u8, select(&[0.0, 0.3, 1.0, 1.0][..])), PRODUCTS.len()),
        chain in (site(0), site(1), site(2)),
        more_sites in vec((0..PROCESSES.len()).prop_flat_map(site), 0..=4),
        lanes in vec(lane(), 3..=10),
        everywhere in option::weighted(0.6, (lane(), 1..4_usize)),
        demands in vec(demand(), 1..=3),
        stocks in vec(stock(), 0..=4),
        measures in vec(measure(), 1..=5),
        truce in option::weighted(0.4, truce()),
    ) -> Draft {
        let mut rules = 0;
        let measures = measures.into_iter().filter(|m| {
            let tags = matches!(m.effect, Effect::Origin { .. } | Effect::Content { .. });
            rules += usize::from(tags);
            !tags || rules <= RULES
        });
        let mut lanes = lanes;
        for lane in everywhere.iter().flat_map(|(lane, most)| between_all(lane, *most)) {
            lanes.push(lane);
        }
        let measures: Vec<Measure> = measures.map(|m| on_target(m, &lanes, &demands, &stocks)).collect();
        Draft {
            step,
            steps,
            discount,
            terminal,
            products: prices.into_iter().map(|(price, reexport)| (f64::from(price), reexport)).collect(),
            measures,
            sites: [chain.0, chain.1, chain.2].into_iter().chain(more_sites).collect(),
            lanes,
            demands,
            stocks,
            truce,
        }
    }
}

/// How the tables are written, without changing what they say.
#[derive(Clone, Debug)]
pub struct Style {
    /// Units of each product that make one unit of the draft.
    pub units: [f64; 4],
    /// Shuffles the rows of every table in which order has no meaning.
    pub shuffle: Option<u64>,
}

impl Default for Style {
    fn default() -> Self {
        Style { units: [1.0; 4], shuffle: None }
    }
}

fn day(tens: usize) -> Date {
    // Weeks, months and quarters alike: short runs see few of the later days.
    (0..tens * 10).fold(START, |day, _| day.tomorrow().unwrap())
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// Puts rows into an order that only the seed decides.
fn shuffled(mut rows: Vec<String>, seed: Option<u64>) -> Vec<String> {
    let Some(mut state) = seed else { return rows };
    for i in (1..rows.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(i, (state >> 33) as usize % (i + 1));
    }
    rows
}

impl Draft {
    /// The files of the model and its scenario, as text.
    pub fn files(&self, style: &Style) -> MemoryFiles {
        let mut files = MemoryFiles::default();
        let manifest = format!(
            "format = 1\nname = \"Random\"\nstart = {START}\nstep = \"{}\"\nsteps = {}\ncurrency = \"USD\"\n\
             discount_rate = {}\nterminal_value = {}\n",
            self.step, self.steps, self.discount, self.terminal
        );
        files.insert("m/model.toml", manifest);
        let mut table = |name: &str, header: &str, rows: Vec<String>, order_matters: bool| {
            let rows = if order_matters { rows } else { shuffled(rows, style.shuffle) };
            files.insert(&format!("m/{name}.csv"), format!("{header}\n{}\n", rows.join("\n")));
        };
        let unit = |product: usize| style.units[product];
        table("regions", "id", REGIONS.iter().map(|r| r.to_string()).collect(), false);
        let products = self.products.iter().enumerate();
        let products = products
            .map(|(p, (price, reexport))| format!("{},t,{},{},{reexport}", PRODUCTS[p], PRODUCTS[p], price / unit(p)));
        table("products", "id,unit,stage,price,reexport", products.collect(), false);
        let processes = PROCESSES.iter().flat_map(|(id, recipe)| {
            recipe.iter().map(move |(p, amount)| format!("{id},{},{}", PRODUCTS[*p], amount * style.units[*p]))
        });
        table("processes", "process,product,amount", processes.collect(), false);
        let sites = self.sites.iter().enumerate().map(|(s, site)| {
            let processes: Vec<&str> = site.processes.iter().map(|q| PROCESSES[*q].0).collect();
            format!(
                "s{s},{},{},{},{},{},{},{},{},{},{}",
                processes.join(";"),
                REGIONS[site.region],
                site.capacity,
                site.cost,
                cell(site.opens.map(day)),
                cell(site.closes.map(day)),
                site.ramp,
                site.lead_days,
                cell(site.made),
                site.minimum
            )
        });
        let header = "id,process,region,capacity,cost,opens,closes,ramp_months,lead_days,made,minimum";
        table("sites", header, sites.collect(), false);
        let mut lanes: Vec<String> = Vec::new();
        let mut known = Vec::new();
        for lane in &self.lanes {
            let key = (lane.product, lane.from, lane.to);
            if known.contains(&key) {
                continue;
            }
            known.push(key);
            let k = unit(lane.product);
            lanes.push(format!(
                "{},{},{},{},{},{},{},{},{}",
                PRODUCTS[lane.product],
                REGIONS[lane.from],
                REGIONS[lane.to],
                lane.lead_days,
                lane.cost / k,
                cell(lane.capacity.map(|c| c * k)),
                cell(lane.flow.map(|c| c * k)),
                cell(lane.military.map(|c| c * k)),
                cell(lane.growth.map(|c| c * k))
            ));
        }
        table("lanes", "product,from,to,lead_days,cost,capacity,flow,military,growth", lanes, false);
        let demands = self.demands.iter().enumerate().map(|(d, demand)| {
            let end_use = if demand.military { "military" } else { "civil" };
            let (region, late) = (REGIONS[demand.region], cell(demand.late_cost));
            format!("d{d},{region},{},{},{end_use},{late},{}", demand.amount, demand.value, demand.growth)
        });
        table("demands", "id,region,amount,value,end_use,late_cost,growth", demands.collect(), false);
        let mut uses = Vec::new();
        let mut options = Vec::new();
        let mut tiers = Vec::new();
        for (d, demand) in self.demands.iter().enumerate() {
            for (p, amount) in &demand.uses {
                uses.push(format!("d{d},{},{},base", PRODUCTS[*p], amount * unit(*p)));
            }
            if let Some(other) = &demand.other {
                let (p, amount) = other.uses;
                uses.push(format!("d{d},{},{},other", PRODUCTS[p], amount * unit(p)));
                options.push(format!("d{d},other,{},{},{}", cell(other.opens.map(day)), other.max_share, other.cost));
            }
            if demand.tiers {
                tiers.extend([format!("d{d},0.25,0.5"), format!("d{d},0.75,1.25")]);
            }
        }
        table("uses", "demand,product,amount,option", uses, false);
        table("options", "demand,option,opens,max_share,cost", options, false);
        table("tiers", "demand,share,factor", tiers, true);
        let mut stocks = Vec::new();
        let mut known = Vec::new();
        for stock in &self.stocks {
            let key = (stock.region, stock.product, stock.strategic);
            if known.contains(&key) {
                continue;
            }
            known.push(key);
            let k = unit(stock.product);
            stocks.push(format!(
                "{},{},{},{},{},{},{},{},{}",
                REGIONS[stock.region],
                PRODUCTS[stock.product],
                stock.initial * k,
                cell(stock.room.map(|room| (stock.initial.max(stock.target) + room) * k)),
                stock.holding / k,
                stock.target * k,
                stock.shortfall / k,
                cell(stock.origin.map(|r| REGIONS[r])),
                if stock.strategic { "strategic" } else { "commercial" }
            ));
        }
        let header = "region,product,initial,capacity,holding_cost,target,shortfall_cost,origin,kind";
        table("stocks", header, stocks, false);
        files.insert("m/scenario.toml", self.scenario(style));
        files
    }

    fn scenario(&self, style: &Style) -> String {
        let mut text = "name = \"Random\"\n".to_string();
        let measures = self.measures.iter().enumerate().map(|(m, measure)| {
            let from = measure.from.unwrap_or(0);
            let announced = measure.announced.map(|before| from.saturating_sub(before));
            let known = announced.unwrap_or(from);
            let until = measure.until.filter(|_| measure.until_announced.is_some());
            let dates = [
                ("from", measure.from),
                ("until", measure.until),
                ("announced", announced),
                ("until_announced", until.map(|until| until.min(known + measure.until_announced.unwrap_or(0)))),
            ];
            let dates = dates.iter().filter_map(|(key, tens)| tens.map(|tens| format!("{key} = {}\n", day(tens))));
            format!("\n[[measure]]\nid = \"m{m}\"\n{}{}", dates.collect::<String>(), self.keys(&measure.effect, style))
        });
        let measures = shuffled(measures.collect(), style.shuffle);
        text.extend(measures);
        if let Some(truce) = self.truce.as_ref().filter(|_| !self.measures.is_empty()) {
            let suspends = truce.suspends % self.measures.len();
            let (from, until) = (day(truce.from), day(truce.until));
            text +=
                &format!("\n[[truce]]\nid = \"truce\"\nsuspends = [\"m{suspends}\"]\nfrom = {from}\nuntil = {until}\n");
            if let Some(extended) = truce.extended {
                text += &format!("extensions = [{{ until = {} }}]\nextended = 1\n", day(extended));
            }
        }
        text
    }

    fn keys(&self, effect: &Effect, style: &Style) -> String {
        let region = |r: usize| format!("\"{}\"", REGIONS[r]);
        let some = |r: Option<usize>| r.map_or("\"*\"".to_string(), region);
        let product = |p: usize| format!("\"{}\"", PRODUCTS[p]);
        let process = |q: Option<usize>| q.map(|q| format!("processes = \"{}\"\n", PROCESSES[q].0)).unwrap_or_default();
        let site = |s: usize| s % self.sites.len();
        match effect {
            Effect::Control { by, on, to, civil, military, leakage, delay_days } => format!(
                "kind = \"export-control\"\nby = {}\non = {}\nto = {}\nallow_civil = {civil}\nallow_military = {military}\n\
                 leakage = {leakage}\ndelay_days = {delay_days}\n",
                region(*by),
                product(*on),
                some(*to)
            ),
            Effect::Quota { by, on, to, amount } => format!(
                "kind = \"quota\"\nby = {}\non = {}\nto = {}\namount = {}\n",
                some(*by),
                product(*on),
                some(*to),
                amount * style.units[*on]
            ),
            Effect::Tariff { by, on, origin, rate } => format!(
                "kind = \"tariff\"\nby = {}\non = {}\norigin = {}\nrate = {rate}\n",
                region(*by),
                product(*on),
                some(*origin)
            ),
            Effect::Tax { by, on, rate } => {
                format!("kind = \"export-tax\"\nby = {}\non = {}\nrate = {rate}\n", region(*by), product(*on))
            }
            Effect::Origin { by, on, origin, military, process: q } => format!(
                "kind = \"origin-rule\"\nby = {}\non = {}\norigin = {}\nend_use = \"{}\"\n{}",
                region(*by),
                product(*on),
                region(*origin),
                if *military { "military" } else { "civil" },
                process(*q)
            ),
            Effect::Content { by, on, allow, compliance, military, process: q } => format!(
                "kind = \"content-rule\"\nby = {}\non = {}\nallow = {allow}\ncompliance = {compliance}\n\
                 allow_military = {military}\n{}",
                region(*by),
                product(*on),
                process(*q)
            ),
            Effect::Outage { site: s, remaining } => {
                format!("kind = \"outage\"\nsites = \"s{}\"\nremaining = {remaining}\n", site(*s))
            }
            Effect::Shift { demand, factor } => {
                format!("kind = \"demand-shift\"\ndemands = \"d{}\"\nfactor = {factor}\n", demand % self.demands.len())
            }
            Effect::Support { site: s, amount } => {
                format!("kind = \"support\"\nsites = \"s{}\"\namount = {amount}\n", site(*s))
            }
            Effect::Release { region: r, product: p, rate } => {
                let rate = rate.map(|rate| format!("rate = {}\n", rate * style.units[*p])).unwrap_or_default();
                format!("kind = \"release\"\nregion = {}\nproducts = {}\n{rate}", region(*r), product(*p))
            }
        }
    }

    /// Writes the tables and reads them back. A draft is always valid.
    pub fn input(&self, style: &Style) -> (Model, Scenario) {
        let files = self.files(style);
        let mut report = Report::default();
        let model = read_model(&files, "m", &mut report);
        let scenario = model.as_ref().and_then(|m| read_scenario(&files, "m/scenario.toml", m, &mut report));
        match (model, scenario) {
            (Some(model), Some(scenario)) => (model, scenario),
            _ => panic!("{}", report.render(false, 100)),
        }
    }

    /// The files as they would stand on a disk, for the message of a failing case.
    pub fn text(&self) -> String {
        let files = self.files(&Style::default());
        files.0.iter().map(|(path, bytes)| format!("--- {path}\n{}", String::from_utf8_lossy(bytes))).collect()
    }
}
