//! Every rung of the ladder, in order: a request with two faults is refused for the first.

use jiff::Timestamp;
use names::secret::Secret;
use sigv4::{
    BodyHash, Claim, DerivedKeys, Expectation, Family, RequestHead, SignatureRefusal, Signer,
    presign, sign,
};

const SCOPE: &str = "AKIDEXAMPLE/20260102/us-west-2/sts/aws4_request";
const DATE: &str = "20260102T030405Z";

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().expect("a timestamp")
}

/// A request as text: target, then headers.
fn refuse(target: &str, headers: &[(&str, &str)]) -> SignatureRefusal {
    let (raw_path, raw_query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()))
        .collect();
    let head = RequestHead {
        method: "GET",
        raw_path,
        raw_query,
        headers: &headers,
    };
    let expectation = Expectation {
        services: &["sts"],
        now: now(),
    };
    match Claim::of(head).present(&BodyHash::empty(), &expectation) {
        Err(refusal) => refusal,
        Ok(presented) => presented
            .verify(&Secret::from("wrong"), &DerivedKeys::new())
            .expect_err("nobody's secret"),
    }
}

fn check(target: &str, headers: &[(&str, &str)], code: &str, text: &str) {
    let refusal = refuse(target, headers);
    assert_eq!(refusal.code(Family::Query), code, "{refusal}");
    assert!(refusal.to_string().starts_with(text), "{refusal}");
}

/// A signed request, with the header's parts to be chosen.
fn check_header(credential: &str, signed: &str, date: &str, code: &str, text: &str) {
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature=0");
    let headers = [
        ("host", "localhost"),
        ("x-amz-date", date),
        ("authorization", &authorization),
    ];
    check("/", &headers, code, text);
}

#[test]
fn rungs_before_the_signature() {
    check(
        "/%zz?%zz",
        &[],
        "InvalidURIPath",
        "The path has a malformed escape.",
    );
    check("a?%zz", &[], "InvalidURIPath", "The path is not absolute.");
    check(
        "/a/../..?%zz",
        &[],
        "InvalidURIPath",
        "The path leads above the root.",
    );
    check(
        "/?a=%zz",
        &[],
        "MalformedQueryString",
        "Illegal hex character in escape % pattern: %zz",
    );
    check(
        "/?a=%2",
        &[],
        "MalformedQueryString",
        "Incomplete trailing escape % sequence",
    );
    let missing = "Request is missing Authentication Token";
    check("/", &[], "MissingAuthenticationToken", missing);
    let both = [("authorization", "Basic x")];
    check(
        "/?X-Amz-Algorithm=x",
        &both,
        "SignatureDoesNotMatch",
        "Found both",
    );
}

#[test]
fn rungs_of_the_header() {
    let rows = [
        ("AWS3 x", "Unsupported AWS 'algorithm': 'AWS3'."),
        (
            "AWS4-ECDSA-P256-SHA256 x",
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
        ),
        (
            "AWS4-HMAC-SHA256 x",
            "Invalid key=value pair (missing equal-sign) in Authorization",
        ),
        (
            "AWS4-HMAC-SHA256",
            "Authorization header requires 'Credential' parameter. \
             Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. \
             Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
             (Hashed with SHA-256 and encoded with Base64) Authorization=",
        ),
    ];
    for (authorization, text) in rows {
        check(
            "/",
            &[("authorization", authorization)],
            "IncompleteSignature",
            text,
        );
    }
}

#[test]
fn rungs_of_the_presigned_twin() {
    let incomplete = "IncompleteSignature";
    check(
        "/?X-Amz-Algorithm=AWS3",
        &[],
        incomplete,
        "Unsupported AWS 'algorithm': 'AWS3'.",
    );
    check(
        "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x",
        &[],
        incomplete,
        "AWS query-string parameters must include 'X-Amz-Credential'. \
         AWS query-string parameters must include 'X-Amz-Signature'. \
         AWS query-string parameters must include 'X-Amz-SignedHeaders'. \
         Re-examine the query-string parameters.",
    );
    let rest = "X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-SignedHeaders=h&X-Amz-Date=d";
    for expires in ["604801", "-1", "x", ""] {
        let target = format!("/?X-Amz-Algorithm=AWS4-HMAC-SHA256&{rest}&X-Amz-Expires={expires}");
        check(&target, &[], incomplete, "X-Amz-Expires must be");
    }
}

#[test]
fn rungs_of_both_forms() {
    let (incomplete, no_match) = ("IncompleteSignature", "SignatureDoesNotMatch");
    check_header(
        "x",
        "date",
        "x",
        no_match,
        "'Host' or ':authority' must be a 'SignedHeader'",
    );
    check_header(
        "x",
        "host",
        "x",
        incomplete,
        "Date must be in ISO-8601 'basic format'. Got 'x'.",
    );
    check_header(
        "x",
        "host",
        "20260102T024904Z",
        no_match,
        "Signature expired: 20260102T024904Z is now earlier than 20260102T024905Z \
         (20260102T030405Z - 15 min.)",
    );
    check_header(
        "x",
        "host",
        "20260102T031906Z",
        no_match,
        "Signature not yet current: 20260102T031906Z is still later than 20260102T031905Z \
         (20260102T030405Z + 15 min.)",
    );
    check_header(
        "x",
        "host",
        DATE,
        incomplete,
        "Credential must have exactly 5 slash-delimited",
    );
    check_header(
        "AKID/20260103/here/iam/aws3_request",
        "host",
        DATE,
        no_match,
        "Credential should be scoped to a valid region. \
         Credential should be scoped to correct service: 'sts'. \
         Credential should be scoped with a valid terminator: 'aws4_request'. \
         Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
    );
    check_header(
        SCOPE,
        "host",
        DATE,
        no_match,
        "The request signature we calculated",
    );
}

#[test]
fn the_clocks_bounds_themselves_pass() {
    for date in [
        "20260102T024905Z",
        "20260102T031905Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ] {
        check_header(
            SCOPE,
            "host",
            date,
            "SignatureDoesNotMatch",
            "The request signature we",
        );
    }
}

#[test]
fn the_global_host_takes_one_region() {
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0");
    let rows = [
        (
            "sts.amazonaws.com",
            "Credential should be scoped to a valid region. ",
        ),
        (
            "sts.us-east-1.amazonaws.com",
            "Credential should be scoped to a valid region. ",
        ),
        ("sts.us-west-2.amazonaws.com", "The request signature"),
        ("127.0.0.1:4566", "The request signature"),
    ];
    for (host, text) in rows {
        let headers = [
            ("host", host),
            ("x-amz-date", DATE),
            ("authorization", &authorization),
        ];
        check("/", &headers, "SignatureDoesNotMatch", text);
    }
}

#[test]
fn the_last_duplicate_wins_in_a_header() {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=x, Credential={SCOPE}, SignedHeaders=host, Signature=0"
    );
    let headers = [
        ("host", "h"),
        ("x-amz-date", DATE),
        ("authorization", &authorization),
    ];
    check(
        "/",
        &headers,
        "SignatureDoesNotMatch",
        "The request signature",
    );
}

#[test]
fn the_first_duplicate_wins_in_a_query() {
    let target = format!(
        "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE}&X-Amz-Credential=x\
         &X-Amz-Signature=s&X-Amz-SignedHeaders=host&X-Amz-Date={DATE}"
    );
    check(
        &target,
        &[("host", "h")],
        "SignatureDoesNotMatch",
        "The request signature",
    );
}

#[test]
fn the_body_must_be_the_one_that_was_hashed() {
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0");
    let rows = [
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "IncompleteSignature",
            "Unsupported",
        ),
        (
            "00",
            "SignatureDoesNotMatch",
            "The provided 'x-amz-content-sha256' header",
        ),
        (
            "UNSIGNED-PAYLOAD",
            "SignatureDoesNotMatch",
            "The request signature",
        ),
    ];
    for (hash, code, text) in rows {
        let headers = [
            ("host", "h"),
            ("x-amz-date", DATE),
            ("x-amz-content-sha256", hash),
            ("authorization", &authorization),
        ];
        check("/", &headers, code, text);
    }
}

#[test]
fn json_services_spell_the_same_causes_otherwise() {
    let refusal = refuse("/", &[]);
    assert_eq!(
        refusal.code(Family::Json),
        "MissingAuthenticationTokenException"
    );
    assert_eq!(refusal.status(Family::Json), 403);
    assert_eq!(refusal.status(Family::Query), 403);
}

#[test]
fn a_mismatch_hides_the_session_token() {
    let (secret, token) = (Secret::from("right"), "THE-SESSION-TOKEN");
    let signer = Signer {
        access_key_id: "AKIDEXAMPLE",
        secret_key: &secret,
        session_token: Some(token),
        region: "us-west-2",
        service: "sts",
    };
    let host: (&str, &[u8]) = ("host", b"localhost:4566");
    let head = RequestHead {
        method: "GET",
        raw_path: "/",
        raw_query: "",
        headers: &[host],
    };
    let query = presign(&signer, &head, 60, now()).unwrap();
    let added = sign(&signer, &head, &BodyHash::empty(), now()).unwrap();
    let mut headers = vec![("host", "localhost:4566")];
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_str())));
    let refusals = [
        refuse(&format!("/?{query}"), &[("host", "localhost:4566")]),
        refuse("/", &headers),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, SignatureRefusal::Mismatch), "{refusal}");
        assert!(!format!("{refusal:?}").contains(token));
    }
}
