//! What a new delivery of data changes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::Verdict;
use crate::outcome::Outcome;
use crate::statement::Statement;

/// A part whose verdict or path is not what it was.
#[derive(Debug, Serialize)]
pub struct Change {
    pub part: String,
    /// Absent = the part is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// Absent = the part is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
}

#[derive(Debug, Serialize, PartialEq)]
pub struct State {
    pub verdict: Verdict,
    pub path: String,
}

impl Change {
    /// Whether more than the path changed.
    pub fn of_verdict(&self) -> bool {
        self.before.as_ref().map(|state| state.verdict) != self.after.as_ref().map(|state| state.verdict)
    }
}

/// Both statements are of one rule and one date; the changes come in the order of the parts' numbers.
pub fn changes(before: &Statement, after: &Statement) -> Vec<Change> {
    let mut states: BTreeMap<&str, [Option<State>; 2]> = BTreeMap::new();
    for (side, statement) in [before, after].into_iter().enumerate() {
        for Outcome { part, verdict, path, .. } in statement.outcomes() {
            states.entry(part).or_default()[side] = Some(State { verdict, path });
        }
    }
    let changed = states.into_iter().filter(|(_, [before, after])| before != after);
    changed.map(|(part, [before, after])| Change { part: part.to_string(), before, after }).collect()
}
