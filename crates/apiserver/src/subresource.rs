//! What lies below an object: its status, views of it, actions on it, streams out of it.

use crate::registry::{ResourceDef, Verb, gvk};
use names::Gvk;
use objects::status::FieldError;
use objects::{Object, Status};
use serde_json::{Value, json};

/// A subresource of a resource.
#[derive(Debug, Clone)]
pub struct SubresourceDef {
    /// Its name, the last part of the path.
    pub name: Box<str>,
    /// The type that it speaks.
    pub gvk: Gvk,
    /// What can be asked of it.
    pub verbs: &'static [Verb],
    /// What it does.
    pub how: How,
}

/// What a subresource does.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// Reads the object, writes its `status` alone.
    Status,
    /// Writes a namespace's `spec.finalizers` alone.
    Finalize,
    /// Shows a part of the object as a kind of its own, and writes that part.
    View(View),
    /// Binds a pod to a node.
    Bind,
    /// Deletes a pod if its budget allows.
    Evict,
    /// Is answered by what the plane registered for it.
    Asked,
    /// Opens streams to a pod's containers.
    Stream,
}

/// A part of an object, shown as a kind of its own.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The part.
    pub show: fn(&Object) -> Object,
    /// The object with the part changed.
    pub write: fn(&mut Object, &Object) -> Result<(), Status>,
    /// What an owner of the object applies, of what he applies to the part.
    pub apply: fn(&Object) -> Value,
}

impl SubresourceDef {
    fn new(name: &str, gvk: Gvk, verbs: &'static [Verb], how: How) -> Self {
        Self {
            name: name.into(),
            gvk,
            verbs,
            how,
        }
    }

    pub(crate) fn status(of: &ResourceDef) -> Self {
        Self::new("status", of.gvk.clone(), Verb::VIEW, How::Status)
    }

    pub(crate) fn finalize() -> Self {
        let verbs = &[Verb::Update];
        Self::new("finalize", gvk("", "v1", "Namespace"), verbs, How::Finalize)
    }

    pub(crate) fn scale() -> Self {
        let view = View {
            show: scale_of,
            write: set_scale,
            apply: |scale| json!({"spec": scale.get(&["spec"])}),
        };
        let gvk = gvk("autoscaling", "v1", "Scale");
        Self::new("scale", gvk, Verb::VIEW, How::View(view))
    }

    pub(crate) fn binding() -> Self {
        Self::new("binding", gvk("", "v1", "Binding"), Verb::CREATE, How::Bind)
    }

    pub(crate) fn eviction() -> Self {
        let gvk = gvk("policy", "v1", "Eviction");
        Self::new("eviction", gvk, Verb::CREATE, How::Evict)
    }

    pub(crate) fn token() -> Self {
        let gvk = gvk("authentication.k8s.io", "v1", "TokenRequest");
        Self::new("token", gvk, Verb::CREATE, How::Asked)
    }

    pub(crate) fn stream(name: &str, kind: &str) -> Self {
        let verbs = &[Verb::Create, Verb::Get];
        Self::new(name, gvk("", "v1", kind), verbs, How::Stream)
    }

    pub(crate) fn log() -> Self {
        Self::new("log", gvk("", "v1", "Pod"), &[Verb::Get], How::Stream)
    }
}

/// autoscaling/v1 Scale of an object that has replicas.
fn scale_of(object: &Object) -> Object {
    let number = |part: &str| {
        let found = object.get(&[part, "replicas"]);
        found.and_then(Value::as_i64).unwrap_or_default()
    };
    let mut metadata = serde_json::Map::new();
    for name in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ] {
        if let Some(value) = object.metadata().and_then(|there| there.get(name)) {
            metadata.insert(name.to_owned(), value.clone());
        }
    }
    let selector = object.get(&["spec", "selector"]);
    let scale = json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": metadata,
        "spec": { "replicas": number("spec") },
        "status": { "replicas": number("status"), "selector": selector_text(selector) },
    });
    Object::from_value(scale).unwrap_or_default()
}

/// A label selector as a query writes it.
fn selector_text(selector: Option<&Value>) -> String {
    let labels = selector.and_then(|selector| selector.get("matchLabels"));
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    let pairs: Vec<_> = labels
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.join(",")
}

fn set_scale(object: &mut Object, scale: &Object) -> Result<(), Status> {
    let asked = scale
        .get(&["spec", "replicas"])
        .cloned()
        .unwrap_or_else(|| 0.into());
    if !asked
        .as_i64()
        .is_some_and(|count| (0..=i64::from(i32::MAX)).contains(&count))
    {
        let why = "must be greater than or equal to 0";
        let fault = FieldError::invalid("spec.replicas", asked, why);
        let gvk = gvk("autoscaling", "v1", "Scale");
        return Err(Status::invalid(
            &gvk,
            scale.name().unwrap_or_default(),
            &[fault],
        ));
    }
    let spec = object
        .as_map_mut()
        .entry("spec")
        .or_insert_with(|| json!({}));
    if let Some(spec) = spec.as_object_mut() {
        spec.insert("replicas".to_owned(), asked);
    }
    Ok(())
}
