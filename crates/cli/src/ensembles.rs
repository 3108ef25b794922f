//! Ensembles for the page: folders that are opened when the server starts, and asked when somebody looks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use coercivity_engine::ensemble::summary::Question;
use coercivity_engine::results::headline::read_steps;
use coercivity_model::{Date, Report};
use coercivity_web::ensembles::{About, Asked, Ensemble, Refused};
use coercivity_world::ensemble::{Folder, Trouble};
use serde_json::Value;

use crate::summarize::{ALPHA, CONFIDENCE, to_json};
use crate::{Failure, asked};

struct Opened {
    id: String,
    folder: Folder,
}

/// Opens folders. One that is not merged, or of another version, is an error.
pub fn open(dirs: &[PathBuf]) -> Result<Vec<Arc<dyn Ensemble>>, Failure> {
    let mut all: Vec<Arc<dyn Ensemble>> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for dir in dirs {
        let folder = Folder::open(dir)?;
        folder.merged()?;
        all.push(Arc::new(Opened { id: free_id(dir, "ensemble", &mut ids), folder }));
    }
    Ok(all)
}

/// What names a folder in requests: the last part of its path, with a number where that is taken. `/` has none.
pub fn free_id(dir: &Path, otherwise: &str, taken: &mut Vec<String>) -> String {
    // As it was meant: `.` has no last part.
    let path = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    let name = path.file_name().map_or(otherwise.to_string(), |name| name.to_string_lossy().into_owned());
    let mut names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
    let id = names.find(|id| !taken.contains(id)).expect("there are numbers enough");
    taken.push(id.clone());
    id
}

impl Ensemble for Opened {
    fn about(&self) -> About {
        let ensemble = &self.folder.ensemble;
        let model = &ensemble.model;
        let asked = |demand: &coercivity_model::model::Demand| Asked {
            id: demand.id.clone(),
            name: demand.name.clone(),
            unit: demand.unit.clone(),
        };
        About {
            id: self.id.clone(),
            name: self.folder.plan.name.clone(),
            samples: self.folder.plan.samples,
            model: model.name.clone(),
            scenario: ensemble.scenario.name.clone(),
            foresight: ensemble.spec.foresight.name(),
            currency: model.currency.clone(),
            demands: model.demands.iter().map(asked).collect(),
            start: model.calendar.first_day(0),
            end: model.calendar.first_day(read_steps(model)),
        }
    }

    fn summary(&self, demand: Option<&str>, by: Option<Date>) -> Result<Value, Refused> {
        let mut report = Report::default();
        let demand = demand.map(|id| asked::demand(&self.folder.ensemble.model, id, &mut report));
        if report.has_errors() {
            return Err(Refused::Question(Box::new(report)));
        }
        let question = Question { demand: demand.flatten(), by, confidence: CONFIDENCE, alpha: ALPHA };
        match self.folder.summarize(question) {
            Ok(found) => Ok(to_json(&self.folder, &found)),
            Err(Trouble::Input(report)) => Err(Refused::Question(report)),
            Err(Trouble::World(why)) => Err(Refused::Unread(why)),
        }
    }
}
