//! Who am I, whose token is this, may somebody do that: questions that are answered and forgotten.

use super::bearer::Bearer;
use super::issuer::AUDIENCE;
use super::rights::{RightsNow, verdict};
use apiserver::{Answerer, Asked, Attributes, Verdict};
use objects::status::FieldError;
use objects::{KubeUser, Object, Status};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Pending;

/// Answers them all; each is told by its resource.
pub(super) struct Reviews {
    pub(super) rights: Arc<RightsNow>,
    pub(super) bearer: Arc<Bearer>,
}

/// What it answers.
pub(super) const ANSWERED: [&str; 6] = [
    "localsubjectaccessreviews",
    "selfsubjectaccessreviews",
    "selfsubjectreviews",
    "selfsubjectrulesreviews",
    "subjectaccessreviews",
    "tokenreviews",
];

impl Answerer for Reviews {
    fn answer<'a>(&'a self, asked: Asked<'a>) -> Pending<'a, Result<Object, Status>> {
        Box::pin(async move {
            let status = match asked.attributes.plural.as_str() {
                "selfsubjectreviews" => json!({ "userInfo": asked.user }),
                "tokenreviews" => self.token(&asked.object).await?,
                "selfsubjectrulesreviews" => self.rules(&asked).await?,
                "selfsubjectaccessreviews" => self.access(&asked, asked.user).await?,
                _ => self.access(&asked, &subject(&asked.object)?).await?,
            };
            let mut answered = asked.object;
            answered.as_map_mut().insert("status".to_owned(), status);
            Ok(answered)
        })
    }
}

impl Reviews {
    async fn token(&self, review: &Object) -> Result<Value, Status> {
        let token = review.text(&["spec", "token"]).ok_or_else(|| {
            Status::bad_request("token is required for TokenReview in authentication")
        })?;
        let named = review.items(&["spec", "audiences"]).iter();
        let named: Vec<_> = named.filter_map(Value::as_str).map(str::to_owned).collect();
        let is_for_us = named.is_empty();
        let audiences = match is_for_us {
            true => vec![AUDIENCE.to_owned()],
            false => named,
        };
        Ok(match self.bearer.verify(token, &audiences).await {
            Ok(Some(mut vouched)) => {
                vouched.user.groups.push("system:authenticated".to_owned());
                json!({
                    "authenticated": true,
                    "user": vouched.user,
                    "audiences": vouched.audiences,
                })
            }
            Ok(None) => json!({ "user": {}, "error": "not a token of this cluster" }),
            Err(why) => json!({ "user": {}, "error": format!("invalid bearer token, {why}") }),
        })
    }

    async fn rules(&self, asked: &Asked<'_>) -> Result<Value, Status> {
        let namespace = asked.object.text(&["spec", "namespace"]);
        let namespace = namespace.ok_or_else(|| Status::bad_request("no namespace on request"))?;
        let rights = self.rights.now().await?;
        let rules = rbac::rules_of(asked.user, namespace, &rights);
        Ok(json!({
            "resourceRules": rules.resource_rules,
            "nonResourceRules": rules.non_resource_rules,
            "incomplete": false,
        }))
    }

    async fn access(&self, asked: &Asked<'_>, user: &KubeUser) -> Result<Value, Status> {
        let wanted = wanted(asked)?;
        let rights = self.rights.now().await?;
        Ok(match verdict(user, &wanted, &rights) {
            Verdict::Allowed(reason) => json!({ "allowed": true, "reason": reason }),
            Verdict::Refused { explanation, .. } => {
                json!({ "allowed": false, "reason": explanation })
            }
        })
    }
}

/// Of whom a review speaks.
fn subject(review: &Object) -> Result<KubeUser, Status> {
    let mut spec = review.get(&["spec"]).cloned().unwrap_or_default();
    spec["username"] = spec["user"].take();
    let named = |field: &str| spec[field].as_str().is_some_and(|text| !text.is_empty());
    let grouped = spec["groups"].as_array().is_some_and(|all| !all.is_empty());
    if !named("username") && !grouped {
        let why = "at least one of user or group must be specified";
        return Err(invalid(review, FieldError::invalid("spec.user", "", why)));
    }
    if spec["username"].is_null() {
        spec["username"] = "".into();
    }
    KubeUser::deserialize(&spec).map_err(|why| Status::bad_request(why.to_string()))
}

/// What a review asks about.
fn wanted(asked: &Asked<'_>) -> Result<Attributes, Status> {
    let review = &asked.object;
    let part = |name: &str| review.get(&["spec", name]).filter(|part| part.is_object());
    let (of_object, of_path) = (part("resourceAttributes"), part("nonResourceAttributes"));
    let text = |of: &Value, field: &str| of[field].as_str().unwrap_or_default().to_owned();
    match (of_object, of_path) {
        (Some(of), None) => {
            let namespace = text(of, "namespace");
            let here = &asked.attributes.namespace;
            if asked.attributes.plural == "localsubjectaccessreviews" && namespace != *here {
                return Err(Status::bad_request(format!(
                    "spec.resourceAttributes.namespace must match namespace: {here}"
                )));
            }
            Ok(Attributes {
                verb: text(of, "verb"),
                is_resource: true,
                group: text(of, "group"),
                version: text(of, "version"),
                plural: text(of, "resource"),
                subresource: text(of, "subresource"),
                namespace,
                name: text(of, "name"),
                path: String::new(),
            })
        }
        (None, Some(of)) => Ok(Attributes {
            verb: text(of, "verb").to_lowercase(),
            path: text(of, "path"),
            ..Attributes::default()
        }),
        (Some(_), Some(of)) => {
            let why = "cannot be specified in combination with resourceAttributes";
            let fault = FieldError::invalid("spec.nonResourceAttributes", of.clone(), why);
            Err(invalid(review, fault))
        }
        (None, None) => {
            let why =
                "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            let fault = FieldError::invalid("spec.resourceAttributes", Value::Null, why);
            Err(invalid(review, fault))
        }
    }
}

fn invalid(review: &Object, fault: FieldError) -> Status {
    match review.gvk() {
        Ok(gvk) => Status::invalid(&gvk, "", &[fault]),
        Err(why) => Status::bad_request(why.to_string()),
    }
}
