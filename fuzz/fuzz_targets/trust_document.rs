//! Trust policies from strangers are read and rendered, or refused; never a panic.
//! In the ordinary tests: `crates/policy/src/json/parser.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use names::{Arn, UniqueId};
use policy::{PrincipalDirectory, TrustPolicy};

/// An account without users or roles.
struct Nobody;

impl PrincipalDirectory for Nobody {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

fuzz_target!(|text: &str| {
    if let Ok(trust) = TrustPolicy::parse(text, &Nobody) {
        let _ = trust.render(&Nobody);
    }
});
