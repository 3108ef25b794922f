//! `coercivity ensemble` and `coercivity summarize`: what is written, shown, gone on with and refused.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Files, World, contents, root};
use serde_json::Value;

/// The folder `m` is `examples/truce`, whose spec draws so many points.
fn world(samples: usize) -> World {
    let mut files = Files(BTreeMap::new());
    let example = root().join("examples/truce");
    for (name, bytes) in contents(&example) {
        files.0.insert(name, bytes);
    }
    files.edit("ensemble.toml", "samples = 500", &format!("samples = {samples}"));
    World::new(&files)
}

const SPEC: &[&str] = &["m/ensemble.toml", "--model", "m"];

/// The merged tables.
fn tables(world: &World, dir: &str) -> BTreeMap<String, Vec<u8>> {
    let all = contents(&world.path(dir));
    all.into_iter().filter(|(name, _)| name == "samples.parquet" || name == "demands.parquet").collect()
}

fn ensemble(world: &World, dir: &str, more: &[&str]) -> String {
    world.ok(&[&["ensemble"], SPEC, &["--out", dir], more].concat()).stdout
}

#[test]
fn what_an_ensemble_says_is_shown() {
    let world = world(500);
    let printed = ensemble(&world, "e", &[]);
    assert!(printed.contains("e: 4000 samples\n") && printed.contains("coercivity summarize e"), "{printed}");
    insta::assert_snapshot!("summarize", world.ok(&["summarize", "e"]).stdout);
    let asked = ["summarize", "e", "--demand", "motors", "--by", "2027-04-01", "--confidence", "0.8", "--alpha", "0.9"];
    let narrow = world.command(&asked).env("COLUMNS", "80").output().unwrap();
    let narrow = String::from_utf8(narrow.stdout).unwrap();
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    insta::assert_snapshot!("summarize-80", narrow);

    let json: Value = serde_json::from_str(&world.ok(&["summarize", "e", "--json"]).stdout).unwrap();
    // A truce that is as likely as not to be extended spares its half of all futures.
    assert_eq!(json["samples"], 1000);
    assert!((json["short"]["value"].as_f64().unwrap() - 0.5).abs() < 0.01, "{}", json["short"]);
    assert_eq!(json["unknowns"]["inputs"][0]["id"], "truce");
    assert_eq!(json["conditions"]["boxes"][0]["words"], "extensions of the truce = 0");
}

#[test]
fn any_partition_gives_the_same_bytes() {
    let world = world(20);
    ensemble(&world, "whole", &[]);
    let whole = tables(&world, "whole");
    assert_eq!(whole.len(), 2);
    for (dir, size) in [("one", "1"), ("seven", "7")] {
        ensemble(&world, dir, &["--shard-size", size]);
        assert!(tables(&world, dir) == whole, "shards of {size}");
    }
    let one =
        world.command(&[&["ensemble"], SPEC, &["--out", "thread"]].concat()).env("RAYON_NUM_THREADS", "1").output();
    assert!(one.unwrap().status.success());
    assert!(tables(&world, "thread") == whole);
    // By shards, in any order, from a folder that is somewhere else by then.
    world.ok(&[&["ensemble", "plan"], SPEC, &["--out", "planned", "--shard-size", "50"]].concat());
    std::fs::remove_dir_all(world.path("m")).unwrap();
    std::fs::rename(world.path("planned"), world.path("moved")).unwrap();
    for index in [3, 0, 2, 1] {
        let slurm = world
            .command(&["ensemble", "shard", "moved", "--json"])
            .env("SLURM_ARRAY_TASK_ID", index.to_string())
            .output();
        let shard: Value = serde_json::from_slice(&slurm.unwrap().stdout).unwrap();
        assert_eq!(
            (&shard["index"], &shard["first"], &shard["kept"]),
            (&index.into(), &(50 * index).into(), &false.into())
        );
    }
    let merged: Value = serde_json::from_str(&world.ok(&["ensemble", "merge", "moved", "--json"]).stdout).unwrap();
    assert!(tables(&world, "moved") == whole);
    assert_eq!(merged["totals"]["optimal"], 160);
    assert_eq!(merged["inputs"][0]["columns"][0], "input:truce");
}

#[test]
fn what_is_there_is_gone_on_with() {
    let world = world(20);
    ensemble(&world, "e", &["--shard-size", "40"]);
    let before = contents(&world.path("e"));
    std::fs::remove_file(world.path("e/parts/part-000002.parquet")).unwrap();
    std::fs::write(world.path("e/parts/part-000001.parquet"), b"half").unwrap();
    let kept = world.ok(&["ensemble", "shard", "e", "--index", "0"]).stdout;
    assert!(kept.contains("was there already"), "{kept}");
    ensemble(&world, "e", &[]);
    assert!(contents(&world.path("e")) == before, "the shards of the plan that is there, and the same bytes");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let world = world(20);
    let plan = |dir: &str, size: &str| {
        world.ok(&[&["ensemble", "plan"], SPEC, &["--out", dir, "--shard-size", size]].concat());
    };
    plan("e", "40");
    plan("other", "80");
    let refused = |dir: &str, says: &[&str]| {
        let ran = world.run(&["ensemble", "merge", dir]);
        assert_eq!(ran.code, 1);
        says.iter().for_each(|says| assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr));
    };
    refused("e", &["shard 0 (samples 0 to 39)", "shard 3 (samples 120 to 159)", "ensemble shard e --index N"]);
    for index in ["0", "1", "2", "3"] {
        world.ok(&["ensemble", "shard", "e", "--index", index]);
    }
    world.ok(&["ensemble", "shard", "other", "--index", "0"]);
    let part = |dir: &str, index: usize| world.path(&format!("{dir}/parts/part-{index:06}.parquet"));
    let whole = std::fs::read(part("e", 1)).unwrap();
    for bytes in
        [&whole[..whole.len() / 2], &std::fs::read(part("other", 0)).unwrap(), &std::fs::read(part("e", 0)).unwrap()]
    {
        std::fs::write(part("e", 1), bytes).unwrap();
        refused("e", &["shard 1 (samples 40 to 79) missing, broken or of another plan"]);
    }
    std::fs::write(part("e", 1), &whole).unwrap();
    std::fs::write(part("e", 4), &whole).unwrap();
    refused("e", &["part-000004.parquet", "twice"]);
    std::fs::remove_file(part("e", 4)).unwrap();
    world.ok(&["ensemble", "merge", "e"]);
}

#[test]
fn what_cannot_be_is_said() {
    let world = world(4);
    world.ok(&[&["ensemble", "plan"], SPEC, &["--out", "e", "--shard-size", "30"]].concat());
    let refused = |args: &[&str], says: &str| {
        let ran = world.run(args);
        assert!(
            ran.code == 1 && ran.stdout.is_empty() && ran.stderr.contains(says),
            "{args:?}: {} {}",
            ran.code,
            ran.stderr
        );
    };
    refused(&["ensemble", "shard", "e", "--index", "2"], "there is no shard 2: the plan has 2");
    refused(&["ensemble", "shard", "e"], "--index N");
    refused(&["ensemble", "shard", "m", "--index", "0"], "has no plan");
    refused(&["summarize", "e"], "is not merged yet");
    refused(&["ensemble", "no.toml"], "no.toml");
    refused(&[&["ensemble"], SPEC, &["--out", "m"]].concat(), "no ensemble");
    let spec = std::fs::read_to_string(world.path("m/ensemble.toml")).unwrap();
    std::fs::write(world.path("m/ensemble.toml"), spec.replace("seed = 7", "seed = 8")).unwrap();
    refused(&[&["ensemble"], SPEC, &["--out", "e"]].concat(), "another ensemble");
    std::fs::write(world.path("m/ensemble.toml"), spec.replace("truce = \"truce\"", "truce = \"truec\"")).unwrap();
    refused(&[&["ensemble"], SPEC].concat(), "use `truce`");
    std::fs::write(world.path("m/ensemble.toml"), &spec).unwrap();
    ensemble(&world, "e", &[]);
    refused(&["summarize", "e", "--demand", "motor"], "use `motors`");
    assert_eq!(world.run(&["summarize", "e", "--confidence", "1"]).code, 2);
    assert_eq!(world.run(&["ensemble"]).code, 2);
}

/// Ctrl-C leaves what is done, and the same command goes on from there.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_what_can_be_gone_on_with() {
    let world = world(500);
    ensemble(&world, "whole", &[]);
    let args = [&["ensemble"], SPEC, &["--out", "e", "--shard-size", "20"]].concat();
    let mut child = world.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&world.path("e/parts/part-000003.parquet"));
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("the same command goes on from there"), "{said}");
    assert!(!world.path("e/samples.parquet").exists());
    world.ok(&args);
    assert!(tables(&world, "e") == tables(&world, "whole"));
}

#[cfg(unix)]
fn wait_for(path: &Path) {
    let end = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < end, "{} did not come", path.display());
        std::thread::yield_now();
    }
}
