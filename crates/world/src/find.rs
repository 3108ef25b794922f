//! Finding the scenario that people name.

use std::collections::BTreeSet;

use coercivity_model::files::{join, parent};
use coercivity_model::names::nearest;
use coercivity_model::{Code, Diagnostic, Files, Model, Report};

use crate::World;

/// The file of a scenario: one of the model's own by name, or of a model that it extends, else the
/// file of that path.
pub fn scenario_path(files: &dyn Files, model: &Model, name: &str, report: &mut Report) -> Option<String> {
    let own = model.folders.iter().map(|folder| join(folder, &format!("scenarios/{name}.toml")));
    if let Some(path) = own.chain([name.to_string()]).find(|path| files.read(path).is_ok()) {
        return Some(path);
    }
    let known = own_scenarios(files, &model.folders);
    let mut d = Diagnostic::error(
        Code::MissingFile,
        format!("there is no scenario `{name}`: neither a file nor one of the model's own"),
    );
    d = d.help(match (nearest(name, known.iter().map(String::as_str)), known.is_empty()) {
        (Some(near), _) => format!("use `{near}`; the model has {}", known.join(", ")),
        (None, false) => format!("the model has {}", known.join(", ")),
        (None, true) => format!("`{}` has no scenarios of its own", model.folders[0]),
    });
    report.push(d);
    None
}

/// The scenario that a spec names: a file beside the spec, else what [`scenario_path`] finds.
pub(crate) fn scenario_of(spec: &str, model: &Model, name: &str, report: &mut Report) -> Option<String> {
    let beside = join(parent(spec), name);
    match World.read(&beside) {
        Ok(_) => Some(beside),
        Err(_) => scenario_path(&World, model, name, report),
    }
}

/// The model folder of a spec: the one that is given, else the one that it names, from where it stands.
pub(crate) fn model_of(spec: &str, named: Option<&str>, given: Option<&str>) -> Option<String> {
    given.map(str::to_string).or_else(|| named.map(|folder| join(parent(spec), folder)))
}

/// Names of the scenarios in the folders of a model, sorted.
pub fn own_scenarios(files: &dyn Files, folders: &[String]) -> Vec<String> {
    let found = folders.iter().flat_map(|folder| files.list(&join(folder, "scenarios")));
    let names: BTreeSet<String> = found.filter_map(|name| name.strip_suffix(".toml").map(str::to_string)).collect();
    names.into_iter().collect()
}
