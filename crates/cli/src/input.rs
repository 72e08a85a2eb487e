//! Where briefs come from: an argument, a file, standard input.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use loadcase_brief::Read as BriefRead;
use loadcase_engine::Session;
use loadcase_model::Blueprint;

use crate::args::Source;
use crate::error::CommandError;
use crate::terminal;

/// Most bytes taken from a file or standard input; the reader refuses large briefs with a better message.
pub(crate) const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A text and the name to call it by in messages.
pub(crate) struct Named {
    /// File name, `standard input` or `brief`.
    pub(crate) name: String,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Takes the brief from where the arguments say.
pub(crate) fn brief(argument: Option<&str>) -> Result<Named, CommandError> {
    match argument {
        Some("-") => standard_input(),
        Some(text) => match file(text)? {
            Some(named) => Ok(named),
            None => Ok(Named { name: "brief".to_owned(), bytes: text.as_bytes().to_vec() }),
        },
        None if std::io::stdin().is_terminal() => Err(CommandError::Usage {
            message: "there is no brief".to_owned(),
            help: "write a sentence in quotes, name a file, or use `-` for standard input".to_owned(),
        }),
        None => standard_input(),
    }
}

/// The file that an argument names; none when it reads like a sentence.
fn file(argument: &str) -> Result<Option<Named>, CommandError> {
    let path = Path::new(argument);
    let looks_like_path = !argument.contains(char::is_whitespace)
        && path.extension().is_some_and(|e| ["md", "txt", "yaml", "yml", "markdown"].iter().any(|x| e == *x));
    let known = argument.len() < 4096;
    if known && path.is_file() || looks_like_path {
        return open(argument).map(Some);
    }
    if known && path.is_dir() {
        return Err(CommandError::Usage {
            message: format!("{argument} is a folder, not a brief"),
            help: "name a file in it, or write a sentence; `--repo` takes the decisions that a folder establishes"
                .to_owned(),
        });
    }
    Ok(None)
}

/// Reads a file whole, up to the limit.
pub(crate) fn open(path: &str) -> Result<Named, CommandError> {
    open_up_to(path, MOST_BYTES)
}

/// Reads a file whole, up to so many bytes.
pub(crate) fn open_up_to(path: &str, most: u64) -> Result<Named, CommandError> {
    let fail = |source| CommandError::Io { doing: "read", path: path.to_owned(), source };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(fail)?.take(most).read_to_end(&mut bytes).map_err(fail)?;
    Ok(Named { name: path.to_owned(), bytes })
}

/// Reads standard input whole, up to the limit.
pub(crate) fn standard_input() -> Result<Named, CommandError> {
    let fail = |source| CommandError::Io { doing: "read", path: "standard input".to_owned(), source };
    let mut bytes = Vec::new();
    std::io::stdin().take(MOST_BYTES).read_to_end(&mut bytes).map_err(fail)?;
    Ok(Named { name: "standard input".to_owned(), bytes })
}

/// Reads the brief and what the repository documents; diagnostics go to standard error.
pub(crate) fn read(session: &Session, source: &Source, named: &Named) -> Result<BriefRead, CommandError> {
    let text = || String::from_utf8_lossy(&named.bytes).into_owned();
    let mut read = session.read(&named.bytes, &named.name).map_err(|diagnostic| CommandError::Input {
        name: named.name.clone(),
        source_text: text(),
        diagnostic,
    })?;
    for diagnostic in &read.diagnostics {
        terminal::note(&named.name, &text(), diagnostic);
    }
    if let Some(repository) = &source.repo {
        for diagnostic in session.recall(repository, &mut read.brief)? {
            terminal::note(&repository.to_string_lossy(), "", &diagnostic);
        }
    }
    Ok(read)
}

/// The file of an architecture, and where designs are written.
const BLUEPRINT: &str = "blueprint.yaml";
const BACKEND: &str = "docs/backend";

/// The blueprint that is meant: a file, or that of a folder or of the design in it; without a target, of the design
/// here.
pub(crate) fn blueprint_path(target: Option<&Path>) -> Result<PathBuf, CommandError> {
    let folders = match target {
        Some(path) if !path.is_dir() => return Ok(path.to_owned()),
        Some(folder) => vec![folder.to_owned(), folder.join(BACKEND)],
        None => vec![PathBuf::from(BACKEND), PathBuf::from(".")],
    };
    folders.iter().map(|f| f.join(BLUEPRINT)).find(|p| p.is_file()).ok_or_else(|| CommandError::Usage {
        message: format!(
            "there is no {BLUEPRINT} in {}",
            folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(" or ")
        ),
        help: "`loadcase design BRIEF --out docs/backend` writes one; or name a blueprint".to_owned(),
    })
}

/// Reads a blueprint from a file, from that of a folder, or from standard input for `-`.
pub(crate) fn blueprint(session: &Session, path: &str) -> Result<Blueprint, CommandError> {
    let named = match path {
        "-" => standard_input()?,
        path => open(&blueprint_path(Some(Path::new(path)))?.to_string_lossy())?,
    };
    let source = String::from_utf8_lossy(&named.bytes).into_owned();
    session.read_blueprint(&source).map_err(|diagnostic| CommandError::Input {
        name: named.name.clone(),
        source_text: source.clone(),
        diagnostic,
    })
}
