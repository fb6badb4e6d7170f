//! Each cluster's Kubernetes API, walked with the unmodified kubectl of four versions.

use std::fs;

use harness::{Kubectl, Plane, Ran};

#[test]
fn kubectl_1_30_walks_the_commands() {
    walk(Kubectl::V1_30);
}

#[test]
fn kubectl_1_33_walks_the_commands() {
    walk(Kubectl::V1_33);
}

#[test]
fn kubectl_1_35_walks_the_commands() {
    walk(Kubectl::V1_35);
}

#[test]
fn kubectl_1_37_walks_the_commands() {
    walk(Kubectl::V1_37);
}

/// One plane, one kubectl; the steps build on each other.
fn walk(kubectl: Kubectl) {
    let journey = Journey {
        plane: Plane::start(&[]),
        kubectl,
    };
    journey.find_out_what_is_there();
    journey.create_and_read();
    journey.change();
    journey.meet_refusals();
    journey.end_what_was_begun();
}

struct Journey {
    plane: Plane,
    kubectl: Kubectl,
}

impl Journey {
    fn find_out_what_is_there(&self) {
        let version = self.run("version -o json").json();
        assert_eq!(version["serverVersion"]["major"], "1");
        assert_eq!(self.run("get --raw /readyz").text(), "ok");
        let resources = self.run("api-resources --no-headers -o name");
        for resource in [
            "configmaps",
            "deployments.apps",
            "roles.rbac.authorization.k8s.io",
        ] {
            let mut lines = resources.text().lines();
            assert!(lines.any(|line| line == resource), "no {resource}");
        }
        assert!(
            self.run("api-versions")
                .text()
                .lines()
                .any(|line| line == "apps/v1")
        );
        let namespaces = self.run("get namespaces -o name");
        assert_eq!(
            namespaces.text().lines().collect::<Vec<_>>(),
            [
                "namespace/default",
                "namespace/kube-node-lease",
                "namespace/kube-public",
                "namespace/kube-system"
            ]
        );
    }

    fn create_and_read(&self) {
        let file = self.plane.scratch().join("things.yaml");
        fs::write(&file, THINGS).expect("the manifest is written");
        let file = file.display();
        let created = self.run(&format!("create -f {file}"));
        assert_eq!(created.text().lines().count(), 3);
        assert_eq!(
            self.run("get configmap settings -n team -o jsonpath={.data.colour}")
                .text(),
            "green"
        );
        assert_eq!(
            self.run(&format!("get configmaps -A -o name {OF_TESTS}"))
                .text(),
            "configmap/settings"
        );
        let account = self.run("get serviceaccount robot -n team -o json").json();
        assert_eq!(account["metadata"]["namespace"], "team");
        assert!(account["metadata"]["uid"].is_string());
        self.run("create configmap second -n team --from-literal=k=v")
            .text();
        self.run("create secret generic sealed -n team --from-literal=k=v")
            .text();
        assert_eq!(
            self.run("get secret sealed -n team -o jsonpath={.data.k}")
                .text(),
            "dg=="
        );
        self.run("delete configmap second -n team").text();
        let listed = self.run(&format!("get configmaps -n team --no-headers {OF_TESTS}"));
        assert!(listed.text().starts_with("settings "), "{}", listed.stdout);
        let table = self.run("get configmaps -n team");
        let heading: Vec<_> = table
            .text()
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        assert_eq!(heading, ["NAME", "DATA", "AGE"]);
        let watched =
            self.run("get configmap settings -n team --watch --request-timeout=2s -o name");
        assert_eq!(watched.stdout.trim(), "configmap/settings");
    }

    fn change(&self) {
        let colour = "get configmap settings -n team -o jsonpath={.data.colour}";
        self.run("label configmap settings -n team tier=front")
            .text();
        self.run("annotate configmap settings -n team note=kept")
            .text();
        assert_eq!(
            self.run("get configmaps -A -l tier=front -o name").text(),
            "configmap/settings"
        );
        assert_eq!(
            self.run(&format!(
                "get configmaps -A -l tier!=front -o name {OF_TESTS}"
            ))
            .text(),
            ""
        );
        for (kind, patch) in [
            ("merge", r#"{"data":{"colour":"red"}}"#),
            ("strategic", r#"{"data":{"colour":"blue"}}"#),
            (
                "json",
                r#"[{"op":"replace","path":"/data/colour","value":"black"}]"#,
            ),
        ] {
            let arguments = format!("patch configmap settings -n team --type {kind} -p {patch}");
            self.run(&arguments).text();
            assert!(patch.contains(self.run(colour).text()), "{kind}");
        }
        let file = self.plane.scratch().join("web.yaml");
        fs::write(&file, WEB).expect("the manifest is written");
        let file = file.display();
        let applied = self.run(&format!("apply -f {file}"));
        assert_eq!(applied.text(), "deployment.apps/web created");
        let again = self.run(&format!("apply -f {file}"));
        assert_eq!(again.text(), "deployment.apps/web unchanged");
        self.run("scale deployment web -n team --replicas 3").text();
        let web = self.run("get deployment web -n team -o json").json();
        assert_eq!(
            (&web["spec"]["replicas"], &web["metadata"]["generation"]),
            (&3.into(), &2.into())
        );
        assert_eq!(web["spec"]["strategy"]["type"], "RollingUpdate");
        self.run("wait deployment web -n team --for=jsonpath={.spec.replicas}=3 --timeout=20s")
            .text();
        self.refused(
            &format!("apply --server-side --field-manager other -f {file}"),
            "conflict with \"kubectl\" with subresource \"scale\"",
        );
        let forced =
            format!("apply --server-side --force-conflicts --field-manager other -f {file}");
        self.run(&forced).text();
        self.run("delete deployment web -n team --wait=true").text();
    }

    fn meet_refusals(&self) {
        self.refused(
            "get configmap none",
            "Error from server (NotFound): configmaps \"none\" not found",
        );
        self.refused(
            "get nothings",
            "the server doesn't have a resource type \"nothings\"",
        );
        let again = self.plane.scratch().join("things.yaml");
        self.refused(
            &format!("create -f {}", again.display()),
            "Error from server (AlreadyExists)",
        );
        let typo = self.plane.scratch().join("typo.yaml");
        fs::write(&typo, WEB.replace("replicas:", "replica:")).expect("the manifest is written");
        self.refused(
            &format!("apply -f {}", typo.display()),
            "strict decoding error: unknown field \"spec.replica\"",
        );
        let anonymous = self.plane.scratch().join("anonymous");
        let config = fs::read_to_string(self.plane.state().join("kube/config"));
        let config = config.expect("the kubeconfig is there");
        let nobody: String = config
            .lines()
            .filter(|line| !line.contains("client-certificate") && !line.contains("client-key"))
            .map(|line| {
                if line == "  user:" {
                    "  user: {}\n".to_owned()
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        fs::write(&anonymous, nobody).expect("a kubeconfig without certificates");
        let anonymous = anonymous.display();
        self.refused(
            "get configmaps -n team --as nobody",
            "Error from server (Forbidden): configmaps is forbidden: User \"nobody\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"team\"",
        );
        self.refused(
            &format!("get configmaps --kubeconfig {anonymous} --token forged"),
            "You must be logged in to the server",
        );
    }

    fn end_what_was_begun(&self) {
        let deleted = self.run("delete configmap settings -n team");
        assert!(
            deleted.text().starts_with("configmap \"settings\" deleted"),
            "{}",
            deleted.stdout
        );
        self.refused("get configmap settings -n team", "not found");
        let left = self.run(&format!("get configmaps -A -o name {OF_TESTS}"));
        assert_eq!(left.text(), "");
    }

    #[track_caller]
    fn run(&self, arguments: &str) -> Ran {
        self.plane.kubectl(self.kubectl, arguments)
    }

    #[track_caller]
    fn refused(&self, arguments: &str, why: &str) {
        let ran = self.run(arguments);
        assert_ne!(ran.code, Some(0), "`{}` was not refused", ran.command);
        assert!(
            ran.stderr.contains(why),
            "`{}` said: {}",
            ran.command,
            ran.stderr
        );
    }
}

/// All but what every namespace is given.
const OF_TESTS: &str = "--field-selector metadata.name!=kube-root-ca.crt";

const THINGS: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team}
data: {colour: green}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: team}
";

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: team}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web}]
";
