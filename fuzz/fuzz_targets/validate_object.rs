//! Objects from strangers get their defaults and are judged and shown; never a panic.
//! In the ordinary tests: `crates/objects/src/validate/tests.rs`.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use objects::{Object, defaults, table, validate};

fuzz_target!(|text: &str| {
    let Ok(mut object) = serde_json::from_str::<Object>(text) else {
        return;
    };
    let old = object.clone();
    defaults::default(&mut object);
    let _ = validate::validate_create(&object);
    let _ = validate::validate_update(&object, &old);
    let _ = table::cells(&object, Timestamp::UNIX_EPOCH);
});
