//! All that a container needs before its program starts.

use super::security::{capabilities, run_as};
use crate::pod::Container;
use crate::runner::command;
use crate::runner::env;
use crate::runner::image::{self, Image};
use crate::runner::limits::{Fence, Limits};
use crate::runner::live::Live;
use crate::runner::mounts;
use crate::runner::problem::Problem;
use crate::sandbox::{BindMount, Isolation, Launch, ProcessSpec};
use std::path::PathBuf;

/// Where a container may write its last words.
const MESSAGE_PATH: &str = "/dev/termination-log";

/// A container that only has to be started.
pub(super) struct Prepared {
    pub(super) launch: Launch,
    pub(super) image: Image,
    pub(super) message_file: PathBuf,
    /// What the kernel holds it by, where it does.
    pub(super) fence: Option<Fence>,
}

impl Live {
    pub(super) async fn prepare(
        &self,
        container: &Container,
        run: u32,
    ) -> Result<Prepared, Problem> {
        let pod = self.pod();
        let settings = &self.shared.settings;
        let image = self.image_of(container).await?;
        let run_as = run_as(&pod, container, &image)?;
        let sources = self.sources();
        let downward = self.downward(&pod);
        let mut env = env::environment(container, &downward, &sources, &image.config.env)?;
        if !env.iter().any(|(name, _)| name == "HOME") {
            env.push(("HOME".to_owned(), "/root".to_owned()));
        }
        let folder_of = |volume: &crate::pod::Volume| self.folder_of(volume);
        let mut binds = mounts::mounts(container, &pod.spec.volumes, folder_of, &env)?;
        let isolation = self.shared.granted().await.isolation;
        if isolation == Isolation::Plain {
            env = mounts::redirected(env, &binds);
        }
        let command = command::words(container, &image.config, &env)?;
        let message_file = self.message_file(container)?;
        binds.push(BindMount {
            volume: "termination-log".to_owned(),
            source: message_file.clone(),
            sub_path: None,
            target: message_path(container).into(),
            read_only: false,
        });
        let fence = self.fence(container, run)?;
        let working_dir = [&container.working_dir, &image.config.working_dir];
        let working_dir = working_dir.into_iter().find(|folder| !folder.is_empty());
        let context = &container.security_context;
        let launch = Launch {
            isolation,
            root: image.root.clone(),
            read_only_root: context.read_only_root_filesystem,
            hostname: self.hostname.clone(),
            stage: settings.stage(),
            hidden: settings.hidden.clone(),
            mounts: binds,
            process: ProcessSpec {
                command,
                env,
                working_dir: working_dir.map_or("/", String::as_str).into(),
                run_as,
                terminal: container.tty,
                capabilities: capabilities(context),
                no_new_privileges: context.allow_privilege_escalation == Some(false),
                cgroup: fence.as_ref().map(|fence| fence.folder().to_owned()),
            },
        };
        Ok(Prepared {
            launch,
            image,
            message_file,
            fence,
        })
    }

    /// The control group of a container that has limits, where groups can be made.
    fn fence(&self, container: &Container, run: u32) -> Result<Option<Fence>, Problem> {
        let limits = Limits::of(container);
        match &self.shared.cgroups {
            Ok(cgroups) if !limits.are_none() => {
                let id = format!("{}-{}-{run}", self.uid, container.name);
                let fence = cgroups.fence(&id, limits);
                let failed = |why: std::io::Error| Problem::Config(format!("control group: {why}"));
                fence.map(Some).map_err(failed)
            }
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// The container's image, unpacked if it was not yet.
    async fn image_of(&self, container: &Container) -> Result<Image, Problem> {
        let (name, images) = (container.image.clone(), self.shared.settings.images.clone());
        let _one_at_a_time = self.shared.unpacking.lock().await;
        let found = tokio::task::spawn_blocking(move || image::find(&name, &images)).await;
        found.unwrap_or_else(|error| Err(Problem::Image(error.to_string())))
    }

    fn message_file(&self, container: &Container) -> Result<PathBuf, Problem> {
        let folder = self
            .shared
            .settings
            .volatile
            .join(&self.uid)
            .join("messages");
        let file = folder.join(&container.name);
        let made = std::fs::create_dir_all(&folder).and_then(|()| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(&file, "")?;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666))
        });
        made.map_err(|error| Problem::Config(format!("termination log: {error}")))?;
        Ok(file)
    }
}

fn message_path(container: &Container) -> &str {
    match container.termination_message_path.as_str() {
        "" => MESSAGE_PATH,
        written => written,
    }
}
