//! What holds for every request. The head's property also runs under the fuzzer.

#[path = "properties/head.rs"]
mod head;

use jiff::Timestamp;
use names::secret::Secret;
use proptest::prelude::*;
use sigv4::{BodyHash, Claim, DerivedKeys, Expectation, RequestHead, Signer, presign, sign};

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().expect("a timestamp")
}

fn is_proven(
    path: &str,
    query: &str,
    headers: &[(&str, &[u8])],
    body: &[u8],
    secret: &Secret,
) -> bool {
    let head = RequestHead {
        method: "POST",
        raw_path: path,
        raw_query: query,
        headers,
    };
    let expectation = Expectation {
        services: &["sts"],
        now: now(),
    };
    Claim::of(head)
        .present(&BodyHash::of(body), &expectation)
        .and_then(|presented| presented.verify(secret, &DerivedKeys::new()))
        .is_ok()
}

fn signer(secret: &Secret) -> Signer<'_> {
    Signer {
        access_key_id: "AKIDEXAMPLE",
        secret_key: secret,
        session_token: Some("token+/="),
        region: "us-west-2",
        service: "sts",
    }
}

proptest! {
    #[test]
    fn no_head_makes_the_parser_panic(text in head_like()) {
        head::holds(&text);
    }

    #[test]
    fn what_is_signed_is_proven_and_nothing_else(
        path in "/([a-z:é ]|%2F){0,12}",
        query in "([a-z]=([a-z+é ]|%2F)&){0,4}",
        value in "[ -~]{0,12}",
        body in any::<Vec<u8>>(),
        flip in any::<prop::sample::Index>(),
    ) {
        let secret = Secret::from("right");
        let own: Vec<(&str, &[u8])> = vec![("Host", b"localhost:4566"), ("X-Own", value.as_bytes())];
        let head = RequestHead {
            method: "POST", raw_path: &path, raw_query: &query, headers: &own,
        };
        let added = sign(&signer(&secret), &head, &BodyHash::of(&body), now()).unwrap();
        let mut headers = own.clone();
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        prop_assert!(is_proven(&path, &query, &headers, &body, &secret));
        prop_assert!(!is_proven(&path, &query, &headers, &body, &Secret::from("wrong")));

        let mut other_body = body.clone();
        other_body.push(0);
        prop_assert!(!is_proven(&path, &query, &headers, &other_body, &secret));
        let (other_path, other_query) = (format!("{path}x"), format!("{query}x=y"));
        prop_assert!(!is_proven(&other_path, &query, &headers, &body, &secret));
        prop_assert!(!is_proven(&path, &other_query, &headers, &body, &secret));

        let (name, signed) = *headers.last().unwrap();
        let mut flipped = signed.to_vec();
        let at = flip.index(64);
        let place = flipped.len() - 64 + at;
        flipped[place] ^= 1;
        headers.pop();
        headers.push((name, &flipped));
        prop_assert!(!is_proven(&path, &query, &headers, &body, &secret));
    }

    #[test]
    fn what_is_presigned_is_proven_and_no_flipped_byte_is(
        value in "[a-z]{1,8}",
        flip in any::<prop::sample::Index>(),
    ) {
        let secret = Secret::from("right");
        let headers: Vec<(&str, &[u8])> =
            vec![("host", b"localhost:4566"), ("x-k8s-aws-id", value.as_bytes())];
        let head = RequestHead {
            method: "POST", raw_path: "/", raw_query: "Action=GetCallerIdentity",
            headers: &headers,
        };
        let query = presign(&signer(&secret), &head, 60, now()).unwrap();
        prop_assert!(is_proven("/", &query, &headers, b"", &secret));

        let mut flipped = query.into_bytes();
        let at = flip.index(flipped.len());
        flipped[at] ^= 1;
        let flipped = String::from_utf8(flipped).unwrap();
        prop_assert!(!is_proven("/", &flipped, &headers, b"", &secret), "{flipped}");
    }
}

#[test]
fn a_key_that_comes_back_with_another_secret_is_derived_anew() {
    let keys = DerivedKeys::new();
    for secret in ["one", "two", "one"].map(Secret::from) {
        let host: (&str, &[u8]) = ("host", b"h");
        let head = RequestHead {
            method: "GET",
            raw_path: "/",
            raw_query: "",
            headers: &[host],
        };
        let added = sign(&signer(&secret), &head, &BodyHash::empty(), now()).unwrap();
        let mut headers = vec![host];
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        let head = RequestHead {
            headers: &headers,
            ..head
        };
        let expectation = Expectation {
            services: &["sts"],
            now: now(),
        };
        let claim = Claim::of(head);
        let presented = claim.present(&BodyHash::empty(), &expectation).unwrap();
        presented.clone().verify(&secret, &keys).unwrap();
        presented.verify(&Secret::from("three"), &keys).unwrap_err();
    }
}

fn head_like() -> impl Strategy<Value = String> {
    let target = "(GET|POST) (/|/a%2Fb|/../x|[a-z%]{0,5}) ([A-Za-z0-9=&%+-]{0,60})";
    let credential = "AK/2026010[23]/(us-west-2|x)/(sts|iam)/aws4_request";
    let authorization = format!(
        "authorization:(AWS4-HMAC-SHA256|X) (Credential={credential},)? ?\
         (SignedHeaders=(host|date|host;host),)? ?(Signature=[0-9a-f]{{0,64}})?"
    );
    let date = "(x-amz-date|date):(20260102T0304(05Z|9)|[A-Z0-9 ,:]{0,20})";
    let regex = format!("{target}\n(host:h\n)?({date}\n)?({authorization}\n)?.{{0,20}}");
    proptest::string::string_regex(&regex).expect("a pattern")
}
