//! What was fetched, kept in files: one for each address, replaced as a whole or not at all.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A folder of answers.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
}

/// An answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The address, so that two with one name are told apart.
    pub(crate) address: String,
    /// How the server marks this state of it.
    pub(crate) etag: Option<String>,
    /// The day it was fetched, or found unchanged.
    pub(crate) day: String,
    /// The answer.
    pub(crate) body: String,
}

impl Cache {
    /// A cache in a folder, which is made when something is kept. Answers above `most_bytes` are not kept.
    #[must_use]
    pub const fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self, address: &str) -> PathBuf {
        let name = blake3::hash(address.as_bytes()).to_hex();
        self.folder.join(format!("{}.json", &name[..32]))
    }

    /// What was kept of an address. A file that cannot be read is as good as none.
    pub(crate) fn get(&self, address: &str) -> Option<Kept> {
        let file = std::fs::File::open(self.file(address)).ok()?;
        let mut text = String::new();
        // The answer is a text inside JSON: twice its size is enough.
        file.take(self.most_bytes.saturating_mul(2)).read_to_string(&mut text).ok()?;
        let kept: Kept = serde_json::from_str(&text).ok()?;
        (kept.address == address).then_some(kept)
    }

    /// Keeps an answer. That it cannot be kept is no fault of the answer.
    pub(crate) fn put(&self, kept: &Kept) -> bool {
        if kept.body.len() as u64 > self.most_bytes {
            return false;
        }
        self.write(kept).is_ok()
    }

    fn write(&self, kept: &Kept) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(serde_json::to_string(kept).map_err(std::io::Error::from)?.as_bytes())?;
        file.persist(self.file(&kept.address)).map_err(|e| e.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Kept};

    #[test]
    fn what_is_kept_comes_back_and_what_is_broken_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().join("deep/er"), 100);
        let kept = |body: &str| Kept {
            address: "https://x/y".to_owned(),
            etag: Some("\"1\"".to_owned()),
            day: "2026-11-23".to_owned(),
            body: body.to_owned(),
        };
        assert_eq!(cache.get("https://x/y"), None);
        assert!(cache.put(&kept("{}")));
        assert_eq!(cache.get("https://x/y"), Some(kept("{}")));
        assert_eq!(cache.get("https://x/z"), None);
        assert!(!cache.put(&kept(&"x".repeat(101))), "too large to keep");
        assert_eq!(cache.get("https://x/y"), Some(kept("{}")), "what was there stays");
        std::fs::write(cache.file("https://x/y"), "{\"address\": \"htt").expect("written");
        assert_eq!(cache.get("https://x/y"), None);
    }
}
