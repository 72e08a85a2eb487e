//! Designs that callers can come back to: each by an identifier made from its content, in memory and, where a folder
//! is given, on disk, so that it survives a restart. Bounded in number and size: the oldest go first.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use indexmap::IndexMap;
use loadcase_model::Design;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// Designs in memory.
const IN_MEMORY: usize = 16;
/// Designs on disk.
const ON_DISK: usize = 64;
/// Largest design kept on disk, bytes.
const LARGEST: u64 = 8 * 1024 * 1024;
/// Format of a kept design.
const FORMAT: &str = "loadcase/kept/1";

/// The designs that were made.
#[derive(Debug)]
pub struct Kept {
    folder: Option<PathBuf>,
    recent: Mutex<IndexMap<String, Arc<Design>>>,
}

#[derive(Serialize)]
struct Write<'a> {
    format: &'static str,
    design: &'a Design,
}

#[derive(Deserialize)]
struct Read {
    format: String,
    design: Design,
}

impl Kept {
    /// Keeps designs in this folder, which is made when the first is kept; without one, in memory only.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, recent: Mutex::new(IndexMap::new()) }
    }

    /// Keeps a design and returns its identifier: the same design has the same one.
    pub fn keep(&self, design: Design) -> (String, Arc<Design>) {
        let text = serde_json::to_string(&Write { format: FORMAT, design: &design }).unwrap_or_default();
        let id = format!("d{}", &blake3::hash(text.as_bytes()).to_hex()[..12]);
        let design = Arc::new(design);
        self.remember(&id, &design);
        if let Some(folder) = &self.folder {
            // A design that cannot be written is still kept in memory.
            let _ = write(folder, &id, &text);
        }
        (id, design)
    }

    /// The design with this identifier.
    ///
    /// # Errors
    /// When there is none, or none that this version can read.
    pub fn get(&self, id: &str) -> Result<Arc<Design>, Refusal> {
        let id = id.trim();
        if let Some(design) = self.recent().get(id) {
            return Ok(Arc::clone(design));
        }
        let is_id = id.strip_prefix('d').is_some_and(|hash| {
            hash.len() == 12 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        });
        let found = self.folder.as_ref().filter(|_| is_id).and_then(|f| read(&f.join(format!("{id}.json"))));
        let Some(design) = found else {
            return Err(Refusal::new(
                format!("there is no design `{id}`"),
                "call `design` with the brief: the same brief gives the same design_id",
            ));
        };
        let design = Arc::new(design);
        self.remember(id, &design);
        Ok(design)
    }

    /// Identifiers of the designs made or read since the start, the newest first.
    #[must_use]
    pub fn recent_ids(&self) -> Vec<String> {
        self.recent().keys().rev().cloned().collect()
    }

    fn remember(&self, id: &str, design: &Arc<Design>) {
        let mut recent = self.recent();
        recent.shift_remove(id);
        if recent.len() >= IN_MEMORY {
            recent.shift_remove_index(0);
        }
        recent.insert(id.to_owned(), Arc::clone(design));
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, IndexMap<String, Arc<Design>>> {
        // The map is whole between calls whatever a thread that held it did.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Option<Design> {
    let small = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file() && m.len() <= LARGEST);
    let text = small.then(|| std::fs::read_to_string(path).ok()).flatten()?;
    let read: Read = serde_json::from_str(&text).ok()?;
    (read.format == FORMAT).then_some(read.design)
}

fn write(folder: &Path, id: &str, text: &str) -> std::io::Result<()> {
    if text.len() as u64 > LARGEST {
        return Ok(());
    }
    private(folder)?;
    let path = folder.join(format!("{id}.json"));
    loadcase_publish::replace(&path, text).map_err(std::io::Error::other)?;
    let mut kept: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(folder)?
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|x| x == "json"))
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    kept.sort();
    let surplus = kept.len().saturating_sub(ON_DISK);
    for (_, old) in kept.into_iter().filter(|(_, p)| *p != path).take(surplus) {
        std::fs::remove_file(old)?;
    }
    Ok(())
}

/// Makes the folder, for its owner alone.
fn private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use loadcase_engine::{DesignOptions, Session};

    use super::*;

    fn design(text: &str) -> Design {
        let session = Session::open(None).expect("the catalog");
        let brief = session.read(text.as_bytes(), "brief").expect("a brief").brief;
        session.design(&brief, &DesignOptions::default()).expect("a design")
    }

    #[test]
    fn a_design_survives_a_restart_unchanged_and_garbage_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        let made = design("A shop for used bikes, 20k monthly users, four engineers");
        let (id, _) = Kept::new(Some(state.clone())).keep(made.clone());
        let later = Kept::new(Some(state.clone()));
        // Numbers come back to within their last bit, which nobody is shown.
        let session = Session::open(None).expect("the catalog");
        let shown = |d: &Design| loadcase_publish::outline::design(d, session.catalog()).text();
        assert_eq!(shown(&later.get(&id).expect("kept")), shown(&made));
        assert_eq!(later.keep(made).0, id, "the same design, the same identifier");
        for bad in ["", "../../etc/passwd", "d000000000000", "dzzzzzzzzzzzz"] {
            assert!(later.get(bad).is_err(), "{bad}");
        }
        std::fs::write(state.join("daaaaaaaaaaaa.json"), "{\"format\": \"loadcase/kept/0\"}")
            .expect("written");
        assert!(later.get("daaaaaaaaaaaa").is_err());
    }

    #[test]
    fn the_oldest_go_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = Kept::new(Some(folder.path().to_owned()));
        for n in 0..ON_DISK + 5 {
            std::fs::write(folder.path().join(format!("d{n:012x}.json")), "{}").expect("written");
        }
        let (id, _) = kept.keep(design("A blog with 500 readers a day"));
        let files = std::fs::read_dir(folder.path()).expect("there").count();
        assert_eq!(files, ON_DISK);
        assert!(Kept::new(Some(folder.path().to_owned())).get(&id).is_ok());
    }
}
