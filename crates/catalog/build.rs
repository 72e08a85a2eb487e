//! Turns the catalog's YAML into JSON at compile time, so that a run does not read YAML.
//!
//! What it writes is a list in Rust: each path under `catalog/` with its content. Types are checked when it is loaded;
//! here only the syntax is, and a fault stops the build with its place.
#![allow(clippy::print_stdout, reason = "cargo reads build scripts by their output")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for path in paths {
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
        let value: serde_json::Value =
            serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let inside = path.strip_prefix(&root).expect("every path was found under the root");
        files.insert(inside.to_string_lossy().replace('\\', "/"), value.to_string());
    }
    let lines: Vec<String> = files.iter().map(|(path, json)| format!("    ({path:?}, {json:?}),")).collect();
    let list = format!("&[\n{}\n]\n", lines.join("\n"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("catalog.rs");
    std::fs::write(&out, list).unwrap_or_else(|e| panic!("cannot write {}: {e}", out.display()));
}

/// Every YAML file under a folder.
fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()));
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            out.push(path);
        }
    }
}
