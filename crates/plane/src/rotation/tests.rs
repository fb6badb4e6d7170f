use super::*;
use crate::bootstrap;
use crate::config::PlaneConfig;
use crate::folder::Folder;
use names::ServiceAccount;
use oidc::{KeySet, Lifetime, TokenBytes, TokenRequest, UnverifiedToken};
use store::{Epoch, Keyring, MemoryStore, RootKey, Store};

const DAILY: Schedule = Schedule {
    signing: SignedDuration::from_hours(24),
    sessions: SignedDuration::from_hours(12),
};

/// A plane's store, from which a world is read as often as a plane starts.
struct State {
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
}

impl State {
    async fn new() -> Self {
        let state = Self {
            store: Arc::new(MemoryStore::new()),
            keyring: Arc::new(Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]))),
        };
        let folder = Folder::temporary().unwrap();
        let (store, keyring) = (&*state.store, &state.keyring);
        bootstrap::first_epoch(store, keyring, &folder)
            .await
            .unwrap();
        let config: PlaneConfig = serde_json::from_value(serde_json::json!({
            "accounts": [{ "alias": "ci", "id": "111111111111" }],
        }))
        .unwrap();
        let settled = bootstrap::settle(&state.start().await, &config, &folder).await;
        settled.unwrap();
        state
    }

    async fn start(&self) -> Worlds {
        let (store, keyring) = (Arc::clone(&self.store), Arc::clone(&self.keyring));
        Worlds::load(store, keyring).await.unwrap()
    }
}

fn key_set(worlds: &Worlds, now: Timestamp) -> KeySet {
    let world = worlds.now();
    let cluster = world.clusters.iter().next().unwrap();
    let issuer = cluster.issuer.url().as_provider_name();
    world.clusters.key_set(issuer, now).unwrap()
}

fn mint(worlds: &Worlds, now: Timestamp) -> String {
    let world = worlds.now();
    let cluster = world.clusters.iter().next().unwrap();
    let request = TokenRequest {
        issuer: cluster.issuer.url().clone(),
        service_account: "ns/sa".parse::<ServiceAccount>().unwrap(),
        uid: "u".to_owned(),
        audiences: vec!["sts.amazonaws.com".parse().unwrap()],
        bound_to: None,
        lifetime: Lifetime::MAX,
        now,
        jti: "j".to_owned(),
    };
    let key = world.clusters.signer(&cluster.arn, now).unwrap();
    let minted = oidc::mint(key, &request);
    minted.text().expose_str().unwrap().to_owned()
}

fn accepts(keys: &KeySet, token: &str, now: Timestamp) -> bool {
    let mut bytes = TokenBytes::default();
    let token = UnverifiedToken::parse(token, &mut bytes).unwrap();
    token.verify(keys, now).is_ok()
}

#[tokio::test]
async fn keys_turn_twenty_times_over_restarts_and_no_valid_token_is_refused() {
    let state = State::new().await;
    let begin = chance::now();
    let mut living: Vec<(Timestamp, String)> = Vec::new();
    let mut signers = std::collections::BTreeSet::new();
    // What a relying party fetched as long ago as it may keep it.
    let mut fetched = key_set(&state.start().await, begin);
    for step in 0..21 * 8_i64 {
        // A plane that was killed goes on where the store is.
        let worlds = state.start().await;
        let now = begin + SignedDuration::from_hours(step * 3);
        let before = now - PUBLISHED_BEFORE_USE + SignedDuration::from_secs(1);
        if step > 0 {
            turn(&worlds, DAILY, before).await.unwrap();
            fetched = key_set(&worlds, before);
        }
        turn(&worlds, DAILY, now).await.unwrap();
        let token = mint(&worlds, now);
        assert!(
            accepts(&fetched, &token, now),
            "step {step}: signed by a key too new"
        );
        signers.insert(key_of(&token));
        living.retain(|(expiry, _)| *expiry > now);
        living.push((now + SignedDuration::from_hours(24), token));
        let published = key_set(&worlds, now);
        for (_, token) in &living {
            assert!(
                accepts(&published, token, now),
                "step {step}: a living token"
            );
        }
        let kept = rows(&worlds.now(), now);
        assert!(kept.len() <= 3 + 6, "step {step}: {kept:?}");
    }
    assert!(signers.len() > 20, "{} keys signed", signers.len());
}

fn key_of(token: &str) -> String {
    let mut bytes = TokenBytes::default();
    let token = UnverifiedToken::parse(token, &mut bytes).unwrap();
    format!("{:?}", token.key_id())
}

#[tokio::test]
async fn a_turn_that_is_not_due_writes_nothing() {
    let worlds = State::new().await.start().await;
    let (now, revision) = (chance::now(), worlds.now().revision);
    turn(&worlds, Schedule::default(), now).await.unwrap();
    assert_eq!(worlds.now().revision, revision);
}

#[tokio::test]
async fn keys_are_turned_by_hand_until_there_are_too_many() {
    let worlds = State::new().await.start().await;
    let now = chance::now();
    let arn = own_clusters(&worlds.now()).remove(0);
    for _ in 1..eks::KEYS_MAX {
        rotate_cluster(&worlds, &arn, now).await.unwrap();
    }
    let refused = rotate_cluster(&worlds, &arn, now).await.unwrap_err();
    assert!(matches!(refused, Unturned::Signing(_)), "{refused}");
    rotate_sessions(&worlds, now).await.unwrap();
    let phases: Vec<_> = rows(&worlds.now(), now)
        .iter()
        .map(|row| row.phase)
        .collect();
    assert_eq!(phases.iter().filter(|phase| **phase == "active").count(), 2);
    assert_eq!(phases.iter().filter(|phase| **phase == "next").count(), 8);
}
