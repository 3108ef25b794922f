//! Reading a bargain: its spec, its model, its scenario and the samples that it draws; and what its runs found, kept on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use coercivity_engine::bargain::runs::Keep;
use coercivity_engine::bargain::spec::{Draws, read_spec};
use coercivity_engine::bargain::whole::Bargain;
use coercivity_engine::ensemble::spec::Spec as EnsembleSpec;
use coercivity_engine::run::Foresight;
use coercivity_model::files::{join, parent};
use coercivity_model::hex::hex;
use coercivity_model::{Files, Report, read_model, read_scenario};
use sha2::{Digest, Sha256};

use crate::ensemble::{Source, Trouble};
use crate::find::{model_of, scenario_of};
use crate::{REFERENCE, World, write_file};

/// Windows of bargains that are kept; of more, those that were used longest ago go.
const KEPT: usize = 256;

/// A bargain, and what it draws.
pub struct BargainSource {
    pub bargain: Bargain,
    /// The same bargain about other figures.
    pub samples: Vec<Bargain>,
    /// Warnings.
    pub report: Report,
}

impl BargainSource {
    /// Reads a spec and all that it names. A model given here goes before the spec's.
    pub fn read(path: &str, model: Option<&str>) -> Result<BargainSource, Trouble> {
        let mut report = Report::default();
        let text = World.read(path).map_err(|error| Trouble::World(format!("cannot read `{path}`: {error}")))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        report.add_text(path, text.as_str().into());
        let Some(spec) = read_spec(path, &text, &mut report) else { return Err(report.into()) };
        let model_path = model_of(path, spec.model.as_deref(), model);
        let Some(model) = read_model(&World, model_path.as_deref().unwrap_or(REFERENCE), &mut report) else {
            return Err(report.into());
        };
        let scenario_path = scenario_of(path, &model, &spec.scenario.0, &mut report);
        let scenario = scenario_path.as_deref().and_then(|path| read_scenario(&World, path, &model, &mut report));
        let (Some(scenario), Some(scenario_path)) = (scenario, scenario_path) else { return Err(report.into()) };
        let draws = spec.draws.clone();
        let bargain = Bargain::new(spec, path, model, scenario, &mut report);
        let Some(bargain) = bargain.filter(|_| !report.has_errors()) else { return Err(report.into()) };
        let samples = match &draws {
            Some(draws) => samples(&bargain, draws, path, model_path.as_deref(), scenario_path)?,
            None => Vec::new(),
        };
        Ok(BargainSource { bargain, samples, report })
    }
}

/// The bargain about the samples of an ensemble, all of it but the inputs being as the bargain says.
fn samples(
    bargain: &Bargain,
    draws: &Draws,
    path: &str,
    model: Option<&str>,
    scenario: String,
) -> Result<Vec<Bargain>, Trouble> {
    let change = |found: EnsembleSpec| EnsembleSpec {
        scenario: Some(scenario),
        samples: draws.samples,
        seed: draws.seed.unwrap_or(found.seed),
        steps: None,
        foresight: Foresight::Perfect,
        indices: false,
        ..found
    };
    let source = Source::read_as(&join(parent(path), &draws.ensemble.0), model, change)?;
    let sample = |n: usize| {
        let (model, scenario) = source.ensemble.with(&source.ensemble.draw(n))?;
        Ok(bargain.with(model, scenario))
    };
    Ok((0..draws.samples).map(sample).collect::<Result<_, Report>>()?)
}

/// What runs found, in a folder: a folder for each window of a bargain, a file for each program. A file is whole or counts as
/// not there: its first line is the SHA-256 of the rest.
pub struct Kept {
    folder: PathBuf,
    /// Why something could not be kept, the first time.
    trouble: Mutex<Option<String>>,
}

impl Kept {
    /// In a folder, which is made if it is not there.
    pub fn open(folder: &Path) -> Result<Kept, Trouble> {
        let cannot = |error: io::Error| {
            let remedy = "choose another folder with --cache";
            Trouble::World(format!("cannot keep what is found in `{}`: {error}; {remedy}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(cannot)?;
        let kept = Kept { folder: folder.to_path_buf(), trouble: Mutex::default() };
        kept.forget_oldest().map_err(cannot)?;
        Ok(kept)
    }

    /// Why something that was found is not kept.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().expect("nobody panics with it").clone()
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut windows: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let used = entry.metadata().and_then(|meta| meta.modified());
                windows.push((used.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
            }
        }
        windows.sort();
        let too_many = windows.len().saturating_sub(KEPT);
        windows.iter().take(too_many).try_for_each(|(_, folder)| fs::remove_dir_all(folder))
    }
}

impl Keep for Kept {
    fn find(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.folder.join(name)).ok()?;
        let (hash, text) = text.split_once('\n')?;
        (hash == hash_of(text)).then(|| text.to_string())
    }

    fn keep(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            write_file(&path, |file| io::Write::write_all(file, format!("{}\n{text}", hash_of(text)).as_bytes()))
        };
        if let Err(error) = write() {
            let mut trouble = self.trouble.lock().expect("nobody panics with it");
            trouble.get_or_insert_with(|| format!("`{}` could not be kept: {error}", path.display()));
        }
    }
}

fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text))
}
