//! `coercivity check`: every problem of a model and its scenarios at once.

use coercivity_model::{Report, read_model, read_scenario};
use coercivity_world::{REFERENCE, World};

use crate::Failure;
use crate::args::Check;
use crate::input::{counted, own_scenarios, print, scenario_path};

pub fn check(args: &Check) -> Result<(), Failure> {
    let folder = args.model.as_deref().unwrap_or(REFERENCE);
    let mut report = Report::default();
    let model = read_model(&World, folder, &mut report);
    // A model with errors is known by its folder only.
    let folders = model.as_ref().map_or_else(|| vec![folder.to_string()], |model| model.folders.clone());
    let names = if args.scenario.is_empty() { own_scenarios(&folders) } else { args.scenario.clone() };
    if let Some(model) = &model {
        for name in &names {
            // Each scenario is read by itself, so that one with errors hides none of the others.
            if let Some(path) = scenario_path(model, name, &mut report) {
                let mut own = report.clone_texts();
                read_scenario(&World, &path, model, &mut own);
                report.absorb(own);
            }
        }
        if let Some(default) = &model.default_scenario {
            scenario_path(model, default, &mut report);
        }
    }
    if args.json {
        let json = serde_json::to_string_pretty(report.diagnostics()).expect("diagnostics are plain data");
        println!("{json}");
    } else {
        print(&report);
        if let Some(model) = &model {
            let rows: Vec<String> =
                model.rows_by_confidence().iter().map(|(name, rows)| format!("{rows} {name}")).collect();
            let scenarios = counted(names.len(), "scenario");
            println!("{}: {scenarios} checked; rows by confidence: {}", model.name, rows.join(", "));
        } else if !names.is_empty() {
            eprintln!("scenarios are checked when the model has no errors");
        }
    }
    if report.has_errors() { Err(Failure::Input) } else { Ok(()) }
}
