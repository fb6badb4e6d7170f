//! Wildcards of strangers fit what their definition says; never a panic.
//! In the ordinary tests: `crates/policy/tests/properties/main.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/policy/tests/properties/one_statement.rs"]
mod one_statement;
#[path = "../../crates/policy/tests/properties/wildcard.rs"]
mod wildcard;

fuzz_target!(|texts: (&str, &str)| {
    let (pattern, text) = texts;
    wildcard::holds(pattern, text);
});
