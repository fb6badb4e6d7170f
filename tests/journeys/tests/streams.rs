//! Streams out of Pods with every kubectl: exec, attach, run, cp and port-forward, over the protocol
//! that each speaks by itself and the one that it falls back to.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;

use harness::{Kubectl, Plane};

/// Runs a command on a terminal of its own; its input is ours.
const ON_A_TERMINAL: &str = "import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// Variables by which kubectl is told to speak SPDY alone.
const SPDY_ALONE: [(&str, &str); 2] = [
    ("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false"),
    ("KUBECTL_PORT_FORWARD_WEBSOCKETS", "false"),
];

/// Bytes of what is copied and forwarded: more than any window or buffer on the way.
const LARGE_BYTES: usize = 3 << 20;

#[test]
fn every_kubectl_enters_attaches_copies_and_forwards() {
    let stage = Stage::new();
    for version in Kubectl::ALL {
        stage.walk(version, &[]);
    }
    for version in [Kubectl::V1_30, Kubectl::V1_37] {
        stage.walk(version, &SPDY_ALONE);
    }
}

/// A Pod that serves a port, and one that reads its input.
struct Stage {
    plane: Plane,
    port: u16,
    large: Vec<u8>,
}

/// One kubectl, and what it is told by variables.
struct Client<'a> {
    stage: &'a Stage,
    version: Kubectl,
    variables: &'a [(&'static str, &'static str)],
}

impl Stage {
    fn new() -> Self {
        let stage = Self {
            plane: Plane::start(&[]),
            port: free_port(),
            large: (0..LARGE_BYTES)
                .map(|at| u8::try_from(at * 7 % 251).unwrap_or_default())
                .collect(),
        };
        fs::write(stage.plane.scratch().join("large"), &stage.large).expect("a large file");
        let manifest = PODS.replace("18080", &stage.port.to_string());
        let file = stage.plane.scratch().join("pods.yaml");
        fs::write(&file, manifest).expect("the manifest is written");
        let run = |arguments: &str| stage.plane.kubectl(Kubectl::V1_37, arguments);
        run(&format!("apply -f {}", file.display())).text();
        run("wait --for=condition=Ready pod --all --timeout=120s").text();
        stage
    }

    fn walk(&self, version: Kubectl, variables: &[(&'static str, &'static str)]) {
        let client = Client {
            stage: self,
            version,
            variables,
        };
        client.exec();
        client.exec_on_a_terminal();
        client.copy();
        client.forward();
        client.attach();
        client.run_and_remove();
    }
}

impl Client<'_> {
    /// All three streams and the exit code.
    fn exec(&self) {
        let script = "cat; echo to the other stream >&2; exit 3";
        let ran = self.fed(
            self.kubectl("exec -i server -- sh -c").arg(script),
            "typed\n",
        );
        self.check(&ran, 3, "typed\n", "to the other stream");
        let ran = self.fed(&mut self.kubectl("exec server -- no-such-program"), "");
        self.check(&ran, 1, "", "executable file not found in $PATH");
        let ran = self.fed(&mut self.kubectl("exec server -c nobody -- true"), "");
        self.check(&ran, 1, "", "container nobody is not valid for pod server");
    }

    fn exec_on_a_terminal(&self) {
        let script = "test -t 0 && echo on a $((40 + 2)) terminal\nexit 7\n";
        let mut command = on_a_terminal(&self.kubectl("exec -it server -- sh"));
        let ran = self.fed(&mut command, script);
        self.check(&ran, 7, "on a 42 terminal", "");
    }

    fn copy(&self) {
        let (here, back) = (self.file("large"), self.file("back"));
        self.run(&format!("cp {here} server:/tmp/large"));
        self.run(&format!("cp server:/tmp/large {back}"));
        assert_eq!(
            fs::read(&back).ok().as_ref(),
            Some(&self.stage.large),
            "{self}"
        );
        self.run("exec server -- rm /tmp/large");
        fs::remove_file(back).expect("the copy is removed");
    }

    fn forward(&self) {
        let port = self.stage.port;
        let forwarding = Forwarding::start(&mut self.kubectl("port-forward server"), port);
        let both = [forwarding.get("/one"), forwarding.get("/two")];
        assert_eq!(
            both.map(|text| text.contains("GET")),
            [true, true],
            "{self}"
        );
        // Several at once, each a large one.
        thread::scope(|scope| {
            let all = [(); 3].map(|()| scope.spawn(|| forwarding.get_bytes("/large")));
            for got in all {
                let got = got.join().expect("a download");
                assert!(
                    got.ends_with(&self.stage.large),
                    "{self}: {} bytes",
                    got.len()
                );
            }
        });
        drop(forwarding);
        let nobody = free_port();
        let forwarding = Forwarding::start(&mut self.kubectl("port-forward server"), nobody);
        assert_eq!(
            forwarding.get_bytes("/"),
            b"",
            "{self}: nobody listens there"
        );
        let said = forwarding.end();
        let expected = format!("error forwarding port {nobody} to pod server");
        assert!(said.contains(&expected), "{self}: {said}");
    }

    fn attach(&self) {
        let mut command = self.kubectl("attach -i reader");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut attached = command.spawn().expect("kubectl runs");
        let mut typed = attached.stdin.take().expect("its input");
        let mut heard = BufReader::new(attached.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.contains("heard: a word") {
            // What is typed before the attachment stands is kept for it.
            typed.write_all(b"a word\n").expect("it is typed");
            assert_ne!(
                heard.read_line(&mut line).unwrap_or_default(),
                0,
                "{self}: {line}"
            );
        }
        attached.kill().expect("it is killed");
        attached.wait().expect("it ends");
    }

    /// What people type to look around: a Pod with a terminal that goes when they leave.
    fn run_and_remove(&self) {
        let words = "run visitor -it --rm --restart=Never --image=any --command -- sh -c";
        let script = "read word; echo heard: $word; sleep 0.2; exit 5";
        let mut command = self.kubectl(words);
        let mut command = on_a_terminal(command.arg(script));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut visit = command.spawn().expect("python3 runs");
        let mut typed = visit.stdin.take().expect("its input");
        typed.write_all(b"hello\n").expect("it is typed");
        let output = visit.wait_with_output().expect("it ends");
        drop(typed);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("heard: hello"), "{self}: {said}");
        assert!(said.contains("pod \"visitor\" deleted"), "{self}: {said}");
        assert_eq!(output.status.code(), Some(5), "{self}: {said}");
    }

    fn kubectl(&self, arguments: &str) -> Command {
        let mut command = self.stage.plane.kubectl_command(self.version);
        command.args(arguments.split_whitespace());
        command.envs(self.variables.iter().copied());
        command
    }

    #[track_caller]
    fn run(&self, arguments: &str) {
        let ran = self.fed(&mut self.kubectl(arguments), "");
        self.check(&ran, 0, "", "");
    }

    fn fed(&self, command: &mut Command, input: &str) -> Output {
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().expect("it runs");
        let mut typed = running.stdin.take().expect("its input");
        // Who reads nothing may be gone already.
        let _ = typed.write_all(input.as_bytes());
        // A terminal would hang up with its input.
        let typed = (command.get_program() == "python3").then_some(typed);
        let output = running.wait_with_output().expect("it ends");
        drop(typed);
        output
    }

    #[track_caller]
    fn check(&self, ran: &Output, code: i32, out: &str, error: &str) {
        let said = String::from_utf8_lossy(&ran.stdout);
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{self}: {said}{told}");
        assert!(said.contains(out), "{self}: {said}{told}");
        assert!(told.contains(error), "{self}: {said}{told}");
    }

    fn file(&self, name: &str) -> String {
        self.stage.plane.scratch().join(name).display().to_string()
    }
}

impl std::fmt::Display for Client<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "kubectl {:?} {:?}", self.version, self.variables)
    }
}

/// A port of a Pod that is a port here.
struct Forwarding {
    process: Child,
    port: u16,
    /// kubectl speaks of each connection, and ends when nobody listens.
    _said: BufReader<ChildStdout>,
}

impl Forwarding {
    fn start(command: &mut Command, port: u16) -> Self {
        command.args([format!(":{port}"), "--address=127.0.0.1".to_owned()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("kubectl runs");
        let mut said = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        let here = line.strip_prefix("Forwarding from 127.0.0.1:");
        let here = here.and_then(|rest| rest.split_whitespace().next());
        let here = here.and_then(|port| port.parse().ok());
        let port = here.unwrap_or_else(|| panic!("no port: {line}"));
        Self {
            process,
            port,
            _said: said,
        }
    }

    fn get(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.get_bytes(path)).into_owned()
    }

    fn get_bytes(&self, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut got = Vec::new();
        // A connection that is broken off has said all that it will.
        let _ = stream.read_to_end(&mut got);
        got
    }

    /// What it complained of.
    fn end(mut self) -> String {
        let mut said = String::new();
        let mut told = self.process.stderr.take().expect("its complaints");
        // kubectl ends by itself after a port that nobody listens on.
        told.read_to_string(&mut said).expect("text");
        said
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn on_a_terminal(inner: &Command) -> Command {
    let mut command = Command::new("python3");
    command.args(["-c", ON_A_TERMINAL]).arg(inner.get_program());
    command.args(inner.get_args()).env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: server}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: any
    env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
    command:
    - python3
    - -c
    - |
      import http.server, os
      class Echo(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              self.send_response(200)
              self.end_headers()
              large = bytes(at * 7 % 251 for at in range(3 << 20))
              self.wfile.write(large if self.path == "/large" else self.requestline.encode())
      http.server.ThreadingHTTPServer((os.environ["IP"], 18080), Echo).serve_forever()
    readinessProbe: {tcpSocket: {port: 18080}, periodSeconds: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: any
    stdin: true
    command: [sh, -c, 'while read line; do echo heard: $line; done']
"#;
