//! AssumeRole (3.5).

use super::*;

#[test]
fn the_seeds_chain_reaches_the_other_account() {
    let world = World::new();
    let first = web_identity(&world, &seed_token()).unwrap();
    let pod = session(&world, &first.opened.credentials);
    assert_eq!(
        pod.arn(),
        "arn:aws:sts::111111111111:assumed-role/ci-role/worker"
    );
    let second = assume(&world, &pod, &request(prod_role())).unwrap();
    let prod = session(&world, &second.credentials);
    let identity = get_caller_identity(&prod);
    assert_eq!(identity.account, "444444444444");
    assert_eq!(
        identity.arn,
        "arn:aws:sts::444444444444:assumed-role/prod-role/worker"
    );
    assert_eq!(
        identity.user_id,
        format!("{}:worker", role_id(&prod_role()))
    );
    assert_eq!(second.session.chain_depth(), 1);
    assert_eq!(second.packed, None);
}

#[test]
fn a_missing_role_and_a_refusing_one_read_the_same() {
    let asked = request(prod_role());
    let refusing = World::refusing("sts:AssumeRole");
    let error = assume(&refusing, &user(&refusing), &asked).unwrap_err();
    let cause = &error.denial().unwrap().cause;
    assert!(matches!(cause, DenialCause::Policies(_)));
    check(
        &error,
        "AccessDenied",
        403,
        &format!("{NO_ROLE}{}", asked.role),
    );

    let world = World::new();
    let asked = request("arn:aws:iam::444444444444:role/nobody".parse().unwrap());
    let error = assume(&world, &user(&world), &asked).unwrap_err();
    let cause = &error.denial().unwrap().cause;
    assert!(matches!(cause, DenialCause::NoSuchRole { .. }));
    check(
        &error,
        "AccessDenied",
        403,
        &format!("{NO_ROLE}{}", asked.role),
    );
}

#[test]
fn what_is_no_role_arn_is_one_sentence() {
    for text in [
        "arn:aws:iam::111111111111:user/ann",
        "nonsense-of-twenty-chars",
    ] {
        check(
            &role_arn(text).unwrap_err(),
            "ValidationError",
            400,
            "Request ARN is invalid",
        );
    }
}

#[test]
fn a_session_is_no_longer_than_its_role_allows() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.duration = Some(7_200);
    let opened = assume(&world, &user(&world), &asked).unwrap();
    assert_eq!(opened.session.expiry.as_second(), NOW + 7_200);
    asked.duration = Some(7_201);
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    check(
        &assume(&world, &user(&world), &asked).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}

#[test]
fn a_session_lasts_an_hour_when_nothing_is_asked_whatever_its_role_allows() {
    let world = World::new();
    let opened = assume(&world, &user(&world), &request(prod_role())).unwrap();
    assert_eq!(opened.session.expiry.as_second(), NOW + 3_600);
}

#[test]
fn a_chained_session_is_at_most_an_hour() {
    let world = World::new();
    let first = web_identity(&world, &seed_token()).unwrap();
    let pod = session(&world, &first.opened.credentials);
    let mut asked = request(prod_role());
    asked.duration = Some(3_600);
    assert!(assume(&world, &pod, &asked).is_ok());
    asked.duration = Some(3_601);
    let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    check(
        &assume(&world, &pod, &asked).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}

#[test]
fn tags_and_source_identity_need_their_own_permissions() {
    let mut asked = request(ci_role());
    asked.tags.tags = vec![("team".to_owned(), "blue".to_owned())];
    asked.source_identity = Some("ann".parse().unwrap());
    let world = World::new();
    assume(&world, &user(&world), &asked).unwrap();
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    assert_eq!(world.actions(), actions);
    for (before, action) in actions.iter().enumerate().skip(1) {
        let world = World::refusing(action);
        let error = assume(&world, &user(&world), &asked).unwrap_err();
        let refusal = error.denial().unwrap().refusal().unwrap();
        assert_eq!(refusal.action, *action);
        let allowed: Vec<_> = refusal.before.iter().map(|(action, _)| *action).collect();
        assert_eq!(allowed, actions[..before], "what came before {action}");
        let mut decisions = refusal.before.iter().map(|(_, how)| &how.decision);
        assert!(decisions.all(|decision| decision.is_allowed()));
    }
}

#[test]
fn policies_see_what_the_call_says() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.external_id = Some("ticket:42".parse().unwrap());
    asked.source_identity = Some("ann".parse().unwrap());
    asked.tags.tags = vec![("team".to_owned(), "blue".to_owned())];
    asked.tags.transitive_keys = vec!["team".to_owned()];
    assume(&world, &user(&world), &asked).unwrap();
    let rows = [
        ("sts:RoleSessionName", "worker"),
        ("sts:ExternalId", "ticket:42"),
        ("sts:SourceIdentity", "ann"),
        ("aws:RequestTag/team", "blue"),
        ("aws:TagKeys", "team"),
        ("sts:TransitiveTagKeys", "team"),
        ("aws:ResourceTag/team", "red"),
        ("iam:ResourceTag/team", "red"),
    ];
    for (key, value) in rows {
        assert_eq!(world.key(key).as_deref(), Some(value), "{key}");
    }
}

#[test]
fn a_transitive_tag_and_a_source_identity_are_for_good() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.tags.tags = vec![
        ("team".to_owned(), "blue".to_owned()),
        ("task".to_owned(), "build".to_owned()),
    ];
    asked.tags.transitive_keys = vec!["team".to_owned()];
    asked.source_identity = Some("ann".parse().unwrap());
    let first = assume(&world, &user(&world), &asked).unwrap();
    let caller = session(&world, &first.credentials);

    let chained = assume(&world, &caller, &request(prod_role()))
        .unwrap()
        .session;
    assert_eq!(chained.tags.len(), 1);
    assert_eq!(chained.tags["team"].reach, TagReach::Transitive);
    assert_eq!(chained.source_identity, asked.source_identity);

    let mut changed = request(prod_role());
    changed.tags.tags = vec![("Team".to_owned(), "red".to_owned())];
    let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    check(
        &assume(&world, &caller, &changed).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
    let mut changed = request(prod_role());
    changed.source_identity = Some("bob".parse().unwrap());
    let text = "The source identity is already set for this assume role session";
    check(
        &assume(&world, &caller, &changed).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}

const READS: &str = r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" } }"#;

#[test]
fn session_policies_are_refused_by_kind() {
    let world = World::new();
    let with = |policies| AssumeRole {
        policies,
        ..request(ci_role())
    };
    let inline = |text: String| PassedPolicies {
        inline: Some(text),
        managed: Vec::new(),
    };
    let refused = |policies| assume(&world, &user(&world), &with(policies)).unwrap_err();
    let malformed = refused(inline("nonsense".to_owned()));
    check(
        &malformed,
        "MalformedPolicyDocument",
        400,
        "Syntax errors in policy.",
    );
    assert_eq!(
        refused(inline(format!("{{{}", "x".repeat(2_048)))).code(),
        "ValidationError"
    );
    for arn in [
        "arn:aws:iam::444444444444:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/Nonsense",
    ] {
        let managed = vec![arn.parse().unwrap()];
        let error = refused(PassedPolicies {
            inline: None,
            managed,
        });
        assert_eq!(error.code(), "ValidationError", "{arn}");
    }
    let opened = assume(&world, &user(&world), &with(inline(READS.to_owned()))).unwrap();
    let kept = READS.replace(' ', "");
    assert_eq!(opened.session.policies.inline, Some(kept.into()));
    assert!(opened.packed.is_some());
}

#[test]
fn tags_that_do_not_fit_are_told_in_percent_of_the_space() {
    let world = World::new();
    let mut asked = request(ci_role());
    let tag = |n: usize| (format!("key{n}"), "v".repeat(256));
    asked.tags.tags = (0..40).map(tag).collect();
    let error = assume(&world, &user(&world), &asked).unwrap_err();
    assert_eq!(error.code(), "PackedPolicyTooLarge");
    let text = error.to_string();
    assert!(
        text.starts_with("Packed size of session tags consumes 4"),
        "{text}"
    );
}

#[test]
fn a_device_code_is_never_right() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.device_code = Some(DeviceCode);
    let error = assume(&world, &user(&world), &asked).unwrap_err();
    let text = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
    check(&error, "AccessDenied", 403, text);
    let (ann, code) = (user(&world), Some(DeviceCode));
    let error = get_session_token(&ann, None, code, &world, &world.keys, at(0)).unwrap_err();
    check(&error, "AccessDenied", 403, text);
}
