//! The scenario file: measures and truces, resolved against a model (SPEC section 2).

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::behaviour::read_values;
use crate::calendar::Date;
use crate::diag::{Code, Diagnostic, Report};
use crate::files::{Files, is_absent, join, named_by, parent};
use crate::hex::hex;
use crate::layers::read_text;
use crate::model::{EndUse, Model, StockKind};
use crate::names::nearest;
use crate::read::unknown_id;
use crate::schema::{END_USES, TableName};
use crate::toml_table::{TomlTable, parse};

/// The most origin- and content-rules that a scenario may have: each doubles the tag sets.
pub const MAX_TAG_RULES: usize = 6;

/// A scenario, valid for the model it was read for. Without measures it is the undisturbed chain.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub name: String,
    pub measures: Vec<Measure>,
    pub truces: Vec<Truce>,
    /// Parameters of behaviour that differ from the model's.
    pub behaviour: Vec<(&'static str, f64)>,
    /// The comment at the head of the file: the story it tells.
    pub story: String,
    /// SHA-256 of the file and of those it extends, in hexadecimal; empty for no scenario.
    pub hash: String,
}

#[derive(Clone, Debug)]
pub struct Measure {
    pub id: String,
    pub effect: Effect,
    pub from: Date,
    /// First day on which it is no longer in force; `None` = open.
    pub until: Option<Date>,
    pub announced: Date,
    /// Before this day it counts as without end.
    pub until_announced: Date,
    pub about: About,
}

/// What is shown of a measure or truce and never computed with.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub name: String,
    pub claimed_by: String,
    pub responds_to: String,
    pub legal: String,
    pub source: String,
    pub note: String,
}

/// Lanes by product, origin and destination (positions in the model, sorted).
#[derive(Clone, Debug)]
pub struct Scope {
    pub by: Vec<usize>,
    pub on: Vec<usize>,
    pub to: Vec<usize>,
}

/// Whether what passes a control needs a licence, and how those come. The method `optimal` knows none: it takes shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Licences {
    None,
    /// `None` = as the behaviour says.
    Asked {
        wait_days: Option<f64>,
        grant_per_day: Option<f64>,
    },
}

/// What a measure does while in force.
#[derive(Clone, Debug)]
pub enum Effect {
    ExportControl {
        scope: Scope,
        allow_civil: f64,
        allow_military: f64,
        leakage: f64,
        delay_days: f64,
        /// What the method `market` makes of it.
        licences: Licences,
    },
    /// `amount`: units a year over all lanes in scope.
    Quota {
        scope: Scope,
        amount: f64,
    },
    /// `rate` x price on lanes into `by` from `origin`.
    Tariff {
        by: Vec<usize>,
        on: Vec<usize>,
        origin: Vec<usize>,
        rate: f64,
    },
    ExportTax {
        scope: Scope,
        rate: f64,
    },
    OriginRule {
        by: Vec<usize>,
        on: Vec<usize>,
        origin: Vec<usize>,
        end_use: EndUse,
        processes: Vec<usize>,
    },
    ContentRule {
        scope: Scope,
        allow: f64,
        compliance: f64,
        allow_military: f64,
        processes: Vec<usize>,
    },
    Outage {
        sites: Vec<usize>,
        remaining: f64,
    },
    DemandShift {
        demands: Vec<usize>,
        factor: f64,
    },
    /// `amount`: currency per unit of activity.
    Support {
        sites: Vec<usize>,
        amount: f64,
    },
    /// `rate`: units a year for each stock; `None` = no limit.
    Release {
        region: Vec<usize>,
        products: Vec<usize>,
        rate: Option<f64>,
    },
}

#[derive(Clone, Debug)]
pub struct Truce {
    pub id: String,
    /// Positions in `Scenario::measures`.
    pub suspends: Vec<usize>,
    pub from: Date,
    pub until: Date,
    pub announced: Date,
    pub extensions: Vec<Extension>,
    /// How many of the extensions a single run takes.
    pub extended: usize,
    pub about: About,
}

#[derive(Clone, Debug, Serialize)]
pub struct Extension {
    pub until: Date,
    /// The day it is announced: by default the day the term before it ends.
    pub announced: Date,
    pub probability: Option<f64>,
}

pub const KINDS: &[&str] = &[
    "export-control",
    "quota",
    "tariff",
    "export-tax",
    "origin-rule",
    "content-rule",
    "outage",
    "demand-shift",
    "support",
    "release",
];

impl Effect {
    pub fn kind(&self) -> &'static str {
        let position = match self {
            Effect::ExportControl { .. } => 0,
            Effect::Quota { .. } => 1,
            Effect::Tariff { .. } => 2,
            Effect::ExportTax { .. } => 3,
            Effect::OriginRule { .. } => 4,
            Effect::ContentRule { .. } => 5,
            Effect::Outage { .. } => 6,
            Effect::DemandShift { .. } => 7,
            Effect::Support { .. } => 8,
            Effect::Release { .. } => 9,
        };
        KINDS[position]
    }

    /// For a rule that tags goods by origin: the regions and processes that give the tag.
    pub fn tags(&self) -> Option<(&[usize], &[usize])> {
        match self {
            Effect::OriginRule { origin, processes, .. } => Some((origin, processes)),
            Effect::ContentRule { scope, processes, .. } => Some((&scope.by, processes)),
            _ => None,
        }
    }
}

impl Truce {
    /// First day after the truce, with the extensions that a single run takes.
    pub fn end(&self) -> Date {
        match self.extended {
            0 => self.until,
            n => self.extensions[n - 1].until,
        }
    }

    pub fn in_force(&self, day: Date) -> bool {
        self.from <= day && day < self.end()
    }
}

/// What a scenario without a file is called.
pub(crate) const NO_MEASURES: &str = "no measures";

impl Scenario {
    /// The undisturbed chain.
    pub fn no_measures() -> Scenario {
        Scenario { name: NO_MEASURES.to_string(), ..Scenario::default() }
    }

    /// Whether a measure is in force on a day: within its dates and suspended by no truce.
    pub fn in_force(&self, measure: usize, day: Date) -> bool {
        let m = &self.measures[measure];
        m.from <= day
            && m.until.is_none_or(|until| day < until)
            && !self.truces.iter().any(|t| t.suspends.contains(&measure) && t.in_force(day))
    }

    /// Positions of the measures that tag goods by origin, in order: tag n belongs to the n-th.
    pub fn tag_rules(&self) -> Vec<usize> {
        (0..self.measures.len()).filter(|m| self.measures[*m].effect.tags().is_some()).collect()
    }
}

/// The model that a scenario file names (a path relative to the working folder), following
/// `extends`; `None` where it names none or cannot be read.
pub fn model_of_scenario(files: &dyn Files, path: &str) -> Option<String> {
    let mut path = path.to_string();
    for _ in 0..100 {
        let text = String::from_utf8(files.read(&path).ok()?).ok()?;
        let table: toml::Table = text.parse().ok()?;
        if let Some(model) = table.get("model").and_then(|m| m.as_str()) {
            return Some(join(parent(&path), model));
        }
        path = named_by(files, &path, table.get("extends")?.as_str()?, "");
    }
    None
}

/// Reads a scenario file for a model. All problems are in `report`; `None` if any is an error.
pub fn read_scenario(files: &dyn Files, path: &str, model: &Model, report: &mut Report) -> Option<Scenario> {
    let layers = layers(files, path, report);
    read_layers(&layers, model, report)
}

/// Reads a scenario from its file and those it extends, as [`layers`] gives them.
pub(crate) fn read_layers(layers: &[Layer], model: &Model, report: &mut Report) -> Option<Scenario> {
    let reader = Reader { model };
    let (mut drafts, mut hash) = (Drafts::default(), Sha256::new());
    for layer in layers {
        hash.update((layer.text.len() as u64).to_le_bytes());
        hash.update(&layer.text);
    }
    let mut scenario = Scenario::default();
    for layer in layers.iter().rev() {
        if let Some(name) = reader.read_layer(layer, &mut drafts, report) {
            scenario.name = name;
        }
    }
    scenario.story = layers.first().map_or(String::new(), |layer| head_comment(&layer.text));
    scenario.hash = hex(&hash.finalize());
    never_in_force(&drafts, model, report);
    for truce in &drafts.truces {
        scenario.truces.extend(resolve_truce(truce, &drafts.measures, report));
    }
    let rules: Vec<&DraftMeasure> = drafts
        .measures
        .iter()
        .filter(|m| m.measure.as_ref().is_some_and(|measure| measure.effect.tags().is_some()))
        .collect();
    if rules.len() > MAX_TAG_RULES {
        let list = rules.iter().map(|m| format!("`{}`", m.id)).collect::<Vec<_>>().join(", ");
        let first_too_many = rules[MAX_TAG_RULES];
        report.push(
            Diagnostic::error(
                Code::TooManyTagRules,
                format!("{} rules tag goods by origin, and at most {MAX_TAG_RULES} can at once: {list}", rules.len()),
            )
            .at(report.place(&first_too_many.file, first_too_many.span.clone()))
            .help("merge rules of the same origin, or leave out those that the question does not need"),
        );
    }
    scenario.behaviour = drafts.behaviour;
    scenario.measures = drafts.measures.into_iter().filter_map(|m| m.measure).collect();
    (!report.has_errors()).then_some(scenario)
}

/// Warns of measures whose dates cover the middle day of no step.
fn never_in_force(drafts: &Drafts, model: &Model, report: &mut Report) {
    for draft in &drafts.measures {
        let Some(measure) = &draft.measure else { continue };
        let covers = |day: &Date| measure.from <= *day && measure.until.is_none_or(|until| *day < until);
        if !model.calendar.middle_days().iter().any(covers) {
            let (first, last) = (model.calendar.middle_day(0), model.calendar.middle_day(model.steps() - 1));
            report.push(
                Diagnostic::warning(Code::NeverInForce, format!("`{}` is at no time in force", draft.id))
                    .at(report.place(&draft.file, draft.span.clone()))
                    .help(format!(
                        "it would have to hold on the middle day of a step, the first {first}, the last {last}"
                    )),
            );
        }
    }
}

/// Measures and truces of a scenario and those it extends, by id, before cross-references.
#[derive(Default)]
struct Drafts {
    measures: Vec<DraftMeasure>,
    truces: Vec<DraftTruce>,
    behaviour: Vec<(&'static str, f64)>,
}

struct DraftMeasure {
    id: String,
    file: String,
    /// Where the id stands.
    span: Range<usize>,
    /// `None` where it was wrong (reported); the id still counts as known.
    measure: Option<Measure>,
}

struct DraftTruce {
    id: String,
    file: String,
    suspends: Vec<(String, Range<usize>)>,
    truce: Option<Truce>,
}

/// A scenario file of a chain: the one asked for, or one that it extends.
pub(crate) struct Layer {
    pub path: String,
    pub text: String,
}

impl Layer {
    /// What the file is called without its folder and ending.
    pub fn stem(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path).trim_end_matches(".toml")
    }
}

/// A scenario file and those it extends, from the one asked for to the one at the bottom.
pub(crate) fn layers(files: &dyn Files, path: &str, report: &mut Report) -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut next = Some(path.to_string());
    while let Some(path) = next {
        let text = match read_text(files, &path, report) {
            Some(Some(text)) => text,
            Some(None) => {
                report.push(
                    Diagnostic::error(Code::MissingFile, format!("there is no scenario file `{path}`"))
                        .help("a path is relative to the folder in which the program runs"),
                );
                break;
            }
            None => break,
        };
        layers.push(Layer { path, text });
        next = base(files, &layers, report);
    }
    layers
}

/// The scenario file that the last of `layers` extends, if it can be read.
fn base(files: &dyn Files, layers: &[Layer], report: &mut Report) -> Option<String> {
    let Layer { path, text } = layers.last()?;
    let table = parse(path, text, report)?;
    let mut keys = TomlTable::new(path, &table, 0..0);
    let base = named_by(files, path, &keys.text("extends", report)?, "");
    let mut wrong =
        |code, message, help: String| keys.wrong(keys.span_of("extends"), code, message, Some(help), report);
    if layers.iter().any(|layer| layer.path == base) {
        let message = format!("`{base}` is extended in a circle");
        let chain = layers.iter().map(|layer| &layer.path).chain([&base]);
        let chain = chain.map(|file| format!("`{file}`")).collect::<Vec<_>>().join(" extends ");
        wrong(Code::ExtendsCycle, message, format!("one of these may extend no other: {chain}"));
        return None;
    }
    if matches!(files.read(&base), Err(e) if is_absent(&e)) {
        let message = format!("there is no scenario file `{base}`");
        wrong(Code::MissingFile, message, "a path is relative to the file it stands in".to_string());
        return None;
    }
    Some(base)
}

/// Adds a measure or truce to those below it: one of the same id is replaced where it stands.
pub(crate) fn lay<T>(over: &mut Vec<T>, entry: T, id: fn(&T) -> &str) {
    match over.iter().position(|below| id(below) == id(&entry)) {
        Some(position) => over[position] = entry,
        None => over.push(entry),
    }
}

struct Reader<'a> {
    model: &'a Model,
}

impl Reader<'_> {
    /// Lays the measures and truces of a file over `drafts`; gives its name.
    fn read_layer(&self, layer: &Layer, drafts: &mut Drafts, report: &mut Report) -> Option<String> {
        let table = parse(&layer.path, &layer.text, report)?;
        let mut keys = TomlTable::new(&layer.path, &table, 0..0);
        let name = keys.text("name", report);
        keys.text("model", report);
        keys.text("extends", report);
        for (name, value) in read_values(&mut keys, report) {
            lay(&mut drafts.behaviour, (name, value), |(name, _)| name);
        }
        let mut seen = BTreeMap::new();
        for table in keys.tables("measure", report) {
            self.read_measure(table, &mut seen, drafts, report);
        }
        let mut seen = BTreeMap::new();
        for table in keys.tables("truce", report) {
            self.read_truce(table, &mut seen, drafts, report);
        }
        keys.finish(report);
        Some(name.unwrap_or(layer.stem().to_string()))
    }

    fn read_measure(
        &self,
        mut keys: TomlTable,
        seen: &mut BTreeMap<String, Range<usize>>,
        drafts: &mut Drafts,
        report: &mut Report,
    ) {
        let errors = report.count(crate::Severity::Error);
        // Without an id the rest is read all the same, so that all its problems are reported.
        let given = read_id(&mut keys, seen, report);
        let id = given.clone().unwrap_or_else(|| "this measure".to_string());
        let kind = keys.choice("kind", KINDS, report);
        if kind.is_none() && !keys.has("kind") {
            let kinds = KINDS.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>();
            keys.missing("kind", &format!("one of {}", kinds.join(", ")), report);
        }
        let from = keys.date("from", report).unwrap_or(self.model.start);
        let until = keys.date("until", report);
        let announced = keys.date("announced", report).unwrap_or(from);
        let until_announced = keys.date("until_announced", report).unwrap_or(announced);
        let about = read_about(&mut keys, report);
        if let Some(until) = until.filter(|until| *until <= from) {
            ends_before_it_begins(&keys, &id, from, until, report);
        }
        let effect = kind.as_deref().and_then(|kind| self.read_effect(kind, &mut keys, report));
        if let Some(effect) = &effect {
            self.warn_of_effect(&id, effect, &keys, report);
        }
        let (file, span) = (keys.file.to_string(), keys.span_of("id"));
        if kind.is_some() {
            keys.finish(report);
        }
        let Some(id) = given else { return };
        let clean = report.count(crate::Severity::Error) == errors;
        let measure = effect.filter(|_| clean).map(|effect| Measure {
            id: id.clone(),
            effect,
            from,
            until,
            announced,
            until_announced,
            about,
        });
        let draft = DraftMeasure { id, file, span, measure };
        lay(&mut drafts.measures, draft, |m| &m.id);
    }

    fn read_effect(&self, kind: &str, keys: &mut TomlTable, report: &mut Report) -> Option<Effect> {
        let share = |keys: &mut TomlTable, key, default, report: &mut Report| {
            if keys.given(key) { keys.number(key, 0.0, 1.0, report) } else { Some(default) }
        };
        let amount = |keys: &mut TomlTable, key, meaning: &str, report: &mut Report| {
            keys.require(key, meaning, report);
            keys.number(key, 0.0, f64::INFINITY, report)
        };
        // Everything of a measure is read before any `?`, so that all its problems are reported.
        match kind {
            "export-control" => {
                let scope = self.scope(keys, report);
                let allow_civil = share(keys, "allow_civil", 0.0, report);
                let allow_military = share(keys, "allow_military", 0.0, report);
                let leakage = share(keys, "leakage", 0.0, report);
                let delay_days = match keys.given("delay_days") {
                    true => keys.number("delay_days", 0.0, f64::INFINITY, report),
                    false => Some(0.0),
                };
                let asked = !keys.given("licences") || keys.flag("licences", report);
                let licences = Licences::Asked {
                    wait_days: keys.number("licence_wait_days", 0.0, 3650.0, report),
                    grant_per_day: keys.number("grant_per_day", 0.0, 1.0, report),
                };
                Some(Effect::ExportControl {
                    scope: scope?,
                    allow_civil: allow_civil?,
                    allow_military: allow_military?,
                    leakage: leakage?,
                    delay_days: delay_days?,
                    licences: if asked { licences } else { Licences::None },
                })
            }
            "quota" => {
                let scope = self.scope(keys, report);
                let amount = amount(keys, "amount", "the units a year that may pass", report);
                Some(Effect::Quota { scope: scope?, amount: amount? })
            }
            "tariff" => {
                let by = self.regions("by", true, keys, report);
                let on = self.products("on", keys, report);
                let origin = self.regions("origin", false, keys, report);
                let rate = amount(keys, "rate", "the duty as a share of the price", report);
                Some(Effect::Tariff { by: by?, on: on?, origin: origin?, rate: rate? })
            }
            "export-tax" => {
                let scope = self.scope(keys, report);
                let rate = amount(keys, "rate", "the duty as a share of the price", report);
                Some(Effect::ExportTax { scope: scope?, rate: rate? })
            }
            "origin-rule" => {
                let by = self.regions("by", true, keys, report);
                let on = self.products("on", keys, report);
                let origin = self.regions("origin", true, keys, report);
                let processes = self.processes(keys, report);
                let end_use = match keys.given("end_use") {
                    true => keys.choice("end_use", END_USES, report),
                    false => Some("military".to_string()),
                };
                let end_use = if end_use? == "civil" { EndUse::Civil } else { EndUse::Military };
                Some(Effect::OriginRule { by: by?, on: on?, origin: origin?, end_use, processes: processes? })
            }
            "content-rule" => {
                let scope = self.scope(keys, report);
                let processes = self.processes(keys, report);
                let allow = share(keys, "allow", 0.0, report);
                let compliance = share(keys, "compliance", 1.0, report);
                let allow_military = share(keys, "allow_military", 1.0, report);
                Some(Effect::ContentRule {
                    scope: scope?,
                    allow: allow?,
                    compliance: compliance?,
                    allow_military: allow_military?,
                    processes: processes?,
                })
            }
            "outage" => {
                let sites = self.sites(keys, report);
                keys.require("remaining", "the share of the capacity that is left, 0 to 1", report);
                let remaining = keys.number("remaining", 0.0, 1.0, report);
                Some(Effect::Outage { sites: sites?, remaining: remaining? })
            }
            "demand-shift" => {
                let ids: Vec<&str> = self.model.demands.iter().map(|d| d.id.as_str()).collect();
                let demands = self.ids("demands", &ids, TableName::Demands, keys, report);
                let factor = amount(keys, "factor", "what the amount is multiplied by", report);
                Some(Effect::DemandShift { demands: demands?, factor: factor? })
            }
            "support" => {
                let sites = self.sites(keys, report);
                let amount = amount(keys, "amount", "currency per unit of activity", report);
                Some(Effect::Support { sites: sites?, amount: amount? })
            }
            "release" => {
                let region = self.regions("region", true, keys, report);
                let products = self.products("products", keys, report);
                let rate = match keys.given("rate") {
                    true => Some(keys.number("rate", 0.0, f64::INFINITY, report)?),
                    false => None,
                };
                Some(Effect::Release { region: region?, products: products?, rate })
            }
            _ => unreachable!("`kind` is one of KINDS"),
        }
    }

    fn scope(&self, keys: &mut TomlTable, report: &mut Report) -> Option<Scope> {
        let by = self.regions("by", true, keys, report);
        let on = self.products("on", keys, report);
        let to = self.regions("to", false, keys, report);
        Some(Scope { by: by?, on: on?, to: to? })
    }

    /// A list of regions: ids, groups and `*`. Not given: an error if `required`, else all.
    fn regions(
        &self,
        key: &'static str,
        required: bool,
        keys: &mut TomlTable,
        report: &mut Report,
    ) -> Option<Vec<usize>> {
        if !required && !keys.given(key) {
            return Some((0..self.model.regions.len()).collect());
        }
        let named: Vec<(&str, &[String])> =
            self.model.regions.iter().map(|r| (r.id.as_str(), r.groups.as_slice())).collect();
        self.grouped(key, &named, TableName::Regions, keys, report)
    }

    fn products(&self, key: &'static str, keys: &mut TomlTable, report: &mut Report) -> Option<Vec<usize>> {
        let named: Vec<(&str, &[String])> =
            self.model.products.iter().map(|p| (p.id.as_str(), p.groups.as_slice())).collect();
        self.grouped(key, &named, TableName::Products, keys, report)
    }

    fn sites(&self, keys: &mut TomlTable, report: &mut Report) -> Option<Vec<usize>> {
        let ids: Vec<&str> = self.model.sites.iter().map(|s| s.id.as_str()).collect();
        self.ids("sites", &ids, TableName::Sites, keys, report)
    }

    fn processes(&self, keys: &mut TomlTable, report: &mut Report) -> Option<Vec<usize>> {
        if !keys.given("processes") {
            return Some((0..self.model.processes.len()).collect());
        }
        let ids: Vec<&str> = self.model.processes.iter().map(|p| p.id.as_str()).collect();
        self.ids("processes", &ids, TableName::Processes, keys, report)
    }

    fn ids(
        &self,
        key: &'static str,
        ids: &[&str],
        table: TableName,
        keys: &mut TomlTable,
        report: &mut Report,
    ) -> Option<Vec<usize>> {
        let named: Vec<(&str, &[String])> = ids.iter().map(|id| (*id, [].as_slice())).collect();
        self.grouped(key, &named, table, keys, report)
    }

    /// Positions named by a list of ids, groups and `*`, sorted.
    fn grouped(
        &self,
        key: &'static str,
        named: &[(&str, &[String])],
        table: TableName,
        keys: &mut TomlTable,
        report: &mut Report,
    ) -> Option<Vec<usize>> {
        keys.require(key, "a list of ids", report);
        let list = keys.list(key, report)?;
        if list.is_empty() {
            let message = format!("`{key}` is an empty list");
            let help = Some("list at least one id, or `*` for all".to_string());
            keys.wrong(keys.span_of(key), Code::MissingValue, message, help, report);
            return None;
        }
        let mut positions = Vec::new();
        let mut known = true;
        for (name, span) in list {
            let before = positions.len();
            positions
                .extend((0..named.len()).filter(|i| name == "*" || named[*i].0 == name || named[*i].1.contains(&name)));
            if positions.len() == before && name != "*" {
                known = false;
                let mut d = unknown_id(&name, table, &self.model.tables[&table], report);
                let noun = match table {
                    TableName::Regions => "region or group of regions",
                    TableName::Products => "product or product group",
                    TableName::Processes => "process",
                    other => other.schema().noun,
                };
                d.label = format!("no {noun} has this id");
                let groups = named.iter().flat_map(|(_, groups)| groups.iter().map(String::as_str));
                if let Some(near) = nearest(&name, groups)
                    && strsim::damerau_levenshtein(near, &name) <= 1
                {
                    d = d.help(format!("use the group `{near}`"));
                }
                report.push(d.at(report.place(keys.file, span)));
            }
        }
        positions.sort_unstable();
        positions.dedup();
        known.then_some(positions)
    }

    /// Warns where a measure has nothing to act on or cannot do what it says.
    fn warn_of_effect(&self, id: &str, effect: &Effect, keys: &TomlTable, report: &mut Report) {
        let model = self.model;
        let span = keys.span_of("id");
        let mut warn = |code, message: String, help: &str| {
            report.push(Diagnostic::warning(code, message).at(report.place(keys.file, span.clone())).help(help));
        };
        let lanes = |scope: &Scope| {
            model
                .lanes
                .iter()
                .filter(|l| scope.by.contains(&l.from) && scope.on.contains(&l.product) && scope.to.contains(&l.to))
                .count()
        };
        let empty = match effect {
            Effect::ExportControl { scope, .. } | Effect::Quota { scope, .. } | Effect::ExportTax { scope, .. } => {
                (lanes(scope) == 0).then_some("no lane")
            }
            Effect::ContentRule { scope, .. } => model
                .lanes
                .iter()
                .all(|l| scope.by.contains(&l.from) || !scope.on.contains(&l.product) || !scope.to.contains(&l.to))
                .then_some("no lane"),
            Effect::Tariff { by, on, origin, .. } => model
                .lanes
                .iter()
                .all(|l| !by.contains(&l.to) || !on.contains(&l.product) || !origin.contains(&l.from))
                .then_some("no lane"),
            Effect::OriginRule { by, end_use, .. } => {
                model.demands.iter().all(|d| !by.contains(&d.region) || d.end_use != *end_use).then_some("no demand")
            }
            Effect::Release { region, products, .. } => model
                .stocks
                .iter()
                .all(|s| {
                    s.kind != StockKind::Strategic || !region.contains(&s.region) || !products.contains(&s.product)
                })
                .then_some("no strategic stock"),
            Effect::Outage { .. } | Effect::DemandShift { .. } | Effect::Support { .. } => None,
        };
        if let Some(nothing) = empty {
            let help = match nothing {
                "no lane" => "goods move on lanes of `lanes.csv` only: does one lead this way?",
                "no demand" => "an origin-rule binds demands of `by` with its `end_use` (default military)",
                _ => "a release opens stock of the kind `strategic` in `stocks.csv`",
            };
            warn(Code::NothingInScope, format!("`{id}` has {nothing} in its scope and does nothing"), help);
        }
        let destination = match effect {
            Effect::ExportControl { scope, .. } => Some(scope),
            Effect::Quota { scope, .. } if scope.by.len() < model.regions.len() => Some(scope),
            _ => None,
        };
        if let Some(scope) = destination.filter(|s| s.to.len() < model.regions.len()) {
            let leaky: Vec<&str> = scope
                .on
                .iter()
                .map(|p| &model.products[*p])
                .filter(|p| p.reexport > 0.2)
                .map(|p| p.id.as_str())
                .collect();
            if !leaky.is_empty() {
                warn(
                    Code::LeakyControl,
                    format!(
                        "`{id}` closes some destinations, and imports of {} may leave other regions again (reexport above 0.2)",
                        leaky.join(", ")
                    ),
                    "give these products a `reexport` of 0.2 or less if shipping through others is not meant to undo it",
                );
            }
        }
        if let Effect::ExportControl { scope, delay_days, .. } = effect
            && *delay_days > 0.0
        {
            let unit = model.step;
            let in_scope = |l: &&crate::model::Lane| {
                scope.by.contains(&l.from) && scope.on.contains(&l.product) && scope.to.contains(&l.to)
            };
            let all_lost = model
                .lanes
                .iter()
                .filter(in_scope)
                .all(|l| unit.lead_steps(l.lead_days + delay_days) == unit.lead_steps(l.lead_days));
            if all_lost && lanes(scope) > 0 {
                warn(
                    Code::DelayRoundsAway,
                    format!("the delay of `{id}` rounds to nothing at this length of step"),
                    "shorter steps would show it",
                );
            }
        }
    }

    fn read_truce(
        &self,
        mut keys: TomlTable,
        seen: &mut BTreeMap<String, Range<usize>>,
        drafts: &mut Drafts,
        report: &mut Report,
    ) {
        let errors = report.count(crate::Severity::Error);
        let given = read_id(&mut keys, seen, report);
        let id = given.clone().unwrap_or_else(|| "this truce".to_string());
        let listed = keys.list("suspends", report);
        let empty = listed.as_ref().map_or(!keys.has("suspends"), Vec::is_empty);
        let suspends = listed.unwrap_or_default();
        if empty {
            let span = keys.span_of(if keys.has("suspends") { "suspends" } else { "id" });
            let message = format!("the truce `{id}` suspends no measure");
            let help = Some("`suspends` lists the ids of the measures that rest while it holds".to_string());
            keys.wrong(span, Code::SuspendsNothing, message, help, report);
        }
        let from = keys.date("from", report).unwrap_or(self.model.start);
        let until = keys.date("until", report);
        if until.is_none() && !keys.has("until") {
            keys.missing("until", "the first day on which the truce no longer holds", report);
        }
        let announced = keys.date("announced", report).unwrap_or(from);
        let extensions = read_extensions(&mut keys, &id, from, until, report);
        let extended = keys.count("extended", 0, report).unwrap_or(0);
        if extended > extensions.len() {
            let message = format!("`extended` of `{id}` is {extended}, and {} stand in `extensions`", extensions.len());
            let help = Some("it counts how many of `extensions` come about, from the first".to_string());
            keys.wrong(keys.span_of("extended"), Code::OutOfRange, message, help, report);
        }
        let about = read_about(&mut keys, report);
        let file = keys.file.to_string();
        keys.finish(report);
        let Some(id) = given else { return };
        let clean = report.count(crate::Severity::Error) == errors;
        let truce = until.filter(|_| clean).map(|until| Truce {
            id: id.clone(),
            suspends: Vec::new(),
            from,
            until,
            announced,
            extensions,
            extended,
            about,
        });
        let draft = DraftTruce { id, file, suspends, truce };
        lay(&mut drafts.truces, draft, |t| &t.id);
    }
}

fn read_id(keys: &mut TomlTable, seen: &mut BTreeMap<String, Range<usize>>, report: &mut Report) -> Option<String> {
    keys.require("id", "a name of its own", report);
    let id = keys.id("id", report)?;
    let span = keys.span_of("id");
    if let Some(first) = seen.insert(id.clone(), span.clone()) {
        let line = report.place(keys.file, first).line;
        let help = Some(format!("the first one stands at {}:{line}", keys.file));
        keys.wrong(span, Code::DuplicateId, format!("`{id}` is defined twice"), help, report);
    }
    Some(id)
}

fn read_about(keys: &mut TomlTable, report: &mut Report) -> About {
    let mut text = |key| match keys.has(key) {
        // A list of sources is as good as one.
        true => keys
            .list(key, report)
            .map(|list| list.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("; "))
            .unwrap_or_default(),
        false => {
            keys.raw(key);
            String::new()
        }
    };
    About {
        name: text("name"),
        claimed_by: text("claimed_by"),
        responds_to: text("responds_to"),
        legal: text("legal"),
        source: text("source"),
        note: text("note"),
    }
}

fn ends_before_it_begins(keys: &TomlTable, id: &str, from: Date, until: Date, report: &mut Report) {
    let message = format!("`{id}` ends on {until}, and begins on {from}");
    let help = match keys.has("from") {
        true => "`until` is the first day on which it no longer holds, and comes after `from`",
        false => "without `from` it begins at the start of the model",
    };
    keys.wrong(keys.span_of("until"), Code::ContradictoryDates, message, Some(help.to_string()), report);
}

/// Extensions of a truce; their ends must follow one another.
fn read_extensions(
    keys: &mut TomlTable,
    id: &str,
    from: Date,
    until: Option<Date>,
    report: &mut Report,
) -> Vec<Extension> {
    if let Some(until) = until.filter(|until| *until <= from) {
        ends_before_it_begins(keys, id, from, until, report);
    }
    let mut extensions = Vec::new();
    let mut before = until;
    for mut table in keys.tables("extensions", report) {
        let end = table.date("until", report);
        if end.is_none() && !table.has("until") {
            table.missing("until", "the first day after the extension", report);
        }
        let announced = table.date("announced", report);
        let probability = table.number("probability", 0.0, 1.0, report);
        if let (Some(end), Some(term)) = (end, before)
            && end <= term
        {
            let message = format!("an extension of `{id}` ends on {end}, and the term before it on {term}");
            let help = Some("each extension ends after the term before it".to_string());
            table.wrong(table.span_of("until"), Code::ContradictoryDates, message, help, report);
        }
        if let (Some(end), Some(announced)) = (end, announced)
            && announced >= end
        {
            let message = format!("an extension of `{id}` is announced on {announced}, when it has ended");
            let help = Some("by default it is announced on the day on which the term before it ends".to_string());
            table.wrong(table.span_of("announced"), Code::ContradictoryDates, message, help, report);
        }
        if let (Some(end), Some(term)) = (end, before) {
            extensions.push(Extension { until: end, announced: announced.unwrap_or(term), probability });
            before = Some(end);
        }
        table.finish(report);
    }
    extensions
}

fn resolve_truce(draft: &DraftTruce, measures: &[DraftMeasure], report: &mut Report) -> Option<Truce> {
    let mut suspends = Vec::new();
    for (id, span) in &draft.suspends {
        match measures.iter().position(|m| m.id == *id) {
            Some(position) => suspends.push(position),
            None => {
                let mut d = Diagnostic::error(Code::UnknownId, format!("unknown measure `{id}`"))
                    .at(report.place(&draft.file, span.clone()))
                    .label("no measure has this id");
                let near = nearest(id, measures.iter().map(|m| m.id.as_str()));
                d = d.help(match measures.iter().find(|m| Some(m.id.as_str()) == near) {
                    Some(near) => {
                        let line = report.place(&near.file, near.span.clone()).line;
                        format!("use `{}` ({}:{line})", near.id, near.file)
                    }
                    None => "a truce suspends measures of this scenario and of those it extends".to_string(),
                });
                report.push(d);
            }
        }
    }
    let mut truce = draft.truce.clone()?;
    suspends.sort_unstable();
    suspends.dedup();
    truce.suspends = suspends;
    Some(truce)
}

/// The comment at the head of a file, as one line.
fn head_comment(text: &str) -> String {
    head_lines(text).map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The comment lines at the head of a file, without their `#`.
pub(crate) fn head_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map_while(|line| line.trim_start().strip_prefix('#'))
}
