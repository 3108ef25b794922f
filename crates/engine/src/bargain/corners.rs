//! The corners of a best-response polytope, all of them.
//!
//! For the row player's payoffs A against mixes y of the column player, the polytope is A y <= 1, y >= 0, with y not
//! yet scaled to add up to 1 (von Stengel 2002). Each inequality has a label: a package. A corner holds the labels of
//! the inequalities that are equations in it: packages of its own player that are not played, and packages of the other
//! that are best replies. In a degenerate game a corner has more labels than dimensions.
//!
//! Two corners of a polytope with no degeneracy are neighbours where all labels but one are common, and one gets from
//! each to all others by neighbours. So the walk goes along the edges of the polytope of the lexicographic rule
//! (`dictionary.rs`), one pivot there and one back for each of its corners. Which corners there are does not hang on
//! the way. It is taken only where a faster one (`guess.rs`) does not lead to a proof.

use std::collections::{BTreeMap, HashSet};

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::dictionary::{Dictionary, Variable};
use super::fraction::Fraction;
use super::guess::{self, Guess};

/// Labels as bits: the row player's packages first, then the column player's.
pub type Labels = u64;

/// A corner by a basis of the lexicographic rule, variables as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Corner {
    /// Variables that are not in the basis.
    pub nonbasic: u64,
    /// Variables that are, and are 0 all the same.
    pub at_zero: u64,
}

/// The labels of each corner but the one at 0, sorted, or `None` if more than `most` bases would have to be searched.
///
/// `table` has a row for each package of the player who replies and a column for each package that is mixed.
/// `label_of` says which label each column, and then each row, has.
pub fn corners(table: &[Vec<BigInt>], label_of: &[usize], most: usize) -> Option<Vec<Labels>> {
    // Replies that are the same are one inequality with several labels.
    let columns = table[0].len();
    let mut labels: Vec<Labels> = label_of[..columns].iter().map(|label| 1 << label).collect();
    let (mut rows, mut places): (Vec<Vec<BigInt>>, BTreeMap<&[BigInt], usize>) = (Vec::new(), BTreeMap::new());
    for (row, label) in table.iter().zip(&label_of[columns..]) {
        let place = *places.entry(row).or_insert(rows.len());
        if place == rows.len() {
            rows.push(row.clone());
            labels.push(0);
        }
        labels[columns + place] |= 1 << label;
    }
    let all = match guess::corners(&rows, most) {
        Guess::Proved(all) => all,
        Guess::Wrong => walked(&rows, most)?,
        Guess::TooMany => return None,
    };
    let start = u64::MAX >> (u64::BITS as usize - columns);
    let of = |corner: Corner| {
        let variables = corner.nonbasic | corner.at_zero;
        (0..labels.len()).filter(|variable| variables >> variable & 1 == 1).fold(0, |all, v| all | labels[v])
    };
    let mut found: Vec<Labels> = all.into_iter().filter(|corner| corner.nonbasic != start).map(of).collect();
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// All corners by a walk in whole numbers, or `None` if there are more than `most` bases.
pub fn walked(table: &[Vec<BigInt>], most: usize) -> Option<Vec<Corner>> {
    let mut dictionary = Dictionary::new(table.to_vec(), vec![BigInt::one(); table.len()], Vec::new());
    let columns = dictionary.nonbasic().len();
    let bits = |variables: &mut dyn Iterator<Item = Variable>| variables.fold(0, |bits, variable| bits | 1 << variable);
    let corner = |dictionary: &Dictionary| Corner {
        nonbasic: bits(&mut dictionary.nonbasic().iter().copied()),
        at_zero: bits(&mut dictionary.basic_at_zero()),
    };
    let mut here = corner(&dictionary);
    let mut found = vec![here];
    let mut seen: HashSet<u64> = HashSet::from([here.nonbasic]);
    // The pivots that led here, and the column to try next.
    let (mut way, mut next): (Vec<(usize, usize)>, usize) = (Vec::new(), 0);
    loop {
        let step = (next..columns).find_map(|column| {
            let row = dictionary.leaving(column).expect("a best-response polytope is bounded");
            let there = here.nonbasic & !(1 << dictionary.nonbasic()[column]) | 1 << dictionary.basic(row);
            (!seen.contains(&there)).then_some((row, column, there))
        });
        if let Some((row, column, there)) = step {
            if found.len() >= most {
                return None;
            }
            seen.insert(there);
            dictionary.pivot(row, column);
            here = corner(&dictionary);
            found.push(here);
            way.push((row, column));
            next = 0;
        } else if let Some((row, column)) = way.pop() {
            dictionary.pivot(row, column);
            here = corner(&dictionary);
            next = column + 1;
        } else {
            return Some(found);
        }
    }
}

/// The mix at a corner, scaled to add up to 1: packages in `played` have a share, those in `best` are replies to it
/// that do equally well. A corner has as many independent equations as packages that are played.
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
