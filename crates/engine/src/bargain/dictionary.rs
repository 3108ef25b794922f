//! Dictionaries of linear programs in whole numbers, and the lexicographic rule.
//!
//! The system is M z <= b with z >= 0 and b >= 0, all whole numbers. A dictionary writes the variables of a basis, one
//! in each row, by those that are not in it:
//!
//! ```text
//! basic = (constant - sum of coefficient x nonbasic) / denominator
//! ```
//!
//! A pivot keeps everything whole (Edmonds 1967; Bareiss 1968): each number is a minor of the first dictionary, so
//! the division in it leaves no remainder and nothing needs reducing. Ties between rows are broken by the right sides
//! b + (e, e^2, ...) for an e that is smaller than anything (Dantzig, Orden and Wolfe 1955): with those no two rows
//! tie, no basis comes twice on a way to an optimum, and each basis is a corner of a polytope with no degeneracy that
//! lies as near as one likes to the one that is meant.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::fraction::Fraction;

/// A variable: first the columns of the system in their order, then the slacks of its rows.
pub type Variable = usize;

#[derive(Clone, Debug)]
pub struct Dictionary {
    /// Rows of the system and then of the objectives, by columns, the constant last.
    table: Vec<Vec<BigInt>>,
    denominator: BigInt,
    basic: Vec<Variable>,
    nonbasic: Vec<Variable>,
    /// Variables that stay 0 from now on.
    closed: Vec<Variable>,
}

impl Dictionary {
    /// The dictionary in which every column is 0. `right` has no negative number; `objectives` are to be maximised.
    pub fn new(mut table: Vec<Vec<BigInt>>, right: Vec<BigInt>, objectives: Vec<Vec<BigInt>>) -> Dictionary {
        let (rows, columns) = (table.len(), table.first().map_or(0, Vec::len));
        for (row, constant) in table.iter_mut().zip(right) {
            row.push(constant);
        }
        for objective in objectives {
            table.push(objective.into_iter().map(|c| -c).chain([BigInt::zero()]).collect());
        }
        let (nonbasic, basic) = ((0..columns).collect(), (columns..columns + rows).collect());
        Dictionary { table, denominator: BigInt::one(), basic, nonbasic, closed: Vec::new() }
    }

    /// The same of fractions: each row and each objective times its common denominator, which changes no solution.
    pub fn of_fractions(table: Vec<Vec<Fraction>>, right: Vec<Fraction>, objectives: Vec<Vec<Fraction>>) -> Dictionary {
        let mut rows: Vec<Vec<BigInt>> = (table.into_iter().zip(right))
            .map(|(row, constant)| whole_numbers(&row.into_iter().chain([constant]).collect::<Vec<_>>()))
            .collect();
        let right = rows.iter_mut().map(|row| row.pop().expect("the constant was put there")).collect();
        Dictionary::new(rows, right, objectives.iter().map(|objective| whole_numbers(objective)).collect())
    }

    /// Pivots until an objective is as large as it can be, and goes no further from there: variables that would lessen
    /// it stay 0, so that objectives that come later choose among its optima. False = it has no largest value.
    pub fn maximise(&mut self, objective: usize) -> bool {
        let line = self.basic.len() + objective;
        // The variable that raises it fastest; of several the first.
        let fastest = |dictionary: &Dictionary| {
            let coefficient = |column: &usize| &dictionary.table[line][*column];
            (0..dictionary.nonbasic.len())
                .filter(|column| coefficient(column).is_negative())
                .filter(|column| !dictionary.closed.contains(&dictionary.nonbasic[*column]))
                .min_by(|a, b| coefficient(a).cmp(coefficient(b)))
        };
        while let Some(column) = fastest(self) {
            let Some(row) = self.leaving(column) else { return false };
            self.pivot(row, column);
        }
        let lessens = |(_, coefficient): &(&Variable, &BigInt)| !coefficient.is_zero();
        self.closed.extend(self.nonbasic.iter().zip(&self.table[line]).filter(lessens).map(|(v, _)| *v));
        true
    }

    /// What one unit more on the right side of each row would add to an objective that is maximal, up to a factor that
    /// is common to all rows if the rows were whole numbers to begin with.
    pub fn duals(&self, objective: usize) -> Vec<BigInt> {
        let line = &self.table[self.basic.len() + objective];
        let mut duals = vec![BigInt::zero(); self.basic.len()];
        for (variable, coefficient) in self.nonbasic.iter().zip(line) {
            if let Some(row) = variable.checked_sub(self.nonbasic.len()) {
                duals[row] = coefficient.clone();
            }
        }
        duals
    }

    pub fn nonbasic(&self) -> &[Variable] {
        &self.nonbasic
    }

    /// Variables of the basis that are 0 all the same.
    pub fn basic_at_zero(&self) -> impl Iterator<Item = Variable> {
        self.basic.iter().zip(&self.table).filter(|(_, row)| row[self.nonbasic.len()].is_zero()).map(|(v, _)| *v)
    }

    pub fn basic(&self, row: usize) -> Variable {
        self.basic[row]
    }

    /// What the columns of the system are in this corner.
    pub fn values(&self) -> Vec<Fraction> {
        let columns = self.nonbasic.len();
        let mut values = vec![Fraction::zero(); columns];
        for (variable, row) in self.basic.iter().zip(&self.table).filter(|(variable, _)| **variable < columns) {
            values[*variable] = Fraction::new(row[columns].clone(), self.denominator.clone());
        }
        values
    }

    /// The row that stops the variable of a column from growing, by the lexicographic rule; `None` = nothing does.
    pub fn leaving(&self, column: usize) -> Option<usize> {
        let mut stops = (0..self.basic.len()).filter(|row| self.table[*row][column].is_positive());
        let first = stops.next()?;
        Some(stops.fold(first, |least, row| if self.sooner(row, least, column) { row } else { least }))
    }

    /// Whether a row stops the variable of a column sooner than another does.
    fn sooner(&self, row: usize, other: usize, column: usize) -> bool {
        let (mine, theirs) = (&self.table[row], &self.table[other]);
        let compare = |a: &BigInt, b: &BigInt| match (a.sign(), b.sign()) {
            // Products of numbers of different sign need not be worked out.
            (a, b) if a != b => a.cmp(&b),
            (Sign::NoSign, _) => Ordering::Equal,
            _ => (a * &theirs[column]).cmp(&(b * &mine[column])),
        };
        let columns = self.nonbasic.len();
        let by_constant = compare(&mine[columns], &theirs[columns]);
        if by_constant != Ordering::Equal {
            return by_constant == Ordering::Less;
        }
        // The share of each right side in the two constants: the coefficient of its slack, which in its own row is 1.
        let zero = BigInt::zero();
        for slack in columns..columns + self.basic.len() {
            let order = match self.nonbasic.iter().position(|variable| *variable == slack) {
                Some(place) => compare(&mine[place], &theirs[place]),
                None if self.basic[row] == slack => compare(&self.denominator, &zero),
                None if self.basic[other] == slack => compare(&zero, &self.denominator),
                None => Ordering::Equal,
            };
            if order != Ordering::Equal {
                return order == Ordering::Less;
            }
        }
        false
    }

    /// Pivots to the basis that leaves out the variables that `is_outside` says, as many as there are columns; `None`
    /// where that is no basis. Its variables may be below 0.
    pub fn go_to(&mut self, is_outside: impl Fn(Variable) -> bool) -> Option<()> {
        for column in (0..self.nonbasic.len()).filter(|column| !is_outside(*column)) {
            let leaves = |row: &usize| is_outside(self.basic[*row]) && !self.table[*row][column].is_zero();
            let row = (0..self.basic.len()).find(leaves)?;
            self.pivot(row, column);
        }
        Some(())
    }

    /// Whether no variable of the basis is below 0, with the right sides of the lexicographic rule.
    pub fn is_feasible(&self) -> bool {
        let columns = self.nonbasic.len();
        let slacks: Vec<Option<usize>> = (columns..columns + self.basic.len())
            .map(|slack| self.nonbasic.iter().position(|variable| *variable == slack))
            .collect();
        (0..self.basic.len()).all(|row| {
            let line = &self.table[row];
            let of_slack = |slack: usize| match slacks[slack] {
                Some(place) => line[place].sign(),
                None if self.basic[row] == columns + slack => Sign::Plus,
                None => Sign::NoSign,
            };
            let mut signs = [line[columns].sign()].into_iter().chain((0..slacks.len()).map(of_slack));
            signs.find(|sign| *sign != Sign::NoSign) == Some(Sign::Plus)
        })
    }

    /// The variables of a row and of a column change places. The coefficient there is not 0.
    pub fn pivot(&mut self, row: usize, column: usize) {
        let mut line = std::mem::take(&mut self.table[row]);
        let pivot = std::mem::replace(&mut line[column], self.denominator.clone());
        for other in self.table.iter_mut().filter(|other| !other.is_empty()) {
            let factor = std::mem::take(&mut other[column]);
            for (place, (value, above)) in other.iter_mut().zip(&line).enumerate() {
                if place == column {
                    continue;
                }
                if !value.is_zero() {
                    *value *= &pivot;
                }
                if !factor.is_zero() && !above.is_zero() {
                    *value -= &factor * above;
                }
                if !value.is_zero() && !self.denominator.is_one() {
                    *value /= &self.denominator;
                }
            }
            other[column] = -factor;
        }
        self.table[row] = line;
        self.denominator = pivot;
        if self.denominator.is_negative() {
            let all = self.table.iter_mut().flatten().chain([&mut self.denominator]);
            all.for_each(|value| *value = -std::mem::take(value));
        }
        std::mem::swap(&mut self.basic[row], &mut self.nonbasic[column]);
    }
}

/// Fractions times their common denominator.
fn whole_numbers(values: &[Fraction]) -> Vec<BigInt> {
    let common = values.iter().fold(BigInt::one(), |common, v| common.lcm(v.denom()));
    values.iter().map(|v| v.numer() * (&common / v.denom())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fraction::{ratio, whole};
    use super::*;

    fn numbers(rows: &[&[i64]]) -> Vec<Vec<BigInt>> {
        rows.iter().map(|row| row.iter().map(|v| BigInt::from(*v)).collect()).collect()
    }

    #[test]
    fn an_optimum_with_its_duals() {
        // max 3x + 5y: x <= 4, 2y <= 12, 3x + 2y <= 18 (Hillier and Lieberman): (2, 6), duals 0, 3/2, 1.
        let right = [4, 12, 18].map(BigInt::from).to_vec();
        let mut dictionary = Dictionary::new(numbers(&[&[1, 0], &[0, 2], &[3, 2]]), right, numbers(&[&[3, 5]]));
        assert!(dictionary.maximise(0));
        assert_eq!(dictionary.values(), [whole(2), whole(6)]);
        let duals = dictionary.duals(0);
        assert!(duals[0].is_zero());
        assert_eq!(Fraction::new(duals[1].clone(), duals[2].clone()), ratio(3, 2).unwrap());
    }

    #[test]
    fn a_rule_that_cycles_elsewhere_ends_here() {
        // Beale's example, on which the largest coefficient and the first row go round for ever: optimum 1/20.
        let table = [["1/4", "-60", "-1/25", "9"], ["1/2", "-90", "-1/50", "3"], ["0", "0", "1", "0"]];
        let read = |text: &str| super::super::fraction::parse(text).unwrap();
        let table = table.map(|row| row.map(read).to_vec()).to_vec();
        let objective = ["3/4", "-150", "1/50", "-6"].map(read).to_vec();
        let mut dictionary =
            Dictionary::of_fractions(table, vec![whole(0), whole(0), whole(1)], vec![objective.clone()]);
        assert!(dictionary.maximise(0));
        let value: Fraction = dictionary.values().iter().zip(&objective).map(|(v, c)| v * c).sum();
        assert_eq!(value, ratio(1, 20).unwrap());
    }

    #[test]
    fn the_second_objective_chooses_among_optima_of_the_first() {
        // x + y <= 1: all of the edge is best for x + y, (0, 1) is where y is largest; nothing bounds a column of
        // zeros.
        let objectives = numbers(&[&[1, 1, 0], &[0, 1, 0], &[0, 0, 1]]);
        let mut dictionary = Dictionary::new(numbers(&[&[1, 1, 0]]), vec![BigInt::one()], objectives);
        assert!(dictionary.maximise(0) && dictionary.maximise(1));
        assert_eq!(dictionary.values(), [whole(0), whole(1), whole(0)]);
        assert!(!dictionary.maximise(2));
    }
}
