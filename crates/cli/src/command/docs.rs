//! `loadcase docs`: what a documentation server says of a technology; and the same beside other answers.

use std::path::Path;
use std::time::Duration;

use loadcase_catalog::Catalog;
use loadcase_engine::Session;
use loadcase_mcp::client::{
    Config, ConfigError, Consultation, Consulted, Failure, Limits, POINTS, Point, Subject, consult,
};
use loadcase_model::{Id, Quotation};

use crate::args::{self, Format};
use crate::command::design::project;
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::terminal;

/// Most technologies of a design that are asked about.
const MOST_SUBJECTS: usize = 6;

/// What is asked, and of whom.
pub(crate) struct Question<'a> {
    /// The folder whose files name servers; none for the current one.
    pub(crate) folder: Option<&'a Path>,
    /// The server.
    pub(crate) server: &'a str,
    /// The technologies.
    pub(crate) subjects: &'a [Subject],
    /// What about them.
    pub(crate) points: &'a [Point],
    /// Longest time for everything.
    pub(crate) seconds: u64,
    /// The day.
    pub(crate) today: &'a str,
}

/// Why nothing came of it.
enum Nothing {
    Config(ConfigError),
    Server(Failure),
}

pub(crate) fn run(options: &args::Docs) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let subject = subject(&options.technology, session.catalog());
    let points: Vec<Point> = if options.about.is_empty() {
        POINTS.to_vec()
    } else {
        POINTS.into_iter().filter(|p| options.about.iter().any(|t| name(*t) == p.name)).collect()
    };
    let question = Question {
        folder: None,
        server: &options.server,
        subjects: std::slice::from_ref(&subject),
        points: &points,
        seconds: options.timeout,
        today: &today(options.today.as_deref())?,
    };
    let consulted = ask(&question).map_err(|nothing| match nothing {
        Nothing::Config(ConfigError::Unknown { name, known }) => {
            CommandError::Usage { message: format!("no server is called `{name}`"), help: known }
        }
        Nothing::Config(error) => CommandError::Usage {
            message: error.to_string(),
            help: "docs/mcp.md shows how servers are named".to_owned(),
        },
        Nothing::Server(failure) => {
            CommandError::Server { name: options.server.clone(), why: failure.told() }
        }
    })?;
    tell(&consulted);
    match options.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&consulted.quotations)
                .map_err(|e| CommandError::Internal(e.to_string()))?;
            terminal::result(&text)?;
        }
        Format::Text | Format::Md if consulted.quotations.is_empty() => {}
        Format::Text | Format::Md => {
            let title = format!("Documentation of {}", subject.name);
            terminal::result(&loadcase_publish::quotations(&title, &consulted.quotations))?;
        }
    }
    Ok(Outcome::Fine)
}

const fn name(topic: args::Topic) -> &'static str {
    match topic {
        args::Topic::Versions => "versions",
        args::Topic::Security => "security",
        args::Topic::Optimisation => "optimisation",
        args::Topic::Deployment => "deployment",
        args::Topic::Deprecations => "deprecations",
    }
}

/// The passages to show beside an answer. Whatever goes wrong is told, and the answer stands without them.
pub(crate) fn beside(question: &Question<'_>) -> Vec<Quotation> {
    let without = |why: &str| {
        terminal::message(&format!(
            "note: {} gave no documentation: {why}; the answer stands without it",
            question.server
        ));
        Vec::new()
    };
    match ask(question) {
        Ok(consulted) => {
            tell(&consulted);
            consulted.quotations
        }
        Err(Nothing::Config(error)) => without(&error.to_string()),
        Err(Nothing::Server(failure)) => without(&failure.told()),
    }
}

/// Says what it is about to do, and asks.
fn ask(question: &Question<'_>) -> Result<Consulted, Nothing> {
    let folder = question.folder.unwrap_or_else(|| Path::new("."));
    let spec = Config::read(folder).and_then(|c| c.server(question.server)).map_err(Nothing::Config)?;
    let names: Vec<&str> = question.subjects.iter().map(|s| s.name.as_str()).collect();
    terminal::message(&format!(
        "{}: {}; it is told {} and the topics, nothing else",
        question.server,
        spec.told(),
        names.join(", ")
    ));
    let server = spec.filled(|name| std::env::var(name).ok()).map_err(Nothing::Config)?;
    let total = Duration::from_secs(question.seconds);
    let usual = Limits::default();
    let limits = Limits { total, connect: usual.connect.min(total), call: usual.call.min(total), ..usual };
    let what = Consultation {
        server: &server,
        subjects: question.subjects,
        points: question.points,
        today: question.today,
        limits,
    };
    consult(&what).map_err(Nothing::Server)
}

fn tell(consulted: &Consulted) {
    for line in &consulted.unanswered {
        terminal::message(&format!("note: no answer for {line}"));
    }
}

/// The technologies a design rests on, as subjects: those that documentation servers know, and not too many.
pub(crate) fn subjects(ids: &[Id], catalog: &Catalog) -> Vec<Subject> {
    ids.iter()
        .filter_map(|id| catalog.technology(id.as_str()))
        .filter(|t| t.ids.context7.is_some())
        .map(Subject::of)
        .take(MOST_SUBJECTS)
        .collect()
}

/// A technology by identifier, name or alias; any other name as it is.
pub(crate) fn subject(name: &str, catalog: &Catalog) -> Subject {
    let wanted = name.trim().to_lowercase();
    let found = catalog.technologies.values().find(|t| {
        t.id == wanted.as_str()
            || t.name.to_lowercase() == wanted
            || t.aliases.iter().any(|a| a.to_lowercase() == wanted)
    });
    found.map_or_else(
        || Subject { id: Id::slug(name), name: name.trim().chars().take(100).collect(), library: None },
        Subject::of,
    )
}
