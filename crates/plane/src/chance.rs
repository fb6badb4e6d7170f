//! The clock and randomness: the only place that has either.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;
use std::cell::RefCell;

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

/// How many bytes [`nonce`] draws at once.
const DRAWN: usize = 512;

/// Random bytes that nobody may foresee, but that are no secret themselves: ids and nonces. Every
/// request takes some, so that many are drawn at once.
///
/// # Panics
/// As [`random`].
pub(crate) fn nonce<const N: usize>() -> [u8; N] {
    thread_local! {
        static LEFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    LEFT.with_borrow_mut(|left| {
        if left.len() < N {
            *left = random::<DRAWN>().to_vec();
        }
        let Some(taken) = left.last_chunk().copied() else {
            return random();
        };
        left.truncate(left.len() - N);
        taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_nonce_comes_twice() {
        let mut seen = std::collections::BTreeSet::new();
        assert!((0..DRAWN).all(|_| seen.insert(nonce::<16>())));
        assert!((0..DRAWN).all(|_| seen.insert(nonce::<17>()[1..].try_into().unwrap())));
        assert_ne!(nonce::<{ DRAWN + 1 }>(), nonce::<{ DRAWN + 1 }>());
    }
}
