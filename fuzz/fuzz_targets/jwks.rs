//! Key sets that anyone may have published are read, or refused; never a panic.
//! In the ordinary tests: `crates/oidc/src/tests.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::KeySet;

fuzz_target!(|document: &[u8]| {
    if let Ok(keys) = KeySet::parse(document) {
        let _ = keys.to_json();
    }
});
