//! A server in a process of its own: the benchmark's program again, told to serve.

use crate::clock::instant;
use plane::{Limits, Options, Plane, PlaneConfig, PodHost, StateFolder};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where the state of a plane is that keeps nothing.
const NOWHERE: &str = "-";

/// A server; killed when dropped.
pub struct Server {
    process: Child,
    /// Where it listens, once it is ready.
    pub address: SocketAddr,
    /// A plane's folder, once it is ready.
    pub folder: PathBuf,
}

/// What becomes of a plane's Pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pods {
    /// They run.
    Run,
    /// They wait for a node.
    Wait,
}

impl Server {
    /// Starts one by these words, and waits until it is ready.
    #[must_use]
    pub fn start(words: &[impl AsRef<std::ffi::OsStr>]) -> Self {
        let mut server = Self::spawn(words);
        server.ready();
        server
    }

    /// Starts a plane on a folder.
    #[must_use]
    pub fn plane(folder: &Path) -> Self {
        Self::start(&words(folder, "127.0.0.1:0", Pods::Wait))
    }

    /// Starts a plane that keeps its state in memory.
    #[must_use]
    pub fn in_memory(pods: Pods) -> Self {
        Self::start(&words(Path::new(NOWHERE), "127.0.0.1:0", pods))
    }

    /// Starts a plane on a folder and at an address, and does not wait.
    #[must_use]
    pub fn plane_at(folder: &Path, address: SocketAddr, pods: Pods) -> Self {
        Self::spawn(&words(folder, &address.to_string(), pods))
    }

    fn spawn(words: &[impl AsRef<std::ffi::OsStr>]) -> Self {
        let process = Command::new(this_program())
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            folder: PathBuf::new(),
        }
    }

    /// Waits until it says where it listens.
    pub fn ready(&mut self) {
        let output = self.process.stdout.take().expect("its output, once");
        let mut lines = BufReader::new(output).lines();
        let said = lines.find_map(|line| Some(line.ok()?.strip_prefix("listening ")?.to_owned()));
        let said = said.expect("the server says where it listens");
        let (address, folder) = said.split_once(' ').expect("address and folder");
        self.address = address.parse().expect("an address");
        self.folder = folder.into();
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has ended already need not be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address that nobody listens at.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

fn words(folder: &Path, listen: &str, pods: Pods) -> [String; 4] {
    let folder = folder.to_str().expect("a path");
    let pods = match pods {
        Pods::Run => "pods",
        Pods::Wait => "no-pods",
    };
    ["serve", folder, listen, pods].map(str::to_owned)
}

/// Serves a plane until the process is killed, if these words ask for it.
pub fn serve(words: &[&str]) {
    let ["serve", folder, listen, pods] = words else {
        return;
    };
    let state = match *folder {
        NOWHERE => StateFolder::Ephemeral,
        folder => StateFolder::Folder(folder.into()),
    };
    let host = (*pods == "pods").then(|| PodHost {
        helper: this_program(),
        hidden: Vec::new(),
    });
    let options = Options {
        listen: listen.parse().expect("an address"),
        state,
        allow_private_issuers: false,
        issuer_ca: None,
        token_lifetime_max: oidc::Lifetime::MAX,
        pods: host,
        limits: Limits::default(),
    };
    runtime().block_on(async {
        let plane = Plane::start(config(), options).await.expect("a plane");
        say(plane.address(), plane.folder());
        std::future::pending::<()>().await;
    });
}

/// Accounts and clusters as the product's own default has them.
fn config() -> PlaneConfig {
    let account = |alias: &str, id: &str| serde_json::json!({ "alias": alias, "id": id });
    let declared = serde_json::json!({ "accounts": [
        account("ci", "111111111111"),
        account("dev", "222222222222"),
        account("stg", "333333333333"),
        account("prod", "444444444444"),
    ] });
    serde_json::from_value(declared).expect("a configuration")
}

/// As many threads as `rolecall up` takes on two cores.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The line that the parent waits for.
#[expect(clippy::print_stdout, reason = "the parent reads it")]
pub fn say(address: SocketAddr, folder: &Path) {
    println!("listening {address} {}", folder.display());
    std::io::stdout().flush().expect("the parent listens");
}

/// Waits until something holds, and says how long it took.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let begun = instant();
    while !holds().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

fn this_program() -> PathBuf {
    std::env::current_exe().expect("this program")
}
