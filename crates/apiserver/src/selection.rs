//! Which objects of a resource a request is about.

use crate::registry::ResourceDef;
use objects::selector::{FieldSelector, LabelSelector, Selectable};
use objects::{Object, Status};

/// Labels and fields that an object must have.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    labels: LabelSelector,
    fields: FieldSelector,
    selectable: Selectable,
}

impl Selection {
    pub(crate) fn parse(of: &ResourceDef, labels: &str, fields: &str) -> Result<Self, Status> {
        let selectable = Selectable::of(of.group(), of.gvk.kind.as_str());
        let labels = labels
            .parse()
            .map_err(|why| Status::bad_request(format!("unable to parse requirement: {why}")))?;
        let fields: FieldSelector = fields
            .parse()
            .map_err(|why: objects::selector::NotASelector| Status::bad_request(why.to_string()))?;
        let checked = fields.check_against(&selectable);
        checked.map_err(|why| Status::bad_request(why.to_string()))?;
        Ok(Self {
            labels,
            fields,
            selectable,
        })
    }

    /// Whether it takes every object, so that none need be read.
    pub(crate) fn is_everything(&self) -> bool {
        self.labels.is_everything() && self.fields.is_everything()
    }

    /// The one name that it takes, if it takes one alone.
    pub(crate) fn name(&self) -> Option<&str> {
        self.fields.required("metadata.name")
    }

    pub(crate) fn matches(&self, object: &Object) -> bool {
        let labels = object.get(&["metadata", "labels"]);
        self.labels
            .matches(labels.and_then(serde_json::Value::as_object))
            && self.fields.matches(&self.selectable, object.as_map())
    }
}
