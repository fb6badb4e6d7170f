//! Measures in one run, so that another program on the machine makes every number larger and leaves
//! the ratios.

pub mod clock;
pub mod program;
pub mod server;

use std::time::{Duration, Instant};

/// How long one batch of calls should take.
const BATCH: Duration = Duration::from_millis(2);
/// How many batches are measured.
const BATCHES: usize = 101;

/// Nanoseconds that a call takes: the median of many batches.
pub fn median(mut call: impl FnMut()) -> f64 {
    let calls = calls_of_a_batch(&mut call);
    let mut costs: Vec<_> = (0..BATCHES).map(|_| batch(&mut call, calls)).collect();
    costs.sort_by(f64::total_cmp);
    costs[BATCHES / 2]
}

/// Doubles the calls until a batch is long enough to be measured.
fn calls_of_a_batch(call: &mut impl FnMut()) -> u32 {
    let mut calls = 1;
    while f64::from(calls) * batch(call, calls) < BATCH.as_nanos() as f64 {
        calls *= 2;
    }
    calls
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark looks at the clock; nothing that is decided does"
)]
fn batch(call: &mut impl FnMut(), calls: u32) -> f64 {
    let start = Instant::now();
    (0..calls).for_each(|_| call());
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}
