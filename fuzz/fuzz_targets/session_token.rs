//! What strangers send as a session token or an encoded message does not open, and does no harm.
//! In the ordinary tests: `crates/sts/src/session_keys/tests.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use names::AccessKeyId;
use names::secret::Secret;
use sts::{EpochId, EpochKey, SessionKeys};

fuzz_target!(|text: &str| {
    let keys = SessionKeys::new(&[EpochKey {
        id: EpochId(0),
        active_from: jiff::Timestamp::UNIX_EPOCH,
        key: Secret::new(vec![7; 32]),
    }]);
    let (Ok(keys), Ok(id)) = (keys, "ASIAQAAAAAAAAAAAAAAA".parse::<AccessKeyId>()) else {
        return;
    };
    assert!(keys.open(&id, text).is_err());
    assert!(keys.open_message(text).is_err());
});
