//! The newest denials in full, in a bounded part of the memory.

use crate::Authorization;
use names::AuthorizationId;
use std::collections::VecDeque;

/// Bytes of the denials that are kept by default.
pub const AUTHORIZATIONS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Keeps the newest denials for who asks about them.
#[derive(Debug)]
pub struct Authorizations {
    kept: VecDeque<Authorization>,
    bytes: usize,
    bytes_max: usize,
}

impl Authorizations {
    /// A memory of so many bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Keeps a denial, and lets the oldest go where there is no more room.
    pub fn keep(&mut self, authorization: Authorization) {
        self.bytes += authorization.cost();
        self.kept.push_back(authorization);
        while self.bytes > self.bytes_max {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= oldest.cost();
        }
    }

    /// The denial of that id.
    #[must_use]
    pub fn find(&self, id: &AuthorizationId) -> Option<&Authorization> {
        self.kept.iter().rev().find(|kept| kept.id == *id)
    }
}

impl Default for Authorizations {
    fn default() -> Self {
        Self::new(AUTHORIZATIONS_BYTES_MAX)
    }
}
