//! The parameters behind a path's question mark.

use crate::registry::gvk;
use objects::Status;
use objects::decode::FieldValidation;
use objects::status::FieldError;
use percent_encoding::percent_decode_str;

/// Bytes of a field manager's name at most.
const FIELD_MANAGER_BYTES_MAX: usize = 128;

/// Names and values, decoded, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(
            pairs
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
        )
    }

    /// The first value of a parameter that is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// Every value of a parameter.
    pub fn all<'q>(&'q self, name: &str) -> impl Iterator<Item = &'q str> {
        let pairs = self.0.iter().filter(move |(there, _)| there == name);
        pairs.map(|(_, value)| value.as_str())
    }

    /// Whether a flag is set: `true`, `1`, or the bare name.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.all(name).next().is_some_and(is_true)
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Status> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let parsed = text.parse().map(Some);
        parsed.map_err(|_| Status::bad_request(format!("{name}: `{text}` is not a number")))
    }
}

fn is_true(value: &str) -> bool {
    !matches!(value.to_lowercase().as_str(), "false" | "0")
}

/// What a list or a watch asks for beside its resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListOptions {
    /// `labelSelector`
    pub(crate) labels: String,
    /// `fieldSelector`
    pub(crate) fields: String,
    /// `limit`; 0: all.
    pub(crate) limit: usize,
    /// `continue`
    pub(crate) continued: Option<String>,
    /// `resourceVersion`
    pub(crate) revision: Option<u64>,
    /// `resourceVersionMatch`
    pub(crate) matching: Option<Matching>,
    /// `timeoutSeconds`
    pub(crate) timeout_seconds: Option<u64>,
    /// `allowWatchBookmarks`
    pub(crate) bookmarks: bool,
    /// `sendInitialEvents`
    pub(crate) initial_events: Option<bool>,
}

/// How a list's revision relates to the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// That one.
    Exact,
    /// That one or a newer one.
    NotOlderThan,
}

impl ListOptions {
    /// Reads the options of a list or a watch.
    ///
    /// # Errors
    /// 400 for what is no number, 422 for combinations that Kubernetes forbids.
    pub(crate) fn of(query: &Query, is_watch: bool) -> Result<Self, Status> {
        let matching = match query.get("resourceVersionMatch") {
            None => None,
            Some("Exact") => Some(Matching::Exact),
            Some("NotOlderThan") => Some(Matching::NotOlderThan),
            Some(other) => {
                let known = ["Exact", "NotOlderThan", ""];
                return Err(invalid(FieldError::not_supported(
                    "resourceVersionMatch",
                    other,
                    &known,
                )));
            }
        };
        let revision = match query.get("resourceVersion") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                let why = format!("strconv.ParseUint: parsing \"{text}\": invalid syntax");
                invalid(FieldError::invalid("resourceVersion", text, why))
            })?),
        };
        let initial = query.get("sendInitialEvents").map(is_true);
        let options = Self {
            labels: query.get("labelSelector").unwrap_or_default().to_owned(),
            fields: query.get("fieldSelector").unwrap_or_default().to_owned(),
            limit: query.number("limit")?.unwrap_or_default(),
            continued: query.get("continue").map(str::to_owned),
            revision,
            matching,
            timeout_seconds: query.number("timeoutSeconds")?,
            bookmarks: query.is_true("allowWatchBookmarks"),
            initial_events: initial,
        };
        match options.forbidden(is_watch) {
            Some((field, why)) => Err(invalid(FieldError::forbidden(field, why))),
            None => Ok(options),
        }
    }

    /// The first combination that does not go together.
    fn forbidden(&self, is_watch: bool) -> Option<(&'static str, &'static str)> {
        if is_watch {
            return match (self.initial_events, self.matching) {
                (Some(_), Some(Matching::NotOlderThan)) => None,
                (Some(_), _) => Some((
                    "resourceVersionMatch",
                    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
                )),
                (None, Some(_)) => Some((
                    "resourceVersionMatch",
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
                )),
                (None, None) => None,
            };
        }
        if self.initial_events.is_some() {
            return Some((
                "sendInitialEvents",
                "sendInitialEvents is forbidden for list",
            ));
        }
        match (self.matching, self.revision) {
            (Some(_), _) if self.continued.is_some() => Some((
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden when continue is provided",
            )),
            (Some(_), None) => Some((
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden unless resourceVersion is provided",
            )),
            (Some(Matching::Exact), Some(0)) => Some((
                "resourceVersionMatch",
                "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
            )),
            _ => None,
        }
    }
}

fn invalid(fault: FieldError) -> Status {
    Status::invalid(&gvk("meta.k8s.io", "v1", "ListOptions"), "", &[fault])
}

/// What a write asks for beside its object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WriteOptions {
    /// `dryRun=All`: everything but the write.
    pub(crate) dry_run: bool,
    /// `fieldManager`; left out: taken from the client's name.
    pub(crate) field_manager: Option<String>,
    /// `fieldValidation`
    pub(crate) validation: FieldValidation,
    /// `force`, of an apply.
    pub(crate) force: Option<bool>,
}

impl WriteOptions {
    /// Reads the options of a write, which Kubernetes calls `kind` as in `CreateOptions`.
    ///
    /// # Errors
    /// 422 for a value that is not one of Kubernetes'.
    pub(crate) fn of(query: &Query, kind: &str) -> Result<Self, Status> {
        let invalid = |fault| Status::invalid(&gvk("meta.k8s.io", "v1", kind), "", &[fault]);
        let field_manager = query.get("fieldManager");
        if let Some(fault) = field_manager.and_then(manager_fault) {
            return Err(invalid(fault));
        }
        Ok(Self {
            dry_run: dry_run(query.all("dryRun"), kind)?,
            field_manager: field_manager.map(str::to_owned),
            validation: FieldValidation::of(query.get("fieldValidation")).map_err(invalid)?,
            force: query.get("force").map(is_true),
        })
    }
}

/// A manager's name is short and can be printed.
fn manager_fault(name: &str) -> Option<FieldError> {
    if name.len() > FIELD_MANAGER_BYTES_MAX {
        return Some(FieldError::too_long(
            "fieldManager",
            FIELD_MANAGER_BYTES_MAX,
        ));
    }
    let (at, control) = name
        .char_indices()
        .find(|(_, letter)| letter.is_control())?;
    let why = format!(
        "invalid character U+{:04X} (at position {at})",
        u32::from(control)
    );
    Some(FieldError::invalid("fieldManager", name, why))
}

/// Whether the values of `dryRun` ask for one.
pub(crate) fn dry_run<'v>(
    values: impl Iterator<Item = &'v str>,
    kind: &str,
) -> Result<bool, Status> {
    let mut is_dry = false;
    for value in values.filter(|value| !value.is_empty()) {
        if value != "All" {
            let fault = FieldError::not_supported("dryRun", value, &["All"]);
            let gvk = gvk("meta.k8s.io", "v1", kind);
            return Err(Status::invalid(&gvk, "", &[fault]));
        }
        is_dry = true;
    }
    Ok(is_dry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let query =
            Query::parse("labelSelector=app%3Dx%2Cy+in+%28a%29&watch=1&empty=&command=a&command=b");
        assert_eq!(query.get("labelSelector"), Some("app=x,y in (a)"));
        assert!(query.is_true("watch"));
        assert_eq!(query.get("empty"), None);
        assert_eq!(query.all("command").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn combinations_that_do_not_go_together_are_refused() {
        let refused =
            |text: &str, is_watch| ListOptions::of(&Query::parse(text), is_watch).is_err();
        assert!(refused("resourceVersionMatch=Exact", false));
        assert!(refused(
            "resourceVersionMatch=Exact&resourceVersion=0",
            false
        ));
        assert!(refused(
            "resourceVersionMatch=Exact&resourceVersion=5&continue=x",
            false
        ));
        assert!(refused("sendInitialEvents=true", false));
        assert!(refused("sendInitialEvents=true", true));
        assert!(refused(
            "resourceVersionMatch=NotOlderThan&resourceVersion=1",
            true
        ));
        assert!(refused("limit=x", false));
        assert!(!refused(
            "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
            true
        ));
        assert!(!refused(
            "resourceVersionMatch=Exact&resourceVersion=5&limit=3",
            false
        ));
    }
}
