//! Selectors from strangers are read or refused, and read back from what is printed.
//! In the ordinary tests: `crates/objects/src/selector/label/tests.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use objects::selector::{FieldSelector, LabelSelector};

fuzz_target!(|text: &str| {
    if let Ok(selector) = text.parse::<LabelSelector>() {
        assert_eq!(selector.to_string().parse(), Ok(selector));
    }
    if let Ok(selector) = text.parse::<FieldSelector>() {
        assert_eq!(selector.to_string().parse(), Ok(selector));
    }
});
