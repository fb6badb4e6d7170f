//! What the server itself writes into an object's metadata.

use crate::registry::ResourceDef;
use jiff::Timestamp;
use objects::status::FieldError;
use objects::{Object, Status};
use serde_json::{Map, Value};

/// Characters of a generated name's end: none that makes a word.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// How many of them.
const SUFFIX_LENGTH: usize = 5;
/// A name's length at most, where it is generated.
const NAME_MAX: usize = 63;

/// Fields that an object keeps for life, whoever writes it.
const KEPT: [&str; 6] = [
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generateName",
];

/// As Kubernetes writes times: whole seconds.
pub(crate) fn time_text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A uid of random bytes.
pub(crate) fn uid(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&random);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// A name that begins as asked.
pub(crate) fn generated_name(begin: &str, random: [u8; 16]) -> String {
    let kept = begin.len().min(NAME_MAX - SUFFIX_LENGTH);
    let letters = random.iter().take(SUFFIX_LENGTH);
    let suffix = letters.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
    let mut name = begin.get(..kept).unwrap_or(begin).to_owned();
    name.extend(suffix);
    name
}

/// Makes an object new: what only the server says, and nothing of what an older one said.
pub(crate) fn set_new(object: &mut Object, of: &ResourceDef, uid: String, now: Timestamp) {
    let metadata = object.metadata_mut();
    for field in [
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "resourceVersion",
        "generation",
    ] {
        metadata.remove(field);
    }
    metadata.insert("uid".to_owned(), uid.into());
    metadata.insert("creationTimestamp".to_owned(), time_text(now).into());
    if of.strategy.generation {
        metadata.insert("generation".to_owned(), 1.into());
    }
    if of.strategy.status {
        object.as_map_mut().remove("status");
    }
}

/// Carries over what a writer cannot change, and counts a change of the desired state.
pub(crate) fn carry_over(object: &mut Object, old: &Object, of: &ResourceDef) {
    let was = old.metadata();
    let metadata = object.metadata_mut();
    metadata.remove("selfLink");
    for field in KEPT {
        match was.and_then(|was| was.get(field)) {
            Some(value) => metadata.insert(field.to_owned(), value.clone()),
            None => metadata.remove(field),
        };
    }
    if of.strategy.generation && desired(object) != desired(old) {
        let next = old.generation() + 1;
        object
            .metadata_mut()
            .insert("generation".to_owned(), next.into());
    }
}

/// Everything that is neither metadata nor status.
fn desired(object: &Object) -> Map<String, Value> {
    let fields = object.as_map().iter();
    let fields = fields.filter(|(name, _)| {
        !matches!(name.as_str(), "metadata" | "status" | "kind" | "apiVersion")
    });
    fields
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether two states differ in more than their resource version.
pub(crate) fn is_same(one: &Object, other: &Object) -> bool {
    let bare = |object: &Object| {
        let mut object = object.clone();
        object.metadata_mut().remove("resourceVersion");
        object
    };
    one.as_map().len() == other.as_map().len() && bare(one) == bare(other)
}

/// Marks the object as being deleted; counts as a change of the desired state.
pub(crate) fn set_deleting(object: &mut Object, at: Timestamp, grace_seconds: i64) {
    let generation = object.generation();
    let metadata = object.metadata_mut();
    metadata.insert("deletionTimestamp".to_owned(), time_text(at).into());
    metadata.insert(
        "deletionGracePeriodSeconds".to_owned(),
        grace_seconds.into(),
    );
    if generation > 0 {
        metadata.insert("generation".to_owned(), (generation + 1).into());
    }
}

pub(crate) fn is_deleting(object: &Object) -> bool {
    object.deletion_timestamp().is_some()
}

/// Whether an object that is being deleted has nothing left to wait for.
pub(crate) fn may_go(object: &Object) -> bool {
    let grace = object.get(&["metadata", "deletionGracePeriodSeconds"]);
    is_deleting(object)
        && object.finalizers().next().is_none()
        && grace.and_then(Value::as_i64).unwrap_or_default() == 0
        && object.items(&["spec", "finalizers"]).is_empty()
}

/// Who must agree before the object goes, with one more or one less.
pub(crate) fn set_finalizer(object: &mut Object, name: &str, is_set: bool) {
    let mut finalizers: Vec<String> = object.finalizers().map(str::to_owned).collect();
    finalizers.retain(|there| there != name);
    if is_set {
        finalizers.push(name.to_owned());
    }
    let metadata = object.metadata_mut();
    match finalizers.is_empty() {
        true => metadata.remove("finalizers"),
        false => metadata.insert("finalizers".to_owned(), finalizers.into()),
    };
}

/// An object that is being deleted takes no new finalizer.
pub(crate) fn refuse_new_finalizers(
    object: &Object,
    old: &Object,
    of: &ResourceDef,
) -> Result<(), Status> {
    if !is_deleting(old) {
        return Ok(());
    }
    let known: Vec<&str> = old.finalizers().collect();
    let new: Vec<String> = object
        .finalizers()
        .filter(|finalizer| !known.contains(finalizer))
        .map(|finalizer| format!("{finalizer:?}"))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let why = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        new.join(", ")
    );
    let fault = FieldError::forbidden("metadata.finalizers", why);
    Err(Status::invalid(
        &of.gvk,
        old.name().unwrap_or_default(),
        &[fault],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_generated_name_keeps_within_the_limit_and_draws_its_end() {
        let long = "x".repeat(70);
        let name = generated_name(&long, [3; 16]);
        assert_eq!((name.len(), &name[56..]), (63, "xxfffff"));
        assert_eq!(generated_name("job-", [0; 16]), "job-bbbbb");
    }

    #[test]
    fn a_uid_is_a_random_uuid() {
        assert_eq!(uid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn only_the_desired_state_counts() {
        let registry = crate::registry::Registry::builtin();
        let of = registry.find("apps", "v1", "deployments").unwrap();
        let old = Object::from_value(
            json!({"metadata": {"name": "d", "generation": 4}, "spec": {"a": 1}, "status": {}}),
        );
        let old = old.unwrap();
        for (field, value, generation) in
            [("status", json!({"x": 1}), 4), ("spec", json!({"a": 2}), 5)]
        {
            let mut new = old.clone();
            new.as_map_mut().insert(field.to_owned(), value);
            carry_over(&mut new, &old, of);
            assert_eq!(new.generation(), generation, "{field}");
        }
    }

    #[test]
    fn a_dying_object_takes_no_new_finalizer() {
        let registry = crate::registry::Registry::builtin();
        let of = registry.find("", "v1", "configmaps").unwrap();
        let object = |finalizers: &[&str]| {
            let metadata = json!({"name": "c", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": finalizers});
            Object::from_value(json!({ "metadata": metadata })).unwrap()
        };
        assert!(refuse_new_finalizers(&object(&["a"]), &object(&["a", "b"]), of).is_ok());
        let refused = refuse_new_finalizers(&object(&["a", "c"]), &object(&["a"]), of).unwrap_err();
        assert_eq!(
            refused.message,
            "ConfigMap \"c\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"c\"}"
        );
    }
}
