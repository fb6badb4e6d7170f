//! TokenRequest: mints a token for a service account, bound to what it is to end with.

use super::issuer::{AUDIENCE, Issuer};
use crate::chance;
use apiserver::{Answerer, Asked, Objects, Place};
use names::{GroupResource, RequestId, ServiceAccount};
use objects::status::FieldError;
use objects::{Object, Status, defaults, validate};
use oidc::{BoundTo, Lifetime, ObjectRef, TokenRequest};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Pending;

/// Answers what is asked of `serviceaccounts/NAME/token`.
pub(super) struct Tokens {
    pub(super) issuer: Arc<Issuer>,
    pub(super) objects: Arc<Objects>,
}

impl Answerer for Tokens {
    fn answer<'a>(&'a self, asked: Asked<'a>) -> Pending<'a, Result<Object, Status>> {
        Box::pin(self.mint(asked))
    }
}

impl Tokens {
    async fn mint(&self, asked: Asked<'_>) -> Result<Object, Status> {
        let attributes = asked.attributes;
        let account = asked.parent.unwrap_or_default();
        let mut request = asked.object;
        fit(&mut request, "name", &attributes.name)?;
        fit(&mut request, "namespace", &attributes.namespace)?;
        defaults::default(&mut request);
        let faults = validate::validate_create(&request);
        if !faults.is_empty() {
            return Err(invalid(&request, &faults));
        }
        let bound_to = self.bound_to(&request, &attributes.namespace, &attributes.name);
        let bound_to = bound_to.await?;
        let lifetime = lifetime(&request)?.min(self.issuer.longest);
        let audiences = audiences(&mut request)?;
        let name = format!("{}/{}", attributes.namespace, attributes.name);
        let service_account: ServiceAccount = name
            .parse()
            .map_err(|why: names::NotAServiceAccount| Status::bad_request(why.to_string()))?;
        let minted = self.issuer.mint(&TokenRequest {
            issuer: self.issuer.url.clone(),
            service_account,
            uid: account.uid().unwrap_or_default().to_owned(),
            audiences,
            bound_to,
            lifetime,
            now: chance::now(),
            jti: RequestId::from_random(chance::random()).to_string(),
        });
        let minted =
            minted.ok_or_else(|| Status::service_unavailable("the cluster has no signing key"))?;
        let spec = request.as_map_mut().entry("spec").or_insert(Value::Null);
        spec["expirationSeconds"] = lifetime.seconds().into();
        request.as_map_mut().insert(
            "status".to_owned(),
            json!({
                "token": minted.text().expose_str(),
                "expirationTimestamp": minted.expiry().to_string(),
            }),
        );
        Ok(request)
    }

    async fn bound_to(
        &self,
        request: &Object,
        namespace: &str,
        account: &str,
    ) -> Result<Option<BoundTo>, Status> {
        let meant = request.get(&["spec", "boundObjectRef"]);
        let Some(meant) = meant.filter(|meant| meant.is_object()) else {
            return Ok(None);
        };
        let text = |field: &str| meant[field].as_str().unwrap_or_default();
        let (version, kind, name) = (text("apiVersion"), text("kind"), text("name"));
        let (plural, home) = match (version, kind) {
            ("v1", "Pod") => ("pods", namespace),
            ("v1", "Secret") => ("secrets", namespace),
            ("v1", "Node") => ("nodes", ""),
            _ => {
                let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
                return Err(Status::bad_request(format!(
                    "cannot bind token to object of type {group}/{version}, Kind={kind}"
                )));
            }
        };
        let found = self.get(plural, home, name).await?;
        let found = found.ok_or_else(|| not_found(plural, name))?;
        if kind == "Pod" && found.text(&["spec", "serviceAccountName"]) != Some(account) {
            return Err(Status::bad_request(format!(
                "cannot bind token for serviceaccount {account:?} to pod running with different serviceaccount name."
            )));
        }
        let (wanted, uid) = (text("uid"), found.uid().unwrap_or_default());
        if !wanted.is_empty() && wanted != uid {
            let why = format!(
                "the UID in the bound object reference ({wanted}) does not match the UID in record. The object might have been deleted and then recreated"
            );
            return Err(Status::conflict(&resource(plural), name, &why));
        }
        let object = reference(&found);
        Ok(Some(match kind {
            "Secret" => BoundTo::Secret(object),
            "Node" => BoundTo::Node(object),
            _ => BoundTo::Pod(object, self.node_of(&found).await?),
        }))
    }

    /// Where a pod runs, once that is decided.
    async fn node_of(&self, pod: &Object) -> Result<Option<ObjectRef>, Status> {
        let Some(node) = pod.text(&["spec", "nodeName"]) else {
            return Ok(None);
        };
        let found = self.get("nodes", "", node).await?;
        Ok(found.as_ref().map(reference))
    }

    async fn get(&self, plural: &str, home: &str, name: &str) -> Result<Option<Object>, Status> {
        let place = Place::new("", "v1", plural, home);
        self.objects.get(&place, name).await
    }
}

/// The request's own name and namespace are the path's.
fn fit(request: &mut Object, field: &str, wanted: &str) -> Result<(), Status> {
    let metadata = request.metadata_mut();
    let told = metadata.get(field).and_then(Value::as_str);
    match told.filter(|told| !told.is_empty()) {
        Some(told) if told != wanted => Err(Status::bad_request(format!(
            "the {field} of the provided object does not match the {field} sent on the request"
        ))),
        _ => {
            metadata.insert(field.to_owned(), wanted.into());
            Ok(())
        }
    }
}

fn reference(object: &Object) -> ObjectRef {
    ObjectRef {
        name: object.name().unwrap_or_default().into(),
        uid: object.uid().unwrap_or_default().into(),
    }
}

/// As long as asked, but no longer than EKS lets a token live.
fn lifetime(request: &Object) -> Result<Lifetime, Status> {
    let seconds = request.get(&["spec", "expirationSeconds"]);
    let seconds = seconds.and_then(Value::as_i64);
    let seconds = seconds.unwrap_or(Lifetime::default().seconds());
    let seconds = seconds.min(Lifetime::MAX.seconds());
    Lifetime::from_seconds(seconds).map_err(|why| Status::bad_request(why.to_string()))
}

/// For whom the token is; for the API itself where nobody is named.
fn audiences(request: &mut Object) -> Result<Vec<names::Audience>, Status> {
    let spec = request.as_map_mut().entry("spec").or_insert(Value::Null);
    if spec["audiences"].as_array().is_none_or(Vec::is_empty) {
        spec["audiences"] = json!([AUDIENCE]);
    }
    let named = spec["audiences"].as_array().into_iter().flatten();
    let named: Result<Vec<_>, _> = named
        .map(|one| one.as_str().unwrap_or_default().parse::<names::Audience>())
        .collect();
    named.map_err(|why| {
        let found = request.get(&["spec", "audiences"]).cloned();
        let why = why.to_string();
        let fault = FieldError::invalid("spec.audiences", found.unwrap_or_default(), &why);
        invalid(request, &[fault])
    })
}

fn invalid(request: &Object, faults: &[FieldError]) -> Status {
    match request.gvk() {
        Ok(gvk) => Status::invalid(&gvk, "", faults),
        Err(why) => Status::bad_request(why.to_string()),
    }
}

fn not_found(plural: &str, name: &str) -> Status {
    Status::not_found(&resource(plural), name)
}

/// A resource of the core group.
fn resource(plural: &str) -> GroupResource {
    #[expect(clippy::expect_used, reason = "constants of this file")]
    GroupResource {
        group: "".parse().expect("the core group"),
        plural: plural.parse().expect("a well-spelt plural"),
    }
}
