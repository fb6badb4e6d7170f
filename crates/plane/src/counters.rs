//! What `/metrics` tells, in Prometheus's text format.
//!
//! A label has the values that the program knows: operations of the service models, hops of the
//! trail, outcomes. No name that a stranger sends becomes one.

mod duration;
mod memory;

use crate::journal::AuditLog;
use audit::{Finding, Hop, Record, Verdict};
use duration::Durations;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts requests, from the record of each.
#[derive(Debug)]
pub(crate) struct Counters {
    started: Timestamp,
    requests: HashMap<(&'static str, &'static str), Outcomes>,
    /// Requests whose operation is not known.
    unknown: Outcomes,
    denials: [AtomicU64; HOPS.len()],
    tokens_accepted: AtomicU64,
    tokens_refused: AtomicU64,
    durations: Durations,
    connections: AtomicUsize,
    unturned: AtomicU64,
}

/// Requests of one operation by their end.
#[derive(Debug, Default)]
struct Outcomes {
    ok: AtomicU64,
    /// The caller's fault.
    refused: AtomicU64,
    /// The plane's.
    failed: AtomicU64,
}

/// Where a request can be refused.
const HOPS: [Hop; 13] = [
    Hop::Route,
    Hop::Signature,
    Hop::Session,
    Hop::Token,
    Hop::Provider,
    Hop::Trust,
    Hop::Identity,
    Hop::Resource,
    Hop::Boundary,
    Hop::SessionPolicy,
    Hop::ServiceControl,
    Hop::ResourceControl,
    Hop::Operation,
];

impl Counters {
    pub(crate) fn new(started: Timestamp) -> Self {
        let operations = awswire::services().iter().flat_map(|service| {
            let operations = service.operations.iter();
            operations.map(|operation| ((service.name, operation.name), Outcomes::default()))
        });
        Self {
            started,
            requests: operations.collect(),
            unknown: Outcomes::default(),
            denials: Default::default(),
            tokens_accepted: AtomicU64::new(0),
            tokens_refused: AtomicU64::new(0),
            durations: Durations::default(),
            connections: AtomicUsize::new(0),
            unturned: AtomicU64::new(0),
        }
    }

    /// Counts a request.
    pub(crate) fn count(&self, record: &Record) {
        let source = record.event_source.as_str();
        let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
        let operation = self.requests.get(&(service, record.event_name.as_str()));
        operation.unwrap_or(&self.unknown).count(record);
        self.durations.count(record.duration_micros);
        if let Some(Finding { hop, .. }) = record.trail.refusal()
            && let Some(at) = HOPS.iter().position(|one| one == hop)
        {
            add(&self.denials[at]);
        }
        let of_token = |finding: &&Finding| finding.hop == Hop::Token;
        match record
            .trail
            .findings
            .iter()
            .find(of_token)
            .map(|one| one.verdict)
        {
            Some(Verdict::Passed) => add(&self.tokens_accepted),
            Some(Verdict::Refused) => add(&self.tokens_refused),
            Some(Verdict::Noted) | None => {}
        }
    }

    /// So many connections are open.
    pub(crate) fn set_connections(&self, open: usize) {
        self.connections.store(open, Ordering::Relaxed);
    }

    /// Keys were due and could not be turned; it is tried again.
    pub(crate) fn count_unturned(&self) {
        add(&self.unturned);
    }

    /// All of them, as text.
    pub(crate) fn render(&self, audit: &AuditLog) -> String {
        let mut text = String::with_capacity(4 * 1_024);
        // Writing to a string does not fail.
        let _ = self
            .render_requests(&mut text)
            .and_then(|()| self.render_hops(&mut text))
            .and_then(|()| self.durations.render(&mut text))
            .and_then(|()| self.render_state(audit, &mut text));
        text
    }

    fn render_requests(&self, text: &mut String) -> std::fmt::Result {
        begin(
            text,
            "rolecall_requests_total",
            "counter",
            "AWS requests by their end.",
        )?;
        let mut requests: Vec<_> = self.requests.iter().collect();
        requests.sort_unstable_by_key(|(name, _)| **name);
        for ((service, operation), outcomes) in requests {
            outcomes.render(service, operation, text)?;
        }
        self.unknown.render("unknown", "unknown", text)
    }

    fn render_hops(&self, text: &mut String) -> std::fmt::Result {
        begin(
            text,
            "rolecall_denials_total",
            "counter",
            "Refused requests by the hop that refused.",
        )?;
        for (hop, count) in HOPS.iter().zip(&self.denials) {
            let (hop, count) = (hop.as_str(), read(count));
            writeln!(text, "rolecall_denials_total{{hop=\"{hop}\"}} {count}")?;
        }
        begin(
            text,
            "rolecall_token_verifications_total",
            "counter",
            "Service account tokens looked at.",
        )?;
        for (outcome, count) in [
            ("ok", &self.tokens_accepted),
            ("refused", &self.tokens_refused),
        ] {
            let count = read(count);
            writeln!(
                text,
                "rolecall_token_verifications_total{{outcome=\"{outcome}\"}} {count}"
            )?;
        }
        Ok(())
    }

    fn render_state(&self, audit: &AuditLog, text: &mut String) -> std::fmt::Result {
        let open = self.connections.load(Ordering::Relaxed) as u64;
        let gauges = [
            (
                "rolecall_audit_unwritten_total",
                "counter",
                "Records that the disk refused.",
                audit.unwritten(),
            ),
            (
                "rolecall_audit_queue_bytes",
                "gauge",
                "Records that wait for the disk.",
                audit.waiting() as u64,
            ),
            (
                "rolecall_keys_unturned_total",
                "counter",
                "Times that keys were due and could not be turned.",
                read(&self.unturned),
            ),
            (
                "rolecall_connections",
                "gauge",
                "Open connections of the AWS port.",
                open,
            ),
            (
                "process_start_time_seconds",
                "gauge",
                "When the plane started.",
                self.started.as_second().unsigned_abs(),
            ),
            (
                "process_resident_memory_bytes",
                "gauge",
                "Memory in use.",
                memory::resident_bytes().unwrap_or(0),
            ),
        ];
        for (name, kind, help, value) in gauges {
            begin(text, name, kind, help)?;
            writeln!(text, "{name} {value}")?;
        }
        Ok(())
    }
}

impl Outcomes {
    fn count(&self, record: &Record) {
        add(match record.status {
            500.. => &self.failed,
            _ if record.is_refused() => &self.refused,
            _ => &self.ok,
        });
    }

    /// Operations that nobody asked for are left out.
    fn render(&self, service: &str, operation: &str, text: &mut String) -> std::fmt::Result {
        let outcomes = [
            ("ok", &self.ok),
            ("refused", &self.refused),
            ("failed", &self.failed),
        ];
        for (outcome, count) in outcomes {
            let count = read(count);
            if count > 0 {
                writeln!(
                    text,
                    "rolecall_requests_total{{service=\"{service}\",operation=\"{operation}\",outcome=\"{outcome}\"}} {count}"
                )?;
            }
        }
        Ok(())
    }
}

fn begin(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
