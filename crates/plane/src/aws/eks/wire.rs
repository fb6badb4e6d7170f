//! EKS between the wire and the crate: what was asked, what is answered, what is refused.

use std::collections::BTreeMap;

use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::{ConfigChange, NewCluster, VersionFilter};
use eks::versions::{OfferedVersion, PLATFORM_VERSION, Support};
use eks::{
    AccessConfig, AuthenticationMode, Cluster, ClusterStatus, EksError, EncryptionConfig,
    EncryptionProvider, LogSetup, Page, Settings, Update,
};
use names::ClusterName;
use serde_json::{Value, json};

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
        let place = &mut settings.kubernetes_network_config;
        set(
            &mut place.service_ipv4_cidr,
            network.service_ipv4_cidr.clone(),
        );
        set(&mut place.ip_family, network.ip_family.clone());
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

/// Reads which versions to list.
pub(crate) fn version_filter(asked: dto::DescribeClusterVersionsRequest) -> (VersionFilter, Page) {
    let status = asked.version_status.or(asked.status);
    let supports = [Support::Standard, Support::Extended, Support::Unsupported];
    let support = supports.into_iter().find(|support| {
        let status = status.as_deref();
        status == Some(support.status()) || status == Some(support.version_status())
    });
    let filter = VersionFilter {
        versions: asked.cluster_versions.unwrap_or_default(),
        default_only: asked.default_only.unwrap_or_default(),
        include_all: asked.include_all.unwrap_or_default(),
        support,
    };
    (filter, page(asked.max_results, asked.next_token))
}

/// Reads which page of a list.
pub(crate) fn page(rows: Option<i64>, next_token: Option<String>) -> Page {
    Page {
        rows: rows.and_then(|rows| usize::try_from(rows).ok()),
        next_token,
    }
}

/// Updates are of clusters alone: no node group, add-on or capability has ever been made.
pub(crate) fn must_be_of_cluster(asked: &dto::ListUpdatesRequest) -> Result<(), AwsError> {
    let parts = [
        ("node group", &asked.nodegroup_name),
        ("addon", &asked.addon_name),
        ("capability", &asked.capability_name),
    ];
    let named = parts
        .into_iter()
        .find_map(|(kind, name)| Some((kind, name.as_ref()?)));
    named.map_or(Ok(()), |(kind, name)| {
        let text = format!("No {kind} found for name: {name}.");
        Err(AwsError::new("ResourceNotFoundException", 404, text))
    })
}

/// Reads a cluster's name; the model's pattern is not anchored at its end.
pub(crate) fn cluster_name(text: &str) -> Result<ClusterName, AwsError> {
    text.parse().map_err(|_| {
        let message = format!(
            "The cluster name {text} must satisfy regular expression pattern: ^[0-9A-Za-z][A-Za-z0-9\\-_]*"
        );
        AwsError::new("InvalidParameterException", 400, message)
    })
}

/// Tells of a cluster.
///
/// `id`, `connectorConfig` and `outpostConfig` stay away: eksctl takes a cluster that has them
/// for one that is not EKS's own.
pub(crate) fn cluster(cluster: &Cluster, status: ClusterStatus) -> dto::Cluster {
    let settings = &cluster.settings;
    let issuer = cluster.issuer.url().to_string();
    dto::Cluster {
        name: Some(cluster.name().to_string()),
        arn: Some(cluster.arn.to_string()),
        created_at: Some(cluster.created()),
        version: Some(cluster.version.to_string()),
        endpoint: Some(cluster.endpoint.clone()),
        role_arn: cluster.role.as_ref().map(ToString::to_string),
        resources_vpc_config: Some(vpc_config(cluster)),
        kubernetes_network_config: Some(network_config(settings)),
        logging: Some(logging(settings)),
        identity: Some(dto::Identity {
            oidc: Some(dto::OIDC {
                issuer: Some(issuer),
            }),
        }),
        status: Some(status.as_str().to_owned()),
        certificate_authority: Some(dto::Certificate {
            data: Some(cluster.authority_data()),
            ..dto::Certificate::default()
        }),
        client_request_token: cluster.client_request_token.clone(),
        platform_version: Some(PLATFORM_VERSION.to_owned()),
        tags: Some(cluster.tags.clone()),
        encryption_config: encryption(settings),
        health: Some(dto::ClusterHealth {
            issues: Some(Vec::new()),
        }),
        access_config: Some(dto::AccessConfigResponse {
            authentication_mode: Some(
                settings
                    .access_config
                    .authentication_mode
                    .as_str()
                    .to_owned(),
            ),
            ..dto::AccessConfigResponse::default()
        }),
        upgrade_policy: Some(dto::UpgradePolicyResponse {
            support_type: Some(settings.upgrade_policy.support_type.clone()),
        }),
        deletion_protection: Some(settings.deletion_protection),
        zonal_shift_config: is_on(settings, "zonalShiftConfig").map(|enabled| {
            dto::ZonalShiftConfigResponse {
                enabled: Some(enabled),
            }
        }),
        ..kept_members(settings)
    }
}

/// Tells of a change of settings.
pub(crate) fn update(update: &Update, status: &str) -> dto::Update {
    let params = update.params.iter();
    dto::Update {
        id: Some(update.id.clone()),
        status: Some(status.to_owned()),
        r#type: Some(update.kind.as_str().to_owned()),
        params: Some(
            params
                .map(|(name, value)| dto::UpdateParam {
                    r#type: Some(name.clone()),
                    value: Some(value.clone()),
                })
                .collect(),
        ),
        created_at: jiff::Timestamp::from_second(update.created).ok(),
        errors: Some(Vec::new()),
        ..dto::Update::default()
    }
}

/// Tells of a version that EKS offers.
pub(crate) fn version(
    row: &OfferedVersion,
    now: jiff::Timestamp,
) -> dto::ClusterVersionInformation {
    let support = row.support(now);
    dto::ClusterVersionInformation {
        cluster_version: Some(row.version.to_string()),
        cluster_type: Some("eks".to_owned()),
        default_platform_version: Some(PLATFORM_VERSION.to_owned()),
        default_version: Some(row.is_default()),
        release_date: Some(row.release),
        end_of_standard_support_date: Some(row.standard_support_end),
        end_of_extended_support_date: Some(row.extended_support_end),
        status: Some(support.status().to_owned()),
        version_status: Some(support.version_status().to_owned()),
        ..dto::ClusterVersionInformation::default()
    }
}

/// What EKS answers instead.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
pub(crate) fn refused(error: EksError) -> AwsError {
    AwsError::new(error.code(), error.status(), error.to_string())
}

fn vpc_config(cluster: &Cluster) -> dto::VpcConfigResponse {
    let vpc = &cluster.settings.resources_vpc_config;
    dto::VpcConfigResponse {
        subnet_ids: Some(vpc.subnet_ids.clone()),
        security_group_ids: Some(vpc.security_group_ids.clone()),
        endpoint_public_access: Some(vpc.endpoint_public_access),
        endpoint_private_access: Some(vpc.endpoint_private_access),
        public_access_cidrs: Some(vpc.public_access_cidrs.clone()),
        control_plane_egress_mode: vpc.control_plane_egress_mode.clone(),
        ..dto::VpcConfigResponse::default()
    }
}

fn network_config(settings: &Settings) -> dto::KubernetesNetworkConfigResponse {
    let network = &settings.kubernetes_network_config;
    dto::KubernetesNetworkConfigResponse {
        service_ipv4_cidr: Some(network.service_ipv4_cidr.clone()),
        ip_family: Some(network.ip_family.clone()),
        ..dto::KubernetesNetworkConfigResponse::default()
    }
}

fn logging(settings: &Settings) -> dto::Logging {
    let rows = settings.logging.cluster_logging.iter();
    let rows = rows.map(|row| dto::LogSetup {
        types: Some(row.types.clone()),
        enabled: Some(row.enabled),
    });
    dto::Logging {
        cluster_logging: Some(rows.collect()),
    }
}

fn encryption(settings: &Settings) -> Option<Vec<dto::EncryptionConfig>> {
    let rows = &settings.encryption_config;
    (!rows.is_empty()).then(|| {
        let rows = rows.iter().map(|row| dto::EncryptionConfig {
            resources: Some(row.resources.clone()),
            provider: Some(dto::Provider {
                key_arn: Some(row.provider.key_arn.clone()),
            }),
        });
        rows.collect()
    })
}

/// Settings without machinery, given back as they came.
fn kept_members(settings: &Settings) -> dto::Cluster {
    let texts = |value: &Value| -> Option<Vec<String>> {
        let texts = value.as_array()?.iter().filter_map(Value::as_str);
        Some(texts.map(str::to_owned).collect())
    };
    let compute = settings.kept.get("computeConfig");
    let storage = settings.kept.get("storageConfig");
    let scaling = settings.kept.get("controlPlaneScalingConfig");
    let remote = settings.kept.get("remoteNetworkConfig");
    dto::Cluster {
        compute_config: compute.map(|value| dto::ComputeConfigResponse {
            enabled: value["enabled"].as_bool(),
            node_pools: texts(&value["nodePools"]),
            node_role_arn: value["nodeRoleArn"].as_str().map(str::to_owned),
        }),
        storage_config: storage.map(|value| dto::StorageConfigResponse {
            block_storage: Some(dto::BlockStorage {
                enabled: value["blockStorage"]["enabled"].as_bool(),
            }),
        }),
        control_plane_scaling_config: scaling.map(|value| dto::ControlPlaneScalingConfig {
            tier: value["tier"].as_str().map(str::to_owned),
        }),
        remote_network_config: remote.map(|value| dto::RemoteNetworkConfigResponse {
            remote_node_networks: Some(vec![dto::RemoteNodeNetwork {
                cidrs: texts(&value["nodes"]),
            }]),
            remote_pod_networks: Some(vec![dto::RemotePodNetwork {
                cidrs: texts(&value["pods"]),
            }]),
        }),
        ..dto::Cluster::default()
    }
}

fn is_on(settings: &Settings, name: &str) -> Option<bool> {
    settings.kept.get(name)?["enabled"].as_bool()
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
