//! The bounds on what strangers may send.

/// Bytes of a request body. A policy document of 131,072 characters, each percent-encoded, fits.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Parameters of a form.
pub const PARAMETERS_MAX: usize = 10_000;

/// Nesting of an answer that the client reads. Shapes bound the nesting of requests.
pub const DEPTH_MAX: usize = 64;
