//! `loadcase explain`: what the catalog knows of a word, and what a rule asks.

use loadcase_engine::Session;

use crate::args::{self, Global};
use crate::command::design::project;
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::Explain, _global: &Global) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let topic = options.topic.join(" ");
    if topic.is_empty() {
        terminal::result(&index(&session))?;
        return Ok(Outcome::Fine);
    }
    if topic.eq_ignore_ascii_case("fidelity") {
        terminal::result(&loadcase_publish::fidelity::page(session.catalog()))?;
        return Ok(Outcome::Fine);
    }
    if let Some(rule) = loadcase_engine::reviewing::find(&topic) {
        terminal::result(&rule.documentation())?;
        return Ok(Outcome::Fine);
    }
    if let Some(text) = loadcase_publish::explain::explain(&topic, session.catalog()) {
        terminal::result(&text)?;
        return Ok(Outcome::Fine);
    }
    let near = loadcase_publish::explain::suggestions(&topic, session.catalog());
    Err(CommandError::Usage {
        message: format!("nothing is known of `{topic}`"),
        help: if near.is_empty() {
            "run `loadcase explain` for the list".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        },
    })
}

/// Everything that can be explained, by kind.
fn index(session: &Session) -> String {
    let catalog = session.catalog();
    let ids = |names: Vec<&str>| names.join(", ");
    let mut text = String::new();
    for (kind, names) in [
        ("Decisions", catalog.decisions.keys().map(loadcase_model::Id::as_str).collect()),
        ("Domains", catalog.domains.keys().map(loadcase_model::Id::as_str).collect()),
        ("Technologies", catalog.technologies.keys().map(loadcase_model::Id::as_str).collect()),
        ("Patterns", catalog.patterns.keys().map(loadcase_model::Id::as_str).collect()),
        ("Terms", catalog.terms.keys().map(loadcase_model::Id::as_str).collect::<Vec<_>>()),
        ("Trust in figures", vec!["fidelity"]),
        ("Rules", loadcase_engine::reviewing::all().map(|r| r.id).collect()),
    ] {
        text.push_str(&format!("{kind}: {}\n\n", ids(names)));
    }
    text
}
