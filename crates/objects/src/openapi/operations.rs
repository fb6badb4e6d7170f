//! What can be done on the paths of a resource.

use super::Served;

/// One method of one path.
pub(crate) struct Operation<'a> {
    pub(crate) served: &'a Served,
    pub(crate) path: String,
    pub(crate) method: &'static str,
    /// Kubernetes' own word for it (`x-kubernetes-action`).
    pub(crate) action: &'static str,
    pub(crate) id: String,
    /// Name and type of each query parameter.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
}

const LIST: &[(&str, &str)] = &[
    ("allowWatchBookmarks", "boolean"),
    ("continue", "string"),
    ("fieldSelector", "string"),
    ("labelSelector", "string"),
    ("limit", "integer"),
    ("resourceVersion", "string"),
    ("resourceVersionMatch", "string"),
    ("sendInitialEvents", "boolean"),
    ("timeoutSeconds", "integer"),
    ("watch", "boolean"),
];
const WRITE: &[(&str, &str)] = &[
    ("dryRun", "string"),
    ("fieldManager", "string"),
    ("fieldValidation", "string"),
];
const PATCH: &[(&str, &str)] = &[
    ("dryRun", "string"),
    ("fieldManager", "string"),
    ("fieldValidation", "string"),
    ("force", "boolean"),
];
const DELETE: &[(&str, &str)] = &[
    ("dryRun", "string"),
    ("gracePeriodSeconds", "integer"),
    ("orphanDependents", "boolean"),
    ("propagationPolicy", "string"),
];

/// All operations, path by path.
pub(crate) fn operations<'a>(served: impl IntoIterator<Item = &'a Served>) -> Vec<Operation<'a>> {
    served.into_iter().flat_map(of_resource).collect()
}

fn of_resource(served: &Served) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    let mut add = |verb, path: &str, method, action, parameters| {
        if served.verbs.contains(&verb) {
            operations.push(Operation {
                served,
                path: path.to_owned(),
                method,
                action,
                id: operation_id(served, action, path),
                parameters,
            });
        }
    };
    let (all, own, one) = paths(served);
    if all != own && served.subresource.is_none() {
        add("list", &all, "get", "list", LIST);
    }
    if served.subresource.is_none() {
        add("list", &own, "get", "list", LIST);
        add("create", &own, "post", "post", WRITE);
        add(
            "deletecollection",
            &own,
            "delete",
            "deletecollection",
            DELETE,
        );
    } else {
        add("create", &one, "post", "post", WRITE);
    }
    add("get", &one, "get", "get", &[]);
    add("update", &one, "put", "put", WRITE);
    add("patch", &one, "patch", "patch", PATCH);
    add("delete", &one, "delete", "delete", DELETE);
    operations
}

/// The resource in all namespaces, in its own, and one object.
fn paths(served: &Served) -> (String, String, String) {
    let (root, plural) = (served.root(), &served.plural);
    let all = format!("/{root}/{plural}");
    let own = if served.is_namespaced {
        format!("/{root}/namespaces/{{namespace}}/{plural}")
    } else {
        all.clone()
    };
    let below = match &served.subresource {
        Some((name, _)) => format!("/{name}"),
        None => String::new(),
    };
    let one = format!("{own}/{{name}}{below}");
    (all, own, one)
}

/// Unique in the document, as `patchAppsV1NamespacedDeploymentScale`.
fn operation_id(served: &Served, action: &str, path: &str) -> String {
    let group = served.resource.group.as_str().split('.').next();
    let group = group.filter(|group| !group.is_empty()).unwrap_or("core");
    let version = served.resource.version.as_str();
    let namespaced = if path.contains("{namespace}") {
        "Namespaced"
    } else {
        ""
    };
    let below = served.subresource.as_ref().map_or("", |(name, _)| name);
    let ending = if served.is_namespaced && namespaced.is_empty() {
        "ForAllNamespaces"
    } else {
        ""
    };
    [
        action,
        &capital(group),
        &capital(version),
        namespaced,
        served.resource.kind.as_str(),
        &capital(below),
        ending,
    ]
    .concat()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
