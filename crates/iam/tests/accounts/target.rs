//! What a call is decided on, and how it is named when it is refused.

use crate::world::{TRUSTS_EC2, World, ci, now};
use iam::operations::{boundaries, roles, tags};
use iam::{Role, Tag, Target};
use names::Path;

fn world() -> World {
    let mut world = World::new();
    let new = roles::NewRole {
        path: "/team/".parse().unwrap(),
        name: "ci".parse().unwrap(),
        trust: TRUSTS_EC2.into(),
        description: None,
        session_seconds_max: None,
        boundary: None,
        tags: Vec::new(),
    };
    world
        .run(|accounts| roles::create_role(accounts, ci(), new, now(), [1; 11]))
        .unwrap();
    world
}

#[test]
fn a_target_has_an_arn_and_a_name() {
    let world = world();
    let account = world.accounts.account(ci()).unwrap();
    let check = |target: Target, arn: &str, shown: &str| {
        assert_eq!(
            (target.arn(account).as_str(), target.shown(account).as_str()),
            (arn, shown)
        );
    };
    let (team, name) = ("/team/".parse::<Path>().unwrap(), "ci".parse().unwrap());
    check(
        Target::Role(name),
        "arn:aws:iam::111111111111:role/team/ci",
        "role ci",
    );
    check(
        Target::Role("gone".parse().unwrap()),
        "arn:aws:iam::111111111111:role/gone",
        "role gone",
    );
    let new = "arn:aws:iam::111111111111:role/team/new";
    check(
        Target::NewRole(team.clone(), "new".parse().unwrap()),
        new,
        new,
    );
    check(
        Target::NewPolicy(team, "p".parse().unwrap()),
        "arn:aws:iam::111111111111:policy/team/p",
        "policy p",
    );
    let list = "arn:aws:iam::111111111111:role/";
    check(Target::List("role"), list, list);
    check(Target::Nothing, "*", "*");
}

#[test]
fn a_role_gives_its_tags_and_its_boundary_to_conditions() {
    let mut world = world();
    let name = "ci".parse().unwrap();
    let tag = Tag {
        key: "team".into(),
        value: "a".into(),
    };
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    world
        .run(|a| tags::tag::<Role>(a.account(ci())?, &name, vec![tag]))
        .unwrap();
    world
        .run(|a| {
            boundaries::put_permissions_boundary::<Role>(
                a.account(ci())?,
                &name,
                boundary.parse().unwrap(),
            )
        })
        .unwrap();
    let keys = Target::Role(name).condition_keys(world.accounts.account(ci()).unwrap());
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let wanted = [
        pair("aws:ResourceTag/team", "a"),
        pair("iam:ResourceTag/team", "a"),
        pair("iam:PermissionsBoundary", boundary),
    ];
    assert_eq!(keys, wanted);
}
