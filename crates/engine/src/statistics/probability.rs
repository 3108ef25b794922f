//! Shares of samples in which something happens.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Estimate;

/// The share of samples in which something happened, with the score interval of Wilson (1927, *Probable inference, the
/// law of succession, and statistical inference*), which holds near 0 and 1 too; `None` of no samples.
///
/// With share p of n and z the normal quantile of the confidence: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
///
/// ```
/// use coercivity_engine::statistics::probability::share;
/// let [low, high] = share(81, 263, 0.95).unwrap().interval.unwrap();
/// assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);
/// ```
///
/// # Panics
///
/// If it happened in more samples than there are.
pub fn share(happened: usize, samples: usize, confidence: f64) -> Option<Estimate> {
    assert!(happened <= samples, "{happened} of {samples} samples");
    if samples == 0 {
        return None;
    }
    let n = samples as f64;
    let p = happened as f64 / n;
    let z = Normal::standard().inverse_cdf((1.0 + confidence) / 2.0);
    let middle = p + z * z / (2.0 * n);
    let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // At 0 and 1 an end is the share itself, to the last digit.
    let interval = [((middle - reach) / scale).clamp(0.0, p), ((middle + reach) / scale).clamp(p, 1.0)];
    Some(Estimate { value: p, interval: Some(interval) })
}
