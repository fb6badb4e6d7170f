//! Trims botocore's service models to their facts.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::json::Json;
use crate::source::Wheel;

/// Service and API version: the folder of the model inside botocore, and our file's name.
const SERVICES: [(&str, &str); 6] = [
    ("sts", "2011-06-15"),
    ("iam", "2010-05-08"),
    ("eks", "2017-11-01"),
    ("eks-auth", "2023-11-26"),
    ("cloudformation", "2010-05-15"),
    ("iam-toolbox", "2018-05-10"),
];

/// Prose, which is neither needed nor ours to repeat.
const PROSE: [&str; 3] = ["documentation", "deprecatedMessage", "deprecatedSince"];

/// Rewrites `folder` from the botocore at `from`; says what it did.
pub(crate) fn refresh(from: &Path, folder: &Path) -> Result<String, String> {
    let mut botocore = Wheel::open(from)?;
    let version = botocore.version("botocore/__init__.py")?;
    let mut done = format!("botocore {version}\n");
    for (service, api_version) in SERVICES {
        let path = format!("botocore/data/{service}/{api_version}/service-2.json.gz");
        let model: Json = serde_json::from_slice(&botocore.read_gzipped(&path)?)
            .map_err(|e| format!("`{path}` is not JSON: {e}"))?;
        let model = without_prose(model);
        let file = folder.join(format!("{service}.json"));
        write(&file, &one_fact_a_line(&model)?)?;
        let operations = model.get("operations").map_or(0, |o| o.members().len());
        let _ = writeln!(done, "{}: {operations} operations", file.display());
    }
    write(&folder.join("README.md"), &readme(&version))?;
    Ok(done)
}

/// Drops the prose of `value`, at any depth. A structure may have a member that is called
/// `documentation`; that one is a fact and stays.
fn without_prose(value: Json) -> Json {
    match value {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter(|(key, value)| !(PROSE.contains(&key.as_str()) && value.as_str().is_some()))
                .map(|(key, value)| (key, without_prose(value)))
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(without_prose).collect()),
        Json::Scalar(_) => value,
    }
}

/// One operation or shape on each line, so that a refresh reads well as a diff.
fn one_fact_a_line(model: &Json) -> Result<String, String> {
    let compact = |v: &Json| serde_json::to_string(v).map_err(|e| e.to_string());
    let mut sections = Vec::new();
    for (key, value) in model.members() {
        let text = match value {
            Json::Object(members) if key != "metadata" => {
                let lines: Result<Vec<String>, String> = members
                    .iter()
                    .map(|(k, v)| Ok(format!("{k:?}:{}", compact(v)?)))
                    .collect();
                format!("{{\n{}\n}}", lines?.join(",\n"))
            }
            Json::Scalar(_) | Json::Array(_) | Json::Object(_) => compact(value)?,
        };
        sections.push(format!("{key:?}:{text}"));
    }
    Ok(format!("{{\n{}\n}}\n", sections.join(",\n")))
}

/// Writes `text` to `file`.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|e| format!("cannot write `{}`: {e}", file.display()))
}

fn readme(version: &str) -> String {
    let mut services = String::new();
    for (service, api_version) in SERVICES {
        let _ = writeln!(services, "- `{service}.json`: API version {api_version}");
    }
    format!(
        "# Service models

Facts of AWS's service interfaces: operations, shapes, constraints, bindings, errors.

Source: the `service-2.json` files of botocore {version} (Python package index, `botocore`),
copyright Amazon.com, Inc. or its affiliates, Apache License 2.0 (see `NOTICE`).
Changed: documentation text removed, one operation or shape on each line. Nothing else.

{services}
Refreshed, never edited, by

    pip download --no-deps botocore && cargo run -p xtask -- models --botocore botocore-*.whl

What we know better than the models stands in `overrides.json`, with its reason.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_goes_and_a_member_named_documentation_stays() {
        let model = r#"{"shapes":{"S":{"documentation":"prose","members":{"documentation":{"shape":"T"},"B":{"shape":"T","documentation":"prose"}}}}}"#;
        let model: Json = serde_json::from_str(model).unwrap();
        let trimmed = one_fact_a_line(&without_prose(model)).unwrap();
        assert_eq!(
            trimmed,
            "{\n\"shapes\":{\n\"S\":{\"members\":{\"documentation\":{\"shape\":\"T\"},\"B\":{\"shape\":\"T\"}}}\n}\n}\n"
        );
    }
}
