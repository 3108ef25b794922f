//! Bad input: every problem is named at once, with its place and what would help; the exit code is
//! 1 and nothing is written. Warnings stop nothing.

mod common;

use std::collections::BTreeSet;

use coercivity_model::{Code, MemoryFiles, Report, read_model, read_scenario};
use common::{COMPLY_CODES, DATA_CODES, Dice, Files, World, damage};
use serde_json::Value;

/// A change to the tiny model that makes one problem.
struct Case {
    name: &'static str,
    code: Code,
    /// `file:line:column` below the folder `m`; empty where a file is missing and no place names it.
    place: &'static str,
    change: fn(&mut Files),
}

const fn case(name: &'static str, code: Code, place: &'static str, change: fn(&mut Files)) -> Case {
    Case { name, code, place, change }
}

const CUT: &str = "scenarios/cut.toml";

const ERRORS: &[Case] = &[
    case("missing-table", Code::MissingFile, "", |f| f.remove("uses.csv")),
    case("missing-table-of-sites", Code::MissingFile, "", |f| f.remove("sites.csv")),
    case("missing-base-scenario", Code::MissingFile, "scenarios/cut.toml:1:11", |f| {
        f.edit(CUT, "name = \"Cut off\"", "extends = \"base.toml\"");
    }),
    case("not-utf8", Code::UnreadableFile, "demands.csv:2:5", |f| {
        f.0.insert("demands.csv".into(), b"id,region,amount,value\nneed\xff,BBB,120,1000\n".to_vec());
    }),
    case("toml-syntax", Code::BadToml, "model.toml:2:8", |f| f.edit("model.toml", "\"Two regions\"", "Two regions")),
    case("toml-key-twice", Code::BadToml, "scenarios/cut.toml:6:1", |f| {
        f.edit(CUT, "by = \"AAA\"", "kind = \"quota\"")
    }),
    case("comma-in-a-cell", Code::BadCsv, "sites.csv:2:1", |f| f.edit("sites.csv", "AAA,240", "AAA,1,240")),
    case("empty-table", Code::BadCsv, "demands.csv:1:1", |f| f.put("demands.csv", "")),
    case("format-of-the-future", Code::UnsupportedFormat, "model.toml:1:10", |f| {
        f.edit("model.toml", "format = 1", "format = 2")
    }),
    case("no-start", Code::MissingKey, "model.toml:1:1", |f| f.edit("model.toml", "start = 2025-01-01\n", "")),
    case("measure-without-kind", Code::MissingKey, "scenarios/cut.toml:9:1", |f| {
        f.edit(CUT, "kind = \"release\"\n", "remaining = 0\n")
    }),
    case("measure-without-products", Code::MissingKey, "scenarios/cut.toml:9:1", |f| {
        f.edit(CUT, "products = \"metal\"\n", "")
    }),
    case("unknown-key", Code::UnknownKey, "model.toml:6:1", |f| f.edit("model.toml", "discount_rate", "discont_rate")),
    case("unknown-key-of-a-measure", Code::UnknownKey, "scenarios/cut.toml:7:1", |f| {
        f.edit(CUT, "on = \"metal\"", "alow_civil = 0.5\non = \"metal\"");
    }),
    case("text-for-number", Code::WrongType, "model.toml:5:9", |f| {
        f.edit("model.toml", "steps = 4", "steps = \"four\"")
    }),
    case("fraction-of-a-step", Code::WrongType, "model.toml:5:9", |f| f.edit("model.toml", "steps = 4", "steps = 4.5")),
    case("number-in-a-list-of-ids", Code::WrongType, "scenarios/cut.toml:6:14", |f| {
        f.edit(CUT, "by = \"AAA\"", "by = [\"AAA\", 2]")
    }),
    case("measure-is-no-list", Code::WrongType, "scenarios/cut.toml:1:11", |f| f.put(CUT, "measure = \"ban\"\n")),
    case("missing-column", Code::MissingColumn, "demands.csv:1:1", |f| {
        f.put("demands.csv", "id,region,amount\nneed,BBB,120\n");
    }),
    case("column-twice", Code::DuplicateColumn, "demands.csv:1:24", |f| {
        f.put("demands.csv", "id,region,amount,value,value\nneed,BBB,120,1000,1000\n");
    }),
    case("empty-cell", Code::MissingValue, "demands.csv:2:10", |f| f.edit("demands.csv", "120", "")),
    case("empty-list", Code::MissingValue, "scenarios/cut.toml:6:6", |f| f.edit(CUT, "\"AAA\"", "[]")),
    case("id-with-a-space", Code::BadId, "sites.csv:2:1", |f| f.edit("sites.csv", "mine", "my mine")),
    case("id-of-a-measure", Code::BadId, "scenarios/cut.toml:10:6", |f| f.edit(CUT, "\"reserve\"", "\"the reserve\"")),
    case("not-a-number", Code::BadNumber, "sites.csv:2:14", |f| f.edit("sites.csv", "240", "24O")),
    case("thousands-separator", Code::BadNumber, "sites.csv:2:14", |f| f.edit("sites.csv", "240", "\"1,240\"")),
    case("nan", Code::BadNumber, "sites.csv:2:14", |f| f.edit("sites.csv", "240", "NaN")),
    case("infinity", Code::BadNumber, "lanes.csv:2:20", |f| f.edit("lanes.csv", ",120", ",inf")),
    case("overflow", Code::BadNumber, "lanes.csv:2:20", |f| f.edit("lanes.csv", ",120", ",1e999")),
    case("nan-in-toml", Code::BadNumber, "scenarios/cut.toml:7:14", |f| {
        f.edit(CUT, "on = \"metal\"", "delay_days = nan\non = \"metal\"");
    }),
    case("day-that-does-not-exist", Code::BadDate, "sites.csv:2:18", |f| {
        f.put("sites.csv", "id,process,region,capacity,opens\nmine,dig,AAA,240,2025-02-29\nsmelter,smelt,AAA,120,\n");
    }),
    case("day-that-does-not-exist-in-toml", Code::BadDate, "scenarios/cut.toml:18:8", |f| {
        f.edit(CUT, "2025-02-01", "2025-02-30")
    }),
    case("day-as-a-text-in-toml", Code::BadDate, "model.toml:3:9", |f| {
        f.edit("model.toml", "2025-01-01", "\"1 January 2025\"")
    }),
    case("unknown-word", Code::BadChoice, "model.toml:4:8", |f| f.edit("model.toml", "\"month\"", "\"day\"")),
    case("unknown-kind", Code::BadChoice, "scenarios/cut.toml:5:8", |f| {
        f.edit(CUT, "export-control", "export-controls")
    }),
    case("unknown-kind-of-stock", Code::BadChoice, "stocks.csv:2:16", |f| {
        f.edit("stocks.csv", "commercial", "private")
    }),
    case("negative-capacity", Code::OutOfRange, "sites.csv:2:14", |f| f.edit("sites.csv", "240", "-240")),
    case("share-above-1", Code::OutOfRange, "scenarios/cut.toml:7:15", |f| {
        f.edit(CUT, "on = \"metal\"", "allow_civil = 60\non = \"metal\"");
    }),
    case("no-steps", Code::OutOfRange, "model.toml:5:9", |f| f.edit("model.toml", "steps = 4", "steps = 0")),
    case("beyond-the-calendar", Code::OutOfRange, "model.toml:5:9", |f| {
        f.edit("model.toml", "steps = 4", "steps = 999999")
    }),
    case("extended-too-often", Code::OutOfRange, "scenarios/cut.toml:21:12", |f| f.add(CUT, "extended = 2\n")),
    case("unknown-region", Code::UnknownId, "lanes.csv:2:11", |f| f.edit("lanes.csv", "BBB", "BBC")),
    case("unknown-product", Code::UnknownId, "scenarios/cut.toml:7:6", |f| {
        f.edit(CUT, "on = \"metal\"", "on = \"metl\"")
    }),
    case("unknown-group", Code::UnknownId, "scenarios/cut.toml:6:6", |f| f.edit(CUT, "by = \"AAA\"", "by = \"eest\"")),
    case("unknown-measure", Code::UnknownId, "scenarios/cut.toml:17:12", |f| {
        f.edit(CUT, "suspends = \"ban\"", "suspends = \"bann\"")
    }),
    case("unknown-option", Code::UnknownId, "options.csv:2:6", |f| f.put("options.csv", "demand,option\nneed,bases\n")),
    case("unknown-source", Code::UnknownId, "regions.csv:2:10", |f| {
        f.put("regions.csv", "id,groups,source\nAAA,east,usgs\nBBB,west,\nCCC,,\n");
    }),
    case("site-twice", Code::DuplicateId, "sites.csv:4:1", |f| f.add("sites.csv", "mine,dig,BBB,10,1\n")),
    case("measure-twice", Code::DuplicateId, "scenarios/cut.toml:10:6", |f| f.edit(CUT, "\"reserve\"", "\"ban\"")),
    case("product-twice-in-a-recipe", Code::DuplicateRow, "processes.csv:5:1", |f| {
        f.add("processes.csv", "smelt,ore,-1\n")
    }),
    case("second-stock-of-a-kind", Code::DuplicateRow, "stocks.csv:4:1", |f| {
        f.add("stocks.csv", "BBB,metal,1,1,strategic\n")
    }),
    case("recipe-without-output", Code::NoOutput, "processes.csv:3:1", |f| {
        f.edit("processes.csv", "smelt,metal,1\n", "")
    }),
    case("amount-of-zero", Code::ZeroAmount, "processes.csv:5:11", |f| f.add("processes.csv", "dig,metal,0\n")),
    case("minimum-with-inputs", Code::MinimumWithInputs, "sites.csv:3:23", |f| {
        f.put("sites.csv", "id,process,region,capacity,minimum\nmine,dig,AAA,240,0.5\nsmelter,smelt,AAA,120,0.5\n");
    }),
    case("stock-above-capacity", Code::StockAboveCapacity, "stocks.csv:2:11", |f| {
        f.put("stocks.csv", "region,product,initial,capacity\nBBB,metal,50,20\n");
    }),
    case("target-of-a-strategic-stock", Code::StrategicTarget, "stocks.csv:2:21", |f| {
        f.put("stocks.csv", "region,product,kind,target\nBBB,metal,strategic,20\n");
    }),
    case("tiers-do-not-add-up", Code::TierShares, "tiers.csv:3:6", |f| {
        f.put("tiers.csv", "demand,share,factor\nneed,0.5,0.5\nneed,0.4,1\n");
    }),
    case("tiers-fall", Code::TierFactors, "tiers.csv:3:7", |f| {
        f.put("tiers.csv", "demand,share,factor\n*,0.5,1\n*,0.5,0.5\n");
    }),
    case("closes-before-it-opens", Code::ContradictoryDates, "sites.csv:2:29", |f| {
        f.put("sites.csv", "id,process,region,capacity,opens,closes\nmine,dig,AAA,240,2025-03-01,2025-03-01\nsmelter,smelt,AAA,120,,\n");
    }),
    case("measure-ends-before-it-begins", Code::ContradictoryDates, "scenarios/cut.toml:7:9", |f| {
        f.edit(CUT, "on = \"metal\"", "until = 2024-06-01\non = \"metal\"");
    }),
    case("extensions-go-back", Code::ContradictoryDates, "scenarios/cut.toml:20:25", |f| {
        f.edit(CUT, "2025-04-01", "2025-02-15")
    }),
    case("extended-in-a-circle", Code::ExtendsCycle, "scenarios/base.toml:1:11", |f| {
        f.edit(CUT, "name = \"Cut off\"", "extends = \"base.toml\"");
        f.put("scenarios/base.toml", "extends = \"cut.toml\"\n");
    }),
    case("model-extended-in-a-circle", Code::ExtendsCycle, "model.toml:7:11", |f| {
        f.add("model.toml", "extends = \"../m\"\n");
    }),
    case("model-to-extend-is-missing", Code::MissingFile, "model.toml:7:11", |f| {
        f.add("model.toml", "extends = \"../reference/magnet\"\n");
    }),
    case("range-out-of-order", Code::BadRange, "uncertainty.csv:2:17", |f| {
        f.put("uncertainty.csv", "table,row,column,low,best,high,why\nsites,mine,cost,6,5,9,guessed\n");
    }),
    case("seven-tag-rules", Code::TooManyTagRules, "scenarios/cut.toml:64:6", |f| {
        for n in 1..=7 {
            f.add(CUT, &format!("[[measure]]\nid = \"rule-{n}\"\nkind = \"origin-rule\"\nby = \"BBB\"\non = \"metal\"\norigin = \"AAA\"\nend_use = \"civil\"\n"));
        }
    }),
    case("suspends-nothing", Code::SuspendsNothing, "scenarios/cut.toml:16:6", |f| {
        f.edit(CUT, "suspends = \"ban\"\n", "")
    }),
    case("suspends-an-empty-list", Code::SuspendsNothing, "scenarios/cut.toml:17:12", |f| {
        f.edit(CUT, "suspends = \"ban\"", "suspends = []")
    }),
];

const WARNINGS: &[Case] = &[
    case("unknown-column", Code::UnknownColumn, "sites.csv:1:28", |f| {
        f.put(
            "sites.csv",
            "id,process,region,capacity,ownr,colour\nmine,dig,AAA,240,me,red\nsmelter,smelt,AAA,120,,\n",
        );
    }),
    case("lane-that-does-not-exist", Code::NothingInScope, "scenarios/cut.toml:4:6", |f| {
        f.edit(CUT, "by = \"AAA\"", "by = \"CCC\"")
    }),
    case("no-strategic-stock", Code::NothingInScope, "scenarios/cut.toml:10:6", |f| {
        f.edit(CUT, "region = \"BBB\"", "region = \"AAA\"")
    }),
    case("after-the-end", Code::NeverInForce, "scenarios/cut.toml:4:6", |f| {
        f.edit(CUT, "on = \"metal\"", "from = 2025-04-30\non = \"metal\"");
    }),
    case("between-two-middle-days", Code::NeverInForce, "scenarios/cut.toml:4:6", |f| {
        f.edit(CUT, "on = \"metal\"", "from = 2025-01-20\nuntil = 2025-02-10\non = \"metal\"");
    }),
    case("delay-rounds-to-nothing", Code::DelayRoundsAway, "scenarios/cut.toml:4:6", |f| {
        f.edit(CUT, "on = \"metal\"", "delay_days = 10\non = \"metal\"");
    }),
    case("waiting-pays", Code::WaitingPays, "demands.csv:2:19", |f| {
        f.put("demands.csv", "id,region,amount,value,late_cost\nneed,BBB,120,1000,49\n");
    }),
    case("made-without-lead", Code::NoEffect, "sites.csv:2:18", |f| {
        f.put("sites.csv", "id,process,region,capacity,made\nmine,dig,AAA,240,240\nsmelter,smelt,AAA,120,\n");
    }),
    case("ramp-without-opening", Code::NoEffect, "sites.csv:2:18", |f| {
        f.put("sites.csv", "id,process,region,capacity,ramp_months\nmine,dig,AAA,240,6\nsmelter,smelt,AAA,120,\n");
    }),
    case("lane-to-itself", Code::SelfLane, "lanes.csv:3:11", |f| f.add("lanes.csv", "metal,AAA,AAA,0,0,\n")),
    case("mass-gain", Code::MassGain, "processes.csv:3:1", |f| {
        f.edit("processes.csv", "smelt,ore,-2", "smelt,ore,-0.5")
    }),
    case("leaky-control", Code::LeakyControl, "scenarios/cut.toml:4:6", |f| {
        f.edit(CUT, "on = \"metal\"", "on = \"metal\"\nto = \"BBB\"")
    }),
    case("range-of-another-figure", Code::StaleRange, "uncertainty.csv:2:19", |f| {
        f.put("uncertainty.csv", "table,row,column,low,best,high,why\nsites,mine,cost,3,4,9,guessed\n");
    }),
    case("need-that-nothing-serves", Code::UnservedNeed, "demands.csv:3:1", |f| {
        f.add("demands.csv", "other,CCC,1,1\n")
    }),
];

/// The diagnostics of `check --json`.
fn diagnostics(world: &World) -> Vec<Value> {
    let ran = world.run(&["check", "m", "--json"]);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stdout))
}

fn place_of(diagnostic: &Value) -> String {
    match diagnostic.get("place") {
        None => String::new(),
        Some(place) => {
            let file = place["file"].as_str().unwrap();
            format!("{}:{}:{}", file.strip_prefix("m/").unwrap(), place["line"], place["column"])
        }
    }
}

/// What is wrong with how the program speaks of a case.
fn faults(case: &Case, severity: &str) -> Vec<String> {
    let mut files = Files::tiny();
    (case.change)(&mut files);
    let world = World::new(&files);
    let before = world.contents();
    let mut faults = Vec::new();
    let found = diagnostics(&world);
    let hit = |d: &Value| d["code"] == case.code.as_str() && d["severity"] == severity && place_of(d) == case.place;
    if !found.iter().any(hit) {
        let said: Vec<String> = found.iter().map(|d| format!("{} {}", d["code"], place_of(d))).collect();
        faults.push(format!("wanted {} {}, found {said:?}", case.code.as_str(), case.place));
    }
    for d in &found {
        if d.get("help").is_none() {
            faults.push(format!("no help: {}", d["message"]));
        }
        if d.get("place").is_none() && d["code"] != "missing-file" {
            faults.push(format!("no place: {}", d["message"]));
        }
    }
    let code = i32::from(severity == "error");
    let checked = world.run(&["check", "m"]);
    if checked.code != code {
        faults.push(format!("check ends with {}", checked.code));
    }
    let ran = world.run(&["run", "m", "--scenario", "cut", "--json", "--out", "out"]);
    if ran.code != code {
        faults.push(format!("run ends with {}: {}", ran.code, ran.stderr));
    }
    if severity == "error" {
        if !ran.stdout.is_empty() {
            faults.push(format!("standard output: {}", ran.stdout));
        }
        if world.contents() != before {
            faults.push("files changed".to_string());
        }
    } else if !world.path("out/summary.json").is_file() {
        faults.push("a warning stopped the run".to_string());
    }
    insta::assert_snapshot!(case.name, checked.stderr);
    faults.iter().map(|fault| format!("{}: {fault}", case.name)).collect()
}

#[test]
fn every_error_has_place_and_help_and_nothing_is_written() {
    let faults: Vec<String> = ERRORS.iter().flat_map(|case| faults(case, "error")).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_warning_has_place_and_help_and_the_run_goes_on() {
    let faults: Vec<String> = WARNINGS.iter().flat_map(|case| faults(case, "warning")).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_code_has_a_case() {
    let own = ERRORS.iter().chain(WARNINGS).map(|case| case.code);
    let covered: BTreeSet<Code> = own.chain(COMPLY_CODES.iter().chain(DATA_CODES).copied()).collect();
    let bare: Vec<&str> = Code::ALL.iter().filter(|code| !covered.contains(code)).map(|code| code.as_str()).collect();
    assert!(bare.is_empty(), "codes without a case: {bare:?}");
}

#[test]
fn the_tiny_model_has_no_problem() {
    let world = World::new(&Files::tiny());
    assert_eq!(diagnostics(&world), Vec::<Value>::new());
}

#[test]
fn all_problems_of_all_files_are_said_at_once() {
    let mut files = Files::tiny();
    files.edit("model.toml", "\"month\"", "\"moon\"");
    files.edit("regions.csv", "CCC", "AAA");
    files.edit("products.csv", "100", "-100");
    files.edit("processes.csv", "smelt,metal,1", "smelt,metall,1");
    files.edit("sites.csv", "240", "NaN");
    files.edit("lanes.csv", "AAA,BBB", "AAB,");
    files.edit("demands.csv", "1000", "1000,");
    files.remove("uses.csv");
    files.add("stocks.csv", "BBB,metal,9,0,strategic\n");
    let world = World::new(&files);
    let ran = world.run(&["run", "m", "--out", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(!world.path("out").exists());
    insta::assert_snapshot!("all-at-once-in-a-model", ran.stderr);
}

#[test]
fn all_problems_of_a_scenario_are_said_at_once() {
    let mut files = Files::tiny();
    files.put(
        CUT,
        r#"nmae = "Cut off"

[[measure]]
kind = "export-control"
by = "AAB"
on = "metal"
allow_civil = 2

[[measure]]
id = "tax"
kind = "export-tax"
by = "AAA"
on = ["metal", "or"]
rate = -1
form = 2025-01-01

[[truce]]
suspends = "tacks"
until = 2024-01-01
extended = 1
"#,
    );
    let world = World::new(&files);
    let ran = world.run(&["run", "m", "--scenario", "cut", "--out", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    insta::assert_snapshot!("all-at-once-in-a-scenario", ran.stderr);
}

#[test]
fn one_bad_scenario_hides_no_other() {
    let mut files = Files::tiny();
    files.edit(CUT, "by = \"AAA\"", "by = \"AAB\"");
    files.put(
        "scenarios/other.toml",
        "[[measure]]\nid = \"x\"\nkind = \"quota\"\nby = \"AAA\"\non = \"oar\"\namount = 1\n",
    );
    let found = diagnostics(&World::new(&files));
    let places: Vec<String> = found.iter().map(place_of).collect();
    assert_eq!(places, ["scenarios/cut.toml:6:6", "scenarios/other.toml:5:6"]);
}

#[test]
fn a_folder_that_is_no_model() {
    let world = World::new(&Files::tiny());
    for (name, folder) in [("no-folder", "nowhere"), ("a-file", "m/model.toml"), ("an-empty-folder", "empty")] {
        std::fs::create_dir_all(world.path("empty")).unwrap();
        let ran = world.run(&["run", folder, "--out", "out"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
        assert!(!world.path("out").exists());
        insta::assert_snapshot!(format!("no-model-{name}"), ran.stderr);
    }
}

#[test]
fn a_scenario_that_is_not_there() {
    let world = World::new(&Files::tiny());
    for args in [["run", "m", "--scenario", "cutt"], ["check", "m", "--scenario", "cutt"]] {
        let ran = world.run(&args);
        assert_eq!((ran.code, args[0] == "check" || ran.stdout.is_empty()), (1, true));
        assert!(ran.stderr.contains("error[missing-file]: there is no scenario `cutt`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("help: use `cut`"), "{}", ran.stderr);
    }
    assert!(!world.path("results").exists());
}

/// The tiny model with every table and every kind of measure in it.
fn full() -> Files {
    let mut files = Files::tiny();
    files.put("sources.csv", "key,title,year\nusgs,\"Summaries, 2026\",2026\n");
    files.put("tiers.csv", "demand,share,factor\n*,0.5,0.5\n*,0.5,1.5\n");
    files.put("options.csv", "demand,option,opens,max_share,cost\nneed,base,2025-02-01,0.5,3\n");
    files.put(
        "sites.csv",
        "id,process,region,capacity,cost,opens,closes,ramp_months,lead_days,made,minimum,source,confidence,capacity.source\n\
         mine,dig,AAA,240,5,2024-01-01,,6,,,0.1,usgs,reported,usgs\n\
         smelter,smelt;dig,AAA,120,20,,2026-01-01,,30,60,,,,\n",
    );
    files.put("lanes.csv", "product,from,to,lead_days,cost,capacity,flow,military,growth\n*,*,*,10,1,,,,\nmetal,AAA,BBB,30,2,500,120,12,5\n");
    files.add(
        CUT,
        r#"
[[measure]]
id = "quota"
kind = "quota"
by = "*"
on = ["metals", "ore"]
amount = 50
[[measure]]
id = "tariff"
kind = "tariff"
by = "west"
on = "*"
rate = 0.25
from = 2025-02-01
until = 2025-06-01
announced = 2025-01-15
[[measure]]
id = "tax"
kind = "export-tax"
by = "AAA"
on = "ore"
rate = 0.1
[[measure]]
id = "rule"
kind = "origin-rule"
by = "BBB"
on = "metal"
origin = "AAA"
end_use = "civil"
processes = ["dig"]
from = 2025-04-01
[[measure]]
id = "content"
kind = "content-rule"
by = "AAA"
on = "metal"
allow = 0.5
compliance = 0.5
[[measure]]
id = "outage"
kind = "outage"
sites = "mine"
remaining = 0.5
[[measure]]
id = "shift"
kind = "demand-shift"
demands = "*"
factor = 1.5
[[measure]]
id = "support"
kind = "support"
sites = ["mine", "smelter"]
amount = 2
"#,
    );
    files
}

/// A scenario is read for the sound model too, so that damage to a table hides none of the rest.
fn read(files: &MemoryFiles, sound: &MemoryFiles) -> Report {
    let mut report = Report::default();
    if let Some(model) = read_model(files, "m", &mut report).or_else(|| read_model(sound, "m", &mut Report::default()))
    {
        read_scenario(files, "m/scenarios/cut.toml", &model, &mut report);
    }
    report
}

#[test]
fn damaged_files_never_make_the_reader_panic() {
    let sound = full();
    let in_memory = sound.in_memory();
    assert!(
        read(&in_memory, &in_memory).diagnostics().is_empty(),
        "{}",
        read(&in_memory, &in_memory).render(false, 100)
    );
    let names: Vec<&String> = sound.0.keys().collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut silent = 0;
    for _ in 0..6000 {
        let mut files = sound.clone();
        for _ in 0..1 + dice.below(3) {
            let name = names[dice.below(names.len())].clone();
            damage(files.0.get_mut(&name).unwrap(), &mut dice);
        }
        let report = read(&files.in_memory(), &in_memory);
        silent += usize::from(report.diagnostics().is_empty());
        // Places must be such that they can be shown.
        report.render(false, 100);
    }
    assert!(silent < 3000, "the damage does too little: {silent} of 6000 went unnoticed");
}

#[test]
fn every_beginning_of_every_file_is_read_without_panic() {
    let sound = full();
    let in_memory = sound.in_memory();
    for (name, bytes) in &sound.0 {
        for end in 0..bytes.len() {
            let mut files = sound.clone();
            files.0.insert(name.clone(), bytes[..end].to_vec());
            read(&files.in_memory(), &in_memory).render(false, 100);
        }
    }
}

#[test]
fn the_program_survives_damaged_files() {
    let sound = full();
    let names: Vec<&String> = sound.0.keys().collect();
    let mut dice = Dice(42);
    for _ in 0..150 {
        let mut files = sound.clone();
        let name = names[dice.below(names.len())].clone();
        damage(files.0.get_mut(&name).unwrap(), &mut dice);
        let world = World::new(&files);
        let ran = world.run(&["run", "m", "--scenario", "cut", "--json", "--time-limit", "5", "--out", "out"]);
        let text = String::from_utf8_lossy(&files.0[&name]).into_owned();
        assert!([0, 1, 3].contains(&ran.code), "{name} ends with {}: {}\n{text}", ran.code, ran.stderr);
        assert_eq!(world.path("out/summary.json").is_file(), ran.code == 0, "{name}\n{text}");
    }
}

/// Figures at the edge of what a number can hold are figures: the answer may be that the solver
/// stops short, never that the program breaks.
#[test]
fn extreme_figures_are_no_reason_to_panic() {
    let cells = [
        ("lanes.csv", "30,2,500"),
        ("lanes.csv", "120,12"),
        ("sites.csv", "240,5"),
        ("sites.csv", "30,60"),
        ("demands.csv", "120,1000"),
        ("stocks.csv", "5,12"),
        ("products.csv", "100"),
        ("uses.csv", "metal,1"),
    ];
    for (name, cell) in cells {
        for figure in ["1e308", "1e18", "1e-308", "0"] {
            let mut files = full();
            let extreme: Vec<String> = cell
                .split(',')
                .map(|part| if part.parse::<f64>().is_ok() { figure.to_string() } else { part.to_string() })
                .collect();
            files.edit(name, cell, &extreme.join(","));
            let world = World::new(&files);
            let ran = world.run(&["run", "m", "--scenario", "cut", "--json", "--time-limit", "5"]);
            assert!([0, 1, 3].contains(&ran.code), "{name} {cell} {figure}: {} {}", ran.code, ran.stderr);
            // JSON has no word for a number that is none: it would stand there as null.
            let summary: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
            let null = summary["status"] == "optimal" && summary["objective"].is_null();
            assert!(!null, "{name} {cell} {figure}: an optimum that is no number");
        }
    }
}
