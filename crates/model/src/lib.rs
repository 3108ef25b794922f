//! The model folder and the scenario file: format, tables, calendar, checks and diagnostics.
//!
//! This crate reads what people write and says everything that is wrong with it at once. It must
//! not solve anything, and it reaches files only through the [`files::Files`] trait, so that the
//! same code serves a disk, the model embedded in the binary, and a browser upload.

pub mod behaviour;
pub mod calendar;
pub mod checks;
pub mod csv_table;
pub mod decimal;
pub mod describe;
pub mod diag;
pub mod edit;
pub mod figures;
pub mod files;
pub mod hex;
mod layers;
pub mod manifest;
pub mod model;
pub mod names;
pub mod observations;
mod read;
pub mod scenario;
pub mod schema;
pub mod toml_table;
pub mod uncertainty;
pub mod workbook;
pub mod write;

pub use behaviour::Behaviour;
pub use calendar::{Calendar, Date, StepUnit};
pub use diag::{Code, Diagnostic, Place, Report, Severity};
pub use files::{Files, MemoryFiles};
pub use model::Model;
pub use read::{Change, changed, read_model};
pub use scenario::{Scenario, read_scenario};
