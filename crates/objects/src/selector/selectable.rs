//! The fields that objects can be selected by, kind by kind.

use super::NotASelector;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Which fields of a kind may stand in a field selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selectable {
    fields: Cow<'static, [Cow<'static, str>]>,
    refusal: Refusal,
}

/// How the kind refuses other fields: by hand-written words, or by the default ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Named,
    NamedFor(&'static str),
    Listed,
}

struct Row {
    group: &'static str,
    kind: &'static str,
    fields: &'static [Cow<'static, str>],
    refusal: Refusal,
}

/// Writes the table below without a `Cow::Borrowed` per word.
macro_rules! rows {
    ($($group:literal $kind:literal $refusal:expr => [$($field:literal),* $(,)?];)*) => {
        &[$(Row {
            group: $group,
            kind: $kind,
            fields: &[$(Cow::Borrowed($field)),*],
            refusal: $refusal,
        }),*]
    };
}

/// Beside `metadata.name` and `metadata.namespace`, which every kind has.
const TABLE: &[Row] = rows! {
    "" "Pod" Refusal::Named => [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs",
        "status.nominatedNodeName",
    ];
    "" "Event" Refusal::Named => [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];
    "events.k8s.io" "Event" Refusal::Named => [
        "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
        "regarding.apiVersion", "regarding.resourceVersion", "regarding.fieldPath", "reason",
        "reportingController", "type",
    ];
    "" "Secret" Refusal::Named => ["type"];
    "" "Namespace" Refusal::Named => ["status.phase"];
    "" "Node" Refusal::Named => ["spec.unschedulable"];
    "" "Service" Refusal::Named => ["spec.clusterIP", "spec.type"];
    "" "ReplicationController" Refusal::Named => ["status.replicas"];
    "batch" "Job" Refusal::NamedFor("batchv1.Job") => ["status.successful"];
    "certificates.k8s.io" "CertificateSigningRequest" Refusal::Named => ["spec.signerName"];
};

impl Selectable {
    /// The fields of a built-in kind.
    #[must_use]
    pub fn of(group: &str, kind: &str) -> Self {
        let row = TABLE
            .iter()
            .find(|row| row.group == group && row.kind == kind);
        row.map_or_else(
            || Self::custom(Vec::new()),
            |row| Self {
                fields: Cow::Borrowed(row.fields),
                refusal: row.refusal,
            },
        )
    }

    /// The name and the namespace, and the fields that a custom kind declares.
    #[must_use]
    pub fn custom(fields: Vec<String>) -> Self {
        let fields = fields.into_iter().map(Cow::Owned).collect();
        Self {
            fields: Cow::Owned(fields),
            refusal: Refusal::Listed,
        }
    }

    pub(super) fn has(&self, field: &str) -> bool {
        matches!(field, "metadata.name" | "metadata.namespace")
            || self.fields.iter().any(|known| known == field)
    }

    pub(super) fn refuse(&self, field: &str) -> NotASelector {
        NotASelector(match self.refusal {
            Refusal::Named => format!("field label not supported: {field}"),
            Refusal::NamedFor(kind) => format!("field label {field:?} not supported for {kind}"),
            Refusal::Listed => {
                let known = ["metadata.name", "metadata.namespace"].into_iter();
                let known = known.chain(self.fields.iter().map(AsRef::as_ref));
                let known: Vec<_> = known.map(|known| format!("{known:?}")).collect();
                let known = known.join(", ");
                format!("{field:?} is not a known field selector: only {known}")
            }
        })
    }

    /// What the object holds at the field; absent text is empty, an absent switch is off.
    pub(super) fn value<'o>(&self, object: &'o Map<String, Value>, field: &str) -> Cow<'o, str> {
        let mut steps = match field {
            // Kubernetes' short names for what stands deeper.
            "source" => "source.component",
            "status.successful" => "status.succeeded",
            other => other,
        }
        .split('.');
        let first = steps.next().and_then(|first| object.get(first));
        let value = steps.fold(first, |value, step| value?.get(step));
        match value {
            Some(Value::String(text)) => Cow::Borrowed(text),
            Some(Value::Bool(true)) => Cow::Borrowed("true"),
            Some(Value::Number(number)) => Cow::Owned(number.to_string()),
            Some(Value::Array(addresses)) => Cow::Owned(addresses_text(addresses)),
            None | Some(Value::Null | Value::Bool(false) | Value::Object(_)) => absent(field),
        }
    }
}

fn absent(field: &str) -> Cow<'static, str> {
    Cow::Borrowed(match field {
        "spec.hostNetwork" | "spec.unschedulable" => "false",
        "status.successful" | "status.replicas" => "0",
        _ => "",
    })
}

/// `status.podIPs` as one text.
fn addresses_text(addresses: &[Value]) -> String {
    let texts = addresses
        .iter()
        .filter_map(|address| address["ip"].as_str());
    texts.collect::<Vec<_>>().join(",")
}
