//! Attacks on JWT verification, class by class; each row is refused with its reason.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::lab::{
    ISSUER, KEY, NOW, OTHER_KEY, changed, good_claims, good_header, keys, of_texts, token, verify,
    verify_with, with_claims, with_header,
};
use crate::mint::sign;
use crate::{KeySet, NotAJwt, RejectedToken, UnusableKey};

fn check(text: &str, reason: &str) {
    check_with(text, &keys(), reason);
}

fn check_with(text: &str, keys: &KeySet, reason: &str) {
    let rejected = verify_with(text, keys, NOW).expect_err(reason).to_string();
    assert!(
        rejected.contains(reason),
        "wanted `{reason}`, got `{rejected}`"
    );
}

fn check_claim(name: &str, value: Value, reason: &str) {
    check(&with_claims(&[(name, value)]), reason);
}

#[test]
fn no_signature_is_no_proof_however_it_is_spelt() {
    for name in ["none", "None", "NONE", "nOnE", ""] {
        check(
            &with_header(&[("alg", json!(name))]),
            "token is signed with",
        );
    }
    let token = token();
    let text = token.text().expose_str().unwrap();
    let unsigned = &text[..=text.rfind('.').unwrap()];
    check(unsigned, "signature does not fit");
    check(unsigned.trim_end_matches('.'), "this text has 2");
    check(&format!("{text}.x"), "this text has 4");
}

#[test]
fn a_public_key_is_not_a_shared_secret() {
    let jwk = KEY.public().to_jwk().to_string();
    let modulus = KEY.public().to_jwk()["n"].as_str().unwrap().to_owned();
    let der = BASE64URL_NOPAD.decode(modulus.as_bytes()).unwrap();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{modulus}\n-----END PUBLIC KEY-----\n");
    for secret in [jwk.as_bytes(), &der, pem.as_bytes(), modulus.as_bytes()] {
        let header = changed(good_header(), &[("alg", json!("HS256"))]);
        let parts =
            [header, good_claims()].map(|p| BASE64URL_NOPAD.encode(p.to_string().as_bytes()));
        let text = parts.join(".");
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        let forged = format!("{text}.{}", BASE64URL_NOPAD.encode(tag.as_ref()));
        check(&forged, "token is signed with `HS256`");
    }
}

/// CVE-2026-33322: a client secret registered as an HMAC key under the client's id.
#[test]
fn a_symmetric_key_in_the_set_verifies_nothing() {
    let set = json!({ "keys": [
        { "kty": "oct", "kid": "sts.amazonaws.com", "alg": "HS256", "k": "c2VjcmV0" },
        KEY.public().to_jwk(),
    ]});
    let set = KeySet::parse(set.to_string().as_bytes()).unwrap();
    assert_eq!(set.skipped()[0].reason, UnusableKey::Type("oct".to_owned()));
    let header = [("kid", json!("sts.amazonaws.com"))];
    check_with(&with_header(&header), &set, "its type is `oct`");
    let header = [("kid", json!("sts.amazonaws.com")), ("alg", json!("HS256"))];
    check_with(&with_header(&header), &set, "token is signed with `HS256`");
}

#[test]
fn the_algorithm_is_the_keys() {
    check(
        &with_header(&[("alg", json!("ES256"))]),
        "signed with ES256, the issuer's key is for RS256",
    );
    check(
        &with_header(&[("alg", json!("RS512"))]),
        "signed with RS512, the issuer's key is for RS256",
    );
    check(
        &with_header(&[("alg", json!("PS256"))]),
        "token is signed with `PS256`",
    );
    check(
        &with_header(&[("alg", json!("rs256"))]),
        "token is signed with `rs256`",
    );
    check(
        &with_header(&[("alg", json!(["RS256"]))]),
        "`alg` as a list",
    );
    check(&with_header(&[("alg", Value::Null)]), "`alg` as nothing");
}

#[test]
fn extensions_that_change_the_meaning_are_not_accepted() {
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        check(
            &with_header(&[(member, value)]),
            &format!("token header has `{member}`"),
        );
    }
}

#[test]
fn keys_that_the_token_brings_along_are_not_looked_at() {
    let hints = [
        ("jwk", OTHER_KEY.public().to_jwk()),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/chain")),
        ("x5c", json!(["MIIB"])),
    ];
    assert!(verify(&with_header(&hints), NOW).is_ok());
    let header = changed(good_header(), &hints);
    check(
        &sign(&OTHER_KEY, &header, &good_claims()),
        "signature does not fit",
    );
}

#[test]
fn a_key_id_is_a_name_and_nothing_else() {
    for kid in ["../../dev/null", "' OR 1=1 --", "ключ", "", "\n\u{0}"] {
        check(&with_header(&[("kid", json!(kid))]), "token names key `");
    }
    check(
        &with_header(&[("kid", json!("k".repeat(10_000)))]),
        "kkk...`",
    );
    check(&with_header(&[("kid", json!(1))]), "`kid` as a number");
}

#[test]
fn without_a_key_id_only_a_single_key_will_do() {
    let nameless = with_header(&[("kid", Value::Null)]);
    assert!(verify(&nameless, NOW).is_ok());
    let two = KeySet::of([KEY.public().clone(), OTHER_KEY.public().clone()]);
    check_with(&nameless, &two, "no id, and 2 different keys");
    let twice = KeySet::of([KEY.public().clone(), KEY.public().clone()]);
    assert!(verify_with(&nameless, &twice, NOW).is_ok());
    check_with(
        &nameless,
        &KeySet::default(),
        "no key that can verify tokens",
    );
}

#[test]
fn two_keys_of_one_id_are_ambiguous() {
    let same_id = changed(
        OTHER_KEY.public().to_jwk(),
        &[("kid", json!(KEY.key_id().as_str()))],
    );
    let set = json!({ "keys": [KEY.public().to_jwk(), same_id] }).to_string();
    let set = KeySet::parse(set.as_bytes()).unwrap();
    check_with(
        token().text().expose_str().unwrap(),
        &set,
        "2 different keys",
    );
}

#[test]
fn the_same_key_id_at_another_issuer_is_another_key() {
    let same_id = changed(
        OTHER_KEY.public().to_jwk(),
        &[("kid", json!(KEY.key_id().as_str()))],
    );
    let set = json!({ "keys": [same_id] }).to_string();
    let set = KeySet::parse(set.as_bytes()).unwrap();
    check_with(
        token().text().expose_str().unwrap(),
        &set,
        "signature does not fit",
    );
}

#[test]
fn any_changed_character_breaks_the_signature() {
    let token = token();
    let text = token.text().expose_str().unwrap();
    for place in (0..text.len()).step_by(7) {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(bytes).unwrap();
        assert!(verify(&tampered, NOW).is_err(), "character {place}");
    }
}

#[test]
fn a_token_has_one_spelling() {
    let token = token();
    let text = token.text().expose_str().unwrap();
    for spoilt in [
        format!("{text}="),
        format!("{text}\n"),
        format!(" {text}"),
        text.replace('.', ".\n"),
    ] {
        check(&spoilt, "is not base64url");
    }
    check("", "this text has 1");
    check("..", "header is not a JSON object");
    check("bm90IGpzb24.e30.", "header is not a JSON object");
}

#[test]
fn times_are_numbers_that_everyone_reads_alike() {
    for time in [
        json!("1800003600"),
        json!(-1),
        json!(1e300),
        json!(9_007_199_254_740_993_u64),
    ] {
        for claim in ["exp", "iat", "nbf"] {
            check_claim(
                claim,
                time.clone(),
                &format!("claim `{claim}` must be a number of seconds"),
            );
        }
    }
    check_claim(
        "exp",
        json!(253_402_300_800_i64),
        "claim `exp` must be a number of seconds",
    );
    check_claim("exp", Value::Null, "no claim `exp`");
    check_claim("iat", Value::Null, "no claim `iat`");
    assert!(verify(&with_claims(&[("nbf", Value::Null)]), NOW).is_ok());
    assert!(verify(&with_claims(&[("exp", json!(NOW as f64 + 0.5))]), NOW - 1).is_ok());
    assert!(
        verify(
            &with_claims(&[("exp", json!(NOW + 10 * 365 * 86_400))]),
            NOW
        )
        .is_ok()
    );
}

#[test]
fn the_end_is_exact_and_the_beginning_has_a_minute() {
    let token = with_claims(&[]);
    assert!(verify(&token, NOW + 3599).is_ok());
    assert!(matches!(
        verify(&token, NOW + 3600),
        Err(RejectedToken::Expired { .. })
    ));
    assert!(verify(&token, NOW - 60).is_ok());
    assert!(matches!(
        verify(&token, NOW - 61),
        Err(RejectedToken::NotYetValid { .. })
    ));
    let no_nbf = with_claims(&[("nbf", Value::Null)]);
    assert!(matches!(
        verify(&no_nbf, NOW - 61),
        Err(RejectedToken::IssuedInFuture { .. })
    ));
}

#[test]
fn an_audience_is_a_string_or_a_list_of_them() {
    for audience in [
        json!([]),
        json!(""),
        json!([""]),
        json!([1]),
        json!(7),
        json!({}),
    ] {
        check_claim("aud", audience, "claim `aud` must be a string, or a list");
    }
    check_claim("aud", Value::Null, "no claim `aud`");
    assert!(verify(&with_claims(&[("aud", json!("sts.amazonaws.com"))]), NOW).is_ok());
}

#[test]
fn a_subject_is_short_and_printable() {
    check_claim("sub", Value::Null, "no claim `sub`");
    for subject in ["", "a\nb", "a\u{0}b", "a\u{7f}", &"s".repeat(256)] {
        check_claim("sub", json!(subject), "claim `sub` must be");
    }
    check_claim("sub", json!(["a"]), "claim `sub` must be");
    assert!(verify(&with_claims(&[("sub", json!("s".repeat(255)))]), NOW).is_ok());
}

#[test]
fn an_issuer_is_reported_as_written() {
    for issuer in [
        &format!("{ISSUER}/"),
        "https://EXAMPLE.com",
        "https://example.com:443/x",
    ] {
        let verified = verify(&with_claims(&[("iss", json!(issuer))]), NOW).unwrap();
        assert_eq!(verified.issuer(), issuer);
    }
    check_claim("iss", Value::Null, "no claim `iss`");
    check_claim("iss", json!([ISSUER]), "claim `iss` must be a string");
}

#[test]
fn a_claim_may_not_stand_twice() {
    let header = good_header().to_string();
    let claims = good_claims().to_string();
    let twice = format!(
        "{},\"sub\":\"system:serviceaccount:kube-system:admin\"}}",
        &claims[..claims.len() - 1]
    );
    check(&of_texts(&header, &twice), "member `sub` stands twice");
    let twice = format!("{},\"alg\":\"none\"}}", &header[..header.len() - 1]);
    check(&of_texts(&twice, &claims), "member `alg` stands twice");
}

#[test]
fn a_kubernetes_claim_is_whole_or_absent() {
    assert!(
        verify(&with_claims(&[]), NOW)
            .unwrap()
            .kubernetes()
            .is_none()
    );
    check_claim(
        "kubernetes.io",
        json!({ "namespace": "x" }),
        "claim `kubernetes.io` must be",
    );
    check_claim("kubernetes.io", json!("x"), "claim `kubernetes.io` must be");
}

#[test]
fn size_and_depth_are_bounded() {
    check(&"a".repeat(1_000_000), "token has 1000000 characters");
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    check(
        &of_texts(&good_header().to_string(), &deep),
        "nested deeper than 16 levels",
    );
    assert!(matches!(
        verify(&"é".repeat(15_000), NOW),
        Err(RejectedToken::NotAJwt(NotAJwt::TooLong { chars: 15_000 }))
    ));
}
