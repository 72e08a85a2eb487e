//! `loadcase compare`: two blueprints on the same random numbers.

use loadcase_engine::{Session, SimulateOptions};
use loadcase_publish::simulation;

use crate::args::{self, Format, Global};
use crate::command::design::project;
use crate::command::simulate::{chosen, fault, horizon, system};
use crate::error::{CommandError, Outcome};
use crate::progress::Following;
use crate::terminal;

pub(crate) fn run(options: &args::Compare, global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let chosen = chosen(&session, &options.scenario, options.all)?;
    let (a, b) = (system(&session, Some(&options.a))?, system(&session, Some(&options.b))?);
    let how = SimulateOptions {
        horizon: horizon(options.horizon),
        seed: options.seed,
        replications: options.replications,
        ..SimulateOptions::default()
    };
    let following = Following::start();
    let result = following.follow(|follow| session.duel((&a, &b), &chosen.which, &how, follow));
    let mut duel = result.map_err(|e| fault(e, &chosen))?;
    duel.a = format!("{}: {}", options.a.display(), duel.a);
    duel.b = format!("{}: {}", options.b.display(), duel.b);
    terminal::result(&match options.format {
        Format::Text => simulation::duel_text(&duel, terminal::screen(global.color, false)),
        Format::Json => simulation::duel_json(&duel),
        Format::Md => simulation::duel_markdown(&duel),
    })?;
    Ok(if duel.partial { Outcome::Findings } else { Outcome::Fine })
}
