//! The heads of a connection's requests are seen alike in whatever parts they come; never a panic.
//! In the ordinary tests: `crates/plane/src/connections/head.rs`.
#![no_main]

use head::{HeadFault, HeadScan, SeenHead};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/plane/src/connections/head.rs"]
#[expect(dead_code, reason = "the connection asks more of it than the check")]
mod head;
#[path = "../../crates/plane/src/connections/head/holds.rs"]
mod holds;

fuzz_target!(|input: (u8, &[u8])| {
    let (part, bytes) = input;
    holds::holds(bytes, usize::from(part));
});
