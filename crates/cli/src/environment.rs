//! The environment that points every AWS client, and rolecall itself, at the plane and nowhere else.
//!
//! Settings of the user that could lead a client past the plane are taken away: keys, profiles,
//! endpoints of single services. The user's own AWS files are out of reach because two variables
//! name ours instead.

use crate::output::Failure;
use crate::place::Files;
use crate::running::RunningPlane;
use clap::ValueEnum;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

/// Who will read the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// bash, zsh and every POSIX shell
    #[value(alias = "zsh", alias = "sh")]
    Bash,
    Fish,
    Powershell,
    /// `NAME=value` lines
    Dotenv,
    Json,
    /// lines for the file that `$GITHUB_ENV` names
    Github,
}

/// Variables that would lead a client around the plane.
const MISLEADING: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_EKS",
    "AWS_ENDPOINT_URL_EKS_AUTH",
    "AWS_ENDPOINT_URL_CLOUDFORMATION",
    "AWS_ENDPOINT_URL_IAM_TOOLBOX",
    "AWS_STS_ENDPOINT",
    "AWS_IAM_ENDPOINT",
    "AWS_EKS_ENDPOINT",
    "AWS_CLOUDFORMATION_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
];

/// Where Linux distributions keep the system's authorities.
const SYSTEM_BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Variables to set and to take away, in the order in which they are printed.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    set: Vec<(&'static str, String)>,
    unset: Vec<&'static str>,
}

impl Environment {
    /// For the administrator of an account, by its profile.
    pub(crate) fn of_account(plane: &RunningPlane, account: &str) -> Result<Self, Failure> {
        let mut environment = Self::of_plane(plane)?;
        environment.set("AWS_PROFILE", account);
        Ok(environment)
    }

    /// For a service account: the two variables that the pod identity webhook sets.
    pub(crate) fn of_web_identity(
        plane: &RunningPlane,
        role_arn: &str,
        token_file: &Path,
    ) -> Result<Self, Failure> {
        let mut environment = Self::of_plane(plane)?;
        environment.set("AWS_ROLE_ARN", role_arn);
        environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", token_file.to_string_lossy());
        Ok(environment)
    }

    /// For a role that is already assumed.
    pub(crate) fn of_session(
        plane: &RunningPlane,
        credentials: &crate::client::Credentials,
    ) -> Result<Self, Failure> {
        let mut environment = Self::of_plane(plane)?;
        environment.set("AWS_ACCESS_KEY_ID", &credentials.access_key_id);
        let text =
            |secret: &names::secret::Secret| secret.expose_str().unwrap_or_default().to_owned();
        environment.set(
            "AWS_SECRET_ACCESS_KEY",
            text(&credentials.secret_access_key),
        );
        if let Some(token) = &credentials.session_token {
            environment.set("AWS_SESSION_TOKEN", text(token));
        }
        Ok(environment)
    }

    fn of_plane(plane: &RunningPlane) -> Result<Self, Failure> {
        let files = plane.files();
        let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
        let bundle = text(bundle(files)?);
        let region = plane.region();
        Ok(Self {
            set: vec![
                ("ROLECALL_STATE", text(files.folder().to_owned())),
                ("AWS_ENDPOINT_URL", plane.url().to_owned()),
                ("AWS_REGION", region.to_owned()),
                ("AWS_DEFAULT_REGION", region.to_owned()),
                ("KUBECONFIG", text(files.kubeconfig())),
                ("AWS_CONFIG_FILE", text(files.config())),
                ("AWS_SHARED_CREDENTIALS_FILE", text(files.credentials())),
                ("AWS_STS_REGIONAL_ENDPOINTS", "regional".to_owned()),
                ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
                ("NO_PROXY", unproxied()),
                ("AWS_CA_BUNDLE", text(files.authority())),
                ("NODE_EXTRA_CA_CERTS", text(files.authority())),
                ("SSL_CERT_FILE", bundle.clone()),
                ("REQUESTS_CA_BUNDLE", bundle.clone()),
                ("CURL_CA_BUNDLE", bundle),
            ],
            unset: std::iter::once("AWS_PROFILE")
                .chain(MISLEADING.iter().copied())
                .collect(),
        })
    }

    fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.unset.retain(|unset| *unset != name);
        self.set.push((name, value.into()));
    }

    /// Applies the variables to a command that is about to start.
    pub(crate) fn apply(&self, command: &mut tokio::process::Command) {
        for name in &self.unset {
            command.env_remove(name);
        }
        command.envs(
            self.set
                .iter()
                .map(|(name, value)| (name, OsString::from(value))),
        );
    }

    /// The text that sets the variables.
    pub(crate) fn print(&self, shell: Shell) -> String {
        let mut text = String::new();
        for name in &self.unset {
            take_away(&mut text, shell, name);
        }
        if shell == Shell::Json {
            let object: serde_json::Map<_, _> = self
                .set
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
                .collect();
            return serde_json::to_string_pretty(&object).unwrap_or_default();
        }
        for (name, value) in &self.set {
            // Writing to a string does not fail.
            let _ = match shell {
                Shell::Bash => writeln!(text, "export {name}={}", quoted(value, "'\\''")),
                Shell::Fish => writeln!(text, "set -gx {name} {};", quoted(value, "\\'")),
                Shell::Powershell => writeln!(text, "$Env:{name} = {}", quoted(value, "''")),
                Shell::Dotenv | Shell::Github => writeln!(text, "{name}={value}"),
                Shell::Json => Ok(()),
            };
        }
        text
    }

    /// The text that takes every variable of ours away.
    pub(crate) fn print_unset(&self, shell: Shell) -> String {
        let mut text = String::new();
        for (name, _) in &self.set {
            take_away(&mut text, shell, name);
        }
        text
    }
}

fn take_away(text: &mut String, shell: Shell, name: &str) {
    let _ = match shell {
        Shell::Bash => writeln!(text, "unset {name}"),
        Shell::Fish => writeln!(text, "set -e {name};"),
        Shell::Powershell => {
            writeln!(text, "Remove-Item Env:{name} -ErrorAction SilentlyContinue")
        }
        // An empty value is as far as these two can go.
        Shell::Github => writeln!(text, "{name}="),
        Shell::Dotenv | Shell::Json => Ok(()),
    };
}

/// A value in single quotes, as the shell at hand escapes them.
fn quoted(value: &str, escape: &str) -> String {
    format!("'{}'", value.replace('\'', escape))
}

/// The hosts that no proxy may come between: those of the user, and the loopback.
fn unproxied() -> String {
    let theirs = std::env::var_os("NO_PROXY").or_else(|| std::env::var_os("no_proxy"));
    let theirs = theirs.map(|hosts| hosts.to_string_lossy().into_owned());
    let ours = ["127.0.0.1", "localhost"].map(str::to_owned);
    let hosts: Vec<_> = theirs
        .into_iter()
        .filter(|hosts| !hosts.is_empty())
        .chain(ours)
        .collect();
    hosts.join(",")
}

/// Writes the bundle of the system's authorities and the plane's; gives its path.
fn bundle(files: &Files) -> Result<std::path::PathBuf, Failure> {
    let path = files.bundle();
    let unreadable = |what: &Path, why: std::io::Error| {
        Failure::unanswered("state-unreadable", format!("`{}`: {why}", what.display()))
    };
    let authority = files.authority();
    let ours = std::fs::read_to_string(&authority).map_err(|why| unreadable(&authority, why))?;
    let system = SYSTEM_BUNDLES
        .iter()
        .find_map(|file| std::fs::read_to_string(file).ok());
    let wanted = format!("{}\n{ours}", system.unwrap_or_default());
    if std::fs::read_to_string(&path).is_ok_and(|there| there == wanted) {
        return Ok(path);
    }
    let fresh = path.with_extension(format!("pem.{}", std::process::id()));
    std::fs::write(&fresh, wanted)
        .and_then(|()| std::fs::rename(&fresh, &path))
        .map_err(|why| unreadable(&path, why))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment {
            set: vec![("AWS_PROFILE", "it's".to_owned())],
            unset: vec!["AWS_ROLE_ARN"],
        }
    }

    #[test]
    fn every_shell_quotes_in_its_own_way() {
        let rows = [
            (
                Shell::Bash,
                "unset AWS_ROLE_ARN\nexport AWS_PROFILE='it'\\''s'\n",
            ),
            (
                Shell::Fish,
                "set -e AWS_ROLE_ARN;\nset -gx AWS_PROFILE 'it\\'s';\n",
            ),
            (
                Shell::Powershell,
                "Remove-Item Env:AWS_ROLE_ARN -ErrorAction SilentlyContinue\n$Env:AWS_PROFILE = 'it''s'\n",
            ),
            (Shell::Dotenv, "AWS_PROFILE=it's\n"),
            (Shell::Github, "AWS_ROLE_ARN=\nAWS_PROFILE=it's\n"),
            (Shell::Json, "{\n  \"AWS_PROFILE\": \"it's\"\n}"),
        ];
        for (shell, text) in rows {
            assert_eq!(environment().print(shell), text, "{shell:?}");
        }
    }

    #[test]
    fn what_is_set_is_not_taken_away() {
        let mut environment = environment();
        environment.set("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/r");
        assert!(environment.unset.is_empty());
    }
}
