//! Random bits that depend on what they are for and on nothing else.

use rand::Rng;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::SeedableRng;

/// What bits are drawn for, so that no two uses share theirs.
#[derive(Clone, Copy)]
pub(crate) enum Use {
    MonteCarlo = 1,
    Permutation = 2,
    Jitter = 3,
    Scrambling = 4,
    Bootstrap = 5,
    Combinations = 6,
}

/// 64 bits for a seed and a use: the key of the draws made for it.
pub(crate) fn key(seed: u64, what: Use) -> u64 {
    below(mixed(seed), what as u64)
}

/// The key, or the bits, of one member of what a key stands for.
pub(crate) fn below(key: u64, member: u64) -> u64 {
    mixed(key ^ member)
}

/// The first output of SplitMix64 from a state: a bijection of 64 bits each of whose output bits hangs on all input
/// bits (Steele, Lea & Flood 2014, *Fast splittable pseudorandom number generators*).
fn mixed(state: u64) -> u64 {
    SplitMix64::seed_from_u64(state).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixer_is_split_mix() {
        // First outputs of the reference implementation (Vigna, splitmix64.c), from states 0 and 1234567.
        assert_eq!(mixed(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mixed(1_234_567), 6_457_827_717_110_365_317);
    }
}
