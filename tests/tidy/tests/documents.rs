//! Our documents speak of what is there.

use std::collections::BTreeMap;
use tidy::{paths_named, text_of};

const DOCUMENTS: [&str; 7] = [
    "ARCHITECTURE.md",
    "STYLE.md",
    "PROMISES.md",
    "README.md",
    "docs/threats.md",
    "docs/performance.md",
    "docs/plane-yaml.md",
];

#[test]
fn every_name_of_the_glossary_is_in_the_sources() {
    let sources = tidy::sources();
    let glossary = text_of(&tidy::root().join("GLOSSARY.md"));
    let names: Vec<&str> = rows(&glossary).flat_map(rust_names).collect();
    assert!(names.len() > 40, "the table is read: {names:?}");
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| !is_declared(name, &sources))
        .collect();
    assert!(missing.is_empty(), "no source declares {missing:?}");
}

#[test]
fn every_path_that_a_document_names_exists() {
    for document in DOCUMENTS {
        let text = text_of(&tidy::root().join(document));
        let missing: Vec<_> = paths_named(&text)
            .into_iter()
            .filter(|path| !tidy::root().join(path).exists())
            .collect();
        assert!(missing.is_empty(), "{document} names {missing:?}");
    }
}

#[test]
fn every_promise_names_its_tests_or_says_that_it_has_none() {
    let text = text_of(&tidy::root().join("PROMISES.md"));
    let is_promise = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
    let promises: Vec<&str> = text.split("\n\n").filter(is_promise).collect();
    assert!(promises.len() > 5, "they are read: {promises:?}");
    for promise in promises {
        let shown = promise.split_once("Shown by");
        let is_shown = shown.is_some_and(|(_, by)| !paths_named(by).is_empty());
        let is_open = promise.to_lowercase().contains("no test yet");
        assert!(is_shown != is_open, "{promise}");
    }
}

/// The rows of the table, without its head.
fn rows(glossary: &str) -> impl Iterator<Item = &str> {
    let rows = glossary.lines().filter(|line| line.starts_with("| "));
    rows.filter(|row| !row.starts_with("| term ") && !row.starts_with("| --- "))
}

/// What stands in backticks in the Rust column: `iam::Role`, `Permit<Op>`.
fn rust_names(row: &str) -> impl Iterator<Item = &str> {
    let column = row.split(" | ").nth(2).unwrap_or_default();
    column.split('`').skip(1).step_by(2)
}

/// Whether the crate that a name begins with declares all the rest; without one, whether any does.
fn is_declared(name: &str, sources: &BTreeMap<String, String>) -> bool {
    let plain = name.split('<').next().unwrap_or_default();
    let (room, path) = match plain.split_once("::") {
        Some((room, path)) if sources.contains_key(room) => (Some(room), path),
        _ => (None, plain),
    };
    let is_wanted = |place: &str| room.is_none_or(|room| room == place);
    let mut wanted = sources.iter().filter(|(place, _)| is_wanted(place));
    sources.contains_key(plain)
        || wanted.any(|(_, text)| path.split("::").all(|word| declares(text, word)))
}

/// By a keyword, or by a macro that makes a name and its error: `RoleName, NotARoleName`.
fn declares(text: &str, name: &str) -> bool {
    let keywords = ["struct", "enum", "trait", "type", "fn"];
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    let declared = |start: String| {
        let mut found = text.match_indices(&start);
        found.any(|(at, _)| ends(&text[at + start.len()..]))
    };
    let public = ["pub", "pub(crate)"];
    let mut ways = public
        .iter()
        .flat_map(|public| keywords.map(|keyword| format!("{public} {keyword} {name}")));
    ways.any(declared) || text.contains(&format!("    {name}, NotA"))
}
