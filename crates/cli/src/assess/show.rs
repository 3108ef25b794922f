//! The assessment in short, on the terminal.

use std::path::Path;

use coercivity_engine::assess::Assessment;
use coercivity_engine::results::headline::{duration, percent};
use coercivity_engine::survive::view::View;
use comfy_table::Cell;

use super::Made;
use super::document::{first_short, headline, is_some, is_sooner, lost, names, places, rounded};
use crate::input::counted;
use crate::layout::{self, index, print_bold, quantity, wrap};

/// Products, losses and changes that are shown.
const PRODUCTS: usize = 2;
const LOSSES: usize = 6;
const CHANGES: usize = 6;
const MEASURES: usize = 6;

pub fn show(made: &Made, out: Option<&Path>) {
    let a = &made.assessment;
    println!("{} · {}", made.input.model.name, made.input.scenario.name);
    println!("{}", wrap(&format!("{} of {}", counted(a.needs.len(), "need"), places(a).join(", "))));
    println!();
    print_bold(&headline(a));
    println!();
    map(a);
    factors(a);
    vulnerability(a);
    mitigation(a);
    evidence(a);
    if let Some(out) = out {
        let page = out.join("assessment.html");
        println!("{}", wrap(&format!("Document: {} (and .md, .json, tables)", page.display())));
    }
    println!("Again:   {}", made.command);
}

fn print(header: &[&str], figures_from: usize, rows: Vec<Vec<String>>, left: usize) {
    let mut table = layout::table(header, figures_from);
    for row in rows {
        table.add_row(row.into_iter().map(Cell::new));
    }
    layout::print(&table, left, "assessment.html");
}

fn map(a: &Assessment) {
    println!("{}", wrap(&format!("1. Where it was made, {} to {}", a.from, a.year_until)));
    let mut rows = Vec::new();
    for product in a.map.products.iter().take(PRODUCTS) {
        for (i, stage) in product.stages.iter().enumerate() {
            let largest = stage.countries.first();
            rows.push(vec![
                if i == 0 { product.name.clone() } else { String::new() },
                stage.stage.clone(),
                largest.map_or("-".to_string(), |country| country.name.clone()),
                largest.map_or("-".to_string(), |country| percent(country.share)),
                percent(stage.unknown),
            ]);
        }
    }
    print(&["product", "stage", "most in", "share", "not known"], 3, rows, 0);
    let left = a.map.products.len().saturating_sub(PRODUCTS);
    if left > 0 {
        println!("{}", wrap(&format!("{} more in the document, with quantities and sites.", counted(left, "product"))));
        println!();
    }
}

fn factors(a: &Assessment) {
    println!("2. What may affect it");
    let all: Vec<_> = a.factors.truces.iter().chain(&a.factors.measures).collect();
    if all.is_empty() {
        println!("The scenario has no measures that touch it.\n");
    } else {
        let row = |policy: &&coercivity_engine::assess::factors::Policy| {
            let until = policy.until.map_or("open".to_string(), |day| day.to_string());
            vec![policy.name.clone(), policy.by.clone(), policy.from.to_string(), until]
        };
        let rows = all.iter().take(MEASURES).map(row).collect();
        print(&["measure", "by", "from", "until"], 2, rows, all.len().saturating_sub(MEASURES));
    }
    let rows = a.factors.stages.iter().map(|stage| {
        let or = |share: Option<f64>| share.map_or("-".to_string(), percent);
        let hhi = index(stage.hhi);
        vec![stage.stage.clone(), stage.largest.clone(), percent(stage.share), hhi, or(stage.n1), or(stage.n1_carried)]
    });
    print(&["stage", "largest", "share", "HHI", "N-1", "carried"], 2, rows.collect(), 0);
    if !a.factors.single.is_empty() {
        let names: Vec<String> = a.factors.single.iter().map(|s| format!("{} ({})", s.name, s.country)).collect();
        let shown = names[..names.len().min(6)].join(", ");
        let more = names.len().saturating_sub(6);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        println!("{}\n", wrap(&format!("Made in one country alone: {shown}{more}.")));
    }
}

fn vulnerability(a: &Assessment) {
    println!("3. How vulnerable it is: a country's stage lost for good, each alone");
    if !a.never_met.is_empty() {
        println!("{}", wrap(&format!("Short from the first day anyway, and left out: {}.", a.never_met.join(", "))));
    }
    let Some(view) = &a.vulnerability else {
        println!("None of the needs can be met even at the start.\n");
        return;
    };
    if !view.nodes.iter().any(|one| is_sooner(view, one.survives_days)) {
        println!("{}", wrap("No loss of one country's stage ends it sooner than it ends anyway."));
    }
    let risk = format!("at risk, M {}", a.currency);
    let rows = view.nodes.iter().take(LOSSES).map(|one| {
        let (all, mine) = (quantity(one.value_at_risk / 1e6), quantity(lost(a, one) / 1e6));
        let sooner = is_sooner(view, one.survives_days);
        let (first, survives) = if sooner { (names(one), duration(one.survives_days)) } else { as_before(view) };
        vec![one.node.clone(), first, survives, all, mine]
    });
    let left = view.nodes.len().saturating_sub(LOSSES);
    print(&["without", "short first", "survives", &risk, "these needs"], 2, rows.collect(), left);
}

/// Who is short and how long it lasts where a loss changes nothing of that.
fn as_before(view: &View) -> (String, String) {
    let lasts = if view.nothing_lost.short_from.is_none() { "to the end" } else { "as it is" };
    ("-".to_string(), lasts.to_string())
}

fn mitigation(a: &Assessment) {
    println!("4. What would help, each alone");
    let all: Vec<_> = a.mitigation.measures.iter().filter(|one| is_some(a, one.saves)).collect();
    if all.is_empty() {
        println!("{}\n", wrap("Nothing that was tried saves anything."));
        return;
    }
    let saves = format!("saves, M {}", a.currency);
    let rows = all.iter().take(CHANGES).map(|one| {
        let cost = one.buying.map_or("unknown".to_string(), |cost| quantity(cost / 1e6));
        vec![
            one.id.clone(),
            first_short(a, one),
            quantity(one.saves / 1e6),
            quantity(rounded(a, one.saves_needs) / 1e6),
            cost,
        ]
    });
    let left = all.len().saturating_sub(CHANGES);
    print(&["change", "first short", &saves, "these needs", "costs, M"], 2, rows.collect(), left);
}

fn evidence(a: &Assessment) {
    let e = &a.evidence;
    println!("5. What it rests on");
    let confidence = e.confidence.iter().filter(|(_, n)| *n > 0).map(|(c, n)| format!("{n} {c}"));
    let confidence = confidence.collect::<Vec<_>>().join(", ");
    println!(
        "{}",
        wrap(&format!(
            "{} figures ({confidence}) from {}; {} without a source. Owner not one known firm: {} of {}.",
            e.figures,
            counted(e.sources.len(), "source"),
            e.without_source,
            e.owners_unknown,
            counted(e.sites, "site")
        ))
    );
    println!();
}
