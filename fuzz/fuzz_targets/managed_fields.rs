//! Configurations and field owners from strangers are merged or refused; never a panic.
//! In the ordinary tests: `crates/objects/src/fields/wire.rs`.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use names::Gvk;
use objects::fields::{FieldSet, Write, apply, track_update};
use objects::schema::Schemas;
use serde_json::{Map, Value};

// A live object, and a configuration for it.
fuzz_target!(|texts: (&str, &str)| {
    let deployment = Gvk::parse_api_version("apps/v1", "Deployment").expect("it is well spelt");
    let schema = Schemas::builtin().of(&deployment).expect("it is built in");
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let (Some(live), Some(applied)) = (read(texts.0), read(texts.1)) else {
        return;
    };
    let write = Write {
        owner: "fuzz",
        api_version: "apps/v1",
        subresource: "",
        ignored: &["status"],
        now: Timestamp::UNIX_EPOCH,
    };
    let _ = apply(schema, Some(&live), &applied, &write, true);
    let _ = track_update(schema, Some(&live), &applied, &write);
    if let Ok(set) = FieldSet::from_wire(&Value::Object(applied)) {
        assert_eq!(FieldSet::from_wire(&set.to_wire()), Ok(set));
    }
});
