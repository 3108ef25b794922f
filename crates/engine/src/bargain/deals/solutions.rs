//! What theory says players agree on: the Nash, Kalai-Smorodinsky and egalitarian points, side payments, and what a
//! constraint costs.

use num_traits::{One, Signed, Zero};

use super::Table;
use super::nash;
use crate::bargain::Problem;
use crate::bargain::dictionary::Dictionary;
use crate::bargain::fraction::{Fraction, near, pure};

/// How much larger than that of the Nash point of three players or more a sum of logarithms of gains may be.
const NEAR: f64 = 1e-8;

/// A rule for what is agreed. Only players who can gain at all, with nobody losing, take part in it; the others are
/// held at no less than what they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solution {
    /// The largest product of gains (Nash 1950).
    Nash,
    /// Gains in proportion to the most that each could gain with nobody losing (Kalai and Smorodinsky 1975).
    KalaiSmorodinsky,
    /// The largest least gain (Kalai 1977). It compares the gains of players, which takes a common unit.
    Egalitarian,
}

impl Solution {
    pub const ALL: [Solution; 3] = [Solution::Nash, Solution::KalaiSmorodinsky, Solution::Egalitarian];
}

/// What is agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// (package, share), shares above 0 that add up to 1.
    pub mix: Vec<(usize, Fraction)>,
    /// What each player gets.
    pub payoffs: Vec<Fraction>,
    /// What each gains against no deal.
    pub gains: Vec<Fraction>,
    /// Whether it is the point itself, and not one near it.
    pub is_exact: bool,
}

/// What is agreed where players may pay each other in the unit of their payoffs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The packages that give most to all together.
    pub packages: Vec<usize>,
    /// What all gain together against no deal.
    pub surplus: Fraction,
    /// What each gets after payments: what it has without a deal, and an equal part of the surplus. With payments the
    /// Nash, Kalai-Smorodinsky and egalitarian points are all this one.
    pub payoffs: Vec<Fraction>,
    /// For each of the packages what each player is paid; below 0 = pays. Adds up to 0.
    pub payments: Vec<Vec<Fraction>>,
}

/// What it costs to leave packages out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What is agreed with all packages on the table; `None` = nothing.
    pub free: Option<Deal>,
    /// What is agreed with those that are left.
    pub bound: Option<Deal>,
    /// What each player gains less; below 0 = more.
    pub lost: Vec<Fraction>,
}

impl Table {
    /// The most that each player can gain with nobody losing.
    pub fn ideal(&self) -> Vec<Fraction> {
        let candidates = self.hull_frontier();
        (0..self.players()).map(|player| self.most_for(player, &candidates)).collect()
    }

    /// What is agreed by a rule; `None` where nobody can gain without another losing.
    ///
    /// Where the rule leaves something over, as the largest least gain can, it is the deal with the largest sum of
    /// gains (for Kalai-Smorodinsky in shares of what each could gain) among those that the rule allows, which is on
    /// the frontier.
    ///
    /// Error: [`Problem::Solver`], for the Nash point of three players or more alone.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Solution, Table, fraction::{ratio, whole}};
    /// // From (1, 0): gains lie below the line from (0, 4) to (3, 0).
    /// let points = vec![vec![whole(1), whole(4)], vec![whole(4), whole(0)]];
    /// let table = Table::new(points, vec![whole(1), whole(0)]).unwrap();
    /// let gains = |solution| table.solve(solution).unwrap().unwrap().gains;
    /// assert_eq!(gains(Solution::Nash), [ratio(3, 2).unwrap(), whole(2)]);
    /// assert_eq!(gains(Solution::KalaiSmorodinsky), [ratio(3, 2).unwrap(), whole(2)]);
    /// assert_eq!(gains(Solution::Egalitarian), [ratio(12, 7).unwrap(), ratio(12, 7).unwrap()]);
    /// ```
    pub fn solve(&self, solution: Solution) -> Result<Option<Deal>, Problem> {
        let candidates = self.hull_frontier();
        let ideal: Vec<Fraction> = (0..self.players()).map(|player| self.most_for(player, &candidates)).collect();
        let gaining: Vec<usize> = (0..self.players()).filter(|player| ideal[*player].is_positive()).collect();
        if gaining.is_empty() {
            return Ok(None);
        }
        let direction =
            |unit: &dyn Fn(usize) -> Fraction| gaining.iter().map(|player| (*player, unit(*player))).collect();
        let (equal, fair): (Vec<_>, Vec<_>) =
            (direction(&|_| Fraction::one()), direction(&|player| ideal[player].clone()));
        Ok(Some(match solution {
            Solution::Egalitarian => self.along(&candidates, &equal),
            Solution::KalaiSmorodinsky => self.along(&candidates, &fair),
            // What is best for the only one who can gain.
            Solution::Nash if gaining.len() == 1 => self.along(&candidates, &equal),
            Solution::Nash if self.players() == 2 => self.deal(nash::of_two(&self.all_gains(), &candidates), true),
            Solution::Nash => {
                let start = self.along(&candidates, &fair).mix;
                let deal = self.deal(nash::of_many(&self.all_gains(), &candidates, &gaining, &start)?, false);
                self.check_nash(&deal, &candidates, &gaining)?;
                deal
            }
        }))
    }

    /// Refuses a deal whose product of gains is not the largest, or nearly. Logarithms lie below their tangents, so the
    /// sum of those of any gains is above that of the deal's by no more than the sum of (gain / gain of the deal - 1),
    /// which is a linear program.
    fn check_nash(&self, deal: &Deal, candidates: &[usize], gaining: &[usize]) -> Result<(), Problem> {
        if gaining.iter().any(|player| !deal.gains[*player].is_positive()) {
            return Err(Problem::Solver { why: "somebody gains nothing".to_string() });
        }
        let worth = |player: usize| {
            if gaining.contains(&player) { deal.gains[player].recip() } else { Fraction::zero() }
        };
        let (mut dictionary, _) = self.program(candidates, &[], worth);
        assert!(dictionary.maximise(0), "a hull is bounded");
        let shares = candidates.iter().zip(dictionary.values());
        let sum: Fraction = shares
            .flat_map(|(package, share)| {
                self.gains(*package).into_iter().enumerate().map(move |(player, gain)| gain * &share * worth(player))
            })
            .sum();
        let beyond = near(&sum) - gaining.len() as f64;
        if beyond <= NEAR {
            return Ok(());
        }
        Err(Problem::Solver { why: format!("the logarithms of gains may be {beyond:.1e} more at the Nash point") })
    }

    /// What is agreed where players may pay each other; `None` where all together gain nothing.
    pub fn with_payments(&self) -> Option<Transfer> {
        let gains = self.all_gains();
        let sums: Vec<Fraction> = gains.iter().map(|gains| gains.iter().sum()).collect();
        let surplus = sums.iter().max().filter(|most| most.is_positive())?.clone();
        let part = &surplus / Fraction::from_integer(self.players().into());
        let packages: Vec<usize> = (0..sums.len()).filter(|package| sums[*package] == surplus).collect();
        let payments =
            packages.iter().map(|package| gains[*package].iter().map(|gain| &part - gain).collect()).collect();
        let payoffs = self.no_deal.iter().map(|without| without + &part).collect();
        Some(Transfer { packages, surplus, payoffs, payments })
    }

    /// What it costs each player if only some packages may be agreed on, as when one side will have no quid pro quo.
    /// Error: as [`Table::solve`].
    ///
    /// ```
    /// use coercivity_engine::bargain::{Solution, Table, fraction::whole};
    /// // Packages: each side's concession alone, and both. No quid pro quo leaves out the last.
    /// let points = [(2, -1), (-1, 2), (1, 1)].map(|(a, b)| vec![whole(a), whole(b)]).to_vec();
    /// let table = Table::new(points, vec![whole(0), whole(0)]).unwrap();
    /// let price = table.price(Solution::Nash, |package| package != 2).unwrap();
    /// // A draw by lot between the two concessions still gives each a half.
    /// assert_eq!(price.bound.unwrap().gains, [whole(1) / whole(2), whole(1) / whole(2)]);
    /// assert_eq!(price.lost, [whole(1) / whole(2), whole(1) / whole(2)]);
    /// ```
    pub fn price(&self, solution: Solution, may: impl Fn(usize) -> bool) -> Result<Price, Problem> {
        let places: Vec<usize> = (0..self.packages.len()).filter(|package| may(*package)).collect();
        let packages: Vec<Vec<Fraction>> = places.iter().map(|place| self.packages[*place].clone()).collect();
        let free = self.solve(solution)?;
        let mut bound = Table { packages, no_deal: self.no_deal.clone() }.solve(solution)?;
        for (package, _) in bound.iter_mut().flat_map(|deal| &mut deal.mix) {
            *package = places[*package];
        }
        let gain = |deal: &Option<Deal>, player: usize| {
            deal.as_ref().map_or_else(Fraction::zero, |deal| deal.gains[player].clone())
        };
        let lost = (0..self.players()).map(|player| gain(&free, player) - gain(&bound, player)).collect();
        Ok(Price { free, bound, lost })
    }

    fn most_for(&self, player: usize, candidates: &[usize]) -> Fraction {
        let (mut dictionary, _) =
            self.program(candidates, &[], |i| if i == player { Fraction::one() } else { Fraction::zero() });
        assert!(dictionary.maximise(0), "a hull is bounded");
        let mix = dictionary.values();
        candidates.iter().zip(mix).map(|(package, share)| &self.gains(*package)[player] * share).sum()
    }

    /// The deal farthest in a direction, and among those the one with the largest sum of gains in units of it.
    fn along(&self, candidates: &[usize], direction: &[(usize, Fraction)]) -> Deal {
        let worth = |player| match direction.iter().find(|(gaining, _)| *gaining == player) {
            Some((_, unit)) => unit.recip(),
            None => Fraction::zero(),
        };
        let (mut dictionary, far) = self.program(candidates, direction, worth);
        assert!(dictionary.maximise(far) && dictionary.maximise(0), "a hull is bounded");
        self.deal(candidates.iter().copied().zip(dictionary.values()).collect(), true)
    }

    /// A program over shares of packages, the rest being no deal, and a distance. Each player's gain is at least the
    /// distance times its part of the direction, or 0. Objectives: the sum of gains times `worth`, then the distance,
    /// whose place is returned.
    fn program(
        &self,
        candidates: &[usize],
        direction: &[(usize, Fraction)],
        worth: impl Fn(usize) -> Fraction,
    ) -> (Dictionary, usize) {
        let gains: Vec<Vec<Fraction>> = candidates.iter().map(|package| self.gains(*package)).collect();
        let row = |player: usize| -> Vec<Fraction> {
            let part = direction.iter().find(|(of, _)| *of == player).map(|(_, part)| part.clone());
            gains.iter().map(|gains| -&gains[player]).chain([part.unwrap_or_else(Fraction::zero)]).collect()
        };
        let players = self.players();
        let shares = vec![Fraction::one(); candidates.len()].into_iter().chain([Fraction::zero()]).collect();
        let rows: Vec<Vec<Fraction>> = (0..players).map(row).chain([shares]).collect();
        let right = pure(players + 1, players);
        let worths: Vec<Fraction> = (0..players).map(worth).collect();
        let sum = gains.iter().map(|gains| gains.iter().zip(&worths).map(|(gain, worth)| gain * worth).sum());
        let objectives = vec![sum.chain([Fraction::zero()]).collect(), pure(candidates.len() + 1, candidates.len())];
        (Dictionary::of_fractions(rows, right, objectives), 1)
    }

    /// The deal of a mix.
    fn deal(&self, mix: Vec<(usize, Fraction)>, is_exact: bool) -> Deal {
        let mut mix: Vec<(usize, Fraction)> = mix.into_iter().filter(|(_, share)| share.is_positive()).collect();
        mix.sort_unstable();
        let get = |player: usize| mix.iter().map(|(package, share)| &self.packages[*package][player] * share).sum();
        let payoffs: Vec<Fraction> = (0..self.players()).map(get).collect();
        let gains = payoffs.iter().zip(&self.no_deal).map(|(gets, without)| gets - without).collect();
        Deal { mix, payoffs, gains, is_exact }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fraction::{near, ratio, whole};
    use super::*;

    fn table(points: &[&[i64]], no_deal: &[i64]) -> Table {
        let read = |point: &[i64]| point.iter().map(|v| whole(*v)).collect::<Vec<_>>();
        Table::new(points.iter().map(|point| read(point)).collect(), read(no_deal)).unwrap()
    }

    fn gains(table: &Table, solution: Solution) -> Vec<Fraction> {
        table.solve(solution).unwrap().unwrap().gains
    }

    #[test]
    fn two_players_on_a_frontier_with_a_corner() {
        // (0, 10), (6, 8), (8, 0). Nash: on the edge to (6, 8), x (10 - x/3) grows to its end: 48. On the other, 4x =
        // 32 - y: x (32 - 4x) falls from 6 on. Kalai-Smorodinsky: the ray to (8, 10) meets y = 10 - x/3 at x = 120/19..
        // beyond 6, so y = 32 - 4x: 5x/4 = 32 - 4x, x = 128/21. Egalitarian: x = 32 - 4x, 32/5.
        let table = table(&[&[0, 10], &[6, 8], &[8, 0], &[3, 3]], &[0, 0]);
        assert_eq!(gains(&table, Solution::Nash), [whole(6), whole(8)]);
        assert_eq!(gains(&table, Solution::KalaiSmorodinsky), [ratio(128, 21).unwrap(), ratio(160, 21).unwrap()]);
        assert_eq!(gains(&table, Solution::Egalitarian), [ratio(32, 5).unwrap(), ratio(32, 5).unwrap()]);
        assert_eq!(table.ideal(), [whole(8), whole(10)]);
    }

    #[test]
    fn a_mix_may_be_acceptable_where_no_package_is() {
        // Half of each gives both 1; neither accepts one alone. Most for the first: 3a - (1 - a) with 3(1 - a) = a.
        let table = table(&[&[3, -1], &[-1, 3]], &[0, 0]);
        let nash = table.solve(Solution::Nash).unwrap().unwrap();
        assert_eq!(nash.mix, [(0, ratio(1, 2).unwrap()), (1, ratio(1, 2).unwrap())]);
        assert_eq!(nash.gains, [whole(1), whole(1)]);
        assert_eq!(table.ideal(), [whole(2), whole(2)]);
    }

    #[test]
    fn nobody_gains_or_one_alone_does() {
        assert_eq!(table(&[&[-1, 1], &[0, 0]], &[0, 0]).solve(Solution::Nash), Ok(None));
        // Only the first can gain: at (4, 0); the line to (6, -1) is below 0 for the second at once.
        let alone = table(&[&[4, 0], &[6, -1], &[2, 0]], &[0, 0]);
        for solution in Solution::ALL {
            assert_eq!(gains(&alone, solution), [whole(4), whole(0)], "{solution:?}");
        }
    }

    #[test]
    fn what_an_equal_gain_leaves_over_is_not_wasted() {
        // Along the diagonal both gain 2 at most, the first at once 5 without harm to the second.
        let table = table(&[&[5, 2], &[1, 2]], &[0, 0]);
        assert_eq!(gains(&table, Solution::Egalitarian), [whole(5), whole(2)]);
    }

    #[test]
    fn three_players_share_a_pie() {
        // One pie of 6 from (0, 0, 3): 1 each of the surplus of 3; the ideal is 3 each, so all rules agree.
        let table = table(&[&[6, 0, 0], &[0, 6, 0], &[0, 0, 6]], &[0, 0, 3]);
        let nash = table.solve(Solution::Nash).unwrap().unwrap();
        assert!(nash.gains.iter().all(|gain| (near(gain) - 1.0).abs() < 1e-7), "{:?}", nash.gains);
        assert_eq!(nash.mix.iter().map(|(_, share)| share).sum::<Fraction>(), whole(1));
        for solution in [Solution::KalaiSmorodinsky, Solution::Egalitarian] {
            assert_eq!(gains(&table, solution), [whole(1), whole(1), whole(1)]);
        }
    }

    #[test]
    fn nash_of_three_by_hand() {
        // x + y + 2z <= 6, spanned by its corners: x = y = 2 z and thirds of the budget: (2, 2, 1).
        let table = table(&[&[6, 0, 0], &[0, 6, 0], &[0, 0, 3]], &[0, 0, 0]);
        let nash = table.solve(Solution::Nash).unwrap().unwrap();
        for (gain, expected) in nash.gains.iter().zip([2.0, 2.0, 1.0]) {
            assert!((near(gain) - expected).abs() < 1e-7);
        }
        // Egalitarian: 4t = 6. A bystander who can only lose is held at 0 and has no part in the rule.
        assert_eq!(gains(&table, Solution::Egalitarian), vec![ratio(3, 2).unwrap(); 3]);
        let hit = self::table(&[&[4, 0, -1], &[0, 4, 0]], &[0, 0, 0]);
        assert_eq!(gains(&hit, Solution::Egalitarian), [whole(0), whole(4), whole(0)]);
    }

    #[test]
    fn payments_share_the_largest_surplus() {
        let table = table(&[&[10, -4], &[3, 1], &[-4, 10]], &[0, 2]);
        let agreed = table.with_payments().unwrap();
        assert_eq!((agreed.packages, agreed.surplus), (vec![0, 2], whole(4)));
        assert_eq!(agreed.payoffs, [whole(2), whole(4)]);
        assert_eq!(agreed.payments, [[whole(-8), whole(8)], [whole(6), whole(-6)]]);
        assert_eq!(self::table(&[&[1, 1]], &[1, 1]).with_payments(), None);
    }
}
