//! What works on a cluster's API: its controllers, and the runner that is its node.

use super::streams::PodStreams;
use super::system::System;
use super::volatile::Volatile;
use crate::chance;
use crate::config::ImagesConfig;
use apiserver::ApiServer;
use eks::Cluster;
use names::ClusterArn;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use workloads::controllers::{self, Controllers, NodeSettings};
use workloads::runner::{self, Backoff, Images, Runner};

/// Memory that the node says it has; nothing is reserved.
const MEMORY_BYTES: u64 = 8 << 30;

/// How Pods run on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodHost {
    /// The binary that starts sandboxes: the one that runs, if it calls [`crate::sandbox_helper`].
    pub helper: PathBuf,
    /// Files and folders that no Pod may see, beside the plane's own.
    pub hidden: Vec<PathBuf>,
}

/// A cluster's controllers and runner. Its processes end when this is dropped.
#[derive(Debug)]
pub(super) struct AtWork {
    _controllers: Controllers,
    runner: Option<Arc<Runner>>,
}

impl AtWork {
    /// Ends the processes of the Pods; their objects stay.
    pub(super) async fn end(self) {
        if let Some(runner) = &self.runner {
            runner.shutdown().await;
        }
    }
}

/// What a cluster's node is made of.
pub(super) struct Place<'a> {
    pub(super) cluster: &'a Cluster,
    /// Where Pods find the API.
    pub(super) api: SocketAddr,
    /// Where Pods find AWS.
    pub(super) aws: SocketAddr,
    /// The plane's folder.
    pub(super) folder: &'a Path,
    /// Where tokens and secrets of Pods lie.
    pub(super) volatile: &'a Volatile,
    /// The images that are declared.
    pub(super) images: &'a ImagesConfig,
    pub(super) host: Option<&'a PodHost>,
    /// Tells the addresses of its Pods from those of other clusters.
    pub(super) network: u8,
}

/// Puts controllers to work and, where Pods can run, a node.
pub(super) async fn start(
    server: &Arc<ApiServer>,
    place: Place<'_>,
    streams: &PodStreams,
) -> std::io::Result<AtWork> {
    let node = node_of(place.cluster);
    let runner = match place.host {
        Some(host) => {
            let api = Arc::new(System::new(server, &format!("system:node:{}", node.name)));
            let settings = settings(&place, host, &node.name);
            let runner = Arc::new(Runner::start(api, settings).await?);
            streams.serve(Arc::clone(&runner));
            Some(runner)
        }
        None => None,
    };
    let settings = controllers::Settings {
        nodes: if runner.is_some() {
            vec![node]
        } else {
            Vec::new()
        },
        root_ca: place.cluster.authority_pem.clone(),
        volumes: runner
            .is_some()
            .then(|| volumes(place.folder, &place.cluster.arn)),
        clock: Arc::new(chance::now),
    };
    let api = Arc::new(System::new(server, "system:kube-controller-manager"));
    Ok(AtWork {
        _controllers: Controllers::start(api, settings),
        runner,
    })
}

/// Where a cluster's volumes are. They stay when the plane ends.
pub(super) fn volumes(folder: &Path, cluster: &ClusterArn) -> PathBuf {
    let name = super::place(cluster).replace('/', "-");
    folder.join("volumes").join(name)
}

fn node_of(cluster: &Cluster) -> NodeSettings {
    NodeSettings {
        name: format!("ip-127-0-0-1.{}.compute.internal", cluster.region()),
        address: "127.0.0.1".to_owned(),
        labels: [(
            "topology.kubernetes.io/region".to_owned(),
            cluster.region().to_string(),
        )]
        .into(),
        taints: Vec::new(),
        version: format!("v{}.0-rolecall", cluster.version),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        memory: MEMORY_BYTES,
    }
}

fn settings(place: &Place<'_>, host: &PodHost, node: &str) -> runner::Settings {
    let name = super::place(&place.cluster.arn).replace('/', "-");
    let pods = place.folder.join("pods").join(&name);
    let mut hidden = host.hidden.clone();
    hidden.push(place.folder.to_owned());
    runner::Settings {
        nodes: vec![node.to_owned()],
        host_ip: "127.0.0.1".to_owned(),
        helper: host.helper.clone(),
        volatile: place.volatile.part(&name),
        hidden,
        images: Images {
            folders: place.images.folders(),
            unpacked: place.folder.join("images"),
            only_these: place.images.are_only_these(),
        },
        pods,
        api: Some((place.api.ip().to_string(), place.api.port())),
        variables: vec![(
            "AWS_ENDPOINT_URL".to_owned(),
            format!("http://{}", place.aws),
        )],
        isolation: None,
        backoff: Backoff::KUBELET,
        network: place.network,
        probe_second: std::time::Duration::from_secs(1),
        clock: Arc::new(chance::now),
    }
}
