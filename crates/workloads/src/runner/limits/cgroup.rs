//! Control groups of version 2: a folder for each container, in which the kernel holds its limits.

use super::Limits;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The time in microseconds of which a CPU limit is a share.
const PERIOD: u64 = 100_000;

/// What the kernel must be able to hold.
const CONTROLLERS: [&str; 2] = ["cpu", "memory"];

/// The control group of a runner.
#[derive(Debug)]
pub(crate) struct Cgroups(PathBuf);

/// The control group of one container; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Fence(PathBuf);

impl Cgroups {
    /// Makes the group of a runner, without what an earlier one has left in it.
    ///
    /// # Errors
    /// Why the kernel holds no limits here.
    pub(crate) fn make(name: &str) -> Result<Self, String> {
        let mounts = fs::read_to_string("/proc/self/mounts").map_err(|why| why.to_string())?;
        let top = hierarchy(&mounts).ok_or("no cgroup2 is mounted")?;
        Self::beneath(&top, name)
    }

    fn beneath(top: &Path, name: &str) -> Result<Self, String> {
        let has = |folder: &Path| {
            let known = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
            let is_known = |wanted: &&str| known.split_whitespace().any(|known| known == *wanted);
            CONTROLLERS.iter().all(is_known)
        };
        let lacking =
            |folder: &Path| format!("no cpu and memory controllers in `{}`", folder.display());
        if !has(top) {
            return Err(lacking(top));
        }
        let group = top.join(name);
        let failed = |why: io::Error| format!("`{}`: {why}", group.display());
        // A group that holds processes passes no controllers on; then the next one has none.
        let _ = pass_on(top);
        match fs::create_dir(&group) {
            Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(failed(why)),
            Ok(()) | Err(_) => {}
        }
        let cgroups = Self(group.clone());
        cgroups.clear();
        if !has(&cgroups.0) {
            return Err(lacking(&cgroups.0));
        }
        pass_on(&cgroups.0).map_err(failed)?;
        Ok(cgroups)
    }

    /// Makes the group of a container.
    pub(crate) fn fence(&self, id: &str, limits: Limits) -> io::Result<Fence> {
        let fence = Fence(self.0.join(id));
        fs::create_dir(&fence.0)?;
        for (file, value) in values(limits) {
            fs::write(fence.0.join(file), value)?;
        }
        Ok(fence)
    }

    /// Ends what runs in groups that are left, and removes them.
    fn clear(&self) {
        let left = fs::read_dir(&self.0).into_iter().flatten().flatten();
        for group in left.filter(|entry| entry.path().is_dir()) {
            drop(Fence(group.path()));
        }
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        self.clear();
        // A group that is in use stays for the next start.
        let _ = fs::remove_dir(&self.0);
    }
}

impl Fence {
    /// Where a process joins the group.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Whether the kernel has killed in it for want of memory.
    pub(crate) fn has_killed(&self) -> bool {
        let events = fs::read_to_string(self.0.join("memory.events")).unwrap_or_default();
        let count = |line: &str| line.strip_prefix("oom_kill ")?.trim().parse::<u64>().ok();
        events
            .lines()
            .find_map(count)
            .is_some_and(|count| count > 0)
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        // Both fail only where there is nothing left to do.
        let _ = fs::write(self.0.join("cgroup.kill"), "1");
        let _ = fs::remove_dir(&self.0);
    }
}

/// Lets the groups beneath have the controllers.
fn pass_on(group: &Path) -> io::Result<()> {
    let wanted = CONTROLLERS.map(|name| format!("+{name}")).join(" ");
    fs::write(group.join("cgroup.subtree_control"), wanted)
}

/// The files of a group, and what is written into them.
fn values(limits: Limits) -> Vec<(&'static str, String)> {
    let mut values = Vec::new();
    if let Some(bytes) = limits.memory_bytes {
        values.push(("memory.max", bytes.to_string()));
        values.push(("memory.swap.max", "0".to_owned()));
    }
    if let Some(millis) = limits.cpu_millis {
        let quota = millis.saturating_mul(PERIOD / 1000);
        values.push(("cpu.max", format!("{quota} {PERIOD}")));
    }
    values
}

/// Where version 2 is mounted.
fn hierarchy(mounts: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        (kind == "cgroup2").then(|| PathBuf::from(place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_written_as_the_kernel_reads_them() {
        let limits = Limits {
            memory_bytes: Some(64 << 20),
            cpu_millis: Some(250),
        };
        let expected = [
            ("memory.max", "67108864".to_owned()),
            ("memory.swap.max", "0".to_owned()),
            ("cpu.max", "25000 100000".to_owned()),
        ];
        assert_eq!(values(limits), expected);
        assert_eq!(values(Limits::default()), []);
    }

    #[test]
    fn the_hierarchy_is_where_it_is_mounted() {
        let mounts =
            "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(hierarchy(mounts), Some("/sys/fs/cgroup/unified".into()));
        assert_eq!(hierarchy("proc /proc proc rw 0 0\n"), None);
    }

    #[test]
    fn a_hierarchy_without_controllers_holds_nothing_and_says_so() {
        let top = tempfile::tempdir().unwrap();
        fs::write(top.path().join("cgroup.controllers"), "cpuset io\n").unwrap();
        let refused = Cgroups::beneath(top.path(), "rolecall").unwrap_err();
        assert!(
            refused.starts_with("no cpu and memory controllers"),
            "{refused}"
        );
        assert!(!top.path().join("rolecall").exists());
    }

    #[test]
    fn a_kill_for_want_of_memory_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let fence = Fence(folder.path().to_owned());
        assert!(!fence.has_killed());
        fs::write(
            folder.path().join("memory.events"),
            "low 0\noom 1\noom_kill 2\n",
        )
        .unwrap();
        assert!(fence.has_killed());
    }
}
