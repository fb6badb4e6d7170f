//! Taking part in a container: exec and attach.

use super::bench::{Bench, at, sh};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use workloads::runner::ExecOptions;
use workloads::sandbox::Exit;

#[tokio::test(flavor = "multi_thread")]
async fn exec_runs_beside_with_the_same_environment_and_gives_the_exit_code() {
    let bench = Bench::new().await;
    let mut container = sh("exec sleep 600");
    container["env"] = json!([{"name": "COLOUR", "value": "blue"}]);
    bench.apply("web", json!({"containers": [container]}));
    bench.running("web").await;
    let (text, exit) = bench
        .exec("web", "echo $COLOUR $HOSTNAME; echo err >&2; exit 7")
        .await;
    assert_eq!((text.as_str(), exit), ("blue web\nerr\n", Exit::Code(7)));
    let options = ExecOptions {
        command: vec!["cat".to_owned()],
        stdin: true,
        tty: false,
    };
    let mut session = bench.runner.exec(at("web"), "c", options).await.unwrap();
    let mut input = session.input.take().unwrap();
    input.write_all(b"round trip").await.unwrap();
    drop(input);
    let mut text = String::new();
    session.output.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "round trip");
    let missing = ExecOptions {
        command: vec!["no-such".to_owned()],
        ..ExecOptions::default()
    };
    let refused = bench
        .runner
        .exec(at("web"), "c", missing)
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("executable file not found in $PATH"),
        "{refused}"
    );
    let refused = bench
        .runner
        .exec(at("web"), "none", ExecOptions::default())
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "container not found (\"none\")");
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_with_a_terminal_has_a_size_and_job_control() {
    let bench = Bench::new().await;
    bench.run("web", "exec sleep 600");
    bench.running("web").await;
    let options = ExecOptions {
        command: ["sh", "-c", "read go; stty size; tty"]
            .map(str::to_owned)
            .into(),
        stdin: true,
        tty: true,
    };
    let mut session = bench.runner.exec(at("web"), "c", options).await.unwrap();
    session.terminal.as_ref().unwrap().resize(123, 45);
    session
        .input
        .as_mut()
        .unwrap()
        .write_all(b"\n")
        .await
        .unwrap();
    let mut text = String::new();
    session.output.read_to_string(&mut text).await.unwrap();
    assert!(text.contains("45 123"), "{text}");
    assert!(text.contains("/dev/pts/"), "{text}");
    assert_eq!(session.exit.await, Exit::Code(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn attach_takes_part_in_the_first_process() {
    let bench = Bench::new().await;
    let mut container = sh("while read line; do echo \"got $line\"; done");
    container["stdin"] = json!(true);
    bench.apply("web", json!({"containers": [container]}));
    bench.running("web").await;
    let mut session = bench.runner.attach(at("web"), "c", true).unwrap();
    session
        .input
        .as_mut()
        .unwrap()
        .write_all(b"this\n")
        .await
        .unwrap();
    let mut text = [0; 9];
    session.output.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"got this\n");
}
