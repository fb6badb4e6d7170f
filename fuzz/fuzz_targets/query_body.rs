//! Forms from strangers: routed and decoded, or refused; never a panic.
//! In the ordinary tests: `crates/awswire/tests/models.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for service in ["sts", "iam", "cloudformation"] {
        let head = awswire::Head {
            method: "POST",
            path: "/",
            signed_for: Some(service),
            ..Default::default()
        };
        if let Ok(call) = awswire::route(&head, body) {
            let _ = call.value();
        }
    }
});
