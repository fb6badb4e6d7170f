//! What is wrong with one field of an object.

use std::fmt;

use serde_json::Value;

use super::Cause;

/// One field's fault, in the words of Kubernetes' validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// What kind of fault.
    pub reason: FieldReason,
    /// Where, as `spec.containers[0].name`.
    pub field: String,
    /// The value, where the fault shows it.
    pub value: Option<Value>,
    /// More about it; may be empty.
    pub detail: String,
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as the API names it")]
pub enum FieldReason {
    NotFound,
    Required,
    Duplicate,
    Invalid,
    NotSupported,
    Forbidden,
    TooLong,
    TooMany,
    TypeInvalid,
}

impl FieldError {
    /// Nothing has this name or id.
    pub fn not_found(field: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::about(FieldReason::NotFound, field, Some(value.into()), "")
    }

    /// There must be a value.
    pub fn required(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::about(FieldReason::Required, field, None, detail)
    }

    /// Another one has this value already.
    pub fn duplicate(field: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::about(FieldReason::Duplicate, field, Some(value.into()), "")
    }

    /// The value is malformed.
    pub fn invalid(
        field: impl Into<String>,
        value: impl Into<Value>,
        detail: impl Into<String>,
    ) -> Self {
        Self::about(FieldReason::Invalid, field, Some(value.into()), detail)
    }

    /// The value is none of those supported.
    pub fn not_supported(
        field: impl Into<String>,
        value: impl Into<Value>,
        supported: &[&str],
    ) -> Self {
        let quoted: Vec<String> = supported.iter().map(|text| format!("{text:?}")).collect();
        let detail = format!("supported values: {}", quoted.join(", "));
        Self::about(FieldReason::NotSupported, field, Some(value.into()), detail)
    }

    /// The value may not be given here, or not be changed.
    pub fn forbidden(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::about(FieldReason::Forbidden, field, None, detail)
    }

    /// The text is longer than `bytes_max`.
    pub fn too_long(field: impl Into<String>, bytes_max: usize) -> Self {
        let bytes = if bytes_max == 1 { "byte" } else { "bytes" };
        let detail = format!("may not be more than {bytes_max} {bytes}");
        Self::about(FieldReason::TooLong, field, None, detail)
    }

    /// The list has more items than `items_max`.
    pub fn too_many(field: impl Into<String>, count: usize, items_max: usize) -> Self {
        let items = if items_max == 1 { "item" } else { "items" };
        let detail = format!("must have at most {items_max} {items}");
        Self::about(FieldReason::TooMany, field, Some(count.into()), detail)
    }

    /// The value is of another type than the field.
    pub fn type_invalid(
        field: impl Into<String>,
        value: impl Into<Value>,
        detail: impl Into<String>,
    ) -> Self {
        Self::about(FieldReason::TypeInvalid, field, Some(value.into()), detail)
    }

    /// As it stands in the details of a status.
    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause {
            reason: self.reason.name().to_owned(),
            message: self.body(),
            field: self.field.clone(),
        }
    }

    /// The message without the field.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = self.reason.words().to_owned();
        let value = self.value.as_ref().map(Value::to_string);
        let detail = Some(self.detail.clone()).filter(|detail| !detail.is_empty());
        for part in [value, detail].into_iter().flatten() {
            body.push_str(": ");
            body.push_str(&part);
        }
        body
    }

    fn about(
        reason: FieldReason,
        field: impl Into<String>,
        value: Option<Value>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            reason,
            field: field.into(),
            value,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.body())
    }
}

impl FieldReason {
    /// For programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "FieldValueNotFound",
            Self::Required => "FieldValueRequired",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::TypeInvalid => "FieldValueTypeInvalid",
        }
    }

    /// For people.
    fn words(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Required => "Required value",
            Self::Duplicate => "Duplicate value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_kubernetes_words() {
        let rows = [
            (
                FieldError::required("spec.selector", ""),
                "spec.selector: Required value",
            ),
            (
                FieldError::invalid("metadata.name", "A", "must be lower case"),
                "metadata.name: Invalid value: \"A\": must be lower case",
            ),
            (
                FieldError::invalid("spec.replicas", -1, "must be greater than or equal to 0"),
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
            ),
            (
                FieldError::not_supported("spec.restartPolicy", "Sometimes", &["Always", "Never"]),
                "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\"",
            ),
            (
                FieldError::duplicate("spec.containers[1].name", "a"),
                "spec.containers[1].name: Duplicate value: \"a\"",
            ),
            (
                FieldError::forbidden("data", "field is immutable when `immutable` is set"),
                "data: Forbidden: field is immutable when `immutable` is set",
            ),
            (
                FieldError::too_long("metadata.name", 63),
                "metadata.name: Too long: may not be more than 63 bytes",
            ),
            (
                FieldError::too_many("spec.rules", 5, 1),
                "spec.rules: Too many: 5: must have at most 1 item",
            ),
            (
                FieldError::not_found("spec.volumeMounts[0].name", "v"),
                "spec.volumeMounts[0].name: Not found: \"v\"",
            ),
        ];
        for (fault, told) in rows {
            assert_eq!(fault.to_string(), told);
        }
    }

    #[test]
    fn a_cause_leaves_the_field_out_of_its_message() {
        let cause = FieldError::required("spec.selector", "say which pods").cause();
        assert_eq!(cause.reason, "FieldValueRequired");
        assert_eq!(cause.message, "Required value: say which pods");
        assert_eq!(cause.field, "spec.selector");
    }
}
