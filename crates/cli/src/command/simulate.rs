//! `loadcase simulate`: scenarios on a blueprint, or on systems of their own.

use std::path::{Path, PathBuf};

use loadcase_catalog::Catalog;
use loadcase_engine::{Session, SimulateError, SimulateOptions, System, Which};
use loadcase_model::{Horizon, Simulation};
use loadcase_publish::simulation;

use crate::args::{self, Global, HorizonName, PageFormat};
use crate::command::design::project;
use crate::error::{CommandError, Outcome};
use crate::progress::Following;
use crate::{input, terminal};

/// The brief beside a blueprint.
const BRIEF: &str = "brief.json";

pub(crate) fn run(options: &args::Simulate, global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let chosen = chosen(&session, &options.scenario, options.all)?;
    let system = match &options.target {
        None if chosen.which.own_systems() => None,
        target => Some(system(&session, target.as_deref())?),
    };
    let how = SimulateOptions {
        horizon: horizon(options.horizon),
        seed: options.seed,
        replications: options.replications,
        precision: options.precision.map(|p| p / 100.0),
        remedies: !options.no_remedies,
        curve: matches!(options.format, PageFormat::Md | PageFormat::Html | PageFormat::Json),
        with: options.with.clone(),
    };
    let following = Following::start();
    let result = following.follow(|follow| session.simulate(system.as_ref(), &chosen.which, &how, follow));
    let found = result.map_err(|e| fault(e, &chosen))?;
    print(&found, session.catalog(), options, global)?;
    Ok(if found.holds && !found.partial { Outcome::Fine } else { Outcome::Findings })
}

fn print(
    found: &Simulation,
    catalog: &Catalog,
    options: &args::Simulate,
    global: &Global,
) -> Result<(), CommandError> {
    let again = options.target.as_ref().map_or(String::new(), |t| format!("{} ", t.display()));
    let screen = terminal::screen(global.color, false);
    let text = |screen| simulation::text(found, catalog, &again, screen);
    let Some(out) = &options.out else {
        return terminal::result(&match options.format {
            PageFormat::Text => text(screen),
            PageFormat::Json => simulation::json(found),
            PageFormat::Md => simulation::markdown(found, catalog),
            PageFormat::Html => simulation::html(found, catalog),
        });
    };
    let (folder, file) = place(out, options.format);
    let files = match options.format {
        PageFormat::Md => simulation::files(found, catalog, &file),
        PageFormat::Text => {
            vec![written(&file, text(loadcase_publish::Screen { color: false, ..screen }))]
        }
        PageFormat::Json => vec![written(&file, simulation::json(found))],
        PageFormat::Html => vec![written(&file, simulation::html(found, catalog))],
    };
    for deliverable in &files {
        let path = folder.join(&deliverable.path);
        if let Some(parent) = path.parent() {
            let fail =
                |source| CommandError::Io { doing: "make", path: parent.display().to_string(), source };
            std::fs::create_dir_all(parent).map_err(fail)?;
        }
        loadcase_publish::replace(&path, &deliverable.text)?;
    }
    terminal::message(&format!("{}: {} files written", folder.join(&file).display(), files.len()));
    terminal::result(&text(screen))
}

fn written(path: &str, text: String) -> loadcase_publish::Deliverable {
    loadcase_publish::Deliverable { path: path.to_owned(), text }
}

/// Folder and file name: a path with an ending is a file, another one a folder.
fn place(out: &Path, format: PageFormat) -> (PathBuf, String) {
    let ending = match format {
        PageFormat::Text => "txt",
        PageFormat::Json => "json",
        PageFormat::Md => "md",
        PageFormat::Html => "html",
    };
    match (out.extension().is_some() && !out.is_dir(), out.file_name()) {
        (true, Some(name)) => {
            (out.parent().map_or_else(PathBuf::new, Path::to_path_buf), name.to_string_lossy().into_owned())
        }
        _ => (out.to_path_buf(), format!("simulation.{ending}")),
    }
}

/// Scenarios as they were asked for, with the texts of those that came from files.
pub(crate) struct Chosen {
    pub(crate) which: Which,
    files: Vec<(String, String, String)>,
}

/// Finds scenarios by name or file.
pub(crate) fn chosen(session: &Session, names: &[String], all: bool) -> Result<Chosen, CommandError> {
    if names.is_empty() {
        return Ok(Chosen { which: if all { Which::All } else { Which::Short }, files: Vec::new() });
    }
    let mut scenarios = Vec::new();
    let mut files = Vec::new();
    for name in names {
        let known = &session.catalog().scenarios;
        if let Some(scenario) = known.get(name.as_str()) {
            scenarios.push(scenario.clone());
            continue;
        }
        let path = Path::new(name);
        let is_file = path.is_file() || path.extension().is_some_and(|e| e == "yaml" || e == "yml");
        if !is_file {
            let near = |id: &&loadcase_model::Id| strsim::jaro_winkler(id.as_str(), name);
            let best = known.keys().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|b| near(b) > 0.75);
            let meant = best.map_or(String::new(), |b| format!("did you mean `{b}`? "));
            let list: Vec<&str> = known.keys().map(loadcase_model::Id::as_str).collect();
            return Err(CommandError::Usage {
                message: format!("there is no scenario `{name}`"),
                help: format!("{meant}there are: {}; or name a file (.yaml)", list.join(", ")),
            });
        }
        let named = input::open(name)?;
        let source = String::from_utf8_lossy(&named.bytes).into_owned();
        let scenario = session.read_scenario(&source).map_err(|diagnostic| CommandError::Input {
            name: name.clone(),
            source_text: source.clone(),
            diagnostic,
        })?;
        files.push((scenario.id.to_string(), name.clone(), source));
        scenarios.push(scenario);
    }
    Ok(Chosen { which: Which::These(scenarios), files })
}

/// What went wrong, with the line of the scenario's file where there is one.
pub(crate) fn fault(error: SimulateError, chosen: &Chosen) -> CommandError {
    match error {
        SimulateError::Scenario { id, error } => {
            let file = chosen.files.iter().find(|(known, ..)| *known == id);
            let (name, source_text) = file.map_or((id, String::new()), |(_, n, s)| (n.clone(), s.clone()));
            let diagnostic = Box::new(error.diagnostic(&source_text));
            CommandError::Input { name, source_text, diagnostic }
        }
        SimulateError::Change(error) | SimulateError::Unset(error) => {
            CommandError::Usage { message: error.problem, help: error.help }
        }
        SimulateError::Nothing(message) => CommandError::Usage {
            message,
            help:
                "`loadcase design BRIEF --out docs/backend` writes a blueprint; `--scenario` names a scenario"
                    .to_owned(),
        },
        SimulateError::Engine(error) => error.into(),
    }
}

/// The load that is meant.
pub(crate) const fn horizon(name: HorizonName) -> Horizon {
    match name {
        HorizonName::Now => Horizon::Now,
        HorizonName::Later => Horizon::Later,
    }
}

/// The system that is meant: a blueprint, or a folder with one; and the brief beside it.
pub(crate) fn system(session: &Session, target: Option<&Path>) -> Result<System, CommandError> {
    let path = input::blueprint_path(target)?;
    let blueprint = input::blueprint(session, &path.to_string_lossy())?;
    let beside = path.with_file_name(BRIEF);
    let brief = if path.as_os_str() != "-" && beside.is_file() {
        let named = input::open(&beside.to_string_lossy())?;
        let wrong = |e: serde_json::Error| CommandError::Usage {
            message: format!("{}: {e}", named.name),
            help: "`loadcase design BRIEF --out FOLDER` writes it; delete it to go without".to_owned(),
        };
        Some(serde_json::from_slice(&named.bytes).map_err(wrong)?)
    } else {
        None
    };
    Ok(System { blueprint, brief })
}
