//! Exact fractions: what they are read from, and how they are written.
//!
//! Whether an outcome is an equilibrium hangs on signs of differences, and in a degenerate game a difference is 0. So
//! nothing here rounds: an `f64` is the dyadic fraction that it stands for, a text the decimal or quotient that it
//! says.

use coercivity_model::decimal::Decimal;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, ToPrimitive, Zero};

/// An exact fraction in lowest terms.
pub type Fraction = BigRational;

/// Digits, and decimal places moved by an exponent, that a text may have.
const DIGITS: usize = 400;

/// A whole number as a fraction.
pub fn whole(number: i64) -> Fraction {
    Fraction::from_integer(BigInt::from(number))
}

/// `numerator / denominator`; `None` where the denominator is 0.
pub fn ratio(numerator: i64, denominator: i64) -> Option<Fraction> {
    (denominator != 0).then(|| Fraction::new(BigInt::from(numerator), BigInt::from(denominator)))
}

/// Exactly what a number stands for; `None` where it is not finite.
///
/// ```
/// use coercivity_engine::bargain::fraction::{exact, parse};
/// assert_eq!(exact(0.75), parse("3/4"));
/// assert_ne!(exact(0.1), parse("1/10")); // no f64 is a tenth
/// assert_eq!(exact(f64::NAN), None);
/// ```
pub fn exact(number: f64) -> Option<Fraction> {
    Fraction::from_float(number)
}

/// The fraction of a text: a whole number, a decimal (`0.05`, `-1.5e-3`) or a quotient of two of them (`2/3`); `None`
/// where it is none, or has more than 400 digits.
///
/// ```
/// use coercivity_engine::bargain::fraction::{parse, ratio};
/// assert_eq!(parse("0.05"), ratio(1, 20));
/// assert_eq!(parse("-2/3"), ratio(-2, 3));
/// assert_eq!(parse("1/0"), None);
/// ```
pub fn parse(text: &str) -> Option<Fraction> {
    let Some((above, below)) = text.split_once('/') else {
        return decimal(text.trim());
    };
    let (above, below) = (decimal(above.trim())?, decimal(below.trim())?);
    (!below.is_zero()).then(|| above / below)
}

fn decimal(text: &str) -> Option<Fraction> {
    let decimal = Decimal::parse(text)?;
    if decimal.digits.len() > DIGITS || decimal.exponent.unsigned_abs() as usize > DIGITS {
        return None;
    }
    let shift = decimal.shift();
    let power = Pow::pow(BigInt::from(10), shift.unsigned_abs());
    let digits = decimal.digits.parse::<BigInt>().ok()?;
    let value = if shift < 0 { Fraction::new(digits, power) } else { Fraction::from_integer(digits * power) };
    Some(if decimal.negative { -value } else { value })
}

/// The nearest `f64`, for people and for solvers that round anyway; infinite where it is too large for one.
pub fn near(value: &Fraction) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

/// The sum of products.
pub(super) fn dot(left: &[Fraction], right: &[Fraction]) -> Fraction {
    left.iter().zip(right).filter(|(a, b)| !a.is_zero() && !b.is_zero()).map(|(a, b)| a * b).sum()
}

/// The mix that plays one of `count` things for sure.
pub(super) fn pure(count: usize, which: usize) -> Vec<Fraction> {
    (0..count).map(|i| if i == which { Fraction::one() } else { Fraction::zero() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_to_the_digit() {
        let read = [("12.50", 25, 2), ("1e-3", 1, 1000), ("-.5", -1, 2), ("+2E2", 200, 1), (" 0.5 / 1.5 ", 1, 3)];
        for (text, above, below) in read {
            assert_eq!(parse(text), ratio(above, below), "{text}");
        }
        for text in ["", ".", "-", "1,5", "NaN", "inf", "1/0", "1/", "/2", "1e999999999", "1/2/3", "0x1", "1e", "--1"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"9".repeat(DIGITS + 1)), None);
    }

    #[test]
    fn numbers_are_the_dyadic_fractions_that_they_are() {
        assert_eq!(exact(0.375), ratio(3, 8));
        assert_eq!(
            exact(-5e-324).map(|least| -least),
            Some(Fraction::new(1.into(), Pow::pow(BigInt::from(2), 1074_u32)))
        );
        assert_eq!(exact(f64::INFINITY), None);
        assert_eq!(near(&ratio(1, 3).unwrap()), 1.0 / 3.0);
        // Above and below are far beyond an f64 themselves.
        assert_eq!(near(&parse(&format!("{}/3e399", "1".repeat(400))).unwrap()), 10.0 / 27.0);
    }
}
