//! What is raised, and the diagnostics that it carries.

use coercivity_model::{Report, Severity};
use coercivity_world::ensemble::Trouble;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

create_exception!(
    coercivity,
    InputError,
    PyValueError,
    "An input is wrong. Its text is the report, with the lines that are meant and what would help."
);
create_exception!(
    coercivity,
    SolveError,
    PyRuntimeError,
    "The solver stopped before it found an optimum: its text says why. There are no figures then."
);

create_exception!(
    coercivity,
    EnsembleError,
    PyRuntimeError,
    "The folder of an ensemble is not as it must be, or cannot be read or written. Its text says what would help."
);

/// Columns of a rendered report.
const WIDTH: usize = 120;

/// One problem of an input.
#[pyclass(module = "coercivity", frozen, get_all)]
pub struct Diagnostic {
    /// Errors stop what was asked, warnings do not.
    severity: &'static str,
    /// Stable name of the kind of problem, such as `unknown-id`.
    code: &'static str,
    /// What is wrong.
    message: String,
    /// What is to be said at the place itself; may be empty.
    label: String,
    /// What would help.
    help: Option<String>,
    /// The file, as it was named; `None` where the problem has no place.
    file: Option<String>,
    /// Its line, from 1. Of a table given as a frame: the header is line 1, the first row line 2.
    line: Option<usize>,
    /// The character in the line, from 1.
    column: Option<usize>,
}

impl Diagnostic {
    fn new(d: &coercivity_model::Diagnostic) -> Diagnostic {
        let place = d.place.as_ref();
        Diagnostic {
            severity: match d.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: d.code.as_str(),
            message: d.message.clone(),
            label: d.label.clone(),
            help: d.help.clone(),
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
        }
    }
}

#[pymethods]
impl Diagnostic {
    fn __repr__(&self) -> String {
        let Diagnostic { severity, code, message, .. } = self;
        match (&self.file, self.line, self.column) {
            (Some(file), Some(line), Some(column)) => format!("{severity}[{code}] {file}:{line}:{column}: {message}"),
            _ => format!("{severity}[{code}]: {message}"),
        }
    }
}

/// The warnings of a report, in the order in which they were found.
pub fn warnings(report: &Report) -> Vec<coercivity_model::Diagnostic> {
    report.diagnostics().iter().filter(|d| d.severity == Severity::Warning).cloned().collect()
}

/// Diagnostics as Python sees them.
pub fn diagnostics(list: &[coercivity_model::Diagnostic]) -> Vec<Diagnostic> {
    list.iter().map(Diagnostic::new).collect()
}

/// An [`InputError`] with all that a report says.
pub fn input_error(py: Python, report: &Report) -> PyErr {
    let error = InputError::new_err(report.render(false, WIDTH).trim_end().to_string());
    match error.value(py).setattr("diagnostics", diagnostics(report.diagnostics())) {
        Ok(()) => error,
        Err(other) => other,
    }
}

/// What a folder's trouble is in Python.
pub fn trouble(py: Python, trouble: Trouble) -> PyErr {
    match trouble {
        Trouble::Input(report) => input_error(py, &report),
        Trouble::World(why) => EnsembleError::new_err(why),
    }
}

/// A [`SolveError`] with what is known all the same.
pub fn solve_error(py: Python, why: &coercivity_engine::solve::SolveError, known: Bound<PyDict>) -> PyErr {
    let error = SolveError::new_err(format!("{why}. There are no figures, because none would be the answer."));
    match error.value(py).setattr("known", known) {
        Ok(()) => error,
        Err(other) => other,
    }
}
