//! Permissions and resource control policies from strangers are read, or refused; never a panic.
//! In the ordinary tests: `crates/policy/src/json/parser.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::{PermissionsPolicy, ResourceControlPolicy};

fuzz_target!(|text: &str| {
    let _ = PermissionsPolicy::parse(text);
    let _ = ResourceControlPolicy::parse(text);
});
