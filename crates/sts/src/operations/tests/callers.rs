//! Who is recognised, and in which order the rest is refused (5.4).

use super::*;

#[test]
fn a_key_that_nobody_has_is_invalid() {
    let world = World::new();
    let unknown = AccessKeyId::new(KeyKind::LongTerm, CI.parse().unwrap(), [9; 5]);
    let secret = Secret::from("secret");
    for id in [unknown.as_str(), "nonsense"] {
        let refused = signed(&world, id, &secret, None, 0);
        check_refused(
            refused,
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            INVALID,
        );
    }
}

#[test]
fn an_inactive_key_answers_like_an_unknown_one_whatever_signed() {
    let world = World {
        is_key_active: false,
        ..World::new()
    };
    let refused = signed(&world, user_key().as_str(), &Secret::from("wrong"), None, 0);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
}

#[test]
fn a_token_with_a_users_key_or_a_session_without_one_is_invalid() {
    let world = World::new();
    let secret = Secret::from("secret");
    let refused = signed(&world, user_key().as_str(), &secret, Some("x"), 0);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
    let opened = web_identity(&world, &seed_token())
        .unwrap()
        .opened
        .credentials;
    let id = opened.access_key_id.as_str();
    let refused = signed(&world, id, &opened.secret_access_key, None, 0);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
}

#[test]
fn a_session_ends_at_its_second() {
    let world = World::new();
    let opened = web_identity(&world, &seed_token())
        .unwrap()
        .opened
        .credentials;
    assert!(session_at(&world, &opened, 3_599).is_ok());
    let text = "The security token included in the request is expired";
    let refused = session_at(&world, &opened, 3_600);
    check_refused(refused, "ExpiredToken", "ExpiredTokenException", text);
}

#[test]
fn a_deleted_role_ends_its_sessions_at_once() {
    let mut world = World::new();
    let opened = web_identity(&world, &seed_token())
        .unwrap()
        .opened
        .credentials;
    world.is_role_there = false;
    let refused = session_at(&world, &opened, 1);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
}

#[test]
fn a_wrong_secret_is_seen_last() {
    let world = World::new();
    let refused = signed(&world, user_key().as_str(), &Secret::from("wrong"), None, 0);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(Family::Query), "SignatureDoesNotMatch");
    assert_eq!(refused.code(Family::Json), "InvalidSignatureException");
}

#[test]
fn a_chained_question_is_asked_by_the_session_and_knows_its_login() {
    let world = World::new();
    let opened = web_identity(&world, &seed_token()).unwrap().opened;
    let pod = session(&world, &opened.credentials);
    let mut keys = RequestContext::new();
    pod.set_keys(&mut keys);
    let name = ISSUER.trim_start_matches("https://");
    let (role, provider) = (ci_role(), provider().arn);
    let rows = [
        ("aws:principalarn", Some(role.as_str())),
        ("aws:PrincipalType", Some("AssumedRole")),
        ("aws:FederatedProvider", Some(provider.as_str())),
        ("aws:username", None),
        (&format!("{name}:sub"), Some(SUBJECT)),
    ];
    for (key, value) in rows {
        let found = keys.get(key).map(|values| values.all().join(","));
        assert_eq!(found.as_deref(), value, "{key}");
    }
}
