//! What a person sees after a run: the answer in a sentence, then who, where, at what cost.

use std::path::Path;

use comfy_table::{Cell, Color};

use coercivity_engine::Outcome;
use coercivity_engine::market::{Market, Record};
use coercivity_engine::results::headline::{chokepoints, headline, losses, money, month, percent, shortages};
use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::tables::{controlled_products, reexport_total};
use coercivity_model::{Model, StepUnit};

use crate::input::{Input, counted};
use crate::layout::{print, print_bold, quantity, table, wrap};

/// Rows of a list that are shown; the rest stands in the files.
const SHOWN: usize = 12;

/// What is shown of a run.
pub struct Show<'a> {
    pub input: &'a Input,
    pub outcome: &'a Outcome,
    pub summary: &'a Summary,
    pub without: Option<&'a str>,
    pub out: Option<&'a Path>,
}

impl Show<'_> {
    pub fn optimum(&self) {
        let model = &self.input.model;
        self.title("");
        print_bold(&headline(model, self.outcome));
        println!();
        show_shortages(model, self.outcome, self.summary);
        show_chokepoints(model, self.outcome);
        show_losses(model, self.outcome);
        show_footing(self.input, model, self.outcome, self.summary, self.out);
    }

    pub fn market(&self, market: &Market, record: &Record) {
        let model = &market.model;
        self.title(", if nobody plans");
        let list = shortages(model, self.outcome);
        print_bold(&match list.first() {
            Some(first) => format!(
                "If nobody plans, {} of {} run short at some time; {} from {}, at worst with {} of what is needed.",
                list.len(),
                counted(model.demands.len(), "need"),
                model.demands[first.demand].name,
                month(first.first),
                percent(first.worst_share),
            ),
            None => "Even if nobody plans, nobody runs short.".to_string(),
        });
        println!();
        show_shortages(model, self.outcome, self.summary);
        show_prices(market, record);
        show_losses(model, self.outcome);
        show_footing(self.input, model, self.outcome, self.summary, self.out);
    }

    fn title(&self, how: &str) {
        println!();
        let without = self.without.map_or(String::new(), |node| format!(", without {node}"));
        println!("{} · {}{without}{how}", self.input.model.name, self.summary.scenario);
        println!();
    }
}

/// The price of disorder.
pub fn disorder(model: &Model, best: &Summary, market: &Summary) {
    println!();
    let (all, unmet) = (market.objective - best.objective, market.unmet_value - best.unmet_value);
    let sentence = format!(
        "What disorder costs: {} more than if everybody acted together ({} against {}), of which {} are needs not met.",
        money(all, &model.currency),
        money(market.objective, &model.currency),
        money(best.objective, &model.currency),
        money(unmet, &model.currency),
    );
    print_bold(&sentence);
    if model.step != StepUnit::Week {
        let steps = model.step.name();
        println!(
            "{}",
            wrap(&format!(
                "The optimum is in steps of a {steps}, the market in weeks: a part of the difference is theirs."
            ))
        );
    }
}

/// Prices that went furthest from where they began.
fn show_prices(market: &Market, record: &Record) {
    let model = &market.model;
    let mut moved: Vec<(f64, usize, usize)> = (0..model.products.len())
        .filter(|p| model.products[*p].price > 0.0)
        .map(|p| {
            let price = |week: usize| record.price_outside(model, p, week) / model.products[p].price;
            let peak = (0..model.steps()).max_by(|a, b| price(*a).total_cmp(&price(*b))).expect("a model has weeks");
            (price(peak), p, peak)
        })
        .filter(|(times, ..)| *times >= 1.1)
        .collect();
    moved.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    if moved.is_empty() {
        return;
    }
    println!(
        "{}",
        wrap(&format!("Prices that rise most, outside the countries that control them ({})", model.currency))
    );
    let mut rows = table(&["product", "at first", "highest", "times", "in", "inside then"], 1);
    for (times, p, peak) in moved.iter().take(8) {
        let product = &model.products[*p];
        let inside = match market.is_controlled(*p) {
            true => quantity(record.price_inside(model, *p, *peak)),
            false => String::new(),
        };
        rows.add_row(vec![
            Cell::new(format!("{} ({})", product.name, product.unit)),
            Cell::new(quantity(product.price)),
            Cell::new(quantity(times * product.price)),
            Cell::new(format!("{times:.1}")),
            Cell::new(model.calendar.middle_day(*peak).strftime("%b %Y").to_string()),
            Cell::new(inside),
        ]);
    }
    print(&rows, moved.len().saturating_sub(8), "market_prices.csv");
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

fn show_footing(input: &Input, model: &Model, outcome: &Outcome, summary: &Summary, out: Option<&Path>) {
    let currency = &model.currency;
    let plans = match summary.method {
        "optimal" => format!(" Plans made: {}.", summary.plans.join(", ")),
        _ => String::new(),
    };
    let total = format!(
        "Total cost {} M {currency}, of which unmet demand {} M.{plans}",
        quantity(summary.objective / 1e6),
        quantity(summary.unmet_value / 1e6),
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
