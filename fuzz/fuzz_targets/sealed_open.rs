//! Bytes from a disk that anyone may have written to do not open as a secret, and do no harm.
//! In the ordinary tests: `crates/store/src/keyring.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use store::{Epoch, Keyring, RootKey, Sealed};

fuzz_target!(|bytes: &[u8]| {
    let keyring = Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]));
    let sealed = Sealed::from_bytes(bytes);
    assert!(
        keyring
            .open("eks/clusters/ci/signing-key", &sealed)
            .is_err()
    );
});
