//! Properties that hold for every model and scenario, on small random ones.
//!
//! The draws are fixed, so that a run today and a run in a year test the same. To look further:
//! `PROPERTY_CASES=2000 PROPERTY_SEED=7 cargo test --release --test properties`.

// Steps are counted as the text counts them; the types of these tables are read once.
#![allow(clippy::needless_range_loop, clippy::type_complexity)]

mod books;
#[path = "../common/mod.rs"]
mod common;
mod draft;
mod market;
mod tags;

use std::collections::BTreeSet;

use coercivity_engine::ranges::ranges;
use coercivity_engine::results::summary::Summary;
use coercivity_engine::run::Plan;
use coercivity_engine::sensitivity::predict;
use coercivity_engine::solve::Settings;
use coercivity_engine::{Foresight, Outcome};
use coercivity_model::figures::figures;
use coercivity_model::model::StockKind;
use coercivity_model::scenario::Effect as ModelEffect;
use coercivity_model::uncertainty::{Amount, Range, Shape};
use coercivity_model::{Change, Model, Scenario, changed};
use common::outcome;
use draft::{Draft, Effect, Measure, Style, drafts};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError};

/// Cases of one property, always the same.
fn config(cases: u32, seed: u64) -> ProptestConfig {
    let given = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    ProptestConfig {
        cases: given("PROPERTY_CASES").map_or(cases, |n| u32::try_from(n).unwrap()),
        rng_seed: RngSeed::Fixed(given("PROPERTY_SEED").unwrap_or(0) * 1000 + seed),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    }
}

/// The total with what really happened.
fn total(model: &Model, scenario: &Scenario, outcome: &Outcome) -> f64 {
    Summary::new(model, scenario, outcome, String::new()).objective
}

fn perfect(draft: &Draft, style: &Style) -> f64 {
    let (model, scenario) = draft.input(style);
    outcome(&model, &scenario, Foresight::Perfect, true).plans[0].solution.objective
}

/// Slack of a comparison of two totals.
fn slack(a: f64, b: f64) -> f64 {
    1e-6 * a.abs().max(b.abs()).max(1.0)
}

fn same(what: &str, a: f64, b: f64, draft: &Draft) -> Result<(), TestCaseError> {
    prop_assert!((a - b).abs() <= slack(a, b), "{what}: {a} and {b}\n{}", draft.text());
    Ok(())
}

fn at_most(what: &str, less: f64, more: f64, draft: &Draft) -> Result<(), TestCaseError> {
    prop_assert!(less <= more + slack(less, more), "{what}: {less} is above {more}\n{}", draft.text());
    Ok(())
}

/// What the duals say the optimum is: bounds of rows and columns at their prices.
fn dual_objective(plan: &Plan) -> Result<f64, String> {
    let (program, solution) = (&plan.program, &plan.solution);
    let mut total = program.constant;
    let rows = program.row_lower.iter().zip(&program.row_upper).zip(&solution.row_duals);
    let columns = program.lower.iter().zip(&program.upper).zip(&solution.column_duals);
    for ((lower, upper), dual) in rows.chain(columns) {
        let bound = if *dual > 0.0 { *lower } else { *upper };
        if bound.is_finite() {
            total += dual * bound;
        } else if dual.abs() > 1e-6 {
            return Err(format!("a price of {dual} where there is no bound"));
        }
    }
    Ok(total)
}

/// A loosened version of a measure, or what is left out for it to be gone; `None` where it may
/// help, so that loosening it may cost.
enum Loosened {
    To(Effect),
    Gone,
}

fn loosen(draft: &Draft, effect: &Effect, drop: bool) -> Option<Loosened> {
    let raise = |share: f64| (share + 0.25).min(1.0);
    match effect.clone() {
        // A delay keeps goods as a stock would, so it stays.
        Effect::Control { delay_days: 0.0, .. } if drop => Some(Loosened::Gone),
        Effect::Control { by, on, to, civil, military, leakage, delay_days } => {
            let (civil, military) = (raise(civil), raise(military));
            Some(Loosened::To(Effect::Control { by, on, to, civil, military, leakage, delay_days }))
        }
        Effect::Quota { by, on, to, amount } if !drop => {
            Some(Loosened::To(Effect::Quota { by, on, to, amount: amount * 1.5 + 12.0 }))
        }
        Effect::Content { by, on, allow, compliance, military, process } if !drop => {
            let (allow, military) = (raise(allow), raise(military));
            Some(Loosened::To(Effect::Content { by, on, allow, compliance, military, process }))
        }
        Effect::Quota { .. } | Effect::Content { .. } | Effect::Origin { .. } => Some(Loosened::Gone),
        Effect::Tariff { .. } | Effect::Tax { .. } => Some(Loosened::Gone),
        // More capacity is also a larger minimum.
        Effect::Outage { site, .. } => (draft.sites[site % draft.sites.len()].minimum == 0.0).then_some(Loosened::Gone),
        // A larger need that can be late can be caught up with faster.
        Effect::Shift { demand, factor } => {
            let late = draft.demands[demand % draft.demands.len()].late_cost.is_some();
            (factor > 1.0 && !late).then_some(Loosened::Gone)
        }
        Effect::Support { .. } | Effect::Release { .. } => None,
    }
}

/// The draft without truces, and with one measure changed or gone.
fn with_measure(draft: &Draft, at: usize, to: Option<Effect>) -> Draft {
    let mut changed = Draft { truce: None, ..draft.clone() };
    match to {
        Some(effect) => changed.measures[at].effect = effect,
        None => drop(changed.measures.remove(at)),
    }
    changed
}

/// The draft with everything announced from the start, and with an empty announcement in every
/// step: a duty of 0, so that a plan is made in each.
fn empty_announcements(draft: &Draft) -> Draft {
    let mut changed = draft.clone();
    for measure in &mut changed.measures {
        measure.announced = Some(usize::MAX);
        measure.until_announced = Some(0);
    }
    if let Some(truce) = &mut changed.truce {
        truce.suspends %= draft.measures.len();
        // A truce is known when it begins, and its extension only when the term ends.
        truce.from = 0;
        truce.extended = None;
    }
    let days_per_step = match draft.step {
        "week" => 7,
        "month" => 30,
        _ => 91,
    };
    for step in 1..=draft.steps {
        let effect = Effect::Tariff { by: 0, on: 0, origin: None, rate: 0.0 };
        let from = Some(step * days_per_step / 10);
        changed.measures.push(Measure { effect, from, until: None, announced: None, until_announced: None });
    }
    changed
}

/// Nodes (region, product) that goods can reach and that somebody needs, from the model alone.
/// For scenarios whose measures close no lane.
fn useful_nodes(model: &Model, scenario: &Scenario) -> BTreeSet<(usize, usize)> {
    let days = model.calendar.middle_days();
    // An outage of the whole capacity leaves a site in: pruning goes by the model's own capacity.
    let runs = |s: usize| (0..model.steps()).any(|t| model.capacity_per_year(&model.sites[s], t) > 0.0);
    let released = |s: usize| {
        scenario.measures.iter().enumerate().any(|(m, measure)| match &measure.effect {
            ModelEffect::Release { region, products, .. } => {
                let stock = &model.stocks[s];
                region.contains(&stock.region)
                    && products.contains(&stock.product)
                    && days.iter().any(|day| scenario.in_force(m, *day))
            }
            _ => false,
        })
    };
    let lane_leads = |l: usize| {
        let lane = &model.lanes[l];
        lane.flow.unwrap_or(0.0) > 0.0 && model.step.lead_steps(lane.lead_days) > 0
    };
    let site_leads = |s: usize| {
        let site = &model.sites[s];
        site.made.unwrap_or(0.0) > 0.0 && model.step.lead_steps(site.lead_days) > 0
    };
    let open = |l: usize| {
        let lane = &model.lanes[l];
        lane.capacity != Some(0.0) && (lane.growth != Some(0.0) || lane.flow.unwrap_or(0.0) > 0.0)
    };
    let sites: Vec<usize> = (0..model.sites.len()).filter(|s| runs(*s)).collect();
    let lanes: Vec<usize> = (0..model.lanes.len()).filter(|l| open(*l)).collect();

    let mut reached = BTreeSet::new();
    for (s, stock) in model.stocks.iter().enumerate() {
        if stock.initial > 0.0 && (stock.kind == StockKind::Commercial || released(s)) {
            reached.insert((stock.region, stock.product));
        }
    }
    for lane in (0..model.lanes.len()).filter(|l| lane_leads(*l)).map(|l| &model.lanes[l]) {
        reached.insert((lane.to, lane.product));
    }
    for site in (0..model.sites.len()).filter(|s| site_leads(*s)).map(|s| &model.sites[s]) {
        reached.extend(model.processes[site.processes[0]].outputs.iter().map(|(p, _)| (site.region, *p)));
    }
    let mut count = usize::MAX;
    while count != reached.len() {
        count = reached.len();
        for site in sites.iter().map(|s| &model.sites[*s]) {
            for process in site.processes.iter().map(|q| &model.processes[*q]) {
                if process.inputs.iter().all(|(p, _)| reached.contains(&(site.region, *p))) {
                    reached.extend(process.outputs.iter().map(|(p, _)| (site.region, *p)));
                }
            }
        }
        for lane in lanes.iter().map(|l| &model.lanes[*l]) {
            if reached.contains(&(lane.from, lane.product)) {
                reached.insert((lane.to, lane.product));
            }
        }
    }

    let charged = |product: usize| model.terminal_value > 0.0 && model.products[product].price > 0.0;
    let mut needed = BTreeSet::new();
    for demand in model.demands.iter().filter(|d| d.amount > 0.0) {
        for option in &demand.options {
            if option.uses.iter().all(|(p, _)| reached.contains(&(demand.region, *p))) {
                needed.extend(option.uses.iter().map(|(p, _)| (demand.region, *p)));
            }
        }
    }
    for (s, stock) in model.stocks.iter().enumerate() {
        let kept = stock.initial > 0.0 && charged(stock.product);
        let wanted = stock.target > 0.0 && stock.shortfall_cost > 0.0;
        // Getting rid of strategic stock saves the cost of holding it.
        let burden =
            stock.kind == StockKind::Strategic && stock.holding_cost > 0.0 && stock.initial > 0.0 && released(s);
        if kept || wanted || burden {
            needed.insert((stock.region, stock.product));
        }
    }
    let mut count = usize::MAX;
    while count != needed.len() {
        count = needed.len();
        for s in &sites {
            let site = &model.sites[*s];
            let worth = site.minimum > 0.0 || site_leads(*s) && model.terminal_value > 0.0;
            for process in site.processes.iter().map(|q| &model.processes[*q]) {
                let possible = process.inputs.iter().all(|(p, _)| reached.contains(&(site.region, *p)));
                let useful = process.outputs.iter().any(|(p, _)| needed.contains(&(site.region, *p)));
                if possible && (worth || useful) {
                    needed.extend(process.inputs.iter().map(|(p, _)| (site.region, *p)));
                }
            }
        }
        for l in &lanes {
            let lane = &model.lanes[*l];
            let worth = lane_leads(*l) && charged(lane.product);
            let useful = needed.contains(&(lane.to, lane.product));
            if reached.contains(&(lane.from, lane.product)) && (worth || useful) {
                needed.insert((lane.from, lane.product));
            }
        }
    }
    reached.intersection(&needed).copied().collect()
}

/// A number of the tables, and a share of it either way.
fn around(model: &Model, pick: usize, share: f64) -> Range {
    let numbers: Vec<Range> = figures(model)
        .into_iter()
        .filter_map(|figure| {
            let number: f64 = figure.text.parse().ok().filter(|number| *number != 0.0)?;
            let ends = [number - share * number.abs(), number, number + share * number.abs()].map(Amount::Number);
            let (table, row, column) = (figure.table, figure.row, figure.column);
            let [low, best, high] = ends;
            Some(Range { table, row, column, low, best, high, shape: Shape::Uniform, why: String::new() })
        })
        .collect();
    numbers[pick % numbers.len()].clone()
}

proptest! {
    #![proptest_config(config(96, 1))]
    #[test]
    fn pruning_changes_no_optimum_and_adds_nothing(draft in drafts()) {
        let (model, scenario) = draft.input(&Style::default());
        let pruned = outcome(&model, &scenario, Foresight::Perfect, true);
        let full = outcome(&model, &scenario, Foresight::Perfect, false);
        let (small, large) = (&pruned.plans[0], &full.plans[0]);
        same("pruned and full", small.solution.objective, large.solution.objective, &draft)?;
        let (rows, columns) = (small.program.rows.len(), small.program.columns.len());
        prop_assert!(rows <= large.program.rows.len(), "{rows} rows, {} in full", large.program.rows.len());
        prop_assert!(columns <= large.program.columns.len(), "{columns} columns, {} in full", large.program.columns.len());
    }
}

proptest! {
    #![proptest_config(config(96, 2))]
    #[test]
    fn books_balance_limits_hold_and_tags_are_honest(draft in drafts()) {
        let (model, scenario) = draft.input(&Style::default());
        for foresight in [Foresight::Perfect, Foresight::Announced] {
            for prune in [true, false] {
                let found = outcome(&model, &scenario, foresight, prune);
                let mut wrong = books::imbalances(&model, &scenario, &found);
                wrong.extend(books::broken_limits(&model, &scenario, &found));
                if !prune {
                    wrong.extend(tags::faults(&model, &scenario, &found));
                }
                let how = format!("{} foresight, prune: {prune}", foresight.name());
                prop_assert!(wrong.is_empty(), "{how}:\n{}\n{}", wrong.join("\n"), draft.text());
            }
        }
    }
}

proptest! {
    #![proptest_config(config(96, 3))]
    #[test]
    fn duals_prove_the_optimum(draft in drafts()) {
        let (model, scenario) = draft.input(&Style::default());
        for foresight in [Foresight::Perfect, Foresight::Announced] {
            for plan in &outcome(&model, &scenario, foresight, true).plans {
                match dual_objective(plan) {
                    Ok(dual) => same("primal and dual", plan.solution.objective, dual, &draft)?,
                    Err(message) => prop_assert!(false, "{message}\n{}", draft.text()),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config(96, 4))]
    #[test]
    fn loosening_a_measure_never_costs_more(draft in drafts(), gone in any::<bool>()) {
        let draft = Draft { truce: None, ..draft };
        let before = perfect(&draft, &Style::default());
        for (m, measure) in draft.measures.iter().enumerate() {
            let Some(loosened) = loosen(&draft, &measure.effect, gone) else { continue };
            let looser = match loosened {
                Loosened::To(effect) => with_measure(&draft, m, Some(effect)),
                Loosened::Gone => with_measure(&draft, m, None),
            };
            at_most(&format!("loosening m{m}"), perfect(&looser, &Style::default()), before, &draft)?;
        }
    }
}

proptest! {
    #![proptest_config(config(64, 5))]
    #[test]
    fn supports_and_releases_never_cost(draft in drafts()) {
        let draft = Draft { truce: None, ..draft };
        let with = perfect(&draft, &Style::default());
        for (m, measure) in draft.measures.iter().enumerate() {
            if matches!(measure.effect, Effect::Support { .. } | Effect::Release { .. }) {
                let without = with_measure(&draft, m, None);
                at_most(&format!("with m{m}"), with, perfect(&without, &Style::default()), &draft)?;
            }
        }
    }
}

proptest! {
    #![proptest_config(config(96, 6))]
    #[test]
    fn knowing_all_never_costs_more(draft in drafts()) {
        let (model, scenario) = draft.input(&Style::default());
        let known = outcome(&model, &scenario, Foresight::Perfect, true);
        let surprised = outcome(&model, &scenario, Foresight::Announced, true);
        let (known, surprised) = (total(&model, &scenario, &known), total(&model, &scenario, &surprised));
        at_most("perfect foresight", known, surprised, &draft)?;
        same("the parts and the program", known, perfect(&draft, &Style::default()), &draft)?;
    }
}

proptest! {
    #![proptest_config(config(64, 7))]
    #[test]
    fn planning_anew_without_news_changes_nothing(draft in drafts()) {
        let draft = empty_announcements(&draft);
        let (model, scenario) = draft.input(&Style::default());
        let known = outcome(&model, &scenario, Foresight::Perfect, true);
        let planned = outcome(&model, &scenario, Foresight::Announced, true);
        prop_assert!(planned.plans.len() > 1, "one plan only\n{}", draft.text());
        same("planned once and again", total(&model, &scenario, &known), total(&model, &scenario, &planned), &draft)?;
    }
}

proptest! {
    #![proptest_config(config(64, 8))]
    #[test]
    fn order_of_rows_does_not_matter(draft in drafts(), seed in any::<u64>()) {
        let shuffled = Style { shuffle: Some(seed), ..Style::default() };
        same("in another order", perfect(&draft, &Style::default()), perfect(&draft, &shuffled), &draft)?;
    }
}

proptest! {
    #![proptest_config(config(64, 9))]
    #[test]
    fn units_of_a_product_do_not_matter(draft in drafts(), product in 0..4_usize, smaller in any::<bool>()) {
        let mut style = Style::default();
        style.units[product] = if smaller { 1000.0 } else { 0.001 };
        same("in other units", perfect(&draft, &Style::default()), perfect(&draft, &style), &draft)?;
    }
}

proptest! {
    #![proptest_config(config(96, 10))]
    #[test]
    fn without_tags_every_useful_node_is_one_slot(draft in drafts()) {
        let mut draft = Draft { truce: None, ..draft };
        draft.measures.retain(|m| {
            let tags = matches!(m.effect, Effect::Control { .. } | Effect::Origin { .. } | Effect::Content { .. });
            !tags && !matches!(m.effect, Effect::Quota { .. })
        });
        let (model, scenario) = draft.input(&Style::default());
        let found = outcome(&model, &scenario, Foresight::Perfect, true);
        let slots: BTreeSet<(usize, usize)> = found.space.slots.iter().map(|s| (s.region, s.product)).collect();
        prop_assert_eq!(slots.len(), found.space.slots.len(), "two slots of one node\n{}", draft.text());
        prop_assert_eq!(slots, useful_nodes(&model, &scenario), "{}", draft.text());
        prop_assert!(found.space.relabels.is_empty());
    }
}

proptest! {
    #![proptest_config(config(48, 11))]
    #[test]
    fn ranges_hold_what_was_found(draft in drafts()) {
        let (model, scenario) = draft.input(&Style::default());
        for foresight in [Foresight::Perfect, Foresight::Announced] {
            let found = outcome(&model, &scenario, foresight, true);
            let summary = Summary::new(&model, &scenario, &found, String::new());
            let ranges = ranges(&model, &found, summary.objective, Settings::default(), &|_, _| {});
            let ranges = ranges.map_err(|e| TestCaseError::fail(format!("{e}\n{}", draft.text())))?;
            for (demand, first) in &summary.first_unmet {
                prop_assert_eq!(first.is_some(), ranges.contains_key(demand), "{}", demand);
            }
            for (demand, range) in &ranges {
                let units = match summary.late.get(demand) {
                    Some(late) => *late.last().unwrap(),
                    None => summary.unmet[demand].iter().sum(),
                };
                at_most(&format!("the least of {demand}"), range.least, units, &draft)?;
                at_most(&format!("units of {demand}"), units, range.greatest, &draft)?;
            }
        }
    }
}

proptest! {
    #![proptest_config(config(192, 12))]
    #[test]
    fn predictions_lie_on_the_side_that_duality_says(draft in drafts(), picks in [any::<usize>(); 4]) {
        let (model, scenario) = draft.input(&Style::default());
        let before = outcome(&model, &scenario, Foresight::Perfect, false);
        for pick in picks {
            let range = around(&model, pick, 0.25);
            let effect = predict(&model, &scenario, &before, std::slice::from_ref(&range), &|_, _| {}).remove(0);
            for end in &effect.ends {
                let change = Change { table: range.table, row: range.row, column: range.column, to: end.to };
                let (Ok(predicted), Ok(moved)) = (&end.predicted, changed(&model, &[change])) else { continue };
                let after = outcome(&moved, &scenario, Foresight::Perfect, false);
                let (old, new) = (&before.plans[0], &after.plans[0]);
                let (p, q) = (&old.program, &new.program);
                if p.rows != q.rows || p.columns != q.columns || (&p.index, &p.value) != (&q.index, &q.value) {
                    continue;
                }
                let what = format!("{} {} to {}", range.table.file(), range.column.name, end.to);
                let (expected, found) = (old.solution.objective + predicted, new.solution.objective);
                let bounds = (&p.lower, &p.upper, &p.row_lower, &p.row_upper);
                if p.costs == q.costs {
                    at_most(&format!("predicted, bounds, {what}"), expected, found, &draft)?;
                }
                if bounds == (&q.lower, &q.upper, &q.row_lower, &q.row_upper) {
                    at_most(&format!("predicted, costs, {what}"), found, expected, &draft)?;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config(192, 13))]
    #[test]
    fn predictions_are_the_slope_where_there_is_one(draft in drafts(), picks in [any::<usize>(); 4]) {
        let (model, scenario) = draft.input(&Style::default());
        let before = outcome(&model, &scenario, Foresight::Perfect, true);
        for pick in picks {
            let range = around(&model, pick, 1e-3);
            let effect = predict(&model, &scenario, &before, std::slice::from_ref(&range), &|_, _| {}).remove(0);
            let slopes: Vec<(f64, f64)> = effect.ends.iter().zip([-1.0, 1.0]).filter_map(|(end, sign)| {
                let change = Change { table: range.table, row: range.row, column: range.column, to: end.to };
                let (Ok(predicted), Ok(moved)) = (&end.predicted, changed(&model, &[change])) else { return None };
                let after = outcome(&moved, &scenario, Foresight::Perfect, true);
                let found = after.plans[0].solution.objective - before.plans[0].solution.objective;
                Some((sign * predicted, sign * found))
            }).collect();
            let [(_, left), (predicted, right)] = slopes[..] else { continue };
            let noise = 1e-2 * left.abs().max(right.abs()) + slack(before.plans[0].solution.objective, 0.0);
            // Where the slopes to both sides differ, the optimum has no one price.
            if (left - right).abs() <= noise {
                let what = format!("{} {} by 0.1%", range.table.file(), range.column.name);
                prop_assert!((predicted - right).abs() <= 2.0 * noise, "{what}: {predicted}, not {right}\n{}", draft.text());
            }
        }
    }
}
