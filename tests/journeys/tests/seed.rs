//! The seed's AWS commands, as written: a service account of `ci` reaches the clusters of `prod`.

use std::fs;
use std::process::Command;

use harness::{Cli, Clients, Plane, Ran};
use serde_json::{Value, json};

const CI: &str = "111111111111";
const PROD: &str = "444444444444";
const SUBJECT: &str = "system:serviceaccount:ci-namespace:ci-serviceaccount";

#[test]
fn the_seed_is_walked_with_aws_v1() {
    walk(Cli::V1);
}

#[test]
fn the_seed_is_walked_with_aws_v2() {
    walk(Cli::V2);
}

#[test]
fn the_seed_is_walked_with_boto3() {
    let seed = Seed {
        plane: Plane::start(&[]),
        cli: Cli::V2,
    };
    seed.write_profiles();
    let mut command = seed.plane.command(Clients::installed().python(), "ci");
    command
        .arg("-c")
        .arg(include_str!("seed.py"))
        .env("SEED_CONFIG", seed.config());
    let walked = Ran::of(&mut command).json();
    assert_eq!(walked["ci-env"]["Account"], CI);
    assert_eq!(walked["target-env"]["Arn"], TARGET_SESSION);
    assert_eq!(walked["clusters"], json!(["prod"]));
    assert_eq!(walked["cluster"], "prod");
}

const TARGET_SESSION: &str =
    "arn:aws:sts::444444444444:assumed-role/target-account-iam-role/xactarget";

fn walk(cli: Cli) {
    let seed = Seed {
        plane: Plane::start(&[]),
        cli,
    };
    let provider = seed.register_the_issuer();
    seed.create_the_ci_role(&provider);
    seed.create_the_target_role();
    seed.confirm_the_role(&provider);
    seed.write_profiles();
    seed.use_the_profiles();
}

struct Seed {
    plane: Plane,
    cli: Cli,
}

impl Seed {
    /// "Setup OIDC in CI account".
    fn register_the_issuer(&self) -> String {
        let issuer = self.aws(
            "ci",
            "eks describe-cluster --name ci --query cluster.identity.oidc.issuer --output text",
        );
        let issuer = issuer.text().to_owned();
        let id = issuer
            .split('/')
            .nth(4)
            .expect("an issuer's fifth part is its id");
        let before = self.aws("ci", "iam list-open-id-connect-providers");
        assert!(!before.text().contains(id), "{}", before.stdout);
        let create = format!(
            "iam create-open-id-connect-provider --url {issuer} --client-id-list sts.amazonaws.com"
        );
        let created = self.aws("ci", &create).json();
        let name = issuer.strip_prefix("https://").expect("an issuer is https");
        let arn = format!("arn:aws:iam::{CI}:oidc-provider/{name}");
        assert_eq!(created["OpenIDConnectProviderArn"], arn.as_str());
        let after = self.aws("ci", "iam list-open-id-connect-providers").json();
        assert_eq!(after["OpenIDConnectProviderList"], json!([{ "Arn": arn }]));
        name.to_owned()
    }

    /// "Setup IAM role in CI account": a role, and the right to go on into the target account.
    fn create_the_ci_role(&self, provider: &str) {
        let trust = self.document("trust-relationship.json", &trust_of(provider));
        self.create_role("ci", "ci-account-iam-role", &trust);
        let target = format!("arn:aws:iam::{PROD}:role/target-account-iam-role");
        let allow = allowing(&json!("sts:AssumeRole"), &target);
        self.attach_policy("ci", CI, "my-policy", &allow, "ci-account-iam-role");
    }

    /// "Configuring the target account".
    fn create_the_target_role(&self) {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": { "AWS": format!("arn:aws:iam::{CI}:role/ci-account-iam-role") },
                "Condition": {},
            }],
        });
        let trust = self.document("target-trust.json", &trust);
        self.create_role("prod", "target-account-iam-role", &trust);
        let actions = json!([
            "s3:ListAllMyBuckets",
            "eks:DescribeCluster",
            "eks:ListClusters"
        ]);
        let allow = allowing(&actions, "*");
        self.attach_policy(
            "prod",
            PROD,
            "target-policy",
            &allow,
            "target-account-iam-role",
        );
    }

    /// "Confirm the role and service account".
    fn confirm_the_role(&self, provider: &str) {
        let get =
            "iam get-role --role-name ci-account-iam-role --query Role.AssumeRolePolicyDocument";
        assert_eq!(self.aws("ci", get).json(), trust_of(provider));
        let list = "iam list-attached-role-policies --role-name ci-account-iam-role \
                    --query AttachedPolicies[].PolicyArn --output text";
        let policy = format!("arn:aws:iam::{CI}:policy/my-policy");
        assert_eq!(self.aws("ci", list).text(), policy);
        let found = self
            .aws("ci", &format!("iam get-policy --policy-arn {policy}"))
            .json();
        assert_eq!(found["Policy"]["DefaultVersionId"], "v1");
        let get = format!("iam get-policy-version --policy-arn {policy} --version-id v1");
        let version = self.aws("ci", &get).json();
        let statement = &version["PolicyVersion"]["Document"]["Statement"][0];
        assert_eq!(statement["Action"], "sts:AssumeRole");
    }

    /// The seed's `awsconfig`, and the token that the pod would find.
    fn write_profiles(&self) {
        let token = self
            .plane
            .token("ci-namespace/ci-serviceaccount@ci", "sts.amazonaws.com");
        let token_file = self.plane.scratch().join("token");
        fs::write(&token_file, token).expect("the token is written");
        let config = format!(
            "[profile ci-env]\n\
             role_arn = arn:aws:iam::{CI}:role/ci-account-iam-role\n\
             web_identity_token_file = {}\n\n\
             [profile target-env]\n\
             role_arn = arn:aws:iam::{PROD}:role/target-account-iam-role\n\
             source_profile = ci-env\n\
             role_session_name = xactarget\n",
            token_file.display()
        );
        fs::write(self.config(), config).expect("the profiles are written");
    }

    /// "Verify if the pod is able to assume both the ci-env and target-env roles".
    fn use_the_profiles(&self) {
        let ci = self
            .as_profile("sts get-caller-identity --profile ci-env")
            .json();
        let session = format!("arn:aws:sts::{CI}:assumed-role/ci-account-iam-role/");
        assert!(
            ci["Arn"]
                .as_str()
                .is_some_and(|arn| arn.starts_with(&session)),
            "{ci}"
        );
        let target = self
            .as_profile("sts get-caller-identity --profile target-env")
            .json();
        assert_eq!(
            (&target["Account"], &target["Arn"]),
            (&json!(PROD), &json!(TARGET_SESSION))
        );
        let list = "eks list-clusters --region us-west-2 --profile target-env";
        assert_eq!(
            self.as_profile(list).json(),
            json!({ "clusters": ["prod"] })
        );
        let describe = "eks describe-cluster --name prod --region us-west-2 --profile target-env";
        let cluster = self.as_profile(describe).json();
        let arn = format!("arn:aws:eks:us-west-2:{PROD}:cluster/prod");
        assert_eq!(cluster["cluster"]["arn"], arn.as_str());
    }

    #[track_caller]
    fn aws(&self, account: &str, arguments: &str) -> Ran {
        self.plane.aws(
            self.cli,
            account,
            &format!("{arguments} {}", as_json(arguments)),
        )
    }

    /// As the pod would: only the two profiles, and no administrator.
    #[track_caller]
    fn as_profile(&self, arguments: &str) -> Ran {
        let mut command: Command = self.plane.command(Clients::installed().aws(self.cli), "ci");
        command
            .args(arguments.split_whitespace())
            .args(["--output", "json"]);
        command.env("AWS_CONFIG_FILE", self.config());
        command
            .env_remove("AWS_SHARED_CREDENTIALS_FILE")
            .env_remove("AWS_PROFILE");
        Ran::of(&mut command)
    }

    fn create_role(&self, account: &str, name: &str, trust: &str) {
        let words = [
            "iam",
            "create-role",
            "--role-name",
            name,
            "--assume-role-policy-document",
            trust,
            "--description",
            "my-role-description",
            "--output",
            "json",
        ];
        let role = self.plane.aws_words(self.cli, account, &words).json();
        assert_eq!(role["Role"]["RoleName"], name);
    }

    fn attach_policy(&self, account: &str, id: &str, name: &str, allow: &Value, role: &str) {
        let document = self.document(&format!("{name}.json"), allow);
        let create = format!("iam create-policy --policy-name {name} --policy-document {document}");
        let arn = format!("arn:aws:iam::{id}:policy/{name}");
        assert_eq!(
            self.aws(account, &create).json()["Policy"]["Arn"],
            arn.as_str()
        );
        let attach = format!("iam attach-role-policy --role-name {role} --policy-arn={arn}");
        self.aws(account, &attach).text();
    }

    /// Writes a document, and names it as `aws` wants it.
    fn document(&self, name: &str, document: &Value) -> String {
        let path = self.plane.scratch().join(name);
        fs::write(&path, document.to_string()).expect("the document is written");
        format!("file://{}", path.display())
    }

    fn config(&self) -> std::path::PathBuf {
        self.plane.scratch().join("awsconfig")
    }
}

fn as_json(arguments: &str) -> &'static str {
    if arguments.contains("--output") {
        ""
    } else {
        "--output json"
    }
}

fn trust_of(provider: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": format!("arn:aws:iam::{CI}:oidc-provider/{provider}") },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": {
                format!("{provider}:aud"): "sts.amazonaws.com",
                format!("{provider}:sub"): SUBJECT,
            }},
        }],
    })
}

fn allowing(action: &Value, resource: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }],
    })
}
