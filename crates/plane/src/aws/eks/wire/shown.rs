//! A cluster as EKS shows it, and the changes of its settings.

use awswire::dto::eks as dto;
use eks::versions::PLATFORM_VERSION;
use eks::{Cluster, ClusterStatus, Settings, Update};
use serde_json::Value;

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
        service_ipv4_cidr: Some(network.service_ipv4_cidr.to_string()),
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
