//! The codes that failures carry (`error.code` in the envelope), and what each means.
//!
//! Scripts match them: one that is here stays, and means the same, for as long as the envelope's
//! `schemaVersion` does (PROMISES.md, 8).

/// Every code of a failure, in alphabetical order.
pub(crate) const CODES: [(&str, &str); 42] = [
    (
        "already-running",
        "a plane runs on the state folder already",
    ),
    ("bad-config", "plane.yaml says what cannot be"),
    (
        "bad-query",
        "the JMESPath expression cannot be read or evaluated",
    ),
    ("bad-request", "what was asked cannot be sent as a request"),
    ("bad-state", "the state folder cannot be opened"),
    ("bad-state-folder", "the state folder's path cannot be one"),
    (
        "cannot-detach",
        "the plane cannot be started in the background",
    ),
    ("cannot-run", "the command to run cannot be started"),
    ("cannot-stop", "the plane's process does not end"),
    ("cannot-write", "a file or folder cannot be written"),
    (
        "demo-failed",
        "a step of the demo went another way than it should",
    ),
    ("file-exists", "a file is in the way, and is left as it is"),
    ("internal", "a fault of rolecall's own"),
    (
        "kubeconfig-locked",
        "another program changes the kubeconfig",
    ),
    (
        "kubeconfig-of-the-plane",
        "the kubeconfig is the plane's own",
    ),
    ("kubeconfig-unreadable", "the kubeconfig cannot be read"),
    ("kubeconfig-unwritable", "the kubeconfig cannot be written"),
    (
        "name-taken",
        "the kubeconfig has entries of these names that are not the plane's",
    ),
    ("no-account", "the plane has no such account"),
    ("no-address", "the address cannot be listened at"),
    ("no-audit", "there are no audit records to read"),
    ("no-aws", "the AWS CLI cannot be run"),
    ("no-cluster", "the plane has no such cluster"),
    ("no-command", "there is no command to run"),
    ("no-home", "there is no home folder"),
    ("no-plane", "no plane runs on the state folder"),
    ("no-role", "no role trusts the service account"),
    ("no-such-code", "there is no such code to explain"),
    ("no-such-request", "the plane remembers no such request"),
    ("no-such-shell", "there are no completions for this shell"),
    (
        "not-an-id",
        "the text ends in no id of a request or a denial",
    ),
    ("not-started", "the plane did not start"),
    ("port-busy", "another process listens at the address"),
    (
        "refused",
        "the plane refused the request; its reason is given by rolecall why",
    ),
    ("several-kubeconfigs", "$KUBECONFIG names several files"),
    ("several-roles", "several roles trust the service account"),
    ("state-unreadable", "the state folder cannot be read"),
    ("unreachable", "the plane does not answer; try again"),
    ("unreadable-answer", "the plane's answer cannot be read"),
    (
        "unreadable-authority",
        "the certificate of an authority cannot be read",
    ),
    ("unreadable-config", "plane.yaml cannot be read"),
    (
        "unreadable-token",
        "the token cannot be read from where it was named",
    ),
];

/// What a code means.
pub(crate) fn meaning(code: &str) -> Option<&'static str> {
    let found = CODES.iter().find(|(one, _)| *one == code);
    found.map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// How failures are made, before the code.
    const MAKERS: [&str; 3] = ["Failure::no(", "Failure::usage(", "Failure::unanswered("];
    /// What stands for a code where the plane says it.
    const OF_THE_PLANE: &str = "refusal.code()";

    #[test]
    fn the_list_is_in_order() {
        assert!(CODES.is_sorted_by(|(one, _), (next, _)| one < next));
    }

    #[test]
    fn failures_carry_the_codes_of_the_list_and_no_others() {
        let rooms = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut used = BTreeSet::new();
        for file in files(&rooms.join("src")) {
            let text = std::fs::read_to_string(file).unwrap();
            let made = MAKERS.iter().flat_map(|maker| text.split(maker).skip(1));
            used.extend(made.filter_map(code_of));
        }
        let options = rooms.join("../plane/src/options.rs");
        let options = std::fs::read_to_string(options).unwrap();
        let said = options.split(" } => \"").chain(options.split("(_) => \""));
        let said = said.skip(1).filter_map(|rest| rest.split_once("\",\n"));
        used.extend(
            said.map(|(code, _)| code.to_owned())
                .filter(|code| !code.contains(' ')),
        );
        let listed = CODES.map(|(code, _)| code.to_owned());
        assert_eq!(used, listed.into());
    }

    /// The first argument: a code in quotes.
    fn code_of(call: &str) -> Option<String> {
        let argument = call.trim_start();
        let quoted = argument
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'));
        match quoted {
            Some((code, _)) => Some(code.to_owned()),
            None if argument.starts_with(OF_THE_PLANE) => None,
            None => panic!("a code that cannot be told from the source: {argument:.60}"),
        }
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let inside = entries.flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        });
        inside.filter(|path| !path.ends_with("codes.rs")).collect()
    }
}
