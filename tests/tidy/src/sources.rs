//! Our sources as text, and the paths that our documents name.

use crate::{root, text_of};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The sources of each crate under `crates/`, as one text.
#[must_use]
pub fn sources() -> BTreeMap<String, String> {
    let folder = root().join("crates");
    let rooms = entries(&folder).map(|(name, path)| {
        let mut text = String::new();
        gather(&path.join("src"), &mut text);
        (name, text)
    });
    rooms.collect()
}

/// The files under `crates/`, tests left out, in which one of these words stands.
#[must_use]
pub fn files_naming(words: &[&str]) -> BTreeSet<String> {
    let mut files = Vec::new();
    for (_, room) in entries(&root().join("crates")) {
        list(&room.join("src"), &mut files);
    }
    files.retain(|file| {
        let text = text_of(file);
        words.iter().any(|word| text.contains(word))
    });
    let relative = files
        .iter()
        .filter_map(|file| file.strip_prefix(root()).ok());
    relative
        .map(|file| file.to_string_lossy().into_owned())
        .filter(|file| !file.ends_with("/tests.rs") && !file.contains("/tests/"))
        .collect()
}

/// The paths in a document that begin in one of our folders, each of `{one,other}` by itself.
#[must_use]
pub fn paths_named(document: &str) -> Vec<String> {
    let quoted = document.split('`').skip(1).step_by(2);
    let ours = quoted.filter(|quoted| {
        let folders = [
            "crates/",
            "tests/",
            "docs/",
            "fuzz/",
            "examples/",
            "benches/",
        ];
        folders.iter().any(|folder| quoted.starts_with(folder))
            && !quoted.contains(char::is_whitespace)
    });
    ours.flat_map(each_of_braces).collect()
}

fn each_of_braces(path: &str) -> Vec<String> {
    let parts = path.split_once('{').and_then(|(head, rest)| {
        let (choices, tail) = rest.split_once('}')?;
        Some((head, choices, tail))
    });
    match parts {
        None => vec![path.to_owned()],
        Some((head, choices, tail)) => choices
            .split(',')
            .flat_map(|choice| each_of_braces(&format!("{head}{choice}{tail}")))
            .collect(),
    }
}

fn gather(folder: &Path, text: &mut String) {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.iter().for_each(|file| text.push_str(&text_of(file)));
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for (name, path) in entries(folder) {
        if path.is_dir() {
            list(&path, files);
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| {
        (
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        )
    })
}
