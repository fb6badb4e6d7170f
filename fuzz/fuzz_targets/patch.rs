//! Patches from strangers are applied or refused; never a panic.
//! In the ordinary tests: `crates/objects/src/patch/tests.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use names::Gvk;
use objects::patch::Patch;
use objects::schema::Schemas;
use serde_json::{Map, Value};

// An object, and what it is to become.
fuzz_target!(|texts: (&str, &str)| {
    let deployment = Gvk::parse_api_version("apps/v1", "Deployment").expect("it is well spelt");
    let schema = Schemas::builtin().of(&deployment).expect("it is built in");
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(texts.0) else {
        return;
    };
    for parse in [Patch::json, Patch::merge, Patch::strategic] {
        if let Ok(patch) = parse(texts.1.as_bytes()) {
            let _ = patch.apply(schema, &object);
        }
    }
});
