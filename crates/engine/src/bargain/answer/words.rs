//! The answer in a sentence or two, and what is to be doubted about it.

use super::hold::Terms;
use super::play::Move;
use super::{Answer, Package, Side};
use crate::results::headline::money;

/// The answer in a sentence or two.
pub(super) fn headline(answer: &Answer) -> String {
    let amount = |value: f64| money(value, &answer.currency);
    let Some(deals) = &answer.deals else {
        return "What no deal comes to was not run, so that nothing can be held against it.".to_string();
    };
    let of_those =
        if answer.runs.known < answer.runs.cells { "Of the combinations that were run, none" } else { "None" };
    let Some(best) = deals.points.first() else {
        return format!(
            "{of_those} is better than no deal for a side without being worse for another: there is nothing to agree on."
        );
    };
    let gains: Vec<String> = (answer.sides.iter())
        .map(|side| match best.deal.gains[side.player] {
            0.0 => format!("{} nothing", answer.players[side.player].name),
            gain => format!("{} {}", answer.players[side.player].name, amount(gain)),
        })
        .collect();
    let what = match &best.deal.mix[..] {
        [only] => only.name.clone(),
        mix => format!("a draw by lot between {} combinations", mix.len()),
    };
    let mut text = format!("Against no deal a bargain can give {}: {what}.", gains.join(" and "));
    if let Some(held) = held(answer) {
        text += &format!(" {held}");
    }
    text
}

/// Whether what theory says is agreed holds.
fn held(answer: &Answer) -> Option<String> {
    let truce = answer.truce.as_ref()?;
    let Some(agreement) = truce.agreements.iter().find(|agreement| agreement.position.is_none()) else {
        return Some("No single combination gives it, so that nothing is said on whether it holds.".to_string());
    };
    let which = match answer.deals.as_ref().and_then(|deals| deals.points.first()) {
        Some(point) if point.deal.mix.len() == 1 => "It",
        _ => "The single combination that comes nearest",
    };
    let name = |terms: &Terms| answer.players[terms.player].name.clone();
    let terms = &agreement.terms;
    if let Some(unknown) = terms.iter().find(|terms| terms.temptation.is_none()) {
        return Some(format!("Whether {} would keep it is unknown.", name(unknown)));
    }
    let never: Vec<String> = terms.iter().filter(|terms| terms.keeps.least.is_none()).map(name).collect();
    if !never.is_empty() {
        return Some(format!("{which} does not hold: no patience keeps {} from breaking it.", never.join(" and ")));
    }
    let least = terms.iter().filter_map(|terms| terms.keeps.least).fold(0.0, f64::max);
    Some(match least {
        0.0 => format!("{which} holds by itself: no side gains by breaking it."),
        least => {
            let most: Vec<String> = terms.iter().filter(|terms| terms.keeps.least == Some(least)).map(name).collect();
            let have = if most.len() == 1 { "has" } else { "have" };
            format!(
                "{which} holds where {} {have} a patience of {} a round or more.",
                most.join(" and "),
                at_least(least)
            )
        }
    })
}

/// A least patience with three digits, which is enough.
pub fn at_least(least: f64) -> String {
    format!("{:.3}", (1000.0 * least - 1e-9).ceil() / 1000.0)
}

/// Whether a side would rather do something else than no deal has it do, while the others do as it says.
fn would_rather(answer: &Answer, side: &Side) -> Option<String> {
    let player = &answer.players[side.player];
    let own: usize =
        player.levers.iter().map(|lever| answer.no_deal.levels[*lever] * answer.levers[*lever].place).sum();
    let gets = |cell: usize| Some(answer.payoffs[cell].as_ref()?[side.player]);
    let without = gets(answer.no_deal.cell)?;
    let more =
        |package: &Package| Some((gets(answer.no_deal.cell - own + package.cell)? - without, package.name.clone()));
    let best = side.packages.iter().filter_map(more).rev().max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(more, _)| *more > 0.0).map(|(more, name)| {
        format!(
            "{} would do better by {} than no deal has it, while others do as it says, if it chose: {name}. So the gains by \
             a deal, which are told against no deal, rest on its doing what costs it that.",
            player.name,
            money(more, &answer.currency)
        )
    })
}

/// What is not known, was rounded, drawn or left out.
pub(super) fn doubt(answer: &Answer) -> Vec<String> {
    let mut doubt = Vec::new();
    let runs = &answer.runs;
    if runs.known < runs.cells {
        let how = if runs.drawn { ", drawn from all of them" } else { "" };
        doubt.push(format!(
            "{} of {} combinations were run{how}. The frontier, what rules say, prices and additions are of those; what \
             takes all of them is unknown.",
            runs.known, runs.cells
        ));
    }
    doubt.push(format!(
        "Payoffs are rounded to {}: what differs by less counts as equal.",
        money(answer.round_to, &answer.currency)
    ));
    let bystanders: Vec<&str> =
        answer.players.iter().filter(|player| player.bystander).map(|player| player.name.as_str()).collect();
    if !bystanders.is_empty() {
        doubt.push(format!(
            "{}: no lever, so no say in what is acceptable or agreed. What it costs them is told.",
            bystanders.join(", ")
        ));
    }
    if answer.ledger.iter().any(|hand| hand.alone.is_none() || hand.in_no_deal.is_none()) {
        doubt.push("The ledger is not complete: it takes combinations that were not run.".to_string());
    }
    if let Some(why) = answer.no_game.iter().chain(answer.game.iter().flat_map(|game| &game.too_large)).next() {
        doubt.push(why.clone());
    }
    for side in &answer.sides {
        doubt.extend(would_rather(answer, side));
    }
    if answer.threats.iter().any(|threat| threat.carried_out == Move::Either || threat.given_in == Move::Either) {
        doubt.push("A threat hangs on a tie: somebody is indifferent, and both outcomes are told.".to_string());
    }
    if let Some(deals) = &answer.deals {
        doubt.extend(deals.problems.iter().cloned());
        if deals.points.iter().any(|point| !point.deal.exact) {
            doubt.push("The Nash point of three sides and more is near, not exact.".to_string());
        }
    }
    if answer.draws.as_ref().is_some_and(|draws| draws.counted < draws.samples) {
        let draws = answer.draws.as_ref().map_or((0, 0), |draws| (draws.counted, draws.samples));
        doubt.push(format!("Of {} draws {} are known whole and counted.", draws.1, draws.0));
    }
    if answer.truce.is_some() {
        doubt.push(
            "What a round brings is taken to be in proportion to what all the time looked at brings, and a breach to be \
             answered by no deal for ever."
                .to_string(),
        );
    }
    for one in answer.patience.iter().filter(|one| one.throughout) {
        doubt.extend(one.patience.as_ref().map(|least| {
            let name = &answer.players[one.player].name;
            format!("Without a deal {name} lasts all the time looked at: its patience is {:.2} at least.", least.value)
        }));
    }
    if !answer.decay.is_empty() {
        doubt.push(
            "Costs from later days on are discounted to the same day as all others: a part of their fading is that."
                .to_string(),
        );
    }
    doubt
}
