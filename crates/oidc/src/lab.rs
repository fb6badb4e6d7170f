//! What the tests share: one key pair, one good token, and ways to spoil it.

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::mint::sign;
use crate::{
    BoundTo, KeySet, Lifetime, ObjectRef, RejectedToken, ServiceAccountToken, SigningKey,
    TokenBytes, TokenRequest, UnverifiedToken, VerifiedToken, mint,
};

pub(crate) const ISSUER: &str =
    "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
/// The moment of every test.
pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());
pub(crate) static OTHER_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate().unwrap());

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

pub(crate) fn keys() -> KeySet {
    KeySet::of([KEY.public().clone()])
}

pub(crate) fn request() -> TokenRequest {
    TokenRequest {
        issuer: ISSUER.parse().unwrap(),
        service_account: "ci-namespace/ci-serviceaccount".parse().unwrap(),
        uid: "8b2f1d6c-7a43-4d0e-9d5c-0f6f2c1f9a01".to_owned(),
        audiences: vec!["sts.amazonaws.com".parse().unwrap()],
        bound_to: Some(BoundTo::Pod(pod(), None)),
        lifetime: Lifetime::default(),
        now: at(NOW),
        jti: "c0ffee00-0000-4000-8000-000000000000".to_owned(),
    }
}

fn pod() -> ObjectRef {
    ObjectRef {
        name: "test-deployment-0".into(),
        uid: "1f0c9a44-56c2-4a6e-8a77-2f0b5d1f3b02".into(),
    }
}

pub(crate) fn token() -> ServiceAccountToken {
    mint(&KEY, &request())
}

pub(crate) fn good_header() -> Value {
    json!({ "alg": "RS256", "kid": KEY.key_id().as_str() })
}

pub(crate) fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "system:serviceaccount:ci-namespace:ci-serviceaccount",
        "aud": ["sts.amazonaws.com"], "iat": NOW, "nbf": NOW, "exp": NOW + 3600,
    })
}

pub(crate) fn verify(text: &str, now: i64) -> Result<VerifiedToken, RejectedToken> {
    verify_with(text, &keys(), now)
}

pub(crate) fn verify_with(
    text: &str,
    keys: &KeySet,
    now: i64,
) -> Result<VerifiedToken, RejectedToken> {
    UnverifiedToken::parse(text, &mut TokenBytes::default())?.verify(keys, at(now))
}

/// The good token with these header members; signed by the right key.
pub(crate) fn with_header(changes: &[(&str, Value)]) -> String {
    sign(&KEY, &changed(good_header(), changes), &good_claims())
}

/// The good token with these claims (null removes one); signed by the right key.
pub(crate) fn with_claims(changes: &[(&str, Value)]) -> String {
    sign(&KEY, &good_header(), &changed(good_claims(), changes))
}

/// A token of these texts, signed by the right key whatever they are.
pub(crate) fn of_texts(header: &str, claims: &str) -> String {
    let text = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(claims.as_bytes())
    );
    let signature = BASE64URL_NOPAD.encode(&KEY.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

pub(crate) fn changed(mut object: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(*name);
        } else {
            object[*name] = value.clone();
        }
    }
    object
}
