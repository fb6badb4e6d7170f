//! Who takes a step to the plane: our own client here, the real `aws` in [`super::clients`].

use super::wire;
use crate::client::{self, Credentials};
use crate::output::Failure;
use crate::running::RunningPlane;
use awswire::client::Failure as NotAnswered;
use serde_json::Value;

/// Makes one call and says what came back.
pub(super) trait Driver {
    /// How it is called in the heading.
    fn name(&self) -> String;

    async fn call(
        &self,
        caller: Option<&Credentials>,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Said, Failure>;
}

/// What AWS said.
#[derive(Debug)]
pub(super) enum Said {
    Answered(Value),
    Refused(Refusal),
}

/// How AWS refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
    /// Not every client tells it.
    pub(super) request_id: Option<String>,
}

/// Our own client.
pub(super) struct Ours<'a> {
    plane: &'a RunningPlane,
}

impl<'a> Ours<'a> {
    pub(super) fn new(plane: &'a RunningPlane) -> Self {
        Self { plane }
    }
}

impl Driver for Ours<'_> {
    fn name(&self) -> String {
        "rolecall's own client".to_owned()
    }

    async fn call(
        &self,
        caller: Option<&Credentials>,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Said, Failure> {
        let operation = wire::operation(service, operation)?;
        let input = wire::to_value(operation.input, input)
            .map_err(|why| Failure::unanswered("internal", format!("{operation:?}: {why}")))?;
        let (said, request_id) = client::call_value(self.plane, caller, operation, &input).await?;
        match said {
            Ok(answer) => Ok(Said::Answered(wire::to_json(operation.output, &answer))),
            Err(NotAnswered::Aws(error)) => Ok(Said::Refused(Refusal {
                code: error.code.into_owned(),
                message: error.message,
                request_id,
            })),
            Err(NotAnswered::Unreadable(what)) => Err(Failure::unanswered(
                "unreadable-answer",
                format!("{operation:?}: {what}"),
            )),
        }
    }
}
