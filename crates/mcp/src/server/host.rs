//! What every call shares: the folders, the session, the designs that were made, the day.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use loadcase_engine::Session;
use loadcase_model::{Blueprint, Brief, Design};

use super::kept::Kept;
use super::refusal::Refusal;
use super::roots::Roots;

/// Largest file a caller may name, bytes.
const LARGEST_FILE: u64 = 8 * 1024 * 1024;
/// Longest text of an argument, bytes.
const LONGEST_TEXT: usize = 512 * 1024;

/// How a server is set up.
#[derive(Debug)]
pub struct Settings {
    /// Folders that calls may touch.
    pub roots: Roots,
    /// Folder in which designs are kept over a restart.
    pub state: Option<PathBuf>,
    /// The day, `YYYY-MM-DD`, when it is not the clock's.
    pub today: Option<String>,
}

/// What every call shares.
pub struct Host {
    roots: Roots,
    kept: Kept,
    today: Option<String>,
    shared: OnceLock<Arc<Session>>,
}

impl Host {
    /// Sets a server up. Nothing is read yet: the catalog is opened by the first call that needs it.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let Settings { roots, state, today } = settings;
        Self { roots, kept: Kept::new(state), today, shared: OnceLock::new() }
    }

    /// The folders calls may touch.
    #[must_use]
    pub const fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The designs that were made.
    #[must_use]
    pub const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Today, `YYYY-MM-DD`, in universal time.
    #[must_use]
    pub fn today(&self) -> String {
        let clock = || jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        self.today.clone().unwrap_or_else(clock)
    }

    /// The session for a folder. What the folder adds to the catalog is read anew each time, since it may change
    /// while the server runs; the catalog that comes with Loadcase is read once.
    ///
    /// # Errors
    /// When a catalog file of the folder is malformed.
    pub fn session(&self, project: Option<&Path>) -> Result<Arc<Session>, Refusal> {
        if let Some(folder) = project.filter(|p| p.join(".loadcase").join("catalog").is_dir()) {
            return Ok(Arc::new(Session::open(Some(folder))?));
        }
        if let Some(session) = self.shared.get() {
            return Ok(Arc::clone(session));
        }
        let opened = Arc::new(Session::open(None)?);
        Ok(Arc::clone(self.shared.get_or_init(|| opened)))
    }

    /// The session of the first folder.
    ///
    /// # Errors
    /// When a catalog file of the folder is malformed.
    pub fn usual_session(&self) -> Result<Arc<Session>, Refusal> {
        self.session(self.roots.first())
    }

    /// The folder a caller named, else the first.
    ///
    /// # Errors
    /// When it is not there, is no folder, or lies outside.
    pub fn folder(&self, named: Option<&str>) -> Result<PathBuf, Refusal> {
        let path = self.roots.existing(named.unwrap_or("."))?;
        if path.is_dir() {
            return Ok(path);
        }
        Err(Refusal::new(format!("`{}` is no folder", path.display()), "name the folder of the repository"))
    }

    /// The text of a file a caller named.
    ///
    /// # Errors
    /// When it is not there, lies outside, is too large or is no text.
    pub fn text(&self, named: &str) -> Result<String, Refusal> {
        let path = self.roots.existing(named)?;
        let fail = |why: String| {
            Refusal::new(format!("cannot read `{named}`: {why}"), "name a text file of at most 8 MB")
        };
        let file = std::fs::File::open(&path).map_err(|e| fail(e.to_string()))?;
        if !file.metadata().is_ok_and(|m| m.is_file()) {
            return Err(fail("it is no file".to_owned()));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|e| fail(e.to_string()))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(fail("it is too large".to_owned()));
        }
        String::from_utf8(bytes).map_err(|_| fail("it is no UTF-8 text".to_owned()))
    }

    /// Reads a brief, and what the documents of a repository establish.
    ///
    /// # Errors
    /// When the text is no brief, or the repository cannot be read.
    pub fn brief(&self, session: &Session, text: &str, repository: Option<&Path>) -> Result<Brief, Refusal> {
        bounded("brief", text)?;
        let read =
            session.read(text.as_bytes(), "brief").map_err(|d| Refusal::of_text(&d, "the brief", text))?;
        let mut brief = read.brief;
        if let Some(repository) = repository {
            session.recall(repository, &mut brief)?;
        }
        Ok(brief)
    }

    /// Reads a blueprint from its YAML; `name` is what to call it.
    ///
    /// # Errors
    /// When it is malformed, with line and column.
    pub fn blueprint(&self, session: &Session, text: &str, name: &str) -> Result<Blueprint, Refusal> {
        session.read_blueprint(text).map_err(|d| Refusal::of_text(&d, name, text))
    }

    /// A design that was made before.
    ///
    /// # Errors
    /// When there is none with this identifier.
    pub fn design(&self, id: &str) -> Result<Arc<Design>, Refusal> {
        self.kept.get(id)
    }
}

/// Refuses a text that is longer than any caller needs.
///
/// # Errors
/// When it is.
pub(crate) fn bounded(name: &str, text: &str) -> Result<(), Refusal> {
    if text.len() > LONGEST_TEXT {
        let message = format!("`{name}` has {} bytes; the limit is {LONGEST_TEXT}", text.len());
        return Err(Refusal::new(message, "pass less, or put it into a file and name that"));
    }
    Ok(())
}
