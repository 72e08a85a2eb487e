//! `loadcase completions` and the manual page.

use clap::CommandFactory;

use crate::args::{self, Args};
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::Completions) -> Result<Outcome, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Args::command(), "loadcase", &mut script);
    terminal::result(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Fine)
}

pub(crate) fn man() -> Result<Outcome, CommandError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page).map_err(|source| CommandError::Io {
        doing: "render",
        path: "the manual page".to_owned(),
        source,
    })?;
    terminal::result(&String::from_utf8_lossy(&page))?;
    Ok(Outcome::Fine)
}
