//! AssumeRoleWithWebIdentity (3.6).

use super::*;

#[test]
fn a_provider_must_be_in_the_roles_own_account() {
    let world = World::new();
    let other: RoleArn = "arn:aws:iam::444444444444:role/prod-role".parse().unwrap();
    let text = format!("No OpenIDConnect provider found in your account for {ISSUER}");
    let error = trusted_issuer(&other, ISSUER, &world).unwrap_err();
    check(&error, "InvalidIdentityToken", 400, &text);
    let stranger = "https://example.com";
    let error = trusted_issuer(&ci_role(), stranger, &world).unwrap_err();
    assert_eq!(error.code(), "InvalidIdentityToken");
}

#[test]
fn a_token_is_for_one_of_the_providers_client_ids() {
    let world = World::new();
    let refused: [&[&str]; 3] = [
        &["kubernetes.default.svc"],
        &["sts.amazonaws.com", "kubernetes.default.svc"],
        &["STS.amazonaws.com"],
    ];
    for audiences in refused {
        let error = web_identity(&world, &token(ISSUER, audiences)).unwrap_err();
        check(
            &error,
            "InvalidIdentityToken",
            400,
            "Incorrect token audience",
        );
    }
}

#[test]
fn a_token_of_another_issuer_is_not_the_providers() {
    let world = World::new();
    let stranger = token("https://example.com/id/1", &["sts.amazonaws.com"]);
    let text = "No OpenIDConnect provider found in your account for https://example.com/id/1";
    check(
        &web_identity(&world, &stranger).unwrap_err(),
        "InvalidIdentityToken",
        400,
        text,
    );
}

#[test]
fn tokens_are_rejected_in_awss_words() {
    let now = at(3_601).now;
    let expired = RejectedToken::Expired {
        expiry: at(3_600).now,
        now,
    };
    let text = format!(
        "Token expired: current date/time {} must be before the expiration date/time {}",
        NOW + 3_601,
        NOW + 3_600
    );
    check(&expired.into(), "ExpiredTokenException", 400, &text);
    let missing = RejectedToken::MissingClaim("aud");
    let text = "Missing a required claim: aud";
    check(&missing.into(), "InvalidIdentityToken", 400, text);
    let forged = RejectedToken::BadSignature { key_id: None };
    let text = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
    check(&forged.into(), "InvalidIdentityToken", 400, text);
    let none = UnverifiedToken::parse("access-token", &mut TokenBytes::default()).unwrap_err();
    let text = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
    check(&none.into(), "InvalidIdentityToken", 400, text);
}

#[test]
fn trust_policies_see_subject_and_audience_under_the_providers_name() {
    let world = World::new();
    web_identity(&world, &seed_token()).unwrap();
    let name = ISSUER.trim_start_matches("https://");
    assert_eq!(world.key(&format!("{name}:sub")), Some(SUBJECT.to_owned()));
    assert_eq!(
        world.key(&format!("{name}:aud")).as_deref(),
        Some("sts.amazonaws.com")
    );
    assert_eq!(world.key(&format!("{name}:oaud")), None);
    assert_eq!(
        world.key("aws:FederatedProvider"),
        Some(provider().arn.to_string())
    );
    assert_eq!(world.key("aws:PrincipalArn"), None);
}

#[test]
fn a_token_that_names_who_presents_it_is_for_that_one() {
    let world = World::new();
    let token = token_claiming(&json!({
        "aud": ["vault", "kubernetes"], "azp": "sts.amazonaws.com", "amr": ["authenticated", "pod"],
    }));
    let opened = web_identity(&world, &token).unwrap();
    assert_eq!(opened.identity.audience, "sts.amazonaws.com");
    let name = ISSUER.trim_start_matches("https://");
    let rows = [
        ("aud", "sts.amazonaws.com"),
        ("oaud", "vault"),
        ("amr", "authenticated,pod"),
    ];
    for (claim, value) in rows {
        let key = world.key(&format!("{name}:{claim}"));
        assert_eq!(key.as_deref(), Some(value), "{claim}");
    }
    let other = token_claiming(&json!({ "azp": "vault" }));
    let text = "Incorrect token audience";
    let error = web_identity(&world, &other).unwrap_err();
    check(&error, "InvalidIdentityToken", 400, text);
}

#[test]
fn a_tokens_tags_and_source_identity_need_their_own_permissions() {
    let token = token_claiming(&json!({
        "https://aws.amazon.com/tags": {
            "principal_tags": { "team": ["ci"], "task": ["build"] },
            "transitive_tag_keys": ["team"],
        },
        "https://aws.amazon.com/source_identity": "ann",
    }));
    let world = World::new();
    let session = web_identity(&world, &token).unwrap().opened.session;
    assert_eq!(session.tags["team"].reach, TagReach::Transitive);
    assert_eq!(session.tags["task"].reach, TagReach::Session);
    assert_eq!(session.source_identity, Some("ann".parse().unwrap()));
    let rows = [
        ("aws:RequestTag/team", "ci"),
        ("sts:TransitiveTagKeys", "team"),
        ("sts:SourceIdentity", "ann"),
    ];
    for (key, value) in rows {
        assert_eq!(world.key(key).as_deref(), Some(value), "{key}");
    }
    let all = [
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ];
    assert_eq!(world.actions(), all);
    for action in all {
        let error = web_identity(&World::refusing(action), &token).unwrap_err();
        let text = format!("Not authorized to perform {action}");
        check(&error, "AccessDenied", 403, &text);
    }
}

#[test]
fn a_web_identitys_session_may_last_as_long_as_its_role_allows() {
    let world = World::new();
    let asked = |seconds: i64| AssumeRoleWithWebIdentity {
        role: ci_role(),
        session: "worker".parse().unwrap(),
        duration: Some(seconds),
        policies: PassedPolicies::default(),
    };
    let issuer = trusted_issuer(&ci_role(), ISSUER, &world).unwrap();
    let open = |seconds: i64| {
        let (token, keys) = (seed_token(), &world.keys);
        assume_role_with_web_identity(&issuer, &token, &asked(seconds), &world, keys, at(0))
    };
    let session = open(7_200).unwrap().opened.session;
    assert_eq!(session.expiry.as_second(), NOW + 7_200);
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    check(&open(7_201).unwrap_err(), "ValidationError", 400, text);
}

#[test]
fn what_the_edge_could_not_fetch_is_told_in_awss_codes() {
    let cause = "nobody listens".to_owned();
    let unreachable = StsError::IssuerUnreachable { cause };
    check(&unreachable, "IDPCommunicationError", 400, "nobody listens");
    let text = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
    let cause = "101 keys".to_owned();
    let unknown = StsError::NoVerificationKey { cause };
    check(&unknown, "InvalidIdentityToken", 400, text);
}

#[test]
fn a_role_that_does_not_trust_the_subject_refuses_without_a_reason() {
    let world = World::refusing("sts:AssumeRoleWithWebIdentity");
    let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    check(
        &web_identity(&world, &seed_token()).unwrap_err(),
        "AccessDenied",
        403,
        text,
    );
}

#[test]
fn a_certificate_that_is_not_pinned_is_refused() {
    assert!(accept_thumbprint(&provider(), &"AA".repeat(20)).is_ok());
    let text = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
    let error = accept_thumbprint(&provider(), &"bb".repeat(20)).unwrap_err();
    check(&error, "InvalidIdentityToken", 400, text);
}
