//! Loading the catalog: the embedded files first, then the user's on top.

use include_dir::{Dir, include_dir};
use indexmap::IndexMap;
use loadcase_model::{Diagnostic, Id, yaml};
use serde::de::DeserializeOwned;

use crate::catalog::Catalog;
use crate::decision::DecisionSpec;
use crate::domain::Domain;
use crate::lexicon::{
    Assumption, FactName, Flag, NumberWord, PlanningConstant, QuestionText, SignalSpec, Trait, UnitWord,
};
use crate::pattern::Pattern;
use crate::technology::Technology;
use crate::term::Term;
use crate::topic::Topic;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../catalog");

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
    let mut embedded = Vec::new();
    collect(&EMBEDDED, &mut embedded);
    for (path, text) in embedded {
        add(&mut catalog, path, text)?;
    }
    for file in user {
        add(&mut catalog, &file.path, &file.text)?;
    }
    catalog.decisions.sort_by(|_, a, _, b| a.order.cmp(&b.order));
    Ok(catalog)
}

/// Every embedded YAML file with its path, in order of path.
fn collect(folder: &'static Dir<'static>, out: &mut Vec<(&'static str, &'static str)>) {
    let mut files: Vec<_> = folder.files().collect();
    files.sort_by_key(|f| f.path());
    for file in files {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8())
            && path.ends_with(".yaml")
        {
            out.push((path, text));
        }
    }
    let mut folders: Vec<_> = folder.dirs().collect();
    folders.sort_by_key(|d| d.path());
    for inner in folders {
        collect(inner, out);
    }
}

/// Reads one file into the part of the catalog its path names.
fn add(catalog: &mut Catalog, path: &str, text: &str) -> Result<(), Box<LoadError>> {
    let fail = |diagnostic: Diagnostic| {
        Box::new(LoadError { file: SourceFile { path: path.to_owned(), text: text.to_owned() }, diagnostic })
    };
    let mut parts = path.split('/');
    match (parts.next().unwrap_or(""), parts.next().unwrap_or("")) {
        ("technologies", _) => one(&mut catalog.technologies, text, |t: &Technology| &t.id),
        ("patterns", _) => one(&mut catalog.patterns, text, |p: &Pattern| &p.id),
        ("domains", _) => one(&mut catalog.domains, text, |d: &Domain| &d.id),
        ("decisions", _) => one(&mut catalog.decisions, text, |d: &DecisionSpec| &d.id),
        ("topics", _) => one(&mut catalog.topics, text, |t: &Topic| &t.id),
        ("terms", _) => many(&mut catalog.terms, text, |t: &Term| &t.id),
        ("lexicon", "signals") => many(&mut catalog.lexicon.signals, text, |s: &SignalSpec| &s.id),
        ("lexicon", "traits") => many(&mut catalog.lexicon.traits, text, |t: &Trait| &t.id),
        ("lexicon", "fact-names.yaml") => many(&mut catalog.lexicon.fact_names, text, |f: &FactName| &f.id),
        ("lexicon", "planning.yaml") => {
            many(&mut catalog.lexicon.planning, text, |c: &PlanningConstant| &c.id)
        }
        ("lexicon", "assumptions.yaml") => list::<Assumption>(&mut catalog.lexicon.assumptions, text),
        ("lexicon", "questions.yaml") => list::<QuestionText>(&mut catalog.lexicon.questions, text),
        ("lexicon", "flags.yaml") => list::<Flag>(&mut catalog.lexicon.flags, text),
        ("lexicon", "numbers.yaml") => list::<NumberWord>(&mut catalog.lexicon.numbers, text),
        ("lexicon", "units.yaml") => list::<UnitWord>(&mut catalog.lexicon.units, text),
        _ => Err(Box::new(
            Diagnostic::error("unknown-catalog-file", format!("`{path}` is no place for a catalog file"))
                .help(
                    "use technologies/<kind>/, patterns/, domains/, decisions/, topics/, terms/ or lexicon/",
                ),
        )),
    }
    .map_err(|diagnostic| fail(*diagnostic))
}

/// A file that holds one record.
fn one<T: DeserializeOwned>(
    into: &mut IndexMap<Id, T>,
    text: &str,
    id: impl Fn(&T) -> &Id,
) -> Result<(), Box<Diagnostic>> {
    let record: T = yaml::read(text)?;
    into.insert(id(&record).clone(), record);
    Ok(())
}

/// A file that holds a list of records.
fn many<T: DeserializeOwned>(
    into: &mut IndexMap<Id, T>,
    text: &str,
    id: impl Fn(&T) -> &Id,
) -> Result<(), Box<Diagnostic>> {
    let records: Vec<T> = yaml::read(text)?;
    into.extend(records.into_iter().map(|record| (id(&record).clone(), record)));
    Ok(())
}

/// A file that holds a list of records without identifiers.
fn list<T: DeserializeOwned>(into: &mut Vec<T>, text: &str) -> Result<(), Box<Diagnostic>> {
    into.extend(yaml::read::<Vec<T>>(text)?);
    Ok(())
}
