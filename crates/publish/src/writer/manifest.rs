//! What earlier runs wrote, by hash.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{WriteError, atomic, io};
use crate::Deliverable;

/// Format of the manifest.
const FORMAT: &str = "loadcase/manifest/1";

/// Hashes by path. `announced` holds what a run is about to write: a run that was killed in between then
/// knows its own files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: String,
    files: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    announced: BTreeMap<String, Vec<String>>,
}

impl Manifest {
    /// The manifest at `path`. One that is missing or unreadable knows of no file, so that every file counts
    /// as the user's.
    pub(super) fn read(path: &Path) -> Result<Self, WriteError> {
        let empty = Self { format: FORMAT.to_owned(), ..Self::default() };
        if atomic::content_hash(path)?.is_none() {
            return Ok(empty);
        }
        let bytes = std::fs::read(path).map_err(|source| io("read", path, source))?;
        let read = serde_json::from_slice(&bytes).ok().filter(|m: &Self| m.format == FORMAT);
        Ok(read.unwrap_or(empty))
    }

    /// Notes what is about to be written, besides what a run that was killed had noted.
    pub(super) fn announce(&mut self, files: &[Deliverable]) {
        for file in files {
            let hash = hash(file.text.as_bytes());
            if !self.wrote(&file.path, &hash) {
                self.announced.entry(file.path.clone()).or_default().push(hash);
            }
        }
    }

    /// Forgets what was announced: the run is over.
    pub(super) fn settle(&mut self) {
        self.announced.clear();
    }

    /// Whether content with this hash was written to this path.
    pub(super) fn wrote(&self, path: &str, hash: &String) -> bool {
        self.files.get(path) == Some(hash) || self.announced.get(path).is_some_and(|a| a.contains(hash))
    }

    pub(super) fn record(&mut self, path: &str, hash: String) {
        self.files.insert(path.to_owned(), hash);
    }

    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Every path that was written, or that a killed run may have written.
    pub(super) fn paths(&self) -> BTreeSet<String> {
        self.files.keys().chain(self.announced.keys()).cloned().collect()
    }

    /// The manifest as JSON in a stable order.
    pub(super) fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest has only string keys");
        text.push('\n');
        text
    }
}

/// The hash of some content.
pub(super) fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
