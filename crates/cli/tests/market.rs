//! `run --method market` and `both`, and `backcast`, as people and programs meet them.

mod common;

use std::collections::BTreeMap;

use coercivity_model::calendar::{days_after, days_between, parse_date};
use common::{Files, World, contents, root};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_market_writes_the_tables_of_every_run_and_its_own() {
    let world = World::new(&Files::tiny());
    for out in ["a", "b"] {
        world.ok(&["run", "m", "--scenario", "cut", "--method", "market", "--out", out]);
    }
    let (a, b) = (contents(&world.path("a")), contents(&world.path("b")));
    let names: Vec<&str> = a.keys().map(String::as_str).filter(|name| name.ends_with(".csv")).collect();
    let expected = [
        "cover.csv",
        "demand.csv",
        "flows.csv",
        "licences.csv",
        "lost.csv",
        "market_prices.csv",
        "options.csv",
        "prices.csv",
        "sites.csv",
        "stocks.csv",
    ];
    assert_eq!(names, expected);
    for name in &names {
        assert_eq!(a[*name], b[*name], "{name}: the same input gives the same bytes");
    }
    let summary = json(std::str::from_utf8(&a["summary.json"]).unwrap());
    assert_eq!((&summary["method"], &summary["status"]), (&"market".into(), &"simulated".into()));
    assert_eq!(summary["command"], "coercivity run m --scenario cut --method market");
    // Four months are 120 days, seventeen whole weeks.
    assert_eq!(summary["unmet"]["need"].as_array().unwrap().len(), 17);
}

#[test]
fn both_methods_stand_side_by_side_with_the_price_of_disorder() {
    let world = World::new(&Files::tiny());
    let ran = world.ok(&["run", "m", "--scenario", "cut", "--method", "both", "--json", "--out", "out"]);
    let both = json(&ran.stdout);
    for key in ["objective", "unmet_value"] {
        let [market, optimal, price] =
            [&both["market"][key], &both["optimal"][key], &both["price_of_disorder"][key]].map(|v| v.as_f64().unwrap());
        assert_eq!(price, market - optimal, "{key}");
    }
    for file in ["optimal/summary.json", "market/summary.json", "optimal/demand.csv", "market/lost.csv"] {
        assert!(world.path("out").join(file).is_file(), "{file}");
    }
    let said = world.ok(&["run", "m", "--scenario", "cut", "--method", "both"]).stdout;
    assert!(said.contains("What disorder costs: "), "{said}");
    assert!(said.contains("The optimum is in steps of a month, the market in weeks"), "{said}");
}

#[test]
fn options_that_mean_nothing_together_are_refused() {
    let world = World::new(&Files::tiny());
    for (options, word) in
        [(["--method", "market", "--ranges"], "--ranges"), (["--method", "both", "--xlsx=b.xlsx"], "--xlsx")]
    {
        let ran = world.run(&[&["run", "m"][..], &options].concat());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(word), "{}", ran.stderr);
    }
    assert!(!world.path("results").exists(), "nothing is written");
}

#[test]
fn behaviour_that_does_not_exist_is_told_with_a_remedy() {
    let mut files = Files::tiny();
    files.put("scenarios/odd.toml", "name = \"Odd\"\n[behaviour]\nhording = 2.0\npriority = 3.0\n");
    files.put(
        "behaviour.toml",
        "[hoarding]\nvalue = 1.0\nlow = 2.0\nhigh = 3.0\nsource = \"x\"\nconfidence = \"assumed\"\n[fear]\nvalue = 1.0\n",
    );
    let world = World::new(&files);
    let ran = world.run(&["run", "m", "--scenario", "odd", "--method", "market"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("behaviour-with-problems", ran.stderr);
}

#[test]
fn a_backcast_replays_what_a_run_of_its_scenario_writes() {
    let world = World::new(&Files::tiny());
    let folder = root().join("models/magnets");
    let scenario = folder.join("backcasts/2025-licences.scenario.toml");
    let (folder, scenario) = (folder.to_str().unwrap(), scenario.to_str().unwrap());
    world.ok(&["run", folder, "--scenario", scenario, "--method", "market", "--out", "out"]);
    // Units that leave China a day, by the first day of the week.
    let mut a_day: BTreeMap<String, f64> = BTreeMap::new();
    let mut flows = csv::Reader::from_path(world.path("out").join("flows.csv")).unwrap();
    for row in flows.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        if row["from"] == "CHN" && row["product"].starts_with("mag-") {
            *a_day.entry(row["date"].clone()).or_default() += row["quantity"].parse::<f64>().unwrap() / 7.0;
        }
    }
    let found = json(&world.ok(&["backcast", "2025-licences", "--json", "--svg", "picture.svg"]).stdout);
    assert!(std::fs::read_to_string(world.path("picture.svg")).unwrap().starts_with("<svg"));
    for row in found["rows"].as_array().unwrap() {
        let [from, until] = ["from", "until"].map(|key| parse_date(row[key].as_str().unwrap()).unwrap());
        let sum: f64 = a_day
            .iter()
            .map(|(first, units)| {
                let first = parse_date(first).unwrap();
                units * days_between(first.max(from), days_after(first, 7).min(until)).max(0) as f64
            })
            .sum();
        let replayed = row["replayed"].as_f64().unwrap();
        assert!((replayed - sum).abs() < 1e-6 * sum, "{from}: {replayed}, and {sum} in the table");
    }
    let metrics = found["metrics"].as_array().unwrap();
    assert!(metrics.iter().all(|metric| metric["naive"] != metric["replayed"]));
}

#[test]
fn backcasts_say_what_they_hit_and_miss() {
    let world = World::new(&Files::tiny());
    for name in ["2025-licences", "2010-crisis"] {
        insta::assert_snapshot!(format!("backcast-{name}"), world.ok(&["backcast", name]).stdout);
    }
    let ran = world.run(&["backcast", "2010-crises"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("use `2010-crisis`"), "{}", ran.stderr);
}

#[test]
fn why_goes_back_to_the_measure_that_caused_it() {
    // The ban holds from April on, when the truce is over: what BBB has lasts for two weeks, then nothing comes.
    let world = World::new(&Files::tiny());
    for method in ["market", "optimal"] {
        let args = ["why", "need", "--model", "m", "--scenario", "cut", "--at", "2025-04-20", "--method", method];
        let found = json(&world.ok(&[&args[..], &["--json"]].concat()).stdout);
        assert_eq!(found["short"], true, "{method}");
        let link = &found["chain"][0];
        assert_eq!((&link["region"], &link["product"]), (&"BBB".into(), &"metal".into()), "{method}");
        assert_eq!((&link["source"]["lane_from"], &link["measures"]), (&"AAA".into(), &serde_json::json!(["ban"])));
        assert_eq!(found["causes"][0]["measure"], "ban");
        // Nothing else limits the need, but for a little that people who do not plan let go short.
        let [unmet, without] = ["unmet", "unmet_without_measures"].map(|key| found[key].as_f64().unwrap());
        assert!(
            without < if method == "market" { 0.1 * unmet } else { 1e-6 },
            "{method}: {without}, with measures {unmet}"
        );
        assert!(found["causes"][0]["unmet_without"].as_f64().unwrap() < found["unmet"].as_f64().unwrap());
        insta::assert_snapshot!(format!("why-{method}"), world.ok(&args).stdout);
    }
    let args = ["why", "need", "--model", "m", "--scenario", "cut", "--at", "2025-02-20", "--method", "optimal"];
    let said = world.ok(&args).stdout;
    assert!(said.contains("not short on 2025-02-20"), "{said}");
    let ran = world.run(&["why", "nead", "--model", "m", "--at", "2026-02-20"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("use `need`") && ran.stderr.contains("lies outside the model"), "{}", ran.stderr);
}
