//! How soon one change reaches many watchers.

use crate::api::{Api, config_map};
use benches::clock::{instant, median};
use benches::server::{Pods, Server, runtime};
use http_body_util::BodyExt;
use std::time::Instant;
use tokio::sync::mpsc;

const WATCHERS: usize = 1_000;
const CHANGES: usize = 11;
const PATH: &str = "/api/v1/namespaces/default/configmaps";

pub(crate) fn run() {
    let plane = Server::in_memory(Pods::Wait);
    let api = Api::of(&plane.folder);
    runtime().block_on(async {
        let (seen, mut told) = mpsc::unbounded_channel();
        for _ in 0..WATCHERS {
            watch(&api, seen.clone()).await;
        }
        let mut connection = api.connect().await;
        let mut millis = Vec::new();
        for change in 0..CHANGES {
            let begun = instant();
            let object = config_map(&format!("mark-{change}"), "");
            connection.post(PATH, &object).await;
            let mut last = begun;
            for _ in 0..WATCHERS {
                let at: Instant = told.recv().await.expect("every watcher is told");
                last = last.max(at);
            }
            millis.push((last - begun).as_secs_f64() * 1_000.0);
        }
        let middle = median(&mut millis);
        let worst = millis.last().copied().unwrap_or_default();
        println!(
            "one change to {WATCHERS} watchers: median {middle:.1} ms, worst {worst:.1} ms; {} kB",
            benches::clock::resident_kb(plane.id())
        );
    });
}

/// Watches, and says when each change came.
async fn watch(api: &Api, seen: mpsc::UnboundedSender<Instant>) {
    let mut connection = api.connect().await;
    let path = format!("{PATH}?watch=1&fieldSelector=metadata.name!=kube-root-ca.crt");
    let body = ("application/json", String::new());
    let answer = connection.send("GET", &path, body).await;
    assert!(answer.status().is_success());
    tokio::spawn(async move {
        let _open = connection;
        let mut body = answer.into_body();
        while let Some(Ok(frame)) = body.frame().await {
            let lines = frame.into_data().unwrap_or_default();
            let changes = lines.iter().filter(|byte| **byte == b'\n').count();
            for _ in 0..changes {
                // Nobody asks any more when the measurement has ended.
                let _ = seen.send(instant());
            }
        }
    });
}
