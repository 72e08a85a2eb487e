//! `loadcase design`: the main job.

use std::path::Path;

use loadcase_engine::{DesignOptions, Session};
use loadcase_model::{Design, Feasibility};
use loadcase_publish::WriteReport;

use crate::args::{self, Format, Global};
use crate::command::docs;
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::{input, interview, terminal};

pub(crate) fn run(options: &args::Design, global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(project(options.source.repo.as_deref()))?;
    let named = input::brief(options.source.brief.as_deref())?;
    let mut read = input::read(&session, &options.source, &named)?;
    let judged = options.source.today.as_deref().map(|day| today(Some(day))).transpose()?;
    let how =
        DesignOptions { seed: options.source.seed, respect_pins: options.source.respect_pins, today: judged };
    let mut design = session.design(&read.brief, &how)?;
    if interview::possible(global.no_input) {
        design = interview::conduct(&session, &mut read.brief, design, &how)?;
    }
    design.simulated = session.second_opinion(&design, options.source.seed);
    let catalog = session.catalog();
    if let Some(server) = &options.docs.server {
        let ids = loadcase_publish::technologies(&design, catalog);
        let subjects = docs::subjects(&ids, catalog);
        design.quotations = docs::beside(&docs::Question {
            folder: options.source.repo.as_deref(),
            server,
            subjects: &subjects,
            points: &loadcase_mcp::client::POINTS,
            seconds: options.docs.seconds,
            today: &today(options.source.today.as_deref())?,
        });
    }
    match options.format {
        Format::Text => {
            let screen = terminal::screen(global.color, options.full);
            terminal::result(&loadcase_publish::terminal(&design, catalog, screen))?;
        }
        Format::Json => terminal::result(&loadcase_publish::json(&design))?,
        Format::Md => terminal::result(&loadcase_publish::markdown(&design, catalog))?,
    }
    if let Some(out) = &options.out {
        let report = loadcase_publish::write(out, &loadcase_publish::deliverables(&design, catalog))?;
        tell(out, &report);
    }
    Ok(outcome(&design))
}

/// The folder whose `.loadcase/catalog/` extends the catalog: the repository, else the current folder.
pub(crate) fn project(repository: Option<&Path>) -> Option<&Path> {
    Some(repository.unwrap_or_else(|| Path::new(".")))
}

const fn outcome(design: &Design) -> Outcome {
    match design.feasibility {
        Feasibility::Met => Outcome::Fine,
        Feasibility::Missed(_) => Outcome::NoDesign,
    }
}

/// Says what was written, kept and left over.
pub(crate) fn tell(out: &Path, report: &WriteReport) {
    terminal::message(&format!(
        "{}: {} written, {} unchanged, {} conflicts",
        out.display(),
        report.written.len(),
        report.unchanged.len(),
        report.conflicts.len()
    ));
    for conflict in &report.conflicts {
        terminal::message(&format!(
            "  kept {} (edited); the new text is in {}",
            conflict.path, conflict.new_text
        ));
    }
    for stale in &report.stale {
        terminal::message(&format!("  no longer part of the design: {stale}"));
    }
}
