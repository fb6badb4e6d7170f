//! What is served, told to clients: the aggregated form, and the older one group at a time.

use crate::registry::{Registry, ResourceDef, Scope, Verb};
use crate::server::ServerVersion;
use crate::subresource::SubresourceDef;
use names::Gvk;
use objects::openapi::{OpenApi, Served};
use serde_json::{Value, json};

/// `/api`, plain: the versions of the core group.
pub(crate) fn core_versions(registry: &Registry, address: &str) -> Value {
    let groups = registry.groups();
    let core = groups.iter().find(|(group, _)| group.is_empty());
    json!({
        "kind": "APIVersions",
        "versions": core.map(|(_, versions)| versions),
        "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": address }],
    })
}

/// `/apis`, plain.
pub(crate) fn groups(registry: &Registry) -> Value {
    let groups = registry.groups();
    let named = groups.iter().filter(|(group, _)| !group.is_empty());
    let groups: Vec<_> = named
        .map(|(group, versions)| group_of(group, versions))
        .collect();
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
}

/// `/apis/GROUP`; none when it is not served.
pub(crate) fn group(registry: &Registry, name: &str) -> Option<Value> {
    let groups = registry.groups();
    let (_, versions) = groups
        .iter()
        .find(|(group, _)| !name.is_empty() && *group == name)?;
    let mut group = group_of(name, versions);
    let map = group.as_object_mut()?;
    map.insert("kind".to_owned(), "APIGroup".into());
    map.insert("apiVersion".to_owned(), "v1".into());
    Some(group)
}

fn group_of(name: &str, versions: &[&str]) -> Value {
    let versions: Vec<_> = versions
        .iter()
        .map(|version| json!({ "groupVersion": format!("{name}/{version}"), "version": version }))
        .collect();
    json!({ "name": name, "versions": versions, "preferredVersion": versions.first() })
}

/// `/api/v1`, `/apis/GROUP/VERSION`; none when it is not served.
pub(crate) fn resources(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let resources = registry.of_version(group, version);
    let first = resources.first()?;
    let group_version = first.gvk.api_version();
    let rows: Vec<_> = resources.iter().flat_map(|one| rows_of(one)).collect();
    Some(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": rows,
    }))
}

fn rows_of(of: &ResourceDef) -> Vec<Value> {
    let mut row = json!({
        "name": of.plural(),
        "singularName": of.singular,
        "namespaced": of.is_namespaced(),
        "kind": of.gvk.kind.as_str(),
        "verbs": verbs(of.verbs),
    });
    if let Some(row) = row.as_object_mut() {
        if !of.short_names.is_empty() {
            row.insert("shortNames".to_owned(), json!(of.short_names));
        }
        if !of.categories.is_empty() {
            row.insert("categories".to_owned(), json!(of.categories));
        }
    }
    let below = of.subresources.iter().map(|below| {
        let mut row = json!({
            "name": format!("{}/{}", of.plural(), below.name),
            "singularName": "",
            "namespaced": of.is_namespaced(),
            "kind": below.gvk.kind.as_str(),
            "verbs": verbs(below.verbs),
        });
        if let Some(row) = row.as_object_mut()
            && below.gvk.group != of.gvk.group
        {
            row.insert("group".to_owned(), below.gvk.group.as_str().into());
            row.insert("version".to_owned(), below.gvk.version.as_str().into());
        }
        row
    });
    std::iter::once(row).chain(below).collect()
}

/// `/api` or `/apis`, aggregated: everything at once.
pub(crate) fn aggregated(registry: &Registry, of_core: bool, version: &str) -> Value {
    let groups = registry.groups();
    let groups = groups
        .iter()
        .filter(|(group, _)| group.is_empty() == of_core);
    let items: Vec<_> =
        groups
            .map(|(group, versions)| {
                let metadata = match group.is_empty() {
                    true => json!({ "creationTimestamp": null }),
                    false => json!({ "name": group, "creationTimestamp": null }),
                };
                let versions: Vec<_> = versions.iter().map(|version| {
                let resources = registry.of_version(group, version);
                let resources: Vec<_> = resources.iter().map(|one| resource(one)).collect();
                json!({ "version": version, "resources": resources, "freshness": "Current" })
            }).collect();
                json!({ "metadata": metadata, "versions": versions })
            })
            .collect();
    json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": format!("apidiscovery.k8s.io/{version}"),
        "metadata": {},
        "items": items,
    })
}

fn resource(of: &ResourceDef) -> Value {
    let scope = match of.scope {
        Scope::Namespaced => "Namespaced",
        Scope::Cluster => "Cluster",
    };
    let below: Vec<_> = of.subresources.iter().map(subresource).collect();
    let mut row = json!({
        "resource": of.plural(),
        "responseKind": kind(&of.gvk),
        "scope": scope,
        "singularResource": of.singular,
        "verbs": verbs(of.verbs),
    });
    if let Some(row) = row.as_object_mut() {
        for (name, list) in [
            ("shortNames", &of.short_names),
            ("categories", &of.categories),
        ] {
            if !list.is_empty() {
                row.insert(name.to_owned(), json!(list));
            }
        }
        if !below.is_empty() {
            row.insert("subresources".to_owned(), below.into());
        }
    }
    row
}

fn subresource(below: &SubresourceDef) -> Value {
    json!({
        "subresource": below.name,
        "responseKind": kind(&below.gvk),
        "verbs": verbs(below.verbs),
    })
}

fn kind(gvk: &Gvk) -> Value {
    json!({ "group": gvk.group.as_str(), "version": gvk.version.as_str(), "kind": gvk.kind.as_str() })
}

fn verbs(verbs: &[Verb]) -> Vec<&'static str> {
    verbs.iter().map(|verb| verb.as_str()).collect()
}

/// The documents about what is served.
pub(crate) fn openapi(registry: &Registry, version: &ServerVersion) -> OpenApi {
    let served = registry.iter().flat_map(|of| {
        let row = |below: Option<&SubresourceDef>| Served {
            resource: of.gvk.clone(),
            plural: of.plural().to_owned(),
            subresource: below.map(|below| (below.name.to_string(), below.gvk.clone())),
            is_namespaced: of.is_namespaced(),
            verbs: verbs(below.map_or(of.verbs, |below| below.verbs)),
        };
        std::iter::once(row(None)).chain(of.subresources.iter().map(move |below| row(Some(below))))
    });
    OpenApi::of(&version.git_version(), served.collect())
}
