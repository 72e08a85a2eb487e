//! The example repository with known faults, written into folders of their own by tests that review it.

use std::path::Path;

/// A secret that stands in its files and may stand in no output.
pub(crate) const SECRET: &str = "hunter2-very-secret";

macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../../examples/repositories/shop/", $path)))
    };
}

/// Two services in JavaScript, a database, and a password in the compose file.
const FILES: [(&str, &str); 7] = [
    file!("docker-compose.yml"),
    file!("orders/Dockerfile"),
    file!("orders/package.json"),
    file!("orders/index.js"),
    file!("stock/Dockerfile"),
    file!("stock/package.json"),
    file!("stock/index.js"),
];

/// Writes the repository into a folder.
pub(crate) fn write(folder: &Path) {
    for (path, text) in FILES {
        put(folder, path, text);
    }
}

/// Writes one file.
pub(crate) fn put(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    std::fs::create_dir_all(file.parent().expect("a file in a folder")).expect("created");
    std::fs::write(file, text).expect("written");
}

/// Changes a file.
pub(crate) fn edit(folder: &Path, path: &str, from: &str, to: &str) {
    let file = folder.join(path);
    let text = std::fs::read_to_string(&file).expect("the file is there");
    assert!(text.contains(from), "{path} has no {from}");
    std::fs::write(file, text.replace(from, to)).expect("written");
}

/// The repository in a folder of its own.
pub(crate) fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    folder
}
