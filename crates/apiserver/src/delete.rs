//! Deleting objects: at once, or as soon as nothing holds them back.

use crate::metadata;
use crate::parts::{Operation, Review};
use crate::query::{ListOptions, dry_run};
use crate::record::Record;
use crate::records::Unwritten;
use crate::registry::{Ending, gvk};
use crate::selection::Selection;
use crate::server::{ApiServer, Target};
use crate::write::{Found, with_revision};
use crate::{list, query};
use jiff::{SignedDuration, Timestamp};
use objects::status::{FieldError, Reason};
use objects::{Object, Status};
use serde_json::{Value, json};
use store::{Key, Transaction};

/// A pod's time to end where nobody says.
const GRACE_SECONDS: i64 = 30;
const ATTEMPTS_MAX: u32 = 32;
/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// What a deletion asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// How long the object may take to end.
    pub grace_seconds: Option<i64>,
    /// The uid that the object must have.
    pub uid: Option<String>,
    /// The resource version that the object must have.
    pub resource_version: Option<String>,
    /// What becomes of what it owns.
    pub propagation: Propagation,
    /// Everything but the deletion.
    pub dry_run: bool,
}

/// What becomes of what an object owns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Propagation {
    /// It goes after the object.
    #[default]
    Background,
    /// It goes before the object.
    Foreground,
    /// It stays.
    Orphan,
}

impl DeleteOptions {
    /// Reads them from a body, or else from the query.
    ///
    /// # Errors
    /// 400 or 422 for what is not one of Kubernetes' values.
    pub fn of(body: Option<&Object>, query: &query::Query) -> Result<Self, Status> {
        let Some(body) = body else {
            let grace = query.get("gracePeriodSeconds").map(str::parse).transpose();
            return Ok(Self {
                grace_seconds: grace
                    .map_err(|_| Status::bad_request("gracePeriodSeconds is not a number"))?,
                propagation: Propagation::of(
                    query.get("propagationPolicy"),
                    query.get("orphanDependents").map(|it| it == "true"),
                )?,
                dry_run: dry_run(query.all("dryRun"), "DeleteOptions")?,
                ..Self::default()
            });
        };
        let asked = body.items(&["dryRun"]).iter().filter_map(Value::as_str);
        let orphan = body.get(&["orphanDependents"]).and_then(Value::as_bool);
        Ok(Self {
            grace_seconds: body.get(&["gracePeriodSeconds"]).and_then(Value::as_i64),
            uid: body.text(&["preconditions", "uid"]).map(str::to_owned),
            resource_version: body
                .text(&["preconditions", "resourceVersion"])
                .map(str::to_owned),
            propagation: Propagation::of(body.text(&["propagationPolicy"]), orphan)?,
            dry_run: dry_run(asked.chain(query.all("dryRun")), "DeleteOptions")?,
        })
    }
}

impl Propagation {
    fn of(policy: Option<&str>, orphan: Option<bool>) -> Result<Self, Status> {
        let field = "propagationPolicy";
        let fault = match (policy, orphan) {
            (None, Some(true)) => return Ok(Self::Orphan),
            (None, _) => return Ok(Self::Background),
            (Some(policy), Some(_)) => {
                let why = "orphanDependents and deletionPropagation cannot be both set";
                FieldError::invalid(field, policy, why)
            }
            (Some("Foreground"), None) => return Ok(Self::Foreground),
            (Some("Background"), None) => return Ok(Self::Background),
            (Some("Orphan"), None) => return Ok(Self::Orphan),
            (Some(other), None) => {
                let known = ["Foreground", "Background", "Orphan", "nil"];
                FieldError::not_supported(field, other, &known)
            }
        };
        let gvk = gvk("meta.k8s.io", "v1", "DeleteOptions");
        Err(Status::invalid(&gvk, "", &[fault]))
    }

    /// The finalizer by which the garbage collector is asked.
    fn finalizer(self) -> Option<&'static str> {
        match self {
            Self::Background => None,
            Self::Foreground => Some("foregroundDeletion"),
            Self::Orphan => Some("orphan"),
        }
    }
}

/// What came of a deletion.
pub(crate) enum Deleted {
    /// The object is still there, on its way out.
    Ending(Object),
    /// It is gone.
    Gone(Object),
}

impl ApiServer {
    pub(crate) async fn delete(
        &self,
        target: &Target<'_>,
        options: &DeleteOptions,
    ) -> Result<Deleted, Status> {
        let of = &*target.of;
        let key = self.records.key(of, target.namespace(), target.name());
        for _ in 0..ATTEMPTS_MAX {
            let Some(present) = self.records.get(of, &key).await? else {
                return Err(target.not_found());
            };
            let old = present.read(of);
            refuse_other(&old, options, target)?;
            refuse_immortal(target)?;
            let mut review = Review {
                operation: Operation::Delete,
                resource: of,
                subresource: "",
                namespace: target.namespace(),
                name: target.name(),
                user: target.permit.user(),
                object: None,
                old: Some(&old),
                dry_run: options.dry_run,
                warnings: Vec::new(),
            };
            self.admit(&mut review).await?;
            let ending = ending(
                &old,
                of.strategy.ending,
                options,
                self.parts.surroundings.now(),
            );
            let done = match ending {
                Some(ending) => {
                    let is_dry = options.dry_run;
                    let found = Found {
                        of,
                        key: &key,
                        record: &present,
                        object: &old,
                    };
                    let written = self.write_change(found, ending, &[], is_dry).await?;
                    written.map(|object| match metadata::may_go(&object) {
                        true => Deleted::Gone(object),
                        false => Deleted::Ending(object),
                    })
                }
                None => self.remove(&key, &present, old, options.dry_run).await?,
            };
            match done {
                Some(done) => return Ok(done),
                None if options.resource_version.is_some() => {
                    return Err(Status::modified(&of.resource, target.name()));
                }
                None => {}
            }
        }
        Err(Status::modified(&of.resource, target.name()))
    }

    /// Takes an object away; none: somebody else wrote it in between.
    async fn remove(
        &self,
        key: &Key,
        present: &Record,
        old: Object,
        is_dry: bool,
    ) -> Result<Option<Deleted>, Status> {
        if is_dry {
            return Ok(Some(Deleted::Gone(old)));
        }
        let transaction = Transaction::new()
            .if_modified_at(key.clone(), present.revision)
            .delete(key.clone());
        match self.records.commit(transaction).await {
            Ok(commit) => Ok(Some(Deleted::Gone(with_revision(old, commit.revision)))),
            Err(Unwritten::Conflict(_)) => Ok(None),
            Err(Unwritten::Refused(status)) => Err(status),
        }
    }

    /// Deletes every object that is selected; gives them as they were last seen.
    pub(crate) async fn delete_collection(
        &self,
        target: &Target<'_>,
        options: &ListOptions,
        deletion: &DeleteOptions,
    ) -> Result<list::Page, Status> {
        let of = &target.of;
        let selection = Selection::parse(of, &options.labels, &options.fields)?;
        let page = list::list(&self.records, of, target.namespace(), &selection, options).await?;
        for record in &page.records {
            let object = record.read(of);
            let permit = target.permit.of_item(object.name().unwrap_or_default());
            let item = Target {
                of: std::sync::Arc::clone(of),
                subresource: None,
                permit: &permit,
            };
            match self.delete(&item, deletion).await {
                Err(status) if status.reason != Reason::NotFound => {
                    return Err(status);
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(page)
    }
}

/// The namespaces without which a cluster is none.
fn refuse_immortal(target: &Target<'_>) -> Result<(), Status> {
    let of = &target.of;
    let is_immortal = of.strategy.ending == Ending::Namespace && IMMORTAL.contains(&target.name());
    match is_immortal {
        true => {
            let why = "this namespace may not be deleted";
            Err(Status::forbidden(&of.resource, target.name(), why))
        }
        false => Ok(()),
    }
}

/// A deletion that names another object than the one that is there.
pub(crate) fn refuse_other(
    old: &Object,
    options: &DeleteOptions,
    target: &Target<'_>,
) -> Result<(), Status> {
    let conflict = |why: String| Err(Status::conflict(&target.of.resource, target.name(), &why));
    let there = old.uid().unwrap_or_default();
    if let Some(wanted) = options.uid.as_deref().filter(|wanted| *wanted != there) {
        return conflict(format!(
            "Precondition failed: UID in precondition: {wanted}, UID in object meta: {there}"
        ));
    }
    let there = old.resource_version().unwrap_or_default();
    if let Some(wanted) = options
        .resource_version
        .as_deref()
        .filter(|wanted| *wanted != there)
    {
        return conflict(format!(
            "Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {there}"
        ));
    }
    Ok(())
}

/// The object on its way out; none: it goes at once.
fn ending(old: &Object, ending: Ending, options: &DeleteOptions, now: Timestamp) -> Option<Object> {
    let mut object = old.clone();
    if let Some(finalizer) = options.propagation.finalizer() {
        metadata::set_finalizer(&mut object, finalizer, true);
    }
    let grace = match ending {
        Ending::Pod => grace_of_pod(old, options),
        Ending::AtOnce | Ending::Namespace => 0,
    };
    let is_held = object.finalizers().next().is_some() || ending == Ending::Namespace;
    if grace == 0 && !is_held {
        return None;
    }
    let is_shorter = || {
        let there = old.get(&["metadata", "deletionGracePeriodSeconds"]);
        there
            .and_then(Value::as_i64)
            .is_some_and(|there| grace < there)
    };
    if !metadata::is_deleting(old) || is_shorter() {
        let at = now
            .checked_add(SignedDuration::from_secs(grace))
            .unwrap_or(now);
        metadata::set_deleting(&mut object, at, grace);
    }
    if ending == Ending::Namespace {
        object
            .as_map_mut()
            .insert("status".to_owned(), json!({ "phase": "Terminating" }));
    }
    Some(object)
}

/// A pod that does not run, or no longer, needs no time.
fn grace_of_pod(pod: &Object, options: &DeleteOptions) -> i64 {
    let is_idle = pod.text(&["spec", "nodeName"]).is_none()
        || matches!(pod.text(&["status", "phase"]), Some("Succeeded" | "Failed"));
    if is_idle {
        return 0;
    }
    let own = pod
        .get(&["spec", "terminationGracePeriodSeconds"])
        .and_then(Value::as_i64);
    options
        .grace_seconds
        .or(own)
        .unwrap_or(GRACE_SECONDS)
        .max(0)
}
