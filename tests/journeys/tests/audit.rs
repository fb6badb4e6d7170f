//! What `rolecall audit tail` shows of requests: the members that CloudTrail's readers look for.

use harness::{Cli, Plane};
use serde_json::{Value, json};

#[test]
fn a_record_says_who_asked_what_and_what_was_answered() {
    let plane = Plane::start(&[]);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"sts:AssumeRole"}]}"#;
    let create = [
        "iam",
        "create-role",
        "--role-name",
        "reader",
        "--assume-role-policy-document",
        trust,
    ];
    plane.aws_words(Cli::V1, "ci", &create).text();
    let assume = "sts assume-role --role-arn arn:aws:iam::111111111111:role/reader --role-session-name session";
    plane.aws(Cli::V1, "ci", assume).refusal();

    let tail = plane.rolecall(&["audit", "tail"]);
    let lines = tail.text().lines();
    let records: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let find = |name: &str| {
        records
            .iter()
            .find(|record| record["eventName"] == name)
            .expect(name)
    };

    let created = find("CreateRole");
    assert_eq!(created["eventSource"], "iam.amazonaws.com");
    assert_eq!(
        (&created["readOnly"], &created["awsRegion"]),
        (&json!(false), &json!("us-east-1"))
    );
    assert_eq!(created["recipientAccountId"], "111111111111");
    assert_eq!(created["requestParameters"]["roleName"], "reader");
    assert_eq!(
        created["requestParameters"]["assumeRolePolicyDocument"],
        trust
    );
    assert_eq!(
        created["userIdentity"]["arn"],
        "arn:aws:iam::111111111111:user/administrator"
    );
    assert!(
        created["userAgent"]
            .as_str()
            .is_some_and(|agent| agent.starts_with("aws-cli/1."))
    );
    assert!(
        created["durationMicros"]
            .as_u64()
            .is_some_and(|micros| micros > 0)
    );
    assert_eq!(
        (&created["status"], created.get("errorCode")),
        (&json!(200), None)
    );

    let refused = find("AssumeRole");
    assert_eq!(
        (&refused["readOnly"], &refused["errorCode"]),
        (&json!(true), &json!("AccessDenied"))
    );
    assert!(
        refused["errorMessage"]
            .as_str()
            .is_some_and(|message| message.contains("sts:AssumeRole"))
    );
    let hops = refused["trail"]["findings"].as_array().expect("findings");
    assert_eq!(
        hops.last().map(|hop| &hop["verdict"]),
        Some(&json!("refused"))
    );
}

#[test]
fn what_a_written_document_does_not_do_is_noted_in_its_trail() {
    let plane = Plane::start(&[]);
    let issuer =
        "eks describe-cluster --name ci --query cluster.identity.oidc.issuer --output text";
    let issuer = plane.aws(Cli::V1, "ci", issuer).text().to_owned();
    let create = format!(
        "iam create-open-id-connect-provider --url {issuer} --client-id-list sts.amazonaws.com"
    );
    plane.aws(Cli::V1, "ci", &create).text();
    let name = issuer.trim_start_matches("https://");
    // A wildcard under StringEquals is the letter `*`.
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": format!("arn:aws:iam::111111111111:oidc-provider/{name}") },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": {
                format!("{name}:aud"): "sts.amazonaws.com",
                format!("{name}:sub"): "system:serviceaccount:ci-namespace:*",
            } },
        }],
    });
    let trust = trust.to_string();
    let create = [
        "iam",
        "create-role",
        "--role-name",
        "any",
        "--assume-role-policy-document",
        &trust,
    ];
    plane.aws_words(Cli::V1, "ci", &create).text();
    let records = plane.rolecall(&["audit", "tail", "--lines", "1"]);
    let created: Value = serde_json::from_str(records.text()).expect("JSON");
    let told = plane.why(created["requestID"].as_str().expect("an id"));
    assert!(told.contains("rolecall explain RC-COND-001"), "{told}");
    let explained = plane.rolecall(&["explain", "RC-COND-001"]);
    assert!(
        explained.text().contains("StringLike"),
        "{}",
        explained.stdout
    );
}
