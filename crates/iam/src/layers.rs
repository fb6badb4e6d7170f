//! The identity layers of a principal, compiled once and kept.

use crate::account::Account;
use crate::entity::{Holder, Kept};
use crate::records::{Role, User};
use names::PolicyArn;
use policy::{PermissionsPolicy, PolicyKind, PolicySet, PolicySource};
use std::sync::Arc;

/// What a user or role may do by itself: its identity policies, and the boundary around them.
#[derive(Debug)]
pub struct IdentityLayers {
    /// Inline and managed policies, a user's groups' included.
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
            let mut documents = Vec::new();
            self.gather::<Role>(role, self.role_arn(role).as_str(), &mut documents);
            Arc::new(IdentityLayers {
                identity: PolicySet::compile(documents),
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
            let mut documents = Vec::new();
            self.gather::<User>(user, self.user_arn(user).as_str(), &mut documents);
            for group in self.groups_of(&user.id) {
                self.gather::<crate::Group>(group, self.group_arn(group).as_str(), &mut documents);
            }
            Arc::new(IdentityLayers {
                identity: PolicySet::compile(documents),
                boundary: user
                    .boundary
                    .as_ref()
                    .map(|arn| self.boundary(arn, self.user_arn(user).as_str())),
            })
        })
    }

    fn gather<E: Holder>(&self, holder: &E, arn: &str, documents: &mut Vec<Compiled>) {
        for (name, text) in &holder.permissions().inline {
            documents.extend(compiled(
                PolicyKind::Identity,
                None,
                name.as_str(),
                arn,
                text,
            ));
        }
        for policy in &holder.permissions().attached {
            documents.extend(self.managed(PolicyKind::Identity, policy, arn));
        }
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
