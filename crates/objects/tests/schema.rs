//! What the schemas know.

use objects::Gvk;
use objects::schema::{ListKind, PatchAction, Scalar, Schema, Schemas, Shape};

fn schema(api_version: &str, kind: &str) -> Schema<'static> {
    let gvk = Gvk::parse_api_version(api_version, kind).expect("well spelt");
    Schemas::builtin().of(&gvk).expect("a kind that we know")
}

/// Follows fields, map keys and `[]` for items.
fn at(root: Schema<'static>, path: &str) -> Schema<'static> {
    path.split('.').fold(root, |schema, step| match step {
        "[]" => schema.item().expect(path),
        field => schema.member(field).expect(path),
    })
}

fn list(schema: Schema<'static>) -> ListKind<'static> {
    match schema.shape() {
        Shape::List(list) => list.kind(),
        Shape::Any | Shape::Scalar(_) | Shape::Map(_) | Shape::Struct(_) => panic!("no list"),
    }
}

#[test]
fn lists_say_by_what_their_items_are_told_apart() {
    let rows: [(&str, ListKind<'_>, Option<&str>); 5] = [
        ("spec.containers", ListKind::Map(&["name"]), Some("name")),
        (
            "spec.containers.[].ports",
            ListKind::Map(&["containerPort", "protocol"]),
            Some("containerPort"),
        ),
        ("spec.containers.[].args", ListKind::Atomic, None),
        ("metadata.finalizers", ListKind::Set, None),
        (
            "metadata.ownerReferences",
            ListKind::Map(&["uid"]),
            Some("uid"),
        ),
    ];
    for (path, kind, key) in rows {
        let schema = at(schema("v1", "Pod"), path);
        assert_eq!(list(schema), kind, "{path}");
        assert_eq!(schema.patch().merge_key, key, "{path}");
    }
}

#[test]
fn patches_merge_replace_or_retain_keys() {
    let pod = schema("v1", "Pod");
    let volumes = at(pod, "spec.volumes").patch();
    assert_eq!(
        (volumes.action, volumes.retains_keys),
        (PatchAction::Merge, true)
    );
    let args = at(pod, "spec.containers.[].args").patch();
    assert_eq!(
        (args.action, args.retains_keys),
        (PatchAction::Ordinary, false)
    );
    let strategy = at(schema("apps/v1", "Deployment"), "spec.strategy").patch();
    assert_eq!(
        (strategy.action, strategy.retains_keys),
        (PatchAction::Ordinary, true)
    );
    let selector = at(schema("policy/v1", "PodDisruptionBudget"), "spec.selector").patch();
    assert_eq!(selector.action, PatchAction::Replace);
}

#[test]
fn atomic_structures_and_maps_are_marked() {
    let is_atomic = |schema: Schema<'static>| match schema.shape() {
        Shape::Struct(structure) => structure.is_atomic(),
        Shape::Map(map) => map.is_atomic(),
        Shape::Any | Shape::Scalar(_) | Shape::List(_) => false,
    };
    let pod = schema("v1", "Pod");
    assert!(is_atomic(at(pod, "spec.nodeSelector")));
    assert!(is_atomic(at(
        pod,
        "spec.containers.[].env.[].valueFrom.secretKeyRef"
    )));
    assert!(!is_atomic(at(pod, "spec")));
    assert!(!is_atomic(at(pod, "metadata.labels")));
}

#[test]
fn scalars_are_told_apart() {
    let rows = [
        ("apps/v1", "Deployment", "spec.replicas", Scalar::Int32),
        ("v1", "Pod", "metadata.generation", Scalar::Int64),
        ("v1", "Pod", "metadata.creationTimestamp", Scalar::Time),
        ("v1", "Event", "eventTime", Scalar::MicroTime),
        ("v1", "Pod", "spec.hostNetwork", Scalar::Bool),
        ("v1", "Secret", "data.any", Scalar::Bytes),
        ("v1", "Secret", "stringData.any", Scalar::String),
        (
            "v1",
            "Pod",
            "spec.containers.[].resources.limits.cpu",
            Scalar::Quantity,
        ),
        (
            "v1",
            "Service",
            "spec.ports.[].targetPort",
            Scalar::IntOrString,
        ),
        (
            "authentication.k8s.io/v1",
            "TokenRequest",
            "spec.audiences.[]",
            Scalar::String,
        ),
    ];
    for (api_version, kind, path, scalar) in rows {
        let found = at(schema(api_version, kind), path).shape();
        assert!(
            matches!(found, Shape::Scalar(s) if s == scalar),
            "{path}: {found:?}"
        );
    }
    let raw = at(schema("apps/v1", "ControllerRevision"), "data").shape();
    assert!(matches!(raw, Shape::Any));
}

#[test]
fn options_belong_to_every_group() {
    assert!(
        schema("apps/v1", "DeleteOptions")
            .field("gracePeriodSeconds")
            .is_some()
    );
}

#[test]
fn unstable_versions_are_not_known() {
    let gvk = Gvk::parse_api_version("resource.k8s.io/v1beta1", "DeviceClass").unwrap();
    assert!(Schemas::builtin().of(&gvk).is_none());
}

#[test]
fn every_kind_is_found_and_its_fields_are_in_order() {
    for (group, version, kind) in Schemas::builtin().kinds() {
        let gvk = Gvk::parse(group, version, kind).unwrap();
        let schema = Schemas::builtin().of(&gvk).expect("listed");
        let Shape::Struct(structure) = schema.shape() else {
            panic!("{gvk} is no structure")
        };
        for field in structure.fields() {
            let found = structure.field(field.name()).expect("listed");
            assert_eq!(found.name(), field.name());
        }
    }
}
