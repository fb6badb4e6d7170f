//! The clock and randomness: the only place that has either.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;

/// The time.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is")]
    Timestamp::now()
}

/// Random bytes.
///
/// # Panics
/// When the system has none to give; nothing may go on then.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness no key is a key")]
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the system's randomness");
    bytes
}
