//! Controllers against an API in memory.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on says where by panicking; rows of data need no borrows"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test is at the edge: it has the clock"
)]

mod bench;
#[path = "../fake/mod.rs"]
mod fake;

mod cluster;
mod owners;
mod sets;
mod volumes;
