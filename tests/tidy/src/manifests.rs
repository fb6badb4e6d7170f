//! What stands in files that cargo's metadata does not tell.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The fuzz targets as files, and as `fuzz/Cargo.toml` lists them.
#[derive(Debug)]
pub struct FuzzTargets {
    /// `NAME.rs` in `fuzz/fuzz_targets`.
    pub files: BTreeSet<String>,
    /// `path = "fuzz_targets/NAME.rs"` in the manifest.
    pub listed: BTreeSet<String>,
}

/// The file in which the ordinary tests hold what a fuzz target holds, as the target names it.
#[must_use]
pub fn property_of(fuzz_target: &str) -> Option<PathBuf> {
    let root = crate::root();
    let text = text_of(&root.join("fuzz/fuzz_targets").join(fuzz_target));
    let mut lines = text.lines();
    let named = lines.find_map(|line| within(line, "//! In the ordinary tests: `", '`'))?;
    Some(root.join(named))
}

/// Reads both.
#[must_use]
pub fn fuzz_targets() -> FuzzTargets {
    let folder = crate::root().join("fuzz");
    let entries = std::fs::read_dir(folder.join("fuzz_targets"))
        .into_iter()
        .flatten()
        .flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let manifest = text_of(&folder.join("Cargo.toml"));
    FuzzTargets {
        files: names.filter(|name| name.ends_with(".rs")).collect(),
        listed: manifest
            .lines()
            .filter_map(listed)
            .map(str::to_owned)
            .collect(),
    }
}

/// The text of a file.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("`{}`: {why}", path.display()))
}

fn listed(line: &str) -> Option<&str> {
    within(line, "\"fuzz_targets/", '"')
}

/// What stands between the two in a line.
fn within<'a>(line: &'a str, before: &str, after: char) -> Option<&'a str> {
    let rest = line.split_once(before)?.1;
    Some(rest.split_once(after)?.0)
}
