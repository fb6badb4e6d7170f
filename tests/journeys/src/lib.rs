//! The journeys of users, walked with the real clients; each is a test in `tests/`, and what several of
//! them do is here.

mod cluster;
mod terminal;
pub mod transcript;

pub use cluster::{Cluster, eventually};
pub use terminal::typed;
