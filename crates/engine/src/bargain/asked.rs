//! Which combinations are run: all of them, or those that every answer needs and a draw of the others.

use std::collections::BTreeSet;

use super::whole::Bargain;
use crate::points::hash::{Use, below, key};

/// A hand with more levers is run with none, each alone, each as the last, and all.
const WHOLE_HAND: usize = 6;

impl Bargain {
    /// All combinations, or, where there are more than `most_runs`, the ones that every answer needs and so many others that
    /// there are `most_runs` in all. The same seed draws the same ones. Sorted.
    pub fn asked(&self) -> Vec<usize> {
        let count = self.combinations.count;
        if count <= self.spec.most_runs {
            return (0..count).collect();
        }
        let mut asked = self.needed();
        let key = key(self.spec.seed, Use::Combinations);
        let mut others: Vec<usize> = (0..count).filter(|number| !asked.contains(number)).collect();
        others.sort_by_key(|number| (below(key, *number as u64), *number));
        asked.extend(others.into_iter().take(self.spec.most_runs.saturating_sub(asked.len())));
        asked.into_iter().collect()
    }

    /// The combinations that every answer needs: no deal, the positions, and the hands with the levers of others at their
    /// mildest and as in no deal.
    pub fn needed(&self) -> BTreeSet<usize> {
        let mut needed: BTreeSet<usize> = self.positions.iter().copied().collect();
        needed.insert(self.no_deal);
        needed.extend(self.hands(&vec![0; self.levers.len()]));
        needed.extend(self.hands(&self.combinations.levels(self.no_deal)));
        needed
    }

    /// The combinations that show what the levers of each player do, each at its mildest or its last level, while the
    /// levers of others are at these.
    pub fn hands(&self, others: &[usize]) -> BTreeSet<usize> {
        let mut numbers = BTreeSet::new();
        for player in 0..self.players.len() {
            let own: Vec<usize> = (0..self.levers.len()).filter(|lever| self.player_of(*lever) == player).collect();
            let mut add = |pulled: &dyn Fn(usize) -> bool| {
                let mut levels = others.to_vec();
                for (place, lever) in own.iter().enumerate() {
                    levels[*lever] = if pulled(place) { self.levers[*lever].levels.len() - 1 } else { 0 };
                }
                numbers.insert(self.combinations.number(&levels));
            };
            if own.len() <= WHOLE_HAND {
                (0..1_usize << own.len()).for_each(|set| add(&|place| set >> place & 1 == 1));
            } else {
                add(&|_| false);
                add(&|_| true);
                for lever in 0..own.len() {
                    add(&|place| place == lever);
                    add(&|place| place != lever);
                }
            }
        }
        numbers
    }

    /// The player whose a lever is.
    pub fn player_of(&self, lever: usize) -> usize {
        let by = &self.spec.levers[lever].by.0;
        self.spec.players.iter().position(|player| player.id.0 == *by).expect("the reader checked it")
    }
}
