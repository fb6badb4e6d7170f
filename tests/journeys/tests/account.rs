//! An account, read as tools read it that audit it or take it apart.

use harness::{Cli, Clients, Plane, Ran};
use serde_json::{Value, json};

#[test]
fn an_account_is_read_and_its_policies_are_simulated() {
    let plane = Plane::start(&[]);
    let mut command = plane.command(Clients::installed().python(), "ci");
    let seen = Ran::of(command.args(["-c", include_str!("account.py")])).json();
    assert_eq!(seen["nothing"], json!([[], [], [], [], [], [], []]));
    assert_eq!(seen["none"], json!(vec!["NoSuchEntity"; 4]));
    let count = |key: &str| seen["summary"][key].as_i64();
    assert_eq!(
        [count("Users"), count("Roles"), count("UsersQuota")],
        [Some(2), Some(1), Some(5_000)]
    );
    the_keys_of_conditions_are_named(&seen);
    the_simulation_decides_as_in_earnest(&seen);
    the_details_are_whole(&seen);
    the_updates_of_a_cluster_are_listed(&seen);
    the_command_line_simulates_too(&plane);
}

#[test]
fn the_last_use_of_keys_and_roles_is_told_and_outlives_a_restart() {
    let mut plane = Plane::start(&[]);
    let mut command = plane.command(Clients::installed().python(), "ci");
    let seen = Ran::of(command.args(["-c", include_str!("last_use.py")])).json();
    let never = json!([["reader", "N/A", "N/A", false], [null, false]]);
    assert_eq!(seen["never"], never);
    assert_eq!(seen["unused"], json!([null, false]));
    let used = json!([["reader", "sts", "eu-west-1", true], ["us-west-2", true]]);
    assert_eq!(seen["used"], used);
    assert_eq!(seen["elsewhere"], json!(["AccessDenied", "AccessDenied"]));
    plane.restart(&[]);
    let id = seen["id"].as_str().unwrap_or_default();
    let key = format!(
        "iam get-access-key-last-used --access-key-id {id} \
         --query [UserName,AccessKeyLastUsed.[ServiceName,Region]]"
    );
    let role = "iam get-role --role-name used --query Role.RoleLastUsed.Region";
    for client in [Cli::V1, Cli::V2] {
        let told = plane.aws(client, "ci", &key).json();
        assert_eq!(told, json!(["reader", ["sts", "eu-west-1"]]));
        assert_eq!(plane.aws(client, "ci", role).json(), json!("us-west-2"));
    }
}

#[test]
fn the_reports_tell_of_credentials_and_of_what_was_accessed() {
    let mut plane = Plane::start(&[]);
    let mut command = plane.command(Clients::installed().python(), "ci");
    let seen = Ran::of(command.args(["-c", include_str!("reports.py")])).json();
    assert_eq!(seen["none"], json!(["ReportNotPresent", 410]));
    assert_eq!(seen["states"], json!(["STARTED", "COMPLETE", "text/csv"]));
    assert_eq!(seen["refused"], json!(["AccessDeniedException", 403]));
    let users = json!(["<root_account>", "administrator", "reader"]);
    assert_eq!(seen["users"], users);
    assert_eq!(seen["key"], json!(["true", "us-west-2", "eks"]));
    let reader = "arn:aws:iam::111111111111:user/reader";
    assert_eq!(seen["services"], json!({ "eks": [1, reader] }));
    assert_eq!(seen["unused"], json!({ "eks": [0, null] }));
    let lists = json!({ "ListCapabilities": false, "ListClusters": true });
    let listed = seen["actions"].as_object().expect("actions");
    for (action, accessed) in lists.as_object().expect("actions") {
        assert_eq!(listed.get(action), Some(accessed), "{action}");
    }
    assert_eq!(listed.get("DeleteCluster"), None, "no policy allows it");
    assert_eq!(seen["entities"], json!([["USER", "reader", true]]));
    let by = |name: &str, kind: &str| json!([["eks", [name, kind]], ["s3"]]);
    let granting = json!([by("lists", "MANAGED"), by("inline", "INLINE")]);
    assert_eq!(seen["granting"], granting);
    let unknown = json!([["NoSuchEntity", 404], ["NoSuchEntity", 404]]);
    assert_eq!(seen["unknown"], unknown);
    plane.restart(&[]);
    let report = "iam get-credential-report --query ReportFormat";
    let job = format!("iam generate-service-last-accessed-details --arn {reader} --query JobId");
    for client in [Cli::V1, Cli::V2] {
        assert_eq!(plane.aws(client, "ci", report).json(), json!("text/csv"));
        let id = plane.aws(client, "ci", &job).json();
        let id = id.as_str().expect("a job id");
        let told = format!(
            "iam get-service-last-accessed-details --job-id {id} \
             --query ServicesLastAccessed[].[ServiceNamespace,TotalAuthenticatedEntities]"
        );
        assert_eq!(plane.aws(client, "ci", &told).json(), json!([["eks", 1]]));
    }
}

fn the_keys_of_conditions_are_named(seen: &Value) {
    assert_eq!(seen["keys"], json!(["aws:RequestedRegion"]));
    assert_eq!(
        seen["custom_keys"],
        json!(["aws:RequestedRegion", "aws:username"])
    );
}

fn the_simulation_decides_as_in_earnest(seen: &Value) {
    let allowing = json!({
        "decision": "allowed",
        "statements": [["lists", "user", 4]],
        "missing": ["aws:RequestedRegion"],
    });
    assert_eq!(seen["unknown_region"], allowing);
    let denying = json!({
        "decision": "explicitDeny",
        "statements": [["lists", "user", 9]],
        "missing": [],
    });
    assert_eq!(seen["denied"], denying);
    assert_eq!(seen["allowed"]["decision"], "allowed");
    let nothing = json!({ "decision": "implicitDeny", "statements": [], "missing": [] });
    assert_eq!(seen["not_allowed"], nothing);
    assert_eq!(
        seen["assumed"],
        json!(["allowed", "implicitDeny", "implicitDeny"])
    );
    assert_eq!(seen["elsewhere"], "InvalidInput");
}

fn the_details_are_whole(seen: &Value) {
    let inline = &seen["users"]["reader"][0];
    assert_eq!(inline["PolicyName"], "lists");
    assert_eq!(inline["PolicyDocument"], seen["allow"]);
    assert_eq!(seen["roles"]["target"], seen["trust"]);
    assert_eq!(seen["policies"], json!(["AdministratorAccess"]));
    assert_eq!(seen["page_sizes"], json!([1, 1, 1]));
}

fn the_updates_of_a_cluster_are_listed(seen: &Value) {
    let updates = &seen["updates"];
    assert_eq!(updates["listed"], updates["made"]);
    assert_eq!(updates["none"], json!(vec!["ResourceNotFoundException"; 2]));
}

fn the_command_line_simulates_too(plane: &Plane) {
    for client in [Cli::V1, Cli::V2] {
        let simulate = "iam simulate-principal-policy --action-names eks:ListClusters \
                        --policy-source-arn arn:aws:iam::111111111111:user/administrator \
                        --query EvaluationResults[0].[EvalDecision,MatchedStatements[0].SourcePolicyId]";
        assert_eq!(
            plane.aws(client, "ci", simulate).json(),
            json!(["allowed", "AdministratorAccess"])
        );
        let summary = "iam get-account-summary --query SummaryMap.Groups";
        assert_eq!(plane.aws(client, "ci", summary).json(), json!(0));
    }
}
