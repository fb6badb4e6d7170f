//! Timestamps in the two ways that our protocols write them.

use jiff::Timestamp;

use crate::model::Timestamps;

/// `2024-01-01T00:00:00Z`; milliseconds where the service writes them.
pub(crate) fn iso8601(at: Timestamp, precision: Timestamps) -> String {
    match precision {
        Timestamps::Seconds => Timestamp::from_second(at.as_millisecond().div_euclid(1000))
            .unwrap_or(at)
            .to_string(),
        Timestamps::Milliseconds => format!("{:.3}", milliseconds_only(at)),
    }
}

/// ISO 8601, or seconds since the epoch, as AWS accepts both.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    match text.parse() {
        Ok(at) => Some(at),
        Err(_) => from_epoch(text.parse().ok()?),
    }
}

/// Seconds since the epoch, as JSON writes them.
pub(crate) fn epoch(at: Timestamp) -> String {
    let milliseconds = at.as_millisecond();
    let (seconds, rest) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    match rest {
        0 => seconds.to_string(),
        rest if seconds >= 0 => format!("{seconds}.{rest:03}"),
        _ => format!("-{}.{:03}", -milliseconds / 1000, -milliseconds % 1000),
    }
}

/// The point in time that many seconds after the epoch, to the millisecond.
pub(crate) fn from_epoch(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    // Years beyond 9999 are no timestamps; the cast is exact within them.
    if milliseconds.is_nan() || milliseconds.abs() >= 3e14 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

fn milliseconds_only(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_writes_time_its_own_way() {
        let at: Timestamp = "2024-01-01T00:00:00.1239Z".parse().unwrap();
        assert_eq!(iso8601(at, Timestamps::Seconds), "2024-01-01T00:00:00Z");
        assert_eq!(
            iso8601(at, Timestamps::Milliseconds),
            "2024-01-01T00:00:00.123Z"
        );
        assert_eq!(epoch(at), "1704067200.123");
        assert_eq!(epoch(Timestamp::from_millisecond(-1500).unwrap()), "-1.500");
        assert_eq!(
            epoch(Timestamp::from_second(1_700_000_000).unwrap()),
            "1700000000"
        );
    }

    #[test]
    fn both_ways_are_read() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        assert_eq!(parse("2023-11-14T22:13:20.123Z"), Some(at));
        assert_eq!(parse("1700000000.123"), Some(at));
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse("1e300"), None);
        assert_eq!(parse("NaN"), None);
    }
}
