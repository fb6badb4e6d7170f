//! What a Pod may read of itself: fields and resource limits.

use super::problem::Problem;
use crate::pod::{Container, Pod, ResourceFieldRef};
use objects::quantity::Quantity;
use serde_json::Value;
use std::collections::BTreeMap;

/// A Pod, and what the runner gave it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Downward<'a> {
    pub(crate) pod: &'a Pod,
    pub(crate) hostname: &'a str,
    pub(crate) pod_ip: &'a str,
    pub(crate) host_ip: &'a str,
}

impl Downward<'_> {
    /// The value of a field path.
    pub(crate) fn field(&self, path: &str) -> Result<String, Problem> {
        let metadata = &self.pod.metadata;
        let found = match path {
            "metadata.name" => &metadata.name,
            "metadata.namespace" => &metadata.namespace,
            "metadata.uid" => &metadata.uid,
            "spec.nodeName" => &self.pod.spec.node_name,
            "spec.serviceAccountName" => self.pod.service_account(),
            "status.podIP" | "status.podIPs" => self.pod_ip,
            "status.hostIP" | "status.hostIPs" => self.host_ip,
            "metadata.labels" => return Ok(lines(&metadata.labels)),
            "metadata.annotations" => return Ok(lines(&metadata.annotations)),
            _ => return self.subscript(path),
        };
        Ok(found.to_owned())
    }

    fn subscript(&self, path: &str) -> Result<String, Problem> {
        let metadata = &self.pod.metadata;
        let key_of = |start: &str| path.strip_prefix(start)?.strip_suffix("']");
        let found = if let Some(key) = key_of("metadata.labels['") {
            metadata.labels.get(key)
        } else if let Some(key) = key_of("metadata.annotations['") {
            metadata.annotations.get(key)
        } else {
            let text = format!("unsupported fieldPath: {path}");
            return Err(Problem::Config(text));
        };
        Ok(found.cloned().unwrap_or_default())
    }
}

/// `key="value"` lines, as files of labels and annotations have them.
fn lines(map: &BTreeMap<String, String>) -> String {
    let lines = map
        .iter()
        .map(|(key, value)| format!("{key}={}", Value::from(value.as_str())));
    lines.collect::<Vec<_>>().join("\n")
}

/// A limit or request of a container, in units of the divisor, rounded up. Without a limit, what the
/// node could give: the runner sets none, so the largest number that fits is not known; zero.
pub(crate) fn resource_value(
    pod: &Pod,
    container: &Container,
    wanted: &ResourceFieldRef,
) -> Result<String, Problem> {
    let of = match wanted.container_name.as_str() {
        "" => container,
        name => pod
            .container(name)
            .ok_or_else(|| Problem::Config(format!("container \"{name}\" not found in pod")))?,
    };
    let (kind, name) = wanted.resource.split_once('.').unwrap_or_default();
    let found = match kind {
        "limits" => of.resources.limits.get(name),
        "requests" => of.resources.requests.get(name),
        _ => {
            let text = format!("unsupported container resource : {}", wanted.resource);
            return Err(Problem::Config(text));
        }
    };
    let found = found.and_then(Quantity::of).unwrap_or_default();
    let divisor = wanted.divisor.as_ref().and_then(Quantity::of);
    let divisor = divisor.filter(|divisor| *divisor != Quantity::default());
    Ok(found
        .divided_by(divisor.unwrap_or(Quantity::ONE))
        .to_string())
}
