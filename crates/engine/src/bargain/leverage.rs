//! The leverage ledger: what the levers of a hand cost each player, and until when.
//!
//! A lever's cost to a player is what the player gets without it less what it gets with it; the one who pulls it is
//! among those whom it may cost something. Levers add up only by chance: two that close the same door cost little more
//! than one, two that close both doors cost more than twice as much. So each has three figures: alone, as the last of
//! all levers, and its share (Shapley 1953), the mean over all orders in which the hand could be played. Shares add up
//! to what all cost together.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::Problem;
use super::fraction::{Fraction, exact};

/// Levers in a hand, at most: each set of them has payoffs.
const MOST_LEVERS: usize = 16;

/// What a hand of levers costs each player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    pub levers: Vec<Entry>,
    /// All levers pulled together, for each player.
    pub together: Vec<Fraction>,
    /// The sum of what each costs alone.
    pub apart: Vec<Fraction>,
}

/// What a lever costs each player; below 0 = it gains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// With no other lever pulled.
    pub alone: Vec<Fraction>,
    /// In addition to all other levers of the hand.
    pub last: Vec<Fraction>,
    /// Its share of what all cost together.
    pub share: Vec<Fraction>,
}

/// What each player gets under each set of the levers of a hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    levers: usize,
    /// By set: bit i is lever i.
    payoffs: Vec<Vec<Fraction>>,
}

impl Hand {
    /// A hand from what each player gets under each set of levers: place 0 has none pulled, place 5 the first and the
    /// third.
    ///
    /// Errors: a number of sets that is no power of 2 or of too many levers, no players, sets with different numbers of
    /// players.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Hand, fraction::{ratio, whole}};
    /// // Oxide and magnets: either alone leaves the other way open. The other loses 10, 20 or, with both, 100.
    /// let payoffs = [(0, 0), (-1, -10), (-2, -20), (-4, -100)].map(|(own, other)| vec![whole(own), whole(other)]);
    /// let ledger = Hand::new(payoffs.to_vec()).unwrap().ledger();
    /// assert_eq!(ledger.levers[0].alone, [whole(1), whole(10)]);
    /// assert_eq!(ledger.levers[0].last, [whole(2), whole(80)]);
    /// assert_eq!(ledger.levers[0].share[1], whole(45));
    /// assert_eq!(ledger.interaction(1), whole(70));
    /// ```
    pub fn new(payoffs: Vec<Vec<Fraction>>) -> Result<Hand, Vec<Problem>> {
        let mut problems = Vec::new();
        let (sets, players) = (payoffs.len(), payoffs.first().map_or(0, Vec::len));
        if !sets.is_power_of_two() || sets.trailing_zeros() as usize > MOST_LEVERS {
            problems.push(Problem::Sets { sets, most: MOST_LEVERS });
        } else if players == 0 {
            problems.push(Problem::NoPlayers);
        }
        for (set, payoffs) in payoffs.iter().enumerate().filter(|(_, payoffs)| payoffs.len() != players) {
            problems.push(Problem::Package { package: set, has: payoffs.len(), wanted: players });
        }
        let levers = sets.trailing_zeros() as usize;
        if problems.is_empty() { Ok(Hand { levers, payoffs }) } else { Err(problems) }
    }

    pub fn players(&self) -> usize {
        self.payoffs[0].len()
    }

    /// What a set of levers (bits) costs a player.
    pub fn cost(&self, set: usize, player: usize) -> Fraction {
        &self.payoffs[0][player] - &self.payoffs[set][player]
    }

    /// What two levers cost a player together beyond what they cost apart.
    pub fn pair(&self, first: usize, second: usize, player: usize) -> Fraction {
        let cost = |set| self.cost(set, player);
        cost(1 << first | 1 << second) - cost(1 << first) - cost(1 << second)
    }

    pub fn ledger(&self) -> Ledger {
        let all = self.payoffs.len() - 1;
        let for_all = |figure: &dyn Fn(usize) -> Fraction| (0..self.players()).map(figure).collect::<Vec<Fraction>>();
        let entry = |lever: usize| Entry {
            alone: for_all(&|player| self.cost(1 << lever, player)),
            last: for_all(&|player| self.cost(all, player) - self.cost(all & !(1 << lever), player)),
            share: for_all(&|player| self.share(lever, player)),
        };
        let levers: Vec<Entry> = (0..self.levers).map(entry).collect();
        let apart = for_all(&|player| levers.iter().map(|entry| &entry.alone[player]).sum());
        Ledger { levers, together: for_all(&|player| self.cost(all, player)), apart }
    }

    /// What a lever adds, on average over all orders: each set of s others comes before it in s! (n - s - 1)! of n!
    /// orders.
    fn share(&self, lever: usize, player: usize) -> Fraction {
        let factorial = |n: usize| (1..=n).map(BigInt::from).product::<BigInt>();
        let mut by_size = vec![Fraction::zero(); self.levers];
        for set in (0..self.payoffs.len()).filter(|set| set >> lever & 1 == 0) {
            by_size[set.count_ones() as usize] += self.cost(set | 1 << lever, player) - self.cost(set, player);
        }
        let weighed = by_size.into_iter().enumerate().map(|(size, sum)| {
            sum * Fraction::new(factorial(size) * factorial(self.levers - size - 1), factorial(self.levers))
        });
        weighed.sum()
    }
}

impl Ledger {
    /// What all levers cost a player together beyond the sum of what they cost apart.
    pub fn interaction(&self, player: usize) -> Fraction {
        &self.together[player] - &self.apart[player]
    }
}

/// The loss in logarithms where a share of a bundle is cut off and the rest replaces it with a constant elasticity of
/// substitution above 1: -ln(1 - share) / (elasticity - 1) (Feenstra 1994), infinite at a share of 1. It says why
/// control is worth most near all of it (Clayton, Maggiori and Schreger 2024). `None` for a share outside of 0 to 1 or
/// an elasticity of 1 and below.
///
/// ```
/// use coercivity_engine::bargain::loss_of_share;
/// assert!((loss_of_share(0.6, 2.0).unwrap() - 0.916291).abs() < 1e-6);
/// assert!((loss_of_share(0.9, 2.0).unwrap() - 2.302585).abs() < 1e-6);
/// ```
pub fn loss_of_share(share: f64, elasticity: f64) -> Option<f64> {
    let known = (0.0..=1.0).contains(&share) && elasticity > 1.0 && elasticity.is_finite();
    known.then(|| -(-share).ln_1p() / (elasticity - 1.0))
}

/// How long a lever costs at least so much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bites {
    /// It does not at the first date.
    Never,
    /// It falls below between two dates; in between the cost is taken as linear.
    Until(Fraction),
    /// It does up to the last date that is given.
    Throughout,
}

/// How long a cost that the target is growing out of stays at `least` or above: up to the first time at which it falls
/// below. `costs` are (date, cost) with dates that increase.
///
/// Half of the first cost gives a half-life; what the lever costs the one who pulls it, less the target's, says when it
/// becomes a threat against oneself.
///
/// ```
/// use coercivity_engine::bargain::{Bites, bites, fraction::{ratio, whole}};
/// let costs = [(2027, 100), (2029, 60), (2031, 20)].map(|(year, cost)| (whole(year), whole(cost)));
/// assert_eq!(bites(&costs, &whole(50)), Bites::Until(ratio(4059, 2).unwrap()));
/// ```
pub fn bites(costs: &[(Fraction, Fraction)], least: &Fraction) -> Bites {
    if costs.first().is_none_or(|(_, cost)| cost < least) {
        return Bites::Never;
    }
    let falls = costs.windows(2).find(|pair| pair[1].1 < *least);
    falls.map_or(Bites::Throughout, |pair| {
        let ((from, high), (to, low)) = (&pair[0], &pair[1]);
        Bites::Until(from + (to - from) * (high - least) / (high - low))
    })
}

/// The patience of a side that can hold out for a time: the discount factor of a round if what it holds out on ends at
/// a constant rate of 1 over that time, 1 / (1 + round / time). A side that can hold out for ever has 1. `None` where
/// the round is not finite and above 0, or the time is below 0 or no number.
///
/// ```
/// use coercivity_engine::bargain::{patience_of, fraction::ratio};
/// assert_eq!(patience_of(9.0, 1.0), ratio(9, 10)); // nine months of stock, offers once a month
/// ```
pub fn patience_of(time_to_survive: f64, round: f64) -> Option<Fraction> {
    if time_to_survive == f64::INFINITY && round.is_finite() && round > 0.0 {
        return Some(Fraction::one());
    }
    let (time, round) = (exact(time_to_survive)?, exact(round)?);
    (round.is_positive() && !time.is_negative()).then(|| &time / (&time + round))
}

#[cfg(test)]
mod tests {
    use super::super::fraction::{ratio, whole};
    use super::*;

    #[test]
    fn shares_are_those_of_a_known_game() {
        // The glove game: lever 0 is worth 1 with lever 1 or 2 and nothing alone. Shapley: 2/3, 1/6, 1/6.
        let worth = |set: usize| (set & 1 == 1 && set > 1) as i64;
        let hand = Hand::new((0..8).map(|set| vec![whole(-worth(set))]).collect()).unwrap();
        let ledger = hand.ledger();
        let shares: Vec<Fraction> = ledger.levers.iter().map(|entry| entry.share[0].clone()).collect();
        assert_eq!(shares, [(2, 3), (1, 6), (1, 6)].map(|(a, b)| ratio(a, b).unwrap()));
        assert_eq!(ledger.interaction(0), whole(1));
        assert_eq!((hand.pair(0, 1, 0), hand.pair(1, 2, 0)), (whole(1), whole(0)));
        assert_eq!(ledger.levers[0].last[0], whole(1));
        assert_eq!(ledger.levers[1].last[0], whole(0));
    }

    #[test]
    fn how_long_a_lever_bites() {
        let costs = [(0, 10), (1, 10), (2, 4), (3, 12)].map(|(time, cost)| (whole(time), whole(cost)));
        assert_eq!(bites(&costs, &whole(11)), Bites::Never);
        assert_eq!(bites(&costs, &whole(10)), Bites::Until(whole(1)));
        assert_eq!(bites(&costs, &whole(7)), Bites::Until(ratio(3, 2).unwrap()));
        assert_eq!(bites(&costs, &whole(4)), Bites::Throughout);
        assert_eq!(bites(&[], &whole(4)), Bites::Never);
    }

    #[test]
    fn figures_that_mean_nothing_have_no_answer() {
        assert_eq!(loss_of_share(1.0, 2.0), Some(f64::INFINITY));
        for (share, elasticity) in [(1.1, 2.0), (-0.1, 2.0), (f64::NAN, 2.0), (0.5, 1.0), (0.5, f64::INFINITY)] {
            assert_eq!(loss_of_share(share, elasticity), None);
        }
        assert_eq!(patience_of(f64::INFINITY, 1.0), Some(whole(1)));
        assert_eq!(patience_of(0.0, 1.0), Some(whole(0)));
        for (time, round) in [(-1.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (f64::INFINITY, 0.0)] {
            assert_eq!(patience_of(time, round), None);
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let set = |players| vec![whole(0); players];
        assert_eq!(Hand::new(vec![set(2), set(2), set(1)]).unwrap_err().len(), 2);
        assert_eq!(Hand::new(vec![]).unwrap_err(), [Problem::Sets { sets: 0, most: MOST_LEVERS }]);
        assert_eq!(Hand::new(vec![vec![]]).unwrap_err(), [Problem::NoPlayers]);
    }
}
