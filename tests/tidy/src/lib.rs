//! The workspace as `cargo metadata` tells it, for the tests that hold ARCHITECTURE.md's rules.

mod manifests;
mod sources;

pub use manifests::{FuzzTargets, fuzz_targets, property_of, text_of};
pub use sources::{files_naming, paths_named, sources};

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The platform whose tree is counted; other platforms' crates are not built.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The crates and what each is built from.
#[derive(Debug)]
pub struct Workspace {
    packages: BTreeMap<String, Package>,
}

/// One crate, ours or theirs.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its Cargo.toml stands.
    pub manifest: PathBuf,
    /// Its licence expression.
    pub licence: String,
    /// Whether it is a member of the workspace.
    pub is_ours: bool,
    /// Ids of what it is built from; what its tests alone need is left out.
    dependencies: Vec<String>,
}

impl Workspace {
    /// Asks cargo, which fetches what was not built yet.
    ///
    /// # Panics
    /// When cargo does not answer.
    #[must_use]
    pub fn load() -> Self {
        let answer = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1"])
            .args(["--filter-platform", PLATFORM, "--manifest-path"])
            .arg(root().join("Cargo.toml"))
            .output()
            .expect("cargo runs");
        let errors = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "cargo metadata: {errors}");
        Self::of(&serde_json::from_slice(&answer.stdout).expect("cargo writes JSON"))
    }

    /// The crates of the workspace, by name.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.is_ours)
    }

    /// The crate of ours with this name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn package(&self, name: &str) -> &Package {
        let found = self.ours().find(|package| package.name == name);
        found.unwrap_or_else(|| panic!("no crate `{name}` in the workspace"))
    }

    /// Those of ours that a crate is built from, directly.
    #[must_use]
    pub fn arrows(&self, package: &Package) -> BTreeSet<&str> {
        let direct = package.dependencies.iter().map(|id| &self.packages[id]);
        direct
            .filter(|package| package.is_ours)
            .map(|package| package.name.as_str())
            .collect()
    }

    /// Everything that a crate is built from, itself included.
    #[must_use]
    pub fn tree<'a>(&'a self, package: &'a Package) -> Vec<&'a Package> {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&str> = package.dependencies.iter().map(String::as_str).collect();
        while let Some(id) = waiting.pop() {
            if seen.insert(id) {
                waiting.extend(self.packages[id].dependencies.iter().map(String::as_str));
            }
        }
        std::iter::once(package)
            .chain(seen.into_iter().map(|id| &self.packages[id]))
            .collect()
    }

    fn of(metadata: &Value) -> Self {
        let members: BTreeSet<_> = items(metadata, "workspace_members").map(text).collect();
        let mut dependencies: BTreeMap<_, _> = items(&metadata["resolve"], "nodes")
            .map(|node| (text(&node["id"]), built_from(node)))
            .collect();
        let packages = items(metadata, "packages").map(|package| {
            let id = text(&package["id"]);
            let package = Package {
                name: text(&package["name"]),
                manifest: PathBuf::from(text(&package["manifest_path"])),
                licence: package["license"].as_str().unwrap_or_default().to_owned(),
                is_ours: members.contains(&id),
                dependencies: dependencies.remove(&id).unwrap_or_default(),
            };
            (id, package)
        });
        Self {
            packages: packages.collect(),
        }
    }
}

/// The workspace's folder.
#[must_use]
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// The ids of the ordinary and build dependencies; `dep_kinds` names tests' ones `dev`.
fn built_from(node: &Value) -> Vec<String> {
    let is_built = |dep: &&Value| items(dep, "dep_kinds").any(|kind| kind["kind"] != "dev");
    items(node, "deps")
        .filter(is_built)
        .map(|dep| text(&dep["pkg"]))
        .collect()
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
