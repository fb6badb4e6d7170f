//! Objects created in a second, in memory, over 16 connections.

use crate::api::{Api, config_map};
use benches::clock::instant;
use benches::server::{Pods, Server, runtime};

const COUNT: usize = 20_000;

pub(crate) fn run() {
    let plane = Server::in_memory(Pods::Wait);
    let api = Api::of(&plane.folder);
    runtime().block_on(async {
        let begun = instant();
        let object = |number: usize| config_map(&format!("c-{number}"), "");
        api.create("/api/v1/namespaces/default/configmaps", COUNT, object)
            .await;
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let rate = COUNT as f64 / begun.elapsed().as_secs_f64();
        println!("creations: {rate:.0} a second");
    });
}
