//! The spec of an ensemble: a TOML file that says what is uncertain and how often to draw it.
//!
//! Reads what stands there. Whether the figures, measures and truces that it names are in the model and the scenario
//! is asked in [`super::input`].

use std::ops::Range;

use coercivity_model::schema::SHAPES;
use coercivity_model::toml_table::{Given, TomlTable, parse};
use coercivity_model::uncertainty::{Amount, Shape};
use coercivity_model::{Code, Report};

use crate::points::Sampler;
use crate::run::Foresight;

const METHODS: &[(&str, Method)] = &[("optimal", Method::Optimal), ("market", Method::Market)];
const FORESIGHTS: &[(&str, Foresight)] = &[("announced", Foresight::Announced), ("perfect", Foresight::Perfect)];
const MOVES: &[(&str, Moves)] = &[("to", Moves::To), ("by", Moves::By), ("times", Moves::Times)];

/// The largest whole number that a TOML float holds too.
const LARGEST_SEED: f64 = 9_007_199_254_740_992.0;

/// What a spec says.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    /// Of the model's folder, as given.
    pub model: Option<String>,
    /// Name or path of the scenario, as given.
    pub scenario: Option<String>,
    pub method: Method,
    pub foresight: Foresight,
    /// Steps of the model that are run, from its start; `None` = all.
    pub steps: Option<usize>,
    /// Draws; with `indices`, of each of the two designs that are compared.
    pub samples: usize,
    pub seed: u64,
    pub sampler: Sampler,
    /// Whether each input is also drawn anew alone, for first and total indices: `samples` x (inputs + 2) runs.
    pub indices: bool,
    pub inputs: Vec<InputSpec>,
}

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A run at least total cost.
    Optimal,
    /// What people do who do not plan, in weeks.
    Market,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Optimal => "optimal",
            Method::Market => "market",
        }
    }
}

/// One uncertain input as given.
#[derive(Clone, Debug)]
pub struct InputSpec {
    pub id: String,
    pub name: String,
    /// Where its id stands in the file.
    pub span: Range<usize>,
    pub target: TargetSpec,
    /// `None` = the ranges of `uncertainty.csv`, or the probabilities of the truce.
    pub marginal: Option<MarginalSpec>,
    pub moves: Moves,
}

/// What an input moves.
#[derive(Clone, Debug)]
pub enum TargetSpec {
    /// Figures of tables: patterns of tables, rows and columns, in which `*` stands for anything.
    Figures { table: Given, rows: Vec<Given>, column: Given, each: bool },
    /// A key of a measure.
    Key { measure: Given, key: Given },
    /// How many of their extensions truces take, all alike.
    Truces { truces: Vec<Given>, probabilities: Option<Vec<f64>> },
}

/// How likely what is.
#[derive(Clone, Debug)]
pub enum MarginalSpec {
    Range {
        low: Amount,
        best: Amount,
        high: Amount,
        shape: Shape,
    },
    /// One of these, with weights.
    Choice {
        values: Vec<Amount>,
        weights: Vec<f64>,
    },
}

/// What a drawn number does to a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// It is the figure.
    To,
    /// It is added; to a date, as days.
    By,
    /// The figure is multiplied by it.
    Times,
}

/// Reads a spec. All problems are in `report`; `None` if any is an error.
pub fn read_spec(file: &str, text: &str, report: &mut Report) -> Option<Spec> {
    let table = parse(file, text, report)?;
    let mut keys = TomlTable::new(file, &table, 0..0);
    let name = keys.text("name", report);
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml");
    let model = keys.text("model", report);
    let scenario = keys.text("scenario", report);
    let method = word(&mut keys, "method", METHODS, Method::Optimal, report);
    let foresight = word(&mut keys, "foresight", FORESIGHTS, Foresight::Announced, report);
    let steps = keys.count("steps", 1, report);
    for (key, meaning) in
        [("samples", "how often the inputs are drawn"), ("seed", "a number: the same one draws the same")]
    {
        keys.require(key, meaning, report);
    }
    let samples = keys.count("samples", 1, report);
    let seed = keys.whole("seed", 0.0, LARGEST_SEED, report);
    let sampler = word(&mut keys, "sampler", Sampler::ALL, Sampler::Sobol, report);
    let indices = keys.flag("indices", report);
    let inputs: Vec<Option<InputSpec>> =
        keys.tables("input", report).into_iter().map(|table| read_input(table, report)).collect();
    if inputs.is_empty() {
        keys.missing("input", "a list: each `[[input]]` says something that is not known", report);
    }
    for (n, input) in inputs.iter().enumerate() {
        let Some(input) = input else { continue };
        if inputs[..n].iter().flatten().any(|before| before.id == input.id) {
            let message = format!("`{}` is defined twice", input.id);
            keys.wrong(
                input.span.clone(),
                Code::DuplicateId,
                message,
                Some("give each input an id of its own".into()),
                report,
            );
        }
    }
    keys.finish(report);
    (!report.has_errors()).then_some(())?;
    Some(Spec {
        name: name.unwrap_or_else(|| stem.to_string()),
        model,
        scenario,
        method,
        foresight,
        steps,
        samples: samples?,
        seed: seed?,
        sampler,
        indices,
        inputs: inputs.into_iter().flatten().collect(),
    })
}

fn word<T: Copy>(keys: &mut TomlTable, key: &'static str, words: &[(&str, T)], default: T, report: &mut Report) -> T {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let chosen = keys.choice(key, &names, report);
    words.iter().find(|(name, _)| Some(*name) == chosen.as_deref()).map_or(default, |(_, value)| *value)
}

fn read_input(mut keys: TomlTable, report: &mut Report) -> Option<InputSpec> {
    let (id, span) = (keys.id("id", report), keys.span_of("id"));
    keys.require("id", "what the input is called in the results", report);
    let name = keys.text("name", report);
    keys.text("note", report);
    keys.text("source", report);
    let targets = ["table", "measure", "truce"];
    let given: Vec<&str> = targets.into_iter().filter(|key| keys.has(key)).collect();
    let target = match given[..] {
        ["table"] => read_figures(&mut keys, report),
        ["measure"] => read_key(&mut keys, report),
        ["truce"] => read_truces(&mut keys, report),
        [] => {
            keys.missing("table", "one of `table` (figures of the model), `measure` (a key of it) and `truce`", report);
            None
        }
        _ => {
            let message = format!("`{}` and `{}` stand in one input", given[0], given[1]);
            let help = "an input moves figures of a table, a key of a measure, or truces: make two of it".to_string();
            keys.wrong(keys.span_of(given[1]), Code::Contradiction, message, Some(help), report);
            return None;
        }
    };
    let is_truce = given == ["truce"];
    let moves = if is_truce { Moves::To } else { word(&mut keys, "moves", MOVES, Moves::To, report) };
    let marginal = if is_truce { Some(None) } else { read_marginal(&mut keys, report) };
    if given == ["measure"] && matches!(marginal, Some(None)) {
        keys.missing("low", "the least that it may be; `best` and `high` go with it, or `values` instead", report);
    }
    if let (Some(None), true) = (&marginal, moves != Moves::To) {
        keys.missing(
            "low",
            "what figures are moved by; the ranges of `uncertainty.csv` are figures themselves",
            report,
        );
    }
    keys.finish(report);
    let (id, target, marginal) = (id?, target?, marginal?);
    Some(InputSpec { name: name.unwrap_or_else(|| id.clone()), id, span, target, marginal, moves })
}

fn read_figures(keys: &mut TomlTable, report: &mut Report) -> Option<TargetSpec> {
    let table = keys.needed_text("table", "a table of the model", report);
    let rows = match keys.has("rows") {
        true => keys.list("rows", report),
        false => {
            keys.given("rows");
            Some(vec![("*".to_string(), keys.span_of("table"))])
        }
    };
    let column = match keys.has("column") {
        true => keys.needed_text("column", "a column of it", report),
        false => {
            keys.given("column");
            Some(("*".to_string(), keys.span_of("table")))
        }
    };
    let each = keys.flag("each", report);
    Some(TargetSpec::Figures { table: table?, rows: rows?, column: column?, each })
}

fn read_key(keys: &mut TomlTable, report: &mut Report) -> Option<TargetSpec> {
    let measure = keys.needed_text("measure", "the id of a measure", report);
    let key = keys.needed_text("key", "the key of the measure that is not known, such as `until`", report);
    Some(TargetSpec::Key { measure: measure?, key: key? })
}

fn read_truces(keys: &mut TomlTable, report: &mut Report) -> Option<TargetSpec> {
    let truces = keys.list("truce", report);
    let probabilities = numbers(keys, "probabilities", 0.0, 1.0, report)?;
    Some(TargetSpec::Truces { truces: truces?, probabilities })
}

/// The inner `None`: nothing is given. The outer one: what is given is wrong.
fn read_marginal(keys: &mut TomlTable, report: &mut Report) -> Option<Option<MarginalSpec>> {
    let values = keys.amounts("values", report)?;
    let weights = numbers(keys, "weights", 0.0, f64::INFINITY, report)?;
    let shape = match keys.choice("shape", SHAPES, report).as_deref() {
        Some("uniform") => Shape::Uniform,
        Some("lognormal") => Shape::Lognormal,
        _ => Shape::Triangular,
    };
    let ends = ["low", "best", "high"].map(|key| keys.has(key).then(|| keys.amount(key, report)));
    match (values, ends) {
        (None, [None, None, None]) => Some(None),
        (Some(values), [None, None, None]) => choice(keys, values, weights, report).map(Some),
        (None, [low, best, high]) => range(keys, low?, best, high?, shape, report).map(Some),
        (Some(_), _) => {
            let message = "`values` and a range stand in one input".to_string();
            let help = "an input is one of `values`, or lies between `low` and `high`".to_string();
            keys.wrong(keys.span_of("values"), Code::Contradiction, message, Some(help), report);
            None
        }
    }
}

fn range(
    keys: &TomlTable,
    low: Option<Amount>,
    best: Option<Option<Amount>>,
    high: Option<Amount>,
    shape: Shape,
    report: &mut Report,
) -> Option<MarginalSpec> {
    let (low, high) = (low?, high?);
    let best = match (best, low, high) {
        (Some(best), ..) => best?,
        // A uniform one has no best value.
        (None, Amount::Number(low), Amount::Number(high)) => Amount::Number((low + high) / 2.0),
        (None, Amount::Date(low), _) => Amount::Date(low),
        (None, ..) => high,
    };
    let wrong = |key: &str, code, message: String, help: &str, report: &mut Report| {
        keys.wrong(keys.span_of(key), code, message, Some(help.to_string()), report);
        None
    };
    let same = |a: Amount, b: Amount| {
        matches!((a, b), (Amount::Number(_), Amount::Number(_)) | (Amount::Date(_), Amount::Date(_)))
    };
    if !same(low, best) || !same(best, high) {
        return wrong(
            "low",
            Code::WrongType,
            "a range goes from a number to a date".into(),
            "write three numbers or three dates",
            report,
        );
    }
    if low > best || best > high {
        let message = format!("the range {low}, {best}, {high} is not in order");
        return wrong("low", Code::BadRange, message, "`low` is at most `best`, and `best` at most `high`", report);
    }
    if !keys.has("best") && shape != Shape::Uniform {
        keys.missing("best", "the figure that is thought most likely; only `shape = \"uniform\"` does without", report);
        return None;
    }
    if shape == Shape::Lognormal && !matches!(low, Amount::Number(low) if low > 0.0) {
        let message = "a lognormal range begins above 0".to_string();
        return wrong("low", Code::BadRange, message, "let `low` be above 0, or take another shape", report);
    }
    Some(MarginalSpec::Range { low, best, high, shape })
}

fn choice(
    keys: &TomlTable,
    values: Vec<Amount>,
    weights: Option<Vec<f64>>,
    report: &mut Report,
) -> Option<MarginalSpec> {
    let weights = weights.unwrap_or_else(|| vec![1.0; values.len()]);
    if values.is_empty() || weights.len() != values.len() || weights.iter().sum::<f64>() <= 0.0 {
        let message = format!("{} values have {} weights", values.len(), weights.len());
        let help = "each value has a weight, and not all are 0; without `weights` all are as likely".to_string();
        keys.wrong(keys.span_of("weights"), Code::BadRange, message, Some(help), report);
        return None;
    }
    Some(MarginalSpec::Choice { values, weights })
}

fn numbers(
    keys: &mut TomlTable,
    key: &'static str,
    least: f64,
    most: f64,
    report: &mut Report,
) -> Option<Option<Vec<f64>>> {
    let Some(list) = keys.amounts(key, report)? else { return Some(None) };
    let number = |amount: &Amount| match amount {
        Amount::Number(number) if (least..=most).contains(number) => Some(*number),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = list.iter().map(number).collect();
    if numbers.is_none() {
        let message = format!("`{key}` has something else than numbers from {least} to {most}");
        keys.wrong(keys.span_of(key), Code::OutOfRange, message, Some("write numbers in that range".into()), report);
    }
    numbers.map(Some)
}
