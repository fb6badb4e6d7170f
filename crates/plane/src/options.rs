//! What a plane is told about its surroundings, and why it may not start.

use crate::{Limits, PodHost};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A plane's surroundings.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens, for HTTP and TLS alike; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where its state is.
    pub state: StateFolder,
    /// Whether external issuers may have private addresses.
    pub allow_private_issuers: bool,
    /// One more authority to trust when fetching from external issuers, in PEM.
    pub issuer_ca: Option<String>,
    /// How long it waits for peers, and how many it serves.
    pub limits: Limits,
    /// How long a service account's token lives at most, of those that the clusters' APIs mint.
    pub token_lifetime_max: oidc::Lifetime,
    /// How Pods run here; `None`: they wait for a node.
    pub pods: Option<PodHost>,
}

/// Where a plane keeps its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateFolder {
    /// In this folder.
    Folder(PathBuf),
    /// In memory; a private folder holds the files that clients read, and goes with the plane.
    Ephemeral,
}

/// Why a plane did not start. Nothing of what stood in its folder was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process listens there.
    #[error("`{address}` is taken by {owner}")]
    Busy {
        /// The address asked for.
        address: SocketAddr,
        /// Who has it.
        owner: String,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at `{address}`: {why}")]
    NoAddress {
        /// The address asked for.
        address: SocketAddr,
        /// The system's word.
        why: String,
    },
    /// Another plane runs on the state.
    #[error("a plane runs on `{folder}` already: {owner}")]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The process that has it.
        owner: String,
    },
    /// The state cannot be opened.
    #[error("the state in `{folder}`: {why}")]
    State {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// plane.yaml asks for what cannot be.
    #[error("the configuration: {0}")]
    Config(String),
}

impl StartError {
    /// A stable word for it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "port-busy",
            Self::NoAddress { .. } => "no-address",
            Self::InUse { .. } => "already-running",
            Self::State { .. } => "bad-state",
            Self::Config(_) => "bad-config",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Busy { .. } => {
                Some("stop that process, or take a free port: --listen 127.0.0.1:0")
            }
            Self::NoAddress { .. } => Some("name another address: --listen ADDRESS:PORT"),
            Self::InUse { .. } => {
                Some("use that one: rolecall status; or name another folder: --state DIR")
            }
            Self::State { .. } => Some("name another folder: --state DIR"),
            Self::Config(_) => None,
        }
    }
}
