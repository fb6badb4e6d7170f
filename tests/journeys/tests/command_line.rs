//! The command line as a new user meets it: beginnings, ends, exit codes, and what is said of mistakes.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use harness::{Cli, Plane, Ran, rolecall};
use serde_json::json;
use tempfile::TempDir;

const WHO: &str = "ci-namespace/ci-serviceaccount@ci";

/// `rolecall` on a state folder, in a folder of the test's own.
fn on(folder: &TempDir, words: &[&str]) -> Command {
    let mut command = Command::new(rolecall());
    command
        .current_dir(folder.path())
        .env_remove("ROLECALL_STATE")
        .arg("--state")
        .arg(folder.path().join("state"))
        .args(words);
    command
}

/// What a shell sees: the exit code, and a part of what is said on standard error.
#[track_caller]
fn check(ran: &Ran, code: i32, says: &str) {
    assert_eq!(
        ran.code,
        Some(code),
        "{}\n{}{}",
        ran.command,
        ran.stdout,
        ran.stderr
    );
    assert!(ran.stderr.contains(says), "{}\n{}", ran.command, ran.stderr);
}

#[test]
fn a_plane_is_declared_in_standard_input_left_running_and_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| Ran::of(&mut on(&folder, words));
    check(&run(&["status"]), 1, "start one: rolecall up --detach");
    check(&run(&["init"]), 0, "");
    check(&run(&["init"]), 1, "or print it: rolecall init -");
    let declared = File::open(folder.path().join("plane.yaml")).expect("it was written");
    let mut up = on(
        &folder,
        &["up", "-f", "-", "--detach", "--listen", "127.0.0.1:0"],
    );
    // `Ran::of` gives a command no input, so this one is run by hand.
    let up = up.stdin(declared).output().expect("it runs");
    let said = String::from_utf8_lossy(&up.stdout);
    assert!(
        said.ends_with("Ready.\n"),
        "{said}{}",
        String::from_utf8_lossy(&up.stderr)
    );
    let second = run(&["up", "--detach", "--listen", "127.0.0.1:0"]);
    check(&second, 1, "already, as process");
    let accounts = run(&["status", "--query", "accounts[].alias"]);
    let accounts = accounts.json();
    assert!(accounts.to_string().contains("prod"), "{accounts}");
    check(&run(&["down"]), 0, "");
    check(&run(&["down"]), 1, "no plane runs on");
}

#[test]
fn a_detached_plane_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let ran = Ran::of(&mut on(&folder, &["up", "--detach", "--listen", &address]));
    check(
        &ran,
        3,
        &format!("error[not-started]: `{address}` is taken by"),
    );
    assert!(
        ran.stderr.contains("\n  help: stop that process"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_mistake_in_plane_yaml_is_shown_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plane.yaml"), "acounts: []\n").expect("a file");
    let ran = Ran::of(&mut on(&folder, &["up", "-f", "plane.yaml"]));
    check(&ran, 2, "did you mean `accounts`?");
    assert!(ran.stderr.contains("plane.yaml:1:1"), "{}", ran.stderr);
}

#[test]
fn a_command_of_ones_own_passes_its_exit_code_on() {
    let plane = Plane::start(&[]);
    let exec = |words: &[&str]| plane.rolecall(&[&["exec"], words].concat());
    check(&exec(&["--", "sh", "-c", "exit 7"]), 7, "");
    check(&exec(&["--", "sh", "-c", "kill -9 $$"]), 137, "");
    check(&exec(&["--", "no-such-command"]), 3, "error[cannot-run]");
    check(
        &exec(&["--account", "nobody", "--", "true"]),
        2,
        "it has ci, dev, stg, prod",
    );
    check(
        &exec(&["--as", "bob", "--", "true"]),
        2,
        "is neither `sa:NAMESPACE/NAME@CLUSTER`",
    );
    let why = format!("see why: rolecall token create {WHO} | rolecall token inspect");
    check(
        &exec(&["--as", &format!("sa:{WHO}"), "--", "true"]),
        1,
        &why,
    );
    let seen = exec(&[
        "--account",
        "prod",
        "--",
        "sh",
        "-c",
        "echo $AWS_PROFILE $ROLECALL_STATE",
    ]);
    let state = plane.state();
    assert_eq!(seen.text(), format!("prod {}", state.display()));
}

#[test]
fn a_token_is_minted_for_a_while_and_read_whatever_it_is() {
    let plane = Plane::start(&[]);
    let create = |duration: &str| plane.rolecall(&["token", "create", WHO, "--duration", duration]);
    check(&create("1s"), 2, "a token lives from 10m to 24h");
    check(&create("soon"), 2, "or a number with s, m or h");
    let token = create("30m");
    let token = token.text();
    let inspect = |token: &str| plane.rolecall(&["token", "inspect", token]);
    let fresh = inspect(token);
    check(&fresh, 1, "");
    let next = "make one:\n    aws iam create-open-id-connect-provider --url https://oidc.eks.";
    assert!(fresh.stdout.contains(next), "{}", fresh.stdout);
    assert!(fresh.stdout.contains("none was asked"), "{}", fresh.stdout);
    // `{"alg":"none"}` and the claims of a good token, without a signature.
    let claims = token.split('.').nth(1).expect("claims");
    let unsigned = inspect(&format!("eyJhbGciOiJub25lIn0.{claims}."));
    check(&unsigned, 1, "");
    assert!(
        unsigned.stdout.contains("\"alg\": \"none\""),
        "{}",
        unsigned.stdout
    );
    assert!(
        unsigned.stdout.contains("bad  token is signed with `none`"),
        "{}",
        unsigned.stdout
    );
    assert!(
        unsigned.stdout.contains("ci-serviceaccount"),
        "{}",
        unsigned.stdout
    );
    check(
        &inspect("nonsense"),
        1,
        "a signed JWT has 3 parts between dots, this text has 1",
    );
}

#[test]
fn a_role_is_found_for_a_service_account_as_soon_as_one_trusts_it() {
    let plane = Plane::start(&[]);
    let describe = "eks describe-cluster --name ci --query cluster.identity.oidc.issuer";
    let issuer = plane.aws(Cli::V2, "ci", describe).json();
    let issuer = issuer.as_str().expect("an issuer");
    let make = format!(
        "iam create-open-id-connect-provider --client-id-list sts.amazonaws.com --url {issuer} \
         --query OpenIDConnectProviderArn"
    );
    let provider = plane.aws(Cli::V2, "ci", &make).json();
    let name = issuer.trim_start_matches("https://");
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Federated": provider },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": {
            format!("{name}:sub"): "system:serviceaccount:ci-namespace:ci-serviceaccount",
        }},
    }]});
    let trust = trust.to_string();
    let role = [
        "iam",
        "create-role",
        "--role-name",
        "ci-role",
        "--assume-role-policy-document",
    ];
    plane
        .aws_words(Cli::V2, "ci", &[&role[..], &[&trust]].concat())
        .text();
    let seen = plane.rolecall(&[
        "exec",
        "--as",
        &format!("sa:{WHO}"),
        "--",
        "sh",
        "-c",
        "echo $AWS_ROLE_ARN; test -s $AWS_WEB_IDENTITY_TOKEN_FILE",
    ]);
    assert_eq!(seen.text(), "arn:aws:iam::111111111111:role/ci-role");
    let as_role = "role:arn:aws:iam::111111111111:role/ci-role";
    let refused = plane.rolecall(&["exec", "--as", as_role, "--", "true"]);
    check(&refused, 1, "is not authorized to perform: sts:AssumeRole");
    assert!(
        refused.stderr.contains("see why: rolecall why "),
        "{}",
        refused.stderr
    );
}

#[test]
fn each_shell_gets_its_environment_and_its_completions() {
    let plane = Plane::start(&[]);
    for (format, line) in [
        ("bash", "export AWS_PROFILE='stg'"),
        ("fish", "set -gx AWS_PROFILE 'stg';"),
        ("powershell", "$Env:AWS_PROFILE = 'stg'"),
        ("dotenv", "AWS_PROFILE=stg"),
        ("json", "\"AWS_PROFILE\": \"stg\""),
        ("github", "AWS_PROFILE=stg"),
    ] {
        let ran = plane.rolecall(&["env", "--account", "stg", "--format", format]);
        assert!(ran.text().contains(line), "{format}\n{}", ran.stdout);
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = plane.rolecall(&["completion", shell]);
        assert!(ran.text().contains("rolecall"), "{shell}");
    }
}

#[test]
fn a_private_plane_is_there_for_one_command() {
    leaves_nothing("test -s $AWS_CA_BUNDLE && echo $ROLECALL_STATE; exit 5");
}

#[test]
fn a_private_plane_that_is_asked_to_end_passes_it_on_and_leaves_nothing() {
    leaves_nothing(
        "trap 'echo $ROLECALL_STATE; exit 5' TERM
         kill $PPID
         while :; do sleep 0.1; done",
    );
}

/// Runs a script that prints the state folder and ends with 5.
#[track_caller]
fn leaves_nothing(script: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = Ran::of(&mut on(&folder, &["run", "--", "sh", "-c", script]));
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    let state = ran.stdout.trim();
    assert!(
        !state.is_empty() && !Path::new(state).exists(),
        "`{state}` is left"
    );
}
