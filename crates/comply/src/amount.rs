//! Exact amounts: a share of exactly 0.1% must compare as such, so nothing here rounds.

use coercivity_model::decimal::Decimal;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul};

/// A decimal figure as an exact fraction.
pub type Amount = Ratio<i128>;

/// Digits before and after the point that a figure may have: products of three such figures fit.
const WHOLE: usize = 9;
const DECIMALS: usize = 9;

/// The exact value of a decimal text such as `12.50` or `1e-3`; `None` where it is no such text or
/// has more than nine digits before or after the point.
pub fn parse(text: &str) -> Option<Amount> {
    let decimal = Decimal::parse(text)?;
    let all = &decimal.digits;
    // The value is `significant` x 10^shift.
    let significant = all.trim_end_matches('0');
    let shift = decimal.shift() + (all.len() - significant.len()) as i64;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(Amount::from_integer(0));
    }
    if shift < -(DECIMALS as i64) || significant.len() as i64 + shift > WHOLE as i64 {
        return None;
    }
    let value = significant.parse::<i128>().ok()?;
    let power = 10_i128.pow(shift.unsigned_abs() as u32);
    let amount = if shift < 0 { Amount::new(value, power) } else { Amount::from_integer(value * power) };
    Some(if decimal.negative { -amount } else { amount })
}

pub fn add(a: &Amount, b: &Amount) -> Option<Amount> {
    a.checked_add(b)
}

pub fn multiply(a: &Amount, b: &Amount) -> Option<Amount> {
    a.checked_mul(b)
}

/// What lies between a proven least and a greatest that cannot be exceeded; `most` is `None` where
/// nothing bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub least: Amount,
    pub most: Option<Amount>,
}

impl Bounds {
    pub const NOTHING: Bounds = Bounds { least: Amount::new_raw(0, 1), most: Some(Amount::new_raw(0, 1)) };
    pub const ANYTHING: Bounds = Bounds { least: Amount::new_raw(0, 1), most: None };

    pub fn exactly(amount: Amount) -> Bounds {
        Bounds { least: amount, most: Some(amount) }
    }

    /// Sums; a figure too large for exact arithmetic leaves the most unknown and the least as it was.
    pub fn plus(&self, other: &Bounds) -> Bounds {
        Bounds {
            least: add(&self.least, &other.least).unwrap_or(self.least),
            most: self.most.as_ref().zip(other.most.as_ref()).and_then(|(a, b)| add(a, b)),
        }
    }

    pub fn times(&self, factor: Option<&Amount>) -> Bounds {
        match factor {
            Some(factor) => Bounds {
                least: multiply(&self.least, factor).unwrap_or_default(),
                most: self.most.as_ref().and_then(|most| multiply(most, factor)),
            },
            None if *self == Bounds::NOTHING => Bounds::NOTHING,
            None => Bounds::ANYTHING,
        }
    }

    /// The bounds that hold whichever of the two holds.
    pub fn either(&self, other: &Bounds) -> Bounds {
        Bounds {
            least: self.least.min(other.least),
            most: self.most.as_ref().zip(other.most.as_ref()).map(|(a, b)| *a.max(b)),
        }
    }

    /// Whether the share of `whole` is at least `threshold`; `None` = cannot be told. Something of
    /// which there is nothing has no share in any whole.
    pub fn reaches(&self, threshold: &Amount, whole: Option<&Amount>) -> Option<bool> {
        let zero = Amount::from_integer(0);
        if self.most == Some(zero) {
            return Some(false);
        }
        let limit = multiply(threshold, whole?)?;
        if self.least >= limit && self.least > zero {
            Some(true)
        } else if self.most.is_some_and(|most| most < limit) {
            Some(false)
        } else {
            None
        }
    }
}

/// A share as people write it, such as `50%` or `0.1%`, rounded to four significant digits.
pub fn percent(part: &Amount, whole: &Amount) -> String {
    percent_to(4, part, whole)
}

/// The same to so many significant digits.
pub fn percent_to(significant: i32, part: &Amount, whole: &Amount) -> String {
    let ratio = |a: &Amount| *a.numer() as f64 / *a.denom() as f64;
    let share = ratio(part) / ratio(whole) * 100.0;
    let digits = (significant - 1 - share.abs().log10().floor().clamp(-6.0, 3.0) as i32).max(0) as usize;
    let text = format!("{share:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(n: i128, d: i128) -> Amount {
        Amount::new(n, d)
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse("0.1"), Some(amount(1, 10)));
        assert_eq!(parse("12.50"), Some(amount(25, 2)));
        assert_eq!(parse("1e-3"), Some(amount(1, 1000)));
        assert_eq!(parse("1.5E2"), Some(amount(150, 1)));
        assert_eq!(parse("-4"), Some(amount(-4, 1)));
        assert_eq!(parse("000.000"), Some(amount(0, 1)));
        assert_eq!(parse("999999999"), Some(amount(999_999_999, 1)));
        for wrong in ["", ".", "1,5", "0x1", "1e99", "1e-10", "1000000000", "NaN", "inf", "1.0.0", "1.5e-2147483648"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_threshold_is_reached_at_exactly_its_value() {
        let thousandth = amount(1, 1000);
        let whole = amount(1000, 1);
        let reaches = |text: &str| Bounds::exactly(parse(text).unwrap()).reaches(&thousandth, Some(&whole));
        assert_eq!(reaches("1"), Some(true));
        assert_eq!(reaches("0.999"), Some(false));
        let open = Bounds { least: amount(0, 1), most: None };
        assert_eq!(open.reaches(&thousandth, Some(&whole)), None);
        assert_eq!(Bounds::exactly(amount(2, 1)).reaches(&thousandth, None), None);
        assert_eq!(Bounds::NOTHING.reaches(&thousandth, None), Some(false));
    }

    #[test]
    fn figures_too_large_become_unknown() {
        let huge = Bounds::exactly(amount(i128::MAX, 1));
        assert_eq!(huge.plus(&huge).most, None);
        assert_eq!(huge.times(Some(&amount(2, 1))).most, None);
    }

    #[test]
    fn shares_are_written_as_people_do() {
        let percent = |n, d| super::percent(&amount(n, d), &amount(1, 1));
        assert_eq!(percent(1, 2), "50%");
        assert_eq!(percent(1, 1000), "0.1%");
        assert_eq!(percent(999, 1_000_000), "0.0999%");
        assert_eq!(percent(1, 3), "33.33%");
        assert_eq!(percent(1, 1), "100%");
    }
}
