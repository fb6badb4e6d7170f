//! A statement is found among many, whatever of it is literal.

use crate::fixtures::*;
use policy::{
    Layers, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, RequestContext, decide,
};

fn many(action: impl Fn(usize) -> String, resource: impl Fn(usize) -> String) -> PolicySet {
    let statements: Vec<_> = (0..60)
        .map(|number| {
            let (action, resource) = (action(number), resource(number));
            format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
        })
        .collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    );
    let policy = PermissionsPolicy::parse(&text).expect("a policy");
    let source = PolicySource {
        kind: PolicyKind::Identity,
        arn: None,
        name: "many".to_owned(),
        attached_to: None,
        text: text.into(),
    };
    PolicySet::compile(vec![(source, policy.document().clone())])
}

#[test]
fn statements_of_many_lengths_are_found() {
    let arn = |number: usize| {
        let name = "x".repeat(number * 3);
        format!("arn:aws:iam::111111111111:role/{name}{number}")
    };
    let action = |number: usize| format!("sts:{}{number}Z", "A".repeat(number));
    let any = |_: usize| "*".to_owned();
    let sets = [
        many(|_| "sts:Assume*".to_owned(), arn),
        many(|_| "*".to_owned(), |number| arn(number) + "*"),
        many(action, any),
        many(|number| action(number) + "*", any),
        many(|number| action(number).to_uppercase(), arn),
    ];
    let (principal, context) = (user(), RequestContext::new());
    for (at, set) in sets.iter().enumerate() {
        let layers = Layers {
            identity: Some(set),
            ..Layers::default()
        };
        for number in 0..70 {
            let (action, resource) = (action(number), arn(number));
            let mut question = assume(&principal, &resource, &context);
            if at > 1 {
                question.action = &action;
            }
            let allowed = decide(&question, &layers).is_allowed();
            assert_eq!(allowed, number < 60, "{at} {number}");
        }
    }
}
