//! Whatever a stranger presents as a token is taken apart or refused, and verifies under no key.
//! In the ordinary tests: `crates/oidc/src/tests.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::{KeySet, TokenBytes, UnverifiedToken};

fuzz_target!(|text: &str| {
    if let Ok(token) = UnverifiedToken::parse(text, &mut TokenBytes::default()) {
        assert!(
            token
                .verify(&KeySet::of([]), jiff::Timestamp::UNIX_EPOCH)
                .is_err()
        );
    }
});
