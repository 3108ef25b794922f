//! What the name of a material means under a rule.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use coercivity_model::csv_table::Table;
use coercivity_model::diag::{Code, Diagnostic, Report};
use coercivity_model::names::nearest;

use crate::rule::Rule;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Position in [`Rule::materials`].
    Covered(usize),
    /// May or may not be covered: position in [`Rule::unclear`].
    Unclear(usize),
    /// Known, and not covered.
    Other,
    /// Not known, so that it may be covered.
    NotKnown,
}

/// Materials that no rule on critical minerals covers, by name.
static OTHER: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_bytes!("../data/other_materials.csv").as_slice());
    let mut names = HashSet::new();
    for record in reader.records() {
        let record = record.expect("the embedded table is well formed");
        names.insert(plain(&record[0]));
        names.extend(record[1].split(';').map(plain).filter(|name| !name.is_empty()));
    }
    names
});

/// Letters and digits only, in lower case; one plural is the same as its singular.
fn plain(name: &str) -> String {
    let text: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    text.strip_suffix("magnets").map(|stem| format!("{stem}magnet")).unwrap_or(text)
}

/// The names a rule knows.
pub struct Vocabulary {
    of: HashMap<String, Meaning>,
    /// As written in the rule, for suggestions.
    written: Vec<String>,
}

impl Vocabulary {
    pub fn new(rule: &Rule) -> Vocabulary {
        let mut of = HashMap::new();
        let mut written = Vec::new();
        let mut add = |name: &str, meaning| {
            written.push(name.to_string());
            // What is said first holds: a covered material before one that is not.
            of.entry(plain(name)).or_insert(meaning);
        };
        for (i, material) in rule.materials.iter().enumerate() {
            for name in [&material.id, &material.name].into_iter().chain(&material.names) {
                add(name, Meaning::Covered(i));
            }
        }
        for (i, (name, _)) in rule.unclear.iter().enumerate() {
            add(name, Meaning::Unclear(i));
        }
        rule.other.iter().for_each(|name| add(name, Meaning::Other));
        Vocabulary { of, written }
    }

    pub fn meaning(&self, name: &str) -> Meaning {
        let name = plain(name);
        match self.of.get(&name) {
            Some(meaning) => *meaning,
            None if OTHER.contains(&name) => Meaning::Other,
            None => Meaning::NotKnown,
        }
    }

    /// The name of the rule that is most like an unknown one.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.written.iter().map(String::as_str))
    }
}

/// Warns of every name that is not known, at the first row that has it.
pub fn warn(parts: &Table, rule: &Rule, report: &mut Report) {
    let vocabulary = Vocabulary::new(rule);
    let mut seen = HashSet::new();
    for row in 0..parts.len() {
        let Some(name) = parts.given(row, "material").filter(|name| !name.eq_ignore_ascii_case("none")) else {
            continue;
        };
        if !seen.insert(name) || vocabulary.meaning(name) != Meaning::NotKnown {
            continue;
        }
        let help = match vocabulary.nearest(name) {
            Some(near) => format!("is `{near}` meant? Until that is clear the part stays unknown"),
            None => {
                "use the name of a material, not of a grade; until that is clear the part stays unknown".to_string()
            }
        };
        let place = parts.place(row, "material", report);
        let message = format!("the material `{name}` is not known");
        report.push(Diagnostic::warning(Code::UnknownMaterial, message).at(place).help(help));
    }
}
