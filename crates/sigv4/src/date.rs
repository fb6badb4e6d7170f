//! The request's own date, and how far from ours it may be.

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::refusal::SignatureRefusal;

/// How far a request's date may lie on either side of the clock.
///
/// It is also how long a presigned request lasts: the services here do not look at
/// `X-Amz-Expires`, as aws-iam-authenticator's token generator notes of STS.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// ISO 8601's basic format, `20260102T030405Z`.
#[must_use]
pub fn compact(timestamp: Timestamp) -> String {
    let utc = Offset::UTC.to_datetime(timestamp);
    let [century, year] = [utc.year() / 100, utc.year() % 100];
    let mut text = String::with_capacity(16);
    push_two(&mut text, century);
    push_two(&mut text, year);
    push_two(&mut text, utc.month().into());
    push_two(&mut text, utc.day().into());
    text.push('T');
    push_two(&mut text, utc.hour().into());
    push_two(&mut text, utc.minute().into());
    push_two(&mut text, utc.second().into());
    text.push('Z');
    text
}

/// Two digits of a number from 0 to 99: every request's date is written, so no formatter is asked.
fn push_two(text: &mut String, number: i16) {
    for digit in [number / 10 % 10, number % 10] {
        let digit = u8::try_from(digit).unwrap_or_default();
        text.push(char::from(b'0' + digit));
    }
}

/// Reads a request's date: the basic format, or in a `Date` header HTTP's own.
pub(crate) fn parse(text: &str) -> Result<Timestamp, SignatureRefusal> {
    parse_compact(text)
        .or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
        .ok_or_else(|| SignatureRefusal::DateFormat {
            found: text.to_owned(),
        })
}

/// Refuses a date more than [`CLOCK_SKEW`] away; the bounds themselves pass.
pub(crate) fn expect_near(date: Timestamp, now: Timestamp) -> Result<(), SignatureRefusal> {
    let now_in_seconds = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let ahead = date.duration_since(now_in_seconds);
    if ahead < -CLOCK_SKEW {
        Err(SignatureRefusal::Expired { date, now })
    } else if ahead > CLOCK_SKEW {
        Err(SignatureRefusal::NotYetCurrent { date, now })
    } else {
        Ok(())
    }
}

fn parse_compact(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let is_digit_at = |at: usize| bytes[at].is_ascii_digit();
    let is_shaped = bytes.len() == 16
        && bytes[8] == b'T'
        && bytes[15] == b'Z'
        && (0..8).chain(9..15).all(is_digit_at);
    if !is_shaped {
        return None;
    }
    let two = |at: usize| text[at..at + 2].parse::<i8>().ok();
    let year = text[..4].parse::<i16>().ok()?;
    let time = DateTime::new(year, two(4)?, two(6)?, two(9)?, two(11)?, two(13)?, 0).ok()?;
    Offset::UTC.to_timestamp(time).ok()
}
