//! No secret of a whole run stands anywhere but where it was handed out.

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{Clients, Plane, Ran};
use serde_json::Value;

/// Characters of a secret that may stand nowhere; a log that cuts a secret short shows it all the same.
const WINDOW: usize = 20;
/// What the state folder holds for its owner: client files, and the key that seals the rest.
const HANDED_OUT: [&str; 2] = ["credentials", "root.key"];

#[test]
fn no_secret_of_a_run_is_logged_recorded_shown_or_stored_in_the_clear() {
    let plane = Plane::start(&["-vv"]);
    let run = run(&plane);
    let secrets = secrets(&run["secrets"]);
    assert!(
        secrets.len() >= 16,
        "only {} secrets were minted",
        secrets.len()
    );

    let mut places = vec![("the log".to_owned(), plane.log().into_bytes())];
    for (index, answer) in items(&run["answers"]).enumerate() {
        places.push((format!("answer {index}"), text(answer).into()));
    }
    let requests = requests(&plane);
    assert!(
        requests.len() >= 20,
        "only {} requests were recorded",
        requests.len()
    );
    for id in &requests {
        places.push((format!("why {id}"), plane.why(id).into()));
    }
    let told = ["status", "audit"].map(|command| {
        let arguments = [command, "tail", "-o", "json"];
        plane.rolecall(&arguments[..if command == "audit" { 4 } else { 1 }])
    });
    places.extend(told.map(|ran| (ran.command, format!("{}{}", ran.stdout, ran.stderr).into())));
    files(&plane.state(), &mut places);

    for (place, bytes) in &places {
        for (kind, secret) in &secrets {
            let found = windows(secret).find(|window| holds(bytes, window.as_bytes()));
            assert_eq!(found, None, "{place} shows a {kind}");
        }
        assert!(!holds(bytes, b"PRIVATE KEY"), "{place} shows a private key");
    }
}

/// Walks it with boto3.
fn run(plane: &Plane) -> Value {
    let pod = "ci-namespace/ci-serviceaccount@ci";
    let mut command: Command = plane.command(Clients::installed().python(), "ci");
    command
        .args(["-c", include_str!("secrets.py")])
        .arg(plane.token(pod, "sts.amazonaws.com"))
        .arg(plane.token(pod, "another-audience"));
    Ran::of(&mut command).json()
}

/// Each with its kind.
fn secrets(minted: &Value) -> Vec<(String, String)> {
    let kinds = minted.as_object().expect("secrets by kind");
    let named = |(kind, list): (&String, &Value)| {
        let kind = kind.clone();
        let secrets: Vec<_> = items(list)
            .map(|secret| (kind.clone(), text(secret)))
            .collect();
        secrets
    };
    kinds.iter().flat_map(named).collect()
}

/// Of a token, its signature: header and claims are no secret. Of anything else, all of it.
fn windows(secret: &str) -> impl Iterator<Item = &str> {
    let secret = match secret.rsplit_once('.') {
        Some((_, signature)) => signature,
        None => secret,
    };
    // What a session token begins with says which key opens it, and is alike in all of them.
    let hidden = if secret.len() > 100 {
        &secret[secret.len() / 4..]
    } else {
        secret
    };
    (0..hidden.len() / WINDOW).map(move |index| &hidden[index * WINDOW..(index + 1) * WINDOW])
}

fn requests(plane: &Plane) -> Vec<String> {
    let records = plane.rolecall(&["audit", "tail", "--lines", "1000"]);
    let records = records.text().lines();
    let id =
        |line| text(&serde_json::from_str::<Value>(line).expect("a record is JSON")["requestID"]);
    records.map(id).collect()
}

/// All files below a folder but those that are handed out.
fn files(folder: &Path, places: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("the state folder can be read") {
        let path = entry.expect("its entries can be read").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            files(&path, places);
        } else if !HANDED_OUT.contains(&name.as_str()) {
            let bytes = fs::read(&path).expect("its files can be read");
            places.push((path.display().to_string(), bytes));
        }
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
