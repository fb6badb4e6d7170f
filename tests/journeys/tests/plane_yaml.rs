//! What plane.yaml declares, seen by the real clients.

use std::fs;
use std::process::Command;

use harness::{Cli, Clients, Plane, Ran};
use serde_json::json;
use tempfile::TempDir;

const ACCOUNTS: &str = "\
accounts:
  - { alias: ci, id: \"111111111111\" }
  - { alias: prod, id: \"444444444444\" }
";
const CLUSTERS: &str = "\
clusters:
  - { name: ci, account: ci, nodes: [{ name: ip-10-0-0-1 }, { name: ip-10-0-0-2, role: kubelet, group: own }] }
  - { name: prod, account: prod }
";
const ORGANISATION: &str = "\
organisation:
  management: ci
  root:
    units:
      workloads:
        service_control:
          no-clusters:
            document: |
              {
                \"Version\": \"2012-10-17\",
                \"Statement\": [{ \"Sid\": \"NoClusters\", \"Effect\": \"Deny\", \"Action\": \"eks:ListClusters\", \"Resource\": \"*\" }]
              }
        accounts:
          - alias: prod
";

/// A plane.yaml of these parts, in a folder of its own.
struct Yaml(TempDir);

impl Yaml {
    fn of(parts: &[&str]) -> Self {
        let yaml = Self(TempDir::new().expect("a folder for plane.yaml"));
        yaml.write(parts);
        yaml
    }

    fn write(&self, parts: &[&str]) {
        fs::write(self.path(), parts.concat()).expect("plane.yaml is written");
    }

    fn path(&self) -> String {
        self.0.path().join("plane.yaml").display().to_string()
    }

    fn start(&self) -> Plane {
        Plane::start(&["-f", &self.path()])
    }

    /// What `rolecall up` says on a state that it will not start with.
    fn refused_on(&self, plane: &Plane) -> String {
        let mut command = Command::new(harness::rolecall());
        command.args(["up", "--listen", "127.0.0.1:0", "-f", &self.path()]);
        let ran = Ran::of(command.arg("--state").arg(plane.state()));
        ran.refusal().to_owned()
    }
}

#[test]
fn a_service_control_policy_denies_in_a_member_account_and_why_names_it() {
    let plane = Yaml::of(&[ACCOUNTS, ORGANISATION]).start();
    for client in [Cli::V1, Cli::V2] {
        let denied = plane.aws(client, "prod", "eks list-clusters");
        let text = "User: arn:aws:iam::444444444444:user/administrator is not authorized to \
                    perform: eks:ListClusters";
        let reason = "with an explicit deny in a service control policy";
        assert!(denied.refusal().contains(text), "{}", denied.refusal());
        assert!(denied.refusal().contains(reason), "{}", denied.refusal());
        let why = plane.rolecall(&["why"]);
        let why = format!("{}{}", why.stdout, why.stderr);
        for wanted in ["no-clusters", "NoClusters"] {
            assert!(why.contains(wanted), "{why}");
        }
        let exempt = plane.aws(client, "ci", "eks list-clusters").json();
        assert_eq!(exempt["clusters"], json!(["ci"]));
        plane.aws(client, "prod", "iam list-roles").text();
    }
    let script = "import boto3, botocore\n\
                  try: boto3.client('eks').list_clusters()\n\
                  except botocore.exceptions.ClientError as e: print(e.response['Error']['Code'])";
    let mut command = plane.command(Clients::installed().python(), "prod");
    let code = Ran::of(command.args(["-c", script]));
    assert_eq!(code.text(), "AccessDeniedException");
}

#[test]
fn nodes_find_the_role_and_the_instance_profile_that_eksctl_would_make() {
    let plane = Yaml::of(&[ACCOUNTS, CLUSTERS]).start();
    let get = "iam get-instance-profile --instance-profile-name \
               eksctl-ci-nodegroup-workers-NodeInstanceProfile --query InstanceProfile.Roles[0]";
    let role = plane.aws(Cli::V2, "ci", get).json();
    let name = "eksctl-ci-nodegroup-workers-NodeInstanceRole";
    assert_eq!(role["RoleName"], name);
    let trusted = &role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"];
    assert_eq!(trusted, "ec2.amazonaws.com");
    let list = format!(
        "iam list-attached-role-policies --role-name {name} --query AttachedPolicies[].PolicyName"
    );
    assert_eq!(
        plane.aws(Cli::V2, "ci", &list).json(),
        json!([
            "AmazonEC2ContainerRegistryPullOnly",
            "AmazonEKSWorkerNodePolicy",
            "AmazonEKS_CNI_Policy",
            "AmazonSSMManagedInstanceCore"
        ])
    );
    let own = "iam list-instance-profiles-for-role --role-name kubelet \
               --query InstanceProfiles[].InstanceProfileName";
    assert_eq!(
        plane.aws(Cli::V2, "ci", own).json(),
        json!(["eksctl-ci-nodegroup-own-NodeInstanceProfile"])
    );
}

#[test]
fn a_changed_file_adds_changes_nothing_that_is_there_and_is_the_truth_about_the_organisation() {
    let yaml = Yaml::of(&[ACCOUNTS, CLUSTERS, ORGANISATION]);
    let mut plane = yaml.start();
    plane.aws(Cli::V2, "prod", "eks list-clusters").refusal();
    let worker = "eksctl-ci-nodegroup-workers-NodeInstanceRole";
    let id = format!("iam get-role --role-name {worker} --query Role.RoleId");
    let before = plane.aws(Cli::V2, "ci", &id).json();
    let detach = format!(
        "iam detach-role-policy --role-name {worker} \
         --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    );
    plane.aws(Cli::V2, "ci", &detach).text();

    let more = "  - { alias: dev, id: \"222222222222\" }\n";
    yaml.write(&[
        ACCOUNTS,
        more,
        CLUSTERS,
        "  - { name: new, account: dev }\n",
    ]);
    plane.restart(&["-f", &yaml.path()]);
    let clusters = |account| plane.aws(Cli::V2, account, "eks list-clusters").json();
    assert_eq!(
        clusters("prod")["clusters"],
        json!(["prod"]),
        "no organisation"
    );
    assert_eq!(clusters("dev")["clusters"], json!(["new"]));
    assert_eq!(plane.aws(Cli::V2, "ci", &id).json(), before);
    let list = format!("iam list-attached-role-policies --role-name {worker}");
    let attached = plane.aws(Cli::V2, "ci", &list).json();
    assert_eq!(
        attached["AttachedPolicies"].as_array().map(Vec::len),
        Some(3)
    );

    yaml.write(&[ACCOUNTS]);
    plane.restart(&["-f", &yaml.path()]);
    let key = plane.rolecall(&["env", "--account", "dev"]);
    assert!(
        key.refusal().contains("no account `dev`"),
        "{}",
        key.refusal()
    );
}

#[test]
fn a_file_that_cannot_be_is_refused_with_its_line_or_its_reason() {
    let yaml = Yaml::of(&[ACCOUNTS]);
    let mut plane = yaml.start();
    plane.stop();
    let tangled = ORGANISATION.replace("\"Effect\"", "\"Efect\"");
    let elsewhere = "clusters:\n  - { name: ci, account: ci, issuer: https://elsewhere.example }\n";
    let misspelt = ORGANISATION.replace("management", "managment");
    let rows = [
        (
            [ACCOUNTS, &tangled],
            vec!["Syntax errors in policy.", "plane.yaml:14", "Efect"],
        ),
        (
            [ACCOUNTS, elsewhere],
            vec!["cluster `ci` has the issuer", "aws eks delete-cluster"],
        ),
        (
            [ACCOUNTS, &misspelt],
            vec!["plane.yaml:5:3", "did you mean `management`?"],
        ),
    ];
    for (parts, wanted) in rows {
        yaml.write(&parts);
        let said = yaml.refused_on(&plane);
        for wanted in wanted {
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
    }
}
