//! The checks, each of which can fail.

use crate::{Inner, chance};
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::{Key, Range};
use tokio::time::timeout;

/// How long the store may take to answer.
const STORE_WAIT: Duration = Duration::from_secs(1);

/// Space that the state folder's disk keeps for changes and audit records.
const DISK_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// One named check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// That there is an answer at all.
    Ping,
    /// The writer of the audit file goes on.
    AuditWriter,
    /// The store answers.
    Store,
    /// Sessions are sealed, and open again.
    SessionKeys,
    /// Each cluster with an issuer of ours has a key to sign with.
    SigningKeys,
    /// Records reach the disk, and in time.
    Audit,
    /// A handshake gets a certificate.
    Certificate,
    /// Each cluster's Kubernetes API answers.
    Clusters,
    /// There is room for what is to be written.
    Disk,
    /// The plane is not about to stop.
    Shutdown,
}

/// What a plane that shall not be restarted passes.
pub(super) const LIVE: (&str, &[Check]) = ("livez", &[Check::Ping, Check::AuditWriter]);

/// What a plane that may be sent requests passes.
pub(super) const READY: (&str, &[Check]) = (
    "readyz",
    &[
        Check::Ping,
        Check::Store,
        Check::SessionKeys,
        Check::SigningKeys,
        Check::Audit,
        Check::Certificate,
        Check::Clusters,
        Check::Disk,
        Check::Shutdown,
    ],
);

impl Check {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::AuditWriter => "audit-writer",
            Self::Store => "store",
            Self::SessionKeys => "session-keys",
            Self::SigningKeys => "signing-keys",
            Self::Audit => "audit",
            Self::Certificate => "certificate",
            Self::Clusters => "clusters",
            Self::Disk => "disk",
            Self::Shutdown => "shutdown",
        }
    }

    pub(super) async fn run(self, plane: &Inner) -> Result<(), String> {
        match self {
            Self::Ping => Ok(()),
            Self::AuditWriter if plane.audit.has_ended() => Err("it has ended".to_owned()),
            Self::AuditWriter => Ok(()),
            Self::Store => store(plane).await,
            Self::SessionKeys => session_keys(plane),
            Self::SigningKeys => signing_keys(plane),
            Self::Audit => audit(plane),
            Self::Certificate => plane.certificate(chance::now()).map(|_| ()),
            Self::Clusters => clusters(plane),
            Self::Disk => disk(plane),
            Self::Shutdown if plane.is_stopping.load(Ordering::Acquire) => {
                Err("the plane is stopping".to_owned())
            }
            Self::Shutdown => Ok(()),
        }
    }
}

async fn store(plane: &Inner) -> Result<(), String> {
    let one = Range::One(Key::new("plane/authority"));
    match timeout(STORE_WAIT, plane.worlds.store().range(one, None)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(why)) => Err(why.to_string()),
        Err(_) => Err(format!("no answer within {} s", STORE_WAIT.as_secs())),
    }
}

fn session_keys(plane: &Inner) -> Result<(), String> {
    let world = plane.worlds.now();
    let keys = world.epochs.keys();
    let sealed = keys.seal_message("ready", chance::now(), chance::random());
    let Some(sealed) = sealed else {
        return Err("a short message could not be sealed".to_owned());
    };
    match keys.open_message(&sealed) {
        Ok(opened) if opened == "ready" => Ok(()),
        Ok(_) => Err("a message came back changed".to_owned()),
        Err(why) => Err(why.to_string()),
    }
}

fn signing_keys(plane: &Inner) -> Result<(), String> {
    let (world, now) = (plane.worlds.now(), chance::now());
    let clusters = &world.clusters;
    let without = clusters.iter().find(|cluster| {
        let name = cluster.issuer.url().as_provider_name();
        clusters.own_issuer(name).is_some() && clusters.signer(&cluster.arn, now).is_none()
    });
    without.map_or(Ok(()), |cluster| {
        Err(format!(
            "cluster `{}` has no key to sign with",
            cluster.name()
        ))
    })
}

fn audit(plane: &Inner) -> Result<(), String> {
    match plane.audit.failure() {
        Some(why) => Err(format!(
            "{} records are not written: {why}",
            plane.audit.unwritten()
        )),
        None if plane.audit.is_behind() => Err(format!(
            "{} bytes of records wait for the disk",
            plane.audit.waiting()
        )),
        None => Ok(()),
    }
}

/// AWS answers while the clusters are starting.
fn clusters(plane: &Inner) -> Result<(), String> {
    let missing = plane.kubernetes.missing();
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
    let missing = missing.join(", ");
    Err(format!("the Kubernetes API is not there yet: {missing}"))
}

fn disk(plane: &Inner) -> Result<(), String> {
    let stat = rustix::fs::statvfs(&plane.folder).map_err(|why| why.to_string())?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free >= DISK_BYTES_MIN {
        return Ok(());
    }
    Err(format!(
        "{free} bytes are free, {DISK_BYTES_MIN} are needed"
    ))
}
