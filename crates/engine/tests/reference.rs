//! The reference model against what was counted in the world: each observation within its tolerance,
//! under the scenario that it is meant for; and the table of the book that says so.
//!
//! After a change of the model: `UPDATE_BOOK=1 cargo test --release --workspace --test reference`.

mod common;

use std::collections::BTreeSet;

use coercivity_engine::Foresight;
use coercivity_engine::chokepoints::cut::Networks;
use coercivity_engine::results::observed::{Held, hold};
use coercivity_model::observations::Quantity;
use coercivity_model::{Report, read_model, read_scenario};
use common::{Disk, outcome, root};

/// Below this many, agreement says little.
const LEAST: usize = 20;

const PAGE: &str = "book/src/magnets.md";
const BEGIN: &str =
    "<!-- observations: made by `UPDATE_BOOK=1 cargo test --release --workspace --test reference` -->\n";
const END: &str = "<!-- end of observations -->\n";

/// A number with four significant digits and thousands separators, a share in percent.
fn shown(value: f64, share: bool) -> String {
    if share {
        return format!("{:.1}%", 100.0 * value);
    }
    let digits = if value > 0.0 { (3 - value.log10().floor() as i32).clamp(-8, 3) } else { 0 };
    let unit = 10f64.powi(-digits);
    let rounded = format!("{:.*}", digits.max(0) as usize, (value / unit).round() * unit);
    let (whole, rest) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let groups: Vec<&str> = whole.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{}{point}{rest}", groups.join(","))
}

#[test]
fn cuts_of_the_reference_model_add_up() {
    let (files, mut report) = (Disk(root()), Report::default());
    let model = read_model(&files, "models/magnets", &mut report).expect("the model is right");
    let path = "models/magnets/scenarios/full-cut-off.toml";
    let scenario = read_scenario(&files, path, &model, &mut report).expect("the scenario is right");
    let networks = Networks::new(&model, &scenario);
    for (demand, step) in (0..model.demands.len()).flat_map(|d| [0, 24].map(|step| (d, step))) {
        let Some(cut) = networks.cut(demand, step).unwrap() else { continue };
        let shares: f64 = cut.parts.iter().map(|part| part.share).sum();
        let id = &model.demands[demand].id;
        assert!(cut.is_cut_off() || (shares - 1.0).abs() < 1e-6, "{id} in step {step}: {shares}");
    }
}

/// The rows of the book's table.
fn rows(held: &[Held]) -> String {
    let mut text =
        String::from("\n| what was counted | observed | the model | tolerance | scenario |\n|---|---|---|---|---|\n");
    for held in held {
        let of = held.observation;
        let share = matches!(of.what, Quantity::Share | Quantity::Reliance);
        let result = held.result.map_or("unknown".to_string(), |result| shown(result, share));
        let (value, tolerance) = (shown(of.value, share), shown(of.tolerance, share));
        text += &format!("| {} | {value} | {result} | {tolerance} | `{}` |\n", of.name, of.scenario);
    }
    text + "\n"
}

/// Whether two rows of the table say the same. Optima tie, and which of them is found may differ from one
/// build of the solver to another: results may be a hundredth apart.
fn agree(shown: &str, new: &str) -> bool {
    const RESULT: usize = 3;
    let number = |cell: &str| cell.trim().trim_end_matches('%').replace(',', "").parse::<f64>().ok();
    let (shown, new): (Vec<&str>, Vec<&str>) = (shown.split('|').collect(), new.split('|').collect());
    shown.len() == new.len()
        && shown.iter().zip(&new).enumerate().all(|(i, (a, b))| match (number(a), number(b)) {
            (Some(a), Some(b)) if i == RESULT => (a - b).abs() <= 0.01 * b,
            _ => a == b,
        })
}

fn line(held: &Held) -> String {
    let of = held.observation;
    let result = held.result.map_or("unknown".to_string(), |result| format!("{result:.4}"));
    format!("{} ({}): observed {}, result {result}, tolerance {}", of.id, of.scenario, of.value, of.tolerance)
}

#[test]
fn the_reference_model_agrees_with_what_was_counted() {
    let (files, mut report) = (Disk(root()), Report::default());
    let model = read_model(&files, "models/magnets", &mut report);
    let model = model.unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    let count = model.observations.len();
    assert!(count >= LEAST, "models/magnets has {count} observations, and needs {LEAST}");
    let scenarios: BTreeSet<&str> = model.observations.iter().map(|o| o.scenario.as_str()).collect();
    let mut all = Vec::new();
    for name in scenarios {
        let path = format!("models/magnets/scenarios/{name}.toml");
        let scenario = read_scenario(&files, &path, &model, &mut report);
        let scenario = scenario.unwrap_or_else(|| panic!("{}", report.render(false, 100)));
        let found = outcome(&model, &scenario, Foresight::Perfect, true);
        all.extend(hold(&model, &found).into_iter().filter(|held| held.observation.scenario == name));
    }
    let wrong: Vec<String> = all.iter().filter(|held| held.within() != Some(true)).map(line).collect();
    assert!(wrong.is_empty(), "{} of {count} observations are not met:\n{}", wrong.len(), wrong.join("\n"));

    let page = root().join(PAGE);
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the page has a place for the table");
    let (table, after) = rest.split_once(END).expect("the place has an end");
    let made = rows(&all);
    if std::env::var_os("UPDATE_BOOK").is_some() {
        std::fs::write(&page, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
    } else {
        let (shown, new): (Vec<&str>, Vec<&str>) = (table.lines().collect(), made.lines().collect());
        assert_eq!(shown.len(), new.len(), "{PAGE} is out of date; see the head of this file");
        for (shown, new) in shown.into_iter().zip(new) {
            assert!(agree(shown, new), "{PAGE} is out of date; see the head of this file:\n{shown}\n{new}");
        }
    }
}
