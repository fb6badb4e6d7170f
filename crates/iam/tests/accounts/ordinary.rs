//! What goes well: what was written is what is read and listed.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, now};
use iam::operations::attachments::{self, PolicyEntity, PolicyUsage};
use iam::operations::policies::{self, AnyPolicy, PolicyScope};
use iam::operations::{
    access_keys, aliases, boundaries, groups, inline, instance_profiles, providers, roles, tags,
    users,
};
use iam::{Account, Group, IamError, Page, PageRequest, Role, Tag, User, Written};
use names::secret::Secret;
use names::{Path, PolicyArn, ProviderArn};
use store::{Epoch, Keyring, RootKey};

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn run<T>(
    world: &mut World,
    operation: impl FnOnce(&Account) -> Result<Written<T>, IamError>,
) -> T {
    world
        .run(|accounts| operation(accounts.account(ci())?))
        .unwrap()
}

fn ask<'a, T>(world: &'a World, question: impl FnOnce(&'a Account) -> T) -> T {
    question(world.accounts.account(ci()).unwrap())
}

fn all() -> PageRequest {
    PageRequest::default()
}

fn shown<T>(page: Result<Page<T>, IamError>, text: impl Fn(&T) -> String) -> Vec<String> {
    page.unwrap().items.iter().map(text).collect()
}

fn reader() -> PolicyArn {
    name("arn:aws:iam::111111111111:policy/reader")
}

fn world() -> World {
    let mut world = World::new();
    world.role(ci(), "r", TRUSTS_EC2).unwrap();
    world.user(ci(), "u").unwrap();
    let random = world.random();
    run(&mut world, |a| {
        groups::create_group(a, name("/team/"), name("g"), now(), random)
    });
    let new = policies::NewPolicy {
        path: Path::root(),
        name: name("reader"),
        document: ALLOWS.into(),
        description: None,
        tags: Vec::new(),
    };
    run(&mut world, |a| {
        policies::create_policy(a, new, now(), [8; 11])
    });
    world
}

#[test]
fn principals_are_read_and_listed_by_path() {
    let mut world = world();
    let by_path = |world: &World, path: &str| {
        ask(world, |a| {
            [
                shown(roles::list_roles(a, path, &all()), |r| r.name.to_string()),
                shown(users::list_users(a, path, &all()), |u| u.name.to_string()),
                shown(groups::list_groups(a, path, &all()), |g| g.name.to_string()),
            ]
            .concat()
        })
    };
    assert_eq!(by_path(&world, "/"), ["r", "u", "g"]);
    assert_eq!(by_path(&world, "/team/"), ["g"]);
    run(&mut world, |a| {
        groups::update_group(a, &name("g"), Some(name("h")), Some(Path::root()))
    });
    assert!(by_path(&world, "/team/").is_empty());
    run(&mut world, |a| {
        groups::add_user_to_group(a, &name("h"), &name("u"))
    });
    ask(&world, |a| {
        let group = groups::get_group(a, &name("h"), &all()).unwrap();
        assert_eq!(group.group.path, Path::root());
        assert_eq!(
            group.members.items[0].name,
            users::get_user(a, &name("u")).unwrap().name
        );
        let joined = groups::list_groups_for_user(a, &name("u"), &all());
        assert_eq!(shown(joined, |g| g.name.to_string()), ["h"]);
    });
}

#[test]
fn a_policy_is_found_where_it_is_used() {
    let mut world = world();
    run(&mut world, |a| {
        attachments::attach_policy::<Role>(a, &name("r"), &reader())
    });
    run(&mut world, |a| {
        attachments::attach_policy::<User>(a, &name("u"), &reader())
    });
    run(&mut world, |a| {
        attachments::attach_policy::<Group>(a, &name("g"), &reader())
    });
    run(&mut world, |a| {
        boundaries::put_permissions_boundary::<User>(a, &name("u"), reader())
    });
    let who = |entity: &PolicyEntity| match entity {
        PolicyEntity::Role(role) => role.name.to_string(),
        PolicyEntity::User(user) => user.name.to_string(),
        PolicyEntity::Group(group) => group.name.to_string(),
    };
    ask(&world, |a| {
        let users = |usage| {
            let found =
                attachments::list_entities_for_policy(a, &reader(), usage, |_| true, &all());
            let found = shown(found, who);
            assert_eq!(found.len(), attachments::usage_count(a, &reader(), usage));
            found
        };
        assert_eq!(users(PolicyUsage::Permissions), ["r", "u", "g"]);
        assert_eq!(users(PolicyUsage::Boundary), ["u"]);
        let attached =
            |path| attachments::list_attached_policies::<Role>(a, &name("r"), path, &all());
        assert_eq!(attached("/").unwrap().items, [reader()]);
        assert!(attached("/team/").unwrap().items.is_empty());
    });
}

#[test]
fn versions_are_listed_newest_first_and_the_default_is_in_force() {
    let mut world = world();
    let denies = ALLOWS.replace("Allow", "Deny");
    run(&mut world, |a| {
        policies::create_policy_version(a, &reader(), denies.clone(), false, now())
    });
    ask(&world, |a| {
        let versions = policies::list_policy_versions(a, &reader(), &all());
        assert_eq!(
            shown(versions, |v| format!("{} {}", v.number, v.is_default)),
            ["2 false", "1 true"]
        );
        assert_eq!(a.managed_document(&reader()), Some(ALLOWS));
        assert_eq!(
            policies::get_policy_version(a, &reader(), 2)
                .unwrap()
                .document,
            denies
        );
    });
    run(&mut world, |a| {
        policies::set_default_policy_version(a, &reader(), 2, now())
    });
    ask(&world, |a| {
        assert_eq!(a.managed_document(&reader()), Some(&*denies));
    });
}

#[test]
fn the_scope_of_a_list_is_whose_policies_it_holds() {
    let world = world();
    let count = |scope| {
        ask(&world, |a| {
            policies::list_policies(a, scope, |_| true, &all())
        })
        .unwrap()
        .items
        .len()
    };
    assert_eq!(count(PolicyScope::Local), 1);
    assert_eq!(count(PolicyScope::All), count(PolicyScope::Aws) + 1);
    let own = ask(&world, |a| policies::get_policy(a, &reader()));
    assert!(matches!(own, Ok(AnyPolicy::Own(_))));
    let aws = name("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let aws = ask(&world, |a| policies::get_policy(a, &aws));
    assert!(matches!(aws, Ok(AnyPolicy::Aws(_))));
}

#[test]
fn an_inline_policy_is_read_as_it_was_sent() {
    let mut world = world();
    let spaced = ALLOWS.replace(',', " ,\n");
    run(&mut world, |a| {
        inline::put_policy::<User>(a, &name("u"), name("p"), spaced.clone())
    });
    ask(&world, |a| {
        let read = inline::get_policy::<User>(a, &name("u"), &name("p"));
        assert_eq!(read.unwrap(), spaced);
        let listed = inline::list_policies::<User>(a, &name("u"), &all());
        assert_eq!(shown(listed, ToString::to_string), ["p"]);
    });
}

#[test]
fn tags_are_listed_by_key_and_taken_away() {
    let mut world = world();
    let tag = |key: &str| Tag {
        key: key.into(),
        value: "1".into(),
    };
    run(&mut world, |a| {
        tags::tag::<Role>(a, &name("r"), vec![tag("b"), tag("a")])
    });
    let keys = |world: &World| {
        ask(world, |a| {
            shown(tags::list_tags::<Role>(a, &name("r"), &all()), |t| {
                t.key.clone()
            })
        })
    };
    assert_eq!(keys(&world), ["a", "b"]);
    run(&mut world, |a| {
        tags::untag::<Role>(a, &name("r"), &["A".into(), "c".into()])
    });
    assert_eq!(keys(&world), ["b"]);
}

#[test]
fn a_provider_is_found_by_its_issuer_and_changes() {
    let mut world = World::new();
    let new = providers::NewProvider {
        url: "https://example.com/id/1".into(),
        client_ids: vec![name("a")],
        thumbprints: Vec::new(),
        tags: Vec::new(),
    };
    run(&mut world, |a| providers::create_provider(a, new, now()));
    let arn: ProviderArn = name("arn:aws:iam::111111111111:oidc-provider/example.com/id/1");
    run(&mut world, |a| providers::add_client_id(a, &arn, name("b")));
    run(&mut world, |a| {
        providers::remove_client_id(a, &arn, &name("a"))
    });
    run(&mut world, |a| {
        providers::update_thumbprints(a, &arn, &["AB".repeat(20)])
    });
    ask(&world, |a| {
        let provider = providers::get_provider(a, &arn).unwrap();
        assert_eq!(provider.client_ids, ["b"]);
        assert_eq!(provider.thumbprints, ["ab".repeat(20)]);
        let issuer = |url| providers::provider_of(a, &name(url)).is_some();
        assert!(issuer("https://example.com/id/1"));
        assert!(!issuer("https://example.com/id/1/"));
        assert_eq!(providers::list_providers(a).count(), 1);
    });
    let of_another: ProviderArn = name("arn:aws:iam::444444444444:oidc-provider/example.com/id/1");
    ask(&world, |a| {
        let refusals = [
            providers::get_provider(a, &of_another).err(),
            providers::add_client_id(a, &of_another, name("c")).err(),
            providers::remove_client_id(a, &of_another, &name("b")).err(),
            providers::update_thumbprints(a, &of_another, &[]).err(),
            providers::delete_provider(a, &of_another).err(),
        ];
        let wanted = IamError::NoProvider(of_another.clone());
        assert!(
            refusals
                .into_iter()
                .all(|refused| refused.as_ref() == Some(&wanted))
        );
    });
    run(&mut world, |a| providers::delete_provider(a, &arn));
    assert_eq!(ask(&world, |a| providers::list_providers(a).count()), 0);
}

#[test]
fn an_instance_profile_hands_on_one_role() {
    let mut world = world();
    let random = world.random();
    run(&mut world, |a| {
        let (path, i) = (Path::root(), name("i"));
        instance_profiles::create_instance_profile(a, path, i, vec![], now(), random)
    });
    run(&mut world, |a| {
        instance_profiles::add_role_to_instance_profile(a, &name("i"), &name("r"))
    });
    ask(&world, |a| {
        let profile = instance_profiles::get_instance_profile(a, &name("i")).unwrap();
        assert_eq!(
            profile.role,
            Some(roles::get_role(a, &name("r")).unwrap().id.clone())
        );
        let all_of_them = instance_profiles::list_instance_profiles(a, "/", &all()).unwrap();
        let of_role =
            instance_profiles::list_instance_profiles_for_role(a, &name("r"), &all()).unwrap();
        assert_eq!((all_of_them.items.len(), of_role.items.len()), (1, 1));
    });
    run(&mut world, |a| {
        instance_profiles::remove_role_from_instance_profile(a, &name("i"), &name("r"))
    });
    run(&mut world, |a| {
        instance_profiles::delete_instance_profile(a, &name("i"))
    });
}

#[test]
fn a_deleted_access_key_is_nobodys() {
    let mut world = world();
    let keyring = Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]));
    let random = access_keys::KeyRandom {
        id: [1; 5],
        secret: Secret::from("s3cret"),
        nonce: [1; 12],
    };
    let key = run(&mut world, |a| {
        access_keys::create_access_key(a, &name("u"), &keyring, &random, now())
    });
    let listed = |world: &World| {
        ask(world, |a| {
            access_keys::list_access_keys(a, &name("u")).unwrap().len()
        })
    };
    assert_eq!(listed(&world), 1);
    run(&mut world, |a| {
        access_keys::delete_access_key(a, &name("u"), &key.id)
    });
    assert_eq!(listed(&world), 0);
    assert!(ask(&world, |a| a.access_key(&key.id).is_none()));
}

#[test]
fn an_alias_is_given_and_taken_away() {
    let mut world = World::new();
    world
        .run(|accounts| aliases::create_account_alias(accounts, ci(), name("acme")))
        .unwrap();
    assert_eq!(ask(&world, aliases::list_account_aliases), ["acme"]);
    run(&mut world, |a| {
        aliases::delete_account_alias(a, &name("acme"))
    });
    assert!(ask(&world, aliases::list_account_aliases).is_empty());
}
