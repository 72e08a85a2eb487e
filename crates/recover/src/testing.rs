//! Fixtures for tests of extractors.

use std::path::Path;

use crate::sighting::{Seen, Sighting};
use crate::walk::Limits;

/// What the extractors see in a repository of the given files.
pub(crate) fn see_all(files: &[(&str, &str)]) -> Vec<Sighting> {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    see_folder(folder.path())
}

/// What the extractors see in one file.
pub(crate) fn see(path: &str, text: &str) -> Vec<Sighting> {
    see_all(&[(path, text)])
}

fn see_folder(root: &Path) -> Vec<Sighting> {
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    let tree = crate::walk::walk(root, &Limits::default()).expect("a folder");
    let signs = loadcase_catalog::Signs::new(&catalog);
    let read = crate::extract::extract(root, &tree, &signs);
    // Fixtures may nest too deeply; no extractor may crash.
    assert!(read.failed.iter().all(|f| f.check == "syntax"), "{:?}", read.failed);
    read.sightings
}

/// The endpoints among sightings, as `METHOD path`, in order.
pub(crate) fn endpoints(sightings: &[Sighting]) -> Vec<String> {
    let endpoint = |s: &Sighting| match &s.seen {
        Seen::Endpoint(e) => Some(format!("{} {}", e.method.as_deref().unwrap_or("*"), e.path)),
        _ => None,
    };
    sightings.iter().filter_map(endpoint).collect()
}

/// The reaches among sightings, as `kind target`, in order.
pub(crate) fn reaches(sightings: &[Sighting]) -> Vec<String> {
    let reach = |s: &Sighting| match &s.seen {
        Seen::Reach(r) => Some(format!("{:?} {}", r.kind, r.target)),
        _ => None,
    };
    sightings.iter().filter_map(reach).collect()
}

/// The practices among sightings, as `Aspect State subject`, in order.
pub(crate) fn practices(sightings: &[Sighting]) -> Vec<String> {
    let practice = |s: &Sighting| match &s.seen {
        Seen::Practice(p) => Some(format!("{:?} {:?} {}", p.aspect, p.state, p.subject)),
        _ => None,
    };
    sightings.iter().filter_map(practice).collect()
}
