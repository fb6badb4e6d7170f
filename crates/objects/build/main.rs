//! Turns `data/*.json` into static tables, so that nothing is parsed when the program runs.

use std::path::{Path, PathBuf};
use std::{env, fs};

mod definitions;
mod tables;

use definitions::{Definitions, Wires};

#[expect(clippy::print_stdout, reason = "how a build script speaks to cargo")]
fn main() {
    println!("cargo::rerun-if-changed=data");
    println!("cargo::rerun-if-changed=build");
    let data = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("data");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let definitions: Definitions = read(&data.join("definitions.json"));
    let wires: Wires = read(&data.join("wire.json"));
    let out = out.join("tables.rs");
    fs::write(&out, tables::render(&definitions, &wires))
        .unwrap_or_else(|e| panic!("{}: {e}", out.display()));
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
