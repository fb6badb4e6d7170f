//! JSON as `aws --cli-input-json` takes it and `--output json` prints it, to and from wire values.

use crate::output::Failure;
use awswire::{Kind, Operation, Shape, Value};
use serde_json::Value as Json;

/// The operation of that name.
pub(super) fn operation(service: &str, name: &str) -> Result<&'static Operation, Failure> {
    awswire::service(service)
        .and_then(|service| service.operation(name))
        .ok_or_else(|| {
            Failure::unanswered(
                "internal",
                format!("there is no operation {service}:{name}"),
            )
        })
}

/// Reads JSON as a value of a shape.
pub(super) fn to_value(shape: &Shape, json: &Json) -> Result<Value, String> {
    let mismatch = || format!("`{json}` is no {}", shape.name);
    match (&shape.kind, json) {
        (Kind::Structure(members), Json::Object(object)) => {
            let mut present = Vec::new();
            for (name, json) in object {
                let index = members
                    .iter()
                    .position(|member| member.name == name)
                    .ok_or_else(|| format!("{} has no member `{name}`", shape.name))?;
                present.push((index, to_value(members[index].shape, json)?));
            }
            present.sort_by_key(|(index, _)| *index);
            Ok(Value::Structure(present))
        }
        (Kind::List { item, .. }, Json::Array(items)) => items
            .iter()
            .map(|json| to_value(item, json))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (Kind::Map { value, .. }, Json::Object(object)) => object
            .iter()
            .map(|(key, json)| Ok((key.clone(), to_value(value, json)?)))
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Kind::String, Json::String(text)) if shape.sensitive => {
            Ok(Value::Secret(text.as_str().into()))
        }
        (Kind::String, Json::String(text)) => Ok(Value::String(text.clone())),
        (Kind::Integer, Json::Number(number)) => {
            number.as_i64().map(Value::Integer).ok_or_else(mismatch)
        }
        (Kind::Double, Json::Number(number)) => {
            number.as_f64().map(Value::Double).ok_or_else(mismatch)
        }
        (Kind::Boolean, Json::Bool(is)) => Ok(Value::Boolean(*is)),
        (Kind::Document, json) => Ok(Value::Document(json.clone())),
        (
            Kind::Structure(_)
            | Kind::List { .. }
            | Kind::Map { .. }
            | Kind::String
            | Kind::Integer
            | Kind::Double
            | Kind::Boolean
            | Kind::Blob
            | Kind::Timestamp,
            _,
        ) => Err(mismatch()),
    }
}

/// Writes a value of a shape as JSON; the demo's own sessions are read from it, secrets and all.
pub(super) fn to_json(shape: &Shape, value: &Value) -> Json {
    match (value, &shape.kind) {
        (Value::Structure(present), _) => {
            let members = shape.members();
            let named = present.iter().filter_map(|(index, value)| {
                let member = members.get(*index)?;
                Some((member.name.to_owned(), to_json(member.shape, value)))
            });
            Json::Object(named.collect())
        }
        (Value::List(items), Kind::List { item, .. }) => {
            items.iter().map(|value| to_json(item, value)).collect()
        }
        (Value::Map(entries), Kind::Map { value: shape, .. }) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), to_json(shape, value)))
                .collect(),
        ),
        (Value::String(text), _) => Json::String(text.clone()),
        (Value::Secret(secret), _) => secret.expose_str().into(),
        (Value::Integer(number), _) => (*number).into(),
        (Value::Double(number), _) => (*number).into(),
        (Value::Boolean(is), _) => (*is).into(),
        (Value::Timestamp(time), _) => Json::String(time.to_string()),
        (Value::Document(json), _) => json.clone(),
        (Value::Blob(_) | Value::List(_) | Value::Map(_), _) => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_becomes_a_value_and_json_again() {
        let shape = operation("iam", "CreateOpenIDConnectProvider")
            .unwrap()
            .input;
        let json = json!({ "Url": "https://a.b", "ClientIDList": ["x", "y"] });
        let value = to_value(shape, &json).unwrap();
        assert_eq!(to_json(shape, &value), json);
    }

    #[test]
    fn an_unknown_member_is_named() {
        let shape = operation("eks", "DescribeCluster").unwrap().input;
        let refusal = to_value(shape, &json!({ "nam": "x" })).unwrap_err();
        assert!(refusal.contains("`nam`"), "{refusal}");
    }
}
