//! Which words of a sentence a negation covers, and where clauses end.

use crate::lex::{Boundary, Sentence, Text};

/// Words that begin a clause of their own.
const CLAUSE_WORDS: &[&str] = &[
    "but",
    "because",
    "so",
    "although",
    "though",
    "while",
    "whereas",
    "yet",
    "however",
    "except",
    "unless",
    "since",
    "which",
    "whose",
    "therefore",
    "instead",
];

/// Words that show a subject and its verb: what follows a comma is then no list item.
const FINITE_WORDS: &[&str] = &[
    "we",
    "they",
    "i",
    "it",
    "he",
    "she",
    "you",
    "there",
    "this",
    "these",
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "must",
    "should",
    "can",
    "could",
    "will",
    "would",
    "may",
    "might",
    "need",
    "needs",
    "want",
    "wants",
    "use",
    "uses",
    "run",
    "runs",
    "nobody",
    "everything",
    "everybody",
    "everyone",
    "all",
    "nothing",
    "that",
];

/// Words that deny what follows.
const NEGATORS: &[&str] = &[
    "no", "not", "without", "never", "nobody", "nothing", "none", "neither", "nor", "hardly", "barely",
    "zero",
];

/// What after a negator makes it something else: "not only", "no longer", "not sure whether".
const SOFTENERS: &[(&str, &[&str])] = &[
    (
        "no",
        &[
            "more", "less", "later", "doubt", "matter", "problem", "idea", "wonder", "fewer", "sooner",
            "clue", "one", "single",
        ],
    ),
    (
        "not",
        &[
            "only", "just", "sure", "until", "to", "more", "less", "later", "merely", "simply", "yet",
            "enough", "clear",
        ],
    ),
    ("nothing", &["but", "else"]),
    ("nobody", &["knows", "can", "else"]),
    ("never", &["mind"]),
];

/// Where a clause ends, the comma aside.
pub(crate) fn ends_clause(text: &Text<'_>, token: usize) -> bool {
    text.tokens[token].before >= Boundary::Colon || begins_clause(text, token)
}

/// Whether a word begins a clause of its own. Numbers are told apart first: a text may hold millions of them.
fn begins_clause(text: &Text<'_>, token: usize) -> bool {
    !text.tokens[token].number && CLAUSE_WORDS.contains(&text.word(token))
}

/// How far on either side of a word other words of its sentence may bear on it. Bounded, so that a text without
/// a full stop takes no longer to read than any other.
pub(crate) const REACH: usize = 40;

/// The part of a sentence that may bear on a token.
pub(crate) fn window(sentence: Sentence, token: usize) -> (usize, usize) {
    (sentence.first.max(token.saturating_sub(REACH)), sentence.last.min(token + REACH))
}

/// The clause around a token: bounded by commas, brackets, stronger marks and clause words.
pub(crate) fn clause_around(text: &Text<'_>, sentence: Sentence, token: usize) -> (usize, usize) {
    let edge = |i: usize| text.tokens[i].before >= Boundary::Bracket || begins_clause(text, i);
    let (from, until) = window(sentence, token);
    let first = (from + 1..=token).rev().find(|&i| edge(i)).unwrap_or(from);
    let last = (token + 1..until).find(|&i| edge(i)).unwrap_or(until);
    (first, last)
}

/// For every token, the negator that covers it, when one does.
pub(crate) fn negations(text: &Text<'_>) -> Vec<Option<u32>> {
    let mut covered = vec![None; text.tokens.len()];
    for sentence in &text.sentences {
        for negator in sentence.first..sentence.last {
            if is_negator(text, *sentence, negator) {
                let end = scope_end(text, *sentence, negator);
                for slot in &mut covered[negator + 1..end] {
                    // The first negator counts: a later one inside its reach turns nothing back.
                    slot.get_or_insert(u32::try_from(negator).unwrap_or(u32::MAX));
                }
            }
        }
    }
    covered
}

fn is_negator(text: &Text<'_>, sentence: Sentence, at: usize) -> bool {
    let word = text.word(at);
    if !NEGATORS.contains(&word) {
        return false;
    }
    // "none keeps up with a billion events": what cannot be kept up with is there all the same.
    let pursued = (at + 1..sentence.last.min(at + 3)).any(|i| {
        matches!(text.word(i), "keep" | "keeps" | "cope" | "copes" | "catch" | "catches")
            && i + 1 < sentence.last
            && matches!(text.word(i + 1), "up" | "pace" | "with")
    });
    if pursued {
        return false;
    }
    // "neither A nor B": the first of the two covers both.
    let next = if at + 1 < sentence.last { text.word(at + 1) } else { "" };
    let softened = SOFTENERS.iter().any(|(negator, after)| *negator == word && after.contains(&next));
    let elliptical = at > sentence.first && matches!(text.word(at - 1), "or" | "why") && next.is_empty();
    let why_not = at > sentence.first && text.word(at - 1) == "why";
    // "no. 3" and "zero" before another number count things.
    let ordinal = text.tokens.get(at + 1).is_some_and(|t| t.number) && word == "no";
    !softened && !elliptical && !why_not && !ordinal
}

/// How far a negation reaches: to the end of its clause, and on through a list that ends in "or".
fn scope_end(text: &Text<'_>, sentence: Sentence, negator: usize) -> usize {
    let mut at = negator + 1;
    // At most this many words: no negation is meant to reach further.
    let limit = sentence.last.min(negator + REACH);
    while at < limit {
        if ends_clause(text, at) {
            return at;
        }
        if text.tokens[at].before >= Boundary::Bracket && !continues_list(text, at, limit) {
            return at;
        }
        if text.word(at) == "and"
            && (begins_statement(text, at + 1, limit) || begins_wish(text, negator, at + 1, limit))
        {
            return at;
        }
        at += 1;
    }
    limit
}

/// Whether the words after a comma are items of a list that a later "or" closes.
fn continues_list(text: &Text<'_>, from: usize, limit: usize) -> bool {
    let mut item = 0;
    for at in from..limit {
        let word = text.word(at);
        if at > from && text.tokens[at].before >= Boundary::Bracket {
            item = 0;
        }
        if matches!(word, "or" | "nor") {
            return true;
        }
        if item > 4 || FINITE_WORDS.contains(&word) || word == "and" || (at > from && ends_clause(text, at)) {
            return false;
        }
        item += 1;
    }
    false
}

/// Whether a new statement begins within the next few words.
fn begins_statement(text: &Text<'_>, from: usize, limit: usize) -> bool {
    (from..limit.min(from + 4)).any(|i| FINITE_WORDS.contains(&text.word(i)))
}

/// Verbs that name what is wanted when they follow "without X and".
const WISHES: &[&str] = &[
    "grow", "scale", "survive", "keep", "stay", "remain", "continue", "expand", "handle", "serve", "support",
    "add", "fail", "recover", "carry", "absorb", "take", "be", "have", "last", "work", "cost", "pay",
];

/// "Without an operator and grow by adding machines": what follows the noun is wanted, not denied.
fn begins_wish(text: &Text<'_>, negator: usize, next: usize, limit: usize) -> bool {
    text.word(negator) == "without" && next < limit && WISHES.contains(&text.word(next))
}

/// Words after a match that deny it: "search is not needed", "is out of scope".
pub(crate) fn denied_after(text: &Text<'_>, sentence: Sentence, last: usize) -> bool {
    let until = sentence.last.min(last + 6);
    let mut verb = false;
    for at in last..until {
        if text.tokens[at].before >= Boundary::Bracket {
            return false;
        }
        match text.word(at) {
            "is" | "are" | "was" | "would" | "be" | "does" | "do" | "will" | "can" | "has" | "have" => {
                verb = true;
            }
            "not" | "never" if verb => {
                return (at + 1..until).any(|i| {
                    matches!(
                        text.word(i),
                        "needed"
                            | "required"
                            | "necessary"
                            | "wanted"
                            | "planned"
                            | "important"
                            | "matter"
                            | "expected"
                            | "allowed"
                            | "relevant"
                            | "requirement"
                            | "concern"
                            | "issue"
                            | "priority"
                            | "interested"
                            | "apply"
                            | "option"
                            | "problem"
                            | "exist"
                            | "used"
                    )
                });
            }
            "unnecessary" | "overkill" | "unneeded" | "irrelevant" if verb => return true,
            "out" if verb => {
                return at + 1 >= until
                    || text.word(at + 1) == "of"
                    || text.tokens[at + 1].before >= Boundary::Comma;
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that a negation covers.
    fn covered(text: &str) -> Vec<String> {
        let text = Text::new(text);
        let negations = negations(&text);
        (0..text.tokens.len()).filter(|&i| negations[i].is_some()).map(|i| text.word(i).to_owned()).collect()
    }

    #[test]
    fn negation_reaches_to_the_end_of_its_clause_and_through_lists() {
        let cases: &[(&str, &[&str])] = &[
            ("no search, chat or video, but payments", &["search", "chat", "or", "video"]),
            ("no real-time features, data sets of a few gigabytes", &["real", "time", "features"]),
            ("We don't need search and we have chat", &["need", "search"]),
            ("not only search", &[]),
            ("we no longer run it", &["longer", "run", "it"]),
            ("nobody wants servers; we run chat", &["wants", "servers"]),
            ("without search. Chat matters", &["search"]),
            ("why not search?", &[]),
            ("without an operator and grow by adding machines", &["an", "operator"]),
            ("without installing and running servers", &["installing", "and", "running", "servers"]),
        ];
        for (text, words) in cases {
            assert_eq!(covered(text), *words, "{text}");
        }
    }

    #[test]
    fn a_denial_may_follow() {
        for (text, denied) in [
            ("search is not needed", true),
            ("search is out of scope", true),
            ("search isn't really a priority", true),
            ("search is not fast", false),
            ("search is needed", false),
            ("search, video is not needed", false),
        ] {
            let text = Text::new(text);
            assert_eq!(denied_after(&text, text.sentences[0], 1), denied, "{}", text.source);
        }
    }
}
