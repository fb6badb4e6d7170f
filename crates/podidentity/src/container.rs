//! What one container gets.

use crate::patch::Operation;
use crate::settings::TokenPlace;
use crate::wish::{Mode, Wish};
use crate::{Reason, Settings};
use serde_json::{Value, json};

const REGION: [&str; 2] = ["AWS_DEFAULT_REGION", "AWS_REGION"];
const REGIONAL_STS: &str = "AWS_STS_REGIONAL_ENDPOINTS";

/// A container of a Pod, and where it stands there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Container<'a> {
    pub(crate) list: &'static str,
    pub(crate) at: usize,
    pub(crate) value: &'a Value,
}

/// The two variables that only mean something together.
struct Pair<'a> {
    names: [&'static str; 2],
    values: [&'a str; 2],
}

impl<'a> Container<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.value["name"].as_str().unwrap_or_default()
    }

    /// Whether it mounts a volume.
    pub(crate) fn mounts(&self, volume: &str) -> bool {
        self.mount(|mount| mount["name"] == volume).is_some()
    }

    pub(crate) fn operations(
        &self,
        wish: &Wish,
        settings: &Settings,
        is_windows: bool,
        reasons: &mut Vec<Reason>,
    ) -> Vec<Operation> {
        let place = wish.place(settings);
        let file = token_file(place, is_windows);
        let pair = pair(wish, settings, &file);
        let defined: Vec<_> = pair
            .names
            .iter()
            .filter(|name| self.defines(name))
            .collect();
        if let [present] = defined[..] {
            reasons.push(Reason::HalfDefined {
                container: self.name().to_owned(),
                present,
                missing: pair.names[usize::from(*present == pair.names[0])],
            });
        }
        let has_region = REGION.iter().any(|name| self.defines(name));
        let has_sts = self.defines(REGIONAL_STS);
        if !defined.is_empty() && has_region && has_sts {
            return Vec::new();
        }
        let is_mounted = self.mounts(&place.volume);
        let taken_by = self.mount(|mount| mount["mountPath"] == place.mount_path.as_str());
        // Two mounts at one path make the API server refuse the Pod.
        if let (false, Some(other)) = (is_mounted, taken_by)
            && defined.is_empty()
        {
            reasons.push(Reason::MountPathTaken {
                container: self.name().to_owned(),
                path: place.mount_path.clone(),
                volume: other["name"].as_str().unwrap_or_default().to_owned(),
            });
            return Vec::new();
        }
        let mut env = Vec::new();
        if !has_sts && wish.regional_sts {
            env.push(variable(REGIONAL_STS, "regional"));
        }
        if let (false, Some(region)) = (has_region, &settings.region) {
            env.extend(REGION.map(|name| variable(name, region)));
        }
        if defined.is_empty() {
            let both = pair.names.iter().zip(pair.values);
            env.extend(both.map(|(name, value)| variable(name, value)));
        }
        let mut mounts = Vec::new();
        if !is_mounted && taken_by.is_none() {
            mounts.push(json!({
                "name": place.volume,
                "readOnly": true,
                "mountPath": place.mount_path,
            }));
        }
        let mut patch = self.append("env", env);
        patch.extend(self.append("volumeMounts", mounts));
        patch
    }

    fn append(&self, member: &str, items: Vec<Value>) -> Vec<Operation> {
        let path = format!("/spec/{}/{}/{member}", self.list, self.at);
        Operation::append(&path, self.value[member].is_array(), items)
    }

    /// By name alone: a value from elsewhere counts as well.
    fn defines(&self, name: &str) -> bool {
        let env = self.value["env"].as_array().into_iter().flatten();
        env.into_iter().any(|variable| variable["name"] == name)
    }

    fn mount(&self, wanted: impl Fn(&Value) -> bool) -> Option<&'a Value> {
        let mounts = self.value["volumeMounts"].as_array().into_iter().flatten();
        mounts.into_iter().find(|mount| wanted(mount))
    }
}

fn pair<'a>(wish: &'a Wish, settings: &'a Settings, file: &'a str) -> Pair<'a> {
    match &wish.mode {
        Mode::WebIdentity { role } => Pair {
            names: ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"],
            values: [role, file],
        },
        Mode::ContainerCredentials => Pair {
            names: [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            ],
            values: [&settings.pod_identity.full_uri, file],
        },
    }
}

/// The mount stays POSIX on Windows; what a program opens does not.
fn token_file(place: &TokenPlace, is_windows: bool) -> String {
    let path = place.file_path();
    if is_windows {
        return format!("C:{}", path.replace('/', "\\"));
    }
    path
}

fn variable(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}
