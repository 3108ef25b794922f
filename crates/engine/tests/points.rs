//! Points of ensembles: as even as their method promises, and the same whatever is asked first.

use coercivity_engine::points::{Points, PointsError, Sampler};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SAMPLERS: [Sampler; 3] = [Sampler::MonteCarlo, Sampler::LatinHypercube, Sampler::Sobol];

fn points(sampler: Sampler, samples: usize, dimensions: usize, seed: u64) -> Points {
    Points::new(sampler, samples, dimensions, seed).unwrap_or_else(|error| panic!("{error}"))
}

/// How many samples lie in each of `parts` equal parts of a dimension.
fn counts(points: &Points, index: usize, parts: usize) -> Vec<usize> {
    let mut counts = vec![0; parts];
    for sample in 0..points.samples() {
        counts[(points.at(sample, index) * parts as f64) as usize] += 1;
    }
    counts
}

#[test]
fn thousands_of_dimensions_are_as_even_as_one() {
    for index in [0, 1, 999, 1000, 2468, 4937] {
        for sampler in [Sampler::LatinHypercube, Sampler::Sobol] {
            let points = points(sampler, 64, 4938, 5);
            assert_eq!(counts(&points, index, 64), [1; 64], "{sampler:?}, dimension {index}");
        }
    }
}

#[test]
fn a_scrambled_net_stays_one() {
    // The first two dimensions are a (0, 2)-sequence: 2^8 points have one in each of the 2^8 boxes of sides 2^-a, 2^-b.
    let points = points(Sampler::Sobol, 256, 2, 77);
    for a in 0..=8 {
        let mut counts = vec![0; 256];
        for sample in 0..256 {
            let (row, column) =
                (points.at(sample, 0) * f64::from(1 << a), points.at(sample, 1) * f64::from(1 << (8 - a)));
            counts[(row as usize) << (8 - a) | column as usize] += 1;
        }
        assert_eq!(counts, [1; 256], "boxes of side 2^-{a}");
    }
}

#[test]
fn a_few_dimensions_of_sobol_points_go_on() {
    let (few, more) = (points(Sampler::Sobol, 100, 32, 1), points(Sampler::Sobol, 1000, 32, 1));
    (0..100).for_each(|s| (0..32).for_each(|i| assert_eq!(few.at(s, i), more.at(s, i))));
}

#[test]
fn seeds_give_other_points() {
    for sampler in SAMPLERS {
        let (one, other) = (points(sampler, 100, 3, 1), points(sampler, 100, 3, 2));
        let same =
            (0..100).flat_map(|s| (0..3).map(move |i| (s, i))).filter(|(s, i)| one.at(*s, *i) == other.at(*s, *i));
        assert_eq!(same.count(), 0, "{sampler:?}");
    }
}

#[test]
fn dimensions_have_nothing_to_do_with_each_other() {
    // Of 1,024 independent pairs a correlation has standard deviation 1/32; 5.5 of them are out of the question for
    // 125,000 pairs of dimensions. Of Sobol points that were not put together in groups 40 pairs would by
    // more than a half.
    for sampler in SAMPLERS {
        let points = points(sampler, 1024, 500, 11);
        let column = |i: usize| (0..1024).map(|s| points.at(s, i) - 0.5).collect::<Vec<_>>();
        let columns: Vec<_> = (0..500).map(column).collect();
        for (a, b) in (0..500).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let product: f64 = columns[a].iter().zip(&columns[b]).map(|(x, y)| x * y).sum();
            let correlation = product / 1024.0 * 12.0;
            assert!(correlation.abs() < 5.5 / 32.0, "{sampler:?}: {a} and {b} correlate by {correlation}");
        }
    }
}

#[test]
fn numbers_are_uniform() {
    // Mean 1/2, mean square 1/3, and 64 parts that hold 1,562.5 each. Of chi-squared with 63 degrees of freedom,
    // 99.9 % lies below 103.4.
    let points = points(Sampler::MonteCarlo, 1000, 100, 3);
    let all: Vec<f64> = (0..1000).flat_map(|s| (0..100).map(move |i| (s, i))).map(|(s, i)| points.at(s, i)).collect();
    let mean = |power: i32| all.iter().map(|x| x.powi(power)).sum::<f64>() / all.len() as f64;
    // Five standard deviations of the means of 100,000 numbers.
    assert!((mean(1) - 0.5).abs() < 5.0 * 0.000_913, "{}", mean(1));
    assert!((mean(2) - 1.0 / 3.0).abs() < 5.0 * 0.000_943, "{}", mean(2));
    let mut counts = [0; 64];
    all.iter().for_each(|x| counts[(x * 64.0) as usize] += 1);
    let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 1562.5).powi(2) / 1562.5).sum();
    assert!(chi < 103.4, "chi-squared {chi}");
}

#[test]
fn each_number_is_uniform_over_seeds() {
    // 64 parts that hold 64 each. Of chi-squared with 63 degrees of freedom, 99.9 % lies below 103.4.
    for sampler in SAMPLERS {
        for (sample, index) in [(0, 0), (2, 40)] {
            let mut counts = [0; 64];
            (0..4096).for_each(|seed| counts[(points(sampler, 4, 41, seed).at(sample, index) * 64.0) as usize] += 1);
            let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 64.0).powi(2) / 64.0).sum();
            assert!(chi < 103.4, "{sampler:?}, sample {sample}, index {index}: chi-squared {chi}");
        }
    }
}

#[test]
fn better_methods_are_nearer_to_the_mean() {
    // The product of 1 + (x_i - 1/2) / i over 5 dimensions has mean 1.
    let off = |sampler, seed| {
        let points = points(sampler, 1024, 5, seed);
        let value = |s| (0..5).map(|i| 1.0 + (points.at(s, i) - 0.5) / (i + 1) as f64).product::<f64>();
        (0..1024).map(value).sum::<f64>() / 1024.0 - 1.0
    };
    let root_mean_square = |sampler| ((0..20).map(|seed| off(sampler, seed).powi(2)).sum::<f64>() / 20.0_f64).sqrt();
    let [monte_carlo, latin, sobol] = SAMPLERS.map(root_mean_square);
    // Its variance is the product of 1 + 1 / (12 i^2), less 1: 0.1274.
    let expected = (0.1274_f64 / 1024.0).sqrt();
    assert!((0.5..2.0).contains(&(monte_carlo / expected)), "{monte_carlo}, not {expected}");
    assert!(latin < monte_carlo / 3.0, "Latin hypercube {latin}, Monte Carlo {monte_carlo}");
    assert!(sobol < monte_carlo / 30.0, "Sobol {sobol}, Monte Carlo {monte_carlo}");
}

#[test]
fn what_cannot_be_laid_is_told_with_a_remedy() {
    let error = |sampler, samples, dimensions| match Points::new(sampler, samples, dimensions, 0) {
        Ok(_) => panic!("{samples} samples of {dimensions} dimensions were laid"),
        Err(error) => error.to_string(),
    };
    for sampler in SAMPLERS {
        assert_eq!(error(sampler, 0, 1), "0 samples are no ensemble: ask for at least 1");
    }
    let many = (1 << 32) + 1;
    assert_eq!(
        error(Sampler::LatinHypercube, many, 1),
        "4294967297 samples are too many for this sampler: ask for at most 4294967296, or use Monte Carlo"
    );
    assert_eq!(Points::new(Sampler::Sobol, many, 1, 0).err(), Some(PointsError::TooManySamples { samples: many }));
    assert!(Points::new(Sampler::MonteCarlo, many, 1, 0).is_ok());
    assert!(SAMPLERS.iter().all(|sampler| Points::new(*sampler, 8, 100_000, 0).is_ok()));
    // The last point of the longest sequences.
    for sampler in [Sampler::LatinHypercube, Sampler::Sobol] {
        let last = points(sampler, 1 << 32, 2, 0).at((1 << 32) - 1, 1);
        assert!(0.0 < last && last < 1.0);
    }
}

proptest! {
    // Always the same cases.
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn numbers_lie_inside_and_hang_on_nothing_else(
        seed in any::<u64>(),
        samples in 1usize..300,
        dimensions in 1usize..80,
        asked in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..40),
    ) {
        for sampler in SAMPLERS {
            let all = points(sampler, samples, dimensions, seed);
            let table: Vec<Vec<f64>> =
                (0..samples).map(|s| (0..dimensions).map(|i| all.at(s, i)).collect()).collect();
            prop_assert!(table.iter().flatten().all(|x| 0.0 < *x && *x < 1.0));
            // Other points, with more dimensions, and, where they do not hang on how many there are, more samples.
            let more = if sampler == Sampler::MonteCarlo { samples + 100 } else { samples };
            let again = points(sampler, more, dimensions + 7, seed);
            for (sample, index) in &asked {
                let (s, i) = (sample.index(samples), index.index(dimensions));
                prop_assert_eq!(again.at(s, i).to_bits(), table[s][i].to_bits());
            }
        }
    }

    #[test]
    fn latin_hypercubes_have_one_sample_in_each_stratum(seed in any::<u64>(), samples in 1usize..2000) {
        let points = points(Sampler::LatinHypercube, samples, 3, seed);
        for index in 0..3 {
            prop_assert_eq!(counts(&points, index, samples), vec![1; samples]);
        }
    }

    #[test]
    fn sobol_points_have_one_sample_in_each_part(seed in any::<u64>(), power in 0u32..11, index in 0usize..40) {
        let points = points(Sampler::Sobol, 1 << power, 40, seed);
        prop_assert_eq!(counts(&points, index, 1 << power), vec![1; 1 << power]);
    }
}
