//! Asking a server what it knows of technologies, point by point.

use loadcase_catalog::Technology;
use loadcase_model::{Id, Quotation};

use super::answer::{Block, blocks, library_ids};
use super::config::{ServerSpec, Shape};
use super::connect::{Connection, Failure, Limits};

/// What a technology is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is called.
    pub name: &'static str,
    /// The question, after the name of the technology.
    question: &'static str,
}

/// The points at which current documentation is looked at before something is recommended.
pub const POINTS: [Point; 5] = [
    Point { name: "versions", question: "supported versions, long-term support and compatibility" },
    Point { name: "security", question: "security hardening and known vulnerabilities" },
    Point { name: "optimisation", question: "performance tuning and optimisation" },
    Point { name: "deployment", question: "deployment and operation in production" },
    Point { name: "deprecations", question: "deprecated features, breaking changes and upgrades" },
];

/// Quotations kept for one point.
const KEPT: usize = 2;

/// A technology to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its identifier.
    pub id: Id,
    /// Its name, which is what the server sees of it.
    pub name: String,
    /// The library as the server knows it, when that is known beforehand.
    pub library: Option<String>,
}

impl Subject {
    /// A technology of the catalog.
    #[must_use]
    pub fn of(technology: &Technology) -> Self {
        Self {
            id: technology.id.clone(),
            name: technology.name.clone(),
            library: technology.ids.context7.clone(),
        }
    }
}

/// What to ask, and of whom.
#[derive(Clone, Debug)]
pub struct Consultation<'a> {
    /// The server, its variables filled in.
    pub server: &'a ServerSpec,
    /// The technologies.
    pub subjects: &'a [Subject],
    /// The points.
    pub points: &'a [Point],
    /// The day, `YYYY-MM-DD`.
    pub today: &'a str,
    /// Bounds.
    pub limits: Limits,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consulted {
    /// What was said, with its sources.
    pub quotations: Vec<Quotation>,
    /// What gave no answer, and why, a line each.
    pub unanswered: Vec<String>,
    /// The protocol version spoken.
    pub protocol: String,
}

/// Asks everything; what fails is told and left out. A server that fails as a whole is not asked further.
///
/// # Errors
/// When the server cannot be used at all.
pub fn consult(what: &Consultation<'_>) -> Result<Consulted, Failure> {
    let connection = Connection::open(what.server, what.limits)?;
    let mut consulted = Consulted { protocol: connection.version(), ..Consulted::default() };
    let tools = connection.tools()?;
    let asked = asked(&what.server.shape, &tools).ok_or(Failure::Tools)?;
    for subject in what.subjects {
        if let Err(dead) = one(&connection, what, &asked, subject, &mut consulted) {
            consulted.unanswered.push(format!("{}: {}", subject.name, dead.told()));
            break;
        }
    }
    Ok(consulted)
}

/// How this server is asked, when it has the tools for it.
fn asked(shape: &Shape, tools: &[String]) -> Option<Shape> {
    let has = |name: &str| tools.iter().any(|t| t == name);
    match shape {
        Shape::Library => (has("resolve-library-id") && has("query-docs")).then_some(Shape::Library),
        Shape::Search { tool, .. } => has(tool).then(|| shape.clone()),
    }
}

/// Asks about one technology. The error ends the consultation: the server no longer answers.
fn one(
    connection: &Connection,
    what: &Consultation<'_>,
    asked: &Shape,
    subject: &Subject,
    consulted: &mut Consulted,
) -> Result<(), Failure> {
    let library = match asked {
        Shape::Search { .. } => None,
        Shape::Library => match library(connection, subject)? {
            Some(library) => Some(library),
            None => {
                consulted
                    .unanswered
                    .push(format!("{}: {} knows no such library", subject.name, what.server.name));
                return Ok(());
            }
        },
    };
    for point in what.points {
        let question = format!("{} {}", subject.name, point.question);
        let answer = match (asked, &library) {
            (Shape::Library, Some(library)) => {
                connection.call("query-docs", &[("libraryId", library), ("query", &question)])
            }
            (Shape::Search { tool, argument }, _) => connection.call(tool, &[(argument, &question)]),
            (Shape::Library, None) => return Ok(()),
        };
        let found = match answer {
            Ok(text) => blocks(&text),
            Err(late @ Failure::Late(_)) => return Err(late),
            Err(failure) => {
                consulted.unanswered.push(format!("{}, {}: {}", subject.name, point.name, failure.told()));
                continue;
            }
        };
        if found.is_empty() {
            consulted.unanswered.push(format!("{}, {}: nothing with a source", subject.name, point.name));
        }
        file(consulted, what, subject, point, library.as_deref(), found);
    }
    Ok(())
}

/// The library to ask: the known one, else the first that the server names for this technology.
fn library(connection: &Connection, subject: &Subject) -> Result<Option<String>, Failure> {
    if let Some(known) = &subject.library {
        return Ok(Some(known.clone()));
    }
    let query = format!("documentation of {}", subject.name);
    match connection.call("resolve-library-id", &[("query", &query), ("libraryName", &subject.name)]) {
        Ok(text) => Ok(library_ids(&text).into_iter().next()),
        Err(late @ Failure::Late(_)) => Err(late),
        Err(_) => Ok(None),
    }
}

/// Files what was said, each source once for a technology.
fn file(
    consulted: &mut Consulted,
    what: &Consultation<'_>,
    subject: &Subject,
    point: &Point,
    library: Option<&str>,
    found: Vec<Block>,
) {
    let mut kept = 0;
    for block in found {
        let known = consulted.quotations.iter().any(|q| q.technology == subject.id && q.url == block.url);
        if known || kept == KEPT {
            continue;
        }
        kept += 1;
        consulted.quotations.push(Quotation {
            technology: subject.id.clone(),
            point: Id::slug(point.name),
            title: block.title,
            text: block.text,
            url: block.url,
            library: library.map(str::to_owned),
            server: what.server.name.clone(),
            fetched: what.today.to_owned(),
        });
    }
}
