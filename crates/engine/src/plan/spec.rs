//! The spec of a plan: a TOML file that says what can be done now, with how much money, against which futures.
//!
//! Reads what stands there. Whether the sites, lanes, demands and files that it names are there is asked in
//! [`super::action`] and by who reads the futures.

use std::collections::BTreeSet;
use std::ops::Range;

use coercivity_model::csv_table::Table;
use coercivity_model::model::StockKind;
use coercivity_model::names::nearest;
use coercivity_model::schema::{Kind as Column, TableName};
use coercivity_model::toml_table::{Given, TomlTable, parse};
use coercivity_model::uncertainty::Amount;
use coercivity_model::{Code, Date, Diagnostic, Model, Report};

use crate::two_stage::Risk;

/// What a spec says.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    /// Of the model's folder, as given.
    pub model: Option<String>,
    /// Steps of the model that are looked at, from its start; `None` = all.
    pub steps: Option<usize>,
    /// Day of the decision; `None` = the start of the model.
    pub now: Option<Date>,
    /// Money for all options together, in currency.
    pub budget: f64,
    /// Budgets of the frontier.
    pub budgets: Vec<f64>,
    pub risk: Risk,
    /// How much later the decision could be made, in months; `None` = not asked.
    pub wait_months: Option<f64>,
    pub futures: Futures,
    pub services: Vec<Service>,
    /// Rows of the model's `actions.csv` that are options too; `*` = all.
    pub listed: Vec<Given>,
    pub actions: Vec<Action>,
}

/// Where the futures come from.
#[derive(Clone, Debug)]
pub enum Futures {
    /// Samples of an ensemble, each as probable as the others.
    Ensemble { path: Given, samples: Option<usize>, seed: Option<u64> },
    /// Scenarios with their probabilities.
    Named(Vec<Named>),
}

#[derive(Clone, Debug)]
pub struct Named {
    pub scenario: Given,
    pub probability: f64,
}

/// A share of needs that must be met in every future.
#[derive(Clone, Debug)]
pub struct Service {
    pub id: String,
    pub demands: Vec<Given>,
    /// Least share of each of them that is met, over all days from `from` until `until`.
    pub least: f64,
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// Something that can be done now.
#[derive(Clone, Debug)]
pub struct Action {
    pub id: String,
    pub name: String,
    /// The text in which its words stand.
    pub file: String,
    /// Where its id stands in it.
    pub span: Range<usize>,
    pub kind: Kind,
    /// Currency for all of it, besides what the kind costs by itself.
    pub cost: f64,
    /// Whether it is done whole or not at all.
    pub whole: bool,
    /// If it is done, at least this share of it.
    pub least: f64,
    pub earliest: Option<Date>,
    pub lead_months: f64,
    /// Years that what it costs is good for, from the day on which it is there: what is left of them after the last step is
    /// worth that share of its cost. `None` = it is worth nothing then.
    pub life_years: Option<f64>,
    /// Ids of what must be done to at least as large a share.
    pub requires: Vec<Given>,
    /// Ids of what cannot be done beside it.
    pub excludes: Vec<Given>,
    pub source: Option<String>,
    pub confidence: Option<String>,
}

/// What an option does.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Capacity, in units of activity a year.
    Site { plant: Plant, capacity: f64, ramp_months: f64, floor: Option<Floor> },
    /// Units bought; the last of all of them cost `1 + impact` times the price.
    Stock {
        region: Given,
        product: Given,
        kind: StockKind,
        units: f64,
        price: Option<f64>,
        impact: f64,
        holding_cost: f64,
    },
    /// Units a year that a lane can carry beyond what it can without, for a premium a unit and so many years.
    Offtake { product: Given, from: Given, to: Given, amount: f64, premium: f64, years: f64 },
    /// Share of demands that an alternative of theirs can meet beyond what it can without.
    Substitution { demands: Vec<Given>, option: Given, share: f64 },
}

impl Kind {
    /// How long a contract or a guarantee runs, from the day on which it is there.
    pub fn years(&self) -> Option<f64> {
        match self {
            Kind::Offtake { years, .. } => Some(*years),
            Kind::Site { floor, .. } => floor.as_ref().map(|floor| floor.years),
            Kind::Stock { .. } | Kind::Substitution { .. } => None,
        }
    }
}

/// What a new site is.
#[derive(Clone, Debug)]
pub enum Plant {
    /// More of a site that there is.
    Like(Given),
    New {
        processes: Vec<Given>,
        region: Given,
        running_cost: f64,
        lead_days: f64,
    },
}

/// A price that is guaranteed: its public cost is what it lies above the model's, for the output of all of the capacity.
#[derive(Clone, Debug)]
pub struct Floor {
    pub product: Given,
    pub price: f64,
    pub years: f64,
}

const KINDS: &[&str] = coercivity_model::schema::ACTION_KINDS;
const STOCKS: &[&str] = &["strategic", "commercial"];
const CONFIDENCES: &[&str] = coercivity_model::schema::CONFIDENCES;

/// Points of the frontier where only its ends are given, or nothing.
const POINTS: usize = 10;

/// Reads a spec. All problems are in `report`; `None` if any is an error.
pub fn read_spec(file: &str, text: &str, report: &mut Report) -> Option<Spec> {
    let table = parse(file, text, report)?;
    let mut keys = TomlTable::new(file, &table, 0..0);
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml");
    let name = keys.text("name", report).unwrap_or_else(|| stem.to_string());
    keys.text("note", report);
    let model = keys.text("model", report);
    let steps = keys.count("steps", 1, report);
    let now = keys.date("now", report);
    let budget = needed(&mut keys, "budget", "money for all options together, in the model's currency", report);
    let budgets = read_budgets(&mut keys, budget, report);
    let weight = keys.number("weight", 0.0, 1.0, report).unwrap_or(0.0);
    let level = keys.number("level", 0.0, 0.99, report).unwrap_or(0.9);
    let wait_months = keys.number("wait_months", 0.0, 1200.0, report);
    let futures = read_futures(&mut keys, report);
    let services: Vec<Option<Service>> =
        keys.tables("service", report).into_iter().map(|table| read_service(table, report)).collect();
    let actions: Vec<Option<Action>> =
        keys.tables("option", report).into_iter().map(|table| read_action(table, report)).collect();
    let listed = keys.list("actions", report).unwrap_or_default();
    if actions.is_empty() && listed.is_empty() {
        let meaning = "a list: each `[[option]]` is something that can be done now; or name rows of `actions.csv`";
        keys.missing("option", meaning, report);
    }
    keys.finish(report);
    (!report.has_errors()).then_some(())?;
    Some(Spec {
        name,
        model,
        steps,
        now,
        budget: budget?,
        budgets,
        risk: Risk { weight, level },
        wait_months,
        futures: futures?,
        services: services.into_iter().flatten().collect(),
        listed,
        actions: actions.into_iter().flatten().collect(),
    })
}

/// Reads the rows of `actions.csv` that a spec names as if they stood in it, and adds them to its options. No id may stand for
/// two of them. All problems are in `report`.
pub fn add_listed(spec: &mut Spec, file: &str, model: &Model, report: &mut Report) {
    let table = &model.tables[&TableName::Actions];
    let mut rows: BTreeSet<usize> = BTreeSet::new();
    for (name, span) in &spec.listed {
        let found: Vec<usize> =
            (0..table.len()).filter(|row| name == "*" || table.text(*row, "id") == name.as_str()).collect();
        if found.is_empty() {
            let known: Vec<&str> = (0..table.len()).map(|row| table.text(row, "id")).collect();
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("use `{near}`"),
                None => "it is the id of a row of the model's `actions.csv`, or `*` for all of them".to_string(),
            };
            let place = report.place(file, span.clone());
            let message = format!("unknown action `{name}`");
            report.push(Diagnostic::error(Code::UnknownId, message).at(place).help(help));
        }
        rows.extend(found);
    }
    // One reader checks both: a row becomes what somebody would write in the spec.
    let text: String = rows.iter().map(|row| as_option(table, *row)).collect();
    let own = format!("{} as options", table.file);
    report.add_text(&own, text.as_str().into());
    if let Some(parsed) = parse(&own, &text, report) {
        let mut keys = TomlTable::new(&own, &parsed, 0..0);
        let read = keys.tables("option", report).into_iter().filter_map(|table| read_action(table, report));
        spec.actions.extend(read.collect::<Vec<_>>());
    }
    for (n, action) in spec.actions.iter().enumerate() {
        if spec.actions[..n].iter().any(|before| before.id == action.id) {
            let place = report.place(&action.file, action.span.clone());
            let message = format!("`{}` is defined twice", action.id);
            let diagnostic = Diagnostic::error(Code::DuplicateId, message).at(place);
            report.push(diagnostic.help("give each option an id of its own"));
        }
    }
}

/// A row of `actions.csv` as an `[[option]]`.
fn as_option(table: &Table, row: usize) -> String {
    let schema = TableName::Actions.schema();
    let mut text = "[[option]]\n".to_string();
    let quoted = |word: &str| serde_json::Value::from(word).to_string();
    for column in schema.columns.iter().chain(schema.common) {
        let Some(cell) = table.given(row, column.name) else { continue };
        let value = match column.kind {
            _ if column.name == "source" => quoted(cell),
            _ if column.name == "all_or_nothing" => (cell == "yes").to_string(),
            Column::RefList(_) => {
                format!("[{}]", table.list(row, column.name).map(quoted).collect::<Vec<_>>().join(", "))
            }
            Column::NonNegative | Column::Share => format!("{:?}", table.number(row, column.name).unwrap_or(0.0)),
            _ => quoted(cell),
        };
        text += &format!("{} = {value}\n", column.name);
    }
    text
}

fn needed(keys: &mut TomlTable, key: &'static str, meaning: &str, report: &mut Report) -> Option<f64> {
    keys.require(key, meaning, report);
    keys.number(key, 0.0, f64::INFINITY, report)
}

fn list(keys: &mut TomlTable, key: &'static str, meaning: &str, report: &mut Report) -> Option<Vec<Given>> {
    keys.require(key, meaning, report);
    keys.list(key, report)
}

/// `frontier`: a list of budgets; two are its ends. Without it, ten from a tenth of the budget to all of it.
fn read_budgets(keys: &mut TomlTable, budget: Option<f64>, report: &mut Report) -> Vec<f64> {
    let Some(list) = keys.amounts("frontier", report).flatten() else {
        let most = budget.unwrap_or(0.0);
        return (1..=POINTS).map(|n| most * n as f64 / POINTS as f64).collect();
    };
    let numbers: Option<Vec<f64>> = (list.iter())
        .map(|amount| match amount {
            Amount::Number(number) if *number >= 0.0 => Some(*number),
            _ => None,
        })
        .collect();
    match numbers {
        Some(mut numbers) if numbers.len() >= 2 => {
            numbers.sort_by(f64::total_cmp);
            match numbers[..] {
                [least, most] => {
                    let step = |n: usize| least + (most - least) * n as f64 / (POINTS - 1) as f64;
                    (0..POINTS).map(step).collect()
                }
                _ => numbers,
            }
        }
        _ => {
            let message = "`frontier` is not a list of two or more budgets".to_string();
            let help = Some("write its ends, such as [1e8, 1e10], or each budget, none below 0".to_string());
            keys.wrong(keys.span_of("frontier"), Code::OutOfRange, message, help, report);
            Vec::new()
        }
    }
}

fn read_futures(keys: &mut TomlTable, report: &mut Report) -> Option<Futures> {
    let ensemble = keys.table("futures", report);
    let named = keys.tables("future", report);
    match (ensemble, named.is_empty()) {
        (Some(_), false) => {
            let message = "`futures` and `future` stand in one plan".to_string();
            let help = Some("take the samples of an ensemble, or scenarios with probabilities".to_string());
            keys.wrong(keys.span_of("future"), Code::Contradiction, message, help, report);
            None
        }
        (None, true) => {
            keys.missing(
                "futures",
                "a table with the key `ensemble`, or a list of `[[future]]` with `scenario`",
                report,
            );
            None
        }
        (Some(mut table), true) => {
            let path = table.needed_text("ensemble", "the spec of an ensemble, whose samples are the futures", report);
            let samples = table.count("samples", 1, report);
            let seed = table.whole("seed", 0.0, 9_007_199_254_740_992.0, report);
            table.finish(report);
            Some(Futures::Ensemble { path: path?, samples, seed })
        }
        (None, false) => {
            let read: Vec<Option<Named>> = named
                .into_iter()
                .map(|mut table| {
                    let scenario = table.needed_text("scenario", "a file, or the name of one of the model's", report);
                    let probability = needed(&mut table, "probability", "how likely it is; they add up to 1", report);
                    table.finish(report);
                    Some(Named { scenario: scenario?, probability: probability? })
                })
                .collect();
            let named: Vec<Named> = read.into_iter().collect::<Option<_>>()?;
            let whole: f64 = named.iter().map(|named| named.probability).sum();
            if (whole - 1.0).abs() > 1e-9 {
                let message = format!("the probabilities of the futures add up to {whole}");
                let help = Some("they add up to 1".to_string());
                keys.wrong(keys.span_of("future"), Code::OutOfRange, message, help, report);
                return None;
            }
            Some(Futures::Named(named))
        }
    }
}

fn read_service(mut keys: TomlTable, report: &mut Report) -> Option<Service> {
    keys.require("id", "what the requirement is called in the results", report);
    let id = keys.id("id", report);
    let demands = list(&mut keys, "demands", "the needs that must be met", report);
    keys.require("least", "the least share of them that is met", report);
    let least = keys.number("least", 0.0, 1.0, report);
    let (from, until) = (keys.date("from", report), keys.date("until", report));
    keys.text("note", report);
    keys.finish(report);
    Some(Service { id: id?, demands: demands?, least: least?, from, until })
}

fn read_action(mut keys: TomlTable, report: &mut Report) -> Option<Action> {
    keys.require("id", "what the option is called in the results", report);
    let (id, span) = (keys.id("id", report), keys.span_of("id"));
    let file = keys.file.to_string();
    let name = keys.text("name", report);
    keys.require("kind", &format!("one of {}", KINDS.join(", ")), report);
    let word = keys.choice("kind", KINDS, report);
    let cost = keys.number("cost", 0.0, f64::INFINITY, report).unwrap_or(0.0);
    let whole = keys.flag("all_or_nothing", report);
    let least = keys.number("least", 0.0, 1.0, report).unwrap_or(0.0);
    let earliest = keys.date("earliest", report);
    let lead_months = keys.number("lead_months", 0.0, 1200.0, report).unwrap_or(0.0);
    let requires = keys.list("requires", report).unwrap_or_default();
    let excludes = keys.list("excludes", report).unwrap_or_default();
    let source = keys.text("source", report);
    let confidence = keys.choice("confidence", CONFIDENCES, report);
    keys.text("note", report);
    // What a stock is worth at the end the program says; a contract and a guarantee have years of their own.
    let lasts = matches!(word.as_deref(), Some("site" | "recycling" | "floor" | "substitution"));
    let life_years = if lasts { keys.number("life_years", 0.0, 1000.0, report) } else { None };
    let kind = match word.as_deref() {
        Some("site" | "recycling") => read_site(&mut keys, false, report),
        Some("floor") => read_site(&mut keys, true, report),
        Some("stock") => read_stock(&mut keys, report),
        Some("offtake") => read_offtake(&mut keys, report),
        Some("substitution") => read_substitution(&mut keys, report),
        _ => return None,
    };
    keys.finish(report);
    let (id, kind) = (id?, kind?);
    let name = name.unwrap_or_else(|| id.clone());
    Some(Action {
        id,
        name,
        file,
        span,
        kind,
        cost,
        whole,
        least,
        earliest,
        lead_months,
        life_years,
        requires,
        excludes,
        source,
        confidence,
    })
}

fn read_site(keys: &mut TomlTable, floor: bool, report: &mut Report) -> Option<Kind> {
    let capacity = needed(keys, "capacity", "units of activity a year", report);
    let ramp_months = keys.number("ramp_months", 0.0, 1200.0, report).unwrap_or(0.0);
    let plant = if keys.has("like") {
        keys.needed_text("like", "the site that it is more of", report).map(Plant::Like)
    } else {
        let processes = list(keys, "process", "what it does, or `like` with a site that it is more of", report);
        let region = keys.needed_text("region", "where it stands", report);
        let running_cost = keys.number("running_cost", 0.0, f64::INFINITY, report).unwrap_or(0.0);
        let lead_days = keys.number("lead_days", 0.0, 36_500.0, report).unwrap_or(0.0);
        match (processes, region) {
            (Some(processes), Some(region)) => Some(Plant::New { processes, region, running_cost, lead_days }),
            _ => None,
        }
    };
    let floor = match floor {
        false => None,
        true => {
            let product = keys.needed_text("product", "whose price is guaranteed", report);
            let price = needed(keys, "price", "what is guaranteed, in currency per unit", report);
            let years = needed(keys, "years", "for how long it is guaranteed", report);
            Some(Floor { product: product?, price: price?, years: years? })
        }
    };
    Some(Kind::Site { plant: plant?, capacity: capacity?, ramp_months, floor })
}

fn read_stock(keys: &mut TomlTable, report: &mut Report) -> Option<Kind> {
    let region = keys.needed_text("region", "where it is kept", report);
    let product = keys.needed_text("product", "what is bought", report);
    let units = needed(keys, "units", "how much can be bought", report);
    let kind = match keys.choice("stock", STOCKS, report).as_deref() {
        Some("commercial") => StockKind::Commercial,
        _ => StockKind::Strategic,
    };
    let price = keys.number("price", 0.0, f64::INFINITY, report);
    let impact = keys.number("impact", 0.0, f64::INFINITY, report).unwrap_or(0.0);
    let holding_cost = keys.number("holding_cost", 0.0, f64::INFINITY, report).unwrap_or(0.0);
    Some(Kind::Stock { region: region?, product: product?, kind, units: units?, price, impact, holding_cost })
}

fn read_offtake(keys: &mut TomlTable, report: &mut Report) -> Option<Kind> {
    let product = keys.needed_text("product", "what is bought", report);
    let from = keys.needed_text("from", "the region that sends it", report);
    let to = keys.needed_text("to", "the region that it goes to", report);
    let amount = needed(keys, "amount", "units a year", report);
    let premium = keys.number("premium", 0.0, f64::INFINITY, report).unwrap_or(0.0);
    let years = keys.number("years", 0.0, 100.0, report).unwrap_or(1.0);
    Some(Kind::Offtake { product: product?, from: from?, to: to?, amount: amount?, premium, years })
}

fn read_substitution(keys: &mut TomlTable, report: &mut Report) -> Option<Kind> {
    let demands = list(keys, "demands", "the needs that can be met another way", report);
    let option = keys.needed_text("option", "the alternative, of `uses.csv`", report);
    keys.require("share", "share of the needs that it can meet beyond what it can without", report);
    let share = keys.number("share", 0.0, 1.0, report);
    Some(Kind::Substitution { demands: demands?, option: option?, share: share? })
}
