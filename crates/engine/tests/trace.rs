//! Where used goods were made, against shares by hand.
//!
//! Mines in A and B dig 6 and 4 t of ore in each step, C separates it, and D, a month away, makes magnets from
//! the oxide, and oxide again from the fifth of them that is left as swarf. D needs 12 t of magnets in each step.
//! So in each step 10 t of oxide come from C, and 2 are made of swarf. What comes in the first step was under way
//! at the start.

mod common;

use std::collections::BTreeMap;

use coercivity_engine::program::Column;
use coercivity_engine::results::carried_out;
use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::view::view;
use coercivity_engine::trace::origins::{Origin, Passed, origins};
use coercivity_engine::trace::{Chain, EndlessLoop, Trace, trace};
use coercivity_engine::{Foresight, Outcome};
use coercivity_model::{Model, Scenario};
use common::{Case, files_below, outcome, root};

const TABLES: &[(&str, &str)] = &[
    ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 2\nterminal_value = 0\n"),
    ("regions.csv", "id\nA\nB\nC\nD\n"),
    (
        "products.csv",
        "id,unit,stage,price\nore,t,ore,10\nox,t,oxide,100\nmag,t,magnet,1000\nswarf,t,scrap,1\ndy,t,oxide,300\n",
    ),
    (
        "processes.csv",
        "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,1\nmake,ox,-1\nmake,mag,1\nmake,swarf,0.2\n\
         rec,swarf,-1\nrec,ox,1\n",
    ),
    (
        "sites.csv",
        "id,process,region,capacity,cost\nmine-a,dig,A,72,1\nmine-b,dig,B,48,1\nsep-c,sep,C,240,1\n\
         make-d,make,D,240,1\nrec-d,rec,D,240,500\n",
    ),
    ("lanes.csv", "product,from,to,lead_days,cost,flow\nore,A,C,0,1,72\nore,B,C,0,1,48\nox,C,D,30,1,120\n"),
    ("demands.csv", "id,region,amount,value\nneed,D,144,100000\n"),
    ("uses.csv", "demand,product,amount\nneed,mag,1\n"),
];

fn input(changes: &[(&str, &str)]) -> (Model, Scenario) {
    let mut case = Case { path: "trace".into(), files: Default::default(), expectations: Vec::new() };
    for (name, text) in TABLES.iter().chain(changes) {
        case.files.insert(&format!("m/{name}"), *text);
    }
    case.input(None).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

fn run(changes: &[(&str, &str)]) -> (Model, Outcome) {
    let (model, scenario) = input(changes);
    let outcome = outcome(&model, &scenario, Foresight::Perfect, true);
    (model, outcome)
}

/// "ore A > oxide C", by share, of what was used in a step; `> use` for the last.
fn shares(model: &Model, trace: &Trace, step: usize) -> BTreeMap<String, f64> {
    let name = |node: usize| {
        let node = trace.nodes[node];
        let region = node.region.map_or("?", |r| &model.regions[r].id);
        format!("{} {region}", trace.chain.stages[node.stage])
    };
    let used: Vec<_> = trace.used.iter().filter(|used| used.step == step).collect();
    assert_eq!(used.len(), 1, "one need of one product");
    let links = used[0].mix.links.iter().map(|(link, share)| {
        let link = trace.links[*link];
        (format!("{} > {}", name(link.from), name(link.to)), *share)
    });
    links.chain(used[0].mix.made.iter().map(|(node, share)| (format!("{} > use", name(*node)), *share))).collect()
}

fn assert_shares(found: &BTreeMap<String, f64>, wanted: &[(&str, f64)]) {
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let mut sorted: Vec<(&str, f64)> = wanted.to_vec();
    sorted.sort_by_key(|(name, _)| *name);
    assert_eq!(names, sorted.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, share) in sorted {
        assert!((found[name] - share).abs() < 1e-6, "{name}: {} and not {share}", found[name]);
    }
}

#[test]
fn shares_follow_the_goods_through_lead_times_and_recycling() {
    let (model, outcome) = run(&[]);
    let trace = trace(&model, &outcome).unwrap();
    let first = [
        ("oxide ? > magnet D", 10.0 / 12.0),
        ("scrap D > oxide D", 2.0 / 12.0),
        ("oxide D > magnet D", 2.0 / 12.0),
        ("magnet D > use", 1.0),
    ];
    assert_shares(&shares(&model, &trace, 0), &first);
    let second = [
        ("ore A > oxide C", 0.6 * 10.0 / 12.0),
        ("ore B > oxide C", 0.4 * 10.0 / 12.0),
        ("oxide C > magnet D", 10.0 / 12.0),
        ("scrap D > oxide D", 2.0 / 12.0),
        ("oxide D > magnet D", 2.0 / 12.0),
        ("magnet D > use", 1.0),
    ];
    assert_shares(&shares(&model, &trace, 1), &second);
    let quantities: Vec<f64> = trace.used.iter().map(|used| used.quantity).collect();
    assert!(quantities.iter().all(|q| (q - 12.0).abs() < 1e-6), "{quantities:?}");
}

#[test]
fn inputs_count_by_what_they_are_worth() {
    // A tonne of magnets takes 0.9 t of oxide at 100 and 0.1 t of dy at 300, made in A: 90 and 30 of 120.
    let processes = "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,1\ndigdy,dy,1\nmake,ox,-0.9\n\
                     make,dy,-0.1\nmake,mag,1\n";
    let sites = "id,process,region,capacity,cost\nmine-b,dig,B,480,1\nsep-c,sep,C,240,1\nmake-d,make,D,240,1\n\
                 dy-a,digdy,A,240,1\n";
    let lanes = "product,from,to,lead_days,cost\nore,B,C,0,1\nox,C,D,0,1\ndy,A,D,0,1\n";
    let (model, outcome) = run(&[("processes.csv", processes), ("sites.csv", sites), ("lanes.csv", lanes)]);
    let wanted = [
        ("ore B > oxide C", 0.75),
        ("oxide C > magnet D", 0.75),
        ("oxide A > magnet D", 0.25),
        ("magnet D > use", 1.0),
    ];
    assert_shares(&shares(&model, &trace(&model, &outcome).unwrap(), 0), &wanted);
}

#[test]
fn what_stock_gives_is_counted_and_its_making_is_unknown() {
    // Nothing is dug: 12 t of magnets lie in D, of which each step needs 6 and takes them.
    let sites = "id,process,region,capacity,cost\nmine-a,dig,A,0,1\nmake-d,make,D,240,1\nsep-c,sep,C,240,1\n";
    let changes = [
        ("sites.csv", sites),
        ("lanes.csv", "product,from,to,lead_days,cost\nore,A,C,0,1\n"),
        ("stocks.csv", "region,product,initial,capacity\nD,mag,12,100\n"),
        ("demands.csv", "id,region,amount,value\nneed,D,72,100000\n"),
    ];
    let (model, outcome) = run(&changes);
    let trace = trace(&model, &outcome).unwrap();
    for step in 0..2 {
        assert_shares(&shares(&model, &trace, step), &[("magnet ? > use", 1.0)]);
    }
    assert!(trace.used.iter().all(|used| (used.from_stock - 1.0).abs() < 1e-6));
}

#[test]
fn a_stage_that_goods_may_skip_is_passed_through() {
    // Ore becomes oxide in C at once, or by way of a concentrate made in B.
    let products = "id,unit,stage,price\nore,t,ore,10\nconc,t,intermediate,50\nox,t,oxide,100\n";
    let processes = "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,1\nenrich,ore,-1\nenrich,conc,1\n\
                     finish,conc,-1\nfinish,ox,1\n";
    let sites = "id,process,region,capacity,cost\nmine-a,dig,A,240,1\nmine-b,dig,B,240,1\nsep-c,sep,C,72,1\n\
                 enrich-b,enrich,B,240,1\nfinish-c,finish,C,240,9\n";
    let changes = [
        ("products.csv", products),
        ("processes.csv", processes),
        ("sites.csv", sites),
        ("lanes.csv", "product,from,to,lead_days,cost\nore,A,C,0,1\nconc,B,C,0,1\n"),
        ("demands.csv", "id,region,amount,value\nneed,C,144,100000\n"),
        ("uses.csv", "demand,product,amount\nneed,ox,1\n"),
    ];
    let (model, outcome) = run(&changes);
    let chain = Chain::new(&model);
    let columns: Vec<_> = chain.stages.iter().map(String::as_str).zip(chain.column.clone()).collect();
    assert_eq!(columns, [("ore", Some(0)), ("intermediate", None), ("oxide", Some(1))]);
    let wanted = [("ore A > oxide C", 0.5), ("ore B > oxide C", 0.5), ("oxide C > use", 1.0)];
    assert_shares(&shares(&model, &trace(&model, &outcome).unwrap(), 0), &wanted);
}

#[test]
fn steps_within_a_stage_count_by_what_they_are_worth() {
    // B makes cells of ore, C packs of two cells each: a pack is worth 1,000 and its cells 2 x 200, so that 0.4
    // of it is made in B. The ore of A is in the cells alone.
    let products = "id,unit,stage,price\nore,t,ore,10\ncell,t,part,200\npack,t,part,1000\n";
    let processes = "process,product,amount\ndig,ore,1\nbake,ore,-1\nbake,cell,1\npack,cell,-2\npack,pack,1\n";
    let sites = "id,process,region,capacity,cost\nmine-a,dig,A,480,1\nbake-b,bake,B,480,1\npack-c,pack,C,240,1\n";
    let changes = [
        ("products.csv", products),
        ("processes.csv", processes),
        ("sites.csv", sites),
        ("lanes.csv", "product,from,to,lead_days,cost\nore,A,B,0,1\ncell,B,C,0,1\n"),
        ("demands.csv", "id,region,amount,value\nneed,C,144,100000\n"),
        ("uses.csv", "demand,product,amount\nneed,pack,1\n"),
    ];
    let (model, outcome) = run(&changes);
    let wanted = [("ore A > part B", 0.4), ("part B > use", 0.4), ("part C > use", 0.6)];
    assert_shares(&shares(&model, &trace(&model, &outcome).unwrap(), 0), &wanted);
}

#[test]
fn a_loop_that_nothing_enters_is_an_error() {
    let lanes = "product,from,to,lead_days,cost,flow\nore,A,C,0,1,72\nore,B,C,0,1,48\nox,C,D,30,1,120\n\
                 mag,D,C,0,1,\nmag,C,D,0,1,\n";
    let demands = "id,region,amount,value\nneed,D,144,100000\nother,C,12,1\n";
    let changes = [
        ("lanes.csv", lanes),
        ("demands.csv", demands),
        ("uses.csv", "demand,product,amount\nneed,mag,1\nother,mag,1\n"),
    ];
    let (model, mut outcome) = run(&changes);
    assert!(trace(&model, &outcome).is_ok());
    // No optimum does that: 5 t of magnets go from D to C and back, and nothing else is done.
    let plan = &mut outcome.plans[0];
    for (column, value) in plan.program.columns.iter().zip(&mut plan.solution.columns) {
        let magnets = |crossing: usize| {
            let lane = &model.lanes[outcome.space.crossings[crossing].lane];
            model.products[lane.product].id == "mag"
        };
        *value = match column {
            Column::Flow { crossing, step: 1 } if magnets(*crossing) => 5.0,
            _ => 0.0,
        };
    }
    let product = model.products.iter().position(|p| p.id == "mag").unwrap();
    let found = trace(&model, &outcome).unwrap_err();
    assert_eq!((found.product, found.step), (product, 1), "{found:?}");
    let EndlessLoop { region, .. } = found;
    assert!(["C", "D"].contains(&model.regions[region].id.as_str()));
}

/// All that goes into a node comes from somewhere known or from nowhere known, and goes on or is used.
#[test]
fn what_goes_into_a_country_goes_on_from_it() {
    let mut seen = 0;
    for path in files_below(&root().join("tests/cases"), "md") {
        let case = Case::read(&path);
        for expectation in &case.expectations {
            let Ok((model, scenario)) = case.input(case.scenario_name(expectation).as_deref()) else { continue };
            let outcome = outcome(&model, &scenario, Foresight::Announced, true);
            let trace = trace(&model, &outcome).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
            for used in &trace.used {
                seen += 1;
                let made: f64 = used.mix.made.iter().map(|(_, share)| share).sum();
                assert!((made - 1.0).abs() < 1e-6, "{}: {made}", path.display());
                let mut left: BTreeMap<usize, f64> = used.mix.made.iter().copied().collect();
                for (link, share) in &used.mix.links {
                    *left.entry(trace.links[*link].from).or_default() += share;
                    *left.entry(trace.links[*link].to).or_default() -= share;
                }
                assert!(left.values().all(|share| *share > -1e-6), "{}: {left:?}", path.display());
            }
        }
    }
    assert!(seen > 100, "only {seen} uses were seen");
}

#[test]
fn the_view_adds_up() {
    let (model, outcome) = run(&[]);
    let summary = Summary::new(&model, &Scenario::default(), &outcome, "coercivity run".to_string());
    let view = view(&model, &Scenario::default(), &outcome, &summary);
    assert_eq!(view.flows.len(), 1);
    let flows = &view.flows[0];
    assert_eq!((flows.stage.as_str(), flows.unit.as_str(), flows.measure), ("magnet", "t", "quantity"));
    assert_eq!(flows.columns, ["ore and scrap", "oxide", "magnet"]);
    let nodes: Vec<String> = flows.nodes.iter().map(|n| format!("{} {} {}", n.column, n.stage, n.region)).collect();
    assert_eq!(nodes, ["0 ore A", "0 ore B", "0 scrap D", "1 oxide C", "1 oxide D", "1 oxide stock", "2 magnet D"]);
    assert_eq!(flows.groups.len(), 1);
    assert_eq!((flows.groups[0].id.as_str(), &flows.groups[0].met), ("D-civil", &vec![12.0, 12.0]));
    let flow = |from: usize, to| {
        let link = flows.links.iter().find(|l| (l.from, l.to) == (from, to)).expect("the link is there");
        link.flow.clone()
    };
    assert_eq!(flow(0, Some(3)), [0.0, 6.0]);
    assert_eq!(flow(5, Some(6)), [10.0, 0.0]);
    assert_eq!(flow(6, None), [12.0, 12.0]);
    let oxide = view.stages.iter().find(|made| made.stage == "oxide").unwrap();
    // 10 t in C and 2 in D, at 100.
    assert_eq!((oxide.made["C"].clone(), oxide.made["D"].clone()), (vec![1000.0, 0.0], vec![200.0, 200.0]));
}

/// "ore A", "oxide ?" (at the start), "ore -" (not through it): share of what was used in a step, by stage.
fn by_stage(model: &Model, outcome: &Outcome, step: usize) -> BTreeMap<String, f64> {
    let found = origins(model, outcome, Some(0)).unwrap();
    let used: Vec<_> = found.of(0).filter(|((_, _, at), _)| *at == step).map(|(_, used)| used).collect();
    assert_eq!(used.len(), 1, "one product");
    let mut shares = BTreeMap::new();
    for (passed, units) in used[0].passed.iter().filter(|(passed, _)| matches!(passed, Passed::Stage(_))) {
        assert_adds_up(units.values(), used[0].quantity);
        for (origin, units) in units {
            let place = match origin {
                Origin::Region(region) => &model.regions[*region].id,
                Origin::Start => "?",
                Origin::Other => "-",
            };
            shares.insert(format!("{} {place}", found.name(model, *passed)), units / used[0].quantity);
        }
    }
    shares
}

fn assert_adds_up<'a>(units: impl Iterator<Item = &'a f64>, total: f64) {
    let sum: f64 = units.sum();
    assert!((sum - total).abs() <= 1e-9 * total.max(1e-9), "{sum} and not {total}");
}

#[test]
fn scrap_carries_the_ore_of_what_it_fell_from() {
    let (model, outcome) = run(&[]);
    // At the start 10 of 12 t of oxide are unknown, and the other 2 are of the swarf of these magnets: x = 10/12 + 2/12 x.
    let first = [
        ("ore ?", 1.0),
        ("scrap ?", 10.0 / 12.0),
        ("scrap D", 2.0 / 12.0),
        ("oxide ?", 10.0 / 12.0),
        ("oxide D", 2.0 / 12.0),
        ("magnet D", 1.0),
    ];
    assert_shares(&by_stage(&model, &outcome, 0), &first);
    // Then 6 and 4 t of ore for 10 t of oxide, and the loop carries the same.
    let second = [
        ("ore A", 0.6),
        ("ore B", 0.4),
        ("scrap -", 10.0 / 12.0),
        ("scrap D", 2.0 / 12.0),
        ("oxide C", 10.0 / 12.0),
        ("oxide D", 2.0 / 12.0),
        ("magnet D", 1.0),
    ];
    assert_shares(&by_stage(&model, &outcome, 1), &second);
}

/// One product, dug in A and B, that lanes without a lead carry between C and D.
const LANES_ONLY: &[(&str, &str)] = &[
    ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 1\nterminal_value = 0\n"),
    ("products.csv", "id,unit,stage,price\nore,t,ore,10\n"),
    ("processes.csv", "process,product,amount\ndig,ore,1\n"),
    ("sites.csv", "id,process,region,capacity,cost\nmine-a,dig,A,480,1\nmine-b,dig,B,480,1\n"),
    ("lanes.csv", "product,from,to,lead_days,cost\nore,A,C,0,1\nore,B,D,0,1\nore,C,D,0,1\nore,D,C,0,1\n"),
    ("demands.csv", "id,region,amount,value\nneed,C,12,1000\nother,D,12,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,ore,1\nother,ore,1\n"),
];

/// The same with other flows than any optimum has: by lane, and by mine.
fn with_flows(changes: &[(&str, &str)], flows: &[(&str, &str, f64)], dug: &[(&str, f64)]) -> (Model, Outcome) {
    let (model, mut outcome) = run(&[LANES_ONLY, changes].concat());
    let id = |region: usize| model.regions[region].id.as_str();
    let plan = &mut outcome.plans[0];
    for (column, value) in plan.program.columns.iter().zip(&mut plan.solution.columns) {
        match column {
            Column::Flow { crossing, .. } => {
                let lane = &model.lanes[outcome.space.crossings[*crossing].lane];
                let flow = flows.iter().find(|(from, to, _)| (*from, *to) == (id(lane.from), id(lane.to)));
                *value = flow.map_or(0.0, |(_, _, units)| *units);
            }
            Column::Activity { run, .. } => {
                let site = &model.sites[outcome.space.runs[*run].site].id;
                *value = dug.iter().find(|(mine, _)| mine == site).map_or(0.0, |(_, units)| *units);
            }
            _ => {}
        }
    }
    (model, outcome)
}

#[test]
fn what_goes_to_and_fro_is_two_thirds_and_one_third() {
    // C gets 1 of A and 1 from D, D gets 1 of B and 1 from C; each uses 1. x = (a + y) / 2, y = (b + x) / 2.
    let flows = [("A", "C", 1.0), ("B", "D", 1.0), ("C", "D", 1.0), ("D", "C", 1.0)];
    let (model, outcome) = with_flows(&[], &flows, &[("mine-a", 1.0), ("mine-b", 1.0)]);
    let shares = by_stage(&model, &outcome, 0);
    let exact = [("ore A", 2.0 / 3.0), ("ore B", 1.0 / 3.0)];
    assert_shares(&shares, &exact);
    exact.iter().for_each(|(name, share)| assert!((shares[*name] - share).abs() < 1e-12));
}

#[test]
fn a_loop_that_little_enters_is_still_exact() {
    // Of 100,001 t in C, 100,000 come from D, which gets 100,000 from C and 3 of B: a tonne goes round some 25,000 times.
    let flows = [("A", "C", 1.0), ("B", "D", 3.0), ("C", "D", 1e5), ("D", "C", 1e5)];
    let (model, outcome) = with_flows(&[], &flows, &[("mine-a", 1.0), ("mine-b", 3.0)]);
    // x = (a + n y) / (n + 1), y = (3 b + n x) / (n + 3): x (1 - n n / ((n + 1) (n + 3))) = a / (n + 1) + ...
    let n = 1e5;
    let wanted = (n + 3.0) / (4.0 * n + 3.0);
    let shares = by_stage(&model, &outcome, 0);
    assert!((shares["ore A"] - wanted).abs() < 1e-12 * wanted, "{} and not {wanted}", shares["ore A"]);
    assert!(trace(&model, &outcome).is_ok());
}

#[test]
fn a_gambler_among_countries_is_ruined_as_often_as_he_should() {
    // In each of three countries a unit came from either neighbour; A and B are the ends.
    let regions = "id\nA\nC\nD\nE\nB\n";
    let lanes = "product,from,to,lead_days,cost\nore,A,C,0,1\nore,C,D,0,1\nore,D,C,0,1\nore,D,E,0,1\nore,E,D,0,1\nore,B,E,0,1\n";
    for (place, wanted) in [("C", 0.75), ("D", 0.5), ("E", 0.25)] {
        let demands = format!("id,region,amount,value\nneed,{place},12,1000\nc,C,1,900\nd,D,1,900\ne,E,1,900\n");
        let uses = "demand,product,amount\nneed,ore,1\nc,ore,1\nd,ore,1\ne,ore,1\n";
        let changes =
            [("regions.csv", regions), ("lanes.csv", lanes), ("demands.csv", demands.as_str()), ("uses.csv", uses)];
        let flows = ["A C", "C D", "D C", "D E", "E D", "B E"].map(|way| (&way[..1], &way[2..], 1.0));
        let (model, outcome) = with_flows(&changes, &flows, &[("mine-a", 1.0), ("mine-b", 1.0)]);
        let shares = by_stage(&model, &outcome, 0);
        assert!((shares["ore A"] - wanted).abs() < 1e-12, "{place}: {shares:?}");
        assert!((shares["ore B"] + wanted - 1.0).abs() < 1e-12, "{place}: {shares:?}");
    }
}

#[test]
fn magnets_that_are_made_of_magnets_are_of_the_same_ore() {
    // 0.99 t of swarf falls from each tonne of magnets and becomes 0.99 t of oxide: a hundredth is new.
    let processes = "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,1\nmake,ox,-1\nmake,mag,1\n\
                     make,swarf,0.99\nrec,swarf,-1\nrec,ox,1\n";
    let sites = "id,process,region,capacity,cost\nmine-a,dig,A,0.6,1\nmine-b,dig,B,48,2\nsep-c,sep,C,240,1\n\
                 make-d,make,D,240,1\nrec-d,rec,D,240,0\n";
    let lanes = "product,from,to,lead_days,cost\nore,A,C,0,1\nore,B,C,0,1\nox,C,D,0,1\n";
    let (model, outcome) = run(&[("processes.csv", processes), ("sites.csv", sites), ("lanes.csv", lanes)]);
    // 0.12 t of ore in a step, of which A has 0.05.
    let shares = by_stage(&model, &outcome, 1);
    for (name, wanted) in [
        ("ore A", 5.0 / 12.0),
        ("ore B", 7.0 / 12.0),
        ("oxide C", 0.01),
        ("oxide D", 0.99),
        ("scrap D", 0.99),
        ("scrap -", 0.01),
    ] {
        assert!((shares[name] - wanted).abs() < 1e-9, "{name}: {} and not {wanted}", shares[name]);
    }
}

#[test]
fn stock_mixes_with_what_is_made_month_by_month() {
    // 12 t of unknown making lie in C and must lie there at the end; in each of three steps A sends 12 t and 12 are used.
    // Of 24 t half is kept: 1/2, 1/4, 1/8 of what is used was there at the start.
    let changes = [
        ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 3\nterminal_value = 1\n"),
        ("sites.csv", "id,process,region,capacity,cost\nmine-a,dig,A,144,1\n"),
        ("lanes.csv", "product,from,to,lead_days,cost\nore,A,C,0,1\n"),
        ("stocks.csv", "region,product,initial,capacity,target,shortfall_cost\nC,ore,12,12,12,10000\n"),
        ("demands.csv", "id,region,amount,value\nneed,C,144,1000\n"),
        ("uses.csv", "demand,product,amount\nneed,ore,1\n"),
    ];
    let (model, outcome) = run(&[LANES_ONLY, &changes].concat());
    for (step, old) in [0.5, 0.25, 0.125].into_iter().enumerate() {
        assert_shares(&by_stage(&model, &outcome, step), &[("ore A", 1.0 - old), ("ore ?", old)]);
    }
    let total = origins(&model, &outcome, Some(0)).unwrap().over(0, 0..3);
    assert!((total[0].quantity - 36.0).abs() < 1e-6);
    assert!((total[0].units(Passed::Stage(0), Origin::Start) - 10.5).abs() < 1e-6);
}

#[test]
fn a_stage_that_some_skip_has_a_share_that_did_not_pass_it() {
    let products = "id,unit,stage,price\nore,t,ore,10\nconc,t,intermediate,50\nox,t,oxide,100\n";
    let processes = "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,1\nenrich,ore,-1\nenrich,conc,1\n\
                     finish,conc,-1\nfinish,ox,1\n";
    let sites = "id,process,region,capacity,cost\nmine-a,dig,A,240,1\nmine-b,dig,B,240,1\nsep-c,sep,C,72,1\n\
                 enrich-b,enrich,B,240,1\nfinish-c,finish,C,240,9\n";
    let changes = [
        ("products.csv", products),
        ("processes.csv", processes),
        ("sites.csv", sites),
        ("lanes.csv", "product,from,to,lead_days,cost\nore,A,C,0,1\nconc,B,C,0,1\n"),
        ("demands.csv", "id,region,amount,value\nneed,C,144,100000\n"),
        ("uses.csv", "demand,product,amount\nneed,ox,1\n"),
    ];
    let (model, outcome) = run(&changes);
    let wanted = [("ore A", 0.5), ("ore B", 0.5), ("intermediate B", 0.5), ("intermediate -", 0.5), ("oxide C", 1.0)];
    assert_shares(&by_stage(&model, &outcome, 0), &wanted);
}

#[test]
fn a_loop_that_nothing_enters_has_no_origin() {
    // 5 t go from C to D and back, and nothing is dug.
    let (model, outcome) = with_flows(&[], &[("C", "D", 5.0), ("D", "C", 5.0)], &[]);
    let Err(found) = origins(&model, &outcome, None) else { panic!("it has no answer") };
    assert_eq!((found.product, found.step), (0, 0));
    let message = found.message(&model);
    assert!(
        message.starts_with("ore in C goes round in a loop that nothing of worth enters, in the step from 2025-01-01"),
        "{message}"
    );
}

/// Shares add up to 1 of each stage and product, and what is used is what the table of options says.
#[test]
fn origins_add_up_to_what_is_used() {
    let mut seen = 0;
    for path in files_below(&root().join("tests/cases"), "md") {
        let case = Case::read(&path);
        for expectation in &case.expectations {
            let Ok((model, scenario)) = case.input(case.scenario_name(expectation).as_deref()) else { continue };
            let outcome = outcome(&model, &scenario, Foresight::Announced, true);
            let found = origins(&model, &outcome, None).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
            let mut wanted: BTreeMap<(usize, usize, usize), f64> = BTreeMap::new();
            for (_, _, column, value) in carried_out(&outcome) {
                let Column::Met { demand, option, step } = column else { continue };
                for (product, amount) in &model.demands[demand].options[option].uses {
                    *wanted.entry((demand, *product, step)).or_default() += value * amount;
                }
            }
            for (key, used) in &found.used {
                seen += 1;
                let wanted = wanted[key];
                assert!((used.quantity - wanted).abs() < 1e-8 * wanted.max(1.0), "{}: {key:?}", path.display());
                used.passed.iter().for_each(|(_, units)| assert_adds_up(units.values(), used.quantity));
            }
            for (key, units) in wanted.iter().filter(|(_, units)| **units > 1e-6) {
                assert!(found.used.contains_key(key), "{}: {key:?}: {units}", path.display());
            }
        }
    }
    assert!(seen > 100, "only {seen} uses were seen");
}

#[test]
fn a_loop_of_recipes_that_nothing_enters_has_no_origin() {
    // A tonne of oxide gives two of ore, and each of these one of oxide: the need is met out of nothing, and the mine
    // is too dear to be worked.
    let processes = "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,1\nback,ox,-1\nback,ore,2\n";
    let changes = [
        ("products.csv", "id,unit,stage,price\nore,t,ore,10\nox,t,oxide,100\n"),
        ("processes.csv", processes),
        ("sites.csv", "id,process,region,capacity,cost\nmine-c,dig,C,1,1e7\nsep-c,sep,C,480,1\nback-c,back,C,480,1\n"),
        ("lanes.csv", "product,from,to,lead_days,cost\nox,C,D,0,1\n"),
        ("demands.csv", "id,region,amount,value\nneed,C,12,100000\n"),
        ("uses.csv", "demand,product,amount\nneed,ox,1\n"),
    ];
    let (model, outcome) = run(&changes);
    assert!(origins(&model, &outcome, Some(0)).is_err());
}
