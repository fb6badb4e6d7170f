//! Who may what in a cluster: roles, tokens, reviews and what a pod is given, with the real kubectl.

use std::fs;
use std::path::PathBuf;

use harness::{Kubectl, Ran};
use journeys::{Cluster, eventually};

#[test]
fn a_binding_counts_from_the_next_request_on_and_nobody_grants_more_than_he_holds() {
    let cluster = cluster();
    cluster.refused(
        "get configmaps -n team --as alice",
        "configmaps is forbidden: User \"alice\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"team\"",
    );
    let asked = cluster.run("auth can-i list configmaps -n team --as alice");
    assert_eq!(asked.code, Some(1), "{}", asked.stderr);
    assert!(asked.stdout.starts_with("no"), "{}", asked.stdout);
    cluster
        .run("create rolebinding alice -n team --clusterrole view --user alice")
        .text();
    cluster.run("get configmaps -n team --as alice").text();
    let may = "auth can-i list configmaps --as alice";
    assert_eq!(cluster.run(&format!("{may} -n team")).text(), "yes");
    let elsewhere = cluster.run(&format!("{may} -n default"));
    assert_eq!(
        elsewhere.stdout.trim(),
        "no - RoleBinding \"alice/team\" of ClusterRole \"view\" to User \"alice\" allows it in the namespace `team` only"
    );
    let rules = cluster.run("auth can-i --list -n team --as alice");
    assert!(rules.text().contains("configmaps"), "{}", rules.stdout);
    let me = cluster.run("auth whoami -o json --as alice").json();
    assert_eq!(me["status"]["userInfo"]["username"], "alice");

    cluster
        .run("create rolebinding admin -n team --clusterrole admin --user alice")
        .text();
    cluster
        .run("create rolebinding bob -n team --clusterrole edit --user bob --as alice")
        .text();
    cluster.refused(
        "create rolebinding root -n team --clusterrole cluster-admin --user bob --as alice",
        "rolebindings.rbac.authorization.k8s.io \"root\" is forbidden: user \"alice\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n",
    );
    cluster.refused(
        "create role all -n team --verb=* --resource=networkpolicies.networking.k8s.io --as alice",
        "is attempting to grant RBAC permissions not currently held",
    );
    cluster.refused(
        "create rolebinding none -n team --clusterrole none --user bob --as alice",
        "clusterroles.rbac.authorization.k8s.io \"none\" not found",
    );
    // Acting as somebody else is a right of its own.
    let bob = cluster.run("create token robot -n team").text().to_owned();
    let as_other = run_with(&cluster, &bob, "get configmaps -n team --as alice");
    is_refused(
        &as_other,
        "users \"alice\" is forbidden: User \"system:serviceaccount:team:robot\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
    );
    cluster
        .run("create clusterrole alice --verb impersonate --resource users --resource-name alice")
        .text();
    cluster
        .run("create clusterrolebinding alice --clusterrole alice --serviceaccount team:robot")
        .text();
    run_with(&cluster, &bob, "get configmaps -n team --as alice").text();
    let as_master = "get configmaps -n team --as alice --as-group system:masters";
    is_refused(
        &run_with(&cluster, &bob, as_master),
        "groups \"system:masters\" is forbidden: User \"system:serviceaccount:team:robot\" cannot impersonate resource \"groups\" in API group \"\" at the cluster scope",
    );
}

#[test]
fn a_token_is_worth_nothing_once_what_it_speaks_of_is_gone() {
    let cluster = cluster();
    let token = cluster.run("create token robot -n team --duration 10m");
    let token = token.text().to_owned();
    let me = run_with(&cluster, &token, "auth whoami -o json").json();
    let me = &me["status"]["userInfo"];
    assert_eq!(me["username"], "system:serviceaccount:team:robot");
    assert_eq!(
        me["groups"],
        serde_json::json!([
            "system:serviceaccounts",
            "system:serviceaccounts:team",
            "system:authenticated"
        ])
    );
    let keys = run_with(&cluster, &token, "get --raw /openid/v1/jwks").json();
    assert!(keys["keys"][0]["n"].is_string());
    let document = run_with(
        &cluster,
        &token,
        "get --raw /.well-known/openid-configuration",
    )
    .json();
    assert!(document["issuer"].is_string());
    let other = cluster
        .run("create token robot -n team --audience sts.amazonaws.com")
        .text()
        .to_owned();
    is_refused(
        &run_with(&cluster, &other, "auth whoami"),
        "You must be logged in to the server",
    );

    let bound = "create token robot -n team --bound-object-kind Secret --bound-object-name vault";
    let secret = cluster.run(bound).text().to_owned();
    run_with(&cluster, &secret, "auth whoami").text();
    cluster.run("delete secret vault -n team").text();
    is_refused(
        &run_with(&cluster, &secret, "auth whoami"),
        "You must be logged in to the server",
    );
    cluster.refused(bound, "secrets \"vault\" not found");

    let spec = r#"{"spec":{"serviceAccountName":"robot","nodeSelector":{"no":"where"}}}"#;
    let run = format!("run holder -n team --image=x --overrides={spec}");
    cluster.run(&run).text();
    let bound = "create token robot -n team --bound-object-kind Pod --bound-object-name holder";
    let pods = cluster.run(bound).text().to_owned();
    run_with(&cluster, &pods, "auth whoami").text();
    cluster.run("delete pod holder -n team").text();
    let gone = "You must be logged in to the server";
    is_refused(&run_with(&cluster, &pods, "auth whoami"), gone);
    // Another Pod of that name is not the one that the token is bound to.
    cluster.run(&run).text();
    is_refused(&run_with(&cluster, &pods, "auth whoami"), gone);
    cluster.refused(
        "create token nobody -n team",
        "serviceaccounts \"nobody\" not found",
    );
    cluster.refused(
        "create token robot -n team --duration 1m",
        "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
    );

    let review = |token: &str, name: &str| {
        let manifest = format!(
            "apiVersion: authentication.k8s.io/v1\nkind: TokenReview\nspec: {{token: {token}, audiences: [sts.amazonaws.com]}}\n"
        );
        create(&cluster, name, &manifest).json()["status"].clone()
    };
    let seen = review(&other, "review");
    assert_eq!(seen["user"]["username"], "system:serviceaccount:team:robot");
    assert_eq!(seen["audiences"][0], "sts.amazonaws.com");
    let seen = review(&token, "review-wrong");
    assert_eq!(seen["authenticated"], serde_json::Value::Null);
    assert!(seen["error"].is_string());

    cluster.run("delete serviceaccount robot -n team").text();
    cluster.run("create serviceaccount robot -n team").text();
    is_refused(
        &run_with(&cluster, &token, "auth whoami"),
        "You must be logged in to the server",
    );
}

#[test]
fn a_pod_is_given_its_account_its_token_and_its_role() {
    let cluster = cluster();
    let pod = |name: &str, account: &str| {
        let manifest = POD.replace("NAME", name).replace("ACCOUNT", account);
        create(&cluster, name, &manifest)
    };
    is_refused(
        &pod("lost", "nobody"),
        "pods \"lost\" is forbidden: error looking up service account team/nobody: serviceaccount \"nobody\" not found",
    );
    let plain = pod("plain", "robot").json();
    let spec = &plain["spec"];
    let volume = &spec["volumes"][0];
    let name = volume["name"].as_str().expect("a volume");
    assert!(name.starts_with("kube-api-access-"), "{name}");
    assert_eq!(
        spec["containers"][0]["volumeMounts"][0]["mountPath"],
        "/var/run/secrets/kubernetes.io/serviceaccount"
    );
    assert_eq!(spec["tolerations"][1]["tolerationSeconds"], 300);
    let bound = "create token robot -n team --bound-object-kind Pod --bound-object-name plain";
    let token = cluster.run(bound).text().to_owned();
    let me = run_with(&cluster, &token, "auth whoami -o json").json();
    let extra = &me["status"]["userInfo"]["extra"];
    assert_eq!(extra["authentication.kubernetes.io/pod-name"][0], "plain");

    cluster
        .run("annotate serviceaccount robot -n team eks.amazonaws.com/role-arn=arn:aws:iam::111111111111:role/reader")
        .text();
    let mutated = pod("mutated", "robot").json();
    let environment = mutated["spec"]["containers"][0]["env"].to_string();
    assert!(
        environment.contains("arn:aws:iam::111111111111:role/reader"),
        "{environment}"
    );
    assert!(environment.contains("AWS_REGION"), "{environment}");

    cluster
        .run("annotate --overwrite serviceaccount robot -n team eks.amazonaws.com/role-arn=arn:aws:iam::1:role/x")
        .text();
    let warned = pod("warned", "robot");
    assert!(
        warned.stderr.contains("Warning: RC-POD-004: "),
        "{}",
        warned.stderr
    );
    let event = "get events -n team --field-selector involvedObject.name=warned -o jsonpath={.items[*].message}";
    // It is written a moment after the pod.
    eventually("an event on the pod", || {
        cluster.run(event).text().contains("RC-POD-004")
    });
}

/// A plane with a namespace and a service account in it.
fn cluster() -> Cluster {
    let cluster = Cluster::start(Kubectl::V1_30, &[]);
    cluster.apply("base.yaml", BASE);
    cluster
}

/// Runs as whoever shows this token and no certificate.
#[track_caller]
fn run_with(cluster: &Cluster, token: &str, arguments: &str) -> Ran {
    let bare = bare(cluster).display().to_string();
    cluster.run(&format!("{arguments} --kubeconfig {bare} --token {token}"))
}

#[track_caller]
fn create(cluster: &Cluster, name: &str, manifest: &str) -> Ran {
    let file = cluster.write(&format!("{name}.yaml"), manifest);
    let create = "create --validate=false -o json -f";
    cluster.run(&format!("{create} {}", file.display()))
}

/// A kubeconfig that proves nothing.
fn bare(cluster: &Cluster) -> PathBuf {
    let config = fs::read_to_string(cluster.plane.state().join("kube/config"));
    let config = config.expect("the kubeconfig is there");
    let lines = config
        .lines()
        .filter(|line| !line.contains("client-certificate") && !line.contains("client-key"));
    let lines = lines.map(|line| match line {
        "  user:" => "  user: {}\n".to_owned(),
        line => format!("{line}\n"),
    });
    cluster.write("bare", &lines.collect::<String>())
}

#[track_caller]
fn is_refused(ran: &Ran, why: &str) {
    let refusal = ran.refusal();
    assert!(refusal.contains(why), "`{}` said: {refusal}", ran.command);
}

const BASE: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: team}
---
apiVersion: v1
kind: Secret
metadata: {name: vault, namespace: team}
";

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: team}
spec:
  serviceAccountName: ACCOUNT
  containers: [{name: main, image: main}]
";
