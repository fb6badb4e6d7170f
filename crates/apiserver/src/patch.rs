//! Changes of objects as clients send them, and what is wrong with what comes of them.

use crate::query::WriteOptions;
use crate::registry::{ResourceDef, gvk};
use crate::subresource::View;
use crate::words::{fits_type, ignored, of_map, schema};
use crate::write::{Decided, Writer};
use jiff::Timestamp;
use names::Gvk;
use objects::decode::{self, FieldValidation, Findings};
use objects::fields::{self, ApplyRefused, Write};
use objects::schema::Schema;
use objects::status::FieldError;
use objects::{Object, Status, patch};
use serde_json::{Map, Value};

/// Media types of patches.
const PATCHES: [&str; 4] = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
    "application/strategic-merge-patch+json",
];

/// A change of an object.
#[derive(Debug, Clone)]
pub(crate) enum Patch {
    /// What is to be different.
    Change(Change),
    /// All that one owner wants.
    Apply {
        wanted: Object,
        force: bool,
        warnings: Vec<String>,
    },
}

/// What is to be different.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    patch: patch::Patch,
    /// What is wrong with the patch itself: fields that it gives twice.
    strict: Vec<String>,
    validation: FieldValidation,
}

impl Patch {
    pub(crate) fn parse(
        content_type: &str,
        bytes: &[u8],
        options: &WriteOptions,
    ) -> Result<Self, Status> {
        let read = match content_type {
            "application/json-patch+json" => patch::Patch::json,
            "application/merge-patch+json" => patch::Patch::merge,
            "application/strategic-merge-patch+json" => patch::Patch::strategic,
            "application/apply-patch+yaml" => return Self::parse_apply(bytes, options),
            _ => return Err(Status::unsupported_media_type(&PATCHES)),
        };
        if options.force.is_some() {
            let why = "may not be specified for non-apply patch";
            return Err(patch_options(FieldError::forbidden("force", why)));
        }
        let patch = read(bytes).map_err(|why| why.status())?;
        let strict = match options.validation {
            FieldValidation::Ignore => Vec::new(),
            FieldValidation::Strict | FieldValidation::Warn => patch.strict_faults(bytes),
        };
        Ok(Self::Change(Change {
            patch,
            strict,
            validation: options.validation,
        }))
    }

    fn parse_apply(bytes: &[u8], options: &WriteOptions) -> Result<Self, Status> {
        if options.field_manager.is_none() {
            let why = "is required for apply patch";
            return Err(patch_options(FieldError::required("fieldManager", why)));
        }
        let undecoded = |why: String| Status::bad_request(format!("error decoding YAML: {why}"));
        let (wanted, findings) = decode::yaml(bytes).map_err(undecoded)?;
        let judged = options.validation.judge(findings);
        let warnings = judged
            .map_err(|why| Status::bad_request(format!("error strict decoding YAML: {why}")))?;
        let wanted = Object::from_value(wanted).map_err(|why| undecoded(why.to_string()))?;
        Ok(Self::Apply {
            wanted,
            force: options.force == Some(true),
            warnings,
        })
    }

    /// Whether it makes the object where there is none.
    pub(crate) fn is_apply(&self) -> bool {
        matches!(self, Self::Apply { .. })
    }

    /// The object with the change; none there yet: what an apply makes.
    pub(crate) fn apply(
        &self,
        old: Option<&Object>,
        of: &ResourceDef,
        subresource: &str,
        writer: &Writer,
        now: Timestamp,
    ) -> Result<Decided, Status> {
        let schema = schema(&of.gvk)?;
        let old = old.map(Object::as_map);
        match self {
            Self::Change(change) => change.apply(schema, old, &of.gvk),
            Self::Apply {
                wanted,
                force,
                warnings,
            } => {
                let api_version = of.gvk.api_version();
                let write = Write {
                    owner: writer.manager(),
                    api_version: &api_version,
                    subresource,
                    ignored: ignored(of, subresource),
                    now,
                };
                let applied = fields::apply(schema, old, wanted.as_map(), &write, *force);
                let applied = applied.map_err(|why| not_applied(&why, wanted, &of.gvk))?;
                Ok(Decided {
                    object: fits_type(of_map(applied), &of.gvk)?,
                    warnings: warnings.clone(),
                })
            }
        }
    }

    /// An object of which a part is changed in the form that it is shown in.
    pub(crate) fn apply_to_view(
        &self,
        old: &Object,
        on: &Shown<'_>,
        writer: &Writer,
        now: Timestamp,
    ) -> Result<Decided, Status> {
        let Shown { gvk, view, .. } = on;
        match self {
            Self::Change(change) => {
                let shown = (view.show)(old);
                let shown = change.apply(schema(gvk)?, Some(shown.as_map()), gvk)?;
                Ok(Decided {
                    object: written_part(old, &shown.object, *view)?,
                    warnings: shown.warnings,
                })
            }
            Self::Apply {
                wanted,
                force,
                warnings,
            } => Ok(Decided {
                object: apply_part(old, wanted, on, writer, (*force, now))?,
                warnings: warnings.clone(),
            }),
        }
    }
}

/// A part of an object, and the form that it is shown in.
pub(crate) struct Shown<'s> {
    /// Of what the object is.
    pub(crate) of: &'s ResourceDef,
    /// What the part is called.
    pub(crate) name: &'s str,
    /// The form.
    pub(crate) gvk: &'s Gvk,
    pub(crate) view: View,
}

/// The object with the part changed; the part's resource version is the object's.
pub(crate) fn written_part(old: &Object, shown: &Object, view: View) -> Result<Object, Status> {
    let mut object = old.clone();
    let metadata = object.metadata_mut();
    match shown.resource_version() {
        Some(revision) => metadata.insert("resourceVersion".to_owned(), revision.into()),
        None => metadata.remove("resourceVersion"),
    };
    (view.write)(&mut object, shown)?;
    Ok(object)
}

/// The object with a configuration of its part applied: its owner comes to own the field of the object.
fn apply_part(
    old: &Object,
    wanted: &Object,
    on: &Shown<'_>,
    writer: &Writer,
    (force, now): (bool, Timestamp),
) -> Result<Object, Status> {
    let Shown { of, gvk, view, .. } = on;
    let (of_part, of_whole) = (gvk.api_version(), of.gvk.api_version());
    let write = |api_version| Write {
        owner: writer.manager(),
        api_version,
        subresource: on.name,
        ignored: &[],
        now,
    };
    // Applied to nothing, it shows whether it is one.
    let alone = fields::apply(schema(gvk)?, None, wanted.as_map(), &write(&of_part), true);
    alone.map_err(|why| not_applied(&why, wanted, gvk))?;
    (view.write)(&mut old.clone(), wanted)?;
    let mut whole = of_map(Map::new());
    whole.as_map_mut().extend([
        ("apiVersion".to_owned(), of_whole.clone().into()),
        ("kind".to_owned(), of.gvk.kind.to_string().into()),
    ]);
    if let Value::Object(part) = (view.apply)(wanted) {
        whole.as_map_mut().extend(part);
    }
    let schema = schema(&of.gvk)?;
    let live = Some(old.as_map());
    let applied = fields::apply(schema, live, whole.as_map(), &write(&of_whole), force);
    let applied = applied.map_err(|why| not_applied(&why, wanted, &of.gvk))?;
    let mut object = of_map(applied);
    if let Some(revision) = wanted.resource_version() {
        let metadata = object.metadata_mut();
        metadata.insert("resourceVersion".to_owned(), revision.into());
    }
    Ok(object)
}

impl Change {
    /// The object with the change, without what its kind does not have.
    fn apply(
        &self,
        schema: Schema<'_>,
        old: Option<&Map<String, Value>>,
        gvk: &Gvk,
    ) -> Result<Decided, Status> {
        let old = old.cloned().unwrap_or_default();
        let changed = self.patch.apply(schema, &old).map_err(|why| why.status())?;
        let changed = Value::Object(changed);
        let (value, found) = decode::check(&changed, schema);
        let mut strict = self.strict.clone();
        strict.extend(found.strict);
        let judged = self.validation.judge(Findings { strict, ..found });
        let warnings = judged.map_err(|why| self.unfit(&changed, &why))?;
        let object =
            Object::from_value(value).map_err(|why| self.unfit(&changed, &why.to_string()))?;
        Ok(Decided {
            object: fits_type(object, gvk)?,
            warnings,
        })
    }

    fn unfit(&self, changed: &Value, why: &str) -> Status {
        let shown = self.patch.shown(changed);
        Status::unfit_patch(&FieldError::invalid("patch", shown, why))
    }
}

fn not_applied(why: &ApplyRefused, wanted: &Object, gvk: &Gvk) -> Status {
    match why {
        ApplyRefused::Conflicts(conflicts) => conflicts.status(),
        ApplyRefused::NamesOwners | ApplyRefused::Version { .. } => {
            Status::bad_request(why.to_string())
        }
        // Kubernetes takes this for a fault of its own.
        ApplyRefused::Untyped(faults) => Status::unknown_error(format!(
            "failed to create typed patch object ({}/{}; {}, Kind={}): {faults}",
            wanted.namespace().unwrap_or_default(),
            wanted.name().unwrap_or_default(),
            gvk.api_version(),
            gvk.kind,
        )),
        ApplyRefused::Owners(_) => Status::internal_error(&why.to_string()),
    }
}

fn patch_options(fault: FieldError) -> Status {
    let gvk = gvk("meta.k8s.io", "v1", "PatchOptions");
    Status::invalid(&gvk, "", &[fault])
}
