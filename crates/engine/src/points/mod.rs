//! Points of the unit cube: what each sample of an ensemble draws.
//!
//! A number depends on the seed, the method, the sample and the index within the sample, on nothing else: samples may
//! be taken in any order and on any thread. Of a Latin hypercube, and of Sobol points beyond the 32nd dimension, it
//! depends on how many samples there are too. Three ways to lay the points, worse to better for smooth outcomes:
//! [`Sampler::MonteCarlo`], [`Sampler::LatinHypercube`] and [`Sampler::Sobol`]. What the numbers stand for (a figure, a
//! date, an outcome) is settled elsewhere.

pub(crate) mod hash;
mod latin;
mod permutation;
mod sobol;

use hash::{Use, below, key};
use latin::Latin;
use sobol::Sobol;

/// How points are laid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    /// Independent and uniform.
    MonteCarlo,
    /// Each dimension cut into as many strata as there are samples, with one sample in each (McKay, Beckman & Conover
    /// 1979), strata paired at random.
    LatinHypercube,
    /// Sobol' points with the direction numbers of Joe & Kuo (2008) and the nested uniform scrambling of Owen (1995),
    /// 32 dimensions at a time, which go together at random (Latin supercube sampling, Owen 1998). Best with a power of
    /// two, of 128 or more, as the number of samples; other numbers are allowed.
    Sobol,
}

impl Sampler {
    /// Every way, by the name that a spec gives it.
    pub const ALL: &[(&str, Sampler)] = &[
        ("monte-carlo", Sampler::MonteCarlo),
        ("latin-hypercube", Sampler::LatinHypercube),
        ("sobol", Sampler::Sobol),
    ];

    pub fn name(self) -> &'static str {
        Sampler::ALL.iter().find(|(_, sampler)| *sampler == self).expect("all are there").0
    }
}

/// Points in so many dimensions.
pub struct Points {
    samples: usize,
    dimensions: usize,
    method: Method,
}

enum Method {
    MonteCarlo { key: u64 },
    LatinHypercube(Latin),
    Sobol(Sobol),
}

/// Why there are no such points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointsError {
    /// No samples were asked for.
    NoSamples,
    /// More samples than the method has points.
    TooManySamples { samples: usize },
}

impl std::fmt::Display for PointsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PointsError::NoSamples => write!(f, "0 samples are no ensemble: ask for at least 1"),
            PointsError::TooManySamples { samples } => write!(
                f,
                "{samples} samples are too many for this sampler: ask for at most {MOST_SAMPLES}, or use Monte \
                 Carlo"
            ),
        }
    }
}

impl std::error::Error for PointsError {}

/// Most samples of a method whose points are counted in 32 bits.
const MOST_SAMPLES: u64 = 1 << 32;

impl Points {
    /// Lays the points. There may be thousands of dimensions.
    ///
    /// ```
    /// use coercivity_engine::points::{Points, Sampler};
    /// let points = Points::new(Sampler::LatinHypercube, 10, 3, 1).unwrap();
    /// // The third numbers of all samples: one in each tenth.
    /// let mut tenths: Vec<usize> = (0..10).map(|sample| (10.0 * points.at(sample, 2)) as usize).collect();
    /// tenths.sort();
    /// assert_eq!(tenths, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    /// ```
    ///
    /// # Errors
    ///
    /// Without samples, and with more than 2^32 of them, unless by Monte Carlo.
    pub fn new(sampler: Sampler, samples: usize, dimensions: usize, seed: u64) -> Result<Points, PointsError> {
        if samples == 0 {
            return Err(PointsError::NoSamples);
        }
        if sampler != Sampler::MonteCarlo && samples as u64 > MOST_SAMPLES {
            return Err(PointsError::TooManySamples { samples });
        }
        let method = match sampler {
            Sampler::MonteCarlo => Method::MonteCarlo { key: key(seed, Use::MonteCarlo) },
            Sampler::LatinHypercube => Method::LatinHypercube(Latin::new(samples as u64, seed)),
            Sampler::Sobol => Method::Sobol(Sobol::new(samples as u64, seed)),
        };
        Ok(Points { samples, dimensions, method })
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How many numbers a sample has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// One number of one sample, in (0, 1): never 0, never 1.
    ///
    /// # Panics
    ///
    /// If there is no such sample or index.
    pub fn at(&self, sample: usize, index: usize) -> f64 {
        assert!(sample < self.samples, "sample {sample} of {}", self.samples);
        assert!(index < self.dimensions, "index {index} of {}", self.dimensions);
        match &self.method {
            Method::MonteCarlo { key } => open_unit(below(below(*key, sample as u64), index as u64)),
            Method::LatinHypercube(latin) => latin.at(sample as u64, index as u64),
            Method::Sobol(sobol) => open_unit(sobol.at(sample as u64, index)),
        }
    }
}

/// The middle of one of 2^52 equal parts of the unit interval, by the first bits: with 53 the last one would be
/// rounded to 1.
fn open_unit(bits: u64) -> f64 {
    const PARTS: f64 = (1u64 << 52) as f64;
    ((bits >> 12) as f64 + 0.5) / PARTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_unit_interval_are_left_out() {
        assert_eq!(open_unit(0), 2f64.powi(-53));
        assert_eq!(open_unit(u64::MAX), 1.0 - 2f64.powi(-53));
    }
}
