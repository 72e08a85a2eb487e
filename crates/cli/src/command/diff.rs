//! `loadcase diff`: what differs between two versions of an architecture.

use std::path::Path;

use loadcase_engine::reviewing::Options;
use loadcase_engine::{Comparison, Revision, Session, Snapshot};
use loadcase_publish::difference;

use crate::args::{self, Format, Global};
use crate::command::review::{config, persona, today};
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Diff, _global: &Global) -> Result<Outcome, CommandError> {
    let today = today(options.today.as_deref())?;
    let (before, after) = sides(options)?;
    let session = Session::open(after.project())?;
    let (old, new) = (before.snapshot(&session)?, after.snapshot(&session)?);
    for (side, snapshot) in [(&before, &old), (&after, &new)] {
        for failed in &snapshot.survey.failed {
            let path = failed.path.as_deref().unwrap_or("");
            terminal::message(&format!(
                "note: not read in {} ({}): {path} {}",
                side.name(),
                failed.check,
                failed.reason
            ));
        }
    }
    let how = |side: &Side| -> Result<Options, CommandError> {
        let config = side.project().map(config).transpose()?.flatten();
        Ok(Options { persona: persona(options.persona), config, ..Options::default() })
    };
    let (before_options, after_options) = (how(&before)?, how(&after)?);
    let how = Comparison { before: &before_options, after: &after_options, today: &today };
    let found = session.compare(&old, &new, how)?;
    terminal::result(&match options.format {
        Format::Text => difference::text(&found),
        Format::Json => difference::json(&found),
        Format::Md => difference::markdown(&found),
    })?;
    Ok(if options.exit_code && !found.is_empty() { Outcome::Findings } else { Outcome::Fine })
}

/// What one side of a comparison is taken from.
pub(crate) enum Side {
    /// A blueprint or a repository, by its path.
    Path(std::path::PathBuf),
    /// The files of a revision, and its name.
    Revision(Revision, String),
}

impl Side {
    /// What to call it.
    fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Revision(_, name) => name.clone(),
        }
    }

    /// The folder whose catalog and configuration count; a blueprint has none.
    fn project(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path.as_path()).filter(|p| !is_file(p)),
            Self::Revision(revision, _) => Some(revision.path()),
        }
    }

    /// Reads it.
    pub(crate) fn snapshot(&self, session: &Session) -> Result<Snapshot, CommandError> {
        match self {
            Self::Path(path) if is_file(path) => blueprint(session, path),
            Self::Path(path) => recovered(session, path, self.name()),
            Self::Revision(revision, _) => recovered(session, revision.path(), self.name()),
        }
    }
}

/// Whether a path is meant as a blueprint: it is a file, or it is not there and reads like one.
fn is_file(path: &Path) -> bool {
    let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    path.is_file() || (yaml && !path.is_dir())
}

fn sides(options: &args::Diff) -> Result<(Side, Side), CommandError> {
    let here = || std::path::PathBuf::from(".");
    let revision = |repository: &Path, name: &String| -> Result<Side, CommandError> {
        Ok(Side::Revision(Revision::open(repository, name)?, name.clone()))
    };
    match (options.rev.as_slice(), &options.before, &options.after) {
        ([], Some(before), Some(after)) => Ok((Side::Path(before.clone()), Side::Path(after.clone()))),
        ([], ..) => Err(CommandError::Usage {
            message: "there is nothing to compare with".to_owned(),
            help: "name two blueprints or repositories, or two revisions: `loadcase diff --rev main HEAD`"
                .to_owned(),
        }),
        ([first], repository, _) => {
            let repository = repository.clone().unwrap_or_else(here);
            Ok((revision(&repository, first)?, Side::Path(repository)))
        }
        ([first, second, ..], repository, _) => {
            let repository = repository.clone().unwrap_or_else(here);
            Ok((revision(&repository, first)?, revision(&repository, second)?))
        }
    }
}

fn recovered(session: &Session, folder: &Path, name: String) -> Result<Snapshot, CommandError> {
    Ok(Snapshot { name, survey: session.recover(folder)?, recovered: true })
}

fn blueprint(session: &Session, path: &Path) -> Result<Snapshot, CommandError> {
    let named = input::open(&path.display().to_string())?;
    let source = String::from_utf8_lossy(&named.bytes).into_owned();
    match session.read_blueprint(&source) {
        Ok(blueprint) => Ok(Snapshot::of_blueprint(named.name, blueprint)),
        Err(diagnostic) => Err(CommandError::Input { name: named.name, source_text: source, diagnostic }),
    }
}
