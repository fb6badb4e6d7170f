//! A policy about regions, as it decides for the real `aws`: by the endpoint that is asked.

use harness::{Cli, Clients, Plane, Ran};
use serde_json::{Value, json};

/// What the user may, in AWS's words for why not.
const ROWS: [(&str, Option<&str>); 6] = [
    ("eks list-clusters", None),
    ("eks list-clusters --region eu-west-1", Some(DENIED)),
    ("sts get-federation-token --name guest", None),
    (
        "sts get-federation-token --name guest --region eu-west-1",
        Some(DENIED),
    ),
    ("iam list-roles", None),
    ("iam list-roles --region eu-west-1", None),
];
const WHO: &str = "sa:ci-namespace/ci-serviceaccount@ci";
const DENIED: &str = "with an explicit deny in an identity-based policy";

#[test]
fn a_region_condition_reads_the_region_that_is_asked() {
    let plane = Plane::start(&[]);
    let token = plane.token(WHO.trim_start_matches("sa:"), "sts.amazonaws.com");
    let mut command = plane.command(Clients::installed().python(), "ci");
    let seen = Ran::of(command.args(["-c", include_str!("regions.py"), &token])).json();
    assert_eq!(seen["exchanged"], json!([200, 200, 403, 403]));
    let print = ["--", "sh", "-c", "echo $AWS_ROLE_ARN"];
    let found = plane.rolecall(&[&["exec", "--as", WHO][..], &print].concat());
    assert_eq!(found.text(), "arn:aws:iam::111111111111:role/here");
    for client in [Cli::V1, Cli::V2] {
        for (arguments, why) in ROWS {
            let ran = as_the_user(&plane, client, &seen["key"], arguments);
            match why {
                None => drop(ran.json()),
                Some(why) => assert!(ran.refusal().contains(why), "{}", ran.stderr),
            }
        }
    }
}

fn as_the_user(plane: &Plane, client: Cli, key: &Value, arguments: &str) -> Ran {
    let mut command = plane.command(Clients::installed().aws(client), "ci");
    let text = |index: usize| key[index].as_str().expect("a key and its secret");
    command
        .env("AWS_ACCESS_KEY_ID", text(0))
        .env("AWS_SECRET_ACCESS_KEY", text(1));
    Ran::of(command.args(arguments.split_whitespace()))
}
