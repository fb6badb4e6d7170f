//! What a cluster begins with: its first namespaces.

use crate::client::Place;
use crate::server::ApiServer;
use crate::user::{MASTERS, user};
use names::Gvk;
use objects::status::Reason;
use objects::{Object, Status};
use std::sync::Arc;

/// The namespaces that every cluster has.
const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

impl ApiServer {
    /// Makes what every cluster has, where it is missing.
    ///
    /// # Errors
    /// Why it could not be made.
    pub async fn settle(self: &Arc<Self>) -> Result<(), Status> {
        let client = self.client(user("system:apiserver", &[MASTERS]));
        let place = Place::new("", "v1", "namespaces", "");
        let Some(of) = self.registry.find("", "v1", "namespaces") else {
            return Ok(());
        };
        for name in NAMESPACES {
            let created = client.create(&place, named(&of.gvk, name)).await;
            match created {
                Err(status) if status.reason != Reason::AlreadyExists => return Err(status),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn named(gvk: &Gvk, name: &str) -> Object {
    let mut object = Object::new(gvk);
    object.metadata_mut().insert("name".to_owned(), name.into());
    object
}
