//! The Kubernetes API of each cluster, on a TLS port of its own.
//!
//! A cluster whose issuer is the plane's has an API here; one whose issuer is elsewhere is a real
//! cluster, with an API of its own. [`Kubernetes::settle`] makes what runs agree with the clusters
//! that there are; it is called at start and whenever a cluster came or went.

mod certificates;
mod kubeconfig;
mod parts;

mod bearer;
mod issuer;
mod reviews;
mod tokens;

mod escalation;
mod rights;
mod roles;

mod admitted;
mod notes;

mod node;
mod streams;
mod system;
mod volatile;

use crate::config::ImagesConfig;
use crate::connections::{self, Answers, Peer};
use crate::folder::Folder;
use crate::journal::AuditLog;
use crate::limits::Limits;
use crate::options::Options;
use crate::world::{Unchanged, World, Worlds};
use apiserver::{ApiServer, Connection, Objects, ServerVersion};
use certificates::ClusterAuthority;
use eks::Cluster;
use hyper::body::Incoming;
use hyper::{Request, Response};
use issuer::Issuer;
use names::ClusterArn;
use oidc::Lifetime;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Range, Transaction};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use volatile::Volatile;

pub(crate) use kubeconfig::KUBECONFIG;
pub use node::PodHost;

/// Connections of one cluster at a time.
const CONNECTIONS_MAX: usize = 4_096;
/// How often it is looked whether the Service of an API still says where it is.
const PUBLISHED_AGAIN: Duration = Duration::from_secs(10);
/// Keys deleted with one commit when a cluster goes.
const DELETED_AT_ONCE: usize = 1_000;

/// The APIs that run.
pub(crate) struct Kubernetes {
    worlds: Arc<Worlds>,
    audit: Arc<AuditLog>,
    folder: Folder,
    /// Where AWS answers; the APIs listen beside it, each on a port of its own.
    address: SocketAddr,
    stop: watch::Receiver<bool>,
    host: Option<PodHost>,
    volatile: Volatile,
    images: ImagesConfig,
    token_lifetime_max: Lifetime,
    /// Held while clusters start and end, so that each does so once.
    settling: tokio::sync::Mutex<()>,
    running: Mutex<BTreeMap<ClusterArn, Running>>,
}

/// One cluster's API.
struct Running {
    access: kubeconfig::Access,
    listening: JoinHandle<()>,
    /// What runs beside it; ends with this.
    _tasks: JoinSet<()>,
    at_work: node::AtWork,
    /// Tells the addresses of its Pods from those of other clusters.
    network: u8,
}

impl Kubernetes {
    /// Nothing runs before [`Self::settle`].
    ///
    /// # Errors
    /// When there is no place for the secrets of Pods.
    pub(crate) fn new(
        worlds: Arc<Worlds>,
        audit: Arc<AuditLog>,
        folder: Folder,
        address: SocketAddr,
        stop: watch::Receiver<bool>,
        options: &Options,
        images: ImagesConfig,
    ) -> std::io::Result<Self> {
        Ok(Self {
            volatile: Volatile::of(folder.path())?,
            images,
            worlds,
            audit,
            folder,
            address,
            stop,
            host: options.pods.clone(),
            token_lifetime_max: options.token_lifetime_max,
            settling: tokio::sync::Mutex::default(),
            running: Mutex::default(),
        })
    }

    /// Starts the APIs of clusters that came, side by side, and ends those of clusters that went.
    pub(crate) async fn settle(self: &Arc<Self>) -> Result<(), String> {
        let _order = self.settling.lock().await;
        let world = self.worlds.now();
        let wanted: BTreeMap<_, _> = ours(&world).map(|one| (&one.arn, one)).collect();
        for arn in self.arns().iter().filter(|arn| !wanted.contains_key(arn)) {
            let gone = self.running().remove(arn);
            if let Some(gone) = gone {
                gone.end().await;
            }
            self.forget(arn).await?;
        }
        let mut starting = JoinSet::new();
        let mut networks: BTreeSet<u8> = self.running().values().map(|one| one.network).collect();
        let there = self.arns();
        for cluster in wanted.into_values().filter(|one| !there.contains(&one.arn)) {
            let network = free_network(&mut networks);
            let (this, cluster) = (Arc::clone(self), Cluster::clone(cluster));
            starting.spawn(async move { this.start(&cluster, network).await });
        }
        let mut settled = Ok(());
        while let Some(started) = starting.join_next().await {
            match started.map_err(|ended| ended.to_string()).flatten() {
                Ok(one) => drop(self.running().insert(one.access.cluster.clone(), one)),
                Err(why) => settled = settled.and(Err(why)),
            }
        }
        settled.and_then(|()| self.write_kubeconfig())
    }

    /// The clusters whose API does not answer yet.
    pub(crate) fn missing(&self) -> Vec<ClusterArn> {
        let (world, there) = (self.worlds.now(), self.arns());
        let all = ours(&world).filter(|cluster| !there.contains(&cluster.arn));
        all.map(|cluster| cluster.arn.clone()).collect()
    }

    /// Ends the processes of all Pods.
    pub(crate) async fn end(&self) {
        let all = std::mem::take(&mut *self.running());
        for ended in all.into_values() {
            ended.end().await;
        }
        // What stays is removed by the next start.
        let _ = self.volatile.remove();
    }

    fn arns(&self) -> BTreeSet<ClusterArn> {
        self.running().keys().cloned().collect()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<ClusterArn, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn start(&self, cluster: &Cluster, network: u8) -> Result<Running, String> {
        let failed = |why: &dyn std::fmt::Display| format!("the API of `{}`: {why}", cluster.arn);
        let world = self.worlds.now();
        let keys = world
            .clusters
            .keys(&cluster.arn)
            .ok_or_else(|| failed(&"it has no keys"))?;
        let authority = ClusterAuthority::new(&cluster.authority_pem, &keys.value.authority);
        let authority = authority.map_err(|why| failed(&why))?;
        let listener = self.bind(cluster).await.map_err(|why| failed(&why))?;
        let port = listener.local_addr().map_err(|why| failed(&why))?.port();
        let host = self.host();
        let tls = authority.server_config(host).map_err(|why| failed(&why))?;
        let administrator = authority.administrator().map_err(|why| failed(&why))?;
        let at = SocketAddr::new(host, port);
        let endpoint = format!("https://{at}");
        self.publish(&cluster.arn, &endpoint).await?;
        let store = Arc::clone(self.worlds.store());
        let objects = Objects::new(store, &place(&cluster.arn), parts::seal(&self.worlds));
        let (noted, notes) = notes::channel();
        let issuer = Issuer::of(cluster, &self.worlds, self.token_lifetime_max);
        let parts = parts::parts(cluster, issuer, &self.audit, &objects, noted).await;
        let mut parts = parts.map_err(|why| failed(&why))?;
        let streams = streams::PodStreams::default();
        parts.streams = Some(Arc::new(streams.clone()));
        let server = ApiServer::new(&objects, version(cluster), parts);
        server.settle().await.map_err(|why| failed(&why))?;
        let client = server.client(apiserver::user("system:apiserver", &[apiserver::MASTERS]));
        let settled = roles::settle(&client).await;
        settled.map_err(|why| failed(&why))?;
        let published = server.publish(at).await;
        published.map_err(|why| failed(&why))?;
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_published(Arc::clone(&server), at));
        tasks.spawn(roles::keep_gathered(client.clone()));
        tasks.spawn(notes.keep(client));
        let place = node::Place {
            cluster,
            api: at,
            aws: SocketAddr::new(host, self.address.port()),
            folder: self.folder.path(),
            volatile: &self.volatile,
            images: &self.images,
            host: self.host.as_ref(),
            network,
        };
        let at_work = node::start(&server, place, &streams).await;
        let at_work = at_work.map_err(|why| failed(&why))?;
        let tls = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
        let listening = connections::listen(
            Arc::new(Api(server)),
            listener,
            tls,
            limits(),
            self.stop.clone(),
        );
        Ok(Running {
            access: kubeconfig::Access {
                cluster: cluster.arn.clone(),
                endpoint,
                authority: cluster.authority_data(),
                administrator,
            },
            listening: tokio::spawn(listening),
            _tasks: tasks,
            at_work,
            network,
        })
    }

    /// At the port of last time, where it is free; else at any.
    async fn bind(&self, cluster: &Cluster) -> std::io::Result<TcpListener> {
        let last = cluster
            .endpoint
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        if let Some(port) = last
            && let Ok(listener) = TcpListener::bind((self.address.ip(), port)).await
        {
            return Ok(listener);
        }
        TcpListener::bind((self.address.ip(), 0)).await
    }

    /// The address that clients are told: one that they can reach.
    fn host(&self) -> IpAddr {
        match self.address.ip().is_unspecified() {
            true => Ipv4Addr::LOCALHOST.into(),
            false => self.address.ip(),
        }
    }

    async fn publish(&self, arn: &ClusterArn, endpoint: &str) -> Result<(), String> {
        let change = self.worlds.change(|world| {
            let transaction = eks::operations::set_endpoint(&world.clusters, arn, endpoint)?;
            Ok::<_, eks::EksError>((transaction, ()))
        });
        change.await.map_err(|unchanged| match unchanged {
            Unchanged::Refused(why) => why.to_string(),
            Unchanged::Store(why) => why.to_string(),
            Unchanged::Unreadable(why) => why,
        })
    }

    /// Deletes what a cluster kept.
    async fn forget(&self, arn: &ClusterArn) -> Result<(), String> {
        remove_folder(node::volumes(self.folder.path(), arn)).await?;
        let store = self.worlds.store();
        let range = Range::prefix(format!("kubernetes/{}/", place(arn)));
        let found = store
            .range(range, None)
            .await
            .map_err(|why| why.to_string())?;
        for some in found.entries.chunks(DELETED_AT_ONCE) {
            let all = some.iter().map(|entry| entry.key.clone());
            let transaction = all.fold(Transaction::new(), Transaction::delete);
            let done = store.commit(transaction).await;
            done.map_err(|why| why.to_string())?;
        }
        Ok(())
    }

    fn write_kubeconfig(&self) -> Result<(), String> {
        let text = {
            let running = self.running();
            let all: Vec<_> = running.values().map(|one| &one.access).collect();
            kubeconfig::of_all(&all)
        };
        let written = self.folder.write(KUBECONFIG, text.as_bytes());
        written.map_err(|why| why.to_string())
    }
}

impl Running {
    async fn end(self) {
        self.listening.abort();
        self.at_work.end().await;
    }
}

/// Mends what says where the API is, whoever changed it.
async fn keep_published(server: Arc<ApiServer>, at: SocketAddr) {
    loop {
        tokio::time::sleep(PUBLISHED_AGAIN).await;
        // What cannot be written now is written at the next turn.
        let _ = server.publish(at).await;
    }
}

/// Removes a folder with all that is in it, if it is there.
async fn remove_folder(folder: PathBuf) -> Result<(), String> {
    let text = folder.display().to_string();
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder));
    match removed.await.map_err(|ended| ended.to_string())? {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(format!("{text}: {why}")),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Who answers on a cluster's port.
struct Api(Arc<ApiServer>);

impl Answers for Api {
    type Body = apiserver::Body;
    const IN_THE_CLEAR: bool = false;
    const TO_ITS_END: bool = false;

    async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Response<Self::Body> {
        let from = Connection {
            address: peer.address.ip(),
            certificate: peer.certificate.clone(),
        };
        self.0.answer(request, &from).await
    }
}

/// Each watch holds a connection, and all of a cluster's clients may be on this machine.
fn limits() -> Limits {
    Limits {
        connections_max: CONNECTIONS_MAX,
        connections_per_peer_max: CONNECTIONS_MAX,
        ..Limits::default()
    }
}

/// Takes the lowest number that no cluster has.
fn free_network(taken: &mut BTreeSet<u8>) -> u8 {
    let free = (1..u8::MAX).find(|number| !taken.contains(number));
    let free = free.unwrap_or(u8::MAX);
    taken.insert(free);
    free
}

/// The clusters whose API is here.
fn ours(world: &World) -> impl Iterator<Item = &Cluster> {
    let all = world.clusters.iter();
    all.filter(|cluster| matches!(cluster.issuer, eks::Issuer::Own(_)))
}

/// Where the cluster's objects lie in the store.
fn place(arn: &ClusterArn) -> String {
    format!("{}/{}/{}", arn.account(), arn.region(), arn.name())
}

fn version(cluster: &Cluster) -> ServerVersion {
    let version = cluster.version.to_string();
    let (major, minor) = version.split_once('.').unwrap_or((&version, "0"));
    ServerVersion {
        major: major.to_owned(),
        minor: minor.to_owned(),
    }
}
