//! Sobol' points, and their scrambling.
//!
//! Point i is the exclusive or of the direction numbers that the Gray code of i names (Antonov & Saleev 1979), which is
//! the order in which Joe & Kuo, and SciPy, print the points. Direction numbers follow from a primitive polynomial and
//! a few first numbers of each dimension by the recurrence of Bratley & Fox (1988); those of Joe & Kuo (2008,
//! *Constructing Sobol sequences with better two-dimensional projections*, new-joe-kuo-6.21201) are in the crate `sobol`.
//!
//! Scrambled, each binary digit is flipped or not by a bit that hangs on all the higher digits of the unscrambled number
//! (Owen 1995, *Randomly permuted (t, m, s)-nets and (t, s)-sequences*): each number is uniform, and the points stay as
//! even as they were.

use ::sobol::params::JoeKuoD6;

use super::PointsError;
use super::hash::{Use, below, key};

/// Binary digits of a point, and of its index.
const DIGITS: usize = 32;

pub(super) struct Sobol {
    dimensions: Vec<Dimension>,
}

struct Dimension {
    /// The k-th has its last 1 at the k-th digit, counted from the point.
    directions: [u32; DIGITS],
    scrambling: u64,
}

impl Sobol {
    pub(super) fn new(dimensions: usize, seed: u64) -> Result<Sobol, PointsError> {
        let numbers = JoeKuoD6::extended();
        if dimensions > numbers.max_dims {
            return Err(PointsError::TooManyDimensions { dimensions, most: numbers.max_dims });
        }
        let scrambling = key(seed, Use::Scrambling);
        let dimension = |index: usize| Dimension {
            // Those of the first dimension are a unit matrix, and not in the list.
            directions: match index.checked_sub(1) {
                None => std::array::from_fn(|k| 1 << (DIGITS - 1 - k)),
                Some(listed) => directions(numbers.dim_params[listed].a, &numbers.dim_params[listed].m),
            },
            scrambling: below(scrambling, index as u64),
        };
        Ok(Sobol { dimensions: (0..dimensions).map(dimension).collect() })
    }

    /// A number of a point before scrambling, in units of 2^-32.
    fn plain(&self, sample: u32, index: usize) -> u32 {
        let mut left = sample ^ sample >> 1;
        let mut digits = 0;
        while left != 0 {
            digits ^= self.dimensions[index].directions[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        digits
    }

    /// The number after scrambling, in units of 2^-64. The digits after those of the points have no two points with
    /// the same higher digits, so that one draw does for all of them.
    pub(super) fn scrambled(&self, sample: u32, index: usize) -> u64 {
        let (plain, key) = (self.plain(sample, index), self.dimensions[index].scrambling);
        let mut digits = 0;
        for k in 0..DIGITS {
            // The higher digits after a leading 1: a number of its own for each node of the binary tree of digits.
            let node = 1 << k | u64::from(plain) >> (DIGITS - k);
            let flip = below(key, node) >> (u64::BITS - 1);
            digits = digits << 1 | u64::from(plain >> (DIGITS - 1 - k)) & 1 ^ flip;
        }
        digits << DIGITS | below(key, 1 << DIGITS | u64::from(plain)) >> DIGITS
    }
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
        let sobol = Sobol::new(5, 0).unwrap();
        for (sample, numbers) in expected.iter().enumerate() {
            let found: Vec<f64> = (0..5).map(|index| number(sobol.plain(sample as u32, index))).collect();
            assert_eq!(found, numbers, "point {sample}");
        }
    }

    #[test]
    fn points_of_high_dimensions_and_far_out_are_those_of_scipy() {
        // SciPy 1.17.1, qmc.Sobol(d=21201, scramble=False, bits=30): points 8 to 15.
        let sobol = Sobol::new(21_201, 0).unwrap();
        for (index, expected) in [
            (10, [0.6875, 0.1875, 0.4375, 0.9375, 0.3125, 0.8125, 0.5625, 0.0625]),
            (99, [0.9375, 0.4375, 0.1875, 0.6875, 0.0625, 0.5625, 0.8125, 0.3125]),
            (999, [0.9375, 0.4375, 0.1875, 0.6875, 0.8125, 0.3125, 0.0625, 0.5625]),
            (2468, [0.5625, 0.0625, 0.8125, 0.3125, 0.4375, 0.9375, 0.1875, 0.6875]),
            (4937, [0.8125, 0.3125, 0.0625, 0.5625, 0.1875, 0.6875, 0.9375, 0.4375]),
            (21_200, [0.3125, 0.8125, 0.5625, 0.0625, 0.9375, 0.4375, 0.1875, 0.6875]),
        ] {
            let found: Vec<f64> = (8..16).map(|sample| number(sobol.plain(sample, index))).collect();
            assert_eq!(found, expected, "dimension {index}");
        }
        // The same with d=5000: point 1,000,003, in units of 2^-30.
        for (index, expected) in [
            (0, 296_862_720),
            (1, 603_356_160),
            (2, 83_747_840),
            (7, 286_467_072),
            (99, 53_261_312),
            (2468, 138_521_600),
            (4937, 576_996_352),
            (4999, 193_858_560),
        ] {
            assert_eq!(sobol.plain(1_000_003, index), expected << 2, "dimension {index}");
        }
    }

    #[test]
    fn scrambling_flips_all_or_none_below_the_same_digits() {
        // Numbers with the same first k digits have them the same after scrambling, and differ in the next one if they
        // did before.
        let sobol = Sobol::new(3, 9).unwrap();
        for index in 0..3 {
            for (a, b) in (0..40).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let before = (sobol.plain(a, index) ^ sobol.plain(b, index)).leading_zeros();
                let after = (sobol.scrambled(a, index) ^ sobol.scrambled(b, index)).leading_zeros();
                assert_eq!(before, after, "points {a} and {b}, dimension {index}");
            }
        }
    }
}
