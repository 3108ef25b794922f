//! Whether tags are honest in what was carried out: nothing loses a tag on its way, sources have
//! the tags that the rules give them, limits see the tags, and nobody consumes what is forbidden.
//!
//! For runs on the full space, where every slot carries its whole tag set.

use std::collections::BTreeMap;

use coercivity_engine::Outcome;
use coercivity_engine::program::Column;
use coercivity_engine::results::carried_out;
use coercivity_engine::tags::{CIVIL, TagSet};
use coercivity_model::model::EndUse;
use coercivity_model::scenario::Effect;
use coercivity_model::{Model, Scenario};

use crate::books::{Law, above};

/// Rules that tag: (tag, origin regions, processes), read from the scenario.
type Rules<'a> = Vec<(TagSet, &'a [usize], &'a [usize])>;

fn rules<'a>(scenario: &'a Scenario, outcome: &Outcome) -> Rules<'a> {
    let measures = scenario.measures.iter().enumerate();
    let rules = measures.filter_map(|(m, measure)| match &measure.effect {
        Effect::OriginRule { origin, processes, .. } => Some((m, origin.as_slice(), processes.as_slice())),
        Effect::ContentRule { scope, processes, .. } => Some((m, scope.by.as_slice(), processes.as_slice())),
        _ => None,
    });
    rules.map(|(m, origin, processes)| (outcome.tags.of_measure(m).unwrap(), origin, processes)).collect()
}

/// What is wrong with tags.
pub fn faults(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let (space, rules) = (&outcome.space, rules(scenario, outcome));
    let mut wrong = Vec::new();
    let distinct = rules.iter().fold(CIVIL, |set, (tag, _, _)| set | tag).count_ones() as usize;
    if distinct != rules.len() + 1 {
        wrong.push("two rules share a tag".to_string());
    }
    let from_process = |region: usize, process: usize| {
        let given = rules.iter().filter(|(_, origin, by)| origin.contains(&region) && by.contains(&process));
        given.fold(0, |set, (tag, _, _)| set | tag)
    };
    let from_region = |region: usize, product: usize| {
        let makes = |q: usize| model.processes[q].outputs.iter().any(|(p, _)| *p == product);
        let given =
            rules.iter().filter(|(_, origin, by)| origin.contains(&region) && by.iter().any(|process| makes(*process)));
        given.fold(0, |set, (tag, _, _)| set | tag)
    };
    for run in &space.runs {
        let region = model.sites[run.site].region;
        let given = from_process(region, run.process);
        let carried = run.inputs.iter().fold(given, |set, (slot, _)| set | space.slots[*slot].tags);
        for (_, slot, _) in &run.outputs {
            if slot.is_none_or(|slot| carried & !space.slots[slot].tags != 0) {
                wrong.push(format!("{} loses tags of its inputs", model.sites[run.site].id));
            }
        }
        for product in 0..model.products.len() {
            if outcome.tags.of_origin(region, product) != from_region(region, product) {
                wrong.push(format!("product {product} from region {region} has other tags"));
            }
        }
    }
    for crossing in &space.crossings {
        let (from, to) = (space.slots[crossing.from].tags, crossing.to.map(|to| space.slots[to].tags));
        let sets = if crossing.sets_civil { CIVIL } else { 0 };
        if to.is_none_or(|to| (from | sets) & !to != 0) {
            wrong.push(format!("tags are lost on lane {}", crossing.lane));
        }
    }
    wrong.extend(broken_limits(model, scenario, outcome));
    wrong.extend(forbidden_draws(model, scenario, outcome));
    wrong
}

/// Limits on what stays free of `civil`, and on tagged units.
fn broken_limits(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let law = Law { model, scenario };
    let (space, years) = (&outcome.space, model.calendar.years_per_step());
    // (tags as sent, tags as received, units) by lane and step.
    let mut flows: BTreeMap<(usize, usize), Vec<(TagSet, TagSet, f64)>> = BTreeMap::new();
    for (_, _, column, value) in carried_out(outcome) {
        if let Column::Flow { crossing, step } = column {
            let crossing = &space.crossings[crossing];
            let (from, to) = (space.slots[crossing.from].tags, crossing.to.map_or(CIVIL, |to| space.slots[to].tags));
            flows.entry((crossing.lane, step)).or_default().push((from, to, value));
        }
    }
    let mut wrong = Vec::new();
    for ((l, step), list) in &flows {
        let (lane, day) = (&model.lanes[*l], model.calendar.middle_day(*step));
        let (flow, what) = (lane.flow.unwrap_or(0.0), format!("lane {l} in step {step}"));
        let military = lane.military.unwrap_or(flow);
        let sum = |tag: TagSet, free: bool| {
            let counts = |from: TagSet, to: TagSet| (tag == 0 || from & tag != 0) && !(free && to & CIVIL != 0);
            list.iter().filter(|(from, to, _)| counts(*from, *to)).map(|(_, _, units)| units).sum::<f64>()
        };
        for (m, measure) in scenario.measures.iter().enumerate().filter(|(m, _)| scenario.in_force(*m, day)) {
            match &measure.effect {
                Effect::ExportControl { scope, allow_military, leakage, .. }
                    if *allow_military < 1.0 && law.covers(scope, *l) =>
                {
                    let share = allow_military + leakage * (1.0 - allow_military);
                    wrong.extend(above(&format!("free on {what}"), sum(0, true), share * military * years, 0.0));
                }
                Effect::ContentRule { scope, allow, compliance, allow_military, .. }
                    if !scope.by.contains(&lane.from)
                        && scope.on.contains(&lane.product)
                        && scope.to.contains(&lane.to) =>
                {
                    let tag = outcome.tags.of_measure(m).unwrap();
                    let share = allow + (1.0 - allow) * (1.0 - compliance);
                    if share < 1.0 {
                        wrong.extend(above(&format!("tagged on {what}"), sum(tag, false), share * flow * years, 0.0));
                    }
                    if *allow_military < 1.0 {
                        let most = allow_military * military * years;
                        wrong.extend(above(&format!("tagged and free on {what}"), sum(tag, true), most, 0.0));
                    }
                }
                _ => {}
            }
        }
    }
    wrong
}

/// Tags that a military demand, or one under an origin-rule, consumed and may not.
fn forbidden_draws(model: &Model, scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    for (plan, _, column, value) in carried_out(outcome) {
        let Column::Met { demand, option, step } = column else { continue };
        if value <= 1e-9 {
            continue;
        }
        let d = &model.demands[demand];
        let day = model.calendar.middle_day(step);
        for (product, _) in &d.options[option].uses {
            let allowed = !plan.policy.step(step).banned(model, demand, *product);
            let slot = outcome.space.draw(d.region, *product, allowed).expect("what was consumed came from somewhere");
            let mut forbidden = if d.end_use == EndUse::Military { CIVIL } else { 0 };
            for (m, measure) in scenario.measures.iter().enumerate().filter(|(m, _)| scenario.in_force(*m, day)) {
                if let Effect::OriginRule { by, on, end_use, .. } = &measure.effect
                    && by.contains(&d.region)
                    && on.contains(product)
                    && *end_use == d.end_use
                {
                    forbidden |= outcome.tags.of_measure(m).unwrap();
                }
            }
            let found = outcome.space.slots[slot].tags & forbidden;
            if found != 0 {
                wrong.push(format!("{} consumes goods with {} in step {step}", d.id, outcome.tags.name(found)));
            }
        }
    }
    wrong
}
