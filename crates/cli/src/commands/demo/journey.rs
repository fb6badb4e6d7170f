//! The journey: a pod's token in `ci` becomes a session there, then one in `prod`, which reads
//! clusters. `${...}` is filled in by [`super::Stage::input`].

use super::forgery::Forgery;
use super::{Call, Step, Token, Who};

/// The service account whose journey it is.
pub(super) const POD: &str = "ci-namespace/ci-serviceaccount@ci";

/// The audience that STS wants.
pub(super) const STS: &str = "sts.amazonaws.com";

const CI: Who = Who::Administrator("ci");
const PROD: Who = Who::Administrator("prod");

pub(super) const STEPS: &[Step] = &[
    step(
        "The administrator of `ci` asks who it is",
        "its access key signs, and the plane knows whose key that is",
        call(CI, "sts", "GetCallerIdentity", "{}"),
        "/Arn",
    ),
    step(
        "`ci` takes the issuer of its cluster as a provider of identities",
        "tokens of that cluster, for audience sts.amazonaws.com, may be shown to this account",
        call(
            CI,
            "iam",
            "CreateOpenIDConnectProvider",
            r#"{ "Url": "${issuer.ci}", "ClientIDList": ["sts.amazonaws.com"] }"#,
        ),
        "/OpenIDConnectProviderArn",
    ),
    step(
        "`ci` makes a role that trusts one service account",
        "the trust policy names the provider, the audience and the subject, and nobody else",
        call(
            CI,
            "iam",
            "CreateRole",
            r#"{
              "RoleName": "ci-account-iam-role",
              "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                  "Effect": "Allow",
                  "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/${provider.ci}" },
                  "Action": "sts:AssumeRoleWithWebIdentity",
                  "Condition": { "StringEquals": {
                    "${provider.ci}:aud": "sts.amazonaws.com",
                    "${provider.ci}:sub": "system:serviceaccount:ci-namespace:ci-serviceaccount"
                  } }
                }]
              }
            }"#,
        ),
        "/Role/Arn",
    ),
    step(
        "`ci` writes a policy that lets its bearer go on to `prod`",
        "the permission names one role in the other account",
        call(
            CI,
            "iam",
            "CreatePolicy",
            r#"{
              "PolicyName": "assume-target-role",
              "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                  "Effect": "Allow",
                  "Action": "sts:AssumeRole",
                  "Resource": "arn:aws:iam::444444444444:role/target-account-iam-role"
                }]
              }
            }"#,
        ),
        "/Policy/Arn",
    ),
    step(
        "`ci` attaches it to the role",
        "one half of crossing over: the caller's own account allows it",
        call(
            CI,
            "iam",
            "AttachRolePolicy",
            r#"{ "RoleName": "ci-account-iam-role", "PolicyArn": "arn:aws:iam::111111111111:policy/assume-target-role" }"#,
        ),
        "",
    ),
    step(
        "`prod` makes a role that trusts the role in `ci`",
        "the other half: the account that is entered allows it",
        call(
            PROD,
            "iam",
            "CreateRole",
            r#"{
              "RoleName": "target-account-iam-role",
              "MaxSessionDuration": 7200,
              "MaxSessionDuration": 7200,
              "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                  "Effect": "Allow",
                  "Principal": { "AWS": "arn:aws:iam::111111111111:role/ci-account-iam-role" },
                  "Action": "sts:AssumeRole"
                }]
              }
            }"#,
        ),
        "/Role/Arn",
    ),
    step(
        "`prod` writes a policy that reads clusters",
        "what the session may do is decided in the account that it ends up in",
        call(
            PROD,
            "iam",
            "CreatePolicy",
            r#"{
              "PolicyName": "read-clusters",
              "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                  "Effect": "Allow",
                  "Action": ["eks:ListClusters", "eks:DescribeCluster"],
                  "Resource": "*"
                }]
              }
            }"#,
        ),
        "/Policy/Arn",
    ),
    step(
        "`prod` attaches it to its role",
        "everything is in place; no key was handed out",
        call(
            PROD,
            "iam",
            "AttachRolePolicy",
            r#"{ "RoleName": "target-account-iam-role", "PolicyArn": "arn:aws:iam::444444444444:policy/read-clusters" }"#,
        ),
        "",
    ),
    Step {
        title: "The cluster `ci` mints a token for ci-namespace/ci-serviceaccount",
        proves: "the cluster vouches for the pod, for one audience and one hour",
        token: Some(Token {
            service_account: POD,
            audience: STS,
            forgery: Forgery::None,
        }),
        call: None,
        shows: "/issuer",
        keeps: None,
    },
    Step {
        keeps: Some("ci"),
        ..step(
            "The pod exchanges its token for a session in `ci`",
            "signature, issuer, audience and subject of the token satisfy the role's trust",
            call(Who::Nobody, "sts", "AssumeRoleWithWebIdentity", EXCHANGE),
            "/AssumedRoleUser/Arn",
        )
    },
    step(
        "The session asks who it is",
        "temporary keys sign, and are those of the role in `ci`",
        call(Who::Session("ci"), "sts", "GetCallerIdentity", "{}"),
        "/Arn",
    ),
    Step {
        keeps: Some("prod"),
        ..step(
            "The session assumes the role in `prod`",
            "both accounts agreed: the caller's policy and the role's trust",
            call(Who::Session("ci"), "sts", "AssumeRole", CROSS),
            "/AssumedRoleUser/Arn",
        )
    },
    step(
        "The new session asks who it is",
        "the pod of `ci` acts in account 444444444444",
        call(Who::Session("prod"), "sts", "GetCallerIdentity", "{}"),
        "/Arn",
    ),
    step(
        "It lists the clusters of `prod`",
        "the policy in `prod` allows it",
        call(Who::Session("prod"), "eks", "ListClusters", "{}"),
        "/clusters",
    ),
    step(
        "It describes the cluster `prod`",
        "endpoint, authority and issuer are there for the next step: Kubernetes itself",
        call(
            Who::Session("prod"),
            "eks",
            "DescribeCluster",
            r#"{ "name": "prod" }"#,
        ),
        "/cluster/arn",
    ),
];

/// The exchange of the token in hand.
pub(super) const EXCHANGE: &str = r#"{
  "RoleArn": "arn:aws:iam::111111111111:role/ci-account-iam-role",
  "RoleSessionName": "demo",
  "WebIdentityToken": "${token}"
}"#;

/// The step into the other account.
pub(super) const CROSS: &str = r#"{
  "RoleArn": "arn:aws:iam::444444444444:role/target-account-iam-role",
  "RoleSessionName": "demo"
}"#;

const fn step(title: &'static str, proves: &'static str, call: Call, shows: &'static str) -> Step {
    Step {
        title,
        proves,
        token: None,
        call: Some(call),
        shows,
        keeps: None,
    }
}

pub(super) const fn call(
    who: Who,
    service: &'static str,
    operation: &'static str,
    input: &'static str,
) -> Call {
    Call {
        who,
        service,
        operation,
        input,
    }
}
