//! Prints what the extractors see in a repository: `cargo run -p loadcase-recover --example sightings -- PATH [EXTRACTOR]`.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::path::Path;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().unwrap_or_else(|| ".".to_owned());
    let only = arguments.next().unwrap_or_default();
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    match loadcase_recover::sightings(Path::new(&root), &catalog, &loadcase_recover::Limits::default()) {
        Ok(lines) => lines.iter().filter(|l| l.contains(&only)).for_each(|l| println!("{l}")),
        Err(error) => println!("{error}"),
    }
}
