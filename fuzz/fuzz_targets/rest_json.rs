//! Method, path, query string and JSON from strangers, one a line: routed and decoded, or refused.
//! In the ordinary tests: `crates/awswire/tests/models.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(4, |byte| *byte == b'\n');
    let mut line = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (method, path, query) = (line(), line(), line());
    let body = parts.next().unwrap_or_default();
    for service in ["eks", "eks-auth", "iam"] {
        let head = awswire::Head {
            method,
            path,
            query,
            signed_for: Some(service),
            ..Default::default()
        };
        if let Ok(call) = awswire::route(&head, body) {
            let _ = call.value();
        }
    }
});
