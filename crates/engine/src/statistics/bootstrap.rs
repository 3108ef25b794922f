//! The bootstrap (Efron 1979, *Bootstrap methods: another look at the jackknife*): how far figures of a sample move
//! when its rows are drawn anew from themselves.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

use super::quantile::at;
use crate::points::hash::{Use, below, key};

/// Resamples: what Efron & Tibshirani (1993, *An introduction to the bootstrap*) want for the ends of intervals.
const RESAMPLES: u64 = 1000;

/// Percentile intervals of figures of a sample of so many rows. `figures` computes all of them from how often each row
/// was drawn, or finds nothing to compute them from, in which case there are no intervals; nor are there with one row.
pub(super) fn intervals(
    rows: usize,
    confidence: f64,
    seed: u64,
    figures: impl Fn(&[u32]) -> Option<Vec<f64>> + Sync,
) -> Option<Vec<[f64; 2]>> {
    if rows < 2 {
        return None;
    }
    let key = key(seed, Use::Bootstrap);
    let resample = |number: u64| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(below(key, number));
        let mut drawn = vec![0; rows];
        (0..rows).for_each(|_| drawn[random.random_range(0..rows)] += 1);
        figures(&drawn)
    };
    let resamples: Vec<Vec<f64>> = (0..RESAMPLES).into_par_iter().map(resample).collect::<Option<_>>()?;
    let interval = |figure: usize| {
        let mut values: Vec<f64> = resamples.iter().map(|figures| figures[figure]).collect();
        values.sort_by(f64::total_cmp);
        [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0].map(|share| at(&values, share))
    };
    Some((0..resamples[0].len()).into_par_iter().map(interval).collect())
}
