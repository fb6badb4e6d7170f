//! When a Pod counts as available: once it has been ready for as long as its owner wants.

use crate::object;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// How long the Pods of an object must have been ready, and what the time is.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadyFor {
    at_least: SignedDuration,
    now: Timestamp,
}

impl ReadyFor {
    /// As an object's `minReadySeconds` wants it.
    pub(super) fn of(owner: &Value, now: Timestamp) -> Self {
        let seconds = object::number(owner, "/spec/minReadySeconds");
        Self {
            at_least: SignedDuration::from_secs(seconds),
            now,
        }
    }

    /// Whether a Pod is available; one that goes is not.
    pub(super) fn is_available(self, pod: &Value) -> bool {
        is_ready(pod) && self.left(pod) <= SignedDuration::ZERO
    }

    /// When the next of these Pods becomes available, if none of them changes meanwhile.
    pub(super) fn next<'p>(self, pods: impl IntoIterator<Item = &'p Value>) -> Option<Duration> {
        let ready = pods.into_iter().filter(|pod| is_ready(pod));
        let left = ready.map(|pod| self.left(pod));
        let left = left.filter(|left| *left > SignedDuration::ZERO).min()?;
        Duration::try_from(left).ok()
    }

    /// How much longer a Pod that is ready must be.
    fn left(self, pod: &Value) -> SignedDuration {
        if self.at_least.is_zero() {
            return SignedDuration::ZERO;
        }
        let mut conditions = object::items(pod, "/status/conditions").iter();
        let ready = conditions.find(|condition| condition["type"] == "Ready");
        let since = ready.map(|ready| object::text(ready, "/lastTransitionTime"));
        let since = since.and_then(|since| since.parse::<Timestamp>().ok());
        // Who does not say since when it is ready has just become it.
        let has_been = self.now.duration_since(since.unwrap_or(self.now));
        self.at_least - has_been
    }
}

/// Whether a Pod is ready, and stays.
pub(super) fn is_ready(pod: &Value) -> bool {
    object::condition(pod, "Ready") == "True" && !object::is_being_deleted(pod)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pod_is_available_once_it_has_been_ready_long_enough() {
        let now = Timestamp::from_second(100).unwrap();
        let pod = |ready: &str, since: i64| {
            let since = Timestamp::from_second(since).unwrap().to_string();
            let ready = json!({"type": "Ready", "status": ready, "lastTransitionTime": since});
            json!({"status": {"conditions": [ready]}})
        };
        for (seconds, pod, is_available, next) in [
            (0, pod("True", 100), true, None),
            (0, pod("False", 0), false, None),
            (10, pod("True", 90), true, None),
            (10, pod("True", 91), false, Some(1)),
            (10, pod("True", 100), false, Some(10)),
            (10, pod("False", 0), false, None),
        ] {
            let owner = json!({"spec": {"minReadySeconds": seconds}});
            let ready_for = ReadyFor::of(&owner, now);
            assert_eq!(
                ready_for.is_available(&pod),
                is_available,
                "{seconds} {pod}"
            );
            assert_eq!(
                ready_for.next([&pod]),
                next.map(Duration::from_secs),
                "{seconds} {pod}"
            );
        }
    }
}
