//! What clients of the API meet, request by request.

mod documents;
mod stage;
mod tables;
