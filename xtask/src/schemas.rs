//! The JSON Schemas of the catalog's files and of what the program reads and writes, checked in for editors.
//!
//! They are what `loadcase schema <format>` prints: the program's own types are the source.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{loadcase, report, root};

/// Writes every schema that differs; a file that is touched makes cargo build the catalog again.
pub(crate) fn write() -> Result<bool> {
    for (path, text) in schemas()?.into_iter().filter(differs) {
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(true)
}

/// Compares every schema with the one that is checked in.
pub(crate) fn check() -> Result<bool> {
    let stale: Vec<String> = schemas()?
        .into_iter()
        .filter(differs)
        .map(|(path, _)| {
            format!("{} is not what the program prints: run `cargo xtask schemas`", crate::shown(&path))
        })
        .collect();
    Ok(report("schemas", &stale))
}

/// Whether a schema is not the one that is checked in.
fn differs((path, text): &(PathBuf, String)) -> bool {
    !std::fs::read_to_string(path).is_ok_and(|old| old == *text)
}

/// The schema of every format, with the file it belongs in.
fn schemas() -> Result<Vec<(PathBuf, String)>> {
    let folder = root().join("catalog").join("schemas");
    let mut all = Vec::new();
    for format in formats()? {
        let text = loadcase(&["schema", &format])?;
        all.push((folder.join(format!("{format}.schema.json")), text));
    }
    Ok(all)
}

/// The formats the program has schemas of, as its own help lists them.
fn formats() -> Result<Vec<String>> {
    let help = loadcase(&["schema", "--help"])?;
    let values = help.split("Possible values:").nth(1).context("`loadcase schema --help` lists no values")?;
    let formats: Vec<String> = values
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next())
        .map(str::to_owned)
        .collect();
    if formats.is_empty() {
        bail!("`loadcase schema --help` lists no values");
    }
    Ok(formats)
}
