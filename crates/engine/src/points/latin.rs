//! Latin hypercubes: in each dimension the samples are dealt out over as many strata by a permutation of its own.

use super::hash::{Use, below, key};
use super::permutation::{Permutation, bits};

/// Bits of a place in a stratum and of the number of strata together: as many as an f64 keeps apart, with one to
/// spare, so that rounding never carries a number into the next stratum.
const BITS: u32 = 51;

pub(super) struct Latin {
    samples: u64,
    /// Bits of a place in a stratum.
    places: u32,
    permutation: Permutation,
    permutations: u64,
    jitters: u64,
}

impl Latin {
    pub(super) fn new(samples: u64, seed: u64) -> Latin {
        Latin {
            samples,
            places: BITS - bits(samples),
            permutation: Permutation::new(samples),
            permutations: key(seed, Use::Permutation),
            jitters: key(seed, Use::Jitter),
        }
    }

    /// The number of a sample: the middle of one of 2^`places` parts of its stratum.
    pub(super) fn at(&self, sample: u64, index: u64) -> f64 {
        let stratum = self.permutation.of(sample, below(self.permutations, index));
        let place = below(below(self.jitters, index), sample) >> (u64::BITS - self.places);
        let within = (place as f64 + 0.5) / (1u64 << self.places) as f64;
        (stratum as f64 + within) / self.samples as f64
    }
}
