//! Loading the catalog: the embedded files first, then the user's on top.

use indexmap::IndexMap;
use loadcase_model::{Diagnostic, Fact, Id, yaml};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::advisory::{AdvisoryRecord, Affected};
use crate::catalog::Catalog;
use crate::decision::DecisionSpec;
use crate::domain::Domain;
use crate::fidelity::Fidelity;
use crate::lexicon::{
    Area, Assumption, FactName, Flag, NumberWord, PlanningConstant, QuestionText, SignalSpec, Trait, UnitWord,
};
use crate::lifecycle::Lifecycle;
use crate::package::PackageFact;
use crate::pattern::Pattern;
use crate::remedy::Remedy;
use crate::scenario::Scenario;
use crate::sign::Sign;
use crate::technology::{Advisory, Technology};
use crate::term::Term;
use crate::topic::Topic;

/// The files under `catalog/`: path and JSON, in the order of paths; made by the build script.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// A file to load: its path relative to a catalog folder, with `/`, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path such as `technologies/store/postgresql.yaml`.
    pub path: String,
    /// The YAML text.
    pub text: String,
}

/// A catalog file that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", diagnostic.one_line(&file.path, &file.text))]
pub struct LoadError {
    /// The file.
    pub file: SourceFile,
    /// What is wrong with it.
    pub diagnostic: Diagnostic,
}

/// Loads the embedded catalog.
///
/// # Errors
/// When an embedded file is malformed, which the catalog's own tests exclude.
pub fn load_embedded() -> Result<Catalog, Box<LoadError>> {
    load_with(&[])
}

/// Loads the embedded catalog and puts the user's files on top: an entry with a known identifier replaces the
/// embedded one, another extends the catalog.
///
/// # Errors
/// The first file that is malformed, with the place.
pub fn load_with(user: &[SourceFile]) -> Result<Catalog, Box<LoadError>> {
    let mut catalog = Catalog::default();
    for (path, text) in EMBEDDED {
        add(&mut catalog, path, Text::Json(text))?;
    }
    // What was measured goes on top of what the user's other files say.
    let is_measured = |file: &&SourceFile| file.path.starts_with("measured/");
    for file in user.iter().filter(|f| !is_measured(f)).chain(user.iter().filter(is_measured)) {
        add(&mut catalog, &file.path, Text::Yaml(&file.text))?;
    }
    list_advisories(&mut catalog);
    catalog.decisions.sort_by(|_, a, _, b| a.order.cmp(&b.order));
    catalog.remedies.sort_by(|_, a, _, b| a.order.cmp(&b.order));
    Ok(catalog)
}

/// Lists each advisory under the technologies it concerns, so that it is written in one file only.
fn list_advisories(catalog: &mut Catalog) {
    for record in catalog.advisories.values() {
        for id in &record.concerns {
            let Some(technology) = catalog.technologies.get_mut(id) else { continue };
            if technology.advisories.iter().any(|a| a.id == record.id) {
                continue;
            }
            let of = |a: &&Affected| {
                let lifecycle = a.lifecycle.as_ref().and_then(|l| catalog.lifecycles.get(l));
                lifecycle.is_some_and(|l| l.technology.as_ref() == Some(id))
            };
            let own: Vec<&Affected> = record.affects.iter().filter(of).collect();
            let affects = if own.is_empty() { record.affects.iter().collect() } else { own };
            let ranges = || affects.iter().flat_map(|a| &a.ranges);
            technology.advisories.push(Advisory {
                id: record.id.clone(),
                severity: record.severity.clone().unwrap_or_else(|| "unrated".to_owned()),
                summary: record.summary.clone(),
                introduced: ranges().next().map(|r| r.from.clone()).filter(|from| from != "0"),
                fixed_in: ranges().filter_map(|r| r.fixed.clone()).collect(),
                source: record.source.clone(),
                date: record.date.clone(),
            });
        }
    }
}

/// The text of a file, in the form it comes in.
#[derive(Clone, Copy)]
enum Text<'a> {
    /// Embedded, already checked for syntax.
    Json(&'a str),
    /// Written by a user.
    Yaml(&'a str),
}

impl Text<'_> {
    const fn source(&self) -> &str {
        match self {
            Self::Json(text) | Self::Yaml(text) => text,
        }
    }

    fn read<T: DeserializeOwned>(self) -> Result<T, Box<Diagnostic>> {
        match self {
            Self::Json(text) => serde_json::from_str(text)
                .map_err(|e| Box::new(Diagnostic::error("invalid-catalog", without_place(&e.to_string())))),
            Self::Yaml(text) => yaml::read(text),
        }
    }
}

/// The place in the embedded JSON helps nobody: the message names the field.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// Reads one file into the part of the catalog its path names.
fn add(catalog: &mut Catalog, path: &str, text: Text) -> Result<(), Box<LoadError>> {
    let fail = |diagnostic: Diagnostic| {
        Box::new(LoadError {
            file: SourceFile { path: path.to_owned(), text: text.source().to_owned() },
            diagnostic,
        })
    };
    let mut parts = path.split('/');
    match (parts.next().unwrap_or(""), parts.next().unwrap_or("")) {
        ("technologies", _) => one(&mut catalog.technologies, text, |t: &Technology| &t.id),
        ("patterns", _) => one(&mut catalog.patterns, text, |p: &Pattern| &p.id),
        ("domains", _) => one(&mut catalog.domains, text, |d: &Domain| &d.id),
        ("decisions", _) => one(&mut catalog.decisions, text, |d: &DecisionSpec| &d.id),
        ("topics", _) => one(&mut catalog.topics, text, |t: &Topic| &t.id),
        ("measured", _) => measured(catalog, text),
        ("fidelity", _) => one(&mut catalog.fidelity, text, |f: &Fidelity| &f.id),
        ("remedies", _) => one(&mut catalog.remedies, text, |r: &Remedy| &r.id),
        ("scenarios", _) => one(&mut catalog.scenarios, text, |s: &Scenario| &s.id),
        ("lifecycles", _) => keyed(&mut catalog.lifecycles, text, |l: &Lifecycle| l.id.clone()),
        ("packages", _) => {
            keyed(&mut catalog.packages, text, |p: &PackageFact| format!("{}:{}", p.ecosystem, p.name))
        }
        ("advisories", _) => keyed(&mut catalog.advisories, text, |a: &AdvisoryRecord| a.id.clone()),
        ("signs", _) => many(&mut catalog.signs, text, |s: &Sign| &s.id),
        ("terms", _) => many(&mut catalog.terms, text, |t: &Term| &t.id),
        ("lexicon", "signals") => many(&mut catalog.lexicon.signals, text, |s: &SignalSpec| &s.id),
        ("lexicon", "traits") => many(&mut catalog.lexicon.traits, text, |t: &Trait| &t.id),
        ("lexicon", "fact-names.yaml") => many(&mut catalog.lexicon.fact_names, text, |f: &FactName| &f.id),
        ("lexicon", "planning.yaml") => {
            many(&mut catalog.lexicon.planning, text, |c: &PlanningConstant| &c.id)
        }
        ("lexicon", "areas.yaml") => many(&mut catalog.lexicon.areas, text, |a: &Area| &a.id),
        ("lexicon", "assumptions.yaml") => list::<Assumption>(&mut catalog.lexicon.assumptions, text),
        ("lexicon", "questions.yaml") => list::<QuestionText>(&mut catalog.lexicon.questions, text),
        ("lexicon", "flags.yaml") => list::<Flag>(&mut catalog.lexicon.flags, text),
        ("lexicon", "numbers.yaml") => list::<NumberWord>(&mut catalog.lexicon.numbers, text),
        ("lexicon", "units.yaml") => list::<UnitWord>(&mut catalog.lexicon.units, text),
        _ => Err(Box::new(
            Diagnostic::error("unknown-catalog-file", format!("`{path}` is no place for a catalog file"))
                .help(
                    "use technologies/<kind>/, patterns/, domains/, decisions/, topics/, scenarios/, remedies/, fidelity/, measured/, terms/, signs/, lifecycles/, packages/, advisories/ or lexicon/",
                ),
        )),
    }
    .map_err(|diagnostic| fail(*diagnostic))
}

/// Facts that were measured about a technology.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasuredFile {
    /// The technology.
    technology: Id,
    /// What was measured, in place of what the catalog says.
    facts: IndexMap<Id, Fact>,
}

/// Puts measured facts in place of those of a technology.
fn measured(catalog: &mut Catalog, text: Text) -> Result<(), Box<Diagnostic>> {
    let file: MeasuredFile = text.read()?;
    let Some(technology) = catalog.technologies.get_mut(&file.technology) else {
        let message = format!("the catalog has no technology `{}`", file.technology);
        return Err(Box::new(Diagnostic::error("unknown-technology", message)));
    };
    for (name, fact) in file.facts {
        if !catalog.lexicon.fact_names.contains_key(&name) {
            let message = format!("no number of a technology is called `{name}`");
            return Err(Box::new(Diagnostic::error("unknown-fact", message)));
        }
        technology.facts.insert(name, fact);
    }
    Ok(())
}

/// A file that holds one record.
fn one<T: DeserializeOwned>(
    into: &mut IndexMap<Id, T>,
    text: Text,
    id: impl Fn(&T) -> &Id,
) -> Result<(), Box<Diagnostic>> {
    let record: T = text.read()?;
    into.insert(id(&record).clone(), record);
    Ok(())
}

/// A file that holds one record whose key is no identifier.
fn keyed<T: DeserializeOwned>(
    into: &mut IndexMap<String, T>,
    text: Text,
    key: impl Fn(&T) -> String,
) -> Result<(), Box<Diagnostic>> {
    let record: T = text.read()?;
    into.insert(key(&record), record);
    Ok(())
}

/// A file that holds a list of records.
fn many<T: DeserializeOwned>(
    into: &mut IndexMap<Id, T>,
    text: Text,
    id: impl Fn(&T) -> &Id,
) -> Result<(), Box<Diagnostic>> {
    let records: Vec<T> = text.read()?;
    into.extend(records.into_iter().map(|record| (id(&record).clone(), record)));
    Ok(())
}

/// A file that holds a list of records without identifiers.
fn list<T: DeserializeOwned>(into: &mut Vec<T>, text: Text) -> Result<(), Box<Diagnostic>> {
    into.extend(text.read::<Vec<T>>()?);
    Ok(())
}
