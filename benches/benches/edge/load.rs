//! Rates over 16 keep-alive connections, against a bare server in the same run; memory on the way.

use crate::client::{Connection, Sent};
use crate::stage::{administrator, exchange, who_am_i};
use benches::clock::{cpu_millis, instant, median, resident_kb};
use benches::server::Server;
use benches::server::runtime;
use std::net::SocketAddr;
use std::time::Duration;

const CONNECTIONS: usize = 16;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

/// What one round measured.
struct Measured {
    rate: f64,
    p50_micros: u64,
    p99_micros: u64,
    /// What the server worked for each request, in user and kernel.
    cpu_micros: f64,
}

/// Rates and latencies of a bare reply, GetCallerIdentity and AssumeRoleWithWebIdentity, in turns.
pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bare, plane) = (Server::start(&["bare"]), Server::plane(folder.path()));
    let idle = resident_kb(plane.id());
    runtime().block_on(async {
        let key = administrator(folder.path());
        let exchange = exchange(plane.address, &key).await;
        let who = who_am_i(plane.address, &key);
        let rows = [
            (
                "bare reply",
                &bare,
                Sent {
                    host: bare.address.to_string(),
                    ..who.clone()
                },
            ),
            ("GetCallerIdentity", &plane, who),
            ("AssumeRoleWithWebIdentity", &plane, exchange.clone()),
        ];
        let before = resident_kb(plane.id());
        count(plane.address, &exchange, 10_000).await;
        let after = resident_kb(plane.id());
        println!("memory: idle {idle} kB; before 10,000 exchanges {before} kB, after {after} kB");
        let mut rounds: Vec<Vec<Measured>> = Vec::new();
        for _ in 0..ROUNDS {
            let mut round = Vec::new();
            for (_, server, request) in &rows {
                round.push(measure(server, request, ROUND).await);
            }
            rounds.push(round);
        }
        for (at, (name, _, _)) in rows.iter().enumerate() {
            let of = |value: &dyn Fn(&Vec<Measured>) -> f64| {
                median(&mut rounds.iter().map(value).collect::<Vec<_>>())
            };
            let rate = of(&|round| round[at].rate);
            let ratio = of(&|round| round[at].rate / round[0].rate);
            #[expect(clippy::cast_precision_loss, reason = "microseconds are small")]
            let (p50, p99) = (
                of(&|round| round[at].p50_micros as f64),
                of(&|round| round[at].p99_micros as f64),
            );
            let cpu = of(&|round| round[at].cpu_micros);
            println!(
                "{name:<28}{rate:>9.0}/s  {ratio:.2} of bare  p50 {p50:.0} µs  p99 {p99:.0} µs  server's CPU {cpu:.1} µs"
            );
        }
    });
}

/// The rate of exchanges before and after so many of them.
pub(crate) fn sessions(count_max: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (bare, plane) = (Server::start(&["bare"]), Server::plane(folder.path()));
    runtime().block_on(async {
        let key = administrator(folder.path());
        let exchange = exchange(plane.address, &key).await;
        let yardstick = Sent { host: bare.address.to_string(), ..exchange.clone() };
        let ratio = async || {
            let bare = measure(&bare, &yardstick, ROUND).await;
            let plane = measure(&plane, &exchange, ROUND).await;
            plane.rate / bare.rate
        };
        let before = ratio().await;
        count(plane.address, &exchange, count_max).await;
        let after = ratio().await;
        let memory = resident_kb(plane.id());
        println!("exchanges of bare: {before:.3} at first, {after:.3} after {count_max} sessions; {memory} kB");
    });
}

/// Sends a request so many times, over all connections.
async fn count(address: SocketAddr, request: &Sent, times: usize) {
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await;
                for _ in 0..times / CONNECTIONS {
                    connection.done(&request).await;
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.expect("every request is answered");
    }
}

async fn measure(server: &Server, request: &Sent, time: Duration) -> Measured {
    let (begun, worked) = (instant(), cpu_millis(server.id()));
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(send_for(server.address, request.clone(), time)))
        .collect();
    let mut micros = Vec::new();
    for sender in senders {
        micros.extend(sender.await.expect("every request is answered"));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let worked = cpu_millis(server.id()) - worked;
    micros.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = micros.len() as f64;
    Measured {
        rate: count / seconds,
        cpu_micros: worked * 1_000.0 / count,
        p50_micros: micros[micros.len() / 2],
        p99_micros: micros[micros.len() * 99 / 100],
    }
}

async fn send_for(address: SocketAddr, request: Sent, time: Duration) -> Vec<u64> {
    let mut connection = Connection::open(address).await;
    let mut micros = Vec::with_capacity(64 * 1024);
    let begun = instant();
    while begun.elapsed() < time {
        let sent = instant();
        let (status, _) = connection.send(&request).await;
        assert!(status.is_success(), "{status}");
        micros.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    micros
}
