//! Sobol' points, and how they are scrambled and put together for many dimensions.
//!
//! Point i is the exclusive or of the direction numbers that the Gray code of i names (Antonov & Saleev 1979), which is
//! the order in which Joe & Kuo, and SciPy, print the points. Direction numbers follow from a primitive polynomial and
//! a few first numbers of each dimension by the recurrence of Bratley & Fox (1988); those of Joe & Kuo (2008,
//! *Constructing Sobol sequences with better two-dimensional projections*, new-joe-kuo-6) are in the crate `sobol`.
//!
//! Scrambled, each binary digit is flipped or not by a bit that hangs on all the higher digits of the unscrambled
//! number (Owen 1995, *Randomly permuted (t, m, s)-nets and (t, s)-sequences*): each number is uniform, and the points
//! stay as even as they were.
//!
//! In many dimensions that is not enough. Of the first 2^m points there are only 2^(m-1) ways to lay a first digit, so
//! that two of more dimensions than that share it, up to one flip for all samples; in 4,938 dimensions 23,763 pairs do
//! after 1,024 points. An input without effect would stand in for one with. So dimensions are taken [`GROUP`] at a
//! time, each group from the same Sobol' points scrambled on their own and in a random order: Latin supercube sampling
//! (Owen 1998, *Latin supercube sampling for very high-dimensional simulations*). Within a group points are as even as
//! Sobol' points are; groups go together as the dimensions of a Latin hypercube do.

use ::sobol::params::JoeKuoD6;

use super::hash::{Use, below, key};
use super::permutation::Permutation;

/// Binary digits of a point, and of its index.
const DIGITS: usize = 32;

/// Dimensions of a group. Of so many no two correlate by more than 0.2 after 128 points, or 0.05 after 1,024, even
/// before scrambling.
pub(super) const GROUP: usize = 32;

pub(super) struct Sobol {
    /// Of each dimension of a group. The k-th has its last 1 at the k-th digit, counted from the point.
    directions: Vec<[u32; DIGITS]>,
    scrambling: u64,
    permutation: Permutation,
    permutations: u64,
}

impl Sobol {
    pub(super) fn new(samples: u64, seed: u64) -> Sobol {
        let numbers = JoeKuoD6::minimal();
        // Those of the first dimension are a unit matrix, and not in the list.
        let first = std::array::from_fn(|k| 1 << (DIGITS - 1 - k));
        let others = numbers.dim_params.iter().map(|listed| directions(listed.a, &listed.m));
        Sobol {
            directions: std::iter::once(first).chain(others).take(GROUP).collect(),
            scrambling: key(seed, Use::Scrambling),
            permutation: Permutation::new(samples),
            permutations: key(seed, Use::Permutation),
        }
    }

    /// A number of a sample, in units of 2^-64.
    pub(super) fn at(&self, sample: u64, index: usize) -> u64 {
        let group = index / GROUP;
        // The first group has the points in their own order, so that more samples go on where fewer end.
        let point = match group {
            0 => sample,
            group => self.permutation.of(sample, below(self.permutations, group as u64)),
        };
        scrambled(self.plain(point as u32, index % GROUP), below(self.scrambling, index as u64))
    }

    /// A number of a point before scrambling, in units of 2^-32.
    fn plain(&self, point: u32, dimension: usize) -> u32 {
        let mut left = point ^ point >> 1;
        let mut digits = 0;
        while left != 0 {
            digits ^= self.directions[dimension][left.trailing_zeros() as usize];
            left &= left - 1;
        }
        digits
    }
}

/// A number after scrambling, in units of 2^-64. Beyond the digits of the points no two of them have the same higher
/// digits, so that one draw does for all of those.
fn scrambled(plain: u32, key: u64) -> u64 {
    let mut digits = 0;
    for k in 0..DIGITS {
        // The higher digits after a leading 1: a number of its own for each node of the binary tree of digits.
        let node = 1 << k | u64::from(plain) >> (DIGITS - k);
        let flip = below(key, node) >> (u64::BITS - 1);
        digits = digits << 1 | u64::from(plain >> (DIGITS - 1 - k)) & 1 ^ flip;
    }
    digits << DIGITS | below(key, 1 << DIGITS | u64::from(plain)) >> DIGITS
}

/// The direction numbers of a dimension in units of 2^-32, from the inner coefficients of its polynomial, as the binary
/// number `a`, and the first odd numbers m of the recurrence.
fn directions(a: u32, m: &[u32]) -> [u32; DIGITS] {
    let degree = m.len();
    let mut v = [0; DIGITS];
    for k in 0..DIGITS {
        v[k] = if k < degree {
            m[k] << (DIGITS - 1 - k)
        } else {
            let inner = (1..degree).filter(|j| a >> (degree - 1 - j) & 1 == 1);
            inner.fold(v[k - degree] ^ v[k - degree] >> degree, |sum, j| sum ^ v[k - j])
        };
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In units of 2^-32.
    fn number(digits: u32) -> f64 {
        f64::from(digits) / 2f64.powi(32)
    }

    #[test]
    fn the_first_points_are_those_of_joe_and_kuo() {
        // As their program `sobol.cc` prints them, and `scipy.stats.qmc.Sobol(d=5, scramble=False)`.
        let expected = [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25, 0.25, 0.75],
            [0.25, 0.75, 0.75, 0.75, 0.25],
            [0.375, 0.375, 0.625, 0.875, 0.375],
            [0.875, 0.875, 0.125, 0.375, 0.875],
            [0.625, 0.125, 0.875, 0.625, 0.625],
            [0.125, 0.625, 0.375, 0.125, 0.125],
        ];
        let sobol = Sobol::new(8, 0);
        for (point, numbers) in expected.iter().enumerate() {
            let found: Vec<f64> = (0..5).map(|dimension| number(sobol.plain(point as u32, dimension))).collect();
            assert_eq!(found, numbers, "point {point}");
        }
    }

    #[test]
    fn later_points_and_dimensions_are_those_of_scipy() {
        // SciPy 1.17.1, qmc.Sobol(d=40, scramble=False, bits=30): points 8 to 15.
        let sobol = Sobol::new(16, 0);
        for (dimension, expected) in [
            (5, [0.3125, 0.8125, 0.5625, 0.0625, 0.4375, 0.9375, 0.6875, 0.1875]),
            (10, [0.6875, 0.1875, 0.4375, 0.9375, 0.3125, 0.8125, 0.5625, 0.0625]),
            (16, [0.8125, 0.3125, 0.0625, 0.5625, 0.6875, 0.1875, 0.4375, 0.9375]),
            (24, [0.4375, 0.9375, 0.1875, 0.6875, 0.5625, 0.0625, 0.8125, 0.3125]),
            (31, [0.8125, 0.3125, 0.5625, 0.0625, 0.9375, 0.4375, 0.6875, 0.1875]),
        ] {
            let found: Vec<f64> = (8..16).map(|point| number(sobol.plain(point, dimension))).collect();
            assert_eq!(found, expected, "dimension {dimension}");
        }
        // The same: point 1,000,003, in units of 2^-30.
        for (dimension, expected) in [
            (0, 296_862_720),
            (1, 603_356_160),
            (2, 83_747_840),
            (7, 286_467_072),
            (15, 500_466_688),
            (23, 257_215_488),
            (30, 700_601_344),
            (31, 312_892_416),
        ] {
            assert_eq!(sobol.plain(1_000_003, dimension), expected << 2, "dimension {dimension}");
        }
    }

    #[test]
    fn dimensions_of_a_group_hardly_correlate() {
        let sobol = Sobol::new(1024, 0);
        for (points, most) in [(128, 0.2), (1024, 0.05)] {
            let column = |d: usize| (0..points).map(|i| number(sobol.plain(i, d)) - 0.5).collect::<Vec<f64>>();
            let columns: Vec<_> = (0..GROUP).map(column).collect();
            for (a, b) in (0..GROUP).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let product: f64 = columns[a].iter().zip(&columns[b]).map(|(x, y)| x * y).sum();
                let correlation = product / f64::from(points) * 12.0;
                assert!(correlation.abs() < most, "{a} and {b}: {correlation}");
            }
        }
    }

    #[test]
    fn scrambling_flips_all_or_none_below_the_same_digits() {
        // Numbers with the same first k digits have them the same after scrambling, and differ in the next one if they
        // did before.
        let sobol = Sobol::new(40, 0);
        for dimension in 0..3 {
            for (a, b) in (0..40).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let [a, b] = [a, b].map(|point| sobol.plain(point, dimension));
                let after = (scrambled(a, 9) ^ scrambled(b, 9)).leading_zeros();
                assert_eq!((a ^ b).leading_zeros(), after, "{a:b} and {b:b}");
            }
        }
    }
}
