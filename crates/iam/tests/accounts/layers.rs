//! What a principal's own policies allow, and that what cannot be read allows nothing.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, ready};
use iam::Role;
use iam::operations::{attachments, inline};
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
