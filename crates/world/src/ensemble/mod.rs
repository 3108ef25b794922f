//! The folder of an ensemble: a plan that stands alone, the parts that shards write, and what is merged from them.
//!
//! ```text
//! plan.json        what is run, in how many shards
//! spec.toml        the spec, as it was given
//! model/           the model: whoever runs a shard needs this folder and nothing else
//! scenario.toml    the scenario as one file; absent where there are no measures
//! parts/part-000000.parquet ...
//! samples.parquet, demands.parquet, ensemble.json
//! ```
//!
//! A shard may run anywhere, at any time, and again: a part is written beside its place and then put there, and one that is
//! there and whole is left alone.

mod merge;
mod part;
mod summary;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coercivity_engine::ensemble::Ensemble;
use coercivity_engine::ensemble::sample::{Found, Kept, Runner};
use coercivity_engine::ensemble::spec::{Spec, read_spec};
use coercivity_engine::solve::{Settings, Stop};
use coercivity_model::edit::edited;
use coercivity_model::hex::hex;
use coercivity_model::write::files_of;
use coercivity_model::{Files, Model, Report, read_model};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::find::{model_of, scenario_of};
use crate::{REFERENCE, World, write_file};
pub use merge::{Merged, Rows, Totals};

const PLAN: &str = "plan.json";
const SPEC: &str = "spec.toml";
const MODEL: &str = "model";
const SCENARIO: &str = "scenario.toml";
const PARTS: &str = "parts";

/// Samples that a plan tries, to see whether runs are to go on from one another.
const PILOT: usize = 8;

/// Samples of a shard unless a plan says otherwise.
pub const SHARD: usize = 64;

/// Why something cannot be done.
#[derive(Debug)]
pub enum Trouble {
    /// The input is wrong.
    Input(Box<Report>),
    /// Something in the world failed, or is not as it must be: what, and what would help.
    World(String),
}

impl From<Report> for Trouble {
    fn from(report: Report) -> Trouble {
        Trouble::Input(Box::new(report))
    }
}

fn cannot(what: &str, path: &Path, error: impl std::fmt::Display) -> Trouble {
    Trouble::World(format!("cannot {what} `{}`: {error}", path.display()))
}

/// What is run, and how. The same for whoever runs a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub name: String,
    /// Of the program, the spec, the model and the scenario.
    pub ensemble: String,
    pub version: String,
    pub samples: usize,
    pub shard_size: usize,
    pub shards: usize,
    /// Whether runs go on from the basis of a like one, as most did in the pilot.
    pub go_on: bool,
    pub pilot: Pilot,
    /// As given; `None` = the reference model.
    pub model: Option<String>,
    /// Of the model as it was read.
    pub model_hash: String,
    /// As given, or the model's own default.
    pub scenario: Option<String>,
}

/// What was tried first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pilot {
    pub samples: usize,
    /// Programs that were solved, and how many of them from a basis, in so few steps as are allowed.
    pub plans: usize,
    pub went_on: usize,
}

/// A spec with what it names, before there is a folder.
pub struct Source {
    spec_text: String,
    model: Model,
    model_path: Option<String>,
    scenario_name: Option<String>,
    /// As one file.
    scenario: Option<String>,
    pub ensemble: Arc<Ensemble>,
}

/// An ensemble in its folder.
pub struct Folder {
    pub dir: PathBuf,
    pub plan: Plan,
    pub ensemble: Arc<Ensemble>,
    /// What the pilot found, if it was run just now.
    kept: Arc<Kept>,
}

/// What came of a shard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shard {
    pub index: usize,
    pub first: usize,
    pub samples: usize,
    pub path: String,
    /// Of the part's bytes, SHA-256.
    pub hash: String,
    /// Whether it was there already.
    pub kept: bool,
}

impl Source {
    /// Reads a spec, and the model and scenario that it names. A model given here goes before the spec's.
    pub fn read(spec_path: &str, model: Option<&str>) -> Result<Source, Trouble> {
        Source::read_as(spec_path, model, |spec| spec)
    }

    /// The same with a spec that is changed before it is used.
    pub fn read_as(spec_path: &str, model: Option<&str>, change: impl FnOnce(Spec) -> Spec) -> Result<Source, Trouble> {
        let mut report = Report::default();
        let text = read_text(spec_path)?;
        report.add_text(spec_path, text.as_str().into());
        let Some(spec) = read_spec(spec_path, &text, &mut report) else { return Err(report.into()) };
        let spec = change(spec);
        let model_path = model_of(spec_path, spec.model.as_deref(), model);
        let folder = model_path.as_deref().unwrap_or(REFERENCE);
        let Some(model) = read_model(&World, folder, &mut report) else { return Err(report.into()) };
        let scenario_name = spec.scenario.clone().or_else(|| model.default_scenario.clone());
        let scenario = match &scenario_name {
            None => None,
            Some(name) => {
                let path = scenario_of(spec_path, &model, name, &mut report);
                let text = path.and_then(|path| edited(&World, Some(&path), &model, &[], &mut report));
                let Some(text) = text else { return Err(report.into()) };
                Some(text)
            }
        };
        let ensemble = ensemble(spec, spec_path, &model, scenario.as_deref(), &mut report);
        let Some(ensemble) = ensemble else { return Err(report.into()) };
        Ok(Source { spec_text: text, model, model_path, scenario_name, scenario, ensemble })
    }

    fn hash(&self) -> String {
        hash_of(&self.spec_text, &self.model, self.scenario.as_deref())
    }
}

/// What tells an ensemble from others.
fn hash_of(spec_text: &str, model: &Model, scenario: Option<&str>) -> String {
    let mut hash = Sha256::new();
    let files = files_of(model);
    let files = files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
    let version = env!("CARGO_PKG_VERSION");
    let texts = [version.as_bytes(), spec_text.as_bytes(), scenario.unwrap_or_default().as_bytes()];
    for text in texts.into_iter().chain(files) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hex(&hash.finalize())
}

fn ensemble(
    spec: Spec,
    file: &str,
    model: &Model,
    scenario: Option<&str>,
    report: &mut Report,
) -> Option<Arc<Ensemble>> {
    Ensemble::new(spec, file, model.clone(), scenario, report).filter(|_| !report.has_errors()).map(Arc::new)
}

impl Folder {
    /// Makes the folder of an ensemble, or opens the one that is there if it is of the same ensemble, in shards as it has
    /// them. `say` is told before the pilot.
    pub fn make(source: Source, dir: &Path, shard_size: Option<usize>, say: &dyn Fn(&str)) -> Result<Folder, Trouble> {
        let made = Folder::make_unless(source, dir, shard_size, say, &|| false)?;
        Ok(made.expect("nobody stops it"))
    }

    /// The same; `None`: `stop`, which is asked often in the pilot, said so, and there is no folder.
    pub fn make_unless(
        source: Source,
        dir: &Path,
        shard_size: Option<usize>,
        say: &dyn Fn(&str),
        stop: &Stop,
    ) -> Result<Option<Folder>, Trouble> {
        let hash = source.hash();
        if dir.join(PLAN).exists() {
            let folder = Folder::open(dir)?;
            if folder.plan.ensemble != hash {
                let what = "has another ensemble, or another version of this one";
                return Err(Trouble::World(format!(
                    "`{}` {what}: choose another folder with --out, or remove it",
                    dir.display()
                )));
            }
            return Ok(Some(folder));
        }
        if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Trouble::World(format!("`{}` is there and no ensemble: choose another folder", dir.display())));
        }
        let samples = source.ensemble.design.samples();
        let size = shard_size.unwrap_or(SHARD).min(samples);
        let Some((pilot, kept)) = pilot(&source.ensemble, say, stop) else { return Ok(None) };
        let Source { spec_text, model, model_path, scenario_name, scenario, ensemble } = source;
        let plan = Plan {
            name: ensemble.spec.name.clone(),
            ensemble: hash,
            version: env!("CARGO_PKG_VERSION").to_string(),
            samples,
            shard_size: size,
            shards: samples.div_ceil(size),
            go_on: pilot.plans > 0 && 2 * pilot.went_on >= pilot.plans,
            pilot,
            model: model_path,
            model_hash: model.hash.clone(),
            scenario: scenario_name,
        };
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            let make = || std::fs::create_dir_all(path.parent().unwrap_or(dir));
            let write = make().and_then(|()| write_file(&path, |file| io::Write::write_all(file, bytes)));
            write.map_err(|error| cannot("write", &path, error))
        };
        for (name, bytes) in files_of(&model) {
            put(&format!("{MODEL}/{name}"), &bytes)?;
        }
        put(SPEC, spec_text.as_bytes())?;
        scenario.iter().try_for_each(|text| put(SCENARIO, text.as_bytes()))?;
        // Last, so that a folder with a plan is whole.
        put(PLAN, format!("{:#}\n", serde_json::json!(plan)).as_bytes())?;
        Ok(Some(Folder { dir: dir.to_path_buf(), plan, ensemble, kept }))
    }

    /// Where the folder of a spec is made unless somebody says otherwise.
    pub fn default_dir(spec_path: &str) -> PathBuf {
        Path::new("ensembles").join(Path::new(spec_path).file_stem().unwrap_or_default())
    }

    /// Opens the folder of an ensemble.
    pub fn open(dir: &Path) -> Result<Folder, Trouble> {
        let path = dir.join(PLAN);
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Trouble::World(format!("`{}` has no plan: make one with `coercivity ensemble plan`", dir.display()))
            }
            _ => cannot("read", &path, error),
        })?;
        let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| cannot("read", &path, error))?;
        if plan.version != env!("CARGO_PKG_VERSION") {
            let mine = env!("CARGO_PKG_VERSION");
            let why = format!("was made by version {} of the program, and this is {mine}", plan.version);
            return Err(Trouble::World(format!("`{}` {why}: finish it with that one", dir.display())));
        }
        let mut report = Report::default();
        let inside = |name: &str| dir.join(name).to_string_lossy().into_owned();
        let text = read_text(&inside(SPEC))?;
        report.add_text(&inside(SPEC), text.as_str().into());
        let spec = read_spec(&inside(SPEC), &text, &mut report);
        let model = read_model(&World, &inside(MODEL), &mut report);
        let scenario = match plan.scenario {
            Some(_) => Some(read_text(&inside(SCENARIO))?),
            None => None,
        };
        let (Some(spec), Some(model)) = (spec, model) else { return Err(report.into()) };
        if hash_of(&text, &model, scenario.as_deref()) != plan.ensemble {
            let what = "is not what was planned: its spec, model or scenario was changed since";
            return Err(Trouble::World(format!("`{}` {what}. Plan what is wanted in another folder", dir.display())));
        }
        let made = ensemble(spec, &inside(SPEC), &model, scenario.as_deref(), &mut report);
        let Some(ensemble) = made else { return Err(report.into()) };
        Ok(Folder { dir: dir.to_path_buf(), plan, ensemble, kept: Arc::default() })
    }

    fn part_path(&self, index: usize) -> PathBuf {
        self.dir.join(PARTS).join(format!("part-{index:06}.parquet"))
    }

    /// The samples of a shard.
    pub fn samples_of(&self, index: usize) -> std::ops::Range<usize> {
        let first = index * self.plan.shard_size;
        first..(first + self.plan.shard_size).min(self.plan.samples)
    }

    /// What stands in the metadata of a part.
    fn about(&self, index: usize) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("coercivity.ensemble", self.plan.ensemble.clone()),
            ("coercivity.shard", format!("{index} of {} with {} samples", self.plan.shards, self.plan.shard_size)),
        ])
    }

    /// The shards whose part is there and whole.
    pub fn done(&self) -> Vec<usize> {
        (0..self.plan.shards).filter(|index| part::is_whole(self, *index)).collect()
    }

    /// What runs the samples of this ensemble.
    pub fn runner(&self) -> Runner {
        Runner::new(&self.ensemble, Settings::default(), self.plan.go_on).keeping(self.kept.clone())
    }

    /// Runs a shard, unless its part is there and whole. `tell` is told how many of its samples are done. `None`: `stop`,
    /// which is asked often, said so; then nothing of the shard is kept.
    pub fn run(
        &self,
        runner: &Runner,
        index: usize,
        tell: &(dyn Fn(usize) + Sync),
        stop: &Stop,
    ) -> Result<Option<Shard>, Trouble> {
        let samples = self.samples_of(index);
        if let Some(kept) = self.part(index)? {
            tell(samples.len());
            return Ok(Some(kept));
        }
        let Some(records) = runner.run(&samples.collect::<Vec<_>>(), tell, stop) else { return Ok(None) };
        part::write(self, index, &records)?;
        match self.part(index)? {
            Some(part) => Ok(Some(Shard { kept: false, ..part })),
            None => Err(cannot("read", &self.part_path(index), "it is not what was just written")),
        }
    }

    /// The part of a shard as it is; `None` = not there, broken, or of another plan.
    pub fn part(&self, index: usize) -> Result<Option<Shard>, Trouble> {
        if index >= self.plan.shards {
            let why = format!("there is no shard {index}: the plan has {}, from 0 on", self.plan.shards);
            return Err(Trouble::World(why));
        }
        if !part::is_whole(self, index) {
            return Ok(None);
        }
        let (samples, path) = (self.samples_of(index), self.part_path(index));
        let bytes = std::fs::read(&path).map_err(|error| cannot("read", &path, error))?;
        let path = path.to_string_lossy().into_owned();
        let hash = hex(&Sha256::digest(bytes));
        Ok(Some(Shard { index, first: samples.start, samples: samples.len(), path, hash, kept: true }))
    }
}

/// Runs the first samples from an anchor. Steps are counted, not timed, so that every machine comes to the same plan.
/// What is found is kept for the run itself.
fn pilot(ensemble: &Arc<Ensemble>, say: &dyn Fn(&str), stop: &Stop) -> Option<(Pilot, Arc<Kept>)> {
    let samples: Vec<usize> = (0..ensemble.design.samples().min(PILOT)).collect();
    say(&format!("trying {} samples", samples.len()));
    let kept = Arc::new(Kept::default());
    let runner = Runner::new(ensemble, Settings::default(), true).keeping(kept.clone());
    let records = runner.run(&samples, &|_| (), stop)?;
    kept.keep(&records);
    let mut pilot = Pilot { samples: samples.len(), ..Pilot::default() };
    for record in &records {
        if let Found::Optimal(figures) = &*record.outcome {
            pilot.plans += figures.plans;
            pilot.went_on += figures.went_on;
        }
    }
    Some((pilot, kept))
}

fn read_text(path: &str) -> Result<String, Trouble> {
    let bytes = World.read(path).map_err(|error| cannot("read", Path::new(path), error))?;
    String::from_utf8(bytes).map_err(|_| Trouble::World(format!("`{path}` is not UTF-8 text")))
}
