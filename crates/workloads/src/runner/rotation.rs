//! When a token file is written anew.

use jiff::{SignedDuration, Timestamp};

/// No token lives on unrenewed for longer than this.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// When a token is to be minted anew: at 80 % of its life, or after a day.
pub(crate) fn due(minted: Timestamp, expires: Timestamp) -> Timestamp {
    let life = expires.duration_since(minted);
    let wait = (life / 5).saturating_mul(4).min(LONGEST);
    minted.saturating_add(wait).unwrap_or(expires)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(life_seconds: i64, due_after: i64) {
        let minted = Timestamp::UNIX_EPOCH;
        let expires = Timestamp::from_second(life_seconds).unwrap();
        assert_eq!(due(minted, expires).as_second(), due_after);
    }

    #[test]
    fn a_token_is_renewed_at_four_fifths_of_its_life_or_daily() {
        check(3600, 2880);
        check(600, 480);
        check(86400 * 365, 86400);
    }
}
