//! Writes the static tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::definitions::{Definition, Definitions, Gvk, Property, Wire, Wires};

/// The version of Kubernetes that the definitions describe.
const KUBERNETES: &str = "1.37.0";

/// The module text: one static per structure, `KINDS` and `KUBERNETES`.
pub(crate) fn render(definitions: &Definitions, wires: &Wires) -> String {
    let tables = Tables::of(definitions, wires);
    let mut out = String::from("// Generated from data/ by build/tables.rs.\n");
    let _ = writeln!(out, "pub(crate) static KUBERNETES: &str = {KUBERNETES:?};");
    tables.kinds(&mut out);
    for (name, number) in &tables.numbers {
        tables.structure(&mut out, name, *number, &definitions[*name]);
    }
    out
}

/// Definitions, and the number by which each structure's static is called.
struct Tables<'a> {
    definitions: &'a Definitions,
    wires: &'a Wires,
    numbers: BTreeMap<&'a str, usize>,
}

impl<'a> Tables<'a> {
    fn of(definitions: &'a Definitions, wires: &'a Wires) -> Self {
        let names = definitions.keys().map(String::as_str);
        let structures = names.filter(|name| special(name).is_none());
        Self {
            definitions,
            wires,
            numbers: structures.enumerate().map(|(i, name)| (name, i)).collect(),
        }
    }

    fn kinds(&self, out: &mut String) {
        let mut kinds: Vec<(&Gvk, &str)> = Vec::new();
        for (name, definition) in self.definitions {
            kinds.extend(definition.kinds.iter().map(|gvk| (gvk, name.as_str())));
        }
        kinds.sort();
        let count = kinds.len();
        let _ = writeln!(
            out,
            "pub(crate) static KINDS: [KindNode<'static>; {count}] = ["
        );
        for (gvk, name) in kinds {
            let Gvk {
                group,
                version,
                kind,
            } = gvk;
            let node = self.reference(name);
            let _ = writeln!(
                out,
                "KindNode {{ group: {group:?}, version: {version:?}, kind: {kind:?}, site: {} }},",
                plain_site(&node)
            );
        }
        out.push_str("];\n");
    }

    fn structure(&self, out: &mut String, name: &str, number: usize, definition: &Definition) {
        let is_atomic = definition.map_type.as_deref() == Some("atomic");
        let _ = writeln!(
            out,
            "static D{number}: StructNode<'static> = StructNode {{ name: {name:?}, is_atomic: {is_atomic}, fields: &["
        );
        for (field, property) in &definition.properties {
            let is_required = definition.required.contains(field);
            let site = self.site(property);
            let wire = self.wires.get(name).and_then(|fields| fields.get(field));
            let Wire {
                tags,
                presence,
                go_type,
            } = wire.map_or(Wire::parse("0"), |text| Wire::parse(text));
            let _ = writeln!(
                out,
                "FieldNode {{ name: {field:?}, is_required: {is_required}, site: {site}, \
                 tags: &{tags:?}, presence: Presence::{presence}, go_type: {go_type:?} }},"
            );
        }
        out.push_str("] };\n");
    }

    fn site(&self, property: &Property) -> String {
        let is_atomic = property.map_type.as_deref() == Some("atomic");
        format!(
            "Site {{ node: {}, is_atomic: {is_atomic}, patch: {} }}",
            self.node(property),
            patch(property)
        )
    }

    fn node(&self, property: &Property) -> String {
        if let Some(name) = &property.reference {
            return self.reference(name);
        }
        match (&property.items, &property.values) {
            (Some(item), _) => format!(
                "Node::List {{ item: &{}, kind: {} }}",
                self.site(item),
                list_kind(property)
            ),
            (None, Some(value)) => format!("Node::Map {{ value: &{} }}", self.site(value)),
            (None, None) => scalar(property),
        }
    }

    fn reference(&self, name: &str) -> String {
        match special(name) {
            Some(node) => node.to_owned(),
            None => format!("Node::Struct(&D{})", self.numbers[name]),
        }
    }
}

/// Types that JSON writes otherwise than their definition looks.
fn special(name: &str) -> Option<&'static str> {
    let end = name.strip_prefix("io.k8s.").unwrap_or(name);
    Some(match end {
        "apimachinery.pkg.api.resource.Quantity" => "Node::Scalar(Scalar::Quantity)",
        "apimachinery.pkg.apis.meta.v1.MicroTime" => "Node::Scalar(Scalar::MicroTime)",
        "apimachinery.pkg.apis.meta.v1.Time" => "Node::Scalar(Scalar::Time)",
        "apimachinery.pkg.util.intstr.IntOrString" => "Node::Scalar(Scalar::IntOrString)",
        "apimachinery.pkg.apis.meta.v1.FieldsV1"
        | "apimachinery.pkg.runtime.RawExtension"
        | "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON"
        | "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray"
        | "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool"
        | "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray" => {
            "Node::Any"
        }
        _ => return None,
    })
}

fn scalar(property: &Property) -> String {
    let name = match (property.kind.as_deref(), property.format.as_deref()) {
        (Some("boolean"), None) => "Bool",
        (Some("integer"), Some("int32")) => "Int32",
        (Some("integer"), Some("int64")) => "Int64",
        (Some("number"), Some("double")) => "Double",
        (Some("string"), None) => "String",
        (Some("string"), Some("byte")) => "Bytes",
        other => panic!("no scalar is {other:?}"),
    };
    format!("Node::Scalar(Scalar::{name})")
}

fn list_kind(property: &Property) -> String {
    match property.list_type.as_deref() {
        None | Some("atomic") => "ListKind::Atomic".to_owned(),
        Some("set") => "ListKind::Set".to_owned(),
        Some("map") => format!("ListKind::Map(&{:?})", property.list_map_keys),
        Some(other) => panic!("no list is of type `{other}`"),
    }
}

fn patch(property: &Property) -> String {
    let Some(strategy) = &property.patch_strategy else {
        return "PatchStrategy::ORDINARY".to_owned();
    };
    let words: Vec<&str> = strategy.split(',').collect();
    let action = match words[0] {
        "merge" => "Merge",
        "replace" => "Replace",
        "retainKeys" => "Ordinary",
        other => panic!("no patch strategy is called `{other}`"),
    };
    format!(
        "PatchStrategy {{ action: PatchAction::{action}, retains_keys: {}, merge_key: {:?} }}",
        words.contains(&"retainKeys"),
        property.patch_merge_key
    )
}

fn plain_site(node: &str) -> String {
    format!("Site {{ node: {node}, is_atomic: false, patch: PatchStrategy::ORDINARY }}")
}
