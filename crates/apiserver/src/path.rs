//! What a request's method and path ask for, before anything is looked up.

use crate::query::Query;
use crate::registry::Verb;

/// What a request asks for, in the words of rules: what authorisation decides on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `get`, `list`, `create`...; the method in lower case for a path without resource.
    pub verb: String,
    /// The whole path.
    pub path: String,
    /// Whether the path names a resource; the fields below are empty otherwise.
    pub is_resource: bool,
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The resource.
    pub plural: String,
    /// What lies below the object.
    pub subresource: String,
    /// The namespace; empty for the cluster or for all namespaces.
    pub namespace: String,
    /// The object's name; empty for a collection.
    pub name: String,
}

impl Attributes {
    /// Reads method, path and query. Every path asks for something.
    #[must_use]
    pub fn of(method: &str, path: &str, query: &Query) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let none = || Self {
            verb: method.to_lowercase(),
            path: path.to_owned(),
            ..Self::default()
        };
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
            ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
            _ => return none(),
        };
        let (is_watched, rest) = match rest {
            ["watch", rest @ ..] if !rest.is_empty() => (true, rest),
            rest => (false, rest),
        };
        let (namespace, rest) = place(rest);
        let Some((plural, rest)) = rest.split_first() else {
            return none();
        };
        let name = rest.first().copied().unwrap_or_default();
        let selected = query.get("fieldSelector").and_then(name_selected);
        // Of one object, the parameter asks for nothing.
        let is_watched = is_watched || name.is_empty() && query.is_true("watch");
        let verb = verb(method, !name.is_empty(), is_watched);
        let is_many = matches!(
            verb,
            Some(Verb::List | Verb::Watch | Verb::DeleteCollection)
        );
        Self {
            verb: verb.map_or_else(|| method.to_lowercase(), |verb| verb.as_str().to_owned()),
            path: path.to_owned(),
            is_resource: true,
            group: group.to_owned(),
            version: version.to_owned(),
            plural: (*plural).to_owned(),
            subresource: rest.get(1..).unwrap_or_default().join("/"),
            namespace: namespace.to_owned(),
            name: match selected {
                Some(selected) if is_many && name.is_empty() => selected.to_owned(),
                _ => name.to_owned(),
            },
        }
    }

    /// Whether it reads without waiting for changes.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.verb.as_str(), "get" | "list" | "watch" | "head")
    }
}

/// Where the object lies, and the parts of the path from its resource on. A namespace lies in itself.
fn place<'p>(parts: &'p [&'p str]) -> (&'p str, &'p [&'p str]) {
    match parts {
        ["namespaces", name] | ["namespaces", name, "status" | "finalize"] => (name, parts),
        ["namespaces", name, rest @ ..] => (name, rest),
        _ => ("", parts),
    }
}

fn verb(method: &str, is_named: bool, is_watched: bool) -> Option<Verb> {
    Some(match method {
        "POST" => Verb::Create,
        "GET" | "HEAD" if is_watched => Verb::Watch,
        "GET" | "HEAD" if is_named => Verb::Get,
        "GET" | "HEAD" => Verb::List,
        "PUT" => Verb::Update,
        "PATCH" => Verb::Patch,
        "DELETE" if is_named => Verb::Delete,
        "DELETE" => Verb::DeleteCollection,
        _ => return None,
    })
}

/// The name that a field selector of `metadata.name=NAME` picks.
fn name_selected(selector: &str) -> Option<&str> {
    selector.split(',').find_map(|term| {
        let name = term.strip_prefix("metadata.name=")?;
        Some(name.strip_prefix('=').unwrap_or(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method and target, then verb, group/version, resource/subresource, namespace, name.
    fn check(method: &str, target: &str, wanted: [&str; 5]) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let asked = Attributes::of(method, path, &Query::parse(query));
        let group = format!("{}/{}", asked.group, asked.version);
        let resource = match asked.subresource.as_str() {
            "" => asked.plural.clone(),
            subresource => format!("{}/{subresource}", asked.plural),
        };
        let found = [
            &asked.verb,
            &group,
            &resource,
            &asked.namespace,
            &asked.name,
        ];
        assert_eq!(found, wanted, "{method} {target}");
    }

    #[test]
    fn a_request_asks_for_what_its_method_and_path_say() {
        let n = "/api/v1/namespaces/n";
        let rows = [
            ("GET", "/api/v1/pods", ["list", "/v1", "pods", "", ""]),
            (
                "GET",
                &format!("{n}/pods"),
                ["list", "/v1", "pods", "n", ""],
            ),
            (
                "GET",
                &format!("{n}/pods/p"),
                ["get", "/v1", "pods", "n", "p"],
            ),
            (
                "GET",
                &format!("{n}/pods/p/log"),
                ["get", "/v1", "pods/log", "n", "p"],
            ),
            (
                "POST",
                "/apis/apps/v1/namespaces/n/deployments",
                ["create", "apps/v1", "deployments", "n", ""],
            ),
            (
                "PATCH",
                "/apis/apps/v1/namespaces/n/deployments/d/scale",
                ["patch", "apps/v1", "deployments/scale", "n", "d"],
            ),
            (
                "DELETE",
                &format!("{n}/pods"),
                ["deletecollection", "/v1", "pods", "n", ""],
            ),
            // A namespace lies in itself.
            (
                "GET",
                "/api/v1/namespaces",
                ["list", "/v1", "namespaces", "", ""],
            ),
            ("GET", n, ["get", "/v1", "namespaces", "n", "n"]),
            (
                "PUT",
                &format!("{n}/finalize"),
                ["update", "/v1", "namespaces/finalize", "n", "n"],
            ),
            // A watch is asked for by parameter or prefix; of one object, by prefix alone.
            (
                "GET",
                "/api/v1/pods?watch=true",
                ["watch", "/v1", "pods", "", ""],
            ),
            (
                "GET",
                "/api/v1/pods?watch=1",
                ["watch", "/v1", "pods", "", ""],
            ),
            (
                "GET",
                "/api/v1/pods?watch=false",
                ["list", "/v1", "pods", "", ""],
            ),
            (
                "GET",
                "/api/v1/watch/namespaces/n/pods",
                ["watch", "/v1", "pods", "n", ""],
            ),
            (
                "GET",
                "/api/v1/watch/namespaces/n/pods/p",
                ["watch", "/v1", "pods", "n", "p"],
            ),
            (
                "GET",
                &format!("{n}/pods/p?watch=true"),
                ["get", "/v1", "pods", "n", "p"],
            ),
            // A list that selects one name is decided by that name.
            (
                "GET",
                "/api/v1/pods?fieldSelector=metadata.name%3Dp",
                ["list", "/v1", "pods", "", "p"],
            ),
            // Other paths are asked for by their method.
            ("GET", "/healthz", ["get", "/", "", "", ""]),
            ("GET", "/apis/apps/v1", ["get", "/", "", "", ""]),
        ];
        for (method, target, wanted) in rows {
            check(method, target, wanted);
        }
    }
}
