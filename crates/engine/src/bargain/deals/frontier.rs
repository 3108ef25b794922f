//! The Pareto frontier: packages by which nobody could get more without another getting less.

use std::collections::BTreeSet;

use num_traits::{One, Signed, Zero};

use super::Table;
use crate::bargain::dictionary::Dictionary;
use crate::bargain::fraction::Fraction;

impl Table {
    /// Packages that no other package beats: none gives somebody more and nobody less.
    pub fn frontier(&self) -> Vec<usize> {
        let packages = &self.packages;
        let beats = |a: &[Fraction], b: &[Fraction]| a != b && a.iter().zip(b).all(|(a, b)| a >= b);
        if self.players() == 2 {
            // By what the first gets, downwards: the second must get more than by any before, or as much at the same
            // point.
            let mut order: Vec<usize> = (0..packages.len()).collect();
            order.sort_by(|a, b| packages[*b].cmp(&packages[*a]));
            let mut kept: Vec<usize> = Vec::new();
            for package in order {
                let last = kept.last().map(|last| &packages[*last]);
                if last.is_none_or(|last| packages[package][1] > last[1] || packages[package] == *last) {
                    kept.push(package);
                }
            }
            kept.sort_unstable();
            return kept;
        }
        (0..packages.len()).filter(|package| !packages.iter().any(|other| beats(other, &packages[*package]))).collect()
    }

    /// Packages that no mix of packages beats either, of equal ones the first. For two players in the order of what the
    /// first gets, downwards, and of those in line the ends: the frontier of the hull goes straight from each to the
    /// next. For more players in the order of the table.
    pub fn hull_frontier(&self) -> Vec<usize> {
        let mut frontier = self.frontier();
        if self.players() == 2 {
            return self.upper_hull(frontier);
        }
        let mut seen = BTreeSet::new();
        frontier.retain(|package| seen.insert(&self.packages[*package]));
        self.unbeaten(&frontier)
    }

    /// The corners of the hull on the upper right (Andrew 1979), exactly.
    fn upper_hull(&self, mut frontier: Vec<usize>) -> Vec<usize> {
        let point = |package: usize| (&self.packages[package][0], &self.packages[package][1]);
        frontier.sort_by(|a, b| point(*b).0.cmp(point(*a).0).then(a.cmp(b)));
        frontier.dedup_by(|a, b| point(*a) == point(*b));
        let mut hull: Vec<usize> = Vec::new();
        for package in frontier {
            while let [.., a, b] = hull[..] {
                let (a, b, c) = (point(a), point(b), point(package));
                // b is a corner if the way a, b, c turns to the left.
                if ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).is_positive() {
                    break;
                }
                hull.pop();
            }
            hull.push(package);
        }
        hull
    }

    /// Those of `frontier` for which the most that a mix of them gives everybody together beyond them, none losing, is
    /// 0.
    fn unbeaten(&self, frontier: &[usize]) -> Vec<usize> {
        let players = self.players();
        let unbeaten = |package: &&usize| {
            // Columns: the shares of the others, with the rest on the package itself, and what each player has more.
            let others: Vec<usize> = frontier.iter().copied().filter(|other| other != *package).collect();
            let row = |player: usize| -> Vec<Fraction> {
                let more = |other: &usize| &self.packages[**package][player] - &self.packages[*other][player];
                let slack = (0..players).map(|i| if i == player { Fraction::one() } else { Fraction::zero() });
                others.iter().map(more).chain(slack).collect()
            };
            let marks = |shares: Fraction, slacks: Fraction| -> Vec<Fraction> {
                vec![shares; others.len()].into_iter().chain(vec![slacks; players]).collect()
            };
            let rows = (0..players).map(row).chain([marks(Fraction::one(), Fraction::zero())]).collect();
            let right = vec![Fraction::zero(); players].into_iter().chain([Fraction::one()]).collect();
            let objective = marks(Fraction::zero(), Fraction::one());
            let mut dictionary = Dictionary::of_fractions(rows, right, vec![objective]);
            assert!(dictionary.maximise(0), "a hull is bounded");
            dictionary.values()[others.len()..].iter().all(Zero::is_zero)
        };
        frontier.iter().filter(unbeaten).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fraction::whole;
    use super::*;

    fn table(points: &[&[i64]]) -> Table {
        let points: Vec<Vec<Fraction>> = points.iter().map(|p| p.iter().map(|v| whole(*v)).collect()).collect();
        let no_deal = vec![whole(0); points[0].len()];
        Table::new(points, no_deal).unwrap()
    }

    #[test]
    fn packages_that_only_a_mix_beats() {
        // (1, 3) lies below the line from (0, 6) to (4, 0), (2, 3) on it; (4, 0) is there twice; (3, 0) is beaten by
        // it.
        let table = table(&[&[0, 6], &[1, 3], &[4, 0], &[2, 3], &[4, 0], &[3, 0]]);
        assert_eq!(table.frontier(), [0, 2, 3, 4]);
        assert_eq!(table.hull_frontier(), [2, 0]);
        let concave = self::table(&[&[0, 6], &[2, 5], &[4, 0], &[1, 5]]);
        assert_eq!(concave.frontier(), [0, 1, 2]);
        assert_eq!(concave.hull_frontier(), [2, 1, 0]);
    }

    #[test]
    fn three_players() {
        // A third of each corner gives everybody 2, so (1, 1, 3) is beaten by a mix alone, 1/6, 1/6 and 2/3; (2, 2, 2)
        // lies on the face.
        let table = table(&[&[6, 0, 0], &[0, 6, 0], &[0, 0, 6], &[1, 1, 3], &[2, 2, 2], &[0, 0, 5]]);
        assert_eq!(table.frontier(), [0, 1, 2, 3, 4]);
        assert_eq!(table.hull_frontier(), [0, 1, 2, 4]);
        let twice = self::table(&[&[6, 0, 0], &[6, 0, 0], &[0, 6, 0]]);
        assert_eq!((twice.frontier(), twice.hull_frontier()), (vec![0, 1, 2], vec![0, 2]));
    }

    #[test]
    fn the_frontier_of_two_is_that_of_the_definition() {
        // With a third player who never gets anything the general way is taken.
        let points: Vec<[i64; 2]> = (0..60).map(|k| [(k * 37) % 11, (k * 53) % 13]).collect();
        let two: Vec<&[i64]> = points.iter().map(|p| &p[..]).collect();
        let with_third: Vec<[i64; 3]> = points.iter().map(|p| [p[0], p[1], 0]).collect();
        let three: Vec<&[i64]> = with_third.iter().map(|p| &p[..]).collect();
        assert_eq!(table(&two).frontier(), table(&three).frontier());
    }
}
