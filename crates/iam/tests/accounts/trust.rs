//! Principals of trust policies are pinned when they are saved.

use crate::world::{TRUSTS_EC2, World, ci, prod, trusts};
use iam::operations::{roles, trust};

const CI: &str = "arn:aws:iam::111111111111:role/ci";

fn shown(world: &World) -> String {
    let account = world.accounts.account(prod()).unwrap();
    let role = roles::get_role(account, &"prod".parse().unwrap()).unwrap();
    roles::trust_shown(&world.accounts, &role.trust)
}

#[test]
fn a_trust_in_a_role_that_is_deleted_and_created_anew_is_broken_until_it_is_saved_again() {
    let mut world = World::new();
    let first = world.role(ci(), "ci", TRUSTS_EC2).unwrap();
    world.role(prod(), "prod", &trusts(CI)).unwrap();
    assert!(shown(&world).contains(CI));

    world
        .run(|accounts| roles::delete_role(accounts.account(ci())?, &"ci".parse().unwrap()))
        .unwrap();
    assert!(
        shown(&world).contains(first.id.as_str()),
        "{}",
        shown(&world)
    );

    let second = world.role(ci(), "ci", TRUSTS_EC2).unwrap();
    assert_ne!(first.id, second.id);
    assert!(
        shown(&world).contains(first.id.as_str()),
        "a new role of that name is another role"
    );

    let orphan = shown(&world);
    let save = |world: &mut World, text: &str| {
        world.run(|accounts| {
            trust::update_assume_role_policy(accounts, prod(), &"prod".parse().unwrap(), text)
        })
    };
    let refused = save(&mut world, &orphan).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("Invalid principal in policy"),
        "{refused}"
    );

    save(&mut world, &trusts(CI)).unwrap();
    assert!(shown(&world).contains(CI));
    assert!(!shown(&world).contains(first.id.as_str()));
}

#[test]
fn a_principal_that_does_not_exist_is_refused_when_it_is_written() {
    let mut world = World::new();
    world.role(ci(), "ci", TRUSTS_EC2).unwrap();
    for arn in [
        "arn:aws:iam::111111111111:role/nobody",
        "arn:aws:iam::111111111111:role/CI",
        "arn:aws:iam::111111111111:role/path/ci",
        "arn:aws-cn:iam::111111111111:role/ci",
        "arn:aws:iam::111111111111:user/ci",
        "arn:aws:iam::999999999999:role/ci",
    ] {
        let refused = world.role(prod(), "prod", &trusts(arn)).unwrap_err();
        assert_eq!(refused.code(), "MalformedPolicyDocument", "{arn}");
        assert_eq!(
            refused.to_string(),
            format!(r#"Invalid principal in policy: "AWS":"{arn}""#)
        );
    }
}

#[test]
fn a_trust_policy_has_its_quota_without_white_space() {
    let mut world = World::new();
    let spaces = TRUSTS_EC2.replace(':', &format!(":{}", " ".repeat(400)));
    world.role(ci(), "roomy", &spaces).unwrap();
    let long = TRUSTS_EC2.replace(
        r#""Effect""#,
        &format!(r#""Sid":"{}","Effect""#, "x".repeat(2_048)),
    );
    let refused = world.role(ci(), "long", &long).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Cannot exceed quota for ACLSizePerRole: 2048"
    );
}
