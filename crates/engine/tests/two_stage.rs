//! Two-stage programs: published optima, cases worked by hand, and the two ways to solve held against each other.

use coercivity_engine::solve::SolveError;
use coercivity_engine::solve::linear::Linear;
use coercivity_engine::two_stage::measures::{measures, wait_and_see};
use coercivity_engine::two_stage::{
    Asked, Benders, First, FirstRow, Gap, Link, NOBODY, Problem, Risk, Scenario, Solved, extensive,
};
use proptest::prelude::*;

const INF: f64 = f64::INFINITY;

fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found}, not {wanted}");
}

fn ask(problem: &Problem) -> Result<Solved, SolveError> {
    let probabilities = problem.probabilities();
    Benders::new(problem)?.solve(&Asked::new(&problem.first, &probabilities, problem.risk, &|| false))
}

/// The optimum, the same by both ways.
fn solved(problem: &Problem) -> Solved {
    let (whole, parts) = (extensive(problem, Gap::NONE, None, &|| false).unwrap(), ask(problem).unwrap());
    let size = 1e-7 * whole.objective.abs().max(1.0);
    near(parts.objective, whole.objective, size);
    near(parts.bound, whole.objective, size);
    near(problem.objective(&parts.decisions, &parts.recourse), parts.objective, size);
    assert!(!parts.stopped && !whole.stopped);
    parts
}

fn first(costs: &[f64], upper: &[f64]) -> First {
    First {
        costs: costs.to_vec(),
        lower: vec![0.0; costs.len()],
        upper: upper.to_vec(),
        whole: vec![false; costs.len()],
        rows: Vec::new(),
    }
}

/// Birge & Louveaux, section 1.1: acres of wheat, corn and beets before the yields are known, 20% above or below the mean.
fn farmer() -> Problem {
    let mut first = first(&[150.0, 230.0, 260.0], &[500.0; 3]);
    first.rows.push(FirstRow { lower: -INF, upper: 500.0, entries: vec![(0, 1.0), (1, 1.0), (2, 1.0)] });
    let scenario = |factor: f64| Scenario {
        probability: 1.0 / 3.0,
        // Wheat and corn bought, wheat and corn sold, beets sold within the quota of 6000 and beyond it.
        program: Linear::new(
            &[
                (238.0, 0.0, INF),
                (210.0, 0.0, INF),
                (-170.0, 0.0, INF),
                (-150.0, 0.0, INF),
                (-36.0, 0.0, 6000.0),
                (-10.0, 0.0, INF),
            ],
            &[(200.0, INF), (240.0, INF), (-INF, 0.0)],
            &[(0, 0, 1.0), (0, 2, -1.0), (1, 1, 1.0), (1, 3, -1.0), (2, 4, 1.0), (2, 5, 1.0)],
        ),
        links: vec![
            Link { row: 0, decision: 0, value: 2.5 * factor },
            Link { row: 1, decision: 1, value: 3.0 * factor },
            Link { row: 2, decision: 2, value: -20.0 * factor },
        ],
    };
    Problem { first, scenarios: [1.2, 1.0, 0.8].map(scenario).to_vec(), risk: Risk::NEUTRAL }
}

#[test]
fn the_farmer_is_as_published() {
    let problem = farmer();
    let found = solved(&problem);
    near(found.objective, -108_390.0, 0.01);
    for (acres, wanted) in found.decisions.iter().zip([170.0, 80.0, 250.0]) {
        near(*acres, wanted, 1e-4);
    }
    let known = measures(&problem, &|| false).unwrap();
    near(known.here_and_now, -108_390.0, 0.01);
    near(known.expected_value_solution.unwrap(), -107_240.0, 0.01);
    near(known.wait_and_see, -115_405.556, 0.01);
    near(known.value_of_the_stochastic_solution().unwrap(), 1150.0, 0.01);
    near(known.value_of_perfect_information(), 7015.556, 0.01);
}

/// Each year's own best, table 1.2 to 1.4 of the book: 167,667, 118,600 and 59,950 of profit.
#[test]
fn the_farmer_who_knows_the_year() {
    let problem = farmer();
    let probabilities = problem.probabilities();
    let mut benders = Benders::new(&problem).unwrap();
    let asked = Asked::new(&problem.first, &probabilities, problem.risk, &|| false);
    let known = wait_and_see(&mut benders, &asked).unwrap();
    for (found, wanted) in known.iter().zip([-167_666.667, -118_600.0, -59_950.0]) {
        near(*found, wanted, 0.01);
    }
}

/// The quota of beets as a limit that only whole fields keep: fields of 100 acres, by enumeration of all 56 choices.
#[test]
fn the_farmer_with_whole_fields() {
    let mut problem = farmer();
    // 100 acres each: costs, yields and land times 100.
    for x in 0..3 {
        problem.first.costs[x] *= 100.0;
        problem.first.upper[x] = 5.0;
        problem.first.whole[x] = true;
    }
    problem.first.rows[0].upper = 5.0;
    for scenario in &mut problem.scenarios {
        scenario.links.iter_mut().for_each(|link| link.value *= 100.0);
    }
    // What a year brings is plain arithmetic: need first, then what is left is sold.
    let year = |fields: [f64; 3], factor: f64| {
        let (wheat, corn) = (250.0 * factor * fields[0] - 200.0, 300.0 * factor * fields[1] - 240.0);
        let beets = 2000.0 * factor * fields[2];
        let crop = |left: f64, buy: f64, sell: f64| if left < 0.0 { -left * buy } else { -left * sell };
        crop(wheat, 238.0, 170.0) + crop(corn, 210.0, 150.0)
            - 36.0 * beets.min(6000.0)
            - 10.0 * (beets - 6000.0).max(0.0)
    };
    let mut best = INF;
    for wheat in 0..=5 {
        for corn in 0..=5 - wheat {
            for beets in 0..=5 - wheat - corn {
                let fields = [f64::from(wheat), f64::from(corn), f64::from(beets)];
                let costs = 100.0 * (150.0 * fields[0] + 230.0 * fields[1] + 260.0 * fields[2]);
                let mean = [1.2, 1.0, 0.8].map(|factor| year(fields, factor) / 3.0).iter().sum::<f64>();
                best = f64::min(best, costs + mean);
            }
        }
    }
    near(solved(&problem).objective, best, 1e-4);
}

/// Order now at 1, order later at 1.5, hold at 0.1; demands equally likely (Shapiro & Philpott, *A tutorial on stochastic
/// programming*, with demand uniform on 0..100: order 31.25, which costs 67.1875).
fn newsvendor(demands: &[f64]) -> Problem {
    let scenario = |demand: &f64| Scenario {
        probability: 1.0 / demands.len() as f64,
        // later + x - held = demand
        program: Linear::new(&[(1.5, 0.0, INF), (0.1, 0.0, INF)], &[(*demand, *demand)], &[(0, 0, 1.0), (0, 1, -1.0)]),
        links: vec![Link { row: 0, decision: 0, value: 1.0 }],
    };
    Problem { first: first(&[1.0], &[200.0]), scenarios: demands.iter().map(scenario).collect(), risk: Risk::NEUTRAL }
}

#[test]
fn the_newsvendor_is_as_published() {
    // In the middles of 16 strips of equal width the mean of |x - D| is the integral where x is an edge of a strip, as
    // 31.25 = 5/16 of 100 is: so the optimum is the published one to the last digit.
    let demands: Vec<f64> = (0..16).map(|n| 6.25 * (f64::from(n) + 0.5)).collect();
    let found = solved(&newsvendor(&demands));
    near(found.objective, 67.1875, 1e-9);
    // Between the middles beside it, all orders cost the same.
    assert!((28.125 - 1e-9..=34.375 + 1e-9).contains(&found.decisions[0]), "{}", found.decisions[0]);
    let demands: Vec<f64> = (0..1000).map(|n| 0.1 * (f64::from(n) + 0.5)).collect();
    let found = ask(&newsvendor(&demands)).unwrap();
    near(found.objective, 67.1875, 1e-4);
    near(found.decisions[0], 31.25, 0.1);
}

/// Two demands, 0 and 100. By hand: an order x costs x + 0.1 x in one, x + 1.5 (100 - x) in the other.
#[test]
fn cvar_by_hand() {
    let mut problem = newsvendor(&[0.0, 100.0]);
    // Mean: 1 + 0.05 - 0.75 = 0.3 a unit: nothing is ordered.
    let found = solved(&problem);
    near(found.decisions[0], 0.0, 1e-7);
    near(found.objective, 75.0, 1e-7);
    // The worst half alone is the greater of 1.1 x and 150 - 0.5 x: least at 93.75.
    problem.risk = Risk { weight: 1.0, level: 0.5 };
    let found = solved(&problem);
    near(found.decisions[0], 93.75, 1e-6);
    near(found.objective, 103.125, 1e-6);
    // Half and half: below 93.75 a unit costs 0.5 x 0.3 - 0.5 x 0.5 = -0.1, so as much as before is ordered:
    // 0.5 x (75 + 0.3 x 93.75) + 0.5 x 103.125.
    problem.risk = Risk { weight: 0.5, level: 0.5 };
    let found = solved(&problem);
    near(found.decisions[0], 93.75, 1e-6);
    near(found.objective, 103.125, 1e-6);
    // The worst 75%: the worse one whole and half of the better one. 2/3 (150 - 0.5 x) + 1/3 (1.1 x): nothing helps.
    problem.risk = Risk { weight: 1.0, level: 0.25 };
    let found = solved(&problem);
    near(found.objective, 100.0, 1e-6);
    near(found.decisions[0], 0.0, 1e-6);
}

#[test]
fn cvar_takes_its_part_of_a_scenario() {
    let risk = Risk { weight: 1.0, level: 0.7 };
    // The worst 0.3: 9 with 0.2, and 0.1 of what costs 4.
    near(risk.cvar(&[0.2, 0.5, 0.3], &[9.0, 1.0, 4.0]), (0.2 * 9.0 + 0.1 * 4.0) / 0.3, 1e-12);
}

/// Birge & Louveaux, section 5.1, example 1: 100 x1 + 150 x2 with two scenarios; z* = -855.83 at (46.67, 36.25).
#[test]
fn the_first_example_of_the_l_shaped_method() {
    let mut first = first(&[100.0, 150.0], &[120.0; 2]);
    first.lower = vec![40.0, 20.0];
    first.rows.push(FirstRow { lower: -INF, upper: 120.0, entries: vec![(0, 1.0), (1, 1.0)] });
    let scenario = |probability: f64, d: [f64; 2], q: [f64; 2]| Scenario {
        probability,
        program: Linear::new(
            &[(q[0], 0.0, d[0]), (q[1], 0.0, d[1])],
            &[(-INF, 0.0), (-INF, 0.0)],
            &[(0, 0, 6.0), (0, 1, 10.0), (1, 0, 8.0), (1, 1, 5.0)],
        ),
        links: vec![Link { row: 0, decision: 0, value: -60.0 }, Link { row: 1, decision: 1, value: -80.0 }],
    };
    let scenarios = vec![scenario(0.4, [500.0, 100.0], [-24.0, -28.0]), scenario(0.6, [300.0, 300.0], [-28.0, -32.0])];
    let found = solved(&Problem { first, scenarios, risk: Risk::NEUTRAL });
    near(found.objective, -855.833, 1e-3);
    near(found.decisions[0], 46.667, 1e-3);
    near(found.decisions[1], 36.25, 1e-3);
}

/// The farmer in mills of a mill, with CVaR: figures of ten digits must not make one program impossible.
#[test]
fn money_of_many_digits_troubles_neither_way() {
    let mut problem = farmer();
    problem.risk = Risk { weight: 0.5, level: 0.6 };
    let small = solved(&problem);
    problem.first.costs.iter_mut().for_each(|cost| *cost *= 1e7);
    for scenario in &mut problem.scenarios {
        scenario.program.costs.iter_mut().for_each(|cost| *cost *= 1e7);
        scenario.program.constant = 1e13;
    }
    let large = solved(&problem);
    near(large.objective, 1e7 * small.objective + 1e13, 1e5);
}

/// Demand of 8 must be met with at most 5 later: at least 3 now, of which each costs 10.
#[test]
fn what_must_be_possible_is_decided_now() {
    let scenario = Scenario {
        probability: 1.0,
        program: Linear::new(&[(1.0, 0.0, 5.0)], &[(8.0, INF)], &[(0, 0, 1.0)]),
        links: vec![Link { row: 0, decision: 0, value: 1.0 }],
    };
    let mut problem = Problem { first: first(&[10.0], &[4.0]), scenarios: vec![scenario], risk: Risk::NEUTRAL };
    let found = solved(&problem);
    near(found.decisions[0], 3.0, 1e-7);
    near(found.objective, 35.0, 1e-6);
    problem.first.upper[0] = 2.5;
    assert_eq!(ask(&problem).unwrap_err(), SolveError::Infeasible);
    assert_eq!(extensive(&problem, Gap::NONE, None, &|| false).unwrap_err(), SolveError::Infeasible);
}

#[test]
fn a_stop_gives_what_is_known_or_says_that_nothing_is() {
    let problem = farmer();
    let probabilities = problem.probabilities();
    let rounds = std::sync::atomic::AtomicUsize::new(0);
    let count = |round: usize, _: Option<f64>, _: f64| rounds.store(round, std::sync::atomic::Ordering::Relaxed);
    let stop = || rounds.load(std::sync::atomic::Ordering::Relaxed) >= 2;
    let asked = Asked { tell: &count, ..Asked::new(&problem.first, &probabilities, problem.risk, &stop) };
    match Benders::new(&problem).unwrap().solve(&asked) {
        Ok(found) => {
            assert!(found.stopped && found.gap() > 0.0, "{found:?}");
            assert!(found.bound <= -108_390.0 && found.objective >= -108_390.0, "{found:?}");
        }
        Err(error) => assert_eq!(error, SolveError::Interrupted),
    }
    let at_once = Asked { tell: NOBODY, stop: &|| true, ..asked };
    assert_eq!(Benders::new(&problem).unwrap().solve(&at_once).unwrap_err(), SolveError::Interrupted);
    // No time is left, though nobody says stop.
    let over = extensive(&problem, Gap::NONE, Some(0.0), &|| false);
    assert_eq!(over.unwrap_err(), SolveError::Interrupted);
}

#[test]
fn problems_that_make_no_sense_are_refused() {
    let mut problem = farmer();
    problem.scenarios[0].probability = 0.5;
    assert!(problem.check().unwrap_err().contains("probabilities"));
    let mut problem = farmer();
    problem.first.upper[1] = INF;
    assert!(problem.check().unwrap_err().contains("decision 1"));
    let mut problem = farmer();
    problem.risk = Risk { weight: 0.5, level: 1.0 };
    assert!(problem.check().unwrap_err().contains("level"));
    let mut problem = farmer();
    problem.scenarios[2].links[0].row = 99;
    assert!(problem.check().unwrap_err().contains("scenario 2"));
}

/// Decisions of which some are whole, with a budget; scenarios in which plants that were decided on serve demands, what is
/// missing costs, and a share of the first demand must be met, so that some decisions are impossible.
fn problems() -> impl Strategy<Value = Problem> {
    let sizes = (1_usize..5, 1_usize..4, 1_usize..4);
    sizes.prop_flat_map(|(decisions, demands, scenarios)| {
        (
            prop::collection::vec((1.0..20.0_f64, any::<bool>()), decisions),
            prop::collection::vec(prop::collection::vec((0.0..10.0_f64, 1.0..30.0_f64), demands), scenarios),
            prop::collection::vec(prop::collection::vec(0.2..6.0_f64, decisions), scenarios),
            (0.0..1.0_f64, 0.0..0.95_f64, 5.0..60.0_f64, 0.0..1.0_f64),
        )
            .prop_map(move |(plants, needs, yields, (weight, level, budget, service))| {
                let costs: Vec<f64> = plants.iter().map(|(cost, _)| *cost).collect();
                let mut first = first(&costs, &vec![2.0; decisions]);
                first.whole = plants.iter().map(|(_, whole)| *whole).collect();
                let entries = costs.iter().copied().enumerate().collect();
                first.rows.push(FirstRow { lower: -INF, upper: budget, entries });
                let scenario = |k: usize| {
                    // Column (x, d): what plant x gives demand d; then what each demand goes without.
                    let given = |x: usize, d: usize| x * demands + d;
                    let unmet = |d: usize| decisions * demands + d;
                    let mut columns = vec![(0.1, 0.0, INF); decisions * demands];
                    columns.extend(needs[k].iter().map(|(_, value)| (*value, 0.0, INF)));
                    let (mut rows, mut entries, mut links) = (Vec::new(), Vec::new(), Vec::new());
                    for (d, (amount, _)) in needs[k].iter().enumerate() {
                        entries.extend((0..decisions).map(|x| (rows.len(), given(x, d), 1.0)));
                        entries.push((rows.len(), unmet(d), 1.0));
                        rows.push((*amount, INF));
                    }
                    for (x, of_one) in yields[k].iter().enumerate() {
                        entries.extend((0..demands).map(|d| (rows.len(), given(x, d), 1.0)));
                        links.push(Link { row: rows.len(), decision: x, value: -of_one });
                        rows.push((-INF, 0.0));
                    }
                    entries.push((rows.len(), unmet(0), 1.0));
                    rows.push((-INF, (1.0 - 0.3 * service) * needs[k][0].0));
                    Scenario {
                        probability: 1.0 / scenarios as f64,
                        program: Linear::new(&columns, &rows, &entries),
                        links,
                    }
                };
                Problem { first, scenarios: (0..scenarios).map(scenario).collect(), risk: Risk { weight, level } }
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_find_the_same_optimum(problem in problems()) {
        match (extensive(&problem, Gap::NONE, None, &|| false), ask(&problem)) {
            (Ok(whole), Ok(parts)) => {
                let size = 1e-6 * whole.objective.abs().max(1.0);
                prop_assert!((parts.objective - whole.objective).abs() <= size, "{} {}", parts.objective, whole.objective);
                prop_assert!(parts.gap() <= size, "{parts:?}");
            }
            (whole, parts) => {
                prop_assert_eq!(whole.as_ref().err(), Some(&SolveError::Infeasible), "{:?}", parts);
                prop_assert_eq!(parts.err(), Some(SolveError::Infeasible));
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit(problem in problems()) {
        let with = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| ask(&problem));
        if let (Ok(one), Ok(two)) = (with(1), with(3)) {
            prop_assert_eq!(one.objective.to_bits(), two.objective.to_bits());
            prop_assert_eq!(one.decisions, two.decisions);
            prop_assert_eq!(one.rounds, two.rounds);
        }
    }
}
