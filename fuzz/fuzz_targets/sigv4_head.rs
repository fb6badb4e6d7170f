//! Every request head is refused with a code; none is proven by a secret it was not signed with.
//! In the ordinary tests: `crates/sigv4/tests/properties.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/sigv4/tests/properties/head.rs"]
mod head;

fuzz_target!(|text: &str| head::holds(text));
