//! How directly an entry of Principal names a caller.

use crate::fixtures::*;
use policy::{Layers, Principal, RequestContext, ResourcePolicy, decide};

#[test]
fn entries_name_callers_more_or_less_directly() {
    // With a trust policy alone: Direct, ViaRole and ViaUser suffice, Account leaves it to the caller.
    let (nothing, by_account) = ("Trust is silent", "Identity is silent");
    let callers = [
        user(),
        session(),
        federated(),
        root(),
        service(),
        web(),
        Principal::Anonymous,
    ];
    for (entry, answers) in [
        (
            r#"{"AWS":"*"}"#,
            [
                "allow", "allow", "allow", "allow", "allow", nothing, "allow",
            ],
        ),
        (
            r#"{"AWS":"111111111111"}"#,
            [
                by_account, by_account, by_account, "allow", nothing, nothing, nothing,
            ],
        ),
        (r#"{"AWS":"222222222222"}"#, [nothing; 7]),
        (
            &format!(r#"{{"AWS":"{USER}"}}"#),
            [
                "allow", nothing, "allow", nothing, nothing, nothing, nothing,
            ],
        ),
        (
            &format!(r#"{{"AWS":"{ROLE}"}}"#),
            [
                nothing, "allow", nothing, nothing, nothing, nothing, nothing,
            ],
        ),
        (
            &format!(r#"{{"AWS":"{SESSION}"}}"#),
            [
                nothing, "allow", nothing, nothing, nothing, nothing, nothing,
            ],
        ),
        (
            &format!(r#"{{"AWS":"{FEDERATED}"}}"#),
            [
                nothing, nothing, "allow", nothing, nothing, nothing, nothing,
            ],
        ),
        (
            r#"{"Service":"pods.eks.amazonaws.com"}"#,
            [
                nothing, nothing, nothing, nothing, "allow", nothing, nothing,
            ],
        ),
        (r#"{"Service":"eks.amazonaws.com"}"#, [nothing; 7]),
        (
            &format!(r#"{{"Federated":"{PROVIDER}"}}"#),
            [
                nothing, nothing, nothing, nothing, nothing, "allow", nothing,
            ],
        ),
        (
            &format!(r#"{{"Federated":"{OTHER_PROVIDER}"}}"#),
            [nothing; 7],
        ),
    ] {
        let trust = trusting(entry);
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        let context = RequestContext::new();
        let found = callers
            .each_ref()
            .map(|caller| said(decide(&assume(caller, OWN_TARGET, &context), &layers)));
        assert_eq!(found, answers, "{entry}");
    }
}
