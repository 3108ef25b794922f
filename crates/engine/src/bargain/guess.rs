//! The bases of a best-response polytope, guessed in floating point and then proved.
//!
//! A walk in whole numbers (`corners.rs`) takes minutes where payoffs have 50 bits and 16 packages meet 16. In floating
//! point it takes a second, but floating point may take a wrong turn. The walk ends when it has found, for each of its
//! bases and each variable that could enter, the basis on the other side. If all of these are indeed corners of the
//! polytope of the lexicographic rule, then on the other side of an edge is its only other end, so none of them has a
//! neighbour that was not found; and as the edges of a polytope connect all its corners, there are no others. So the
//! proof is one of feasibility, basis by basis: by a bound on the error of the floating-point solution where that
//! settles all signs (Rump 2010, Acta Numerica 19), else in whole numbers.

use std::collections::HashSet;

use num_bigint::BigInt;
use rayon::prelude::*;

use super::corners::Corner;
use super::dictionary::Dictionary;
use super::fraction::{Fraction, near};

/// Coefficients below this are taken for 0, and ratios that differ by less for equal, in the guess alone.
const SMALL: f64 = 1e-10;

/// A bound on the relative error of one operation and of one number of the table.
const ROUNDING: f64 = f64::EPSILON;

/// What comes of a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// All corners, by their bases.
    Proved(Vec<Corner>),
    /// It cannot be proved: floating point took a wrong turn.
    Wrong,
    /// It has more bases than were asked for.
    TooMany,
}

/// The corners of a bounded polytope, at most so many bases. No number of the table is below 0, and no column is all 0.
pub fn corners(table: &[Vec<BigInt>], most: usize) -> Guess {
    // Each column in units of its largest number, which changes no sign of a solution.
    let largest = |column: usize| table.iter().map(|row| &row[column]).max().expect("a game has packages");
    let units: Vec<&BigInt> = (0..table[0].len()).map(largest).collect();
    let share = |(v, unit): (&BigInt, &&BigInt)| near(&Fraction::new(v.clone(), (*unit).clone()));
    let shares: Vec<Vec<f64>> = table.iter().map(|row| row.iter().zip(&units).map(share).collect()).collect();
    let Some(guess) = guess(&shares, most) else { return Guess::Wrong };
    if guess.len() > most {
        return Guess::TooMany;
    }
    let prove = |basis: &u64| {
        let floating = Floating::at(&shares, *basis)?;
        match floating.feasible(&shares) {
            Some(true) => Some(Corner { nonbasic: *basis, at_zero: 0 }),
            Some(false) => None,
            None => exactly(table, *basis),
        }
    };
    guess.par_iter().map(prove).collect::<Option<_>>().map_or(Guess::Wrong, Guess::Proved)
}

/// The bases that a walk along the edges finds, as bits of the variables that are not in them; it ends once there are
/// more than `most`. `None` = it leads nowhere.
fn guess(table: &[Vec<f64>], most: usize) -> Option<Vec<u64>> {
    let start = u64::MAX >> (u64::BITS as usize - table[0].len());
    let mut seen = HashSet::from([start]);
    let mut found = vec![start];
    let mut next = 0;
    while let Some(basis) = found.get(next).copied() {
        next += 1;
        let floating = Floating::at(table, basis)?;
        for column in 0..floating.nonbasic.len() {
            let row = floating.leaving(column)?;
            let neighbour = basis & !(1 << floating.nonbasic[column]) | 1 << floating.basic[row];
            if seen.insert(neighbour) {
                found.push(neighbour);
            }
        }
        if found.len() > most {
            break;
        }
    }
    Some(found)
}

/// The corner of a basis in whole numbers; `None` where it is none of the lexicographic rule's.
fn exactly(table: &[Vec<BigInt>], nonbasic: u64) -> Option<Corner> {
    let mut dictionary = Dictionary::new(table.to_vec(), vec![BigInt::from(1); table.len()], Vec::new());
    dictionary.go_to(|variable| nonbasic >> variable & 1 == 1)?;
    let at_zero = dictionary.basic_at_zero().fold(0, |bits, variable| bits | 1 << variable);
    dictionary.is_feasible().then_some(Corner { nonbasic, at_zero })
}

/// A dictionary in floating point, as `dictionary.rs` has it with a denominator of 1.
struct Floating {
    rows: Vec<Vec<f64>>,
    basic: Vec<usize>,
    nonbasic: Vec<usize>,
}

impl Floating {
    /// The dictionary of a basis, from the first one by as many pivots as there are columns in it, on the largest
    /// coefficient each; `None` where it is singular.
    fn at(table: &[Vec<f64>], outside: u64) -> Option<Floating> {
        let columns = table[0].len();
        let rows = table.iter().map(|row| row.iter().copied().chain([1.0]).collect()).collect();
        let (nonbasic, basic) = ((0..columns).collect(), (columns..columns + table.len()).collect());
        let mut floating = Floating { rows, basic, nonbasic };
        for column in (0..columns).filter(|column| outside >> column & 1 == 0) {
            let size = |row: &usize| floating.rows[*row][column].abs();
            let leaves = |row: &usize| outside >> floating.basic[*row] & 1 == 1;
            let row = (0..table.len()).filter(leaves).max_by(|a, b| size(a).total_cmp(&size(b)))?;
            if size(&row) < SMALL {
                return None;
            }
            floating.pivot(row, column);
        }
        Some(floating)
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let mut line = std::mem::take(&mut self.rows[row]);
        let pivot = std::mem::replace(&mut line[column], 1.0);
        line.iter_mut().for_each(|value| *value /= pivot);
        for other in self.rows.iter_mut().filter(|other| !other.is_empty()) {
            let factor = std::mem::replace(&mut other[column], 0.0);
            if factor != 0.0 {
                other.iter_mut().zip(&line).for_each(|(value, above)| *value -= factor * above);
            }
        }
        self.rows[row] = line;
        std::mem::swap(&mut self.basic[row], &mut self.nonbasic[column]);
    }

    /// The row that stops a column, by the lexicographic rule as far as floating point can tell.
    fn leaving(&self, column: usize) -> Option<usize> {
        let columns = self.nonbasic.len();
        let mut stops = (0..self.rows.len()).filter(|row| self.rows[*row][column] > SMALL);
        let first = stops.next()?;
        let sooner = |row: usize, other: usize| {
            let (mine, theirs) = (&self.rows[row], &self.rows[other]);
            let less = |a: f64, b: f64| {
                let (a, b) = (a / mine[column], b / theirs[column]);
                ((a - b).abs() > SMALL * (a.abs() + b.abs()).max(1.0)).then_some(a < b)
            };
            let by_slack = |slack: usize| match self.nonbasic.iter().position(|variable| *variable == slack) {
                Some(place) => less(mine[place], theirs[place]),
                None if self.basic[row] == slack => Some(false),
                None if self.basic[other] == slack => Some(true),
                None => None,
            };
            let slacks = columns..columns + self.basic.len();
            less(mine[columns], theirs[columns]).or_else(|| slacks.into_iter().find_map(by_slack)).unwrap_or(false)
        };
        Some(stops.fold(first, |least, row| if sooner(row, least) { row } else { least }))
    }

    /// Whether all variables of the basis are above 0 (`Some(true)`), or one is below (`Some(false)`), for certain.
    ///
    /// The system of the basis is A z = 1, with A the rows whose slacks are 0 and the columns that are not. With C near
    /// the inverse of A and z' near z, |z - z'| is at most |C (1 - A z')| / (1 - |1 - C A|) in the largest norm.
    fn feasible(&self, table: &[Vec<f64>]) -> Option<bool> {
        let columns = self.nonbasic.len();
        let inside: Vec<usize> = (0..self.basic.len()).filter(|row| self.basic[*row] < columns).collect();
        let tight: Vec<usize> = (0..columns).filter(|place| self.nonbasic[*place] >= columns).collect();
        let operations = (inside.len() + 4) as f64 * ROUNDING;
        // Sums of products, and a bound on their error for a table that is itself rounded.
        let coefficient = |slack: usize, column: usize| table[slack - columns][column];
        let value = |row: usize| self.rows[row][columns];
        let left = |slack: usize| {
            let terms = inside.iter().map(|row| coefficient(slack, self.basic[*row]) * value(*row));
            let (sum, size) = terms.fold((0.0, 1.0), |(sum, size), term: f64| (sum + term, size + term.abs()));
            (1.0 - sum, operations * size + f64::MIN_POSITIVE)
        };
        let rest: Vec<f64> =
            (tight.iter()).map(|place| left(self.nonbasic[*place])).map(|(left, error)| left.abs() + error).collect();
        let (mut contraction, mut correction) = (0.0_f64, 0.0_f64);
        for row in &inside {
            let inverse = |place: &usize| self.rows[*row][*place];
            let mut sum_of_row = 0.0;
            for other in &inside {
                let terms =
                    tight.iter().map(|place| inverse(place) * coefficient(self.nonbasic[*place], self.basic[*other]));
                let (sum, size) = terms.fold((0.0, 1.0), |(sum, size), term: f64| (sum + term, size + term.abs()));
                let identity = if other == row { 1.0 } else { 0.0 };
                sum_of_row += (identity - sum).abs() + operations * size;
            }
            contraction = contraction.max(sum_of_row);
            correction = correction.max(tight.iter().zip(&rest).map(|(place, rest)| inverse(place).abs() * rest).sum());
        }
        if !(contraction < 0.5 && correction.is_finite()) {
            return None;
        }
        // Twice what it is with no error at all in these bounds.
        let error = 2.0 * correction / (1.0 - contraction);
        let signs = (0..self.basic.len()).map(|row| match self.basic[row] {
            slack if slack >= columns => {
                let (left, rounding) = left(slack);
                let reach: f64 = inside.iter().map(|row| coefficient(slack, self.basic[*row]).abs()).sum();
                (left, 2.0 * (rounding + reach * error))
            }
            _ => (value(row), error),
        });
        let mut all = Some(true);
        for (value, error) in signs {
            if value < -error {
                return Some(false);
            }
            if value <= error {
                all = None;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::corners::walked;
    use super::*;

    fn table(rows: &[&[i64]]) -> Vec<Vec<BigInt>> {
        rows.iter().map(|row| row.iter().map(|v| BigInt::from(*v)).collect()).collect()
    }

    fn proved(table: &[Vec<BigInt>]) -> Vec<Corner> {
        match corners(table, 100) {
            Guess::Proved(corners) => sorted(corners),
            other => panic!("{other:?}"),
        }
    }

    fn sorted(mut corners: Vec<Corner>) -> Vec<Corner> {
        corners.sort_unstable();
        corners
    }

    #[test]
    fn a_square_and_one_with_a_corner_cut_by_nothing() {
        // 2x <= 1, 2y <= 1, and the same with x + y <= 1 through the corner (1/2, 1/2), which is degenerate.
        let square = proved(&table(&[&[2, 0], &[0, 2]]));
        let corner = |nonbasic, at_zero| Corner { nonbasic, at_zero };
        assert_eq!(square, [corner(0b0011, 0), corner(0b0110, 0), corner(0b1001, 0), corner(0b1100, 0)]);
        let touched = table(&[&[2, 0], &[0, 2], &[1, 1]]);
        let found = proved(&touched);
        assert_eq!(found, sorted(walked(&touched, 100).unwrap()));
        assert!(found.iter().any(|corner| corner.nonbasic | corner.at_zero == 0b11100));
        assert_eq!(corners(&touched, 3), Guess::TooMany);
    }

    #[test]
    fn what_floating_point_cannot_tell_is_settled_in_whole_numbers() {
        // Two rows that differ by one part in 2^60: in floating point they are the same, so signs are not certain.
        let near = 1_i64 << 60;
        let rows = table(&[&[near, near + 1], &[near + 1, near], &[near, near]]);
        let walked = sorted(walked(&rows, 100).unwrap());
        match corners(&rows, 100) {
            Guess::Proved(found) => assert_eq!(sorted(found), walked),
            other => assert_eq!(other, Guess::Wrong),
        }
        let basis = 0b00011;
        let shares: Vec<Vec<f64>> = vec![vec![1.0, 1.0]; 3];
        assert_eq!(Floating::at(&shares, basis).unwrap().feasible(&shares), Some(true));
        // Both columns in the basis: singular in floating point.
        assert!(Floating::at(&shares, 0b01100).is_none());
        assert!(exactly(&rows, 0b01100).is_some());
        // The third row lies inside of the others and stops nothing first.
        assert_eq!(exactly(&rows, 0b10010), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::with_cases(500)
        })]

        #[test]
        fn what_is_proved_is_what_the_walk_in_whole_numbers_finds(
            rows in proptest::collection::vec(proptest::collection::vec(0..=3_i64, 4), 1..6)
        ) {
            // The last row bounds the polytope.
            let bound = vec![1, 2, 3, 1];
            let all: Vec<&[i64]> = rows.iter().chain([&bound]).map(Vec::as_slice).collect();
            let rows = table(&all);
            proptest::prop_assert_eq!(proved(&rows), sorted(walked(&rows, 10_000).unwrap()));
        }
    }
}
