//! Established decisions in documents become pins; numbers, technologies and circumstances in them become a
//! brief whose values are documented.

mod markdown;
mod options;
mod record;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::Catalog;
use loadcase_model::{Brief, Diagnostic, Id, Origin, Pin, Place};

use crate::lex::words_of;
use crate::reader::Reader;
use crate::recall::markdown::Sections;
use crate::recall::options::OptionNames;
use crate::recall::record::{Record, Status, is_about_records, is_record, number_of};

/// A document of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Path relative to the folder that was given, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Largest document that is read: longer ones are no description of an architecture.
const MAX_BYTES: usize = 1024 * 1024;

/// Words in titles of sections that weigh, remember or dream instead of stating what is.
const ASIDE: &[&str] = &[
    "alternative",
    "considered",
    "rejected",
    "option",
    "future",
    "ideas",
    "out of scope",
    "non-goal",
    "non goal",
    "risk",
    "history",
    "background",
    "glossary",
    "open question",
    "questions",
    "roadmap",
    "todo",
    "pros",
    "cons",
    "trade-off",
    "tradeoff",
    "references",
    "see also",
    "changelog",
    "what we did not",
    "why not",
    "later",
    "growth path",
    "what would change",
    "migration from",
    "previous",
    "former",
];

/// Words in names of documents that weigh, remember or propose.
const ASIDE_NAMES: &[&str] = &[
    "proposal",
    "rfc",
    "draft",
    "brainstorm",
    "meeting",
    "notes",
    "postmortem",
    "incident",
    "research",
    "comparison",
    "evaluation",
    "spike",
];

/// The beginning of the line that explains the marks beside numbers in documents that Loadcase writes.
const OWN_MARKS: &str = "Letters beside numbers: `u` ";

/// What reading documents takes of a catalog, prepared once for any number of documents.
pub struct Recaller {
    names: OptionNames,
    reader: Reader,
}

impl Recaller {
    /// Prepares a catalog.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self { names: OptionNames::new(catalog), reader: Reader::new(catalog) }
    }

    /// See [`recall`].
    #[must_use]
    pub fn recall(&self, documents: &[Document]) -> (Vec<Pin>, Vec<Diagnostic>) {
        recall_by(&self.names, documents)
    }

    /// See [`documented`].
    #[must_use]
    pub fn documented(&self, documents: &[Document]) -> Brief {
        documented_by(&self.reader, documents)
    }
}

/// Reads established decisions: a pin for each that names an option of the catalog.
///
/// Documents such as `docs/backend/architecture.md` bind by what they state; decision records bind when they
/// are accepted and no accepted record supersedes them.
#[must_use]
pub fn recall(documents: &[Document], catalog: &Catalog) -> (Vec<Pin>, Vec<Diagnostic>) {
    recall_by(&OptionNames::new(catalog), documents)
}

fn recall_by(names: &OptionNames, documents: &[Document]) -> (Vec<Pin>, Vec<Diagnostic>) {
    let mut notes = Vec::new();
    let mut pins: BTreeMap<Id, (Pin, bool)> = BTreeMap::new();
    for source in binding(documents, &mut notes) {
        for pin in source.pins(names) {
            settle(&mut pins, pin, source.is_record, &mut notes);
        }
    }
    (pins.into_values().map(|(pin, _)| pin).collect(), notes)
}

/// Reads what documents say beyond decisions: numbers, technologies, circumstances, domains. Every value's
/// origin is the line it stands on.
#[must_use]
pub fn documented(documents: &[Document], catalog: &Catalog) -> Brief {
    documented_by(&Reader::new(catalog), documents)
}

fn documented_by(reader: &Reader, documents: &[Document]) -> Brief {
    let mut brief = Brief::default();
    // The records Loadcase writes hold numbers it computed.
    for source in binding(documents, &mut Vec::new()).iter().filter(|s| !is_own(s.document)) {
        let mut read = reader.read(&source.stated).brief;
        read.question = None;
        let lines = Lines::new(&source.stated);
        document(&mut read, |at| Place { path: source.document.path.as_str().into(), line: lines.line(at) });
        merge(&mut brief, read);
    }
    brief
}

/// Adds to a brief what another one says and the first does not. What stands in the first wins.
pub fn merge(brief: &mut Brief, other: Brief) {
    if brief.question.is_none() {
        brief.question = other.question;
    }
    if brief.domains.is_empty() {
        brief.domains = other.domains;
    }
    for (input, given) in other.numbers {
        let said = brief.numbers.entry(input).or_default();
        // What was said of one of the two times says of both how it was told.
        if said.now.is_none() && said.later.is_none() {
            said.average = given.average;
        }
        said.now = said.now.take().or(given.now);
        said.later = said.later.take().or(given.later);
    }
    for (id, signal) in other.signals {
        brief.signals.entry(id).or_insert(signal);
    }
    for mention in other.technologies {
        if !brief.technologies.iter().any(|t| t.id == mention.id) {
            brief.technologies.push(mention);
        }
    }
    for pin in other.pins {
        if !brief.pins.iter().any(|p| p.decision == pin.decision) {
            brief.pins.push(pin);
        }
    }
}

/// A document that binds.
struct Source<'a> {
    document: &'a Document,
    /// Its statements, the rest blanked.
    stated: String,
    /// Its title, the rest blanked; decision records only.
    title: String,
    is_record: bool,
}

impl Source<'_> {
    fn pins(&self, names: &OptionNames) -> Vec<Pin> {
        let mut found = names.find(&self.stated, self.is_record);
        if found.is_empty() && self.is_record {
            found = names.find(&self.title, true);
        }
        let lines = Lines::new(&self.document.text);
        found
            .into_iter()
            .map(|named| Pin {
                decision: named.decision,
                option: named.option,
                place: Place { path: self.document.path.as_str().into(), line: lines.line(named.at) },
                text: named.sentence,
            })
            .collect()
    }
}

/// The documents that bind: descriptions by their path, then records by their number.
fn binding<'a>(documents: &'a [Document], notes: &mut Vec<Diagnostic>) -> Vec<Source<'a>> {
    let mut records: Vec<(&Document, Record)> = Vec::new();
    let mut sources = Vec::new();
    let mut proposals = Vec::new();
    // A list of records or the form for new ones decides nothing.
    for document in documents.iter().filter(|d| !is_about_records(&d.path)) {
        if document.text.len() > MAX_BYTES {
            notes.push(Diagnostic::warning(
                "document-too-large",
                format!(
                    "{}: {} bytes, at most {MAX_BYTES} are read: left out",
                    document.path,
                    document.text.len()
                ),
            ));
        } else if is_record(&document.path, &document.text) {
            records.push((document, Record::new(&document.text)));
        } else if is_own(document) {
            proposals.push(document.path.as_str());
        } else if !is_aside_name(&document.path) {
            let sections = Sections::new(&document.text);
            let asides = asides(&sections);
            let stated = sections.keep(&document.text, |s| !asides.contains(&s.start));
            sources.push(Source { document, stated, title: String::new(), is_record: false });
        }
    }
    notes.extend(proposed(&proposals));
    sources.extend(accepted(records, notes));
    sources.sort_by_cached_key(|s| (s.is_record, number_of(&s.document.path), s.document.path.clone()));
    sources
}

/// Whether a document was written by Loadcase: what it proposed and computed is no established decision, and
/// its numbers are no inputs. Its decision records bind as any others, once they are accepted.
fn is_own(document: &Document) -> bool {
    document.text.lines().take(12).any(|line| line.starts_with(OWN_MARKS))
}

/// Says that proposals of Loadcase's own bind nothing.
fn proposed(paths: &[&str]) -> Option<Diagnostic> {
    let first = paths.first()?;
    let message = match paths.len() {
        1 => format!("{first} is a proposal that Loadcase wrote: it binds nothing"),
        n => format!("{first} and {} more are proposals that Loadcase wrote: they bind nothing", n - 1),
    };
    Some(
        Diagnostic::note("own-proposal", message)
            .help("to keep a decision, set `status: accepted` in its record under `adr/`"),
    )
}

/// Whether the name of a document says that it weighs instead of stating.
fn is_aside_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    is_weighing(stem) || words_of(stem).iter().any(|word| ASIDE_NAMES.contains(&word.as_str()))
}

/// The records that bind: accepted, and superseded by no other.
fn accepted<'a>(records: Vec<(&'a Document, Record)>, notes: &mut Vec<Diagnostic>) -> Vec<Source<'a>> {
    let superseded: BTreeSet<u32> = records
        .iter()
        .filter(|(_, r)| r.status != Status::NotBinding)
        .flat_map(|(_, r)| r.supersedes.iter().copied())
        .collect();
    let mut sources = Vec::new();
    for (document, record) in records {
        let replaced = number_of(&document.path).is_some_and(|n| superseded.contains(&n));
        if record.status == Status::NotBinding || replaced {
            continue;
        }
        if record.status == Status::Unstated {
            notes.push(Diagnostic::note(
                "no-status",
                format!("{}: the record has no status and was taken as accepted", document.path),
            ));
        }
        sources.push(Source { document, stated: record.decision, title: record.title, is_record: true });
    }
    sources
}

/// Where the sections begin that weigh instead of stating, or stand under one that does.
fn asides(sections: &Sections) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    // The headings around the present one, and whether each is set aside.
    let mut around: Vec<(usize, bool)> = Vec::new();
    for section in &sections.sections {
        around.retain(|(level, _)| *level < section.level);
        // The title of the document says what it is about: "Risk engine" weighs nothing.
        let weighs = section.level != 1 && is_weighing(&section.title);
        let aside = weighs || around.last().is_some_and(|(_, aside)| *aside);
        around.push((section.level, aside));
        if aside {
            found.insert(section.start);
        }
    }
    found
}

/// Whether words of a title begin as those of sections that weigh do.
fn is_weighing(title: &str) -> bool {
    let words = format!(" {}", words_of(title).join(" "));
    ASIDE.iter().any(|aside| words.contains(&format!(" {}", words_of(aside).join(" "))))
}

/// Keeps one pin for each decision: a record's before a description's, the later record's before the earlier's.
fn settle(pins: &mut BTreeMap<Id, (Pin, bool)>, pin: Pin, is_record: bool, notes: &mut Vec<Diagnostic>) {
    let Some((known, by_record)) = pins.get(&pin.decision) else {
        pins.insert(pin.decision.clone(), (pin, is_record));
        return;
    };
    let elsewhere = known.place.path != pin.place.path;
    let wins = is_record && (elsewhere || !by_record);
    if known.option != pin.option && elsewhere {
        let (kept, left) = if wins { (&pin, known) } else { (known, &pin) };
        notes.push(
            Diagnostic::warning(
                "contradictory-decisions",
                format!(
                    "{} settles {} on {}, {} on {}: the first was used",
                    kept.place, kept.decision, kept.option, left.place, left.option
                ),
            )
            .help("mark the outdated document as superseded"),
        );
    }
    if wins {
        pins.insert(pin.decision.clone(), (pin, is_record));
    }
}

/// Turns places in a text into lines of a file.
fn document(brief: &mut Brief, place: impl Fn(usize) -> Place) {
    let turn = |origin: &mut Origin| {
        if let Origin::Stated { at: Some(at), .. } = origin {
            *origin = Origin::Documented(place(*at));
        }
    };
    crate::reader::each_origin(brief, turn);
}

/// Where lines begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { starts }
    }

    /// The line a byte lies on, from one.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }
}

#[cfg(test)]
mod tests;
