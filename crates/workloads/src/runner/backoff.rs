//! How long a container waits before it is started again.

use std::time::Duration;

/// The waits between starts: doubled each time, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second start after a failure.
    pub first: Duration,
    /// Never longer.
    pub longest: Duration,
}

impl Backoff {
    /// The kubelet's: ten seconds, doubled up to five minutes.
    pub const KUBELET: Self = Self {
        first: Duration::from_secs(10),
        longest: Duration::from_secs(300),
    };

    /// The wait before a restart: none before the first one.
    pub(crate) fn before(self, restart: u32) -> Duration {
        let Some(doublings) = restart.checked_sub(1) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first
            .checked_mul(factor)
            .map_or(self.longest, |wait| wait.min(self.longest))
    }

    /// Whether a run was long enough that the next failure counts as the first: twice the bound.
    pub(crate) fn is_forgotten_after(self, ran: Duration) -> bool {
        ran >= self.longest * 2
    }

    /// As the kubelet prints it: `10s`, `1m20s`, `5m0s`.
    pub(crate) fn spelt(wait: Duration) -> String {
        match (wait.as_secs() / 60, wait.as_secs() % 60) {
            (0, 0) => format!("{}ms", wait.as_millis()),
            (0, seconds) => format!("{seconds}s"),
            (minutes, seconds) => format!("{minutes}m{seconds}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_restart_is_at_once_and_the_next_waits_double_up_to_five_minutes() {
        let waits = (0..9).map(|restart| Backoff::KUBELET.before(restart).as_secs());
        assert_eq!(
            waits.collect::<Vec<_>>(),
            [0, 10, 20, 40, 80, 160, 300, 300, 300]
        );
        assert_eq!(Backoff::KUBELET.before(u32::MAX).as_secs(), 300);
    }

    #[test]
    fn ten_good_minutes_forgive() {
        assert!(!Backoff::KUBELET.is_forgotten_after(Duration::from_secs(599)));
        assert!(Backoff::KUBELET.is_forgotten_after(Duration::from_secs(600)));
    }

    #[test]
    fn waits_are_spelt_as_the_kubelet_spells_them() {
        for (seconds, expected) in [(10, "10s"), (80, "1m20s"), (300, "5m0s")] {
            assert_eq!(Backoff::spelt(Duration::from_secs(seconds)), expected);
        }
    }
}
