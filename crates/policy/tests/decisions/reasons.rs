//! What AWS says of a denial.

use crate::fixtures::*;
use names::RoleArn;
use policy::{
    Layers, Operation, PolicyKind, Principal, RequestContext, Resource, ResourcePolicy, authorise,
};

struct AssumeRole;

impl Operation for AssumeRole {
    const ACTION: &'static str = "sts:AssumeRole";
    type Target = RoleArn;
}

#[test]
fn a_denial_reads_as_awss_own() {
    let check = |caller: &Principal,
                 own: [&str; 3],
                 service_control: Option<&str>,
                 trusted: Option<&str>,
                 reason: &str| {
        let kinds = [
            PolicyKind::Identity,
            PolicyKind::Boundary,
            PolicyKind::Session,
        ];
        let sets: Vec<_> = kinds
            .into_iter()
            .zip(own)
            .map(|(kind, text)| (!text.is_empty()).then(|| set(kind, text)))
            .collect();
        let levels = service_control.map(|text| [set(PolicyKind::ServiceControl, text)]);
        let trust = trusted.map(trust);
        let layers = Layers {
            identity: sets[0].as_ref(),
            boundary: sets[1].as_ref(),
            session: sets[2].as_ref(),
            service_control: levels.as_ref().map(|levels| &levels[..]),
            resource: trust.as_ref().map(ResourcePolicy::Trust),
            ..Layers::default()
        };
        let context = RequestContext::new();
        let resource = Resource::from(OWN_TARGET.parse::<RoleArn>().unwrap());
        let resource = resource.shown_as("role dev-role".to_owned());
        let refusal = authorise::<AssumeRole>(caller, resource, &context, &layers).unwrap_err();
        let start = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: role dev-role",
            caller.shown_arn()
        );
        assert_eq!(refusal.wire_text(), format!("{start} {reason}"));
        assert_eq!(refusal.wire_text_without_reason(), start);
    };
    check(
        &session(),
        ["", "", ""],
        None,
        None,
        "because no identity-based policy allows the sts:AssumeRole action",
    );
    check(
        &session(),
        [ALLOW, SILENT, ""],
        None,
        None,
        "because no permissions boundary allows the sts:AssumeRole action",
    );
    check(
        &session(),
        [ALLOW, "", SILENT],
        None,
        None,
        "because no session policy allows the sts:AssumeRole action",
    );
    check(
        &session(),
        [ALLOW, "", ""],
        Some(SILENT),
        None,
        "with an explicit deny in a service control policy",
    );
    check(
        &session(),
        [DENY, "", ""],
        None,
        None,
        "with an explicit deny in an identity-based policy",
    );
    check(
        &session(),
        ["", "", DENY],
        None,
        None,
        "with an explicit deny in a session policy",
    );
    check(
        &session(),
        ["", DENY, ""],
        None,
        None,
        "with an explicit deny in a permissions boundary: arn:aws:iam::111111111111:policy/edge",
    );
    let service =
        r#""Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:*""#;
    check(
        &user(),
        [ALLOW, "", ""],
        None,
        Some(service),
        "because no role trust policy allows the sts:AssumeRole action",
    );
    let denying = r#""Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:*""#;
    check(
        &user(),
        [ALLOW, "", ""],
        None,
        Some(denying),
        "with an explicit deny in the role trust policy",
    );
    check(
        &Principal::Anonymous,
        ["", "", ""],
        None,
        Some(service),
        "because no role trust policy allows the sts:AssumeRole action",
    );
}

#[test]
fn what_is_decided_on_is_made_from_the_target() {
    let allows = r#""Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111111111111:role/dev-role""#;
    let own = set(PolicyKind::Identity, allows);
    let layers = Layers {
        identity: Some(&own),
        ..Layers::default()
    };
    let ask = |arn: &str| {
        let (asker, context) = (session(), RequestContext::new());
        let role = Resource::from(arn.parse::<RoleArn>().unwrap());
        authorise::<AssumeRole>(&asker, role, &context, &layers)
    };
    assert_eq!(*ask(OWN_TARGET).unwrap().target(), *OWN_TARGET);
    let refusal = ask("arn:aws:iam::111111111111:role/other").unwrap_err();
    assert_eq!(refusal.resource, "arn:aws:iam::111111111111:role/other");
    assert_eq!(refusal.shown, refusal.resource);
    assert!(ask("arn:aws:iam::222222222222:role/dev-role").is_err());
}
