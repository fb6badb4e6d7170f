//! Real processes in real sandboxes, as root, in a user namespace, and plain.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where by panicking"
)]

use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use workloads::sandbox::{
    BindMount, Exit, Isolation, Keep, Launch, ProcessSpec, Request, Root, RunAs, Running,
    Sandboxes, StartFailure, Streams,
};

/// Generous, since many tests share two cores.
const PATIENCE: Duration = Duration::from_secs(60);

struct Bench {
    sandboxes: Sandboxes,
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("stage")).unwrap();
        Self {
            sandboxes: Sandboxes::new(env!("CARGO_BIN_EXE_workloads-sandbox").into()),
            folder,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn launch(&self, isolation: Isolation, script: &str) -> Launch {
        Launch {
            isolation,
            root: Root::Host,
            read_only_root: false,
            hostname: "web-0".to_owned(),
            stage: self.path("stage"),
            hidden: Vec::new(),
            mounts: Vec::new(),
            process: process(script),
        }
    }

    fn mount(&self, target: &str, sub_path: Option<&str>, read_only: bool) -> BindMount {
        BindMount {
            volume: "data".to_owned(),
            source: self.path("volume"),
            sub_path: sub_path.map(PathBuf::from),
            target: target.into(),
            read_only,
        }
    }

    async fn start(&self, launch: Launch) -> Result<(Running, fs::File), StartFailure> {
        self.ask(Request::Start(launch)).await
    }

    async fn ask(&self, request: Request) -> Result<(Running, fs::File), StartFailure> {
        let (reader, streams) = streams();
        let running = self.sandboxes.start(&request, &streams).await?;
        Ok((running, reader))
    }

    /// Runs to the end; what it wrote, and how it ended.
    async fn run(&self, launch: Launch) -> (String, Exit) {
        let (mut running, reader) = self.start(launch).await.unwrap();
        let exit = tokio::time::timeout(PATIENCE, running.ended())
            .await
            .unwrap();
        (text_of(reader), exit)
    }
}

fn process(script: &str) -> ProcessSpec {
    ProcessSpec {
        command: ["sh", "-c", script].map(str::to_owned).into(),
        env: vec![("GREETING".to_owned(), "hello".to_owned())],
        working_dir: "/".into(),
        run_as: RunAs::default(),
        terminal: false,
        capabilities: Keep::All,
        no_new_privileges: false,
        cgroup: None,
    }
}

fn streams() -> (fs::File, Streams) {
    let (reader, writer) = std::io::pipe().unwrap();
    let streams = Streams {
        input: fs::File::open("/dev/null").unwrap().into(),
        output: OwnedFd::from(writer.try_clone().unwrap()),
        error: OwnedFd::from(writer),
    };
    (OwnedFd::from(reader).into(), streams)
}

fn text_of(mut reader: fs::File) -> String {
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

fn sandboxed() -> [Isolation; 2] {
    [Isolation::Namespaces, Isolation::UserNamespace]
}

fn is_alive(pid: i32) -> bool {
    // A zombie has ended: only its parent has not yet asked.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited
        .await
        .unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

#[tokio::test]
async fn a_container_is_process_one_with_a_host_name_and_a_root_of_its_own() {
    let bench = Bench::new();
    for isolation in sandboxed() {
        let script =
            "echo $$ $(hostname) $(id -u) $GREETING; touch /usr/here /tmp/there && echo ok";
        let (text, exit) = bench.run(bench.launch(isolation, script)).await;
        assert_eq!(text, "1 web-0 0 hello\nok\n", "{isolation:?}");
        assert_eq!(exit, Exit::Code(0));
        assert!(!Path::new("/usr/here").exists(), "the host stays untouched");
        assert!(
            !Path::new("/tmp/there").exists(),
            "the host stays untouched"
        );
    }
}

#[tokio::test]
async fn a_volume_stands_where_the_pod_wants_it_and_refuses_writes_when_read_only() {
    let bench = Bench::new();
    fs::create_dir(bench.path("volume")).unwrap();
    fs::write(bench.path("volume/token"), "secret").unwrap();
    for isolation in sandboxed() {
        let folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
        let script = format!("cat {folder}/token; echo x > {folder}/token || echo refused");
        let mut launch = bench.launch(isolation, &script);
        launch.mounts.push(bench.mount(folder, None, true));
        let (text, _) = bench.run(launch).await;
        assert!(text.starts_with("secret"), "{isolation:?}: {text}");
        assert!(
            text.contains("Read-only file system"),
            "{isolation:?}: {text}"
        );
        assert!(text.ends_with("refused\n"), "{isolation:?}: {text}");
        assert_eq!(
            fs::read_to_string(bench.path("volume/token")).unwrap(),
            "secret"
        );
    }
}

#[tokio::test]
async fn a_sub_path_cannot_leave_its_volume() {
    let bench = Bench::new();
    fs::create_dir(bench.path("volume")).unwrap();
    fs::write(bench.path("outside"), "outside").unwrap();
    std::os::unix::fs::symlink("..", bench.path("volume/up")).unwrap();
    std::os::unix::fs::symlink("/etc", bench.path("volume/etc")).unwrap();
    for sub_path in [
        "../outside",
        "up/outside",
        "up",
        "etc/passwd",
        "/etc/passwd",
        "x/../../y",
    ] {
        let mut launch = bench.launch(Isolation::Namespaces, "true");
        launch
            .mounts
            .push(bench.mount("/data", Some(sub_path), false));
        let refused = bench.start(launch).await.unwrap_err();
        let is_refused =
            matches!(&refused, StartFailure::SubPath { volume, .. } if volume == "data");
        assert!(is_refused, "{sub_path}: {refused:?}");
    }
    assert!(!bench.path("y").exists());
}

#[tokio::test]
async fn a_sub_path_shows_one_file_or_a_new_folder_of_its_volume() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("volume/..data_1")).unwrap();
    fs::write(bench.path("volume/..data_1/key"), "value").unwrap();
    std::os::unix::fs::symlink("..data_1", bench.path("volume/..data")).unwrap();
    std::os::unix::fs::symlink("..data/key", bench.path("volume/key")).unwrap();
    let mut launch = bench.launch(Isolation::Namespaces, "cat /etc/app/key; touch /new/file");
    launch
        .mounts
        .push(bench.mount("/etc/app/key", Some("key"), true));
    launch.mounts.push(bench.mount("/new", Some("a/b"), false));
    let (text, exit) = bench.run(launch).await;
    assert_eq!((text.as_str(), exit), ("value", Exit::Code(0)));
    assert!(bench.path("volume/a/b/file").exists());
}

#[tokio::test]
async fn what_is_hidden_is_not_there_and_the_container_may_make_its_own() {
    let bench = Bench::new();
    // Below a folder that an overlay shows: `/tmp` is the container's own anyway.
    let visible = TempDir::new_in("/var/tmp").unwrap();
    let secrets = visible.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    fs::write(secrets.join("key"), "secret").unwrap();
    fs::write(visible.path().join("seen"), "").unwrap();
    let script = format!(
        "cd {}; ls; mkdir secrets; ls secrets; echo mine > secrets/key; cat secrets/key",
        visible.path().display()
    );
    let mut launch = bench.launch(Isolation::Namespaces, &script);
    launch.hidden.push(secrets.clone());
    let (text, _) = bench.run(launch).await;
    assert_eq!(text, "seen\nmine\n");
    let there = fs::read_to_string(secrets.join("key")).unwrap();
    assert_eq!(there, "secret");
}

#[tokio::test]
async fn a_read_only_root_refuses_writes() {
    let bench = Bench::new();
    let mut launch = bench.launch(Isolation::Namespaces, "touch /usr/x /x || echo refused");
    launch.read_only_root = true;
    let (text, _) = bench.run(launch).await;
    assert!(text.ends_with("refused\n"), "{text}");
    assert_eq!(text.matches("Read-only").count(), 2, "{text}");
}

#[tokio::test]
async fn a_container_runs_as_its_user_with_few_capabilities() {
    let bench = Bench::new();
    let script = "id -u; id -g; id -G; grep CapBnd /proc/self/status";
    let mut launch = bench.launch(Isolation::Namespaces, script);
    launch.process.run_as = RunAs {
        uid: 1000,
        gid: 2000,
        groups: vec![3000],
    };
    launch.process.capabilities = Keep::Named(vec!["NET_BIND_SERVICE".to_owned()]);
    let (text, _) = bench.run(launch).await;
    assert_eq!(text, "1000\n2000\n2000 3000\nCapBnd:\t0000000000000400\n");
}

#[tokio::test]
async fn a_second_process_joins_the_sandbox_of_the_first() {
    let bench = Bench::new();
    for isolation in sandboxed() {
        let script = "echo first > /tmp/mark; sleep 600";
        let (running, _reader) = bench.start(bench.launch(isolation, script)).await.unwrap();
        let request = Request::Join {
            pid: running.pid,
            isolation,
            process: process("until cat /tmp/mark; do :; done 2>/dev/null; hostname; exit 3"),
        };
        let (mut second, reader) = bench.ask(request).await.unwrap();
        let exit = tokio::time::timeout(PATIENCE, second.ended())
            .await
            .unwrap();
        assert_eq!(exit, Exit::Code(3));
        assert_eq!(text_of(reader), "first\nweb-0\n", "{isolation:?}");
    }
}

#[tokio::test]
async fn a_terminal_is_the_process_own() {
    let bench = Bench::new();
    for isolation in [
        Isolation::Namespaces,
        Isolation::UserNamespace,
        Isolation::Plain,
    ] {
        let mut launch = bench.launch(isolation, "tty; stty size; read line; echo \"got $line\"");
        launch.process.terminal = true;
        let (mut running, _reader) = bench.start(launch).await.unwrap();
        let mut terminal = fs::File::from(running.terminal.take().unwrap());
        terminal.write_all(b"hi\n").unwrap();
        running.ended().await;
        let mut bytes = Vec::new();
        // A terminal whose other end is closed reads as an error on Linux.
        let _ = terminal.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("/dev/pts/"), "{isolation:?}: {text}");
        assert!(text.contains("got hi"), "{isolation:?}: {text}");
    }
}

#[tokio::test]
async fn a_program_that_cannot_run_is_refused_in_words_of_runc() {
    let bench = Bench::new();
    for isolation in [Isolation::Namespaces, Isolation::Plain] {
        let mut launch = bench.launch(isolation, "");
        launch.process.command = vec!["no-such-program".to_owned()];
        let refused = bench.start(launch).await.unwrap_err().to_string();
        let expected = "unable to start container process: exec: \"no-such-program\": executable \
                        file not found in $PATH";
        assert_eq!(refused, expected);
    }
}

#[tokio::test]
async fn signals_reach_the_process_and_its_end_is_told() {
    let bench = Bench::new();
    for isolation in [
        Isolation::Namespaces,
        Isolation::UserNamespace,
        Isolation::Plain,
    ] {
        let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";
        let (mut running, mut reader) = bench.start(bench.launch(isolation, script)).await.unwrap();
        reader.read_exact(&mut [0; 6]).unwrap();
        running.signals().send(15);
        let exit = tokio::time::timeout(PATIENCE, running.ended())
            .await
            .unwrap();
        assert_eq!(exit, Exit::Code(7), "{isolation:?}");
    }
}

#[tokio::test]
async fn nothing_of_a_container_outlives_it() {
    let bench = Bench::new();
    for isolation in [
        Isolation::Namespaces,
        Isolation::UserNamespace,
        Isolation::Plain,
    ] {
        let mark = format!("{}", 100_000 + std::process::id() * 4 + isolation as u32);
        let script = format!("setsid sleep {mark} & setsid sleep {mark} & sleep {mark}");
        let (running, _reader) = bench.start(bench.launch(isolation, &script)).await.unwrap();
        until("three sleep", || sleeping(&mark).len() == 3).await;
        drop(running);
        until("none sleeps", || sleeping(&mark).is_empty()).await;
    }
}

#[tokio::test]
async fn a_helper_that_is_killed_takes_the_container_with_it() {
    let bench = Bench::new();
    for isolation in sandboxed() {
        let (running, _reader) = bench
            .start(bench.launch(isolation, "sleep 600"))
            .await
            .unwrap();
        let shim = parent_of(running.pid);
        let shim = rustix::process::Pid::from_raw(shim).unwrap();
        rustix::process::kill_process(shim, rustix::process::Signal::KILL).unwrap();
        until("the process has ended", || !is_alive(running.pid)).await;
    }
}

/// The processes `sleep MARK`.
fn sleeping(mark: &str) -> Vec<i32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let entry = entry.ok()?;
        let command = fs::read(entry.path().join("cmdline")).ok()?;
        let expected = format!("sleep\0{mark}\0");
        (command == expected.as_bytes()).then(|| entry.file_name().to_str()?.parse().ok())?
    });
    pids.filter(|pid| is_alive(*pid)).collect()
}

fn parent_of(pid: i32) -> i32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    line.unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn nothing_is_left_when_the_one_who_started_it_is_killed() {
    let bench = Bench::new();
    for isolation in [
        Isolation::Namespaces,
        Isolation::UserNamespace,
        Isolation::Plain,
    ] {
        let mark = format!("{}", 400_000 + std::process::id() * 4 + isolation as u32);
        let mut plane = std::process::Command::new(env!("CARGO_BIN_EXE_workloads-sandbox"))
            .arg("hold")
            .arg(format!("{isolation:?}"))
            .arg(bench.path("stage"))
            .arg(&mark)
            .spawn()
            .unwrap();
        until("two sleep", || sleeping(&mark).len() == 2).await;
        plane.kill().unwrap();
        plane.wait().unwrap();
        until("none sleeps", || sleeping(&mark).is_empty()).await;
    }
}
