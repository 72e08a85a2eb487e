//! `loadcase calibrate`: what was measured, in place of the catalog's demands.

use std::path::Path;

use loadcase_engine::Session;
use loadcase_engine::calibrating::{self, Calibrated, MOST_BYTES, Reading, Role};

use crate::args;
use crate::command::design::project;
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Calibrate) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let blueprint = options.blueprint.as_deref().map(|path| input::blueprint(&session, path)).transpose()?;
    let readings = options.files.iter().map(|file| reading(file)).collect::<Result<Vec<_>, _>>()?;
    let text = if let Some(blueprint) = blueprint {
        let calibrated = calibrating::apply(&blueprint, &readings);
        terminal::message(&told(&calibrated));
        if calibrated.changed.is_empty() {
            return Err(nothing(options, "no step of the blueprint is about what was measured"));
        }
        loadcase_publish::blueprint_text(&calibrated.blueprint)
    } else {
        let facts = calibrating::facts(&readings, &today(None)?);
        for reading in &readings {
            reading.notes.iter().for_each(|n| terminal::message(&format!("note: {}: {n}", reading.name)));
        }
        facts.ok_or_else(|| {
            nothing(options, "facts need pg_stat_statements; for the rest, name a --blueprint")
        })?
    };
    match &options.out {
        Some(path) => write(path, &text)?,
        None => terminal::result(&text)?,
    }
    Ok(Outcome::Fine)
}

fn nothing(options: &args::Calibrate, message: &'static str) -> CommandError {
    CommandError::Nothing { path: options.files.join(", "), message }
}

/// Reads one file; `busy=` and `rate=` say what a range query asked for.
fn reading(argument: &str) -> Result<Reading, CommandError> {
    let (role, path) = match argument.split_once('=') {
        Some(("busy", path)) => (Some(Role::Busy), path),
        Some(("rate", path)) => (Some(Role::Rate), path),
        _ => (None, argument),
    };
    let named =
        if path == "-" { input::standard_input()? } else { input::open_up_to(path, MOST_BYTES as u64 + 1)? };
    let text = String::from_utf8_lossy(&named.bytes).into_owned();
    calibrating::read(&named.name, &text, role).map_err(|diagnostic| CommandError::Input {
        name: named.name.clone(),
        source_text: text,
        diagnostic,
    })
}

/// What changed, as lines for people.
fn told(calibrated: &Calibrated) -> String {
    let mut lines = Vec::new();
    let rows: Vec<[String; 4]> = calibrated
        .changed
        .iter()
        .map(|c| {
            let visits = if (c.visits.0 - c.visits.1).abs() > 1e-9 {
                format!("{:.2} -> {:.2}", c.visits.0, c.visits.1)
            } else {
                format!("{:.2}", c.visits.1)
            };
            [format!("{} at {}", c.operation, c.component), c.before.tagged(), c.after.tagged(), visits]
        })
        .collect();
    let heads = ["time of a visit", "before", "measured", "visits"].map(str::to_owned);
    let width = |i: usize| rows.iter().chain([&heads]).map(|r| r[i].chars().count()).max().unwrap_or(0);
    let [first, second, third] = [0, 1, 2].map(width);
    for row in std::iter::once(&heads).chain(&rows) {
        lines.push(format!("{:first$}  {:>second$}  {:>third$}  {}", row[0], row[1], row[2], row[3]));
    }
    lines.extend(calibrated.notes.iter().map(|n| format!("note: {n}")));
    lines.join("\n")
}

/// Writes a file whole or not at all, in a folder that is made when it is not there.
fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    if let Some(folder) = path.parent() {
        let fail = |source| CommandError::Io { doing: "write", path: path.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    loadcase_publish::replace(path, text)?;
    terminal::message(&format!("wrote {}", path.display()));
    Ok(())
}
