//! Which levels of the organisation bind which account.

use crate::world::{ALLOWS, World, ci, prod};
use iam::{Organisation, OrganisationNode, OrganisationPolicy, declare_organisation};
use names::AccountId;

fn node(id: &str, account: Option<AccountId>, children: Vec<OrganisationNode>) -> OrganisationNode {
    let policy = OrganisationPolicy {
        arn: format!("arn:aws:organizations::{}:policy/{id}", ci()),
        name: id.into(),
        document: ALLOWS.into(),
    };
    OrganisationNode {
        id: id.into(),
        account,
        service_control: vec![policy],
        resource_control: Vec::new(),
        children,
    }
}

fn organisation() -> Organisation {
    let unit = node(
        "ou-1",
        None,
        vec![node("444444444444", Some(prod()), vec![])],
    );
    let root = node(
        "r-1",
        None,
        vec![node("111111111111", Some(ci()), vec![]), unit],
    );
    Organisation::new("o-1".into(), ci(), root)
}

#[test]
fn a_member_is_bound_by_each_level_and_the_management_account_by_none() {
    let mut world = World::new();
    world
        .run(|accounts| declare_organisation(accounts, &organisation()))
        .unwrap();
    let read = world.reread();
    for accounts in [&world.accounts, &read] {
        let organisation = accounts.organisation().unwrap();
        assert_eq!(organisation.service_control(prod()).unwrap().len(), 3);
        assert_eq!(organisation.resource_control(prod()).unwrap().len(), 3);
        assert!(organisation.service_control(ci()).is_none());
        assert!(
            organisation
                .service_control("222222222222".parse().unwrap())
                .is_none()
        );
        assert_eq!(organisation.path_of(prod()), Some("o-1/r-1/ou-1/"));
        assert_eq!(organisation.path_of(ci()), Some("o-1/r-1/"));
    }
}

#[test]
fn an_organisation_with_a_policy_that_is_none_is_refused() {
    let world = World::new();
    let mut broken = organisation();
    broken.root.children[1].service_control[0].document = "{".into();
    let refused = declare_organisation(&world.accounts, &broken).unwrap_err();
    assert_eq!(refused.code(), "MalformedPolicyDocument");
}

#[test]
fn an_organisation_is_declared_anew_only_on_the_newest_picture() {
    let mut world = World::new();
    world
        .run(|accounts| declare_organisation(accounts, &organisation()))
        .unwrap();
    world
        .run(|accounts| declare_organisation(accounts, &organisation()))
        .unwrap();
}
