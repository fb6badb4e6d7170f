//! Numbers and instants as conditions compare them.

use jiff::civil::Date;
use std::cmp::Ordering;

/// A decimal number: optional sign, digits, optional fraction; no exponent. Of any length, compared
/// exactly.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// Without leading zeros.
    whole: &'a str,
    /// Without closing zeros.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction)
        {
            return None;
        }
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
        })
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size(other),
            (true, true) => other.size(self),
        }
    }

    fn size(&self, other: &Self) -> Ordering {
        self.whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

const NANOSECONDS: i128 = 1_000_000_000;

/// Nanoseconds since 1970 of an ISO-8601 date in one of W3C's profiles, or of whole epoch seconds.
pub(crate) fn instant(text: &str) -> Option<i128> {
    if let Ok(seconds) = text.parse::<i64>() {
        // Four digits are a year.
        if text.len() != 4 {
            return Some(i128::from(seconds) * NANOSECONDS);
        }
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let midnight = i128::from(days(date)?) * 86_400 * NANOSECONDS;
    match time {
        None => Some(midnight),
        Some(time) => Some(midnight + nanoseconds_of_day(time)?),
    }
}

/// Days since 1970 of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn days(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = two_digits(parts.next().unwrap_or("01"))?;
    let day = two_digits(parts.next().unwrap_or("01"))?;
    if parts.next().is_some() {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let epoch = Date::constant(1970, 1, 1);
    Some(date.since(epoch).ok()?.get_days().into())
}

/// Nanoseconds of `hh:mm[:ss[.s+]]` with `Z` or `±hh:mm`, from midnight in UTC.
fn nanoseconds_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = text.rfind(['+', '-'])?;
            let (hours, minutes) = text[at + 1..].split_once(':')?;
            let seconds = two_digits(hours)? * 3_600 + two_digits(minutes)? * 60;
            (
                &text[..at],
                if text[at..].starts_with('-') {
                    -seconds
                } else {
                    seconds
                },
            )
        }
    };
    let mut parts = clock.split(':');
    let (hours, minutes) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let last = clock.splitn(3, ':').nth(2).unwrap_or("00");
    let (seconds, fraction) = last.split_once('.').unwrap_or((last, ""));
    let seconds = two_digits(seconds)?;
    let whole_day = hours == 24 && minutes == 0 && seconds == 0;
    if (hours > 23 && !whole_day) || minutes > 59 || seconds > 60 {
        return None;
    }
    let nanoseconds = billionths(fraction)?;
    let seconds = hours * 3_600 + minutes * 60 + seconds - offset;
    Some(i128::from(seconds) * NANOSECONDS + nanoseconds)
}

/// A fraction's first nine digits; more say nothing.
fn billionths(fraction: &str) -> Option<i128> {
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(digits.fold(0, |number, digit| number * 10 + i128::from(digit - b'0')))
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_exactly() {
        let rows = [
            ("10", "9", Ordering::Greater),
            ("007", "7.0", Ordering::Equal),
            ("-1", "0", Ordering::Less),
            ("-0", "0", Ordering::Equal),
            ("-2", "-1", Ordering::Less),
            (".5", "0.49", Ordering::Greater),
            ("1.05", "1.5", Ordering::Less),
            (
                "123456789012345678901",
                "123456789012345678900",
                Ordering::Greater,
            ),
        ];
        for (one, other, order) in rows {
            let (a, b) = (Decimal::parse(one).unwrap(), Decimal::parse(other).unwrap());
            assert_eq!(a.compare(&b), order, "{one} {other}");
        }
        for text in ["", "1e3", "1.", "+", "a", "1 "] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_read_in_every_profile() {
        let second = |seconds: i128| Some(seconds * NANOSECONDS);
        let rows = [
            ("1700000000", second(1_700_000_000)),
            ("2023", second(1_672_531_200)),
            ("2023-11", second(1_698_796_800)),
            ("2023-11-14", second(1_699_920_000)),
            ("2023-11-14T22:13Z", second(1_699_999_980)),
            ("2023-11-14T22:13:20Z", second(1_700_000_000)),
            ("2023-11-14T23:13:20+01:00", second(1_700_000_000)),
            ("2023-11-14T22:13:20.5Z", Some(1_700_000_000_500_000_000)),
            ("2023-11-14T24:00:00Z", second(1_700_006_400)),
            ("2023-11-14T24:00:01Z", None),
            ("2023-11-14T22:13:20.x5Z", None),
            ("2023-11-14T22:13:20:00Z", None),
            ("2023-11-14T22:13:20", None),
            ("2023-13-01", None),
            ("yesterday", None),
        ];
        for (text, wanted) in rows {
            assert_eq!(instant(text), wanted, "{text}");
        }
    }
}
