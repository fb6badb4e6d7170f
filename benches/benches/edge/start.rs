//! From the start of the process to the first signed answer, on an existing state folder.

use crate::client::Connection;
use crate::clock::{instant, median};
use crate::serve::runtime;
use crate::stage::{Server, administrator, who_am_i};

const TIMES: usize = 21;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Server::plane(folder.path()));
    let key = administrator(folder.path());
    let runtime = runtime();
    let mut millis: Vec<f64> = (0..TIMES)
        .map(|_| {
            let plane = Server::plane(folder.path());
            let begun = instant();
            runtime.block_on(async {
                let request = who_am_i(plane.address, &key);
                Connection::open(plane.address).await.done(&request).await
            });
            (plane.started_in + begun.elapsed()).as_secs_f64() * 1_000.0
        })
        .collect();
    let middle = median(&mut millis);
    println!(
        "first signed answer: median {middle:.1} ms, best {:.1} ms",
        millis[0]
    );
}
