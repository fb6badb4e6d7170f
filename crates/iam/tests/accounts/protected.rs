//! Roles and policies that belong to AWS change for nobody.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, now, ready};
use iam::operations::{
    attachments, boundaries, inline, instance_profiles, policies, roles, tags, trust,
};
use iam::{Account, IamError, Role, Tag, Written};
use names::{Path, PolicyArn, RoleName};
use store::{Key, Store, Transaction};

/// A world with the role `r` on a path, as AWS's service would have made it.
fn world(path: &str) -> World {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    let key = Key::new(format!("iam/{}/role/r", ci()));
    let moved = world
        .stored(&key)
        .replace(r#""path":"/""#, &format!(r#""path":"{path}""#));
    ready(
        world
            .store
            .commit(Transaction::new().put(key, moved.into_bytes())),
    )
    .unwrap();
    world.accounts = world.reread();
    world
}

fn refused(result: Result<Written<impl std::fmt::Debug>, IamError>) {
    let refused = result.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        ("UnmodifiableEntity", 400)
    );
    assert_eq!(
        refused.to_string(),
        "Cannot perform the operation on the protected role 'r' - this role is only modifiable by AWS"
    );
}

fn every_change(world: &World) {
    let account: &Account = world.accounts.account(ci()).unwrap();
    let role: &RoleName = &"r".parse().unwrap();
    let admin: PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess"
        .parse()
        .unwrap();
    let (policy, profile) = ("p".parse().unwrap(), &"i".parse().unwrap());
    refused(roles::update_role(account, role, None, Some(7_200)));
    refused(roles::update_role_description(account, role, "mine".into()));
    refused(roles::delete_role(account, role));
    refused(trust::update_assume_role_policy(
        &world.accounts,
        ci(),
        role,
        TRUSTS_EC2,
    ));
    refused(attachments::attach_policy::<Role>(account, role, &admin));
    refused(attachments::detach_policy::<Role>(account, role, &admin));
    refused(inline::delete_policy::<Role>(account, role, &policy));
    refused(inline::put_policy::<Role>(
        account,
        role,
        policy,
        ALLOWS.into(),
    ));
    refused(boundaries::put_permissions_boundary::<Role>(
        account, role, admin,
    ));
    refused(boundaries::delete_permissions_boundary::<Role>(
        account, role,
    ));
    let tag = Tag {
        key: "team".into(),
        value: "a".into(),
    };
    refused(tags::tag::<Role>(account, role, vec![tag]));
    refused(tags::untag::<Role>(account, role, &["team".into()]));
    refused(instance_profiles::add_role_to_instance_profile(
        account, profile, role,
    ));
    refused(instance_profiles::remove_role_from_instance_profile(
        account, profile, role,
    ));
}

#[test]
fn a_role_of_awss_own_services_changes_for_nobody() {
    every_change(&world("/aws-service-role/eks.amazonaws.com/"));
    every_change(&world("/aws-reserved/sso.amazonaws.com/"));
}

#[test]
fn a_role_beside_a_protected_path_is_an_ordinary_one() {
    for path in [
        "/",
        "/service-role/",
        "/aws-reserved-not/",
        "/team/aws-reserved/",
    ] {
        let world = world(path);
        let account = world.accounts.account(ci()).unwrap();
        roles::delete_role(account, &"r".parse().unwrap()).unwrap();
    }
}

#[test]
fn nobody_creates_a_role_on_a_protected_path() {
    let check = |path: &str, text: &str| {
        let new = roles::NewRole {
            path: path.parse::<Path>().unwrap(),
            name: "r".parse().unwrap(),
            trust: TRUSTS_EC2.into(),
            description: None,
            session_seconds_max: None,
            boundary: None,
            tags: Vec::new(),
        };
        let world = World::new();
        let refused = roles::create_role(&world.accounts, ci(), new, now(), [1; 11]).unwrap_err();
        assert_eq!((refused.code(), refused.status()), ("InvalidInput", 400));
        assert_eq!(refused.to_string(), text);
    };
    check(
        "/aws-service-role/eks.amazonaws.com/",
        "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
    );
    check(
        "/aws-reserved/",
        "Path prefix '/aws-reserved/' can only be used for AWS Service linked Roles",
    );
}

#[test]
fn a_policy_that_aws_manages_changes_for_nobody() {
    let world = World::new();
    let account = world.accounts.account(ci()).unwrap();
    let admin: PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess"
        .parse()
        .unwrap();
    let check = |result: Result<(), IamError>| {
        assert_eq!(result.unwrap_err(), IamError::ManagedByAws(admin.clone()));
    };
    check(policies::delete_policy(account, &admin).map(drop));
    check(policies::create_policy_version(account, &admin, ALLOWS.into(), true, now()).map(drop));
    check(policies::set_default_policy_version(account, &admin, 1, now()).map(drop));
    check(policies::delete_policy_version(account, &admin, 1, now()).map(drop));
    check(policies::own(account, &admin).map(drop));
}
