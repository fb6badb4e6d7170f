//! The roles and instance profiles of nodes, as eksctl makes them for a node group.

use super::changed;
use crate::config::{ClusterConfig, Misfit, NodeConfig};
use crate::folder::Folder;
use crate::world::Worlds;
use crate::{StartError, chance};
use iam::Tag;
use iam::operations::nodes::{NodeNeeds, declare_node_needs};
use names::{AccountId, Partition};
use serde_json::json;

/// What eksctl attaches to the role of a node.
const POLICIES: [&str; 4] = [
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonSSMManagedInstanceCore",
];

/// Makes what the nodes of a cluster need and the account has not.
pub(super) async fn settle(
    worlds: &Worlds,
    account: AccountId,
    cluster: &ClusterConfig,
    partition: Partition,
    folder: &Folder,
) -> Result<(), StartError> {
    for node in &cluster.nodes {
        let needs = needs_of(cluster, node, partition)
            .map_err(|misfit| StartError::Config(misfit.to_string()))?;
        let (now, random) = (chance::now(), [chance::random(), chance::random()]);
        let settled = worlds.change(|world| {
            let written = declare_node_needs(&world.accounts, account, &needs, now, random)?;
            Ok::<_, iam::IamError>((written.transaction, ()))
        });
        changed(settled.await, folder)?;
    }
    Ok(())
}

fn needs_of(
    cluster: &ClusterConfig,
    node: &NodeConfig,
    partition: Partition,
) -> Result<NodeNeeds, Misfit> {
    let tag = |key: &str, value: &str| Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": format!("ec2.{}", partition.dns_suffix()) },
            "Action": "sts:AssumeRole",
        }],
    });
    let arn = |name: &&str| {
        format!("arn:{partition}:iam::aws:policy/{name}")
            .parse()
            .ok()
    };
    Ok(NodeNeeds {
        role: node.role.clone(),
        role_otherwise: node.role(&cluster.name)?,
        profile: node.instance_profile(&cluster.name)?,
        trust: trust.to_string(),
        policies: POLICIES.iter().filter_map(arn).collect(),
        tags: vec![
            tag("alpha.eksctl.io/cluster-name", cluster.name.as_str()),
            tag("alpha.eksctl.io/nodegroup-name", node.group.as_str()),
        ],
    })
}
