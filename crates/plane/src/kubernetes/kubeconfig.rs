//! The kubeconfig file of the state folder: a context per cluster, its administrator.

use super::certificates::ClientCertificate;
use data_encoding::BASE64;
use names::ClusterArn;
use std::fmt::Write;

/// Where it stands in the state folder.
pub(crate) const KUBECONFIG: &str = "kube/config";

/// How an administrator reaches a cluster.
pub(super) struct Access {
    pub(super) cluster: ClusterArn,
    pub(super) endpoint: String,
    /// The authority's certificate, in base64.
    pub(super) authority: String,
    pub(super) administrator: ClientCertificate,
}

/// The file of all clusters; the first one is current.
pub(super) fn of_all(all: &[&Access]) -> String {
    let (mut clusters, mut contexts, mut users) = (String::new(), String::new(), String::new());
    let mut names = Vec::new();
    for access in all {
        let name = context_name(&access.cluster, &names);
        let certificate = BASE64.encode(access.administrator.certificate_pem.as_bytes());
        let key = BASE64.encode(access.administrator.key_pem.expose());
        // Writing to a string does not fail.
        let _ = write!(
            clusters,
            "- name: {name}\n  cluster:\n    certificate-authority-data: {}\n    server: {}\n",
            access.authority, access.endpoint
        );
        let _ = write!(
            contexts,
            "- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\n"
        );
        let _ = write!(
            users,
            "- name: {name}\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {key}\n"
        );
        names.push(name);
    }
    let current = names.first().map_or("\"\"", String::as_str);
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {current}\nclusters:{}\ncontexts:{}\nusers:{}\npreferences: {{}}\n",
        list(&clusters),
        list(&contexts),
        list(&users)
    )
}

fn list(items: &str) -> String {
    match items.is_empty() {
        true => " []".to_owned(),
        false => format!("\n{}", items.trim_end()),
    }
}

/// The cluster's name; where two clusters share one, with its place.
fn context_name(cluster: &ClusterArn, taken: &[String]) -> String {
    let name = cluster.name().to_string();
    match taken.contains(&name) {
        false => name,
        true => format!("{name}.{}.{}", cluster.region(), cluster.account()),
    }
}
