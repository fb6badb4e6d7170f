//! How the fields of Kubernetes' definitions travel in protobuf.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::go_types::{self, Fields, GoField, GoType};

/// What JSON writes otherwise than as a structure; `objects` knows their protobuf by itself.
const SPECIAL: [&str; 7] = [
    "FieldsV1",
    "IntOrString",
    "MicroTime",
    "Patch",
    "Quantity",
    "RawExtension",
    "Time",
];

/// Rewrites `wire.json` in `folder` from the type descriptors of `kubectl`, for the definitions that
/// stand there; says what it did.
pub(crate) fn refresh(kubectl: &Path, folder: &Path) -> Result<String, String> {
    let program = fs::read(kubectl).map_err(|e| format!("`{}`: {e}", kubectl.display()))?;
    let structures = go_types::structures(&program)?;
    let definitions = fs::read(folder.join("definitions.json")).map_err(|e| e.to_string())?;
    let definitions: Map<String, Value> =
        serde_json::from_slice(&definitions).map_err(|e| e.to_string())?;
    let mut lines = Vec::new();
    let mut missing = Vec::new();
    for name in definitions.keys().filter(|name| !is_special(name)) {
        let Some(fields) = structures.get(&go_name(name)) else {
            missing.push(name.as_str());
            continue;
        };
        let mut wire = BTreeMap::new();
        collect(fields, &structures, "", &mut wire);
        let wire = serde_json::to_string(&wire).map_err(|e| e.to_string())?;
        lines.push(format!("{name:?}:{wire}"));
    }
    let file = folder.join("wire.json");
    crate::models::write(&file, &format!("{{\n{}\n}}\n", lines.join(",\n")))?;
    Ok(format!(
        "{}: {} definitions; not in the program: {}",
        file.display(),
        lines.len(),
        missing.join(", ")
    ))
}

fn is_special(name: &str) -> bool {
    let end = name.rsplit('.').next().unwrap_or_default();
    name.starts_with("io.k8s.apimachinery.") && SPECIAL.contains(&end)
}

/// `io.k8s.api.core.v1.Pod` is `k8s.io/api/core/v1.Pod`.
fn go_name(name: &str) -> String {
    let path = name.strip_prefix("io.k8s.").unwrap_or(name);
    match path.rsplit_once('.') {
        Some((package, name)) => format!("k8s.io/{}.{name}", package.replace('.', "/")),
        None => path.to_owned(),
    }
}

/// The fields as JSON shows them: those of embedded structures stand beside the others.
fn collect(
    fields: &Fields,
    structures: &BTreeMap<String, Fields>,
    before: &str,
    wire: &mut BTreeMap<String, String>,
) {
    for field in fields {
        let json = value(&field.tag, "json");
        let name = json.split(',').next().unwrap_or_default();
        let number = value(&field.tag, "protobuf")
            .split(',')
            .nth(1)
            .unwrap_or_default();
        if number.is_empty() || name == "-" {
            continue;
        }
        let place = format!("{before}{number}");
        match (&field.of, name) {
            (GoType::Struct(embedded), "") if field.is_embedded => {
                if let Some(fields) = structures.get(embedded) {
                    collect(fields, structures, &format!("{place}."), wire);
                }
            }
            (_, "") => {}
            _ => {
                let go_type = go_type(&field.of).map_or(String::new(), |name| format!(" {name}"));
                wire.insert(
                    name.to_owned(),
                    format!("{place}{}{go_type}", presence(field, json)),
                );
            }
        }
    }
}

/// The value of one key of a struct tag.
fn value<'t>(tag: &'t str, key: &str) -> &'t str {
    let begin = format!("{key}:\"");
    let rest = tag.split_once(&begin).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
}

/// `*` for a pointer, `!` for what Go writes even if it is zero.
fn presence(field: &GoField, json: &str) -> &'static str {
    let says = |word: &str| json.split(',').skip(1).any(|option| option == word);
    match &field.of {
        GoType::Pointer(_) => "*",
        GoType::Struct(_) if !says("omitzero") => "!",
        GoType::Scalar(_) if !says("omitempty") => "!",
        GoType::Collection | GoType::Struct(_) | GoType::Scalar(_) => "",
    }
}

/// The name of a scalar's type as messages have it: `v1.DNSPolicy`.
fn go_type(of: &GoType) -> Option<&str> {
    match of {
        GoType::Scalar(Some(name)) => name.rsplit('/').next(),
        GoType::Pointer(of) => go_type(of),
        GoType::Collection | GoType::Struct(_) | GoType::Scalar(None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(tag: &str, of: GoType) -> GoField {
        GoField {
            tag: tag.to_owned(),
            is_embedded: tag.starts_with("json:\"\""),
            of,
        }
    }

    #[test]
    fn embedded_structures_are_flattened_and_zeros_are_told_apart() {
        let text = || GoType::Scalar(None);
        let source = vec![field(
            r#"json:"secret,omitempty" protobuf:"bytes,6,opt,name=secret""#,
            GoType::Pointer(Box::new(GoType::Struct("S".into()))),
        )];
        let volume = vec![
            field(r#"json:"name" protobuf:"bytes,1,opt,name=name""#, text()),
            field(
                r#"json:"" protobuf:"bytes,2,opt,name=source""#,
                GoType::Struct("E".into()),
            ),
            field(r#"json:"note,omitempty" protobuf:"bytes,3,opt""#, text()),
            field(
                r#"json:"mode,omitempty" protobuf:"bytes,4,opt""#,
                GoType::Scalar(Some("k8s.io/api/core/v1.Mode".into())),
            ),
            field(
                r#"json:"status,omitempty" protobuf:"bytes,5,opt""#,
                GoType::Struct("S".into()),
            ),
            field(r#"json:"-" protobuf:"bytes,7,opt""#, text()),
        ];
        let mut wire = BTreeMap::new();
        collect(&volume, &[("E".to_owned(), source)].into(), "", &mut wire);
        let wire: Vec<_> = wire.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let expected = [
            ("mode", "4 v1.Mode"),
            ("name", "1!"),
            ("note", "3"),
            ("secret", "2.6*"),
            ("status", "5!"),
        ];
        assert_eq!(wire, expected);
    }

    #[test]
    fn packages_are_named_by_their_path() {
        assert_eq!(go_name("io.k8s.api.core.v1.Pod"), "k8s.io/api/core/v1.Pod");
    }
}
