//! What models and scenarios are read from, for the command line and for Python alike: the disk, and the
//! reference model embedded in the program.

mod files;
mod find;

pub use files::{REFERENCE, World, embedded_files};
pub use find::{no_measures, own_scenarios, scenario_path};
