//! `Scenario`: where it is from, the edits since, and what both come to for a model.

use std::sync::Arc;

use coercivity_model::edit::{Edit, edited, read_edited};
use coercivity_model::{Diagnostic as Found, Report, read_scenario};
use coercivity_world::scenario_path;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt};
use serde_json::Value as Json;

use crate::error::{Diagnostic, diagnostics, input_error, warnings};
use crate::model::{Model, Read};

/// Where a scenario is from, before any edit.
#[derive(Clone)]
enum Origin {
    /// The chain without measures.
    Nothing,
    /// A name or path, as given.
    Named(String),
    Text(String),
}

/// Measures and truces, read for a model. It never changes: an edit gives another one.
///
/// Run with another model, it is read for that one.
#[pyclass(module = "coercivity", frozen)]
#[derive(Clone)]
pub struct Scenario {
    model: Arc<Read>,
    origin: Origin,
    /// At most one for each measure or truce.
    edits: Vec<Edit>,
    pub scenario: coercivity_model::Scenario,
    text: String,
    warnings: Vec<Found>,
}

impl Scenario {
    fn build(py: Python, model: &Arc<Read>, origin: Origin, edits: Vec<Edit>) -> PyResult<Scenario> {
        let mut report = Report::default();
        match read(model, &origin, &edits, &mut report) {
            Some((scenario, text)) => {
                let warnings = warnings(&report);
                Ok(Scenario { model: model.clone(), origin, edits, scenario, text, warnings })
            }
            None => Err(input_error(py, &report)),
        }
    }

    /// What a run asks for: a scenario, a name or path, or the model's default (none: no measures).
    pub fn asked(py: Python, model: &Model, asked: Option<&Bound<PyAny>>) -> PyResult<Scenario> {
        let default = || model.0.model.default_scenario.clone().map_or(Origin::Nothing, Origin::Named);
        let Some(asked) = asked else { return Scenario::build(py, &model.0, default(), Vec::new()) };
        if let Ok(scenario) = asked.cast::<Scenario>() {
            return scenario.get().of(py, model);
        }
        Scenario::build(py, &model.0, Origin::Named(asked.extract()?), Vec::new())
    }

    /// The same scenario for a model that may be another one: what its names stand for is looked up anew.
    fn of(&self, py: Python, model: &Model) -> PyResult<Scenario> {
        if Arc::ptr_eq(&self.model, &model.0) {
            return Ok(self.clone());
        }
        Scenario::build(py, &model.0, self.origin.clone(), self.edits.clone())
    }
}

/// A scenario and its text as one file; `None` if the report has errors.
fn read(
    of: &Read,
    origin: &Origin,
    edits: &[Edit],
    report: &mut Report,
) -> Option<(coercivity_model::Scenario, String)> {
    let Read { model, sources, .. } = of;
    let (files, path) = match origin {
        Origin::Nothing => (sources.clone(), None),
        Origin::Named(name) => (sources.clone(), Some(scenario_path(sources, model, name, report)?)),
        Origin::Text(text) => (sources.with_file(TEXT, text), Some(TEXT.to_string())),
    };
    let text = edited(&files, path.as_deref(), model, edits, report)?;
    let scenario = match &path {
        None if edits.is_empty() => Some(coercivity_model::Scenario::no_measures()),
        Some(path) if edits.is_empty() => read_scenario(&files, path, model, report),
        _ => read_edited(&text, model, report),
    };
    Some((scenario?, text))
}

/// The file that problems of a scenario given as text are in.
const TEXT: &str = "scenario.toml";

#[pymethods]
impl Scenario {
    /// Reads one of the model's own scenarios by name, else the file of that path. Raises InputError.
    ///
    /// A model that was read from texts knows the files given with it, and those of the reference model.
    #[staticmethod]
    fn load(py: Python, model: &Model, name: String) -> PyResult<Scenario> {
        Scenario::build(py, &model.0, Origin::Named(name), Vec::new())
    }

    /// Reads a scenario from the text of a scenario file. Raises InputError.
    #[staticmethod]
    fn read(py: Python, model: &Model, text: String) -> PyResult<Scenario> {
        Scenario::build(py, &model.0, Origin::Text(text), Vec::new())
    }

    /// The scenario with one measure or truce changed: left out (`off`), or with other values of its keys.
    ///
    /// Keys are those of the scenario file: dates (`from` is a word of Python: write `**{"from": day}`) and
    /// the measure's figures, in the units of the format. `None` takes away the `until` of a measure (no end) or the
    /// `rate` of a release (no limit). Edits of one id add up; `off` is as last said.
    ///
    /// Raises InputError with the keys that there are.
    #[pyo3(signature = (id, *, off=false, **keys))]
    fn edit(&self, py: Python, id: &str, off: bool, keys: Option<&Bound<PyDict>>) -> PyResult<Scenario> {
        let mut edits = self.edits.clone();
        let at = edits.iter().position(|edit| edit.id == id).unwrap_or_else(|| {
            edits.push(Edit { id: id.to_string(), ..Edit::default() });
            edits.len() - 1
        });
        edits[at].off = off;
        for (key, value) in keys.into_iter().flatten() {
            edits[at].set.insert(key.extract()?, json(&value)?);
        }
        Scenario::build(py, &self.model, self.origin.clone(), edits)
    }

    /// The name that its file gives it; with edits it says so.
    #[getter]
    fn name(&self) -> &str {
        &self.scenario.name
    }

    /// SHA-256 of the files, in hexadecimal: the `scenario_hash` of results; empty for no measures.
    #[getter]
    fn hash(&self) -> &str {
        &self.scenario.hash
    }

    /// The scenario with its edits as one file, which runs the same on the command line.
    #[getter]
    fn text(&self) -> &str {
        &self.text
    }

    /// Ids of the measures, in order.
    #[getter]
    fn measures(&self) -> Vec<&str> {
        self.scenario.measures.iter().map(|measure| measure.id.as_str()).collect()
    }

    /// Ids of the truces, in order.
    #[getter]
    fn truces(&self) -> Vec<&str> {
        self.scenario.truces.iter().map(|truce| truce.id.as_str()).collect()
    }

    /// What is odd about the scenario and stops nothing.
    #[getter]
    fn warnings(&self) -> Vec<Diagnostic> {
        diagnostics(&self.warnings)
    }

    fn __repr__(&self) -> String {
        let list = [self.measures(), self.truces()].concat();
        format!("<Scenario {}: {}>", self.scenario.name, list.join(", "))
    }
}

/// A value of a key: a number, a day (`datetime.date`, or its text), `None`. What is none of these is left to the
/// reader of edits, which says what the key takes.
fn json(value: &Bound<PyAny>) -> PyResult<Json> {
    Ok(if value.is_none() {
        Json::Null
    } else if value.is_instance_of::<PyBool>() {
        Json::Bool(value.extract()?)
    } else if value.is_instance_of::<PyInt>() {
        value.extract::<i64>().map_or_else(|_| value.extract::<f64>().map(Json::from), |n| Ok(Json::from(n)))?
    } else if value.is_instance_of::<PyFloat>() {
        Json::from(value.extract::<f64>()?)
    } else {
        Json::String(value.str()?.to_string())
    })
}
