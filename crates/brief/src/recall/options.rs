//! The names by which documents call the options of decisions.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::{Catalog, DecisionSpec, OptionSpec};
use loadcase_model::{Id, Stance};

use crate::clause::negations;
use crate::lex::{Sentence, Text, words_of};
use crate::phrase::{Effort, Match, Matcher};
use crate::technology::Technologies;

/// Single words that name an option only beside a word of their decision.
const ORDINARY: &[&str] = &[
    "custom",
    "database",
    "hybrid",
    "none",
    "restart",
    "rolling",
    "cells",
    "functions",
    "rest",
    "restful",
    "search",
    "cdn",
    "roles",
    "attributes",
    "relationships",
    "pooled",
    "bridge",
    "silo",
    "files",
    "containers",
    "paas",
    "vms",
    "canary",
    "redis",
    "cache",
    "queue",
    "oidc",
];

/// English words that are names in a document only when they begin with a capital letter: "events go through it".
const CAPITAL: &[&str] = &[
    "go", "rust", "express", "gin", "phoenix", "render", "spring", "rails", "nest", "play", "echo", "swift",
];

/// Words before an option that say it was left, or is only thought about.
const NOT_CHOSEN: &[&str] = &[
    "instead",
    "rather",
    "than",
    "over",
    "from",
    "replaces",
    "replaced",
    "replacing",
    "against",
    "considered",
    "consider",
    "evaluated",
    "evaluate",
    "may",
    "might",
    "could",
    "would",
    "later",
    "eventually",
    "someday",
    "perhaps",
    "possibly",
    "unlike",
    "avoid",
    "avoids",
    "versus",
    "vs",
    "if",
    "proposed",
    "propose",
    "rejected",
    "until",
    "unless",
    "compared",
    "previously",
    "formerly",
    "used-to",
    "was",
    "were",
    "away",
    "off",
];

/// Words that give up an option named before them: "Kafka was rejected".
const GIVEN_UP: &[&str] = &[
    "rejected",
    "considered",
    "dropped",
    "discarded",
    "dismissed",
    "declined",
    "abandoned",
    "removed",
    "replaced",
    "retired",
    "ruled",
    "evaluated",
    "excluded",
    "overkill",
    "unnecessary",
    "deprecated",
    "forbidden",
    "banned",
    "gone",
    "option",
    "alternative",
    "possible",
];

/// Words that may stand between an option and such a word.
const VERBS: &[&str] = &[
    "is", "are", "was", "were", "be", "been", "has", "have", "had", "an", "a", "only", "also", "will",
    "would",
];

/// Words that may stand for the small words of a name: "jobs run from a table" is "jobs in a table".
const LINKS: &[&str] = &[
    "a", "an", "and", "are", "be", "by", "each", "every", "for", "from", "in", "into", "is", "it", "its",
    "kept", "live", "lives", "of", "on", "one", "our", "own", "queued", "read", "rendered", "run", "runs",
    "sit", "sits", "stored", "taken", "that", "the", "through", "to", "up", "via", "with",
];

/// Words at which the reason begins: what follows them was not decided.
const REASONS: &[&str] = &["because", "since", "so", "although", "whereas", "while", "but", "due"];

/// An option that a text settles on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The decision.
    pub(crate) decision: Id,
    /// The option.
    pub(crate) option: Id,
    /// Where the name begins.
    pub(crate) at: usize,
    /// The sentence it stands in.
    pub(crate) sentence: String,
}

/// The names of options, compiled.
#[derive(Debug)]
pub(crate) struct OptionNames {
    matcher: Matcher<usize>,
    technologies: Technologies,
    /// For each technology, the options it alone stands for.
    by_technology: BTreeMap<Id, Vec<usize>>,
    options: Vec<(Id, Id)>,
    context: BTreeMap<Id, Vec<String>>,
    /// The words of each option's name.
    words: Vec<Vec<String>>,
    /// Options that stand for doing nothing.
    nothing: BTreeSet<usize>,
}

impl OptionNames {
    /// Compiles the names of the catalog's options.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let mut names = Self {
            matcher: Matcher::default(),
            technologies: Technologies::new(catalog),
            by_technology: BTreeMap::new(),
            options: Vec::new(),
            context: BTreeMap::new(),
            words: Vec::new(),
            nothing: BTreeSet::new(),
        };
        for decision in catalog.decisions.values() {
            names.context.insert(decision.id.clone(), context(decision));
            for option in &decision.options {
                names.option(catalog, decision, option);
            }
        }
        names
    }

    fn option(&mut self, catalog: &Catalog, decision: &DecisionSpec, option: &OptionSpec) {
        let index = self.options.len();
        self.options.push((decision.id.clone(), option.id.clone()));
        self.words.push(words_of(&option.name));
        let unique =
            |word: &str| decision.options.iter().filter(|o| o.words.iter().any(|w| w == word)).count() == 1;
        // An option that stands for doing nothing is settled on by its name, and in records alone.
        if option.words.iter().all(|w| matches!(w.as_str(), "none" | "n/a")) {
            self.nothing.insert(index);
            self.matcher.add_literal(&option.name, index);
            return;
        }
        let words =
            option.words.iter().filter(|w| unique(w) && !w.contains('/')).map(|w| w.replace('_', " "));
        for name in
            std::iter::once(option.id.as_str().replace('-', " ")).chain([option.name.clone()]).chain(words)
        {
            self.matcher.add_literal(&name, index);
        }
        if let Some(loose) = with_gaps(&self.words[index]) {
            self.matcher.add(&loose, index);
        }
        for technology in &option.technologies {
            // A technology that serves several decisions settles the one whose option bears its name.
            let options = catalog.decisions.values().flat_map(|d| &d.options);
            let alone = options.filter(|o| o.technologies.contains(technology)).count() == 1;
            let named = option.words.iter().any(|w| technology == w.as_str() && unique(w));
            if alone || option.id == *technology || named {
                self.by_technology.entry(technology.clone()).or_default().push(index);
            }
        }
    }

    /// The options a text settles on: of each decision the first.
    pub(crate) fn find(&self, source: &str, is_record: bool) -> Vec<Named> {
        let text = Text::new(source);
        let mut effort = Effort::new();
        let negated = negations(&text);
        let mut matches = self.matcher.find(&text, &[], &mut effort);
        let stances = self.technologies.stances(&text, &negated, &mut effort);
        let rejected: BTreeSet<usize> =
            stances.iter().filter(|(_, s)| *s == Stance::Rejected).map(|(m, _)| m.first).collect();
        for (m, _) in &stances {
            for index in self.by_technology.get(self.technologies.id(m.payload)).into_iter().flatten() {
                matches.push(Match { first: m.first, last: m.last, payload: *index });
            }
        }
        matches.retain(|m| self.is_name(&text, m) && (is_record || !self.nothing.contains(&m.payload)));
        matches.sort_by_key(|m| (m.first, std::cmp::Reverse(m.last)));
        let mut found: Vec<Named> = Vec::new();
        let mut covered = 0;
        for m in matches {
            let sentence = text.sentences[text.sentence_of(m.first)];
            let (decision, option) = &self.options[m.payload];
            let inside_longer =
                m.last <= covered && !found.iter().any(|f| f.at == text.tokens[m.first].start());
            let settles = !inside_longer
                && !sentence.question
                && negated[m.first].is_none()
                && !rejected.contains(&m.first)
                && chosen(&text, sentence, m.first, is_record)
                && !given_up(&text, sentence, m.last)
                && self.is_meant(&text, sentence, &m, decision);
            covered = covered.max(m.last);
            if settles && !found.iter().any(|f| f.decision == *decision) {
                found.push(Named {
                    decision: decision.clone(),
                    option: option.clone(),
                    at: text.tokens[m.first].start(),
                    sentence: words(&text, sentence),
                });
            }
        }
        found
    }

    /// Whether the matched words are a name: what a phrase with gaps skipped only links its words.
    fn is_name(&self, text: &Text<'_>, m: &Match<usize>) -> bool {
        if !text.tokens[m.first].capital && CAPITAL.contains(&text.word(m.first)) {
            return false;
        }
        let name = &self.words[m.payload];
        let linked = |i: usize| LINKS.contains(&text.word(i)) || name.iter().any(|w| w == text.word(i));
        m.last - m.first <= 2 || (m.first + 1..m.last - 1).all(linked)
    }

    /// Whether an ordinary word, or the name of doing nothing, stands beside a word of its decision.
    fn is_meant(&self, text: &Text<'_>, sentence: Sentence, m: &Match<usize>, decision: &Id) -> bool {
        let single = m.last - m.first == 1;
        // "Chosen option: Roles" leaves no doubt.
        let option = m.first > sentence.first && text.word(m.first - 1) == "option";
        let ordinary = single && ORDINARY.contains(&text.word(m.first));
        if option || !(ordinary || self.nothing.contains(&m.payload)) {
            return true;
        }
        let context = self.context.get(decision).map_or(&[][..], Vec::as_slice);
        (sentence.first..sentence.last.min(sentence.first + 80))
            .any(|i| i != m.first && context.iter().any(|c| text.word(i).starts_with(c.as_str())))
    }
}

/// Whether the words before a name say that it was chosen: no reason has begun, and nothing says otherwise.
fn chosen(text: &Text<'_>, sentence: Sentence, first: usize, is_record: bool) -> bool {
    let from = sentence.first.max(first.saturating_sub(40));
    let near = sentence.first.max(first.saturating_sub(4));
    let reasoned = is_record && (from..first).any(|i| REASONS.contains(&text.word(i)));
    !reasoned && !(near..first).any(|i| NOT_CHOSEN.contains(&text.word(i)))
}

/// Whether the words after a name say that it was given up or only thought about.
fn given_up(text: &Text<'_>, sentence: Sentence, last: usize) -> bool {
    let verbs = (last..sentence.last.min(last + 4)).take_while(|i| VERBS.contains(&text.word(*i))).count();
    verbs > 0 && last + verbs < sentence.last && GIVEN_UP.contains(&text.word(last + verbs))
}

/// The phrase of a name whose small words may be others; nothing for names without small words inside.
fn with_gaps(name: &[String]) -> Option<String> {
    let small = |w: &String| LINKS.contains(&w.as_str());
    let inside = name.get(1..name.len().checked_sub(1)?)?;
    let plain = name.iter().all(|w| w.chars().all(char::is_alphanumeric));
    if !plain || small(&name[0]) || !inside.iter().any(small) {
        return None;
    }
    let mut parts: Vec<&str> = name.iter().map(|w| if small(w) { ".." } else { w }).collect();
    parts.dedup();
    Some(parts.join(" "))
}

/// Words of a decision's identifier, field and question.
fn context(decision: &DecisionSpec) -> Vec<String> {
    let mut words = words_of(decision.id.as_str());
    words.extend(words_of(&decision.field.replace('_', " ")));
    words.extend(words_of(&decision.question));
    words.retain(|w| {
        w.len() > 3
            && !matches!(
                w.as_str(),
                "what"
                    | "where"
                    | "which"
                    | "that"
                    | "does"
                    | "with"
                    | "from"
                    | "this"
                    | "they"
                    | "have"
                    | "each"
                    | "many"
            )
    });
    words.extend(
        ["api", "deploy", "cache", "tenant"]
            .into_iter()
            .filter(|w| decision.id.as_str().starts_with(w))
            .map(str::to_owned),
    );
    words
}

/// A sentence in one line, at most 300 characters.
fn words(text: &Text<'_>, sentence: Sentence) -> String {
    let flat = text.slice(sentence.first, sentence.last).split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= 300 { flat } else { flat.chars().take(300).chain(['\u{2026}']).collect() }
}
