//! Signatures that AWS has published: its documented example and its signing test suite.

use jiff::Timestamp;
use names::secret::Secret;
use sigv4::{BodyHash, Claim, DerivedKeys, Expectation, RequestHead, Signer, sign};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Example<'a> {
    service: &'a str,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
}

const VANILLA: Example<'_> = Example {
    service: "service",
    method: "GET",
    path: "/",
    query: "",
    headers: &[("Host", "example.amazonaws.com")],
    body: "",
};

fn check(example: &Example<'_>, signature: &str) {
    let now: Timestamp = "2015-08-30T12:36:00Z".parse().expect("a timestamp");
    let secret = Secret::from(SECRET);
    let headers: Vec<_> = example
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()))
        .collect();
    let (method, raw_path, raw_query) = (example.method, example.path, example.query);
    let body = BodyHash::of(example.body.as_bytes());
    let signer = Signer {
        access_key_id: "AKIDEXAMPLE",
        secret_key: &secret,
        session_token: None,
        region: "us-east-1",
        service: example.service,
    };
    let head = RequestHead {
        method,
        raw_path,
        raw_query,
        headers: &headers,
    };
    let added = sign(&signer, &head, &body, now).expect("signable");
    let authorization = &added.last().expect("a header").1;
    assert!(
        authorization.ends_with(&format!("Signature={signature}")),
        "{authorization}"
    );

    let is_proven = |authorization: &str| {
        let added = added.iter().map(|(name, value)| match *name {
            "authorization" => (*name, authorization.as_bytes()),
            name => (name, value.as_bytes()),
        });
        let headers: Vec<_> = headers.iter().copied().chain(added).collect();
        let head = RequestHead {
            method,
            raw_path,
            raw_query,
            headers: &headers,
        };
        let expectation = Expectation {
            services: &[example.service],
            now,
        };
        let claim = Claim::of(head);
        let presented = claim.present(&body, &expectation).expect("complete");
        presented.verify(&secret, &DerivedKeys::new()).is_ok()
    };
    assert!(is_proven(authorization));
    for less in 1..=signature.len() - 1 {
        let cut = &authorization[..authorization.len() - less];
        assert!(!is_proven(cut), "{cut}");
    }
}

#[test]
fn the_documented_list_users_call() {
    let example = Example {
        service: "iam",
        query: "Action=ListUsers&Version=2010-05-08",
        headers: &[
            (
                "Content-Type",
                "application/x-www-form-urlencoded; charset=utf-8",
            ),
            ("Host", "iam.amazonaws.com"),
        ],
        ..VANILLA
    };
    check(
        &example,
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
}

#[test]
fn get_vanilla() {
    check(
        &VANILLA,
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
}

#[test]
fn get_vanilla_query_order_key_case() {
    let example = Example {
        query: "Param2=value2&Param1=value1",
        ..VANILLA
    };
    check(
        &example,
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    );
}

#[test]
fn post_vanilla() {
    let example = Example {
        method: "POST",
        ..VANILLA
    };
    check(
        &example,
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
}

#[test]
fn get_header_value_trim() {
    let headers = [
        ("Host", "example.amazonaws.com"),
        ("My-Header1", " value1"),
        ("My-Header2", " \"a   b   c\""),
    ];
    let example = Example {
        headers: &headers,
        ..VANILLA
    };
    check(
        &example,
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    );
}

#[test]
fn post_x_www_form_urlencoded() {
    let headers = [
        ("Host", "example.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let example = Example {
        method: "POST",
        headers: &headers,
        body: "Param1=value1",
        ..VANILLA
    };
    check(
        &example,
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    );
}

#[test]
fn get_utf8() {
    let example = Example {
        path: "/ሴ",
        ..VANILLA
    };
    check(
        &example,
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    );
}

#[test]
fn get_slashes() {
    let example = Example {
        path: "//example//",
        ..VANILLA
    };
    check(
        &example,
        "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
    );
}

#[test]
fn get_space() {
    let example = Example {
        path: "/example space/",
        ..VANILLA
    };
    check(
        &example,
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    );
}

#[test]
fn relative_segments_lead_back_to_the_root() {
    for path in ["/example/..", "/./", "/a/b/../.."] {
        let example = Example { path, ..VANILLA };
        check(
            &example,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        );
    }
}
