//! Prints what is recovered from a repository: `cargo run -p loadcase-recover --example recover -- PATH dataflow|callgraph|survey`.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::path::Path;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().unwrap_or_else(|| ".".to_owned());
    let format = arguments.next().unwrap_or_else(|| "survey".to_owned());
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    let survey = loadcase_recover::recover(Path::new(&root), &catalog, &loadcase_recover::Limits::default())
        .expect("the folder can be read");
    let value = match format.as_str() {
        "dataflow" => loadcase_recover::dataflow(&survey, &catalog),
        "callgraph" => loadcase_recover::callgraph(&survey),
        _ => serde_json::to_value(&survey).expect("a survey is JSON"),
    };
    println!("{value:#}");
}
