//! The definitions that a document needs, as JSON; the two versions differ in how they refer.

use std::collections::BTreeMap;

use names::Gvk;
use serde_json::{Map, Value, json};

use crate::schema::{Field, ListKind, PatchAction, Scalar, Schema, Schemas, Shape, Struct};

const TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
const MICRO_TIME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const INT_OR_STRING: &str = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

/// How one version of OpenAPI writes what the other writes otherwise.
pub(crate) struct Dialect {
    /// What stands before a definition's name in a reference.
    pub(crate) prefix: &'static str,
    /// Whether a reference that has something beside it must be wrapped.
    pub(crate) wraps_references: bool,
    /// A quantity.
    pub(crate) quantity: fn() -> Value,
    /// A number or text.
    pub(crate) int_or_string: fn() -> Value,
}

/// The definitions of some kinds, and of all that they are made of.
pub(crate) struct Definitions<'d> {
    dialect: &'d Dialect,
    kinds: BTreeMap<&'static str, Vec<Value>>,
    done: BTreeMap<&'static str, Value>,
    open: Vec<Struct<'static>>,
}

impl<'d> Definitions<'d> {
    pub(crate) fn new(dialect: &'d Dialect) -> Self {
        Self {
            dialect,
            kinds: kinds_by_name(),
            done: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// A reference to a kind, whose definition is added.
    pub(crate) fn kind(&mut self, gvk: &Gvk) -> Value {
        match Schemas::builtin().of(gvk) {
            Some(schema) => self.value(schema),
            None => json!({"type": "object"}),
        }
    }

    /// All that was referred to.
    pub(crate) fn finish(mut self) -> Map<String, Value> {
        while let Some(structure) = self.open.pop() {
            let definition = self.structure(structure);
            self.done.insert(structure.name(), definition);
        }
        let done = self.done.into_iter();
        done.map(|(name, definition)| (name.to_owned(), definition))
            .collect()
    }

    fn structure(&mut self, structure: Struct<'static>) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in structure.fields() {
            properties.insert(field.name().to_owned(), self.field(field));
            if field.is_required() {
                required.push(field.name());
            }
        }
        let mut definition = json!({"type": "object"});
        if !properties.is_empty() {
            definition["properties"] = properties.into();
        }
        if !required.is_empty() {
            definition["required"] = required.into();
        }
        if structure.is_atomic() {
            definition["x-kubernetes-map-type"] = "atomic".into();
        }
        if let Some(kinds) = self.kinds.get(structure.name()) {
            definition["x-kubernetes-group-version-kind"] = kinds.clone().into();
        }
        definition
    }

    fn field(&mut self, field: Field<'static>) -> Value {
        let schema = field.schema();
        let mut value = self.value(schema);
        let extensions = extensions(schema);
        if self.dialect.wraps_references && value.get("$ref").is_some() {
            value = json!({ "allOf": [value] });
        }
        if let Value::Object(value) = &mut value {
            value.extend(extensions);
        }
        value
    }

    fn value(&mut self, schema: Schema<'static>) -> Value {
        match schema.shape() {
            Shape::Any => json!({"type": "object"}),
            Shape::Scalar(scalar) => self.scalar(scalar),
            Shape::List(list) => json!({"type": "array", "items": self.value(list.item())}),
            Shape::Map(map) => {
                json!({"type": "object", "additionalProperties": self.value(map.value())})
            }
            Shape::Struct(structure) => {
                if !self.done.contains_key(structure.name()) {
                    self.done.insert(structure.name(), Value::Null);
                    self.open.push(structure);
                }
                self.reference(structure.name())
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Value {
        match scalar {
            Scalar::Bool => json!({"type": "boolean"}),
            Scalar::Int32 => json!({"type": "integer", "format": "int32"}),
            Scalar::Int64 => json!({"type": "integer", "format": "int64"}),
            Scalar::Double => json!({"type": "number", "format": "double"}),
            Scalar::String => json!({"type": "string"}),
            Scalar::Bytes => json!({"type": "string", "format": "byte"}),
            Scalar::Time => self.named(TIME, date_time),
            Scalar::MicroTime => self.named(MICRO_TIME, date_time),
            Scalar::Quantity => self.named(QUANTITY, self.dialect.quantity),
            Scalar::IntOrString => self.named(INT_OR_STRING, self.dialect.int_or_string),
        }
    }

    fn named(&mut self, name: &'static str, definition: fn() -> Value) -> Value {
        self.done.entry(name).or_insert_with(definition);
        self.reference(name)
    }

    fn reference(&self, name: &str) -> Value {
        json!({"$ref": format!("{}{name}", self.dialect.prefix)})
    }
}

fn date_time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// How the value is merged and patched.
fn extensions(schema: Schema<'_>) -> Map<String, Value> {
    let mut extensions = Map::new();
    match schema.shape() {
        Shape::List(list) => {
            let kind = match list.kind() {
                ListKind::Atomic => "atomic",
                ListKind::Set => "set",
                ListKind::Map(keys) => {
                    extensions.insert("x-kubernetes-list-map-keys".into(), keys.into());
                    "map"
                }
            };
            extensions.insert("x-kubernetes-list-type".into(), kind.into());
        }
        Shape::Map(map) if map.is_atomic() => {
            extensions.insert("x-kubernetes-map-type".into(), "atomic".into());
        }
        Shape::Any | Shape::Scalar(_) | Shape::Map(_) | Shape::Struct(_) => {}
    }
    let patch = schema.patch();
    let action = match patch.action {
        PatchAction::Ordinary => None,
        PatchAction::Merge => Some("merge"),
        PatchAction::Replace => Some("replace"),
    };
    let retains = patch.retains_keys.then_some("retainKeys");
    let words: Vec<&str> = action.into_iter().chain(retains).collect();
    if !words.is_empty() {
        extensions.insert("x-kubernetes-patch-strategy".into(), words.join(",").into());
    }
    if let Some(key) = patch.merge_key {
        extensions.insert("x-kubernetes-patch-merge-key".into(), key.into());
    }
    extensions
}

/// The kinds that each structure is.
fn kinds_by_name() -> BTreeMap<&'static str, Vec<Value>> {
    let schemas = Schemas::builtin();
    let mut kinds: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (group, version, kind) in schemas.kinds() {
        let gvk = Gvk::parse(group, version, kind).ok();
        let schema = gvk.and_then(|gvk| schemas.of(&gvk));
        if let Some(Shape::Struct(structure)) = schema.map(Schema::shape) {
            let named = json!({"group": group, "version": version, "kind": kind});
            kinds.entry(structure.name()).or_default().push(named);
        }
    }
    kinds
}
