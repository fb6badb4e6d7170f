//! `why`: the record of one request.

use super::{AdminOperation, AdminRequest, bad, operations};
use crate::Inner;
use audit::Record;
use awswire::AwsError;
use policy::Permit;
use serde_json::Value;

operations! {
    /// Reads the record of a request.
    ExplainRequest
}

impl AdminOperation for ExplainRequest {
    /// By the request's id or its denial's; without one, the newest that matters.
    async fn run(_: Permit<Self>, request: &AdminRequest<'_>) -> Result<Value, AwsError> {
        let plane = request.call.plane;
        let record = match request.path {
            [_, id] => record_of(id, plane)?,
            _ => plane.audit.ring().latest(),
        };
        let missing = || AwsError::new("NoSuchRequest", 404, "no record of that request");
        serde_json::to_value(record.ok_or_else(missing)?)
            .map_err(|why| AwsError::new("InternalFailure", 500, why.to_string()))
    }
}

fn record_of(id: &str, plane: &Inner) -> Result<Option<Record>, AwsError> {
    let ring = plane.audit.ring();
    match (id.parse(), id.parse()) {
        (Ok(id), _) => Ok(ring.find(&id)),
        (Err(_), Ok(id)) => Ok(ring.find_denial(&id)),
        (Err(_), Err(_)) => {
            let why = format!("`{id}` is neither a request id nor an authorization id");
            Err(bad("BadRequest", &why))
        }
    }
}
