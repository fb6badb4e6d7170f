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
