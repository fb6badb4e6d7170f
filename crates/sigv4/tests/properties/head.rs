//! What holds for every request head, however malformed.

use jiff::Timestamp;
use names::secret::Secret;
use sigv4::{BodyHash, Claim, DerivedKeys, Expectation, Family, RequestHead};

/// Reads `METHOD PATH QUERY`, then one header per line: nothing panics, a refusal has a code and
/// a client's status, and no secret of ours proves a stranger's signature.
pub(crate) fn holds(text: &str) {
    let mut lines = text.split('\n');
    let mut target = lines.next().unwrap_or_default().splitn(3, ' ');
    let mut next = || target.next().unwrap_or_default();
    let (method, raw_path, raw_query) = (next(), next(), next());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.as_bytes()))
        .collect();
    let head = RequestHead {
        method,
        raw_path,
        raw_query,
        headers: &headers,
    };
    let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap_or_default();
    let expectation = Expectation {
        services: &["sts"],
        now,
    };
    let claim = Claim::of(head);
    let presented = claim.present(&BodyHash::empty(), &expectation);
    if presented.is_ok() {
        assert!(claim.scope().is_some());
    }
    let proven = presented.and_then(|presented| {
        let keys = DerivedKeys::new();
        presented.spend_a_verification(&keys);
        presented.verify(&Secret::from("ours"), &keys)
    });
    let refusal = proven.expect_err("a signature by nobody's secret was proven");
    for family in [Family::Query, Family::Json] {
        assert!(!refusal.code(family).is_empty());
        assert!((400..=403).contains(&refusal.status(family)));
    }
    let _ = (refusal.to_string(), refusal.advice());
}
