//! Shared by the integration tests: cases as Markdown files, and running them in memory.

#![allow(dead_code)] // Each test binary uses its own part.

use std::io;
use std::path::{Path, PathBuf};

use coercivity_engine::program::mps::{self, Names};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::Settings;
use coercivity_engine::{Foresight, Outcome, run};
use coercivity_model::{Files, MemoryFiles, Model, Report, Scenario, read_model, read_scenario};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of the workspace.
pub struct Disk(pub PathBuf);

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Every file below a folder with this extension, sorted.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A case: the files of a model under `m/`, scenarios under `m/`, and what to expect.
pub struct Case {
    pub path: PathBuf,
    pub files: MemoryFiles,
    pub expectations: Vec<toml::Table>,
}

impl Case {
    /// Reads the fenced blocks of a Markdown file: "```csv lanes.csv" and "```toml expect".
    pub fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).unwrap();
        let mut case = Case { path: path.to_path_buf(), files: MemoryFiles::default(), expectations: Vec::new() };
        let mut block: Option<(String, String)> = None;
        for line in text.lines() {
            match (&mut block, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    let name = info.split_whitespace().nth(1).unwrap_or("").to_string();
                    block = Some((name, String::new()));
                }
                (Some(_), Some(_)) => {
                    let (name, body) = block.take().unwrap();
                    if name == "expect" {
                        let table = body.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                        case.expectations.push(table);
                    } else if !name.is_empty() {
                        case.files.insert(&format!("m/{name}"), body);
                    }
                }
                (Some((_, body)), None) => {
                    body.push_str(line);
                    body.push('\n');
                }
                (None, None) => {}
            }
        }
        case
    }

    /// The scenario that an expectation speaks of.
    pub fn scenario_name(&self, expectation: &toml::Table) -> Option<String> {
        let named = expectation.get("scenario").map(|s| s.as_str().unwrap().to_string());
        named.or_else(|| self.files.0.contains_key("m/scenario.toml").then(|| "scenario.toml".to_string()))
    }

    /// Reads the model and a scenario (none = no measures).
    pub fn input(&self, scenario: Option<&str>) -> Result<(Model, Scenario), Report> {
        let mut report = Report::default();
        let Some(model) = read_model(&self.files, "m", &mut report) else { return Err(report) };
        let scenario = match scenario {
            None => Some(Scenario::default()),
            Some(name) => read_scenario(&self.files, &format!("m/{name}"), &model, &mut report),
        };
        scenario.map(|s| (model, s)).ok_or(report)
    }
}

/// Runs quietly.
pub fn outcome(model: &Model, scenario: &Scenario, foresight: Foresight, prune: bool) -> Outcome {
    let setup = Setup { prune, ..Setup::quiet(foresight, Settings::default()) };
    run(model, scenario, &setup).unwrap_or_else(|e| panic!("{e}"))
}

/// A run with perfect foresight, and its program as it is exported.
pub struct Exported {
    pub outcome: Outcome,
    pub mps: String,
    pub row_names: Vec<String>,
    pub column_names: Vec<String>,
}

impl Exported {
    pub fn new(model: &Model, scenario: &Scenario) -> Exported {
        let outcome = outcome(model, scenario, Foresight::Perfect, true);
        let names = Names { model, scenario, tags: &outcome.tags, space: &outcome.space };
        let program = &outcome.plans[0].program;
        let mps = mps::write(program, &names);
        let row_names = program.rows.iter().map(|row| names.row(*row)).collect();
        let column_names = program.columns.iter().map(|column| names.column(*column)).collect();
        Exported { mps, row_names, column_names, outcome }
    }
}

/// Whether two figures agree to 1e-6, relative, or absolute near 0.
pub fn agree(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0)
}
