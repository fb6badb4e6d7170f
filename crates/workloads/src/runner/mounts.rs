//! Which of a Pod's volumes a container sees, and where.

use super::env::expand;
use super::problem::Problem;
use crate::pod::{Container, Volume, VolumeMount};
use crate::sandbox::{BindMount, StartFailure};
use std::path::{Path, PathBuf};

/// The mounts of a container: outer folders before inner ones.
pub(crate) fn mounts(
    container: &Container,
    volumes: &[Volume],
    folder_of: impl Fn(&Volume) -> PathBuf,
    env: &[(String, String)],
) -> Result<Vec<BindMount>, Problem> {
    let mut mounts = Vec::new();
    for wanted in &container.volume_mounts {
        let volume = volumes.iter().find(|volume| volume.name == wanted.name);
        let volume = volume.ok_or_else(|| {
            Problem::Config(format!("volume \"{}\" not found in pod", wanted.name))
        })?;
        let is_fixed = match &volume.persistent_volume_claim {
            Some(claim) => claim.read_only,
            None => volume.empty_dir.is_none() && volume.host_path.is_none(),
        };
        mounts.push(BindMount {
            volume: wanted.name.clone(),
            source: folder_of(volume),
            sub_path: sub_path(wanted, env)?,
            target: PathBuf::from(&wanted.mount_path),
            read_only: wanted.read_only || is_fixed,
        });
    }
    mounts.sort_by_key(|mount| mount.target.components().count());
    Ok(mounts)
}

fn sub_path(wanted: &VolumeMount, env: &[(String, String)]) -> Result<Option<PathBuf>, Problem> {
    let known = |name: &str| {
        let mut env = env.iter();
        env.find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let text = if wanted.sub_path_expr.is_empty() {
        wanted.sub_path.clone()
    } else {
        expand(&wanted.sub_path_expr, known)
    };
    if text.is_empty() {
        return Ok(None);
    }
    let path = Path::new(&text);
    if path.is_absolute() || path.iter().any(|part| part == "..") {
        return Err(Problem::Start(StartFailure::SubPath {
            volume: wanted.name.clone(),
            reason: "must not be an absolute path or contain '..'".to_owned(),
        }));
    }
    Ok(Some(path.to_owned()))
}

/// Where there are no mounts, a variable that names a path beneath one is pointed to where the volume
/// really lies, so that a program finds its token all the same.
pub(crate) fn redirected(
    env: Vec<(String, String)>,
    mounts: &[BindMount],
) -> Vec<(String, String)> {
    let redirect = |value: String| {
        let innermost = mounts.iter().rev().find_map(|mount| {
            let inside = Path::new(&value).strip_prefix(&mount.target).ok()?;
            let source = match &mount.sub_path {
                Some(sub_path) => mount.source.join(sub_path),
                None => mount.source.clone(),
            };
            let found = if inside.as_os_str().is_empty() {
                source
            } else {
                source.join(inside)
            };
            Some(found.to_string_lossy().into_owned())
        });
        innermost.unwrap_or(value)
    };
    env.into_iter()
        .map(|(name, value)| (name, redirect(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    fn mounts_of(mounts: &Value) -> Result<Vec<BindMount>, Problem> {
        let container = json!({"name": "c", "volumeMounts": mounts});
        let container = Container::deserialize(container).unwrap();
        let volumes = json!([
            {"name": "data", "emptyDir": {}},
            {"name": "conf", "configMap": {"name": "app"}},
            {"name": "disk", "persistentVolumeClaim": {"claimName": "c"}},
            {"name": "disc", "persistentVolumeClaim": {"claimName": "c", "readOnly": true}},
        ]);
        let volumes = Vec::<Volume>::deserialize(volumes).unwrap();
        let env = [("WHO".to_owned(), "me".to_owned())];
        super::mounts(
            &container,
            &volumes,
            |volume| Path::new("/v").join(&volume.name),
            &env,
        )
    }

    #[test]
    fn outer_folders_are_mounted_first_and_data_is_read_only() {
        let found = mounts_of(&json!([
            {"name": "conf", "mountPath": "/a/b"},
            {"name": "data", "mountPath": "/a", "subPathExpr": "home/$(WHO)"},
        ]));
        let [outer, inner] = found.unwrap().try_into().unwrap();
        assert_eq!(
            (outer.target.to_str(), outer.read_only),
            (Some("/a"), false)
        );
        assert_eq!(outer.sub_path.unwrap().to_str(), Some("home/me"));
        assert_eq!(
            (inner.target.to_str(), inner.read_only),
            (Some("/a/b"), true)
        );
    }

    #[test]
    fn a_claim_is_written_to_unless_it_is_read_only() {
        for (name, is_read_only) in [("disk", false), ("disc", true)] {
            let found = mounts_of(&json!([{"name": name, "mountPath": "/a"}])).unwrap();
            assert_eq!(found[0].read_only, is_read_only, "{name}");
        }
    }

    #[test]
    fn a_sub_path_with_dots_or_from_the_root_is_refused() {
        for sub_path in ["../x", "a/../../x", "/etc"] {
            let mount = json!([{"name": "data", "mountPath": "/a", "subPath": sub_path}]);
            let refused = mounts_of(&mount).unwrap_err();
            assert_eq!(refused.reason(), "CreateContainerConfigError");
            let text = refused.to_string();
            assert!(
                text.starts_with("failed to prepare subPath for volumeMount"),
                "{text}"
            );
        }
    }

    #[test]
    fn without_mounts_a_variable_points_to_where_the_volume_lies() {
        let mounts = mounts_of(&json!([{"name": "conf", "mountPath": "/etc/app"}])).unwrap();
        let env = [
            ("A", "/etc/app/token"),
            ("B", "/etc/app"),
            ("C", "/etc/apple"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values: Vec<_> = redirected(env.into(), &mounts)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, ["/v/conf/token", "/v/conf", "/etc/apple"]);
    }
}
