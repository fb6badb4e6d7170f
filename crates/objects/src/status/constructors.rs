//! One constructor per case. Source: the API machinery's `errors` package.

use names::{GroupResource, Gvk};

use super::{Cause, CoreV1, Details, FieldError, ListMeta, Outcome, Reason, Status, StatusKind};

impl Status {
    /// 200: an object is gone.
    #[must_use]
    pub fn deleted(resource: &GroupResource, name: &str, uid: &str) -> Self {
        let mut details = about(resource, name);
        uid.clone_into(&mut details.uid);
        Self {
            details: Some(Box::new(details)),
            ..success()
        }
    }

    /// 200, with nothing more to say.
    #[must_use]
    pub fn success() -> Self {
        success()
    }

    /// 400: the request makes no sense.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        failure(400, Reason::BadRequest, message)
    }

    /// 401: nobody knows who asks.
    #[must_use]
    pub fn unauthorized() -> Self {
        failure(401, Reason::Unauthorized, "Unauthorized")
    }

    /// 403: `why` is a sentence as `User "u" cannot list resource "pods" in API group "" ...`.
    #[must_use]
    pub fn forbidden(resource: &GroupResource, name: &str, why: &str) -> Self {
        let message = match name {
            "" => format!("{resource} is forbidden: {why}"),
            name => format!("{resource} {name:?} is forbidden: {why}"),
        };
        failure(403, Reason::Forbidden, message).on(about(resource, name))
    }

    /// 403 for a path that is no resource: `why` is a sentence as `User "u" cannot get path "/x"`.
    #[must_use]
    pub fn forbidden_path(why: &str) -> Self {
        failure(403, Reason::Forbidden, format!("forbidden: {why}")).on(Details::default())
    }

    /// 404: no object of that name.
    #[must_use]
    pub fn not_found(resource: &GroupResource, name: &str) -> Self {
        let message = format!("{resource} {name:?} not found");
        failure(404, Reason::NotFound, message).on(about(resource, name))
    }

    /// 404: no such path.
    #[must_use]
    pub fn unknown_path() -> Self {
        let message = "the server could not find the requested resource";
        failure(404, Reason::NotFound, message).on(Details::default())
    }

    /// 405: `action` is what was asked for, as `create`.
    #[must_use]
    pub fn method_not_allowed(resource: &GroupResource, action: &str) -> Self {
        let named = resource.to_string();
        let message = format!("{action} is not supported on resources of kind {named:?}");
        failure(405, Reason::MethodNotAllowed, message).on(about(resource, ""))
    }

    /// 406: none of the media types that the client accepts is one of ours.
    #[must_use]
    pub fn not_acceptable(ours: &[&str]) -> Self {
        let ours = ours.join(", ");
        let message = format!("only the following media types are accepted: {ours}");
        failure(406, Reason::NotAcceptable, message)
    }

    /// 409: an object of that name is there already.
    #[must_use]
    pub fn already_exists(resource: &GroupResource, name: &str) -> Self {
        let message = format!("{resource} {name:?} already exists");
        failure(409, Reason::AlreadyExists, message).on(about(resource, name))
    }

    /// 409: no name that begins as asked was free.
    #[must_use]
    pub fn generate_name_conflict(resource: &GroupResource, name: &str) -> Self {
        let message = format!(
            "{resource} {name:?} already exists, the server was not able to generate a unique name for the object"
        );
        let details = Details {
            retry_after_seconds: 1,
            ..about(resource, name)
        };
        failure(409, Reason::AlreadyExists, message).on(details)
    }

    /// 409: the object is not as the client thinks.
    #[must_use]
    pub fn conflict(resource: &GroupResource, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {resource} {name:?}: {why}");
        failure(409, Reason::Conflict, message).on(about(resource, name))
    }

    /// 409: somebody else changed the object since the client read it.
    #[must_use]
    pub fn modified(resource: &GroupResource, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(resource, name, why)
    }

    /// 409: fields that are applied belong to others.
    #[must_use]
    pub fn apply_conflict(message: impl Into<String>, causes: Vec<Cause>) -> Self {
        failure(409, Reason::Conflict, message).on(Details {
            causes,
            ..Details::default()
        })
    }

    /// 410: the version asked for is no longer kept.
    #[must_use]
    pub fn expired(message: impl Into<String>) -> Self {
        failure(410, Reason::Expired, message)
    }

    /// 413: the body is larger than it may be.
    #[must_use]
    pub fn request_entity_too_large(why: &str) -> Self {
        let message = format!("Request entity too large: {why}");
        failure(413, Reason::RequestEntityTooLarge, message)
    }

    /// 415: the body is in none of the media types that we read.
    #[must_use]
    pub fn unsupported_media_type(ours: &[&str]) -> Self {
        let ours = ours.join(", ");
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {ours}"
        );
        failure(415, Reason::UnsupportedMediaType, message)
    }

    /// 422: the object's fields are wrong.
    #[must_use]
    pub fn invalid(gvk: &Gvk, name: &str, faults: &[FieldError]) -> Self {
        let details = Details {
            name: name.to_owned(),
            group: gvk.group.to_string(),
            kind: gvk.kind.to_string(),
            causes: faults.iter().map(FieldError::cause).collect(),
            ..Details::default()
        };
        let message = format!("{} {name:?} is invalid{}", group_kind(gvk), list(faults));
        failure(422, Reason::Invalid, message).on(details)
    }

    /// 422: what comes of a patch is no object of its kind.
    #[must_use]
    pub fn unfit_patch(fault: &FieldError) -> Self {
        let details = Details {
            causes: vec![fault.cause()],
            ..Details::default()
        };
        let message = format!(" \"\" is invalid: {fault}");
        failure(422, Reason::Invalid, message).on(details)
    }

    /// 422: the request is understood, and does not fit what is there.
    #[must_use]
    pub fn unprocessable(message: impl Into<String>) -> Self {
        failure(422, Reason::Invalid, message)
    }

    /// 429: too much is asked of us.
    #[must_use]
    pub fn too_many_requests(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        failure(429, Reason::TooManyRequests, message).retried_after(retry_after_seconds)
    }

    /// 500: our own fault.
    #[must_use]
    pub fn internal_error(why: &str) -> Self {
        let cause = Cause {
            message: why.to_owned(),
            ..Cause::default()
        };
        let message = format!("Internal error occurred: {why}");
        failure(500, Reason::InternalError, message).with_cause(cause)
    }

    /// 500: a fault that Kubernetes has no reason for.
    #[must_use]
    pub fn unknown_error(message: impl Into<String>) -> Self {
        failure(500, Reason::Unknown, message)
    }

    /// 500: it could not be done now; trying again may help.
    #[must_use]
    pub fn server_timeout(
        resource: &GroupResource,
        operation: &str,
        retry_after_seconds: u32,
    ) -> Self {
        let message = format!(
            "The {operation} operation against {resource} could not be completed at this time, please try again."
        );
        let details = Details {
            retry_after_seconds,
            ..about(resource, operation)
        };
        failure(500, Reason::ServerTimeout, message).on(details)
    }

    /// 503: we cannot serve this now.
    #[must_use]
    pub fn service_unavailable(message: impl Into<String>) -> Self {
        failure(503, Reason::ServiceUnavailable, message)
    }

    /// 504: it took too long.
    #[must_use]
    pub fn timeout(why: &str, retry_after_seconds: u32) -> Self {
        let message = format!("Timeout: {why}");
        failure(504, Reason::Timeout, message).retried_after(retry_after_seconds)
    }

    /// 504: the client asks for a state of the store that is not there yet.
    #[must_use]
    pub fn too_large_resource_version(wanted: u64, current: u64) -> Self {
        let why = format!("Too large resource version: {wanted}, current: {current}");
        Self::timeout(&why, 1).with_cause(Cause {
            reason: "ResourceVersionTooLarge".to_owned(),
            message: "Too large resource version".to_owned(),
            ..Cause::default()
        })
    }

    /// How a command that was run in a container ended.
    #[must_use]
    pub fn exit_code(code: i32) -> Self {
        let message = format!("command terminated with non-zero exit code: exit status {code}");
        Self {
            code: 0,
            ..failure(0, Reason::NonZeroExitCode, message)
        }
        .with_cause(Cause {
            reason: "ExitCode".to_owned(),
            message: code.to_string(),
            ..Cause::default()
        })
    }

    fn on(mut self, details: Details) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    fn retried_after(self, retry_after_seconds: u32) -> Self {
        self.on(Details {
            retry_after_seconds,
            ..Details::default()
        })
    }
}

fn failure(code: u16, reason: Reason, message: impl Into<String>) -> Status {
    Status {
        kind: StatusKind::Status,
        api_version: CoreV1::V1,
        metadata: ListMeta::default(),
        outcome: Outcome::Failure,
        message: message.into(),
        reason,
        details: None,
        code,
    }
}

fn success() -> Status {
    Status {
        outcome: Outcome::Success,
        ..failure(0, Reason::Unknown, "")
    }
}

fn about(resource: &GroupResource, name: &str) -> Details {
    Details {
        name: name.to_owned(),
        group: resource.group.to_string(),
        kind: resource.plural.to_string(),
        ..Details::default()
    }
}

/// `Pod`, `Deployment.apps`
fn group_kind(gvk: &Gvk) -> String {
    if gvk.group.is_core() {
        return gvk.kind.to_string();
    }
    format!("{}.{}", gvk.kind, gvk.group)
}

/// One fault as it is, several in brackets, each once.
fn list(faults: &[FieldError]) -> String {
    let mut told: Vec<String> = Vec::new();
    for fault in faults.iter().map(FieldError::to_string) {
        if !told.contains(&fault) {
            told.push(fault);
        }
    }
    match told.as_slice() {
        [] => String::new(),
        [one] => format!(": {one}"),
        several => format!(": [{}]", several.join(", ")),
    }
}
