//! A cluster's API: its resources, its objects, and what it was given.

use crate::discovery;
use crate::hub::Hubs;
use crate::ledger::Turns;
use crate::objects::Objects;
use crate::parts::{Answerer, Asked, Parts};
use crate::permit::Permit;
use crate::records::Records;
use crate::registry::{Registry, ResourceDef, Verb};
use crate::subresource::{How, SubresourceDef};
use names::Gvk;
use objects::Status;
use objects::openapi::OpenApi;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What a cluster says of its version.
#[derive(Debug, Clone)]
pub struct ServerVersion {
    /// As `1`.
    pub major: String,
    /// As `33`.
    pub minor: String,
}

impl ServerVersion {
    /// As `v1.33.0+rolecall`.
    #[must_use]
    pub fn git_version(&self) -> String {
        format!("v{}.{}.0+rolecall", self.major, self.minor)
    }
}

/// The Kubernetes API of one cluster. Dropping it ends its watches.
pub struct ApiServer {
    pub(crate) registry: Registry,
    pub(crate) records: Arc<Records>,
    pub(crate) hubs: Arc<Hubs>,
    pub(crate) parts: Parts,
    pub(crate) version: ServerVersion,
    pub(crate) openapi: OpenApi,
    pub(crate) turns: Turns,
    following: JoinHandle<()>,
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl ApiServer {
    /// The API to a cluster's objects.
    #[must_use]
    pub fn new(objects: &Objects, version: ServerVersion, parts: Parts) -> Arc<Self> {
        let records = Arc::clone(&objects.records);
        let hubs = Arc::new(Hubs::new(records.revision()));
        let following = tokio::spawn({
            let (hubs, records) = (Arc::clone(&hubs), Arc::clone(&records));
            async move { hubs.run(&records).await }
        });
        let registry = objects.registry.clone();
        Arc::new(Self {
            openapi: discovery::openapi(&registry, &version),
            registry,
            records,
            hubs,
            parts,
            version,
            turns: Turns::default(),
            following,
        })
    }

    /// What is served.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What a permit is about.
    pub(crate) fn target<'p>(&self, permit: &'p Permit) -> Result<Target<'p>, Status> {
        let asked = permit.asked();
        let of = self
            .registry
            .find(&asked.group, &asked.version, &asked.plural);
        let of = of.ok_or_else(Status::unknown_path)?;
        let is_below = !asked.name.is_empty() || asked.verb != Verb::Create.as_str();
        let is_placed =
            asked.plural == "namespaces" || asked.namespace.is_empty() != of.is_namespaced();
        // A collection over all namespaces can be read and nothing else.
        let is_over_all = of.is_namespaced() && asked.namespace.is_empty();
        let reads_all = asked.verb == "list" || asked.verb == "watch";
        if is_over_all && !reads_all {
            return Err(Status::method_not_allowed(&of.resource, &asked.verb));
        }
        if !is_placed && !is_over_all {
            return Err(Status::unknown_path());
        }
        let subresource = match asked.subresource.as_str() {
            "" => None,
            name => {
                let found = of.subresource(name).filter(|_| is_below);
                Some(found.cloned().ok_or_else(Status::unknown_path)?)
            }
        };
        let verbs = subresource.as_ref().map_or(of.verbs, |below| below.verbs);
        if !verbs.iter().any(|verb| verb.as_str() == asked.verb) {
            return Err(Status::method_not_allowed(&of.resource, &asked.verb));
        }
        Ok(Target {
            of: Arc::clone(of),
            subresource,
            permit,
        })
    }

    /// Who answers what is asked of a resource, or below an object.
    pub(crate) fn answerer(&self, target: &Target<'_>) -> Option<&Arc<dyn Answerer>> {
        let asked = target.permit.asked();
        let name = match asked.subresource.as_str() {
            "" => asked.plural.clone(),
            subresource => format!("{}/{subresource}", asked.plural),
        };
        let all = self.parts.answerers.iter();
        all.filter(|(there, _)| *there == name)
            .map(|(_, answerer)| answerer)
            .next()
    }

    /// Asks whoever answers; what nobody answers says so.
    pub(crate) async fn ask(
        &self,
        target: &Target<'_>,
        asked: Asked<'_>,
    ) -> Result<objects::Object, Status> {
        match self.answerer(target) {
            Some(answerer) => answerer.answer(asked).await,
            None => Err(Status::method_not_allowed(
                &target.of.resource,
                &asked.attributes.verb,
            )),
        }
    }
}

/// What a request is about, as its permit says.
pub(crate) struct Target<'p> {
    pub(crate) of: Arc<ResourceDef>,
    pub(crate) subresource: Option<SubresourceDef>,
    pub(crate) permit: &'p Permit,
}

impl Target<'_> {
    pub(crate) fn namespace(&self) -> &str {
        match self.of.is_namespaced() {
            true => &self.permit.asked().namespace,
            false => "",
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.permit.asked().name
    }

    pub(crate) fn how(&self) -> Option<How> {
        self.subresource.as_ref().map(|below| below.how)
    }

    /// The type that is spoken there.
    pub(crate) fn gvk(&self) -> &Gvk {
        match &self.subresource {
            Some(below) => &below.gvk,
            None => &self.of.gvk,
        }
    }

    pub(crate) fn not_found(&self) -> Status {
        Status::not_found(&self.of.resource, self.name())
    }
}
