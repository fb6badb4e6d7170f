//! What `objects` knows of each kind, as the verbs ask for it.

use crate::registry::{ResourceDef, gvk};
use crate::write::Writer;
use jiff::Timestamp;
use names::Gvk;
use objects::decode::{self, FieldValidation, MediaType};
use objects::fields::{self, Write};
use objects::schema::{Schema, Schemas};
use objects::status::FieldError;
use objects::{Object, Status, defaults, validate};
use serde_json::{Map, Value};

pub(crate) fn schema(gvk: &Gvk) -> Result<Schema<'static>, Status> {
    let schema = Schemas::builtin().of(gvk);
    schema.ok_or_else(|| Status::internal_error(&format!("no schema for {gvk}")))
}

/// Fills in what a writer left out.
pub(crate) fn default(object: &mut Object) {
    defaults::default(object);
}

/// Records who owns the fields of an object: of a new one, or of one that was changed.
pub(crate) fn own(
    object: Object,
    old: Option<&Object>,
    of: &ResourceDef,
    subresource: &str,
    writer: &Writer,
    now: Timestamp,
) -> Result<Object, Status> {
    // An apply has said so itself.
    if writer.applies {
        return Ok(object);
    }
    let api_version = of.gvk.api_version();
    let write = Write {
        owner: writer.manager(),
        api_version: &api_version,
        subresource,
        ignored: ignored(of, subresource),
        now,
    };
    let (schema, old) = (schema(&of.gvk)?, old.map(Object::as_map));
    let owned = fields::track_update(schema, old, object.as_map(), &write);
    Ok(of_map(owned))
}

/// The object as it was, if nothing but times of ownership differ.
pub(crate) fn keep_times(object: &Object, old: &Object) -> Object {
    let kept = fields::keep_times(old.as_map(), object.as_map().clone());
    of_map(kept)
}

/// What a write cannot change.
pub(crate) fn ignored(of: &ResourceDef, subresource: &str) -> &'static [&'static str] {
    match subresource {
        "status" => &["spec"],
        "" if of.strategy.status => &["status"],
        _ => &[],
    }
}

/// Refuses what a new object may not be.
pub(crate) fn validate_new(object: &Object, of: &ResourceDef) -> Result<(), Status> {
    valid(object, of, &validate::validate_create(object))
}

/// Refuses what an object may not become.
pub(crate) fn validate_changed(
    object: &Object,
    old: &Object,
    of: &ResourceDef,
) -> Result<(), Status> {
    valid(object, of, &validate::validate_update(object, old))
}

fn valid(object: &Object, of: &ResourceDef, faults: &[FieldError]) -> Result<(), Status> {
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Status::invalid(
            &of.gvk,
            object.name().unwrap_or_default(),
            faults,
        )),
    }
}

/// How a pod fares when memory is short.
pub(crate) fn qos_class(pod: &Object) -> &'static str {
    let containers = pod.items(&["spec", "containers"]).iter();
    let containers: Vec<_> = containers
        .chain(pod.items(&["spec", "initContainers"]))
        .collect();
    let bound = |container: &Value, kind: &str, what: &str| {
        container
            .get("resources")
            .and_then(|it| it.get(kind)?.get(what).cloned())
    };
    let is_guaranteed = |container: &Value| {
        ["cpu", "memory"].iter().all(|what| {
            let limit = bound(container, "limits", what);
            let request = bound(container, "requests", what);
            limit.is_some() && request.is_none_or(|request| Some(request) == limit)
        })
    };
    let asks = |container: &Value| {
        ["limits", "requests"].iter().any(|kind| {
            let bounds = container
                .get("resources")
                .and_then(|it| it.get(kind)?.as_object());
            bounds.is_some_and(|bounds| !bounds.is_empty())
        })
    };
    if containers.iter().copied().all(is_guaranteed) {
        "Guaranteed"
    } else if containers.iter().copied().any(asks) {
        "Burstable"
    } else {
        "BestEffort"
    }
}

/// An object of a request's body, and what its writer is warned of.
pub(crate) fn read(
    bytes: &[u8],
    content_type: &str,
    gvk: &Gvk,
    validation: FieldValidation,
) -> Result<(Object, Vec<String>), Status> {
    let media_type = MediaType::of(Some(content_type))?;
    let decoded = decode::decode_builtin(bytes, media_type, gvk, validation)?;
    Ok((decoded.object, decoded.warnings))
}

/// The options of a deletion; clients name them after the group that they delete in.
pub(crate) fn read_options(
    bytes: &[u8],
    content_type: &str,
    of: &ResourceDef,
) -> Result<Object, Status> {
    let options = gvk(of.group(), of.version(), "DeleteOptions");
    match MediaType::of(Some(content_type))? {
        MediaType::Protobuf => {
            read(bytes, content_type, &options, FieldValidation::Ignore).map(|(object, _)| object)
        }
        MediaType::Json | MediaType::Yaml => {
            let read = decode::yaml(bytes).map_err(Status::bad_request)?;
            Object::from_value(read.0).map_err(|why| Status::bad_request(why.to_string()))
        }
    }
}

/// The body's type is the path's; left out, it is.
pub(crate) fn fits_type(mut object: Object, gvk: &Gvk) -> Result<Object, Status> {
    let told = (object.api_version(), object.kind());
    let wanted = (gvk.api_version(), gvk.kind.as_str());
    let is_other =
        told.0.is_some_and(|told| told != wanted.0) || told.1.is_some_and(|told| told != wanted.1);
    if is_other {
        let why = format!(
            "the API version in the data ({}, Kind={}) does not match the expected API version ({}, Kind={})",
            told.0.unwrap_or_default(),
            told.1.unwrap_or_default(),
            wanted.0,
            wanted.1,
        );
        return Err(Status::bad_request(why));
    }
    object.set_gvk(gvk);
    Ok(object)
}

pub(crate) fn of_map(map: Map<String, Value>) -> Object {
    Object::from_value(Value::Object(map)).unwrap_or_default()
}
