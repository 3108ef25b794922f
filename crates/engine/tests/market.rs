//! The method `market` where it can be done by hand. What holds of any model is in `properties/market.rs`.

use coercivity_engine::market::{Market, Record};
use coercivity_engine::program::Column;
use coercivity_model::{MemoryFiles, Report, Scenario, read_model, read_scenario};

/// 3,650 a year are 70 a week. A makes magnets, B needs them, and has two weeks of stock.
const TABLES: &[(&str, &str)] = &[
    ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"week\"\nsteps = 20\n"),
    ("regions.csv", "id\nA\nB\n"),
    ("products.csv", "id,unit,stage,price\nmagnet,t,magnet,100\n"),
    ("processes.csv", "process,product,amount\npress,magnet,1\n"),
    ("sites.csv", "id,process,region,capacity,cost\nworks,press,A,3650,10\n"),
    ("lanes.csv", "product,from,to,lead_days,cost,flow\nmagnet,A,B,0,0,3650\n"),
    ("demands.csv", "id,region,amount,value,end_use\nneed,B,3650,1000,civil\n"),
    ("uses.csv", "demand,product,amount\nneed,magnet,1\n"),
    ("stocks.csv", "region,product,initial\nB,magnet,140\n"),
];

/// Nobody hoards, and no price moves.
const STILL: &str = "[behaviour]\nhoarding = 0.0\nprice_response = 0.0\ndemand_elasticity = 0.0\n";

fn market(changes: &[(&str, &str)], scenario: Option<&str>) -> (Market, Record) {
    let mut files = MemoryFiles::default();
    for (name, text) in TABLES.iter().chain(changes) {
        files.insert(&format!("m/{name}"), *text);
    }
    let mut report = Report::default();
    let model = read_model(&files, "m", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    let scenario = match scenario {
        Some(text) => {
            files.insert("s.toml", text);
            let read = read_scenario(&files, "s.toml", &model, &mut report);
            read.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
        }
        None => Scenario::no_measures(),
    };
    let market = Market::new(&model, &scenario, None);
    let record = market.run(&market.behaviour());
    (market, record)
}

/// Units of a demand that are met, week by week.
fn met(market: &Market, record: &Record, demand: usize) -> Vec<f64> {
    let mut weeks = vec![0.0; market.model.steps()];
    let outcome = market.outcome(record);
    let plan = &outcome.plans[0];
    for (column, value) in plan.program.columns.iter().zip(&plan.solution.columns) {
        if let Column::Met { demand: d, step, .. } = *column
            && d == demand
        {
            weeks[step] += value;
        }
    }
    weeks
}

fn close(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    for (week, (f, w)) in found.iter().zip(wanted).enumerate() {
        assert!((f - w).abs() < 1e-9, "week {week}: {f}, by hand {w}");
    }
}

#[test]
fn where_nothing_happens_nothing_changes() {
    let (market, record) = market(&[], None);
    close(&met(&market, &record, 0), &[70.0; 20]);
    for week in 0..20 {
        assert!((record.price_outside(&market.model, 0, week) - 100.0).abs() < 1e-9);
    }
}

#[test]
fn licences_hold_up_what_waits_and_stocks_bridge_it() {
    // Licences from the fifth week on: an application waits four weeks and is then granted at once. For four weeks nothing
    // comes; two of them are bridged by the stock.
    let scenario = format!(
        "{STILL}[[measure]]\nid = \"queue\"\nkind = \"export-control\"\nby = \"A\"\non = \"magnet\"\nallow_civil = 1.0\n\
         allow_military = 1.0\nlicence_wait_days = 28\ngrant_per_day = 1.0\nfrom = 2025-01-29\n"
    );
    let (market, record) = market(&[], Some(&scenario));
    close(&record.flow.by_week(0)[..9], &[70.0, 70.0, 70.0, 70.0, 0.0, 0.0, 0.0, 0.0, 70.0]);
    close(&met(&market, &record, 0)[..9], &[70.0, 70.0, 70.0, 70.0, 70.0, 70.0, 0.0, 0.0, 70.0]);
    // The orders for the fifth week are the first applications, then each week another one.
    close(&record.sheets.waiting[2..5], &[0.0, 70.0, 140.0]);
}

#[test]
fn half_of_what_has_waited_is_granted_in_a_week() {
    // 1 - (1 - p)^7 = 0.5, and no wait: of the applications of 70 a week, 35, then half of 35 + 70, and so on.
    let p = 1.0 - 0.5_f64.powf(1.0 / 7.0);
    let scenario = format!(
        "{STILL}[[measure]]\nid = \"queue\"\nkind = \"export-control\"\nby = \"A\"\non = \"magnet\"\nallow_civil = 1.0\n\
         allow_military = 1.0\nlicence_wait_days = 0\ngrant_per_day = {p}\nfrom = 2025-01-29\n"
    );
    let (_, record) = market(&[], Some(&scenario));
    close(&record.flow.by_week(0)[3..5], &[70.0, 35.0]);
}

#[test]
fn without_licences_a_control_is_only_its_share() {
    let scenario = format!(
        "{STILL}[[measure]]\nid = \"share\"\nkind = \"export-control\"\nby = \"A\"\non = \"magnet\"\nallow_civil = 0.5\n\
         allow_military = 1.0\nlicences = false\nfrom = 2025-01-29\n"
    );
    let (_, record) = market(&[], Some(&scenario));
    close(&record.flow.by_week(0)[3..8], &[70.0, 35.0, 35.0, 35.0, 35.0]);
    assert!(record.sheets.waiting.iter().all(|waiting| *waiting == 0.0));
}

#[test]
fn what_leaks_comes_later_and_within_the_share() {
    // A ban from the first day: a quarter of the 70 that are blocked in a week is sent four weeks later.
    let scenario = format!(
        "{STILL}leakage_weeks = 4.0\n[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"A\"\non = \"magnet\"\n\
         leakage = 0.25\n"
    );
    let (_, record) = market(&[], Some(&scenario));
    close(&record.flow.by_week(0)[..5], &[0.0, 0.0, 0.0, 0.0, 17.5]);
}

#[test]
fn what_is_scarce_is_shared_in_proportion_or_by_rank() {
    // Two needs of 70 a week and works that make 70.
    let demands = "id,region,amount,value,end_use\ncivil,A,3650,1000,civil\nforces,A,3650,1000,military\n";
    let uses = "demand,product,amount\ncivil,magnet,1\nforces,magnet,1\n";
    let changes = [("demands.csv", demands), ("uses.csv", uses), ("stocks.csv", "region,product,initial\n")];
    for (priority, civil) in [(0.0, 35.0), (0.5, 17.5), (1.0, 0.0)] {
        let (market, record) = market(&changes, Some(&format!("{STILL}priority = {priority:?}\n")));
        close(&met(&market, &record, 0), &[civil; 20]);
        close(&met(&market, &record, 1), &[70.0 - civil; 20]);
    }
}

#[test]
fn a_truce_that_ends_is_prepared_for() {
    // The truce ends in week 12 and nothing says that it is extended: whoever looks 26 weeks ahead wants twice the cover, h = f = 1.
    let scenario = "[behaviour]\nhoarding = 1.0\nfear = 1.0\nfear_weeks = 26.0\nprice_response = 0.0\n\
                    demand_elasticity = 0.0\n[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"A\"\n\
                    on = \"magnet\"\nfrom = 2025-01-01\nannounced = 2025-01-01\n[[truce]]\nid = \"pause\"\nsuspends = \"ban\"\n\
                    from = 2025-01-01\nuntil = 2025-03-26\n";
    let changes = [("sites.csv", "id,process,region,capacity,cost\nworks,press,A,7300,10\n")];
    let (market, record) = market(&changes, Some(scenario));
    let desks = record.sheets.target.len() / market.model.steps();
    let largest = |week: usize| record.sheets.target[week * desks..][..desks].iter().fold(0.0_f64, |a, b| a.max(*b));
    // Two weeks of cover become four.
    assert!((largest(0) - 280.0).abs() < 1e-9, "{}", largest(0));
    // The stock grows toward it, an eighth of the gap in the first order.
    let flow = record.flow.by_week(0);
    assert!(flow[1] > 70.0 && flow[11] > 70.0);
    assert_eq!(flow[12], 0.0, "the truce has ended");
}

#[test]
fn a_market_without_measures_is_written_as_arrays() {
    let (market, _) = market(&[], None);
    let arrays = market.arrays().expect("goods are not told apart");
    // Goods pass from A (0) to B (1), which alone keeps any.
    assert_eq!(arrays["lanes"]["from"], serde_json::json!([0]));
    assert_eq!(arrays["lanes"]["to"], serde_json::json!([1]));
    assert_eq!(arrays["places"]["kept"], serde_json::json!([false, true]));
    assert_eq!(arrays["places"]["stock"], serde_json::json!([0.0, 140.0]));
    assert_eq!(arrays["outputs"]["place"], serde_json::json!([0]));
    assert_eq!(arrays["uses"]["place"], serde_json::json!([1]));
    assert_eq!(arrays["sites"]["capacity"][19], serde_json::json!([3650.0]));
}

#[test]
fn a_market_with_measures_is_not() {
    let control = "name = \"c\"\n[[measure]]\nkind = \"export-control\"\nid = \"c\"\nby = \"A\"\non = [\"magnet\"]\nto = \"B\"\n\
                   from = 2025-02-01\nallow_civil = 0.5\n";
    let (market, _) = market(&[], Some(control));
    assert!(market.arrays().is_none());
}
