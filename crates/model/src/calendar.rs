//! Time: steps of the calendar, their middle days, and leads in steps (SPEC section 1, "Time").

use jiff::ToSpan;
use jiff::civil;
use serde::Serialize;

pub type Date = civil::Date;

/// Longer than any horizon (416,000 weeks), and short enough that sums of leads do not overflow.
const LONGEST_LEAD: usize = 1 << 24;

/// Length of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepUnit {
    Week,
    Month,
    Quarter,
}

impl StepUnit {
    pub const NAMES: &[&str] = &["week", "month", "quarter"];

    pub fn name(self) -> &'static str {
        match self {
            StepUnit::Week => "week",
            StepUnit::Month => "month",
            StepUnit::Quarter => "quarter",
        }
    }

    pub fn parse(name: &str) -> Option<StepUnit> {
        match name {
            "week" => Some(StepUnit::Week),
            "month" => Some(StepUnit::Month),
            "quarter" => Some(StepUnit::Quarter),
            _ => None,
        }
    }

    /// D of the specification: years per step.
    pub fn years(self) -> f64 {
        match self {
            StepUnit::Week => 7.0 / 365.0,
            StepUnit::Month => 1.0 / 12.0,
            StepUnit::Quarter => 0.25,
        }
    }

    /// Steps in `days` days, rounded to the nearest, halves up. Never below 0.
    ///
    /// ```
    /// # use coercivity_model::StepUnit;
    /// assert_eq!(StepUnit::Week.lead_steps(3.5), 1);
    /// assert_eq!(StepUnit::Month.lead_steps(15.2), 0); // 15.2 x 12 / 365 = 0.4997
    /// ```
    pub fn lead_steps(self, days: f64) -> usize {
        // Multiplied out, so that a lead of exactly half a step is exactly one half.
        let steps = match self {
            StepUnit::Week => days / 7.0,
            StepUnit::Month => days * 12.0 / 365.0,
            StepUnit::Quarter => days * 4.0 / 365.0,
        };
        ((steps + 0.5).floor() as usize).min(LONGEST_LEAD)
    }
}

/// The steps of a run: their first days and middle days.
#[derive(Clone, Debug)]
pub struct Calendar {
    unit: StepUnit,
    /// First day of each step, and of the one after the last.
    first: Vec<Date>,
    middle: Vec<Date>,
}

impl Calendar {
    /// `None` where the steps leave the years that the calendar knows (up to 9999).
    pub fn new(start: Date, unit: StepUnit, steps: usize) -> Option<Calendar> {
        let first = (0..=steps)
            .map(|t| {
                let n = i64::try_from(t).ok()?;
                // Counted from the start itself, so that the 31st comes back after a short month.
                let span = match unit {
                    StepUnit::Week => (7 * n).checked_into_days()?,
                    StepUnit::Month => n.checked_into_months()?,
                    StepUnit::Quarter => (3 * n).checked_into_months()?,
                };
                start.checked_add(span).ok()
            })
            .collect::<Option<Vec<Date>>>()?;
        let middle = first.windows(2).map(|pair| pair[0] + (days_between(pair[0], pair[1]) / 2).days()).collect();
        Some(Calendar { unit, first, middle })
    }

    pub fn unit(&self) -> StepUnit {
        self.unit
    }

    pub fn steps(&self) -> usize {
        self.middle.len()
    }

    pub fn first_day(&self, step: usize) -> Date {
        self.first[step]
    }

    /// The day whose policy, capacity, openings and closings the step takes.
    pub fn middle_day(&self, step: usize) -> Date {
        self.middle[step]
    }

    pub fn middle_days(&self) -> &[Date] {
        &self.middle
    }

    /// D of the specification: years per step.
    pub fn years_per_step(&self) -> f64 {
        self.unit.years()
    }
}

trait CheckedSpan {
    fn checked_into_days(self) -> Option<jiff::Span>;
    fn checked_into_months(self) -> Option<jiff::Span>;
}

impl CheckedSpan for i64 {
    fn checked_into_days(self) -> Option<jiff::Span> {
        jiff::Span::new().try_days(self).ok()
    }
    fn checked_into_months(self) -> Option<jiff::Span> {
        jiff::Span::new().try_months(self).ok()
    }
}

/// Days from `a` to `b`.
pub fn days_between(a: Date, b: Date) -> i64 {
    i64::from((b - a).get_days())
}

/// So many days later; the last day of the calendar where it would be after that.
pub fn days_after(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Days since 1970, as Arrow and Parquet count them.
pub fn days_since_1970(date: Date) -> i64 {
    days_between(EPOCH, date)
}

/// The date so many days after the first of 1970.
pub fn date_since_1970(days: i64) -> Date {
    days_after(EPOCH, days)
}

/// So many months later, clamped to the end of the month; the last day of the calendar where it would be after that.
pub fn months_after(date: Date, months: i64) -> Date {
    date.saturating_add(months.months())
}

/// The same day a year later, or the last one that the calendar knows.
pub fn year_after(date: Date) -> Date {
    date.saturating_add(1.year())
}

/// A date written YYYY-MM-DD, or `None` where there is no such day.
pub fn parse_date(text: &str) -> Option<Date> {
    let plain = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months_are_counted_from_the_start_and_clamped() {
        let c = Calendar::new(date(2025, 1, 31), StepUnit::Month, 3).unwrap();
        let days: Vec<Date> = (0..4).map(|t| c.first_day(t)).collect();
        assert_eq!(days, [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]);
        // 28 days from 31 January: middle day is 14 days on.
        assert_eq!(c.middle_day(0), date(2025, 2, 14));
    }

    #[test]
    fn middle_day_is_floored() {
        let c = Calendar::new(date(2025, 1, 1), StepUnit::Month, 2).unwrap();
        assert_eq!(c.middle_day(0), date(2025, 1, 16)); // 31 days: 1 + 15
        assert_eq!(c.middle_day(1), date(2025, 2, 15)); // 28 days: 1 + 14
        let w = Calendar::new(date(2025, 1, 1), StepUnit::Week, 1).unwrap();
        assert_eq!(w.middle_day(0), date(2025, 1, 4)); // 7 days: 1 + 3
    }

    #[test]
    fn days_between_crosses_years() {
        assert_eq!(days_between(date(2024, 1, 1), date(2026, 1, 1)), 731);
    }

    #[test]
    fn leads_round_halves_up() {
        assert_eq!(StepUnit::Week.lead_steps(3.5), 1);
        assert_eq!(StepUnit::Week.lead_steps(3.4), 0);
        assert_eq!(StepUnit::Quarter.lead_steps(365.0 / 8.0), 1);
        assert_eq!(StepUnit::Month.lead_steps(365.0 / 24.0), 1);
        assert_eq!(StepUnit::Month.lead_steps(30.0), 1);
        assert_eq!(StepUnit::Month.lead_steps(46.0), 2);
        // Whatever the figure, a step plus the lead is a number.
        assert!(usize::MAX - StepUnit::Week.lead_steps(1e308) > 1_000_000);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert_eq!(parse_date("2025-02-30"), None);
        assert_eq!(parse_date("2025-2-3"), None);
        assert_eq!(parse_date("20250203"), None);
        assert_eq!(parse_date("2025-02-03"), Some(date(2025, 2, 3)));
    }
}
