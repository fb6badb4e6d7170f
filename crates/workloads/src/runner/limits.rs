//! What a container may use at most, and who sees to it: the kernel by a control group where one can
//! be made; else the runner, which looks at the memory now and then.

mod cgroup;
mod memory;

pub(crate) use cgroup::{Cgroups, Fence};

use crate::pod::{Container, Pod};
use crate::sandbox::{Running, Signals};
use objects::quantity::Quantity;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;

/// What a container may use at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) cpu_millis: Option<u64>,
}

impl Limits {
    pub(crate) fn of(container: &Container) -> Self {
        let limit = |name: &str, unit: &str| {
            let limit = Quantity::of(container.resources.limits.get(name)?)?;
            let count = limit.divided_by(Quantity::parse(unit)?);
            u64::try_from(count).ok().filter(|count| *count > 0)
        };
        Self {
            memory_bytes: limit("memory", "1"),
            cpu_millis: limit("cpu", "1m"),
        }
    }

    pub(crate) fn are_none(self) -> bool {
        self == Self::default()
    }
}

/// What does not hold of a Pod's limits where no control group can be made.
pub(crate) fn loosened(pod: &Pod, why: &str) -> Option<String> {
    let all = pod.spec.containers.iter().chain(&pod.spec.init_containers);
    let all: Vec<_> = all.map(Limits::of).collect();
    let has_memory = all.iter().any(|limits| limits.memory_bytes.is_some());
    let has_cpu = all.iter().any(|limits| limits.cpu_millis.is_some());
    let how = match (has_memory, has_cpu) {
        (false, false) => return None,
        (true, false) => "memory limits are looked at twice a second",
        (false, true) => "CPU limits do not hold",
        (true, true) => "memory limits are looked at twice a second, CPU limits do not hold",
    };
    Some(format!(
        "control groups are refused on this host ({why}): {how}"
    ))
}

/// Looks at a container's memory for as long as it runs.
pub(crate) struct Watch {
    looking: JoinHandle<()>,
    has_killed: Arc<AtomicBool>,
}

impl Watch {
    /// Kills the container once it has more than its limit.
    pub(crate) fn over(running: &Running, limit: u64) -> Self {
        let has_killed = Arc::new(AtomicBool::new(false));
        let (first, signals): (i32, Signals) = (running.pid, running.signals());
        let killed = Arc::clone(&has_killed);
        let looking = tokio::spawn(async move {
            memory::outgrown(first, limit).await;
            killed.store(true, Ordering::Release);
            signals.send(9);
        });
        Self {
            looking,
            has_killed,
        }
    }

    pub(crate) fn has_killed(&self) -> bool {
        self.has_killed.load(Ordering::Acquire)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pod(limits: Value) -> Pod {
        let container = json!({"name": "c", "resources": {"limits": limits}});
        Pod::read(&json!({"spec": {"containers": [container]}})).unwrap()
    }

    #[test]
    fn limits_are_bytes_and_thousandths_of_a_cpu() {
        for (limits, memory_bytes, cpu_millis) in [
            (json!({}), None, None),
            (json!({"memory": "64Mi"}), Some(64 << 20), None),
            (
                json!({"memory": 1000, "cpu": "250m"}),
                Some(1000),
                Some(250),
            ),
            (json!({"cpu": 2}), None, Some(2000)),
            (json!({"cpu": "0", "memory": "nonsense"}), None, None),
        ] {
            let found = Limits::of(&pod(limits).spec.containers[0]);
            let expected = Limits {
                memory_bytes,
                cpu_millis,
            };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_does_not_hold_is_said_and_only_that() {
        let told = |limits| loosened(&pod(limits), "why");
        assert_eq!(told(json!({})), None);
        let both = told(json!({"memory": "1Gi", "cpu": 1})).unwrap();
        assert!(
            both.contains("twice a second, CPU limits do not hold"),
            "{both}"
        );
        let memory = told(json!({"memory": "1Gi"})).unwrap();
        assert!(!memory.contains("CPU"), "{memory}");
    }
}
