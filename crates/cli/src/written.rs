//! Plans and bargains for the page and the report: folders that `coercivity plan --out` and `coercivity bargain --out`
//! wrote, read when the program starts.

use std::path::{Path, PathBuf};

use coercivity_engine::{bargain, plan};
use coercivity_web::written::Found;
use serde_json::Value;

use crate::Failure;
use crate::ensembles::free_id;

/// What a command writes to a folder.
pub struct Kind {
    what: &'static str,
    file: &'static str,
    /// The command that writes it, up to the folder.
    command: &'static str,
    format: u32,
    /// Its name, if it is one.
    name: fn(Value) -> serde_json::Result<String>,
}

pub const PLAN: Kind = Kind {
    what: "plan",
    file: "plan.json",
    command: "coercivity plan SPEC --out",
    format: plan::answer::FORMAT,
    name: |value| serde_json::from_value::<plan::answer::Answer>(value).map(|answer| answer.name),
};

pub const BARGAIN: Kind = Kind {
    what: "bargain",
    file: "bargain.json",
    command: "coercivity bargain SPEC --out",
    format: bargain::answer::FORMAT,
    name: |value| serde_json::from_value::<bargain::answer::Answer>(value).map(|answer| answer.name),
};

impl Kind {
    /// Reads folders. One that holds none, or one of another version, is an error.
    pub fn open(&self, dirs: &[PathBuf]) -> Result<Vec<Found>, Failure> {
        let mut ids: Vec<String> = Vec::new();
        let read_one = |dir: &PathBuf| {
            let (name, text) = self.read(dir)?;
            Ok(Found { id: free_id(dir, self.what, &mut ids), name, text: text.into() })
        };
        dirs.iter().map(read_one).collect()
    }

    /// What is in a folder as it was written, if there is a folder.
    pub fn text(&self, dir: Option<&Path>) -> Result<Option<String>, Failure> {
        Ok(dir.map(|dir| self.read(dir)).transpose()?.map(|(_, text)| text))
    }

    /// The name of what is in a folder, and its text as it was written.
    fn read(&self, dir: &Path) -> Result<(String, String), Failure> {
        let Kind { what, command, .. } = self;
        let path = dir.join(self.file);
        let wrong = |why: String| {
            Failure::World(format!("`{}` {why}: make one with `{command} {}`", path.display(), dir.display()))
        };
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(format!("cannot be read ({error})")))?;
        let not_one = |error: serde_json::Error| wrong(format!("is not what a {what} wrote ({error})"));
        let value: Value = serde_json::from_str(&text).map_err(not_one)?;
        match value.get("format").and_then(Value::as_u64) {
            Some(format) if format == u64::from(self.format) => {}
            Some(format) => {
                return Err(wrong(format!("was made by another version (format {format}, not {})", self.format)));
            }
            None => return Err(wrong(format!("is not what a {what} of this version wrote"))),
        }
        Ok(((self.name)(value).map_err(not_one)?, text))
    }
}
