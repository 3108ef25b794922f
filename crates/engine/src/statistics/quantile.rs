//! Quantiles of a sample.
//!
//! Values are those of definition 7 of Hyndman & Fan (1996, *Sample quantiles in statistical packages*), the default of
//! R and NumPy: linear between order statistics, the smallest at 0 and the largest at 1. Intervals are the
//! distribution-free ones between two order statistics (Conover 1999, *Practical nonparametric statistics*, section
//! 3.2; Hahn & Meeker 1991).

use statrs::distribution::{Binomial, DiscreteCDF};

use super::Estimate;

/// The quantiles of a sample at the given shares, each from 0 to 1; `None` of an empty sample. Values may be infinite,
/// but not NaN.
///
/// How many of n samples lie below the quantile at p is binomial, n and p. The interval goes from the largest order
/// statistic that lies above it with at most half of the risk, to the smallest that lies below it with at most the
/// other half. Where there are too few samples for both there is none: the median at 0.95 needs 6.
///
/// ```
/// use coercivity_engine::statistics::quantile::quantiles;
/// let found = quantiles(&[4.0, 1.0, 3.0, 2.0, 6.0, 5.0], &[0.5], 0.95).unwrap();
/// assert_eq!((found[0].value, found[0].interval), (3.5, Some([1.0, 6.0])));
/// ```
pub fn quantiles(sample: &[f64], shares: &[f64], confidence: f64) -> Option<Vec<Estimate>> {
    if sample.is_empty() {
        return None;
    }
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let estimate = |share: &f64| Estimate {
        value: at(&sorted, *share),
        interval: ranks(sorted.len(), *share, confidence).map(|ranks| ranks.map(|rank| sorted[rank - 1])),
    };
    Some(shares.iter().map(estimate).collect())
}

/// The quantile of sorted values, of which there must be some.
pub(super) fn at(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Infinite values are told apart here, and not subtracted.
    if below == above { below } else { below + place.fract() * (above - below) }
}

/// Ranks, from 1, of the order statistics at the ends of the interval.
fn ranks(samples: usize, share: f64, confidence: f64) -> Option<[usize; 2]> {
    let below = Binomial::new(share, samples as u64).expect("a share lies between 0 and 1");
    let risk = (1.0 - confidence) / 2.0;
    // The smallest number below the quantile that is not exceeded with a probability above the risk.
    let first = |probability: f64| {
        let (mut low, mut high) = (0, samples);
        while low < high {
            let middle = low + (high - low) / 2;
            if below.cdf(middle as u64) > probability { high = middle } else { low = middle + 1 }
        }
        low
    };
    let [lower, upper] = [first(risk), first(1.0 - risk) + 1];
    (lower > 0 && upper <= samples).then_some([lower, upper])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_tables() {
        // The median of 100: 40 and 61, as in any table of it; of 6, the least that has any: 1 and 6.
        assert_eq!(ranks(100, 0.5, 0.95), Some([40, 61]));
        assert_eq!(ranks(6, 0.5, 0.95), Some([1, 6]));
        assert_eq!(ranks(5, 0.5, 0.95), None);
        assert_eq!(ranks(10, 0.0, 0.95), None);
        assert_eq!(ranks(10, 1.0, 0.95), None);
    }
}
