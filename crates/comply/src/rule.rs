//! A rule as a file: countries, materials, steps, dates, exceptions, waivers, and the text it rests on.

use coercivity_model::Date;
use coercivity_model::diag::{Code, Diagnostic, Report};
use coercivity_model::names::nearest;
use coercivity_model::toml_table::{TomlTable, parse};
use serde::Serialize;

use crate::amount::{self, Amount};
use crate::claim::Claim;
use crate::country::{self, Country};

/// The rules that come with the program: name and text.
pub const KNOWN: &[(&str, &str)] = &[
    ("dfars-2027", include_str!("../rules/dfars-2027.toml")),
    ("mofcom-0.1", include_str!("../rules/mofcom-0.1.toml")),
];

const CONFIDENCES: &[&str] = coercivity_model::schema::CONFIDENCES;

#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub id: String,
    pub title: String,
    /// The question that the rule puts, in one sentence.
    pub asks: String,
    /// What `fail` means, in a few words.
    pub fails: String,
    pub countries: Vec<Country>,
    /// Countries of which it is not settled whether the rule covers them.
    pub unsettled: Vec<Country>,
    pub unsettled_why: String,
    pub notes: Vec<String>,
    pub sources: Vec<Source>,
    pub materials: Vec<Material>,
    /// Names that may or may not mean a covered material, with what to ask.
    pub unclear: Vec<(String, String)>,
    /// Names of materials that the rule does not cover, besides those that no rule covers.
    pub other: Vec<String>,
    /// In the order of their dates; they do not overlap.
    pub periods: Vec<Period>,
    pub exceptions: Vec<Exception>,
    pub waivers: Vec<Waiver>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Source {
    pub id: String,
    pub cite: String,
    pub says: String,
    pub confidence: String,
}

#[derive(Clone, Debug)]
pub struct Material {
    pub id: String,
    pub name: String,
    pub names: Vec<String>,
    /// Steps that may not exist for it, so that `n/a` is an answer.
    pub may_not_apply: Vec<Claim>,
}

/// First and last day; `until` is `None` where no end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Date,
    pub until: Option<Date>,
}

impl Span {
    pub fn holds(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date <= until)
    }

    /// The days on which something changes: the first, and the one after the last.
    pub fn edges(&self) -> impl Iterator<Item = Date> {
        [Some(self.from), self.until.and_then(|until| until.tomorrow().ok())].into_iter().flatten()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    InForce,
    Suspended,
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Period {
    pub span: Span,
    pub force: Force,
    pub why: String,
    /// Positions in [`Rule::materials`].
    pub materials: Vec<usize>,
    pub steps: Vec<Claim>,
    /// Steps that count whatever the share is.
    pub any_share_steps: Vec<Claim>,
    /// The rule bites from this share of the part's value on; `None` = any amount.
    pub share_at_least: Option<Amount>,
    /// An end item made in a covered country that contains covered material fails as well.
    pub item_made_in: bool,
    pub cite: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Exception {
    pub claim: Claim,
    pub name: String,
    pub span: Span,
    /// Positions in [`Rule::materials`]: for an exception of a material, those it exempts.
    pub materials: Vec<usize>,
    /// Not exempt from this share by weight on.
    pub unless_share_at_least: Option<Amount>,
    /// The materials whose weight counts for that share.
    pub share_of: Vec<usize>,
    /// The exception holds only where this step was done in one of these countries, and no other.
    pub only_where: Option<(Claim, Vec<Country>)>,
    pub cite: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Waiver {
    pub name: String,
    pub span: Span,
    pub needs: Vec<Claim>,
    pub cite: Vec<String>,
}

impl Rule {
    /// The period that holds on a date.
    pub fn period(&self, date: Date) -> Option<&Period> {
        self.periods.iter().find(|period| period.span.holds(date))
    }

    /// The days on which the rule changes, sorted.
    pub fn edges(&self) -> Vec<Date> {
        let periods = self.periods.iter().map(|p| p.span);
        let spans = periods.chain(self.exceptions.iter().map(|e| e.span)).chain(self.waivers.iter().map(|w| w.span));
        let mut edges: Vec<Date> = spans.flat_map(|span| span.edges().collect::<Vec<_>>()).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// The citation of each source named, in the order named.
    pub fn citations<'r>(&'r self, ids: &'r [String]) -> impl Iterator<Item = &'r str> {
        ids.iter().filter_map(|id| self.sources.iter().find(|s| s.id == *id)).map(|s| s.cite.as_str())
    }
}

/// Reads a rule whose text the report gets under `file`; `None` if it has errors.
pub fn read(file: &str, text: &str, report: &mut Report) -> Option<Rule> {
    report.add_text(file, text.into());
    let before = report.count(coercivity_model::Severity::Error);
    let table = parse(file, text, report)?;
    let mut top = TomlTable::new(file, &table, 0..0);
    let rule = Reader { rule: Rule::default() }.read(&mut top, report);
    top.finish(report);
    (report.count(coercivity_model::Severity::Error) == before).then_some(rule)
}

struct Reader {
    rule: Rule,
}

impl Reader {
    fn read(mut self, top: &mut TomlTable, report: &mut Report) -> Rule {
        if top.count("format", 1, report).is_none_or(|format| format != 1) {
            let help = Some("this program reads rules with `format = 1`".to_string());
            top.wrong(top.span_of("format"), Code::UnsupportedFormat, "not a rule of format 1".into(), help, report);
        }
        self.rule.id = needed(top, "id", "the rule's id", report);
        self.rule.title = needed(top, "title", "the rule's name for people", report);
        self.rule.asks = needed(top, "asks", "the question that the rule puts", report);
        self.rule.fails = needed(top, "fails", "what `fail` means, in a few words", report);
        self.rule.countries = countries(top, "countries", report);
        if self.rule.countries.is_empty() && !report.has_errors() {
            top.missing("countries", "a list of the countries that the rule covers", report);
        }
        self.rule.unsettled = countries(top, "unsettled_countries", report);
        self.rule.unsettled_why = top.text("unsettled_why", report).unwrap_or_default();
        self.rule.notes = texts(top, "notes", report);
        for mut table in top.tables("source", report) {
            let source = Source {
                id: needed(&mut table, "id", "the id by which `cite` names it", report),
                cite: needed(&mut table, "cite", "the text of law", report),
                says: needed(&mut table, "says", "what it says, in your words", report),
                confidence: table.choice("confidence", CONFIDENCES, report).unwrap_or_default(),
            };
            table.require("confidence", "how well the text is known", report);
            self.rule.sources.push(source);
            table.finish(report);
        }
        for mut table in top.tables("material", report) {
            let id = needed(&mut table, "id", "the material's id", report);
            if self.rule.materials.iter().any(|m| m.id == id) {
                let help = Some("give one of them another id".to_string());
                let message = format!("the material `{id}` is defined twice");
                table.wrong(table.span_of("id"), Code::DuplicateId, message, help, report);
            }
            let name = needed(&mut table, "name", "the material's name for people", report);
            let names = texts(&mut table, "names", report);
            let may_not_apply = steps(&mut table, "may_not_apply", report);
            self.rule.materials.push(Material { id, name, names, may_not_apply });
            table.finish(report);
        }
        for mut table in top.tables("unclear", report) {
            let names = texts(&mut table, "names", report);
            let ask = needed(&mut table, "ask", "the question that clears it up", report);
            self.rule.unclear.extend(names.into_iter().map(|name| (name, ask.clone())));
            table.finish(report);
        }
        for mut table in top.tables("other", report) {
            self.rule.other.extend(texts(&mut table, "names", report));
            table.finish(report);
        }
        self.periods(top, report);
        self.exceptions(top, report);
        self.waivers(top, report);
        self.rule
    }

    fn periods(&mut self, top: &mut TomlTable, report: &mut Report) {
        let mut spans = Vec::new();
        for mut table in top.tables("period", report) {
            let force = table.choice("force", &["in-force", "suspended", "unknown"], report);
            let period = Period {
                span: span(&mut table, report),
                force: match force.as_deref() {
                    Some("suspended") => Force::Suspended,
                    Some("unknown") => Force::Unknown,
                    _ => Force::InForce,
                },
                why: table.text("why", report).unwrap_or_default(),
                materials: self.materials(&mut table, "materials", report),
                steps: steps(&mut table, "steps", report),
                any_share_steps: steps(&mut table, "any_share_steps", report),
                share_at_least: share(&mut table, "share_at_least", "share_by", "value", report),
                item_made_in: flag(&mut table, "item_made_in", report),
                cite: self.cite(&mut table, report),
            };
            if period.force != Force::Suspended && period.steps.is_empty() {
                table.missing("steps", "a list of the steps that must not be done in a covered country", report);
            }
            spans.push(("period".to_string(), period.span, table.span.clone()));
            self.rule.periods.push(period);
            table.finish(report);
        }
        if spans.is_empty() && !top.has("period") {
            top.missing("period", "`[[period]]`, once for each time in which the rule is the same", report);
        }
        overlaps(top, &spans, report);
        self.rule.periods.sort_by_key(|period| period.span.from);
    }

    fn exceptions(&mut self, top: &mut TomlTable, report: &mut Report) {
        let claims: Vec<&str> = Claim::OF_ITEM.iter().chain(&[Claim::Recycled]).map(|claim| claim.word()).collect();
        let mut spans = Vec::new();
        for mut table in top.tables("exception", report) {
            let word = table.choice("claim", &claims, report);
            table.require("claim", "what an item or material must be to be exempt", report);
            let name = needed(&mut table, "name", "the exception's name for people", report);
            let materials = self.materials(&mut table, "materials", report);
            let step = steps(&mut table, "where_step", report).first().copied();
            let where_countries = countries(&mut table, "where_countries", report);
            let exception = Exception {
                claim: word.as_deref().and_then(Claim::from_word).unwrap_or(Claim::Cots),
                name,
                span: span(&mut table, report),
                materials,
                unless_share_at_least: share(&mut table, "unless_share_at_least", "share_by", "weight", report),
                share_of: self.materials(&mut table, "share_of", report),
                only_where: step.map(|step| (step, where_countries)),
                cite: self.cite(&mut table, report),
            };
            spans.push((format!("exception `{}`", exception.claim.word()), exception.span, table.span.clone()));
            self.rule.exceptions.push(exception);
            table.finish(report);
        }
        overlaps(top, &spans, report);
    }

    fn waivers(&mut self, top: &mut TomlTable, report: &mut Report) {
        let mut spans = Vec::new();
        for mut table in top.tables("waiver", report) {
            let waiver = Waiver {
                name: needed(&mut table, "name", "the waiver's name for people", report),
                span: span(&mut table, report),
                needs: claims(&mut table, "needs", &[Claim::Waiver, Claim::MitigationPlan], report),
                cite: self.cite(&mut table, report),
            };
            if waiver.needs.is_empty() && !table.has("needs") {
                table.missing("needs", "a list of the documents that it takes", report);
            }
            spans.push(("waiver".to_string(), waiver.span, table.span.clone()));
            self.rule.waivers.push(waiver);
            table.finish(report);
        }
        overlaps(top, &spans, report);
    }

    /// Positions of the materials that a key names; all of them where it is absent.
    fn materials(&self, table: &mut TomlTable, key: &'static str, report: &mut Report) -> Vec<usize> {
        let Some(list) = table.list(key, report) else { return (0..self.rule.materials.len()).collect() };
        let ids = || self.rule.materials.iter().map(|m| m.id.as_str());
        let mut found = Vec::new();
        for (id, span) in list {
            match ids().position(|known| known == id) {
                Some(position) => found.push(position),
                None => unknown(table, span, "material", &id, ids(), report),
            }
        }
        found
    }

    fn cite(&self, table: &mut TomlTable, report: &mut Report) -> Vec<String> {
        let list = table.list("cite", report).unwrap_or_default();
        if list.is_empty() {
            table.missing("cite", "a list of ids of `[[source]]`: every figure of a rule has its text of law", report);
        }
        let ids = || self.rule.sources.iter().map(|s| s.id.as_str());
        for (id, span) in &list {
            if !ids().any(|known| known == id) {
                unknown(table, span.clone(), "source", id, ids(), report);
            }
        }
        list.into_iter().map(|(id, _)| id).collect()
    }
}

fn unknown<'a>(
    table: &TomlTable,
    span: std::ops::Range<usize>,
    noun: &str,
    id: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    report: &mut Report,
) {
    let help = match nearest(id, known.clone()) {
        Some(near) => format!("is `{near}` meant?"),
        None => format!("the rule has {}", known.map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
    };
    table.wrong(span, Code::UnknownId, format!("unknown {noun} `{id}`"), Some(help), report);
}

fn needed(table: &mut TomlTable, key: &'static str, meaning: &str, report: &mut Report) -> String {
    table.require(key, meaning, report);
    table.text(key, report).unwrap_or_default()
}

fn texts(table: &mut TomlTable, key: &'static str, report: &mut Report) -> Vec<String> {
    table.list(key, report).unwrap_or_default().into_iter().map(|(text, _)| text).collect()
}

fn claims(table: &mut TomlTable, key: &'static str, allowed: &[Claim], report: &mut Report) -> Vec<Claim> {
    let mut found = Vec::new();
    for (word, span) in table.list(key, report).unwrap_or_default() {
        match allowed.iter().find(|claim| claim.word() == word) {
            Some(claim) => found.push(*claim),
            None => {
                let words: Vec<String> = allowed.iter().map(|claim| format!("`{}`", claim.word())).collect();
                let help = Some(format!("it is one of {}", words.join(", ")));
                table.wrong(span, Code::BadChoice, format!("`{key}` has `{word}`"), help, report);
            }
        }
    }
    found
}

fn steps(table: &mut TomlTable, key: &'static str, report: &mut Report) -> Vec<Claim> {
    claims(table, key, Claim::STEPS, report)
}

fn countries(table: &mut TomlTable, key: &'static str, report: &mut Report) -> Vec<Country> {
    let mut found = Vec::new();
    for (text, span) in table.list(key, report).unwrap_or_default() {
        match country::read(&text) {
            Ok(country::Answer::Countries { named, more: false }) if !named.is_empty() => found.extend(named),
            Ok(_) => {
                let help = Some("write a code of ISO 3166, such as `CHN`".to_string());
                table.wrong(span, Code::UnknownCountry, format!("`{text}` names no country"), help, report);
            }
            Err(error) => {
                let message = format!("unknown country `{}`", error.name);
                table.wrong(span, Code::UnknownCountry, message, Some(error.help), report);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn span(table: &mut TomlTable, report: &mut Report) -> Span {
    let from = table.date("from", report);
    table.require("from", "the first day", report);
    let until = table.date("until", report);
    let from = from.unwrap_or(Date::MIN);
    if until.is_some_and(|until| until < from) {
        let help = Some("`from` is the first day and `until` the last".to_string());
        let message = "`until` is before `from`".to_string();
        table.wrong(table.span_of("until"), Code::ContradictoryDates, message, help, report);
    }
    Span { from, until }
}

/// A share from 0 to 1 of what `by` says, which is one word only.
fn share(
    table: &mut TomlTable,
    key: &'static str,
    by_key: &'static str,
    by: &str,
    report: &mut Report,
) -> Option<Amount> {
    let given = table.number(key, 0.0, 1.0, report);
    let said = table.choice(by_key, &[by], report);
    if given.is_some() && said.is_none() && !table.has(by_key) {
        table.missing(by_key, &format!("`{by}`: what the share is a share of"), report);
    }
    // The shortest text of the number is what stands in the file.
    given.and_then(|number| amount::parse(&number.to_string()))
}

fn flag(table: &mut TomlTable, key: &'static str, report: &mut Report) -> bool {
    let value = table.raw(key).map(|value| (value.get_ref().as_bool(), value.span()));
    match value {
        None => false,
        Some((Some(flag), _)) => flag,
        Some((None, span)) => {
            let help = Some("write true or false, without quotation marks".to_string());
            table.wrong(span, Code::WrongType, format!("`{key}` is not true or false"), help, report);
            false
        }
    }
}

/// Two times of one thing that share a day.
fn overlaps(table: &TomlTable, spans: &[(String, Span, std::ops::Range<usize>)], report: &mut Report) {
    for (i, (what, later, place)) in spans.iter().enumerate() {
        for (_, earlier, other) in spans[..i].iter().filter(|(name, ..)| name == what) {
            let ends = |span: &Span, date: Date| span.until.is_none_or(|until| date <= until);
            if ends(earlier, later.from) && ends(later, earlier.from) {
                let line = report.place(table.file, other.clone()).line;
                report.push(
                    Diagnostic::error(Code::OverlappingDates, format!("two times of this {what} overlap"))
                        .at(report.place(table.file, place.clone()))
                        .label(format!("it shares days with the one at line {line}"))
                        .help("let the earlier end with `until` on the day before the later begins"),
                );
            }
        }
    }
}
