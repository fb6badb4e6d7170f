//! When a CronJob is due: five fields, as cron has them, or a name such as `@daily`.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use std::str::FromStr;

/// Longest text of a schedule.
const CHARS_MAX: usize = 1_000;

/// Days that are searched for the next time: the 29th of February comes every four years, or eight.
const DAYS_MAX: i32 = 8 * 366 + 1;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Minutes of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

/// Numbers of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Set {
    bits: u64,
    /// Written as a star: it chooses nothing.
    is_any: bool,
}

/// The numbers that a field may hold, and the names of the first of them.
struct Field {
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > CHARS_MAX {
            return Err(format!("a schedule has at most {CHARS_MAX} characters"));
        }
        let text = text.trim();
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            written => written,
        };
        let fields: Vec<_> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!(
                "expected exactly 5 fields, found {}: `{text}`",
                fields.len()
            ));
        };
        let field = |first, last, names| Field { first, last, names };
        Ok(Self {
            minutes: field(0, 59, &[]).read(minutes)?,
            hours: field(0, 23, &[]).read(hours)?,
            days: field(1, 31, &[]).read(days)?,
            months: field(1, 12, &MONTHS).read(months)?,
            weekdays: field(0, 6, &WEEKDAYS).read(weekdays)?,
        })
    }
}

impl Field {
    /// Reads a list of stars, numbers and ranges, each perhaps with a step.
    fn read(&self, text: &str) -> Result<Set, String> {
        let mut set = Set {
            bits: 0,
            is_any: false,
        };
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step)),
                None => (part, None),
            };
            let is_star = matches!(range, "*" | "?");
            let (from, to) = match range.split_once('-') {
                _ if is_star => (self.first, self.last),
                Some((from, to)) => (self.number(from)?, self.number(to)?),
                None => {
                    let from = self.number(range)?;
                    (from, if step.is_some() { self.last } else { from })
                }
            };
            let step = match step {
                Some(step) => step.parse::<usize>().ok().filter(|step| *step > 0),
                None => Some(1),
            };
            let step = step.ok_or_else(|| format!("`{part}` has no step above 0"))?;
            if from > to {
                return Err(format!("`{part}` ends before it begins"));
            }
            set.is_any |= is_star && step == 1;
            (from..=to)
                .step_by(step)
                .for_each(|number| set.bits |= 1 << number);
        }
        Ok(set)
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text));
        let named = named
            .and_then(|at| u32::try_from(at).ok())
            .map(|at| at + self.first);
        let number = named.or_else(|| text.parse().ok());
        number
            .filter(|number| (self.first..=self.last).contains(number))
            .ok_or_else(|| format!("`{text}` is not {} to {}", self.first, self.last))
    }
}

impl Set {
    fn has(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.bits >> number & 1 == 1)
    }
}

impl Schedule {
    /// The first time after another.
    pub(super) fn next(&self, after: DateTime) -> Option<DateTime> {
        let day = |count: i32| after.date().checked_add(count.days()).ok();
        let days = (0..DAYS_MAX)
            .map_while(day)
            .filter(|day| self.has_day(*day));
        let times = days.flat_map(|day| self.times().map(move |time| day.to_datetime(time)));
        times.into_iter().find(|at| *at > after)
    }

    /// The last time up to another, and not before a third.
    pub(super) fn latest(&self, from: DateTime, until: DateTime) -> Option<DateTime> {
        let day = |count: i32| until.date().checked_sub(count.days()).ok();
        let days = (0..DAYS_MAX)
            .map_while(day)
            .take_while(|day| *day >= from.date());
        let days = days.filter(|day| self.has_day(*day));
        let times = days.flat_map(|day| self.times().rev().map(move |time| day.to_datetime(time)));
        let found = times.into_iter().find(|at| *at <= until);
        found.filter(|at| *at > from)
    }

    /// Day and weekday both choose; where neither is a star, either is enough.
    fn has_day(&self, date: Date) -> bool {
        let day = self.days.has(date.day());
        let weekday = self.weekdays.has(date.weekday().to_sunday_zero_offset());
        let is_chosen = match self.days.is_any || self.weekdays.is_any {
            true => day && weekday,
            false => day || weekday,
        };
        is_chosen && self.months.has(date.month())
    }

    /// The times of a day.
    fn times(&self) -> impl DoubleEndedIterator<Item = Time> + use<> {
        let (hours, minutes) = (self.hours, self.minutes);
        let hours = (0..24_i8).filter(move |hour| hours.has(*hour));
        hours.flat_map(move |hour| {
            let minutes = (0..60_i8).filter(move |minute| minutes.has(*minute));
            minutes.map(move |minute| Time::constant(hour, minute, 0, 0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Span;
    use proptest::prelude::*;

    /// From a Sunday on.
    #[track_caller]
    fn check(schedule: &str, expected: &[&str]) {
        let schedule: Schedule = schedule.parse().unwrap();
        let mut at: DateTime = "2026-02-01T00:00:00".parse().unwrap();
        for expected in expected {
            at = schedule.next(at).unwrap();
            assert_eq!(at.to_string(), format!("{expected}:00"));
        }
    }

    #[test]
    fn a_schedule_names_minutes_of_the_calendar() {
        check("* * * * *", &["2026-02-01T00:01", "2026-02-01T00:02"]);
        check(
            "*/20 3 * * *",
            &[
                "2026-02-01T03:00",
                "2026-02-01T03:20",
                "2026-02-01T03:40",
                "2026-02-02T03:00",
            ],
        );
        check(
            "5/25 0 * * *",
            &["2026-02-01T00:05", "2026-02-01T00:30", "2026-02-01T00:55"],
        );
        check(
            "30 8-10/2 * * MON-fri",
            &["2026-02-02T08:30", "2026-02-02T10:30"],
        );
        check("0 0 1,15 jan *", &["2027-01-01T00:00", "2027-01-15T00:00"]);
        check("0 0 29 2 *", &["2028-02-29T00:00", "2032-02-29T00:00"]);
        check("@hourly", &["2026-02-01T01:00"]);
        check("@weekly", &["2026-02-08T00:00"]);
        check("@yearly", &["2027-01-01T00:00"]);
    }

    #[test]
    fn a_day_and_a_weekday_are_either_enough_unless_one_is_a_star() {
        check("0 0 3 * 6", &["2026-02-03T00:00", "2026-02-07T00:00"]);
        check("0 0 * * 6", &["2026-02-07T00:00", "2026-02-14T00:00"]);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for (text, expected) in [
            ("", "expected exactly 5 fields, found 0"),
            ("* * * *", "expected exactly 5 fields, found 4"),
            ("60 * * * *", "`60` is not 0 to 59"),
            ("* * 0 * *", "`0` is not 1 to 31"),
            ("* * * foo *", "`foo` is not 1 to 12"),
            ("* * * * 7", "`7` is not 0 to 6"),
            ("5-2 * * * *", "`5-2` ends before it begins"),
            ("*/0 * * * *", "`*/0` has no step above 0"),
            ("@every 1h", "expected exactly 5 fields, found 2"),
        ] {
            let refused = text.parse::<Schedule>().unwrap_err();
            assert!(refused.starts_with(expected), "{text}: {refused}");
        }
        assert_eq!(
            "0 0 31 2 *"
                .parse::<Schedule>()
                .unwrap()
                .next(DateTime::MIN),
            None
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_schedule_or_refused(text in ".{0,40}") {
            let _ = text.parse::<Schedule>();
        }

        #[test]
        fn the_last_time_before_the_next_one_is_not_after_now(
            minute in 0..60_u8, step in 1..30_u8, hour in 0..24_u8, now in 0..2_000_000_i64,
        ) {
            let schedule: Schedule = format!("{minute}/{step} */{} * * *", hour + 1).parse().unwrap();
            let now = DateTime::constant(2026, 1, 1, 0, 0, 0, 0) + Span::new().seconds(now);
            let next = schedule.next(now).unwrap();
            let latest = schedule.latest(DateTime::MIN, now).unwrap();
            prop_assert!(latest <= now && now < next);
            prop_assert_eq!(schedule.next(latest), Some(next));
        }
    }
}
