//! Times the method `market`. For `./x bench`.
//!
//!     bench_market MODEL [--arrays FILE] [SCENARIO]...
//!
//! Prints JSON: for each scenario, and for none, the weeks, the CPU seconds in which everybody was made ready (once for many runs)
//! and those of a run, without tables; of a run the least of several times, on one core. With `--arrays` the market without
//! measures is written to FILE as `market_peer.py` reads it, and what both are to agree on is printed: at the end of each year
//! the prices (by product), and what was needed and met in it (units, by need).

mod common;

use coercivity_engine::market::{Market, Record};
use coercivity_model::{Report, Scenario, read_model, read_scenario};
use common::{Disk, cpu_seconds, fail};
use serde_json::{Map, Value, json};

const REPEATS: usize = 20;

const USAGE: &str = "usage: bench_market MODEL [--arrays FILE] [SCENARIO]...";

/// Weeks in a year, as prices and needs are compared.
const YEAR: usize = 52;

fn main() {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    let arrays = paths.iter().position(|path| path == "--arrays").map(|at| {
        let pair: Vec<String> = paths.drain(at..(at + 2).min(paths.len())).collect();
        pair.into_iter().nth(1).unwrap_or_else(|| fail(USAGE))
    });
    let Some((model, scenarios)) = paths.split_first() else { fail(USAGE) };
    let mut report = Report::default();
    let model = read_model(&Disk, model, &mut report).unwrap_or_else(|| fail(&report.render(false, 100)));
    let mut found = Map::new();
    let mut none = timed(|| Market::new(&model, &Scenario::no_measures(), None));
    if let Some(file) = arrays {
        let market = Market::new(&model, &Scenario::no_measures(), None);
        let arrays = market.arrays().unwrap_or_else(|| fail("goods of a product are told apart in this model"));
        std::fs::write(&file, arrays.to_string()).unwrap_or_else(|error| fail(&format!("{file}: {error}")));
        none["figures"] = figures(&market, &market.run(&market.behaviour()));
    }
    found.insert("no measures".to_string(), none);
    for path in scenarios {
        let scenario =
            read_scenario(&Disk, path, &model, &mut report).unwrap_or_else(|| fail(&report.render(false, 100)));
        found.insert(scenario.name.clone(), timed(|| Market::new(&model, &scenario, None)));
    }
    println!("{:#}", Value::Object(found));
}

fn timed(ready: impl Fn() -> Market) -> Value {
    let begin = cpu_seconds();
    let market = ready();
    let made = cpu_seconds() - begin;
    let behaviour = market.behaviour();
    let mut least = f64::INFINITY;
    for _ in 0..REPEATS {
        let begin = cpu_seconds();
        let record = market.run(&behaviour);
        least = least.min(cpu_seconds() - begin);
        drop(record);
    }
    json!({ "weeks": market.model.steps(), "ready": made, "run": least })
}

/// By year: prices at its end, by product; units needed and met in it, by need.
fn figures(market: &Market, record: &Record) -> Value {
    let model = &market.model;
    let weeks: Vec<usize> = (0..model.steps()).collect();
    let years: Vec<&[usize]> = weeks.chunks(YEAR).collect();
    let end = |year: &&[usize]| -> Vec<f64> {
        let last = year[year.len() - 1];
        (0..model.products.len()).map(|product| record.price_outside(model, product, last)).collect()
    };
    let options = model.demands.iter().scan(0, |at, demand| {
        *at += demand.options.len();
        Some(*at - demand.options.len()..*at)
    });
    let options: Vec<_> = options.collect();
    let width = options.last().map_or(0, |last| last.end);
    let needed = |year: &&[usize]| -> Vec<f64> {
        let amount = |demand, week: &usize| model.amount_per_year(demand, *week) * model.calendar.years_per_step();
        model.demands.iter().map(|demand| year.iter().map(|week| amount(demand, week)).sum()).collect()
    };
    let met = |year: &&[usize]| -> Vec<f64> {
        let in_week = |of: &std::ops::Range<usize>, week: usize| -> f64 {
            record.sheets.met[week * width..][of.clone()].iter().sum()
        };
        options.iter().map(|of| year.iter().map(|week| in_week(of, *week)).sum()).collect()
    };
    json!({
        "prices": years.iter().map(end).collect::<Vec<_>>(),
        "needed": years.iter().map(needed).collect::<Vec<_>>(),
        "met": years.iter().map(met).collect::<Vec<_>>(),
    })
}
