//! Finds the lexicon's phrases in a text: many phrases at once, indexed by their first word.

use std::collections::HashMap;

use crate::lex::{Boundary, Text, words_of};

/// Words a gap (`..`) may skip.
const GAP: usize = 4;

/// A place where a phrase was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match<P> {
    /// First token.
    pub(crate) first: usize,
    /// One past the last token.
    pub(crate) last: usize,
    /// What the phrase stands for.
    pub(crate) payload: P,
}

/// Steps that one search may take: many times what ordinary text of the largest size needs.
const STEPS: u64 = 8_000_000;

/// Matches that one search keeps.
const MATCHES: usize = 300_000;

/// The work a search may still do. Ordinary text never uses it up; it bounds hostile text.
#[derive(Debug)]
pub(crate) struct Effort {
    left: u64,
    cut_short: bool,
}

impl Effort {
    /// Nothing was cut short yet.
    pub(crate) const fn new() -> Self {
        Self { left: STEPS, cut_short: false }
    }

    /// Whether a search ended early, and so a part of the text was not searched.
    pub(crate) const fn was_cut_short(&self) -> bool {
        self.cut_short
    }

    /// Notes that a search ended early.
    pub(crate) const fn cut(&mut self) {
        self.cut_short = true;
    }

    fn spend(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}

#[derive(Clone, Debug)]
struct Word {
    text: Box<str>,
    prefix: bool,
}

impl Word {
    fn accepts(&self, word: &str) -> bool {
        if self.prefix { word.starts_with(&*self.text) } else { word == &*self.text }
    }
}

#[derive(Clone, Debug)]
enum Piece {
    /// One of several words or runs of words.
    Words {
        any: Vec<Vec<Word>>,
        optional: bool,
    },
    Number {
        optional: bool,
    },
    Gap,
}

impl Piece {
    const fn optional(&self) -> bool {
        match self {
            Self::Words { optional, .. } | Self::Number { optional } => *optional,
            Self::Gap => true,
        }
    }
}

#[derive(Debug)]
struct Compiled<P> {
    pieces: Vec<Piece>,
    payload: P,
}

/// Phrases compiled for searching.
#[derive(Debug)]
pub(crate) struct Matcher<P> {
    phrases: Vec<Compiled<P>>,
    exact: HashMap<Box<str>, Vec<u32>>,
    /// By first byte, the lengths that words of `exact` have: most words of a text need no look-up.
    lengths: Vec<u32>,
    /// Beginnings of words with their phrases, by the first byte.
    prefix: Vec<Vec<(Box<str>, u32)>>,
    number: Vec<u32>,
}

impl<P> Default for Matcher<P> {
    fn default() -> Self {
        Self {
            phrases: Vec::new(),
            exact: HashMap::new(),
            lengths: vec![0; 256],
            prefix: vec![Vec::new(); 256],
            number: Vec::new(),
        }
    }
}

/// What may stand first in a phrase: phrases whose pieces are all optional match nothing.
impl<P: Copy> Matcher<P> {
    /// Adds a phrase of the lexicon, in its small syntax.
    pub(crate) fn add(&mut self, phrase: &str, payload: P) {
        self.insert(phrase.split_whitespace().filter_map(piece).collect(), payload);
    }

    /// Adds words to be found as they are: no character has a special meaning.
    pub(crate) fn add_literal(&mut self, text: &str, payload: P) {
        let words = words_of(text);
        let pieces = words.into_iter().map(|w| Piece::Words {
            any: vec![vec![Word { text: w.into(), prefix: false }]],
            optional: false,
        });
        self.insert(pieces.collect(), payload);
    }

    fn insert(&mut self, pieces: Vec<Piece>, payload: P) {
        if pieces.iter().all(Piece::optional) {
            return;
        }
        let index = u32::try_from(self.phrases.len()).unwrap_or(u32::MAX);
        for piece in &pieces {
            match piece {
                Piece::Words { any, .. } => {
                    for word in any.iter().filter_map(|run| run.first()) {
                        match word.text.bytes().next() {
                            Some(first) if word.prefix => {
                                self.prefix[first as usize].push((word.text.clone(), index));
                            }
                            first => {
                                self.lengths[first.map_or(0, usize::from)] |= length_bit(&word.text);
                                self.exact.entry(word.text.clone()).or_default().push(index);
                            }
                        }
                    }
                }
                Piece::Number { .. } => self.number.push(index),
                Piece::Gap => {}
            }
            if !piece.optional() {
                break;
            }
        }
        self.phrases.push(Compiled { pieces, payload });
    }

    /// Every match, in order of its first word; of one phrase at one place, the shortest.
    pub(crate) fn find(&self, text: &Text<'_>, number_end: &[u32], effort: &mut Effort) -> Vec<Match<P>> {
        let candidates = self.candidates(text);
        let mut found = Vec::new();
        effort.left = STEPS;
        for sentence in &text.sentences {
            for first in sentence.first..sentence.last {
                let token = text.tokens[first];
                let is_number = token.number || number_end.get(first).is_some_and(|&e| e > 0);
                let numbers: &[u32] = if is_number { &self.number } else { &[] };
                if found.len() >= MATCHES {
                    break;
                }
                for &index in candidates.of(token.word as usize).iter().chain(numbers) {
                    let phrase = &self.phrases[index as usize];
                    let search = Search { text, number_end, until: sentence.last };
                    if let Some(last) = search.run(&phrase.pieces, first, effort) {
                        found.push(Match { first, last, payload: phrase.payload });
                    }
                }
            }
            if effort.left == 0 || found.len() >= MATCHES {
                effort.cut();
                break;
            }
        }
        found
    }

    /// For every distinct word of the text, the phrases that may begin with it.
    fn candidates(&self, text: &Text<'_>) -> Candidates {
        let vocabulary = text.vocabulary();
        let mut all = Candidates { ends: Vec::with_capacity(vocabulary.len()), phrases: Vec::new() };
        let mut list = Vec::new();
        for word in vocabulary {
            self.beginning_with(word, &mut list);
            all.phrases.append(&mut list);
            all.ends.push(all.phrases.len());
        }
        all
    }

    /// Puts the phrases that may begin with a word into an empty list, in their order.
    fn beginning_with(&self, word: &str, list: &mut Vec<u32>) {
        let first = word.bytes().next().map_or(0, usize::from);
        if self.lengths[first] & length_bit(word) != 0 {
            list.extend(self.exact.get(word).into_iter().flatten());
        }
        list.extend(self.prefix[first].iter().filter(|(p, _)| word.starts_with(&**p)).map(|(_, i)| *i));
        list.sort_unstable();
        list.dedup();
    }
}

/// A word's length as one of 32 bits; the longest share the last.
fn length_bit(word: &str) -> u32 {
    1 << word.len().min(31)
}

/// The phrases that may begin with each distinct word, one word's behind the other's.
struct Candidates {
    /// Where each word's phrases end.
    ends: Vec<usize>,
    phrases: Vec<u32>,
}

impl Candidates {
    /// The phrases of a word, by its number.
    fn of(&self, word: usize) -> &[u32] {
        let from = if word == 0 { 0 } else { self.ends[word - 1] };
        &self.phrases[from..self.ends[word]]
    }
}

struct Search<'a, 's> {
    text: &'a Text<'s>,
    number_end: &'a [u32],
    until: usize,
}

impl Search<'_, '_> {
    /// Where the phrase ends when it begins at `at`.
    fn run(&self, pieces: &[Piece], at: usize, effort: &mut Effort) -> Option<usize> {
        if !effort.spend() {
            return None;
        }
        let Some((piece, rest)) = pieces.split_first() else { return Some(at) };
        match piece {
            Piece::Gap => (0..=GAP)
                .map(|skip| at + skip)
                .take_while(|next| self.goes_on(*next))
                .find_map(|next| self.run(rest, next, effort)),
            Piece::Words { any, optional } => any
                .iter()
                .filter_map(|words| self.words(words, at))
                .find_map(|next| self.run(rest, next, effort))
                .or_else(|| if *optional { self.run(rest, at, effort) } else { None }),
            Piece::Number { optional } => {
                let end = if at < self.until { self.number_at(at) } else { None };
                end.and_then(|next| self.run(rest, next, effort))
                    .or_else(|| if *optional { self.run(rest, at, effort) } else { None })
            }
        }
    }

    /// Whether a gap may reach this word: it lies in the sentence, and no colon or dash stands before it.
    fn goes_on(&self, at: usize) -> bool {
        at < self.until && self.text.tokens[at].before < Boundary::Colon
    }

    /// The end of a run of words that begins here.
    fn words(&self, words: &[Word], at: usize) -> Option<usize> {
        let end = at + words.len();
        let here =
            end <= self.until && words.iter().enumerate().all(|(i, w)| w.accepts(self.text.word(at + i)));
        here.then_some(end)
    }

    /// The end of the number that begins here.
    fn number_at(&self, at: usize) -> Option<usize> {
        match self.number_end.get(at) {
            Some(&end) if end > 0 => Some(end as usize),
            _ => self.text.tokens.get(at)?.number.then_some(at + 1),
        }
    }
}

/// One part of a phrase; nothing when it holds no word.
fn piece(part: &str) -> Option<Piece> {
    if part == ".." {
        return Some(Piece::Gap);
    }
    let (optional, part) = match part.strip_prefix('?') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, part),
    };
    if part == "#" {
        return Some(Piece::Number { optional });
    }
    let any: Vec<Vec<Word>> = part.split('|').map(alternative).filter(|words| !words.is_empty()).collect();
    (!any.is_empty()).then_some(Piece::Words { any, optional })
}

/// One alternative: a word, or several that a hyphen joins, of which the last may be a beginning only.
fn alternative(text: &str) -> Vec<Word> {
    let (stem, prefix) = text.strip_suffix('*').map_or((text, false), |stem| (stem, true));
    // A slash is a word only between others.
    let words = if stem == "/" { vec![stem.to_owned()] } else { words_of(stem) };
    let last = words.len();
    words
        .into_iter()
        .enumerate()
        .map(|(i, word)| Word { text: word.into(), prefix: prefix && i + 1 == last })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> Option<String> {
        let mut matcher = Matcher::default();
        matcher.add(phrase, ());
        let text = Text::new(text);
        let matches = matcher.find(&text, &[], &mut Effort::new());
        matches.first().map(|m| text.slice(m.first, m.last).to_owned())
    }

    #[test]
    fn phrases_match_as_their_syntax_says() {
        let cases = [
            ("real-time|realtime", "in Real-Time today", Some("Real-Time")),
            ("real-time|realtime", "in realtime", Some("realtime")),
            ("own|rent* .. rack*", "we own two racks", Some("own two racks")),
            ("own|rent* .. rack*", "we own one and two and three and four racks", None),
            ("keep* ?all messages", "it keeps messages", Some("keeps messages")),
            ("keep* ?all messages", "keep all messages", Some("keep all messages")),
            ("# kinds of tasks", "900 kinds of tasks", Some("900 kinds of tasks")),
            ("don't want", "we do not want", Some("do not want")),
            ("ci/cd", "a CI/CD server", Some("CI/CD")),
            ("lost messages", "it was lost. Messages came", None),
            ("?not needed", "it is needed", Some("needed")),
            ("..", "anything", None),
        ];
        for (phrase, text, expected) in cases {
            assert_eq!(found(phrase, text).as_deref(), expected, "{phrase} in {text}");
        }
    }

    #[test]
    fn hostile_repetition_is_bounded() {
        let mut matcher = Matcher::default();
        for ending in ["x", "y", "z"] {
            matcher.add(&format!("a .. a .. a .. a .. a .. {ending}"), ());
        }
        let text = "a ".repeat(200_000);
        let text = Text::new(&text);
        let mut effort = Effort::new();
        assert!(matcher.find(&text, &[], &mut effort).is_empty());
        assert!(effort.was_cut_short());
    }
}
