//! What is handed on: the verdicts as CSV, JSON and a printable page, and a page for each supplier.

use askama::Template;
use coercivity_model::hex::hex;
use coercivity_model::{Date, Report};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::change::Change;
use crate::finding::Verdict;
use crate::judge::Judge;
use crate::outcome::{Outcome, Step};
use crate::questions::{Letter, letters};
use crate::rule::Rule;

/// Said once in each document that leaves the house.
pub const NOTICE: &str = "This is not legal advice.";

/// A bill of materials judged on a date, with what reproduces it.
pub struct Statement<'a> {
    pub judge: &'a Judge<'a>,
    pub on: Date,
    /// The command line that gives it again.
    pub command: String,
    /// Hash of the rule and the tables; see [`hash`].
    pub hash: String,
}

/// A statement with what changed since an earlier delivery of data.
#[derive(Serialize)]
pub struct Compared<'s, 'a> {
    #[serde(flatten)]
    pub statement: &'s Statement<'a>,
    pub changes: &'s [Change],
}

/// SHA-256 over the texts of the files that a statement rests on, each with its length before it.
pub fn hash(report: &Report, files: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        let text = report.texts().find(|(name, _)| name == file).map_or("", |(_, text)| text);
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hex(&hasher.finalize())
}

impl<'a> Statement<'a> {
    /// The parts in the order of their numbers.
    pub fn outcomes(&self) -> impl Iterator<Item = Outcome<'a>> {
        (0..self.judge.bom.parts.len()).map(|i| self.judge.outcome(i, self.on))
    }

    /// How many parts have each verdict, in the order of [`Verdict::ALL`].
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for i in 0..self.judge.bom.parts.len() {
            counts[*self.judge.verdict(i).at(self.on) as usize] += 1;
        }
        counts
    }

    pub fn letters(&self) -> Vec<Letter<'a>> {
        letters(self.judge, self.on)
    }

    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record([
            "part",
            "name",
            "suppliers",
            "verdict",
            "since",
            "path",
            "next_from",
            "next_verdict",
            "next_path",
        ])?;
        let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        for outcome in self.outcomes() {
            let next = outcome.next.as_ref();
            writer.write_record([
                outcome.part,
                outcome.name,
                &outcome.suppliers.join("; "),
                outcome.verdict.word(),
                &day(outcome.since),
                &outcome.path,
                &day(next.map(|next| next.from)),
                next.map_or("", |next| next.verdict.word()),
                next.map_or("", |next| &next.path),
            ])?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// The printable page.
    pub fn html(&self) -> Result<String, askama::Error> {
        let judge = self.judge;
        let [pass, unknown, fail] = self.counts();
        let documents = judge.bom.documents.iter().map(|document| {
            let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
            let covers =
                document.covers.as_ref().map(|claims| claims.iter().map(|claim| claim.word()).collect::<Vec<_>>());
            DocumentRow {
                number: &document.number,
                supplier: &document.supplier,
                dated: day(document.dated),
                expires: day(document.expires),
                signed_by: &document.signed_by,
                covers: covers.map_or("the rows that cite it".to_string(), |words| words.join(", ")),
            }
        });
        StatementPage {
            title: &judge.rule.title,
            asks: &judge.rule.asks,
            in_force: judge.in_force(self.on),
            on: self.on,
            counts: [
                (Verdict::Pass.word(), pass, "proven by documents".to_string()),
                (Verdict::Unknown.word(), unknown, "not proven either way".to_string()),
                (Verdict::Fail.word(), fail, judge.rule.fails.clone()),
            ],
            statement: self,
            documents: documents.collect(),
            letters: &self.letters(),
            rule: judge.rule,
            version: env!("CARGO_PKG_VERSION"),
            command: &self.command,
            hash: &self.hash,
            notice: NOTICE,
        }
        .render()
    }

    /// The page for one supplier.
    pub fn letter(&self, letter: &Letter) -> Result<String, askama::Error> {
        let rule = self.judge.rule;
        let supplier = if letter.supplier.is_empty() { "the supplier" } else { letter.supplier };
        let materials = self.judge.covered_materials(self.on);
        LetterPage { supplier, on: self.on, title: &rule.title, asks: &rule.asks, materials, letter }.render()
    }
}

struct DocumentRow<'a> {
    number: &'a str,
    supplier: &'a str,
    dated: String,
    expires: String,
    signed_by: &'a str,
    covers: String,
}

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage<'a> {
    title: &'a str,
    asks: &'a str,
    in_force: String,
    on: Date,
    counts: [(&'static str, usize, String); 3],
    statement: &'a Statement<'a>,
    documents: Vec<DocumentRow<'a>>,
    letters: &'a [Letter<'a>],
    rule: &'a Rule,
    version: &'static str,
    command: &'a str,
    hash: &'a str,
    notice: &'static str,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage<'a> {
    supplier: &'a str,
    on: Date,
    title: &'a str,
    asks: &'a str,
    materials: String,
    letter: &'a Letter<'a>,
}

impl Serialize for Statement<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = self.judge.rule;
        let counts: std::collections::BTreeMap<&str, usize> =
            Verdict::ALL.iter().map(|verdict| verdict.word()).zip(self.counts()).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", &1)?;
        map.serialize_entry("command", &self.command)?;
        map.serialize_entry("hash", &self.hash)?;
        map.serialize_entry("rule", &rule.id)?;
        map.serialize_entry("title", &rule.title)?;
        map.serialize_entry("on", &self.on)?;
        map.serialize_entry("in_force", &self.judge.in_force(self.on))?;
        map.serialize_entry("counts", &counts)?;
        map.serialize_entry("parts", &Parts(self))?;
        map.serialize_entry("questions", &self.letters())?;
        map.serialize_entry("sources", &rule.sources)?;
        map.serialize_entry("notes", &rule.notes)?;
        map.serialize_entry("notice", NOTICE)?;
        map.end()
    }
}

/// The parts one by one, so that many of them need no memory.
struct Parts<'s, 'a>(&'s Statement<'a>);

#[derive(Serialize)]
struct PartEntry<'a> {
    #[serde(flatten)]
    outcome: Outcome<'a>,
    steps: Vec<Step<'a>>,
}

impl Serialize for Parts<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.judge.bom.parts.len()))?;
        for (i, outcome) in self.0.outcomes().enumerate() {
            list.serialize_element(&PartEntry { outcome, steps: self.0.judge.steps(i, self.0.on) })?;
        }
        list.end()
    }
}
