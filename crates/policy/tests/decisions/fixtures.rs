//! Two accounts, one caller of each kind, and short ways to write documents.

use names::{AccountId, Arn, UniqueId};
use policy::{
    Decision, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal,
    PrincipalDirectory, Question, RequestContext, TrustPolicy,
};

pub(crate) const CI: &str = "111111111111";
pub(crate) const DEV: &str = "222222222222";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";
pub(crate) const USER: &str = "arn:aws:iam::111111111111:user/bob";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";
pub(crate) const OTHER_PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/B";
pub(crate) const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/build";
pub(crate) const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/guest";
pub(crate) const TARGET: &str = "arn:aws:iam::222222222222:role/dev-role";
pub(crate) const OWN_TARGET: &str = "arn:aws:iam::111111111111:role/dev-role";

pub(crate) fn id_of_role() -> UniqueId {
    "AROAAAAAAAAAAAAAAAAAA".parse().expect("an id")
}

pub(crate) fn id_of_user() -> UniqueId {
    "AIDAAAAAAAAAAAAAAAAAA".parse().expect("an id")
}

pub(crate) struct Directory;

impl PrincipalDirectory for Directory {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        match arn.as_str() {
            ROLE => Some(id_of_role()),
            USER => Some(id_of_user()),
            _ => None,
        }
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

pub(crate) fn user() -> Principal {
    Principal::User {
        arn: USER.parse().expect("an ARN"),
        id: id_of_user(),
    }
}

pub(crate) fn session() -> Principal {
    Principal::RoleSession {
        role: ROLE.parse().expect("an ARN"),
        role_id: id_of_role(),
        session: "build".parse().expect("a name"),
    }
}

pub(crate) fn federated() -> Principal {
    Principal::FederatedUser {
        name: "guest".parse().expect("a name"),
        user: USER.parse().expect("an ARN"),
        user_id: id_of_user(),
    }
}

pub(crate) fn root() -> Principal {
    Principal::Root {
        partition: names::Partition::Aws,
        account: account(CI),
    }
}

pub(crate) fn service() -> Principal {
    Principal::Service {
        name: "pods.eks.amazonaws.com".to_owned(),
    }
}

pub(crate) fn web() -> Principal {
    Principal::WebIdentity {
        provider: PROVIDER.parse().expect("an ARN"),
    }
}

pub(crate) fn account(digits: &str) -> AccountId {
    digits.parse().expect("an account")
}

/// A set of one document with one statement.
pub(crate) fn set(kind: PolicyKind, elements: &str) -> PolicySet {
    let text = format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{{{elements}}}]}}");
    let policy = PermissionsPolicy::parse(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let source = PolicySource {
        kind,
        arn: (kind == PolicyKind::Boundary)
            .then(|| "arn:aws:iam::111111111111:policy/edge".to_owned()),
        name: "inline".to_owned(),
        attached_to: None,
        text: text.into(),
    };
    PolicySet::compile(vec![(source, policy.document().clone())])
}

pub(crate) fn trust(elements: &str) -> TrustPolicy {
    let text = format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{{{elements}}}]}}");
    TrustPolicy::parse(&text, &Directory).unwrap_or_else(|why| panic!("{why}: {text}"))
}

pub(crate) fn trusting(principal: &str) -> TrustPolicy {
    trust(&format!(
        r#""Effect":"Allow","Principal":{principal},"Action":"sts:*""#
    ))
}

pub(crate) fn assume<'a>(
    principal: &'a Principal,
    target: &'a str,
    context: &'a RequestContext,
) -> Question<'a> {
    let owner = if target == TARGET { DEV } else { CI };
    Question {
        principal,
        action: "sts:AssumeRole",
        resource: target,
        resource_account: account(owner),
        context,
    }
}

/// The answer in a word or two.
pub(crate) fn said(decision: Decision) -> String {
    match decision {
        Decision::Allow { .. } => "allow".to_owned(),
        Decision::ExplicitDeny { by } => format!("{:?} denies", by.layer),
        Decision::ImplicitDeny { layer } => format!("{layer:?} is silent"),
    }
}

pub(crate) const ALLOW: &str = r#""Effect":"Allow","Action":"sts:*","Resource":"*""#;
pub(crate) const DENY: &str = r#""Effect":"Deny","Action":"sts:*","Resource":"*""#;
pub(crate) const SILENT: &str = r#""Effect":"Allow","Action":"s3:*","Resource":"*""#;
