//! The real `aws`, driven as a person would, save that inputs stand in files: a token on a command
//! line can be read by every process.

use super::driver::{Driver, Refusal, Said};
use crate::client::Credentials;
use crate::environment::Environment;
use crate::output::Failure;
use crate::running::RunningPlane;
use serde_json::Value;
use std::time::Duration;
use tokio::process::Command;

/// Longest run of one command.
const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// The `aws` on the PATH.
pub(super) struct Clients<'a> {
    plane: &'a RunningPlane,
    folder: tempfile::TempDir,
    version: String,
}

impl<'a> Clients<'a> {
    pub(super) fn found(plane: &'a RunningPlane) -> Result<Self, Failure> {
        let asked = std::process::Command::new("aws").arg("--version").output();
        let answered = asked.map_err(|why| {
            Failure::unanswered("no-aws", format!("`aws` cannot be run: {why}"))
                .help("install the AWS CLI, or leave out --clients")
        })?;
        // Version 1 says its version on standard error.
        let said = [answered.stdout, answered.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let version = said.split_whitespace().next().unwrap_or("aws").to_owned();
        let folder = tempfile::Builder::new()
            .prefix("rolecall-demo-")
            .tempdir()
            .map_err(|why| Failure::unanswered("cannot-write", format!("input folder: {why}")))?;
        Ok(Self {
            plane,
            folder,
            version,
        })
    }

    fn command(
        &self,
        caller: Option<&Credentials>,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Command, Failure> {
        let file = self.folder.path().join("input.json");
        std::fs::write(&file, input.to_string())
            .map_err(|why| Failure::unanswered("cannot-write", format!("input file: {why}")))?;
        let mut command = Command::new("aws");
        command
            .args([service, &command_name(operation), "--output", "json"])
            .arg("--cli-input-json")
            .arg(format!("file://{}", file.display()));
        let environment = match caller {
            Some(caller) => Environment::of_session(self.plane, caller)?,
            None => {
                command.arg("--no-sign-request");
                Environment::of_account(self.plane, &self.plane.account(None)?.alias)?
            }
        };
        environment.apply(&mut command);
        command
            .env("AWS_PAGER", "")
            .env("AWS_MAX_ATTEMPTS", "1")
            .kill_on_drop(true);
        Ok(command)
    }
}

impl Driver for Clients<'_> {
    fn name(&self) -> String {
        self.version.clone()
    }

    async fn call(
        &self,
        caller: Option<&Credentials>,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Said, Failure> {
        let mut command = self.command(caller, service, operation, input)?;
        let ended = tokio::time::timeout(ENDS_WITHIN, command.output())
            .await
            .map_err(|_| Failure::unanswered("unreachable", "`aws` did not end"))?
            .map_err(|why| Failure::unanswered("cannot-run", format!("`aws`: {why}")))?;
        if ended.status.success() {
            // Operations without output print nothing.
            return Ok(Said::Answered(
                serde_json::from_slice(&ended.stdout).unwrap_or_default(),
            ));
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        refusal(&said).map(Said::Refused).ok_or_else(|| {
            Failure::unanswered("unreadable-answer", format!("`aws`: {}", said.trim()))
        })
    }
}

/// Reads `An error occurred (CODE) when calling the NAME operation: MESSAGE`.
fn refusal(said: &str) -> Option<Refusal> {
    let (_, rest) = said.split_once("An error occurred (")?;
    let (code, rest) = rest.split_once(')')?;
    let (_, rest) = rest.split_once(" operation")?;
    // Retries, even none, are counted in between: `operation (reached max retries: 0): `.
    let message = match rest.strip_prefix(" (") {
        Some(rest) => rest.split_once("): ")?.1,
        None => rest.strip_prefix(": ")?,
    };
    // Newer versions list the error's members below the message.
    let message = message.split("\n\n").next().unwrap_or_default().trim();
    Some(Refusal {
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: None,
    })
}

/// `CreateOpenIDConnectProvider` is `create-open-id-connect-provider` there.
fn command_name(operation: &str) -> String {
    let letters: Vec<char> = operation.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after_small = before.is_some_and(|before| !before.is_ascii_uppercase());
        let before_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && before.is_some() && (after_small || before_small) {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_named_as_the_command_names_them() {
        let rows = [
            (
                "CreateOpenIDConnectProvider",
                "create-open-id-connect-provider",
            ),
            ("AssumeRoleWithWebIdentity", "assume-role-with-web-identity"),
            ("ListClusters", "list-clusters"),
        ];
        for (operation, name) in rows {
            assert_eq!(command_name(operation), name);
        }
    }

    #[test]
    fn a_refusal_is_read_from_either_version() {
        let rows = [
            "\nAn error occurred (AccessDenied) when calling the AssumeRole operation: User: x\n",
            "aws: [ERROR]: An error occurred (AccessDenied) when calling the AssumeRole operation (reached max retries: 0): User: x\n\nAdditional error details:\nType: Sender\n",
        ];
        for said in rows {
            let read = refusal(said).unwrap();
            assert_eq!(
                (read.code.as_str(), read.message.as_str()),
                ("AccessDenied", "User: x")
            );
        }
        assert_eq!(refusal("Could not connect to the endpoint URL"), None);
    }
}
