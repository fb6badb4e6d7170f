//! The plane's edge, from outside: its beginning and end, and strangers' bytes on its port.

mod health;
mod http;
mod lifecycle;
mod stage;
mod tls;
