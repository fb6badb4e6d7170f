//! The rules of ARCHITECTURE.md, held.

use std::collections::BTreeSet;
use tidy::{Workspace, fuzz_targets, property_of, text_of};

/// ARCHITECTURE.md's table: a crate, and those of ours that it may be built from. A new arrow is a
/// design change: argue for it there, then add it here.
const ARROWS: [(&str, &[&str]); 18] = [
    ("names", &[]),
    ("objects", &["names"]),
    ("oidc", &["names"]),
    ("sigv4", &["names"]),
    ("spdy", &[]),
    ("policy", &["names"]),
    ("rbac", &["names", "objects"]),
    ("store", &[]),
    ("audit", &["names", "store"]),
    ("iam", &["names", "policy", "store"]),
    ("sts", &["names", "oidc", "sigv4", "policy", "store"]),
    ("eks", &["names", "oidc", "policy", "store"]),
    ("apiserver", &["names", "objects", "store"]),
    ("workloads", &["names", "objects"]),
    ("podidentity", &[]),
    ("awswire", &["names"]),
    (
        "plane",
        &[
            "workloads",
            "names",
            "objects",
            "oidc",
            "sigv4",
            "spdy",
            "policy",
            "store",
            "audit",
            "iam",
            "sts",
            "eks",
            "rbac",
            "apiserver",
            "podidentity",
            "awswire",
        ],
    ),
    (
        "cli",
        &[
            "names",
            "oidc",
            "sigv4",
            "policy",
            "audit",
            "awswire",
            "podidentity",
            "plane",
        ],
    ),
];

/// Words, proofs and decisions: plain functions.
const PURE: [&str; 8] = [
    "names",
    "objects",
    "oidc",
    "sigv4",
    "spdy",
    "policy",
    "rbac",
    "podidentity",
];

/// What would bring a runtime, sockets, files or randomness into them.
const IMPURE: [&str; 9] = [
    "tokio",
    "hyper",
    "redb",
    "rand",
    "mio",
    "rustix",
    "uuid",
    "rustls",
    "tracing-subscriber",
];

/// Names that say nothing: homeless code belongs to the noun it talks about.
const EMPTY_NAMES: [&str; 8] = [
    "common", "core", "utils", "util", "types", "helpers", "shared", "misc",
];

/// Crates in the binary's tree.
const TREE_MAX: usize = 280;

#[test]
fn arrows_between_crates_are_those_of_the_table() {
    let workspace = Workspace::load();
    for (name, allowed) in ARROWS {
        let allowed: BTreeSet<_> = allowed.iter().copied().collect();
        let arrows = workspace.arrows(workspace.package(name));
        let others: Vec<_> = arrows.difference(&allowed).collect();
        assert!(others.is_empty(), "`{name}` may not depend on {others:?}");
    }
}

#[test]
fn every_room_stands_in_the_table() {
    let rooms = tidy::root().join("crates");
    let workspace = Workspace::load();
    let ours = workspace
        .ours()
        .filter(|package| package.manifest.starts_with(&rooms));
    let found: BTreeSet<_> = ours.map(|package| package.name.as_str()).collect();
    assert_eq!(found, ARROWS.map(|(name, _)| name).into());
    let architecture = text_of(&tidy::root().join("ARCHITECTURE.md"));
    for name in found {
        let row = if name == "cli" {
            "| `cli` (binary".to_owned()
        } else {
            format!("| `{name}` |")
        };
        assert!(
            architecture.contains(&row),
            "ARCHITECTURE.md has no row for `{name}`"
        );
    }
}

#[test]
fn decisions_are_plain_functions() {
    let workspace = Workspace::load();
    for name in PURE {
        let tree = workspace.tree(workspace.package(name));
        let impure: Vec<_> = tree
            .iter()
            .map(|package| package.name.as_str())
            .filter(|name| IMPURE.contains(name))
            .collect();
        assert!(impure.is_empty(), "`{name}` is built from {impure:?}");
    }
}

#[test]
fn every_crate_is_named_by_a_noun_of_the_field() {
    for package in Workspace::load().ours() {
        assert!(
            !EMPTY_NAMES.contains(&package.name.as_str()),
            "`{}` says nothing",
            package.name
        );
    }
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    for package in Workspace::load().ours() {
        let manifest = text_of(&package.manifest);
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "`{}` has lints of its own",
            package.name
        );
    }
}

#[test]
fn every_fuzz_target_is_listed() {
    let targets = fuzz_targets();
    assert_eq!(targets.files, targets.listed);
}

#[test]
fn what_a_fuzz_target_holds_a_property_of_the_ordinary_tests_holds_too() {
    for target in fuzz_targets().files {
        let property = property_of(&target);
        let property = property.unwrap_or_else(|| panic!("`{target}` names no property test"));
        let is_one = text_of(&property).contains("proptest! {");
        assert!(is_one, "`{target}`: `{}` has none", property.display());
    }
}

#[test]
fn the_binary_stays_small_in_crates() {
    let workspace = Workspace::load();
    let count = workspace.tree(workspace.package("cli")).len();
    assert!(
        count <= TREE_MAX,
        "{count} crates in the binary's tree, {TREE_MAX} are allowed"
    );
}

#[test]
fn nothing_in_the_binary_is_under_the_gpl_alone() {
    let workspace = Workspace::load();
    for package in workspace.tree(workspace.package("cli")) {
        let is_free = |choice: &str| !choice.contains("GPL");
        let choices = package.licence.replace('/', " OR ");
        assert!(
            choices.split(" OR ").any(is_free),
            "`{}` is licensed under {}",
            package.name,
            package.licence
        );
    }
}
