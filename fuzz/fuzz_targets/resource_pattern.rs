//! Resources and ARN patterns of strangers are decided alike however they are asked, or refused; never a panic.
//! In the ordinary tests: `crates/policy/tests/properties/main.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/policy/tests/properties/one_statement.rs"]
mod one_statement;
#[path = "../../crates/policy/tests/properties/resource_pattern.rs"]
mod resource_pattern;

fuzz_target!(|texts: (&str, &str, &str)| {
    let (pattern, resource, value) = texts;
    resource_pattern::holds(pattern, resource, value);
});
