//! Edits of a scenario: measures and truces left out or changed, and the whole written as one file.
//!
//! Works on the tables of the scenario files, never on what they resolve to, so that what is written
//! says what was said: groups stay groups, and a default that nobody gave stays away. What values mean is
//! left to `scenario`, which reads the file that comes out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use toml::Value;
use toml::value::Datetime;

use crate::calendar::parse_date;
use crate::describe::parameters;
use crate::diag::{Code, Diagnostic, Report};
use crate::files::{Files, MemoryFiles};
use crate::model::Model;
use crate::names::nearest;
use crate::scenario::{Effect, Layer, NO_MEASURES, Scenario, head_lines, lay, layers, read_layers, read_scenario};

/// What is to be different about one measure or truce.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Of a measure or truce of the scenario.
    pub id: String,
    /// It is left out, whatever `set` says.
    #[serde(default)]
    pub off: bool,
    /// Keys of the scenario file and what they are to be: a number, or a day as a text. `null` takes away the
    /// `until` of a measure (no end) or the `rate` of a release (no limit).
    #[serde(default)]
    pub set: BTreeMap<String, Json>,
}

/// The file that [`read_edited`] says its problems are in.
const FILE: &str = "edited.toml";

/// Keys that hold days.
pub const DATES: &[&str] = &["from", "until", "announced", "until_announced"];

/// The order in which keys are written; any other comes after them.
const KEYS: &[&str] = &[
    "id",
    "name",
    "kind",
    "suspends",
    "by",
    "on",
    "to",
    "origin",
    "end_use",
    "processes",
    "sites",
    "demands",
    "region",
    "products",
    "allow",
    "allow_civil",
    "allow_military",
    "leakage",
    "compliance",
    "delay_days",
    "licences",
    "licence_wait_days",
    "grant_per_day",
    "amount",
    "rate",
    "remaining",
    "factor",
    "from",
    "until",
    "announced",
    "until_announced",
    "probability",
    "extensions",
    "extended",
    "claimed_by",
    "responds_to",
    "legal",
    "source",
    "note",
];

/// A scenario file with edits, as the text of one file that stands alone: it extends no other and names no
/// model. `path` of `None` is the chain without measures.
///
/// Its head says the story of the scenario, then what was changed. A measure that is off leaves the truces
/// that suspend it, and a truce with nothing left to suspend is left out. `until` of a truce is its plain
/// end: its extensions go. No key moves with another: a measure that begins on another day is announced when
/// `announced` says, and where that is not given, on the day it now begins.
///
/// Problems of the scenario and of the edits are in `report`, and `None` comes back if any is an error; what
/// [`read_edited`] would warn of is left to it. It also judges the values: a text may come back that it refuses.
pub fn edited(
    files: &dyn Files,
    path: Option<&str>,
    model: &Model,
    edits: &[Edit],
    report: &mut Report,
) -> Option<String> {
    let mut own = Report::default();
    let sheet = match path {
        Some(path) => Sheet::read(files, path, model, &mut own),
        None => Some(Sheet { name: NO_MEASURES.to_string(), ..Sheet::default() }),
    };
    let text = sheet.and_then(|mut sheet| {
        // What is to be warned of is what comes of the edits.
        own = Report::default();
        edits.iter().enumerate().for_each(|(n, edit)| {
            if edits[..n].iter().any(|before| before.id == edit.id) {
                let d = Diagnostic::error(Code::DuplicateId, format!("`{}` is edited twice", edit.id));
                own.push(d.help("one edit says all that is to be different about a measure or truce"));
            }
            sheet.apply(edit, &mut own);
        });
        (!own.has_errors()).then(|| sheet.text())
    });
    report.absorb(own);
    text
}

/// Reads what [`edited`] gave. All problems are in `report`; `None` if any is an error.
pub fn read_edited(text: &str, model: &Model, report: &mut Report) -> Option<Scenario> {
    let (mut files, mut own) = (MemoryFiles::default(), Report::default());
    files.insert(FILE, text);
    let scenario = read_scenario(&files, FILE, model, &mut own);
    report.absorb(own);
    scenario
}

/// A scenario as one sheet: the tables of its files laid over each other.
#[derive(Default)]
struct Sheet {
    name: String,
    /// What its file is called.
    stem: String,
    /// The comment at its head, line by line.
    story: Vec<String>,
    measures: Vec<Entry>,
    truces: Vec<Entry>,
    behaviour: Vec<(&'static str, f64)>,
    /// What was changed, a line each.
    changes: Vec<String>,
}

/// A measure or truce.
struct Entry {
    id: String,
    table: toml::Table,
    off: bool,
    /// The keys that an edit may set.
    keys: Vec<&'static str>,
    /// Those of them that it may take away.
    optional: &'static [&'static str],
}

impl Sheet {
    fn read(files: &dyn Files, path: &str, model: &Model, report: &mut Report) -> Option<Sheet> {
        let layers = layers(files, path, report);
        // From here on every key is known, every id is given, and every value is of its type.
        let scenario = read_layers(&layers, model, report)?;
        let top = layers.first()?;
        let mut sheet = Sheet {
            name: scenario.name.clone(),
            stem: top.stem().to_string(),
            behaviour: scenario.behaviour.clone(),
            story: head_lines(&top.text).map(|line| line.trim_end().to_string()).collect(),
            ..Sheet::default()
        };
        for layer in layers.iter().rev() {
            for entry in entries(layer, "measure") {
                lay(&mut sheet.measures, entry, |m| &m.id);
            }
            for entry in entries(layer, "truce") {
                lay(&mut sheet.truces, entry, |t| &t.id);
            }
        }
        for (entry, measure) in sheet.measures.iter_mut().zip(&scenario.measures) {
            entry.keys =
                parameters(measure).iter().map(|parameter| parameter.key).chain(DATES.iter().copied()).collect();
            entry.optional = match measure.effect {
                Effect::Release { .. } => &["until", "rate"],
                _ => &["until"],
            };
        }
        for (entry, truce) in sheet.truces.iter_mut().zip(&scenario.truces) {
            entry.keys = vec!["from", "until", "announced"];
            if !truce.extensions.is_empty() {
                entry.keys.push("extended");
            }
        }
        Some(sheet)
    }

    fn apply(&mut self, edit: &Edit, report: &mut Report) {
        let Edit { id, off, set } = edit;
        let measure = self.measures.iter_mut().find(|m| m.id == *id);
        let truce = self.truces.iter_mut().find(|t| t.id == *id);
        let (entry, is_truce) = match (measure, truce) {
            (Some(measure), None) => (measure, false),
            (None, Some(truce)) => (truce, true),
            (Some(_), Some(_)) => {
                let d = Diagnostic::error(Code::DuplicateId, format!("`{id}` is a measure and a truce"));
                report.push(d.help("give one of them another id in the scenario, so that an edit can name it"));
                return;
            }
            (None, None) => {
                let known = self.measures.iter().chain(&self.truces).map(|entry| entry.id.as_str());
                let d = Diagnostic::error(Code::UnknownId, format!("unknown measure or truce `{id}`"));
                report.push(d.help(match nearest(id, known) {
                    Some(near) => format!("use `{near}`"),
                    None => format!("an edit names a measure or truce of the scenario, here \"{}\"", self.name),
                }));
                return;
            }
        };
        entry.off = *off;
        let mut said = Vec::new();
        for (key, json) in set {
            match entry.value(key, json) {
                Ok(Some(value)) => {
                    said.push(format!("{key} = {}", written(key, &value)));
                    entry.table.insert(key.clone(), value);
                }
                Ok(None) => {
                    said.push(format!("{key} = none"));
                    entry.table.remove(key);
                }
                Err(d) => report.push(*d),
            }
        }
        if is_truce && set.contains_key("until") {
            entry.table.remove("extensions");
            entry.table.remove("extended");
        }
        let said = if *off { "off".to_string() } else { said.join(", ") };
        if !said.is_empty() {
            self.changes.push(in_a_line(&format!("`{id}`: {said}.")));
        }
    }

    fn text(&self) -> String {
        let mut name = self.name.clone();
        let mut text: String = self.story.iter().map(|line| format!("#{line}\n")).collect();
        if !self.changes.is_empty() {
            text += &in_a_line(&format!("# Changed against \"{name}\" ({}):", self.stem));
            text += "\n";
            self.changes.iter().for_each(|change| text += &format!("# {change}\n"));
            name += ", edited";
        }
        text += &format!("name = {}\n", Value::String(name));
        if !self.behaviour.is_empty() {
            let lines = self.behaviour.iter().map(|(name, value)| format!("{name} = {}\n", Value::Float(*value)));
            text += &format!("\n[behaviour]\n{}", lines.collect::<String>());
        }
        let off: BTreeSet<&str> = self.measures.iter().filter(|m| m.off).map(|m| m.id.as_str()).collect();
        for measure in self.measures.iter().filter(|m| !m.off) {
            text += &section("measure", &measure.table);
        }
        for truce in self.truces.iter().filter(|t| !t.off) {
            let mut table = truce.table.clone();
            let rests = |id: &Value| id.as_str().is_some_and(|id| !off.contains(id));
            let left = match table.get_mut("suspends") {
                Some(Value::Array(list)) => {
                    list.retain(rests);
                    !list.is_empty()
                }
                single => single.is_some_and(|id| rests(id)),
            };
            if left {
                text += &section("truce", &table);
            }
        }
        text
    }
}

impl Entry {
    /// What a key is to be; `None` = not given.
    fn value(&self, key: &str, json: &Json) -> Result<Option<Value>, Box<Diagnostic>> {
        let id = &self.id;
        if !self.keys.contains(&key) {
            let d = Diagnostic::error(Code::UnknownKey, format!("`{key}` is not a key of `{id}` that an edit can set"));
            let all = || self.keys.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
            let near = nearest(key, self.keys.iter().copied());
            let help = near.map_or_else(|| format!("the keys are {}", all()), |near| format!("is `{near}` meant?"));
            return Err(Box::new(d.help(help)));
        }
        let found = match json {
            Json::Null if self.optional.contains(&key) => return Ok(None),
            Json::String(text) => return Ok(Some(Value::String(text.clone()))),
            Json::Number(number) => {
                let whole = number.as_i64().map(Value::Integer);
                if let Some(value) = whole.or_else(|| number.as_f64().filter(|f| f.is_finite()).map(Value::Float)) {
                    return Ok(Some(value));
                }
                "too large a number"
            }
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        let wanted = if DATES.contains(&key) { "a date such as \"2026-11-10\"" } else { "a number" };
        let d = Diagnostic::error(Code::WrongType, format!("`{key}` of `{id}` is {found}, not {wanted}"));
        Err(Box::new(d.help(format!("write {wanted}"))))
    }
}

/// The measures or truces of one file.
fn entries(layer: &Layer, key: &str) -> Vec<Entry> {
    let table: toml::Table = layer.text.parse().expect("a scenario was read from it");
    let Some(Value::Array(list)) = table.get(key) else { return Vec::new() };
    let tables = list.iter().filter_map(|entry| entry.as_table());
    let named = tables.filter_map(|table| Some((table.get("id")?.as_str()?.to_string(), table.clone())));
    named.map(|(id, table)| Entry { id, table, off: false, keys: Vec::new(), optional: &[] }).collect()
}

fn section(header: &str, table: &toml::Table) -> String {
    let lines = sorted(table).into_iter().map(|(key, value)| format!("{key} = {}\n", written(key, value)));
    format!("\n[[{header}]]\n{}", lines.collect::<String>())
}

/// A value in one line, but for a text that has more; a date given as text becomes one of TOML.
fn written(key: &str, value: &Value) -> String {
    let day = |text: &str| parse_date(text).and_then(|_| text.parse::<Datetime>().ok());
    match value {
        Value::String(text) if DATES.contains(&key) => day(text).map_or(value.to_string(), |day| day.to_string()),
        Value::Array(list) => format!("[{}]", list.iter().map(|v| written("", v)).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let fields = sorted(table).into_iter().map(|(key, value)| format!("{key} = {}", written(key, value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// The keys of a table in the order of [`KEYS`].
fn sorted(table: &toml::Table) -> Vec<(&str, &Value)> {
    let mut list: Vec<(&str, &Value)> = table.iter().map(|(key, value)| (key.as_str(), value)).collect();
    list.sort_by_key(|(key, _)| (KEYS.iter().position(|k| k == key).unwrap_or(KEYS.len()), *key));
    list
}

/// A comment ends with its line and holds no control characters.
fn in_a_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model;
    use serde_json::json;

    const BASE: &str = r#"# The base.
name = "Base"

[[measure]]
id = "ban"
kind = "export-control"
by = "east"
on = ["metal"]
until = "2025-04-01"
source = "K1;K2"

[[measure]]
id = "quota"
kind = "quota"
by = "AAA"
on = "ore"
amount = 12
"#;

    const CUT: &str = r#"# The metal is cut off,
#   and then it is not.
name = "Cut \"off\""
extends = "base.toml"
model = "../m"

[[truce]]
id = "pause"
suspends = ["ban", "late"]
from = 2025-02-01
until = "2025-02-15"
announced = 2025-01-15
extensions = [{ probability = 0.5, until = "2025-03-01" }, { announced = 2025-02-20, until = 2025-04-01 }]
extended = 1

[[truce]]
id = "rest"
suspends = "ban"
until = 2025-03-01

[[measure]]
id = "late"
kind = "outage"
sites = "mine"
remaining = 0.25
announced = 2025-01-01
from = 2025-02-01

[[measure]]
note = 'says "so"'
id = "ban"
kind = "export-control"
on = ["metal"]
by = "AAA"
allow_civil = 0.5

[[measure]]
id = "open"
kind = "release"
region = "BBB"
products = "metal"
rate = 2
"#;

    const FLAT: &str = r#"# The metal is cut off,
#   and then it is not.
name = 'Cut "off"'

[[measure]]
id = "ban"
kind = "export-control"
by = "AAA"
on = ["metal"]
allow_civil = 0.5
note = 'says "so"'

[[measure]]
id = "quota"
kind = "quota"
by = "AAA"
on = "ore"
amount = 12

[[measure]]
id = "late"
kind = "outage"
sites = "mine"
remaining = 0.25
from = 2025-02-01
announced = 2025-01-01

[[measure]]
id = "open"
kind = "release"
region = "BBB"
products = "metal"
rate = 2

[[truce]]
id = "pause"
suspends = ["ban", "late"]
from = 2025-02-01
until = 2025-02-15
announced = 2025-01-15
extensions = [{ until = 2025-03-01, probability = 0.5 }, { until = 2025-04-01, announced = 2025-02-20 }]
extended = 1

[[truce]]
id = "rest"
suspends = "ban"
until = 2025-03-01
"#;

    fn files() -> MemoryFiles {
        let mut files = MemoryFiles::default();
        for (name, text) in [
            ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 4\n"),
            ("regions.csv", "id,groups\nAAA,east\nBBB,\n"),
            ("products.csv", "id,unit,stage,price\nore,t,ore,10\nmetal,t,metal,100\n"),
            ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,metal,1\n"),
            ("sites.csv", "id,process,region,capacity\nmine,dig,AAA,240\nsmelter,smelt,AAA,120\n"),
            ("lanes.csv", "product,from,to,flow\n*,*,*,12\n"),
            ("demands.csv", "id,region,amount,value\nneed,BBB,120,1000\n"),
            ("uses.csv", "demand,product,amount\nneed,metal,1\n"),
            ("stocks.csv", "region,product,initial,kind\nBBB,metal,8,strategic\n"),
        ] {
            files.insert(&format!("m/{name}"), text);
        }
        files.insert("s/base.toml", BASE);
        files.insert("s/cut.toml", CUT);
        files
    }

    fn model(files: &MemoryFiles) -> Model {
        let mut report = Report::default();
        read_model(files, "m", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
    }

    fn edits(json: Json) -> Vec<Edit> {
        serde_json::from_value(json).expect("edits")
    }

    /// The text that comes of edits of `s/cut.toml`.
    fn text(json: Json) -> String {
        let (files, mut report) = (files(), Report::default());
        let text = edited(&files, Some("s/cut.toml"), &model(&files), &edits(json), &mut report);
        text.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
    }

    /// The scenario that comes of edits of `s/cut.toml`.
    fn scenario(json: Json) -> Scenario {
        let mut report = Report::default();
        let scenario = read_edited(&text(json), &model(&files()), &mut report);
        scenario.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
    }

    /// What is said of edits of a file that cannot be made: code, message and help.
    fn said(path: Option<&str>, json: Json) -> Vec<String> {
        let (files, mut report) = (files(), Report::default());
        assert_eq!(edited(&files, path, &model(&files), &edits(json), &mut report), None);
        let all = report.diagnostics().iter();
        all.map(|d| format!("{}: {}; {}", d.code.as_str(), d.message, d.help.as_deref().unwrap_or("no help"))).collect()
    }

    #[test]
    fn without_edits_the_files_become_one() {
        assert_eq!(text(json!([])), FLAT);
        // An edit that asks for nothing is none.
        assert_eq!(text(json!([{"id": "ban"}, {"id": "pause", "off": false, "set": {}}])), FLAT);
        let (files, mut report) = (files(), Report::default());
        let model = model(&files);
        let original = read_scenario(&files, "s/cut.toml", &model, &mut report).expect("read");
        let flat = read_edited(FLAT, &model, &mut report).expect("read");
        assert_eq!(format!("{:?}", original.measures), format!("{:?}", flat.measures));
        assert_eq!(format!("{:?}", original.truces), format!("{:?}", flat.truces));
        assert_eq!((original.name, original.story), (flat.name, flat.story));
    }

    #[test]
    fn without_a_scenario_there_are_no_measures() {
        let (files, mut report) = (files(), Report::default());
        let model = model(&files);
        let text = edited(&files, None, &model, &[], &mut report).expect("a text");
        assert_eq!(text, "name = \"no measures\"\n");
        assert!(read_edited(&text, &model, &mut report).is_some_and(|s| s.measures.is_empty() && s.truces.is_empty()));
        assert_eq!(
            said(None, json!([{"id": "ban", "off": true}])),
            ["unknown-id: unknown measure or truce `ban`; \
              an edit names a measure or truce of the scenario, here \"no measures\""]
        );
    }

    #[test]
    fn what_is_off_leaves_the_truces() {
        let text = text(json!([{"id": "ban", "off": true, "set": {"allow_civil": 1}}]));
        assert!(
            text.starts_with(
                "# The metal is cut off,\n#   and then it is not.\n# Changed against \"Cut \"off\"\" (cut):\n\
                 # `ban`: off.\nname = 'Cut \"off\", edited'\n\n[[measure]]\nid = \"quota\"\n"
            ),
            "{text}"
        );
        assert!(text.contains("suspends = [\"late\"]\n"), "{text}");
        let of = |json| {
            let scenario = scenario(json);
            let ids = scenario.measures.iter().map(|m| &m.id).chain(scenario.truces.iter().map(|t| &t.id));
            ids.cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            of(json!([{"id": "ban", "off": true}])),
            "quota late open pause",
            "`rest` had nothing else to suspend"
        );
        assert_eq!(of(json!([{"id": "ban", "off": true}, {"id": "late", "off": true}])), "quota open");
        assert_eq!(of(json!([{"id": "pause", "off": true}])), "ban quota late open rest");
    }

    #[test]
    fn keys_are_set_where_they_stand_and_dates_become_dates() {
        let text = text(json!([
            {"id": "ban", "set": {"until": "2025-03-15", "allow_civil": 0.2, "allow_military": 1, "from": "2025-01-10"}},
            {"id": "late", "set": {"from": "2025-01-15", "until_announced": "2025-02-01"}},
        ]));
        let head = "# `ban`: allow_civil = 0.2, allow_military = 1, from = 2025-01-10, until = 2025-03-15.\n\
                    # `late`: from = 2025-01-15, until_announced = 2025-02-01.\n";
        assert!(text.contains(head), "{text}");
        let ban =
            "on = [\"metal\"]\nallow_civil = 0.2\nallow_military = 1\nfrom = 2025-01-10\nuntil = 2025-03-15\nnote";
        assert!(text.contains(ban), "nothing is announced that was not before: {text}");
        let late = "from = 2025-01-15\nannounced = 2025-01-01\nuntil_announced = 2025-02-01\n";
        assert!(text.contains(late), "{text}");
    }

    #[test]
    fn null_takes_away_an_end_or_a_limit() {
        let (mut files, mut report) = (files(), Report::default());
        files.insert("s/cut.toml", CUT.replace("rate = 2", "rate = 2\nuntil = 2025-03-01"));
        let of = edits(json!([{"id": "open", "set": {"until": null, "rate": null}}]));
        let text = edited(&files, Some("s/cut.toml"), &model(&files), &of, &mut report).expect("a text");
        assert!(text.contains("# `open`: rate = none, until = none.\n"), "{text}");
        assert!(text.contains("products = \"metal\"\n\n[[truce]]"), "{text}");
        assert_eq!(
            said(
                Some("s/cut.toml"),
                json!([{"id": "pause", "set": {"until": null}}, {"id": "ban", "set": {"leakage": null}}])
            ),
            [
                "wrong-type: `until` of `pause` is null, not a date such as \"2026-11-10\"; \
                 write a date such as \"2026-11-10\"",
                "wrong-type: `leakage` of `ban` is null, not a number; write a number",
            ]
        );
    }

    #[test]
    fn the_end_of_a_truce_drops_its_extensions() {
        let of = |set: Json| {
            let scenario = scenario(json!([{"id": "pause", "set": set}]));
            let truce = &scenario.truces[0];
            (truce.from.to_string(), truce.end().to_string(), truce.extensions.len(), truce.announced.to_string())
        };
        let expected = |from: &str, end: &str, n| (from.to_string(), end.to_string(), n, "2025-01-15".to_string());
        assert_eq!(of(json!({"from": "2025-02-10"})), expected("2025-02-10", "2025-03-01", 2));
        assert_eq!(of(json!({"until": "2025-02-20"})), expected("2025-02-01", "2025-02-20", 0));
    }

    #[test]
    fn a_truce_can_be_extended_further() {
        let end = |extended: usize| {
            let scenario = scenario(json!([{"id": "pause", "set": {"extended": extended}}]));
            scenario.truces[0].end().to_string()
        };
        assert_eq!([0, 1, 2].map(end), ["2025-02-15", "2025-03-01", "2025-04-01"]);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let wrong = json!([
            {"id": "bann", "off": true},
            {"id": "ban", "set": {"alow_civil": 1, "source": "me"}},
            {"id": "pause", "set": {"until_announced": "2025-01-01", "suspends": 1}},
            {"id": "quota", "set": {"amount": [1], "from": true}},
            {"id": "quota", "off": true},
        ]);
        assert_eq!(
            said(Some("s/cut.toml"), wrong),
            [
                "unknown-id: unknown measure or truce `bann`; use `ban`",
                "unknown-key: `alow_civil` is not a key of `ban` that an edit can set; is `allow_civil` meant?",
                "unknown-key: `source` is not a key of `ban` that an edit can set; the keys are `allow_civil`, \
                 `allow_military`, `leakage`, `delay_days`, `from`, `until`, `announced`, `until_announced`",
                "unknown-key: `suspends` is not a key of `pause` that an edit can set; the keys are `from`, `until`, \
                 `announced`, `extended`",
                "unknown-key: `until_announced` is not a key of `pause` that an edit can set; is `announced` meant?",
                "wrong-type: `amount` of `quota` is a list, not a number; write a number",
                "wrong-type: `from` of `quota` is true or false, not a date such as \"2026-11-10\"; \
                 write a date such as \"2026-11-10\"",
                "duplicate-id: `quota` is edited twice; one edit says all that is to be different about a measure or truce",
            ]
        );
        assert_eq!(
            said(Some("s/nowhere.toml"), json!([])),
            ["missing-file: there is no scenario file `s/nowhere.toml`; \
              a path is relative to the folder in which the program runs"]
        );
    }

    #[test]
    fn an_id_of_two_things_cannot_be_edited() {
        let (mut files, mut report) = (files(), Report::default());
        files.insert("s/cut.toml", CUT.replace("id = \"rest\"", "id = \"ban\""));
        let of = edits(json!([{"id": "ban", "off": true}]));
        assert_eq!(edited(&files, Some("s/cut.toml"), &model(&files), &of, &mut report), None);
        assert_eq!(report.diagnostics()[0].message, "`ban` is a measure and a truce");
    }

    #[test]
    fn wrong_values_are_found_when_the_text_is_read() {
        let text = text(json!([
            {"id": "ban", "set": {"allow_civil": 1.5, "until": "2025-02-30"}},
            {"id": "late", "set": {"until": "2025-01-01", "remaining": "half\nof it"}},
        ]));
        assert!(text.contains("# `late`: remaining = "), "{text}");
        let mut report = Report::default();
        assert!(read_edited(&text, &model(&files()), &mut report).is_none());
        let mut codes: Vec<&str> = report.diagnostics().iter().map(|d| d.code.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["bad-date", "contradictory-dates", "out-of-range", "wrong-type"]);
    }

    #[test]
    fn an_edit_has_no_other_fields() {
        let wrong = serde_json::from_value::<Edit>(json!({"id": "ban", "on": false}));
        assert!(wrong.unwrap_err().to_string().contains("unknown field `on`"));
        assert_eq!(edits(json!([{"id": "ban"}]))[0], Edit { id: "ban".to_string(), ..Edit::default() });
    }
}
