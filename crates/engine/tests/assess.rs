//! The assessment of a supply, against a small model by hand.

mod common;

use coercivity_engine::assess::mitigation::{Change, Kind};
use coercivity_engine::assess::{Asked, Assessment, assess};
use coercivity_engine::results::summary::costs;
use coercivity_engine::solve::Settings;
use coercivity_engine::{Foresight, Outcome};
use coercivity_model::{Model, Scenario};
use common::Case;

/// A maker uses 10 magnets a week for 30 weeks and has 20. An ally makes 3 a week at most, of oxide of which it has 6
/// and separates 2 a week: 66 magnets in all. So 86 units are met and 214 are not, which costs 1,000 each; nothing else
/// costs anything.
const TABLES: &[(&str, &str)] = &[
    (
        "model.toml",
        "format = 1\nstart = 2025-01-01\nstep = \"week\"\nsteps = 30\nterminal_value = 0\ndiscount_rate = 0\n",
    ),
    ("regions.csv", "id\nHOME\nALLY\nELSE\n"),
    ("products.csv", "id,unit,stage,price\nox,t,oxide,10\nmag,t,magnet,100\n"),
    ("processes.csv", "process,product,amount\nsep,ox,1\nmake,ox,-1\nmake,mag,1\n"),
    ("sites.csv", ALLY),
    ("lanes.csv", "product,from,to,flow\nox,ELSE,ALLY,\nmag,ALLY,HOME,\nmag,ELSE,HOME,\n"),
    ("demands.csv", "id,region,amount,value\nneed,HOME,521.4285714285714,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,mag,1\n"),
    ("stocks.csv", "region,product,initial\nHOME,mag,20\nALLY,ox,6\n"),
];

/// A year of 365/7 weeks: capacities of 2 and 3 a week.
const ALLY: &str = "id,process,region,capacity,owner\nsep-ally,sep,ALLY,104.28571428571429,Ally\n\
                    make-ally,make,ALLY,156.42857142857142,\n";
/// Both at 100 a week more, elsewhere.
const ELSE: &str = "sep-else,sep,ELSE,5214.285714285715,\nmake-else,make,ELSE,5214.285714285715,\n";

/// Of a tenth of the need, half a magnet will do.
const THRIFT: &[(&str, &str)] = &[
    ("uses.csv", "demand,product,amount,option\nneed,mag,1,base\nneed,mag,0.5,thrift\n"),
    ("options.csv", "demand,option,max_share\nneed,thrift,0.1\n"),
];

fn input(changes: &[(&str, &str)], scenario: Option<&str>) -> (Model, Scenario) {
    let mut case = Case { path: "assess".into(), files: Default::default(), expectations: Vec::new() };
    TABLES.iter().chain(changes).for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    case.input(scenario).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

fn assessed(model: &Model, scenario: &Scenario) -> Assessment {
    let asked = Asked { model, scenario, needs: &[0], settings: Settings::default() };
    assess(asked, &()).unwrap_or_else(|error| panic!("{error:?}"))
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * b.abs().max(1.0)
}

fn objective(outcome: &Outcome) -> f64 {
    let (costs, unmet) = costs(outcome);
    costs.total() + unmet
}

#[test]
fn the_map_says_where_what_was_used_was_made() {
    let (model, scenario) = input(&[], None);
    let found = assessed(&model, &scenario);
    let product = &found.map.products[0];
    assert!(near(product.quantity, 86.0), "{product:?}");
    let stages: Vec<&str> = product.stages.iter().map(|stage| stage.stage.as_str()).collect();
    assert_eq!(stages, ["oxide", "magnet"]);
    // 20 magnets were there, and of the other 66 six are of oxide that was there.
    for (stage, unknown) in product.stages.iter().zip([26.0 / 86.0, 20.0 / 86.0]) {
        assert!(near(stage.unknown, unknown) && stage.other == 0.0, "{stage:?}");
        assert_eq!(stage.countries.len(), 1);
        let ally = &stage.countries[0];
        assert!(ally.region == "ALLY" && near(ally.share, 1.0 - unknown), "{ally:?}");
        assert!(near(ally.quantity, 86.0 * (1.0 - unknown)), "{ally:?}");
    }
    let sites: Vec<(&str, bool)> = found.map.sites.iter().map(|s| (s.site.as_str(), s.one_firm)).collect();
    assert_eq!(sites, [("sep-ally", true), ("make-ally", false)]);
    assert!(near(found.map.sites[0].capacity, 365.0 / 7.0 * 2.0));
    assert_eq!((found.evidence.owners_unknown, found.evidence.sites), (1, 2));
    // All of it is made in one country.
    assert!(found.factors.stages.iter().all(|stage| near(stage.hhi, 1.0) && stage.n1 == Some(0.0)));
    assert_eq!(found.factors.single[0].into, ["mag"]);
}

#[test]
fn a_need_survives_twenty_sevenths_of_a_week_without_the_country_that_makes_the_most() {
    let sites = format!("{ALLY}{ELSE}");
    let (model, scenario) = input(&[("sites.csv", &sites)], None);
    let found = assessed(&model, &scenario);
    let view = found.vulnerability.expect("the need can be met");
    assert_eq!(view.nothing_lost.survives_steps, 30.0);
    // Without its oxide Else makes no magnets, and sends no oxide to the ally, who could make 90 magnets of it.
    for (id, at_risk) in [("ELSE:oxide", 214_000.0), ("ELSE:magnet", 190_000.0)] {
        let one = view.nodes.iter().find(|one| one.node == id).unwrap();
        assert!(near(one.survives_steps, 20.0 / 7.0), "{id}: {}", one.survives_steps);
        assert!(near(one.value_at_risk, at_risk) && one.exposed, "{id}: {}", one.value_at_risk);
    }
    assert!(found.never_met.is_empty() && found.needs[0].short.is_none());
}

#[test]
fn a_need_that_is_short_from_the_start_is_named_and_has_nothing_to_survive() {
    let (model, scenario) = input(&[("stocks.csv", "region,product,initial\nALLY,ox,6\n")], None);
    let found = assessed(&model, &scenario);
    assert!(found.vulnerability.is_none());
    assert_eq!(found.never_met, ["need"]);
    assert_eq!(found.needs[0].short.as_ref().unwrap().first, model.start);
    // And yet there is something that helps: 90 days of use, in a stock that was not there.
    let best = &found.mitigation.measures[0];
    assert!(best.id == "stock:mag" && near(best.saves, 1000.0 * 90.0 * 10.0 / 7.0), "{best:?}");
}

#[test]
fn what_would_help_is_ranked_by_what_it_saves() {
    let (model, scenario) = input(THRIFT, None);
    let found = assessed(&model, &scenario).mitigation;
    // Thrift serves a unit a week of half a magnet: 86 magnets meet 30 + 71 units.
    assert!(near(found.cost, 199_000.0) && near(found.needs_cost, 199_000.0), "{}", found.cost);
    let list: Vec<(&str, f64)> = found.measures.iter().map(|m| (m.id.as_str(), m.saves)).collect();
    let expected = [
        // Each magnet more meets a unit: 90 days of 10 a week are 128.57.
        ("stock:mag", 1000.0 * 90.0 * 10.0 / 7.0),
        // 30 units more of half a magnet leave 15 magnets to 15 units.
        ("option:thrift", 15_000.0),
        // 0.2 a week more for 30 weeks. More room to make magnets does not help, so it is not tried.
        ("capacity:sep-ally", 6_000.0),
    ];
    assert_eq!(list.len(), expected.len(), "{list:?}");
    for ((id, saves), (wanted, exact)) in list.iter().zip(expected) {
        assert!(*id == wanted && near(*saves, exact), "{id}: {saves}, not {exact}");
    }
    assert!(found.measures.iter().all(|m| near(m.saves, m.saves_needs)));
    let stock = &found.measures[0];
    assert!(stock.kind == Kind::Stock && near(stock.buying.unwrap(), 100.0 * 90.0 * 10.0 / 7.0));
    // Holding costs nothing here, which nobody knows to be so; nor what capacity costs.
    assert_eq!((stock.holding, found.measures[2].buying), (None, None));
    assert!(stock.days_later.unwrap() > 0, "{stock:?}");
}

#[test]
fn a_change_saves_what_a_full_run_of_the_changed_model_does() {
    let ban = "[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"ALLY\"\non = \"mag\"\nfrom = 2025-04-01\n";
    let scenario = format!("name = \"ban\"\n{ban}");
    let changes: Vec<(&str, &str)> = THRIFT.iter().copied().chain([("s.toml", scenario.as_str())]).collect();
    for named in [None, Some("s.toml")] {
        let (model, scenario) = input(&changes, named);
        let found = assessed(&model, &scenario);
        let as_is = objective(&common::outcome(&model, &scenario, Foresight::Perfect, true));
        let region = model.demands[0].region;
        let product = model.products.iter().position(|p| p.id == "mag").unwrap();
        let stock = Change::Stock { product, added: vec![(region, 90.0 * 10.0 / 7.0)] };
        let option = model.demands[0].options.iter().position(|o| o.id == "thrift").unwrap();
        let options = Change::Options { id: "thrift".into(), of: vec![(0, option)] };
        let site = model.sites.iter().position(|s| s.id == "sep-ally").unwrap();
        for (id, change) in
            [("stock:mag", stock), ("option:thrift", options), ("capacity:sep-ally", Change::Capacity { site })]
        {
            let Some(tried) = found.mitigation.measures.iter().find(|m| m.id == id) else {
                // What binds nowhere is not tried.
                assert!(named.is_some() && id.starts_with("capacity"), "{id}");
                continue;
            };
            let with = objective(&common::outcome(&change.applied(&model), &scenario, Foresight::Perfect, true));
            assert!(near(tried.saves, as_is - with), "{id}: {} and {}", tried.saves, as_is - with);
        }
        assert_eq!(found.factors.measures.len(), usize::from(named.is_some()));
    }
}
