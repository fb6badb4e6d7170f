//! Every refusal with AWS's code, status and text; and what is left is what was there.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, now, prod};
use iam::operations::{
    access_keys, aliases, attachments, boundaries, groups, inline, instance_profiles, policies,
    providers, roles, tags, users,
};
use iam::{Accounts, Group, IamError, KeyStatus, Policy, Role, Tag, User, Written};
use names::secret::Secret;
use names::{Path, PolicyArn, PolicyName};
use store::{Epoch, Keyring, RootKey};

fn check<T: std::fmt::Debug>(result: Result<T, IamError>, code: &str, status: u16, text: &str) {
    let refused = result.expect_err(text);
    assert_eq!(
        (
            refused.code(),
            refused.status(),
            refused.to_string().as_str()
        ),
        (code, status, text)
    );
}

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn policy(world: &mut World, called: &str) -> Result<Policy, IamError> {
    let random = world.random();
    let new = policies::NewPolicy {
        path: Path::root(),
        name: name(called),
        document: ALLOWS.into(),
        description: None,
        tags: Vec::new(),
    };
    world.run(|accounts| policies::create_policy(accounts.account(ci())?, new, now(), random))
}

fn in_ci<T>(
    world: &mut World,
    operation: impl FnOnce(&iam::Account) -> Result<Written<T>, IamError>,
) -> Result<T, IamError> {
    world.run(|accounts: &Accounts| operation(accounts.account(ci())?))
}

fn reader() -> PolicyArn {
    name("arn:aws:iam::111111111111:policy/reader")
}

#[test]
fn names_are_unique_ignoring_case() {
    let mut world = World::new();
    world.role(ci(), "Deploy", TRUSTS_EC2).unwrap();
    check(
        world.role(ci(), "dePLOY", TRUSTS_EC2),
        "EntityAlreadyExists",
        409,
        "Role with name dePLOY already exists.",
    );
    world.role(prod(), "deploy", TRUSTS_EC2).unwrap();
    world.user(ci(), "deploy").unwrap();
    check(
        world.user(ci(), "DEPLOY"),
        "EntityAlreadyExists",
        409,
        "User with name DEPLOY already exists.",
    );
    policy(&mut world, "reader").unwrap();
    check(
        policy(&mut world, "READER"),
        "EntityAlreadyExists",
        409,
        "A policy called READER already exists. Duplicate names are not allowed.",
    );
}

#[test]
fn a_role_is_deleted_bare() {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    policy(&mut world, "reader").unwrap();
    let random = world.random();
    in_ci(&mut world, |a| {
        attachments::attach_policy::<Role>(a, &name("r"), &reader())
    })
    .unwrap();
    in_ci(&mut world, |a| {
        inline::put_policy::<Role>(a, &name("r"), name("p"), ALLOWS.into())
    })
    .unwrap();
    in_ci(&mut world, |a| {
        instance_profiles::create_instance_profile(
            a,
            Path::root(),
            name("i"),
            vec![],
            now(),
            random,
        )
    })
    .unwrap();
    in_ci(&mut world, |a| {
        instance_profiles::add_role_to_instance_profile(a, &name("i"), &name("r"))
    })
    .unwrap();

    let delete = |world: &mut World| in_ci(world, |a| roles::delete_role(a, &name("r")));
    check(
        delete(&mut world),
        "DeleteConflict",
        409,
        "Cannot delete entity, must remove roles from instance profile first.",
    );
    in_ci(&mut world, |a| {
        instance_profiles::remove_role_from_instance_profile(a, &name("i"), &name("r"))
    })
    .unwrap();
    check(
        delete(&mut world),
        "DeleteConflict",
        409,
        "Cannot delete entity, must detach all policies first.",
    );
    in_ci(&mut world, |a| {
        attachments::detach_policy::<Role>(a, &name("r"), &reader())
    })
    .unwrap();
    check(
        delete(&mut world),
        "DeleteConflict",
        409,
        "Cannot delete entity, must delete policies first.",
    );
    in_ci(&mut world, |a| {
        inline::delete_policy::<Role>(a, &name("r"), &name("p"))
    })
    .unwrap();
    delete(&mut world).unwrap();
    check(
        delete(&mut world),
        "NoSuchEntity",
        404,
        "The role with name r cannot be found.",
    );
}

#[test]
fn version_numbers_are_never_used_again() {
    let mut world = World::new();
    policy(&mut world, "reader").unwrap();
    let add = |world: &mut World, as_default| {
        in_ci(world, |a| {
            policies::create_policy_version(a, &reader(), ALLOWS.into(), as_default, now())
        })
    };
    let drop = |world: &mut World, number| {
        in_ci(world, |a| {
            policies::delete_policy_version(a, &reader(), number, now())
        })
    };
    assert_eq!(add(&mut world, false).unwrap().number, 2);
    drop(&mut world, 2).unwrap();
    assert_eq!(add(&mut world, true).unwrap().number, 3);
    check(
        drop(&mut world, 3),
        "DeleteConflict",
        409,
        "Cannot delete the default version of a policy.",
    );
    for _ in 0..3 {
        add(&mut world, false).unwrap();
    }
    check(
        add(&mut world, false),
        "LimitExceeded",
        409,
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    );
}

#[test]
fn a_policy_in_use_is_not_deleted() {
    let mut world = World::new();
    policy(&mut world, "reader").unwrap();
    world.user(ci(), "u").unwrap();
    let delete = |world: &mut World| in_ci(world, |a| policies::delete_policy(a, &reader()));
    in_ci(&mut world, |a| {
        boundaries::put_permissions_boundary::<User>(a, &name("u"), reader())
    })
    .unwrap();
    check(
        delete(&mut world),
        "DeleteConflict",
        409,
        "Cannot delete a policy attached to entities.",
    );
    in_ci(&mut world, |a| {
        boundaries::delete_permissions_boundary::<User>(a, &name("u"))
    })
    .unwrap();
    delete(&mut world).unwrap();
}

#[test]
fn what_aws_manages_is_attached_and_never_changed() {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    let admin: PolicyArn = name("arn:aws:iam::aws:policy/AdministratorAccess");
    in_ci(&mut world, |a| {
        attachments::attach_policy::<Role>(a, &name("r"), &admin)
    })
    .unwrap();
    let refused = in_ci(&mut world, |a| policies::delete_policy(a, &admin)).unwrap_err();
    assert_eq!((refused.code(), refused.status()), ("AccessDenied", 403));
    let nothing: PolicyArn = name("arn:aws:iam::aws:policy/NoSuchAccess");
    check(
        in_ci(&mut world, |a| {
            attachments::attach_policy::<Role>(a, &name("r"), &nothing)
        }),
        "NoSuchEntity",
        404,
        "Policy arn:aws:iam::aws:policy/NoSuchAccess does not exist or is not attachable.",
    );
}

#[test]
fn quotas_hold() {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    for n in 0..10 {
        policy(&mut world, &format!("p{n}")).unwrap();
        let arn = name(&format!("arn:aws:iam::111111111111:policy/p{n}"));
        in_ci(&mut world, |a| {
            attachments::attach_policy::<Role>(a, &name("r"), &arn)
        })
        .unwrap();
    }
    policy(&mut world, "reader").unwrap();
    check(
        in_ci(&mut world, |a| {
            attachments::attach_policy::<Role>(a, &name("r"), &reader())
        }),
        "LimitExceeded",
        409,
        "Cannot exceed quota for PoliciesPerRole: 10",
    );
    let long = ALLOWS.replace("eks:ListClusters", &format!("eks:{}", "x".repeat(10_240)));
    check(
        in_ci(&mut world, |a| {
            inline::put_policy::<Role>(a, &name("r"), name("p"), long.clone())
        }),
        "LimitExceeded",
        409,
        "Maximum policy size of 10240 bytes exceeded for role r",
    );
    assert!(
        world
            .accounts
            .account(ci())
            .unwrap()
            .find::<Role>(&name("r"))
            .unwrap()
            .permissions
            .inline
            .is_empty()
    );
}

#[test]
fn a_third_access_key_is_refused_and_a_secret_opens_again() {
    let mut world = World::new();
    world.user(ci(), "u").unwrap();
    let keyring = Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]));
    let add = |world: &mut World, n: u8| {
        let random = access_keys::KeyRandom {
            id: [n; 5],
            secret: Secret::from("s3cret"),
            nonce: [n; 12],
        };
        in_ci(world, |a| {
            access_keys::create_access_key(a, &name("u"), &keyring, &random, now())
        })
    };
    let key = add(&mut world, 1).unwrap();
    add(&mut world, 2).unwrap();
    check(
        add(&mut world, 3),
        "LimitExceeded",
        409,
        "Cannot exceed quota for AccessKeysPerUser: 2",
    );
    let fresh = world.reread();
    let (user, kept) = fresh
        .account_of_key(&key.id)
        .unwrap()
        .access_key(&key.id)
        .unwrap();
    assert_eq!(user.name.as_str(), "u");
    assert!(kept.open(&keyring).unwrap() == Secret::from("s3cret"));
    assert!(!crate::world::contents(&fresh).contains("s3cret"));
    in_ci(&mut world, |a| {
        access_keys::update_access_key(a, &name("u"), &key.id, KeyStatus::Inactive)
    })
    .unwrap();
    check(
        in_ci(&mut world, |a| users::delete_user(a, &name("u"))),
        "DeleteConflict",
        409,
        "Cannot delete entity, must delete access keys first.",
    );
}

#[test]
fn members_keep_a_group_and_a_group_keeps_members() {
    let mut world = World::new();
    world.user(ci(), "u").unwrap();
    let random = world.random();
    in_ci(&mut world, |a| {
        groups::create_group(a, Path::root(), name("g"), now(), random)
    })
    .unwrap();
    in_ci(&mut world, |a| {
        groups::add_user_to_group(a, &name("g"), &name("u"))
    })
    .unwrap();
    check(
        in_ci(&mut world, |a| groups::delete_group(a, &name("g"))),
        "DeleteConflict",
        409,
        "Cannot delete entity, must remove users from group first.",
    );
    check(
        in_ci(&mut world, |a| users::delete_user(a, &name("u"))),
        "DeleteConflict",
        409,
        "Cannot delete entity, must remove user from groups first.",
    );
    in_ci(&mut world, |a| {
        users::update_user(a, &name("u"), Some(name("v")), None)
    })
    .unwrap();
    in_ci(&mut world, |a| {
        groups::remove_user_from_group(a, &name("g"), &name("v"))
    })
    .unwrap();
    in_ci(&mut world, |a| groups::delete_group(a, &name("g"))).unwrap();
    check(
        in_ci(&mut world, |a| {
            inline::put_policy::<Group>(a, &name("g"), name::<PolicyName>("p"), ALLOWS.into())
        }),
        "NoSuchEntity",
        404,
        "The group with name g cannot be found.",
    );
}

#[test]
fn a_provider_is_one_an_issuer() {
    let mut world = World::new();
    let add = |world: &mut World, url: &str, thumbprint: &str| {
        let new = providers::NewProvider {
            url: url.into(),
            client_ids: vec![name("sts.amazonaws.com")],
            thumbprints: vec![thumbprint.into()],
            tags: Vec::new(),
        };
        in_ci(world, |a| providers::create_provider(a, new, now()))
    };
    let print = "AB".repeat(20);
    let provider = add(&mut world, "https://example.com/id/1", &print).unwrap();
    assert_eq!(provider.thumbprints, ["ab".repeat(20)]);
    check(
        add(&mut world, "https://example.com/id/1", &print),
        "EntityAlreadyExists",
        409,
        "Provider with url https://example.com/id/1 already exists.",
    );
    check(
        add(&mut world, "http://example.com", &print),
        "InvalidInput",
        400,
        "Invalid Open ID Connect Provider URL. The URL must begin with https://.",
    );
    check(
        add(&mut world, "https://example.com/2", "ab"),
        "ValidationError",
        400,
        "Thumbprint must be exactly 40 characters.",
    );
}

#[test]
fn tags_differ_by_more_than_case_and_an_alias_by_account() {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    let tag = |key: &str, value: &str| Tag {
        key: key.into(),
        value: value.into(),
    };
    check(
        in_ci(&mut world, |a| {
            tags::tag::<Role>(a, &name("r"), vec![tag("Team", "a"), tag("team", "b")])
        }),
        "InvalidInput",
        400,
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
    in_ci(&mut world, |a| {
        tags::tag::<Role>(a, &name("r"), vec![tag("Team", "a")])
    })
    .unwrap();
    in_ci(&mut world, |a| {
        tags::tag::<Role>(a, &name("r"), vec![tag("team", "b")])
    })
    .unwrap();
    let role = world
        .accounts
        .account(ci())
        .unwrap()
        .find::<Role>(&name("r"))
        .unwrap()
        .tags
        .clone();
    assert_eq!(role, [tag("team", "b")]);
    world
        .run(|accounts| aliases::create_account_alias(accounts, ci(), name("acme")))
        .unwrap();
    check(
        world.run(|accounts| aliases::create_account_alias(accounts, prod(), name("acme"))),
        "EntityAlreadyExists",
        409,
        "The account alias acme already exists.",
    );
}
