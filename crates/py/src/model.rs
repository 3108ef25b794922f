//! `Model`: read once, never changed; an edit gives another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use coercivity_model::files::join;
use coercivity_model::names::nearest;
use coercivity_model::schema::TableName;
use coercivity_model::{Date, Diagnostic as Found, Files, Report, read_model};
use coercivity_world::{REFERENCE, World, own_scenarios};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use crate::arrow;
use crate::error::{Diagnostic, diagnostics, input_error, warnings};
use crate::sources::Sources;
use crate::table::{self, Table};

/// A model as it was read, with the files that it was read from.
pub struct Read {
    pub model: coercivity_model::Model,
    pub sources: Sources,
    warnings: Vec<Found>,
}

/// A model as it was read. It never changes: an edit gives another one.
#[pyclass(module = "coercivity", frozen)]
#[derive(Clone)]
pub struct Model(pub Arc<Read>);

impl Model {
    /// Reads the model in a folder; what is kept of its files is up to `keep`.
    fn read_from(
        py: Python,
        files: &(dyn Files + Sync),
        folder: &str,
        keep: impl FnOnce(&Report, &[String]) -> Sources,
    ) -> PyResult<Model> {
        let (model, report) = py.detach(|| {
            let mut report = Report::default();
            (read_model(files, folder, &mut report), report)
        });
        let Some(model) = model else { return Err(input_error(py, &report)) };
        let sources = keep(&report, &model.folders);
        Ok(Model(Arc::new(Read { model, sources, warnings: warnings(&report) })))
    }
}

#[pymethods]
impl Model {
    /// Reads the model in a folder; `None` = the reference model, which is part of the package.
    ///
    /// Raises InputError with all that is wrong with it.
    #[staticmethod]
    #[pyo3(signature = (path=None))]
    fn load(py: Python, path: Option<std::path::PathBuf>) -> PyResult<Model> {
        let folder = path.map_or(REFERENCE.to_string(), |path| path.to_string_lossy().into_owned());
        Model::read_from(py, &World, &folder, Sources::read)
    }

    /// Reads a model from texts by the names of their files: `model.toml`, `sites.csv`, `scenarios/a.toml`, ...
    ///
    /// It may extend `reference/magnets`, the reference model. Raises InputError.
    #[staticmethod]
    fn read(py: Python, files: BTreeMap<String, String>) -> PyResult<Model> {
        let sources = Sources::given(files);
        Model::read_from(py, &sources, ".", |_, _| sources.clone())
    }

    /// The name that `model.toml` gives it.
    #[getter]
    fn name(&self) -> &str {
        &self.0.model.name
    }

    /// SHA-256 of the tables and `model.toml`, in hexadecimal: the `model_hash` of results.
    #[getter]
    fn hash(&self) -> &str {
        &self.0.model.hash
    }

    /// What money counts, such as `USD`.
    #[getter]
    fn currency(&self) -> &str {
        &self.0.model.currency
    }

    /// How long a step is.
    #[getter]
    fn step(&self) -> &'static str {
        self.0.model.step.name()
    }

    /// First day of each step.
    #[getter]
    fn dates<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let model = &self.0.model;
        (0..model.steps()).map(|step| day(py, model.calendar.first_day(step))).collect()
    }

    /// Names of the tables, whether the model has rows of them or not.
    #[getter]
    fn tables(&self) -> Vec<&'static str> {
        TableName::ALL.iter().map(|name| name.stem()).collect()
    }

    /// The rows of a table; those of an extended model are among them. Lists are texts with `;` between parts.
    ///
    /// Raises KeyError where there is no such table.
    fn table(&self, name: &str) -> PyResult<Table> {
        let name = table_name(name)?;
        Ok(Table::new(name.stem(), table::batch(name, &self.0.model.tables[&name])))
    }

    /// The model with another table in place of its own, read and checked as a whole.
    ///
    /// Columns are those of the format; others are kept and have no effect, with a warning. Numbers may be of any
    /// numeric type, days dates or timestamps at midnight, texts plain or categories; null, and NaN of pandas, is
    /// "not given". The unnamed index of a pandas frame is left out.
    ///
    /// Raises InputError: a line is a row of the frame plus 2. KeyError where there is no such table, TypeError where
    /// the frame is none.
    fn with_table(&self, py: Python, name: &str, frame: &Bound<PyAny>) -> PyResult<Model> {
        let name = table_name(name)?;
        let (schema, batches) = arrow::take(frame)?;
        let folders = &self.0.model.folders;
        let mut report = Report::default();
        let text = table::csv(&join(&folders[0], name.file()), &schema, &batches, &mut report);
        if report.has_errors() {
            return Err(input_error(py, &report));
        }
        let sources = self.0.sources.with_table(name, folders, &text);
        Model::read_from(py, &sources, &folders[0], |_, _| sources.clone())
    }

    /// Names of the model's own scenarios, sorted.
    #[getter]
    fn scenarios(&self) -> Vec<String> {
        own_scenarios(&self.0.sources, &self.0.model.folders)
    }

    /// The scenario that a run takes where none is given; `None` = no measures.
    #[getter]
    fn default_scenario(&self) -> Option<&str> {
        self.0.model.default_scenario.as_deref()
    }

    /// What is odd about the model and stops nothing.
    #[getter]
    fn warnings(&self) -> Vec<Diagnostic> {
        diagnostics(&self.0.warnings)
    }

    fn __repr__(&self) -> String {
        let model = &self.0.model;
        format!("<Model {}: {} {}s from {}>", model.name, model.steps(), self.step(), model.start)
    }
}

fn table_name(name: &str) -> PyResult<TableName> {
    TableName::ALL.iter().copied().find(|table| table.stem() == name).ok_or_else(|| {
        let names: Vec<&str> = TableName::ALL.iter().map(|table| table.stem()).collect();
        unknown("table", name, &names)
    })
}

/// A name that is none of those there are.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> PyErr {
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("is '{near}' meant?"),
        None => format!("there are {}", known.join(", ")),
    };
    PyKeyError::new_err(format!("there is no {what} '{name}'; {help}"))
}

/// Python's `datetime.date`.
fn day<'py>(py: Python<'py>, date: Date) -> PyResult<Bound<'py, PyAny>> {
    py.import("datetime")?.getattr("date")?.call_method1("fromisoformat", (date.to_string(),))
}
