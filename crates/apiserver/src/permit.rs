//! What a caller may: the only door to the verbs.

use crate::parts::{Authorizer, Verdict};
use crate::path::Attributes;
use names::GroupResource;
use objects::KubeUser;
use objects::Status;

/// Proof that a user may do what was asked. What was decided on is what is done.
#[derive(Debug, Clone)]
pub struct Permit {
    user: KubeUser,
    asked: Attributes,
    reason: String,
}

impl Permit {
    /// Decides; a refusal is Kubernetes' own sentence.
    ///
    /// # Errors
    /// 403 with who may not do what, where.
    pub async fn ask(
        authorizer: &dyn Authorizer,
        user: KubeUser,
        asked: Attributes,
    ) -> Result<Self, Status> {
        match authorizer.decide(&user, &asked).await {
            Verdict::Allowed(reason) => Ok(Self {
                user,
                asked,
                reason,
            }),
            Verdict::Refused(why) => Err(forbidden(&user.name, &asked, &why)),
        }
    }

    /// Who may.
    #[must_use]
    pub fn user(&self) -> &KubeUser {
        &self.user
    }

    /// What.
    #[must_use]
    pub fn asked(&self) -> &Attributes {
        &self.asked
    }

    /// What allows it.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// Kubernetes' sentence for who may not do what, where.
fn forbidden(username: &str, asked: &Attributes, why: &str) -> Status {
    let because = if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    };
    let resource = match (asked.plural.parse(), asked.group.parse()) {
        (Ok(plural), Ok(group)) if asked.is_resource => GroupResource { group, plural },
        _ => {
            let (verb, path) = (&asked.verb, &asked.path);
            let sentence = format!("User \"{username}\" cannot {verb} path \"{path}\"{because}");
            return Status::forbidden_path(&sentence);
        }
    };
    let what = match asked.subresource.as_str() {
        "" => asked.plural.clone(),
        subresource => format!("{}/{subresource}", asked.plural),
    };
    let place = match asked.namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let sentence = format!(
        "User \"{username}\" cannot {} resource \"{what}\" in API group \"{}\" {place}{because}",
        asked.verb, asked.group
    );
    Status::forbidden(&resource, &asked.name, &sentence)
}

impl Permit {
    /// What allows a whole collection allows each of its objects.
    pub(crate) fn of_item(&self, name: &str) -> Self {
        let mut item = self.clone();
        name.clone_into(&mut item.asked.name);
        item
    }
}
