//! In which form a client wants its answer.

use objects::Status;

/// The form of an answer about objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The objects themselves.
    Object,
    /// Rows and columns, `meta.k8s.io/VERSION`.
    Table(&'static str),
    /// Metadata alone, `meta.k8s.io/VERSION`.
    Metadata(&'static str),
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

/// The first form that the client names and this server has.
pub(crate) fn form(header: &str, has_tables: bool) -> Result<Form, Status> {
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
        "" => Some(Form::Object),
        "Table" if has_tables => version(&one).map(Form::Table),
        "PartialObjectMetadata" | "PartialObjectMetadataList" => version(&one).map(Form::Metadata),
        _ => None,
    };
    let ours = [
        "application/json",
        "application/json;as=Table;v=v1;g=meta.k8s.io",
    ];
    accepted(header)
        .find_map(form)
        .ok_or_else(|| Status::not_acceptable(&ours))
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

    #[test]
    fn the_first_form_that_both_know_is_taken() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        let rows = [
            ("", Form::Object),
            ("*/*", Form::Object),
            ("application/json, */*", Form::Object),
            (table, Form::Table("v1")),
            (
                "application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json",
                Form::Table("v1beta1"),
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
            assert_eq!(form(header, true).unwrap(), wanted, "{header}");
        }
        assert_eq!(form("text/html", true).unwrap_err().code, 406);
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
