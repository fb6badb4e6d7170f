//! What `/metrics` counts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Requests by their end.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    allowed: AtomicU64,
    refused: AtomicU64,
    connections: AtomicUsize,
    unturned: AtomicU64,
}

impl Counters {
    pub(crate) fn count(&self, was_refused: bool) {
        let counter = if was_refused {
            &self.refused
        } else {
            &self.allowed
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// So many connections are open.
    pub(crate) fn set_connections(&self, open: usize) {
        self.connections.store(open, Ordering::Relaxed);
    }

    /// Keys were due and could not be turned; it is tried again.
    pub(crate) fn count_unturned(&self) {
        self.unturned.fetch_add(1, Ordering::Relaxed);
    }

    /// In Prometheus's text format.
    pub(crate) fn render(&self, unwritten: u64) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "# TYPE rolecall_requests_total counter\n\
             rolecall_requests_total{{outcome=\"ok\"}} {}\n\
             rolecall_requests_total{{outcome=\"refused\"}} {}\n\
             # TYPE rolecall_audit_unwritten_total counter\n\
             rolecall_audit_unwritten_total {unwritten}\n\
             # TYPE rolecall_keys_unturned_total counter\n\
             rolecall_keys_unturned_total {}\n",
            read(&self.allowed),
            read(&self.refused),
            read(&self.unturned),
        )
    }
}
