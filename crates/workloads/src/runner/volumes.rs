//! Setting up a Pod's volumes, and keeping their files as they should be.

use super::env::Sources;
use super::files::{self, Tokens};
use super::live::Live;
use super::problem::Problem;
use super::rotation;
use super::volume_folder;
use crate::api::TokenAsk;
use crate::pod::{HostPath, TokenFile, Volume};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a token lives that says nothing.
const TOKEN_SECONDS: i64 = 3600;

/// How soon a token that could not be minted is asked for again.
const RETRY: Duration = Duration::from_secs(10);

/// The tokens that a Pod has now.
#[derive(Debug, Default)]
pub(crate) struct Minting {
    tokens: Mutex<BTreeMap<TokenFile, Held>>,
}

#[derive(Debug)]
struct Held {
    text: String,
    due: Timestamp,
}

impl Live {
    /// Makes every volume hold what it should.
    pub(crate) async fn set_up_volumes(&self) -> Result<(), Problem> {
        let pod = self.pod();
        for volume in &pod.spec.volumes {
            self.set_up(volume).await.map_err(|problem| {
                let name = &volume.name;
                Problem::Volume(format!(
                    "MountVolume.SetUp failed for volume \"{name}\" : {problem}"
                ))
            })?;
        }
        Ok(())
    }

    /// Keeps the files of the volumes: tokens before they end, the others when their source changes.
    pub(crate) async fn keep_volumes(&self) {
        let mut changes = self.shared.caches.changes();
        loop {
            let next = self.minting.next_due().await;
            let wait = next.map(|due| self.until(due));
            tokio::select! {
                () = sleep_or_never(wait) => {}
                more = changes.next() => if !more { return },
            }
            if self.set_up_volumes().await.is_err() {
                // What is missing now stays as it was; a token is asked for again soon.
                tokio::time::sleep(RETRY.min(self.shared.settings.backoff.first)).await;
            }
        }
    }

    fn until(&self, due: Timestamp) -> Duration {
        let wait = due.duration_since(self.shared.settings.now());
        Duration::try_from(wait).unwrap_or_default()
    }

    async fn set_up(&self, volume: &Volume) -> Result<(), Problem> {
        let folder = self.folder_of(volume);
        if let Some(host_path) = &volume.host_path {
            return check_host_path(host_path);
        }
        let failed = |error: io::Error| Problem::Volume(error.to_string());
        if let Some(claim) = &volume.persistent_volume_claim {
            let namespace = &self.pod().metadata.namespace;
            let claimed = self.shared.caches.claimed(namespace, &claim.claim_name)?;
            let is_new = !Path::new(&claimed.path).exists();
            check_host_path(&claimed)?;
            return match is_new {
                true => self.open_to_all(Path::new(&claimed.path)).map_err(failed),
                false => Ok(()),
            };
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        if volume.empty_dir.is_some() {
            return self.open_to_all(&folder).map_err(failed);
        }
        let tokens = self.tokens_of(volume).await?;
        let sources = self.sources();
        let Some(files) = files::files(volume, &self.downward(&self.pod()), &sources, &tokens)?
        else {
            return Err(Problem::Volume(
                "this kind of volume is not built".to_owned(),
            ));
        };
        let generation = self
            .shared
            .settings
            .now()
            .strftime("%Y_%m_%d_%H_%M_%S.%f")
            .to_string();
        volume_folder::write(&folder, &files, &generation).map_err(failed)?;
        Ok(())
    }

    fn open_to_all(&self, folder: &Path) -> io::Result<()> {
        fs::set_permissions(folder, Permissions::from_mode(0o777))?;
        if let Some(group) = self.pod().spec.security_context.fs_group {
            // Only root may give a folder to a group that is not its own.
            if std::os::unix::fs::chown(folder, None, Some(group)).is_ok() {
                fs::set_permissions(folder, Permissions::from_mode(0o2777))?;
            }
        }
        Ok(())
    }

    /// Where a volume lies on the host.
    pub(crate) fn folder_of(&self, volume: &Volume) -> PathBuf {
        if let Some(host_path) = &volume.host_path {
            return PathBuf::from(&host_path.path);
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            let namespace = &self.pod().metadata.namespace;
            let claimed = self.shared.caches.claimed(namespace, &claim.claim_name);
            // A claim that lost its volume has no folder, and its container does not start.
            return claimed
                .map(|claimed| claimed.path.into())
                .unwrap_or_default();
        }
        let settings = &self.shared.settings;
        let in_memory = volume
            .empty_dir
            .as_ref()
            .is_none_or(|dir| dir["medium"] == "Memory");
        let base = if in_memory {
            &settings.volatile
        } else {
            &settings.pods
        };
        base.join(&self.uid).join("volumes").join(&volume.name)
    }

    async fn tokens_of(&self, volume: &Volume) -> Result<Tokens, Problem> {
        let mut tokens = Tokens::new();
        let mut held = self.minting.tokens.lock().await;
        for file in files::token_files(volume) {
            let now = self.shared.settings.now();
            let fresh = held.get(file).filter(|held| held.due > now);
            let text = match fresh {
                Some(held) => held.text.clone(),
                None => {
                    let minted = self.mint(file).await?;
                    let text = minted.text.clone();
                    held.insert(file.clone(), minted);
                    text
                }
            };
            tokens.insert(file.clone(), text);
        }
        Ok(tokens)
    }

    async fn mint(&self, file: &TokenFile) -> Result<Held, Problem> {
        let pod = self.pod();
        let ask = TokenAsk {
            namespace: pod.metadata.namespace.clone(),
            service_account: pod.service_account().to_owned(),
            pod_name: pod.metadata.name.clone(),
            pod_uid: self.uid.clone(),
            audience: (!file.audience.is_empty()).then(|| file.audience.clone()),
            expiration_seconds: file.expiration_seconds.unwrap_or(TOKEN_SECONDS),
        };
        let now = self.shared.settings.now();
        let minted = self
            .shared
            .api
            .mint(ask)
            .await
            .map_err(|refused| Problem::Volume(format!("failed to fetch token: {refused}")))?;
        let text = minted.token.expose_str().unwrap_or_default().to_owned();
        let due = rotation::due(now, minted.expires);
        Ok(Held { text, due })
    }

    /// What environment and files are made from, as it is now.
    pub(crate) fn sources(&self) -> Sources {
        let pod = self.pod();
        let mut sources = self.shared.caches.sources(&pod.metadata.namespace);
        sources.api = self.shared.settings.api.clone();
        sources.variables = self.shared.settings.variables.clone();
        sources
    }
}

impl Minting {
    async fn next_due(&self) -> Option<Timestamp> {
        self.tokens.lock().await.values().map(|held| held.due).min()
    }
}

async fn sleep_or_never(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

fn check_host_path(host_path: &HostPath) -> Result<(), Problem> {
    let path = Path::new(&host_path.path);
    let failed = |what: &str| {
        let text = format!(
            "hostPath type check failed: {} is not a {what}",
            host_path.path
        );
        Err(Problem::Volume(text))
    };
    let made = |made: io::Result<()>| made.map_err(|error| Problem::Volume(error.to_string()));
    match host_path.kind.as_str() {
        "" if path.exists() => Ok(()),
        "" | "DirectoryOrCreate" if !path.exists() => made(fs::create_dir_all(path)),
        "FileOrCreate" if !path.exists() => made(fs::write(path, "")),
        "DirectoryOrCreate" | "Directory" if !path.is_dir() => failed("directory"),
        "FileOrCreate" | "File" if !path.is_file() => failed("file"),
        _ => Ok(()),
    }
}
