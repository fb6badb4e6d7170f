//! Every status, as a client sees it.

use objects::status::{Cause, FieldError};
use objects::{GroupResource, Gvk, Status};
use serde_json::{Value, json};

fn resource(text: &str) -> GroupResource {
    let (plural, group) = text.split_once('.').unwrap_or((text, ""));
    GroupResource {
        group: group.parse().expect("a group"),
        plural: plural.parse().expect("a plural"),
    }
}

fn gvk(api_version: &str, kind: &str) -> Gvk {
    Gvk::parse_api_version(api_version, kind).expect("well spelt")
}

fn failure(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    })
}

fn on(mut status: Value, details: Value) -> Value {
    status["details"] = details;
    status
}

fn rows() -> Vec<(Status, Value)> {
    let pods = resource("pods");
    let deployments = resource("deployments.apps");
    let pod_x = json!({"name": "x", "kind": "pods"});
    let deployment_x = json!({"name": "x", "group": "apps", "kind": "deployments"});
    vec![
        (
            Status::not_found(&pods, "x"),
            on(
                failure(404, "NotFound", "pods \"x\" not found"),
                pod_x.clone(),
            ),
        ),
        (
            Status::not_found(&deployments, "x"),
            on(
                failure(404, "NotFound", "deployments.apps \"x\" not found"),
                deployment_x.clone(),
            ),
        ),
        (
            Status::unknown_path(),
            on(
                failure(
                    404,
                    "NotFound",
                    "the server could not find the requested resource",
                ),
                json!({}),
            ),
        ),
        (
            Status::already_exists(&pods, "x"),
            on(
                failure(409, "AlreadyExists", "pods \"x\" already exists"),
                pod_x.clone(),
            ),
        ),
        (
            Status::modified(&deployments, "x"),
            on(
                failure(
                    409,
                    "Conflict",
                    "Operation cannot be fulfilled on deployments.apps \"x\": the object has been modified; please apply your changes to the latest version and try again",
                ),
                deployment_x,
            ),
        ),
        (
            Status::forbidden(
                &pods,
                "",
                "User \"u\" cannot list resource \"pods\" in API group \"\" in the namespace \"n\"",
            ),
            on(
                failure(
                    403,
                    "Forbidden",
                    "pods is forbidden: User \"u\" cannot list resource \"pods\" in API group \"\" in the namespace \"n\"",
                ),
                json!({"kind": "pods"}),
            ),
        ),
        (
            Status::forbidden(&pods, "x", "no"),
            on(
                failure(403, "Forbidden", "pods \"x\" is forbidden: no"),
                pod_x,
            ),
        ),
        (
            Status::forbidden_path("User \"u\" cannot get path \"/x\""),
            on(
                failure(
                    403,
                    "Forbidden",
                    "forbidden: User \"u\" cannot get path \"/x\"",
                ),
                json!({}),
            ),
        ),
        (
            Status::unauthorized(),
            failure(401, "Unauthorized", "Unauthorized"),
        ),
        (Status::bad_request("no"), failure(400, "BadRequest", "no")),
        (
            Status::method_not_allowed(&deployments, "create"),
            on(
                failure(
                    405,
                    "MethodNotAllowed",
                    "create is not supported on resources of kind \"deployments.apps\"",
                ),
                json!({"group": "apps", "kind": "deployments"}),
            ),
        ),
        (
            Status::not_acceptable(&["application/json", "application/yaml"]),
            failure(
                406,
                "NotAcceptable",
                "only the following media types are accepted: application/json, application/yaml",
            ),
        ),
        (
            Status::unsupported_media_type(&["application/json"]),
            failure(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json",
            ),
        ),
        (
            Status::request_entity_too_large("limit is 3145728"),
            failure(
                413,
                "RequestEntityTooLarge",
                "Request entity too large: limit is 3145728",
            ),
        ),
        (
            Status::expired("too old resource version: 1 (5)").with_continue("abc"),
            {
                let mut status = failure(410, "Expired", "too old resource version: 1 (5)");
                status["metadata"]["continue"] = "abc".into();
                status
            },
        ),
        (
            Status::too_large_resource_version(9, 5),
            on(
                failure(
                    504,
                    "Timeout",
                    "Timeout: Too large resource version: 9, current: 5",
                ),
                json!({
                    "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                    "retryAfterSeconds": 1,
                }),
            ),
        ),
        (
            Status::too_many_requests("later", 2),
            on(
                failure(429, "TooManyRequests", "later"),
                json!({"retryAfterSeconds": 2}),
            ),
        ),
        (
            Status::internal_error("oh"),
            on(
                failure(500, "InternalError", "Internal error occurred: oh"),
                json!({"causes": [{"message": "oh"}]}),
            ),
        ),
        (
            Status::server_timeout(&pods, "list", 3),
            on(
                failure(
                    500,
                    "ServerTimeout",
                    "The list operation against pods could not be completed at this time, please try again.",
                ),
                json!({"name": "list", "kind": "pods", "retryAfterSeconds": 3}),
            ),
        ),
        (
            Status::service_unavailable("closing"),
            failure(503, "ServiceUnavailable", "closing"),
        ),
        (
            Status::generate_name_conflict(&pods, "x-bcdfg"),
            on(
                failure(
                    409,
                    "AlreadyExists",
                    "pods \"x-bcdfg\" already exists, the server was not able to generate a unique name for the object",
                ),
                json!({"name": "x-bcdfg", "kind": "pods", "retryAfterSeconds": 1}),
            ),
        ),
        (
            Status::apply_conflict(
                "Apply failed with 1 conflict: c",
                vec![Cause {
                    reason: "FieldManagerConflict".into(),
                    message: "c".into(),
                    field: ".spec.replicas".into(),
                }],
            ),
            on(
                failure(409, "Conflict", "Apply failed with 1 conflict: c"),
                json!({"causes": [{"reason": "FieldManagerConflict", "message": "c", "field": ".spec.replicas"}]}),
            ),
        ),
        (
            Status::invalid(
                &gvk("v1", "Pod"),
                "x",
                &[FieldError::required("spec.containers", "")],
            ),
            on(
                failure(
                    422,
                    "Invalid",
                    "Pod \"x\" is invalid: spec.containers: Required value",
                ),
                json!({
                    "name": "x", "kind": "Pod",
                    "causes": [{"reason": "FieldValueRequired", "message": "Required value", "field": "spec.containers"}],
                }),
            ),
        ),
        (
            Status::invalid(
                &gvk("apps/v1", "Deployment"),
                "x",
                &[
                    FieldError::required("a", ""),
                    FieldError::forbidden("b", "no"),
                ],
            ),
            on(
                failure(
                    422,
                    "Invalid",
                    "Deployment.apps \"x\" is invalid: [a: Required value, b: Forbidden: no]",
                ),
                json!({
                    "name": "x", "group": "apps", "kind": "Deployment",
                    "causes": [
                        {"reason": "FieldValueRequired", "message": "Required value", "field": "a"},
                        {"reason": "FieldValueForbidden", "message": "Forbidden: no", "field": "b"},
                    ],
                }),
            ),
        ),
        (
            Status::deleted(&resource("deployments.apps"), "x", "u"),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                "details": {"name": "x", "group": "apps", "kind": "deployments", "uid": "u"},
            }),
        ),
        (
            Status::exit_code(3),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": "command terminated with non-zero exit code: exit status 3",
                "reason": "NonZeroExitCode",
                "details": {"causes": [{"reason": "ExitCode", "message": "3"}]},
            }),
        ),
    ]
}

#[test]
fn a_status_is_written_as_kubernetes_writes_it() {
    for (status, written) in rows() {
        assert_eq!(serde_json::to_value(&status).unwrap(), written);
    }
}

#[test]
fn a_status_is_read_as_it_was_written() {
    for (status, written) in rows() {
        assert_eq!(serde_json::from_value::<Status>(written).unwrap(), status);
    }
}
