//! Who of us may open a connection or ask a name server, and why (PROMISES.md, 7).

use std::collections::BTreeSet;
use tidy::{Workspace, files_naming};

/// The files that may. A new one is a design change: say here to whom it speaks.
const DIALLERS: [(&str, &str); 5] = [
    (
        "crates/cli/src/client.rs",
        "the command line speaks to the plane whose address stands in the state folder",
    ),
    (
        "crates/plane/src/issuers/fetch.rs",
        "the keys of an external issuer, once an account has a provider for it",
    ),
    (
        "crates/workloads/src/runner.rs",
        "kubectl port-forward, to a Pod on this machine",
    ),
    (
        "crates/workloads/src/runner/probe.rs",
        "what a Pod's author has probed",
    ),
    (
        "crates/workloads/src/runner/probe/tls.rs",
        "the same over TLS: the connection that a probe has opened",
    ),
];

/// By which words a file opens a connection, or finds out an address.
const DIALLING: [&str; 12] = [
    "TcpStream::connect",
    "TcpSocket::",
    "UdpSocket",
    "UnixStream::connect",
    "UnixDatagram",
    "socket_with",
    "net::connect",
    "lookup_host",
    "ToSocketAddrs",
    "to_socket_addrs",
    "client::conn",
    "TlsConnector",
];

/// Libraries that would dial, resolve or report by themselves.
const DIALLING_CRATES: [&str; 14] = [
    "attohttpc",
    "aws-config",
    "curl",
    "hickory-resolver",
    "hyper-rustls",
    "isahc",
    "kube-client",
    "minreq",
    "opentelemetry",
    "reqwest",
    "self_update",
    "sentry",
    "surf",
    "ureq",
];

#[test]
fn only_the_listed_files_open_connections() {
    let listed: BTreeSet<String> = DIALLERS
        .iter()
        .map(|(file, _)| (*file).to_owned())
        .collect();
    assert_eq!(files_naming(&DIALLING), listed);
}

#[test]
fn no_library_in_the_binary_dials_by_itself() {
    let workspace = Workspace::load();
    let tree = workspace.tree(workspace.package("cli"));
    let names: BTreeSet<_> = tree.iter().map(|package| package.name.as_str()).collect();
    let found: Vec<_> = DIALLING_CRATES
        .iter()
        .filter(|name| names.contains(*name))
        .collect();
    assert!(found.is_empty(), "the binary is built from {found:?}");
}
