//! The identity layers of a principal, compiled once and kept.

use crate::account::Account;
use crate::entity::{Holder, Kept};
use crate::records::{Group, Permissions, Role, User};
use names::PolicyArn;
use policy::{PermissionsPolicy, PolicyKind, PolicySet, PolicySource};
use std::sync::Arc;

/// What a user or role may do by itself: its identity policies, and the boundary around them.
#[derive(Debug)]
pub struct IdentityLayers {
    /// Inline and managed policies, a user's groups' included. When one of them is gone or cannot be
    /// read, all of them are an empty set: it might have been the one that denies.
    pub identity: PolicySet,
    /// The permissions boundary, where there is one. A boundary whose policy is gone is an empty
    /// set: it allows nothing.
    pub boundary: Option<PolicySet>,
}

impl Account {
    /// The layers of a role.
    #[must_use]
    pub fn role_layers<'a>(&self, role: &'a Kept<Role>) -> &'a Arc<IdentityLayers> {
        role.layers.get_or_init(|| {
            let documents = self.gather::<Role>(role, self.role_arn(role).as_str());
            Arc::new(IdentityLayers {
                identity: PolicySet::compile(documents.unwrap_or_default()),
                boundary: role
                    .boundary
                    .as_ref()
                    .map(|arn| self.boundary(arn, self.role_arn(role).as_str())),
            })
        })
    }

    /// The layers of a user.
    #[must_use]
    pub fn user_layers<'a>(&self, user: &'a Kept<User>) -> &'a Arc<IdentityLayers> {
        user.layers.get_or_init(|| {
            let documents = self.gather_user(user);
            Arc::new(IdentityLayers {
                identity: PolicySet::compile(documents.unwrap_or_default()),
                boundary: user
                    .boundary
                    .as_ref()
                    .map(|arn| self.boundary(arn, self.user_arn(user).as_str())),
            })
        })
    }

    fn gather_user(&self, user: &User) -> Option<Vec<Compiled>> {
        let mut documents = self.gather::<User>(user, self.user_arn(user).as_str())?;
        for group in self.groups_of(&user.id) {
            documents.extend(self.gather::<Group>(group, self.group_arn(group).as_str())?);
        }
        Some(documents)
    }

    /// All policies of a holder, or none.
    fn gather<E: Holder>(&self, holder: &E, arn: &str) -> Option<Vec<Compiled>> {
        let Permissions { inline, attached } = holder.permissions();
        let inline = inline
            .iter()
            .map(|(name, text)| compiled(PolicyKind::Identity, None, name.as_str(), arn, text));
        let attached = attached
            .iter()
            .map(|policy| self.managed(PolicyKind::Identity, policy, arn));
        inline.chain(attached).collect()
    }

    fn boundary(&self, policy: &PolicyArn, holder: &str) -> PolicySet {
        PolicySet::compile(
            self.managed(PolicyKind::Boundary, policy, holder)
                .into_iter()
                .collect(),
        )
    }

    fn managed(&self, kind: PolicyKind, arn: &PolicyArn, holder: &str) -> Option<Compiled> {
        let text = self.managed_document(arn)?;
        compiled(kind, Some(arn), arn.name().as_str(), holder, text)
    }
}

type Compiled = (PolicySource, Arc<policy::Document>);

fn compiled(
    kind: PolicyKind,
    arn: Option<&PolicyArn>,
    name: &str,
    holder: &str,
    text: &str,
) -> Option<Compiled> {
    let source = PolicySource {
        kind,
        arn: arn.map(ToString::to_string),
        name: name.to_owned(),
        attached_to: Some(holder.to_owned()),
        text: Arc::from(text),
    };
    let document = PermissionsPolicy::parse(text).ok()?;
    Some((source, document.document().clone()))
}
