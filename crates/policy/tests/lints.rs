//! Each warning fires on one document and leaves a near miss alone.

use names::{Arn, UniqueId};
use policy::lint::{Holder, codes, explanation, warnings};
use policy::{Document, PermissionsPolicy, PrincipalDirectory, TrustPolicy};
use std::collections::BTreeSet;
use std::sync::Arc;

const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";
const ROLE_ID: &str = "AROAAAAAAAAAAAAAAAAAA";
const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";

/// One role is there, under a path.
struct Here;

impl PrincipalDirectory for Here {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        (arn.as_str() == ROLE).then(|| ROLE_ID.parse().expect("an id"))
    }

    fn arn_of(&self, id: &UniqueId) -> Option<String> {
        (*id == *ROLE_ID).then(|| ROLE.to_owned())
    }
}

/// It was deleted.
struct Gone;

impl PrincipalDirectory for Gone {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

/// A trust policy when it names a Principal, else a role's permissions policy.
fn document(elements: &str) -> Arc<Document> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{{elements}}}]}}"#);
    if elements.contains("\"Principal\"") {
        let trust = TrustPolicy::parse(&text, &Here);
        return trust
            .unwrap_or_else(|why| panic!("{why}: {text}"))
            .document()
            .clone();
    }
    let policy = PermissionsPolicy::parse(&text);
    policy
        .unwrap_or_else(|why| panic!("{why}: {text}"))
        .document()
        .clone()
}

fn found(document: &Document, directory: &dyn PrincipalDirectory) -> Vec<&'static str> {
    let warnings = warnings(document, Holder::Role, directory);
    warnings.into_iter().map(|warning| warning.code).collect()
}

fn web(conditions: &str) -> String {
    format!(
        r#""Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{conditions}}}"#
    )
}

/// What narrows a token's trust properly.
const AUD: &str = r#""StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com"}"#;
const SUB: &str = r#""StringEquals":{"oidc.example/id/A:sub":"system:serviceaccount:ci:build"}"#;
const BOTH: &str = r#""StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com","oidc.example/id/A:sub":"system:serviceaccount:ci:build"}"#;

fn allow(condition: &str) -> String {
    format!(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{{condition}}}"#)
}

fn acts(action: &str, resource: &str) -> String {
    format!(r#""Effect":"Allow","Action":"{action}","Resource":"{resource}""#)
}

/// Code, a document that it is about, and a near miss.
fn rows() -> Vec<(&'static str, String, String)> {
    let pods = |actions: &str| {
        format!(
            r#""Effect":"Allow","Principal":{{"Service":"pods.eks.amazonaws.com"}},"Action":{actions}"#
        )
    };
    let deny = |condition: &str| allow(condition).replace("Allow", "Deny");
    vec![
        (
            "RC-TRUST-001",
            web(&format!(
                r#"{BOTH},"StringLike":{{"oidc.example/id/A:iss":"https://oidc.example/id/A"}}"#
            )),
            web(&format!(
                r#"{BOTH},"StringLike":{{"oidc.example/id/A:amr":"authenticated"}}"#
            )),
        ),
        (
            "RC-TRUST-002",
            web(&format!(
                "{AUD},{}",
                SUB.replace("StringEquals", "StringEqualsIfExists")
            )),
            web(BOTH),
        ),
        ("RC-TRUST-003", web(AUD), web(BOTH)),
        ("RC-TRUST-004", web(SUB), web(BOTH)),
        (
            "RC-TRUST-005",
            web(&BOTH.replace("/A:sub", "/B:sub")),
            web(BOTH),
        ),
        (
            "RC-TRUST-006",
            pods(r#""sts:AssumeRole""#),
            pods(r#"["sts:AssumeRole","sts:TagSession"]"#),
        ),
        (
            "RC-TRUST-008",
            web(&format!(
                "{AUD},{}",
                SUB.replace("StringEquals", "StringLike")
                    .replace(":ci:", ":*:")
            )),
            web(&format!(
                "{AUD},{}",
                SUB.replace("StringEquals", "StringLike")
                    .replace(":build", ":*")
            )),
        ),
        (
            "RC-ROLE-001",
            acts("s3:GetObject", "arn:aws:s3:::home/${aws:username}/*"),
            acts("s3:GetObject", "arn:aws:s3:::home/${aws:userid}/*"),
        ),
        (
            "RC-ROLE-002",
            acts("sts:AssumeRole", "arn:aws:iam::111111111111:role/ci"),
            acts("sts:AssumeRole", ROLE),
        ),
        (
            "RC-MFA-001",
            deny(r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#),
            deny(r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#),
        ),
        (
            "RC-COND-001",
            allow(r#""StringEquals":{"s3:prefix":"home/*"}"#),
            allow(r#""StringLike":{"s3:prefix":"home/*"}"#),
        ),
        (
            "RC-COND-002",
            allow(r#""IpAddress":{"aws:SourceIp":"10.0.0.0/33"}"#),
            allow(r#""IpAddress":{"aws:SourceIp":"10.0.0.0/32"}"#),
        ),
        (
            "RC-COND-003",
            allow(
                r#""ArnLike":{"aws:SourceArn":"arn:aws:sts::111111111111:assumed-role/team/ci/build"}"#,
            ),
            allow(
                r#""ArnLike":{"aws:SourceArn":"arn:aws:sts::111111111111:assumed-role/ci/build"}"#,
            ),
        ),
        (
            "RC-COND-004",
            allow(
                r#""ArnLike":{"aws:PrincipalArn":"arn:aws:sts::111111111111:assumed-role/ci/*"}"#,
            ),
            allow(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/team/ci"}"#),
        ),
        (
            "RC-COND-005",
            allow(r#""StringEquals":{"s3:prefix":[]}"#),
            allow(r#""StringEquals":{"s3:prefix":[""]}"#),
        ),
        (
            "RC-COND-006",
            allow(r#""StringLike":{"aws:SourceIp":"10.0.0.1"}"#),
            allow(r#""IpAddress":{"aws:SourceIp":"10.0.0.1"}"#),
        ),
        (
            "RC-ACTION-001",
            acts("eks:ListCluster", "*"),
            acts("eks:listclusters", "*"),
        ),
        (
            "RC-ACTION-002",
            acts(
                "eks:ListClusters",
                "arn:aws:eks:us-west-2:111111111111:cluster/ci",
            ),
            acts(
                "eks:DescribeCluster",
                "arn:aws:eks:us-west-2:111111111111:cluster/ci",
            ),
        ),
        (
            "RC-SCOPE-001",
            r#""Effect":"Allow","NotAction":"iam:*","Resource":"*""#.to_owned(),
            r#""Effect":"Deny","NotAction":"iam:*","Resource":"*""#.to_owned(),
        ),
    ]
}

#[test]
fn each_warning_fires_alone_and_not_on_a_near_miss() {
    for (code, fires, near_miss) in rows() {
        assert_eq!(found(&document(&fires), &Here), [code], "{fires}");
        assert_eq!(found(&document(&near_miss), &Here), [""; 0], "{near_miss}");
    }
}

#[test]
fn a_trusted_role_that_is_gone_is_noticed() {
    let trust = document(&format!(
        r#""Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"sts:AssumeRole""#
    ));
    assert_eq!(found(&trust, &Gone), ["RC-TRUST-007"]);
    assert_eq!(found(&trust, &Here), [""; 0]);
}

#[test]
fn variables_of_an_old_document_are_noticed() {
    let text = |version: &str| {
        format!(
            r#"{{{version}"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"111111111111"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:RoleSessionName":"${{aws:username}}"}}}}}}]}}"#
        )
    };
    let found = |version| {
        found(
            TrustPolicy::parse(&text(version), &Here)
                .unwrap()
                .document(),
            &Here,
        )
    };
    assert_eq!(found(""), ["RC-LANG-001"]);
    assert_eq!(found(r#""Version":"2012-10-17","#), [""; 0]);
}

#[test]
fn a_misspelt_action_is_answered_with_the_one_that_was_meant() {
    let document = document(&acts("eks:ListCluster", "*"));
    let found = warnings(&document, Holder::Anybody, &Here);
    assert_eq!(
        found[0].message,
        "there is no `eks:ListCluster`: did you mean `eks:ListClusters`?"
    );
    assert_eq!((found[0].line, found[0].column), (1, 56));
}

#[test]
fn every_code_is_explained_and_has_its_row() {
    let mut tested: BTreeSet<_> = rows().into_iter().map(|(code, _, _)| code).collect();
    tested.extend(["RC-TRUST-007", "RC-LANG-001"]);
    assert_eq!(codes().collect::<BTreeSet<_>>(), tested);
    for code in tested {
        assert!(
            explanation(code).is_some_and(|text| text.lines().count() > 1),
            "{code}"
        );
    }
}
