//! Which inputs an output hangs on: the indices of Sobol' (1993), from runs whose inputs are swapped one at a time.
//!
//! The design has two independent sets of samples, A and B, and for each input i the set AB_i: A with input i as in B.
//! Of points with twice as many dimensions as there are inputs, A takes the first half and B the second. With the
//! outputs centred on their mean over A and B, of variance V there,
//!
//! ```text
//! first order   S_i  = mean of f(B) (f(AB_i) - f(A)) / V          Saltelli et al. 2010, table 2, (b)
//! total         ST_i = mean of (f(A) - f(AB_i))² / 2 / V          Jansen 1999; the same table, (f)
//! ```
//!
//! S is the share of the variance that goes if input i alone becomes known, ST the share that stays if all but input i
//! become known. They are estimates: near 0 they may come out below it.

use super::{Estimate, bootstrap};

/// What the output hangs on.
#[derive(Clone, Debug, PartialEq)]
pub enum Indices {
    /// All samples of A and B have the same output: there is no variance to share out.
    Constant,
    /// The indices of each input.
    Of(Vec<Index>),
}

/// The indices of an input, as shares of the output's variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// Of the input alone.
    pub first: Estimate,
    /// Of the input with all its interactions.
    pub total: Estimate,
}

/// Outputs nearer to each other than this, against the largest of them, are the same up to rounding.
const ROUNDING: f64 = 1e-12;

/// First-order and total indices from the outputs of A, of B and, for each input, of AB_i, with percentile bootstrap
/// intervals over whole rows of the design. An interval is missing where so few rows differ that a resample may have
/// no variance. Outputs must be finite.
///
/// ```
/// use coercivity_engine::points::{Points, Sampler};
/// use coercivity_engine::statistics::indices::{Indices, indices};
/// // 2 x + y: four fifths of the variance are of x, one fifth of y.
/// let points = Points::new(Sampler::Sobol, 1024, 4, 1).unwrap();
/// let output = |x: usize, y: usize| -> Vec<f64> {
///     (0..1024).map(|sample| 2.0 * points.at(sample, x) + points.at(sample, y)).collect()
/// };
/// // A has the numbers 0 and 1, B the numbers 2 and 3.
/// let Indices::Of(found) = indices(&output(0, 1), &output(2, 3), &[&output(2, 1), &output(0, 3)], 0.95, 1) else {
///     panic!("it varies");
/// };
/// assert!((found[0].first.value - 0.8).abs() < 0.01 && (found[1].total.value - 0.2).abs() < 0.01);
/// ```
///
/// # Panics
///
/// If the sets are not of one size.
pub fn indices(a: &[f64], b: &[f64], ab: &[&[f64]], confidence: f64, seed: u64) -> Indices {
    let rows = a.len();
    assert!(b.len() == rows && ab.iter().all(|outputs| outputs.len() == rows), "sets of samples of several sizes");
    let base = || a.iter().chain(b);
    let (least, most) = base().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), y| (l.min(*y), m.max(*y)));
    if rows == 0 || most - least <= ROUNDING * least.abs().max(most.abs()) {
        return Indices::Constant;
    }
    let mean = base().sum::<f64>() / (2 * rows) as f64;
    let terms = Terms::new(a, b, ab, mean);
    let values = terms.shares(&vec![1; rows]).expect("the outputs vary");
    let intervals = bootstrap::intervals(rows, confidence, seed, |drawn| terms.shares(drawn));
    let estimate = |n: usize| Estimate { value: values[n], interval: intervals.as_ref().map(|list| list[n]) };
    let index = |i: usize| Index { first: estimate(2 * i), total: estimate(2 * i + 1) };
    Indices::Of((0..ab.len()).map(index).collect())
}

/// What each row adds to the sums that the indices are made of.
struct Terms {
    /// Outputs of A and B, centred: their sum, and the sum of their squares.
    outputs: Vec<f64>,
    squares: Vec<f64>,
    /// Of each input, f(B) (f(AB_i) - f(A)) and (f(A) - f(AB_i))² / 2, one after the other.
    products: Vec<Vec<f64>>,
}

impl Terms {
    fn new(a: &[f64], b: &[f64], ab: &[&[f64]], mean: f64) -> Terms {
        let row = |r: usize| (a[r] - mean, b[r] - mean);
        let of = |term: &dyn Fn(usize) -> f64| (0..a.len()).map(term).collect::<Vec<f64>>();
        let products = ab.iter().flat_map(|ab| {
            let moved = |r: usize| ab[r] - a[r];
            [of(&|r| row(r).1 * moved(r)), of(&|r| moved(r) * moved(r) / 2.0)]
        });
        Terms {
            outputs: of(&|r| row(r).0 + row(r).1),
            squares: of(&|r| row(r).0.powi(2) + row(r).1.powi(2)),
            products: products.collect(),
        }
    }

    /// The indices of all inputs, first and total in turn, with each row counted as often as it was drawn; `None` if
    /// the outputs of those rows do not vary.
    fn shares(&self, drawn: &[u32]) -> Option<Vec<f64>> {
        let times: Vec<f64> = drawn.iter().map(|times| f64::from(*times)).collect();
        let mean = |terms: &[f64]| {
            terms.iter().zip(&times).map(|(term, times)| term * times).sum::<f64>() / times.len() as f64
        };
        // Of one output, of which a row has two.
        let (output, square) = (mean(&self.outputs) / 2.0, mean(&self.squares) / 2.0);
        let variance = square - output * output;
        (variance > ROUNDING * square).then(|| self.products.iter().map(|terms| mean(terms) / variance).collect())
    }
}
