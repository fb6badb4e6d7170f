//! What a principal's own policies allow, and that what cannot be read allows nothing.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, now, ready};
use iam::operations::{attachments, boundaries, groups, inline};
use iam::{Group, Role, User};
use names::{Path, PolicyArn};
use policy::{Decision, Layers, Principal, Question, RequestContext, decide};
use store::{Key, Store, Transaction};

/// A world whose role `r` is an administrator with an inline policy.
fn world() -> World {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    let (r, admin) = (
        "r".parse().unwrap(),
        "arn:aws:iam::aws:policy/AdministratorAccess"
            .parse()
            .unwrap(),
    );
    world
        .run(|a| attachments::attach_policy::<Role>(a.account(ci())?, &r, &admin))
        .unwrap();
    let denies = ALLOWS.replace("Allow", "Deny");
    world
        .run(|a| inline::put_policy::<Role>(a.account(ci())?, &r, "p".parse().unwrap(), denies))
        .unwrap();
    world
}

fn decided(world: &World, action: &str) -> Decision {
    let account = world.accounts.account(ci()).unwrap();
    let role = account.find::<Role>(&"r".parse().unwrap()).unwrap();
    let principal = Principal::RoleSession {
        role: account.role_arn(role),
        role_id: role.id.clone(),
        session: "session".parse().unwrap(),
    };
    let question = Question {
        principal: &principal,
        action,
        resource: "*",
        resource_account: ci(),
        context: &RequestContext::new(),
    };
    let layers = Layers {
        identity: Some(&account.role_layers(role).identity),
        ..Layers::default()
    };
    decide(&question, &layers)
}

#[test]
fn inline_and_managed_policies_are_one_layer() {
    let world = world();
    assert!(matches!(
        decided(&world, "eks:ListClusters"),
        Decision::ExplicitDeny { .. }
    ));
    assert!(matches!(
        decided(&world, "eks:CreateCluster"),
        Decision::Allow { .. }
    ));
}

#[test]
fn one_policy_that_cannot_be_read_takes_away_what_the_others_allow() {
    let mut world = world();
    let key = Key::new(format!("iam/{}/role/r", ci()));
    let stored = world
        .stored(&key)
        .replace("eks:ListClusters", "ListClusters");
    let damage = Transaction::new().put(key, stored.into_bytes());
    ready(world.store.commit(damage)).unwrap();
    world.accounts = world.reread();
    for action in ["eks:ListClusters", "eks:CreateCluster"] {
        let decision = decided(&world, action);
        assert!(
            matches!(decision, Decision::ImplicitDeny { .. }),
            "{decision:?}"
        );
    }
}

fn read_only() -> PolicyArn {
    "arn:aws:iam::aws:policy/ReadOnlyAccess".parse().unwrap()
}

#[test]
fn a_boundary_is_a_layer_of_its_role_and_of_its_user() {
    let mut world = world();
    world.user(ci(), "u").unwrap();
    let bounded = |world: &World| {
        let account = world.accounts.account(ci()).unwrap();
        let role = account.find::<Role>(&"r".parse().unwrap()).unwrap();
        let user = account.find::<User>(&"u".parse().unwrap()).unwrap();
        let layers = [account.role_layers(role), account.user_layers(user)];
        layers.map(|layers| {
            let boundary = layers.boundary.as_ref();
            boundary.map(|set| {
                set.documents()
                    .map(|(source, _)| source.name.clone())
                    .collect()
            })
        })
    };
    assert_eq!(bounded(&world), [None::<Vec<String>>, None]);
    let (r, u) = ("r".parse().unwrap(), "u".parse().unwrap());
    world
        .run(|a| boundaries::put_permissions_boundary::<Role>(a.account(ci())?, &r, read_only()))
        .unwrap();
    world
        .run(|a| boundaries::put_permissions_boundary::<User>(a.account(ci())?, &u, read_only()))
        .unwrap();
    let both = Some(vec!["ReadOnlyAccess".to_owned()]);
    assert_eq!(bounded(&world), [both.clone(), both]);
}

#[test]
fn the_policies_of_a_users_groups_are_its_own() {
    let mut world = World::new();
    world.user(ci(), "u").unwrap();
    let (u, g) = ("u".parse().unwrap(), "g".parse().unwrap());
    let names = |world: &World| -> Vec<String> {
        let account = world.accounts.account(ci()).unwrap();
        let layers = account.user_layers(account.find::<User>(&u).unwrap());
        let documents = layers.identity.documents();
        documents.map(|(source, _)| source.name.clone()).collect()
    };
    let random = world.random();
    world
        .run(|a| {
            groups::create_group(
                a.account(ci())?,
                Path::root(),
                "g".parse().unwrap(),
                now(),
                random,
            )
        })
        .unwrap();
    world
        .run(|a| attachments::attach_policy::<Group>(a.account(ci())?, &g, &read_only()))
        .unwrap();
    assert_eq!(names(&world), [""; 0]);
    world
        .run(|a| groups::add_user_to_group(a.account(ci())?, &g, &u))
        .unwrap();
    assert_eq!(names(&world), ["ReadOnlyAccess"]);
}
