//! Time, and how busy the machine is.

use jiff::Timestamp;
use std::time::Instant;

/// Linux tells times of processes in hundredths of seconds.
const TICKS_PER_SECOND: f64 = 100.0;

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub fn instant() -> Instant {
    Instant::now()
}

/// The time that requests are signed for.
#[expect(
    clippy::disallowed_methods,
    reason = "a client signs for the time it sends at"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The system's load of the last minutes.
pub fn load_average() -> String {
    let read = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    read.split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The resident memory of a process, in kB.
pub fn resident_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The time that a process has worked so far, in user and kernel, in milliseconds.
#[must_use]
pub fn cpu_millis(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name, in brackets, may hold blanks; user and system time are the 14th and 15th field.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(11).take(2);
    let ticks: f64 = fields.filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks * 1_000.0 / TICKS_PER_SECOND
}

/// The middle of some numbers.
pub fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
