//! Measures and truces in words: what each does, on what, to whom, and the figures it turns on.
//!
//! For people only; nothing is computed with these texts.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::calendar::Date;
use crate::model::{EndUse, Model};
use crate::scenario::{About, Effect, Extension, Measure, Scenario, Scope, Truce};

/// Names of a list that are written out; the rest is counted.
const NAMED: usize = 4;

/// A figure of a measure that can be another one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its key in the scenario file.
    pub key: &'static str,
    pub label: &'static str,
    /// `None` = no limit.
    pub value: Option<f64>,
    pub kind: ParameterKind,
}

/// What the number of a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// 0 to 1.
    Share,
    /// At least 0, 1 = 100%.
    Rate,
    /// At least 0, in the unit of what it counts.
    Amount,
    Days,
}

/// A scenario as data for people: what each of its measures and truces is.
#[derive(Clone, Debug, Serialize)]
pub struct Described<'s> {
    pub name: &'s str,
    pub story: &'s str,
    pub measures: Vec<DescribedMeasure<'s>>,
    pub truces: Vec<DescribedTruce<'s>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DescribedMeasure<'s> {
    pub id: &'s str,
    pub name: &'s str,
    pub kind: &'static str,
    /// As [`by`] gives them.
    pub by: String,
    pub by_regions: Vec<String>,
    /// As [`what`] gives it.
    pub what: String,
    pub from: Date,
    pub until: Option<Date>,
    pub announced: Date,
    pub until_announced: Date,
    pub claimed_by: &'s str,
    pub legal: &'s str,
    /// Keys of the sources.
    pub source: Vec<&'s str>,
    pub note: &'s str,
    pub responds_to: &'s str,
    pub parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DescribedTruce<'s> {
    pub id: &'s str,
    pub name: &'s str,
    /// Ids of measures.
    pub suspends: Vec<&'s str>,
    pub from: Date,
    /// With the extensions that a single run takes.
    pub until: Date,
    pub announced: Date,
    pub extended: usize,
    pub extensions: &'s [Extension],
    pub claimed_by: &'s str,
    pub legal: &'s str,
    /// Keys of the sources.
    pub source: Vec<&'s str>,
    pub note: &'s str,
    pub responds_to: &'s str,
}

/// What a scenario is made of, its measures and truces in their order.
pub fn scenario<'s>(model: &Model, scenario: &'s Scenario) -> Described<'s> {
    let measure = |m: &'s Measure| {
        let (by, by_regions) = by(model, m);
        DescribedMeasure {
            id: &m.id,
            name: title(&m.id, &m.about),
            kind: m.effect.kind(),
            by,
            by_regions,
            what: what(model, scenario, m),
            from: m.from,
            until: m.until,
            announced: m.announced,
            until_announced: m.until_announced,
            claimed_by: &m.about.claimed_by,
            legal: &m.about.legal,
            source: sources(&m.about),
            note: &m.about.note,
            responds_to: &m.about.responds_to,
            parameters: parameters(m),
        }
    };
    let truce = |t: &'s Truce| DescribedTruce {
        id: &t.id,
        name: title(&t.id, &t.about),
        suspends: t.suspends.iter().map(|m| scenario.measures[*m].id.as_str()).collect(),
        from: t.from,
        until: t.end(),
        announced: t.announced,
        extended: t.extended,
        extensions: &t.extensions,
        claimed_by: &t.about.claimed_by,
        legal: &t.about.legal,
        source: sources(&t.about),
        note: &t.about.note,
        responds_to: &t.about.responds_to,
    };
    Described {
        name: &scenario.name,
        story: &scenario.story,
        measures: scenario.measures.iter().map(measure).collect(),
        truces: scenario.truces.iter().map(truce).collect(),
    }
}

/// The keys of the sources of a measure or truce.
pub fn sources(about: &About) -> Vec<&str> {
    about.source.split(';').map(str::trim).filter(|key| !key.is_empty()).collect()
}

/// What a measure or truce is called: its name, else its id.
pub fn title<'a>(id: &'a str, about: &'a About) -> &'a str {
    if about.name.is_empty() { id } else { &about.name }
}

/// What a measure does, on what, to whom, in one line without a full stop:
/// "exports of metals to all: civil 40% of reference flow, military none; rests under Pause".
pub fn what(model: &Model, scenario: &Scenario, measure: &Measure) -> String {
    let position = scenario.measures.iter().position(|m| m.id == measure.id);
    let truces = scenario.truces.iter().filter(|truce| position.is_some_and(|m| truce.suspends.contains(&m)));
    let names: Vec<&str> = truces.map(|truce| title(&truce.id, &truce.about)).collect();
    let text = effect(model, &measure.effect);
    if names.is_empty() { text } else { format!("{text}; rests under {}", shortened(names)) }
}

/// What a truce does, in one line: "suspends Ban, Quota".
pub fn truce(scenario: &Scenario, truce: &Truce) -> String {
    let measures = truce.suspends.iter().map(|m| &scenario.measures[*m]);
    format!("suspends {}", shortened(measures.map(|m| title(&m.id, &m.about)).collect()))
}

/// Whose measure it is, in words and as ids of regions: who imposes it or, of outages, shifts, support and
/// releases, where it is felt.
pub fn by(model: &Model, measure: &Measure) -> (String, Vec<String>) {
    let regions = match &measure.effect {
        Effect::ExportControl { scope, .. } | Effect::Quota { scope, .. } | Effect::ExportTax { scope, .. } => {
            if on_imports(model, scope) {
                scope.to.clone()
            } else {
                scope.by.clone()
            }
        }
        Effect::ContentRule { scope, .. } => scope.by.clone(),
        Effect::Tariff { by, .. } | Effect::OriginRule { by, .. } => by.clone(),
        Effect::Release { region, .. } => region.clone(),
        Effect::Outage { sites, .. } | Effect::Support { sites, .. } => {
            distinct(sites.iter().map(|s| model.sites[*s].region))
        }
        Effect::DemandShift { demands, .. } => distinct(demands.iter().map(|d| model.demands[*d].region)),
    };
    in_words(model, regions)
}

/// Whose measures a truce suspends, as [`by`].
pub fn by_of_truce(model: &Model, scenario: &Scenario, truce: &Truce) -> (String, Vec<String>) {
    let ids: BTreeSet<String> = truce.suspends.iter().flat_map(|m| by(model, &scenario.measures[*m]).1).collect();
    in_words(model, (0..model.regions.len()).filter(|r| ids.contains(&model.regions[*r].id)).collect())
}

/// The figures of a measure, in the order of the format.
pub fn parameters(measure: &Measure) -> Vec<Parameter> {
    use ParameterKind::{Amount, Days, Rate, Share};
    let of = |key, label, value: f64, kind| Parameter { key, label, value: Some(value), kind };
    match &measure.effect {
        Effect::ExportControl { allow_civil, allow_military, leakage, delay_days, .. } => vec![
            of("allow_civil", "licences granted, civil", *allow_civil, Share),
            of("allow_military", "licences granted, military", *allow_military, Share),
            of("leakage", "leakage past the control", *leakage, Share),
            of("delay_days", "delay by licensing", *delay_days, Days),
        ],
        Effect::Quota { amount, .. } => vec![of("amount", "most that may pass a year", *amount, Amount)],
        Effect::Tariff { rate, .. } => vec![of("rate", "duty on imports", *rate, Rate)],
        Effect::ExportTax { rate, .. } => vec![of("rate", "tax on exports", *rate, Rate)],
        Effect::OriginRule { .. } => Vec::new(),
        Effect::ContentRule { allow, compliance, allow_military, .. } => vec![
            of("allow", "licences granted", *allow, Share),
            of("compliance", "compliance abroad", *compliance, Share),
            of("allow_military", "licences granted, military", *allow_military, Share),
        ],
        Effect::Outage { remaining, .. } => vec![of("remaining", "capacity left", *remaining, Share)],
        Effect::DemandShift { factor, .. } => vec![of("factor", "factor on what is needed", *factor, Rate)],
        Effect::Support { amount, .. } => vec![of("amount", "support for a unit of activity", *amount, Amount)],
        Effect::Release { rate, .. } => {
            vec![Parameter { key: "rate", label: "most that may leave a year", value: *rate, kind: Amount }]
        }
    }
}

/// Whether a measure on trade is one of those who import: it is on all exporters, and not on all importers.
fn on_imports(model: &Model, scope: &Scope) -> bool {
    scope.by.len() == model.regions.len() && scope.to.len() < model.regions.len()
}

fn distinct(regions: impl Iterator<Item = usize>) -> Vec<usize> {
    regions.collect::<BTreeSet<usize>>().into_iter().collect()
}

fn in_words(model: &Model, regions: Vec<usize>) -> (String, Vec<String>) {
    (region_names(model, &regions), regions.iter().map(|r| model.regions[*r].id.clone()).collect())
}

fn effect(model: &Model, effect: &Effect) -> String {
    match effect {
        Effect::ExportControl { scope, allow_civil, allow_military, leakage, delay_days, .. } => {
            let mut text = trade(model, scope);
            text += &format!(": civil {}, military {}", of_flow(*allow_civil), of_flow(*allow_military));
            if *leakage > 0.0 {
                text += &format!(", {} of the rest leaks", percent(*leakage));
            }
            if *delay_days > 0.0 {
                text += &format!(", {delay_days} days later");
            }
            text
        }
        Effect::Quota { scope, amount: 0.0 } => format!("{}: none", trade(model, scope)),
        Effect::Quota { scope, amount } => {
            format!("{}: at most {}{} a year", trade(model, scope), number(*amount), unit(model, &scope.on))
        }
        Effect::Tariff { on, origin, rate, .. } => {
            let (on, origin) = (product_names(model, on), region_names(model, origin));
            format!("duty of {} on imports of {on} from {origin}", percent(*rate))
        }
        Effect::ExportTax { scope, rate } => format!("tax of {} on {}", percent(*rate), trade(model, scope)),
        Effect::OriginRule { on, origin, end_use, processes, .. } => {
            let needs = if *end_use == EndUse::Military { "military" } else { "civil" };
            let (on, origin) = (product_names(model, on), region_names(model, origin));
            format!("{needs} needs may not take {on} with content from {origin}{}", made_by(model, processes))
        }
        Effect::ContentRule { scope, allow, compliance, allow_military, processes } => {
            let (on, to) = (product_names(model, &scope.on), region_names(model, &scope.to));
            let content = format!("{}{}", region_names(model, &scope.by), made_by(model, processes));
            let mut text = format!("third countries' exports of {on} to {to} with content from {content}: ");
            text += &format!("{}, military {}", of_flow(*allow), of_flow(*allow_military));
            if *compliance < 1.0 {
                text += &format!(", complied with to {}", percent(*compliance));
            }
            text
        }
        Effect::Outage { sites, remaining } => {
            format!("{}: {} of capacity left", site_names(model, sites), percent(*remaining))
        }
        Effect::DemandShift { demands, factor } => {
            let names = demands.iter().map(|d| model.demands[*d].name.as_str()).collect();
            format!("{}: {factor} times what is needed", shortened(names))
        }
        Effect::Support { sites, amount } => {
            let (sites, amount) = (site_names(model, sites), number(*amount));
            format!("{sites}: {amount} {} less for each unit made", model.currency)
        }
        Effect::Release { products, rate, .. } => {
            let text = format!("strategic stock of {} may leave", product_names(model, products));
            match rate {
                Some(rate) => format!("{text}, at most {}{} a year", number(*rate), unit(model, products)),
                None => text,
            }
        }
    }
}

/// "exports of metals to all", or imports where the measure is one on imports.
fn trade(model: &Model, scope: &Scope) -> String {
    let on = product_names(model, &scope.on);
    if on_imports(model, scope) {
        format!("imports of {on} from all")
    } else {
        format!("exports of {on} to {}", region_names(model, &scope.to))
    }
}

fn made_by(model: &Model, processes: &[usize]) -> String {
    if processes.len() == model.processes.len() {
        return String::new();
    }
    format!(" made by {}", shortened(processes.iter().map(|p| model.processes[*p].id.as_str()).collect()))
}

fn site_names(model: &Model, sites: &[usize]) -> String {
    shortened(sites.iter().map(|s| model.sites[*s].id.as_str()).collect())
}

fn region_names(model: &Model, regions: &[usize]) -> String {
    if regions.len() == model.regions.len() {
        return "all".to_string();
    }
    listed(regions, |r| &model.regions[r].name, |r| &model.regions[r].groups, model.regions.len())
}

fn product_names(model: &Model, products: &[usize]) -> String {
    if products.len() == model.products.len() {
        return "all goods".to_string();
    }
    listed(products, |p| &model.products[p].name, |p| &model.products[p].groups, model.products.len())
}

/// A list in few words: groups that lie in it whole, the largest first, then what they leave, by name.
fn listed<'m>(
    list: &[usize],
    name: impl Fn(usize) -> &'m String,
    groups: impl Fn(usize) -> &'m Vec<String>,
    all: usize,
) -> String {
    let known: BTreeSet<&str> = (0..all).flat_map(|i| groups(i).iter().map(String::as_str)).collect();
    let members = |group: &str| (0..all).filter(|i| groups(*i).iter().any(|g| g == group)).collect::<Vec<usize>>();
    let mut whole: Vec<(&str, Vec<usize>)> = known.into_iter().map(|group| (group, members(group))).collect();
    whole.retain(|(_, members)| members.len() > 1 && members.iter().all(|i| list.contains(i)));
    let mut left: Vec<usize> = list.to_vec();
    let mut words: Vec<&str> = Vec::new();
    loop {
        let adds = |members: &[usize]| members.iter().filter(|i| left.contains(i)).count();
        // Of equal ones the first by name: `max_by_key` would take the last.
        let Some((group, members)) = whole.iter().rev().max_by_key(|(_, members)| adds(members)) else { break };
        if adds(members) < 2 {
            break;
        }
        words.push(group);
        left.retain(|i| !members.contains(i));
    }
    words.extend(left.iter().map(|i| name(*i).as_str()));
    shortened(words)
}

fn shortened(names: Vec<&str>) -> String {
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The unit of products that share one, with a space before it.
fn unit(model: &Model, products: &[usize]) -> String {
    let units: BTreeSet<&str> = products.iter().map(|p| model.products[*p].unit.as_str()).collect();
    if units.len() == 1 { units.iter().map(|unit| format!(" {unit}")).collect() } else { String::new() }
}

fn of_flow(share: f64) -> String {
    match share {
        0.0 => "none".to_string(),
        1.0 => "free".to_string(),
        _ => format!("{} of reference flow", percent(share)),
    }
}

/// At most one digit after the point: "12.5%".
fn percent(share: f64) -> String {
    format!("{}%", (share * 1000.0).round() / 10.0)
}

/// The shortest digits, in groups of three: "1,800".
fn number(value: f64) -> String {
    let text = value.to_string();
    let (whole, rest) = text.find('.').map_or((text.as_str(), ""), |point| text.split_at(point));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryFiles, Report, read_model, read_scenario};

    const TABLES: &[(&str, &str)] = &[
        ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 4\n"),
        ("regions.csv", "id,name,groups\nA,Alba,east\nB,Borea,west\nC,Caria,west\n"),
        (
            "products.csv",
            "id,unit,stage,price,groups\nore,t,ore,10,\ndy,t,metal,100,metals;heavy\ntb,t,metal,9,metals;heavy\n\
             nd,t,metal,8,metals\n",
        ),
        ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,nd,1\n"),
        ("sites.csv", "id,process,region,capacity\nmine,dig,A,240\nsmelter,smelt,B,120\n"),
        ("lanes.csv", "product,from,to,flow\n*,*,*,12\n"),
        ("demands.csv", "id,region,amount,value,name\nneed,B,120,1000,Lamps of Borea\n"),
        ("uses.csv", "demand,product,amount\nneed,nd,1\n"),
        ("stocks.csv", "region,product,initial,kind\nB,nd,8,strategic\n"),
    ];

    fn read(text: &str) -> (Model, Scenario) {
        let mut files = MemoryFiles::default();
        TABLES.iter().for_each(|(name, text)| files.insert(&format!("m/{name}"), *text));
        files.insert("s.toml", text);
        let mut report = Report::default();
        let model = read_model(&files, "m", &mut report).expect("a model");
        let scenario = read_scenario(&files, "s.toml", &model, &mut report);
        (model, scenario.unwrap_or_else(|| panic!("{}", report.render(false, 100))))
    }

    /// What is said of one measure.
    fn said(keys: &str) -> (String, String) {
        let (model, scenario) = read(&format!("[[measure]]\nid = \"it\"\n{keys}\n"));
        let measure = &scenario.measures[0];
        (what(&model, &scenario, measure), by(&model, measure).0)
    }

    #[test]
    fn each_kind_is_said_in_a_line() {
        let cases = [
            (
                "kind = \"export-control\"\nby = \"A\"\non = [\"dy\", \"tb\"]\nallow_civil = 0.4",
                "exports of heavy to all: civil 40% of reference flow, military none",
                "Alba",
            ),
            (
                "kind = \"export-control\"\nby = \"A\"\non = [\"heavy\", \"ore\"]\nto = [\"B\"]\nallow_military = 1.0\n\
                 leakage = 0.125\ndelay_days = 45",
                "exports of heavy, ore to Borea: civil none, military free, 12.5% of the rest leaks, 45 days later",
                "Alba",
            ),
            (
                "kind = \"quota\"\nby = \"A\"\non = \"nd\"\namount = 1800",
                "exports of nd to all: at most 1,800 t a year",
                "Alba",
            ),
            (
                "kind = \"quota\"\nby = \"*\"\non = \"nd\"\nto = \"B\"\namount = 0",
                "imports of nd from all: none",
                "Borea",
            ),
            (
                "kind = \"tariff\"\nby = \"west\"\non = \"*\"\norigin = \"A\"\nrate = 0.25",
                "duty of 25% on imports of all goods from Alba",
                "west",
            ),
            (
                "kind = \"export-tax\"\nby = \"A\"\non = \"ore\"\nrate = 0.15",
                "tax of 15% on exports of ore to all",
                "Alba",
            ),
            (
                "kind = \"origin-rule\"\nby = \"B\"\non = \"metals\"\norigin = \"A\"\nprocesses = \"smelt\"",
                "military needs may not take metals with content from Alba made by smelt",
                "Borea",
            ),
            (
                "kind = \"content-rule\"\nby = \"A\"\non = \"metals\"\nto = \"C\"\ncompliance = 0.6",
                "third countries' exports of metals to Caria with content from Alba: none, military free, complied with to 60%",
                "Alba",
            ),
            (
                "kind = \"outage\"\nsites = [\"mine\", \"smelter\"]\nremaining = 0.2",
                "mine, smelter: 20% of capacity left",
                "Alba, Borea",
            ),
            (
                "kind = \"demand-shift\"\ndemands = \"need\"\nfactor = 1.5",
                "Lamps of Borea: 1.5 times what is needed",
                "Borea",
            ),
            (
                "kind = \"support\"\nsites = \"smelter\"\namount = 12.5",
                "smelter: 12.5 USD less for each unit made",
                "Borea",
            ),
            (
                "kind = \"release\"\nregion = \"B\"\nproducts = \"nd\"\nrate = 2",
                "strategic stock of nd may leave, at most 2 t a year",
                "Borea",
            ),
        ];
        for (keys, what, by) in cases {
            assert_eq!(said(keys), (what.to_string(), by.to_string()));
        }
    }

    #[test]
    fn truces_are_named_on_both_sides() {
        let pause = "kind = \"quota\"\nby = \"A\"\non = \"nd\"\namount = 0\n[[truce]]\nid = \"pause\"\nname = \"The pause\"\n\
                     suspends = \"it\"\nuntil = 2025-03-01";
        assert_eq!(said(pause).0, "exports of nd to all: none; rests under The pause");
    }

    #[test]
    fn a_scenario_is_told_as_data() {
        let text = r#"# The story.
name = "A pause"

[[measure]]
id = "cap"
name = "The cap"
kind = "quota"
by = "A"
on = "nd"
amount = 1800
from = 2025-02-01
until = 2025-04-01
announced = 2025-01-15
until_announced = 2025-03-01
claimed_by = "Alba"
legal = "law 1"
source = ["K1", "K2;K3"]
note = "a note"
responds_to = "open"

[[measure]]
id = "open"
kind = "release"
region = "B"
products = "nd"

[[truce]]
id = "pause"
suspends = "cap"
from = 2025-02-10
until = 2025-03-01
extensions = [{ until = 2025-03-15, probability = 0.5 }, { until = 2025-04-01, announced = 2025-03-10 }]
extended = 1
source = "K1"
"#;
        let (model, scenario) = read(text);
        let expected = serde_json::json!({
            "name": "A pause",
            "story": "The story.",
            "measures": [
                {
                    "id": "cap", "name": "The cap", "kind": "quota", "by": "Alba", "by_regions": ["A"],
                    "what": "exports of nd to all: at most 1,800 t a year; rests under pause",
                    "from": "2025-02-01", "until": "2025-04-01", "announced": "2025-01-15", "until_announced": "2025-03-01",
                    "claimed_by": "Alba", "legal": "law 1", "source": ["K1", "K2", "K3"], "note": "a note",
                    "responds_to": "open",
                    "parameters": [
                        {"key": "amount", "label": "most that may pass a year", "value": 1800.0, "kind": "amount"},
                    ],
                },
                {
                    "id": "open", "name": "open", "kind": "release", "by": "Borea", "by_regions": ["B"],
                    "what": "strategic stock of nd may leave",
                    "from": "2025-01-01", "until": null, "announced": "2025-01-01", "until_announced": "2025-01-01",
                    "claimed_by": "", "legal": "", "source": [], "note": "", "responds_to": "",
                    "parameters": [{"key": "rate", "label": "most that may leave a year", "value": null, "kind": "amount"}],
                },
            ],
            "truces": [{
                "id": "pause", "name": "pause", "suspends": ["cap"],
                "from": "2025-02-10", "until": "2025-03-15", "announced": "2025-02-10", "extended": 1,
                "extensions": [
                    {"until": "2025-03-15", "announced": "2025-03-01", "probability": 0.5},
                    {"until": "2025-04-01", "announced": "2025-03-10", "probability": null},
                ],
                "claimed_by": "", "legal": "", "source": ["K1"], "note": "", "responds_to": "",
            }],
        });
        assert_eq!(serde_json::to_value(super::scenario(&model, &scenario)).unwrap(), expected);
    }

    #[test]
    fn long_lists_are_counted() {
        assert_eq!(shortened(vec!["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more");
        assert_eq!(
            (number(1234567.5), number(100.0), number(1000.0)),
            ("1,234,567.5".into(), "100".into(), "1,000".into())
        );
    }
}
