//! A plane on a state folder, until the process is killed.

use plane::{Limits, Options, Plane, PlaneConfig, StateFolder};
use std::io::Write;

/// Accounts and clusters as the product's own default has them.
fn config() -> PlaneConfig {
    let account = |alias: &str, id: &str| serde_json::json!({ "alias": alias, "id": id });
    let declared = serde_json::json!({ "accounts": [
        account("ci", "111111111111"),
        account("dev", "222222222222"),
        account("stg", "333333333333"),
        account("prod", "444444444444"),
    ] });
    serde_json::from_value(declared).expect("a configuration")
}

/// Starts, says where it listens, and serves.
pub(crate) fn run(folder: &str) {
    let options = Options {
        listen: "127.0.0.1:0".parse().expect("an address"),
        state: StateFolder::Folder(folder.into()),
        allow_private_issuers: false,
        issuer_ca: None,
        token_lifetime_max: oidc::Lifetime::MAX,
        pods: None,
        limits: Limits::default(),
    };
    runtime().block_on(async {
        let plane = Plane::start(config(), options).await.expect("a plane");
        say(&plane.address().to_string());
        std::future::pending::<()>().await;
    });
}

/// As many threads as `rolecall up` takes on two cores.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A line that the parent waits for.
pub(crate) fn say(line: &str) {
    println!("listening {line}");
    std::io::stdout().flush().expect("the parent listens");
}
