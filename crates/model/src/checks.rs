//! What a model's tables say together: one function per check. All of these are warnings; what
//! makes a model impossible to build is found while it is read.

use crate::diag::{Code, Diagnostic, Report};
use crate::model::{Model, Process};
use crate::schema::TableName;

/// Runs every check on a model that was read without errors.
pub fn check_model(model: &Model, report: &mut Report) {
    pipeline_without_lead(model, report);
    ramp_without_opening(model, report);
    mass_gain(model, report);
    waiting_pays(model, report);
    unserved_need(model, report);
}

fn warn(
    model: &Model,
    (table, row, column): (TableName, usize, &str),
    code: Code,
    message: String,
    help: &str,
    report: &mut Report,
) {
    let place = model.tables[&table].place(row, column, report);
    report.push(Diagnostic::warning(code, message).at(place).help(help));
}

/// `made` fills the pipeline of a site, and a lead of 0 steps has none.
fn pipeline_without_lead(model: &Model, report: &mut Report) {
    for (row, site) in model.sites.iter().enumerate() {
        if site.made.is_some_and(|made| made > 0.0) && model.step.lead_steps(site.lead_days) == 0 {
            let message = format!("`made` of `{}` has no effect: its lead is 0 steps", site.id);
            let help = "give the site `lead_days` of at least half a step, or leave `made` out";
            warn(model, (TableName::Sites, row, "made"), Code::NoEffect, message, help, report);
        }
    }
}

fn ramp_without_opening(model: &Model, report: &mut Report) {
    for (row, site) in model.sites.iter().enumerate() {
        if site.ramp_months > 0.0 && site.opens.is_none() {
            let message = format!("`ramp_months` of `{}` has no effect without `opens`", site.id);
            let help = "the ramp begins on the opening day";
            warn(model, (TableName::Sites, row, "ramp_months"), Code::NoEffect, message, help, report);
        }
    }
}

/// Tonnes per unit where the unit is a mass ("t", "t REO", "kg"), else `None`.
fn tonnes(unit: &str) -> Option<f64> {
    match unit.split_whitespace().next()? {
        "t" | "tonne" | "tonnes" => Some(1.0),
        "kt" => Some(1e3),
        "kg" => Some(1e-3),
        "g" => Some(1e-6),
        _ => None,
    }
}

/// (mass in, mass out) of a recipe all of whose products are masses.
fn masses(model: &Model, process: &Process) -> Option<(f64, f64)> {
    let sum = |side: &[(usize, f64)]| {
        side.iter().map(|(p, amount)| Some(amount * tonnes(&model.products[*p].unit)?)).sum::<Option<f64>>()
    };
    Some((sum(&process.inputs)?, sum(&process.outputs)?))
}

fn mass_gain(model: &Model, report: &mut Report) {
    let table = &model.tables[&TableName::Processes];
    for process in model.processes.iter().filter(|p| !p.inputs.is_empty()) {
        let Some((taken, given)) = masses(model, process) else { continue };
        if given > taken * (1.0 + 1e-9) {
            let row = (0..table.len()).find(|row| table.text(*row, "process") == process.id).unwrap_or(0);
            let message = format!("the recipe `{}` gives {given} t and takes {taken} t", process.id);
            let help = "other inputs (iron, boron, cobalt) that the model leaves out may explain it: say so in a note";
            warn(model, (TableName::Processes, row, "process"), Code::MassGain, message, help, report);
        }
    }
}

/// Where being late costs less than the interest on the value, an optimum would never deliver.
fn waiting_pays(model: &Model, report: &mut Report) {
    for (row, demand) in model.demands.iter().enumerate() {
        if demand.late_cost.is_some_and(|late| late < model.discount_rate * demand.value) {
            let message = format!(
                "a late unit of `{}` costs less a year than the interest on its value: waiting would pay",
                demand.id
            );
            let help = format!("a `late_cost` of {} or more avoids it", model.discount_rate * demand.value);
            warn(model, (TableName::Demands, row, "late_cost"), Code::WaitingPays, message, &help, report);
        }
    }
}

fn unserved_need(model: &Model, report: &mut Report) {
    for (row, demand) in model.demands.iter().enumerate() {
        if demand.options.is_empty() {
            let message = format!("no row of `uses.csv` serves `{}`: all of it stays unmet", demand.id);
            let help = "list what one unit of it takes";
            warn(model, (TableName::Demands, row, "id"), Code::UnservedNeed, message, help, report);
        }
    }
}
