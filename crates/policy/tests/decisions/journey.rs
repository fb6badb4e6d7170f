//! A pod on its way to another account, and its usual mistakes.

use crate::fixtures::*;
use crate::layers::check_role;
use policy::{Layers, Question, RequestContext, ResourcePolicy, TrustPolicy, decide, explain};

#[test]
fn a_pod_chains_from_its_own_account_into_another() {
    let mut context = RequestContext::new();
    context
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set("oidc.example/id/A:sub", "system:serviceaccount:ci:build");
    let pod = irsa(
        r#""oidc.example/id/A:aud":"sts.amazonaws.com","oidc.example/id/A:sub":"system:serviceaccount:ci:build""#,
    );
    let layers = Layers {
        resource: Some(ResourcePolicy::Trust(&pod)),
        ..Layers::default()
    };
    let web_question = |principal| Question {
        action: "sts:AssumeRoleWithWebIdentity",
        ..assume(principal, ROLE, &context)
    };
    assert_eq!(said(decide(&web_question(&web()), &layers)), "allow");

    let narrow = format!(r#""Effect":"Allow","Action":"sts:AssumeRole","Resource":"{TARGET}""#);
    let elsewhere = narrow.replace("dev-role", "ops-role");
    let role = format!(r#"{{"AWS":"{ROLE}"}}"#);
    for (entry, identity, answer) in [
        (&*role, &*narrow, "allow"),
        (r#"{"AWS":"111111111111"}"#, &narrow, "allow"),
        (r#"{"AWS":"*"}"#, &narrow, "allow"),
        (&role, &elsewhere, "Identity is silent"),
        (r#"{"AWS":"333333333333"}"#, &narrow, "Trust is silent"),
    ] {
        check_role(&session(), entry, TARGET, [identity, "", ""], answer);
    }
    assert_eq!(session().shown_arn(), SESSION);
}

fn irsa(conditions: &str) -> TrustPolicy {
    trust(&format!(
        "\n\"Effect\":\"Allow\",\n\"Principal\":{{\"Federated\":\"{PROVIDER}\"}},\n\"Action\":\"sts:AssumeRoleWithWebIdentity\",\n\"Condition\":{{\"StringEquals\":{{{conditions}}}}}"
    ))
}

#[test]
fn the_usual_mistakes_of_irsa_are_named_with_their_fix() {
    let mut context = RequestContext::new();
    context
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set("oidc.example/id/A:sub", "system:serviceaccount:ci:build");
    let check = |trust: &TrustPolicy, element: &str, found: &str, change: &str| {
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(trust)),
            ..Layers::default()
        };
        let principal = web();
        let question = Question {
            action: "sts:AssumeRoleWithWebIdentity",
            ..assume(&principal, ROLE, &context)
        };
        let explanation = explain(&question, &layers);
        let failure = explanation.layers[0].statements[0]
            .failure
            .as_ref()
            .unwrap();
        assert_eq!((&*failure.element, &*failure.found), (element, found));
        assert_eq!(explanation.smallest_change.as_deref(), Some(change));
    };
    check(
        &irsa(r#""oidc.example/id/A:sub":"system:serviceaccount:prod:build""#),
        "Condition StringEquals oidc.example/id/A:sub",
        "`system:serviceaccount:ci:build`",
        "line 6 of trust policy: let StringEquals oidc.example/id/A:sub accept `system:serviceaccount:ci:build` (it wants `system:serviceaccount:prod:build`)",
    );
    check(
        &irsa(r#""oidc.example/id/A:iss":"https://oidc.example/id/A""#),
        "Condition StringEquals oidc.example/id/A:iss",
        "the key is not in the request",
        "line 6 of trust policy: StringEquals oidc.example/id/A:iss cannot hold, since the key is not in the request: take it out or send it",
    );
    check(
        &trust(&format!(
            "\n\"Effect\":\"Allow\",\n\"Principal\":{{\"Federated\":\"{PROVIDER}\"}},\n\"Action\":\"sts:AssumeRole\""
        )),
        "Action",
        "sts:AssumeRoleWithWebIdentity",
        "line 5 of trust policy: add `sts:AssumeRoleWithWebIdentity` to Action",
    );
    check(
        &trust(&format!(
            "\n\"Effect\":\"Allow\",\n\"Principal\":{{\"Federated\":\"{OTHER_PROVIDER}\"}},\n\"Action\":\"sts:AssumeRoleWithWebIdentity\""
        )),
        "Principal",
        PROVIDER,
        "line 4 of trust policy: add `arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A` to Principal",
    );
}
