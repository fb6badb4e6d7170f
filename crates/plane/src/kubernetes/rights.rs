//! What the roles and bindings of a cluster allow, as they are at this moment.
//!
//! One immutable snapshot serves every decision. It is brought up to the newest commit before one
//! decides on it, so whoever wrote a binding can use it with the next request.

use apiserver::{Attributes, Authorizer, Changes, Objects, Place, Verdict};
use arc_swap::ArcSwap;
use objects::{KubeUser, Object, Status};
use rbac::{Decision, ResourceTarget, Rights, RightsKind, Target};
use std::sync::Arc;
use store::{Compacted, Pending, Revision};
use tokio::sync::Mutex;

/// The group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";
const KINDS: [(&str, RightsKind); 4] = [
    ("clusterrolebindings", RightsKind::ClusterRoleBinding),
    ("clusterroles", RightsKind::ClusterRole),
    ("rolebindings", RightsKind::RoleBinding),
    ("roles", RightsKind::Role),
];

/// The rights that hold now.
pub(super) struct RightsNow {
    objects: Arc<Objects>,
    current: ArcSwap<Snapshot>,
    /// Held while changes are applied, so that they are applied in order.
    following: Mutex<Changes>,
}

#[derive(Clone)]
struct Snapshot {
    revision: Revision,
    rights: Arc<Rights>,
}

impl RightsNow {
    pub(super) async fn load(objects: &Arc<Objects>) -> Result<Self, Status> {
        let (snapshot, following) = read(objects).await?;
        Ok(Self {
            objects: Arc::clone(objects),
            current: ArcSwap::from_pointee(snapshot),
            following: Mutex::new(following),
        })
    }

    /// The rights, with every write that was answered.
    pub(super) async fn now(&self) -> Result<Arc<Rights>, Status> {
        let wanted = self.objects.revision();
        let current = self.current.load();
        if current.revision >= wanted {
            return Ok(Arc::clone(&current.rights));
        }
        let mut following = self.following.lock().await;
        let current = self.current.load_full();
        if current.revision >= wanted {
            return Ok(Arc::clone(&current.rights));
        }
        let next = match following.ready() {
            Ok(changes) if changes.is_empty() => Arc::clone(&current.rights),
            Ok(changes) => {
                let mut rights = Rights::clone(&current.rights);
                for change in changes {
                    apply(&mut rights, &change);
                }
                Arc::new(rights)
            }
            Err(Compacted { .. }) => {
                let (snapshot, anew) = read(&self.objects).await?;
                *following = anew;
                snapshot.rights
            }
        };
        self.current.store(Arc::new(Snapshot {
            revision: following.seen(),
            rights: Arc::clone(&next),
        }));
        Ok(next)
    }
}

async fn read(objects: &Arc<Objects>) -> Result<(Snapshot, Changes), Status> {
    // What is written while the kinds are read one after the other is read again as a change.
    let before = objects.revision();
    let mut rights = Rights::default();
    for (plural, kind) in KINDS {
        for object in objects.list(&place(plural, "")).await?.0 {
            put(&mut rights, kind, &object);
        }
    }
    let following = objects.follow(GROUP, before);
    let following = following.map_err(|why| Status::internal_error(&why.to_string()))?;
    let snapshot = Snapshot {
        revision: before,
        rights: Arc::new(rights),
    };
    Ok((snapshot, following))
}

fn apply(rights: &mut Rights, change: &apiserver::Changed) {
    let Some((_, kind)) = KINDS.iter().find(|(plural, _)| *plural == change.plural) else {
        return;
    };
    match &change.object {
        Some(object) => put(rights, *kind, object),
        None => rights.remove(*kind, change.namespace.as_deref(), &change.name),
    }
}

/// What cannot be read gives no rights; validation keeps it from being written.
fn put(rights: &mut Rights, kind: RightsKind, object: &Object) {
    let _ = rights.put(kind, object);
}

pub(super) fn place(plural: &str, namespace: &str) -> Place {
    Place::new(GROUP, "v1", plural, namespace)
}

impl Authorizer for RightsNow {
    fn decide<'a>(&'a self, user: &'a KubeUser, asked: &'a Attributes) -> Pending<'a, Verdict> {
        Box::pin(async move {
            match self.now().await {
                Ok(rights) => verdict(user, asked, &rights),
                Err(status) => Verdict::Refused {
                    told: status.message.clone(),
                    explanation: status.message,
                },
            }
        })
    }
}

/// What the rights say of a request.
pub(super) fn verdict(user: &KubeUser, asked: &Attributes, rights: &Rights) -> Verdict {
    let asked = (asked.verb.as_str(), target(asked));
    match rbac::decide(user, &asked, rights) {
        Decision::Superuser => {
            Verdict::Allowed(format!("the user is in the group {}", rbac::SUPERUSERS))
        }
        Decision::Allow { by } => Verdict::Allowed(format!("RBAC: allowed by {by}")),
        Decision::NoOpinion => {
            let explanation = rbac::explain(user, &asked, rights);
            let missing = explanation.missing_roles();
            Verdict::Refused {
                told: missing.map_or_else(String::new, |missing| format!("RBAC: {missing}")),
                explanation: explanation.to_string(),
            }
        }
    }
}

fn target(asked: &Attributes) -> Target<'_> {
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    match asked.is_resource {
        false => Target::Path(&asked.path),
        true => Target::Resource(ResourceTarget {
            group: &asked.group,
            plural: &asked.plural,
            subresource: some(&asked.subresource),
            namespace: some(&asked.namespace),
            name: some(&asked.name),
        }),
    }
}
