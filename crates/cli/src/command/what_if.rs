//! `loadcase what-if`: inputs and elements changed, and what follows.

use std::path::PathBuf;

use loadcase_engine::Session;
use loadcase_publish::simulation;

use crate::args::{self, Format, Global};
use crate::command::design::project;
use crate::command::simulate::{chosen, fault, system};
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::WhatIf, global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let (target, changes) = told(options);
    let system = system(&session, target.as_deref())?;
    let none = chosen(&session, &[], false)?;
    let result = session.what_if(&system, &changes).map_err(|e| fault(e, &none))?;
    terminal::result(&match options.format {
        Format::Text => simulation::what_if_text(&result, terminal::screen(global.color, false)),
        Format::Json => simulation::what_if_json(&result),
        Format::Md => simulation::what_if_markdown(&result),
    })?;
    Ok(Outcome::Fine)
}

/// The blueprint and the changes: what has no `=` at the beginning is the blueprint.
fn told(options: &args::WhatIf) -> (Option<PathBuf>, Vec<String>) {
    match options.words.split_first() {
        Some((first, rest)) if !first.contains('=') => (Some(PathBuf::from(first)), rest.to_vec()),
        _ => (None, options.words.clone()),
    }
}
