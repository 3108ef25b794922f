//! Statistics of ensembles, against figures that others printed or that can be had by hand.

use std::f64::consts::PI;

use coercivity_engine::points::{Points, Sampler};
use coercivity_engine::statistics::Estimate;
use coercivity_engine::statistics::indices::{Index, Indices, indices};
use coercivity_engine::statistics::prim::{Limit, NoRegion, Region, Side, regions};
use coercivity_engine::statistics::probability::share;
use coercivity_engine::statistics::quantile::quantiles;
use coercivity_engine::statistics::tail::cvar;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn points(sampler: Sampler, samples: usize, dimensions: usize, seed: u64) -> Points {
    Points::new(sampler, samples, dimensions, seed).unwrap_or_else(|error| panic!("{error}"))
}

fn column(points: &Points, index: usize) -> Vec<f64> {
    (0..points.samples()).map(|sample| points.at(sample, index)).collect()
}

fn near(found: f64, expected: f64, by: f64, what: &str) {
    assert!((found - expected).abs() <= by, "{what}: {found}, not {expected}");
}

fn holds(estimate: &Estimate, truth: f64) -> bool {
    let [low, high] = estimate.interval.expect("there are enough samples");
    low <= truth && truth <= high
}

// --------------------------------------------------------------------------------------------- quantiles and shares

#[test]
fn quantiles_are_those_of_numpy() {
    // numpy.quantile, default method, which is definition 7 of Hyndman & Fan.
    let sample = [0.62, 3.1, 2.2, 9.4, 5.5, 1.7, 7.3, 4.8, 6.1, 2.9];
    let shares = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0];
    let found = quantiles(&sample, &shares, 0.95).unwrap();
    for (found, expected) in found.iter().zip([0.62, 1.592, 2.375, 3.95, 7.51, 9.4]) {
        near(found.value, expected, 1e-12, "quantile");
    }
    assert!(quantiles(&[], &shares, 0.95).is_none());
}

#[test]
fn quantiles_lie_between_the_order_statistics_of_the_binomial() {
    // Ranks by scipy.stats.binom.cdf. The value at a rank is the rank.
    for (samples, at, confidence, expected) in [
        (1000, 0.9, 0.95, Some([881.0, 919.0])),
        (1000, 0.05, 0.95, Some([37.0, 65.0])),
        (1024, 0.5, 0.99, Some([471.0, 554.0])),
        (59, 0.05, 0.9, Some([1.0, 7.0])),
        (20, 0.25, 0.9, Some([2.0, 9.0])),
        (200, 0.99, 0.95, None),
    ] {
        let sample: Vec<f64> = (1..=samples).rev().map(f64::from).collect();
        let found = quantiles(&sample, &[at], confidence).unwrap()[0];
        assert_eq!(found.interval, expected, "{at} of {samples}");
    }
}

#[test]
fn what_never_ends_has_quantiles_too() {
    // A supply that lasts for ever in half of the samples.
    let sample = [1.0, f64::INFINITY, 2.0, f64::INFINITY];
    let found: Vec<f64> = quantiles(&sample, &[0.0, 0.5, 1.0], 0.95).unwrap().iter().map(|q| q.value).collect();
    assert_eq!(found, [1.0, f64::INFINITY, f64::INFINITY]);
}

#[test]
fn shares_have_the_intervals_of_newcombe() {
    // Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3.
    for (happened, samples, expected) in
        [(81, 263, [0.2553, 0.3662]), (15, 148, [0.0624, 0.1605]), (0, 20, [0.0, 0.1611]), (1, 29, [0.0061, 0.1718])]
    {
        let found = share(happened, samples, 0.95).unwrap();
        assert_eq!(found.value, happened as f64 / samples as f64);
        for (found, expected) in found.interval.unwrap().iter().zip(expected) {
            near(*found, expected, 5e-5, &format!("{happened} of {samples}"));
        }
    }
    assert_eq!(share(0, 20, 0.95).unwrap().interval.unwrap()[0], 0.0);
    assert_eq!(share(20, 20, 0.95).unwrap().interval.unwrap()[1], 1.0);
    assert!(share(0, 0, 0.95).is_none());
}

// -------------------------------------------------------------------------------------------------------------- CVaR

#[test]
fn cvar_counts_the_part_of_a_sample_that_lies_in_the_tail() {
    let losses = [3.0, -1.0, 8.0, 2.0, 5.0, 0.0, 1.0, 13.0];
    for (alpha, expected) in [
        // The mean; of the worst 4, 2 and 1; of the worst 2.5: (13 + 8 + 5/2) / 2.5; of less than one, the worst.
        (0.0, 31.0 / 8.0),
        (0.5, 29.0 / 4.0),
        (0.75, 21.0 / 2.0),
        (0.875, 13.0),
        (0.6875, 23.5 / 2.5),
        (0.99, 13.0),
    ] {
        near(cvar(&losses, alpha, 0.95, 1).unwrap().value, expected, 1e-12, &format!("CVaR at {alpha}"));
    }
    assert!(cvar(&[], 0.9, 0.95, 1).is_none());
    assert_eq!(cvar(&[4.0], 0.9, 0.95, 1), Some(Estimate { value: 4.0, interval: None }));
    assert_eq!(cvar(&[4.0; 9], 0.9, 0.95, 1), Some(Estimate { value: 4.0, interval: Some([4.0, 4.0]) }));
}

#[test]
fn cvar_of_an_exponential_law_is_the_one_in_closed_form() {
    // 1 - ln(1 - alpha).
    let points = points(Sampler::LatinHypercube, 20_000, 1, 4);
    let losses: Vec<f64> = column(&points, 0).iter().map(|u| -(1.0 - u).ln()).collect();
    for alpha in [0.5, 0.9, 0.95] {
        near(cvar(&losses, alpha, 0.95, 1).unwrap().value, 1.0 - (1.0 - alpha).ln(), 0.01, &format!("CVaR at {alpha}"));
    }
}

#[test]
fn bootstrap_intervals_are_as_wide_as_they_must_be() {
    // At 0 CVaR is the mean: 1.96 standard errors to either side.
    let sample = column(&points(Sampler::MonteCarlo, 400, 1, 2), 0);
    let found = cvar(&sample, 0.0, 0.95, 3).unwrap();
    let variance = sample.iter().map(|x| (x - found.value).powi(2)).sum::<f64>() / 400.0;
    let [low, high] = found.interval.unwrap();
    near((high - low) / 2.0 / (1.959_964 * (variance / 400.0).sqrt()), 1.0, 0.1, "half width, in that expected");
    assert!(low < found.value && found.value < high);
    // The seed, and nothing else, moves them.
    assert_eq!(cvar(&sample, 0.0, 0.95, 3), Some(found));
    assert_ne!(cvar(&sample, 0.0, 0.95, 4), Some(found));
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    // Of 200 intervals at 0.9 for 300 uniform numbers, 180 are expected to hold the truth, with standard deviation 4.2;
    // those of the bootstrap, which hold it in the limit, somewhat fewer.
    let (mut median, mut part, mut tail) = (0, 0, 0);
    for seed in 0..200 {
        let sample = column(&points(Sampler::MonteCarlo, 300, 1, seed), 0);
        median += usize::from(holds(&quantiles(&sample, &[0.5], 0.9).unwrap()[0], 0.5));
        let below = sample.iter().filter(|x| **x < 0.2).count();
        part += usize::from(holds(&share(below, 300, 0.9).unwrap(), 0.2));
        tail += usize::from(holds(&cvar(&sample, 0.8, 0.9, seed).unwrap(), 0.9));
    }
    assert!((167..=193).contains(&median), "median: {median} of 200");
    assert!((167..=193).contains(&part), "share: {part} of 200");
    assert!((160..=193).contains(&tail), "CVaR: {tail} of 200");
}

// ----------------------------------------------------------------------------------------------------------- indices

/// Indices of a function of the unit cube.
fn indices_of(points: &Points, f: impl Fn(&[f64]) -> f64, seed: u64) -> Indices {
    let inputs = points.dimensions() / 2;
    // The input from B, if any, that stands in A; all from B where it is `inputs`.
    let set = |swapped: Option<usize>| -> Vec<f64> {
        let number = |s: usize, i: usize| {
            let of_b = swapped.is_some_and(|swapped| swapped == i || swapped == inputs);
            points.at(s, if of_b { inputs + i } else { i })
        };
        (0..points.samples()).map(|s| f(&(0..inputs).map(|i| number(s, i)).collect::<Vec<f64>>())).collect()
    };
    let swapped: Vec<Vec<f64>> = (0..inputs).map(|i| set(Some(i))).collect();
    let swapped: Vec<&[f64]> = swapped.iter().map(Vec::as_slice).collect();
    indices(&set(None), &set(Some(inputs)), &swapped, 0.95, seed)
}

fn found(indices: Indices) -> Vec<Index> {
    match indices {
        Indices::Of(list) => list,
        Indices::Constant => panic!("the function varies"),
    }
}

/// Ishigami & Homma 1990, with a = 7, b = 0.1.
fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
}

/// First and total indices of it, in closed form.
const ISHIGAMI: [(f64, f64); 3] = [(0.313905, 0.557589), (0.442411, 0.442411), (0.0, 0.243684)];

#[test]
fn indices_of_the_ishigami_function() {
    let points = points(Sampler::Sobol, 1 << 13, 6, 1);
    let f: Vec<f64> = (0..points.samples()).map(|s| ishigami(&[0, 1, 2].map(|i| points.at(s, i)))).collect();
    let mean = f.iter().sum::<f64>() / f.len() as f64;
    near(f.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / f.len() as f64, 13.84459, 0.05, "variance");
    for (i, (index, (first, total))) in found(indices_of(&points, ishigami, 7)).iter().zip(ISHIGAMI).enumerate() {
        near(index.first.value, first, 0.01, &format!("first index of input {i}"));
        near(index.total.value, total, 0.01, &format!("total index of input {i}"));
        assert!(holds(&index.first, first) && holds(&index.total, total), "intervals of input {i}: {index:?}");
    }
}

#[test]
fn indices_of_the_g_function() {
    // Of Sobol', with these a: the variance of factor i is V_i = 1 / 3 (1 + a_i)², the whole V = prod (1 + V_i) - 1;
    // S_i = V_i / V and ST_i = V_i prod of the others' (1 + V_j) / V. The first come to 0.7162, 0.1790, 0.0237, 0.0072
    // and 0.7871, 0.2422, 0.0343, 0.0105, as printed by Saltelli et al. 2008, Global sensitivity analysis: the primer.
    let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];
    let parts = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
    let product =
        |without: Option<usize>| -> f64 { (0..8).filter(|i| Some(*i) != without).map(|i| 1.0 + parts[i]).product() };
    let variance = product(None) - 1.0;
    near(parts[0] / variance, 0.7162, 5e-5, "S_1");
    near(parts[1] * product(Some(1)) / variance, 0.2422, 5e-5, "ST_2");
    let g = |u: &[f64]| -> f64 { u.iter().zip(a).map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a)).product() };
    for (i, index) in found(indices_of(&points(Sampler::Sobol, 1 << 13, 16, 2), g, 7)).iter().enumerate() {
        near(index.first.value, parts[i] / variance, 0.01, &format!("first index of input {i}"));
        near(index.total.value, parts[i] * product(Some(i)) / variance, 0.01, &format!("total index of input {i}"));
    }
}

#[test]
fn indices_of_inputs_that_lie_far_apart() {
    // Among 40 inputs, whose 80 dimensions are three groups of Sobol points that go together at random.
    let at = [0, 17, 39];
    let f = |u: &[f64]| ishigami(&at.map(|i| u[i]));
    let found = found(indices_of(&points(Sampler::Sobol, 1 << 13, 80, 1), f, 7));
    for (i, (first, total)) in at.into_iter().zip(ISHIGAMI) {
        near(found[i].first.value, first, 0.03, &format!("first index of input {i}"));
        near(found[i].total.value, total, 0.03, &format!("total index of input {i}"));
    }
    assert_eq!((found[5].first.value, found[5].total.value), (0.0, 0.0));
}

#[test]
fn a_large_mean_does_not_blur_indices() {
    let points = points(Sampler::Sobol, 1 << 13, 6, 1);
    for (index, (first, total)) in found(indices_of(&points, |u| 1e6 + ishigami(u), 7)).iter().zip(ISHIGAMI) {
        near(index.first.value, first, 0.01, "first index");
        near(index.total.value, total, 0.01, "total index");
    }
}

#[test]
fn intervals_of_indices_hold_the_truth_as_often_as_they_say() {
    // Of 60 intervals at 0.95, 57 are expected to, with standard deviation 1.7.
    let mut held = [[0; 2]; 3];
    for seed in 0..60 {
        let points = points(Sampler::MonteCarlo, 400, 6, seed);
        for (held, (index, (first, total))) in
            held.iter_mut().zip(found(indices_of(&points, ishigami, seed)).iter().zip(ISHIGAMI))
        {
            held[0] += usize::from(holds(&index.first, first));
            held[1] += usize::from(holds(&index.total, total));
        }
    }
    assert!(held.iter().flatten().all(|held| (51..=60).contains(held)), "{held:?}");
}

#[test]
fn a_constant_model_has_no_indices() {
    let points = points(Sampler::Sobol, 64, 4, 1);
    assert_eq!(indices_of(&points, |_| 0.1 + 0.2, 1), Indices::Constant);
    assert_eq!(indices_of(&points, |_| 0.0, 1), Indices::Constant);
    // What only rounding moves is constant too.
    assert_eq!(indices_of(&points, |u| 1e6 + 1e-9 * u[0], 1), Indices::Constant);
    assert_eq!(indices(&[], &[], &[&[]], 0.95, 1), Indices::Constant);
}

#[test]
fn what_hardly_ever_moves_has_indices_without_intervals() {
    // One row of 100 differs: more than a third of the resamples do without it.
    let mut a = vec![0.0; 100];
    a[17] = 1.0;
    let b = vec![0.0; 100];
    let index = found(indices(&a, &b, &[&b], 0.95, 1))[0];
    assert_eq!((index.first.interval, index.total.interval), (None, None));
    // Variance 1/200 - 1/200²; the sum of squares 1, halved, of 100.
    near(index.total.value, 0.005 / (0.005 - 0.000_025), 1e-12, "total index");
}

// -------------------------------------------------------------------------------------------------------------- PRIM

#[test]
fn a_region_is_found_by_hand() {
    // 5 of 20 fail, the topmost of an input. Without the limit a quarter fails: 5 of 5 by chance at 1/4^5.
    let input: Vec<f64> = (0..20).map(f64::from).collect();
    let fails: Vec<bool> = (0..20).map(|s| s >= 15).collect();
    let limit = Limit { input: 0, side: Side::AtLeast, at: 15.0, quasi_p: 1.0 / 1024.0 };
    let expected = Region { limits: vec![limit], points: 5, failures: 5, coverage: 1.0, density: 1.0, mass: 0.25 };
    let found = regions(&[&input], &fails).unwrap();
    near(found[0].limits[0].quasi_p, limit.quasi_p, 1e-12, "quasi-p");
    let exact = |region: &Region| {
        let limits = region.limits.iter().map(|l| Limit { quasi_p: limit.quasi_p, ..*l }).collect();
        Region { limits, ..region.clone() }
    };
    assert_eq!(found.iter().map(exact).collect::<Vec<_>>(), [expected]);
}

/// Limits without their quasi-p-values.
fn limits(region: &Region) -> Vec<(usize, Side, f64)> {
    region.limits.iter().map(|l| (l.input, l.side, l.at)).collect()
}

#[test]
fn levels_are_peeled_whole() {
    // A truce extended 0, 1 or 2 times, 10 samples each; all fail where it is not, and one where it is twice.
    let level: Vec<f64> = (0..30).map(|s| f64::from(s % 3)).collect();
    let fails: Vec<bool> = (0..30).map(|s| s % 3 == 0 || s == 29).collect();
    let found = regions(&[&level], &fails).unwrap();
    assert_eq!(limits(&found[0]), [(0, Side::AtMost, 0.0)]);
    assert_eq!((found[0].points, found[0].failures, found.len()), (10, 10, 1));
    near(found[0].coverage, 10.0 / 11.0, 1e-12, "coverage");
    near(found[0].limits[0].quasi_p, (11.0_f64 / 30.0).powi(10), 1e-12, "quasi-p");
}

#[test]
fn what_fails_less_than_all_samples_is_no_region() {
    // All of 400 fail at level 0, 80 of 400 at level 1, 8 of 800 at level 2: of all samples 30.5 %. Level 1 stands out
    // of what level 0 leaves, but fails less than that.
    let level: Vec<f64> = (0..1600).map(|s| f64::from((s / 400).min(2))).collect();
    let fails: Vec<bool> = (0..1600).map(|s| s < 400 || s < 800 && s % 5 == 0 || s % 100 == 0).collect();
    let found = regions(&[&level], &fails).unwrap();
    assert_eq!(found.iter().map(limits).collect::<Vec<_>>(), [[(0, Side::AtMost, 0.0)]]);
}

#[test]
fn a_region_may_lie_in_the_middle() {
    // One extension of none, one or two, and a date between 100 and 160 of 300.
    let level: Vec<f64> = (0..900).map(|s| f64::from(s % 3)).collect();
    let date: Vec<f64> = (0..900).map(|s| f64::from(s / 3)).collect();
    let fails: Vec<bool> = (0..900).map(|s| s % 3 == 1 && (100..=160).contains(&(s / 3))).collect();
    let found = regions(&[&level, &date], &fails).unwrap();
    let expected =
        [(0, Side::AtLeast, 1.0), (0, Side::AtMost, 1.0), (1, Side::AtLeast, 100.0), (1, Side::AtMost, 160.0)];
    assert_eq!(limits(&found[0]), expected);
    assert_eq!((found[0].points, found[0].failures, found.len()), (61, 61, 1));
}

#[test]
fn samples_of_one_value_stay_together() {
    // 6 of 40 share the lowest value, 5 the next one, and a slice of 2 would cut through both.
    let input: Vec<f64> = (0..40_u32).map(|s| f64::from(if s < 6 { 0 } else { s.max(11) })).collect();
    let fails: Vec<bool> = (0..40).map(|s| s >= 6 && s != 20).collect();
    let found = regions(&[&input], &fails).unwrap();
    assert_eq!(limits(&found[0]), [(0, Side::AtLeast, 11.0)]);
    assert_eq!((found[0].points, found[0].failures), (34, 33));
}

#[test]
fn samples_without_a_value_lie_outside() {
    // An input that half of the samples do not have; the others fail above 60.
    let input: Vec<f64> = (0..200).map(|s| if s % 2 == 0 { f64::NAN } else { f64::from(s) }).collect();
    let fails: Vec<bool> = (0..200).map(|s| s % 2 == 1 && s > 60).collect();
    let found = regions(&[&input, &[1.0; 200], &[f64::NAN; 200]], &fails).unwrap();
    assert_eq!(limits(&found[0]), [(0, Side::AtLeast, 61.0)]);
    assert_eq!((found[0].points, found[0].failures, found.len()), (70, 70, 1));
}

/// A uniform number for whether a sample fails.
const CHANCE: usize = 7;

#[test]
fn a_planted_region_is_found() {
    // Above 0.7 of input 1 and below 0.4 of input 4, among 7 inputs, 95 % fail; elsewhere 3 %.
    let points = points(Sampler::LatinHypercube, 2000, 8, 6);
    let inputs: Vec<Vec<f64>> = (0..7).map(|i| column(&points, i)).collect();
    let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let inside = |s: usize| points.at(s, 1) > 0.7 && points.at(s, 4) < 0.4;
    let fails: Vec<bool> = (0..2000).map(|s| points.at(s, CHANCE) < if inside(s) { 0.95 } else { 0.03 }).collect();
    let found = regions(&inputs, &fails).unwrap();
    let sides: Vec<_> = limits(&found[0]).iter().map(|(input, side, _)| (*input, *side)).collect();
    assert_eq!(sides, [(1, Side::AtLeast), (4, Side::AtMost)]);
    near(found[0].limits[0].at, 0.7, 0.02, "lower limit");
    near(found[0].limits[1].at, 0.4, 0.02, "upper limit");
    near(found[0].mass, 0.12, 0.02, "mass");
    near(found[0].density, 0.95, 0.07, "density");
    // 0.12 * 0.95 of 0.12 * 0.95 + 0.88 * 0.03.
    near(found[0].coverage, 0.812, 0.04, "coverage");
    // It beats the planted one, if by chance: more failures beyond those of as many samples at the base rate.
    let rate = fails.iter().filter(|f| **f).count() as f64 / 2000.0;
    let excess = (0..2000).filter(|s| inside(*s)).map(|s| f64::from(u8::from(fails[s])) - rate).sum::<f64>();
    assert!(found[0].failures as f64 - found[0].points as f64 * rate >= excess - 1e-9, "{found:?}");
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_planted_region_is_found_among_more_inputs_than_samples() {
    // The same, in 800 inputs of 512 samples: a tenth of the inputs has a slice of 5 % without failures by chance.
    let points = points(Sampler::Sobol, 512, 801, 3);
    let inputs: Vec<Vec<f64>> = (0..800).map(|i| column(&points, i)).collect();
    let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let inside = |s: usize| points.at(s, 500) > 0.7 && points.at(s, 4) < 0.4;
    let fails: Vec<bool> = (0..512).map(|s| points.at(s, 800) < if inside(s) { 0.95 } else { 0.03 }).collect();
    let found = regions(&inputs, &fails).unwrap();
    let sides: Vec<_> = limits(&found[0]).iter().map(|(input, side, _)| (*input, *side)).collect();
    assert_eq!((sides, found.len()), (vec![(4, Side::AtMost), (500, Side::AtLeast)], 1));
    near(found[0].limits[0].at, 0.4, 0.03, "upper limit");
    near(found[0].limits[1].at, 0.7, 0.03, "lower limit");
}

#[test]
fn two_planted_regions_are_found_one_after_the_other() {
    let points = points(Sampler::Sobol, 2048, 8, 6);
    let inputs: Vec<Vec<f64>> = (0..7).map(|i| column(&points, i)).collect();
    let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let first = |s: usize| points.at(s, 0) < 0.3;
    let second = |s: usize| points.at(s, 3) > 0.5 && points.at(s, 5) > 0.75;
    let fails: Vec<bool> = (0..2048).map(|s| first(s) || second(s)).collect();
    let found = regions(&inputs, &fails).unwrap();
    let sides: Vec<Vec<_>> =
        found.iter().map(|r| limits(r).iter().map(|(input, side, _)| (*input, *side)).collect()).collect();
    assert_eq!(sides, [vec![(0, Side::AtMost)], vec![(3, Side::AtLeast), (5, Side::AtLeast)]]);
    near(found[0].limits[0].at, 0.3, 0.02, "limit of the first");
    near(found[1].limits[0].at, 0.5, 0.02, "limit of the second");
    near(found[1].limits[1].at, 0.75, 0.02, "limit of the second");
    near(found[0].coverage + found[1].coverage, 1.0, 0.03, "coverage of both");
}

#[test]
fn chance_has_no_region() {
    // Failures that have nothing to do with the inputs.
    let found = |seed: u64| {
        let points = points(Sampler::MonteCarlo, 500, 21, seed);
        let inputs: Vec<Vec<f64>> = (0..20).map(|i| column(&points, i)).collect();
        let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        let fails: Vec<bool> = (0..500).map(|s| points.at(s, 20) < 0.3).collect();
        regions(&inputs, &fails)
    };
    let wrong = (0..40).filter(|seed| found(*seed) != Err(NoRegion::NothingStandsOut)).count();
    assert!(wrong <= 4, "{wrong} of 40 ensembles have a region by chance");
}

#[test]
fn no_region_says_why() {
    let input: Vec<f64> = (0..50).map(f64::from).collect();
    let some: Vec<bool> = (0..50).map(|s| s < 10).collect();
    for (inputs, fails, why, words) in [
        (&input, &vec![false; 50], NoRegion::NothingFails, "no sample fails"),
        (&input, &vec![true; 50], NoRegion::AllFails, "every sample fails"),
        (&vec![2.0; 50], &some, NoRegion::NothingVaries, "no input varies"),
        (&vec![f64::NAN; 50], &some, NoRegion::NothingVaries, "no input varies"),
        (&Vec::new(), &Vec::new(), NoRegion::NothingFails, "no sample fails"),
    ] {
        assert_eq!(regions(&[inputs], fails), Err(why));
        assert_eq!(why.to_string(), words);
    }
    assert_eq!(regions(&[], &some), Err(NoRegion::NothingVaries));
}

// -------------------------------------------------------------------------------------------------------- properties

proptest! {
    // Always the same cases.
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_interval_of_a_share_holds_it(samples in 1usize..5000, part in 0.0..=1.0, confidence in 0.5..0.999) {
        let happened = (part * samples as f64) as usize;
        let found = share(happened, samples, confidence).unwrap();
        let [low, high] = found.interval.unwrap();
        prop_assert!(0.0 <= low && low <= found.value && found.value <= high && high <= 1.0);
        // The other way round it is the same from the other side.
        let [other_low, other_high] = share(samples - happened, samples, confidence).unwrap().interval.unwrap();
        prop_assert!((low - (1.0 - other_high)).abs() < 1e-9 && (high - (1.0 - other_low)).abs() < 1e-9);
    }

    #[test]
    fn quantiles_rise_and_lie_in_their_intervals(sample in prop::collection::vec(-1e3..1e3, 1..80)) {
        let shares: Vec<f64> = (0..=20).map(|k| f64::from(k) / 20.0).collect();
        let found = quantiles(&sample, &shares, 0.9).unwrap();
        prop_assert!(found.windows(2).all(|pair| pair[0].value <= pair[1].value));
        prop_assert!(found.iter().all(|q| q.interval.is_none_or(|[low, high]| low <= q.value && q.value <= high)));
    }

    #[test]
    fn cvar_lies_between_the_quantile_and_the_worst(
        sample in prop::collection::vec(-1e3..1e3, 1..40),
        alpha in 0.0..0.99,
    ) {
        let found = cvar(&sample, alpha, 0.9, 1).unwrap().value;
        let worst = sample.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sorted = sample.clone();
        sorted.sort_by(f64::total_cmp);
        // VaR: the least value that at least alpha of the samples do not exceed.
        let var = sorted[((alpha * sample.len() as f64).ceil() as usize).max(1) - 1];
        prop_assert!(var <= found + 1e-9 && found <= worst + 1e-9, "{var} {found} {worst}");
    }

    #[test]
    fn an_interval_without_noise_is_found_to_the_sample(
        first in 20_u32..160,
        length in 20_u32..140,
        stride in 1_u32..50,
    ) {
        // All of 20 or more samples in a row fail, and 20 or more on either side do not; 211 is a prime, so that
        // strides go through all samples.
        let last = (first + length - 1).min(190);
        prop_assume!(last >= first + 19);
        let input: Vec<f64> = (0..211).map(|s| f64::from(s * stride % 211)).collect();
        let fails: Vec<bool> = input.iter().map(|x| (f64::from(first)..=f64::from(last)).contains(x)).collect();
        let found = regions(&[&input], &fails).unwrap();
        let expected = [(0, Side::AtLeast, f64::from(first)), (0, Side::AtMost, f64::from(last))];
        prop_assert_eq!(limits(&found[0]), expected);
        prop_assert_eq!(found.len(), 1);
    }

    #[test]
    fn regions_are_what_their_limits_say_in_any_order_of_samples(
        seed in any::<u64>(),
        levels in 2usize..6,
        turn in 0usize..200,
    ) {
        let points = points(Sampler::MonteCarlo, 200, 4, seed);
        let level = |s: usize| (points.at(s, 1) * levels as f64).floor();
        let rows: Vec<[f64; 3]> = (0..200)
            .map(|s| [points.at(s, 0), level(s), if points.at(s, 2) < 0.2 { f64::NAN } else { points.at(s, 2) }])
            .collect();
        let fails: Vec<bool> =
            (0..200).map(|s| points.at(s, 0) > 0.6 && level(s) < 1.0 || points.at(s, 3) < 0.1).collect();
        let turned = |turn: usize| {
            let inputs: Vec<Vec<f64>> = (0..3).map(|i| (0..200).map(|s| rows[(s + turn) % 200][i]).collect()).collect();
            let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
            regions(&inputs, &(0..200).map(|s| fails[(s + turn) % 200]).collect::<Vec<_>>())
        };
        let found = turned(0);
        prop_assert_eq!(&turned(turn), &found);
        let (mut left, failures) = (vec![true; 200], fails.iter().filter(|f| **f).count());
        for region in found.iter().flatten() {
            let holds = |s: usize| region.limits.iter().all(|limit| match limit.side {
                Side::AtLeast => rows[s][limit.input] >= limit.at,
                Side::AtMost => rows[s][limit.input] <= limit.at,
            });
            let inside: Vec<usize> = (0..200).filter(|s| left[*s] && holds(*s)).collect();
            let failing = inside.iter().filter(|s| fails[**s]).count();
            prop_assert_eq!((region.points, region.failures), (inside.len(), failing));
            prop_assert_eq!(region.coverage, failing as f64 / failures as f64);
            prop_assert_eq!(region.density, failing as f64 / inside.len() as f64);
            prop_assert_eq!(region.mass, inside.len() as f64 / 200.0);
            prop_assert!(region.mass >= 0.05 && region.limits.iter().all(|l| l.quasi_p <= 0.05));
            inside.iter().for_each(|s| left[*s] = false);
        }
    }
}
