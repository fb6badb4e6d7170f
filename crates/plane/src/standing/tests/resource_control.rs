//! Which services the resource control policies of an organisation guard.

use super::*;
use iam::declare_organisation;
use iam::{Organisation, OrganisationNode, OrganisationPolicy};

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const MANAGEMENT: &str = "999999999999";

/// Both accounts of the seed in an organisation that denies these actions on what they own.
fn denying(actions: &str) -> World {
    let mut world = World::of_the_seed(SUBJECT, &trust(CI_ROLE), Some(EVERYTHING));
    let denied = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":{actions},"Resource":"*"}}}}"#
    );
    let root = OrganisationNode {
        resource_control: vec![named("denied", &denied)],
        children: vec![member(CI), member(PROD)],
        ..open("r-root")
    };
    let management = MANAGEMENT.parse().unwrap();
    let organisation = Organisation::new("o-seed".to_owned(), management, root).unwrap();
    let declared = declare_organisation(&world.accounts, &organisation).unwrap();
    world.commit(declared.transaction);
    world
}

fn open(id: &str) -> OrganisationNode {
    OrganisationNode {
        id: id.to_owned(),
        service_control: vec![named("FullAWSAccess", EVERYTHING)],
        ..OrganisationNode::default()
    }
}

fn member(account: &str) -> OrganisationNode {
    OrganisationNode {
        account: Some(account.parse().unwrap()),
        ..open(account)
    }
}

fn named(name: &str, document: &str) -> OrganisationPolicy {
    OrganisationPolicy {
        arn: format!("arn:aws:organizations::{MANAGEMENT}:policy/o-seed/{name}"),
        name: name.to_owned(),
        document: document.to_owned(),
    }
}

struct ListRoles;
struct ListClusters;

impl Operation for ListRoles {
    const ACTION: &'static str = "iam:ListRoles";
    type Target = ();
}

impl Operation for ListClusters {
    const ACTION: &'static str = "eks:ListClusters";
    type Target = ();
}

fn may<Op: Operation<Target = ()>>(world: &World) -> bool {
    let opened = world.first(PassedPolicies::default()).unwrap();
    let caller = world.caller(&opened);
    let resource = Resource::unnamed((), caller.account());
    let standing = world.standing();
    standing
        .authorise::<Op>(&caller, resource, &RequestContext::new())
        .is_ok()
}

#[test]
fn they_guard_roles_that_are_assumed() {
    let world = denying(r#"["sts:AssumeRole"]"#);
    check_denied(world.second(PassedPolicies::default()), PROD_REFUSES);
    let world = denying(r#"["sts:AssumeRoleWithWebIdentity"]"#);
    let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    check_denied(world.first(PassedPolicies::default()), text);
}

#[test]
fn they_leave_iam_and_eks_alone() {
    let world = denying(r#"["iam:*", "eks:*"]"#);
    assert!(may::<ListRoles>(&world));
    assert!(may::<ListClusters>(&world));
    assert!(world.second(PassedPolicies::default()).is_ok());
}
