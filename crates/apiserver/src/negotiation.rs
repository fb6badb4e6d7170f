//! In which form a client wants its answer.

use objects::Status;
use objects::table::{IncludeObject, TableForm};

/// The form of an answer about objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The objects themselves.
    Object,
    /// Rows and columns.
    Table(TableForm),
    /// Metadata alone, `meta.k8s.io/VERSION`.
    Metadata(&'static str),
}

/// In which forms something can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// In each.
    Every,
    /// As itself alone: the answer to a question.
    Object,
}

/// One media type that a client accepts.
struct Accepted<'h> {
    media_type: &'h str,
    parameters: Vec<(&'h str, &'h str)>,
}

impl<'h> Accepted<'h> {
    fn parse(text: &'h str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        Self {
            media_type,
            parameters: parts.filter_map(|part| part.split_once('=')).collect(),
        }
    }

    fn get(&self, name: &str) -> &'h str {
        let found = self.parameters.iter().find(|(there, _)| *there == name);
        found.map_or("", |(_, value)| value)
    }

    fn is_json(&self) -> bool {
        matches!(
            self.media_type,
            "application/json" | "application/*" | "*/*"
        )
    }
}

fn accepted(header: &str) -> impl Iterator<Item = Accepted<'_>> {
    let parts = header.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(Accepted::parse)
}

/// The first form that the client names and that is offered. `include` is the query's
/// `includeObject`, of which Tables alone know.
pub(crate) fn form(header: &str, include: &str, offer: Offer) -> Result<Form, Status> {
    if header.trim().is_empty() {
        return Ok(Form::Object);
    }
    let version = |one: &Accepted<'_>| match (one.get("g"), one.get("v")) {
        ("meta.k8s.io", "v1") => Some("v1"),
        ("meta.k8s.io", "v1beta1") => Some("v1beta1"),
        _ => None,
    };
    let form = |one: Accepted<'_>| match one.get("as") {
        _ if !one.is_json() => None,
        "" => Some(Ok(Form::Object)),
        _ if offer == Offer::Object => None,
        "Table" => version(&one).map(|version| table(version, include)),
        "PartialObjectMetadata" | "PartialObjectMetadataList" => {
            version(&one).map(|version| Ok(Form::Metadata(version)))
        }
        _ => None,
    };
    let ours = match offer {
        Offer::Every => &[
            "application/json",
            "application/json;as=Table;v=v1;g=meta.k8s.io",
        ][..],
        Offer::Object => &["application/json"],
    };
    accepted(header)
        .find_map(form)
        .unwrap_or_else(|| Err(Status::not_acceptable(ours)))
}

fn table(version: &'static str, include: &str) -> Result<Form, Status> {
    let Some(include) = IncludeObject::parse(include) else {
        return Err(Status::bad_request(format!(
            "Unable to convert to Table as requested: includeObject: Invalid value: {include:?}: must be 'Metadata', 'Object', 'None', or empty"
        )));
    };
    Ok(Form::Table(TableForm {
        version,
        include,
        has_head: true,
    }))
}

/// The version of aggregated discovery that the client names first; none: it wants the plain form.
pub(crate) fn discovery(header: &str) -> Option<&'static str> {
    accepted(header).find_map(|one| match (one.get("g"), one.get("as"), one.get("v")) {
        _ if !one.is_json() => None,
        ("apidiscovery.k8s.io", "APIGroupDiscoveryList", "v2") => Some(Some("v2")),
        ("apidiscovery.k8s.io", "APIGroupDiscoveryList", "v2beta1") => Some(Some("v2beta1")),
        (_, "", _) => Some(None),
        _ => None,
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(version: &'static str) -> Form {
        Form::Table(TableForm {
            version,
            include: IncludeObject::Metadata,
            has_head: true,
        })
    }

    #[test]
    fn the_first_form_that_both_know_is_taken() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        let rows = [
            ("", Form::Object),
            ("*/*", Form::Object),
            ("application/json, */*", Form::Object),
            (table, rows("v1")),
            (
                "application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json",
                rows("v1beta1"),
            ),
            (
                "application/vnd.kubernetes.protobuf,application/json",
                Form::Object,
            ),
            (
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
                Form::Metadata("v1"),
            ),
        ];
        for (header, wanted) in rows {
            assert_eq!(form(header, "", Offer::Every).unwrap(), wanted, "{header}");
        }
        assert_eq!(form("text/html", "", Offer::Every).unwrap_err().code, 406);
        assert_eq!(form(table, "", Offer::Object).unwrap(), Form::Object);
    }

    #[test]
    fn a_question_is_answered_in_no_table() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
        let refused = form(table, "", Offer::Object).unwrap_err();
        assert_eq!(
            (refused.code, refused.message.as_str()),
            (
                406,
                "only the following media types are accepted: application/json"
            )
        );
    }

    #[test]
    fn a_table_includes_what_is_asked_for_or_is_refused() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
        let Form::Table(found) = form(table, "Object", Offer::Every).unwrap() else {
            panic!("no table");
        };
        assert_eq!(found.include, IncludeObject::Object);
        assert_eq!(form(table, "All", Offer::Every).unwrap_err().code, 400);
        assert_eq!(
            form("", "All", Offer::Every).unwrap(),
            Form::Object,
            "objects include themselves"
        );
    }

    #[test]
    fn discovery_is_answered_in_the_version_that_is_named_first() {
        let both = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
        assert_eq!(discovery(both), Some("v2"));
        let old = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
        assert_eq!(discovery(old), Some("v2beta1"));
        assert_eq!(discovery("application/json, */*"), None);
    }
}
