//! Wrong variants, each refused with AWS's code and text, and explained by `rolecall why`.
//!
//! The cases are data, `tests/corpus/refusals.json`; one boto3 process makes all the calls.

use std::collections::BTreeMap;
use std::fs;

use harness::{Clients, Plane, Ran};
use serde_json::{Value, json};

const CORPUS: &str = include_str!("../../corpus/refusals.json");
const DRIVER: &str = include_str!("refusals.py");
/// What the issue asks for at least.
const REFUSALS_MIN: usize = 30;

#[test]
fn every_wrong_variant_is_refused_as_aws_refuses_it_and_explained() {
    let corpus: Value = serde_json::from_str(CORPUS).expect("the corpus is JSON");
    let plane = Plane::start(&[]);
    let answers = drive(&plane, &corpus);
    let cases = corpus["refusals"].as_array().expect("a list of refusals");
    assert!(cases.len() >= REFUSALS_MIN);
    assert_eq!(answers.len(), cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .zip(&answers)
        .flat_map(|(case, answered)| complaints(&plane, case, answered))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} complaints:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn drive(plane: &Plane, corpus: &Value) -> Vec<Value> {
    let given = plane.scratch().join("calls.json");
    let values = values(plane, corpus);
    let text = json!({ "calls": corpus, "values": values }).to_string();
    fs::write(&given, text).expect("the calls are written");
    let mut command = plane.command(Clients::installed().python(), "ci");
    let answers = Ran::of(command.arg("-c").arg(DRIVER).arg(given)).json();
    answers.as_array().expect("a list of answers").clone()
}

/// Values of `${token:NS/NAME@CLUSTER[:AUDIENCE]}`, `${issuer:CLUSTER}` and `${provider:CLUSTER}`.
fn values(plane: &Plane, corpus: &Value) -> BTreeMap<String, String> {
    let good = plane.token("ci-namespace/ci-serviceaccount@ci", "sts.amazonaws.com");
    let mut values = BTreeMap::from([("good".to_owned(), good)]);
    for cluster in ["ci", "prod"] {
        let mut command = plane.command(Clients::installed().python(), cluster);
        let script = "import boto3, sys; print(boto3.client('eks').describe_cluster(\
                      name=sys.argv[1])['cluster']['identity']['oidc']['issuer'])";
        let issuer = Ran::of(command.args(["-c", script, cluster]))
            .text()
            .to_owned();
        let provider = issuer.trim_start_matches("https://").to_owned();
        values.insert(format!("provider:{cluster}"), provider);
        values.insert(format!("issuer:{cluster}"), issuer);
    }
    for name in token_names(&corpus.to_string()) {
        let asked = name.trim_start_matches("token:");
        let (who, audience) = asked
            .split_once(':')
            .unwrap_or((asked, "sts.amazonaws.com"));
        values.insert(name.clone(), plane.token(who, audience));
    }
    values
}

fn token_names(corpus: &str) -> Vec<String> {
    let after = corpus.split("${").skip(1);
    let names = after.filter_map(|text| text.split('}').next());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("token:")).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

fn complaints(plane: &Plane, case: &Value, answered: &Value) -> Vec<String> {
    let name = case["name"].as_str().unwrap_or_default();
    let (answer, wanted) = (&answered["answer"], &answered["wanted"]);
    let mut complaints = Vec::new();
    let mut complain = |what: &str, wanted: &Value, found: &Value| {
        complaints.push(format!("{name}: {what}: wanted {wanted}, found {found}"));
    };
    if answer["code"] != case["code"] {
        complain("code", &case["code"], answer);
        return complaints;
    }
    if answer["status"] != case["status"] {
        complain("status", &case["status"], &answer["status"]);
    }
    if !message_fits(&wanted["message"], &answer["message"]) {
        complain("message", &wanted["message"], &answer["message"]);
    }
    let why = plane.why(answer["request_id"].as_str().unwrap_or_default());
    let reason = wanted["why"].as_str().expect("every case has its reason");
    if !why.contains(reason) {
        complain("why", &wanted["why"], &Value::from(why.as_str()));
    }
    // A trail ends where it is refused: one hop says no, whatever else could be said.
    if why.matches(". REFUSED ").count() != 1 {
        complain("refusals", &Value::from(1), &Value::from(why));
    }
    complaints
}

/// Texts are exact, unless AWS puts the time into them, or its own is not known (null).
fn message_fits(wanted: &Value, found: &Value) -> bool {
    let text = found.as_str().unwrap_or_default();
    match wanted["begins"].as_str() {
        Some(beginning) => text.starts_with(beginning),
        None => wanted.is_null() && !text.is_empty() || wanted == found,
    }
}
