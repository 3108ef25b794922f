//! What each player gets under each combination of levers, as far as it is known: what the engine found, and all that an
//! answer is made of.
//!
//! A *combination* is a level for each lever. Combinations are numbered: the sum of level x place over the levers, where
//! lever 0 has place 1 and each lever the place of the one before times its number of levels. Combination 0 has every
//! lever at its mildest.

use coercivity_model::Date;

/// What each player gets, by combination and player, in currency discounted to the start of the model; more is better.
/// `None` = not run.
pub type Values = Vec<Option<Vec<f64>>>;

/// All that is known of a bargain.
#[derive(Clone, Debug, PartialEq)]
pub struct Payoffs {
    /// Of the model.
    pub currency: String,
    /// Names of the model and of the scenario.
    pub model: String,
    pub scenario: String,
    /// Of everything that the payoffs hang on, in hexadecimal.
    pub hash: String,
    /// Months looked at from the talks on.
    pub months: f64,
    pub values: Values,
    pub runs: Runs,
    /// The same from later days on, of the combinations that a ledger needs.
    pub decay: Vec<Later>,
    pub lasts: Vec<Lasts>,
    /// The same for each sample of an ensemble.
    pub draws: Vec<Values>,
}

/// What was run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// All combinations that there are.
    pub combinations: usize,
    /// Those that are known.
    pub known: usize,
    /// Different programs among these.
    pub programs: usize,
}

/// What each player gets from a later day on, over the same combinations.
#[derive(Clone, Debug, PartialEq)]
pub struct Later {
    pub date: Date,
    pub months: f64,
    pub values: Values,
}

/// How long a player's needs stay met under levers of others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lasts {
    /// Who lasts: a position in the players.
    pub player: usize,
    /// Under which lever, pulled to its last level; `None` = under no deal.
    pub lever: Option<usize>,
    /// Days from the talks until the first of its needs is short that stays met with every lever at its mildest. `None` =
    /// it has no such need, or this is not known.
    pub days: Option<f64>,
    /// Whether none is short in all the time that was looked at; `days` is that time then.
    pub throughout: bool,
}

/// The numbers of combinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combinations {
    /// By lever: how many levels it has.
    levels: Vec<usize>,
    /// By lever: what a step of its level adds to the number.
    pub places: Vec<usize>,
    pub count: usize,
}

impl Combinations {
    /// Of levers with so many levels each. `None`: more than can be counted.
    pub fn new(levels: Vec<usize>) -> Option<Combinations> {
        let mut places = Vec::new();
        let mut count: usize = 1;
        for levels in &levels {
            places.push(count);
            count = count.checked_mul(*levels)?;
        }
        Some(Combinations { levels, places, count })
    }

    /// The number of a combination.
    pub fn number(&self, levels: &[usize]) -> usize {
        levels.iter().zip(&self.places).map(|(level, place)| level * place).sum()
    }

    /// The level of each lever.
    pub fn levels(&self, number: usize) -> Vec<usize> {
        self.levels.iter().zip(&self.places).map(|(levels, place)| number / place % levels).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_numbered_without_gaps() {
        let combinations = Combinations::new(vec![2, 3, 2]).unwrap();
        assert_eq!((combinations.count, combinations.places.clone()), (12, vec![1, 2, 6]));
        assert_eq!(combinations.number(&[1, 2, 0]), 5);
        assert!((0..12).all(|number| combinations.number(&combinations.levels(number)) == number));
        assert_eq!(Combinations::new(vec![2; 70]), None);
        assert_eq!(Combinations::new(Vec::new()).unwrap().count, 1);
    }
}
