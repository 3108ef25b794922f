//! Conditions in words.

use coercivity_model::calendar::date_since_1970;

use super::super::Ensemble;
use super::super::input::Target;
use super::super::marginal::{Marginal, number};
use super::super::spec::Moves;
use crate::statistics::prim::{Limit, Region, Side};

/// A variable as people call it.
pub(super) fn name(ensemble: &Ensemble, variable: usize) -> String {
    let input = ensemble.inputs.iter().find(|input| input.variables.contains(&variable)).expect("of an input");
    match ensemble.variables[variable].name.split_once(':') {
        Some((_, figure)) => format!("{} ({figure})", input.name),
        None => input.name.clone(),
    }
}

/// All limits of a region, joined by "and"; the two of one input stand together.
pub(super) fn conditions(ensemble: &Ensemble, region: &Region) -> String {
    let groups = region.limits.chunk_by(|a, b| a.input == b.input);
    let said: Vec<String> = groups.map(|limits| condition(ensemble, limits)).collect();
    said.join(" and ")
}

fn condition(ensemble: &Ensemble, limits: &[Limit]) -> String {
    let variable = &ensemble.variables[limits[0].input];
    let name = name(ensemble, limits[0].input);
    let side = |wanted: Side| limits.iter().find(|limit| limit.side == wanted).map(|limit| limit.at);
    let (least, most) = (side(Side::AtLeast), side(Side::AtMost));
    if matches!(variable.marginal, Marginal::Share) {
        let percent = |share: f64| format!("{:.0}%", 100.0 * share);
        return match (least, most) {
            (None, Some(most)) => format!("{name} in the lowest {} of the range", percent(most)),
            (Some(least), None) => format!("{name} in the highest {} of the range", percent(1.0 - least)),
            (Some(least), Some(most)) => format!("{name} from {} to {} of the range", percent(least), percent(most)),
            (None, None) => name,
        };
    }
    if let Marginal::Choice(values) = &variable.marginal {
        // At most the least of few is that one.
        let ends = [values.first(), values.last()].map(|end| end.map(|(value, _)| number(*value)));
        if most.is_some() && most == ends[0] || least.is_some() && least == ends[1] {
            return format!("{name} = {}", figure(most.or(least).unwrap_or_default()));
        }
    }
    let dates = variable.marginal.gives_dates();
    let text = |at: f64| match dates {
        true => date_since_1970(at as i64).to_string(),
        false => format!("{}{}", figure(at), unit(&variable.target)),
    };
    match (least, most) {
        (Some(least), Some(most)) if least == most => format!("{name} = {}", text(least)),
        (Some(least), Some(most)) => format!("{name} from {} to {}", text(least), text(most)),
        (Some(least), None) if dates => format!("{name} on {} or later", text(least)),
        (None, Some(most)) if dates => format!("{name} on {} or earlier", text(most)),
        (Some(least), None) => format!("{name} at least {}", text(least)),
        (None, Some(most)) => format!("{name} at most {}", text(most)),
        (None, None) => name,
    }
}

/// Three digits, and no zeros that say nothing.
fn figure(value: f64) -> String {
    if value == 0.0 || value.abs() >= 100.0 {
        return format!("{value:.0}");
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn unit(target: &Target) -> &'static str {
    match target {
        Target::Figures { figures, moves: Moves::By } if figures.iter().any(|f| f.column.is_date()) => " days",
        Target::Figures { moves: Moves::Times, .. } | Target::Key { moves: Moves::Times, .. } => " times",
        _ => "",
    }
}
