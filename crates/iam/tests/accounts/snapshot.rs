//! The picture kept up to date is the picture built anew.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, contents, now, trusts};
use iam::operations::{attachments, groups, policies, roles, users};
use iam::{Account, Role, User};
use names::Path;
use proptest::prelude::*;
use std::sync::Arc;
use store::Store;

#[derive(Debug, Clone)]
enum Step {
    CreateRole(u8),
    DeleteRole(u8),
    TrustRole(u8, u8),
    CreateUser(u8),
    DeleteUser(u8),
    CreateGroup(u8),
    Join(u8, u8),
    CreatePolicy(u8),
    Attach(u8, u8),
    AddVersion(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0u8..3;
    prop_oneof![
        n().prop_map(Step::CreateRole),
        n().prop_map(Step::DeleteRole),
        (n(), n()).prop_map(|(a, b)| Step::TrustRole(a, b)),
        n().prop_map(Step::CreateUser),
        n().prop_map(Step::DeleteUser),
        n().prop_map(Step::CreateGroup),
        (n(), n()).prop_map(|(a, b)| Step::Join(a, b)),
        n().prop_map(Step::CreatePolicy),
        (n(), n()).prop_map(|(a, b)| Step::Attach(a, b)),
        n().prop_map(Step::AddVersion),
    ]
}

/// Takes a step; a refusal is an answer too, and must change nothing.
fn take(world: &mut World, step: &Step) {
    let random = world.random();
    let role = |n: &u8| format!("r{n}");
    let arn = |n: &u8| {
        format!("arn:aws:iam::111111111111:policy/p{n}")
            .parse()
            .unwrap()
    };
    let _refused = match step {
        Step::CreateRole(n) => world.role(ci(), &role(n), TRUSTS_EC2).map(drop),
        Step::DeleteRole(n) => {
            world.run(|a| roles::delete_role(a.account(ci())?, &role(n).parse().unwrap()))
        }
        Step::TrustRole(n, by) => world
            .role(
                ci(),
                &role(n),
                &trusts(&format!("arn:aws:iam::111111111111:role/{}", role(by))),
            )
            .map(drop),
        Step::CreateUser(n) => world.user(ci(), &format!("u{n}")).map(drop),
        Step::DeleteUser(n) => {
            world.run(|a| users::delete_user(a.account(ci())?, &format!("u{n}").parse().unwrap()))
        }
        Step::CreateGroup(n) => world
            .run(|a| {
                groups::create_group(
                    a.account(ci())?,
                    Path::root(),
                    format!("g{n}").parse().unwrap(),
                    now(),
                    random,
                )
            })
            .map(drop),
        Step::Join(g, u) => world.run(|a| {
            let (group, user) = (
                format!("g{g}").parse().unwrap(),
                format!("u{u}").parse().unwrap(),
            );
            groups::add_user_to_group(a.account(ci())?, &group, &user)
        }),
        Step::CreatePolicy(n) => world
            .run(|a| policies::create_policy(a.account(ci())?, new_policy(*n), now(), random))
            .map(drop),
        Step::Attach(r, p) => world.run(|a| {
            attachments::attach_policy::<Role>(a.account(ci())?, &role(r).parse().unwrap(), &arn(p))
        }),
        Step::AddVersion(n) => world
            .run(|a| {
                policies::create_policy_version(
                    a.account(ci())?,
                    &arn(n),
                    ALLOWS.into(),
                    true,
                    now(),
                )
            })
            .map(drop),
    };
}

fn new_policy(n: u8) -> policies::NewPolicy {
    let name = format!("p{n}").parse().unwrap();
    policies::NewPolicy {
        path: Path::root(),
        name,
        document: ALLOWS.into(),
        description: None,
        tags: Vec::new(),
    }
}

proptest! {
    #[test]
    fn built_step_by_step_is_built_at_once(steps in prop::collection::vec(step(), 0..40)) {
        let mut world = World::new();
        for step in &steps {
            take(&mut world, step);
        }
        prop_assert_eq!(contents(&world.accounts), contents(&world.reread()));
    }
}

#[test]
fn a_writer_on_an_old_picture_conflicts() {
    let mut world = World::new();
    let old = world.accounts.clone();
    world.user(ci(), "first").unwrap();
    let new = users::NewUser {
        path: Path::root(),
        name: "second".parse().unwrap(),
        boundary: None,
        tags: vec![],
    };
    let late = users::create_user(old.account(ci()).unwrap(), new, now(), [9; 11]).unwrap();
    let mut future = world.store.commit(late.transaction);
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    let refused = match future.as_mut().poll(&mut task) {
        std::task::Poll::Ready(result) => result.is_err(),
        std::task::Poll::Pending => false,
    };
    assert!(refused);
}

#[test]
fn what_was_compiled_is_dropped_when_what_it_came_from_changes() {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    world.role(ci(), "other", TRUSTS_EC2).unwrap();
    take(&mut world, &Step::CreatePolicy(0));
    let arn = "arn:aws:iam::111111111111:policy/p0".parse().unwrap();
    world
        .run(|a| attachments::attach_policy::<Role>(a.account(ci())?, &"r".parse().unwrap(), &arn))
        .unwrap();

    let layers = |account: &Account, name: &str| {
        Arc::clone(account.role_layers(account.find::<Role>(&name.parse().unwrap()).unwrap()))
    };
    let account = Arc::clone(world.accounts.get(ci()).unwrap());
    let (before, other) = (layers(&account, "r"), layers(&account, "other"));
    assert!(
        Arc::ptr_eq(&before, &layers(&account, "r")),
        "compiled once"
    );

    take(&mut world, &Step::AddVersion(0));
    let account = Arc::clone(world.accounts.get(ci()).unwrap());
    assert!(!Arc::ptr_eq(&before, &layers(&account, "r")));
    assert!(
        Arc::ptr_eq(&other, &layers(&account, "other")),
        "unrelated roles keep theirs"
    );
}

#[test]
fn a_users_permissions_follow_its_groups() {
    let mut world = World::new();
    world.user(ci(), "u0").unwrap();
    take(&mut world, &Step::CreateGroup(0));
    let layers = |world: &World| {
        let account = world.accounts.account(ci()).unwrap();
        Arc::clone(account.user_layers(account.find::<User>(&"u0".parse().unwrap()).unwrap()))
    };
    let alone = layers(&world);
    take(&mut world, &Step::Join(0, 0));
    assert!(!Arc::ptr_eq(&alone, &layers(&world)));
}

#[test]
fn a_renamed_user_keeps_its_id_and_its_keys_whichever_event_comes_first() {
    for (old, new) in [("a", "z"), ("z", "a"), ("a", "A")] {
        let mut world = World::new();
        let user = world.user(ci(), old).unwrap();
        let renamed = |account: &Account| {
            users::update_user(
                account,
                &old.parse().unwrap(),
                Some(new.parse().unwrap()),
                None,
            )
        };
        world
            .run(|accounts| renamed(accounts.account(ci())?))
            .unwrap();
        let account = world.accounts.account(ci()).unwrap();
        assert_eq!(
            account.user_by_id(&user.id).unwrap().name.as_str(),
            new,
            "{old} to {new}"
        );
        assert_eq!(contents(&world.accounts), contents(&world.reread()));
    }
}
