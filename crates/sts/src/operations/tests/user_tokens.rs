//! Tokens of users, and the small calls (3.8).

use super::*;

/// What of STS each kind of credentials may call: by its name, whether it is answered.
#[test]
fn each_kind_of_session_may_call_what_aws_opens_to_it() {
    let world = World::new();
    let ann = user(&world);
    let token = get_session_token(&ann, None, None, &world, &world.keys, at(0)).unwrap();
    let pod = web_identity(&world, &seed_token()).unwrap().opened;
    let guest = federation(&world, &ann).unwrap();
    let session = |opened: &Opened| session(&world, &opened.credentials);
    // AssumeRole, GetSessionToken, GetFederationToken, GetAccessKeyInfo, DecodeAuthorizationMessage
    let rows = [
        ("a user's key", ann, [true, true, true, true, true]),
        ("a role", session(&pod), [true, false, false, true, true]),
        (
            "GetSessionToken",
            session(&token),
            [true, false, false, false, false],
        ),
        ("GetFederationToken", session(&guest), [false; 5]),
    ];
    for (kind, caller, wanted) in rows {
        assert_eq!(calls(&world, &caller), wanted, "{kind}");
    }
}

fn calls(world: &World, caller: &Caller) -> [bool; 5] {
    let keys = &world.keys;
    let message = keys.seal_message("{}", at(0).now, [4; 12]).unwrap();
    [
        assume(world, caller, &request(ci_role())).is_ok(),
        get_session_token(caller, None, None, world, keys, at(0)).is_ok(),
        federation(world, caller).is_ok(),
        get_access_key_info(caller, user_key().as_str()).is_ok(),
        decode_authorization_message(caller, &message, world, keys).is_ok(),
    ]
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
    let asked = GetFederationToken {
        name: "guest".parse().unwrap(),
        duration: None,
        policies: PassedPolicies::default(),
        tags: RequestedTags::default(),
    };
    get_federation_token(caller, &asked, world, &world.keys, at(0))
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
