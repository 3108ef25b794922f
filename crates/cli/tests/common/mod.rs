//! A tiny valid model that tests change, and the program run on it in a folder of its own.

#![allow(dead_code)] // each test binary uses its own part

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use coercivity_model::{Code, MemoryFiles};
use tempfile::TempDir;

pub const MODEL_TOML: &str = r#"format = 1
name = "Two regions"
start = 2025-01-01
step = "month"
steps = 4
discount_rate = 0.05
"#;

/// Ore is dug in AAA and made into metal there; BBB needs the metal.
pub const TABLES: &[(&str, &str)] = &[
    ("regions.csv", "id,groups\nAAA,east\nBBB,west\nCCC,west\n"),
    ("products.csv", "id,unit,stage,price,groups\nore,t,ore,10,\nmetal,t,metal,100,metals\n"),
    ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,metal,1\n"),
    ("sites.csv", "id,process,region,capacity,cost\nmine,dig,AAA,240,5\nsmelter,smelt,AAA,120,20\n"),
    ("lanes.csv", "product,from,to,lead_days,cost,flow\nmetal,AAA,BBB,30,2,120\n"),
    ("demands.csv", "id,region,amount,value\nneed,BBB,120,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,metal,1\n"),
    ("stocks.csv", "region,product,initial,holding_cost,kind\nBBB,metal,5,12,commercial\nBBB,metal,8,12,strategic\n"),
];

pub const CUT_TOML: &str = r#"name = "Cut off"

[[measure]]
id = "ban"
kind = "export-control"
by = "AAA"
on = "metal"

[[measure]]
id = "reserve"
kind = "release"
region = "BBB"
products = "metal"

[[truce]]
id = "pause"
suspends = "ban"
from = 2025-02-01
until = 2025-03-01
extensions = [{ until = 2025-04-01 }]
"#;

/// The files of a model folder and its scenarios, by their paths in the folder.
#[derive(Clone)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn tiny() -> Files {
        let mut files = Files(BTreeMap::new());
        files.put("model.toml", MODEL_TOML);
        TABLES.iter().for_each(|(name, text)| files.put(name, text));
        files.put("scenarios/cut.toml", CUT_TOML);
        files
    }

    pub fn put(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_string(), text.as_bytes().to_vec());
    }

    pub fn remove(&mut self, name: &str) {
        assert!(self.0.remove(name).is_some(), "no file {name}");
    }

    /// Replaces the one place where `old` stands.
    pub fn edit(&mut self, name: &str, old: &str, new: &str) {
        let text = String::from_utf8(self.0[name].clone()).unwrap();
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {name}");
        self.put(name, &text.replacen(old, new, 1));
    }

    /// Adds lines at the end of a file.
    pub fn add(&mut self, name: &str, lines: &str) {
        self.0.get_mut(name).unwrap().extend_from_slice(lines.as_bytes());
    }

    /// In memory, as a folder `m`.
    pub fn in_memory(&self) -> MemoryFiles {
        MemoryFiles(self.0.iter().map(|(name, bytes)| (format!("m/{name}"), bytes.clone())).collect())
    }

    pub fn write(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// A working folder with a model in `m`, in which the program runs: every path that it prints is
/// relative to it.
pub struct World(pub TempDir);

/// What a run of the program gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new(files: &Files) -> World {
        let world = World(tempfile::tempdir().unwrap());
        files.write(&world.path("m"));
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coercivity"));
        command.args(args).current_dir(self.0.path()).env("COLUMNS", "100").env_remove("RUST_BACKTRACE");
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        ran(self.command(args).output().unwrap())
    }

    /// Runs and holds that all went well.
    pub fn ok(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        ran
    }

    /// Every file below the working folder with its contents, hidden ones too.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        contents(self.0.path())
    }
}

pub fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("ended by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Files below a folder by relative path; empty folders appear with a `/` at the end.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        let mut empty = true;
        for entry in std::fs::read_dir(folder).unwrap() {
            empty = false;
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                below(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
        if empty {
            found.insert(prefix.to_string(), Vec::new());
        }
    }
    let mut found = BTreeMap::new();
    below(folder, "", &mut found);
    found
}

/// The files of a folder of results; `summary.json` without what the clock says.
pub fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = contents(folder);
    if let Some(bytes) = files.get_mut("summary.json") {
        let mut summary: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        summary.as_object_mut().unwrap().remove("seconds").expect("seconds");
        *bytes = summary.to_string().into_bytes();
    }
    files
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Codes of what only `data --check` says; `commands.rs` has its case.
pub const DATA_CODES: &[Code] = &[Code::NoSource, Code::NoRange];

/// Codes of what only a bill of materials or a rule can have wrong; `comply.rs` has their cases.
pub const COMPLY_CODES: &[Code] = &[
    Code::UnknownCountry,
    Code::OverlappingDates,
    Code::FormulaCell,
    Code::AboveWhole,
    Code::MissingCurrency,
    Code::PartsLoop,
    Code::Contradiction,
    Code::UnknownMaterial,
];

/// A small generator of numbers, the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % n.max(1)
    }
}

const PIECES: &[&str] = &[
    "\"",
    ",",
    ";",
    "\n",
    "\r",
    "*",
    "-",
    "é",
    "\u{feff}",
    "\0",
    "[",
    "]",
    "{",
    "=",
    "'''",
    "#",
    ".",
    "1e308",
    "1e-308",
    "-0",
    "9999-12-31",
    "-009999-01-01",
    "0000-01-01",
    "99999999999999999999",
    "0x10",
    "1_0",
    "NaN",
    " ",
    "\t",
    "\u{202e}",
];

/// One of a few kinds of damage, at a place that the dice choose.
pub fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
        2 if at < bytes.len() => bytes[at] = b' ' + dice.below(95) as u8,
        3 => {
            let end = (at + dice.below(20)).min(bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            let end = (at + dice.below(40)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let to = dice.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        _ => {
            let piece = PIECES[dice.below(PIECES.len())];
            bytes.splice(at..at, piece.bytes());
        }
    }
}
