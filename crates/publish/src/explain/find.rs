//! Finding what a word means in the catalog.

use loadcase_catalog::{Catalog, DecisionSpec, Domain, OptionSpec, Pattern, SignalSpec, Technology, Term};
use loadcase_model::{Id, Input};

use crate::text::capital;
use crate::text::markdown::name;

/// Suggestions given at most.
const MOST_SUGGESTIONS: usize = 5;
/// Likeness below which a word is not suggested.
const LIKE: f64 = 0.78;
/// Meanings explained at most.
const MOST_ENTRIES: usize = 4;
/// Characters of a word that are compared.
const MOST_CHARACTERS: usize = 80;

/// Something that can be explained.
pub(super) enum Entry<'a> {
    Technology(&'a Technology),
    Pattern(&'a Pattern),
    Decision(&'a DecisionSpec),
    Option(&'a DecisionSpec, &'a OptionSpec),
    Domain(&'a Domain),
    Term(&'a Term),
    Signal(&'a SignalSpec),
    Input(Input),
}

impl Entry<'_> {
    /// The heading.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Technology(t) => name(&t.name),
            Self::Pattern(p) => format!("{} (pattern)", name(&p.name)),
            Self::Decision(d) => format!("{} (decision)", name(&d.question)),
            Self::Option(d, o) => {
                format!("{} (option for {})", name(&o.name), d.id.as_str().replace('-', " "))
            }
            Self::Domain(d) => format!("{} (domain)", name(&d.name)),
            Self::Term(t) => format!("{} (term)", name(&t.name)),
            Self::Signal(s) => format!("{} (circumstance)", name(&s.id.as_str().replace('-', " "))),
            Self::Input(i) => format!("{} (input)", capital(i.label())),
        }
    }
}

/// The words by which something is known.
struct Known<'a> {
    id: String,
    others: Vec<&'a str>,
    entry: Entry<'a>,
}

/// Everything that can be explained, in the order in which meanings are shown.
fn everything(catalog: &Catalog) -> Vec<Known<'_>> {
    let technologies =
        catalog.technologies.values().map(|t| known(&t.id, words(&t.name, &t.aliases), Entry::Technology(t)));
    let patterns =
        catalog.patterns.values().map(|p| known(&p.id, words(&p.name, &p.aliases), Entry::Pattern(p)));
    let terms = catalog.terms.values().map(|t| known(&t.id, words(&t.name, &t.aliases), Entry::Term(t)));
    let decisions = catalog.decisions.values().map(|d| known(&d.id, vec![&d.question], Entry::Decision(d)));
    let options = catalog
        .decisions
        .values()
        .flat_map(|d| d.options.iter().map(move |o| known(&o.id, vec![&o.name], Entry::Option(d, o))));
    let domains = catalog.domains.values().map(|d| known(&d.id, vec![&d.name], Entry::Domain(d)));
    let signals = catalog.lexicon.signals.values().map(|s| known(&s.id, Vec::new(), Entry::Signal(s)));
    let inputs = Input::ALL.iter().map(|i| Known {
        id: i.slug().to_owned(),
        others: vec![i.label()],
        entry: Entry::Input(*i),
    });
    technologies
        .chain(patterns)
        .chain(terms)
        .chain(decisions)
        .chain(options)
        .chain(domains)
        .chain(signals)
        .chain(inputs)
        .collect()
}

fn known<'a>(id: &Id, others: Vec<&'a str>, entry: Entry<'a>) -> Known<'a> {
    Known { id: id.to_string(), others, entry }
}

fn words<'a>(name: &'a str, aliases: &'a [String]) -> Vec<&'a str> {
    std::iter::once(name).chain(aliases.iter().map(String::as_str)).collect()
}

/// A word as it is compared: lower case, every run of other characters one dash.
fn key(text: &str) -> String {
    let shortened: String = text.chars().take(MOST_CHARACTERS).collect();
    Id::slug(&shortened.to_lowercase()).to_string()
}

/// What the word means: matches by identifier or name, then by alias, at most a few.
pub(super) fn entries<'a>(topic: &str, catalog: &'a Catalog) -> Vec<Entry<'a>> {
    let wanted = key(topic);
    if !topic.chars().any(|c| c.is_ascii_alphanumeric()) {
        return Vec::new();
    }
    let (mut exact, mut by_alias) = (Vec::new(), Vec::new());
    for known in everything(catalog) {
        let named = key(&known.id) == wanted || known.others.first().is_some_and(|n| key(n) == wanted);
        if named {
            exact.push(known.entry);
        } else if known.others.iter().any(|n| key(n) == wanted) {
            by_alias.push(known.entry);
        }
    }
    exact.extend(by_alias);
    exact.truncate(MOST_ENTRIES);
    exact
}

/// Identifiers that resemble the word, the nearest first.
pub(super) fn near(topic: &str, catalog: &Catalog) -> Vec<String> {
    let wanted = key(topic);
    let mut scored: Vec<(f64, String)> = everything(catalog)
        .into_iter()
        .filter_map(|known| {
            let names = known.others.iter().map(|n| key(n)).chain([key(&known.id)]);
            let score = names.map(|n| likeness(&wanted, &n)).fold(0.0, f64::max);
            (score >= LIKE).then_some((score, known.id))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut ids: Vec<String> = Vec::new();
    for (_, id) in scored {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.truncate(MOST_SUGGESTIONS);
    ids
}

/// How alike two words are; a word that is a part of the other is alike.
fn likeness(a: &str, b: &str) -> f64 {
    let part = a.len() >= 4 && b.len() >= 4 && (b.split('-').any(|w| w == a) || a.split('-').any(|w| w == b));
    if part { 0.9 } else { strsim::jaro_winkler(a, b) }
}
