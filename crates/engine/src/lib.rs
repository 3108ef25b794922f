//! The engine: what a model does under a scenario.
//!
//! Pure: it reads no files, prints nothing and keeps no clock. The way of a run:
//! [`policy`] says what is in force in each step, as known at a point in time; [`space`] says which
//! products, places and tag sets can matter; [`program`] turns both into a linear program;
//! [`solve`] hands it to HiGHS; [`mod@run`] strings programs together for the foresight asked for;
//! [`results`] turns solutions into tables and figures. Beside it, [`mod@balance`] asks whether the figures of trade
//! fit what is made and used, [`chokepoints`] where a chain is narrow, [`mod@trace`] where things were made, and
//! [`mod@survive`] how long needs stay met without a part of it. [`mod@assess`] joins them for chosen needs.
//! [`bargain`] is what two sides can make of such figures: threats, deals, and whether they hold.
//! For ensembles of runs [`points`] says what each run draws, and [`statistics`] what their outcomes come to.

pub mod assess;
pub mod backcast;
pub mod balance;
pub mod bargain;
pub mod chokepoints;
pub mod ensemble;
pub mod market;
mod named;
pub mod node;
pub mod plan;
pub mod points;
pub mod policy;
pub mod program;
pub mod ranges;
pub mod results;
pub mod run;
pub mod sensitivity;
pub mod solve;
pub mod space;
pub mod state;
pub mod statistics;
pub mod survive;
pub mod tags;
pub mod trace;
pub mod two_stage;
pub mod why;

pub use run::{Foresight, Outcome, Progress, Stage, run};
