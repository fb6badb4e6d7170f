//! What reading and answering costs; run with `--ignored --nocapture`.
#![expect(clippy::disallowed_methods, reason = "a measurement")]

use std::time::Instant;

use awswire::dto::sts;
use awswire::{Head, encode, route};
use names::RequestId;

#[test]
#[ignore = "a measurement"]
fn reading_and_answering() {
    let head = Head {
        method: "POST",
        path: "/",
        signed_for: Some("sts"),
        ..Head::default()
    };
    let identity = b"Action=GetCallerIdentity&Version=2011-06-15";
    measure("GetCallerIdentity", || {
        let _: sts::GetCallerIdentityRequest = route(&head, identity).unwrap().input().unwrap();
        let answer = sts::GetCallerIdentityResponse {
            user_id: Some("AROAEXAMPLE:session".to_owned()),
            account: Some("111111111111".to_owned()),
            arn: Some("arn:aws:sts::111111111111:assumed-role/reader/session".to_owned()),
        };
        encode(answer, &RequestId::from_random([1; 16])).body.len()
    });
    let head = Head {
        signed_for: None,
        ..head
    };
    let exchange = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fr&RoleSessionName=botocore-session-1&WebIdentityToken={}",
        "abcdefghij".repeat(100)
    );
    measure("AssumeRoleWithWebIdentity, request", || {
        let call = route(&head, exchange.as_bytes()).unwrap();
        let input: sts::AssumeRoleWithWebIdentityRequest = call.input().unwrap();
        input.role_arn.len()
    });
}

#[expect(clippy::print_stderr, reason = "the measurement's result")]
fn measure(name: &str, mut once: impl FnMut() -> usize) {
    let rounds = 20_000;
    let start = Instant::now();
    let mut total = 0;
    for _ in 0..rounds {
        total += std::hint::black_box(once());
    }
    let each = start.elapsed() / rounds;
    eprintln!("{name}: {each:?} ({total} bytes)");
}
