//! What Pods get, row by row.

use podidentity::{
    Compose, ConfigMapEntries, Identity, Known, Mutation, PodIdentities, Reason,
    ServiceAccountLookup, Settings, mutate,
};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111111111111:role/ci-account-iam-role";
const FILE: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/// Everything around a Pod; each test changes what it is about.
struct World {
    service_account: Option<Value>,
    config_map: ConfigMapEntries,
    pod_identities: PodIdentities,
    settings: Settings,
    chance: u32,
}

impl World {
    fn annotated(annotations: &Value) -> Self {
        Self {
            service_account: Some(json!({ "metadata": { "annotations": annotations } })),
            config_map: ConfigMapEntries::default(),
            pod_identities: PodIdentities::default(),
            settings: Settings::default(),
            chance: 0,
        }
    }

    fn with_role() -> Self {
        Self::annotated(&json!({ "eks.amazonaws.com/role-arn": ROLE }))
    }

    fn mutate(&self, pod: &Value) -> Mutation {
        let known = Known {
            service_account: ServiceAccountLookup::of(self.service_account.as_ref()),
            config_map: &self.config_map,
            pod_identities: &self.pod_identities,
            settings: &self.settings,
        };
        mutate(pod, "ci-namespace", &known, self.chance)
    }

    /// The Pod as it is after the patch.
    fn patched(&self, pod: &Value) -> Value {
        let patch = json!(self.mutate(pod).patch);
        let patch: json_patch::Patch = serde_json::from_value(patch).expect("a JSON Patch");
        let mut pod = pod.clone();
        json_patch::patch(&mut pod, &patch).expect("the patch applies");
        pod
    }
}

fn pod() -> Value {
    json!({
        "metadata": { "name": "test" },
        "spec": {
            "serviceAccountName": "ci-serviceaccount",
            "containers": [{ "name": "ubuntu", "image": "ubuntu" }],
        },
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut pod = pod();
    change(&mut pod);
    pod
}

/// `NAME=VALUE` of the first container's variables.
fn env(pod: &Value) -> Vec<String> {
    let env = pod["spec"]["containers"][0]["env"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = env.into_iter().flatten();
    pairs
        .map(|one| format!("{}={}", text(&one["name"]), text(&one["value"])))
        .collect()
}

fn codes(mutation: &Mutation) -> Vec<&'static str> {
    mutation.reasons.iter().map(Reason::code).collect()
}

#[test]
fn an_annotated_service_account_gives_variables_mount_and_volume() {
    let world = World::with_role();
    let pod = world.patched(&pod());
    assert_eq!(
        pod["spec"],
        json!({
            "serviceAccountName": "ci-serviceaccount",
            "containers": [{
                "name": "ubuntu",
                "image": "ubuntu",
                "env": [
                    { "name": "AWS_ROLE_ARN", "value": ROLE },
                    { "name": "AWS_WEB_IDENTITY_TOKEN_FILE", "value": FILE },
                ],
                "volumeMounts": [{
                    "name": "aws-iam-token",
                    "readOnly": true,
                    "mountPath": "/var/run/secrets/eks.amazonaws.com/serviceaccount",
                }],
            }],
            "volumes": [{
                "name": "aws-iam-token",
                "projected": { "sources": [{ "serviceAccountToken": {
                    "audience": "sts.amazonaws.com",
                    "expirationSeconds": 86400,
                    "path": "token",
                } }] },
            }],
        })
    );
}

#[test]
fn a_pod_that_has_everything_is_not_touched_again() {
    let world = World::with_role();
    let again = world.mutate(&world.patched(&pod()));
    assert_eq!(again.patch, []);
    assert_eq!(again.reasons, []);
    assert_eq!(again.identity, Identity::Role(ROLE.to_owned()));
}

#[test]
fn arrays_are_added_to_and_never_replaced() {
    let pod = with(|pod| {
        pod["spec"]["containers"][0]["env"] = json!([{ "name": "A", "value": "b" }]);
        pod["spec"]["containers"][0]["volumeMounts"] = json!([{ "name": "v", "mountPath": "/v" }]);
        pod["spec"]["volumes"] = json!([{ "name": "v", "emptyDir": {} }]);
    });
    let patch = World::with_role().mutate(&pod).patch;
    let paths: Vec<_> = patch.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/spec/volumes/0",
            "/spec/containers/0/env/-",
            "/spec/containers/0/env/-",
            "/spec/containers/0/volumeMounts/-",
        ]
    );
}

#[test]
fn init_containers_get_the_role_as_well_and_ephemeral_ones_do_not() {
    let pod = World::with_role().patched(&with(|pod| {
        pod["spec"]["initContainers"] = json!([{ "name": "first" }]);
        pod["spec"]["ephemeralContainers"] = json!([{ "name": "debug" }]);
    }));
    assert!(pod["spec"]["initContainers"][0]["env"].is_array());
    assert_eq!(
        pod["spec"]["ephemeralContainers"][0],
        json!({ "name": "debug" })
    );
}

#[test]
fn region_and_regional_endpoints_come_first_when_they_are_asked_for() {
    let mut world = World::with_role();
    world.settings.region = Some("us-west-2".to_owned());
    world.settings.regional_sts = true;
    assert_eq!(
        env(&world.patched(&pod())),
        [
            "AWS_STS_REGIONAL_ENDPOINTS=regional".to_owned(),
            "AWS_DEFAULT_REGION=us-west-2".to_owned(),
            "AWS_REGION=us-west-2".to_owned(),
            format!("AWS_ROLE_ARN={ROLE}"),
            format!("AWS_WEB_IDENTITY_TOKEN_FILE={FILE}"),
        ]
    );
    // One region variable keeps both away.
    let preset = with(|pod| {
        pod["spec"]["containers"][0]["env"] = json!([{ "name": "AWS_REGION", "valueFrom": {} }]);
    });
    assert!(
        !env(&world.patched(&preset))
            .iter()
            .any(|one| one.starts_with("AWS_DEFAULT"))
    );
}

#[test]
fn the_service_accounts_word_on_regional_endpoints_beats_the_settings() {
    for (written, wanted) in [
        ("true", true),
        ("1", true),
        ("T", true),
        ("false", false),
        ("yes", false),
    ] {
        let world = World::annotated(&json!({
            "eks.amazonaws.com/role-arn": ROLE,
            "eks.amazonaws.com/sts-regional-endpoints": written,
        }));
        let regional = env(&world.patched(&pod())).len() == 3;
        assert_eq!(regional, wanted, "{written}");
    }
}

#[test]
fn a_lifetime_is_the_pods_then_the_service_accounts_then_the_default() {
    let rows = [
        (None, None, 86_400, &[][..]),
        (None, Some("3600"), 3_600, &[]),
        (Some("7200"), Some("3600"), 7_200, &[]),
        (Some("10"), None, 600, &["RC-POD-010"]),
        (Some("172800"), None, 86_400, &["RC-POD-010"]),
        (Some("1h"), Some("3600"), 3_600, &["RC-POD-009"]),
    ];
    for (of_pod, of_account, wanted, codes_wanted) in rows {
        let mut annotations = json!({ "eks.amazonaws.com/role-arn": ROLE });
        if let Some(seconds) = of_account {
            annotations["eks.amazonaws.com/token-expiration"] = json!(seconds);
        }
        let world = World::annotated(&annotations);
        let pod = with(|pod| {
            if let Some(seconds) = of_pod {
                pod["metadata"]["annotations"] =
                    json!({ "eks.amazonaws.com/token-expiration": seconds });
            }
        });
        let token = &world.patched(&pod)["spec"]["volumes"][0]["projected"]["sources"][0];
        assert_eq!(token["serviceAccountToken"]["expirationSeconds"], wanted);
        assert_eq!(
            codes(&world.mutate(&pod)),
            codes_wanted,
            "{of_pod:?} {of_account:?}"
        );
    }
}

#[test]
fn the_audience_is_the_service_accounts_or_the_default() {
    let world = World::annotated(&json!({
        "eks.amazonaws.com/role-arn": ROLE,
        "eks.amazonaws.com/audience": "my-audience",
    }));
    let volume = &world.patched(&pod())["spec"]["volumes"][0];
    let token = &volume["projected"]["sources"][0]["serviceAccountToken"];
    assert_eq!(token["audience"], "my-audience");
}

#[test]
fn a_pod_gets_nothing_for_a_reason() {
    let labelled = with(|pod| {
        pod["metadata"]["labels"] =
            json!({ "eks.amazonaws.com/skip-pod-identity-webhook": "true" });
    });
    let mut absent = World::with_role();
    absent.service_account = None;
    let rows = [
        (World::with_role(), labelled, "RC-POD-001", false),
        (World::annotated(&json!({})), pod(), "RC-POD-002", false),
        (
            World::annotated(&json!({ "eks.amazonaws.com/role-arn": "" })),
            pod(),
            "RC-POD-002",
            false,
        ),
        (absent, pod(), "RC-POD-003", true),
    ];
    for (world, pod, code, is_warning) in rows {
        let mutation = world.mutate(&pod);
        assert_eq!(
            (mutation.identity, mutation.patch.len()),
            (Identity::None, 0)
        );
        let [reason] = &mutation.reasons[..] else {
            panic!("one reason for {code}")
        };
        assert_eq!((reason.code(), reason.is_warning()), (code, is_warning));
    }
}

#[test]
fn what_is_no_role_arn_is_given_and_warned_of() {
    let good = [
        ROLE,
        "arn:aws-cn:iam::111111111111:role/path/to/role",
        "arn:aws-us-gov:iam::111111111111:role/a+b=c,d.e@f_g-h",
    ];
    for arn in good {
        let world = World::annotated(&json!({ "eks.amazonaws.com/role-arn": arn }));
        assert_eq!(world.mutate(&pod()).reasons, [], "{arn}");
    }
    let bad = [
        "my-role",
        "arn:aws:iam::1111:role/x",
        "arn:aws:iam::111111111111:user/x",
        "arn:aws:iam:us-west-2:111111111111:role/x",
        "arn:aws:iam::111111111111:role/",
        "arn:aws:iam::111111111111:role/a b",
        "arn:gcp:iam::111111111111:role/x",
    ];
    for value in bad {
        let world = World::annotated(&json!({ "eks.amazonaws.com/role-arn": value }));
        let mutation = world.mutate(&pod());
        assert_eq!(codes(&mutation), ["RC-POD-004"], "{value}");
        assert_eq!(mutation.identity, Identity::Role(value.to_owned()));
    }
}

#[test]
fn a_roles_name_becomes_an_arn_where_the_operator_lets_it() {
    let mut world = World::annotated(&json!({ "eks.amazonaws.com/role-arn": "path/ci" }));
    world.settings.compose = Some(Compose {
        partition: "aws".to_owned(),
        account: "111111111111".to_owned(),
    });
    let composed = "arn:aws:iam::111111111111:role/path/ci";
    assert_eq!(
        world.mutate(&pod()).identity,
        Identity::Role(composed.to_owned())
    );
}

#[test]
fn half_of_a_pair_is_left_as_it_is_and_warned_of() {
    let preset = with(|pod| {
        pod["spec"]["containers"][0]["env"] = json!([{ "name": "AWS_ROLE_ARN", "value": "x" }]);
    });
    let mutation = World::with_role().mutate(&preset);
    assert_eq!(codes(&mutation), ["RC-POD-006"]);
    assert_eq!(
        mutation.reasons[0].to_string(),
        "container `ubuntu` presets AWS_ROLE_ARN without AWS_WEB_IDENTITY_TOKEN_FILE, so neither is added"
    );
    assert_eq!(
        env(&World::with_role().patched(&preset)),
        ["AWS_ROLE_ARN=x"]
    );
}

#[test]
fn a_container_with_everything_preset_is_left_alone() {
    let names = [
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_REGION",
        "AWS_STS_REGIONAL_ENDPOINTS",
    ];
    let preset = with(|pod| {
        let env = names.map(|name| json!({ "name": name, "value": "x" }));
        pod["spec"]["containers"][0]["env"] = json!(env);
    });
    assert_eq!(World::with_role().mutate(&preset).patch, []);
}

#[test]
fn another_mount_at_the_tokens_path_keeps_the_container_as_it_is() {
    let preset = with(|pod| {
        pod["spec"]["containers"][0]["volumeMounts"] = json!([{
            "name": "mine",
            "mountPath": "/var/run/secrets/eks.amazonaws.com/serviceaccount",
        }]);
    });
    let mutation = World::with_role().mutate(&preset);
    assert_eq!(
        (codes(&mutation), mutation.patch.len()),
        (vec!["RC-POD-007"], 0)
    );
}

#[test]
fn a_volume_of_the_tokens_name_that_holds_something_else_is_warned_of() {
    let preset = with(|pod| {
        pod["spec"]["volumes"] = json!([{ "name": "aws-iam-token", "emptyDir": {} }]);
    });
    assert_eq!(codes(&World::with_role().mutate(&preset)), ["RC-POD-008"]);
}

#[test]
fn containers_to_skip_are_named_to_the_letter() {
    let rows = [
        ("ubuntu", 0, &[][..]),
        (" ubuntu", 4, &["RC-POD-012"]),
        ("\"ubuntu", 4, &["RC-POD-011"]),
    ];
    for (written, operations, codes_wanted) in rows {
        let pod = with(|pod| {
            pod["metadata"]["annotations"] =
                json!({ "eks.amazonaws.com/skip-containers": written });
            pod["spec"]["containers"][0]["env"] = json!([]);
        });
        let mutation = World::with_role().mutate(&pod);
        assert_eq!(mutation.patch.len(), operations, "{written}");
        assert_eq!(codes(&mutation), codes_wanted);
    }
}

#[test]
fn on_windows_the_file_has_a_drive_and_the_mount_has_none() {
    let windows = [
        json!({ "os": { "name": "windows" } }),
        json!({ "nodeSelector": { "kubernetes.io/os": "windows" } }),
        json!({ "nodeSelector": { "beta.kubernetes.io/os": "windows" } }),
    ];
    for spec in windows {
        let pod = World::with_role().patched(&with(|pod| {
            for (member, value) in spec.as_object().unwrap() {
                pod["spec"][member] = value.clone();
            }
        }));
        let file = r"C:\var\run\secrets\eks.amazonaws.com\serviceaccount\token";
        assert_eq!(env(&pod)[1], format!("AWS_WEB_IDENTITY_TOKEN_FILE={file}"));
        let mount = &pod["spec"]["containers"][0]["volumeMounts"][0]["mountPath"];
        assert_eq!(mount, "/var/run/secrets/eks.amazonaws.com/serviceaccount");
    }
}

#[test]
fn an_association_beats_the_annotation_and_spreads_its_lifetimes() {
    let mut world = World::with_role();
    world.pod_identities = PodIdentities::parse(
        r#"{"identities":[{"namespace":"ci-namespace","serviceAccount":"ci-serviceaccount"}]}"#,
    )
    .unwrap();
    for (chance, wanted) in [
        (0, 86_400),
        (7_200, 79_200),
        (7_201, 86_400),
        (u32::MAX, 86_400 - 4_096),
    ] {
        world.chance = chance;
        let volume = &world.patched(&pod())["spec"]["volumes"][0];
        let seconds =
            &volume["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"];
        let seconds = seconds.as_i64().unwrap();
        assert!((79_200..=86_400).contains(&seconds));
        if chance < u32::MAX {
            assert_eq!(seconds, wanted);
        }
    }
    let pod = world.patched(&pod());
    assert_eq!(
        pod["metadata"]["labels"]["eks.amazonaws.com/pod-identity"],
        "enabled"
    );
    assert_eq!(
        env(&pod),
        [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
        ]
    );
    assert_eq!(codes(&world.mutate(&self::pod())), ["RC-POD-005"]);
    let again = world.mutate(&pod);
    assert_eq!(
        (again.patch.len(), again.identity),
        (0, Identity::PodIdentity)
    );
}

#[test]
fn the_config_map_speaks_for_service_accounts_that_say_nothing() {
    let mut world = World::annotated(&json!({}));
    world.config_map = ConfigMapEntries::parse(
        r#"{
            "ci-namespace/ci-serviceaccount": {"RoleARN": "arn:aws:iam::111111111111:role/exact", "TokenExpiration": 0},
            "*/ci-serviceaccount": {"rolearn": "arn:aws:iam::111111111111:role/any", "Audience": "a"}
        }"#,
    )
    .unwrap();
    assert_eq!(
        world.mutate(&pod()).identity,
        Identity::Role("arn:aws:iam::111111111111:role/exact".to_owned())
    );
    // What the entry leaves out is the settings'.
    let volume = &world.patched(&pod())["spec"]["volumes"][0];
    let token = &volume["projected"]["sources"][0]["serviceAccountToken"];
    assert_eq!(
        (&token["audience"], &token["expirationSeconds"]),
        (&json!("sts.amazonaws.com"), &json!(86_400))
    );
    world.service_account = World::with_role().service_account;
    assert_eq!(
        world.mutate(&pod()).identity,
        Identity::Role(ROLE.to_owned())
    );
}

#[test]
fn a_config_map_that_cannot_be_used_says_what_is_wrong() {
    let rows = [
        ("{", "EOF while parsing"),
        (r#"{"a": {}}"#, "`a` names no service account"),
        (
            r#"{"test-*/a": {}}"#,
            "`test-*/a` has a wildcard inside a name",
        ),
        (r#"{"a/b": {"Rolearn": 1}}"#, "`Rolearn` of `a/b` is text"),
        (
            r#"{"a/b": {"RoleArm": ""}}"#,
            "`a/b` has the unknown member `RoleArm`",
        ),
    ];
    for (text, wanted) in rows {
        let said = ConfigMapEntries::parse(text).unwrap_err().to_string();
        assert!(said.contains(wanted), "{said}");
    }
    let long = " ".repeat(2 * 1024 * 1024);
    assert!(ConfigMapEntries::parse(&long).is_err());
}

#[test]
fn every_reason_is_explained() {
    for code in podidentity::codes() {
        assert!(
            podidentity::explanation(code).unwrap().contains('\n'),
            "{code}"
        );
    }
    assert_eq!(podidentity::explanation("RC-POD-999"), None);
}
