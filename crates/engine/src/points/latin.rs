//! Latin hypercubes: in each dimension the samples are dealt out over as many strata by a keyed permutation, so that
//! no dimension needs to be drawn whole to know one number of it.

use super::hash::{Use, below, key};

/// Rounds of the Feistel network. Luby & Rackoff (1988) show that 4 do for wide halves; those here may be a bit wide.
const ROUNDS: u64 = 8;

/// Bits of a place in a stratum and of the number of strata together: as many as an f64 keeps apart, with one to
/// spare, so that rounding never carries a number into the next stratum.
const BITS: u32 = 51;

pub(super) struct Latin {
    samples: u64,
    /// Bits of half a word of the permutation; words of both halves reach as far as the samples.
    half: u32,
    /// Bits of a place in a stratum.
    places: u32,
    permutations: u64,
    jitters: u64,
}

impl Latin {
    pub(super) fn new(samples: u64, seed: u64) -> Latin {
        // Of the largest number that is permuted.
        let bits = u64::BITS - (samples - 1).leading_zeros();
        let half = bits.div_ceil(2).max(1);
        Latin {
            samples,
            half,
            places: BITS - bits,
            permutations: key(seed, Use::Permutation),
            jitters: key(seed, Use::Jitter),
        }
    }

    /// The number of a sample: the middle of one of 2^`places` parts of its stratum.
    pub(super) fn at(&self, sample: u64, index: u64) -> f64 {
        let stratum = self.permuted(sample, below(self.permutations, index));
        let place = below(below(self.jitters, index), sample) >> (u64::BITS - self.places);
        let within = (place as f64 + 0.5) / (1u64 << self.places) as f64;
        (stratum as f64 + within) / self.samples as f64
    }

    /// Where a permutation of the samples takes one: a Feistel network permutes the words, and is gone round until it
    /// comes back to a sample (cycle walking; Black & Rogaway 2002, *Ciphers with arbitrary finite domains*).
    fn permuted(&self, sample: u64, key: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut word = sample;
        loop {
            let (mut left, mut right) = (word >> self.half, word & mask);
            for round in 0..ROUNDS {
                // The high bits of the hash: any do.
                let turned = below(below(key, round), right) >> (u64::BITS - self.half);
                (left, right) = (right, left ^ turned);
            }
            word = left << self.half | right;
            if word < self.samples {
                return word;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_a_few_samples_is_as_likely() {
        // 5! = 120 orders, 200 of each expected. Of chi-squared with 119 degrees of freedom, 99.9 % lies below 173.6.
        let latin = Latin::new(5, 1);
        let mut counts = std::collections::BTreeMap::new();
        for index in 0..24_000 {
            let key = below(latin.permutations, index);
            let order: Vec<u64> = (0..5).map(|sample| latin.permuted(sample, key)).collect();
            *counts.entry(order).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 120);
        let chi: f64 = counts.values().map(|count| (f64::from(*count) - 200.0).powi(2) / 200.0).sum();
        assert!(chi < 173.6, "chi-squared {chi}");
    }
}
