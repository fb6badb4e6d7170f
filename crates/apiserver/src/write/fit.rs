//! Whether what is written fits the object that the request names.

use crate::server::Target;
use crate::subresource::How;
use objects::{Object, Status};
use serde_json::json;

/// The object of a request fits its path, and takes from it what it leaves out.
pub(crate) fn fit_place(object: &mut Object, target: &Target<'_>) -> Result<(), Status> {
    let namespace = target.namespace();
    let told = object.namespace().unwrap_or_default();
    if told.is_empty() && !namespace.is_empty() {
        object
            .metadata_mut()
            .insert("namespace".to_owned(), namespace.into());
    } else if namespace.is_empty() && !told.is_empty() {
        object.metadata_mut().remove("namespace");
    } else if told != namespace {
        let why =
            "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(why));
    }
    Ok(())
}

/// What is written with a uid is meant for the object of that uid.
pub(crate) fn refuse_other_uid(
    object: &Object,
    old: &Object,
    target: &Target<'_>,
) -> Result<(), Status> {
    let (told, there) = (
        object.uid().unwrap_or_default(),
        old.uid().unwrap_or_default(),
    );
    if !told.is_empty() && told != there {
        let why = format!(
            "Precondition failed: UID in precondition: {told}, UID in object meta: {there}"
        );
        return Err(Status::conflict(&target.of.resource, target.name(), &why));
    }
    Ok(())
}

/// An object's name is the path's; left out, it is.
pub(super) fn fit_name(object: &mut Object, name: &str) -> Result<(), Status> {
    match object.name() {
        Some(told) if told != name => {
            let why = format!(
                "the name of the object ({told}) does not match the name on the URL ({name})"
            );
            Err(Status::bad_request(why))
        }
        Some(_) => Ok(()),
        None => {
            object.metadata_mut().insert("name".to_owned(), name.into());
            Ok(())
        }
    }
}

/// The part that a request may write, over the object as it is.
pub(super) fn part_written(decided: Object, old: &Object, target: &Target<'_>) -> Object {
    let keep = |mut into: Object, from: &Object, field: &str| {
        match from.as_map().get(field) {
            Some(value) => into.as_map_mut().insert(field.to_owned(), value.clone()),
            None => into.as_map_mut().remove(field),
        };
        into
    };
    match target.how() {
        Some(How::Status) => {
            let mut object = keep(old.clone(), &decided, "status");
            if let Some(owned) = decided
                .metadata()
                .and_then(|there| there.get("managedFields"))
            {
                object
                    .metadata_mut()
                    .insert("managedFields".to_owned(), owned.clone());
            }
            object
        }
        Some(How::Finalize) => {
            let finalizers = decided.get(&["spec", "finalizers"]).cloned();
            let mut object = old.clone();
            let spec = object
                .as_map_mut()
                .entry("spec")
                .or_insert_with(|| json!({}));
            if let Some(spec) = spec.as_object_mut() {
                match finalizers {
                    Some(finalizers) => spec.insert("finalizers".to_owned(), finalizers),
                    None => spec.remove("finalizers"),
                };
            }
            object
        }
        None if target.of.strategy.status => keep(decided, old, "status"),
        Some(How::View(_) | How::Bind | How::Evict | How::Asked | How::Stream) | None => decided,
    }
}
