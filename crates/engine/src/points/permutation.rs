//! Permutations of the samples that need not be laid out: where one sample goes can be had without the others.

use super::hash::below;

/// The permutations of so many samples, one for each key: the swap-or-not shuffle of Hoang, Morris & Rogaway (2012, *An
/// enciphering scheme based on a card shuffle*). Unlike a Feistel network it takes any number of samples as it is,
/// and reaches odd permutations too, without which orders of a few samples are far from equally likely.
pub(super) struct Permutation {
    samples: u64,
    /// The shuffle mixes in a number of rounds that grows with the digits of the samples.
    rounds: u64,
}

impl Permutation {
    pub(super) fn new(samples: u64) -> Permutation {
        Permutation { samples, rounds: 8 + 3 * u64::from(bits(samples)) }
    }

    /// Where a sample goes. Each round pairs the samples whose sum is some number, and swaps a pair or not.
    pub(super) fn of(&self, sample: u64, key: u64) -> u64 {
        (0..self.rounds).fold(sample, |sample, round| {
            let key = below(key, round);
            // The part of 2^64 that the key is, of the samples.
            let sum = ((u128::from(key) * u128::from(self.samples)) >> u64::BITS) as u64;
            let partner = if sum >= sample { sum - sample } else { sum + self.samples - sample };
            let swap = below(key, sample.max(partner)) >> (u64::BITS - 1) == 1;
            if swap { partner } else { sample }
        })
    }
}

/// Binary digits that tell so many samples apart.
pub(super) fn bits(samples: u64) -> u32 {
    u64::BITS - (samples - 1).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_a_few_samples_is_as_likely() {
        // 5! = 120 orders, 200 of each expected. Of chi-squared with 119 degrees of freedom, 99.9 % lies below 173.6.
        let permutation = Permutation::new(5);
        let mut counts = std::collections::BTreeMap::new();
        for key in 0..24_000 {
            let order: Vec<u64> = (0..5).map(|sample| permutation.of(sample, below(1, key))).collect();
            *counts.entry(order).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 120);
        let chi: f64 = counts.values().map(|count| (f64::from(*count) - 200.0).powi(2) / 200.0).sum();
        assert!(chi < 173.6, "chi-squared {chi}");
    }
}
