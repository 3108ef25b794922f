//! What the outcomes of an ensemble come to: plain statistics of samples, one file each.
//!
//! Every figure comes with the interval that it is known to, at a confidence that the caller gives, such as 0.95. The
//! intervals take samples to be independent. Those of a Latin hypercube or of Sobol points are laid more evenly than
//! that, so that their intervals are too wide rather than too narrow. Where random numbers are wanted (bootstrap), they
//! come from the caller's seed: the same samples and seed give the same bytes.

mod bootstrap;
pub mod indices;
pub mod prim;
pub mod probability;
pub mod quantile;
pub mod tail;

/// A figure of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    /// Lower and upper end of its confidence interval; `None` where there are too few samples for one.
    pub interval: Option<[f64; 2]>,
}
