//! Malformed documents are refused in IAM's own words wherever they are written.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, now};
use iam::operations::{inline, policies, trust};
use iam::{Group, IamError, Role, User};
use names::Path;

fn refused<T: std::fmt::Debug>(result: Result<T, IamError>, text: &str) {
    let refused = result.unwrap_err();
    assert_eq!(
        (
            refused.code(),
            refused.status(),
            refused.to_string().as_str()
        ),
        ("MalformedPolicyDocument", 400, text)
    );
}

/// Every door of a permissions policy gives the same answer.
fn permissions(document: &str, text: &str) {
    let mut world = World::new();
    world.role(ci(), "x", TRUSTS_EC2).unwrap();
    world.user(ci(), "x").unwrap();
    let account = world.accounts.account(ci()).unwrap();
    let new = policies::NewPolicy {
        path: Path::root(),
        name: "p".parse().unwrap(),
        document: document.into(),
        description: None,
        tags: Vec::new(),
    };
    let (x, p) = ("x".parse().unwrap(), "p".parse().unwrap());
    refused(policies::create_policy(account, new, now(), [1; 11]), text);
    refused(
        inline::put_policy::<Role>(account, &x, p, document.into()),
        text,
    );
    let (x, p) = ("x".parse().unwrap(), "p".parse().unwrap());
    refused(
        inline::put_policy::<User>(account, &x, p, document.into()),
        text,
    );
    let (g, p) = ("g".parse().unwrap(), "p".parse().unwrap());
    let missing = inline::put_policy::<Group>(account, &g, p, document.into()).unwrap_err();
    assert_eq!(
        missing.code(),
        "NoSuchEntity",
        "who is not there comes first"
    );
}

#[test]
fn a_permissions_policy_is_refused_in_the_words_of_iam() {
    let changed = |from: &str, to: &str| ALLOWS.replace(from, to);
    let (syntax, version) = (
        "Syntax errors in policy.",
        "Policy document must be version 2012-10-17 or greater.",
    );
    permissions("{", syntax);
    permissions(r#"{"Version":"2012-10-17","Statement":[]}"#, syntax);
    permissions(&changed("2012-10-17", "2020-01-01"), syntax);
    permissions(&changed("2012-10-17", "2008-10-17"), version);
    permissions(&changed(r#""Version":"2012-10-17","#, ""), version);
    permissions(
        &changed(r#""Action""#, r#""Principal":"*","Action""#),
        "Policy document should not specify a principal.",
    );
    permissions(
        &changed("Allow", "allow"),
        "The policy failed legacy parsing",
    );
    permissions(
        &changed(r#""Action":"eks:ListClusters","#, ""),
        "Policy statement must contain actions.",
    );
    permissions(
        &changed(r#""Resource":"*""#, r#""Resource":"bucket""#),
        r#"Resource bucket must be in ARN format or "*"."#,
    );
    permissions(
        &changed("eks:ListClusters", "ListClusters"),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    );
    permissions(
        &changed(r#","Resource":"*""#, ""),
        "Policy statement must contain resources.",
    );
}

/// Both doors of a trust policy give the same answer.
fn trusts(document: &str, text: &str) {
    let mut world = World::new();
    world.role(ci(), "x", TRUSTS_EC2).unwrap();
    refused(world.role(ci(), "new", document), text);
    let x = "x".parse().unwrap();
    let update = trust::update_assume_role_policy(&world.accounts, ci(), &x, document);
    refused(update, text);
}

#[test]
fn a_trust_policy_is_refused_in_the_words_of_iam() {
    let changed = |from: &str, to: &str| TRUSTS_EC2.replace(from, to);
    let principal = r#"{"Service":"ec2.amazonaws.com"}"#;
    trusts("{", "This policy contains invalid Json");
    trusts(
        &changed("2012-10-17", "2020-01-01"),
        "The policy must contain a valid version string",
    );
    trusts(
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        "Could not parse the policy: Statement is empty!",
    );
    trusts(
        &changed(r#""Effect":"Allow","#, ""),
        "Missing required field Effect",
    );
    trusts(&changed("Allow", "allow"), "Invalid effect: allow");
    trusts(
        &changed(r#""Principal""#, r#""NotPrincipal""#),
        "Allow with NotPrincipal is not allowed.",
    );
    trusts(
        &changed(&format!(r#""Principal":{principal},"#), ""),
        "Missing required field Principal",
    );
    trusts(
        &changed(principal, "{}"),
        "Missing required field Principal cannot be empty!",
    );
    trusts(
        &changed(principal, r#""*""#),
        "Principal must be a JSON object.",
    );
    trusts(
        &changed(r#","Action":"sts:AssumeRole""#, ""),
        "Missing required field Action",
    );
    trusts(
        &changed("sts:AssumeRole", "*"),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    );
    trusts(
        &changed(r#""Action""#, r#""Resource":"*","Action""#),
        "Has prohibited field Resource",
    );
    trusts(
        &changed("ec2.amazonaws.com", "ec2"),
        r#"Invalid principal in policy: "SERVICE":"ec2""#,
    );
    trusts(
        &changed(principal, r#"{"Federated":"example.org"}"#),
        r#"Invalid principal in policy: "FEDERATED":"example.org""#,
    );
}
