//! Session tags, and what they and policies take of the token (3.5, steps 4, 7 and 8).

use super::*;

fn tags(tags: &[(&str, &str)], transitive: &[&str]) -> RequestedTags {
    let pairs = tags.iter();
    let pairs = pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    RequestedTags {
        tags: pairs.collect(),
        transitive_keys: transitive.iter().map(|key| (*key).to_owned()).collect(),
    }
}

fn tagged(tags: RequestedTags) -> Result<Opened, StsError> {
    let world = World::new();
    let asked = AssumeRole {
        tags,
        ..request(ci_role())
    };
    assume(&world, &user(&world), &asked)
}

#[test]
fn tags_that_cannot_be_a_sessions_are_refused_by_kind() {
    let (long_key, long_value) = ("k".repeat(129), "v".repeat(257));
    let many: Vec<_> = (0..51).map(|number| format!("k{number}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "")).collect();
    let rows = [
        (
            tags(&[("team", "a"), ("Team", "b")], &[]),
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned(),
        ),
        (
            tags(&many, &[]),
            "The number of session tags must not exceed 50, 51 found".to_owned(),
        ),
        (
            tags(&[(&long_key, "")], &[]),
            format!(
                "The session tag key {long_key} must have 1 to 128 characters and not begin with aws:"
            ),
        ),
        (
            tags(&[("", "a")], &[]),
            "The session tag key  must have 1 to 128 characters and not begin with aws:".to_owned(),
        ),
        (
            tags(&[("AWS:team", "a")], &[]),
            "The session tag key AWS:team must have 1 to 128 characters and not begin with aws:"
                .to_owned(),
        ),
        (
            tags(&[("team", &long_value)], &[]),
            "The value of session tag team must have at most 256 characters".to_owned(),
        ),
        (
            tags(&[("team", "a")], &["task"]),
            "The specified transitive tag key must be included in the requested tags.".to_owned(),
        ),
    ];
    for (tags, text) in rows {
        check(&tagged(tags).unwrap_err(), "ValidationError", 400, &text);
    }
    let most = tags(&many[..50], &[]);
    assert_eq!(tagged(most).unwrap().session.tags.len(), 50);
    let (key, value) = ("k".repeat(128), "v".repeat(256));
    assert!(tagged(tags(&[(&key, &value), ("awst", "")], &[])).is_ok());
}

#[test]
fn a_transitive_key_is_found_whatever_its_letter_case() {
    let opened = tagged(tags(&[("team", "a"), ("task", "b")], &["TEAM"])).unwrap();
    let reach = |key: &str| opened.session.tags[key].reach;
    assert_eq!(reach("team"), TagReach::Transitive);
    assert_eq!(reach("task"), TagReach::Session);
}

#[test]
fn what_a_session_inherits_needs_permission_again() {
    let asked = AssumeRole {
        tags: tags(&[("team", "a")], &["team"]),
        source_identity: Some("ann".parse().unwrap()),
        ..request(ci_role())
    };
    let chained = |inherits: bool| {
        let world = World::new();
        let plain = request(ci_role());
        let first = if inherits { &asked } else { &plain };
        let opened = assume(&world, &user(&world), first).unwrap();
        let caller = session(&world, &opened.credentials);
        world.asked.borrow_mut().clear();
        assume(&world, &caller, &request(prod_role())).unwrap();
        world.actions()
    };
    assert_eq!(chained(false), ["sts:AssumeRole"]);
    let all = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    assert_eq!(chained(true), all);
}

#[test]
fn policies_that_do_not_fit_are_told_in_percent_of_the_space() {
    let world = World::new();
    let arn = format!(
        "arn:aws:iam::{CI}:policy/{}/ReadOnlyAccess",
        "p".repeat(250)
    );
    let asked = |count: usize| AssumeRole {
        policies: PassedPolicies {
            inline: None,
            managed: vec![arn.parse().unwrap(); count],
        },
        ..request(ci_role())
    };
    assert!(assume(&world, &user(&world), &asked(7)).is_ok());
    let text = "Packed policy consumes 104% of allotted space, please use smaller policy.";
    check(
        &assume(&world, &user(&world), &asked(8)).unwrap_err(),
        "PackedPolicyTooLarge",
        400,
        text,
    );
    let text = "The number of policy ARNs passed must not exceed 10";
    check(
        &assume(&world, &user(&world), &asked(11)).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}
