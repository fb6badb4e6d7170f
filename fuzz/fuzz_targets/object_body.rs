//! An object's body: JSON, YAML and protobuf.
//! In the ordinary tests: `crates/objects/tests/wire/main.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use objects::Gvk;
use objects::decode::{FieldValidation, MediaType, decode_builtin};

fuzz_target!(|body: &[u8]| {
    let types = [("v1", "Pod"), ("apps/v1", "Deployment"), ("v1", "Secret")];
    for (api_version, kind) in types {
        let gvk = Gvk::parse_api_version(api_version, kind).expect("well spelt");
        for media_type in [MediaType::Json, MediaType::Yaml, MediaType::Protobuf] {
            let Ok(decoded) = decode_builtin(body, media_type, &gvk, FieldValidation::Warn) else {
                continue;
            };
            // What was read once reads the same again, with nothing to complain of.
            let text = serde_json::to_vec(&decoded.object).expect("JSON");
            let again = decode_builtin(&text, MediaType::Json, &gvk, FieldValidation::Strict);
            assert_eq!(again.expect("what was read").object, decoded.object);
        }
    }
});
