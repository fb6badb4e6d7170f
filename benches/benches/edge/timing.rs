//! Whether time tells an unknown access key from a wrong secret: Welch's t over two samples.

use crate::client::{Connection, Key};
use crate::stage::{administrator, who_am_i};
use benches::clock::instant;
use benches::server::Server;
use benches::server::runtime;

const PAIRS: usize = 50_000;

/// The slowest part of each sample is the machine's, not the plane's.
const KEPT: usize = PAIRS * 9 / 10;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let plane = Server::plane(folder.path());
    let real = administrator(folder.path());
    let wrong = |id: &str| Key {
        id: id.to_owned(),
        secret: "w".repeat(40),
    };
    let unknown = who_am_i(plane.address, &wrong("AKIAIOSFODNN7EXAMPLE"));
    let known = who_am_i(plane.address, &wrong(&real.id));
    let (mut of_unknown, mut of_known) = (Vec::new(), Vec::new());
    runtime().block_on(async {
        let mut connection = Connection::open(plane.address).await;
        for at in 0..PAIRS {
            // In turns, and each first as often, so that drift and order touch both alike.
            let mut pair = [(&unknown, &mut of_unknown), (&known, &mut of_known)];
            if at % 2 == 1 {
                pair.reverse();
            }
            for (request, sample) in pair {
                let begun = instant();
                let (status, _) = connection.send(request).await;
                sample.push(begun.elapsed().as_secs_f64() * 1e6);
                assert_eq!(status, 403);
            }
        }
    });
    let (unknown, known) = (Sample::of(of_unknown), Sample::of(of_known));
    let t = (unknown.mean - known.mean) / (unknown.error + known.error).sqrt();
    println!(
        "unknown key {:.2} µs, wrong secret {:.2} µs, Welch's t {t:.2} (|t| < 4.5 tells nothing)",
        unknown.mean, known.mean
    );
}

struct Sample {
    mean: f64,
    /// The square of the mean's standard error.
    error: f64,
}

impl Sample {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn of(mut micros: Vec<f64>) -> Self {
        micros.sort_unstable_by(f64::total_cmp);
        micros.truncate(KEPT);
        let count = micros.len() as f64;
        let mean = micros.iter().sum::<f64>() / count;
        let squares: f64 = micros.iter().map(|one| (one - mean).powi(2)).sum();
        let error = squares / (count - 1.0) / count;
        Self { mean, error }
    }
}
