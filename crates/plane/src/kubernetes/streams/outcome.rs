//! How a process ended, as clients read it from the last thing that a stream says.

use serde_json::{Value, json};
use workloads::sandbox::{Exit, StartFailure};

/// The status of a process that has ended.
pub(super) fn of_exit(exit: Exit) -> Value {
    if exit == Exit::Code(0) {
        return json!({"metadata": {}, "status": "Success"});
    }
    let code = exit.code();
    json!({
        "metadata": {},
        "status": "Failure",
        "message": format!("command terminated with non-zero exit code: exit status {code}"),
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

/// The status of a process that did not start.
pub(super) fn of_failure(failure: &StartFailure) -> Value {
    let message = format!(
        "Internal error occurred: error executing command in container: failed to exec in \
         container: {failure}"
    );
    json!({
        "metadata": {}, "status": "Failure", "message": message, "reason": "InternalError",
        "details": {"causes": [{"message": failure.to_string()}]}, "code": 500,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_told_as_clients_read_it() {
        assert_eq!(of_exit(Exit::Code(0))["status"], "Success");
        let failed = of_exit(Exit::Code(3));
        assert_eq!(failed["reason"], "NonZeroExitCode");
        assert_eq!(failed["details"]["causes"][0]["message"], "3");
        let killed = of_exit(Exit::Signal(9));
        assert_eq!(killed["details"]["causes"][0]["message"], "137");
    }
}
