//! Every case of `tests/cases`, and one for each bug that was found since (`regressions`): the prose
//! derives the figures by hand, this test holds the engine to them, pruned and unpruned.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::results::summary::Summary;
use common::{Case, agree, files_below, outcome, root};

fn numbers(value: &toml::Value) -> Vec<f64> {
    match value {
        toml::Value::Array(list) => list.iter().map(number).collect(),
        other => vec![number(other)],
    }
}

fn number(value: &toml::Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|i| i as f64)).expect("a number")
}

/// Differences between a summary and an expectation, as text.
fn differences(summary: &Summary, expectation: &toml::Table) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |name: String, found: &[f64], wanted: &toml::Value| {
        let wanted = numbers(wanted);
        if found.len() != wanted.len() || found.iter().zip(&wanted).any(|(a, b)| !agree(*a, *b)) {
            wrong.push(format!("{name}: found {found:?}, expected {wanted:?}"));
        }
    };
    let costs = serde_json::to_value(summary.costs).unwrap();
    let mut dates = Vec::new();
    for (key, wanted) in expectation {
        match key.as_str() {
            "scenario" | "foresight" => {}
            "objective" => compare(key.clone(), &[summary.objective], wanted),
            "unmet_value" => compare(key.clone(), &[summary.unmet_value], wanted),
            "costs" => {
                for (kind, wanted) in wanted.as_table().unwrap() {
                    compare(format!("costs.{kind}"), &[costs[kind].as_f64().unwrap()], wanted);
                }
            }
            "unmet" | "required" | "late" => {
                let maps = [("unmet", &summary.unmet), ("required", &summary.required), ("late", &summary.late)];
                let map = maps.iter().find(|(name, _)| name == key).unwrap().1;
                for (demand, wanted) in wanted.as_table().unwrap() {
                    compare(format!("{key}.{demand}"), &map[demand], wanted);
                }
            }
            "first_unmet" => {
                for (demand, wanted) in wanted.as_table().unwrap() {
                    let found = summary.first_unmet[demand].clone().unwrap_or("none".to_string());
                    if Some(found.as_str()) != wanted.as_str() {
                        dates.push(format!("first_unmet.{demand}: found {found}, expected {wanted}"));
                    }
                }
            }
            other => panic!("unknown expectation `{other}`"),
        }
    }
    wrong.extend(dates);
    wrong
}

#[test]
fn every_case_gives_the_figures_of_its_prose() {
    let mut paths = files_below(&root().join("tests/cases"), "md");
    assert!(paths.len() > 150, "only {} cases found", paths.len());
    paths.extend(files_below(&root().join("crates/engine/tests/regressions"), "md"));
    let mut wrong = Vec::new();
    for path in &paths {
        let case = Case::read(path);
        for expectation in case.expectations.iter().filter(|e| !e.contains_key("diagnostics")) {
            let scenario = case.scenario_name(expectation);
            let (model, scenario) = match case.input(scenario.as_deref()) {
                Ok(input) => input,
                Err(report) => {
                    wrong.push(format!("{}:\n{}", path.display(), report.render(false, 100)));
                    continue;
                }
            };
            let foresight = match expectation.get("foresight").and_then(|f| f.as_str()) {
                Some("announced") => Foresight::Announced,
                _ => Foresight::Perfect,
            };
            for prune in [true, false] {
                let found = outcome(&model, &scenario, foresight, prune);
                let summary = Summary::new(&model, &scenario, &found, String::new());
                for difference in differences(&summary, expectation) {
                    wrong.push(format!("{} (prune: {prune}): {difference}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}
