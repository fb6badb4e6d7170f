//! Health and metrics, as probes and scrapers read them.

use crate::lifecycle::on;
use crate::stage::{config, options, rest, sent, start};
use plane::{Limits, Options, Plane, Running};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn get(plane: &Running, path: &str) -> String {
    sent(plane, &asked(path)).await
}

fn asked(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_ready_plane_says_ok_and_its_checks_when_asked() {
    let plane = start(Limits::default()).await;
    for path in ["/livez", "/readyz", "/readyz/store", "/livez/ping"] {
        let answer = get(&plane, path).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nok"),
            "{answer}"
        );
    }
    let told = get(&plane, "/readyz?verbose&exclude=disk&exclude=nothing").await;
    for line in [
        "[+]ping ok",
        "[+]store ok",
        "[+]session-keys ok",
        "[+]signing-keys ok",
        "[+]audit ok",
        "[+]certificate ok",
        "[+]clusters ok",
        "[+]disk excluded: ok",
        "`nothing`",
        "readyz check passed",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(
        get(&plane, "/readyz/nothing")
            .await
            .starts_with("HTTP/1.1 404 ")
    );
}

#[tokio::test]
async fn a_plane_that_lost_its_folder_is_not_ready_and_lives() {
    let folder = tempfile::tempdir().unwrap();
    let plane = Plane::start(config(), on(folder.path())).await.unwrap();
    assert!(get(&plane, "/readyz").await.starts_with("HTTP/1.1 200 "));
    folder.close().unwrap();
    let told = get(&plane, "/readyz").await;
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    assert!(
        told.contains("[-]disk failed: ") && told.contains("readyz check failed"),
        "{told}"
    );
    assert!(
        get(&plane, "/readyz?exclude=disk")
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    assert!(get(&plane, "/livez").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn metrics_count_by_operation_and_take_no_label_from_a_stranger() {
    let plane = start(Limits::default()).await;
    for action in ["GetCallerIdentity", "GetCallerIdentity", "StrangersWord"] {
        let body = format!("Action={action}&Version=2011-06-15");
        let asked = format!(
            "POST / HTTP/1.1\r\nHost: sts.amazonaws.com\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert!(
            sent(&plane, asked.as_bytes())
                .await
                .starts_with("HTTP/1.1 4")
        );
    }
    let metrics = get(&plane, "/metrics").await;
    for line in [
        "rolecall_requests_total{service=\"sts\",operation=\"GetCallerIdentity\",outcome=\"refused\"} 2",
        "rolecall_requests_total{service=\"unknown\",operation=\"unknown\",outcome=\"refused\"} 1",
        "rolecall_denials_total{hop=\"signature\"} 2",
        "rolecall_request_duration_seconds_count 3",
        "rolecall_audit_unwritten_total 0",
        "rolecall_connections 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert!(
        !metrics.contains("StrangersWord")
            && !metrics.contains("process_resident_memory_bytes 0\n")
    );
}

#[tokio::test]
async fn scripts_that_wait_for_localstack_are_served() {
    let plane = start(Limits::default()).await;
    let told = get(&plane, "/_localstack/health").await;
    for part in [
        "\"services\": {",
        "\"sts\": \"available\"",
        "\"iam\": \"available\"",
        "\"edition\": ",
        "\"version\": ",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aws_answers_while_clusters_start_and_readyz_names_those_that_are_missing() {
    let address = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let declared = r#"{ "accounts": [{ "alias": "ci", "id": "111111111111" }] }"#;
    let options = Options {
        listen: address,
        ..options(Limits::default())
    };
    let start = Plane::start(serde_json::from_str(declared).unwrap(), options);
    let starting = tokio::spawn(start);
    // Each cluster's roles are written first: a request is answered long before.
    let mut stream = loop {
        match TcpStream::connect(address).await {
            Ok(stream) => break stream,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    stream.write_all(&asked("/readyz")).await.unwrap();
    let told = rest(&mut stream).await;
    let missing = "[-]clusters failed: the Kubernetes API is not there yet: \
                   arn:aws:eks:us-west-2:111111111111:cluster/ci";
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    assert!(told.contains(missing), "{told}");
    let plane = starting.await.unwrap().unwrap();
    assert!(get(&plane, "/readyz").await.starts_with("HTTP/1.1 200 "));
}
