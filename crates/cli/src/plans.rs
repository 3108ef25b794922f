//! Plans for the page and the report: folders that `coercivity plan --out` wrote, read when the program starts.

use std::path::{Path, PathBuf};

use coercivity_engine::plan::answer::{Answer, FORMAT};
use coercivity_web::plans::Found;
use serde_json::Value;

use crate::Failure;
use crate::ensembles::free_id;

/// Reads folders. One without a plan, or of another version, is an error.
pub fn open(dirs: &[PathBuf]) -> Result<Vec<Found>, Failure> {
    let mut ids: Vec<String> = Vec::new();
    let read_one = |dir: &PathBuf| {
        let (name, text) = read(dir)?;
        Ok(Found { id: free_id(dir, "plan", &mut ids), name, text: text.into() })
    };
    dirs.iter().map(read_one).collect()
}

/// The name of a plan, and what it found as it was written.
pub fn read(dir: &Path) -> Result<(String, String), Failure> {
    let path = dir.join("plan.json");
    let wrong = |why: String| {
        let remedy = format!("make one with `coercivity plan SPEC --out {}`", dir.display());
        Failure::World(format!("`{}` {why}: {remedy}", path.display()))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(format!("cannot be read ({error})")))?;
    let value: Value =
        serde_json::from_str(&text).map_err(|error| wrong(format!("is not what a plan wrote ({error})")))?;
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => return Err(wrong(format!("was made by another version (format {format}, not {FORMAT})"))),
        None => return Err(wrong("is not what a plan of this version wrote".to_string())),
    }
    let answer: Answer =
        serde_json::from_value(value).map_err(|error| wrong(format!("is not what a plan wrote ({error})")))?;
    Ok((answer.name, text))
}
