//! The plane that runs on a state folder, as its own files describe it.

use crate::client::Credentials;
use crate::output::Failure;
use crate::place::{Files, state_folder};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// A plane that has said it is ready, and whose process lives.
#[derive(Debug)]
pub(crate) struct RunningPlane {
    files: Files,
    written: Written,
}

/// `plane.json`.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
pub(crate) struct Written {
    pub(crate) pid: u32,
    pub(crate) url: String,
    pub(crate) region: String,
    pub(crate) accounts: Vec<WrittenAccount>,
    pub(crate) clusters: Vec<WrittenCluster>,
    pub(crate) version: String,
}

#[derive(Debug, Clone, Deserialize, serde::Serialize)]
pub(crate) struct WrittenAccount {
    pub(crate) alias: String,
    pub(crate) id: String,
}

#[derive(Debug, Clone, Deserialize, serde::Serialize)]
pub(crate) struct WrittenCluster {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) endpoint: String,
    pub(crate) issuer: String,
    pub(crate) region: String,
}

impl RunningPlane {
    /// Finds the plane that runs on a state folder.
    pub(crate) fn find(folder: &Path) -> Result<Self, Failure> {
        let files = Files::of(folder);
        let none = || {
            Failure::no(
                "no-plane",
                format!("no plane runs on `{}`", folder.display()),
            )
            .help("start one: rolecall up --detach")
            .help("or name the folder of the one that runs: --state DIR")
        };
        let text = std::fs::read_to_string(files.running()).map_err(|_| none())?;
        let written: Written = serde_json::from_str(&text).map_err(|why| {
            Failure::unanswered("state-unreadable", format!("`plane.json`: {why}"))
        })?;
        if crate::processes::lives(written.pid) {
            Ok(Self { files, written })
        } else {
            Err(none())
        }
    }

    /// The plane of the folder that the global flags name.
    pub(crate) fn of(named: Option<&Path>) -> Result<Self, Failure> {
        Self::find(&state_folder(named)?)
    }

    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    pub(crate) fn written(&self) -> &Written {
        &self.written
    }

    pub(crate) fn url(&self) -> &str {
        &self.written.url
    }

    pub(crate) fn region(&self) -> &str {
        &self.written.region
    }

    /// The account meant: by alias or by its twelve digits; none named means the first.
    pub(crate) fn account(&self, named: Option<&str>) -> Result<&WrittenAccount, Failure> {
        let accounts = &self.written.accounts;
        let Some(named) = named else {
            return accounts
                .first()
                .ok_or_else(|| Failure::no("no-account", "the plane has no account"));
        };
        accounts
            .iter()
            .find(|account| account.alias == named || account.id == named)
            .ok_or_else(|| {
                let known: Vec<_> = accounts
                    .iter()
                    .map(|account| account.alias.as_str())
                    .collect();
                Failure::usage("no-account", format!("the plane has no account `{named}`"))
                    .help(format!("it has {}", known.join(", ")))
            })
    }

    /// The cluster of that name.
    pub(crate) fn cluster(&self, named: &str) -> Result<&WrittenCluster, Failure> {
        let clusters = &self.written.clusters;
        clusters
            .iter()
            .find(|cluster| cluster.name == named)
            .ok_or_else(|| {
                let known: Vec<_> = clusters
                    .iter()
                    .map(|cluster| cluster.name.as_str())
                    .collect();
                Failure::usage("no-cluster", format!("the plane has no cluster `{named}`"))
                    .help(format!("it has {}", known.join(", ")))
            })
    }

    /// The access key of an account's administrator.
    pub(crate) fn administrator(&self, alias: &str) -> Result<Credentials, Failure> {
        let path = self.files.credentials();
        let text = std::fs::read_to_string(&path).map_err(|why| {
            Failure::unanswered("state-unreadable", format!("`{}`: {why}", path.display()))
        })?;
        let profile = profile(&text, alias);
        match (
            profile.get("aws_access_key_id"),
            profile.get("aws_secret_access_key"),
        ) {
            (Some(id), Some(secret)) => Ok(Credentials {
                access_key_id: (*id).to_owned(),
                secret_access_key: (*secret).into(),
                session_token: None,
            }),
            _ => Err(Failure::unanswered(
                "state-unreadable",
                format!("`{}` has no profile `{alias}`", path.display()),
            )),
        }
    }
}

/// The settings of one profile in an AWS credentials file that the plane wrote.
fn profile<'a>(text: &'a str, name: &str) -> BTreeMap<&'a str, &'a str> {
    let heading = format!("[{name}]");
    text.lines()
        .skip_while(|line| line.trim() != heading)
        .skip(1)
        .take_while(|line| !line.trim_start().starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

/// Completes account names from the plane that runs on the default state folder.
pub(crate) fn complete_accounts(begun: &OsStr) -> Vec<clap_complete::CompletionCandidate> {
    let begun = begun.to_string_lossy();
    let Ok(plane) = RunningPlane::of(None) else {
        return Vec::new();
    };
    plane
        .written
        .accounts
        .iter()
        .filter(|account| account.alias.starts_with(&*begun))
        .map(|account| {
            clap_complete::CompletionCandidate::new(account.alias.clone())
                .help(Some(account.id.clone().into()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_ends_where_the_next_begins() {
        let text = "[ci]\naws_access_key_id = A\n\n[dev]\naws_access_key_id = B\n";
        assert_eq!(profile(text, "ci").get("aws_access_key_id"), Some(&"A"));
        assert_eq!(profile(text, "dev").get("aws_access_key_id"), Some(&"B"));
        assert!(profile(text, "prod").is_empty());
    }
}
