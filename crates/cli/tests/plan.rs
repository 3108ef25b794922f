//! `coercivity plan`: what is shown, written and refused.

mod common;

use common::{Files, World, contents, root};
use serde_json::Value;

/// The case of engine/tests/plan.rs: a need of 10 magnets a month, of which 5 come from ELSE until they are cut off.
fn files() -> Files {
    let mut files = Files(Default::default());
    for (name, text) in [
        (
            "model.toml",
            "format = 1\nname = \"Mill and need\"\nstart = 2025-01-01\nstep = \"month\"\nsteps = 12\nterminal_value = 0\n\
             discount_rate = 0\n",
        ),
        ("regions.csv", "id\nHOME\nELSE\n"),
        ("products.csv", "id,unit,stage,price\nox,t,oxide,10\nmag,t,magnet,100\n"),
        ("processes.csv", "process,product,amount\nsep,ox,1\nmake,ox,-1\nmake,mag,1\n"),
        (
            "sites.csv",
            "id,process,region,capacity,cost\nsep-home,sep,HOME,1200,1\nmill-else,sep;make,ELSE,1200,2\nmill,make,HOME,12,3\n",
        ),
        ("lanes.csv", "product,from,to,flow,growth\nmag,ELSE,HOME,60,0\n"),
        ("demands.csv", "id,region,amount,value\nneed,HOME,120,1000000\n"),
        ("uses.csv", "demand,product,amount,option\nneed,mag,1,\nneed,ox,1,lean\n"),
        ("options.csv", "demand,option,max_share,cost\nneed,lean,0.1,5\n"),
        ("stocks.csv", "region,product,initial,kind\nHOME,mag,0,strategic\n"),
        (
            "scenarios/calm.toml",
            "name = \"calm\"\n[[measure]]\nid = \"open\"\nkind = \"release\"\nregion = \"HOME\"\nproducts = \"mag\"\n\
             from = 2025-04-01\n",
        ),
        (
            "scenarios/cut.toml",
            "name = \"cut\"\nextends = \"calm.toml\"\n[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"ELSE\"\n\
             on = \"mag\"\nfrom = 2025-07-01\n",
        ),
    ] {
        files.put(name, text);
    }
    files
}

const PLAN: &str = "\
name = \"A mill or a pile\"
model = \"m\"
budget = 20000000
weight = 0.5
level = 0.9
wait_months = 3

[[future]]
scenario = \"calm\"
probability = 0.75

[[future]]
scenario = \"cut\"
probability = 0.25

[[option]]
id = \"mill-2\"
name = \"a second mill\"
kind = \"site\"
like = \"mill\"
capacity = 48
cost = 9000000
all_or_nothing = true
lead_months = 3
ramp_months = 2
source = \"assumed\"
confidence = \"assumed\"

[[option]]
id = \"pile\"
name = \"a pile of magnets\"
kind = \"stock\"
region = \"HOME\"
product = \"mag\"
units = 40
price = 300000
impact = 0.5
lead_months = 1
";

fn world(plan: &str) -> World {
    let world = World::new(&files());
    std::fs::write(world.path("plan.toml"), plan).unwrap();
    world
}

#[test]
fn a_plan_is_shown() {
    let world = world(PLAN);
    insta::assert_snapshot!("plan", world.ok(&["plan", "plan.toml", "--frontier", "--values", "--gap", "0"]).stdout);
    let narrow = world.command(&["plan", "plan.toml", "--frontier", "--values"]).env("COLUMNS", "80").output().unwrap();
    let narrow = String::from_utf8(narrow.stdout).unwrap();
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
}

#[test]
fn a_plan_is_written_the_same_by_any_number_of_threads_and_by_both_ways() {
    let world = world(PLAN);
    let args = ["plan", "plan.toml", "--frontier", "--values", "--gap", "0", "--json"];
    let before = world.contents();
    let printed = world.ok(&args).stdout;
    assert_eq!(world.contents(), before, "without --out nothing is written");
    let one = world.command(&args).env("RAYON_NUM_THREADS", "1").output().unwrap();
    assert_eq!(printed, String::from_utf8(one.stdout).unwrap());
    world.ok(&["plan", "plan.toml", "--frontier", "--values", "--gap", "0", "--out", "out"]);
    let files = contents(&world.path("out"));
    assert_eq!(String::from_utf8_lossy(&files["plan.json"]), printed.trim_end());
    for table in ["portfolio", "frontier", "regret"] {
        assert!(files.contains_key(&format!("{table}.csv")) && files.contains_key(&format!("{table}.parquet")));
    }
    let extensive = world.ok(&["plan", "plan.toml", "--method", "extensive", "--gap", "0", "--json"]).stdout;
    let (parts, whole): (Value, Value) =
        (serde_json::from_str(&printed).unwrap(), serde_json::from_str(&extensive).unwrap());
    let of = |answer: &Value| answer["plan"]["objective"].as_f64().unwrap();
    assert!((of(&parts) - of(&whole)).abs() <= 1e-7 * of(&parts).abs(), "{} {}", of(&parts), of(&whole));
    let budget = world.ok(&["plan", "plan.toml", "--budget", "0", "--json"]).stdout;
    let none: Value = serde_json::from_str(&budget).unwrap();
    assert_eq!((none["items"].as_array().unwrap().len(), none["saves"].as_f64()), (0, Some(0.0)));
}

#[test]
fn requirements_in_conflict_are_told() {
    let service = "[[service]]\nid = \"autumn\"\ndemands = \"need\"\nleast = 0.99\nfrom = 2025-09-01\n\
                   [[service]]\nid = \"spring\"\ndemands = \"need\"\nleast = 0.1\nuntil = 2025-06-01\n";
    let few = "budget = 20000000";
    let world = world(&format!("{}{service}", PLAN.replace(few, "budget = 100000")));
    let ran = world.run(&["plan", "plan.toml"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout, @"With $100000, `autumn` cannot be met. More money would do.");
}

#[test]
fn what_is_stopped_says_so() {
    let ran = world(PLAN).run(&["plan", "plan.toml", "--time-limit", "0.000001"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("stopped before any plan was found"), "{}", ran.stderr);
}

#[test]
fn everything_wrong_in_a_spec_is_told_at_once() {
    let wrong = PLAN
        .replace("like = \"mill\"", "like = \"mil\"")
        .replace("region = \"HOME\"", "region = \"HOM\"\nrequires = \"mill\"");
    let ran = world(&wrong).run(&["plan", "plan.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    insta::assert_snapshot!("plan-unknown", ran.stderr);
    let wrong = PLAN
        .replace("budget = 20000000\n", "")
        .replace("probability = 0.25", "probability = 0.5")
        .replace("kind = \"stock\"", "kind = \"stok\"")
        .replace("capacity = 48", "capacity = -48\nsise = 3")
        .replace("weight = 0.5", "weight = 1.5\nfrontier = [1]");
    let ran = world(&wrong).run(&["plan", "plan.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    insta::assert_snapshot!("plan-wrong", ran.stderr);
    let both = format!("{PLAN}\n[futures]\nensemble = \"e.toml\"\n{}", "[[option]]\nid = \"pile\"\nkind = \"floor\"\n");
    let ran = world(&both).run(&["plan", "plan.toml"]);
    insta::assert_snapshot!("plan-both", ran.stderr);
    assert_eq!(world(PLAN).run(&["plan", "nowhere.toml"]).code, 1);
}

/// It takes minutes to solve; that it can be read is seen in seconds.
#[test]
fn the_reference_plan_can_be_read() {
    let plan = root().join("models/magnets/plans/defence-budget.toml");
    let ran = world(PLAN).run(&["plan", plan.to_str().unwrap(), "--time-limit", "0.000001"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("stopped before any plan was found") && !ran.stderr.contains("warning"),
        "{}",
        ran.stderr
    );
}
