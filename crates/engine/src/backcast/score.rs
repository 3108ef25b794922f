//! What was replayed, against what was observed and against the naive forecast.

use coercivity_model::Date;
use coercivity_model::calendar::days_between;

use super::spec::Metric;
use super::{Backcast, Replay, Span};

/// One time that was observed.
pub struct Row {
    pub observed: Span,
    /// `None` = the model does not reach that far.
    pub replayed: Option<f64>,
    /// What was observed the time before.
    pub naive: Option<f64>,
    pub fitted: bool,
}

/// A value of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    Day(Date),
    /// It does not happen, or cannot be known from what is there.
    Unknown,
}

pub struct Score {
    pub metric: &'static str,
    /// What would count as a hit.
    pub wanted: String,
    pub replayed: Value,
    pub observed: Value,
    pub naive: Value,
    /// Whether the replay hits.
    pub hits: bool,
}

/// The rows of the table: each time that was observed.
pub fn rows(backcast: &Backcast, replay: &Replay) -> Vec<Row> {
    let row = |(at, observed): (usize, &Span)| Row {
        observed: *observed,
        replayed: replay.over(observed.from, observed.until),
        naive: at.checked_sub(1).map(|before| backcast.observed[before].value),
        fitted: observed.from >= backcast.fit.0 && observed.until <= backcast.fit.1,
    };
    backcast.observed.iter().enumerate().map(row).collect()
}

/// Root mean square error over a level, of the replay and of the naive forecast, over times that fit (`Some(true)`), that were
/// kept apart, or all.
pub fn nrmse(rows: &[Row], against: f64, fitted: Option<bool>) -> (Option<f64>, Option<f64>) {
    let of = |forecast: &dyn Fn(&Row) -> Option<f64>| {
        let errors: Vec<f64> = rows
            .iter()
            .filter(|row| fitted.is_none_or(|fitted| row.fitted == fitted))
            .filter_map(|row| Some(forecast(row)? - row.observed.value))
            .collect();
        let squares: f64 = errors.iter().map(|error| error * error).sum();
        (!errors.is_empty()).then(|| (squares / errors.len() as f64).sqrt() / against)
    };
    (of(&|row| row.replayed), of(&|row| row.naive))
}

/// Every metric of a backcast.
pub fn scores(backcast: &Backcast, replay: &Replay) -> Vec<Score> {
    let rows = rows(backcast, replay);
    let end = backcast.observed.iter().map(|span| span.until).max().unwrap_or(backcast.model.start);
    let begin = backcast.observed[0].from;
    let months: Vec<Span> =
        replay.months().into_iter().filter(|span| span.from >= begin && span.until <= end).collect();
    let naive: Vec<Span> = rows.iter().filter_map(|row| Some(Span { value: row.naive?, ..row.observed })).collect();
    let score = |metric: &Metric| {
        let (name, wanted) = said(metric, &backcast.unit);
        let [replayed, observed, naive] = match metric {
            Metric::Nrmse { against, .. } => {
                let (replayed, naive) = nrmse(&rows, *against, None);
                let value = |x: Option<f64>| x.map_or(Value::Unknown, Value::Number);
                [value(replayed), Value::Number(0.0), value(naive)]
            }
            _ => [&months, &backcast.observed, &naive].map(|spans| value(metric, spans)),
        };
        Score { metric: name, wanted, replayed, observed, naive, hits: hits(metric, replayed) }
    };
    backcast.metrics.iter().map(score).collect()
}

fn said(metric: &Metric, unit: &str) -> (&'static str, String) {
    match metric {
        Metric::Nrmse { against, most } => ("error (NRMSE)", format!("at most {most} of {against} {unit}")),
        Metric::Low { least, most } => ("lowest", format!("{least} to {most} {unit}")),
        Metric::LowWhen { from, until } => ("lowest when", format!("from {from} until {until}")),
        Metric::ReturnWhen { level, from, until } => {
            ("return when", format!("to {level} {unit} from {from} until {until}"))
        }
        Metric::RallyMonths { shock, rise, least, most } => {
            ("months to the rally", format!("{least} to {most} from {shock} to {rise} times"))
        }
        Metric::PeakWhen { from, until } => ("highest when", format!("from {from} until {until}")),
        Metric::PeakOverBase { least, most } => ("highest over first", format!("{least} to {most} times")),
        Metric::HalfLostMonths { most } => ("months until half is lost", format!("at most {most}")),
    }
}

fn hits(metric: &Metric, value: Value) -> bool {
    match (metric, value) {
        (Metric::Nrmse { most, .. } | Metric::HalfLostMonths { most }, Value::Number(x)) => x <= *most,
        (
            Metric::Low { least, most }
            | Metric::PeakOverBase { least, most }
            | Metric::RallyMonths { least, most, .. },
            Value::Number(x),
        ) => *least <= x && x <= *most,
        (
            Metric::LowWhen { from, until } | Metric::ReturnWhen { from, until, .. } | Metric::PeakWhen { from, until },
            Value::Day(day),
        ) => *from <= day && day < *until,
        _ => false,
    }
}

/// Days in a month, on average.
const MONTH: f64 = 365.25 / 12.0;

fn value(metric: &Metric, spans: &[Span]) -> Value {
    let number = |x: Option<f64>| x.map_or(Value::Unknown, Value::Number);
    let day = |x: Option<&Span>| x.map_or(Value::Unknown, |span| Value::Day(span.from));
    let lowest = || spans.iter().min_by(|a, b| a.value.total_cmp(&b.value));
    let highest = || spans.iter().rev().max_by(|a, b| a.value.total_cmp(&b.value));
    let months = |from: Date, span: &Span| days_between(from, span.from) as f64 / MONTH;
    match metric {
        Metric::Nrmse { .. } => Value::Unknown,
        Metric::Low { .. } => number(lowest().map(|span| span.value)),
        Metric::LowWhen { .. } => day(lowest()),
        Metric::ReturnWhen { level, .. } => {
            let low = lowest().map(|span| span.from);
            day(spans.iter().find(|span| Some(span.from) > low && span.value >= *level))
        }
        Metric::RallyMonths { shock, rise, .. } => {
            // What was last known when the shock came.
            let before = spans.iter().rev().find(|span| span.from <= *shock).map(|span| span.value);
            let rally =
                before.and_then(|before| spans.iter().find(|span| span.from > *shock && span.value >= rise * before));
            number(rally.map(|span| months(*shock, span)))
        }
        Metric::PeakWhen { .. } => day(highest()),
        Metric::PeakOverBase { .. } => number(highest().map(|span| span.value / spans[0].value)),
        Metric::HalfLostMonths { .. } => {
            let half = highest().and_then(|peak| {
                let lost = spans.iter().find(|span| span.from > peak.from && span.value <= peak.value / 2.0);
                lost.map(|lost| months(peak.from, lost))
            });
            number(half)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(values: &[f64]) -> Vec<Span> {
        let month = |m: usize| Date::constant(2011, m as i8 + 1, 1);
        values
            .iter()
            .enumerate()
            .map(|(m, value)| Span { from: month(m), until: month(m + 1), value: *value })
            .collect()
    }

    #[test]
    fn metrics_by_hand() {
        let s = spans(&[100.0, 40.0, 60.0, 120.0, 200.0, 150.0, 90.0]);
        let any = Date::constant(2011, 1, 1);
        let when = |metric: Metric| value(&metric, &s);
        assert_eq!(when(Metric::Low { least: 0.0, most: 0.0 }), Value::Number(40.0));
        assert_eq!(when(Metric::LowWhen { from: any, until: any }), Value::Day(Date::constant(2011, 2, 1)));
        // The level is reached before the lowest too: only what comes after counts.
        let back = Metric::ReturnWhen { level: 100.0, from: any, until: any };
        assert_eq!(when(back), Value::Day(Date::constant(2011, 4, 1)));
        assert_eq!(when(Metric::PeakOverBase { least: 0.0, most: 0.0 }), Value::Number(2.0));
        assert_eq!(when(Metric::PeakWhen { from: any, until: any }), Value::Day(Date::constant(2011, 5, 1)));
        // 200 on 1 May, 90 on 1 July: 61 days.
        assert_eq!(when(Metric::HalfLostMonths { most: 1.0 }), Value::Number(61.0 / MONTH));
        // From 40 in February to at least 1.5 times that on 1 March: 14 days after the 15th.
        let rally = Metric::RallyMonths { shock: Date::constant(2011, 2, 15), rise: 1.5, least: 0.0, most: 0.0 };
        assert_eq!(when(rally), Value::Number(14.0 / MONTH));
        let never = Metric::ReturnWhen { level: 1000.0, from: any, until: any };
        assert_eq!(when(never), Value::Unknown);
    }

    #[test]
    fn what_is_unknown_is_no_hit() {
        let metric = Metric::HalfLostMonths { most: 15.0 };
        assert!(!hits(&metric, Value::Unknown));
        assert!(hits(&metric, Value::Number(15.0)));
        assert!(!hits(&metric, Value::Number(15.1)));
    }
}
