//! Bad HTTP, byte by byte: each is refused or ended in its time, and others are answered meanwhile.

use crate::stage::{answers, connect, rest, sent, short, start};
use plane::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// What comes back begins so; the connection is over after it.
async fn check(rows: &[(&str, &str)]) {
    let plane = start(short()).await;
    for (request, status) in rows {
        let answer = sent(&plane, request.as_bytes()).await;
        let begins = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&begins), "{request:?}\n{answer}");
        assert!(answers(&plane).await, "after {request:?}");
    }
}

#[tokio::test]
async fn a_request_has_one_host_and_its_target_names_no_other() {
    check(&[
        ("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\r\n\r\n", "400"),
        (
            "GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "400",
        ),
        (
            "GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "200",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_two_readers_could_read_in_two_ways_is_refused() {
    check(&[
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\nHost: a\n\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost : a\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n\0: y\r\n\r\n", "400"),
    ])
    .await;
}

#[tokio::test]
async fn a_request_that_does_not_wait_its_turn_is_looked_at_as_the_first() {
    let plane = start(short()).await;
    let first = "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na\nb";
    let of_one = sent(&plane, format!("{first}{first}").as_bytes()).await;
    assert_eq!(of_one.matches("HTTP/1.1 ").count(), 2, "{of_one}");
    for second in [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /livez HTTP/1.1\nHost: a\n\n",
    ] {
        let both = sent(&plane, format!("{first}{second}").as_bytes()).await;
        let answers: Vec<_> = both.matches("HTTP/1.1 400 ").collect();
        assert_eq!(answers.len(), 1, "{second:?}\n{both}");
        assert_eq!(both.matches("HTTP/1.1 ").count(), 2, "{second:?}\n{both}");
    }
}

#[tokio::test]
async fn a_body_in_chunks_is_the_connections_last() {
    let plane = start(short()).await;
    let chunked = "POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = sent(&plane, format!("{chunked}{chunked}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_head_and_a_body_are_bounded() {
    let long = format!(
        "GET /livez HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "x".repeat(600_000)
    );
    let many = format!(
        "GET /livez HTTP/1.1\r\nHost: a\r\n{}\r\n",
        "X: y\r\n".repeat(101)
    );
    let declared = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n";
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(17);
    let chunked =
        format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
    let plane = start(short()).await;
    for (request, status) in [
        (&*many, "431"),
        (declared, "413"),
        (&*long, "431"),
        (&*chunked, "413"),
    ] {
        // The plane says no long before all is sent, and hears the rest out: its answer is not lost.
        let answer = sent(&plane, request.as_bytes()).await;
        let begins = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&begins), "{status}: {answer}");
        assert!(answers(&plane).await);
    }
}

#[tokio::test]
async fn a_silent_client_is_left_in_its_time() {
    let plane = start(short()).await;
    let mut silent = connect(&plane).await;
    assert!(answers(&plane).await);
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn a_dripping_head_is_left_in_its_time() {
    let plane = start(short()).await;
    let mut stream = connect(&plane).await;
    let begun = Instant::now();
    for byte in b"GET /livez HTTP/1.1\r\nHost: localhost\r\n".iter().cycle() {
        // Each byte comes well within the wait; only the whole is too slow.
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(crate::stage::SHORT / 20).await;
        assert!(
            begun.elapsed() < crate::stage::AT_MOST,
            "the head still drips"
        );
    }
    assert!(begun.elapsed() >= crate::stage::SHORT && answers(&plane).await);
}

#[tokio::test]
async fn a_body_that_pauses_or_drips_is_left_in_its_time() {
    let plane = start(short()).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nAction";
    assert!(
        sent(&plane, head.as_bytes())
            .await
            .starts_with("HTTP/1.1 408 ")
    );
    let (mut from, mut to) = connect(&plane).await.into_split();
    to.write_all(head.as_bytes()).await.unwrap();
    let dripping = tokio::spawn(async move {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(crate::stage::SHORT / 20).await;
        }
    });
    let mut answer = [0; 12];
    let read = tokio::time::timeout(crate::stage::AT_MOST, from.read_exact(&mut answer)).await;
    read.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(answers(&plane).await);
    dripping.abort();
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_the_next_request_and_not_for_ever() {
    let plane = start(short()).await;
    let mut stream = connect(&plane).await;
    for _ in 0..3 {
        stream
            .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        let mut more = [0; 1_024];
        assert!(stream.read(&mut more).await.unwrap() > 0);
    }
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_silent_handshake_and_plain_text_in_one_are_left() {
    let plane = start(short()).await;
    let mut silent = connect(&plane).await;
    silent.write_all(&[0x16]).await.unwrap();
    assert!(answers(&plane).await);
    assert_eq!(rest(&mut silent).await, "");
    let plain = sent(&plane, b"\x16GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    assert!(answers(&plane).await);
}

#[tokio::test]
async fn one_peer_has_so_many_connections() {
    let limits = Limits {
        connections_per_peer_max: 3,
        ..Limits::default()
    };
    let plane = start(limits).await;
    let mut kept = [
        connect(&plane).await,
        connect(&plane).await,
        connect(&plane).await,
    ];
    let mut surplus = connect(&plane).await;
    assert_eq!(rest(&mut surplus).await, "");
    for stream in &mut kept {
        stream
            .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(rest(stream).await.starts_with("HTTP/1.1 200 "));
    }
    // The plane sees the end of a connection a moment after its peer.
    while !answers(&plane).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_peer_that_does_not_read_its_answers_is_left() {
    let plane = start(short()).await;
    let (mut from, mut to) = connect(&plane).await.into_split();
    let asked = b"GET /_rolecall/ca.pem HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
    let begun = Instant::now();
    while to.write_all(&asked).await.is_ok() {
        assert!(
            begun.elapsed() < crate::stage::AT_MOST,
            "the plane still takes requests"
        );
    }
    assert!(answers(&plane).await);
    let mut answers = Vec::new();
    let _ = from.read_to_end(&mut answers).await;
}
