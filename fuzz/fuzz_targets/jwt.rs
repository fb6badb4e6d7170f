//! Whatever a stranger presents as a token is taken apart or refused, and verifies under no key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::{KeySet, UnverifiedToken};

fuzz_target!(|text: &str| {
    if let Ok(token) = UnverifiedToken::parse(text) {
        assert!(
            token
                .verify(&KeySet::of([]), jiff::Timestamp::UNIX_EPOCH)
                .is_err()
        );
    }
});
