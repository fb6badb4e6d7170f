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
    /// [`Denied`]: 403 with who may not do what, where.
    pub async fn ask(
        authorizer: &dyn Authorizer,
        user: KubeUser,
        asked: Attributes,
    ) -> Result<Self, Denied> {
        match authorizer.decide(&user, &asked).await {
            Verdict::Allowed(reason) => Ok(Self {
                user,
                asked,
                reason,
            }),
            Verdict::Refused { told, explanation } => Err(Denied {
                status: Box::new(forbidden(&user.name, &asked, &told)),
                explanation,
            }),
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

/// A request that is not carried out.
#[derive(Debug, Clone)]
pub struct Denied {
    /// What the caller is told.
    pub status: Box<Status>,
    /// What came closest to allowing it, for the record.
    pub explanation: String,
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        *denied.status
    }
}

impl From<Status> for Denied {
    fn from(status: Status) -> Self {
        Self {
            status: Box::new(status),
            explanation: String::new(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_kubernetes_own_sentence() {
        let asked =
            |verb: &str, plural: &str, below: &str, namespace: &str, name: &str| Attributes {
                verb: verb.to_owned(),
                is_resource: true,
                plural: plural.to_owned(),
                subresource: below.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                ..Attributes::default()
            };
        let path = Attributes {
            verb: "get".to_owned(),
            path: "/x".to_owned(),
            ..Attributes::default()
        };
        let rows = [
            (
                asked("list", "pods", "", "n", ""),
                "",
                r#"pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "n""#,
            ),
            (
                asked("create", "pods", "exec", "n", "x"),
                "",
                r#"pods "x" is forbidden: User "u" cannot create resource "pods/exec" in API group "" in the namespace "n""#,
            ),
            (
                asked("get", "nodes", "", "", "a"),
                "RBAC: none",
                r#"nodes "a" is forbidden: User "u" cannot get resource "nodes" in API group "" at the cluster scope: RBAC: none"#,
            ),
            (path, "", r#"forbidden: User "u" cannot get path "/x""#),
        ];
        for (asked, told, wanted) in rows {
            assert_eq!(forbidden("u", &asked, told).message, wanted);
        }
    }
}
