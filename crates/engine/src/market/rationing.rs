//! Sharing out what there is at a place.
//!
//! The stock that desks had there before, up to what they want to keep, is theirs. The rest, q, is shared among claims C: what users
//! here need, what desks here lack (a part of it a week, as in their orders), what lines to desks elsewhere order,
//!
//! > (1 - a) x in proportion + a x by rank (defence, home, ally, others),   a = `priority`,
//!
//! so that what is given adds up to q or to C, whichever is less. Users here take from what was given and from the stock: nobody
//! stops a line to save a stock. A desk that takes from several pools turns to the one that fewest others can use first.
//! Source: METHODS section 1 of the project; a is assumed.

use super::network::Rank;
use super::state::World;

/// Ranks; what is lacking ranks with home.
const KINDS: usize = 4;

impl World<'_> {
    pub fn ration(&mut self, node: usize) {
        let net = self.net;
        for &pool in &net.nodes[node].pools {
            let there = self.pool[pool];
            if there <= 0.0 {
                continue;
            }
            // Home and abroad, by rank: units still claimed.
            let (mut here, mut away, mut lacking) = ([0.0; KINDS], [0.0; KINDS], 0.0);
            for claim in &net.pools[pool].claims {
                let of = if claim.away { &mut away } else { &mut here };
                of[claim.rank as usize] += self.claim[claim.user] - self.granted[claim.user];
            }
            for &desk in &net.pools[pool].desks {
                lacking += (self.refill[desk] - self.refilled[desk]).max(0.0);
            }
            let mut all = [0.0; KINDS];
            for kind in 0..KINDS {
                all[kind] = here[kind] + away[kind];
            }
            all[Rank::Home as usize] += lacking;
            let free = (there - self.reserve[pool]).max(0.0);
            // Where nobody elsewhere asks, there is nothing to share out; so it is in most pools.
            let given_away = match away == [0.0; KINDS] {
                true => [0.0; KINDS],
                false => shares(&all, free, self.behaviour.priority),
            };
            let sent: f64 = (0..KINDS).map(|kind| given_away[kind] * away[kind]).sum();
            let local = (there - sent).max(0.0);
            let given_here = shares(&here, local, self.behaviour.priority);
            let mut used = 0.0;
            for claim in &net.pools[pool].claims {
                let left = self.claim[claim.user] - self.granted[claim.user];
                let shares = if claim.away { &given_away } else { &given_here };
                let units = shares[claim.rank as usize] * left;
                self.drawn[claim.entry] = units;
                self.granted[claim.user] += units;
                if !claim.away {
                    used += units;
                }
            }
            if lacking > 0.0 {
                let filled = ((local - used - self.reserve[pool]) / lacking).clamp(0.0, 1.0);
                for &desk in &net.pools[pool].desks {
                    self.refilled[desk] += filled * (self.refill[desk] - self.refilled[desk]).max(0.0);
                }
            }
        }
    }
}

/// The share of the claims of each rank that is served.
fn shares(claims: &[f64; KINDS], there: f64, priority: f64) -> [f64; KINDS] {
    let all: f64 = claims.iter().sum();
    let even = if all > there { there / all } else { 1.0 };
    let mut left = there;
    let mut shares = [0.0; KINDS];
    for kind in 0..KINDS {
        let first = if claims[kind] > left { left / claims[kind] } else { 1.0 };
        left = (left - claims[kind]).max(0.0);
        shares[kind] = (1.0 - priority) * even + priority * first;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn what_is_given_adds_up_whatever_the_rank_counts() {
        let claims = [10.0, 30.0, 40.0, 20.0];
        for (there, priority) in [(50.0, 0.0), (50.0, 0.3), (50.0, 1.0), (100.0, 0.5), (0.0, 0.5)] {
            let given: f64 = shares(&claims, there, priority).iter().zip(claims).map(|(s, c)| s * c).sum();
            assert!((given - there).abs() < 1e-9, "{given} of {there}");
        }
    }

    #[test]
    fn rank_serves_defence_first_and_proportion_all_alike() {
        let claims = [10.0, 30.0, 40.0, 20.0];
        assert_eq!(shares(&claims, 50.0, 0.0), [0.5; 4]);
        assert_eq!(shares(&claims, 50.0, 1.0), [1.0, 1.0, 0.25, 0.0]);
    }
}
