//! Tokens of users, and the small calls (3.8).

use super::*;

#[test]
fn each_kind_of_session_may_call_what_aws_opens_to_it() {
    let world = World::new();
    let ann = user(&world);
    let token = get_session_token(&ann, None, None, &world, &world.keys, at(0)).unwrap();
    let pod = web_identity(&world, &seed_token()).unwrap().opened;
    let guest = federation(&world, &ann).unwrap();
    let session = |opened: &Opened| session(&world, &opened.credentials);
    let of_role = "AssumeRole GetAccessKeyInfo DecodeAuthorizationMessage IAM";
    let of_user = "AssumeRole GetSessionToken GetFederationToken GetAccessKeyInfo DecodeAuthorizationMessage IAM";
    let rows = [
        ("a user's key", ann, of_user),
        ("a role", session(&pod), of_role),
        ("GetSessionToken", session(&token), "AssumeRole"),
        ("GetFederationToken", session(&guest), ""),
    ];
    for (kind, caller, wanted) in rows {
        assert_eq!(answered(&world, &caller), wanted, "{kind}");
    }
}

/// The calls that are answered, beside GetCallerIdentity.
fn answered(world: &World, caller: &Caller) -> String {
    let keys = &world.keys;
    let message = keys.seal_message("{}", at(0).now, [4; 12]).unwrap();
    let token = get_session_token(caller, None, None, world, keys, at(0));
    let decoded = decode_authorization_message(caller, &message, world, keys);
    let account = get_access_key_info(caller, user_key().as_str());
    let calls = [
        (
            "AssumeRole",
            assume(world, caller, &request(ci_role())).is_ok(),
        ),
        ("GetSessionToken", token.is_ok()),
        ("GetFederationToken", federation(world, caller).is_ok()),
        ("GetAccessKeyInfo", account.is_ok()),
        ("DecodeAuthorizationMessage", decoded.is_ok()),
        ("IAM", caller.clone().admitted_to("iam").is_ok()),
    ];
    let names = calls.into_iter().filter(|(_, is_answered)| *is_answered);
    names.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_session_that_may_not_call_is_told_which_call() {
    let world = World::new();
    let opened = web_identity(&world, &seed_token()).unwrap().opened;
    let pod = session(&world, &opened.credentials);
    let error = get_session_token(&pod, None, None, &world, &world.keys, at(0)).unwrap_err();
    let text = "Cannot call GetSessionToken with session credentials";
    check(&error, "AccessDenied", 403, text);
    let error = federation(&world, &pod).unwrap_err();
    let text = "Cannot call GetFederationToken with session credentials";
    check(&error, "AccessDenied", 403, text);
}

fn federation(world: &World, caller: &Caller) -> Result<Opened, StsError> {
    get_federation_token(caller, &guest(), world, &world.keys, at(0))
}

fn guest() -> GetFederationToken {
    GetFederationToken {
        name: "guest".parse().unwrap(),
        duration: None,
        policies: PassedPolicies::default(),
        tags: RequestedTags::default(),
    }
}

#[test]
fn a_users_session_is_the_same_user_for_twelve_hours() {
    let world = World::new();
    let opened = get_session_token(&user(&world), None, None, &world, &world.keys, at(0)).unwrap();
    assert_eq!(opened.session.expiry.as_second(), NOW + 43_200);
    let caller = session(&world, &opened.credentials);
    assert_eq!(caller.arn(), "arn:aws:iam::111111111111:user/team/ann");
    assert!(caller.role_session().is_none());
}

#[test]
fn a_users_tokens_last_as_long_as_is_asked() {
    let world = World::new();
    let ann = user(&world);
    let token = get_session_token(&ann, Some(900), None, &world, &world.keys, at(0)).unwrap();
    assert_eq!(token.session.expiry.as_second(), NOW + 900);
    let federated = |duration| {
        let asked = GetFederationToken {
            duration,
            ..guest()
        };
        get_federation_token(&ann, &asked, &world, &world.keys, at(0)).unwrap()
    };
    for (duration, seconds) in [(None, 43_200), (Some(129_600), 129_600)] {
        let expiry = federated(duration).session.expiry;
        assert_eq!(expiry.as_second(), NOW + seconds, "{duration:?}");
    }
}

#[test]
fn a_federated_users_tags_need_their_own_permission() {
    let mut asked = guest();
    asked.tags.tags = vec![("team".to_owned(), "blue".to_owned())];
    let ask = |world: &World| {
        let ann = user(world);
        get_federation_token(&ann, &asked, world, &world.keys, at(0))
    };
    let world = World::new();
    assert_eq!(ask(&world).unwrap().session.tags["team"].value, "blue");
    assert_eq!(
        world.actions(),
        ["sts:GetFederationToken", "sts:TagSession"]
    );
    assert_eq!(world.key("aws:RequestTag/team").as_deref(), Some("blue"));
    let error = ask(&World::refusing("sts:TagSession")).unwrap_err();
    let refusal = error.denial().unwrap().refusal().unwrap();
    assert_eq!(refusal.action, "sts:TagSession");
}

#[test]
fn a_federated_user_may_ask_who_it_is_and_nothing_else() {
    let world = World::new();
    let opened = federation(&world, &user(&world)).unwrap();
    let guest = session(&world, &opened.credentials);
    let identity = get_caller_identity(&guest);
    assert_eq!(
        identity.arn,
        "arn:aws:sts::111111111111:federated-user/guest"
    );
    assert_eq!(identity.user_id, "111111111111:guest");
    let error = assume(&world, &guest, &request(ci_role())).unwrap_err();
    let cause = &error.denial().unwrap().cause;
    assert!(matches!(cause, DenialCause::SessionKind));
}

#[test]
fn federation_needs_permission_and_says_which() {
    let world = World::refusing("sts:GetFederationToken");
    let error = federation(&world, &user(&world)).unwrap_err();
    let text = "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111111111111:federated-user/guest because no identity-based policy allows the sts:GetFederationToken action";
    check(&error, "AccessDenied", 403, text);
}

#[test]
fn an_access_key_id_tells_its_account() {
    let caller = user(&World::new());
    let account = get_access_key_info(&caller, user_key().as_str()).unwrap();
    assert_eq!(account, CI);
    let refused = get_access_key_info(&caller, "AKIANONSENSE1234").unwrap_err();
    assert_eq!(refused.code(), "ValidationError");
}

#[test]
fn a_message_is_decoded_for_who_may_and_only_if_it_is_ours() {
    let world = World::new();
    let message = world
        .keys
        .seal_message("{\"allowed\":false}", at(0).now, [4; 12]);
    let decode = |world: &World, message: &str| {
        decode_authorization_message(&user(world), message, world, &world.keys)
    };
    let message = message.unwrap();
    assert_eq!(decode(&world, &message).unwrap(), "{\"allowed\":false}");
    let error = decode(&world, "bm9uc2Vuc2U=").unwrap_err();
    assert_eq!(error.code(), "InvalidAuthorizationMessageException");
    let refusing = World::refusing("sts:DecodeAuthorizationMessage");
    assert_eq!(
        decode(&refusing, &message).unwrap_err().code(),
        "AccessDenied"
    );
}
