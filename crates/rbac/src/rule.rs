//! A rule of a role: verbs on objects, or on paths.

use crate::attributes::{Asked, ResourceTarget, Target};
use crate::quoted::Quoted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stands for every verb, group, resource or path.
pub(crate) const ALL: &str = "*";

/// One rule; whatever it lists, it allows in every combination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// API groups; the empty text is the core group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// Plurals, `plural/subresource`, or `*/subresource`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Paths; one that ends in `*` means all that begin so.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
    /// Names; none means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// Verbs.
    pub verbs: Vec<String>,
}

/// The part of a rule that does not fit a request; rules are read in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Element {
    /// It speaks of paths where objects are asked for, or the other way round.
    Target,
    /// Another API group.
    Group,
    /// Another resource.
    Resource,
    /// Another verb.
    Verb,
    /// Another name.
    Name,
}

impl PolicyRule {
    /// Whether it allows a request.
    #[must_use]
    pub fn allows(&self, asked: &impl Asked) -> bool {
        self.first_misfit(asked).is_none()
    }

    /// Whether it allows a verb on a path.
    pub(crate) fn is_about_paths(&self) -> bool {
        !self.non_resource_urls.is_empty()
    }

    /// `None`: it allows the request.
    pub(crate) fn first_misfit(&self, asked: &impl Asked) -> Option<Element> {
        match asked.target() {
            Target::Path(path) => {
                if !self.is_about_paths() {
                    return Some(Element::Target);
                }
                let covers = |pattern: &String| path_covers(pattern, path);
                if !self.non_resource_urls.iter().any(covers) {
                    return Some(Element::Resource);
                }
                (!has(&self.verbs, asked.verb())).then_some(Element::Verb)
            }
            Target::Resource(target) => self.misfit_of_resource(asked.verb(), &target),
        }
    }

    fn misfit_of_resource(&self, verb: &str, target: &ResourceTarget<'_>) -> Option<Element> {
        if self.resources.is_empty() {
            return Some(Element::Target);
        }
        if !has(&self.api_groups, target.group) {
            return Some(Element::Group);
        }
        if !self
            .resources
            .iter()
            .any(|one| resource_covers(one, target))
        {
            return Some(Element::Resource);
        }
        if !has(&self.verbs, verb) {
            return Some(Element::Verb);
        }
        let is_named = self.resource_names.is_empty()
            || target
                .name
                .is_some_and(|name| self.resource_names.iter().any(|one| one == name));
        (!is_named).then_some(Element::Name)
    }
}

/// As upstream prints a rule: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`.
impl fmt::Display for PolicyRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("APIGroups", &self.api_groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.non_resource_urls),
            ("ResourceNames", &self.resource_names),
            ("Verbs", &self.verbs),
        ];
        out.write_str("{")?;
        let mut separator = "";
        for (name, items) in parts {
            if !items.is_empty() {
                write!(out, "{separator}{name}:{}", Quoted(items))?;
                separator = ", ";
            }
        }
        out.write_str("}")
    }
}

/// Whether a list holds an item, or everything.
pub(crate) fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == ALL || item == wanted)
}

fn resource_covers(pattern: &str, target: &ResourceTarget<'_>) -> bool {
    if pattern == ALL {
        return true;
    }
    match (pattern.split_once('/'), target.subresource) {
        (None, None) => pattern == target.plural,
        (Some((plural, subresource)), Some(wanted)) => {
            subresource == wanted && (plural == ALL || plural == target.plural)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether a path pattern means a path (or another, narrower pattern).
pub(crate) fn path_covers(pattern: &str, path: &str) -> bool {
    if pattern == ALL || pattern == path {
        return true;
    }
    pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*'))
}
