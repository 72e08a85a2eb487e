//! Recovering repositories as the command line does: through the public functions, from folders on disk.

mod disk;
mod nesting;
mod secrets;
mod templates;
mod verdicts;

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use loadcase_catalog::Catalog;
use loadcase_model::Survey;
use loadcase_recover::{Limits, recover};
use tempfile::TempDir;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| loadcase_catalog::load_embedded().expect("the embedded catalog is sound"));

/// Far longer than any of these takes, far shorter than what they are made to provoke.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 120 } else { 20 });

/// The embedded catalog.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

/// A repository of the given files.
pub(crate) fn repository<P: AsRef<str>, T: AsRef<[u8]>>(files: &[(P, T)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path.as_ref());
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    folder
}

/// The survey of a folder, within a time that only a hang exceeds.
pub(crate) fn survey(root: &Path) -> Survey {
    let catalog = catalog();
    let began = Instant::now();
    let survey = recover(root, catalog, &Limits::default()).expect("the folder can be read");
    assert!(began.elapsed() < PATIENCE, "{:?} for {}", began.elapsed(), root.display());
    survey
}

/// The survey of the given files; no extractor may crash.
pub(crate) fn survey_of<P: AsRef<str>, T: AsRef<[u8]>>(files: &[(P, T)]) -> Survey {
    let survey = survey(repository(files).path());
    let crashed: Vec<_> = survey.failed.iter().filter(|f| f.reason.contains("stopped on")).collect();
    assert!(crashed.is_empty(), "{crashed:?}");
    survey
}

/// Whether a check failed for a reason that contains a text.
pub(crate) fn says(survey: &Survey, reason: &str) -> bool {
    survey.failed.iter().any(|f| f.reason.contains(reason))
}
