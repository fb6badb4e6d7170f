//! From the start of the process to the first signed answer, and until all of it is ready, on an
//! existing state folder.

use crate::client::Connection;
use crate::stage::{administrator, who_am_i};
use benches::clock::{instant, median};
use benches::server::runtime;
use benches::server::{Pods, Server, free_address};

const TIMES: usize = 21;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Server::plane(folder.path()));
    let key = administrator(folder.path());
    let runtime = runtime();
    let (mut answered, mut ready) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let address = free_address();
        let begun = instant();
        let millis = || begun.elapsed().as_secs_f64() * 1_000.0;
        let mut plane = Server::plane_at(folder.path(), address, Pods::Run);
        runtime.block_on(async {
            let request = who_am_i(address, &key);
            Connection::open_soon(address).await.done(&request).await
        });
        answered.push(millis());
        plane.ready();
        ready.push(millis());
    }
    for (what, mut millis) in [("first signed answer", answered), ("ready", ready)] {
        let middle = median(&mut millis);
        println!("{what}: median {middle:.1} ms, best {:.1} ms", millis[0]);
    }
}
