//! What a command line asks for by name: days, demands, nodes. Wrong names go to the report, all of them.

use std::collections::BTreeSet;

use coercivity_engine::node::Node;
use coercivity_model::names::nearest;
use coercivity_model::schema::TableName;
use coercivity_model::{Code, Date, Diagnostic, Model, Report};

/// The step that the day of `--at` lies in; of no day, the first.
pub fn step_of(model: &Model, at: Option<Date>, report: &mut Report) -> usize {
    let Some(at) = at else { return 0 };
    let (first, end) = (model.calendar.first_day(0), model.calendar.first_day(model.steps()));
    let step = (0..model.steps()).rev().find(|step| model.calendar.first_day(*step) <= at && at < end);
    step.unwrap_or_else(|| {
        let message = format!("--at {at} lies outside the model, whose days are from {first} on and before {end}");
        report.push(Diagnostic::error(Code::OutOfRange, message).help("give one of these days"));
        0
    })
}

/// The demand of this id.
pub fn demand(model: &Model, id: &str, report: &mut Report) -> Option<usize> {
    let found = model.demands.iter().position(|demand| demand.id == id);
    if found.is_none() {
        let ids = model.demands.iter().map(|demand| demand.id.as_str());
        unknown(model, format!("there is no demand `{id}`"), nearest(id, ids), report);
    }
    found
}

/// The demands of these names, each once: an id is one of them, a region or a group of regions all of theirs.
pub fn demands(model: &Model, names: &[String], report: &mut Report) -> Vec<usize> {
    let mut all = BTreeSet::new();
    for name in names {
        let found: Vec<usize> = match model.demands.iter().position(|demand| demand.id == *name) {
            Some(demand) => vec![demand],
            None => demands_of(model, name),
        };
        if found.is_empty() {
            let regions = model.regions.iter().map(|region| region.id.as_str());
            let known = model.demands.iter().map(|demand| demand.id.as_str()).chain(regions);
            let message = format!("there is no demand `{name}`, nor a region with demands");
            unknown(model, message, nearest(name, known), report);
        }
        all.extend(found);
    }
    all.into_iter().collect()
}

/// The demands of a region or a group of regions.
pub fn demands_of(model: &Model, name: &str) -> Vec<usize> {
    let is_there = |d: &usize| {
        let region = &model.regions[model.demands[*d].region];
        region.id == name || region.groups.iter().any(|group| group == name)
    };
    (0..model.demands.len()).filter(is_there).collect()
}

fn unknown(model: &Model, message: String, near: Option<&str>, report: &mut Report) {
    let table = &model.tables[&TableName::Demands];
    let help = match near {
        Some(near) => format!("use `{near}`; ids stand in `{}`", table.file),
        None => format!("ids stand in `{}`", table.file),
    };
    report.push(Diagnostic::error(Code::UnknownId, message).help(help));
}

/// The nodes of these names.
pub fn nodes(model: &Model, names: &[String], report: &mut Report) -> Vec<Node> {
    let mut nodes = Vec::new();
    for name in names {
        match Node::parse(model, name) {
            Ok(node) => nodes.push(node),
            Err(problems) => problems.into_iter().for_each(|problem| report.push(problem)),
        }
    }
    nodes
}
