//! How bad the bad cases are.

use super::{Estimate, bootstrap};

/// CVaR of a sample of losses, greater = worse: their mean over the worst `1 - alpha` of the samples, each as probable
/// as the others, with a percentile bootstrap interval. `alpha` lies in `0.0..1.0`; at 0 it is the mean. `None` of an
/// empty sample.
///
/// Where the worst share ends within a sample, that part of it counts which belongs to the share (Rockafellar & Uryasev
/// 2002, *Conditional value-at-risk for general loss distributions*, proposition 8).
///
/// ```
/// use coercivity_engine::statistics::tail::cvar;
/// // Of the worst 1.5 of 5: (9 + 0.5 * 4) / 1.5.
/// let found = cvar(&[1.0, 9.0, 2.0, 4.0, 3.0], 0.7, 0.95, 1).unwrap();
/// assert!((found.value - 22.0 / 3.0).abs() < 1e-12);
/// ```
///
/// # Panics
///
/// If there is no worst share, `alpha` being 1 or more.
pub fn cvar(losses: &[f64], alpha: f64, confidence: f64, seed: u64) -> Option<Estimate> {
    assert!((0.0..1.0).contains(&alpha), "CVaR at {alpha}");
    if losses.is_empty() {
        return None;
    }
    let mut sorted = losses.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let tail = (1.0 - alpha) * sorted.len() as f64;
    let value = mean_of_first(&sorted, &vec![1; sorted.len()], tail);
    let again = |drawn: &[u32]| Some(vec![mean_of_first(&sorted, drawn, tail)]);
    let interval = bootstrap::intervals(sorted.len(), confidence, seed, again).map(|intervals| intervals[0]);
    Some(Estimate { value, interval })
}

/// Mean of the first `tail` of the values, each of which stands there as often as it was drawn.
fn mean_of_first(values: &[f64], drawn: &[u32], tail: f64) -> f64 {
    let (mut sum, mut left) = (0.0, tail);
    for (value, times) in values.iter().zip(drawn) {
        let part = f64::from(*times).min(left);
        if part > 0.0 {
            sum += part * value;
            left -= part;
        }
    }
    sum / (tail - left)
}
