//! Turns the keys: each new one is known before it is used, each old one kept until nothing needs it.
//!
//! What is due follows from the times in the world and the time of asking, so that a plane that was
//! away, or was killed in between, goes on where the world is. Each turn is one transaction.

use crate::world::{Unchanged, World, Worlds};
use crate::{Inner, chance};
use eks::operations::{forget_signing_keys, rotate_signing_key};
use eks::{EksError, IssuerKeys, PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE};
use jiff::{SignedDuration, Timestamp};
use names::ClusterArn;
use oidc::SigningKey;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use store::Transaction;
use sts::{
    EpochRandom, KEPT_AFTER_USE, KNOWN_BEFORE_USE, TooManyEpochs, forget_epochs, rotate_epoch,
};
use tokio::sync::watch;

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// How long a key is used before the next one is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    /// A cluster's signing key.
    pub(crate) signing: SignedDuration,
    /// The key of sessions.
    pub(crate) sessions: SignedDuration,
}

impl Default for Schedule {
    /// A week, as EKS does, and a day.
    fn default() -> Self {
        Self {
            signing: SignedDuration::from_hours(7 * 24),
            sessions: SignedDuration::from_hours(24),
        }
    }
}

/// Why a key was not turned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unturned {
    /// The cluster refuses.
    #[error(transparent)]
    Signing(#[from] EksError),
    /// There are too many session keys.
    #[error(transparent)]
    Sessions(#[from] TooManyEpochs),
    /// No key could be made, or the store refuses.
    #[error("{0}")]
    Failed(String),
}

/// Turns what is due, again and again, until the plane stops.
pub(crate) async fn keep_turning(plane: Arc<Inner>, mut stopped: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            _ = stopped.changed() => return,
        }
        let turned = turn(&plane.worlds, Schedule::default(), chance::now());
        if turned.await.is_err() {
            plane.counters.count_unturned();
        }
    }
}

/// Turns what is due now, and forgets what is gone.
///
/// # Errors
/// The first that failed; what else was due is turned all the same.
pub(crate) async fn turn(
    worlds: &Worlds,
    schedule: Schedule,
    now: Timestamp,
) -> Result<(), Unturned> {
    let mut ended = Ok(());
    for arn in own_clusters(&worlds.now()) {
        let due = |keys: &IssuerKeys| {
            let newest = keys.keys().last().map_or(now, |key| key.active_from);
            is_due(newest, schedule.signing, PUBLISHED_BEFORE_USE, now)
        };
        let turned = turn_cluster(worlds, &arn, due, now).await;
        ended = ended.and(turned);
        ended = ended.and(forget_cluster(worlds, &arn, now).await);
    }
    let due = |newest| is_due(newest, schedule.sessions, KNOWN_BEFORE_USE, now);
    ended = ended.and(turn_sessions(worlds, due, now).await);
    let forgotten =
        worlds.change(|world| Ok::<_, TooManyEpochs>((forget_epochs(&world.epochs, now), ())));
    ended.and(forgotten.await.map_err(unturned))
}

/// Adds a signing key to a cluster, due or not.
pub(crate) async fn rotate_cluster(
    worlds: &Worlds,
    arn: &ClusterArn,
    now: Timestamp,
) -> Result<(), Unturned> {
    turn_cluster(worlds, arn, |_| true, now).await
}

/// Adds an epoch of session keys, due or not.
pub(crate) async fn rotate_sessions(worlds: &Worlds, now: Timestamp) -> Result<(), Unturned> {
    turn_sessions(worlds, |_| true, now).await
}

/// The clusters whose keys this plane holds.
pub(crate) fn own_clusters(world: &World) -> Vec<ClusterArn> {
    let clusters = world.clusters.iter();
    let own = clusters.filter(|cluster| matches!(cluster.issuer, eks::Issuer::Own(_)));
    own.map(|cluster| cluster.arn.clone()).collect()
}

async fn turn_cluster(
    worlds: &Worlds,
    arn: &ClusterArn,
    is_due: impl Fn(&IssuerKeys) -> bool,
    now: Timestamp,
) -> Result<(), Unturned> {
    let is_due = |world: &World| {
        let keys = world.clusters.keys(arn);
        let issuer = keys.and_then(|kept| kept.value.issuer.as_ref());
        issuer.is_some_and(&is_due)
    };
    if !is_due(&worlds.now()) {
        return Ok(());
    }
    // A signing key takes a processor a while.
    let key = tokio::task::spawn_blocking(SigningKey::generate).await;
    let key = key.map_err(|why| Unturned::Failed(why.to_string()))?;
    let key = Arc::new(key.map_err(|why| Unturned::Failed(why.to_string()))?);
    let nonce = chance::random();
    let turned = worlds.change(|world| {
        // Another replica may have been faster.
        if !is_due(world) {
            return Ok((Transaction::new(), ()));
        }
        let key = Arc::clone(&key);
        rotate_signing_key(&world.clusters, arn, key, worlds.keyring(), nonce, now)
            .map(|transaction| (transaction, ()))
    });
    turned.await.map_err(unturned)
}

async fn forget_cluster(worlds: &Worlds, arn: &ClusterArn, now: Timestamp) -> Result<(), Unturned> {
    let nonce = chance::random();
    let forgotten = worlds.change(|world| {
        forget_signing_keys(&world.clusters, arn, worlds.keyring(), nonce, now)
            .map(|transaction| (transaction, ()))
    });
    forgotten.await.map_err(unturned)
}

async fn turn_sessions(
    worlds: &Worlds,
    is_due: impl Fn(Timestamp) -> bool,
    now: Timestamp,
) -> Result<(), Unturned> {
    let random = EpochRandom {
        key: chance::random(),
        nonce: chance::random(),
    };
    let turned = worlds.change(|world| {
        if !is_due(world.epochs.newest_from()) {
            return Ok((Transaction::new(), ()));
        }
        rotate_epoch(&world.epochs, worlds.keyring(), random, now)
            .map(|transaction| (transaction, ()))
    });
    turned.await.map_err(unturned)
}

/// Whether the next key must be published now, so that it can be used when the newest has been for
/// its time.
fn is_due(
    newest_from: Timestamp,
    used_for: SignedDuration,
    known_before: SignedDuration,
    now: Timestamp,
) -> bool {
    now.duration_since(newest_from) >= used_for - known_before
}

fn unturned<E: Into<Unturned>>(unchanged: Unchanged<E>) -> Unturned {
    match unchanged {
        Unchanged::Refused(why) => why.into(),
        Unchanged::Store(why) => Unturned::Failed(why.to_string()),
        Unchanged::Unreadable(why) => Unturned::Failed(why),
    }
}

/// One key, as `rolecall keys list` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KeyRow {
    /// The cluster, or `sessions`.
    of: String,
    /// The key id, or the epoch's number.
    key: String,
    /// `next`, `active`, `retiring` or `gone`.
    phase: &'static str,
    /// From when it is used.
    used_from: Timestamp,
    /// From when the next one is; none known: until it is replaced.
    used_until: Option<Timestamp>,
    /// When it is forgotten.
    gone_at: Option<Timestamp>,
}

/// Every key of the world, without its secret.
pub(crate) fn rows(world: &World, now: Timestamp) -> Vec<KeyRow> {
    let mut rows = Vec::new();
    for cluster in world.clusters.iter() {
        let keys = world.clusters.keys(&cluster.arn);
        let issuer = keys.and_then(|kept| kept.value.issuer.as_ref());
        let keys = issuer.into_iter().flat_map(IssuerKeys::keys);
        let keys = keys.map(|key| (key.key.key_id().to_string(), key.active_from));
        rows.extend(of_ring(
            cluster.name().as_str(),
            keys.collect(),
            PUBLISHED_AFTER_USE,
            now,
        ));
    }
    let epochs = world.epochs.iter();
    let epochs = epochs.map(|(id, from)| (format!("epoch {}", id.0), from));
    rows.extend(of_ring("sessions", epochs.collect(), KEPT_AFTER_USE, now));
    rows
}

fn of_ring(
    of: &str,
    keys: Vec<(String, Timestamp)>,
    kept_after: SignedDuration,
    now: Timestamp,
) -> Vec<KeyRow> {
    let successors: Vec<_> = keys.iter().skip(1).map(|(_, from)| *from).collect();
    let successors = successors.into_iter().map(Some).chain([None]);
    let rows = keys.into_iter().zip(successors);
    rows.map(|((key, used_from), used_until)| {
        let gone_at = used_until.and_then(|until| until.checked_add(kept_after).ok());
        KeyRow {
            of: of.to_owned(),
            key,
            phase: match (used_until, gone_at) {
                (_, Some(gone)) if now >= gone => "gone",
                (Some(until), _) if now >= until => "retiring",
                _ if now >= used_from => "active",
                _ => "next",
            },
            used_from,
            used_until,
            gone_at,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests;
