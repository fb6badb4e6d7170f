//! A claim that names no class has the default one; claims and volumes are kept while they are used.

use apiserver::{Admission, Objects, Operation, Place, Review};
use objects::{Object, Status};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Pending;

/// By which a class says that it is the default one.
const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// Looks the default class up, and adds the finalizers.
pub(super) struct Storage(pub(super) Arc<Objects>);

impl Admission for Storage {
    fn mutate<'a>(&'a self, review: &'a mut Review<'_>) -> Pending<'a, Result<(), Status>> {
        Box::pin(async move {
            let is_new = review.operation == Operation::Create && review.subresource.is_empty();
            let of = review.resource;
            let Some(object) = review
                .object
                .as_mut()
                .filter(|_| is_new && of.group().is_empty())
            else {
                return Ok(());
            };
            match of.plural() {
                "persistentvolumeclaims" => {
                    self.give_class(object).await?;
                    protect(object, "kubernetes.io/pvc-protection");
                }
                "persistentvolumes" => protect(object, "kubernetes.io/pv-protection"),
                _ => {}
            }
            Ok(())
        })
    }
}

impl Storage {
    /// The empty class is one that is named: none.
    async fn give_class(&self, claim: &mut Object) -> Result<(), Status> {
        let named = claim.get(&["spec", "storageClassName"]);
        if named.is_some_and(|named| !named.is_null()) {
            return Ok(());
        }
        let place = Place::new("storage.k8s.io", "v1", "storageclasses", "");
        let (classes, _) = self.0.list(&place).await?;
        if let (Some(class), Some(Value::Object(spec))) =
            (default_class(&classes), claim.as_map_mut().get_mut("spec"))
        {
            spec.insert("storageClassName".to_owned(), json!(class));
        }
        Ok(())
    }
}

/// The newest of those that say that they are the default one.
fn default_class(classes: &[Object]) -> Option<&str> {
    let is_default = |class: &&Object| class.annotation(IS_DEFAULT) == Some("true");
    let since = |class: &&Object| {
        let since = class.text(&["metadata", "creationTimestamp"]);
        (
            since.map(str::to_owned),
            std::cmp::Reverse(class.name().map(str::to_owned)),
        )
    };
    let newest = classes.iter().filter(is_default).max_by_key(since);
    newest.and_then(Object::name)
}

fn protect(object: &mut Object, finalizer: &str) {
    let finalizers = object
        .metadata_mut()
        .entry("finalizers")
        .or_insert_with(|| json!([]));
    if let Some(all) = finalizers.as_array_mut()
        && !all.contains(&json!(finalizer))
    {
        all.push(json!(finalizer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_default_class_holds() {
        let class = |name: &str, is_default: &str, at: &str| {
            let metadata = json!({"name": name, "creationTimestamp": at,
                "annotations": {IS_DEFAULT: is_default}});
            Object::from_value(json!({"metadata": metadata})).unwrap()
        };
        let old = class("old", "true", "2026-01-01T00:00:00Z");
        let new = class("new", "true", "2026-01-02T00:00:00Z");
        let other = class("other", "false", "2026-01-03T00:00:00Z");
        let all = [old, new, other];
        assert_eq!(default_class(&all), Some("new"));
        assert_eq!(default_class(&all[2..]), None);
    }
}
