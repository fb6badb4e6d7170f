//! Which levels of the organisation bind which account.

use crate::world::{ALLOWS, World, ci, prod, ready};
use iam::{
    IamError, Organisation, OrganisationNode, OrganisationPolicy, Unreadable, declare_organisation,
    retract_organisation,
};
use names::AccountId;
use store::{Key, Store, Transaction};

const DENIES_STRANGERS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}]}"#;

fn attached(name: &str, document: &str) -> OrganisationPolicy {
    OrganisationPolicy {
        arn: format!("arn:aws:organizations::{}:policy/{name}", ci()),
        name: name.into(),
        document: document.into(),
    }
}

fn node(id: &str, account: Option<AccountId>, children: Vec<OrganisationNode>) -> OrganisationNode {
    OrganisationNode {
        id: id.into(),
        account,
        service_control: vec![attached(id, ALLOWS)],
        resource_control: Vec::new(),
        children,
    }
}

fn tree() -> OrganisationNode {
    let member = node("444444444444", Some(prod()), vec![]);
    let unit = node("ou-1", None, vec![member]);
    node(
        "r-1",
        None,
        vec![node("111111111111", Some(ci()), vec![]), unit],
    )
}

fn organisation(root: OrganisationNode) -> Result<Organisation, IamError> {
    Organisation::new("o-1".into(), ci(), root)
}

fn declare(world: &mut World, root: OrganisationNode) -> Result<(), IamError> {
    world.run(|accounts| declare_organisation(accounts, &organisation(root)?))
}

#[test]
fn a_member_is_bound_by_each_level_and_the_management_account_by_none() {
    let mut world = World::new();
    declare(&mut world, tree()).unwrap();
    let read = world.reread();
    for accounts in [&world.accounts, &read] {
        let organisation = accounts.organisation().unwrap();
        assert_eq!(organisation.service_control(prod()).unwrap().len(), 3);
        assert_eq!(organisation.resource_control(prod()).unwrap().len(), 3);
        assert!(organisation.service_control(ci()).is_none());
        let stranger = "222222222222".parse().unwrap();
        assert!(organisation.service_control(stranger).is_none());
        assert_eq!(organisation.path_of(prod()), Some("o-1/r-1/ou-1/"));
        assert_eq!(organisation.path_of(ci()), Some("o-1/r-1/"));
    }
}

#[test]
fn a_document_that_is_no_policy_of_its_kind_is_refused_before_it_is_written() {
    let check = |service: Option<&str>, resource: Option<&str>, text: &str| {
        let mut root = tree();
        let unit = &mut root.children[1];
        unit.service_control
            .extend(service.map(|text| attached("scp", text)));
        unit.resource_control
            .extend(resource.map(|text| attached("rcp", text)));
        let refused = organisation(root).unwrap_err();
        assert_eq!(refused.code(), "MalformedPolicyDocument");
        assert!(refused.to_string().starts_with(text), "{refused}");
    };
    let broken = |name| format!("policy `{name}` at `ou-1`, line 1 column ");
    check(Some("{"), None, &broken("scp"));
    check(None, Some("{"), &broken("rcp"));
    check(Some(DENIES_STRANGERS), None, &broken("scp"));
    check(None, Some(ALLOWS), &broken("rcp"));
}

#[test]
fn a_resource_control_policy_names_everybody_and_denies() {
    let mut root = tree();
    root.resource_control = vec![attached("rcp", DENIES_STRANGERS)];
    let mut world = World::new();
    declare(&mut world, root.clone()).unwrap();
    assert_eq!(*world.reread().organisation().unwrap().root(), root);
}

#[test]
fn a_stored_organisation_with_a_document_that_cannot_be_read_stops_the_reading() {
    let mut world = World::new();
    declare(&mut world, tree()).unwrap();
    let key = Key::new("iam/organisation");
    let stored = world.stored(&key).replace("2012-10-17", "2020-10-17");
    let damage = Transaction::new().put(key, stored.into_bytes());
    ready(world.store.commit(damage)).unwrap();
    let Unreadable { key, why } = world.try_reread().unwrap_err();
    assert_eq!(key, "iam/organisation");
    assert!(why.starts_with("policy `r-1` at `r-1`"), "{why}");
}

#[test]
fn an_organisation_is_declared_anew_only_on_the_newest_picture() {
    let mut world = World::new();
    declare(&mut world, tree()).unwrap();
    declare(&mut world, tree()).unwrap();
}

#[test]
fn an_organisation_that_is_declared_again_writes_nothing_and_a_retracted_one_is_gone() {
    let mut world = World::new();
    declare(&mut world, tree()).unwrap();
    let again = declare_organisation(&world.accounts, &organisation(tree()).unwrap()).unwrap();
    assert!(again.transaction.is_empty());
    let other = OrganisationNode::default();
    let changed = declare_organisation(&world.accounts, &organisation(other).unwrap()).unwrap();
    assert!(!changed.transaction.is_empty());
    world
        .run(|accounts| Ok(retract_organisation(accounts)))
        .unwrap();
    for accounts in [&world.accounts, &world.reread()] {
        assert!(accounts.organisation().is_none());
    }
    assert!(retract_organisation(&world.accounts).transaction.is_empty());
}
