//! The corners of a best-response polytope, all of them.
//!
//! For the row player's payoffs A against mixes y of the column player, the polytope is A y <= 1, y >= 0, with y not yet
//! scaled to add up to 1 (von Stengel 2002). Each inequality has a label: a package. A corner holds the labels of the
//! inequalities that are equations in it: packages of its own player that are not played, and packages of the other
//! that are best replies. In a degenerate game a corner has more labels than dimensions.
//!
//! Two corners of a polytope with no degeneracy are neighbours where all labels but one are common, and one gets from
//! each to all others by neighbours. So the search goes along the edges of the polytope of the lexicographic rule
//! (`dictionary.rs`), one pivot there and one back for each of its corners, and notes the labels of the corner that is
//! meant. Which corners there are does not hang on the way.

use std::collections::HashSet;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::dictionary::Dictionary;
use super::fraction::Fraction;

/// Labels as bits: the row player's packages first, then the column player's.
pub type Labels = u64;

/// The labels of each corner but the one at 0, sorted, or `None` if more than `most` bases would have to be searched.
///
/// `table` has a row for each package of the player who replies and a column for each package that is mixed.
/// `label_of` says which label a variable of the dictionary has.
pub fn corners(table: &[Vec<BigInt>], label_of: &[usize], most: usize) -> Option<Vec<Labels>> {
    let right = vec![BigInt::one(); table.len()];
    let mut dictionary = Dictionary::new(table.to_vec(), right, Vec::new());
    let columns = dictionary.nonbasic().len();
    let bit = |variable: usize| 1 << label_of[variable];
    let basis = |dictionary: &Dictionary| dictionary.nonbasic().iter().fold(0, |labels, v| labels | bit(*v));
    let start: Labels = basis(&dictionary);
    let mut seen: HashSet<Labels> = HashSet::from([start]);
    let mut found = Vec::new();
    // The pivots that led here, and the column to try next at each stop.
    let (mut way, mut next): (Vec<(usize, usize)>, usize) = (Vec::new(), 0);
    let mut here = start;
    loop {
        let step = (next..columns).find_map(|column| {
            let row = dictionary.leaving(column).expect("a best-response polytope is bounded");
            let there = here & !bit(dictionary.nonbasic()[column]) | bit(dictionary.basic(row));
            (!seen.contains(&there)).then_some((row, column, there))
        });
        if let Some((row, column, there)) = step {
            if seen.len() >= most {
                return None;
            }
            seen.insert(there);
            dictionary.pivot(row, column);
            found.push(dictionary.basic_at_zero().fold(there, |labels, v| labels | bit(v)));
            way.push((row, column));
            (here, next) = (there, 0);
        } else if let Some((row, column)) = way.pop() {
            dictionary.pivot(row, column);
            (here, next) = (basis(&dictionary), column + 1);
        } else {
            break;
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// The mix at a corner, scaled to add up to 1: packages in `played` have a share, those in `best` are replies to it that
/// do equally well. A corner has as many independent equations as packages that are played.
pub fn mix(table: &[Vec<BigInt>], played: &[usize], best: &[usize]) -> Vec<Fraction> {
    let columns = played.len();
    let equation = |row: &usize| played.iter().map(|j| table[*row][*j].clone()).chain([BigInt::one()]).collect();
    let mut system: Vec<Vec<BigInt>> = best.iter().map(equation).collect();
    // Elimination without fractions (Bareiss 1968): in the end each package has its equation, all with one coefficient.
    let mut denominator = BigInt::one();
    for column in 0..columns {
        let row = (column..system.len()).find(|row| !system[*row][column].is_zero()).expect("a corner is one point");
        system.swap(column, row);
        let line = system[column].clone();
        for (_, other) in system.iter_mut().enumerate().filter(|(place, _)| *place != column) {
            let factor = other[column].clone();
            for (value, above) in other.iter_mut().zip(&line) {
                *value = (&*value * &line[column] - &factor * above) / &denominator;
            }
        }
        denominator = line[column].clone();
    }
    let sum: BigInt = system[..columns].iter().map(|row| &row[columns]).sum();
    let mut mix = vec![Fraction::zero(); table[0].len()];
    for (place, package) in played.iter().enumerate() {
        mix[*package] = Fraction::new(system[place][columns].clone(), sum.clone());
    }
    mix
}
