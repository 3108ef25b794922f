//! The command line as people and programs meet it: helps, `check`, `new`, and what `run` writes.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use coercivity_model::calendar::{days_between, parse_date};
use common::{Files, World, contents, results, root};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["run"],
    &["check"],
    &["new"],
    &["chokepoints"],
    &["comply"],
    &["data"],
    &["import"],
    &["balance"],
    &["assess"],
    &["survive"],
    &["ensemble"],
    &["ensemble", "plan"],
    &["ensemble", "shard"],
    &["ensemble", "merge"],
    &["summarize"],
    &["why"],
    &["plan"],
    &["bargain"],
    &["backcast"],
    &["trace"],
    &["serve"],
    &["report"],
];

fn help(world: &World, command: &[&str], columns: &str) -> String {
    let output = world.command(&[command, &["--help"]].concat()).env("COLUMNS", columns).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn helps() {
    let world = World::new(&Files::tiny());
    for command in COMMANDS {
        let name = if command.is_empty() { "coercivity".to_string() } else { command.join("-") };
        let name = format!("help-{name}");
        insta::assert_snapshot!(name, help(&world, command, "100"));
    }
}

#[test]
fn helps_fit_their_terminal() {
    let world = World::new(&Files::tiny());
    for command in COMMANDS {
        for columns in [80, 100, 200] {
            let text = help(&world, command, &columns.to_string());
            if let Some(line) = text.lines().find(|line| line.chars().count() > columns.min(100)) {
                panic!("wider than {columns} columns, in {command:?}: {line}");
            }
        }
    }
}

#[test]
fn examples_are_not_broken_on_a_narrow_terminal() {
    let world = World::new(&Files::tiny());
    for command in COMMANDS {
        let (narrow, wide) = (help(&world, command, "80"), help(&world, command, "200"));
        let examples = |text: &str| -> Vec<String> {
            text.lines().filter(|line| line.starts_with("  coercivity ")).map(str::to_string).collect()
        };
        assert_eq!(examples(&narrow), examples(&wide), "{command:?}");
    }
}

#[test]
fn every_command_has_a_test_of_its_help() {
    let world = World::new(&Files::tiny());
    let text = help(&world, &[], "100");
    let list = text.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let listed: BTreeSet<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert_eq!(listed, COMMANDS.iter().filter_map(|command| command.first().copied()).collect());
}

#[test]
fn check_says_what_was_checked() {
    let mut files = Files::tiny();
    let world = World::new(&files);
    let ran = world.ok(&["check", "m"]);
    insta::assert_snapshot!("check", format!("{}---\n{}", ran.stdout, ran.stderr));
    assert_eq!(world.ok(&["check", "m", "--json"]).stdout, "[]\n");

    files.edit("scenarios/cut.toml", "on = \"metal\"", "on = \"metall\"");
    files.add("lanes.csv", "metal,AAA,AAA,0,0,\n");
    let world = World::new(&files);
    let ran = world.run(&["check", "m"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("check-with-problems", format!("{}---\n{}", ran.stdout, ran.stderr));
    let ran = world.run(&["check", "m", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    insta::assert_snapshot!("check-with-problems-json", ran.stdout);
}

#[test]
fn check_takes_the_scenarios_that_are_named() {
    let mut files = Files::tiny();
    files.put("scenarios/bad.toml", "name = 1\n");
    let world = World::new(&files);
    assert_eq!(world.run(&["check", "m"]).code, 1);
    world.ok(&["check", "m", "--scenario", "cut"]);
    world.ok(&["check", "m", "--scenario", "m/scenarios/cut.toml"]);
    assert_eq!(world.run(&["check", "m", "--scenario", "cut", "--scenario", "bad"]).code, 1);
}

#[test]
fn the_reference_model_has_no_errors() {
    let world = World::new(&Files::tiny());
    let ran = world.run(&["check"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// The tiny model with sources for its mines, its needs, and one figure of its own.
fn sourced() -> Files {
    let mut files = Files::tiny();
    files.put("sources.csv", "key,title,publisher,year\nsurvey,A survey,An office,2024\nguess,An assumption,us,2026\n");
    let mines = "id,process,region,capacity,cost,source,confidence,cost.source,cost.confidence\n\
                 mine-a,dig,AAA,240,10,survey,observed,guess,assumed\n\
                 smelter,smelt,AAA,240,20,survey;guess,derived,,\n";
    files.put("sites.csv", mines);
    files
}

#[test]
fn data_says_what_the_figures_rest_on() {
    let world = World::new(&sourced());
    insta::assert_snapshot!("data", world.ok(&["data", "m"]).stdout);
    let json: Value = serde_json::from_str(&world.ok(&["data", "m", "--json"]).stdout).unwrap();
    let sites = &json["tables"]["sites.csv"];
    assert_eq!((&sites["figures"], &sites["sourced"]), (&4.into(), &4.into()));
    // Capacity of the mine is observed, both figures of the smelter are derived, the mine's cost is assumed.
    assert_eq!(
        sites["confidence"],
        serde_json::json!({
            "observed": 1, "reported": 0, "derived": 2, "recalled": 0, "assumed": 1, "not given": 0,
        })
    );
    assert_eq!(sites["years"], serde_json::json!([2024, 2026, 2026]));
    assert_eq!(json["sources"][0]["key"], "guess");
    assert_eq!(json["sources"][0]["figures"], 3);
    assert_eq!(json["tables"]["demands.csv"]["sourced"], 0);
}

#[test]
fn data_check_names_every_figure_without_a_source() {
    let world = World::new(&sourced());
    let ran = world.run(&["data", "m", "--check"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!("data-check", ran.stderr);
    assert!(!ran.stderr.contains("sites.csv"), "its figures have sources");
    assert_eq!(world.ok(&["data", "--check"]).stderr, "", "the reference model");
}

#[test]
fn the_reference_model_and_its_variant_hold_together() {
    let world = World::new(&Files::tiny());
    let said = world.ok(&["balance", "--check"]).stdout;
    assert!(said.contains("none by more than 10%"), "{said}");
    let variant = root().join("models/variants/f35-417kg");
    let variant = variant.to_str().unwrap();
    assert!(world.run(&["check", variant]).stderr.contains("0 errors"));
    assert_eq!(world.ok(&["data", variant, "--check"]).stderr, "");
}

const RANGES: &str = "\
table,row,column,low,best,high,why
sites,mine-a,cost,5,10,15,guessed
lanes,metal/AAA/BBB,flow,60,120,180,guessed
stocks,BBB/metal/strategic,initial,4,8,20,guessed
demands,need,amount,96,120,132,guessed
";

#[test]
fn data_check_asks_for_ranges_where_there_are_some() {
    let mut files = sourced();
    files.put("uncertainty.csv", RANGES);
    let world = World::new(&files);
    let said = world.ok(&["data", "m"]).stdout;
    assert!(said.ends_with("4 figures with a range; 0 recalled or assumed without one.\n"), "{said}");
    files.edit("uncertainty.csv", "sites,mine-a,cost,5,10,15,guessed\n", "");
    let world = World::new(&files);
    let said = world.ok(&["data", "m"]).stdout;
    assert!(
        said.ends_with("3 figures with a range; 1 recalled or assumed without one; --check shows them.\n"),
        "{said}"
    );
    let said = world.run(&["data", "m", "--check"]);
    let wanted = "error[no-range]: the figure `10` in `cost` is assumed and has no range\n --> m/sites.csv:2:20\n";
    assert!(said.code == 1 && said.stderr.contains(wanted), "{}", said.stderr);
    let help = "help: give `uncertainty.csv` a row sites,mine-a,cost with low, best, high and why\n";
    assert!(said.stderr.contains(help), "{}", said.stderr);
    let json: Value = serde_json::from_str(&world.ok(&["data", "m", "--json"]).stdout).unwrap();
    assert_eq!(json["ranges"], 3);
}

#[test]
fn sensitivity_ranks_and_runs_again() {
    let mut files = sourced();
    files.put("uncertainty.csv", RANGES);
    let world = World::new(&files);
    let before = world.contents();
    let args = ["data", "m", "--sensitivity", "--scenario", "cut"];
    insta::assert_snapshot!("sensitivity", world.ok(&args).stdout);
    insta::assert_snapshot!("sensitivity-by", world.ok(&[&args[..], &["--by", "50%"]].concat()).stdout);
    let json: Value = serde_json::from_str(&world.ok(&[&args[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(world.contents(), before, "nothing is written");
    let figures = json["figures"].as_array().unwrap();
    let place = |f: &Value| format!("{},{},{}", f["table"], f["row"], f["column"]).replace('"', "");
    let mut places: Vec<String> = figures.iter().map(place).collect();
    places.sort();
    let mut wanted: Vec<String> =
        RANGES.lines().skip(1).map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect();
    wanted.sort();
    assert_eq!(places, wanted);
    let unchanged = json["unchanged"]["objective"].as_f64().unwrap();
    for end in figures.iter().flat_map(|f| [&f["low"], &f["high"]]) {
        let found = end["found"]["objective"].as_f64().unwrap();
        assert!((found - unchanged - end["change"].as_f64().unwrap()).abs() < 1e-6, "{end}");
        assert!(end["predicted_change"].is_number(), "{end}");
    }
}

#[test]
fn sensitivity_needs_figures_to_move() {
    let world = World::new(&Files::tiny());
    for (args, why) in
        [(&[][..], "the model has no ranges"), (&["--by", "1"], "no figure of the model is recalled or assumed")]
    {
        let ran = world.run(&[&["data", "m", "--sensitivity"], args].concat());
        assert!(ran.code == 1 && ran.stderr.starts_with(&format!("error: {why}")), "{}", ran.stderr);
    }
    for args in [
        &["--by", "1"][..],
        &["--sensitivity", "--confidence", "recalled"],
        &["--scenario", "cut"],
        &["--sensitivity", "--check"],
        &["--sensitivity", "--by", "0"],
    ] {
        assert_eq!(world.run(&[&["data", "m"], args].concat()).code, 2, "{args:?}");
    }
}

#[test]
fn new_writes_the_reference_model_byte_for_byte() {
    let world = World::new(&Files::tiny());
    world.ok(&["new", "mine"]);
    assert_eq!(world.run(&["check", "mine"]).code, 0);
    let (written, kept) = (contents(&world.path("mine")), contents(&root().join("models/magnets")));
    assert_eq!(written.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>());
    for (name, bytes) in &kept {
        assert!(written[name] == *bytes, "{name} differs");
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn json_is_all_that_stands_on_standard_output() {
    let world = World::new(&Files::tiny());
    let before = world.contents();
    let ran = world.ok(&["run", "m", "--scenario", "cut", "--json"]);
    let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(world.contents(), before, "without --out nothing is written");
    let ran = world.ok(&["run", "m", "--scenario", "cut", "--json", "--out", "out"]);
    let written: Value = serde_json::from_slice(&std::fs::read(world.path("out/summary.json")).unwrap()).unwrap();
    let again: Value = serde_json::from_str(&ran.stdout).unwrap();
    let without_clock = |mut value: Value| {
        value.as_object_mut().unwrap().remove("seconds");
        value
    };
    assert_eq!(without_clock(written), without_clock(again.clone()));
    assert_eq!(without_clock(printed), without_clock(again));
}

#[test]
fn summary_has_the_keys_of_the_contract() {
    let mut files = Files::tiny();
    files.put("demands.csv", "id,region,amount,value,late_cost\nneed,BBB,120,1000,\nlater,BBB,12,1000,100\n");
    files.add("uses.csv", "later,metal,1\n");
    let world = World::new(&files);
    let ran = world.ok(&["run", "m", "--scenario", "cut", "--json"]);
    let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
    let wanted = [
        "model",
        "scenario",
        "method",
        "foresight",
        "status",
        "objective",
        "unmet_value",
        "costs",
        "unmet",
        "required",
        "first_unmet",
        "rows",
        "columns",
        "seconds",
        "late",
    ];
    for key in wanted {
        assert!(summary.get(key).is_some(), "no `{key}`");
    }
    assert_eq!((&summary["model"], &summary["scenario"]), (&"Two regions".into(), &"Cut off".into()));
    assert_eq!((&summary["method"], &summary["foresight"]), (&"optimal".into(), &"announced".into()));
    assert_eq!(summary["status"], "optimal");
    let costs = ["production", "transport", "duties", "holding", "shortfall", "options", "terminal"];
    assert_eq!(keys(&summary["costs"]), costs.into());
    assert_eq!(keys(&summary["seconds"]), ["read", "build", "solve", "write"].into());
    for map in ["unmet", "required"] {
        assert_eq!(keys(&summary[map]), ["need", "later"].into(), "{map}");
        for (demand, steps) in summary[map].as_object().unwrap() {
            let numbers = steps.as_array().unwrap();
            assert!(numbers.len() == 4 && numbers.iter().all(Value::is_number), "{map} of {demand}");
        }
    }
    assert_eq!(keys(&summary["late"]), ["later"].into());
    // The lane is full at the start, and the pause lets February's shipment through.
    assert_eq!(summary["first_unmet"]["need"], "2025-04-01", "{}", summary["unmet"]);
    let parts: f64 = summary["costs"].as_object().unwrap().values().map(|cost| cost.as_f64().unwrap()).sum();
    let (objective, unmet) = (summary["objective"].as_f64().unwrap(), summary["unmet_value"].as_f64().unwrap());
    assert!((objective - parts - unmet).abs() <= 1e-9 * objective.abs());
}

/// A Parquet table as the texts that CSV has.
fn parquet_rows(path: &Path) -> Vec<Vec<String>> {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr();
    let mut rows = vec![schema.columns().iter().map(|column| column.name().to_string()).collect()];
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let cells = row.get_column_iter().map(|(_, field)| match field {
            Field::Int(step) => step.to_string(),
            Field::Double(number) => number.to_string(),
            Field::Str(text) => text.clone(),
            Field::Date(days) => format!("day {days}"),
            Field::Null => String::new(),
            other => panic!("{other:?}"),
        });
        rows.push(cells.collect());
    }
    rows
}

fn raw_rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_string).collect()).collect()
}

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let epoch = parse_date("1970-01-01").unwrap();
    let rows = raw_rows(path);
    let date = rows[0].iter().position(|name| name == "date");
    let in_days = |(i, mut row): (usize, Vec<String>)| {
        if let Some(date) = date.filter(|_| i > 0) {
            row[date] = format!("day {}", days_between(epoch, parse_date(&row[date]).unwrap()));
        }
        row
    };
    rows.into_iter().enumerate().map(in_days).collect()
}

const OBSERVATIONS: &str = "id,name,what,products,region,from,value,tolerance,scenario\n\
                            share,Share of AAA,share,metal,AAA,,0.5,0.1,\n\
                            later,\"Metal, later\",output,metal,AAA,2030-01-01,120,10,cut\n";

#[test]
fn csv_and_parquet_say_the_same() {
    let mut files = Files::tiny();
    files.put("options.csv", "demand,option,max_share,cost\nneed,base,0.7,0.1\n");
    files.edit("regions.csv", "BBB,west", "BBB,west;Süd");
    files.put("observations.csv", OBSERVATIONS);
    let world = World::new(&files);
    world.ok(&["run", "m", "--scenario", "cut", "--out", "out"]);
    let names = contents(&world.path("out"));
    let tables: Vec<&str> = names.keys().filter_map(|name| name.strip_suffix(".csv")).collect();
    assert_eq!(tables, ["demand", "flows", "observations", "options", "prices", "sites", "stocks"]);
    for table in tables {
        let csv = csv_rows(&world.path(&format!("out/{table}.csv")));
        let parquet = parquet_rows(&world.path(&format!("out/{table}.parquet")));
        assert!(csv.len() > 1, "`{table}` has no rows to compare");
        assert_eq!(csv, parquet, "{table}");
        let first = if table == "observations" { ["id", "name"] } else { ["step", "date"] };
        assert_eq!(csv[0][..2], first);
    }
    // Nothing is made in BBB, and no step lies in 2030: a number, and none.
    let rows = raw_rows(&world.path("out/observations.csv"));
    let cells = |row: usize| rows[row][2..].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(cells(1), ["baseline", "0.5", "0.1", "1", "0.5", "no"]);
    assert_eq!(cells(2), ["cut", "120", "10", "", "", "unknown"]);
}

#[test]
fn two_runs_are_identical_byte_for_byte() {
    let world = World::new(&Files::tiny());
    let run = |threads: &str| {
        let args = ["run", "m", "--scenario", "cut", "--out", "out", "--write-mps", "out.mps"];
        let output = world.command(&args).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success());
        (results(&world.path("out")), std::fs::read(world.path("out.mps")).unwrap())
    };
    let first = run("1");
    assert_eq!(first.0.len(), 14, "{:?}", first.0.keys());
    for threads in ["1", "4"] {
        assert!(run(threads) == first, "{threads} threads");
    }
}

#[test]
fn write_mps_writes_a_program() {
    let world = World::new(&Files::tiny());
    world.ok(&["run", "m", "--scenario", "cut", "--json", "--write-mps", "program.mps"]);
    let text = std::fs::read_to_string(world.path("program.mps")).unwrap();
    for section in ["NAME", "ROWS", "COLUMNS", "RHS", "ENDATA"] {
        assert!(text.lines().any(|line| line.starts_with(section)), "no {section}");
    }
    assert_eq!(text.trim_end().lines().last(), Some("ENDATA"));
}

#[test]
fn a_scenario_finds_its_model_from_any_folder() {
    let mut files = Files::tiny();
    files.edit("scenarios/cut.toml", "name = \"Cut off\"", "name = \"Cut off\"\nmodel = \"..\"");
    files.put("scenarios/deeper/longer.toml", "extends = \"../cut.toml\"\n");
    let world = World::new(&files);
    std::fs::create_dir_all(world.path("else/where")).unwrap();
    let absolute = world.path("m/scenarios/cut.toml");
    for scenario in ["../../m/scenarios/cut.toml", "../../m/scenarios/deeper/longer.toml", absolute.to_str().unwrap()] {
        let output = world
            .command(&["run", "--scenario", scenario, "--json"])
            .current_dir(world.path("else/where"))
            .output()
            .unwrap();
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["model"], "Two regions");
    }
}

#[test]
fn a_model_extends_the_reference_model() {
    let world = World::new(&Files::tiny());
    let mut own = Files(std::collections::BTreeMap::new());
    own.put("model.toml", "format = 1\nname = \"My plant\"\nextends = \"reference/magnets\"\n");
    own.put("stocks.csv", "region,product,initial,source,confidence\nDEU,mag-h,5000,books,observed\n");
    own.put("sources.csv", "key,title\nbooks,Stock list\n");
    own.put("scenarios/mine.toml", "extends = \"reference/magnets/scenarios/truce-lapses.toml\"\n");
    own.write(&world.path("own"));
    let base = world.ok(&["check"]).stdout;
    let ran = world.ok(&["check", "own"]).stdout;
    // One row more is observed and one, which it replaces, is no longer derived; one scenario more.
    assert!(base.contains("21 scenarios") && ran.contains("22 scenarios"), "{base}{ran}");
    let observed = |text: &str| -> usize {
        let words: Vec<&str> = text.split([' ', ',']).collect();
        words[words.iter().position(|word| *word == "observed").unwrap() - 1].parse().unwrap()
    };
    assert_eq!(observed(&ran), observed(&base) + 1);
    world.ok(&["data", "own", "--check"]);
}

#[test]
fn a_scenario_is_found_by_name() {
    let world = World::new(&Files::tiny());
    let by_name = world.ok(&["run", "m", "--scenario", "cut", "--json"]);
    let by_path = world.ok(&["run", "m", "--scenario", "m/scenarios/cut.toml", "--json"]);
    let hash = |text: &str| serde_json::from_str::<Value>(text).unwrap()["scenario_hash"].clone();
    assert_eq!(hash(&by_name.stdout), hash(&by_path.stdout));
    // The results go to a folder of the scenario's name.
    world.ok(&["run", "m", "--scenario", "cut"]);
    assert!(world.path("results/cut/summary.json").is_file());
}

/// A workbook with these CSV tables as sheets; numbers as numbers.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, text) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, line) in text.lines().enumerate() {
            for (column, cell) in line.split(',').enumerate().filter(|(_, cell)| !cell.is_empty()) {
                let (row, column) = (row as u32, column as u16);
                match (cell.parse::<f64>(), cell.strip_prefix('=')) {
                    (Ok(number), _) => sheet.write_number(row, column, number).unwrap(),
                    (_, Some(formula)) => sheet.write_formula(row, column, formula).unwrap(),
                    _ => sheet.write_string(row, column, cell).unwrap(),
                };
            }
        }
    }
    book.save_to_buffer().unwrap()
}

const MANIFEST: &str = "format,1\nname,Two regions\nstart,2025-01-01\nstep,month\nsteps,4\ndiscount_rate,0.05";

#[test]
fn a_workbook_becomes_a_model_folder() {
    let world = World::new(&Files::tiny());
    let mut sheets: Vec<(&str, &str)> =
        common::TABLES.iter().map(|(name, text)| (name.trim_end_matches(".csv"), *text)).collect();
    sheets.push(("Model", MANIFEST));
    sheets.push(("scratch", "1,2"));
    std::fs::write(world.path("book.xlsx"), workbook(&sheets)).unwrap();
    let ran = world.ok(&["import", "book.xlsx", "own"]);
    assert!(ran.stderr.contains("the sheet `scratch` is no table of a model"), "{}", ran.stderr);
    let summary = |folder: &str| -> Value {
        let ran = world.ok(&["run", folder, "--scenario", "m/scenarios/cut.toml", "--json"]);
        let mut summary: Value = serde_json::from_str(&ran.stdout).unwrap();
        let own = summary.as_object_mut().unwrap();
        // Where it comes from is another matter.
        own.retain(|key, _| !["seconds", "command"].contains(&key.as_str()) && !key.contains("hash"));
        summary
    };
    assert_eq!(summary("own"), summary("m"));
    assert_eq!(world.run(&["import", "book.xlsx", "m"]).code, 1, "it replaces nothing unasked");
}

#[test]
fn a_workbook_with_problems_becomes_nothing() {
    let world = World::new(&Files::tiny());
    let sheets = [
        ("sites", "id,process,region,capacity\nmine,dig,AAA,=1+1"),
        ("lane", "product,from,to"),
        ("demands", "id\nneed"),
    ];
    std::fs::write(world.path("book.xlsx"), workbook(&sheets)).unwrap();
    let before = world.contents();
    let ran = world.run(&["import", "book.xlsx", "own"]);
    assert_eq!((ran.code, world.contents()), (1, before));
    insta::assert_snapshot!("import-with-problems", ran.stderr);
    let ran = world.run(&["import", "m/sites.csv", "own"]);
    assert!(ran.code == 1 && ran.stderr.contains("is no workbook"), "{}", ran.stderr);
}

#[test]
fn the_workbook_of_a_run_says_what_its_tables_say() {
    let mut files = Files::tiny();
    // A name that a spreadsheet must not compute.
    files.edit("sites.csv", "mine,dig", "-mine,dig");
    files.put("observations.csv", OBSERVATIONS);
    let world = World::new(&files);
    for name in ["one.xlsx", "two.xlsx"] {
        world.ok(&["run", "m", "--scenario", "cut", "--out", "out", "--xlsx", name]);
    }
    let bytes = std::fs::read(world.path("one.xlsx")).unwrap();
    assert_eq!(bytes, std::fs::read(world.path("two.xlsx")).unwrap());
    let mut report = coercivity_model::Report::default();
    let mut book = coercivity_model::workbook::Workbook::open("one.xlsx", bytes, &mut report).unwrap();
    assert_eq!(book.names().len(), 7);
    for sheet in book.names() {
        let text = book.text(&sheet, &mut report).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<Vec<String>> =
            reader.records().map(|r| r.unwrap().iter().map(str::to_string).collect()).collect();
        let expected = raw_rows(&world.path(&format!("out/{sheet}.csv")));
        assert_eq!(rows.len(), expected.len(), "{sheet}");
        for (row, expected) in rows.iter().zip(&expected) {
            for (cell, expected) in row.iter().zip(expected) {
                // A spreadsheet shows 15 digits.
                let same = match (cell.parse::<f64>(), expected.parse::<f64>()) {
                    (Ok(a), Ok(b)) => (a - b).abs() <= 1e-14 * b.abs(),
                    _ => cell == expected,
                };
                assert!(same, "{sheet}: {cell} is not {expected}");
            }
        }
    }
}

/// The tiny model with a second smelter that is small, and a need that the ban cuts off.
fn narrow() -> Files {
    let mut files = Files::tiny();
    files.edit("sites.csv", "smelter,smelt,AAA,120,20\n", "smelter,smelt,AAA,108,20\nsmall,smelt,BBB,6,30\n");
    files.edit(
        "lanes.csv",
        "metal,AAA,BBB,30,2,120\n",
        "metal,AAA,BBB,30,2,120\nore,AAA,BBB,30,2,12\nmetal,AAA,CCC,30,2,12\n",
    );
    files.put("demands.csv", "id,region,amount,value\nneed,BBB,120,1000\nfar,CCC,12,500\n");
    files.add("uses.csv", "far,metal,1\n");
    files
}

#[test]
fn chokepoints_are_shown_and_written() {
    let world = World::new(&narrow());
    let args = ["chokepoints", "m", "--scenario", "cut"];
    insta::assert_snapshot!("chokepoints", world.ok(&args).stdout);
    let narrow = world.command(&args).env("COLUMNS", "80").output().unwrap();
    let narrow = String::from_utf8(narrow.stdout).unwrap();
    insta::assert_snapshot!("chokepoints-80", narrow);
    let wide = world.command(&args).env("COLUMNS", "120").output().unwrap();
    for (text, columns) in [(narrow, 80), (world.ok(&args).stdout, 100), (String::from_utf8(wide.stdout).unwrap(), 120)]
    {
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
    }

    let before = world.contents();
    let printed: Value = serde_json::from_str(&world.ok(&[&args[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(world.contents(), before, "without --out nothing is written");
    let wanted = [
        "model",
        "scenario",
        "foresight",
        "currency",
        "from",
        "until",
        "ranked",
        "concentration",
        "shares",
        "coverage",
        "cuts",
        "limits",
        "prices",
        "version",
        "model_hash",
        "scenario_hash",
        "command",
    ];
    assert_eq!(keys(&printed), wanted.into());
    assert_eq!(printed["command"], "coercivity chokepoints m --scenario cut");

    world.ok(&[&args[..], &["--out", "out"]].concat());
    let written = contents(&world.path("out"));
    let tables: Vec<&str> = written.keys().filter_map(|name| name.strip_suffix(".csv")).collect();
    assert_eq!(tables, ["concentration", "coverage", "cuts", "limits", "prices", "ranked", "shares"]);
    for table in tables {
        let csv = csv_rows(&world.path(&format!("out/{table}.csv")));
        assert_eq!(csv, parquet_rows(&world.path(&format!("out/{table}.parquet"))), "{table}");
        assert!(csv.len() > 1, "`{table}` has no rows");
    }
    assert_eq!(serde_json::from_slice::<Value>(&written["chokepoints.json"]).unwrap(), printed);
    world.ok(&[&args[..], &["--out", "out"]].concat());
    assert_eq!(contents(&world.path("out")), written, "byte for byte");
    std::fs::create_dir(world.path("mine")).unwrap();
    std::fs::write(world.path("mine/file"), "").unwrap();
    let refused = world.run(&[&args[..], &["--out", "mine"]].concat());
    assert!(refused.code == 1 && refused.stderr.contains("this program did not write it"), "{}", refused.stderr);
}

#[test]
fn chokepoints_of_chosen_demands_and_days() {
    let world = World::new(&narrow());
    let json = |args: &[&str]| -> Value {
        let all = [&["chokepoints", "m", "--scenario", "cut", "--json"], args].concat();
        serde_json::from_str(&world.ok(&all).stdout).unwrap()
    };
    let chosen = json(&["--demand", "need", "--demand", "need", "--at", "2025-02-28"]);
    let needs: Vec<&str> =
        chosen["coverage"].as_array().unwrap().iter().map(|c| c["demand"].as_str().unwrap()).collect();
    assert_eq!((needs, chosen["from"].as_str()), (vec!["need"], Some("2025-02-01")));
    // In February the ban is suspended: 108 from the smelter, and 6 from that of BBB, of what ore there is.
    assert_eq!(chosen["coverage"][0]["standing"], "limited");
    // In January a need that the ban cuts off: it is told, and what closes it.
    let january = json(&["--demand", "far"]);
    let far = &january["coverage"][0];
    assert_eq!(
        (&far["standing"], &far["closed_by"], &far["opens"]),
        (&"cut off".into(), &"ban".into(), &"2025-02-01".into())
    );
    assert_eq!(far["most"], 0.0);
}

#[test]
fn chokepoints_of_what_there_is_not() {
    let mut files = narrow();
    files.add("demands.csv", "never,CCC,12,500\nlater,BBB,12,500\n");
    files.edit("demands.csv", "id,region,amount,value\n", "id,region,opens,amount,value\n");
    files.edit("demands.csv", "need,BBB,", "need,BBB,,");
    files.edit("demands.csv", "far,CCC,", "far,CCC,,");
    files.edit("demands.csv", "never,CCC,", "never,CCC,,");
    files.edit("demands.csv", "later,BBB,", "later,BBB,2025-03-01,");
    files.add("uses.csv", "never,ore,1\nlater,metal,1\n");
    let world = World::new(&files);
    let said = |args: &[&str]| {
        let ran = world.run(&[&["chokepoints", "m", "--scenario", "cut"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{args:?}");
        ran.stderr
    };
    let cases: &[&[&str]] = &[
        &["--demand", "ned", "--demand", "xyzxyz"],
        &["--demand", "never"],
        &["--demand", "later"],
        &["--demand", "far", "--at", "2025-03-01"],
        &["--at", "2025-05-01"],
        &["--at", "2024-12-31"],
    ];
    let all: Vec<String> = cases.iter().map(|args| format!("$ {}\n{}", args.join(" "), said(args))).collect();
    insta::assert_snapshot!("chokepoints-wrong", all.join("\n"));
    assert_eq!(world.run(&["chokepoints", "m", "--at", "soon"]).code, 2);
}
