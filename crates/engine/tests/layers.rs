//! Dependencies between the crates run one way, and the crates that must be pure are.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use common::{files_below, root};
use serde_json::Value;

/// What each crate of the workspace may depend on within it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("coercivity-model", &[]),
    ("coercivity-engine", &["coercivity-model"]),
    ("coercivity-comply", &["coercivity-model"]),
    ("coercivity-world", &["coercivity-engine", "coercivity-model"]),
    ("coercivity-web", &["coercivity-comply", "coercivity-engine", "coercivity-model"]),
    ("coercivity-py", &["coercivity-comply", "coercivity-engine", "coercivity-model", "coercivity-world"]),
    (
        "coercivity-cli",
        &["coercivity-comply", "coercivity-engine", "coercivity-model", "coercivity-web", "coercivity-world"],
    ),
];

/// Packages of the solvers, and the one crate that may use them.
const SOLVERS: &[&str] = &["highs", "highs-sys", "clarabel"];
const SOLVES: &str = "coercivity-engine";

/// Words that a pure crate has no use for: it reads no files, prints nothing and keeps no clock.
const IMPURE: &[&str] =
    &["std::fs", "std::net", "std::process", "std::env", "Instant::now", "SystemTime", "println!", "eprintln!"];
const PURE: &[&str] = &["model", "engine", "comply"];

/// The dependencies of each crate of the workspace, tests' own left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let list = package["dependencies"].as_array().unwrap().iter();
            let used = list.filter(|d| d["kind"].as_str() != Some("dev")).map(|d| text(&d["name"])).collect();
            (text(&package["name"]), used)
        })
        .collect()
}

#[test]
fn dependencies_run_one_way() {
    let all = dependencies();
    let known: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    assert!(all.contains_key("coercivity-model") && all.contains_key(SOLVES), "found only {:?}", all.keys());
    for (name, used) in &all {
        let Some(allowed) = known.get(name.as_str()) else {
            panic!("`{name}` has no place in the order of crates: give it one in MAY_USE");
        };
        for dependency in used.iter().filter(|d| all.contains_key(*d)) {
            assert!(allowed.contains(&dependency.as_str()), "`{name}` must not depend on `{dependency}`");
        }
    }
}

#[test]
fn only_the_engine_knows_the_solvers() {
    let all = dependencies();
    assert!(all[SOLVES].contains("highs"), "the engine depends on `highs` no more: name its solver in SOLVERS");
    for (name, used) in all.iter().filter(|(name, _)| *name != SOLVES) {
        for solver in SOLVERS {
            assert!(!used.contains(*solver), "`{name}` must not depend on `{solver}`");
        }
    }
}

#[test]
fn all_but_the_edges_are_pure() {
    let mut wrong = Vec::new();
    for name in PURE {
        let files = files_below(&root().join("crates").join(name).join("src"), "rs");
        assert!(files.len() > 5, "only {} files of `{name}` found", files.len());
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            for (n, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or("");
                for word in IMPURE.iter().filter(|word| code.contains(**word)) {
                    wrong.push(format!("{}:{}: {word}", path.display(), n + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
