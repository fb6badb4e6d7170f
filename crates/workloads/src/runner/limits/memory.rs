//! How much memory a container has: the pages of its own of its first process and all descendants.

use std::fs;
use std::time::Duration;

/// Between two looks.
const PERIOD: Duration = Duration::from_millis(500);

/// Most processes that are counted.
const PROCESSES_MAX: usize = 10_000;

/// Returns once a process and its descendants have more memory than a limit.
pub(super) async fn outgrown(first: i32, limit_bytes: u64) {
    let mut looks = tokio::time::interval(PERIOD);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if used_bytes(first) > limit_bytes {
            return;
        }
    }
}

fn used_bytes(first: i32) -> u64 {
    let (mut waiting, mut used, mut seen) = (vec![first], 0_u64, 0);
    while let Some(pid) = waiting.pop() {
        seen += 1;
        if seen > PROCESSES_MAX {
            break;
        }
        // A process that has just ended has none.
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        used = used.saturating_add(own_bytes(&status));
        waiting.extend(children(pid));
    }
    used
}

fn own_bytes(status: &str) -> u64 {
    let kilobytes = |line: &str| {
        let rest = line.strip_prefix("RssAnon:")?;
        rest.split_whitespace().next()?.parse::<u64>().ok()
    };
    status.lines().find_map(kilobytes).unwrap_or_default() * 1024
}

fn children(pid: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let listed =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let numbers = |text: String| -> Vec<i32> {
        let words = text.split_whitespace();
        words.filter_map(|word| word.parse().ok()).collect()
    };
    listed.flat_map(numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_a_process_own_count() {
        let status = "Name:\tx\nVmRSS:\t 900 kB\nRssAnon:\t   40 kB\nRssFile:\t 860 kB\n";
        assert_eq!(own_bytes(status), 40 * 1024);
        assert_eq!(own_bytes(""), 0);
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(used_bytes(own) > 0);
    }
}
