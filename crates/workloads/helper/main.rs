//! The sandbox helper as a binary of its own, for the tests of this crate. With `hold ISOLATION STAGE
//! MARK` it is also a plane in small: it starts `sleep MARK` in a sandbox and waits to be killed.

use std::process::ExitCode;
use workloads::sandbox::{
    Isolation, Keep, Launch, ProcessSpec, Request, Root, RunAs, Sandboxes, Streams,
};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(code) = workloads::sandbox::helper(&arguments) {
        return code;
    }
    match arguments.as_slice() {
        [own, word, isolation, stage, mark] if word == "hold" => hold(own, isolation, stage, mark),
        _ => ExitCode::from(2),
    }
}

fn hold(own: &str, isolation: &str, stage: &str, mark: &str) -> ExitCode {
    let isolation = match isolation {
        "Namespaces" => Isolation::Namespaces,
        "UserNamespace" => Isolation::UserNamespace,
        _ => Isolation::Plain,
    };
    let script = format!("setsid sleep {mark} & exec sleep {mark}");
    let process = ProcessSpec {
        command: vec!["sh".to_owned(), "-c".to_owned(), script],
        env: Vec::new(),
        working_dir: "/".into(),
        run_as: RunAs::default(),
        terminal: false,
        capabilities: Keep::All,
        no_new_privileges: false,
        cgroup: None,
    };
    let launch = Launch {
        isolation,
        root: Root::Host,
        read_only_root: false,
        hostname: "held".to_owned(),
        stage: stage.into(),
        hidden: Vec::new(),
        mounts: Vec::new(),
        process,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let held = runtime.map(|runtime| {
        runtime.block_on(async {
            let streams = Streams::closed().ok()?;
            let sandboxes = Sandboxes::new(own.into());
            let mut running = sandboxes
                .start(&Request::Start(launch), &streams)
                .await
                .ok()?;
            Some(running.ended().await)
        })
    });
    match held {
        Ok(Some(_)) => ExitCode::SUCCESS,
        Ok(None) | Err(_) => ExitCode::FAILURE,
    }
}
