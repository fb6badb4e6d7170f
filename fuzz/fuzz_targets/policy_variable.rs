//! Variables of strangers put in what fits itself alone, or resolve to nothing; never a panic.
//! In the ordinary tests: `crates/policy/tests/properties/main.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/policy/tests/properties/one_statement.rs"]
mod one_statement;
#[path = "../../crates/policy/tests/properties/policy_variable.rs"]
mod policy_variable;

fuzz_target!(|texts: (&str, &str, &str)| {
    let (template, value, found) = texts;
    policy_variable::holds(template, value, found);
});
