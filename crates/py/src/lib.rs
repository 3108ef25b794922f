//! `coercivity._native`: what Python sees of the model and the engine.
//!
//! What is public, with types and units, stands in `python/coercivity/_native.pyi`. Nothing is computed here:
//! this crate turns Python's values into the model's and results into Arrow's form.

mod arrow;
mod ensemble;
mod error;
mod model;
mod run;
mod scenario;
mod sources;
mod table;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::ensemble::Ensemble;
    #[pymodule_export]
    use super::error::{Diagnostic, EnsembleError, InputError, SolveError};
    #[pymodule_export]
    use super::model::Model;
    #[pymodule_export]
    use super::run::{RunResult, run};
    #[pymodule_export]
    use super::scenario::Scenario;
    #[pymodule_export]
    use super::table::Table;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
