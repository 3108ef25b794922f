//! How long supply lasts without a node, against cases by hand.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::node::Node;
use coercivity_engine::run::Setup;
use coercivity_engine::solve::Settings;
use coercivity_engine::survive::{Question, Survivals, SurviveError, survive};
use coercivity_model::{Model, Scenario};
use common::Case;

/// METHODS, section 2: a maker uses 10 magnets a week and has 20; an ally makes 3 a week of oxide, of which it
/// has 6 and separates 2 a week. All the rest comes from elsewhere.
const TABLES: &[(&str, &str)] = &[
    (
        "model.toml",
        "format = 1\nstart = 2025-01-01\nstep = \"week\"\nsteps = 30\nterminal_value = 0\ndiscount_rate = 0\n",
    ),
    ("regions.csv", "id\nHOME\nALLY\nELSE\n"),
    ("products.csv", "id,unit,stage,price\nox,t,oxide,10\nmag,t,magnet,100\n"),
    ("processes.csv", "process,product,amount\nsep,ox,1\nmake,ox,-1\nmake,mag,1\n"),
    // A year of 365/7 weeks: capacities of 2, 3 and 100 a week.
    (
        "sites.csv",
        "id,process,region,capacity,owner\nsep-ally,sep,ALLY,104.28571428571429,Ally\n\
         make-ally,make,ALLY,156.42857142857142,Ally\nsep-else,sep,ELSE,5214.285714285715,\n\
         make-else,make,ELSE,5214.285714285715,\n",
    ),
    ("lanes.csv", "product,from,to,flow\nox,ELSE,ALLY,\nmag,ALLY,HOME,\nmag,ELSE,HOME,\n"),
    ("demands.csv", "id,region,amount,value\nneed,HOME,521.4285714285714,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,mag,1\n"),
    ("stocks.csv", "region,product,initial\nHOME,mag,20\nALLY,ox,6\n"),
];

fn input(changes: &[(&str, &str)]) -> (Model, Scenario) {
    let mut case = Case { path: "survive".into(), files: Default::default(), expectations: Vec::new() };
    TABLES.iter().chain(changes).for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    case.input(None).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

fn answer(changes: &[(&str, &str)], nodes: &[&str], question: Question) -> Result<(Model, Survivals), SurviveError> {
    let (model, scenario) = input(changes);
    let nodes: Vec<Node> = nodes.iter().map(|id| Node::parse(&model, id).unwrap()).collect();
    let setup = Setup {
        foresight: Foresight::Announced,
        settings: Settings::default(),
        prune: true,
        without: None,
        clock: &|| 0.0,
        progress: &(),
    };
    let found = survive(&model, &scenario, &question, &nodes, &setup, &|_, _| ())?;
    Ok((model, found))
}

fn for_good() -> Question {
    Question { at: 0, recover: None, demands: None }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * b.abs().max(1.0)
}

#[test]
fn stock_and_an_ally_last_for_twenty_sevenths_of_a_week() {
    let (_, found) = answer(&[], &["ELSE", "make-else"], for_good()).unwrap();
    assert_eq!(found.base.lasts.length(), 30.0);
    for survival in &found.nodes {
        assert_eq!(survival.lasts.steps, 2);
        assert!(near(survival.lasts.length(), 20.0 / 7.0), "{:?}", survival.lasts);
        assert_eq!(survival.short, [(0, 1.0)]);
    }
}

#[test]
fn what_is_lost_grows_with_the_time_to_recover() {
    for (weeks, lost) in [(2, 0.0), (4, 8.0), (8, 38.0), (12, 70.0)] {
        let (_, found) = answer(&[], &["ELSE"], Question { recover: Some(weeks), ..for_good() }).unwrap();
        let one = &found.nodes[0];
        let units: f64 = one.lost.iter().map(|l| l.units).sum();
        assert!(near(units, lost), "{weeks} weeks: {units}");
        // Each lost unit costs 1,000, and nothing else costs anything.
        assert!(near(one.value_at_risk, 1000.0 * lost), "{weeks} weeks: {}", one.value_at_risk);
        let expected = if lost == 0.0 { 30.0 } else { 20.0 / 7.0 };
        assert!(near(one.lasts.length(), expected), "{weeks} weeks: {:?}", one.lasts);
    }
}
