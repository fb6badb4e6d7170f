//! Time, and how busy the machine is.

use jiff::Timestamp;
use std::time::Instant;

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// The time that requests are signed for.
#[expect(
    clippy::disallowed_methods,
    reason = "a client signs for the time it sends at"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The system's load of the last minutes.
pub(crate) fn load_average() -> String {
    let read = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    read.split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The resident memory of a process, in kB.
pub(crate) fn resident_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The middle of some numbers.
pub(crate) fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
