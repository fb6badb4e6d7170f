//! What accounts do, over a real store and the picture kept from it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap here is a failed test")]

mod documents;
mod last_use;
mod layers;
mod ordinary;
mod organisation;
mod protected;
mod refusals;
mod reports;
mod snapshot;
mod target;
mod trust;
mod world;
