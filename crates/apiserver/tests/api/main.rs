//! What clients of the API meet, request by request.

mod deletions;
mod documents;
mod lists;
mod patches;
mod stage;
mod tables;
mod watches;
mod writes;
