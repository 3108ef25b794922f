//! Names of a spec, looked for among those that there are.

use coercivity_model::names::nearest;
use coercivity_model::toml_table::Given;
use coercivity_model::{Code, Diagnostic, Report};

/// The place of a name among those that there are; `None` = it is none of them, which is told with the one that is nearest, or
/// else with what `otherwise` says.
pub fn place_of(
    given: &Given,
    noun: &str,
    names: &[&str],
    otherwise: &dyn Fn() -> String,
    file: &str,
    report: &mut Report,
) -> Option<usize> {
    let found = names.iter().position(|name| *name == given.0);
    if found.is_none() {
        let help = nearest(&given.0, names.iter().copied()).map_or_else(otherwise, |near| format!("use `{near}`"));
        let place = report.place(file, given.1.clone());
        let message = format!("unknown {noun} `{}`", given.0);
        report.push(Diagnostic::error(Code::UnknownId, message).at(place).help(help));
    }
    found
}
