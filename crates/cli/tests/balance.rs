//! `coercivity balance`: what it prints and writes, and when it refuses.

mod common;

use common::{Files, World, root};
use serde_json::Value;

/// BBB needs 155 metal. AAA can make 120 and sends them; CCC sends 20 and can make 40. Nobody delivers ore to BBB.
/// Seen of CCC's metal: 20 +- 10.
fn misfit() -> Files {
    let mut files = Files::tiny();
    files.put("sites.csv", "id,process,region,capacity\nmine,dig,AAA,240\nsmelter,smelt,AAA,120\n");
    files.add("sites.csv", "mine-c,dig,CCC,100\nsmelter-c,smelt,CCC,40\n");
    files.put(
        "lanes.csv",
        "product,from,to,flow,why,cost,source,confidence,note\n\
         metal,AAA,BBB,120,a,2,,observed,\"by sea, mostly\"\n\
         ore,*,CCC,7,b,2,,assumed,\n\
         metal,CCC,BBB,20,c,2,,assumed,\"a \"\"route\"\"\"\n\
         metal,CCC,AAA,,d,2,,assumed,\n",
    );
    files.put(
        "demands.csv",
        "id,region,amount,value,name\nneed,BBB,155,1000,motors of the west\nglaze,BBB,5,10,glazes of the west\n",
    );
    files.put("uses.csv", "demand,product,amount\nneed,metal,1\nglaze,ore,1\n");
    let observations = "id,name,what,products,region,value,tolerance\nc,Metal out of CCC,flow,metal,CCC,20,10\n";
    files.put("observations.csv", observations);
    files
}

#[test]
fn what_is_printed() {
    let world = World::new(&misfit());
    for columns in ["80", "100"] {
        let output = world.command(&["balance", "m"]).env("COLUMNS", columns).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(text.lines().all(|line| line.chars().count() <= columns.parse().unwrap()), "{text}");
        insta::assert_snapshot!(format!("balance-{columns}-columns"), text);
    }
    let tiny = World::new(&Files::tiny());
    insta::assert_snapshot!("balance-that-fits", tiny.ok(&["balance", "m", "--check"]).stdout);
}

#[test]
fn json_says_the_same() {
    let world = World::new(&misfit());
    let ran = world.ok(&["balance", "m", "--json"]);
    assert_eq!(ran.stdout, world.ok(&["balance", "m", "--json"]).stdout);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&found["adjusted"], &found["left_out"]), (&1.into(), &1.into()));
    let number = |value: &Value| value.as_f64().unwrap();
    let near = |value: &Value, wanted: f64| (number(value) - wanted).abs() < 1e-4 * wanted;
    let flows = found["flows"].as_array().unwrap();
    assert_eq!(flows.len(), 2);
    assert!(near(&flows[0]["balanced"], 120.0) && flows[0]["adjusted"] == false);
    assert!(near(&flows[1]["balanced"], 35.0) && near(&flows[1]["change"], 0.75), "{}", flows[1]);
    assert_eq!(
        (&flows[1]["product"], &flows[1]["from"], &flows[1]["to"]),
        (&"metal".into(), &"CCC".into(), &"BBB".into())
    );
    // Observed 5% of 120, assumed 50% of 20.
    assert!(near(&flows[0]["sigma"], 6.0) && near(&flows[1]["sigma"], 10.0));
    assert!(near(&found["observations"][0]["before"], 20.0) && near(&found["observations"][0]["balanced"], 35.0));
    let gap = &found["gaps"][0];
    assert_eq!((&gap["product"], &gap["region"], &gap["needs"][0]), (&"ore".into(), &"BBB".into(), &"glaze".into()));
    assert!(near(&gap["used"], 5.0) && near(&gap["missing"], 5.0));
}

#[test]
fn out_changes_flows_and_nothing_else() {
    let mut files = misfit();
    let world = World::new(&files);
    let ran = world.ok(&["balance", "m", "--out", "balanced.csv"]);
    assert!(ran.stdout.ends_with("Balanced flows: balanced.csv\n"), "{}", ran.stdout);
    let written = std::fs::read_to_string(world.path("balanced.csv")).unwrap();
    files.edit("lanes.csv", "metal,CCC,BBB,20,", "metal,CCC,BBB,35,");
    assert_eq!(written.as_bytes(), files.0["lanes.csv"]);
    // In place of the old one it fits.
    let before = world.contents();
    let ran = world.run(&["balance", "m", "--out", "m/lanes.csv"]);
    assert!(ran.code == 1 && ran.stderr.contains("is there already"), "{}", ran.stderr);
    assert_eq!(world.contents(), before);
    world.ok(&["balance", "m", "--out", "m/lanes.csv", "--force"]);
    world.ok(&["balance", "m", "--check"]);
    world.ok(&["check", "m"]);
}

#[test]
fn out_has_the_rows_of_models_below() {
    let world = World::new(&misfit());
    let mut own = Files(std::collections::BTreeMap::new());
    own.put("model.toml", "format = 1\nname = \"Mine\"\nextends = \"../m\"\n");
    own.put("lanes.csv", "product,from,to,flow,confidence\nmetal,CCC,BBB,10,assumed\n");
    own.write(&world.path("own"));
    world.ok(&["balance", "own", "--out", "own/lanes.csv", "--force"]);
    let written = std::fs::read_to_string(world.path("own/lanes.csv")).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[1], "metal,AAA,BBB,120,a,2,,observed,\"by sea, mostly\"");
    assert_eq!(lines[4], "metal,CCC,BBB,35,,,,assumed,");
    world.ok(&["balance", "own", "--check"]);
}

#[test]
fn check_fails_and_names_what_does_not_fit() {
    let mut files = misfit();
    let world = World::new(&files);
    let ran = world.run(&["balance", "m", "--check"]);
    let said = "metal/CCC/BBB moves from 20 to 35\n1 flow moves by more than 10% and by more than 10 units\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (4, said));
    // By 50%, and by 9 units only.
    files.edit("demands.csv", "need,BBB,155", "need,BBB,149");
    World::new(&files).ok(&["balance", "m", "--check"]);
}

#[test]
fn the_reference_model_stays_balanced() {
    let world = World::new(&Files::tiny());
    world.ok(&["new", "own"]);
    world.ok(&["balance", "own", "--out", "own/lanes.csv", "--force"]);
    world.ok(&["balance", "own", "--check"]);
    let kept = std::fs::read_to_string(root().join("models/magnets/lanes.csv")).unwrap();
    let written = std::fs::read_to_string(world.path("own/lanes.csv")).unwrap();
    let cut = |line: &str| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let mut cells: Vec<String> = reader.records().next().unwrap().unwrap().iter().map(str::to_string).collect();
        cells.remove(6);
        cells
    };
    assert_eq!(kept.lines().next().unwrap().split(',').nth(6), Some("flow"));
    assert!(kept.lines().map(cut).eq(written.lines().map(cut)));
}

#[test]
fn without_flows_there_is_nothing_to_balance() {
    let mut files = Files::tiny();
    for lanes in
        ["product,from,to\n", "product,from,to,flow\nmetal,*,BBB,120\n", "product,from,to,flow\nmetal,AAA,BBB,\n"]
    {
        files.put("lanes.csv", lanes);
        let world = World::new(&files);
        let before = world.contents();
        let ran = world.run(&["balance", "m", "--out", "out.csv"]);
        assert_eq!((ran.code, ran.stdout.as_str(), world.contents()), (1, "", before));
        let said = "error: `m` has no reference flows to balance: fill in `flow` in lanes.csv, in rows without a `*`\n";
        assert_eq!(ran.stderr, said);
    }
    files.put("lanes.csv", "product,from,to,flow\nmetal,AAA,BBB,many\n");
    let ran = World::new(&files).run(&["balance", "m"]);
    assert!(ran.code == 1 && ran.stderr.contains("bad-number"), "{}", ran.stderr);
    assert_eq!(World::new(&misfit()).run(&["balance", "m", "--force"]).code, 2, "nothing to force");
}

#[test]
fn figures_of_any_size_end_with_an_answer_or_an_error() {
    for (name, old, new) in [
        ("lanes.csv", "metal,AAA,BBB,120", "metal,AAA,BBB,1e308"),
        ("lanes.csv", "metal,AAA,BBB,120", "metal,AAA,BBB,1e-300"),
        ("sites.csv", "smelter,smelt,AAA,120", "smelter,smelt,AAA,1e308"),
        ("sites.csv", "smelter,smelt,AAA,120", "smelter,smelt,AAA,1e-300"),
        ("demands.csv", "need,BBB,155", "need,BBB,1e308"),
        ("observations.csv", "CCC,20,10", "CCC,0,0"),
        ("observations.csv", "CCC,20,10", "CCC,1e300,0"),
    ] {
        let mut files = misfit();
        files.edit(name, old, new);
        let ran = World::new(&files).run(&["balance", "m"]);
        assert!([0, 3].contains(&ran.code), "{new}: {} {}", ran.code, ran.stderr);
        assert!(!ran.stderr.contains("panicked") && !ran.stdout.contains("NaN"), "{new}: {}{}", ran.stdout, ran.stderr);
    }
}
