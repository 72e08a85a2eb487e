//! Rebuilds the crate when a catalog file changes: the files are embedded at compile time.
#![allow(clippy::print_stdout, reason = "cargo reads build scripts by their output")]
fn main() {
    println!("cargo:rerun-if-changed=../../catalog");
}
