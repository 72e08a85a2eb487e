//! The few operations on files, each all or nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::manifest::hash;
use super::{WriteError, io};

/// Creates the output folder and those above it.
pub(super) fn create_folders(path: &Path) -> Result<(), WriteError> {
    if path.exists() && !path.is_dir() {
        return Err(WriteError::InTheWay { path: path.to_owned() });
    }
    fs::create_dir_all(path).map_err(|source| io("create the folder", path, source))
}

/// Makes sure that `path` is a folder and no link.
pub(super) fn ensure_folder(path: &Path) -> Result<(), WriteError> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => Err(WriteError::Link { path: path.to_owned() }),
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(WriteError::InTheWay { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::create_dir(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(io("create the folder", path, error))
            }
            _ => Ok(()),
        },
        Err(source) => Err(io("look at", path, source)),
    }
}

/// The hash of a file's content; `None` when there is no file.
pub(super) fn content_hash(path: &Path) -> Result<Option<String>, WriteError> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => return Err(WriteError::Link { path: path.to_owned() }),
        Ok(found) if !found.is_file() => return Err(WriteError::InTheWay { path: path.to_owned() }),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io("look at", path, source)),
    }
    fs::read(path).map(|bytes| Some(hash(&bytes))).map_err(|source| io("read", path, source))
}

/// Puts `text` at `path`: written beside it, flushed to disk, renamed over it.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), WriteError> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.loadcase-tmp"));
    // Left over from a run that was killed, or a link laid by somebody: neither is followed.
    if temporary.symlink_metadata().is_ok() {
        fs::remove_file(&temporary).map_err(|source| io("delete", &temporary, source))?;
    }
    let written = write_new(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    if let Err(source) = written {
        // The first error is the one worth reporting.
        let _ = fs::remove_file(&temporary);
        return Err(io("write", path, source));
    }
    flush_folder(path);
    Ok(())
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the rename durable where folders can be flushed; the content is safe either way.
fn flush_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|p| File::open(p).ok()) {
        let _ = folder.sync_all();
    }
}
