//! Condition values of strangers, of any kind, are decided alike however they are asked, or refused; never a panic.
//! In the ordinary tests: `crates/policy/tests/properties/main.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/policy/tests/properties/condition_value.rs"]
mod condition_value;
#[path = "../../crates/policy/tests/properties/one_statement.rs"]
mod one_statement;

fuzz_target!(|texts: (&str, &str, &str)| {
    let (operator, wanted, found) = texts;
    condition_value::holds(operator, wanted, found);
});
