//! The settings of a cluster that policies can test, of those that a call names.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html>

use awswire::dto::eks as dto;
use policy::RequestContext;

/// What CreateCluster and UpdateClusterConfig have in common.
struct Settings<'a> {
    vpc: Option<&'a dto::VpcConfigRequest>,
    network: Option<&'a dto::KubernetesNetworkConfigRequest>,
    logging: Option<&'a dto::Logging>,
    storage: Option<&'a dto::StorageConfigRequest>,
    compute: Option<&'a dto::ComputeConfigRequest>,
    scaling: Option<&'a dto::ControlPlaneScalingConfig>,
    components: [(&'static str, bool); 3],
    zonal_shift: Option<&'a dto::ZonalShiftConfigRequest>,
    upgrade: Option<&'a dto::UpgradePolicyRequest>,
    deletion_protection: Option<bool>,
}

/// The settings of a request: both have them under the same names, and the VPC's in two ways.
macro_rules! settings {
    ($input:expr, $vpc:expr) => {
        Settings {
            vpc: $vpc,
            network: $input.kubernetes_network_config.as_ref(),
            logging: $input.logging.as_ref(),
            storage: $input.storage_config.as_ref(),
            compute: $input.compute_config.as_ref(),
            scaling: $input.control_plane_scaling_config.as_ref(),
            components: [
                (
                    "eks:kubeApiServerConfig",
                    $input.kube_api_server_config.is_some(),
                ),
                (
                    "eks:kubeControllerManagerConfig",
                    $input.kube_controller_manager_config.is_some(),
                ),
                (
                    "eks:kubeSchedulerConfig",
                    $input.kube_scheduler_config.is_some(),
                ),
            ],
            zonal_shift: $input.zonal_shift_config.as_ref(),
            upgrade: $input.upgrade_policy.as_ref(),
            deletion_protection: $input.deletion_protection,
        }
    };
}

/// The keys of CreateCluster.
pub(super) fn of_new_cluster(input: &dto::CreateClusterRequest) -> RequestContext {
    let mut keys = super::tag_keys(input.tags.as_ref());
    let settings = settings!(input, Some(&input.resources_vpc_config));
    settings.set(&mut keys);
    keys.set_some("eks:kubernetesVersion", input.version.as_ref());
    let encrypted = input.encryption_config.iter().flatten();
    let providers = encrypted.filter_map(|one| one.provider.as_ref());
    let key_arns = providers.filter_map(|provider| provider.key_arn.clone());
    keys.set_list("eks:encryptionConfigProviderKeyArns", key_arns);
    keys.set_some(
        "eks:bootstrapSelfManagedAddons",
        input.bootstrap_self_managed_addons,
    );
    let access = input.access_config.as_ref();
    let mode = access.and_then(|access| access.authentication_mode.as_ref());
    keys.set_some("eks:authenticationMode", mode);
    let admin = access.and_then(|access| access.bootstrap_cluster_creator_admin_permissions);
    keys.set_some("eks:bootstrapClusterCreatorAdminPermissions", admin);
    keys
}

/// The keys of UpdateClusterConfig.
pub(super) fn of_config_change(input: &dto::UpdateClusterConfigRequest) -> RequestContext {
    let mut keys = RequestContext::new();
    let settings = settings!(input, input.resources_vpc_config.as_ref());
    settings.set(&mut keys);
    let access = input.access_config.as_ref();
    let mode = access.and_then(|access| access.authentication_mode.as_ref());
    keys.set_some("eks:authenticationMode", mode);
    keys
}

impl Settings<'_> {
    fn set(&self, keys: &mut RequestContext) {
        for (key, _) in self.components.iter().filter(|(_, is_given)| *is_given) {
            keys.set(*key, "true");
        }
        let vpc = self.vpc;
        let public = vpc.and_then(|vpc| vpc.endpoint_public_access);
        keys.set_some("eks:endpointPublicAccess", public);
        let private = vpc.and_then(|vpc| vpc.endpoint_private_access);
        keys.set_some("eks:endpointPrivateAccess", private);
        let egress = vpc.and_then(|vpc| vpc.control_plane_egress_mode.as_ref());
        keys.set_some("eks:controlPlaneEgressMode", egress);
        keys.set_some("eks:deletionProtection", self.deletion_protection);
        let support = self
            .upgrade
            .and_then(|upgrade| upgrade.support_type.as_ref());
        keys.set_some("eks:supportType", support);
        let tier = self.scaling.and_then(|scaling| scaling.tier.as_ref());
        keys.set_some("eks:controlPlaneScalingTier", tier);
        let shift = self.zonal_shift.and_then(|shift| shift.enabled);
        keys.set_some("eks:zonalShiftEnabled", shift);
        let compute = self.compute.and_then(|compute| compute.enabled);
        keys.set_some("eks:computeConfigEnabled", compute);
        let storage = self
            .storage
            .and_then(|storage| storage.block_storage.as_ref());
        let storage = storage.and_then(|storage| storage.enabled);
        keys.set_some("eks:blockStorageEnabled", storage);
        let balancing = self.network;
        let balancing = balancing.and_then(|network| network.elastic_load_balancing.as_ref());
        let balancing = balancing.and_then(|balancing| balancing.enabled);
        keys.set_some("eks:elasticLoadBalancingEnabled", balancing);
        let setups = self
            .logging
            .and_then(|logging| logging.cluster_logging.as_ref());
        for setup in setups.into_iter().flatten() {
            for kind in setup.types.iter().flatten() {
                keys.set_some(&format!("eks:loggingType/{kind}"), setup.enabled);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::Values;

    #[test]
    fn a_new_cluster_shows_the_keys_that_encrypt_its_secrets() {
        let encrypted = |key_arn: &str| dto::EncryptionConfig {
            provider: Some(dto::Provider {
                key_arn: Some(key_arn.to_owned()),
            }),
            ..dto::EncryptionConfig::default()
        };
        let of = |input: &dto::CreateClusterRequest| {
            let keys = of_new_cluster(input);
            keys.get("eks:encryptionConfigProviderKeyArns").cloned()
        };
        let arn = "arn:aws:kms:us-west-2:111111111111:key/1";
        let mut input = dto::CreateClusterRequest::default();
        assert_eq!(of(&input), None);
        input.encryption_config = Some(vec![encrypted(arn)]);
        assert_eq!(of(&input), Some(Values::Many([arn.into()].into())));
    }

    #[test]
    fn a_change_of_settings_shows_what_it_sets_and_nothing_else() {
        let input = dto::UpdateClusterConfigRequest {
            resources_vpc_config: Some(dto::VpcConfigRequest {
                endpoint_public_access: Some(true),
                ..dto::VpcConfigRequest::default()
            }),
            logging: Some(dto::Logging {
                cluster_logging: Some(vec![dto::LogSetup {
                    types: Some(vec!["api".to_owned(), "audit".to_owned()]),
                    enabled: Some(false),
                }]),
            }),
            ..dto::UpdateClusterConfigRequest::default()
        };
        let keys = of_config_change(&input);
        let one = |value: &str| Some(Values::One(value.into()));
        assert_eq!(keys.get("eks:endpointPublicAccess").cloned(), one("true"));
        assert_eq!(keys.get("eks:loggingType/audit").cloned(), one("false"));
        assert_eq!(keys.iter().count(), 3);
    }
}
