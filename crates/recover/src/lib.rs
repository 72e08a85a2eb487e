//! A repository becomes a blueprint, with the place of the evidence for every element.
//!
//! Four steps, one folder each: [`walk`] lists the files, [`extract`] reads each file into sightings (one small
//! extractor per kind of evidence, in parallel), [`merge`] decides which sightings speak of the same component
//! and builds the survey, [`export`] writes it in neutral shapes. Nothing of the repository is executed, no link
//! is followed, and a crash of an extractor is reported as a failed check.

mod export;
mod extract;
mod merge;
mod secret;
mod sighting;
mod source;
mod syntax;
mod template;
#[cfg(test)]
mod testing;
mod toml_tree;
mod verdicts;
mod walk;
mod xml;
mod yaml;

use std::path::Path;

use loadcase_catalog::Catalog;
use loadcase_model::Survey;

pub use export::{callgraph, dataflow};
pub use walk::Limits;

/// Why a repository cannot be surveyed at all.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The folder cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The folder.
        path: String,
        /// What the system said.
        reason: String,
    },
}

/// Surveys a repository.
///
/// # Errors
/// When the folder itself cannot be read. Files that cannot be read or understood are listed in
/// [`Survey::failed`].
pub fn recover(root: &Path, catalog: &Catalog, limits: &Limits) -> Result<Survey, RecoverError> {
    let tree = walk::walk(root, limits)?;
    let signs = loadcase_catalog::Signs::new(catalog);
    let read = extract::extract(root, &tree, &signs);
    Ok(merge::merge(read, &tree, &signs, catalog))
}

/// What the extractors see in a repository, a line each: for those who write extractors.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn sightings(root: &Path, catalog: &Catalog, limits: &Limits) -> Result<Vec<String>, RecoverError> {
    let tree = walk::walk(root, limits)?;
    let signs = loadcase_catalog::Signs::new(catalog);
    let read = extract::extract(root, &tree, &signs);
    let seen = read.sightings.iter().map(|s| format!("{}-{} [{}] {:?}", s.place, s.until, s.by, s.seen));
    let failed = read.failed.iter().map(|f| format!("failed [{}] {:?} {}", f.check, f.path, f.reason));
    Ok(seen.chain(failed).collect())
}

/// Surveys one file that is not on any disk: for tests that make up files by the thousand.
#[doc(hidden)]
pub fn recover_text(path: &str, bytes: &[u8], catalog: &Catalog) -> Survey {
    let tree = walk::Tree::of_one(path, bytes.len());
    let signs = loadcase_catalog::Signs::new(catalog);
    let read = extract::extract_text(path, bytes, &tree, &signs);
    merge::merge(read, &tree, &signs, catalog)
}
