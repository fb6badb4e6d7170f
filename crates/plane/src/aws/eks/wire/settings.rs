//! The settings of a cluster, as CreateCluster and UpdateClusterConfig name them.

use super::{cluster_name, refused};
use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::{ConfigChange, NewCluster};
use eks::{
    AccessConfig, AuthenticationMode, EksError, EncryptionConfig, EncryptionProvider, LogSetup,
    NetworkConfig, Settings,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Reads CreateCluster.
pub(crate) fn new_cluster(asked: dto::CreateClusterRequest) -> Result<NewCluster, AwsError> {
    refuse_unbuilt(&[
        ("outpostConfig", asked.outpost_config.is_some()),
        (
            "kubeApiServerConfig",
            asked.kube_api_server_config.is_some(),
        ),
        ("kubeSchedulerConfig", asked.kube_scheduler_config.is_some()),
        (
            "kubeControllerManagerConfig",
            asked.kube_controller_manager_config.is_some(),
        ),
    ])?;
    let role = asked.role_arn.parse();
    let role = role.map_err(|_| refused(EksError::NotARole(asked.role_arn.clone())))?;
    let mut settings = Settings::default();
    set_vpc(&asked.resources_vpc_config, &mut settings);
    if let Some(network) = &asked.kubernetes_network_config {
        settings.kubernetes_network_config = network_config(network)?;
    }
    if let Some(rows) = log_rows(asked.logging) {
        settings.logging = settings.logging.with(&rows);
    }
    if let Some(access) = asked.access_config {
        settings.access_config = access_config(&access);
    }
    if let Some(policy) = asked.upgrade_policy {
        set(
            &mut settings.upgrade_policy.support_type,
            policy.support_type,
        );
    }
    let encryption = asked.encryption_config.unwrap_or_default();
    settings.encryption_config = encryption.into_iter().map(encryption_config).collect();
    set(&mut settings.deletion_protection, asked.deletion_protection);
    settings.kept.extend(kept(
        asked.zonal_shift_config.as_ref(),
        asked.compute_config.as_ref(),
        asked.storage_config.as_ref(),
        asked.remote_network_config.as_ref(),
        asked.control_plane_scaling_config.as_ref(),
    ));
    Ok(NewCluster {
        name: cluster_name(&asked.name)?,
        version: asked.version,
        role: Some(role),
        settings,
        tags: asked.tags.unwrap_or_default(),
        client_request_token: asked.client_request_token,
        issuer: None,
        endpoint: None,
    })
}

fn network_config(asked: &dto::KubernetesNetworkConfigRequest) -> Result<NetworkConfig, AwsError> {
    refuse_unbuilt(&[("ipFamily ipv6", asked.ip_family.as_deref() == Some("ipv6"))])?;
    let mut network = NetworkConfig::default();
    let block = asked.service_ipv4_cidr.as_deref().map(str::parse);
    set(
        &mut network.service_ipv4_cidr,
        block.transpose().map_err(refused)?,
    );
    Ok(network)
}

/// Reads UpdateClusterConfig.
pub(crate) fn config_change(
    asked: dto::UpdateClusterConfigRequest,
) -> Result<ConfigChange, AwsError> {
    refuse_unbuilt(&[
        (
            "kubernetesNetworkConfig",
            asked.kubernetes_network_config.is_some(),
        ),
        (
            "kubeApiServerConfig",
            asked.kube_api_server_config.is_some(),
        ),
        ("kubeSchedulerConfig", asked.kube_scheduler_config.is_some()),
        (
            "kubeControllerManagerConfig",
            asked.kube_controller_manager_config.is_some(),
        ),
    ])?;
    let vpc = asked.resources_vpc_config.unwrap_or_default();
    let mode = asked
        .access_config
        .and_then(|access| access.authentication_mode);
    Ok(ConfigChange {
        endpoint_public_access: vpc.endpoint_public_access,
        endpoint_private_access: vpc.endpoint_private_access,
        public_access_cidrs: vpc.public_access_cidrs,
        subnet_ids: vpc.subnet_ids,
        security_group_ids: vpc.security_group_ids,
        logging: log_rows(asked.logging),
        authentication_mode: mode.as_deref().and_then(authentication_mode),
        support_type: asked.upgrade_policy.and_then(|policy| policy.support_type),
        deletion_protection: asked.deletion_protection,
        kept: kept(
            asked.zonal_shift_config.as_ref(),
            asked.compute_config.as_ref(),
            asked.storage_config.as_ref(),
            asked.remote_network_config.as_ref(),
            asked.control_plane_scaling_config.as_ref(),
        )
        .into_iter()
        .collect(),
    })
}

fn kept(
    zonal_shift: Option<&dto::ZonalShiftConfigRequest>,
    compute: Option<&dto::ComputeConfigRequest>,
    storage: Option<&dto::StorageConfigRequest>,
    remote: Option<&dto::RemoteNetworkConfigRequest>,
    scaling: Option<&dto::ControlPlaneScalingConfig>,
) -> BTreeMap<String, Value> {
    let block = |storage: &dto::StorageConfigRequest| {
        let block = storage.block_storage.as_ref();
        json!({"blockStorage": {"enabled": block.and_then(|block| block.enabled)}})
    };
    let rows = [
        (
            "zonalShiftConfig",
            zonal_shift.map(|shift| json!({"enabled": shift.enabled})),
        ),
        (
            "computeConfig",
            compute.map(|compute| {
                json!({
                    "enabled": compute.enabled,
                    "nodePools": compute.node_pools,
                    "nodeRoleArn": compute.node_role_arn,
                })
            }),
        ),
        ("storageConfig", storage.map(block)),
        ("remoteNetworkConfig", remote.map(remote_networks)),
        (
            "controlPlaneScalingConfig",
            scaling.map(|scaling| json!({"tier": scaling.tier})),
        ),
    ];
    let rows = rows.into_iter();
    rows.filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

fn remote_networks(remote: &dto::RemoteNetworkConfigRequest) -> Value {
    let nodes = remote.remote_node_networks.iter().flatten();
    let pods = remote.remote_pod_networks.iter().flatten();
    let nodes: Vec<_> = nodes
        .filter_map(|row| row.cidrs.clone())
        .flatten()
        .collect();
    let pods: Vec<_> = pods.filter_map(|row| row.cidrs.clone()).flatten().collect();
    json!({"nodes": nodes, "pods": pods})
}

fn set_vpc(asked: &dto::VpcConfigRequest, settings: &mut Settings) {
    let vpc = &mut settings.resources_vpc_config;
    set(&mut vpc.subnet_ids, asked.subnet_ids.clone());
    set(
        &mut vpc.security_group_ids,
        asked.security_group_ids.clone(),
    );
    set(
        &mut vpc.endpoint_public_access,
        asked.endpoint_public_access,
    );
    set(
        &mut vpc.endpoint_private_access,
        asked.endpoint_private_access,
    );
    set(
        &mut vpc.public_access_cidrs,
        asked.public_access_cidrs.clone(),
    );
    vpc.control_plane_egress_mode
        .clone_from(&asked.control_plane_egress_mode);
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn log_rows(logging: Option<dto::Logging>) -> Option<Vec<LogSetup>> {
    let rows = logging?.cluster_logging?.into_iter();
    let rows = rows.map(|row| LogSetup {
        types: row.types.unwrap_or_default(),
        enabled: row.enabled.unwrap_or_default(),
    });
    Some(rows.collect())
}

fn access_config(asked: &dto::CreateAccessConfigRequest) -> AccessConfig {
    let default = AccessConfig::default();
    let mode = asked.authentication_mode.as_deref();
    AccessConfig {
        bootstrap_cluster_creator_admin_permissions: asked
            .bootstrap_cluster_creator_admin_permissions
            .unwrap_or(default.bootstrap_cluster_creator_admin_permissions),
        authentication_mode: mode
            .and_then(authentication_mode)
            .unwrap_or(default.authentication_mode),
    }
}

fn authentication_mode(text: &str) -> Option<AuthenticationMode> {
    use AuthenticationMode::{Api, ApiAndConfigMap, ConfigMap};
    let mut modes = [ConfigMap, ApiAndConfigMap, Api].into_iter();
    modes.find(|mode| mode.as_str() == text)
}

fn encryption_config(asked: dto::EncryptionConfig) -> EncryptionConfig {
    let provider = asked.provider.and_then(|provider| provider.key_arn);
    EncryptionConfig {
        resources: asked.resources.unwrap_or_default(),
        provider: EncryptionProvider {
            key_arn: provider.unwrap_or_default(),
        },
    }
}

/// Refuses by name what the plane cannot be, rather than forget it.
fn refuse_unbuilt(members: &[(&str, bool)]) -> Result<(), AwsError> {
    match members.iter().find(|(_, is_asked)| *is_asked) {
        Some((name, _)) => Err(AwsError::new(
            "InvalidParameterException",
            400,
            format!("{name} is not supported by this plane"),
        )),
        None => Ok(()),
    }
}
