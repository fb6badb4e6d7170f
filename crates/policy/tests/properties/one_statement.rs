//! A document of one statement around a stranger's texts, asked in every way in which it can be.

use policy::{
    Decision, Layers, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal, Question,
    RequestContext, decide, explain,
};
use serde_json::{Value, json};

/// Longest document, in characters.
pub(crate) const CHARS_MAX: usize = 131_072;

/// The document of one statement: the effect, any action on anything, and what `elements` say instead.
pub(crate) fn document(effect: &str, elements: &Value) -> String {
    let mut statement = json!({"Effect": effect, "Action": "sts:*"});
    if elements.get("NotResource").is_none() {
        statement["Resource"] = json!("*");
    }
    for (name, value) in elements.as_object().into_iter().flatten() {
        statement[name] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// Whether the statement matches the request; `None`: its document is refused.
///
/// # Panics
/// When a way of asking answers differently from the others.
pub(crate) fn matches(
    elements: &Value,
    (action, resource): (&str, &str),
    context: &RequestContext,
) -> Option<bool> {
    let [allow, deny] = ["Allow", "Deny"].map(|effect| document(effect, elements));
    let policy = PermissionsPolicy::parse(&allow).ok()?;
    assert!(
        allow.chars().count() <= CHARS_MAX,
        "longer than a document may be"
    );
    let principal = user();
    let question = Question {
        principal: &principal,
        action,
        resource,
        resource_account: "111111111111".parse().expect("an account"),
        context,
    };
    let ask = |set: &PolicySet| {
        let layers = Layers {
            identity: Some(set),
            ..Layers::default()
        };
        (decide(&question, &layers), explain(&question, &layers))
    };

    let (decision, explanation) = ask(&compiled([&policy].into_iter()));
    let statement = &explanation.layers[0].statements[0];
    let matched = statement.failure.is_none();
    assert_eq!(decision, explanation.decision);
    assert_eq!(
        decision.is_allowed(),
        matched,
        "explained otherwise: {statement:?}"
    );
    assert_eq!(explanation.smallest_change.is_none(), matched);

    let denying = PermissionsPolicy::parse(&deny).expect("its twin is a document");
    let (denied, _) = ask(&compiled([&denying].into_iter()));
    let explicit = matches!(denied, Decision::ExplicitDeny { .. });
    assert_eq!(explicit, matched, "denied otherwise than allowed: {allow}");

    // Among others a statement is looked up by its index.
    let unrelated = unrelated();
    let others = std::iter::repeat_n(&unrelated, 4);
    let (among, _) = ask(&compiled(others.chain([&policy])));
    assert_eq!(
        among.is_allowed(),
        matched,
        "found otherwise than read: {allow}"
    );
    Some(matched)
}

/// A user of an account that owns everything.
fn user() -> Principal {
    Principal::User {
        arn: "arn:aws:iam::111111111111:user/bob"
            .parse()
            .expect("an ARN"),
        id: "AIDAAAAAAAAAAAAAAAAAA".parse().expect("an id"),
    }
}

fn unrelated() -> PermissionsPolicy {
    let elements = json!({"Action": "s3:*", "Resource": "arn:aws:s3:::none/*"});
    PermissionsPolicy::parse(&document("Allow", &elements)).expect("a document")
}

fn compiled<'p>(policies: impl Iterator<Item = &'p PermissionsPolicy>) -> PolicySet {
    let sourced = policies.map(|policy| {
        let document = policy.document().clone();
        let source = PolicySource {
            kind: PolicyKind::Identity,
            arn: None,
            name: "inline".to_owned(),
            attached_to: None,
            text: document.text().into(),
        };
        (source, document)
    });
    PolicySet::compile(sourced.collect())
}
