//! The credential report, and reports of last accessed services.

use crate::world::{ALLOWS, TRUSTS_EC2, World, ci, now};
use iam::operations::access_reports::{
    ACCESS_REPORTS_MAX, Granularity, generate_access_report, get_access_report,
};
use iam::operations::credential_report::{
    CREDENTIAL_REPORT_LIFETIME, CredentialReportState, generate_credential_report,
    get_credential_report,
};
use iam::operations::granting::{PolicyPlace, Subject, policies_of};
use iam::operations::{access_keys, attachments, groups, inline};
use iam::{Accesses, Group, LastUse, Role, User, Written, write_accesses};
use jiff::{SignedDuration, Timestamp};
use names::secret::Secret;
use names::{Path, RequestId};
use store::{Epoch, Keyring, RootKey};

/// So many seconds from now on.
fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn generate(world: &mut World, at: Timestamp) -> CredentialReportState {
    let used = |_: &str| {
        Some(LastUse {
            at: now(),
            service: "sts".into(),
            region: "us-west-2".parse().unwrap(),
        })
    };
    let report = world.run(|all| generate_credential_report(all.account(ci())?, used, at));
    report.unwrap()
}

fn report(world: &World, at: Timestamp) -> Result<String, &'static str> {
    let all = world.reread();
    let report = get_credential_report(all.account(ci()).unwrap(), at);
    report
        .map(|report| report.csv.clone())
        .map_err(|why| why.code())
}

#[test]
fn the_credential_report_has_a_line_for_the_account_and_each_user() {
    let mut world = World::new();
    world.user(ci(), "plain").unwrap();
    let name = world.user(ci(), "a,b").unwrap().name;
    let random = access_keys::KeyRandom {
        id: [1; 5],
        secret: Secret::from("secret"),
        nonce: [0; 12],
    };
    let keyring = Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]));
    let key = world.run(|all| {
        access_keys::create_access_key(all.account(ci())?, &name, &keyring, &random, now())
    });
    key.unwrap();
    assert_eq!(report(&world, now()), Err("ReportNotPresent"));
    assert_eq!(generate(&mut world, now()), CredentialReportState::Started);
    let csv = report(&world, now()).unwrap();
    let lines: Vec<_> = csv.split('\n').collect();
    let at = "2026-09-21T14:13:20Z";
    let no_key = "false,N/A,N/A,N/A,N/A";
    assert!(lines[0].starts_with("user,arn,user_creation_time,password_enabled,"));
    assert!(
        lines
            .iter()
            .all(|line| line.replace("\"a,b\"", "").split(',').count() >= 21)
    );
    assert_eq!(
        lines[1],
        format!(
            "<root_account>,arn:aws:iam::111111111111:root,{at},not_supported,no_information,\
             not_supported,not_supported,false,{no_key},{no_key},false,N/A,false,N/A"
        )
    );
    assert_eq!(
        lines[2],
        format!(
            "\"a,b\",\"arn:aws:iam::111111111111:user/a,b\",{at},false,N/A,N/A,N/A,false,\
             true,{at},{at},us-west-2,sts,{no_key},false,N/A,false,N/A"
        )
    );
    assert_eq!(
        lines[3],
        format!(
            "plain,arn:aws:iam::111111111111:user/plain,{at},false,N/A,N/A,N/A,false,\
             {no_key},{no_key},false,N/A,false,N/A"
        )
    );
    assert_eq!(lines[0].split(',').count(), 22);
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_credential_report_is_used_for_four_hours() {
    let mut world = World::new();
    let end = now() + CREDENTIAL_REPORT_LIFETIME;
    let after = end + SignedDuration::from_secs(1);
    assert_eq!(generate(&mut world, now()), CredentialReportState::Started);
    world.user(ci(), "young").unwrap();
    assert_eq!(generate(&mut world, end), CredentialReportState::Complete);
    assert!(!report(&world, end).unwrap().contains("young"));
    assert_eq!(report(&world, after), Err("ReportExpired"));
    assert_eq!(generate(&mut world, after), CredentialReportState::Started);
    assert!(report(&world, after).unwrap().contains("young"));
}

/// A user in a group that may list clusters, a role that may do so by a policy of its own.
fn world_of_two() -> (World, User, Role) {
    let mut world = World::new();
    let user = world.user(ci(), "bob").unwrap();
    let role = world.role(ci(), "r", TRUSTS_EC2).unwrap();
    let (random, name) = (world.random(), "readers".parse().unwrap());
    let group = world
        .run(|all| groups::create_group(all.account(ci())?, Path::root(), name, now(), random));
    let group = group.unwrap().name;
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess"
        .parse()
        .unwrap();
    world
        .run(|all| groups::add_user_to_group(all.account(ci())?, &group, &user.name))
        .unwrap();
    world
        .run(|all| attachments::attach_policy::<Group>(all.account(ci())?, &group, &policy))
        .unwrap();
    let name = "lists".parse().unwrap();
    world
        .run(|all| {
            inline::put_policy::<Role>(all.account(ci())?, &role.name, name, ALLOWS.to_owned())
        })
        .unwrap();
    (world, user, role)
}

#[test]
fn the_policies_that_grant_a_service_are_named_with_their_place() {
    let (world, user, role) = world_of_two();
    let account = world.accounts.account(ci()).unwrap();
    let check = |subject: Subject, service: &str, wanted: &[PolicyPlace]| {
        let policies = policies_of(account, &subject).unwrap();
        let granting = policies.into_iter().filter(|policy| policy.grants(service));
        let places: Vec<_> = granting.map(|policy| policy.place).collect();
        assert_eq!(places, wanted, "{subject:?} {service}");
    };
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
        .parse()
        .unwrap();
    let administrator = PolicyPlace::Managed(administrator);
    let inline = PolicyPlace::Inline("role", "r".to_owned());
    check(Subject::User(user.name), "s3", &[administrator]);
    check(Subject::Role(role.name.clone()), "eks", &[inline]);
    check(Subject::Role(role.name), "s3", &[]);
}

#[test]
fn a_report_keeps_who_accessed_what_until_it_was_made() {
    let (mut world, user, role) = world_of_two();
    let region = "us-west-2".parse().unwrap();
    let access = |world: &mut World, id: &str, seconds: i64| {
        let mut accesses = Accesses::default();
        accesses.note("eks", "ListClusters", later(seconds), &region);
        let written = world.run(|all| {
            let transaction = write_accesses(all.account(ci())?, [(id, &accesses)])?;
            let output = ();
            Ok(Written {
                transaction,
                output,
            })
        });
        written.unwrap();
    };
    access(&mut world, user.id.as_str(), 5);
    access(&mut world, user.id.as_str(), 3);
    let make = |world: &mut World, subject: &Subject, number: u8| {
        let id = RequestId::from_random([number; 16]);
        let actions = [("eks", "ListClusters"), ("sts", "GetCallerIdentity")];
        let written = world.run(|all| {
            let account = all.account(ci())?;
            let known = |id: &names::UniqueId| account.accesses(id.as_str()).cloned();
            let accesses = |id: &names::UniqueId| known(id).unwrap_or_default();
            let at = later(i64::from(number));
            let made = (&id, at);
            generate_access_report(
                account,
                subject,
                Granularity::Action,
                actions,
                accesses,
                made,
            )
        });
        written.unwrap();
        id
    };
    let group = Subject::Group("readers".parse().unwrap());
    let of_group = make(&mut world, &group, 1);
    let of_role = make(&mut world, &Subject::Role(role.name), 2);
    access(&mut world, user.id.as_str(), 9);
    let all = world.reread();
    let account = all.account(ci()).unwrap();
    let report = get_access_report(account, of_group.as_str()).unwrap();
    assert_eq!(report.granted.keys().collect::<Vec<_>>(), ["eks", "sts"]);
    let (latest, count) = report.latest("eks");
    assert_eq!(latest.unwrap().access.at, later(5));
    assert_eq!((count, report.latest("sts").1), (1, 0));
    let report = get_access_report(account, of_role.as_str()).unwrap();
    assert_eq!(report.granted.keys().collect::<Vec<_>>(), ["eks"]);
    assert_eq!(report.latest("eks").1, 0);
    for number in 3..=u8::try_from(ACCESS_REPORTS_MAX).unwrap() + 1 {
        make(&mut world, &group, number);
    }
    let account = world.accounts.account(ci()).unwrap();
    let code = |id: &RequestId| get_access_report(account, id.as_str()).map_err(|why| why.code());
    assert_eq!(code(&of_group).err(), Some("NoSuchEntity"));
    assert!(code(&of_role).is_ok());
}
