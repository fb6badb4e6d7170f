//! AWS's own way to ask why: IAM Toolbox, with `aws` v2 and boto3. `aws` v1 does not have it.

use harness::{Cli, Clients, Plane, Ran};
use serde_json::{Value, json};

const POLICY: &str = "inline:arn:aws:iam::111111111111:user/team/ann:hers";

#[test]
fn the_unmodified_clients_are_told_why_a_request_was_denied() {
    let plane = Plane::start(&[]);
    let mut command = plane.command(Clients::installed().python(), "ci");
    command.args(["-c", include_str!("toolbox.py")]);
    let told = Ran::of(&mut command).json();
    let id = told["denied"]["id"].as_str().expect("a denial has its id");
    the_denial_says_where_to_ask(&told["denied"], id);
    the_details_name_the_statement(&told);
    only_who_may_is_told(&told, id);
    a_foreign_account_keeps_its_own(&told);
    every_decision_of_the_request_is_told(&told);
    aws_v2_tells_it_and_v1_has_it_not(&plane, id);
    why_takes_the_authorization_id(&plane, id);
}

#[test]
fn the_admin_api_leaves_records_and_trails_as_aws_does() {
    let plane = Plane::start(&[]);
    plane.token("a/b@ci", "sts.amazonaws.com");
    let told = plane.rolecall(&["why"]);
    let told = told.text();
    assert!(
        told.starts_with("CreateToken at rolecall was answered (200)"),
        "{told}"
    );
    assert!(
        told.contains("signed by arn:aws:iam::111111111111:user/"),
        "{told}"
    );
    let unknown = plane.rolecall(&["why", "0000"]);
    let refusal = unknown.refusal();
    assert!(refusal.contains("no record of `0000`"), "{refusal}");
    // What was asked of the records themselves is not what is shown.
    assert!(plane.rolecall(&["why"]).text().starts_with("CreateToken"));
    may_not_ask_without_permission(&plane);
}

/// Who is known but may not is denied as by AWS, with an id under which that is explained.
fn may_not_ask_without_permission(plane: &Plane) {
    let mut command = plane.command(Clients::installed().python(), "ci");
    command.args(["-c", include_str!("admin.py")]);
    let told = Ran::of(&mut command).json();
    let text = told["message"].as_str().unwrap_or_default();
    assert_eq!(
        (&told["status"], &told["code"]),
        (&json!(403), &json!("AccessDeniedException"))
    );
    assert!(text.starts_with("User: arn:aws:iam::111111111111:user/bob is not authorized to perform: rolecall:CreateToken on resource: * because no identity-based policy allows"), "{text}");
    let id = text.rsplit(' ').next().unwrap_or_default();
    assert_eq!(text.matches(id).count(), 2, "{text}");
    // The whole text of the denial will do.
    let why = plane.rolecall(&["why", text]);
    assert!(
        why.text()
            .starts_with("CreateToken at rolecall was refused"),
        "{}",
        why.stdout
    );
}

fn the_denial_says_where_to_ask(denied: &Value, id: &str) {
    let wanted = format!(
        "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: iam:GetUser \
         on resource: user ann with an explicit deny in an identity-based policy. Go to \
         https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1\
         #/authorization-details/{id} for complete details, or call the \
         GetRequestAuthorizationDetails API with the following authorization id: {id}"
    );
    assert_eq!(denied["message"], wanted.as_str());
    assert_eq!(
        (&denied["code"], &denied["status"]),
        (&json!("AccessDenied"), &json!(403))
    );
}

fn the_details_name_the_statement(told: &Value) {
    let details = &told["details"]["answer"];
    let context = &details["requestContext"];
    assert_eq!(context["aws:username"], "ann");
    assert_eq!(context["aws:PrincipalTag/Team"], "red");
    assert_eq!(context["aws:SourceIp"], "127.0.0.1");
    let evaluations = details["evaluations"].as_array().expect("evaluations");
    assert_eq!(evaluations.len(), 1, "{details}");
    let one = &evaluations[0];
    assert_eq!(one["action"], "iam:GetUser");
    assert_eq!(one["resource"], "arn:aws:iam::111111111111:user/team/ann");
    assert_eq!(one["evaluatedEffect"], "EXPLICIT_DENY");
    assert_eq!(one["context"]["aws:ResourceTag/Team"], "red");
    let matched = json!([{
        "uri": POLICY,
        "matchedStatements": [
            { "sid": "Statement1", "evaluatedEffect": "ALLOW" },
            { "sid": "NoUsers", "evaluatedEffect": "DENY" },
        ],
    }]);
    let check = json!([{
        "checkType": "PRINCIPAL",
        "evaluatedEffect": "EXPLICIT_DENY",
        "targetArn": "arn:aws:iam::111111111111:user/team/ann",
        "relevantPolicyTypes": ["IDENTITY_BASED_POLICY"],
        "matchedPolicies": matched,
    }]);
    assert_eq!(one["checks"], check);
    assert_eq!(one["matchedPolicies"], matched);
    let policies = json!([{
        "type": "IDENTITY_BASED_POLICY",
        "inline": true,
        "uri": POLICY,
        "attachedTo": [{ "arn": "arn:aws:iam::111111111111:user/team/ann" }],
    }]);
    assert_eq!(details["policies"], policies);
    // The policy as it was: it has been changed since.
    assert_eq!(
        told["policy"]["answer"]["policyDocument"],
        told["wanted policy"]
    );
}

fn only_who_may_is_told(told: &Value, id: &str) {
    for stranger in ["stranger", "stranger's policy", "unknown", "no policy"] {
        let refused = &told[stranger];
        assert_eq!(
            refused["code"], "ResourceNotFoundException",
            "{stranger}: {refused}"
        );
        assert_eq!(refused["status"], 404);
    }
    for invalid in ["page", "misspelt"] {
        let refused = &told[invalid];
        assert_eq!(
            refused["code"], "ValidationException",
            "{invalid}: {refused}"
        );
        assert_eq!(refused["status"], 400);
    }
    let refused = &told["without permission"];
    assert_eq!(refused["code"], "AccessDeniedException", "{refused}");
    let text = refused["message"].as_str().unwrap_or_default();
    assert!(
        text.contains("iam:GetRequestAuthorizationDetails on resource: * because no identity-based policy allows"),
        "{text}"
    );
    assert_ne!(refused["id"], id, "this denial has an id of its own");
}

/// A role that denies and one that is not there are told alike to another account.
fn a_foreign_account_keeps_its_own(told: &Value) {
    let text = "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: \
                sts:AssumeRole on resource: arn:aws:iam::444444444444:role/closed";
    assert_eq!(told["closed"]["message"], text);
    let one = &told["closed details"]["answer"]["evaluations"][0];
    assert_eq!(one["evaluatedEffect"], "IMPLICIT_DENY");
    let checks = one["checks"].as_array().expect("checks");
    let kinds: Vec<_> = checks.iter().map(|check| &check["checkType"]).collect();
    assert_eq!(kinds, ["PRINCIPAL"]);
    assert_eq!(checks[0]["evaluatedEffect"], "ALLOW");
    assert!(one["context"].get("aws:ResourceTag/a").is_none(), "{one}");
    let missing = &told["missing details"]["answer"]["evaluations"];
    assert_eq!(
        missing.to_string().replace("role/missing", "role/closed"),
        told["closed details"]["answer"]["evaluations"].to_string()
    );
    let refused = &told["closed details in prod"];
    assert_eq!(refused["code"], "ResourceNotFoundException", "{refused}");
}

fn every_decision_of_the_request_is_told(told: &Value) {
    let text = told["untagged"].as_str().unwrap_or_default();
    assert!(text.contains("to perform: sts:TagSession"), "{text}");
    let decisions = json!([
        ["sts:AssumeRole", "ALLOW"],
        ["sts:TagSession", "IMPLICIT_DENY"],
    ]);
    assert_eq!(told["untagged details"], decisions);
}

fn aws_v2_tells_it_and_v1_has_it_not(plane: &Plane, id: &str) {
    let arguments =
        format!("iam-toolbox get-request-authorization-details --authorization-id {id}");
    let told = plane.aws(Cli::V2, "ci", &arguments).json();
    let matched = &told["evaluations"][0]["matchedPolicies"][0];
    assert_eq!(matched["uri"], POLICY, "{told}");
    let v1 = plane.aws(Cli::V1, "ci", &arguments);
    let refusal = v1.refusal();
    assert!(refusal.contains("nvalid choice"), "{refusal}");
}

fn why_takes_the_authorization_id(plane: &Plane, id: &str) {
    let told = plane.rolecall(&["why", id]);
    assert!(
        told.text().contains(&format!("denial    {id}")),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout.contains("statement `NoUsers`"),
        "{}",
        told.stdout
    );
    let json = plane.rolecall(&["why", id, "--output", "json"]).json();
    assert_eq!(json["data"]["authorizationID"], id, "{json}");
}
