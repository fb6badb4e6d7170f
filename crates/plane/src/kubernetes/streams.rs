//! Streams out of a cluster's Pods: logs, exec, attach, port-forward.
//!
//! kubectl speaks WebSocket since 1.31, and SPDY before or where WebSocket is refused.

mod channels;
mod forward;
mod log;
mod outcome;
mod spdy;
mod websocket;

use apiserver::{Body, StreamAsked, Streams};
use http::Response;
use objects::{Object, Status};
use std::sync::{Arc, OnceLock};
use store::Pending;
use websocket::Dialects;
use workloads::runner::{ExecOptions, ExecRefused, PodName, Runner, Session};
use workloads::sandbox::StartFailure;

/// A process' streams, numbered by the first byte of a message; the best first.
const CHANNELS: Dialects = &["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// The same over SPDY, where each has a stream of its own.
const CHANNELS_OF_SPDY: &str = "v4.channel.k8s.io";

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
                // The registry knows no other.
                _ => forward::open(runner, asked),
            }
        })
    }
}

/// Joins a caller and a process, over WebSocket or SPDY.
async fn converse(runner: &Runner, asked: StreamAsked) -> Result<Response<Body>, Status> {
    let container = container_of(&asked)?;
    let upgrade = Upgrade::read(&asked).map_err(|refusal| {
        // Clients that were refused over WebSocket ask again otherwise: they read the same again.
        let there = runner.attach(pod_name(&asked.pod), &container, false);
        match there {
            Err(ExecRefused::NoContainer(name)) => no_container(&name),
            Ok(_) | Err(ExecRefused::Start(_)) => refusal,
        }
    })?;
    let session = session(runner, &asked, &container).await?;
    Ok(match (upgrade, session) {
        (Upgrade::WebSocket(upgrade), Ok(session)) => {
            upgrade.accept(asked.request, |socket| channels::talk(socket, session))
        }
        (Upgrade::WebSocket(upgrade), Err(failure)) => {
            upgrade.accept(asked.request, |socket| channels::fail(socket, failure))
        }
        (Upgrade::Spdy(upgrade, wanted), Ok(session)) => upgrade
            .accept(asked.request, move |connection| {
                spdy::talk(connection, wanted, session)
            }),
        (Upgrade::Spdy(upgrade, wanted), Err(failure)) => upgrade
            .accept(asked.request, move |connection| {
                spdy::fail(connection, wanted, failure)
            }),
    })
}

/// How a caller wants to speak with a process.
enum Upgrade {
    WebSocket(websocket::Upgrade),
    Spdy(spdy::Upgrade, spdy::Wanted),
}

impl Upgrade {
    fn read(asked: &StreamAsked) -> Result<Self, Status> {
        let headers = asked.request.headers();
        if !spdy::Upgrade::is_asked(headers) {
            return websocket::Upgrade::read(headers, CHANNELS).map(Self::WebSocket);
        }
        let is = |name: &str| asked.query.is_true(name);
        let wanted = spdy::Wanted {
            stdin: is("stdin"),
            stdout: is("stdout"),
            stderr: is("stderr"),
            tty: is("tty"),
        };
        spdy::Upgrade::read(headers, CHANNELS_OF_SPDY).map(|upgrade| Self::Spdy(upgrade, wanted))
    }
}

/// A part in the process that is asked for, or why it did not start.
async fn session(
    runner: &Runner,
    asked: &StreamAsked,
    container: &str,
) -> Result<Result<Session, StartFailure>, Status> {
    let (pod, is) = (pod_name(&asked.pod), |name: &str| asked.query.is_true(name));
    let session = if asked.subresource == "attach" {
        runner.attach(pod, container, is("stdin"))
    } else {
        let command = asked.query.all("command").map(str::to_owned);
        let command = command.collect::<Vec<_>>();
        if command.is_empty() {
            return Err(Status::bad_request("you must specify at least 1 command"));
        }
        let options = ExecOptions {
            command,
            stdin: is("stdin"),
            tty: is("tty"),
        };
        runner.exec(pod, container, options).await
    };
    match session {
        Ok(session) => Ok(Ok(session)),
        Err(ExecRefused::Start(failure)) => Ok(Err(failure)),
        Err(ExecRefused::NoContainer(name)) => Err(no_container(&name)),
    }
}

fn no_container(name: &str) -> Status {
    let why = format!("unable to upgrade connection: container not found (\"{name}\")");
    Status::bad_request(why)
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
