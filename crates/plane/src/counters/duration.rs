//! How long answers take, as a histogram.

use super::{add, begin, read};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// The upper bounds of the buckets, in microseconds.
const BOUNDS: [u64; 12] = [
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 100_000, 1_000_000, 10_000_000,
];

/// Counts durations by bucket.
#[derive(Debug, Default)]
pub(super) struct Durations {
    buckets: [AtomicU64; BOUNDS.len()],
    longer: AtomicU64,
    sum_micros: AtomicU64,
}

impl Durations {
    pub(super) fn count(&self, micros: u64) {
        let at = BOUNDS.partition_point(|bound| *bound < micros);
        add(self.buckets.get(at).unwrap_or(&self.longer));
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn render(&self, text: &mut String) -> std::fmt::Result {
        const NAME: &str = "rolecall_request_duration_seconds";
        begin(
            text,
            NAME,
            "histogram",
            "From a request's body to its answer.",
        )?;
        let mut all = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.buckets) {
            all += read(count);
            writeln!(text, "{NAME}_bucket{{le=\"{}\"}} {all}", seconds(*bound))?;
        }
        all += read(&self.longer);
        writeln!(text, "{NAME}_bucket{{le=\"+Inf\"}} {all}")?;
        writeln!(text, "{NAME}_sum {}", seconds(read(&self.sum_micros)))?;
        writeln!(text, "{NAME}_count {all}")
    }
}

/// Seconds to the microsecond, without a float's digits.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_in_its_bucket_and_those_above() {
        let durations = Durations::default();
        for micros in [10, 11, 99_999_999] {
            durations.count(micros);
        }
        let mut text = String::new();
        durations.render(&mut text).unwrap();
        for line in [
            "le=\"0.000010\"} 1",
            "le=\"0.000025\"} 2",
            "le=\"10.000000\"} 2",
            "le=\"+Inf\"} 3",
            "_sum 100.000020",
            "_count 3",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
