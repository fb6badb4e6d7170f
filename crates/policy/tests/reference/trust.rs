//! Trust policies read back: principals by the ARNs that their ids have now.

use crate::case::{OTHER_ROLE, ROLE, statements};
use crate::engine::{Directory, context, principal};
use crate::generate::{case, trust_document};
use policy::{Layers, PermissionsPolicy, Question, ResourcePolicy, TrustPolicy, decide};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(text: &str, directory: &Directory) -> TrustPolicy {
    TrustPolicy::parse(text, directory).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// Account ids as IAM shows them.
fn with_root_arns(document: &Value) -> Value {
    let text = document.to_string();
    let text = text.replace("\"111111111111\"", "\"arn:aws:iam::111111111111:root\"");
    let text = text.replace("\"222222222222\"", "\"arn:aws:iam::222222222222:root\"");
    serde_json::from_str(&text).expect("JSON")
}

fn assumed_by(caller: &str, trust: &TrustPolicy) -> bool {
    let (principal, context) = (principal(caller), context(&crate::case::Case::default()));
    let question = Question {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: OTHER_ROLE,
        resource_account: "111111111111".parse().expect("an account"),
        context: &context,
    };
    let layers = Layers {
        resource: Some(ResourcePolicy::Trust(trust)),
        ..Layers::default()
    };
    decide(&question, &layers).is_allowed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_back_is_what_was_written(document in trust_document()) {
        let text = document.to_string();
        let shown = parse(&text, &Directory::default()).render(&Directory::default());
        prop_assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), with_root_arns(&document));
        prop_assert_eq!(parse(&shown, &Directory::default()).render(&Directory::default()), shown);
    }

    #[test]
    fn the_text_of_a_document_is_kept_to_the_letter(case in case()) {
        for document in case.identity.iter().flatten() {
            let text = serde_json::to_string_pretty(document).unwrap();
            let parsed = PermissionsPolicy::parse(&text).unwrap();
            prop_assert_eq!(parsed.document().text(), text);
        }
    }

    #[test]
    fn a_principal_outlives_a_new_name_but_not_its_deletion(document in trust_document()) {
        let mut named = false;
        let mut document = document;
        for statement in statements(&mut document) {
            named |= statement["Principal"].to_string().contains(ROLE);
        }
        prop_assume!(named);
        let trust = parse(&document.to_string(), &Directory::default());
        let mut gone = Directory::default();
        gone.0.remove(ROLE);
        prop_assert!(trust.render(&gone).contains("AROAAAAAAAAAAAAAAAAAA"));
        // An id without its role is no principal: the document cannot be saved again.
        prop_assert!(TrustPolicy::parse(&trust.render(&gone), &gone).is_err());
    }
}

#[test]
fn a_role_made_anew_is_a_stranger_until_the_document_is_saved_again() {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"},
    ]});
    let text = document.to_string();
    // The caller's role has the id that ends in A; while the document was saved, another had its name.
    let mut before = Directory::default();
    before.0.insert(ROLE, "AROACCCCCCCCCCCCCCCCC");
    assert!(!assumed_by("session", &parse(&text, &before)));
    assert!(assumed_by("session", &parse(&text, &Directory::default())));
}
