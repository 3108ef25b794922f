//! `coercivity comply` as people and programs meet it: the example of 40 parts with every verdict and
//! its path, what goes back to suppliers, changes, workbooks, and bad input.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use coercivity_comply::judge::Judge;
use coercivity_comply::statement::Statement;
use coercivity_comply::{bom, rule, tables};
use coercivity_model::calendar::parse_date;
use coercivity_model::workbook::is_workbook;
use coercivity_model::{Code, Report};
use common::{COMPLY_CODES, Dice, Files, Ran, World, contents, damage, root};
use serde_json::Value;

const PARTS: &str = "parts.csv";
const DECLARATIONS: &str = "declarations.csv";
const RULE: &str = "rule.toml";

/// The example, in the folder `m`.
fn example() -> Files {
    let mut files = Files(BTreeMap::new());
    for name in [PARTS, DECLARATIONS] {
        files.0.insert(name.to_string(), std::fs::read(root().join("examples/comply").join(name)).unwrap());
    }
    files
}

/// Two parts, a document and a rule, with no problem.
fn small() -> Files {
    let mut files = Files(BTreeMap::new());
    files.put(
        PARTS,
        "part,part_of,quantity,supplier,weight_g,value,currency,made_in,material,material_g,melted,produced,documents\n\
         motor,,,Maker,500,90,USD,JPN,,,,,D-1\n\
         magnet,motor,4,Maker,20,3,USD,,NdFeB,20,JPN,JPN,D-1\n",
    );
    files.put(DECLARATIONS, "document,covers,dated,expires,signed_by\nD-1,,2026-01-01,,A. Person\n");
    files.put(
        RULE,
        r#"format = 1
id = "mine"
title = "A rule of my own"
asks = "Where was it melted?"
fails = "not bought"
countries = ["CHN"]

[[source]]
id = "policy"
cite = "purchasing policy 7"
says = "No magnets melted in China."
confidence = "observed"

[[material]]
id = "ndfeb"
name = "NdFeB magnet"
names = ["NdFeB"]

[[period]]
from = 2025-01-01
until = 2025-12-31
steps = ["melted"]
cite = "policy"

[[period]]
from = 2026-01-01
steps = ["melted"]
cite = "policy"
"#,
    );
    files
}

fn comply(world: &World, args: &[&str]) -> Ran {
    world.run(&[&["comply", "m/parts.csv"], args].concat())
}

// ------------------------------------------------------------------------------------------- the example

#[test]
fn every_verdict_of_the_example_with_its_path() {
    let world = World::new(&example());
    for (rule, on) in [("dfars-2027", "2026-12-31"), ("dfars-2027", "2027-01-01"), ("mofcom-0.1", "2027-02-01")] {
        let ran = comply(&world, &["--rule", rule, "--on", on, "--out", "out"]);
        assert_eq!(ran.code, 4, "{}", ran.stderr);
        let verdicts = std::fs::read_to_string(world.path("out/verdicts.csv")).unwrap();
        assert_eq!(verdicts.lines().count(), 41, "a header and 40 parts");
        insta::assert_snapshot!(format!("verdicts-{rule}-{on}"), verdicts);
    }
}

#[test]
fn the_example_on_a_terminal() {
    let world = World::new(&example());
    for columns in ["80", "120"] {
        let output = world.command(&["comply", "m/parts.csv", "--on", "2027-01-01"]).env("COLUMNS", columns).output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        let widest = text.lines().filter(|line| !line.starts_with("Again:")).map(|line| line.chars().count()).max();
        assert!(widest.unwrap() <= columns.parse().unwrap(), "{widest:?} columns of {columns}");
        insta::assert_snapshot!(format!("comply-{columns}-columns"), text);
    }
}

#[test]
fn the_counts_in_the_docs_are_those_of_the_example() {
    let world = World::new(&example());
    let mut found = 0;
    for page in ["README.md", "book/src/comply.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for line in text.lines().filter(|line| line.starts_with("Of 40 parts on ")) {
            let on = line.split([' ', ':']).nth(4).unwrap();
            let said = comply(&world, &["--on", on]).stdout;
            assert!(said.lines().any(|own| own == line), "{page}: {line}\n{said}");
            found += 1;
        }
    }
    assert_eq!(found, 3);
}

#[test]
fn the_statement_and_the_letters_are_pages_for_people() {
    let world = World::new(&example());
    comply(&world, &["--on", "2027-01-01", "--out", "out", "--questions", "letters"]);
    let page = std::fs::read_to_string(world.path("out/statement.html")).unwrap();
    // The style is the same for both, and is seen in a picture.
    let body = |page: &str| page.split("</style>").nth(1).unwrap().to_string();
    insta::assert_snapshot!("statement", body(&page));
    assert_eq!(page.matches("legal advice").count(), 1);
    assert!(!page.contains("http"), "the page needs no network");
    let letters = contents(&world.path("letters"));
    let names: Vec<&str> = letters.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            ".coercivity-results",
            "bukit-audio.html",
            "drei-linden-antriebe.html",
            "halden-sensorik.html",
            "kitahama-magnetics.html",
            "lindqvist-elektronik.html",
            "ostrava-kondenzátory.html",
            "prairie-gear-works.html",
            "supplier-not-named.html",
            "tamarack-alloys.html",
        ]
    );
    insta::assert_snapshot!("letter", body(std::str::from_utf8(&letters["kitahama-magnetics.html"]).unwrap()));
}

#[test]
fn a_letter_asks_only_what_is_open() {
    let world = World::new(&example());
    comply(&world, &["--on", "2027-01-01", "--out", "out", "--questions", "letters"]);
    let statement: Value = serde_json::from_slice(&std::fs::read(world.path("out/statement.json")).unwrap()).unwrap();
    let parts = statement["parts"].as_array().unwrap();
    let open = |part: &str| {
        let part = parts.iter().find(|p| p["part"] == part).unwrap();
        part["steps"].as_array().unwrap().iter().any(|step| step["verdict"] == "unknown")
    };
    for letter in statement["questions"].as_array().unwrap() {
        for part in letter["parts"].as_array().unwrap() {
            assert!(open(part["part"].as_str().unwrap()), "{part}");
        }
    }
    let text = std::fs::read_to_string(world.path("letters/kitahama-magnetics.html")).unwrap();
    assert!(!text.contains("ROT-111"), "it passes");
    assert!(!text.contains("RES-112"), "it fails, and no answer changes that");
}

#[test]
fn a_workbook_says_the_same_as_its_tables() {
    let world = World::new(&example());
    world.ok(&["comply", "--template", "new"]);
    let on = ["--on", "2027-01-01", "--json"];
    let tables = comply(&world, &on);
    let workbook = world.run(&[&["comply", "new/example/bill-of-materials.xlsx"], &on[..]].concat());
    assert_eq!((tables.code, workbook.code), (4, 4), "{}", workbook.stderr);
    let value = |ran: &Ran| {
        let mut value: Value = serde_json::from_str(&ran.stdout).unwrap();
        // The texts of the sheets are not those of the files, letter by letter.
        let own = value.as_object_mut().unwrap();
        assert!(own.remove("command").is_some() && own.remove("hash").is_some());
        value
    };
    assert_eq!(value(&tables), value(&workbook));
    let example = contents(&world.path("new/example"));
    assert_eq!(example[PARTS], std::fs::read(world.path("m/parts.csv")).unwrap());
}

#[test]
fn the_template_is_the_same_each_time_and_asks_for_parts() {
    let world = World::new(&small());
    world.ok(&["comply", "--template", "one"]);
    world.ok(&["comply", "--template", "two"]);
    assert_eq!(contents(&world.path("one")), contents(&world.path("two")));
    for file in ["one/parts.csv", "one/bill-of-materials.xlsx"] {
        let ran = world.run(&["comply", file]);
        assert_eq!(ran.code, 1, "an empty table is no pass: {}", ran.stdout);
        assert!(ran.stderr.contains("has no parts"), "{}", ran.stderr);
    }
    assert_eq!(world.run(&["comply", "--template", "m"]).code, 1, "it replaces nothing");
}

#[test]
fn exit_code_4_unless_all_pass() {
    let mut files = small();
    let world = World::new(&files);
    assert_eq!(comply(&world, &["--on", "2026-06-01"]).code, 0);
    // Mining is not known, and matters from 2027 on.
    assert_eq!(comply(&world, &["--on", "2027-01-01"]).code, 4);
    files.edit(PARTS, "20,JPN,JPN", "20,CHN,JPN");
    let world = World::new(&files);
    assert_eq!(comply(&world, &["--on", "2026-06-01"]).code, 4);
    assert_eq!(comply(&world, &["--on", "2026-02-30"]).code, 2);
    assert_eq!(world.run(&["comply"]).code, 2);
}

#[test]
fn a_rule_of_ones_own_and_declarations_from_elsewhere() {
    let mut files = small();
    files.0.insert("elsewhere/d.csv".to_string(), files.0[DECLARATIONS].clone());
    files.remove(DECLARATIONS);
    let world = World::new(&files);
    let ran = comply(&world, &["--on", "2026-06-01"]);
    assert_eq!(ran.code, 1, "the document is not declared");
    assert!(ran.stderr.contains("unknown document `D-1`"), "{}", ran.stderr);
    let args = ["--on", "2026-06-01", "--declarations", "m/elsewhere/d.csv", "--rule", "m/rule.toml"];
    let ran = comply(&world, &args);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("--declarations m/elsewhere/d.csv"), "{}", ran.stdout);
    assert!(ran.stdout.contains("purchasing policy 7"), "{}", ran.stdout);
}

#[test]
fn a_new_delivery_shows_what_it_changes() {
    let mut files = example();
    for name in [PARTS, DECLARATIONS] {
        files.0.insert(format!("old/{name}"), files.0[name].clone());
    }
    // The supplier says where the rest of a magnet comes from, renews a declaration, and drops a part.
    files.edit(PARTS, "neo magnet,6,,11,,,,,,Germany", "neo magnet,6,,11,,AUS,n/a,EST,DEU,Germany");
    files.edit(DECLARATIONS, "2025-09-01,2026-08-31", "2026-09-01,2027-08-31");
    let text = String::from_utf8(files.0[PARTS].clone()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("LBL-501")).collect();
    files.put(PARTS, &format!("{}\nNEW-1,,,,,,,,,,,,,,,,,,,,,,,\n", lines.join("\n")));
    let world = World::new(&files);
    let args = ["--on", "2027-01-01", "--diff", "m/old/parts.csv"];
    let ran = comply(&world, &args);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    insta::assert_snapshot!("changes", ran.stdout);
    let json: Value = serde_json::from_str(&comply(&world, &[&args[..], &["--json"]].concat()).stdout).unwrap();
    let changed: Vec<&str> = json["changes"].as_array().unwrap().iter().map(|c| c["part"].as_str().unwrap()).collect();
    assert_eq!(changed, ["BRK-113", "CAP-123", "LBL-501", "NEW-1"]);
    let same = comply(&world, &["--on", "2027-01-01", "--diff", "m/parts.csv"]);
    assert!(same.stdout.contains("No verdict changes."), "{}", same.stdout);
}

#[test]
fn two_runs_are_identical_and_json_stands_alone() {
    let world = World::new(&example());
    let args = ["--on", "2027-01-01", "--out"];
    for out in ["one", "two"] {
        comply(&world, &[&args[..], &[out, "--questions", &format!("{out}-letters")]].concat());
    }
    assert_eq!(contents(&world.path("one")), contents(&world.path("two")));
    assert_eq!(contents(&world.path("one-letters")), contents(&world.path("two-letters")));
    let ran = comply(&world, &["--on", "2027-01-01", "--json"]);
    assert_eq!(ran.stdout.trim_end().as_bytes(), contents(&world.path("one"))["statement.json"]);
    // The command that the statement carries gives it again.
    let statement: Value = serde_json::from_str(&ran.stdout).unwrap();
    let command: Vec<&str> = statement["command"].as_str().unwrap().split(' ').skip(1).collect();
    assert_eq!(world.run(&[&command[..], &["--json"]].concat()).stdout, ran.stdout);
}

#[test]
fn folders_of_others_are_not_replaced() {
    let world = World::new(&example());
    for option in ["--out", "--questions"] {
        let before = world.contents();
        let ran = comply(&world, &[option, "m"]);
        assert_eq!((ran.code, world.contents()), (1, before), "{}", ran.stderr);
        assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    }
}

// --------------------------------------------------------------------------------------------- bad input

struct Case {
    name: &'static str,
    code: Code,
    place: &'static str,
    change: fn(&mut Files),
}

const fn case(name: &'static str, code: Code, place: &'static str, change: fn(&mut Files)) -> Case {
    Case { name, code, place, change }
}

const ERRORS: &[Case] = &[
    case("above-100-percent", Code::AboveWhole, "parts.csv:3:22", |f| f.edit(PARTS, "NdFeB,20,", "NdFeB,20.01,")),
    case("parts-above-the-whole", Code::AboveWhole, "parts.csv:2:15", |f| f.edit(PARTS, "Maker,500", "Maker,79")),
    case("value-without-currency", Code::MissingCurrency, "parts.csv:2:19", |f| {
        f.edit(PARTS, "90,USD", "90,");
    }),
    case("unknown-country", Code::UnknownCountry, "parts.csv:3:41", |f| f.edit(PARTS, "20,JPN,JPN", "20,Jappan,JPN")),
    case("country-of-two-meanings", Code::UnknownCountry, "parts.csv:3:41", |f| {
        f.edit(PARTS, "20,JPN,JPN", "20,Korea,JPN");
    }),
    case("parts-in-a-circle", Code::PartsLoop, "parts.csv:3:8", |f| {
        f.edit(PARTS, "motor,,,Maker", "motor,magnet,1,Maker");
    }),
    case("part-of-itself", Code::PartsLoop, "parts.csv:2:7", |f| f.edit(PARTS, "motor,,,Maker", "motor,motor,1,Maker")),
    case("formula", Code::FormulaCell, "parts.csv:2:26", |f| f.edit(PARTS, "JPN,,,,,D-1", "=A1+1,,,,,D-1")),
    case("formula-in-a-declaration", Code::FormulaCell, "declarations.csv:2:18", |f| {
        f.edit(DECLARATIONS, "A. Person", "@SUM(A1)");
    }),
    case("two-weights", Code::Contradiction, "parts.csv:4:15", |f| f.add(PARTS, "motor,,,Maker,501,,,,,,,,\n")),
    case("none-and-a-material", Code::Contradiction, "parts.csv:4:20", |f| {
        f.add(PARTS, "magnet,,,Maker,,,,,none,,,,D-1\n");
    }),
    case("overlapping-dates", Code::OverlappingDates, "rule.toml:25:1", |f| {
        f.edit(RULE, "until = 2025-12-31", "until = 2026-01-01");
    }),
    case("country-in-a-rule", Code::UnknownCountry, "rule.toml:6:14", |f| f.edit(RULE, "\"CHN\"", "\"Chna\"")),
    case("source-of-a-rule", Code::UnknownId, "rule.toml:23:8", |f| {
        f.edit(
            RULE,
            "steps = [\"melted\"]\ncite = \"policy\"\n\n[[period]]",
            "steps = [\"melted\"]\ncite = \"polcy\"\n\n[[period]]",
        );
    }),
    case("step-of-a-rule", Code::BadChoice, "rule.toml:22:10", |f| {
        f.edit(RULE, "until = 2025-12-31\nsteps = [\"melted\"]", "until = 2025-12-31\nsteps = [\"molten\"]");
    }),
    case("rule-without-citation", Code::MissingKey, "rule.toml:19:1", |f| {
        f.edit(RULE, "steps = [\"melted\"]\ncite = \"policy\"\n\n[[period]]", "steps = [\"melted\"]\n\n[[period]]");
    }),
    case("unknown-part", Code::UnknownId, "parts.csv:3:8", |f| f.edit(PARTS, "magnet,motor", "magnet,moter")),
    case("unknown-document", Code::UnknownId, "parts.csv:3:49", |f| f.edit(PARTS, "JPN,JPN,D-1", "JPN,JPN,D-2")),
    case("yes-or-no", Code::BadChoice, "declarations.csv:2:5", |f| f.edit(DECLARATIONS, "D-1,,", "D-1,meltd,")),
    case("too-many-digits", Code::OutOfRange, "parts.csv:3:38", |f| f.edit(PARTS, "NdFeB,20,", "NdFeB,0.0000000001,")),
    case("material-without-a-name", Code::MissingValue, "parts.csv:3:33", |f| f.edit(PARTS, "NdFeB,20", ",20")),
    case("currency", Code::BadChoice, "parts.csv:2:22", |f| f.edit(PARTS, "90,USD", "90,dollars")),
    case("expires-before-it-is-dated", Code::ContradictoryDates, "declarations.csv:2:17", |f| {
        f.edit(DECLARATIONS, "2026-01-01,,", "2026-01-01,2025-01-01,");
    }),
    case("document-twice", Code::DuplicateId, "declarations.csv:3:1", |f| f.add(DECLARATIONS, "D-1,,,,\n")),
];

const WARNINGS: &[Case] =
    &[case("unknown-material", Code::UnknownMaterial, "parts.csv:3:32", |f| f.edit(PARTS, "NdFeB", "N42SH"))];

/// What is wrong with how a case is reported.
fn faults(case: &Case, severity: &str) -> Vec<String> {
    let mut files = small();
    (case.change)(&mut files);
    let world = World::new(&files);
    let before = world.contents();
    let ran =
        comply(&world, &["--rule", "m/rule.toml", "--on", "2026-06-01", "--out", "out", "--questions", "letters"]);
    let mut faults = Vec::new();
    let title = format!("{severity}[{}]", case.code.as_str());
    if !ran.stderr.contains(&title) {
        faults.push(format!("no {title}"));
    }
    if !ran.stderr.contains(&format!("--> m/{}", case.place)) {
        faults.push(format!("not at {}", case.place));
    }
    if !ran.stderr.contains("help: ") {
        faults.push("no help".to_string());
    }
    if severity == "error" {
        if ran.code != 1 || !ran.stdout.is_empty() {
            faults.push(format!("exit code {}, output `{}`", ran.code, ran.stdout));
        }
        if world.contents() != before {
            faults.push("files changed".to_string());
        }
    } else if ran.code != 4 {
        faults.push(format!("exit code {}", ran.code));
    }
    insta::assert_snapshot!(format!("bad-{}", case.name), ran.stderr);
    faults.iter().map(|fault| format!("{}: {fault}\n{}", case.name, ran.stderr)).collect()
}

#[test]
fn every_problem_has_place_and_help_and_nothing_is_written() {
    let mut found: Vec<String> = ERRORS.iter().flat_map(|case| faults(case, "error")).collect();
    found.extend(WARNINGS.iter().flat_map(|case| faults(case, "warning")));
    assert!(found.is_empty(), "{}", found.join("\n"));
    let covered: BTreeSet<Code> = ERRORS.iter().chain(WARNINGS).map(|case| case.code).collect();
    let bare: Vec<_> = COMPLY_CODES.iter().filter(|code| !covered.contains(code)).collect();
    assert!(bare.is_empty(), "codes without a case: {bare:?}");
}

#[test]
fn all_problems_are_said_at_once() {
    let mut files = small();
    files.edit(PARTS, "Maker,500,90,USD,JPN", "Maker,10,90,,Jappan");
    files.edit(PARTS, "magnet,motor,4", "magnet,moter,4");
    files.edit(PARTS, "NdFeB,20,JPN,JPN", "NdFeB,21,=1,Korea");
    files.edit(DECLARATIONS, "2026-01-01", "2026-13-01");
    files.edit(RULE, "until = 2025-12-31", "until = 2026-01-01");
    let world = World::new(&files);
    let ran = comply(&world, &["--rule", "m/rule.toml"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("bad-all-at-once", ran.stderr);
}

#[test]
fn what_is_not_there_is_named() {
    let world = World::new(&small());
    let ran = world.run(&["comply", "nowhere.csv", "--rule", "dfars-2026"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("bad-nowhere", ran.stderr);
}

// ------------------------------------------------------------------------------------------------ damage

fn judge(parts: &[u8], declarations: &[u8], rule_text: &[u8]) {
    let mut report = Report::default();
    let rule = rule::read("rule.toml", &String::from_utf8_lossy(rule_text), &mut report);
    let tables = match is_workbook(parts) {
        true => tables::read_workbook("book.xlsx", parts.to_vec(), &mut report),
        false => {
            let (parts, declarations) = (String::from_utf8_lossy(parts), String::from_utf8_lossy(declarations));
            Some(tables::read_csv(("parts.csv", &parts), Some(("declarations.csv", &declarations)), &mut report))
        }
    };
    let bom = tables.and_then(|tables| bom::read(&tables, &mut report));
    report.render(false, 80);
    if let (Some(rule), Some(bom)) = (rule, bom) {
        let judge = Judge::new(&bom, &rule);
        let on = parse_date("2026-06-01").unwrap();
        let statement = Statement { judge: &judge, on, command: String::new(), hash: String::new() };
        statement.csv().unwrap();
        statement.html().unwrap();
        serde_json::to_string(&statement).unwrap();
    }
}

#[test]
fn damaged_files_never_make_it_panic() {
    let (files, known) = (example(), rule::KNOWN[0].1.as_bytes());
    let mut dice = Dice(7);
    for _ in 0..300 {
        let mut damaged = [files.0[PARTS].clone(), files.0[DECLARATIONS].clone(), known.to_vec()];
        for _ in 0..1 + dice.below(3) {
            damage(&mut damaged[dice.below(3)], &mut dice);
        }
        judge(&damaged[0], &damaged[1], &damaged[2]);
    }
}

#[test]
fn damaged_workbooks_never_make_it_panic() {
    let world = World::new(&small());
    world.ok(&["comply", "--template", "new"]);
    let book = std::fs::read(Path::new(&world.path("new/example/bill-of-materials.xlsx"))).unwrap();
    let mut dice = Dice(11);
    for _ in 0..300 {
        let mut damaged = book.clone();
        for _ in 0..1 + dice.below(3) {
            damage(&mut damaged, &mut dice);
        }
        judge(&damaged, b"", rule::KNOWN[0].1.as_bytes());
    }
}
