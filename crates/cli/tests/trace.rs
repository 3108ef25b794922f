//! `coercivity trace`: what it prints, what it writes, and what it says of wrong questions.

mod common;

use common::{Files, World, contents};
use serde_json::Value;

/// The tiny model whose metal comes from AAA and, dearer, of scrap of CCC; all prices are what they were.
fn two_makers() -> Files {
    let mut files = Files::tiny();
    files.edit("demands.csv", "id,region,amount,value\n", "id,region,amount,value,name,unit\n");
    files.edit(
        "demands.csv",
        "need,BBB,120,1000",
        "need,BBB,120,1000,western engines,engines\nother,CCC,12,10,lamps,lamps",
    );
    files.add("uses.csv", "other,ore,1\n");
    files.edit(
        "sites.csv",
        "smelter,smelt,AAA,120,20",
        "smelter,smelt,AAA,60,20\nsmelter-c,smelt,CCC,60,30\nmine-c,dig,CCC,120,9",
    );
    files.edit("lanes.csv", "metal,AAA,BBB,30,2,120", "metal,AAA,BBB,0,2,60\nmetal,CCC,BBB,0,2,60\nore,AAA,CCC,0,1,");
    files.put("stocks.csv", "region,product,initial,holding_cost\nBBB,metal,6,12\n");
    files
}

fn shown(world: &World, args: &[&str], columns: &str) -> String {
    let output = world.command(args).env("COLUMNS", columns).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    if let Some(line) = text.lines().find(|line| line.chars().count() > columns.parse().unwrap()) {
        // The command line that gives it again is never broken.
        assert!(line.starts_with("Again:"), "wider than {columns} columns: {line}");
    }
    text
}

#[test]
fn a_trace_reads_well() {
    let world = World::new(&two_makers());
    for columns in ["80", "120"] {
        insta::assert_snapshot!(format!("trace-{columns}-columns"), shown(&world, &["trace", "need", "m"], columns));
    }
    let args = ["trace", "need", "m", "--what-if", "without", "CCC"];
    insta::assert_snapshot!("trace-what-if", shown(&world, &args, "100"));
}

fn json(world: &World, args: &[&str]) -> Value {
    serde_json::from_str(&world.ok(&[args, &["--json"]].concat()).stdout).unwrap()
}

/// Share of an origin in the first product of a part of the answer.
fn share(product: &Value, stage: &str, origin: &str) -> f64 {
    let stages = product["stages"].as_array().unwrap();
    let of = stages.iter().find(|s| s["stage"] == stage).expect("the stage is there");
    let list = of["origins"].as_array().unwrap();
    list.iter().find(|o| o["origin"] == origin).map_or(0.0, |o| o["share"].as_f64().unwrap())
}

#[test]
fn programs_get_shares_and_quantities_of_each_month() {
    let world = World::new(&two_makers());
    let found = json(&world, &["trace", "need", "m"]);
    let product = &found["found"]["products"][0];
    let total = product["quantity"].as_f64().unwrap();
    // 10 t a month, of which 5 are smelted in AAA and 5 in CCC, but for the 6 t that lay in BBB.
    assert!((total - 40.0).abs() < 1e-6, "{total}");
    assert!((found["found"]["met"].as_f64().unwrap() - 40.0).abs() < 1e-6);
    // A little is left in stock at the end, some of it old.
    let old = share(product, "metal", "(start)");
    assert!(old > 0.14 && old <= 6.0 / 40.0, "{old}");
    assert!((share(product, "metal", "AAA") + share(product, "metal", "CCC") + old - 1.0).abs() < 1e-9);
    let months = product["steps"].as_array().unwrap();
    let sum: f64 = months.iter().map(|m| m["quantity"].as_f64().unwrap()).sum();
    assert!(months.len() == 4 && (sum - total).abs() < 1e-9);
    assert_eq!((months[1]["date"].as_str(), months[1]["step"].as_i64()), (Some("2025-02-01"), Some(1)));
    for key in ["model_hash", "scenario_hash", "version", "command"] {
        assert!(found[key].is_string(), "{key}");
    }
    let one = json(&world, &["trace", "need", "m", "--from", "2025-02-01", "--until", "2025-03-01"]);
    assert_eq!(one["found"]["products"][0]["steps"].as_array().unwrap().len(), 1);
    assert_eq!(one["found"]["products"][0]["steps"][0]["stages"], months[1]["stages"]);
}

#[test]
fn without_a_node_nothing_is_of_it() {
    let world = World::new(&two_makers());
    let found = json(&world, &["trace", "need", "m", "--what-if", "without", "CCC:metal"]);
    let (with, without) = (&found["found"], &found["what_if"]["found"]);
    assert_eq!(found["what_if"]["without"], "CCC:metal");
    assert!(share(&with["products"][0], "metal", "CCC") > 0.3);
    assert_eq!(share(&without["products"][0], "metal", "CCC"), 0.0);
    // 5 t a month of AAA, and the 6 t.
    assert!((without["unmet"].as_f64().unwrap() - 14.0).abs() < 1e-6, "{without:#}");
    assert!(with["unmet"].as_f64().unwrap() < 1e-6);
}

#[test]
fn a_folder_has_each_month_and_is_written_with_care() {
    let world = World::new(&two_makers());
    world.ok(&["trace", "need", "m", "--out", "o", "--what-if", "without", "CCC"]);
    let files = contents(&world.path("o"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            ".coercivity-results",
            "trace-without.csv",
            "trace-without.parquet",
            "trace.csv",
            "trace.json",
            "trace.parquet"
        ]
    );
    let text = String::from_utf8(files["trace.csv"].clone()).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("step,date,demand,product,unit,of,passed,origin,share,quantity"));
    assert!(text.contains("0,2025-01-01,need,metal,t,stage,metal,AAA,"), "{text}");
    assert!(text.contains(",stage,metal,(start),"), "{text}");
    world.ok(&["trace", "need", "m", "--out", "o"]);
    assert!(!contents(&world.path("o")).contains_key("trace-without.csv"));
    let again = contents(&world.path("o"));
    world.ok(&["trace", "need", "m", "--out", "o"]);
    assert_eq!(contents(&world.path("o")), again, "the same input gives the same bytes");
    let ran = world.run(&["trace", "need", "m", "--out", "m"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("this program did not write it"), "{}", ran.stderr);
}

#[test]
fn wrong_questions_are_told_with_a_remedy() {
    let world = World::new(&two_makers());
    for (args, code, wanted) in [
        (&["trace", "nead", "m"][..], 1, "error[unknown-id]: there is no demand `nead`"),
        (&["trace", "nead", "m"], 1, "help: use `need`; ids stand in `m/demands.csv`"),
        (&["trace", "quite-another", "m"], 1, "help: ids stand in `m/demands.csv`"),
        (&["trace", "need", "m", "--what-if", "without", "CCD"], 1, "there is no site or region `CCD`"),
        (&["trace", "need", "m", "--what-if", "within", "CCC"], 2, "use `--what-if without CCC`"),
        (&["trace", "need", "m", "--what-if", "without"], 2, "2 values required"),
        (&["trace", "need", "m", "--from", "2031-01-01"], 1, "it runs from January 2025 to April 2025"),
        (&["trace", "need", "m", "--from", "2025-03-01", "--until", "2025-02-01"], 1, "no step of the model lies"),
        (&["trace", "need", "m", "--from", "soon"], 2, "it must be a day of the calendar"),
        (&["trace", "need", "m", "--force"], 2, "--out"),
        (&["trace", "need", "no-model"], 1, "no-model"),
    ] {
        let ran = world.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(wanted), "{args:?}: {}", ran.stderr);
    }
    // All problems at once.
    let ran = world.run(&["trace", "nead", "m", "--what-if", "without", "CCD"]);
    assert!(
        ran.stderr.contains("nead") && ran.stderr.contains("CCD") && ran.stderr.contains("2 errors"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_need_that_is_never_met_has_nothing_to_trace() {
    let mut files = two_makers();
    files.add("demands.csv", "lost,AAA,12,0.001,,\n");
    files.add("uses.csv", "lost,metal,1\n");
    let world = World::new(&files);
    let ran = world.run(&["trace", "lost", "m"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("(`lost`) is never met from January 2025 to April 2025"), "{}", ran.stderr);
    assert!(ran.stderr.contains("there is nothing to trace"), "{}", ran.stderr);
}

#[test]
fn a_loop_that_nothing_enters_is_an_error_and_no_number() {
    // Two tonnes of ore of each tonne of metal, and one of metal of each of ore: the need is met out of nothing, and
    // the mine is too dear to be worked.
    let mut files = Files::tiny();
    files.put(
        "processes.csv",
        "process,product,amount\ndig,ore,1\nback,metal,-1\nback,ore,2\nsmelt,ore,-1\nsmelt,metal,1\n",
    );
    files.edit("sites.csv", "mine,dig,AAA,240,5", "mine,dig,AAA,1,1e7\nback,back,AAA,240,5");
    files.edit("sites.csv", "smelter,smelt,AAA,120", "smelter,smelt,AAA,480");
    let world = World::new(&files);
    let ran = world.run(&["trace", "need", "m"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("in AAA goes round in a loop that nothing of worth enters"), "{}", ran.stderr);
}
