//! `loadcase verify`: what is known on a day of the versions in use.

use std::path::Path;

use loadcase_engine::Session;
use loadcase_engine::facts::{Ages, Inventory, Knowledge, Options, verify};
use loadcase_model::{Verification, Weight};
use loadcase_publish::{findings, verification};

use crate::args::{self, Global, VerifyFormat};
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::{input, live, terminal};

pub(crate) fn run(options: &args::Verify, global: &Global) -> Result<Outcome, CommandError> {
    let folder = options.path.is_dir();
    let session = Session::open(Some(if folder { &options.path } else { Path::new(".") }))?;
    let how = how(options)?;
    // Sources are named before anything is read, so that a wrong address is told at once.
    let sources = match options.online {
        true => live::sources(&options.source, &options.places, &how.today)?,
        false => Vec::new(),
    };
    let mut known = session.knowledge();
    live::with_cache(&mut known, &options.places, &how.today)?;
    let inventory = inventory(&session, &options.path, &known)?;
    let unanswered = if options.online { live::ask(&sources, &inventory, &mut known) } else { Vec::new() };
    let verified = Verification { unanswered, ..verify(&inventory, &known, &how) };
    print(&verified, options, global)?;
    // Whoever reads SARIF decides what fails.
    let gate = options.format != VerifyFormat::Sarif;
    let stale = options.strict_facts && verified.tally.stale > 0;
    Ok(if gate && (fails(&verified) || stale) { Outcome::Findings } else { Outcome::Fine })
}

fn fails(verified: &Verification) -> bool {
    verified.checked.iter().flat_map(|c| &c.statements).any(|s| s.weight == Weight::Fault)
}

fn how(options: &args::Verify) -> Result<Options, CommandError> {
    let mut how = Options::on(today(options.today.as_deref())?);
    if let Some(days) = options.max_age {
        how.ages = Ages::all(days);
    }
    how.window = options.window;
    Ok(how)
}

/// What a repository, or a blueprint, names.
fn inventory(session: &Session, path: &Path, known: &Knowledge) -> Result<Inventory, CommandError> {
    if path.is_dir() {
        return Ok(session.inventory(path, known)?);
    }
    let blueprint = input::blueprint(session, &path.to_string_lossy())?;
    Ok(Inventory::of_blueprint(&blueprint))
}

fn print(verified: &Verification, options: &args::Verify, global: &Global) -> Result<(), CommandError> {
    match options.format {
        VerifyFormat::Text => {
            let screen = terminal::screen(global.color, options.full);
            terminal::result(&verification::text(verified, screen.width, screen.color, options.full))
        }
        VerifyFormat::Json => terminal::json(verified),
        VerifyFormat::Md => terminal::result(&verification::markdown(verified)),
        VerifyFormat::Github => terminal::result(&findings::github(&verification::as_review(verified))),
        VerifyFormat::Sarif => {
            let (review, empty) = (verification::as_review(verified), verification::no_blueprint(verified));
            terminal::result(&findings::sarif(&review, &verification::sheets(), &empty))
        }
    }
}
