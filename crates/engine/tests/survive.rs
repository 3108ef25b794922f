//! How long supply lasts without a node, against cases by hand.

mod common;

use std::collections::BTreeSet;

use coercivity_engine::node::{Loss, Node};
use coercivity_engine::results::summary::{Demands, costs};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::Settings;
use coercivity_engine::survive::{Question, Survivals, SurviveError, survive};
use coercivity_engine::{Foresight, run};
use coercivity_model::model::Tier;
use coercivity_model::{Model, Scenario};
use common::{Case, files_below, root};

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

fn setup(without: Option<Loss>) -> Setup<'static> {
    Setup { without, ..Setup::quiet(Foresight::Announced, Settings::default()) }
}

fn answer(changes: &[(&str, &str)], nodes: &[&str], question: Question) -> Result<(Model, Survivals), SurviveError> {
    let (model, scenario) = input(changes);
    let nodes: Vec<Node> = nodes.iter().map(|id| Node::parse(&model, id).unwrap()).collect();
    let found = survive(&model, &scenario, &question, &nodes, &setup(None), &|_, _| ())?;
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

#[test]
fn the_announced_run_before_the_loss_decides_what_is_in_stock() {
    // Else costs 1 a magnet, money later costs less, and what is in stock at the end earns nothing: so the stock is
    // used first. The week before the loss takes 3 of the ally and 7 of the 20, which leaves 13.
    let sites = TABLES.iter().find(|(name, _)| *name == "sites.csv").unwrap().1;
    let sites = sites.replace("capacity,owner\n", "capacity,owner,cost\n").replace(",Ally\n", ",Ally,0\n");
    let sites = sites.replace("5214.285714285715,\n", "5214.285714285715,,1\n");
    let toml = TABLES[0].1.replace("discount_rate = 0", "discount_rate = 0.05");
    let changes = [("sites.csv", sites.as_str()), ("model.toml", toml.as_str())];
    let (_, found) = answer(&changes, &["ELSE"], Question { at: 1, ..for_good() }).unwrap();
    assert!(near(found.nodes[0].lasts.length(), 13.0 / 7.0), "{:?}", found.nodes[0].lasts);
    // To the end there are 29 weeks.
    assert_eq!(found.base.lasts.length(), 29.0);
}

#[test]
fn what_is_not_used_costs_nothing_and_what_it_names_alike_is_lost_once() {
    let (_, found) =
        answer(&[], &["owner:Ally", "ALLY", "ox:ELSE>ALLY", "ELSE:oxide", "ELSE:magnet"], for_good()).unwrap();
    let by_id = |id: &str| found.nodes.iter().find(|one| one.node.id == id).unwrap();
    for id in ["owner:Ally", "ALLY", "ox:ELSE>ALLY"] {
        assert_eq!((by_id(id).lasts.length(), by_id(id).value_at_risk), (30.0, 0.0), "{id}");
        assert!(by_id(id).short.is_empty() && by_id(id).lost.is_empty(), "{id}");
    }
    // Without oxide or magnets of its own, Else sends nothing.
    for id in ["ELSE:oxide", "ELSE:magnet"] {
        assert!(near(by_id(id).lasts.length(), 20.0 / 7.0), "{id}: {:?}", by_id(id).lasts);
    }
    let (_, found) = answer(&[], &["ELSE:magnet", "make-else"], for_good()).unwrap();
    assert_eq!(found.effort.losses, 1);
    assert_eq!(found.nodes[0].value_at_risk, found.nodes[1].value_at_risk);
}

#[test]
fn a_minimum_goes_with_its_site() {
    // Two mines of one region, one of which must run at half its capacity, in two ways.
    let changes = [
        ("processes.csv", "process,product,amount\nsep,ox,1\nother,ox,2\nmake,ox,-1\nmake,mag,1\n"),
        (
            "sites.csv",
            "id,process,region,capacity,minimum\nsep-ally,sep;other,ALLY,1000,0.5\nsep-else,sep,ELSE,1000,0.5\n\
             make-ally,make,ALLY,1000,\n",
        ),
    ];
    let (_, found) = answer(&changes, &["sep-ally", "sep-else", "ALLY:oxide+ELSE:oxide"], for_good()).unwrap();
    let lasts: Vec<f64> = found.nodes.iter().map(|one| one.lasts.length()).collect();
    assert_eq!(lasts[..2], [30.0, 30.0]);
    // 20 magnets and 6 oxide are 26 units: 2.6 weeks.
    assert!(near(lasts[2], 2.6), "{lasts:?}");
}

#[test]
fn demands_that_nothing_meets_are_left_out_or_refused() {
    let changes = [
        ("demands.csv", "id,region,amount,value\nneed,HOME,521.4285714285714,1000\nhopeless,ALLY,100,5\n"),
        ("uses.csv", "demand,product,amount\nneed,mag,1\n"),
    ];
    let (_, found) = answer(&changes, &["ELSE"], for_good()).unwrap();
    assert_eq!(found.left_out, [1]);
    assert!(near(found.nodes[0].lasts.length(), 20.0 / 7.0));
    let chosen = |list: &[usize]| answer(&changes, &["ELSE"], Question { demands: Some(list.to_vec()), ..for_good() });
    assert!(near(chosen(&[0]).unwrap().1.nodes[0].lasts.length(), 20.0 / 7.0));
    assert_eq!(chosen(&[0, 1]).unwrap_err(), SurviveError::NeverMet(vec![1]));
}

#[test]
fn others_go_without_so_that_the_chosen_stay_met() {
    // Two needs of 5 a week each, of which the first is worth more to the run but the second is asked for.
    let changes = [
        ("demands.csv", "id,region,amount,value\ndear,HOME,260.7142857142857,1000\ncheap,HOME,260.7142857142857,1\n"),
        ("uses.csv", "demand,product,amount\ndear,mag,1\ncheap,mag,1\n"),
    ];
    let lasts = |demands| answer(&changes, &["ELSE"], Question { demands, ..for_good() }).unwrap().1.nodes[0].clone();
    // 20 and 3 a week against 10 and against 5 a week.
    assert!(near(lasts(None).lasts.length(), 20.0 / 7.0));
    let alone = lasts(Some(vec![1]));
    // From the sixth week on there is oxide for 2 a week: 20 + 3 x 6 = 38 magnets in 6 weeks, of which 30 are used.
    assert!(near(alone.lasts.length(), 6.0 + 8.0 / 3.0), "{:?}", alone.lasts);
    assert_eq!(alone.short, [(1, 1.0)]);
    // The value at risk is that of the run all the same: the dear need is served first.
    let value = |survival: &coercivity_engine::survive::Survival, d| {
        survival.lost.iter().find(|lost| lost.demand == d).map_or(0.0, |lost| lost.units)
    };
    assert!(value(&alone, 1) > value(&alone, 0));
}

/// The model up to a step, in which no need is worth giving up.
fn until(model: &Model, steps: usize) -> Model {
    let calendar = coercivity_model::calendar::Calendar::new(model.start, model.step, steps).unwrap();
    Model { calendar, terminal_value: 0.0, ..model.clone() }
}

#[test]
fn runs_without_the_node_say_the_same() {
    let (mut seen, mut ended) = (0, 0);
    for path in files_below(&root().join("tests/cases"), "md") {
        let case = Case::read(&path);
        let names: BTreeSet<Option<String>> = case.expectations.iter().map(|e| case.scenario_name(e)).collect();
        for name in names {
            let Ok((model, scenario)) = case.input(name.as_deref()) else { continue };
            let nodes = [Node::stages(&model), Node::lanes(&model)].concat();
            let Ok(found) = survive(&model, &scenario, &for_good(), &nodes, &setup(None), &|_, _| ()) else { continue };
            let cost = |model: &Model, without| {
                let setup = Setup { foresight: Foresight::Perfect, ..setup(without) };
                let outcome = run(model, &scenario, &setup).unwrap();
                let unmet = Demands::new(model, &outcome).unmet;
                let (costs, unmet_value) = costs(&outcome);
                (costs.total() + unmet_value, unmet)
            };
            let (with, _) = cost(&model, None);
            for one in &found.nodes {
                seen += 1;
                let loss = Loss { node: one.node.clone(), steps: 0..model.steps() };
                let place = format!("{} {name:?} {}: {:?}", path.display(), one.node.id, one.lasts);
                let (without, _) = cost(&model, Some(loss.clone()));
                let at_risk = (without - with).max(0.0);
                let slack = 1e-6 * without.abs().max(1.0);
                assert!((at_risk - one.value_at_risk).abs() <= slack, "{place}: {at_risk} {}", one.value_at_risk);
                // Only what is asked for matters in these runs, and it matters more than anything else.
                let mut only = model.clone();
                for (d, demand) in only.demands.iter_mut().enumerate() {
                    demand.amount *= if found.left_out.contains(&d) { 0.0 } else { 1.0 };
                    (demand.late_cost, demand.value) = (None, 1e6);
                    demand.tiers = vec![Tier { share: 1.0, factor: 1.0 }];
                }
                let short = |steps: usize| {
                    let (_, unmet) = cost(&until(&only, steps), Some(loss.clone()));
                    unmet.iter().flatten().any(|unmet| *unmet > 0.0)
                };
                let whole = one.lasts.steps;
                assert!(whole == 0 || !short(whole), "{place}: short before it ends");
                if whole < model.steps() {
                    ended += 1;
                    assert!(short(whole + 1), "{place}: not short after it ends");
                }
            }
        }
    }
    assert!(seen > 50 && ended > 10, "{seen} nodes, {ended} of which were not survived");
}
