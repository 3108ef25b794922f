//! Offers in turn: how a surplus is divided between two sides for whom time is worth something.

use num_traits::{One, Signed};

use super::Problem;
use super::fraction::Fraction;
use super::game::Player;

/// The share of the surplus that the side gets that makes the first offer, by the only subgame-perfect equilibrium
/// (Rubinstein 1982): (1 - theirs) / (1 - ours x theirs), with the discount factors of a round of both. The offer is
/// accepted at once. Row is the one who offers first.
///
/// Errors: a patience outside of 0 to 1, or one of 1 for both, for whom nothing settles the division; all at once.
///
/// ```
/// use coercivity_engine::bargain::{alternating_offers, fraction::{parse, ratio}};
/// let patience = |text| parse(text).unwrap();
/// assert_eq!(alternating_offers(&patience("0.9"), &patience("0.8")), Ok(ratio(5, 7).unwrap()));
/// ```
pub fn alternating_offers(first: &Fraction, second: &Fraction) -> Result<Fraction, Vec<Problem>> {
    let outside = |patience: &&Fraction| patience.is_negative() || **patience > Fraction::one();
    let all = Player::BOTH.into_iter().zip([first, second]);
    let mut problems: Vec<Problem> = all
        .filter(|(_, patience)| outside(patience))
        .map(|(player, patience)| Problem::Patience { player, value: patience.clone() })
        .collect();
    if first.is_one() && second.is_one() {
        problems.push(Problem::NoHaste);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok((Fraction::one() - second) / (Fraction::one() - first * second))
}

#[cfg(test)]
mod tests {
    use super::super::fraction::{ratio, whole};
    use super::*;

    #[test]
    fn the_more_patient_gets_more() {
        let share = |a: (i64, i64), b: (i64, i64)| {
            alternating_offers(&ratio(a.0, a.1).unwrap(), &ratio(b.0, b.1).unwrap()).unwrap()
        };
        // An ultimatum; one for whom time is worth nothing; equally patient 1 / (1 + d).
        assert_eq!(share((1, 2), (0, 1)), whole(1));
        assert_eq!(share((1, 2), (1, 1)), whole(0));
        assert_eq!(share((9, 10), (9, 10)), ratio(10, 19).unwrap());
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(alternating_offers(&whole(2), &whole(-1)).unwrap_err().len(), 2);
        assert_eq!(alternating_offers(&whole(1), &whole(1)), Err(vec![Problem::NoHaste]));
    }
}
