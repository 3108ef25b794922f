//! A value that changes on certain days.

use coercivity_model::Date;

/// The value from each day on; the first stands for all days before the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline<T>(Vec<(Date, T)>);

impl<T: Clone + PartialEq> Timeline<T> {
    pub fn always(value: T) -> Timeline<T> {
        Timeline(vec![(Date::MIN, value)])
    }

    /// The value before the first of some days and from each of them on.
    pub fn over(days: impl IntoIterator<Item = Date>, mut value: impl FnMut(Date) -> T) -> Timeline<T> {
        let mut days: Vec<Date> = days.into_iter().collect();
        days.push(Date::MIN);
        days.sort_unstable();
        days.dedup();
        let mut timeline = Vec::with_capacity(days.len());
        for day in days {
            Timeline::push(&mut timeline, day, value(day));
        }
        // Most change on few of the days; a hundred thousand parts have one each.
        timeline.shrink_to_fit();
        Timeline(timeline)
    }

    fn push(timeline: &mut Vec<(Date, T)>, day: Date, value: T) {
        match timeline.last_mut() {
            Some((_, last)) if *last == value => {}
            Some((last_day, last)) if *last_day == day => *last = value,
            _ => timeline.push((day, value)),
        }
    }

    fn position(&self, date: Date) -> usize {
        self.0.partition_point(|(day, _)| *day <= date).max(1) - 1
    }

    pub fn at(&self, date: Date) -> &T {
        &self.0[self.position(date)].1
    }

    /// The day from which the value of a date holds; `None` = it always did.
    pub fn since(&self, date: Date) -> Option<Date> {
        Some(self.0[self.position(date)].0).filter(|day| *day != Date::MIN)
    }

    /// The next change after a date.
    pub fn next(&self, date: Date) -> Option<(Date, &T)> {
        self.0.get(self.position(date) + 1).map(|(day, value)| (*day, value))
    }

    /// The days on which the value changes.
    pub fn edges(&self) -> impl Iterator<Item = Date> {
        self.0.iter().skip(1).map(|(day, _)| *day)
    }

    /// What comes of several timelines together: `change` takes a part's old value (none at first) and
    /// its new one into the state, `value` reads it. The work grows with the changes, not with the
    /// parts times the days.
    pub fn together<'t, S, U: Clone + PartialEq>(
        parts: impl Iterator<Item = &'t Timeline<T>>,
        mut state: S,
        mut change: impl FnMut(&mut S, usize, Option<&T>, &T),
        value: impl Fn(&S) -> U,
    ) -> Timeline<U>
    where
        T: 't,
    {
        let mut events: Vec<(Date, usize, Option<&T>, &T)> = Vec::new();
        for (i, part) in parts.enumerate() {
            let mut before = None;
            for (day, value) in &part.0 {
                events.push((*day, i, before, value));
                before = Some(value);
            }
        }
        events.sort_by_key(|(day, i, ..)| (*day, *i));
        let mut timeline = Vec::new();
        let mut events = events.into_iter().peekable();
        if events.peek().is_none() {
            return Timeline(vec![(Date::MIN, value(&state))]);
        }
        while let Some((day, i, before, now)) = events.next() {
            change(&mut state, i, before, now);
            if events.peek().is_none_or(|(next, ..)| *next != day) {
                Timeline::<U>::push(&mut timeline, day, value(&state));
            }
        }
        Timeline(timeline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coercivity_model::calendar::parse_date;

    fn day(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    #[test]
    fn a_value_holds_from_its_day_to_the_next_change() {
        let days = [day("2027-01-01"), day("2026-03-01"), day("2026-06-01")];
        // 2026-06-01 changes nothing.
        let t = Timeline::over(days, |d| {
            if d < day("2026-03-01") {
                'a'
            } else if d < day("2027-01-01") {
                'b'
            } else {
                'c'
            }
        });
        assert_eq!((*t.at(day("2020-01-01")), *t.at(day("2026-12-31")), *t.at(day("2027-01-01"))), ('a', 'b', 'c'));
        assert_eq!(t.since(day("2026-07-01")), Some(day("2026-03-01")));
        assert_eq!(t.since(day("2026-02-01")), None);
        assert_eq!(t.next(day("2026-07-01")), Some((day("2027-01-01"), &'c')));
        assert_eq!(t.next(day("2027-01-01")), None);
        assert_eq!(t.edges().count(), 2);
    }

    #[test]
    fn together_follows_every_part() {
        let on = |text: &str| Timeline::over([day(text)], move |d| i32::from(d >= day(text)));
        let parts = [on("2026-02-01"), on("2026-01-01"), on("2026-02-01")];
        let sum =
            Timeline::together(parts.iter(), 0, |sum, _, before, now| *sum += now - before.unwrap_or(&0), |sum| *sum);
        assert_eq!([*sum.at(day("2025-01-01")), *sum.at(day("2026-01-15")), *sum.at(day("2026-02-01"))], [0, 1, 3]);
        let none: [Timeline<i32>; 0] = [];
        assert_eq!(*Timeline::together(none.iter(), 7, |_, _, _, _: &i32| {}, |s| *s).at(day("2026-01-01")), 7);
    }
}
