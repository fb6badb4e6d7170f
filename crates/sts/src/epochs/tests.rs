use super::*;
use crate::session_keys::tests::irsa_session;
use crate::session_keys::{SessionCredentials, SessionRandom};
use store::{Change, Epoch, Revision, RootKey};

const NOW: i64 = 1_795_500_000;

fn keyring() -> Keyring {
    Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]))
}

fn random(n: u8) -> EpochRandom {
    EpochRandom {
        key: [n; 32],
        nonce: [n; NONCE_LENGTH],
    }
}

/// What a store would hold after these transactions.
#[derive(Default)]
struct Shelf(BTreeMap<Key, Entry>);

impl Shelf {
    fn commit(&mut self, transaction: Transaction) {
        for change in transaction.changes {
            match change {
                Change::Put(key, value) => {
                    let modified = Revision::new(1);
                    let entry = Entry {
                        key: key.clone(),
                        value,
                        created: modified,
                        modified,
                    };
                    self.0.insert(key, entry);
                }
                Change::Delete(key) => {
                    self.0.remove(&key);
                }
            }
        }
    }

    /// The epochs as a plane finds them that starts now.
    fn epochs(&self) -> Epochs {
        let entries: Vec<_> = self.0.values().cloned().collect();
        Epochs::load(&entries, &keyring()).unwrap()
    }
}

#[test]
fn epochs_turn_twenty_times_and_no_living_session_is_refused() {
    let mut shelf = Shelf::default();
    let begin: Timestamp = Timestamp::from_second(NOW).unwrap();
    shelf.commit(begin_epochs(&keyring(), random(0), begin));
    let mut living: Vec<(Timestamp, SessionCredentials)> = Vec::new();
    let (mut opened, mut turns) = (0, 0);
    for hour in 0..20 * 12_u8 {
        let now = begin + SignedDuration::from_hours(hour.into());
        if hour % 12 == 11 {
            let next = rotate_epoch(&shelf.epochs(), &keyring(), random(hour), now);
            shelf.commit(next.unwrap());
            turns += 1;
        }
        shelf.commit(forget_epochs(&shelf.epochs(), now));
        let epochs = shelf.epochs();
        let mut session = irsa_session();
        session.issued = now;
        session.expiry = now + SignedDuration::from_secs(SESSION_SECONDS_MAX);
        let random = SessionRandom {
            access_key: [hour; 5],
            nonce: [hour; 12],
        };
        living.push((session.expiry, epochs.keys().issue(&session, random)));
        living.retain(|(expiry, _)| *expiry > now);
        for (_, credentials) in &living {
            let token = credentials.session_token.expose_str().unwrap();
            let found = epochs.keys().open(&credentials.access_key_id, token);
            assert!(found.is_ok(), "at hour {hour}: {found:?}");
            opened += 1;
        }
        assert!(epochs.iter().count() <= 6, "old epochs are forgotten");
    }
    assert_eq!(turns, 20);
    assert!(opened > 5_000);
}

#[test]
fn an_epoch_is_known_before_it_seals_and_gone_when_its_last_session_is() {
    let mut shelf = Shelf::default();
    let begin: Timestamp = Timestamp::from_second(NOW).unwrap();
    shelf.commit(begin_epochs(&keyring(), random(1), begin));
    let next = rotate_epoch(&shelf.epochs(), &keyring(), random(2), begin).unwrap();
    shelf.commit(next);
    let from = begin + KNOWN_BEFORE_USE;
    assert_eq!(shelf.epochs().newest_from(), from);
    let second = SignedDuration::from_secs(1);
    let gone = from + KEPT_AFTER_USE;
    let forgets = |at| forget_epochs(&shelf.epochs(), at).changes.len();
    assert_eq!((forgets(gone - second), forgets(gone)), (0, 1));
}

#[test]
fn epochs_are_bounded_and_two_replicas_do_not_both_begin_one() {
    let mut shelf = Shelf::default();
    let begin: Timestamp = Timestamp::from_second(NOW).unwrap();
    shelf.commit(begin_epochs(&keyring(), random(0), begin));
    for n in 1..EPOCHS_MAX {
        let n = u8::try_from(n).unwrap();
        let next = rotate_epoch(&shelf.epochs(), &keyring(), random(n), begin);
        let next = next.unwrap();
        assert_eq!(next.compares.len(), 1);
        shelf.commit(next);
    }
    let refused = rotate_epoch(&shelf.epochs(), &keyring(), random(99), begin);
    let free_at = begin + KNOWN_BEFORE_USE + KEPT_AFTER_USE;
    assert_eq!(refused.unwrap_err(), TooManyEpochs { free_at });
}

#[test]
fn a_stored_epoch_reads_back_only_where_it_was_sealed() {
    let mut shelf = Shelf::default();
    shelf.commit(begin_epochs(&keyring(), random(1), Timestamp::UNIX_EPOCH));
    assert!(Epochs::load(&[], &keyring()).is_err());
    let mut entry = shelf.0.into_values().next().unwrap();
    entry.key = Key::new("epochs/2");
    let moved = Epochs::load(&[entry.clone()], &keyring()).unwrap_err();
    assert!(matches!(moved, UnreadableEpoch::Sealed { .. }), "{moved}");
    entry.value = br#"{"version":2,"active_from":0,"key":""}"#.as_slice().into();
    let newer = Epochs::load(&[entry], &keyring()).unwrap_err();
    assert!(matches!(newer, UnreadableEpoch::Format { .. }), "{newer}");
}
