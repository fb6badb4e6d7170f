//! Ports of a Pod, carried to a caller.

mod channels;
mod pairs;

use super::websocket::Dialects;
use super::{pod_name, spdy, websocket};
use apiserver::{Body, StreamAsked};
use http::Response;
use objects::{Object, Status};
use std::sync::Arc;
use tokio::net::TcpStream;
use workloads::runner::Runner;

/// What SPDY carries.
const PORTS: &str = "portforward.k8s.io";
/// SPDY within the messages of a WebSocket: kubectl since 1.31.
const TUNNELLED: &str = "SPDY/3.1+portforward.k8s.io";
/// Two channels for each port: other clients.
const CHANNELS: &str = "v4.channel.k8s.io";

const DIALECTS: Dialects = &[TUNNELLED, CHANNELS];

/// Begins to carry what a caller asks for.
pub(super) fn open(runner: &Arc<Runner>, asked: StreamAsked) -> Result<Response<Body>, Status> {
    let target = Target {
        runner: Arc::clone(runner),
        pod: asked.pod,
    };
    let headers = asked.request.headers();
    if spdy::Upgrade::is_asked(headers) {
        let upgrade = spdy::Upgrade::read(headers, PORTS)?;
        let serve = |connection| pairs::serve(connection, target);
        return Ok(upgrade.accept(asked.request, serve));
    }
    let upgrade = websocket::Upgrade::read(headers, DIALECTS)?;
    if upgrade.dialect() == CHANNELS {
        let ports = channels::ports(&asked.query)?;
        let serve = |socket| channels::serve(socket, ports, target);
        return Ok(upgrade.accept(asked.request, serve));
    }
    Ok(upgrade.accept(asked.request, |socket| {
        let stream = websocket::tunnel(socket);
        pairs::serve(spdy::Connection::over(stream), target)
    }))
}

/// The Pod whose ports are carried.
#[derive(Debug, Clone)]
struct Target {
    runner: Arc<Runner>,
    pod: Object,
}

impl Target {
    /// Connects to a port; the error is what a caller is told.
    async fn dial(&self, port: u16) -> Result<TcpStream, String> {
        let pod = pod_name(&self.pod);
        let dialled = self.runner.dial(pod, port).await;
        dialled.map_err(|error| {
            let uid = self.pod.uid().unwrap_or_default();
            format!(
                "error forwarding port {port} to pod {}, uid {uid}: failed to connect to \
                 localhost:{port}: {error}",
                pod.name
            )
        })
    }
}
