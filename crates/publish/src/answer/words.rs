//! Words, numbers and phrases of a question: what the catalog's phrases are matched against.

use std::collections::BTreeMap;
use std::ops::Range;

/// Words of a question that are looked at; the rest of a flood is ignored.
const MOST_TOKENS: usize = 4_000;
/// Words that `...` may skip.
const LINE_GAP: usize = 60;
/// Words that `..` may skip.
const SHORT_GAP: usize = 4;

/// A word or a number, with its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// Lower case, without signs; of a number, as written.
    pub text: String,
    /// The value of a number.
    pub number: Option<f64>,
    /// Bytes of the text it was read from.
    pub at: Range<usize>,
}

/// A sentence and whether it asks or orders something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// Its words.
    pub tokens: Vec<Token>,
    /// Whether it asks.
    pub asks: bool,
}

/// Splits a text into sentences of words and numbers.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut left = MOST_TOKENS;
    for (at, c) in text.char_indices() {
        if left == 0 {
            break;
        }
        let end = at + c.len_utf8();
        let stop = match c {
            '\n' => true,
            '.' | '!' | '?' | ';' => text[end..].chars().next().is_none_or(char::is_whitespace),
            _ => false,
        };
        if stop || end == text.len() {
            let tokens = tokens(text, start..end, &mut left, false);
            if !tokens.is_empty() {
                let asks = c == '?' || orders(&tokens);
                out.push(Sentence { tokens, asks });
            }
            start = end;
        }
    }
    out
}

/// Whether a sentence begins like a question or an order.
fn orders(tokens: &[Token]) -> bool {
    const OPENERS: &[&str] = &[
        "how",
        "what",
        "which",
        "should",
        "review",
        "design",
        "help",
        "explain",
        "recommend",
        "suggest",
        "compare",
        "please",
        "why",
        "where",
        "when",
        "whats",
    ];
    tokens.first().is_some_and(|t| OPENERS.contains(&t.text.as_str()))
}

/// The words and numbers of a line of code: identifiers are split at their humps.
pub(super) fn line_tokens(line: &str) -> Vec<Token> {
    tokens(line, 0..line.len(), &mut 400, true)
}

fn tokens(text: &str, part: Range<usize>, left: &mut usize, code: bool) -> Vec<Token> {
    let mut raw: Vec<Token> = Vec::new();
    let mut at = part.start;
    while at < part.end && *left > 0 {
        let rest = &text[at..part.end];
        let Some(c) = rest.chars().next() else { break };
        let length = if c.is_ascii_digit() {
            read_number(rest, at, &mut raw)
        } else if c.is_alphanumeric() {
            read_word(rest, at, code, &mut raw)
        } else {
            read_sign(c, rest, at, &mut raw)
        };
        if length.1 {
            *left -= 1;
        }
        at += length.0;
    }
    join_magnitudes(raw)
}

/// A word: letters and digits, apostrophes dropped; in code split where a capital follows a small letter.
fn read_word(rest: &str, at: usize, code: bool, out: &mut Vec<Token>) -> (usize, bool) {
    let mut length = 0;
    let mut before = None;
    for c in rest.chars() {
        let apostrophe =
            matches!(c, '\'' | '’') && rest[length + c.len_utf8()..].starts_with(char::is_alphabetic);
        let hump = code && c.is_uppercase() && before.is_some_and(char::is_lowercase);
        if !(c.is_alphanumeric() || apostrophe) || hump {
            break;
        }
        before = Some(c);
        length += c.len_utf8();
    }
    let text: String =
        rest[..length].chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let number = number_word(&text);
    out.push(Token { text, number, at: at..at + length });
    (length, true)
}

/// Digits with separators, and the letters stuck to them: `180,000`, `1.2`, `10k`, `500ms`.
fn read_number(rest: &str, at: usize, out: &mut Vec<Token>) -> (usize, bool) {
    let bytes = rest.as_bytes();
    let mut length = 0;
    while let Some(b) = bytes.get(length) {
        let inner =
            matches!(b, b',' | b'.' | b'_' | b'\'') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        if !(b.is_ascii_digit() || inner) {
            break;
        }
        length += 1;
    }
    let digits = &rest[..length];
    let value = parse_digits(digits);
    out.push(Token { text: digits.to_lowercase(), number: Some(value), at: at..at + length });
    (length, true)
}

/// Reads `180,000`, `1.200.000`, `1,5` and `99.99` as people mean them.
fn parse_digits(digits: &str) -> f64 {
    let plain: String = digits.chars().filter(|c| !matches!(c, '_' | '\'')).collect();
    let groups = |sign: char| {
        let parts: Vec<&str> = plain.split(sign).collect();
        parts.len() > 1 && parts[0].len() <= 3 && parts[1..].iter().all(|p| p.len() == 3)
    };
    let cleaned = if plain.contains(',') && plain.contains('.') {
        plain.replace(',', "")
    } else if groups(',') || (groups('.') && plain.matches('.').count() > 1) {
        plain.replace([',', '.'], "")
    } else {
        plain.replace(',', ".")
    };
    cleaned.parse().unwrap_or(f64::NAN)
}

/// Signs that carry meaning become words; the rest only separates.
fn read_sign(c: char, rest: &str, at: usize, out: &mut Vec<Token>) -> (usize, bool) {
    let length = c.len_utf8();
    let word = match c {
        '%' => "percent",
        '€' => "euro",
        '$' => "usd",
        '£' => "gbp",
        '×' => "x",
        '/' if per_follows(&rest[length..]) => "per",
        _ => return (length, false),
    };
    out.push(Token { text: word.to_owned(), number: None, at: at..at + length });
    (length, true)
}

/// Whether a slash is followed by a unit of time, as in `50/min`.
fn per_follows(rest: &str) -> bool {
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
    seconds_in(&word.to_lowercase()).is_some()
}

/// Seconds in a unit of time, by its name.
pub(super) fn seconds_in(word: &str) -> Option<f64> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" | "hourly" => 3_600.0,
        "d" | "day" | "days" | "daily" => 86_400.0,
        "week" | "weeks" | "weekly" => 604_800.0,
        "month" | "months" | "monthly" => 2_628_000.0,
        "year" | "years" | "yearly" | "annually" => 31_536_000.0,
        _ => return None,
    })
}

/// Small numbers written as words.
fn number_word(text: &str) -> Option<f64> {
    const WORDS: &[(&str, f64)] = &[
        ("one", 1.0),
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("eleven", 11.0),
        ("twelve", 12.0),
        ("fifteen", 15.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("hundred", 100.0),
        ("thousand", 1e3),
        ("million", 1e6),
        ("billion", 1e9),
        ("dozen", 12.0),
    ];
    WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

/// `5 million` and `10k` become one number.
fn join_magnitudes(raw: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(raw.len());
    for token in raw {
        let stuck = out.last().is_some_and(|last| last.at.end == token.at.start);
        let factor = magnitude(&token.text, stuck);
        if let (Some(factor), Some(last)) = (factor, out.last_mut())
            && let Some(value) = last.number
        {
            last.number = Some(value * factor);
            last.text = format!("{} {}", last.text, token.text);
            last.at.end = token.at.end;
            continue;
        }
        out.push(token);
    }
    out
}

/// The factor of a magnitude after a number; single letters only count when stuck to it.
fn magnitude(word: &str, stuck: bool) -> Option<f64> {
    Some(match word {
        "hundred" => 1e2,
        "thousand" | "thousands" => 1e3,
        "million" | "millions" | "mio" | "mn" | "mln" => 1e6,
        "billion" | "billions" | "bn" => 1e9,
        "dozen" => 12.0,
        "k" => 1e3,
        "m" if stuck => 1e6,
        "b" if stuck => 1e9,
        _ => return None,
    })
}

/// A phrase of the catalog, read once.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Element>);

#[derive(Clone, Debug)]
enum Element {
    /// Any one of several word sequences; the whole may be missing.
    Words { options: Vec<Vec<WordPattern>>, optional: bool },
    /// A number.
    Number,
    /// Up to so many words of any kind.
    Gap(usize),
}

#[derive(Clone, Debug)]
struct WordPattern {
    text: String,
    open: bool,
}

impl WordPattern {
    fn fits(&self, token: &Token) -> bool {
        if self.open { token.text.starts_with(&self.text) } else { token.text == self.text }
    }
}

/// Where a pattern was found, and the number `#` stood for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Match {
    /// Tokens covered.
    pub tokens: Range<usize>,
    /// Index of the token `#` stood for.
    pub number: Option<usize>,
}

impl Pattern {
    /// Reads a phrase in the syntax of the lexicon; `...` skips any number of words.
    pub(super) fn parse(phrase: &str) -> Self {
        Self(
            phrase
                .split_whitespace()
                .map(|piece| match piece {
                    "..." => Element::Gap(LINE_GAP),
                    ".." => Element::Gap(SHORT_GAP),
                    "#" => Element::Number,
                    _ => {
                        let (optional, piece) =
                            piece.strip_prefix('?').map_or((false, piece), |rest| (true, rest));
                        let options = piece.split('|').map(word_patterns).filter(|o| !o.is_empty()).collect();
                        Element::Words { options, optional }
                    }
                })
                .collect(),
        )
    }

    /// Words that must be there: how specific the phrase is.
    pub(super) fn specificity(&self) -> usize {
        self.0
            .iter()
            .map(|e| match e {
                Element::Words { options, optional: false } => {
                    options.iter().map(Vec::len).min().unwrap_or(0)
                }
                Element::Number => 1,
                _ => 0,
            })
            .sum()
    }

    /// The first place the phrase is found.
    pub(super) fn find(&self, tokens: &[Token]) -> Option<Match> {
        (0..tokens.len())
            .filter(|start| self.0.first().is_none_or(|e| e.may_begin(&tokens[*start])))
            .find_map(|start| self.find_at(tokens, start))
    }

    /// Follows every way through the phrase at once, so that the time stays linear in the words.
    fn find_at(&self, tokens: &[Token], start: usize) -> Option<Match> {
        let mut ways: BTreeMap<usize, Option<usize>> = BTreeMap::from([(start, None)]);
        for element in &self.0 {
            let mut next = BTreeMap::new();
            for (at, number) in ways {
                element.step(tokens, at, number, &mut next);
            }
            ways = next;
            if ways.is_empty() {
                return None;
            }
        }
        ways.into_iter().next().map(|(end, number)| Match { tokens: start..end, number })
    }
}

impl Element {
    /// Whether the element can begin at a token: a cheap look before the ways are followed.
    fn may_begin(&self, token: &Token) -> bool {
        match self {
            Self::Words { options, optional: false } => {
                options.iter().any(|words| words.first().is_some_and(|w| w.fits(token)))
            }
            Self::Number => token.number.is_some(),
            Self::Words { .. } | Self::Gap(_) => true,
        }
    }

    /// Adds every place this element can end at when it begins at `at`.
    fn step(
        &self,
        tokens: &[Token],
        at: usize,
        number: Option<usize>,
        next: &mut BTreeMap<usize, Option<usize>>,
    ) {
        match self {
            Self::Number => {
                if tokens.get(at).is_some_and(|t| t.number.is_some()) {
                    next.entry(at + 1).or_insert(number.or(Some(at)));
                }
            }
            Self::Gap(most) => {
                for end in at..=tokens.len().min(at + most) {
                    next.entry(end).or_insert(number);
                }
            }
            Self::Words { options, optional } => {
                for words in options {
                    let fits =
                        words.iter().enumerate().all(|(i, w)| tokens.get(at + i).is_some_and(|t| w.fits(t)));
                    if fits {
                        next.entry(at + words.len()).or_insert(number);
                    }
                }
                if *optional {
                    next.entry(at).or_insert(number);
                }
            }
        }
    }
}

/// The words of one alternative, split as the text is.
fn word_patterns(alternative: &str) -> Vec<WordPattern> {
    let open = alternative.ends_with('*');
    let mut words: Vec<WordPattern> = tokens(alternative, 0..alternative.len(), &mut 20, false)
        .into_iter()
        .map(|t| WordPattern { text: t.text, open: false })
        .collect();
    if let Some(last) = words.last_mut() {
        last.open = open;
    }
    words
}

/// A number of the question with the words around it.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedNumber {
    /// The value.
    pub value: f64,
    /// The number as written.
    pub text: String,
    /// Byte offset in the question.
    pub at: usize,
    /// Up to four words before it.
    pub words_before: Vec<String>,
    /// Up to four words after it.
    pub words_after: Vec<String>,
}

/// Every number a question states, in order, with the words around it.
#[must_use]
pub fn asked_numbers(question: &str) -> Vec<AskedNumber> {
    let mut out = Vec::new();
    for sentence in sentences(question) {
        let words = |range: &[Token]| range.iter().map(|t| t.text.clone()).collect();
        for (i, token) in sentence.tokens.iter().enumerate() {
            let Some(value) = token.number.filter(|v| v.is_finite()) else { continue };
            out.push(AskedNumber {
                value,
                text: question.get(token.at.clone()).unwrap_or(&token.text).to_owned(),
                at: token.at.start,
                words_before: words(&sentence.tokens[i.saturating_sub(4)..i]),
                words_after: words(&sentence.tokens[i + 1..sentence.tokens.len().min(i + 5)]),
            });
        }
    }
    out
}

/// The words `text` was matched in, as written, shortened for quoting.
pub(super) fn quote(text: &str, tokens: &[Token]) -> String {
    let range = tokens.first().map_or(0, |t| t.at.start)..tokens.last().map_or(0, |t| t.at.end);
    let words = text.get(range).unwrap_or("");
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> Option<Option<f64>> {
        sentences(text).iter().find_map(|s| {
            Pattern::parse(phrase).find(&s.tokens).map(|m| m.number.and_then(|i| s.tokens[i].number))
        })
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let cases: &[(&str, f64)] = &[
            ("5 million users", 5e6),
            ("180,000 euros", 180_000.0),
            ("1.2 s", 1.2),
            ("10k rps", 10_000.0),
            ("3M users", 3e6),
            ("two teams", 2.0),
            ("a hundred engineers", 100.0),
            ("1.200.000 rows", 1.2e6),
            ("99.99%", 99.99),
            ("8 bn events", 8e9),
        ];
        for (text, value) in cases {
            let numbers = asked_numbers(text);
            assert_eq!(numbers.len(), 1, "{text}");
            assert!((numbers[0].value - value).abs() < 1e-6 * value, "{text}: {}", numbers[0].value);
        }
    }

    #[test]
    fn words_around_a_number_are_kept() {
        let numbers = asked_numbers("We get about 50 orders per minute.");
        assert_eq!(numbers[0].words_after, ["orders", "per", "minute"]);
        assert_eq!(numbers[0].words_before, ["we", "get", "about"]);
        assert_eq!(asked_numbers("20/min and 30ms")[0].words_after[..2], ["per", "min"]);
    }

    #[test]
    fn phrases_follow_the_syntax_of_the_lexicon() {
        let cases: &[(&str, &str, Option<Option<f64>>)] = &[
            ("follow|follows # accounts", "people follow 200 accounts", Some(Some(200.0))),
            ("micro-service*|microservice*", "Do we need Microservices?", Some(None)),
            ("split .. monolith", "split up our old Rails monolith", Some(None)),
            ("split .. monolith", "split a b c d e monolith", None),
            ("split ... monolith", "split a b c d e monolith", Some(None)),
            ("?really slow", "slow", Some(None)),
            ("multi-tenant", "a multi tenant product", Some(None)),
            ("two|2 phase commit", "two-phase commit", Some(None)),
            ("dont need", "we don't need it", Some(None)),
            ("graphql", "REST or GraphQL?", Some(None)),
        ];
        for (phrase, text, expected) in cases {
            assert_eq!(found(phrase, text), *expected, "{phrase} in {text}");
        }
    }

    #[test]
    fn code_is_split_at_humps() {
        let words: Vec<String> =
            line_tokens("log.info(cardNumber, user_id)").into_iter().map(|t| t.text).collect();
        assert_eq!(words, ["log", "info", "card", "number", "user", "id"]);
    }

    #[test]
    fn sentences_know_whether_they_ask() {
        let read = sentences("We are four. Should we split? Review it.");
        assert_eq!(read.iter().map(|s| s.asks).collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn odd_text_is_read_without_panic() {
        for text in ["", "??", "1,,2..3", "é’’'", "9".repeat(500).as_str(), "\u{0}\u{1b}[31m5", "日本語 5 万"]
        {
            let _ = asked_numbers(text);
        }
    }
}
