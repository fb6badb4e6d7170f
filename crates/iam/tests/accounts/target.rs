//! What a call is decided on, and how it is named when it is refused.

use crate::world::{TRUSTS_EC2, World, ci, now};
use iam::operations::{boundaries, roles, tags};
use iam::{Account, All, New, Role, Tag};
use names::{Path, PolicyName, RoleName};
use policy::Target;

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
    let team = "/team/".parse::<Path>().unwrap();
    let named = |name: &str| name.parse::<RoleName>().unwrap();
    let rows = [
        (
            named_in(account, &named("ci")),
            "arn:aws:iam::111111111111:role/team/ci",
            Some("role ci"),
        ),
        (
            named_in(account, &named("gone")),
            "arn:aws:iam::111111111111:role/gone",
            Some("role gone"),
        ),
        (
            named_in(account, &(named("ci"), "and more")),
            "arn:aws:iam::111111111111:role/team/ci",
            Some("role ci"),
        ),
        (
            named_in(
                account,
                &New {
                    path: team.clone(),
                    name: named("new"),
                },
            ),
            "arn:aws:iam::111111111111:role/team/new",
            None,
        ),
        (
            named_in(
                account,
                &New {
                    path: team,
                    name: "p".parse::<PolicyName>().unwrap(),
                },
            ),
            "arn:aws:iam::111111111111:policy/team/p",
            Some("policy p"),
        ),
        (
            named_in(account, &All("role")),
            "arn:aws:iam::111111111111:role/",
            None,
        ),
    ];
    for ((arn, shown), wanted_arn, wanted_shown) in rows {
        assert_eq!((arn.as_str(), shown.as_deref()), (wanted_arn, wanted_shown));
    }
}

/// The ARN that is decided on, and how denials show it otherwise.
fn named_in(account: &Account, target: &impl Target<Account>) -> (String, Option<String>) {
    (target.arn(account), target.shown(account))
}

#[test]
fn a_role_gives_its_tags_and_its_boundary_to_conditions() {
    let mut world = world();
    let name: RoleName = "ci".parse().unwrap();
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
    let keys = Target::keys(&name, world.accounts.account(ci()).unwrap());
    let wanted = [
        ("aws:ResourceTag/team", "a"),
        ("iam:ResourceTag/team", "a"),
        ("iam:PermissionsBoundary", boundary),
    ];
    for (key, value) in wanted {
        let found = keys.get(key).map(ToString::to_string);
        assert_eq!(found, Some(format!("`{value}`")), "{key}");
    }
    assert_eq!(keys.iter().count(), wanted.len());
}
