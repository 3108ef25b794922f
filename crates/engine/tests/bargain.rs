//! Bargains: the equilibria of known games as sets of exact fractions, and second opinions on random ones.

use std::collections::BTreeSet;

use coercivity_engine::bargain::fraction::{near, parse, ratio, whole};
use coercivity_engine::bargain::{
    Component, Equilibria, Fraction, Game, Piece, Player, Problem, Solution, Table, dominance, equilibria,
};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection};
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

type Mixes = (Vec<Fraction>, Vec<Fraction>);

fn game<const N: usize, const M: usize>(row: [[i64; M]; N], column: [[i64; M]; N]) -> Game {
    let read = |payoffs: [[i64; M]; N]| payoffs.map(|line| line.map(whole).to_vec()).to_vec();
    Game::new(read(row), read(column)).unwrap()
}

fn symmetric<const N: usize>(row: [[i64; N]; N]) -> Game {
    Game::symmetric(row.map(|line| line.map(whole).to_vec()).to_vec()).unwrap()
}

fn mix(text: &str) -> Vec<Fraction> {
    text.split_whitespace().map(|share| parse(share).unwrap()).collect()
}

fn set(found: &Equilibria) -> BTreeSet<Mixes> {
    found.extreme.iter().map(|e| (e.row.clone(), e.column.clone())).collect()
}

fn expected(all: &[(&str, &str)]) -> BTreeSet<Mixes> {
    all.iter().map(|(row, column)| (mix(row), mix(column))).collect()
}

/// The pieces of each component.
fn pieces(found: &Equilibria) -> Vec<Vec<Piece>> {
    found.components.iter().map(|component| component.pieces.clone()).collect()
}

fn piece(rows: &[&str], columns: &[&str]) -> Piece {
    Piece { rows: rows.iter().map(|r| mix(r)).collect(), columns: columns.iter().map(|c| mix(c)).collect() }
}

#[test]
fn games_of_the_textbook() {
    let dilemma = symmetric([[3, 0], [5, 1]]);
    assert_eq!(set(&equilibria(&dilemma).unwrap()), expected(&[("0 1", "0 1")]));
    let chicken = symmetric([[3, 1], [4, 0]]);
    let all = [("1 0", "0 1"), ("0 1", "1 0"), ("1/2 1/2", "1/2 1/2")];
    assert_eq!(set(&equilibria(&chicken).unwrap()), expected(&all));
    let stag = symmetric([[4, 0], [3, 2]]);
    let all = [("1 0", "1 0"), ("0 1", "0 1"), ("2/3 1/3", "2/3 1/3")];
    let found = equilibria(&stag).unwrap();
    assert_eq!(set(&found), expected(&all));
    assert_eq!(found.pure(), [(0, 0), (1, 1)]);
    let inspection = game([[-1, 3], [1, 0]], [[2, -2], [-1, 1]]);
    let found = equilibria(&inspection).unwrap();
    assert_eq!(set(&found), expected(&[("1/3 2/3", "3/5 2/5")]));
    // By hand: -3/5 + 6/5 = 3/5 for the row player, 2/3 - 2/3 = 0 for the column player.
    assert_eq!(found.extreme[0].payoffs, [ratio(3, 5).unwrap(), whole(0)]);
    assert!(found.components[0].is_point());
}

#[test]
fn a_ladder_of_three_steps_has_five_equilibria() {
    // The middle step gives 3 whatever the other does. Against (p, 1 - p, 0) the first gives 1 + 3p: even at p = 2/3,
    // with the third at 1 - p; likewise from above. Between the ends each gives at most 2, less than the middle; all
    // three even would take y = (1, -1, 1).
    let found = equilibria(&symmetric([[4, 1, 0], [3, 3, 3], [0, 1, 4]])).unwrap();
    let all = [
        ("1 0 0", "1 0 0"),
        ("0 1 0", "0 1 0"),
        ("0 0 1", "0 0 1"),
        ("2/3 1/3 0", "2/3 1/3 0"),
        ("0 1/3 2/3", "0 1/3 2/3"),
    ];
    assert_eq!(set(&found), expected(&all));
    assert_eq!(found.components.len(), 5);
    let orders: Vec<bool> = found.extreme.windows(2).map(|pair| pair[0].row >= pair[1].row).collect();
    assert!(orders.iter().all(|ordered| *ordered));
}

#[test]
fn a_published_degenerate_game() {
    // Von Stengel, in Nisan, Roughgarden, Tardos and Vazirani (2007), chapter 3: where the row player plays its first
    // row, the column player is free from (2/3, 1/3) to (1, 0).
    let found = equilibria(&game([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]])).unwrap();
    let all = [("1 0 0", "1 0"), ("1 0 0", "2/3 1/3"), ("0 1/3 2/3", "1/3 2/3")];
    assert_eq!(set(&found), expected(&all));
    let free = vec![piece(&["1 0 0"], &["1 0", "2/3 1/3"])];
    assert_eq!(pieces(&found), [free, vec![piece(&["0 1/3 2/3"], &["1/3 2/3"])]]);
    // With 2 in place of the second 3 the game is not degenerate.
    let found = equilibria(&game([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]])).unwrap();
    let all = [("1 0 0", "1 0"), ("4/5 1/5 0", "2/3 1/3"), ("0 1/3 2/3", "1/3 2/3")];
    assert_eq!(set(&found), expected(&all));
}

#[test]
fn degenerate_games_by_hand() {
    // The column player is free at the row player's first package.
    let found = equilibria(&game([[1, 1], [0, 1]], [[1, 1], [1, 0]])).unwrap();
    assert_eq!(pieces(&found), [[piece(&["1 0"], &["1 0", "0 1"])]]);
    // A threat that need not be carried out: whoever stays out does not care how likely a fight is, from a half on.
    let entry = game([[-1, 1], [0, 0]], [[-1, 1], [2, 2]]);
    let found = equilibria(&entry).unwrap();
    assert_eq!(pieces(&found), [vec![piece(&["1 0"], &["0 1"])], vec![piece(&["0 1"], &["1 0", "1/2 1/2"])]]);
    assert_eq!(found.pure(), [(0, 1), (1, 0)]);
    // The row player never cares, the column player follows the likelier row: three pieces in a chain, one component.
    let found = equilibria(&game([[1, 1], [1, 1]], [[1, 0], [0, 1]])).unwrap();
    let chain = vec![
        piece(&["1 0", "1/2 1/2"], &["1 0"]),
        piece(&["1/2 1/2"], &["1 0", "0 1"]),
        piece(&["1/2 1/2", "0 1"], &["0 1"]),
    ];
    assert_eq!(pieces(&found), [chain]);
    let component = &found.components[0];
    assert_eq!(found.payoffs(component, Player::Column), (&ratio(1, 2).unwrap(), &whole(1)));
    assert_eq!(found.payoffs(component, Player::Row), (&whole(1), &whole(1)));
    // Nothing matters: everything is an equilibrium, in one piece.
    let found = equilibria(&game([[0; 3]; 2], [[7; 3]; 2])).unwrap();
    assert_eq!(pieces(&found), [[piece(&["1 0", "0 1"], &["1 0 0", "0 1 0", "0 0 1"])]]);
    // One package each.
    assert_eq!(set(&equilibria(&game([[0]], [[0]])).unwrap()), expected(&[("1", "1")]));
}

#[test]
fn coordination_has_an_equilibrium_for_each_set_of_packages() {
    for count in 1..=7_usize {
        let line = |i: usize| (0..count).map(|j| whole((i == j) as i64)).collect::<Vec<_>>();
        let payoffs: Vec<Vec<Fraction>> = (0..count).map(line).collect();
        let found = equilibria(&Game::new(payoffs.clone(), payoffs).unwrap()).unwrap();
        let even = |set: u32| -> Vec<Fraction> {
            let share = ratio(1, i64::from(set.count_ones())).unwrap();
            (0..count).map(|i| if set >> i & 1 == 1 { share.clone() } else { whole(0) }).collect()
        };
        let all: BTreeSet<Mixes> = (1..1_u32 << count).map(|set| (even(set), even(set))).collect();
        assert_eq!(set(&found), all);
    }
}

#[test]
fn a_game_with_long_paths_has_one_equilibrium() {
    // Savani and von Stengel 2006 (Econometrica 74), from dual cyclic polytopes: the one equilibrium mixes everything.
    let row = [
        [-180, 72, -333, 297, -153, 270],
        [-30, 17, -33, 42, -3, 20],
        [-81, 36, -126, 126, -36, 90],
        [90, -36, 126, -126, 36, -81],
        [20, -3, 42, -33, 17, -30],
        [270, -153, 297, -333, 72, -180],
    ];
    let column = [
        [72, 36, 17, -3, -36, -153],
        [-180, -81, -30, 20, 90, 270],
        [297, 126, 42, -33, -126, -333],
        [-333, -126, -33, 42, 126, 297],
        [270, 90, 20, -30, -81, -180],
        [-153, -36, -3, 17, 36, 72],
    ];
    let game = game(row, column);
    let found = equilibria(&game).unwrap();
    assert_eq!(found.extreme.len(), 1);
    assert!(found.extreme[0].row.iter().chain(&found.extreme[0].column).all(Signed::is_positive));
    assert!(is_equilibrium(&game, &found.extreme[0].row, &found.extreme[0].column));
}

#[test]
fn numbers_are_taken_to_the_last_bit() {
    // 0.1 + 0.2 is a bit more than 0.3: the first package is better by 2^-54, which decides.
    let tiny = Game::numbers(&[vec![0.1 + 0.2], vec![0.3]], &[vec![0.0], vec![0.0]]).unwrap();
    assert_eq!(set(&equilibria(&tiny).unwrap()), expected(&[("1 0", "1")]));
    let even = Game::numbers(&[vec![0.3], vec![0.3]], &[vec![0.0], vec![0.0]]).unwrap();
    assert_eq!(equilibria(&even).unwrap().extreme.len(), 2);
}

#[test]
fn bad_games_are_refused_with_all_that_is_wrong() {
    let nan = Game::numbers(&[vec![1.0, f64::NAN], vec![f64::INFINITY, 0.0]], &[vec![0.0; 2], vec![0.0; 3]]);
    let problems = nan.unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems.contains(&Problem::Ragged { player: Player::Column, row: 1, has: 3, wanted: 2 }));
    assert_eq!(Game::whole(&[], &[]).unwrap_err().len(), 2);
    assert_eq!(Game::whole(&[&[]], &[&[]]).unwrap_err().len(), 2);
    assert_eq!(Game::whole(&[&[1]], &[&[1], &[1]]).unwrap_err().len(), 1);
    // 40 x 40 packages of which none is dominated.
    let line = |i: usize| (0..40).map(|j| whole((i == j) as i64)).collect::<Vec<_>>();
    let payoffs: Vec<Vec<Fraction>> = (0..40).map(line).collect();
    let problem = equilibria(&Game::new(payoffs.clone(), payoffs).unwrap()).unwrap_err();
    assert!(matches!(problem, Problem::TooLarge { rows: 40, columns: 40, .. }), "{problem}");
    assert!(problem.to_string().starts_with("the game is too large: 40 x 40 packages"), "{problem}");
    // Of 100 packages of which 99 are dominated nothing is left to search.
    let dominated: Vec<Vec<Fraction>> = (0..100).map(|i| (0..100).map(|_| whole(i)).collect()).collect();
    let found = equilibria(&Game::symmetric(dominated).unwrap()).unwrap();
    assert_eq!(found.pure(), [(99, 99)]);
}

#[test]
fn deals_on_a_curve_given_as_points() {
    // u2 = 1 - u1^2: many packages come near the curve's own points.
    let points: Vec<Vec<f64>> = (0..=5000).map(|k| f64::from(k) / 5000.0).map(|u| vec![u, 1.0 - u * u]).collect();
    let table = Table::numbers(&points, &[0.0, 0.0]).unwrap();
    let at = |solution| table.solve(solution).unwrap().unwrap().payoffs;
    let close = |point: Vec<Fraction>, x: f64, y: f64, within: f64| {
        assert!((near(&point[0]) - x).abs() < within && (near(&point[1]) - y).abs() < within, "{point:?}");
    };
    close(at(Solution::Nash), 0.577350, 0.666667, 2e-4);
    close(at(Solution::KalaiSmorodinsky), 0.618034, 0.618034, 1e-6);
    close(at(Solution::Egalitarian), 0.618034, 0.618034, 1e-6);
}

// ------------------------------------------------------------------------------------------------ second opinions

/// Neither player gains by another package: written out from the definition.
fn is_equilibrium(game: &Game, row: &[Fraction], column: &[Fraction]) -> bool {
    let value = |player: Player, row: &[Fraction], column: &[Fraction]| {
        let mut sum = Fraction::zero();
        for (i, x) in row.iter().enumerate() {
            for (j, y) in column.iter().enumerate() {
                sum += game.payoff(player, i, j) * x * y;
            }
        }
        sum
    };
    let only = |count: usize, place: usize| (0..count).map(|i| whole((i == place) as i64)).collect::<Vec<_>>();
    let (rows, columns) = (row.len(), column.len());
    (0..rows).all(|i| value(Player::Row, &only(rows, i), column) <= value(Player::Row, row, column))
        && (0..columns).all(|j| value(Player::Column, row, &only(columns, j)) <= value(Player::Column, row, column))
}

/// Whether a package is better than another whatever the other player does.
fn strictly_better(game: &Game, player: Player, package: usize, than: usize) -> bool {
    (0..game.count(player.other())).all(|other| match player {
        Player::Row => game.payoff(player, package, other) > game.payoff(player, than, other),
        Player::Column => game.payoff(player, other, package) > game.payoff(player, other, than),
    })
}

/// The one solution of a square system, if there is one.
fn solve(mut system: Vec<Vec<Fraction>>) -> Option<Vec<Fraction>> {
    let count = system.len();
    for column in 0..count {
        let pivot = (column..count).find(|row| !system[*row][column].is_zero())?;
        system.swap(column, pivot);
        for row in 0..count {
            if row != column {
                let line = system[column].clone();
                let factor = &system[row][column] / &line[column];
                system[row].iter_mut().zip(&line).for_each(|(value, above)| *value -= &factor * above);
            }
        }
    }
    Some((0..count).map(|row| &system[row][count] / &system[row][row]).collect())
}

/// All equilibria of a game that is not degenerate, by trying each pair of equally many packages; `None` = it is
/// degenerate.
fn by_supports(game: &Game) -> Option<BTreeSet<Mixes>> {
    let (rows, columns) = (game.count(Player::Row), game.count(Player::Column));
    let members = |set: u32, count: usize| (0..count).filter(move |i| set >> i & 1 == 1).collect::<Vec<usize>>();
    // A mix of `mixed` of one player against which the other's `even` packages are equally good, with what they give.
    let mix = |player: Player, even: &[usize], mixed: &[usize], count: usize| -> Option<Option<Vec<Fraction>>> {
        let payoff = |own: usize, other: usize| match player {
            Player::Row => game.payoff(player, own, other),
            Player::Column => game.payoff(player, other, own),
        };
        let mut system: Vec<Vec<Fraction>> = even
            .iter()
            .map(|own| mixed.iter().map(|other| payoff(*own, *other).clone()).chain([whole(-1), whole(0)]).collect())
            .collect();
        system.push(mixed.iter().map(|_| whole(1)).chain([whole(0), whole(1)]).collect());
        let Some(solution) = solve(system) else { return Some(None) };
        let mut shares = vec![whole(0); count];
        for (place, other) in mixed.iter().enumerate() {
            shares[*other] = solution[place].clone();
        }
        if shares.iter().any(Signed::is_negative) {
            return Some(None);
        }
        // A share of 0 in the support, or a best reply outside of it: degenerate.
        if mixed.iter().any(|other| shares[*other].is_zero()) {
            return None;
        }
        let value = &solution[mixed.len()];
        let own_count = game.count(player);
        let reply = |own: usize| (0..count).map(|other| payoff(own, other) * &shares[other]).sum::<Fraction>();
        let outside: Vec<Fraction> = (0..own_count).filter(|own| !even.contains(own)).map(reply).collect();
        if outside.iter().any(|reply| reply > value) {
            return Some(None);
        }
        if outside.iter().any(|reply| reply == value) {
            return None;
        }
        Some(Some(shares))
    };
    let mut found = BTreeSet::new();
    for row_set in 1..1_u32 << rows {
        for column_set in 1..1_u32 << columns {
            if row_set.count_ones() != column_set.count_ones() {
                continue;
            }
            let (r, c) = (members(row_set, rows), members(column_set, columns));
            let y = mix(Player::Row, &r, &c, columns)?;
            let x = mix(Player::Column, &c, &r, rows)?;
            if let (Some(x), Some(y)) = (x, y) {
                found.insert((x, y));
            }
        }
    }
    Some(found)
}

/// Whether a point is a mix of some points, by another solver.
fn is_mix_of(point: &[Fraction], corners: &[Vec<Fraction>]) -> bool {
    let mut problem = microlp::Problem::new(OptimizationDirection::Minimize);
    let shares: Vec<_> = corners.iter().map(|_| problem.add_var(0.0, (0.0, f64::INFINITY))).collect();
    let mut equation = |terms: Vec<f64>, value: f64| {
        let mut sum = LinearExpr::empty();
        shares.iter().zip(terms).for_each(|(share, term)| sum.add(*share, term));
        problem.add_constraint(sum, ComparisonOp::Eq, value);
    };
    equation(vec![1.0; corners.len()], 1.0);
    for (place, value) in point.iter().enumerate() {
        equation(corners.iter().map(|corner| near(&corner[place])).collect(), near(value));
    }
    problem.solve().is_ok()
}

/// All mixes of `count` packages in shares of `parts`.
fn grid(count: usize, parts: i64) -> Vec<Vec<Fraction>> {
    fn fill(count: usize, left: i64, parts: i64, start: &mut Vec<Fraction>, all: &mut Vec<Vec<Fraction>>) {
        if count == 1 {
            start.push(ratio(left, parts).unwrap());
            all.push(start.clone());
            start.pop();
            return;
        }
        for part in 0..=left {
            start.push(ratio(part, parts).unwrap());
            fill(count - 1, left - part, parts, start, all);
            start.pop();
        }
    }
    let mut all = Vec::new();
    fill(count, parts, parts, &mut Vec::new(), &mut all);
    all
}

fn games(most: usize, payoffs: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Game> {
    (1..=most, 1..=most).prop_flat_map(move |(rows, columns)| {
        let table = || prop::collection::vec(prop::collection::vec(payoffs.clone().prop_map(whole), columns), rows);
        (table(), table()).prop_map(|(row, column)| Game::new(row, column).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn all_equilibria_are_those_of_all_supports(game in games(4, -20..=20)) {
        if let Some(all) = by_supports(&game) {
            let found = equilibria(&game).unwrap();
            prop_assert_eq!(set(&found), all);
            prop_assert_eq!(found.components.len(), found.extreme.len());
            // Their number is odd (Wilson 1971).
            prop_assert_eq!(found.extreme.len() % 2, 1);
        }
    }

    #[test]
    fn degenerate_games_leave_no_equilibrium_out(game in games(3, 0..=2)) {
        let found = equilibria(&game).unwrap();
        let (rows, columns) = (game.count(Player::Row), game.count(Player::Column));
        prop_assert_eq!(
            found.pure().into_iter().collect::<BTreeSet<_>>(),
            game.pure_equilibria().into_iter().collect::<BTreeSet<_>>()
        );
        for row in grid(rows, 1) {
            for column in grid(columns, 1) {
                prop_assert_eq!(is_equilibrium(&game, &row, &column), set(&found).contains(&(row.clone(), column)));
            }
        }
        // Each equilibrium on a grid lies in one component, and nothing else does.
        for row in grid(rows, 4) {
            for column in grid(columns, 4) {
                let holds = |component: &Component| {
                    component.pieces.iter().any(|p| is_mix_of(&row, &p.rows) && is_mix_of(&column, &p.columns))
                };
                let inside = found.components.iter().filter(|component| holds(component)).count();
                prop_assert_eq!(inside, is_equilibrium(&game, &row, &column) as usize, "{:?} {:?}", row, column);
            }
        }
        // Each extreme equilibrium is in one component and in a piece of it.
        let mut places: Vec<usize> = found.components.iter().flat_map(|c| c.extreme.clone()).collect();
        places.sort_unstable();
        prop_assert_eq!(places, (0..found.extreme.len()).collect::<Vec<_>>());
    }

    #[test]
    fn dominated_is_what_another_solver_says(game in games(4, -5..=5)) {
        let steps = dominance(&game).steps;
        for player in [Player::Row, Player::Column] {
            for package in 0..game.count(player) {
                let first = steps.iter().find(|s| s.round == 1 && s.player == player && s.package == package);
                // Where a package is better alone, mixes wait for another round.
                let alone_first = steps.first().is_some_and(|step| step.by.len() == 1);
                let by_mix = !(0..game.count(player)).any(|rival| strictly_better(&game, player, rival, package));
                if alone_first && by_mix {
                    prop_assert!(first.is_none());
                    continue;
                }
                let (own, others) = (game.count(player), game.count(player.other()));
                let payoff = |own: usize, other: usize| match player {
                    Player::Row => game.payoff(player, own, other),
                    Player::Column => game.payoff(player, other, own),
                };
                // The most by which a mix of all packages is better against each of the other's.
                let mut problem = microlp::Problem::new(OptimizationDirection::Maximize);
                let margin = problem.add_var(1.0, (f64::NEG_INFINITY, f64::INFINITY));
                let shares: Vec<_> = (0..own).map(|_| problem.add_var(0.0, (0.0, 1.0))).collect();
                problem.add_constraint(shares.iter().map(|s| (*s, 1.0)).collect::<Vec<_>>(), ComparisonOp::Eq, 1.0);
                for other in 0..others {
                    let mut sum = LinearExpr::empty();
                    sum.add(margin, -1.0);
                    for (rival, share) in shares.iter().enumerate() {
                        sum.add(*share, near(payoff(rival, other)));
                    }
                    problem.add_constraint(sum, ComparisonOp::Ge, near(payoff(package, other)));
                }
                let most = problem.solve().unwrap().into_solution().unwrap().objective();
                prop_assert_eq!(first.is_some(), most > 1e-7, "{:?} {} {}", player, package, most);
                if let Some(step) = first {
                    prop_assert!(step.by.iter().map(|(_, share)| share).sum::<Fraction>().is_one());
                    for other in 0..others {
                        let better: Fraction = step.by.iter().map(|(rival, share)| payoff(*rival, other) * share).sum();
                        prop_assert!(better - payoff(package, other) >= step.margin && step.margin.is_positive());
                    }
                }
            }
        }
    }

    #[test]
    fn the_nash_point_is_where_no_package_is_worth_more(
        points in prop::collection::vec((-9..=9_i64, -9..=9_i64), 1..9)
    ) {
        let packages = points.iter().map(|(a, b)| vec![whole(*a), whole(*b)]).collect();
        let table = Table::new(packages, vec![whole(0), whole(0)]).unwrap();
        let Some(deal) = table.solve(Solution::Nash).unwrap() else {
            // Nobody gains: no package and no half of two does so for somebody.
            for (a, b) in points.iter().flat_map(|p| points.iter().map(move |q| (p.0 + q.0, p.1 + q.1))) {
                prop_assert!(a <= 0 && b <= 0 || a < 0 || b < 0);
            }
            return Ok(());
        };
        prop_assert!(deal.gains.iter().all(|gain| !gain.is_negative()));
        if deal.gains.iter().all(Signed::is_positive) {
            // The tangent there: a / A + b / B is 2 at most (Nash 1950).
            for (a, b) in &points {
                prop_assert!(whole(*a) / &deal.gains[0] + whole(*b) / &deal.gains[1] <= whole(2));
            }
        }
        let ideal = table.ideal();
        let fair = table.solve(Solution::KalaiSmorodinsky).unwrap().unwrap();
        if ideal.iter().all(Signed::is_positive) {
            prop_assert_eq!(&fair.gains[0] / &ideal[0], &fair.gains[1] / &ideal[1]);
        }
    }

    #[test]
    fn the_nash_point_of_three_players_is_where_no_package_is_worth_more(
        points in prop::collection::vec((-9..=9_i64, -9..=9_i64, -9..=9_i64), 1..9)
    ) {
        let packages = points.iter().map(|(a, b, c)| vec![whole(*a), whole(*b), whole(*c)]).collect();
        let table = Table::new(packages, vec![whole(0); 3]).unwrap();
        let Some(deal) = table.solve(Solution::Nash).unwrap() else { return Ok(()) };
        let gains: Vec<f64> = deal.gains.iter().map(near).collect();
        prop_assert!(gains.iter().all(|gain| *gain > -1e-6), "{:?}", gains);
        if table.ideal().iter().all(Signed::is_positive) {
            for (a, b, c) in &points {
                let worth: f64 = [a, b, c].iter().zip(&gains).map(|(v, gain)| **v as f64 / gain).sum();
                prop_assert!(worth <= 3.0 + 1e-5, "{} {:?}", worth, gains);
            }
            // With three players too the exact points are fair by their own measure.
            let (ideal, fair) = (table.ideal(), table.solve(Solution::KalaiSmorodinsky).unwrap().unwrap());
            let least = fair.gains.iter().zip(&ideal).map(|(gain, most)| gain / most).min().unwrap();
            for (gain, most) in gains.iter().zip(&ideal) {
                prop_assert!(near(&least) >= 0.0 && *gain <= near(most) + 1e-6);
            }
            let equal = table.solve(Solution::Egalitarian).unwrap().unwrap();
            let smallest = |deal: &[Fraction]| deal.iter().min().unwrap().clone();
            prop_assert!(smallest(&equal.gains) >= smallest(&fair.gains));
        }
    }
}
