//! Field sets as `fieldsV1`: objects whose keys are path elements, and `.` for the element itself.

use super::owners::MalformedFields;
use super::path::PathElement;
use super::set::{FieldSet, Node};
use serde_json::{Map, Value};

/// Steps in a path: more than any schema has, fewer than any stack.
const DEPTH_MAX: usize = 128;

impl FieldSet {
    /// As `fieldsV1`.
    #[must_use]
    pub fn to_wire(&self) -> Value {
        let nodes = self
            .nodes()
            .map(|(element, node)| (element.to_wire(), node_to_wire(node)));
        Value::Object(nodes.collect())
    }

    /// The set that `fieldsV1` writes.
    pub fn from_wire(fields: &Value) -> Result<Self, MalformedFields> {
        let fields = fields.as_object().ok_or(MalformedFields::NotAnObject)?;
        read(fields, 0)
    }
}

fn node_to_wire(node: &Node) -> Value {
    let mut wire = node.below.to_wire();
    if let Value::Object(fields) = &mut wire
        && node.is_member
        && !fields.is_empty()
    {
        fields.insert(".".to_owned(), Value::Object(Map::new()));
    }
    wire
}

fn read(fields: &Map<String, Value>, depth: usize) -> Result<FieldSet, MalformedFields> {
    if depth > DEPTH_MAX {
        return Err(MalformedFields::TooDeep);
    }
    let mut set = FieldSet::default();
    for (key, value) in fields.iter().filter(|(key, _)| key.as_str() != ".") {
        let malformed = || MalformedFields::Element(key.clone());
        let element = PathElement::from_wire(key).ok_or_else(malformed)?;
        let below = value.as_object().ok_or_else(malformed)?;
        let node = Node {
            is_member: below.is_empty() || below.contains_key("."),
            below: read(below, depth + 1)?,
        };
        set.put(element, node);
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_field_set_reads_and_writes_as_kubernetes_does() {
        let wire = json!({
            "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {"v:\"x\"": {}}},
            "f:spec": {"f:containers": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}}}},
        });
        let set = FieldSet::from_wire(&wire).unwrap();
        let paths: Vec<_> = set
            .paths()
            .iter()
            .map(|path| path.iter().map(ToString::to_string).collect::<String>())
            .collect();
        assert_eq!(
            paths,
            [
                ".metadata.labels",
                ".metadata.finalizers[=\"x\"]",
                ".metadata.labels.app",
                ".spec.containers[containerPort=80,protocol=\"TCP\"]",
                ".spec.containers[containerPort=80,protocol=\"TCP\"].name",
            ]
        );
        assert_eq!(set.to_wire(), wire);
    }

    #[test]
    fn a_malformed_field_set_is_refused() {
        let deep = (0..200).fold(json!({}), |inner, _| json!({"f:a": inner}));
        let rows = [
            json!([]),
            json!({"x:a": {}}),
            json!({"f:a": 1}),
            json!({"k:{": {}}),
            deep,
        ];
        for wire in rows {
            assert!(FieldSet::from_wire(&wire).is_err(), "{wire}");
        }
    }

    pub(super) fn a_set() -> impl Strategy<Value = FieldSet> {
        let element = prop_oneof![
            "[ab]{1,2}".prop_map(|name| PathElement::Field(name.into())),
            "[ab]".prop_map(
                |name| PathElement::from_wire(&format!("k:{{\"name\":{name:?}}}")).unwrap()
            ),
            "[ab]".prop_map(|text| PathElement::from_wire(&format!("v:{text:?}")).unwrap()),
        ];
        let path = proptest::collection::vec(element, 1..4);
        proptest::collection::vec(path, 0..8).prop_map(|paths| {
            let mut set = FieldSet::default();
            paths.iter().for_each(|path| set.insert(path));
            set
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(set in a_set()) {
            prop_assert_eq!(FieldSet::from_wire(&set.to_wire()).unwrap(), set);
        }

        #[test]
        fn sets_obey_the_laws_of_sets(one in a_set(), other in a_set()) {
            let both = one.intersection(&other);
            let only = one.difference(&other);
            prop_assert_eq!(&only.clone().union(&both), &one);
            prop_assert!(only.intersection(&other).is_empty());
            prop_assert!(one.difference(&one).is_empty());
            prop_assert_eq!(&one.clone().union(&other), &other.union(&one));
        }
    }
}
