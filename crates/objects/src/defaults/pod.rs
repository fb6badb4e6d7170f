//! Defaults of Pods, and of the templates from which they are made.

use super::parts::{Part, absent, blank, items, part, present};
use serde_json::{Map, Value, json};

/// The defaults that a Pod's specification and a template's share.
pub(super) fn spec(spec: &mut Part) {
    blank(spec, "dnsPolicy", "ClusterFirst");
    blank(spec, "restartPolicy", "Always");
    absent(spec, "terminationGracePeriodSeconds", 30);
    absent(spec, "securityContext", json!({}));
    blank(spec, "schedulerName", "default-scheduler");
    service_account(spec);
    for volume in items(spec, "volumes") {
        self::volume(volume);
    }
    let shares_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in items(spec, list) {
            self::container(container, shares_network && list != "ephemeralContainers");
        }
    }
}

/// The old and the new name of the same field.
fn service_account(spec: &mut Part) {
    let name = |spec: &Part, field: &str| {
        spec.get(field)
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    let found = name(spec, "serviceAccountName").or_else(|| name(spec, "serviceAccount"));
    if let Some(found) = found {
        spec.insert("serviceAccountName".to_owned(), found.clone().into());
        spec.insert("serviceAccount".to_owned(), found.into());
    }
}

fn container(container: &mut Part, shares_network: bool) {
    let policy = pull_policy(
        container
            .get("image")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    blank(container, "imagePullPolicy", policy);
    blank(container, "terminationMessagePath", "/dev/termination-log");
    blank(container, "terminationMessagePolicy", "File");
    absent(container, "resources", json!({}));
    requests_of_limits(container);
    for port in items(container, "ports") {
        blank(port, "protocol", "TCP");
        if shares_network {
            let number = port.get("containerPort").cloned().unwrap_or_default();
            absent(port, "hostPort", number);
        }
    }
    for variable in items(container, "env") {
        if let Some(field) =
            present(variable, "valueFrom").and_then(|from| present(from, "fieldRef"))
        {
            blank(field, "apiVersion", "v1");
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = present(container, probe) {
            self::probe(probe);
        }
    }
    if let Some(lifecycle) = present(container, "lifecycle") {
        for moment in ["postStart", "preStop"] {
            if let Some(hook) = present(lifecycle, moment) {
                http_get(hook);
            }
        }
    }
}

/// An image without a tag, or with `latest`, is looked for each time.
fn pull_policy(image: &str) -> &'static str {
    let (name, digest) = image
        .split_once('@')
        .map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rsplit('/').next().unwrap_or_default();
    match (last.split_once(':').map(|(_, tag)| tag), digest) {
        (Some("latest") | None, None) => "Always",
        _ => "IfNotPresent",
    }
}

/// What is limited and not requested is requested up to the limit.
fn requests_of_limits(container: &mut Part) {
    let resources = part(container, "resources");
    let Some(Value::Object(limits)) = resources.get("limits").cloned() else {
        return;
    };
    let requests = part(resources, "requests");
    for (name, amount) in limits {
        requests.entry(name).or_insert(amount);
    }
}

fn probe(probe: &mut Part) {
    absent(probe, "timeoutSeconds", 1);
    absent(probe, "periodSeconds", 10);
    absent(probe, "successThreshold", 1);
    absent(probe, "failureThreshold", 3);
    http_get(probe);
    if let Some(grpc) = present(probe, "grpc") {
        absent(grpc, "service", "");
    }
}

fn http_get(probe: &mut Part) {
    if let Some(get) = present(probe, "httpGet") {
        blank(get, "path", "/");
        blank(get, "scheme", "HTTP");
    }
}

fn volume(volume: &mut Part) {
    const READABLE: u32 = 0o644;
    if volume.keys().all(|key| key == "name") {
        volume.insert("emptyDir".to_owned(), json!({}));
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        if let Some(source) = present(volume, source) {
            absent(source, "defaultMode", READABLE);
        }
    }
    if let Some(host) = present(volume, "hostPath") {
        absent(host, "type", "");
    }
    if let Some(downward) = present(volume, "downwardAPI") {
        field_versions(downward);
    }
    let Some(projected) = present(volume, "projected") else {
        return;
    };
    for source in items(projected, "sources") {
        if let Some(token) = present(source, "serviceAccountToken") {
            absent(token, "expirationSeconds", 3600);
        }
        if let Some(downward) = present(source, "downwardAPI") {
            field_versions(downward);
        }
    }
}

fn field_versions(downward: &mut Map<String, Value>) {
    for item in items(downward, "items") {
        if let Some(field) = present(item, "fieldRef") {
            blank(field, "apiVersion", "v1");
        }
    }
}
