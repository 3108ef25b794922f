//! Finding and reading the model and scenario that a command line names.

use std::io::IsTerminal;

use coercivity_model::scenario::model_of_scenario;
use coercivity_model::{Files, Model, Report, Scenario, Severity, read_model, read_scenario};
use coercivity_world::{REFERENCE, World};
use serde_json::Value;

use crate::Failure;

/// What was read, with the names that give it again on a command line.
pub struct Input {
    pub model: Model,
    pub scenario: Scenario,
    /// `None` = the reference model.
    pub model_path: Option<String>,
    /// As given, or the default; `None` = no measures.
    pub scenario_name: Option<String>,
    pub warnings: usize,
}

impl Input {
    /// What was found, as JSON with what it was found of and the command that gives it again.
    pub fn json_of(&self, mut found: Value, command: &str) -> Value {
        for (key, text) in [
            ("model", self.model.name.as_str()),
            ("scenario", &self.scenario.name),
            ("version", env!("CARGO_PKG_VERSION")),
            ("model_hash", &self.model.hash),
            ("scenario_hash", &self.scenario.hash),
            ("command", command),
        ] {
            found[key] = text.into();
        }
        found
    }
}

/// Reads the model and the scenario, printing diagnostics to standard error if there are errors.
pub fn read(model: Option<&str>, scenario: Option<&str>) -> Result<Input, Failure> {
    let mut report = Report::default();
    // A scenario file may name its model.
    let named_by_scenario = scenario
        .filter(|name| model.is_none() && World.read(name).is_ok())
        .and_then(|name| model_of_scenario(&World, name));
    let model_path = model.map(str::to_string).or(named_by_scenario);
    let folder = model_path.clone().unwrap_or_else(|| REFERENCE.to_string());
    let model = model_in(&folder, &mut report)?;
    let scenario_name = scenario.map(str::to_string).or_else(|| model.default_scenario.clone());
    let scenario = match &scenario_name {
        None => Some(Scenario::no_measures()),
        Some(name) => {
            scenario_path(&model, name, &mut report).and_then(|path| read_scenario(&World, &path, &model, &mut report))
        }
    };
    let Some(scenario) = scenario else {
        print(&report);
        return Err(Failure::Input);
    };
    let warnings = report.count(Severity::Warning);
    Ok(Input { model, scenario, model_path, scenario_name, warnings })
}

/// Reads the model in a folder, printing diagnostics to standard error if there are errors.
pub fn model_in(folder: &str, report: &mut Report) -> Result<Model, Failure> {
    read_model(&World, folder, report).ok_or_else(|| {
        print(report);
        Failure::Input
    })
}

/// The file of a scenario, as [`coercivity_world::scenario_path`] finds it.
pub fn scenario_path(model: &Model, name: &str, report: &mut Report) -> Option<String> {
    coercivity_world::scenario_path(&World, model, name, report)
}

/// Names of the scenarios in the folders of a model, sorted.
pub fn own_scenarios(folders: &[String]) -> Vec<String> {
    coercivity_world::own_scenarios(&World, folders)
}

/// Prints a report to standard error, in colour on a terminal.
pub fn print(report: &Report) {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    eprint!("{}", report.render(colour, crate::layout::width()));
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    eprintln!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
}

/// "1 error", "2 errors".
pub fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
