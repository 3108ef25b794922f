//! The world that the command line and Python share: the disk and the reference model embedded in the program, from which
//! models and scenarios are read, the folders of ensembles, plans and bargains.

pub mod bargain;
pub mod ensemble;
mod files;
mod find;
pub mod plan;
mod write;

pub use files::{BACKCAST_MODELS, REFERENCE, World, embedded_files};
pub use find::{own_scenarios, scenario_path};
pub use write::write_file;
