//! `coercivity bargain`: what is shown, kept, written and refused.

mod common;

use common::{Files, World, contents, root};
use serde_json::Value;

/// The example, with its model in `m`.
fn world() -> (World, String) {
    let mut files = Files(Default::default());
    let folder = root().join("examples/bargain");
    for (name, bytes) in contents(&folder) {
        files.0.insert(name, bytes);
    }
    let spec = String::from_utf8(files.0.remove("bargain.toml").unwrap()).unwrap();
    let world = World::new(&files);
    let spec = spec.replace("model = \".\"", "model = \"m\"");
    std::fs::write(world.path("b.toml"), &spec).unwrap();
    (world, spec)
}

const ARGS: [&str; 5] = ["bargain", "b.toml", "--cache", "kept", "--json"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_bargain_is_the_same_by_any_number_of_threads_kept_or_not() {
    let (world, _) = world();
    let printed = world.ok(&ARGS).stdout;
    let files = contents(&world.path("kept"));
    let answer = json(&printed);
    assert_eq!(answer["payoffs"].as_array().unwrap().len(), 24);
    assert!(answer["payoffs"].as_array().unwrap().iter().all(Value::is_array));
    assert_eq!(world.ok(&ARGS).stdout, printed);
    assert_eq!(contents(&world.path("kept")), files, "nothing is run again");
    let args = ["bargain", "b.toml", "--cache", "other", "--json"];
    let one = world.command(&args).env("RAYON_NUM_THREADS", "1").output().unwrap();
    assert_eq!(String::from_utf8(one.stdout).unwrap(), printed);
    assert_eq!(contents(&world.path("other")), files);
    world.ok(&["bargain", "b.toml", "--cache", "kept", "--out", "out"]);
    let written = contents(&world.path("out"));
    assert_eq!(String::from_utf8_lossy(&written["bargain.json"]), printed.trim_end());
    assert!(written.contains_key("payoffs.csv") && written.contains_key("payoffs.parquet"));
}

#[test]
fn what_is_damaged_is_run_again() {
    let (world, _) = world();
    let printed = world.ok(&ARGS).stdout;
    let files = contents(&world.path("kept"));
    for (n, (name, bytes)) in files.iter().enumerate() {
        let mut damaged = bytes.clone();
        match n % 3 {
            0 => damaged.truncate(bytes.len() / 2),
            1 => *damaged.last_mut().unwrap() ^= 1,
            _ => damaged.clear(),
        }
        std::fs::write(world.path("kept").join(name), damaged).unwrap();
    }
    assert_eq!(world.ok(&ARGS).stdout, printed);
    assert_eq!(contents(&world.path("kept")), files);
}

#[test]
fn what_is_stopped_goes_on() {
    let (world, _) = world();
    let ran = world.run(&["bargain", "b.toml", "--cache", "kept", "--time-limit", "0.000001"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("goes on from there"), "{}", ran.stderr);
    world.ok(&ARGS);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let (world, _) = world();
    std::fs::write(world.path("kept"), "a file").unwrap();
    let ran = world.run(&ARGS);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("choose another folder with --cache"), "{}", ran.stderr);
}

/// A change to the example, the code of what is then wrong, a part of what is said, and the text at whose first place it is
/// said.
struct Case(&'static str, &'static str, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    Case("scenario = \"truce\"", "", "missing-key", "`scenario` is missing", ""),
    Case("talks = 2026-10-20", "", "missing-key", "`talks` is missing", ""),
    Case("[[lever]]", "[[leaver]]", "unknown-key", "is `lever` meant?", ""),
    Case("round_to = 1e6", "round_to = 0", "out-of-range", "`round_to` is 0", "0\n\n[[player]]\nid = \"cn\""),
    Case("talks = 2026-10-20", "talks = 2019-10-20", "out-of-range", "its days are from 2026-01-01", "2019-10-20"),
    Case("months = 24", "months = 240", "out-of-range", "go beyond the model", "240"),
    Case("months = 24", "months = 0.1", "out-of-range", "less than half a step", "0.1"),
    Case(
        "regions = [\"USA\"]",
        "regions = [\"USB\"]",
        "unknown-id",
        "unknown region or group of regions `USB`",
        "\"USB\"",
    ),
    Case(
        "regions = [\"USA\"]",
        "regions = [\"USA\", \"CHN\"]",
        "contradiction",
        "`CHN` is spoken for by `cn` too",
        "\"CHN\"]\n\n[[player]]\nid = \"jp\"",
    ),
    Case("regions = [\"USA\"]", "regions = []", "missing-value", "`regions` is an empty list", "[]"),
    Case("id = \"jp\"", "id = \"us\"", "duplicate-id", "`us` is defined twice", "\"us\"\nname = \"Japan\""),
    Case(
        "regions = [\"JPN\"]\n",
        "regions = [\"JPN\"]\n[[player.care]]\ndemands = [\"robot\"]\n",
        "unknown-id",
        "unknown demand `robot`",
        "\"robot\"",
    ),
    Case(
        "regions = [\"JPN\"]\n",
        "regions = [\"JPN\"]\n[[player.care]]\ndemands = [\"motors\"]\n",
        "contradiction",
        "`motors` is in no region of `jp`",
        "\"motors\"",
    ),
    Case(
        "regions = [\"JPN\"]\n",
        "regions = [\"JPN\"]\n[[player.care]]\ndemands = [\"robots\", \"robots\"]\n",
        "contradiction",
        "`robots` is given two weights",
        "\"robots\"]",
    ),
    Case(
        "by = \"cn\"\nmeasures = [\"cn-allies\"]",
        "by = \"ru\"\nmeasures = [\"cn-allies\"]",
        "unknown-id",
        "unknown player `ru`",
        "\"ru\"",
    ),
    Case("measures = [\"us-duty\"]", "measures = [\"us-dutie\"]", "unknown-id", "use `us-duty`", "\"us-dutie\""),
    Case(
        "measures = [\"us-duty\"]",
        "measures = [\"us-chips\"]",
        "contradiction",
        "`us-chips` is a measure of two levers",
        "\"us-chips\"]\n\n[[position]]",
    ),
    Case("measures = [\"us-duty\"]", "measures = []", "suspends-nothing", "the lever `us-duty` suspends nothing", "[]"),
    Case(
        "measures = [\"us-duty\"]",
        "",
        "suspends-nothing",
        "the lever `us-duty` suspends nothing",
        "\"us-duty\"\nname = \"duty",
    ),
    Case("{ allow_civil = 0.6 }", "{ allow_civil = 1.6 }", "out-of-range", "allow_civil", "1.6"),
    Case("{ allow_civil = 0.6 }", "{ allow_civl = 0.6 }", "unknown-key", "is `allow_civil` meant?", "allow_civl"),
    Case(
        "{ allow_civil = 0.6 }",
        "{ remaining = 0.6 }",
        "unknown-key",
        "no measure of `cn-licences` has a figure `remaining`",
        "0.6 } }",
    ),
    Case(", with = { allow_civil = 0.6 } }", " }", "missing-key", "the key `with` is missing", "{ id = \"half\""),
    Case(
        "levels = [{ id = \"off\" }, { id = \"half\", name = \"six in ten\", with = { allow_civil = 0.6 } }, { id = \"on\" }]",
        "levels = [{ id = \"on\" }]",
        "out-of-range",
        "nothing to choose",
        "[{ id = \"on\" }]",
    ),
    Case(
        "{ id = \"off\" }, ",
        "{ id = \"on\" }, ",
        "duplicate-id",
        "the level `on` stands twice",
        "[{ id = \"on\" }, ",
    ),
    Case("of = \"cn\"", "of = \"ch\"", "unknown-id", "unknown player `ch`", "\"ch\""),
    Case(
        "levels = { us-chips = \"on\" }",
        "levels = { us-chip = \"on\" }",
        "unknown-id",
        "unknown lever `us-chip`",
        "us-chip = \"on\"",
    ),
    Case(
        "levels = { us-chips = \"on\" }",
        "levels = { us-chips = \"full\" }",
        "unknown-id",
        "unknown level of `us-chips` `full`",
        "\"full\"",
    ),
    Case("levels = { us-chips = \"on\" }", "levels = { us-chips = 1 }", "wrong-type", "`us-chips` is a number", "1 }"),
    Case(
        "levels = { us-chips = \"on\" }",
        "levels = { us-chips = \"on\", us-chips = \"off\" }",
        "bad-toml",
        "cannot read the file",
        "",
    ),
    Case("levers = [\"us-chips\"]", "levers = [\"us-chip\"]", "unknown-id", "unknown lever `us-chip`", "\"us-chip\"]"),
    Case("renewal = 0.9", "renewal = 1.9", "out-of-range", "renewal", "1.9"),
    Case("answered_after = 1", "answered_after = 0", "out-of-range", "answered_after", "0\n\n[decay]"),
    Case(
        "dates = [2027-06-01, 2028-01-01]",
        "dates = [2026-09-01]",
        "out-of-range",
        "not after the talks",
        "[2026-09-01]",
    ),
    Case("dates = [2027-06-01, 2028-01-01]", "dates = [3]", "missing-value", "`dates` has no dates", "[3]"),
    Case("[decay]", "[draws]\nensemble = \"none.toml\"\n[decay]", "missing-key", "`samples` is missing", ""),
];

#[test]
fn what_is_wrong_in_a_spec_is_told_with_its_place() {
    let (world, spec) = world();
    for Case(old, new, code, said, at) in CASES {
        assert!(spec.contains(old), "{old}");
        let wrong = spec.replacen(old, new, 1);
        std::fs::write(world.path("b.toml"), &wrong).unwrap();
        let ran = world.run(&ARGS);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{new}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("error[{code}]")) && ran.stderr.contains(said), "{new}: {}", ran.stderr);
        assert!(ran.stderr.contains("help:"), "{new}: {}", ran.stderr);
        if !at.is_empty() {
            let start = wrong.find(at).unwrap_or_else(|| panic!("{at}"));
            let (line, column) =
                (wrong[..start].matches('\n').count() + 1, start - wrong[..start].rfind('\n').map_or(0, |n| n + 1) + 1);
            let place = format!("b.toml:{line}:{column}");
            assert!(ran.stderr.contains(&place), "{place}: {}", ran.stderr);
        }
        assert!(!world.path("kept").exists());
    }
}

#[test]
fn a_lever_that_changes_nothing_is_told() {
    let (world, spec) = world();
    // From 2030 on there is no model.
    let scenario = world.path("m/scenarios/truce.toml");
    let text = std::fs::read_to_string(&scenario).unwrap();
    std::fs::write(&scenario, text.replacen("rate = 0.25", "rate = 0", 1)).unwrap();
    let ran = world.run(&ARGS);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("error[suspends-nothing]") && ran.stderr.contains("`us-duty`"), "{}", ran.stderr);
    let line = spec[..spec.find("id = \"us-duty\"").unwrap()].matches('\n').count() + 1;
    assert!(ran.stderr.contains(&format!("b.toml:{line}:6")), "{}", ran.stderr);
}

#[test]
fn more_than_can_be_told_apart_is_told() {
    let (world, spec) = world();
    let level = |n: usize| format!("{{ id = \"l{n}\", with = {{ allow_civil = {} }} }}", n as f64 / 4000.0);
    let levels: Vec<String> = (0..2000).map(level).collect();
    let many =
        format!("measures = [\"cn-allies\"]\nlevels = [{{ id = \"off\" }}, {}, {{ id = \"on\" }}]", levels.join(", "));
    let wrong = spec.replacen("measures = [\"cn-allies\"]", &many, 1);
    let more = wrong.replacen("measures = [\"us-chips\"]", &many.replace("cn-allies", "us-chips"), 1);
    std::fs::write(world.path("b.toml"), more).unwrap();
    let ran = world.run(&ARGS);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("more than 1048576 combinations"), "{}", ran.stderr);
}

#[test]
fn payoffs_that_are_no_number_are_told() {
    let (world, spec) = world();
    let wrong = spec.replace("name = \"Japan\"\n", "unmet = 1e308\n");
    std::fs::write(world.path("b.toml"), wrong).unwrap();
    let ran = world.run(&ARGS);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("what `jp` gets with ") && ran.stderr.contains("no finite number"), "{}", ran.stderr);
}
