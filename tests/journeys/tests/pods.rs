//! Pods as processes: the seed's Deployment with the real kubectl, from `apply` to the last process.

use std::fs;

use harness::{Kubectl, Ran};
use journeys::{Cluster, eventually, typed};

const KUBECTL: Kubectl = Kubectl::V1_37;
const ROLE: &str = "arn:aws:iam::111111111111:role/ci-account-iam-role";

#[test]
fn the_seeds_deployment_runs_is_entered_and_ends() {
    let journey = Journey::start(1);
    journey.apply();
    let pod = journey.pod();
    journey.look_inside(&pod);
    journey.prove_the_role(&pod);
    journey.enter(&pod);
    journey.read_a_log();
    journey.delete();
}

#[test]
fn processes_end_with_the_plane_and_start_again_with_it() {
    let mut journey = Journey::start(2);
    journey.apply();
    let pod = journey.pod();
    journey.cluster.plane.stop();
    assert_eq!(journey.processes(), Vec::<String>::new());
    journey.cluster.plane.restart(&[]);
    journey.run(ROLLED_OUT).text();
    let is_running = || !journey.processes().is_empty();
    eventually("the process runs again", is_running);
    assert_eq!(journey.pod(), pod);
    journey.cluster.plane.kill();
    eventually("a killed plane leaves no process", || {
        journey.processes().is_empty()
    });
}

struct Journey {
    cluster: Cluster,
    /// What the Deployment's process is told, so that it can be found among all.
    mark: String,
}

impl Journey {
    /// Each test has a number of its own.
    fn start(number: u32) -> Self {
        Self {
            cluster: Cluster::start(KUBECTL, &[]),
            mark: format!("10000.{number}{}", std::process::id()),
        }
    }

    fn apply(&self) {
        self.cluster.apply("around.yaml", AROUND);
        let deployment = deployment().replace("10000", &self.mark);
        self.cluster.apply("test-deployment.yaml", &deployment);
        self.run(ROLLED_OUT).text();
        assert_eq!(self.processes().len(), 1);
    }

    /// "Log in to the pod's bash terminal": its name first.
    fn pod(&self) -> String {
        let words = "get pod -l app=test-pod -n ci-namespace -o jsonpath={.items[0].metadata.name}";
        self.run(words).text().to_owned()
    }

    fn look_inside(&self, pod: &str) {
        let phase = format!("get pod {pod} -n ci-namespace -o jsonpath={{.status.phase}}");
        assert_eq!(self.run(&phase).text(), "Running");
        for (command, expected) in [
            ("sh /scripts/script.sh", "the script ran"),
            ("cat /aws_config/config", "[profile ci-env]"),
            ("printenv AWS_ROLE_ARN", ROLE),
            ("hostname", pod),
        ] {
            assert_eq!(self.exec(pod, command).text(), expected, "{command}");
        }
        let environment = self
            .cluster
            .plane
            .rolecall(&["env", "--format", "json"])
            .json();
        let endpoint = self.exec(pod, "printenv AWS_ENDPOINT_URL");
        assert_eq!(environment["AWS_ENDPOINT_URL"], endpoint.text());
        let failed = self.exec(pod, "ls /nowhere");
        assert_eq!(failed.code, Some(2), "{}", failed.stderr);
    }

    /// The token in the Pod is one that says who the Pod is.
    fn prove_the_role(&self, pod: &str) {
        let path = "cat /var/run/secrets/eks.amazonaws.com/serviceaccount/token";
        let token = self.exec(pod, path).text().to_owned();
        let claims = self.cluster.plane.rolecall(&["token", "inspect", &token]);
        let subject = "system:serviceaccount:ci-namespace:ci-serviceaccount";
        for expected in [subject, "sts.amazonaws.com", pod] {
            assert!(claims.stdout.contains(expected), "{}", claims.stdout);
        }
    }

    fn enter(&self, pod: &str) {
        let mut exec = self.cluster.plane.kubectl_command(KUBECTL);
        exec.args(["exec", pod, "-it", "-n", "ci-namespace", "--", "sh"]);
        let said = typed(
            &exec,
            "test -t 0 && echo on a $((40 + 2)) terminal\nexit 7\n",
        );
        assert!(said.stdout.contains("on a 42 terminal"), "{}", said.stdout);
        assert_eq!(said.code, Some(7), "{}", said.stdout);
    }

    fn read_a_log(&self) {
        self.cluster.apply("talker.yaml", TALKER);
        let done = "wait pod talker -n ci-namespace --for=jsonpath={.status.phase}=Succeeded --timeout=60s";
        self.run(done).text();
        let log = self.run("logs talker -n ci-namespace");
        assert_eq!(log.text(), "one\ntwo");
        let log = self.run("logs talker -n ci-namespace --tail 1 -f");
        assert_eq!(log.text(), "two");
    }

    fn delete(&self) {
        let gone = "delete deployment test-deployment -n ci-namespace --cascade=foreground";
        self.run(gone).text();
        eventually("no process is left", || self.processes().is_empty());
        let pods = self.run("get pods -n ci-namespace -l app=test-pod -o name");
        assert_eq!(pods.text(), "");
        self.run("delete namespace ci-namespace --timeout=60s")
            .text();
    }

    /// The Deployment's processes that there are on this machine.
    fn processes(&self) -> Vec<String> {
        let wanted = format!("sleep\0{}\0", self.mark);
        let all = fs::read_dir("/proc").expect("a folder of processes");
        let found = all.filter_map(|entry| {
            let folder = entry.ok()?.path();
            let command = fs::read(folder.join("cmdline")).ok()?;
            (command == wanted.as_bytes()).then(|| folder.display().to_string())
        });
        found.collect()
    }

    #[track_caller]
    fn exec(&self, pod: &str, command: &str) -> Ran {
        self.cluster.exec("ci-namespace", pod, command)
    }

    #[track_caller]
    fn run(&self, arguments: &str) -> Ran {
        self.cluster.run(arguments)
    }
}

/// The seed's `test-deployment.yaml`; where its programs would be, the machine's stay.
fn deployment() -> String {
    let lines = include_str!("seed_kubernetes/test_pod.sh").lines();
    let manifest = lines
        .skip_while(|line| *line != "cat >test-deployment.yaml <<END")
        .skip(1)
        .take_while(|line| *line != "END");
    let manifest: Vec<_> = manifest.collect();
    manifest.join("\n").replace("$PROGRAMS", "/usr")
}

const ROLLED_OUT: &str = "rollout status deployment/test-deployment -n ci-namespace --timeout=60s";

const AROUND: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: ci-namespace}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ci-serviceaccount
  namespace: ci-namespace
  annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111111111111:role/ci-account-iam-role'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: awsconfig-configmap, namespace: ci-namespace}
data: {config: '[profile ci-env]'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: script-configmap, namespace: ci-namespace}
data: {script.sh: echo the script ran}
";

const TALKER: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: talker, namespace: ci-namespace}
spec:
  restartPolicy: Never
  containers: [{name: main, image: ubuntu, command: [sh, -c, 'echo one; echo two']}]
";
