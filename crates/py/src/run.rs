//! `run`: hands a model to the engine without holding Python's lock, and makes what comes out Python's.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use coercivity_engine::node::{Loss, Node};
use coercivity_engine::results::summary::Summary;
use coercivity_engine::results::tables::tables;
use coercivity_engine::run::Setup;
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_engine::{Foresight, Progress, Stage};
use coercivity_model::Report;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{input_error, solve_error};
use crate::model::{Model, unknown};
use crate::scenario::Scenario;
use crate::table::Table;

/// How often a run looks whether Ctrl-C was pressed.
pub const LOOK: Duration = Duration::from_millis(50);

/// What a run found.
#[pyclass(module = "coercivity", name = "Result", frozen)]
pub struct RunResult {
    /// The figures of `summary.json`. Lists by demand have a number a step, in the demand's unit.
    ///
    /// `command` is empty and `seconds` has no reading and writing: what gives these figures again is the call.
    #[pyo3(get)]
    summary: Py<PyAny>,
    /// Total cost, discounted, in the model's currency.
    #[pyo3(get)]
    objective: f64,
    tables: Vec<(&'static str, Py<Table>)>,
    text: String,
}

#[pymethods]
impl RunResult {
    /// Names of the tables: demand, options, sites, flows, stocks, prices, and observations if the model has any.
    #[getter]
    fn tables(&self) -> Vec<&'static str> {
        self.tables.iter().map(|(name, _)| *name).collect()
    }

    /// A table of results, as `coercivity run` writes it. Raises KeyError where there is no such table.
    fn table(&self, py: Python, name: &str) -> PyResult<Py<Table>> {
        let found = self.tables.iter().find(|(table, _)| *table == name);
        found.map(|(_, table)| table.clone_ref(py)).ok_or_else(|| unknown("table", name, &self.tables()))
    }

    fn __repr__(&self) -> &str {
        &self.text
    }
}

/// Tells Python how far a run is, and ends it on Ctrl-C or when telling fails.
struct Watch {
    progress: Option<Py<PyAny>>,
    looked: Mutex<Instant>,
    /// Why the run shall end.
    raised: Mutex<Option<PyErr>>,
}

impl Watch {
    fn new(progress: Option<Py<PyAny>>) -> Watch {
        Watch { progress, looked: Mutex::new(Instant::now()), raised: Mutex::new(None) }
    }

    fn raise(&self, error: PyErr) {
        self.raised.lock().expect("nothing panics with it").get_or_insert(error);
    }

    fn raised(self) -> Option<PyErr> {
        self.raised.into_inner().expect("nothing panics with it")
    }
}

impl Progress for Watch {
    fn stage(&self, stage: Stage) {
        let Some(progress) = &self.progress else { return };
        let told = match stage {
            Stage::Building { plan, plans } => ("building", plan, plans),
            Stage::Solving { plan, plans, .. } => ("solving", plan, plans),
        };
        if let Err(error) = Python::attach(|py| progress.call1(py, told)) {
            self.raise(error);
        }
    }

    fn stop(&self) -> bool {
        if self.raised.lock().expect("nothing panics with it").is_some() {
            return true;
        }
        {
            let mut looked = self.looked.lock().expect("nothing panics with it");
            if looked.elapsed() < LOOK {
                return false;
            }
            *looked = Instant::now();
        }
        // Python hands signals to its main thread only; elsewhere this finds none.
        match Python::attach(|py| py.check_signals()) {
            Ok(()) => false,
            Err(error) => {
                self.raise(error);
                true
            }
        }
    }
}

/// Runs a model under a scenario: the plans of least discounted cost, as `coercivity run` computes them.
///
/// `scenario`: a scenario, or the name or path of one; `None` = the model's default, else no measures. `foresight`:
/// plans made anew whenever something is announced, or one that knows everything. `without`: a node that is lost from
/// the first step on, such as `sep-lynas`, `CHN:oxide` or `mag-h:CHN>USA`. `progress` is called with "building" or
/// "solving", the plan, and how many there are; what it raises ends the run.
///
/// Other threads go on meanwhile. Ctrl-C ends the run with KeyboardInterrupt, and nothing of it goes on.
///
/// Raises InputError (scenario, node), SolveError.
#[pyfunction]
#[pyo3(signature = (model, scenario=None, *, foresight="announced", without=None, progress=None))]
pub fn run(
    py: Python,
    model: &Model,
    scenario: Option<&Bound<PyAny>>,
    foresight: &str,
    without: Option<&str>,
    progress: Option<Py<PyAny>>,
) -> PyResult<RunResult> {
    let foresight = match foresight {
        "announced" => Foresight::Announced,
        "perfect" => Foresight::Perfect,
        other => {
            let message = format!("foresight is 'announced' or 'perfect', not '{other}'");
            return Err(PyValueError::new_err(message));
        }
    };
    let scenario = Scenario::asked(py, model, scenario)?.scenario;
    let model = &model.0.model;
    let without = without.map(|node| loss(py, model, node)).transpose()?;
    let watch = Watch::new(progress);
    let clock = Instant::now();
    let found = py.detach(|| {
        let seconds = || clock.elapsed().as_secs_f64();
        let settings = Settings::default();
        let setup = Setup { foresight, settings, prune: true, without, near: None, clock: &seconds, progress: &watch };
        let outcome = coercivity_engine::run(model, &scenario, &setup)?;
        let summary = Summary::new(model, &scenario, &outcome, String::new());
        let batches = tables(model, &scenario, &outcome).into_iter().map(|table| Ok((table.name, table.batch()?)));
        Ok((summary, batches.collect::<std::io::Result<Vec<_>>>()))
    });
    if let Some(error) = watch.raised() {
        return Err(error);
    }
    let (summary, batches) = found.map_err(|why: SolveError| {
        let known = known(py, model, &scenario, foresight);
        known.map_or_else(|error| error, |known| solve_error(py, &why, known))
    })?;
    let batches = batches.map_err(|error| PyRuntimeError::new_err(format!("cannot lay out the tables: {error}")))?;
    let text = serde_json::to_string(&summary).expect("a summary is plain data");
    let tables = batches.into_iter().map(|(name, batch)| Ok((name, Py::new(py, Table::new(name, batch))?)));
    Ok(RunResult {
        summary: py.import("json")?.call_method1("loads", (text,))?.unbind(),
        objective: summary.objective,
        tables: tables.collect::<PyResult<_>>()?,
        text: format!(
            "<Result {} · {}: total cost {:.6e} {}>",
            model.name, scenario.name, summary.objective, model.currency
        ),
    })
}

/// A node that is lost from the first step on.
fn loss(py: Python, model: &coercivity_model::Model, node: &str) -> PyResult<Loss> {
    match Node::parse(model, node) {
        Ok(node) => Ok(Loss { node, steps: 0..model.steps() }),
        Err(problems) => {
            let mut report = Report::default();
            problems.into_iter().for_each(|problem| report.push(problem));
            Err(input_error(py, &report))
        }
    }
}

/// What is known of a run that has no figures.
fn known<'py>(
    py: Python<'py>,
    model: &coercivity_model::Model,
    scenario: &coercivity_model::Scenario,
    foresight: Foresight,
) -> PyResult<Bound<'py, PyDict>> {
    let known = PyDict::new(py);
    for (key, text) in [
        ("model", model.name.as_str()),
        ("scenario", &scenario.name),
        ("foresight", foresight.name()),
        ("model_hash", &model.hash),
        ("scenario_hash", &scenario.hash),
    ] {
        known.set_item(key, text)?;
    }
    Ok(known)
}
