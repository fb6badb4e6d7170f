//! Turns `models/*.json` into static tables and typed structures, so that nothing is parsed when
//! the program runs.

use std::path::{Path, PathBuf};
use std::{env, fs};

mod dto;
mod model;
mod pattern;
mod tables;

use model::{Model, Overrides};

/// The services, in the order in which `services()` lists them.
const SERVICES: [&str; 6] = [
    "sts",
    "iam",
    "eks",
    "eks-auth",
    "cloudformation",
    "iam-toolbox",
];

#[expect(clippy::print_stdout, reason = "how a build script speaks to cargo")]
fn main() {
    println!("cargo::rerun-if-changed=models");
    println!("cargo::rerun-if-changed=build");
    let models =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("models");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let overrides: Overrides = read(&models.join("overrides.json"));
    for service in SERVICES {
        let mut model: Model = read(&models.join(format!("{service}.json")));
        let corrections = overrides.of(service);
        model.prepare(corrections);
        let module = service.replace('-', "_");
        write(
            &out.join(format!("tables_{module}.rs")),
            &tables::render(service, &model, corrections),
        );
        write(
            &out.join(format!("dto_{module}.rs")),
            &dto::render(&module, &model, corrections),
        );
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
