//! Applications in Pods: boto3's ordinary credential chain finds the role of the service account, and no other.

use harness::Kubectl;
use journeys::Cluster;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:sts::111111111111:assumed-role/ci-account-iam-role/";

#[test]
fn an_application_is_the_role_of_its_service_account_and_reaches_another_account() {
    let cluster = cluster();
    let told = run(&cluster, "ci-serviceaccount");
    let arn = told["is"].as_str().unwrap_or_default();
    assert!(arn.starts_with(ROLE), "{told}");
    assert_eq!(told["clusters of prod"], json!(["prod"]));
    let refused = &told["refused"];
    assert_eq!(refused["code"], "AccessDeniedException");
    let change = "add a statement to the identity-based policy that allows `eks:ListClusters`";
    let why = why(&cluster, refused);
    assert!(why.contains(change), "{why}");
}

#[test]
fn an_application_that_the_role_does_not_trust_is_refused_and_told_why() {
    let cluster = cluster();
    cluster
        .shell(
            "kubectl create serviceaccount stranger -n ci-namespace
             kubectl annotate serviceaccount stranger -n ci-namespace \
             eks.amazonaws.com/role-arn=arn:aws:iam::111111111111:role/ci-account-iam-role",
        )
        .text();
    let told = run(&cluster, "stranger");
    let refused = &told["refused"];
    assert_eq!(refused["code"], "AccessDenied");
    let why = why(&cluster, refused);
    for expected in [
        "system:serviceaccount:ci-namespace:stranger",
        ":sub\": \"system:serviceaccount:ci-namespace:ci-serviceaccount\"",
    ] {
        assert!(why.contains(expected), "{expected}\n{why}");
    }
}

/// The seed's accounts and service account.
fn cluster() -> Cluster {
    let cluster = Cluster::start(Kubectl::V1_37, &[]);
    for lines in [
        include_str!("seed_kubernetes/aws.sh"),
        include_str!("seed_kubernetes/service_account.sh"),
    ] {
        cluster.shell_with_aws(lines).text();
    }
    cluster
}

/// Runs the application as a service account, to its end, and gives what it logged.
#[track_caller]
fn run(cluster: &Cluster, service_account: &str) -> Value {
    cluster.write("app.py", include_str!("applications/app.py"));
    let lines = format!(
        "service_account={service_account}\n{}",
        include_str!("applications/run.sh")
    );
    let log = cluster.shell_with_aws(&lines);
    let told = log.text().lines().last().unwrap_or_default();
    serde_json::from_str(told).unwrap_or_else(|error| panic!("{error}\n{}", log.stdout))
}

/// What `rolecall why` says of the request that an application was refused.
#[track_caller]
fn why(cluster: &Cluster, refused: &Value) -> String {
    let request = refused["request"].as_str().unwrap_or_default();
    cluster.plane.why(request)
}
