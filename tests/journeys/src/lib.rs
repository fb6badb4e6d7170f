//! The journeys of users, walked with the real clients; each is a test in `tests/`.
