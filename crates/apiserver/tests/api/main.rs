//! What clients of the API meet, request by request.

mod deletions;
mod documents;
mod events;
mod kinds;
mod lists;
mod namespaces;
mod patches;
mod quotas;
mod services;
mod stage;
mod tables;
mod watches;
mod writes;
