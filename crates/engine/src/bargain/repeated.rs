//! Does the truce hold? What patience it takes for each side to keep what was agreed as long as the other does.
//!
//! The game is played again and again. Who breaks the truce gets the temptation T until it is noticed, and from then on
//! both get the punishment P for ever, instead of the reward R (Friedman 1971). Keeping it is best from the discount
//! factor d on with
//!
//! ```text
//! R / (1 - dq) >= T (1 - (dq)^k) / (1 - dq) + P (dq)^k / (1 - dq),     that is     (dq)^k >= (T - R) / (T - P)
//! ```
//!
//! where q is the chance each time that the truce is renewed at all, and k how many rounds pass until a breach is
//! answered. Where the last round is known, the truce is broken in it, so in the round before, and so on: no patience
//! is enough.

use num_traits::{One, Pow, Signed, Zero};

use super::Problem;
use super::fraction::{Fraction, near};
use super::game::{Game, Player};

/// What a player gets in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// By breaking the truce while others keep it.
    pub temptation: Fraction,
    /// By keeping it with the others.
    pub reward: Fraction,
    /// When it has been given up.
    pub punishment: Fraction,
}

/// How the game goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Chance that there is a next round, above 0 and at most 1.
    pub renewal: Fraction,
    /// Rounds in which a breach pays, at least 1: the textbook's breach is answered in the round after it.
    pub answered_after: u32,
    /// Whether it is known which round is the last.
    pub last_is_known: bool,
}

/// The patience that keeping a truce takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Breaking it never pays.
    Any,
    /// A discount factor d below 1 with (d x renewal)^rounds at least `power`.
    From { power: Fraction, renewal: Fraction, rounds: u32 },
    /// No patience is enough.
    Never,
}

impl Rounds {
    /// Without end, a breach answered in the next round.
    pub fn forever() -> Rounds {
        Rounds { renewal: Fraction::one(), answered_after: 1, last_is_known: false }
    }

    /// Errors: a chance outside of 0 to 1, an answer before the breach.
    pub fn new(renewal: Fraction, answered_after: u32) -> Result<Rounds, Vec<Problem>> {
        let mut problems = Vec::new();
        if !renewal.is_positive() || renewal > Fraction::one() {
            problems.push(Problem::Renewal { value: renewal.clone() });
        }
        if answered_after == 0 {
            problems.push(Problem::AnsweredAfterNothing);
        }
        if problems.is_empty() { Ok(Rounds { renewal, answered_after, last_is_known: false }) } else { Err(problems) }
    }
}

impl Terms {
    pub fn new(temptation: Fraction, reward: Fraction, punishment: Fraction) -> Terms {
        Terms { temptation, reward, punishment }
    }

    /// The terms of both players of a game who have agreed on two packages and would fall back to `punishment`: what
    /// each then gets, in some equilibrium of the game. The temptation is the best package against what the other has
    /// agreed to.
    pub fn of_game(game: &Game, agreed: (usize, usize), punishment: &[Fraction; 2]) -> [Terms; 2] {
        Player::BOTH.map(|player| {
            let (own, other) = if player == Player::Row { agreed } else { (agreed.1, agreed.0) };
            let all = (0..game.count(player)).map(|package| game.against(player, package, other));
            Terms {
                temptation: all.max().expect("a game has packages").clone(),
                reward: game.against(player, own, other).clone(),
                punishment: punishment[player.index()].clone(),
            }
        })
    }

    /// The patience that it takes this player to keep the truce.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Patience, Rounds, Terms, fraction::{parse, whole}};
    /// let terms = Terms::new(whole(5), whole(3), whole(1));
    /// assert_eq!(terms.patience(&Rounds::forever()).exact(), parse("0.5"));
    /// let renewed = Rounds::new(parse("0.8").unwrap(), 1).unwrap();
    /// assert_eq!(terms.patience(&renewed).exact(), parse("0.625"));
    /// let ends = Rounds { last_is_known: true, ..Rounds::forever() };
    /// assert_eq!(terms.patience(&ends), Patience::Never);
    /// ```
    pub fn patience(&self, rounds: &Rounds) -> Patience {
        let Terms { temptation, reward, punishment } = self;
        if temptation <= reward {
            return Patience::Any;
        }
        if rounds.last_is_known || punishment >= reward {
            return Patience::Never;
        }
        let power = (temptation - reward) / (temptation - punishment);
        if power >= Pow::pow(&rounds.renewal, rounds.answered_after) {
            return Patience::Never;
        }
        Patience::From { power, renewal: rounds.renewal.clone(), rounds: rounds.answered_after }
    }
}

impl Patience {
    /// The least discount factor, 0 to 1; `None` = no patience is enough.
    pub fn least(&self) -> Option<f64> {
        match self {
            Patience::Any => Some(0.0),
            Patience::From { power, renewal, rounds } => {
                Some(near(power).powf(1.0 / f64::from(*rounds)) / near(renewal))
            }
            Patience::Never => None,
        }
    }

    /// The least discount factor where it is a fraction for certain: where a breach is answered at once.
    pub fn exact(&self) -> Option<Fraction> {
        match self {
            Patience::Any => Some(Fraction::zero()),
            Patience::From { power, renewal, rounds: 1 } => Some(power / renewal),
            Patience::From { .. } | Patience::Never => None,
        }
    }

    /// Whether a discount factor from 0 to below 1 is enough, to the digit.
    pub fn holds(&self, discount: &Fraction) -> bool {
        match self {
            Patience::Any => true,
            Patience::From { power, renewal, rounds } => Pow::pow(&(discount * renewal), *rounds) >= *power,
            Patience::Never => false,
        }
    }

    /// The more demanding of two of the same rounds.
    fn and(self, other: Patience) -> Patience {
        match (self, other) {
            (Patience::Never, _) | (_, Patience::Never) => Patience::Never,
            (Patience::Any, needed) | (needed, Patience::Any) => needed,
            (Patience::From { power: a, renewal, rounds }, Patience::From { power: b, .. }) => {
                Patience::From { power: a.max(b), renewal, rounds }
            }
        }
    }
}

/// Several issues, settled apart or all in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linkage {
    /// Of each player, the patience that its most demanding issue takes if each has a truce of its own.
    pub apart: Vec<Patience>,
    /// Of each player, the patience that one truce over all takes, in which a breach of one issue is answered in all.
    pub pooled: Vec<Patience>,
}

impl Linkage {
    /// The patience that all players together must have for all truces apart, and for the pooled one.
    pub fn all(&self) -> (Patience, Patience) {
        let all = |of: &[Patience]| of.iter().cloned().fold(Patience::Any, Patience::and);
        (all(&self.apart), all(&self.pooled))
    }
}

/// Compares truces apart with one over all issues (Bernheim and Whinston 1990). `issues` have the terms of each player.
///
/// Pooling helps where temptations fall on different players: one who gains much by a breach here has something to lose
/// there. Errors: no issue, issues of different numbers of players.
///
/// ```
/// use coercivity_engine::bargain::{Rounds, Terms, linkage, fraction::{parse, ratio, whole}};
/// let terms = |temptation| Terms::new(whole(temptation), whole(3), whole(1));
/// // Temptations 8 and 4 in one issue, mirrored in the other.
/// let found = linkage(&[vec![terms(8), terms(4)], vec![terms(4), terms(8)]], &Rounds::forever()).unwrap();
/// let (apart, pooled) = found.all();
/// assert_eq!(apart.exact(), ratio(5, 7));
/// assert_eq!(pooled.exact(), parse("0.6"));
/// ```
pub fn linkage(issues: &[Vec<Terms>], rounds: &Rounds) -> Result<Linkage, Problem> {
    let players = issues.first().map_or(0, Vec::len);
    if players == 0 {
        return Err(Problem::NoIssues);
    }
    if let Some(issue) = issues.iter().position(|issue| issue.len() != players) {
        return Err(Problem::Issue { issue, has: issues[issue].len(), wanted: players });
    }
    let of = |player: usize| issues.iter().map(move |issue| &issue[player]);
    let apart = |player| of(player).map(|terms| terms.patience(rounds)).fold(Patience::Any, Patience::and);
    let pooled = |player| {
        // Who breaks it breaks it wherever that pays.
        let temptation = of(player).map(|terms| (&terms.temptation).max(&terms.reward)).sum();
        let reward = of(player).map(|terms| &terms.reward).sum();
        let punishment = of(player).map(|terms| &terms.punishment).sum();
        Terms::new(temptation, reward, punishment).patience(rounds)
    };
    Ok(Linkage { apart: (0..players).map(apart).collect(), pooled: (0..players).map(pooled).collect() })
}

#[cfg(test)]
mod tests {
    use super::super::fraction::{parse, ratio, whole};
    use super::*;

    fn terms(temptation: i64, reward: i64, punishment: i64) -> Terms {
        Terms::new(whole(temptation), whole(reward), whole(punishment))
    }

    #[test]
    fn a_breach_noticed_late_takes_more() {
        // (T - R) / (T - P) = 1/2; noticed after two rounds d^2 >= 1/2.
        let rounds = Rounds::new(whole(1), 2).unwrap();
        let patience = terms(5, 3, 1).patience(&rounds);
        assert!((patience.least().unwrap() - 0.5_f64.sqrt()).abs() < 1e-15);
        assert_eq!(patience.exact(), None);
        assert!(patience.holds(&parse("0.70711").unwrap()) && !patience.holds(&parse("0.70710").unwrap()));
        // By the sums themselves at d = 3/4: 3/(1/4) = 12 > 5 + 5 x 3/4 + 9/16 x 1/(1/4) = 11; at 1/2: 6 < 5 + 2.5 +
        // 0.5.
        assert!(patience.holds(&ratio(3, 4).unwrap()) && !patience.holds(&ratio(1, 2).unwrap()));
    }

    #[test]
    fn where_no_patience_is_enough() {
        // Renewed half of the time, 1/2 over 1/2 leaves no d below 1; nothing to lose; nothing to gain by a breach.
        assert_eq!(terms(5, 3, 1).patience(&Rounds::new(ratio(1, 2).unwrap(), 1).unwrap()), Patience::Never);
        assert_eq!(terms(5, 3, 3).patience(&Rounds::forever()), Patience::Never);
        let known = Rounds { last_is_known: true, ..Rounds::forever() };
        assert_eq!(terms(3, 3, 1).patience(&known), Patience::Any);
    }

    #[test]
    fn terms_of_a_game() {
        let game = Game::whole(&[&[3, 0], &[5, 1]], &[&[3, 4], &[0, 1]]).unwrap();
        let found = Terms::of_game(&game, (0, 0), &[whole(1), whole(1)]);
        assert_eq!(found, [terms(5, 3, 1), terms(4, 3, 1)]);
    }

    #[test]
    fn pooling_counts_only_breaches_that_pay() {
        // In the second issue a breach costs the player 2; pooled, it would break the first alone: (10 - 6) / (10 - 2).
        let found = linkage(&[vec![terms(7, 3, 1)], vec![terms(1, 3, 1)]], &Rounds::forever()).unwrap();
        assert_eq!(found.apart[0].exact(), ratio(2, 3));
        assert_eq!(found.pooled[0].exact(), ratio(1, 2));
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(Rounds::new(whole(2), 0).unwrap_err().len(), 2);
        assert_eq!(Rounds::new(whole(0), 1).unwrap_err().len(), 1);
        assert_eq!(linkage(&[], &Rounds::forever()), Err(Problem::NoIssues));
        let issues = [vec![terms(5, 3, 1)], vec![]];
        assert_eq!(linkage(&issues, &Rounds::forever()), Err(Problem::Issue { issue: 1, has: 0, wanted: 1 }));
    }
}
