//! What a person sees after a run: the answer in a sentence, then who, where, at what cost.

use std::path::Path;

use comfy_table::{Cell, Color};

use coercivity_engine::Outcome;
use coercivity_engine::results::headline::{chokepoints, headline, losses, percent, shortages};
use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::tables::{controlled_products, reexport_total};
use coercivity_model::Model;

use crate::input::{Input, counted};
use crate::layout::{print, print_bold, quantity, table, wrap};

/// Rows of a list that are shown; the rest stands in the files.
const SHOWN: usize = 12;

pub fn run(input: &Input, outcome: &Outcome, summary: &Summary, without: Option<&str>, out: Option<&Path>) {
    let model = &input.model;
    println!();
    let without = without.map_or(String::new(), |node| format!(", without {node}"));
    println!("{} · {}{without}", model.name, summary.scenario);
    println!();
    let sentence = headline(model, outcome);
    print_bold(&sentence);
    println!();
    show_shortages(model, outcome, summary);
    show_chokepoints(model, outcome);
    show_losses(model, outcome);
    show_footing(input, outcome, summary, out);
}

fn show_shortages(model: &Model, outcome: &Outcome, summary: &Summary) {
    let list = shortages(model, outcome);
    if list.is_empty() {
        println!("All {} are met in every step.\n", counted(model.demands.len(), "need"));
        return;
    }
    println!("Who runs short ({} of {} needs; the last two steps are left out)", list.len(), model.demands.len());
    let cost = format!("cost, M {}", model.currency);
    let mut header = vec!["need", "short from", "worst month", "met then", "unmet in all"];
    if summary.ranges.is_some() {
        header.push("could be");
    }
    header.push(&cost);
    let mut rows = table(&header, 1);
    for s in list.iter().take(SHOWN) {
        let demand = &model.demands[s.demand];
        let name = if s.late { format!("{} (late)", demand.name) } else { demand.name.clone() };
        let met = Cell::new(percent(s.worst_share));
        let met = if s.worst_share < 0.5 { met.fg(Color::Red) } else { met.fg(Color::Yellow) };
        let mut cells = vec![
            Cell::new(name),
            Cell::new(s.first.strftime("%b %Y").to_string()),
            Cell::new(s.worst.strftime("%b %Y").to_string()),
            met,
            Cell::new(format!("{} ({})", with_unit(s.unmet, &demand.unit), percent(s.unmet_share))),
        ];
        if let Some(ranges) = &summary.ranges {
            let text = ranges
                .get(&demand.id)
                .map_or(String::new(), |r| format!("{} to {}", quantity(r.least), quantity(r.greatest)));
            cells.push(Cell::new(text));
        }
        cells.push(Cell::new(quantity(s.cost / 1e6)));
        rows.add_row(cells);
    }
    print(&rows, list.len().saturating_sub(SHOWN), "demand.csv");
}

fn show_chokepoints(model: &Model, outcome: &Outcome) {
    let list = chokepoints(model, outcome);
    if list.is_empty() {
        return;
    }
    let title =
        "Tightest chokepoints: what one more unit would save where it is scarcest, and 1% more capacity throughout";
    println!("{}", wrap(&format!("{title} ({})", model.currency)));
    let mut rows = table(&["product", "country", "one more unit", "in", "list price", "1% more, M"], 2);
    for c in list.iter().take(8) {
        let product = &model.products[c.product];
        rows.add_row(vec![
            Cell::new(format!("{} ({})", product.name, product.unit)),
            Cell::new(&model.regions[c.region].name),
            Cell::new(quantity(c.one_more)),
            Cell::new(c.when.strftime("%b %Y").to_string()),
            Cell::new(quantity(product.price)),
            Cell::new(quantity(c.one_percent / 1e6)),
        ]);
    }
    print(&rows, list.len().saturating_sub(8), "sites.csv");
}

fn show_losses(model: &Model, outcome: &Outcome) {
    let losses = losses(model, outcome);
    let total = |r: &usize| losses[*r].civil + losses[*r].military + losses[*r].duties;
    let mut order: Vec<usize> = (0..losses.len()).filter(|r| total(r) > 5e4).collect();
    if order.is_empty() {
        return;
    }
    order.sort_by(|a, b| total(b).total_cmp(&total(a)).then(a.cmp(b)));
    println!("What it costs whom (M {}, discounted)", model.currency);
    let mut rows = table(&["region", "civil unmet", "military unmet or late", "duties"], 1);
    for r in order.iter().take(SHOWN) {
        let l = losses[*r];
        rows.add_row(vec![
            Cell::new(&model.regions[*r].name),
            Cell::new(quantity(l.civil / 1e6)),
            Cell::new(quantity(l.military / 1e6)),
            Cell::new(quantity(l.duties / 1e6)),
        ]);
    }
    print(&rows, order.len().saturating_sub(SHOWN), "summary.json");
}

fn show_footing(input: &Input, outcome: &Outcome, summary: &Summary, out: Option<&Path>) {
    let model = &input.model;
    let currency = &model.currency;
    let total = format!(
        "Total cost {} M {currency}, of which unmet demand {} M. Plans made: {}.",
        quantity(summary.objective / 1e6),
        quantity(summary.unmet_value / 1e6),
        summary.plans.join(", ")
    );
    println!("{}", wrap(&total));
    let controlled = controlled_products(&input.scenario);
    if !controlled.is_empty() {
        let total: Vec<String> = reexport_total(model, &input.scenario, outcome)
            .iter()
            .map(|(unit, q)| format!("{} {unit}", quantity(*q)))
            .collect();
        let total = if total.is_empty() { "none".to_string() } else { total.join(", ") };
        println!("Re-exports of controlled goods, all together: {total}.");
    }
    let rows: Vec<String> =
        model.rows_by_confidence().iter().map(|(confidence, n)| format!("{n} {confidence}")).collect();
    println!("{}", wrap(&format!("Figures: rows by confidence: {}.", rows.join(", "))));
    if input.warnings > 0 {
        println!("{} about the input: `coercivity check` shows them.", counted(input.warnings, "warning"));
    }
    if let Some(out) = out {
        println!("Results: {} (tables as CSV and Parquet, summary.json)", out.display());
    }
    println!("Again:   {}", summary.command);
}

fn with_unit(value: f64, unit: &str) -> String {
    format!("{} {unit}", quantity(value)).trim_end().to_string()
}
