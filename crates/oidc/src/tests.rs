//! What a good token, key set and discovery document are.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _,
};
use data_encoding::BASE64URL_NOPAD;
use names::Audience;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::lab::{
    ISSUER, KEY, NOW, at, changed, good_claims, keys, of_texts, request, token, verify,
    verify_with, with_claims,
};
use crate::{
    Discovery, KeySet, Lifetime, NotADiscoveryDocument, NotAKeySet, PublicKey, RejectedToken,
    SigningKey, TokenBytes, UnusableKey, UnverifiedToken, mint,
};

#[test]
fn a_minted_token_says_what_kubernetes_says() {
    let token = token();
    let text = token.text().expose_str().unwrap();
    let mut bytes = TokenBytes::default();
    let unverified = UnverifiedToken::parse(text, &mut bytes).unwrap();
    assert_eq!(unverified.issuer(), ISSUER);
    assert_eq!(
        serde_json::to_value(unverified.claims()).unwrap(),
        json!({
            "aud": ["sts.amazonaws.com"], "exp": NOW + 3600, "iat": NOW, "nbf": NOW, "iss": ISSUER,
            "jti": "c0ffee00-0000-4000-8000-000000000000",
            "kubernetes.io": {
                "namespace": "ci-namespace",
                "pod": {"name": "test-deployment-0", "uid": "1f0c9a44-56c2-4a6e-8a77-2f0b5d1f3b02"},
                "serviceaccount": {
                    "name": "ci-serviceaccount", "uid": "8b2f1d6c-7a43-4d0e-9d5c-0f6f2c1f9a01",
                },
            },
            "sub": "system:serviceaccount:ci-namespace:ci-serviceaccount",
        })
    );
    assert_eq!(token.expiry(), at(NOW + 3600));
}

#[test]
fn a_minted_token_verifies() {
    let token = token();
    let verified = verify(token.text().expose_str().unwrap(), NOW).unwrap();
    assert_eq!(verified.issuer(), ISSUER);
    let account = verified.subject().service_account().unwrap();
    assert_eq!(account, request().service_account);
    let kubernetes = verified.kubernetes().unwrap();
    assert_eq!(&*kubernetes.service_account.name, "ci-serviceaccount");
    assert_eq!(&*kubernetes.pod.as_ref().unwrap().name, "test-deployment-0");
    assert_eq!(verified.expiry(), at(NOW + 3600));
}

#[test]
fn a_token_and_a_key_do_not_print_themselves() {
    let token = token();
    let text = token.text().expose_str().unwrap();
    let mut bytes = TokenBytes::default();
    let unverified = UnverifiedToken::parse(text, &mut bytes).unwrap();
    let signature = text.rsplit('.').next().unwrap();
    for debug in [
        format!("{token:?}"),
        format!("{unverified:?}"),
        format!("{:?}", *KEY),
    ] {
        assert!(!debug.contains(signature), "{debug}");
        assert!(debug.len() < 400, "{debug}");
    }
}

#[test]
fn a_lifetime_is_ten_minutes_to_a_day() {
    assert!(Lifetime::from_seconds(599).is_err());
    assert_eq!(Lifetime::from_seconds(600), Ok(Lifetime::MIN));
    assert_eq!(Lifetime::from_seconds(86_400), Ok(Lifetime::MAX));
    assert_eq!(Lifetime::MIN.min(Lifetime::limit(20)).seconds(), 20);
    assert_eq!(Lifetime::MIN.min(Lifetime::limit(u32::MAX)), Lifetime::MIN);
    let refusal = Lifetime::from_seconds(86_401).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "a service-account token lives 600 to 86400 seconds, not 86401"
    );
}

#[track_caller]
fn check_audience(claims: &[(&str, Value)], accepted: &[&str], expected: Result<&str, &str>) {
    let accepted: Vec<Audience> = accepted.iter().map(|text| text.parse().unwrap()).collect();
    let verified = verify(&with_claims(claims), NOW).unwrap();
    let found = verified
        .verify_audience(&accepted)
        .map_err(|rejected| rejected.to_string());
    assert_eq!(found.as_deref().map_err(String::as_str), expected);
}

#[test]
fn an_audience_is_compared_exactly() {
    let sts = ["sts.amazonaws.com"];
    check_audience(&[], &sts, Ok("sts.amazonaws.com"));
    check_audience(&[], &["a", "sts.amazonaws.com"], Ok("sts.amazonaws.com"));
    check_audience(
        &[],
        &["STS.amazonaws.com"],
        Err("token audience is `sts.amazonaws.com`, accepted: `STS.amazonaws.com`"),
    );
    let api_server = json!(["https://kubernetes.default.svc"]);
    check_audience(
        &[("aud", api_server)],
        &sts,
        Err("token audience is `https://kubernetes.default.svc`, accepted: `sts.amazonaws.com`"),
    );
}

#[test]
fn of_several_audiences_azp_says_which_presents_the_token() {
    let both = json!(["sts.amazonaws.com", "vault"]);
    let sts = ["sts.amazonaws.com"];
    check_audience(
        &[("aud", both.clone())],
        &sts,
        Err(
            "token has 2 audiences (sts.amazonaws.com, vault) and no `azp` that says which one presents it",
        ),
    );
    check_audience(
        &[("aud", both), ("azp", json!("sts.amazonaws.com"))],
        &sts,
        Ok("sts.amazonaws.com"),
    );
    check_audience(
        &[("azp", json!("vault"))],
        &sts,
        Err("token audience is `vault`, accepted: `sts.amazonaws.com`"),
    );
}

#[test]
fn tags_and_source_identity_come_from_the_token() {
    let tags = json!({ "principal_tags": { "team": ["ci"] }, "transitive_tag_keys": ["team"] });
    let text = with_claims(&[
        ("https://aws.amazon.com/tags", tags),
        ("https://aws.amazon.com/source_identity", json!("alice")),
    ]);
    let verified = verify(&text, NOW).unwrap();
    let tags = verified.session_tags().unwrap();
    assert_eq!(tags.tags, [("team".into(), "ci".into())]);
    assert_eq!(tags.transitive_keys, ["team".into()]);
    assert_eq!(verified.source_identity().unwrap().as_str(), "alice");
    for spoilt in [
        json!({"principal_tags": {"team": "ci"}}),
        json!({"principal_tags": {"team": ["a", "b"]}}),
        json!(1),
    ] {
        let text = with_claims(&[("https://aws.amazon.com/tags", spoilt)]);
        assert!(matches!(
            verify(&text, NOW),
            Err(RejectedToken::MalformedClaim { .. })
        ));
    }
}

#[test]
fn a_signing_key_survives_its_safe() {
    let restored = SigningKey::from_pkcs8(&KEY.to_pkcs8().unwrap()).unwrap();
    assert_eq!(restored.key_id(), KEY.key_id());
    let token = mint(&restored, &request());
    assert!(verify(token.text().expose_str().unwrap(), NOW).is_ok());
    assert!(SigningKey::from_pkcs8(&"not a key".into()).is_err());
}

#[test]
fn a_key_set_is_read_as_it_was_written() {
    let published = keys().to_json();
    let set = KeySet::parse(published.as_bytes()).unwrap();
    assert_eq!(set.to_json(), published);
    assert!(set.publishes(KEY.key_id().as_str()) && !set.publishes("other"));
    assert!(verify_with(token().text().expose_str().unwrap(), &set, NOW).is_ok());
    let jwk = &serde_json::from_str::<Value>(&published).unwrap()["keys"][0];
    assert_eq!(
        (&jwk["use"], &jwk["alg"], &jwk["e"]),
        (&json!("sig"), &json!("RS256"), &json!("AQAB"))
    );
}

fn read_jwk(changes: &[(&str, Value)]) -> Result<PublicKey, UnusableKey> {
    let jwk = changed(KEY.public().to_jwk(), changes).to_string();
    PublicKey::from_jwk(&crate::Json::parse(jwk.as_bytes()).unwrap())
}

#[test]
fn a_key_that_must_not_verify_is_skipped_with_its_reason() {
    let check = |changes: &[(&str, Value)], reason: &str| {
        assert_eq!(read_jwk(changes).unwrap_err().to_string(), reason);
    };
    check(
        &[("use", json!("enc"))],
        "it is published for `enc`, not for signatures",
    );
    check(
        &[("key_ops", json!(["encrypt"]))],
        "it is published for `encrypt`, not for signatures",
    );
    check(&[("alg", json!("PS256"))], "its `alg` is `PS256`");
    check(&[("alg", json!("ES256"))], "its `alg` is `ES256`");
    check(&[("alg", json!(1))], "its `alg` is missing or malformed");
    check(
        &[("kty", json!("OKP"))],
        "its type is `OKP`, must be `RSA` or `EC`",
    );
    check(
        &[("kid", json!("k".repeat(257)))],
        "its `kid` is missing or malformed",
    );
    check(&[("e", json!("AQ"))], "its `e` is missing or malformed");
    check(&[("e", json!("Ag"))], "its `e` is missing or malformed");
    check(&[("n", Value::Null)], "its `n` is missing or malformed");
    let small = BASE64URL_NOPAD.encode(&[0xff; 128]);
    check(
        &[("n", json!(small))],
        "it has 1024 bits, must have 2048 to 8192",
    );
    let large = BASE64URL_NOPAD.encode(&[0xff; 1025]);
    check(
        &[("n", json!(large))],
        "it has 8200 bits, must have 2048 to 8192",
    );
}

#[test]
fn a_key_without_algorithm_verifies_every_hash_of_its_type() {
    let key = read_jwk(&[("alg", Value::Null)]).unwrap();
    let names: Vec<_> = key.algorithms().iter().map(|a| a.as_str()).collect();
    assert_eq!(names, ["RS256", "RS384", "RS512"]);
    assert!(verify_with(&with_claims(&[]), &KeySet::of([key]), NOW).is_ok());
}

#[test]
fn a_key_set_has_at_most_a_hundred_keys_of_a_type() {
    let set = |count: usize| json!({ "keys": vec![KEY.public().to_jwk(); count] }).to_string();
    assert_eq!(
        KeySet::parse(set(100).as_bytes()).unwrap().keys().len(),
        100
    );
    let refusal = KeySet::parse(set(101).as_bytes()).unwrap_err();
    assert_eq!(
        refusal,
        NotAKeySet::TooManyKeys {
            key_type: "RSA".to_owned(),
            count: 101
        }
    );
    assert_eq!(KeySet::parse(b"{}").unwrap_err(), NotAKeySet::NoKeys);
    assert!(matches!(
        KeySet::parse(&vec![b' '; 2 << 20]),
        Err(NotAKeySet::TooLong { .. })
    ));
    assert!(matches!(
        KeySet::parse(br#"{"keys":[],"keys":[]}"#),
        Err(NotAKeySet::Json(_))
    ));
}

#[test]
fn elliptic_curves_verify() {
    check_curve("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING);
    check_curve("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING);
    check_curve("ES512", "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING);
}

fn check_curve(algorithm: &str, curve: &str, signing: &'static EcdsaSigningAlgorithm) {
    let pair = EcdsaKeyPair::generate(signing).unwrap();
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    let jwk = json!({
        "kty": "EC", "crv": curve, "kid": "ec",
        "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y),
    });
    let set = KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
    let header = json!({ "alg": algorithm, "kid": "ec" }).to_string();
    let unsigned = of_texts(&header, &good_claims().to_string());
    let text = &unsigned[..unsigned.rfind('.').unwrap()];
    let signature = pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    let token = format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
    verify_with(&token, &set, NOW).unwrap();
    let header = json!({ "alg": "RS256", "kid": "ec" }).to_string();
    let confused = of_texts(&header, &good_claims().to_string());
    let rejected = verify_with(&confused, &set, NOW).unwrap_err();
    assert!(
        matches!(rejected, RejectedToken::AlgorithmMismatch { .. }),
        "{rejected}"
    );
}

#[test]
fn a_discovery_document_speaks_for_its_issuer_only() {
    let issuer = ISSUER.parse().unwrap();
    let ours = Discovery::of(&issuer);
    assert_eq!(ours.jwks_uri(), format!("{ISSUER}/keys"));
    assert_eq!(
        Discovery::parse(ours.to_json().as_bytes(), &issuer),
        Ok(ours.clone())
    );
    let other = "https://example.com".parse().unwrap();
    let refusal = Discovery::parse(ours.to_json().as_bytes(), &other).unwrap_err();
    assert!(matches!(refusal, NotADiscoveryDocument::OtherIssuer { .. }));
}

#[test]
fn keys_are_fetched_over_https_only() {
    let issuer = ISSUER.parse().unwrap();
    for address in [
        "http://example.com/keys",
        "file:///etc/passwd",
        "gopher://x",
        "https://",
        "https:///keys",
        "https://user@example.com/",
        "https://example.com/#f",
        "https://example.com/a b",
        "https://evil\\@example.com/",
        "HTTPS://example.com/",
        "",
    ] {
        let document = json!({ "issuer": ISSUER, "jwks_uri": address }).to_string();
        let refusal = Discovery::parse(document.as_bytes(), &issuer).unwrap_err();
        assert!(
            matches!(refusal, NotADiscoveryDocument::KeySetAddress(_)),
            "{address}"
        );
    }
    let elsewhere = json!({ "issuer": ISSUER, "jwks_uri": "https://keys.example.com/v1" });
    assert!(Discovery::parse(elsewhere.to_string().as_bytes(), &issuer).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,300}") {
        let _ = verify(&text, NOW);
        let _ = KeySet::parse(text.as_bytes());
        let _ = Discovery::parse(text.as_bytes(), &ISSUER.parse().unwrap());
    }

    #[test]
    fn no_claims_make_the_reader_panic(
        name in "(aud|sub|exp|iat|nbf|azp|amr|jti|kubernetes\\.io|https://aws\\.amazon\\.com/tags)",
        value in any_json(),
    ) {
        let _ = verify(&with_claims(&[(&name, value)]), NOW);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
