//! Deals: which packages players could agree on, what each gains against no deal, and what theory says they agree on.
//!
//! Payoffs of packages are points, one coordinate for each player; more is better. A deal may be a mix of packages (a
//! draw by lot, or packages in turn), so what can be agreed is the convex hull of the points, and nobody agrees to less
//! than it gets where talks fail. Everything is exact but for the Nash point of three players or more, which is no
//! fraction in general.

mod curve;
mod frontier;
mod nash;
mod solutions;

use std::collections::BTreeSet;

use num_traits::{Signed, Zero};

pub use curve::{Curve, Point};
pub use solutions::{Deal, Price, Solution, Transfer};

use super::Problem;
use super::fraction::{Fraction, exact};

/// Packages on the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What each player gets under each package.
    packages: Vec<Vec<Fraction>>,
    /// What each gets where talks fail.
    no_deal: Vec<Fraction>,
}

impl Table {
    /// What each player gets under each package, and where talks fail.
    ///
    /// Errors, all at once: no player, no package, a package with too few or too many payoffs.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Solution, Table, fraction::{ratio, whole}};
    /// // One gets all, or the other does, or both get 3 of 4.
    /// let points = [(4, 0), (3, 3), (0, 4), (1, 1)].map(|(a, b)| vec![whole(a), whole(b)]).to_vec();
    /// let table = Table::new(points, vec![whole(0), whole(0)]).unwrap();
    /// assert_eq!(table.frontier(), [0, 1, 2]);
    /// let nash = table.solve(Solution::Nash).unwrap().unwrap();
    /// assert_eq!(nash.payoffs, [whole(3), whole(3)]);
    /// ```
    pub fn new(packages: Vec<Vec<Fraction>>, no_deal: Vec<Fraction>) -> Result<Table, Vec<Problem>> {
        let mut problems = Vec::new();
        let wanted = no_deal.len();
        if wanted == 0 {
            problems.push(Problem::NoPlayers);
        }
        if packages.is_empty() {
            problems.push(Problem::NothingOnTheTable);
        }
        for (package, payoffs) in packages.iter().enumerate().filter(|(_, payoffs)| payoffs.len() != wanted) {
            problems.push(Problem::Package { package, has: payoffs.len(), wanted });
        }
        if problems.is_empty() { Ok(Table { packages, no_deal }) } else { Err(problems) }
    }

    /// The same from numbers, taken as the exact fractions that they stand for. Errors: as [`Table::new`], and each
    /// number that is not finite.
    pub fn numbers(packages: &[Vec<f64>], no_deal: &[f64]) -> Result<Table, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut read = |package: Option<usize>, payoffs: &[f64]| -> Vec<Fraction> {
            let mut one = |(player, value): (usize, &f64)| {
                exact(*value).unwrap_or_else(|| {
                    problems.push(Problem::PackageNotFinite { package, player, value: *value });
                    Fraction::zero()
                })
            };
            payoffs.iter().enumerate().map(&mut one).collect()
        };
        let points = packages.iter().enumerate().map(|(place, payoffs)| read(Some(place), payoffs)).collect();
        let no_deal = read(None, no_deal);
        match Table::new(points, no_deal) {
            Ok(table) if problems.is_empty() => Ok(table),
            Ok(_) => Err(problems),
            Err(more) => Err(problems.into_iter().chain(more).collect()),
        }
    }

    pub fn players(&self) -> usize {
        self.no_deal.len()
    }

    /// What each player gets where talks fail.
    pub fn no_deal(&self) -> &[Fraction] {
        &self.no_deal
    }

    /// What each player gains by a package against no deal.
    pub fn gains(&self, package: usize) -> Vec<Fraction> {
        self.packages[package].iter().zip(&self.no_deal).map(|(gets, without)| gets - without).collect()
    }

    /// Whether nobody loses by a package against no deal.
    pub fn is_acceptable(&self, package: usize) -> bool {
        self.gains(package).iter().all(|gain| !gain.is_negative())
    }

    /// What each player would have to be given to accept a package: 0 for those who do.
    pub fn shortfall(&self, package: usize) -> Vec<Fraction> {
        self.gains(package).into_iter().map(|gain| if gain.is_negative() { -gain } else { Fraction::zero() }).collect()
    }

    /// Whether those who gain by a package could pay those who lose by it.
    pub fn can_be_paid_for(&self, package: usize) -> bool {
        !self.gains(package).iter().sum::<Fraction>().is_negative()
    }

    /// The smallest additions that make a package acceptable: packages with all of its items that nobody loses by, and
    /// of those all that add fewest. `items` are those of each package. The package itself where it is acceptable;
    /// empty where no addition helps.
    ///
    /// Error: items of too few or too many packages.
    pub fn smallest_additions(&self, items: &[BTreeSet<usize>], package: usize) -> Result<Vec<usize>, Problem> {
        if items.len() != self.packages.len() {
            return Err(Problem::Items { has: items.len(), wanted: self.packages.len() });
        }
        let all: Vec<usize> = (0..items.len())
            .filter(|other| items[*other].is_superset(&items[package]) && self.is_acceptable(*other))
            .collect();
        let fewest = all.iter().map(|other| items[*other].len()).min();
        Ok(all.into_iter().filter(|other| Some(items[*other].len()) == fewest).collect())
    }

    /// The points as gains against no deal.
    fn all_gains(&self) -> Vec<Vec<Fraction>> {
        (0..self.packages.len()).map(|package| self.gains(package)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fraction::whole;
    use super::*;

    #[test]
    fn what_makes_a_deal_acceptable() {
        // Players: the one who wants oxide, the one who wants chips. Items: 0 oxide, 1 chips, 2 a truce on ports.
        let points = [(0, 0), (5, -2), (-3, 4), (2, 2), (4, 0), (-1, 1)];
        let items = [&[][..], &[0], &[1], &[0, 1], &[0, 2], &[1, 2]];
        let points = points.map(|(a, b)| vec![whole(a), whole(b)]).to_vec();
        let table = Table::new(points, vec![whole(0), whole(0)]).unwrap();
        let items: Vec<BTreeSet<usize>> = items.iter().map(|set| set.iter().copied().collect()).collect();
        assert_eq!(table.smallest_additions(&items, 1), Ok(vec![3, 4]));
        assert_eq!(table.smallest_additions(&items, 2), Ok(vec![3]));
        assert_eq!(table.smallest_additions(&items, 3), Ok(vec![3]));
        assert_eq!(table.smallest_additions(&items, 5), Ok(vec![]));
        assert_eq!(table.shortfall(1), [whole(0), whole(2)]);
        assert_eq!([1, 2, 5].map(|package| table.can_be_paid_for(package)), [true, true, true]);
        assert_eq!(table.smallest_additions(&items[..2], 1), Err(Problem::Items { has: 2, wanted: 6 }));
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        let wrong = Table::numbers(&[vec![1.0, f64::NAN], vec![0.0]], &[0.0, f64::INFINITY]).unwrap_err();
        assert_eq!(wrong.len(), 3);
        assert_eq!(Table::new(vec![], vec![]).unwrap_err(), [Problem::NoPlayers, Problem::NothingOnTheTable]);
    }
}
