//! `loadcase facts`: what is known of versions, with sources and ages.

use std::path::Path;

use loadcase_engine::Session;
use loadcase_engine::facts::{Knowledge, Subject, days_between, suggestions};
use loadcase_publish::verification::{Age, known, shown};

use crate::args::{self, FactsAction, Places};
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::{live, terminal};

pub(crate) fn run(options: &args::Facts) -> Result<Outcome, CommandError> {
    let session = Session::open(Some(Path::new(".")))?;
    let today = today(options.today.as_deref())?;
    let mut knowledge = session.knowledge();
    if let Some(FactsAction::Refresh { places }) = &options.action {
        return refresh(&knowledge, places, &today);
    }
    let places = Places { endoflife_url: None, osv_url: None, depsdev_url: None, timeout: 1 };
    live::with_cache(&mut knowledge, &places, &today)?;
    let age = |day: &str| days_between(day, &today).unwrap_or(i64::MAX);
    match &options.action {
        Some(FactsAction::Show { name }) => show(&knowledge, name, &today, &age),
        _ => {
            let all: Vec<_> = knowledge.lifecycles().collect();
            terminal::result(&known(&all, &knowledge.packages(), knowledge.advisories(), &today, &age))?;
            Ok(Outcome::Fine)
        }
    }
}

fn refresh(knowledge: &Knowledge, places: &Places, today: &str) -> Result<Outcome, CommandError> {
    let gathered = live::refresh(knowledge, places, today)?;
    for line in loadcase_sources::folded(&gathered.unanswered) {
        terminal::message(&format!("no answer: {line}"));
    }
    if gathered.lifecycles.is_empty() {
        return Err(CommandError::Unreached(
            "nothing was fetched: what is delivered with Loadcase and what was fetched before stay"
                .to_owned(),
        ));
    }
    let folder = live::cache().map_or_else(String::new, |c| format!(", kept in {}", c.folder().display()));
    terminal::result(&format!("{} technologies are of today{folder}", gathered.lifecycles.len()))?;
    Ok(Outcome::Fine)
}

fn show(knowledge: &Knowledge, name: &str, today: &str, age: Age<'_>) -> Result<Outcome, CommandError> {
    let lower = name.to_lowercase();
    let by_name =
        || knowledge.lifecycles().find(|l| l.name.to_lowercase() == lower || l.aliases.contains(&lower));
    let (ecosystem, package) = lower.split_once(':').unwrap_or(("", &lower));
    let subject = Subject::new(ecosystem, package);
    let lifecycle = knowledge.lifecycle(&lower).or_else(|| knowledge.lifecycle_of(&subject)).or_else(by_name);
    let of_lifecycle = |p: &&loadcase_catalog::PackageFact| {
        let own = Subject::new(&*p.ecosystem, &*p.name);
        p.name.eq_ignore_ascii_case(package) && (ecosystem.is_empty() || p.ecosystem == ecosystem)
            || lifecycle.is_some_and(|l| knowledge.lifecycle_of(&own).is_some_and(|o| o.id == l.id))
    };
    let packages: Vec<_> = knowledge.packages().into_iter().filter(of_lifecycle).collect();
    let advisories: Vec<_> = knowledge
        .advisories()
        .iter()
        .filter(|a| {
            a.affects.iter().any(|of| {
                of.lifecycle.as_deref().is_some_and(|l| lifecycle.is_some_and(|k| k.id == l))
                    || packages
                        .iter()
                        .any(|p| p.ecosystem == of.ecosystem && p.name.eq_ignore_ascii_case(&of.name))
            })
        })
        .collect();
    if lifecycle.is_none() && packages.is_empty() {
        let near = suggestions(knowledge, &lower);
        return Err(CommandError::Usage {
            message: format!("nothing is known of `{name}`"),
            help: if near.is_empty() {
                "`loadcase facts` lists what is known".to_owned()
            } else {
                format!("did you mean {}?", near.join(", "))
            },
        });
    }
    terminal::result(&shown(lifecycle, &packages, &advisories, today, age))?;
    Ok(Outcome::Fine)
}
