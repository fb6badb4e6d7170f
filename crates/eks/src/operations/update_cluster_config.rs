//! UpdateClusterConfig: one kind of change a call, done when it is answered.

use jiff::Timestamp;
use names::{ClusterArn, RequestId};
use serde_json::Value;
use store::Transaction;

use super::read_clusters::found;
use crate::error::EksError;
use crate::records::{cluster_key, write_cluster};
use crate::settings::{AuthenticationMode, LogSetup, Settings};
use crate::snapshot::Clusters;
use crate::update::{Update, UpdateKind};

/// What UpdateClusterConfig is asked; one of the families must be there, and only one.
#[derive(Debug, Clone, Default)]
pub struct ConfigChange {
    /// `resourcesVpcConfig.endpointPublicAccess`
    pub endpoint_public_access: Option<bool>,
    /// `resourcesVpcConfig.endpointPrivateAccess`
    pub endpoint_private_access: Option<bool>,
    /// `resourcesVpcConfig.publicAccessCidrs`
    pub public_access_cidrs: Option<Vec<String>>,
    /// `resourcesVpcConfig.subnetIds`
    pub subnet_ids: Option<Vec<String>>,
    /// `resourcesVpcConfig.securityGroupIds`
    pub security_group_ids: Option<Vec<String>>,
    /// `logging.clusterLogging`
    pub logging: Option<Vec<LogSetup>>,
    /// `accessConfig.authenticationMode`
    pub authentication_mode: Option<AuthenticationMode>,
    /// `upgradePolicy.supportType`
    pub support_type: Option<String>,
    /// `deletionProtection`
    pub deletion_protection: Option<bool>,
    /// `computeConfig`, `remoteNetworkConfig` and their like, by name.
    pub kept: Vec<(String, Value)>,
}

/// Changes a cluster's settings.
pub fn update_cluster_config(
    clusters: &Clusters,
    arn: &ClusterArn,
    change: &ConfigChange,
    id: &RequestId,
    now: Timestamp,
) -> Result<(Update, Transaction), EksError> {
    let there = found(clusters, arn)?;
    let kind = change.kind()?;
    let mut cluster = there.value.as_ref().clone();
    change.apply(kind, &mut cluster.settings)?;
    let update = Update {
        id: id.to_string(),
        kind,
        params: change.params(),
        created: now.as_second(),
    };
    cluster.remember(update.clone());
    let key = cluster_key(arn);
    let transaction = Transaction::new()
        .if_modified_at(key.clone(), there.revision)
        .put(key, write_cluster(&cluster));
    Ok((update, transaction))
}

impl ConfigChange {
    /// Which kind of change this is, if it is one.
    fn kind(&self) -> Result<UpdateKind, EksError> {
        let mut kinds = self.kinds();
        kinds.dedup();
        match kinds.as_slice() {
            [] => Err(EksError::NothingToUpdate),
            [kind] => Ok(*kind),
            [..] => Err(EksError::SeveralUpdates),
        }
    }

    fn kinds(&self) -> Vec<UpdateKind> {
        let endpoint = self.endpoint_public_access.is_some()
            || self.endpoint_private_access.is_some()
            || self.public_access_cidrs.is_some();
        let vpc = self.subnet_ids.is_some() || self.security_group_ids.is_some();
        let own = [
            (endpoint, UpdateKind::EndpointAccess),
            (vpc, UpdateKind::VpcConfig),
            (self.logging.is_some(), UpdateKind::Logging),
            (self.authentication_mode.is_some(), UpdateKind::AccessConfig),
            (self.support_type.is_some(), UpdateKind::UpgradePolicy),
            (
                self.deletion_protection.is_some(),
                UpdateKind::DeletionProtection,
            ),
        ];
        let own = own.into_iter().filter(|(is_asked, _)| *is_asked);
        let kept = self.kept.iter().filter_map(|(name, _)| kind_of(name));
        own.map(|(_, kind)| kind).chain(kept).collect()
    }

    fn apply(&self, kind: UpdateKind, settings: &mut Settings) -> Result<(), EksError> {
        let before = settings.clone();
        let vpc = &mut settings.resources_vpc_config;
        set(
            &mut vpc.endpoint_public_access,
            self.endpoint_public_access.as_ref(),
        );
        set(
            &mut vpc.endpoint_private_access,
            self.endpoint_private_access.as_ref(),
        );
        set(
            &mut vpc.public_access_cidrs,
            self.public_access_cidrs.as_ref(),
        );
        set(&mut vpc.subnet_ids, self.subnet_ids.as_ref());
        set(
            &mut vpc.security_group_ids,
            self.security_group_ids.as_ref(),
        );
        set(
            &mut settings.upgrade_policy.support_type,
            self.support_type.as_ref(),
        );
        set(
            &mut settings.deletion_protection,
            self.deletion_protection.as_ref(),
        );
        if let Some(rows) = &self.logging {
            settings.logging = settings.logging.with(rows);
        }
        if let Some(to) = self.authentication_mode {
            let from = settings.access_config.authentication_mode;
            if !from.may_become(to) {
                return Err(EksError::AuthenticationModeBack { from, to });
            }
            settings.access_config.authentication_mode = to;
        }
        settings.kept.extend(self.kept.iter().cloned());
        match *settings == before {
            true => Err(EksError::NoChange(no_change(kind, settings))),
            false => Ok(()),
        }
    }

    /// What was asked, as DescribeUpdate repeats it.
    fn params(&self) -> Vec<(String, String)> {
        let mut params = Vec::new();
        let mut tell = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                let text = value.as_str().map(str::to_owned);
                params.push((name.to_owned(), text.unwrap_or_else(|| value.to_string())));
            }
        };
        tell(
            "EndpointPublicAccess",
            self.endpoint_public_access.map(Value::from),
        );
        tell(
            "EndpointPrivateAccess",
            self.endpoint_private_access.map(Value::from),
        );
        tell(
            "PublicAccessCidrs",
            self.public_access_cidrs.clone().map(Value::from),
        );
        tell("Subnets", self.subnet_ids.clone().map(Value::from));
        tell(
            "SecurityGroups",
            self.security_group_ids.clone().map(Value::from),
        );
        let logging = self.logging.as_ref();
        tell(
            "ClusterLogging",
            logging.and_then(|rows| serde_json::to_value(rows).ok()),
        );
        let mode = self.authentication_mode.map(AuthenticationMode::as_str);
        tell("AuthenticationMode", mode.map(Value::from));
        tell("UpgradePolicy", self.support_type.clone().map(Value::from));
        tell(
            "DeletionProtection",
            self.deletion_protection.map(Value::from),
        );
        for (name, value) in &self.kept {
            tell(&capitalised(name), Some(value.clone()));
        }
        params
    }
}

fn set<T: Clone>(place: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        *place = value.clone();
    }
}

/// The kind of change that a kept setting is.
fn kind_of(setting: &str) -> Option<UpdateKind> {
    Some(match setting {
        "computeConfig" | "storageConfig" | "kubernetesNetworkConfig" => UpdateKind::AutoMode,
        "remoteNetworkConfig" => UpdateKind::RemoteNetworkConfig,
        "zonalShiftConfig" => UpdateKind::ZonalShiftConfig,
        "controlPlaneScalingConfig" => UpdateKind::ControlPlaneScalingConfig,
        "kubeApiServerConfig" | "kubeSchedulerConfig" | "kubeControllerManagerConfig" => {
            UpdateKind::ControlPlaneComponentConfig
        }
        _ => return None,
    })
}

/// EKS's sentences for a change that changes nothing.
fn no_change(kind: UpdateKind, settings: &Settings) -> String {
    let vpc = &settings.resources_vpc_config;
    match kind {
        UpdateKind::EndpointAccess => format!(
            "Cluster is already at the desired configuration with endpointPrivateAccess: {} , endpointPublicAccess: {}, and Public Endpoint Restrictions: [{}]",
            vpc.endpoint_private_access,
            vpc.endpoint_public_access,
            vpc.public_access_cidrs.join(", ")
        ),
        UpdateKind::Logging => "No changes needed for the logging config provided".to_owned(),
        UpdateKind::VpcConfig
        | UpdateKind::AccessConfig
        | UpdateKind::UpgradePolicy
        | UpdateKind::DeletionProtection
        | UpdateKind::AutoMode
        | UpdateKind::RemoteNetworkConfig
        | UpdateKind::ZonalShiftConfig
        | UpdateKind::ControlPlaneScalingConfig
        | UpdateKind::ControlPlaneComponentConfig => {
            "Cluster is already at the desired configuration".to_owned()
        }
    }
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
