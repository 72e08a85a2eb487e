//! `loadcase ask`: a question answered from the engine that designs.

use loadcase_engine::{DesignOptions, Session};

use crate::args::{self, Global};
use crate::command::design::project;
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Ask, _global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(project(options.source.repo.as_deref()))?;
    let named = input::brief(options.source.brief.as_deref())?;
    let read = input::read(&session, &options.source, &named)?;
    let today = options.source.today.as_deref().map(|day| today(Some(day))).transpose()?;
    let how = DesignOptions { seed: options.source.seed, respect_pins: options.source.respect_pins, today };
    let design = session.design(&read.brief, &how)?;
    let material = match options.material.as_deref() {
        Some("-") => Some(input::standard_input()?),
        Some(path) => Some(input::open(path)?),
        None => None,
    };
    let material = material.map(|m| String::from_utf8_lossy(&m.bytes).into_owned());
    terminal::result(&session.answer(&read.brief.text, material.as_deref(), &design)?)?;
    Ok(Outcome::Fine)
}
