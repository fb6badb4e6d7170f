//! The nodes of a cluster: machines that are only told of, and the roles that they would have.

use super::Misfit;
use names::{ClusterName, InstanceProfileName, NodeName, RoleName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most nodes of one cluster.
const NODES_MAX: usize = 1_000;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// What Kubernetes calls it, such as `ip-10-0-0-1.us-west-2.compute.internal`.
    #[schemars(with = "String")]
    pub name: NodeName,
    /// Its label `node.kubernetes.io/instance-type`.
    #[serde(default)]
    pub instance_type: InstanceType,
    /// The node group that it is in. The nodes of a group share a role and an instance profile.
    #[serde(default)]
    pub group: NodeGroup,
    /// The role that its kubelet acts by. Taken as it is when the account has it, made when not.
    /// Left out: the one that eksctl would make for the group.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub role: Option<RoleName>,
    /// The instance profile that hands it the role. Taken as it is when the account has it, made
    /// when not. Left out: the one that eksctl would make for the group.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub instance_profile: Option<InstanceProfileName>,
}

/// `m5.large`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct InstanceType(String);

impl Default for InstanceType {
    /// What eksctl takes.
    fn default() -> Self {
        Self("m5.large".to_owned())
    }
}

impl TryFrom<String> for InstanceType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_word = |part: &str| {
            let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !part.is_empty() && part.bytes().all(|byte| letter(byte) || byte == b'-')
        };
        match text.split_once('.') {
            Some((family, size)) if text.len() <= 63 && is_word(family) && is_word(size) => {
                Ok(Self(text))
            }
            _ => Err(format!(
                "`{text}` is not an instance type: FAMILY.SIZE, such as m5.large"
            )),
        }
    }
}

impl InstanceType {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a node group is called: 1 to 63 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct NodeGroup(String);

impl Default for NodeGroup {
    fn default() -> Self {
        Self("workers".to_owned())
    }
}

impl TryFrom<String> for NodeGroup {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (1..=63).contains(&text.len()) && text.bytes().all(letter) {
            return Ok(Self(text));
        }
        Err(format!(
            "`{text}` is not a node group: 1 to 63 letters, digits, - and _"
        ))
    }
}

impl NodeGroup {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NodeConfig {
    /// The role of this node, by the name given or by eksctl's.
    ///
    /// # Errors
    /// Names of cluster and group that make none.
    pub fn role(&self, cluster: &ClusterName) -> Result<RoleName, Misfit> {
        match &self.role {
            Some(named) => Ok(named.clone()),
            None => self.named_by_eksctl(cluster, "NodeInstanceRole", "role"),
        }
    }

    /// The instance profile of this node, likewise.
    ///
    /// # Errors
    /// Names of cluster and group that make none.
    pub fn instance_profile(&self, cluster: &ClusterName) -> Result<InstanceProfileName, Misfit> {
        match &self.instance_profile {
            Some(named) => Ok(named.clone()),
            None => self.named_by_eksctl(cluster, "NodeInstanceProfile", "instance_profile"),
        }
    }

    /// eksctl's name, without the letters that CloudFormation draws.
    fn named_by_eksctl<N: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        cluster: &ClusterName,
        resource: &str,
        field: &str,
    ) -> Result<N, Misfit> {
        let name = format!(
            "eksctl-{cluster}-nodegroup-{}-{resource}",
            self.group.as_str()
        );
        name.parse()
            .map_err(|why: N::Err| Misfit::new(format!("{why}; name one with `{field}`")))
    }
}

/// Checks what the nodes of a cluster cannot know of each other.
pub(super) fn validate(nodes: &[NodeConfig], cluster: &ClusterName) -> Result<(), Misfit> {
    if nodes.len() > NODES_MAX {
        return Err(Misfit::new(format!(
            "a cluster has at most {NODES_MAX} nodes"
        )));
    }
    let mut names = BTreeSet::new();
    for (index, node) in nodes.iter().enumerate() {
        if !names.insert(&node.name) {
            let twice = format!("two nodes of `{cluster}` have the name `{}`", node.name);
            return Err(Misfit::new(twice).under("name").under(&index));
        }
        let named = node
            .role(cluster)
            .and_then(|_| node.instance_profile(cluster));
        named.map_err(|misfit| misfit.under(&index))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(yaml_like: serde_json::Value) -> NodeConfig {
        serde_json::from_value(yaml_like).unwrap()
    }

    #[test]
    fn a_node_that_names_nothing_has_what_eksctl_makes_for_its_group() {
        let cluster: ClusterName = "ci".parse().unwrap();
        let bare = node(serde_json::json!({ "name": "one" }));
        assert_eq!(bare.instance_type.as_str(), "m5.large");
        assert_eq!(
            bare.role(&cluster).unwrap(),
            "eksctl-ci-nodegroup-workers-NodeInstanceRole"
        );
        let named = node(serde_json::json!({ "name": "two", "group": "gpu", "role": "mine" }));
        assert_eq!(named.role(&cluster).unwrap(), "mine");
        assert_eq!(
            named.instance_profile(&cluster).unwrap(),
            "eksctl-ci-nodegroup-gpu-NodeInstanceProfile"
        );
    }

    #[test]
    fn a_name_too_long_for_a_role_asks_for_one() {
        let cluster: ClusterName = "c".repeat(60).parse().unwrap();
        let misfit = validate(&[node(serde_json::json!({ "name": "one" }))], &cluster);
        let misfit = misfit.unwrap_err();
        assert_eq!(misfit.at, ["0"]);
        assert!(
            misfit.sentence.ends_with("; name one with `role`"),
            "{misfit}"
        );
    }

    #[test]
    fn two_nodes_of_a_cluster_have_two_names() {
        let cluster: ClusterName = "ci".parse().unwrap();
        let one = node(serde_json::json!({ "name": "one" }));
        let misfit = validate(&[one.clone(), one], &cluster).unwrap_err();
        assert_eq!(misfit.at, ["1", "name"]);
    }
}
