//! The page and what stands behind it: a server for one model, runs in the background, and the report.
//!
//! The server solves nothing. It starts the program itself for each run ([`job`]), keeps what comes out in a
//! folder ([`cache`]), and hands out those files. So a run can be ended at once, cannot take the server down,
//! and what the page shows is what `coercivity run` writes.

mod api;
pub mod cache;
pub mod data;
pub mod ensembles;
pub mod job;
mod page;
pub mod report;
mod runs;
mod safety;
mod server;
pub mod written;

pub use job::{Request, RunRequest};
pub use server::{Config, Known, Limits, serve};
