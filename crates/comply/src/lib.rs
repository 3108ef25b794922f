//! Compliance of a bill of materials with rules on where a material comes from.
//!
//! Reads what a supplier has (a workbook or CSV tables), judges every part under a rule that is itself
//! a file, and says what proves each verdict, from when it holds and what to ask whom. It solves
//! nothing, guesses nothing, and an unknown is never rounded to a pass.

pub mod amount;
pub mod bom;
pub mod change;
pub mod claim;
pub mod country;
pub mod finding;
pub mod judge;
pub mod materials;
pub mod outcome;
pub mod questions;
pub mod rule;
pub mod statement;
pub mod tables;
pub mod template;
pub mod timeline;
mod total;
