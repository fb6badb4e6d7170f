//! The environment of a container: what the Pod writes, what it takes from ConfigMaps, Secrets and
//! itself, and the services of its namespace. Pure: all that is read is in [`Sources`].

use super::downward::{Downward, resource_value};
use super::problem::Problem;
use crate::object;
use crate::pod::{Container, EnvFrom, EnvVar, KeyRef, NameRef, ValueFrom};
use data_encoding::BASE64;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a Pod's environment and files are made from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// The namespace's ConfigMaps by name.
    pub(crate) config_maps: BTreeMap<String, Arc<Value>>,
    /// The namespace's Secrets by name.
    pub(crate) secrets: BTreeMap<String, Arc<Value>>,
    /// The namespace's Services.
    pub(crate) services: Vec<Arc<Value>>,
    /// Where Pods find the API: host and port.
    pub(crate) api: Option<(String, u16)>,
    /// What every container begins with.
    pub(crate) variables: Vec<(String, String)>,
}

/// A container's environment, later values over earlier ones.
pub(crate) fn environment(
    container: &Container,
    downward: &Downward<'_>,
    sources: &Sources,
    image: &[(String, String)],
) -> Result<Vec<(String, String)>, Problem> {
    let mut env = BTreeMap::new();
    env.extend(sources.variables.iter().cloned());
    env.extend(image.iter().cloned());
    env.insert("HOSTNAME".to_owned(), downward.hostname.to_owned());
    let mut services = BTreeMap::new();
    if let Some((host, port)) = &sources.api {
        services.extend(kubernetes_service(host, *port));
    }
    if downward.pod.spec.enable_service_links.unwrap_or(true) {
        for service in &sources.services {
            services.extend(links(service));
        }
    }
    let mut written = BTreeMap::new();
    for from in &container.env_from {
        written.extend(all_of(from, sources)?);
    }
    for variable in &container.env {
        let value = value_of(variable, container, downward, sources, &written, &services)?;
        if let Some(value) = value {
            written.insert(variable.name.clone(), value);
        }
    }
    env.extend(services);
    env.extend(written);
    Ok(env.into_iter().collect())
}

fn value_of(
    variable: &EnvVar,
    container: &Container,
    downward: &Downward<'_>,
    sources: &Sources,
    written: &BTreeMap<String, String>,
    services: &BTreeMap<String, String>,
) -> Result<Option<String>, Problem> {
    let Some(from) = &variable.value_from else {
        let known = |name: &str| written.get(name).or_else(|| services.get(name)).cloned();
        return Ok(Some(expand(&variable.value, known)));
    };
    let ValueFrom {
        field_ref,
        resource_field_ref,
        config_map_key_ref,
        secret_key_ref,
    } = from;
    if let Some(field) = field_ref {
        return downward.field(&field.field_path).map(Some);
    }
    if let Some(field) = resource_field_ref {
        return resource_value(downward.pod, container, field).map(Some);
    }
    if let Some(key) = config_map_key_ref {
        return key_of(Kind::ConfigMap, &sources.config_maps, key, downward);
    }
    if let Some(key) = secret_key_ref {
        return key_of(Kind::Secret, &sources.secrets, key, downward);
    }
    Ok(Some(String::new()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ConfigMap,
    Secret,
}

impl Kind {
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

fn key_of(
    kind: Kind,
    objects: &BTreeMap<String, Arc<Value>>,
    wanted: &KeyRef,
    downward: &Downward<'_>,
) -> Result<Option<String>, Problem> {
    let Some(found) = objects.get(&wanted.name) else {
        return optional(wanted.optional, missing(kind, &wanted.name));
    };
    match bytes_of(kind, found).remove(&wanted.key) {
        Some(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        None => {
            let namespace = &downward.pod.metadata.namespace;
            let text = format!(
                "couldn't find key {} in {} {namespace}/{}",
                wanted.key,
                kind.title(),
                wanted.name
            );
            optional(wanted.optional, Problem::Config(text))
        }
    }
}

fn optional<T>(is_optional: bool, problem: Problem) -> Result<Option<T>, Problem> {
    if is_optional { Ok(None) } else { Err(problem) }
}

pub(crate) fn missing(kind: Kind, name: &str) -> Problem {
    Problem::Config(format!("{} \"{name}\" not found", kind.plural()))
}

fn all_of(from: &EnvFrom, sources: &Sources) -> Result<BTreeMap<String, String>, Problem> {
    let mut all = BTreeMap::new();
    let mut take = |kind, objects: &BTreeMap<String, Arc<Value>>, wanted: &NameRef| {
        let Some(found) = objects.get(&wanted.name) else {
            return optional::<()>(wanted.optional, missing(kind, &wanted.name)).map(|_| ());
        };
        for (key, bytes) in bytes_of(kind, found) {
            let value = String::from_utf8_lossy(&bytes).into_owned();
            all.insert(format!("{}{key}", from.prefix), value);
        }
        Ok(())
    };
    if let Some(wanted) = &from.config_map_ref {
        take(Kind::ConfigMap, &sources.config_maps, wanted)?;
    }
    if let Some(wanted) = &from.secret_ref {
        take(Kind::Secret, &sources.secrets, wanted)?;
    }
    Ok(all)
}

/// The keys of a ConfigMap or Secret, decoded.
pub(crate) fn bytes_of(kind: Kind, object: &Value) -> BTreeMap<String, Vec<u8>> {
    let entries = |pointer: &str| {
        let found = object.pointer(pointer).and_then(Value::as_object);
        found.into_iter().flatten()
    };
    let plain =
        |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.as_bytes().to_vec()));
    let encoded = |(key, value): (&String, &Value)| {
        Some((key.clone(), BASE64.decode(value.as_str()?.as_bytes()).ok()?))
    };
    match kind {
        Kind::ConfigMap => entries("/data")
            .filter_map(plain)
            .chain(entries("/binaryData").filter_map(encoded))
            .collect(),
        Kind::Secret => entries("/data").filter_map(encoded).collect(),
    }
}

/// Replaces `$(NAME)` by what is known of the name; `$$(NAME)` stays `$(NAME)`; what is unknown stays
/// as it is written.
pub(crate) fn expand(text: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) = rest
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'))
        {
            match known(name) {
                Some(value) => expanded.push_str(&value),
                None => expanded.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    expanded
}

/// The variables by which every Pod finds the API.
fn kubernetes_service(host: &str, port: u16) -> BTreeMap<String, String> {
    let mut all = link_variables("KUBERNETES", host, port, "TCP");
    let first = [
        ("KUBERNETES_SERVICE_HOST".to_owned(), host.to_owned()),
        ("KUBERNETES_SERVICE_PORT".to_owned(), port.to_string()),
        ("KUBERNETES_SERVICE_PORT_HTTPS".to_owned(), port.to_string()),
        ("KUBERNETES_PORT".to_owned(), format!("tcp://{host}:{port}")),
    ];
    all.extend(first);
    all
}

/// The variables of a service, as Docker's links once had them.
fn links(service: &Value) -> BTreeMap<String, String> {
    let ip = object::text(service, "/spec/clusterIP");
    let ports = object::items(service, "/spec/ports");
    let name = object::name(service);
    if ip.is_empty() || ip == "None" || ports.is_empty() || name == "kubernetes" {
        return BTreeMap::new();
    }
    let prefix = name.to_uppercase().replace('-', "_");
    let first = object::number(&ports[0], "/port");
    let protocol = |port: &Value| match object::text(port, "/protocol") {
        "" => "TCP".to_owned(),
        written => written.to_owned(),
    };
    let mut all = BTreeMap::from([
        (format!("{prefix}_SERVICE_HOST"), ip.to_owned()),
        (format!("{prefix}_SERVICE_PORT"), first.to_string()),
    ]);
    let address = format!("{}://{ip}:{first}", protocol(&ports[0]).to_lowercase());
    all.insert(format!("{prefix}_PORT"), address);
    for port in ports {
        let number = u16::try_from(object::number(port, "/port")).unwrap_or_default();
        let name = object::text(port, "/name").to_uppercase().replace('-', "_");
        if !name.is_empty() {
            all.insert(format!("{prefix}_SERVICE_PORT_{name}"), number.to_string());
        }
        all.extend(link_variables(&prefix, ip, number, &protocol(port)));
    }
    all
}

fn link_variables(prefix: &str, ip: &str, port: u16, protocol: &str) -> BTreeMap<String, String> {
    let start = format!("{prefix}_PORT_{port}_{protocol}");
    let lower = protocol.to_lowercase();
    BTreeMap::from([
        (start.clone(), format!("{lower}://{ip}:{port}")),
        (format!("{start}_PROTO"), lower),
        (format!("{start}_PORT"), port.to_string()),
        (format!("{start}_ADDR"), ip.to_owned()),
    ])
}

#[cfg(test)]
mod tests;
