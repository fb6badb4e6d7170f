//! What a Pod is to get, from everything that may say so.

use crate::pod::Pod;
use crate::role::role;
use crate::settings::{EXPIRATION_SECONDS_MAX, EXPIRATION_SECONDS_MIN, TokenPlace};
use crate::sources::{ConfigMapEntries, Entry, PodIdentities};
use crate::{Reason, Settings};
use serde_json::{Map, Value};

/// The width of the spread of Pod Identity lifetimes, in seconds.
const SPREAD_SECONDS: i64 = 7_200;

/// What is known of a Pod's service account, and for all of them.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The Pod's service account.
    pub service_account: ServiceAccountLookup<'a>,
    /// Roles from the ConfigMap.
    pub config_map: &'a ConfigMapEntries,
    /// EKS Pod Identity associations.
    pub pod_identities: &'a PodIdentities,
    /// The operator's.
    pub settings: &'a Settings,
}

/// A service account as it was found.
#[derive(Debug, Clone, Copy)]
pub enum ServiceAccountLookup<'a> {
    /// There is none of that name.
    Absent,
    /// There is; its annotations, if it has any.
    Found(Option<&'a Map<String, Value>>),
}

impl<'a> ServiceAccountLookup<'a> {
    /// A service account's object.
    #[must_use]
    pub fn of(object: Option<&'a Value>) -> Self {
        object.map_or(Self::Absent, |object| {
            Self::Found(object["metadata"]["annotations"].as_object())
        })
    }

    fn annotation(&self, settings: &Settings, name: &str) -> Option<&'a str> {
        let Self::Found(annotations) = self else {
            return None;
        };
        let key = format!("{}/{name}", settings.annotation_prefix);
        annotations.as_ref()?.get(&key)?.as_str()
    }
}

/// How, and with what token.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) mode: Mode,
    pub(crate) audience: String,
    pub(crate) expiration_seconds: i64,
    pub(crate) regional_sts: bool,
}

/// By which variables a client finds its credentials.
#[derive(Debug)]
pub(crate) enum Mode {
    WebIdentity { role: String },
    ContainerCredentials,
}

impl Wish {
    /// `None`: the Pod gets nothing, for a reason that is said.
    pub(crate) fn of(
        pod: &Pod<'_>,
        namespace: &str,
        known: &Known<'_>,
        chance: u32,
        reasons: &mut Vec<Reason>,
    ) -> Option<Self> {
        let settings = known.settings;
        let account = pod.service_account();
        let entry = known.config_map.get(namespace, account);
        let annotated = known.service_account.annotation(settings, "role-arn");
        let annotated = annotated.filter(|value| !value.is_empty());
        let written = annotated.or(entry
            .map(|entry| entry.role.as_str())
            .filter(|role| !role.is_empty()));
        // The ConfigMap speaks for a service account that says nothing itself.
        let entry = if annotated.is_some() { None } else { entry };
        if known.pod_identities.holds(namespace, account) {
            if let Some(role) = written {
                reasons.push(Reason::PodIdentityWins {
                    role: role.to_owned(),
                });
            }
            return Some(Self::pod_identity(pod, known, entry, chance, reasons));
        }
        let Some(written) = written else {
            reasons.push(match known.service_account {
                ServiceAccountLookup::Absent => Reason::NoServiceAccount {
                    namespace: namespace.to_owned(),
                    name: account.to_owned(),
                },
                ServiceAccountLookup::Found(_) => Reason::NoRole {
                    namespace: namespace.to_owned(),
                    name: account.to_owned(),
                },
            });
            return None;
        };
        let audience = known
            .service_account
            .annotation(settings, "audience")
            .filter(|audience| !audience.is_empty())
            .or(entry.and_then(|entry| entry.audience.as_deref()))
            .unwrap_or(&settings.web_identity.audience);
        Some(Self {
            mode: Mode::WebIdentity {
                role: role(written, settings.compose.as_ref(), reasons),
            },
            audience: audience.to_owned(),
            expiration_seconds: expiration(pod, known, entry, reasons),
            regional_sts: regional_sts(known, entry),
        })
    }

    /// Where its token stands.
    pub(crate) fn place<'a>(&self, settings: &'a Settings) -> &'a TokenPlace {
        match self.mode {
            Mode::WebIdentity { .. } => &settings.web_identity,
            Mode::ContainerCredentials => &settings.pod_identity.token,
        }
    }

    fn pod_identity(
        pod: &Pod<'_>,
        known: &Known<'_>,
        entry: Option<&Entry>,
        chance: u32,
        reasons: &mut Vec<Reason>,
    ) -> Self {
        let mut expiration_seconds = expiration(pod, known, entry, reasons);
        if expiration_seconds == EXPIRATION_SECONDS_MAX {
            expiration_seconds -= i64::from(chance) % (SPREAD_SECONDS + 1);
        }
        Self {
            mode: Mode::ContainerCredentials,
            audience: known.settings.pod_identity.token.audience.clone(),
            expiration_seconds,
            regional_sts: regional_sts(known, entry),
        }
    }
}

/// The Pod's word beats the service account's, that beats the ConfigMap's, that beats the settings'.
fn expiration(
    pod: &Pod<'_>,
    known: &Known<'_>,
    entry: Option<&Entry>,
    reasons: &mut Vec<Reason>,
) -> i64 {
    let mut read = |written: Option<&str>| {
        let written = written?;
        let seconds = written.parse().ok();
        if seconds.is_none() {
            reasons.push(Reason::ExpirationUnreadable {
                value: written.to_owned(),
            });
        }
        seconds
    };
    let of_pod = read(pod.annotation(known.settings, "token-expiration"));
    let of_account = read(
        known
            .service_account
            .annotation(known.settings, "token-expiration"),
    );
    let asked: i64 = of_pod
        .or(of_account)
        .or(entry.and_then(|entry| entry.expiration_seconds))
        .unwrap_or(known.settings.expiration_seconds);
    let given = asked.clamp(EXPIRATION_SECONDS_MIN, EXPIRATION_SECONDS_MAX);
    if given != asked {
        reasons.push(Reason::ExpirationMoved { asked, given });
    }
    given
}

fn regional_sts(known: &Known<'_>, entry: Option<&Entry>) -> bool {
    known
        .service_account
        .annotation(known.settings, "sts-regional-endpoints")
        .and_then(go_bool)
        .or(entry.and_then(|entry| entry.regional_sts))
        .unwrap_or(known.settings.regional_sts)
}

/// As Go's `strconv.ParseBool` reads it.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
