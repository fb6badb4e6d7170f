//! Puts the identity plane on the network: listeners, TLS, routing, the pipeline, clock, randomness.
//!
//! [`Plane::start`] opens the state, settles what the configuration declares, and listens. A request
//! goes through `connections` and `server` to `local` (the plane's own paths) or to `aws` (the pipeline).

mod admin;
mod authority;
pub mod aws;
mod bootstrap;
mod certificates;
mod chance;
mod config;
mod connections;
mod counters;
mod folder;
mod handling;
mod health;
mod inspect;
mod issuers;
mod journal;
mod kubernetes;
mod leftovers;
mod limits;
mod local;
mod notes;
mod options;
mod port_owner;
mod received;
mod refused;
mod requested_region;
mod rotation;
mod server;
mod standing;
mod trail;
mod uses;
mod world;

pub use config::{
    AccountConfig, AccountName, ClusterConfig, ImagesConfig, InstanceType, MemberConfig, Misfit,
    NodeConfig, NodeGroup, OrganisationConfig, OtherImages, PlaneConfig, PolicyConfig, PolicyText,
    UnitConfig,
};
pub use kubernetes::PodHost;
pub use limits::Limits;
pub use options::{Options, StartError, StateFolder};
pub use workloads::sandbox::helper as sandbox_helper;

use crate::certificates::Certificates;
use crate::folder::Folder;
use crate::journal::AuditLog;
use crate::world::Worlds;
use audit::{Authorizations, Record};
use serde_json::json;
use sigv4::DerivedKeys;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Epoch, FileStore, Keyring, MemoryStore, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The identity plane.
#[derive(Debug, Clone, Copy)]
pub struct Plane;

/// What every request is answered with.
pub(crate) struct Inner {
    pub(crate) config: PlaneConfig,
    pub(crate) worlds: Arc<Worlds>,
    pub(crate) derived: DerivedKeys,
    pub(crate) issuers: issuers::Issuers,
    pub(crate) counters: counters::Counters,
    pub(crate) uses: uses::Uses,
    pub(crate) authority_pem: String,
    pub(crate) certificates: Certificates,
    pub(crate) folder: PathBuf,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) kubernetes: Arc<kubernetes::Kubernetes>,
    denials: Mutex<Authorizations>,
    pub(crate) is_stopping: AtomicBool,
}

impl Inner {
    /// Keeps a request's record.
    pub(crate) async fn remember(&self, record: &Record) {
        self.counters.count(record);
        self.audit.keep(record).await;
    }

    /// The newest denials, for who asks IAM Toolbox about them.
    pub(crate) fn denials(&self) -> MutexGuard<'_, Authorizations> {
        self.denials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plane {
    /// Starts a plane; when this returns it answers.
    ///
    /// # Errors
    /// [`StartError`] says what stands in the way: the address, the state, or the configuration.
    pub async fn start(config: PlaneConfig, options: Options) -> Result<Running, StartError> {
        config
            .validate()
            .map_err(|misfit| StartError::Config(misfit.to_string()))?;
        let reach = issuers::Reach::of(options.allow_private_issuers);
        let issuers = issuers::Issuers::new(reach, options.issuer_ca.as_deref())
            .map_err(StartError::Config)?;
        // The folder first: who runs a plane twice is told of the first one, not of its port.
        let folder = match &options.state {
            StateFolder::Ephemeral => Folder::temporary()?,
            StateFolder::Folder(path) => Folder::at(path)?,
        };
        let listener = bind(options.listen).await?;
        let store: Arc<dyn Store> = match &options.state {
            StateFolder::Ephemeral => Arc::new(MemoryStore::new()),
            StateFolder::Folder(_) => {
                Arc::new(FileStore::open(&folder.state()).map_err(|why| folder.failed(&why))?)
            }
        };
        let keyring = Keyring::new(Epoch(1), &folder.root_key()?);
        bootstrap::first_epoch(&*store, &keyring, &folder).await?;
        let worlds = Worlds::load(store, Arc::new(keyring))
            .await
            .map_err(|why| folder.failed(&why))?;
        bootstrap::settle(&worlds, &config, &folder).await?;
        let authority = bootstrap::authority(&worlds, &folder).await?;
        let issuer = authority::issuer(&authority, bootstrap::AUTHORITY_NAME)
            .map_err(|why| folder.failed(&why))?;
        let certificates = Certificates::new(issuer);
        let audit =
            AuditLog::open(&folder.path().join("audit")).map_err(|why| folder.failed(&why))?;
        let (worlds, audit) = (Arc::new(worlds), Arc::new(audit));
        let address = listener.local_addr().map_err(|why| folder.failed(&why))?;
        let (stop, stopped) = watch::channel(false);
        let kubernetes = kubernetes::Kubernetes::new(
            Arc::clone(&worlds),
            Arc::clone(&audit),
            folder.alias(),
            address,
            stopped.clone(),
            &options,
            config.images.clone(),
        );
        let kubernetes = Arc::new(kubernetes.map_err(|why| folder.failed(&why))?);
        let inner = Arc::new(Inner {
            config,
            worlds,
            derived: DerivedKeys::new(),
            issuers,
            counters: counters::Counters::new(chance::now()),
            uses: uses::Uses::default(),
            authority_pem: authority.pem,
            certificates,
            folder: folder.path().to_owned(),
            audit,
            kubernetes,
            denials: Mutex::default(),
            is_stopping: AtomicBool::new(false),
        });
        folder.write("ca.pem", inner.authority_pem.as_bytes())?;
        let tls = certificates::acceptor(&inner).map_err(|why| folder.failed(&why))?;
        tokio::spawn(rotation::keep_turning(Arc::clone(&inner), stopped.clone()));
        tokio::spawn(uses::keep_writing(Arc::clone(&inner), stopped.clone()));
        let port = server::AwsPort {
            plane: Arc::clone(&inner),
            limits: options.limits,
        };
        let listening = tokio::spawn(connections::listen(
            Arc::new(port),
            listener,
            tls,
            options.limits,
            stopped,
        ));
        let running = Running {
            plane: inner,
            address,
            folder,
            stop,
            listening,
        };
        running.settle().await?;
        tokio::task::spawn_blocking(leftovers::remove);
        Ok(running)
    }
}

/// A plane that answers. Dropping it stops it at once.
pub struct Running {
    plane: Arc<Inner>,
    address: SocketAddr,
    folder: Folder,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its state folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the clusters' APIs, while AWS answers already, and writes where all is.
    async fn settle(&self) -> Result<(), StartError> {
        let settled = self.plane.kubernetes.settle().await;
        settled.map_err(|why| self.folder.failed(&why))?;
        let described = described(&self.plane, self.address);
        self.folder.write("plane.json", described.as_bytes())
    }

    /// Turns not ready, stops accepting, and waits until every open request has its answer, but no
    /// longer than told. Idle connections end at once.
    pub async fn drain(&mut self, at_most: Duration) {
        self.folder.remove("plane.json");
        self.plane.is_stopping.store(true, Ordering::Release);
        let _ = self.stop.send(true);
        let _ = tokio::time::timeout(at_most, &mut self.listening).await;
    }

    /// Ends what is still open, and writes the last uses and what the audit file still lacks.
    pub async fn close(self) {
        self.listening.abort();
        // A store that refuses has refused requests too; the uses of the last minute decide nothing.
        let _ = self.plane.uses.write(&self.plane.worlds).await;
        let plane = Arc::clone(&self.plane);
        plane.kubernetes.end().await;
        // It fails only by a panic in the writer, which has said so itself.
        let _ = tokio::task::spawn_blocking(move || plane.audit.close()).await;
    }

    /// Drains, and closes.
    pub async fn shutdown(mut self, drain: Duration) {
        self.drain(drain).await;
        self.close().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.listening.abort();
        self.folder.remove("plane.json");
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|why| {
        if why.kind() == std::io::ErrorKind::AddrInUse {
            return StartError::Busy {
                address,
                owner: port_owner::of(address),
            };
        }
        StartError::NoAddress {
            address,
            why: why.to_string(),
        }
    })
}

/// `plane.json`.
fn described(plane: &Inner, address: SocketAddr) -> String {
    let world = plane.worlds.now();
    let accounts: Vec<_> = plane
        .config
        .accounts
        .iter()
        .map(|account| json!({ "alias": account.alias, "id": account.id }))
        .collect();
    let clusters: Vec<_> = world
        .clusters
        .iter()
        .map(|cluster| {
            json!({
                "name": cluster.name(),
                "account": cluster.account(),
                "endpoint": cluster.endpoint,
                "issuer": cluster.issuer.url(),
                "region": cluster.region(),
            })
        })
        .collect();
    let described = json!({
        "pid": std::process::id(),
        "address": address,
        "url": format!("http://{address}"),
        "kubeconfig": kubernetes::KUBECONFIG,
        "tls_url": format!("https://localhost:{}", address.port()),
        "region": plane.config.region,
        "accounts": accounts,
        "clusters": clusters,
        "version": env!("CARGO_PKG_VERSION"),
    });
    described.to_string()
}
