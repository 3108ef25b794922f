//! How likely each value of one input is: quantile functions.
//!
//! | shape | what `low`, `best` and `high` are |
//! |---|---|
//! | triangular | the least, the most likely and the greatest value |
//! | uniform | the least and the greatest value; `best` plays no part |
//! | lognormal | the quantiles of 5%, 50% and 95%; the logarithm is normal on either side of `best`, with a deviation of its own |

use coercivity_model::calendar::{date_since_1970, days_since_1970};
use coercivity_model::uncertainty::{Amount, Shape};
use statrs::distribution::{ContinuousCDF, Normal};

use super::spec::MarginalSpec;

/// A quantile function.
#[derive(Clone, Debug)]
pub enum Marginal {
    Range {
        low: f64,
        best: f64,
        high: f64,
        shape: Shape,
        dates: bool,
    },
    /// Values with the probability that one of them or of those before is drawn; the last has 1.
    Choice(Vec<(Amount, f64)>),
    /// The share itself.
    Share,
}

/// Share of a lognormal range below `low`, and above `high`.
const TAIL: f64 = 0.05;

impl Marginal {
    pub fn new(spec: &MarginalSpec) -> Marginal {
        match spec {
            MarginalSpec::Range { low, best, high, shape } => Marginal::range(*low, *best, *high, *shape),
            MarginalSpec::Choice { values, weights } => Marginal::choice(values.iter().copied(), weights),
        }
    }

    pub fn range(low: Amount, best: Amount, high: Amount, shape: Shape) -> Marginal {
        let [low_number, best, high] = [low, best, high].map(number);
        Marginal::Range { low: low_number, best, high, shape, dates: matches!(low, Amount::Date(_)) }
    }

    /// Values with weights, which need not add up to 1.
    pub fn choice(values: impl Iterator<Item = Amount>, weights: &[f64]) -> Marginal {
        let total: f64 = weights.iter().sum();
        let mut so_far = 0.0;
        let mut list: Vec<(Amount, f64)> = values
            .zip(weights)
            .map(|(value, weight)| {
                so_far += weight / total;
                (value, so_far)
            })
            .collect();
        // Of what can be drawn the last is drawn with all that is left, whatever the sum was rounded to.
        if let Some(last) = weights.iter().rposition(|weight| *weight > 0.0) {
            list[last..].iter_mut().for_each(|(_, until)| *until = 1.0);
        }
        Marginal::Choice(list)
    }

    /// Whether it gives dates.
    pub fn gives_dates(&self) -> bool {
        match self {
            Marginal::Range { dates, .. } => *dates,
            Marginal::Choice(list) => matches!(list[0].0, Amount::Date(_)),
            Marginal::Share => false,
        }
    }

    /// The value that a share `u` of all draws lie below, 0 < u < 1.
    pub fn at(&self, u: f64) -> Amount {
        match self {
            Marginal::Range { low, best, high, shape, dates } => {
                let value = quantile(*low, *best, *high, *shape, u);
                if *dates { Amount::Date(date_since_1970(value.round() as i64)) } else { Amount::Number(value) }
            }
            Marginal::Choice(list) => {
                let (value, _) = list.iter().find(|(_, until)| u < *until).expect("the last goes to 1");
                *value
            }
            Marginal::Share => Amount::Number(u),
        }
    }

    /// The middle one, at which the run stands from which others go on.
    pub fn middle(&self) -> Amount {
        self.at(0.5)
    }
}

/// As a number; of a date, days since 1970.
pub(super) fn number(amount: Amount) -> f64 {
    match amount {
        Amount::Number(number) => number,
        Amount::Date(date) => days_since_1970(date) as f64,
    }
}

fn quantile(low: f64, best: f64, high: f64, shape: Shape, u: f64) -> f64 {
    if low == high {
        return best;
    }
    match shape {
        Shape::Uniform => low + u * (high - low),
        Shape::Triangular => {
            let peak = (best - low) / (high - low);
            if u < peak {
                low + (u * (high - low) * (best - low)).sqrt()
            } else {
                high - ((1.0 - u) * (high - low) * (high - best)).sqrt()
            }
        }
        Shape::Lognormal => {
            let normal = Normal::standard();
            let (z, end) = (normal.inverse_cdf(u), normal.inverse_cdf(1.0 - TAIL));
            let towards = if z < 0.0 { best / low } else { high / best };
            best * (z / end * towards.ln()).exp()
        }
    }
}

#[cfg(test)]
mod tests {
    use coercivity_model::Date;

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_textbook() {
        // Triangular on 0, 1, 4: F(1) = 1/4; F(2.5) = 1 - 1.5^2 / (4 x 3) = 0.8125.
        assert!((quantile(0.0, 1.0, 4.0, Shape::Triangular, 0.25) - 1.0).abs() < 1e-12);
        assert!((quantile(0.0, 1.0, 4.0, Shape::Triangular, 0.8125) - 2.5).abs() < 1e-12);
        // Its peak may be at an end.
        assert!((quantile(0.0, 0.0, 2.0, Shape::Triangular, 0.75) - 1.0).abs() < 1e-12);
        assert!((quantile(0.0, 2.0, 2.0, Shape::Triangular, 0.25) - 1.0).abs() < 1e-12);
        assert_eq!(quantile(2.0, 9.0, 4.0, Shape::Uniform, 0.25), 2.5);
        for (u, value) in [(0.05, 2.0), (0.5, 4.0), (0.95, 16.0)] {
            assert!((quantile(2.0, 4.0, 16.0, Shape::Lognormal, u) - value).abs() < 1e-9);
        }
        assert_eq!(quantile(3.0, 3.0, 3.0, Shape::Lognormal, 0.9), 3.0);
    }

    #[test]
    fn a_choice_is_drawn_as_often_as_its_weight_says() {
        let values = [1.0, 2.0, 3.0, 4.0].map(Amount::Number);
        let choice = Marginal::choice(values.into_iter(), &[1.0, 0.0, 3.0, 0.0]);
        assert_eq!(choice.at(0.24), Amount::Number(1.0));
        assert_eq!(choice.at(0.25), Amount::Number(3.0));
        assert_eq!(choice.at(1.0 - f64::EPSILON), Amount::Number(3.0));
    }

    #[test]
    fn dates_are_whole_days() {
        let [low, best, high] =
            [(2026, 1, 1), (2026, 1, 11), (2026, 1, 21)].map(|(y, m, d)| Amount::Date(Date::constant(y, m, d)));
        let range = Marginal::range(low, best, high, Shape::Uniform);
        assert_eq!(range.at(0.5), best);
        assert_eq!(range.at(1e-9), low);
        assert!(range.gives_dates());
    }
}
