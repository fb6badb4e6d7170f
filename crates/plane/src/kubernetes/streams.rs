//! Streams out of a cluster's Pods: logs, exec, attach.

mod channels;
mod log;
mod websocket;

use apiserver::{Body, StreamAsked, Streams};
use http::Response;
use objects::{Object, Status};
use std::sync::{Arc, OnceLock};
use store::Pending;
use workloads::runner::{ExecOptions, ExecRefused, PodName, Runner, Session};

/// Opens streams to the Pods of the cluster's runner, once that runs.
#[derive(Debug, Default, Clone)]
pub(super) struct PodStreams(Arc<OnceLock<Arc<Runner>>>);

impl PodStreams {
    /// Streams come from this runner.
    pub(super) fn serve(&self, runner: Arc<Runner>) {
        // A cluster has one runner, made once.
        let _ = self.0.set(runner);
    }
}

impl Streams for PodStreams {
    fn open(&self, asked: StreamAsked) -> Pending<'_, Result<Response<Body>, Status>> {
        Box::pin(async move {
            let Some(runner) = self.0.get() else {
                return Err(Status::service_unavailable("the node is not ready yet"));
            };
            match asked.subresource.as_str() {
                "log" => log::open(runner, &asked),
                "exec" | "attach" => converse(runner, asked).await,
                other => {
                    let why = format!("streams of `pods/{other}` are not built yet");
                    Err(Status::service_unavailable(&why))
                }
            }
        })
    }
}

/// Joins a caller and a process, over WebSocket.
async fn converse(runner: &Runner, asked: StreamAsked) -> Result<Response<Body>, Status> {
    let container = container_of(&asked)?;
    let upgrade = websocket::Upgrade::of(&asked.request);
    let upgrade = upgrade.map_err(|refusal| {
        // Clients that were refused over WebSocket ask again otherwise: they read the same again.
        let there = runner.attach(pod_name(&asked.pod), &container, false);
        match there {
            Err(ExecRefused::NoContainer(name)) => no_container(&name),
            Ok(_) | Err(ExecRefused::Start(_)) => refusal,
        }
    })?;
    let is = |name: &str| asked.query.is_true(name);
    let session = {
        let pod = pod_name(&asked.pod);
        if asked.subresource == "attach" {
            runner.attach(pod, &container, is("stdin"))
        } else {
            let command = asked
                .query
                .all("command")
                .map(str::to_owned)
                .collect::<Vec<_>>();
            if command.is_empty() {
                return Err(Status::bad_request("you must specify at least 1 command"));
            }
            let options = ExecOptions {
                command,
                stdin: is("stdin"),
                tty: is("tty"),
            };
            runner.exec(pod, &container, options).await
        }
    };
    match session {
        Err(ExecRefused::NoContainer(name)) => Err(no_container(&name)),
        Err(ExecRefused::Start(failure)) => {
            Ok(upgrade.accept(asked.request, move |socket| channels::fail(socket, failure)))
        }
        Ok(session) => Ok(upgrade.accept(asked.request, move |socket| talk(socket, session))),
    }
}

fn no_container(name: &str) -> Status {
    let why = format!("unable to upgrade connection: container not found (\"{name}\")");
    Status::bad_request(why)
}

async fn talk(socket: websocket::Socket, session: Session) {
    channels::talk(socket, session).await;
}

fn pod_name(pod: &Object) -> PodName<'_> {
    PodName {
        namespace: pod.namespace().unwrap_or_default(),
        name: pod.name().unwrap_or_default(),
    }
}

/// The container that is asked for, or the only one.
fn container_of(asked: &StreamAsked) -> Result<String, Status> {
    let pod = &asked.pod;
    let names = |field: &str| -> Vec<&str> {
        let all = pod.items(&["spec", field]).iter();
        all.filter_map(|container| container["name"].as_str())
            .collect()
    };
    let (main, init) = (names("containers"), names("initContainers"));
    let name = pod.name().unwrap_or_default();
    match asked
        .query
        .get("container")
        .filter(|wanted| !wanted.is_empty())
    {
        Some(wanted) if main.contains(&wanted) || init.contains(&wanted) => Ok(wanted.to_owned()),
        Some(wanted) => Err(Status::bad_request(format!(
            "container {wanted} is not valid for pod {name}"
        ))),
        None => match main.as_slice() {
            [only] => Ok((*only).to_owned()),
            several => {
                let mut why = format!(
                    "a container name must be specified for pod {name}, choose one of: [{}]",
                    several.join(" ")
                );
                if !init.is_empty() {
                    why.push_str(&format!(
                        " or one of the init containers: [{}]",
                        init.join(" ")
                    ));
                }
                Err(Status::bad_request(why))
            }
        },
    }
}
