//! The seed's Kubernetes chapter, as written: a Pod of `ci` reaches the clusters of `prod`.

use harness::{Cli, Kubectl, Ran};
use journeys::{Cluster, eventually, typed};

const ROLE: &str = "arn:aws:iam::111111111111:role/ci-account-iam-role";
const TOKEN: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
/// Where in-cluster clients find the token for the cluster's own API.
const OWN_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

#[test]
fn a_pod_of_ci_reaches_the_clusters_of_prod() {
    let journey = Journey::start(&[]);
    journey.step(include_str!("seed_kubernetes/aws.sh"));
    journey.step(include_str!("seed_kubernetes/service_account.sh"));
    journey.confirm_the_service_account();
    journey.configure_a_pod();
    let pod = journey.start_the_test_pod();
    journey.enter(&pod);
    journey.end_the_service_account(&pod);
}

#[test]
fn a_token_that_lives_short_is_renewed_in_its_file() {
    let journey = Journey::start(&["--token-lifetime-max", "10"]);
    journey.step(include_str!("seed_kubernetes/aws.sh"));
    journey.step(include_str!("seed_kubernetes/service_account.sh"));
    let pod = journey.start_the_test_pod();
    let token = || {
        let read = journey
            .cluster
            .exec("ci-namespace", &pod, &format!("cat {TOKEN}"));
        read.text().to_owned()
    };
    let first = token();
    let expiry = |token: &str| journey.claims(token)["exp"].clone();
    let issued = journey.claims(&first)["iat"].as_i64();
    assert_eq!(expiry(&first).as_i64(), issued.map(|issued| issued + 10));
    eventually("the file holds another token", || token() != first);
    let second = token();
    assert!(expiry(&second).as_i64() > expiry(&first).as_i64());
    eventually("the first has ended", || {
        journey.web_identity(&first).stderr.contains("ExpiredToken")
    });
    eventually("whoever reads the file again is known", || {
        journey.web_identity(&token()).code == Some(0)
    });
}

struct Journey {
    cluster: Cluster,
}

impl Journey {
    fn start(flags: &[&str]) -> Self {
        Self {
            cluster: Cluster::start(Kubectl::V1_37, flags),
        }
    }

    /// Lines of the seed, with its `aws` (version 1) and `kubectl`.
    #[track_caller]
    fn step(&self, lines: &str) -> String {
        self.cluster.shell_with_aws(lines).text().to_owned()
    }

    fn confirm_the_service_account(&self) {
        let described = "kubectl describe serviceaccount ci-serviceaccount -n ci-namespace";
        let described = self.step(described);
        for line in [
            "Name:                ci-serviceaccount",
            "Namespace:           ci-namespace",
            &format!("Annotations:         eks.amazonaws.com/role-arn: {ROLE}"),
            "Image pull secrets:  <none>",
        ] {
            assert!(
                described.lines().any(|one| one == line),
                "{line}\n{described}"
            );
        }
    }

    fn configure_a_pod(&self) {
        let told = self.step(include_str!("seed_kubernetes/deployment.sh"));
        for expected in [
            "deployment.apps/medusa-core created",
            "1/1     Running",
            &format!("AWS_ROLE_ARN:                 {ROLE}"),
            &format!("AWS_WEB_IDENTITY_TOKEN_FILE:  {TOKEN}"),
            "Service Account:  ci-serviceaccount",
        ] {
            assert!(told.contains(expected), "{expected}\n{told}");
        }
    }

    /// The Pod's name.
    fn start_the_test_pod(&self) -> String {
        let told = self.step(include_str!("seed_kubernetes/test_pod.sh"));
        let pod = told.lines().find_map(|line| line.strip_prefix("pod "));
        pod.expect("the pod's name").to_owned()
    }

    /// "Log in to the pod's bash terminal", and what is typed there.
    fn enter(&self, pod: &str) {
        let mut exec = self.cluster.plane.kubectl_command(self.cluster.kubectl);
        exec.args(["exec", pod, "-it", "-n", "ci-namespace", "--", "bash"]);
        let said = typed(&exec, include_str!("seed_kubernetes/inside.sh"));
        let session = "arn:aws:sts::111111111111:assumed-role/ci-account-iam-role/";
        for expected in [
            "Client Version: v1.37",
            &format!("\"Arn\":\"{session}"),
            &format!("\"Arn\": \"{session}"),
            "\"Arn\": \"arn:aws:sts::444444444444:assumed-role/target-account-iam-role/xactarget\"",
            "\"clusters\": [\r\n        \"prod\"\r\n    ]",
            "arn:aws:eks:us-west-2:444444444444:cluster/prod",
            "when calling the ListClusters operation",
            "refused 255",
            "User \"system:serviceaccount:ci-namespace:ci-serviceaccount\" cannot list resource \"pods\"",
            "refused 1",
        ] {
            assert!(
                said.stdout.contains(expected),
                "{expected}\n{}",
                said.stdout
            );
        }
        assert_eq!(said.code, Some(7), "{}", said.stdout);
    }

    /// Its tokens are worthless to the cluster at once. AWS does not ask the cluster, and takes what was
    /// signed until it expires.
    fn end_the_service_account(&self, pod: &str) {
        let cluster = &self.cluster;
        let own = format!("cat {OWN_TOKEN}");
        let own = cluster.exec("ci-namespace", pod, &own).text().to_owned();
        let token = cluster.exec("ci-namespace", pod, &format!("cat {TOKEN}"));
        let token = token.text().to_owned();
        let whoami = self.as_bearer(&own);
        assert!(
            whoami.text().contains("ci-serviceaccount"),
            "{}",
            whoami.stdout
        );
        self.web_identity(&token).text();
        cluster
            .run("delete serviceaccount ci-serviceaccount -n ci-namespace")
            .text();
        let whoami = self.as_bearer(&own);
        let refusal = whoami.refusal();
        assert!(refusal.contains("You must be logged in"), "{refusal}");
        self.web_identity(&token).text();
    }

    /// Who the cluster says that the bearer of a token is.
    #[track_caller]
    fn as_bearer(&self, token: &str) -> Ran {
        let lines = format!(
            "kubectl auth whoami --kubeconfig /dev/null --token {token} \
             --server $(kubectl config view --minify -o jsonpath='{{.clusters[0].cluster.server}}') \
             --insecure-skip-tls-verify"
        );
        self.cluster.shell(&lines)
    }

    /// What AWS says to the bearer of a token.
    #[track_caller]
    fn web_identity(&self, token: &str) -> Ran {
        let arguments = format!(
            "sts assume-role-with-web-identity --role-arn {ROLE} --role-session-name once \
             --web-identity-token {token}"
        );
        self.cluster.plane.aws(Cli::V1, "ci", &arguments)
    }

    fn claims(&self, token: &str) -> serde_json::Value {
        let inspected = self
            .cluster
            .plane
            .rolecall(&["token", "inspect", token, "-o", "json"]);
        let inspected: serde_json::Value =
            serde_json::from_str(&inspected.stdout).expect("an envelope");
        inspected["data"]["claims"].clone()
    }
}
