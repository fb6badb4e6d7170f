//! Actions and resources, section by section of the manual.

use crate::fixtures::*;
use policy::{Layers, PolicyKind, Question, RequestContext, decide, explain};

/// Whether an identity's one Allow with these elements allows.
pub(crate) fn allows(
    elements: &str,
    action: &str,
    resource: &str,
    context: &RequestContext,
) -> bool {
    let identity = set(
        PolicyKind::Identity,
        &format!(r#""Effect":"Allow",{elements}"#),
    );
    let layers = Layers {
        identity: Some(&identity),
        ..Layers::default()
    };
    let question = Question {
        principal: &user(),
        action,
        resource,
        resource_account: account(CI),
        context,
    };
    let decision = decide(&question, &layers);
    assert_eq!(explain(&question, &layers).decision, decision);
    decision.is_allowed()
}

#[test]
fn actions_match_by_service_and_pattern() {
    for (elements, action, wanted) in [
        (r#""Action":"*""#, "iam:GetRole", true),
        (r#""Action":"IAM:getrole""#, "iam:GetRole", true),
        (r#""Action":"iam:Get*""#, "iam:GetRole", true),
        (r#""Action":"iam:Get?ole""#, "iam:GetRole", true),
        (r#""Action":"iam:Get*""#, "iam:ListRoles", false),
        (r#""Action":"iam:*""#, "sts:AssumeRole", false),
        (r#""Action":"iam:Get Role""#, "iam:Get Role", false),
        (
            r#""Action":["iam:GetUser","iam:GetRole"]"#,
            "iam:GetRole",
            true,
        ),
        (r#""NotAction":"iam:*""#, "iam:GetRole", false),
        (r#""NotAction":"iam:*""#, "sts:AssumeRole", true),
        (r#""NotAction":"iam:Get,Role""#, "iam:GetRole", true),
    ] {
        let elements = format!(r#"{elements},"Resource":"*""#);
        assert_eq!(
            allows(&elements, action, "*", &RequestContext::new()),
            wanted,
            "{elements} {action}"
        );
    }
}

#[test]
fn resources_match_segment_by_segment() {
    let role = "arn:aws:iam::111111111111:role/a/b";
    for (elements, resource, wanted) in [
        (r#""Resource":"*""#, "*", true),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/*""#,
            "*",
            false,
        ),
        (r#""Resource":"arn:aws:iam::*""#, role, true),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/*""#,
            role,
            true,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/A/b""#,
            role,
            false,
        ),
        (r#""Resource":"arn:aws:IAM::1*:role/?/b""#, role, true),
        (r#""Resource":"arn:aws:iam::2*:role/a/b""#, role, false),
        (
            r#""NotResource":"arn:aws:iam::111111111111:role/*""#,
            role,
            false,
        ),
        (
            r#""NotResource":"arn:aws:iam::111111111111:user/*""#,
            role,
            true,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${aws:username}/b""#,
            role,
            true,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${aws:none}/b""#,
            role,
            false,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${aws:none,'a'}/b""#,
            role,
            true,
        ),
        (
            r#""NotResource":"arn:aws:iam::111111111111:role/${aws:none}/b""#,
            role,
            false,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${tag:star}""#,
            role,
            false,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${tag:star}""#,
            "arn:aws:iam::111111111111:role/*",
            true,
        ),
    ] {
        let mut context = RequestContext::new();
        context.set("aws:username", "a").set("tag:star", "*");
        let elements = format!(r#""Action":"iam:*",{elements}"#);
        assert_eq!(
            allows(&elements, "iam:GetRole", resource, &context),
            wanted,
            "{elements} {resource}"
        );
    }
}

#[test]
fn a_document_tells_which_services_and_actions_it_may_allow() {
    let check = |statement: &str, service: bool, action: bool| {
        let text =
            format!(r#"{{"Version":"2012-10-17","Statement":{{"Resource":"*",{statement}}}}}"#);
        let policy = policy::PermissionsPolicy::parse(&text).unwrap();
        let document = policy.document();
        assert_eq!(document.allows_of("eks"), service, "{statement}");
        assert_eq!(
            document.allows_action("eks:ListClusters"),
            action,
            "{statement}"
        );
    };
    check(r#""Effect":"Allow","Action":"*""#, true, true);
    check(r#""Effect":"Allow","Action":"EKS:List*""#, true, true);
    check(
        r#""Effect":"Allow","Action":"eks:CreateCluster""#,
        true,
        false,
    );
    check(r#""Effect":"Allow","Action":"s3:*""#, false, false);
    check(r#""Effect":"Deny","Action":"*""#, false, false);
    check(r#""Effect":"Allow","NotAction":"eks:List*""#, true, false);
    check(
        r#""Effect":"Allow","NotAction":["s3:Get*","eks:*"]"#,
        false,
        false,
    );
    check(r#""Effect":"Allow","NotAction":"s3:*""#, true, true);
}
