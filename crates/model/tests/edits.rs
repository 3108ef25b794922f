//! Edited scenarios: the scenarios of the reference model as one file each, and edits at random.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use coercivity_model::edit::{Edit, edited, read_edited};
use coercivity_model::{Files, MemoryFiles, Model, Report, Scenario, read_model, read_scenario};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// The files of the workspace.
struct Disk(PathBuf);

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

const FOLDER: &str = "models/magnets/scenarios";

fn disk() -> Disk {
    Disk(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

fn magnets() -> Model {
    let mut report = Report::default();
    let model = read_model(&disk(), "models/magnets", &mut report);
    model.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

/// Everything that a run takes from a scenario.
fn content(scenario: &Scenario) -> String {
    format!("{:#?}\n{:#?}\n{}\n{}", scenario.measures, scenario.truces, scenario.name, scenario.story)
}

#[test]
fn each_scenario_of_the_reference_model_is_the_same_as_one_file() {
    let (disk, model) = (disk(), magnets());
    let entries = std::fs::read_dir(disk.0.join(FOLDER)).expect("a folder of scenarios");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let (path, mut report) = (format!("{FOLDER}/{name}"), Report::default());
        let original = read_scenario(&disk, &path, &model, &mut report).expect(&name);
        let once = edited(&disk, Some(&path), &model, &[], &mut report).expect(&name);
        let flat = read_edited(&once, &model, &mut report).expect(&name);
        assert_eq!(content(&original), content(&flat), "{name}");
        let mut files = MemoryFiles::default();
        files.insert("once.toml", once.as_str());
        let twice = edited(&files, Some("once.toml"), &model, &[], &mut report).expect(&name);
        assert_eq!(once, twice, "{name}");
    }
}

/// A scenario with each kind of measure and every key of each.
const ALL: &str = r#"# Of every kind.
name = "All"

[[measure]]
id = "control"
kind = "export-control"
by = "A"
on = "metals"
to = ["B", "C"]
allow_civil = 0.4
allow_military = 0.1
leakage = 0.05
delay_days = 30
from = 2025-02-01
until = 2025-04-01
announced = 2025-01-15
until_announced = 2025-03-01
name = "A control"
claimed_by = "A"
responds_to = "quota"
legal = "law 1"
source = ["K1", "K2"]
note = "a note"

[[measure]]
id = "quota"
kind = "quota"
by = "A"
on = "ore"
to = "B"
amount = 1.5

[[measure]]
id = "tariff"
kind = "tariff"
by = "B"
on = "nd"
origin = "A"
rate = 0.25

[[measure]]
id = "tax"
kind = "export-tax"
by = "A"
on = "nd"
to = "*"
rate = 0.1

[[measure]]
id = "origin"
kind = "origin-rule"
by = "B"
on = "nd"
origin = "A"
end_use = "civil"
processes = "smelt"

[[measure]]
id = "content"
kind = "content-rule"
by = "A"
on = "nd"
to = "C"
allow = 0.5
compliance = 0.75
allow_military = 0.5
processes = ["smelt"]

[[measure]]
id = "outage"
kind = "outage"
sites = "mine"
remaining = 0.5

[[measure]]
id = "shift"
kind = "demand-shift"
demands = "need"
factor = 1.5

[[measure]]
id = "support"
kind = "support"
sites = "smelter"
amount = 12.5

[[measure]]
id = "release"
kind = "release"
region = "B"
products = "nd"
rate = 2

[[truce]]
id = "pause"
suspends = ["control", "quota"]
from = 2025-02-10
until = 2025-03-01
announced = 2025-02-01
extensions = [{ until = 2025-04-01, announced = 2025-02-20, probability = 0.5 }]
extended = 1
note = "holds"

[[truce]]
id = "rest"
suspends = "tariff"
until = 2025-02-01
"#;

const TABLES: &[(&str, &str)] = &[
    ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 4\n"),
    ("regions.csv", "id,groups\nA,east\nB,west\nC,west\n"),
    ("products.csv", "id,unit,stage,price,groups\nore,t,ore,10,\nnd,t,metal,8,metals\n"),
    ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,nd,1\n"),
    ("sites.csv", "id,process,region,capacity\nmine,dig,A,240\nsmelter,smelt,B,120\n"),
    ("lanes.csv", "product,from,to,flow\n*,*,*,12\n"),
    ("demands.csv", "id,region,amount,value\nneed,B,120,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,nd,1\n"),
    ("stocks.csv", "region,product,initial,kind\nB,nd,8,strategic\n"),
];

static SMALL: LazyLock<(MemoryFiles, Model)> = LazyLock::new(|| {
    let mut files = MemoryFiles::default();
    TABLES.iter().for_each(|(name, text)| files.insert(&format!("m/{name}"), *text));
    files.insert("all.toml", ALL);
    let mut report = Report::default();
    let model = read_model(&files, "m", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    (files, model)
});

#[test]
fn every_key_of_the_format_is_kept() {
    let ((files, model), mut report) = (&*SMALL, Report::default());
    let original = read_scenario(files, "all.toml", model, &mut report);
    let original = original.unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    let text = edited(files, Some("all.toml"), model, &[], &mut report).expect("a text");
    let flat = read_edited(&text, model, &mut report).expect("read");
    assert_eq!(content(&original), content(&flat));
}

const IDS: &[&str] =
    &["control", "quota", "tariff", "content", "outage", "shift", "support", "release", "pause", "rest"];

const KEYS: &[&str] = &[
    "from",
    "until",
    "announced",
    "until_announced",
    "allow",
    "allow_civil",
    "leakage",
    "delay_days",
    "amount",
    "rate",
    "remaining",
    "factor",
    "compliance",
    "kind",
];

const DAYS: &[&str] = &["2025-02-15", "2025-03-15", "2026-01-01", "0000-01-01", "9999-12-31", "2025-02-30"];

/// Mostly words that are known.
fn words(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![20 => select(known).prop_map(str::to_string), 1 => any::<String>()]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => select(DAYS).prop_map(|day| json!(day)),
        8 => (0.0..1.0).prop_map(|share: f64| json!(share)),
        2 => any::<f64>().prop_map(|number| json!(number)),
        2 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<u64>().prop_map(|number| json!(number)),
        1 => any::<String>().prop_map(|text| json!(text)),
        2 => Just(Value::Null),
        1 => select(vec![json!(true), json!([1, null]), json!({"a": "b"})]),
    ]
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (words(IDS), prop::bool::weighted(0.3), btree_map(words(KEYS), values(), 0..3));
    vec(edit.prop_map(|(id, off, set)| Edit { id, off, set }), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_edits_give_diagnostics_or_a_scenario(edits in edits()) {
        let ((files, model), mut report) = (&*SMALL, Report::default());
        let Some(text) = edited(files, Some("all.toml"), model, &edits, &mut report) else {
            prop_assert!(report.has_errors());
            return Ok(());
        };
        prop_assert!(!report.has_errors());
        let Some(scenario) = read_edited(&text, model, &mut report) else {
            prop_assert!(report.has_errors());
            // Values may be wrong, and what is written is TOML all the same.
            prop_assert!(text.parse::<toml::Table>().is_ok(), "{}", text);
            return Ok(());
        };
        for edit in &edits {
            let there = scenario.measures.iter().any(|m| m.id == edit.id) || scenario.truces.iter().any(|t| t.id == edit.id);
            prop_assert!(!(edit.off && there), "{} is off", edit.id);
        }
        let mut files = MemoryFiles::default();
        files.insert("once.toml", text.as_str());
        let again = edited(&files, Some("once.toml"), model, &[], &mut report);
        prop_assert_eq!(again.as_deref(), Some(text.as_str()));
    }
}
