//! A plane's beginning and end.

use crate::stage::{config, connect, options, rest, start};
use plane::{Limits, Options, Plane, StartError, StateFolder};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// Longer than anything here takes: a test that waits for it has failed.
const DRAIN: Duration = Duration::from_secs(60);

pub(crate) fn on(folder: &std::path::Path) -> Options {
    Options {
        state: StateFolder::Folder(folder.to_owned()),
        ..options(Limits::default())
    }
}

#[tokio::test]
async fn a_busy_port_is_refused_with_its_owner() {
    let first = start(Limits::default()).await;
    let refused = Plane::start(
        config(),
        Options {
            listen: first.address(),
            ..options(Limits::default())
        },
    );
    let refused = refused.await.err();
    let Some(StartError::Busy { address, owner }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(address, first.address());
    assert!(
        owner.ends_with(&format!("process {}", std::process::id())),
        "{owner}"
    );
}

#[tokio::test]
async fn a_folder_has_one_plane_and_the_second_is_told_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = Plane::start(config(), on(folder.path())).await.unwrap();
    // The same port as well: the folder is what a person needs to hear of.
    let again = Options {
        listen: first.address(),
        ..on(folder.path())
    };
    let refused = Plane::start(config(), again).await.err();
    let Some(StartError::InUse { owner, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(owner, format!("process {}", std::process::id()));
    first.shutdown(DRAIN).await;
    let second = Plane::start(config(), on(folder.path())).await.unwrap();
    second.shutdown(DRAIN).await;
}

#[tokio::test]
async fn an_open_request_has_its_answer_and_an_idle_connection_ends_at_once() {
    let mut plane = start(Limits::default()).await;
    let mut idle = connect(&plane).await;
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut status = [0; 12];
    idle.read_exact(&mut status).await.unwrap();
    let untouched = connect(&plane).await;
    let mut open = connect(&plane).await;
    open.write_all(b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        .await
        .unwrap();
    // The plane reads the body once it has the head; there is no outer sign of it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let address = plane.address();
    let begun = Instant::now();
    let ending = async {
        plane.drain(DRAIN).await;
        begun.elapsed()
    };
    let asking = async {
        for mut stream in [idle, untouched] {
            let mut more = Vec::new();
            let _ = stream.read_to_end(&mut more).await;
        }
        let refused = tokio::net::TcpStream::connect(address).await;
        assert!(refused.is_err(), "it still accepts");
        open.write_all(b"cd").await.unwrap();
        rest(&mut open).await
    };
    let (took, answer) = tokio::join!(ending, asking);
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(took < DRAIN / 2, "{took:?}");
    plane.close().await;
}

#[tokio::test]
async fn a_full_plane_hears_that_it_shall_stop() {
    let limits = Limits {
        connections_max: 1,
        ..Limits::default()
    };
    let mut plane = start(limits).await;
    let _silent = connect(&plane).await;
    let _waiting = connect(&plane).await;
    let begun = Instant::now();
    plane.drain(DRAIN).await;
    assert!(begun.elapsed() < DRAIN / 2);
}

#[tokio::test]
async fn a_request_that_takes_longer_than_the_drain_is_ended() {
    let plane = start(Limits::default()).await;
    let mut open = connect(&plane).await;
    open.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        .await
        .unwrap();
    plane.shutdown(Duration::from_millis(100)).await;
    assert_eq!(rest(&mut open).await, "");
}

#[tokio::test]
async fn the_record_of_the_last_request_is_in_the_file_when_the_plane_has_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let plane = Plane::start(config(), on(folder.path())).await.unwrap();
    let asked = "POST / HTTP/1.1\r\nHost: sts.amazonaws.com\r\nConnection: close\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 43\r\n\r\n\
                 Action=GetCallerIdentity&Version=2011-06-15";
    let answer = crate::stage::sent(&plane, asked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    plane.shutdown(DRAIN).await;
    let audit = std::fs::read_to_string(folder.path().join("audit/audit.jsonl")).unwrap();
    assert!(audit.contains("GetCallerIdentity"), "{audit}");
}
