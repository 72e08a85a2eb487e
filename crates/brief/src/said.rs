//! Signals and domains: which phrases of the catalog a text says, and which it denies.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, SignalSpec};
use loadcase_model::{DomainGuess, Id, Origin, Signal};

use crate::clause::denied_after;
use crate::lex::{Boundary, Text};
use crate::phrase::{Effort, Match, Matcher};

/// Least weight of evidence that makes a domain worth naming.
const LEAST_EVIDENCE: f64 = 1.5;

/// Least share of all evidence that makes a domain worth naming beside a stronger one.
const LEAST_SHARE: f64 = 0.15;

/// How much each further mention of a phrase adds to its weight.
const REPEATED: f64 = 0.25;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Signal(usize),
    Denies(usize),
    Domain(usize, usize),
}

/// The phrases of signals and domains, compiled.
#[derive(Debug)]
pub(crate) struct Sayings {
    matcher: Matcher<Said>,
    signals: IndexMap<Id, SignalSpec>,
    domains: Vec<(Id, Vec<f64>)>,
}

/// What a text says.
#[derive(Debug, Default)]
pub(crate) struct SaidFound {
    /// Signals that were stated or denied, and those that follow from them.
    pub(crate) signals: BTreeMap<Id, Signal>,
    /// Domains, the most likely first.
    pub(crate) domains: Vec<DomainGuess>,
}

impl Sayings {
    /// Compiles the catalog's phrases.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let mut matcher = Matcher::default();
        let signals = catalog.lexicon.signals.clone();
        for (i, signal) in signals.values().enumerate() {
            signal.phrases.iter().for_each(|p| matcher.add(p, Said::Signal(i)));
            signal.denied_by.iter().for_each(|p| matcher.add(p, Said::Denies(i)));
        }
        let mut domains = Vec::new();
        for (i, domain) in catalog.domains.values().enumerate() {
            for (j, phrase) in domain.phrases.iter().enumerate() {
                matcher.add(&phrase.say, Said::Domain(i, j));
            }
            domains.push((domain.id.clone(), domain.phrases.iter().map(|p| p.weight).collect()));
        }
        Self { matcher, signals, domains }
    }

    /// Finds what a text says.
    pub(crate) fn read(
        &self,
        text: &Text<'_>,
        ends: &[u32],
        negated: &[Option<u32>],
        effort: &mut Effort,
    ) -> SaidFound {
        let found = self.matcher.find(text, ends, effort);
        SaidFound {
            signals: self.signals(text, &found, negated),
            domains: self.domains(text, &found, negated),
        }
    }

    fn signals(
        &self,
        text: &Text<'_>,
        found: &[Match<Said>],
        negated: &[Option<u32>],
    ) -> BTreeMap<Id, Signal> {
        let mut evidence: Vec<Evidence> = vec![Evidence::default(); self.signals.len()];
        let questions = asked_ranges(text);
        for m in found {
            match m.payload {
                // "Where should we store it?" does not say that we store it.
                Said::Signal(_) if asked(text, m.first) || idiom(text, m) => {}
                // "Do we need several regions?" requires none; it only proposes them.
                Said::Signal(i) if within(&questions, m.first) && !proposes(&self.signals[i].id) => {}
                Said::Signal(i) => {
                    let sentence = text.sentences[text.sentence_of(m.first)];
                    let turned = self.signals[i].negatable
                        && (negated[m.first].is_some() || denied_after(text, sentence, m.last));
                    let slot = if turned { &mut evidence[i].turned } else { &mut evidence[i].stated };
                    keep_first(slot, m);
                }
                Said::Denies(i) => keep_first(&mut evidence[i].denied, m),
                Said::Domain(..) => {}
            }
        }
        let mut signals = BTreeMap::new();
        for (spec, evidence) in self.signals.values().zip(&evidence) {
            let (holds, place) = match *evidence {
                Evidence { denied: Some(place), .. } => (false, place),
                Evidence { stated: Some(place), .. } => (true, place),
                Evidence { turned: Some(place), .. } => (false, place),
                _ => continue,
            };
            signals.insert(spec.id.clone(), Signal { holds, origin: origin(text, place) });
        }
        follow(&self.signals, &mut signals);
        signals
    }

    fn domains(&self, text: &Text<'_>, found: &[Match<Said>], negated: &[Option<u32>]) -> Vec<DomainGuess> {
        let mut scores: IndexMap<usize, Score> = IndexMap::new();
        for m in found {
            let Said::Domain(domain, phrase) = m.payload else { continue };
            let weight = self.domains[domain].1[phrase];
            if negated[m.first].is_none() && weight.is_finite() && weight > 0.0 {
                scores.entry(domain).or_default().add(phrase, weight, m);
            }
        }
        let strong = |score: &Score| score.total >= LEAST_EVIDENCE;
        let total: f64 = scores.values().filter(|s| strong(s)).map(|s| s.total).sum();
        let mut ranked: Vec<(usize, Score)> =
            scores.into_iter().filter(|(_, s)| strong(s) && s.total / total >= LEAST_SHARE).collect();
        ranked.sort_by(|(i, a), (j, b)| b.total.total_cmp(&a.total).then(i.cmp(j)));
        let kept: f64 = ranked.iter().map(|(_, s)| s.total).sum();
        ranked
            .into_iter()
            .map(|(i, score)| DomainGuess {
                id: self.domains[i].0.clone(),
                share: score.total / kept,
                origin: origin(text, score.best),
            })
            .collect()
    }
}

/// Adds what follows from signals that hold, unless it was denied.
pub(crate) fn follow(specs: &IndexMap<Id, SignalSpec>, signals: &mut BTreeMap<Id, Signal>) {
    let mut open: Vec<Id> = signals.iter().filter(|(_, s)| s.holds).map(|(id, _)| id.clone()).collect();
    while let Some(id) = open.pop() {
        let Some(origin) = signals.get(&id).map(|s| s.origin.clone()) else { continue };
        for implied in specs.get(&id).into_iter().flat_map(|s| &s.implies) {
            if !signals.contains_key(implied) {
                signals.insert(implied.clone(), Signal { holds: true, origin: origin.clone() });
                open.push(implied.clone());
            }
        }
    }
}

/// The first places at which a signal was stated, turned round by a negation, and denied.
#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    stated: Option<(usize, usize)>,
    turned: Option<(usize, usize)>,
    denied: Option<(usize, usize)>,
}

/// Whether what starts at a token is asked rather than stated: "do we run", "should they use".
fn asked(text: &Text<'_>, first: usize) -> bool {
    const ASKING: [&str; 12] =
        ["do", "does", "should", "shall", "can", "could", "would", "must", "may", "might", "will", "did"];
    matches!(text.word(first), "we" | "i" | "they" | "it")
        && first.checked_sub(1).is_some_and(|before| ASKING.contains(&text.word(before)))
}

/// Verbs that open a question which is answered by yes or no.
const OPENERS: [&str; 20] = [
    "do",
    "does",
    "did",
    "should",
    "shall",
    "can",
    "could",
    "would",
    "must",
    "may",
    "might",
    "will",
    "is",
    "are",
    "isn't",
    "aren't",
    "shouldn't",
    "don't",
    "wouldn't",
    "am",
];

/// Words after which a question tells what is, rather than asks for it.
const TELLING: [&str; 27] = [
    "for", "with", "because", "when", "if", "given", "since", "as", "in", "on", "at", "from", "that", "who",
    "whose", "our", "my", "while", "now", "although", "even", "by", "during", "against", "behind", "which",
    "stay",
];

/// The parts of yes-or-no questions that ask for something: "do we need several regions | for our shop".
fn asked_ranges(text: &Text<'_>) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    for sentence in text.sentences.iter().filter(|s| s.question) {
        let mut at = sentence.first;
        while at < sentence.last {
            let begins = at == sentence.first
                || text.tokens[at].before >= Boundary::Bracket
                || matches!(text.word(at - 1), "and" | "or" | "so" | "but");
            if begins && OPENERS.contains(&text.word(at)) {
                let until = (at + 1..sentence.last)
                    .find(|&i| TELLING.contains(&text.word(i)))
                    .unwrap_or(sentence.last);
                ranges.push((at, until));
                at = until;
            }
            at += 1;
        }
    }
    ranges
}

fn within(ranges: &[(usize, usize)], token: usize) -> bool {
    let index = ranges.partition_point(|r| r.1 <= token);
    ranges.get(index).is_some_and(|r| r.0 <= token)
}

/// Whether a signal says that something was proposed: a question is enough for that.
fn proposes(signal: &Id) -> bool {
    signal.as_str().starts_with("asks-")
}

/// Whether a match is part of an idiom that says nothing of what its words say: "in order to".
fn idiom(text: &Text<'_>, m: &Match<Said>) -> bool {
    (m.first..m.last).any(|i| {
        text.word(i) == "order"
            && matches!(text.tokens.get(i + 1).map(|_| text.word(i + 1)), Some("to" | "that"))
            && i > 0
            && text.word(i - 1) == "in"
    })
}

fn keep_first(slot: &mut Option<(usize, usize)>, m: &Match<Said>) {
    slot.get_or_insert((m.first, m.last));
}

/// The evidence for one domain.
#[derive(Debug, Default)]
struct Score {
    total: f64,
    best: (usize, usize),
    best_weight: f64,
    seen: Vec<usize>,
    until: usize,
}

impl Score {
    /// Counts a phrase: fully the first time, a little when it comes again, not at all inside the one before.
    fn add(&mut self, phrase: usize, weight: f64, m: &Match<Said>) {
        if m.last <= self.until {
            return;
        }
        self.until = m.last;
        if self.seen.contains(&phrase) {
            // A word that comes a hundred times says little more than one that comes four times.
            if self.seen.iter().filter(|p| **p == phrase).count() < 4 {
                self.total += weight * REPEATED;
                self.seen.push(phrase);
            }
            return;
        }
        self.total += weight;
        self.seen.push(phrase);
        if weight > self.best_weight {
            self.best_weight = weight;
            self.best = (m.first, m.last);
        }
    }
}

/// The origin of the words between two tokens.
pub(crate) fn origin(text: &Text<'_>, (first, last): (usize, usize)) -> Origin {
    let at = text.tokens.get(first).map_or(0, |t| t.start());
    Origin::stated(text.slice(first, last), at)
}

#[cfg(test)]
mod tests;
