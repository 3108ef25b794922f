//! `--ranges`: how far the shortage of each demand can go either way at nearly the same cost.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::ranges::ranges;
use coercivity_engine::results::summary::Summary;
use coercivity_engine::solve::Settings;
use common::{Case, outcome};

/// One step, 10 units of supply, needs of 10 each at the given values.
fn case(values: [f64; 2]) -> Case {
    let mut case = Case { path: "ranges".into(), files: Default::default(), expectations: Vec::new() };
    let mut file = |name: &str, text: String| case.files.insert(&format!("m/{name}"), text);
    file("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 1\n".to_string());
    file("regions.csv", "id\nA\n".to_string());
    file("products.csv", "id,unit,stage,price\nore,t,ore,0\n".to_string());
    file("processes.csv", "process,product,amount\ndig,ore,1\n".to_string());
    file("sites.csv", "id,process,region,capacity\nmine,dig,A,120\n".to_string());
    file("demands.csv", format!("id,region,amount,value\na,A,120,{}\nb,A,120,{}\n", values[0], values[1]));
    file("uses.csv", "demand,product,amount\na,ore,1\nb,ore,1\n".to_string());
    case
}

fn ranges_of(values: [f64; 2]) -> Vec<(String, f64, f64)> {
    let (model, scenario) = case(values).input(None).unwrap();
    let found = outcome(&model, &scenario, Foresight::Perfect, true);
    let objective = Summary::new(&model, &scenario, &found, String::new()).objective;
    let ranges = ranges(&model, &found, objective, Settings::default(), &|_, _| {}).unwrap();
    ranges.into_iter().map(|(id, r)| (id, r.least, r.greatest)).collect()
}

#[test]
fn equal_needs_share_a_shortage_in_any_way() {
    // 20 needed, 10 there: whoever is short, the optimum is 1,000. So either can miss 0 to 10; which
    // of the two the solver left short is its own affair.
    for (id, least, greatest) in ranges_of([100.0, 100.0]) {
        assert!(least.abs() < 1e-2 && (greatest - 10.0).abs() < 1e-2, "{id}: {least} to {greatest}");
    }
}

#[test]
fn a_dearer_need_is_short_only_within_the_slack() {
    // b misses all 10 at 100 each, 1,000 in all; moving one unit to a costs 100 more. The slack is
    // 0.0001 x 1,000 = 0.1, a thousandth of a unit.
    let found = ranges_of([200.0, 100.0]);
    assert_eq!(found.len(), 1);
    let (id, least, greatest) = &found[0];
    assert_eq!(id, "b");
    assert!((least - 9.999).abs() < 1e-4 && (greatest - 10.0).abs() < 1e-4, "{least} to {greatest}");
}
