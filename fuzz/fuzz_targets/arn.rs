//! Every text is an ARN that prints as it was read, or refused.
//! In the ordinary tests: `crates/names/tests/properties.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/names/tests/properties/arn.rs"]
mod arn;

fuzz_target!(|text: &str| arn::holds(text));
