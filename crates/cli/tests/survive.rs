//! `coercivity survive`: what is shown, written and refused.

mod common;

use common::{Files, World, contents};
use serde_json::Value;

/// The case of engine/tests/survive.rs: a maker with two weeks of stock, an ally for 3 of 10 magnets a week, and
/// another country for all of them.
fn files() -> Files {
    let mut files = Files(Default::default());
    for (name, text) in [
        (
            "model.toml",
            "format = 1\nname = \"Maker and ally\"\nstart = 2025-01-01\nstep = \"week\"\nsteps = 20\nterminal_value = 0\n\
             discount_rate = 0\n",
        ),
        ("regions.csv", "id,groups\nHOME,west\nALLY,west\nELSE,\n"),
        ("products.csv", "id,unit,stage,price\nox,t,oxide,10\nmag,t,magnet,100\n"),
        ("processes.csv", "process,product,amount\nsep,ox,1\nmake,ox,-1\nmake,mag,1\n"),
        (
            "sites.csv",
            "id,process,region,capacity,owner\nsep-ally,sep,ALLY,104.28571428571429,Ally\n\
             make-ally,make,ALLY,156.42857142857142,Ally\nsep-else,sep,ELSE,5214.285714285715,\n\
             make-else,make,ELSE,5214.285714285715,\n",
        ),
        ("lanes.csv", "product,from,to\nox,ELSE,ALLY\nmag,ALLY,HOME\nmag,ELSE,HOME\n"),
        (
            "demands.csv",
            "id,name,region,amount,value,unit\nneed,motors at home,HOME,521.4285714285714,1000000,motors\n\
             never,nothing,ALLY,100,5,\n",
        ),
        ("uses.csv", "demand,product,amount\nneed,mag,1\n"),
        ("stocks.csv", "region,product,initial\nHOME,mag,20\nALLY,ox,6\n"),
    ] {
        files.put(name, text);
    }
    files
}

#[test]
fn what_is_lost_is_shown() {
    let world = World::new(&files());
    let all = ["survive", "m"];
    insta::assert_snapshot!("survive", world.ok(&all).stdout);
    let recovered = ["survive", "m", "--for", "8w", "--without", "ELSE", "--without", "sep-ally", "--demand", "HOME"];
    let narrow = world.command(&recovered).env("COLUMNS", "80").output().unwrap();
    let narrow = String::from_utf8(narrow.stdout).unwrap();
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    insta::assert_snapshot!("survive-80", narrow);
}

#[test]
fn what_is_lost_is_written_the_same_by_any_number_of_threads() {
    let world = World::new(&files());
    let args = ["survive", "m", "--each", "stages,lanes,owners", "--json"];
    let before = world.contents();
    let printed = world.ok(&args).stdout;
    assert_eq!(world.contents(), before, "without --out nothing is written");
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(json["command"], "coercivity survive m --each stages,lanes,owners");
    assert_eq!(json["left_out"], serde_json::json!(["never"]));
    let nodes = json["nodes"].as_array().unwrap();
    let first = &nodes[0];
    assert_eq!((&first["node"], &first["short_from"]), (&"ELSE:oxide".into(), &"2025-01-21".into()));
    assert!((first["survives_days"].as_f64().unwrap() - 20.0).abs() < 1e-6, "{first}");
    assert_eq!((&first["exposed"], &first["lost"][0]["demand"]), (&true.into(), &"need".into()));
    let ids: Vec<&str> = nodes.iter().map(|node| node["node"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 4 + 3 + 1, "{ids:?}");
    for threads in ["1", "2"] {
        let again = world.command(&args).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert_eq!(String::from_utf8(again.stdout).unwrap(), printed, "{threads} threads");
    }
    world.ok(&[&args[..4], &["--out", "out"]].concat());
    let written = contents(&world.path("out"));
    let names: Vec<&str> = written.keys().map(String::as_str).filter(|name| !name.starts_with('.')).collect();
    assert_eq!(names, ["lost.csv", "lost.parquet", "survive.csv", "survive.json", "survive.parquet"]);
    assert!(String::from_utf8_lossy(&written["survive.csv"]).contains("\nELSE:oxide,2.857142857142857"));
    let refused = world.run(&["survive", "m", "--out", "m"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("this program did not write it"), "{}", refused.stderr);
}

#[test]
fn what_cannot_be_asked_is_refused_all_at_once() {
    let world = World::new(&files());
    let cases: &[&[&str]] = &[
        &["--without", "sep-aly", "--without", "HOME:oxide", "--demand", "ned", "--at", "2030-01-01", "--for", "1d"],
        &["--demand", "never", "--without", "ELSE"],
    ];
    let said = |args: &&[&str]| {
        let ran = world.run(&[&["survive", "m"], *args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{args:?}");
        format!("$ {}\n{}", args.join(" "), ran.stderr)
    };
    insta::assert_snapshot!("survive-wrong", cases.iter().map(said).collect::<Vec<_>>().join("\n"));
    for args in [["--for", "soon"], ["--for", "0w"], ["--each", "mines"]] {
        assert_eq!(world.run(&[&["survive", "m"], &args[..]].concat()).code, 2, "{args:?}");
    }
    // Nothing at all can be met.
    let mut files = files();
    files.put("stocks.csv", "region,product,initial\nHOME,mag,0\n");
    files.put("sites.csv", "id,process,region,capacity\nmake-ally,make,ALLY,10\n");
    let world = World::new(&files);
    let ran = world.run(&["survive", "m"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("these demands are never met"), "{}", ran.stderr);
}
