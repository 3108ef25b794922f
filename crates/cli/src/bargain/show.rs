//! What the terminal shows of a bargain: the answer in a sentence, what each side has in hand, what both do without talks,
//! what they could agree on, whether that holds, and what is to be doubted.

use comfy_table::{Cell, CellAlignment, Table};

use coercivity_engine::bargain::answer::deals::{Mixed, Rule};
use coercivity_engine::bargain::answer::hold::{Agreement, Keeps, Truce};
use coercivity_engine::bargain::answer::ledger::{Costs, Fades};
use coercivity_engine::bargain::answer::play::{Component, Game, Move, Played, Struck, Threat};
use coercivity_engine::bargain::answer::positions::Position;
use coercivity_engine::bargain::answer::{Answer, Package, at_least};
use coercivity_engine::results::headline::{money, percent};

use crate::input::counted;
use crate::layout::{self, capital, print_bold, quantity, width, wrap};

/// Rows of a list that are shown; the rest stands in the files.
const SHOWN: usize = 8;

/// Letters of a sentence about equilibria, at most.
const LONGEST: usize = 600;

/// The most packages of a side in a matrix, and the width of one of its cells.
const MATRIX: usize = 12;
const CELL: usize = 16;

/// What is agreed where the sides may pay each other.
const PAYMENTS: &str = "with payments";

/// Shows an answer.
pub fn show(answer: &Answer) {
    let runs = &answer.runs;
    let all = match runs.known == runs.cells {
        true => counted(runs.cells, "combination"),
        false => format!("{} of {} run", runs.known, counted(runs.cells, "combination")),
    };
    let months = quantity(answer.months);
    let title = format!(
        "{} · {months} months from {} · {all}, {}",
        answer.name,
        answer.talks,
        counted(runs.programs, "program")
    );
    println!("{}", wrap(&title));
    println!();
    print_bold(&answer.headline);
    println!();
    show_rules(answer);
    show_positions(answer);
    show_constraints(answer);
    show_ledger(answer);
    show_fades(answer);
    show_matrix(answer);
    show_game(answer);
    show_threats(answer);
    show_truce(answer);
    show_patience(answer);
    println!("What is to be doubted");
    answer.doubt.iter().for_each(|doubt| item(doubt));
    println!();
    println!("Again:   {}", answer.command);
}

/// A sentence of a list.
fn item(text: &str) {
    println!("{}", layout::item(text));
}

fn player(answer: &Answer, player: usize) -> &str {
    &answer.players[player].name
}

fn millions(value: f64) -> String {
    quantity(value / 1e6)
}

/// Numbers of all players in columns of their own.
fn figures(values: Option<&[f64]>, answer: &Answer) -> Vec<Cell> {
    let text = |place: usize| values.map_or("unknown".to_string(), |values| millions(values[place]));
    (0..answer.players.len()).map(|place| Cell::new(text(place))).collect()
}

/// A table whose first columns are names and whose last ones are the players'.
fn by_player(answer: &Answer, names: &[&str]) -> Table {
    let players = answer.players.iter().map(|player| player.name.as_str());
    layout::table(&names.iter().copied().chain(players).collect::<Vec<_>>(), names.len())
}

/// A deal in words; equal shares of a draw by lot are percents.
fn deal_words(deal: &Mixed) -> String {
    match &deal.mix[..] {
        [only] => only.name.clone(),
        mix => mix
            .iter()
            .map(|share| format!("{} of {}", percent(share.share.value), share.name))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn show_rules(answer: &Answer) {
    let title = format!("What each gets without a deal, and gains by one (M {})", answer.currency);
    println!("{}", wrap(&title));
    let mut rows = by_player(answer, &[""]);
    let mut add = |name: &str, values: Option<&[f64]>| {
        let cells = [Cell::new(name)].into_iter().chain(figures(values, answer));
        rows.add_row(cells.collect::<Vec<_>>());
    };
    // Rules that agree on the same are told in one sentence.
    let mut deals: Vec<(String, Vec<&str>)> = vec![(answer.no_deal.name.clone(), vec!["no deal"])];
    let mut tell = |name: &'static str, what: String| match deals.iter_mut().find(|(deal, _)| *deal == what) {
        Some((_, names)) => names.push(name),
        None => deals.push((what, vec![name])),
    };
    add("no deal", answer.no_deal.payoffs.as_deref());
    for point in answer.deals.iter().flat_map(|deals| &deals.points) {
        add(point.rule.name(), Some(&point.deal.gains));
        tell(point.rule.name(), deal_words(&point.deal));
    }
    if let Some(payments) = answer.deals.as_ref().and_then(|deals| deals.payments.as_ref()) {
        add(PAYMENTS, Some(&payments.gains));
        payments.ways.iter().take(1).for_each(|way| tell(PAYMENTS, way.combination.name.clone()));
    }
    layout::print(&rows, 0, "");
    for (what, names) in &deals {
        item(&format!("{}: {what}.", capital(&names.join(", "))));
    }
    if let Some(deals) = &answer.deals {
        let beaten = if answer.runs.known < answer.runs.cells { "Of those that were run, " } else { "" };
        let text = format!(
            "{beaten}{} by no other in what the sides get, and {} no worse than no deal for all of them.",
            match deals.frontier.len() {
                1 => "one combination is beaten".to_string(),
                n => format!("{n} combinations are beaten"),
            },
            match deals.acceptable {
                1 => "one is".to_string(),
                n => format!("{n} are"),
            }
        );
        item(&capital(&text));
    }
    println!();
}

fn show_positions(answer: &Answer) {
    if answer.positions.is_empty() {
        return;
    }
    println!("{}", wrap(&format!("Positions: who gains what against no deal (M {})", answer.currency)));
    let mut rows = by_player(answer, &["position", "acceptable"]);
    for position in &answer.positions {
        let accepted = match position.acceptable {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        let mut cells = vec![Cell::new(&position.name), Cell::new(accepted)];
        cells.extend(figures(position.combination.gains.as_deref(), answer));
        rows.add_row(cells);
    }
    layout::print(&rows, 0, "");
    let refused: Vec<&Position> =
        answer.positions.iter().filter(|position| position.acceptable == Some(false)).collect();
    for position in &refused {
        item(&refusal(answer, position));
    }
    if !refused.is_empty() {
        println!();
    }
}

/// Who refuses a position, and what would change that.
fn refusal(answer: &Answer, position: &Position) -> String {
    let short = position.shortfall.iter().flatten().enumerate().filter(|(_, short)| **short > 0.0);
    let who: Vec<String> =
        short.map(|(at, short)| format!("{} lacks {}", player(answer, at), money(*short, &answer.currency))).collect();
    let Some(addition) = position.additions.first() else {
        return format!("{}: {}; no addition would do.", position.name, who.join(", "));
    };
    let adds: Vec<String> = (addition.adds.iter())
        .map(|added| {
            let lever = &answer.levers[added.to.lever];
            let (from, to) = (&lever.levels[added.from].name, &lever.levels[added.to.level].name);
            format!("{}'s {} from {from} to {to}", player(answer, added.by), lever.name)
        })
        .collect();
    let others = match position.additions.len() - 1 {
        0 => String::new(),
        1 => " (or one other way)".to_string(),
        n => format!(" (or {n} other ways)"),
    };
    format!("{}: {}; it would take {}{others}.", position.name, who.join(", "), adds.join(" and "))
}

fn show_constraints(answer: &Answer) {
    if answer.constraints.is_empty() {
        return;
    }
    let title = format!(
        "What it costs to leave levers off the table, by the Nash point (M {}; below 0 = a gain)",
        answer.currency
    );
    println!("{}", wrap(&title));
    let mut rows = by_player(answer, &["constraint"]);
    let mut then: Vec<String> = Vec::new();
    for constraint in &answer.constraints {
        let price = constraint.prices.iter().find(|price| price.rule == Rule::Nash);
        let agreed = match price.map(|price| &price.bound) {
            Some(Some(deal)) => deal_words(deal),
            Some(None) => "nothing is agreed then".to_string(),
            None => "what is agreed then is unknown".to_string(),
        };
        then.push(format!("{}: {agreed}.", constraint.name));
        let lost = figures(price.map(|price| price.lost.as_slice()), answer);
        rows.add_row([Cell::new(&constraint.name)].into_iter().chain(lost).collect::<Vec<_>>());
    }
    layout::print(&rows, 0, "");
    then.iter().for_each(|then| item(then));
    println!();
}

fn show_ledger(answer: &Answer) {
    let title = format!("What levers cost whom (M {}): alone / as the last of the hand", answer.currency);
    println!("{}", wrap(&title));
    let mut rows = by_player(answer, &["lever"]);
    for hand in &answer.ledger {
        let name = player(answer, hand.player);
        match &hand.alone {
            None => {
                let unknown = figures(None, answer);
                rows.add_row([Cell::new(name)].into_iter().chain(unknown).collect::<Vec<_>>());
            }
            Some(costs) => hand_rows(answer, name, costs, &mut rows),
        }
        if let Some(costs) = &hand.in_no_deal {
            let all = [Cell::new(format!("{name}: all, others as in no deal"))];
            rows.add_row(all.into_iter().chain(figures(Some(&costs.together), answer)).collect::<Vec<_>>());
        }
    }
    layout::print(&rows, 0, "");
    show_lasts(answer);
}

/// How long needs stay met under levers of others.
fn show_lasts(answer: &Answer) {
    let told: Vec<String> = (0..answer.players.len()).filter_map(|player| lasts(answer, player)).collect();
    if told.is_empty() {
        return;
    }
    println!("How long needs stay met under a lever");
    told.iter().for_each(|told| item(told));
    println!();
}

fn lasts(answer: &Answer, of: usize) -> Option<String> {
    let known = answer.lasts.iter().filter(|one| one.player == of);
    let known: Vec<(&str, f64, bool)> =
        known.filter_map(|one| Some((answer.levers[one.lever?].name.as_str(), one.days?, one.throughout))).collect();
    let ends = known.iter().filter(|one| !one.2).map(|(lever, days, _)| format!("{days:.0} days under {lever}"));
    let throughout: Vec<&str> = known.iter().filter(|one| one.2).map(|one| one.0).collect();
    let rest = match throughout.is_empty() {
        true => None,
        false => Some(format!("all the time looked at under {}", throughout.join(", "))),
    };
    let parts: Vec<String> = ends.chain(rest).collect();
    (!parts.is_empty()).then(|| format!("{}: {}.", player(answer, of), parts.join("; ")))
}

fn hand_rows(answer: &Answer, name: &str, costs: &Costs, rows: &mut Table) {
    for cost in &costs.levers {
        let both = cost
            .alone
            .iter()
            .zip(&cost.last)
            .map(|(alone, last)| format!("{} / {}", millions(*alone), millions(*last)));
        let lever = format!("{name}: {}", answer.levers[cost.lever].name);
        rows.add_row([Cell::new(lever)].into_iter().chain(both.map(Cell::new)).collect::<Vec<_>>());
    }
    if costs.levers.len() > 1 {
        let all = [Cell::new(format!("{name}: all together"))];
        rows.add_row(all.into_iter().chain(figures(Some(&costs.together), answer)).collect::<Vec<_>>());
    }
}

fn show_fades(answer: &Answer) {
    let sides = |place: usize| !answer.players[place].bystander;
    let shown: Vec<_> = answer.fades.iter().filter(|fade| sides(fade.on)).collect();
    if shown.is_empty() {
        return;
    }
    println!("How long levers bite");
    let mut rows = layout::table(&["lever", "on", "half of it until", "more than its own cost until"], 2);
    for fade in shown.iter().take(SHOWN) {
        let lever = fade.lever.map_or("all together", |lever| answer.levers[lever].name.as_str());
        let cells = [
            format!("{}: {lever}", player(answer, fade.player)),
            player(answer, fade.on).to_string(),
            match fade.half {
                Fades::Never => "costs nothing".to_string(),
                half => until(half, "%b %Y"),
            },
            until(fade.beyond_own, "%b %Y"),
        ];
        rows.add_row(cells.into_iter().map(Cell::new));
    }
    layout::print(&rows, shown.len().saturating_sub(SHOWN), "fades.csv");
}

/// Until when, with days as `format` says.
pub fn until(fades: Fades, format: &str) -> String {
    match fades {
        Fades::Never => "never".to_string(),
        Fades::Until(date) => date.strftime(format).to_string(),
        Fades::Throughout => "throughout".to_string(),
    }
}

/// The matrix of both sides, where it is small enough.
fn show_matrix(answer: &Answer) {
    let Some(game) = &answer.game else { return };
    let [rows, columns] = game.same.clone().map(|groups| groups.iter().map(|group| group[0]).collect::<Vec<usize>>());
    let [row, column] = &answer.sides[..] else { return };
    if rows.len() > MATRIX || 24 + columns.len() * CELL > width() {
        return;
    }
    let (down, across) = (player(answer, game.row), player(answer, game.column));
    println!("{}", wrap(&format!("What {down} (down) and {across} (across) get (M {})", answer.currency)));
    let names = |side: &[Package], places: &[usize]| places.iter().map(|at| side[*at].name.clone()).collect::<Vec<_>>();
    let header: Vec<String> = [String::new()].into_iter().chain(names(&column.packages, &columns)).collect();
    let mut table = layout::table(&header.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    let equilibria: Vec<usize> = game.equilibria.iter().flatten().filter_map(|equilibrium| equilibrium.cell).collect();
    for at in &rows {
        let mut cells = vec![Cell::new(&row.packages[*at].name)];
        for other in &columns {
            let cell = row.packages[*at].cell + column.packages[*other].cell;
            let mark = if equilibria.contains(&cell) { " *" } else { "" };
            let text = answer.payoffs[cell].as_ref().map_or("unknown".to_string(), |payoffs| {
                format!("{} / {}{mark}", millions(payoffs[game.row]), millions(payoffs[game.column]))
            });
            cells.push(Cell::new(text).set_alignment(CellAlignment::Right));
        }
        table.add_row(cells);
    }
    println!("{table}");
    let fewer = rows.len() < row.packages.len() || columns.len() < column.packages.len();
    let same = if fewer { " Packages that come to the same are shown once." } else { "" };
    println!("{}", wrap(&format!("* = neither gains by another package of its own.{same}")));
    println!();
}

fn show_game(answer: &Answer) {
    println!("Without talks");
    let Some(game) = &answer.game else {
        item(answer.no_game.as_deref().unwrap_or_default());
        println!();
        return;
    };
    game.dominance.iter().take(SHOWN).for_each(|step| item(&struck(answer, step)));
    more(game.dominance.len(), "packages go", "dominance.csv");
    match &game.equilibria {
        None => item(&format!("Equilibria are unknown: {}.", game.too_large.as_deref().unwrap_or_default())),
        Some(_) => {
            game.components.iter().take(SHOWN).for_each(|component| item(&outcome(answer, game, component)));
            more(game.components.len(), "sets of equilibria", "equilibria.csv");
        }
    }
    if let Some(draws) = &answer.draws {
        let names = |at: [usize; 2]| both(answer, game, at);
        for outcome in draws.outcomes.iter().take(SHOWN) {
            item(&format!(
                "In {} of {} it is an equilibrium, in {} the only one without mixing: {}.",
                outcome.equilibrium,
                counted(draws.counted, "draw"),
                outcome.only,
                names(outcome.packages)
            ));
        }
        more(draws.outcomes.len(), "outcomes", "draws.csv");
        if draws.none > 0 {
            item(&format!("In {} of {} there is none without mixing.", draws.none, counted(draws.counted, "draw")));
        }
    }
    println!();
}

fn more(all: usize, what: &str, file: &str) {
    if all > SHOWN {
        item(&format!("{} more {what}: see {file}.", all - SHOWN));
    }
}

/// A package of a player in words.
pub fn package(answer: &Answer, player: usize, package: usize) -> &str {
    answer.sides.iter().find(|side| side.player == player).map_or("", |side| side.packages[package].name.as_str())
}

fn both(answer: &Answer, game: &Game, [row, column]: [usize; 2]) -> String {
    format!(
        "{}: {}; {}: {}",
        player(answer, game.row),
        package(answer, game.row, row),
        player(answer, game.column),
        package(answer, game.column, column)
    )
}

fn mix(answer: &Answer, player: usize, mix: &[Played]) -> String {
    let one = |played: &Played| match mix.len() {
        1 => package(answer, player, played.package).to_string(),
        _ => format!("{} ({})", played.share.text, package(answer, player, played.package)),
    };
    mix.iter().map(one).collect::<Vec<_>>().join(" + ")
}

fn struck(answer: &Answer, step: &Struck) -> String {
    format!(
        "Round {}: {} never picks “{}”: “{}” is better by {} at least.",
        step.round,
        player(answer, step.player),
        package(answer, step.player, step.package),
        mix(answer, step.player, &step.by),
        money(step.margin, &answer.currency)
    )
}

fn outcome(answer: &Answer, game: &Game, component: &Component) -> String {
    let amount = |value: f64| money(value, &answer.currency);
    let range = |[least, most]: [f64; 2]| match least == most {
        true => amount(least),
        false => format!("{} to {}", amount(least), amount(most)),
    };
    let (row, column) = (player(answer, game.row), player(answer, game.column));
    let gets = format!("{row} {}, {column} {}", range(component.payoffs[0]), range(component.payoffs[1]));
    match (&component.equilibria[..], &game.equilibria) {
        ([only], Some(all)) => format!(
            "Equilibrium: {row}: {}; {column}: {} ({gets}).",
            mix(answer, game.row, &all[*only].row),
            mix(answer, game.column, &all[*only].column)
        ),
        _ => {
            let pieces: Vec<String> = component
                .pieces
                .iter()
                .map(|piece| format!("{row}: {}; {column}: {}", piece.row, piece.column))
                .collect();
            let pieces = pieces.join(", or ");
            match pieces.chars().count() <= LONGEST {
                true => format!("Equilibria that hang together ({gets}): {pieces}."),
                false => format!(
                    "Equilibria that hang together ({gets}): {} and mixes between them, see equilibria.csv.",
                    component.equilibria.len()
                ),
            }
        }
    }
}

fn show_threats(answer: &Answer) {
    if answer.threats.is_empty() {
        return;
    }
    let title =
        "Threats: each asks the other for its levers at their mildest, and threatens with its own as in no deal";
    println!("{}", wrap(title));
    answer.threats.iter().for_each(|threat| item(&threat_words(answer, threat)));
    println!();
}

fn threat_words(answer: &Answer, threat: &Threat) -> String {
    let (who, other) = (player(answer, threat.player), player(answer, threat.other));
    let cost = money(threat.costs_own.abs(), &answer.currency);
    let would = match threat.carried_out {
        Move::Yes => format!("it would carry it out, which gains it {cost}"),
        Move::No => format!("it would not carry it out, which costs it {cost}"),
        Move::Either => "it may carry it out or not, which is the same to it".to_string(),
    };
    let gives = match threat.given_in {
        // What the other lifts may have cost itself more than anybody.
        Move::Yes if threat.carried_out == Move::No => format!("{other} gives in all the same"),
        Move::Yes => format!("{other} gives in"),
        Move::No => format!("{other} refuses"),
        Move::Either => format!("{other} may give in or refuse"),
    };
    format!("{who} to {other}: refused, {would}; {gives}.")
}

fn show_truce(answer: &Answer) {
    let Some(truce) = &answer.truce else { return };
    let rounds = match truce.answered_after {
        1 => "in the next round".to_string(),
        n => format!("after {n} rounds"),
    };
    let title = format!(
        "Does it hold? In rounds of {} months, each renewed with a chance of {}, a breach answered {rounds} (M {})",
        quantity(truce.round_months),
        percent(truce.renewal),
        answer.currency
    );
    println!("{}", wrap(&title));
    if truce.agreements.is_empty() {
        println!("No single combination is agreed, so that there is nothing to keep.");
        println!();
        return;
    }
    let mut rows = layout::table(&["agreed", "side", "breaks it", "keeps it", "no deal", "patience"], 2);
    for agreement in &truce.agreements {
        for terms in &agreement.terms {
            let cells = [
                agreement_name(answer, agreement),
                player(answer, terms.player).to_string(),
                terms.temptation.map_or("unknown".to_string(), millions),
                millions(terms.reward),
                millions(terms.punishment),
                patience_words(&terms.keeps),
            ];
            rows.add_row(cells.into_iter().map(Cell::new));
        }
    }
    layout::print(&rows, 0, "");
    let mut reasons: Vec<String> = Vec::new();
    for agreement in &truce.agreements {
        for terms in agreement.terms.iter().filter(|terms| terms.keeps.least.is_none()) {
            let (what, who) = (agreement_name(answer, agreement), player(answer, terms.player));
            reasons.push(format!("{what}, {who}: {}.", terms.keeps.words));
        }
    }
    reasons.iter().for_each(|reason| item(reason));
    show_linkage(truce);
    println!();
}

fn agreement_name(answer: &Answer, agreement: &Agreement) -> String {
    let position =
        agreement.position.as_ref().and_then(|id| answer.positions.iter().find(|position| position.id == *id));
    position.map_or("what theory picks".to_string(), |position| position.name.clone())
}

fn patience_words(keeps: &Keeps) -> String {
    match keeps.least {
        Some(0.0) => "any".to_string(),
        Some(least) => at_least(least),
        None => keeps.words.split(':').next().unwrap_or_default().to_string(),
    }
}

fn show_linkage(truce: &Truce) {
    let Some(link) = &truce.linkage else { return };
    let (apart, pooled) = (patience_words(&link.all_apart), patience_words(&link.all_pooled));
    let names: Vec<&str> = link.issues.iter().map(|issue| issue.name.as_str()).collect();
    item(&format!(
        "Patience that all need if {} have a truce each: {apart}; one truce over all: {pooled}.",
        names.join(", ")
    ));
}

fn show_patience(answer: &Answer) {
    let known = answer.patience.iter().filter_map(|one| Some((one, one.days?, one.patience.as_ref()?)));
    let text: Vec<String> = known
        .map(|(one, days, patience)| {
            let (least, time) =
                if one.throughout { (" at least", "throughout".to_string()) } else { ("", format!("{days:.0} days")) };
            format!("{} {:.2}{least} ({time})", player(answer, one.player), patience.value)
        })
        .collect();
    if text.is_empty() {
        return;
    }
    println!(
        "{}",
        wrap(&format!("Patience of a round by how long needs stay met without a deal: {}.", text.join(", ")))
    );
    for offers in &answer.offers {
        let of = answer.sides.iter().zip(&offers.shares);
        let shares: Vec<String> =
            of.map(|(side, share)| format!("{} {}", player(answer, side.player), percent(share.value))).collect();
        item(&format!(
            "By offers in turn, {} first, a surplus goes: {}.",
            player(answer, offers.first),
            shares.join(", ")
        ));
    }
    println!();
}
