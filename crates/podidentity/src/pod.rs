//! A Pod as it came, and what is added beside its containers.

use crate::container::Container;
use crate::patch::{Operation, escaped};
use crate::settings::TokenPlace;
use crate::wish::Wish;
use crate::{Reason, Settings, csv};
use serde_json::{Value, json};

/// Says that EKS Pod Identity was given; its domain is fixed.
const POD_IDENTITY_LABEL: &str = "eks.amazonaws.com/pod-identity";
/// With this label, of any value, a Pod is left alone.
const SKIP_LABEL: &str = "eks.amazonaws.com/skip-pod-identity-webhook";

/// A Pod's object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pod<'a>(pub(crate) &'a Value);

impl<'a> Pod<'a> {
    pub(crate) fn service_account(&self) -> &'a str {
        self.0["spec"]["serviceAccountName"]
            .as_str()
            .unwrap_or_default()
    }

    pub(crate) fn annotation(&self, settings: &Settings, name: &str) -> Option<&'a str> {
        let key = format!("{}/{name}", settings.annotation_prefix);
        self.0["metadata"]["annotations"].get(&key)?.as_str()
    }

    pub(crate) fn is_skipped(&self) -> bool {
        self.0["metadata"]["labels"].get(SKIP_LABEL).is_some()
    }

    /// By `spec.os`, or by where it must run.
    pub(crate) fn is_windows(&self) -> bool {
        let spec = &self.0["spec"];
        let places = ["kubernetes.io/os", "beta.kubernetes.io/os"];
        spec["os"]["name"] == "windows"
            || places
                .iter()
                .any(|place| spec["nodeSelector"][place] == "windows")
    }

    /// Init containers first.
    pub(crate) fn containers(&self) -> impl Iterator<Item = Container<'a>> {
        let spec = &self.0["spec"];
        ["initContainers", "containers"]
            .into_iter()
            .flat_map(move |list| {
                let items = spec[list].as_array().into_iter().flatten();
                items
                    .enumerate()
                    .map(move |(at, value)| Container { list, at, value })
            })
    }

    /// The containers that the Pod's own annotation excludes.
    pub(crate) fn skipped_containers(
        &self,
        settings: &Settings,
        reasons: &mut Vec<Reason>,
    ) -> Vec<String> {
        let Some(written) = self.annotation(settings, "skip-containers") else {
            return Vec::new();
        };
        let Some(names) = csv::record(written) else {
            reasons.push(Reason::SkipContainersUnreadable {
                value: written.to_owned(),
            });
            return Vec::new();
        };
        for name in &names {
            if !self.containers().any(|container| container.name() == name) {
                reasons.push(Reason::SkippedContainerUnknown { name: name.clone() });
            }
        }
        names
    }

    /// Marks the Pod as one of EKS Pod Identity's.
    pub(crate) fn label(&self) -> Option<Operation> {
        let labels = &self.0["metadata"]["labels"];
        if labels[POD_IDENTITY_LABEL] == "enabled" {
            return None;
        }
        if labels.is_object() {
            let path = format!("/metadata/labels/{}", escaped(POD_IDENTITY_LABEL));
            return Some(Operation::add(path, json!("enabled")));
        }
        let labels = json!({ POD_IDENTITY_LABEL: "enabled" });
        Some(Operation::add("/metadata/labels", labels))
    }

    /// The token's volume, when a container is to mount it or does already.
    pub(crate) fn volume(
        &self,
        wish: &Wish,
        place: &TokenPlace,
        is_wanted: bool,
        reasons: &mut Vec<Reason>,
    ) -> Option<Operation> {
        let volumes = self.0["spec"]["volumes"].as_array();
        let there = volumes
            .into_iter()
            .flatten()
            .find(|volume| volume["name"] == place.volume.as_str());
        if let Some(there) = there {
            if !projects_token(there, wish, place) {
                reasons.push(Reason::VolumeTaken {
                    name: place.volume.clone(),
                });
            }
            return None;
        }
        let is_mounted = || self.containers().any(|one| one.mounts(&place.volume));
        if !is_wanted && !is_mounted() {
            return None;
        }
        let volume = json!({
            "name": place.volume,
            "projected": { "sources": [{ "serviceAccountToken": {
                "audience": wish.audience,
                "expirationSeconds": wish.expiration_seconds,
                "path": place.file,
            } }] },
        });
        Some(match volumes {
            Some(_) => Operation::add("/spec/volumes/0", volume),
            None => Operation::add("/spec/volumes", json!([volume])),
        })
    }
}

/// Whether a volume of our name holds a token for our audience at our file's name.
fn projects_token(volume: &Value, wish: &Wish, place: &TokenPlace) -> bool {
    let sources = volume["projected"]["sources"].as_array();
    let tokens = sources.into_iter().flatten();
    tokens
        .map(|source| &source["serviceAccountToken"])
        .any(|token| {
            token["audience"] == wish.audience.as_str() && token["path"] == place.file.as_str()
        })
}
