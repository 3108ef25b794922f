//! The file of a backcast: scenario, observed series, what is fitted, what would count as a hit.

use coercivity_model::behaviour::PARAMETERS;
use coercivity_model::calendar::parse_date;
use coercivity_model::files::{join, parent};
use coercivity_model::names::nearest;
use coercivity_model::scenario::{Effect, Licences};
use coercivity_model::toml_table::{TomlTable, parse};
use coercivity_model::{Code, Date, Diagnostic, Files, Model, Report, Scenario, read_model, read_scenario};

use super::Span;

/// At most so many parameters are fitted: with more anything fits.
pub const MOST_FITTED: usize = 3;

pub struct Backcast {
    pub name: String,
    pub model: Model,
    pub scenario: Scenario,
    pub series: String,
    pub unit: String,
    pub observed: Vec<Span>,
    /// First day of the fit's time, and the first after it.
    pub fit: (Date, Date),
    pub quantity: Quantity,
    pub parameters: Vec<Parameter>,
    pub metrics: Vec<Metric>,
}

/// What was observed, in the model's words.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// Units of these products that leave a region.
    Exports { region: usize, products: Vec<usize> },
    /// Currency per unit of a product, divided by `per`.
    Price { product: usize, inside: bool, per: f64 },
}

/// A fitted parameter and where it is looked for.
pub struct Parameter {
    pub name: String,
    pub target: Target,
    pub low: f64,
    pub high: f64,
}

pub enum Target {
    Behaviour(&'static str),
    /// `grant_per_day` of a measure, by its position.
    Grant(usize),
}

/// Something that the replay either hits or misses.
pub enum Metric {
    /// Root mean square error over `against`.
    Nrmse {
        against: f64,
        most: f64,
    },
    /// The lowest value, and when.
    Low {
        least: f64,
        most: f64,
    },
    LowWhen {
        from: Date,
        until: Date,
    },
    /// First time after the lowest at which a level is reached again.
    ReturnWhen {
        level: f64,
        from: Date,
        until: Date,
    },
    /// Months from a shock until the value is so many times that of the shock's day.
    RallyMonths {
        shock: Date,
        rise: f64,
        least: f64,
        most: f64,
    },
    PeakWhen {
        from: Date,
        until: Date,
    },
    /// The highest value over the first.
    PeakOverBase {
        least: f64,
        most: f64,
    },
    /// Months from the highest value until half of it is lost.
    HalfLostMonths {
        most: f64,
    },
}

const METRICS: &[&str] =
    &["nrmse", "low", "low-when", "return-when", "rally-months", "peak-when", "peak-over-base", "half-lost-months"];

/// Reads a backcast: its file, the model whose folder holds the folder it lies in, its scenario and what was observed. All
/// problems are in `report`; `None` if any is an error.
pub fn read_backcast(files: &dyn Files, path: &str, report: &mut Report) -> Option<Backcast> {
    let Some(text) = files.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        let d = Diagnostic::error(Code::MissingFile, format!("there is no file `{path}`, or it is not UTF-8 text"));
        report.push(d.help("a backcast lies in the folder `backcasts` of a model"));
        return None;
    };
    report.add_text(path, text.as_str().into());
    let folder = parent(path).trim_end_matches('/').to_string();
    let model = read_model(files, parent(&folder).trim_end_matches('/'), report)?;
    let table = parse(path, &text, report)?;
    let mut keys = TomlTable::new(path, &table, 0..0);
    for (key, meaning) in [
        ("scenario", "the scenario file"),
        ("observed", "the file of what was observed"),
        ("series", "the series in it"),
        ("fit_from", "the first day of the fit's time"),
        ("fit_until", "the first day after it"),
        ("quantity", "what was observed, in the model's words"),
    ] {
        keys.require(key, meaning, report);
    }
    let name = keys.text("name", report);
    let (scenario, observed) = (keys.text("scenario", report), keys.text("observed", report));
    let series = keys.text("series", report);
    let fit = (keys.date("fit_from", report), keys.date("fit_until", report));
    let quantity = keys.table("quantity", report).and_then(|table| read_quantity(table, &model, report));
    // Read by itself, so that it is there for the rest whatever else is wrong.
    let mut own = Report::default();
    let scenario = scenario.and_then(|file| read_scenario(files, &join(&folder, &file), &model, &mut own));
    report.absorb(own);
    let tables = keys.tables("parameter", report);
    if tables.len() > MOST_FITTED {
        let message = format!("{} parameters are fitted, and at most {MOST_FITTED} may be", tables.len());
        let span = tables[MOST_FITTED].span.clone();
        keys.wrong(span, Code::OutOfRange, message, Some("with more of them anything fits".to_string()), report);
    }
    let parameters: Vec<Option<Parameter>> = match &scenario {
        Some(scenario) => tables.into_iter().map(|table| read_parameter(table, scenario, report)).collect(),
        None => Vec::new(),
    };
    let metrics: Vec<Option<Metric>> =
        keys.tables("metric", report).into_iter().map(|table| read_metric(table, report)).collect();
    keys.finish(report);
    let series = series?;
    let (unit, observed) = read_observed(files, &join(&folder, &observed?), &series, report)?;
    let backcast = Backcast {
        name: name.unwrap_or_else(|| path.to_string()),
        model,
        scenario: scenario?,
        series,
        unit,
        observed,
        fit: (fit.0?, fit.1?),
        quantity: quantity?,
        parameters: parameters.into_iter().collect::<Option<_>>()?,
        metrics: metrics.into_iter().collect::<Option<_>>()?,
    };
    (!report.has_errors()).then_some(backcast)
}

fn read_quantity(mut keys: TomlTable, model: &Model, report: &mut Report) -> Option<Quantity> {
    let kind = keys.choice("kind", &["exports", "price"], report);
    let product = |id: &str| model.products.iter().position(|p| p.id == id);
    let found = match kind.as_deref() {
        Some("exports") => {
            let region = named(&mut keys, "region", model.regions.iter().map(|r| r.id.as_str()), report);
            let list = keys.list("products", report).unwrap_or_default();
            let mut products = Vec::new();
            for (id, span) in list {
                match product(&id) {
                    Some(product) => products.push(product),
                    None => {
                        let near = nearest(&id, model.products.iter().map(|p| p.id.as_str()));
                        let help = near.map(|near| format!("use `{near}`"));
                        keys.wrong(span, Code::UnknownId, format!("unknown product `{id}`"), help, report);
                    }
                }
            }
            region.map(|region| Quantity::Exports { region, products })
        }
        Some(_) => {
            let product = named(&mut keys, "product", model.products.iter().map(|p| p.id.as_str()), report);
            let inside = keys.choice("zone", &["inside", "outside"], report).is_some_and(|zone| zone == "inside");
            let per = keys.number("per", f64::MIN_POSITIVE, f64::INFINITY, report).unwrap_or(1.0);
            product.map(|product| Quantity::Price { product, inside, per })
        }
        None => None,
    };
    keys.finish(report);
    found
}

fn named<'a>(
    keys: &mut TomlTable,
    key: &'static str,
    ids: impl Iterator<Item = &'a str> + Clone,
    report: &mut Report,
) -> Option<usize> {
    keys.require(key, "an id of the model", report);
    let id = keys.text(key, report)?;
    let found = ids.clone().position(|other| other == id);
    if found.is_none() {
        let help = nearest(&id, ids).map(|near| format!("use `{near}`"));
        keys.wrong(keys.span_of(key), Code::UnknownId, format!("unknown {key} `{id}`"), help, report);
    }
    found
}

fn read_parameter(mut keys: TomlTable, scenario: &Scenario, report: &mut Report) -> Option<Parameter> {
    let found = if keys.has("behaviour") {
        let names = PARAMETERS.iter().map(|p| p.name);
        named(&mut keys, "behaviour", names, report)
            .map(|at| (PARAMETERS[at].name.to_string(), Target::Behaviour(PARAMETERS[at].name)))
    } else {
        let ids = scenario.measures.iter().map(|m| m.id.as_str());
        let measure = named(&mut keys, "measure", ids, report);
        keys.choice("key", &["grant_per_day"], report);
        measure.and_then(|m| {
            let asks =
                matches!(scenario.measures[m].effect, Effect::ExportControl { licences: Licences::Asked { .. }, .. });
            if !asks {
                let message = format!("`{}` asks for no licences", scenario.measures[m].id);
                let help = Some("`grant_per_day` is a key of an export control that does".to_string());
                keys.wrong(keys.span_of("measure"), Code::NoEffect, message, help, report);
            }
            asks.then(|| (format!("grant_per_day of {}", scenario.measures[m].id), Target::Grant(m)))
        })
    };
    for key in ["low", "high"] {
        keys.require(key, "an end of the range in which it is looked for", report);
    }
    let (low, high) = (keys.number("low", 0.0, f64::INFINITY, report), keys.number("high", 0.0, f64::INFINITY, report));
    keys.finish(report);
    let ((name, target), low, high) = (found?, low?, high?);
    Some(Parameter { name, target, low, high })
}

fn read_metric(mut keys: TomlTable, report: &mut Report) -> Option<Metric> {
    keys.require("kind", "what is measured", report);
    let kind = keys.choice("kind", METRICS, report)?;
    let number = |keys: &mut TomlTable, key: &'static str, report: &mut Report| {
        keys.require(key, "a number", report);
        keys.number(key, 0.0, f64::INFINITY, report)
    };
    let date = |keys: &mut TomlTable, key: &'static str, report: &mut Report| {
        keys.require(key, "a day", report);
        keys.date(key, report)
    };
    let mut read = || {
        Some(match kind.as_str() {
            "nrmse" => Metric::Nrmse {
                against: number(&mut keys, "against", report)?,
                most: number(&mut keys, "most", report)?,
            },
            "low" => {
                Metric::Low { least: number(&mut keys, "least", report)?, most: number(&mut keys, "most", report)? }
            }
            "low-when" => {
                Metric::LowWhen { from: date(&mut keys, "from", report)?, until: date(&mut keys, "until", report)? }
            }
            "return-when" => Metric::ReturnWhen {
                level: number(&mut keys, "level", report)?,
                from: date(&mut keys, "from", report)?,
                until: date(&mut keys, "until", report)?,
            },
            "rally-months" => Metric::RallyMonths {
                shock: date(&mut keys, "shock", report)?,
                rise: number(&mut keys, "rise", report)?,
                least: number(&mut keys, "least", report)?,
                most: number(&mut keys, "most", report)?,
            },
            "peak-when" => {
                Metric::PeakWhen { from: date(&mut keys, "from", report)?, until: date(&mut keys, "until", report)? }
            }
            "peak-over-base" => Metric::PeakOverBase {
                least: number(&mut keys, "least", report)?,
                most: number(&mut keys, "most", report)?,
            },
            _ => Metric::HalfLostMonths { most: number(&mut keys, "most", report)? },
        })
    };
    let metric = read();
    keys.finish(report);
    metric
}

fn read_observed(files: &dyn Files, path: &str, series: &str, report: &mut Report) -> Option<(String, Vec<Span>)> {
    let Ok(bytes) = files.read(path) else {
        report.push(Diagnostic::error(Code::MissingFile, format!("there is no file `{path}`")));
        return None;
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let (mut unit, mut spans) = (String::new(), Vec::new());
    let wrong = |line: u64, what: &str| {
        Diagnostic::error(Code::BadCsv, format!("`{path}`, line {line}: {what}"))
            .help("the columns are series, from, until, value, unit, source, confidence, note")
    };
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                report.push(Diagnostic::error(Code::BadCsv, format!("`{path}`: {error}")));
                return None;
            }
        };
        if record.get(0) != Some(series) {
            continue;
        }
        let line = record.position().map_or(0, |p| p.line());
        let date = |at| record.get(at).and_then(parse_date);
        let value = record.get(3).and_then(|text| text.parse::<f64>().ok()).filter(|value| value.is_finite());
        let (Some(from), Some(until), Some(value)) = (date(1), date(2), value) else {
            report.push(wrong(line, "a day or the value cannot be read"));
            continue;
        };
        if until <= from {
            report.push(wrong(line, "it ends before it begins"));
            continue;
        }
        unit = record.get(4).unwrap_or_default().to_string();
        spans.push(Span { from, until, value });
    }
    if spans.is_empty() {
        let message = format!("`{path}` has no rows of a series `{series}`");
        report.push(Diagnostic::error(Code::UnknownId, message));
        return None;
    }
    spans.sort_by_key(|span| (span.from, span.until));
    Some((unit, spans))
}
