//! `loadcase recover`: the architecture of a repository.

use loadcase_engine::{Session, callgraph, dataflow};
use loadcase_publish::recovered::Marks;

use crate::args::{self, DiagramFormat, RecoverFormat};
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::Recover) -> Result<Outcome, CommandError> {
    let session = Session::open(Some(&options.path))?;
    let survey = session.recover(&options.path)?;
    terminal::note_nothing_read(&options.path, survey.files);
    if let Some(form) = options.diagram {
        let diagram = match form {
            DiagramFormat::Mermaid => loadcase_publish::recovered::mermaid(&survey.blueprint),
            DiagramFormat::Svg => loadcase_publish::recovered::svg(&survey.blueprint, &Marks::new()),
            DiagramFormat::Ascii => loadcase_publish::recovered::ascii(&survey.blueprint),
        };
        terminal::result(&diagram)?;
        return Ok(Outcome::Fine);
    }
    match options.format {
        RecoverFormat::Yaml => terminal::result(&loadcase_publish::recovered::yaml(&survey)),
        RecoverFormat::Json => terminal::json(&survey),
        RecoverFormat::Dataflow => terminal::json(&dataflow(&survey, session.catalog())),
        RecoverFormat::Callgraph => terminal::json(&callgraph(&survey)),
    }?;
    for failed in &survey.failed {
        let path = failed.path.as_deref().unwrap_or("");
        terminal::message(&format!("note: not read ({}): {path} {}", failed.check, failed.reason));
    }
    Ok(Outcome::Fine)
}
