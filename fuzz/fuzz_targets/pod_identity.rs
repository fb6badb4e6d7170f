//! The webhook's documents, and Pods of any shape: decided or refused, and settled at once; never a panic.
//! In the ordinary tests: `crates/podidentity/tests/properties.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use podidentity::{
    ConfigMapEntries, Known, PodIdentities, ServiceAccountLookup, Settings, mutate,
};

fuzz_target!(|texts: (&str, &str, &str)| {
    let (pod, entries, identities) = texts;
    let entries = ConfigMapEntries::parse(entries).unwrap_or_default();
    let identities = PodIdentities::parse(identities).unwrap_or_default();
    let Ok(pod) = serde_json::from_str(pod) else {
        return;
    };
    let known = Known {
        service_account: ServiceAccountLookup::Found(None),
        config_map: &entries,
        pod_identities: &identities,
        settings: &Settings::default(),
    };
    let _ = mutate(&pod, "ns", &known, 0);
});
