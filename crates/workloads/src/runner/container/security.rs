//! As whom a container runs, and what its root may do.

use crate::pod::{Container, Pod, SecurityContext};
use crate::runner::image::Image;
use crate::runner::problem::Problem;
use crate::sandbox::{Keep, RunAs};

/// What Docker lets a container's root do.
const CAPABILITIES: [&str; 14] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "KILL",
    "AUDIT_WRITE",
];

pub(super) fn run_as(pod: &Pod, container: &Container, image: &Image) -> Result<RunAs, Problem> {
    let (outer, inner) = (&pod.spec.security_context, &container.security_context);
    let uid = inner.run_as_user.or(outer.run_as_user).or(image.config.uid);
    let gid = inner
        .run_as_group
        .or(outer.run_as_group)
        .or(image.config.gid);
    let must_not_be_root = inner.run_as_non_root.or(outer.run_as_non_root);
    if must_not_be_root == Some(true) && uid.unwrap_or(0) == 0 {
        let why = if uid.is_some() {
            "container's runAsUser breaks non-root policy"
        } else {
            "container has runAsNonRoot and image will run as root"
        };
        let pod_name = format!(
            "{}_{}({})",
            pod.metadata.name, pod.metadata.namespace, pod.metadata.uid
        );
        let text = format!("{why} (pod: \"{pod_name}\", container: {})", container.name);
        return Err(Problem::Config(text));
    }
    let mut groups = outer.supplemental_groups.clone();
    groups.extend(outer.fs_group);
    Ok(RunAs {
        uid: uid.unwrap_or(0),
        gid: gid.unwrap_or(0),
        groups,
    })
}

pub(super) fn capabilities(context: &SecurityContext) -> Keep {
    if context.privileged {
        return Keep::All;
    }
    let (add, drop) = (&context.capabilities.add, &context.capabilities.drop);
    let bare = |name: &String| name.trim_start_matches("CAP_").to_uppercase();
    let (add, drop): (Vec<_>, Vec<_>) = (
        add.iter().map(bare).collect(),
        drop.iter().map(bare).collect(),
    );
    if add.iter().any(|name| name == "ALL") {
        return Keep::All;
    }
    let drops_all = drop.iter().any(|name| name == "ALL");
    let kept = CAPABILITIES.iter().map(|name| (*name).to_owned());
    let kept = kept.filter(|name| !drops_all && !drop.contains(name));
    Keep::Named(kept.chain(add.iter().cloned()).collect())
}
