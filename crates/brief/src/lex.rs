//! Text becomes words, numbers and sentences, each with its place in the source.
//!
//! Words are lower-cased, contractions are written out ("don't" is `do not`), hyphens separate words and
//! punctuation is kept as the boundary before a word, so that phrases match across line breaks and lists.

use std::collections::HashMap;

/// What lies between a word and the one before it, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Boundary {
    /// Nothing: the two are written together, as in `10k`.
    Glued,
    /// A hyphen, as in `20-30`.
    Hyphen,
    /// White space or quotation marks.
    Space,
    /// A bracket.
    Bracket,
    /// A comma.
    Comma,
    /// A colon, an equals sign or the edge of a table cell.
    Colon,
    /// A semicolon or a dash between clauses.
    Semicolon,
    /// The end of a sentence.
    Sentence,
}

/// A number in digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Literal {
    /// The value as written in English.
    pub(crate) value: f64,
    /// The value when the only dot separates thousands, as in `1.000`.
    pub(crate) dotted_thousands: Option<f64>,
    /// Whether it could be a calendar year: four bare digits from 1900 to 2100.
    pub(crate) year_like: bool,
}

/// A word, a symbol such as `%`, or a number. Kept small: a text of ten megabytes has millions of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    start: u32,
    end: u32,
    /// Index of the lower-cased word in the vocabulary.
    pub(crate) word: u32,
    /// What separates it from the token before.
    pub(crate) before: Boundary,
    /// Whether it begins with a capital letter.
    pub(crate) capital: bool,
    /// Whether it carries a possessive ending.
    pub(crate) possessive: bool,
    /// Whether it is a number in digits.
    pub(crate) number: bool,
}

impl Token {
    /// First byte in the source.
    pub(crate) const fn start(self) -> usize {
        self.start as usize
    }

    /// One past the last byte.
    pub(crate) const fn end(self) -> usize {
        self.end as usize
    }
}

/// A run of tokens up to a full stop, a question mark, a blank line or a list item's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// First token.
    pub(crate) first: usize,
    /// One past the last token.
    pub(crate) last: usize,
    /// Whether it ends in a question mark.
    pub(crate) question: bool,
    /// One past the last byte, the closing mark included.
    pub(crate) end: usize,
}

/// A text cut into tokens and sentences.
#[derive(Debug)]
pub(crate) struct Text<'s> {
    /// The source.
    pub(crate) source: &'s str,
    /// Words and numbers in order.
    pub(crate) tokens: Vec<Token>,
    /// Sentences in order; every token lies in exactly one.
    pub(crate) sentences: Vec<Sentence>,
    literals: Vec<(u32, Literal)>,
    words: Vec<Box<str>>,
}

/// Texts are read up to this many bytes: places are kept in 32 bits.
const MOST_BYTES: usize = 1 << 30;

impl<'s> Text<'s> {
    /// Cuts a text, in one pass.
    pub(crate) fn new(source: &'s str) -> Self {
        let mut length = source.len().min(MOST_BYTES);
        while !source.is_char_boundary(length) {
            length -= 1;
        }
        let source = &source[..length];
        let mut lexer = Lexer::new(source);
        lexer.run();
        lexer.close_sentence(source.len(), false);
        let Lexer { tokens, sentences, literals, words, .. } = lexer;
        Self { source, tokens, sentences, literals, words }
    }

    /// The lower-cased word of a token; empty for one that does not exist.
    pub(crate) fn word(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| &self.words[t.word as usize])
    }

    /// The number a token is in digits.
    pub(crate) fn literal(&self, token: usize) -> Option<Literal> {
        let key = u32::try_from(token).ok()?;
        let index = self.literals.binary_search_by_key(&key, |(token, _)| *token).ok()?;
        Some(self.literals[index].1)
    }

    /// Every distinct word.
    pub(crate) fn vocabulary(&self) -> &[Box<str>] {
        &self.words
    }

    /// The source between two tokens, the first included and the second excluded.
    pub(crate) fn slice(&self, first: usize, last: usize) -> &'s str {
        let (Some(a), Some(b)) =
            (self.tokens.get(first), last.checked_sub(1).and_then(|i| self.tokens.get(i)))
        else {
            return "";
        };
        self.source.get(a.start()..b.end()).unwrap_or("")
    }

    /// The sentence a token lies in.
    pub(crate) fn sentence_of(&self, token: usize) -> usize {
        self.sentences.partition_point(|s| s.last <= token)
    }
}

/// The lower-cased words of a short text such as a phrase of the lexicon.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    let text = Text::new(text);
    (0..text.tokens.len()).map(|i| text.word(i).to_owned()).collect()
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    before: Boundary,
    tokens: Vec<Token>,
    sentences: Vec<Sentence>,
    sentence_first: usize,
    literals: Vec<(u32, Literal)>,
    words: Vec<Box<str>>,
    index: HashMap<Box<str>, u32>,
}

/// Numbers of at most this many bytes are always words of their own: "24/7" and "99.9" stand in phrases.
const SHORT_NUMBER: usize = 4;

/// A text with more distinct words than this is no brief: its further long numbers share one word, because each
/// word of the vocabulary is looked up in every lexicon. Their values are kept all the same.
const MANY_WORDS: usize = 20_000;

/// Endings after a dot that belong to the word before: `node.js`, `e.g`, `example.com`.
const DOTTED_ENDINGS: &[&str] = &["js", "net", "io", "ai", "com", "org", "dev", "py", "rs", "ts", "g", "e"];

/// Abbreviations whose dot does not end a sentence.
const ABBREVIATIONS: &[&str] =
    &["e.g", "i.e", "approx", "vs", "incl", "ca", "resp", "min", "max", "est", "avg", "mio", "bn", "no"];

/// Contractions often written without their apostrophe.
const BARE_CONTRACTIONS: &[(&str, &str)] = &[
    ("dont", "do"),
    ("doesnt", "does"),
    ("didnt", "did"),
    ("cant", "can"),
    ("cannot", "can"),
    ("wont", "will"),
    ("isnt", "is"),
    ("arent", "are"),
    ("shouldnt", "should"),
    ("wouldnt", "would"),
    ("couldnt", "could"),
    ("havent", "have"),
    ("hasnt", "has"),
];

impl<'s> Lexer<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            at: 0,
            before: Boundary::Sentence,
            tokens: Vec::new(),
            sentences: Vec::new(),
            sentence_first: 0,
            literals: Vec::new(),
            words: Vec::new(),
            index: HashMap::new(),
        }
    }

    fn run(&mut self) {
        while let Some(c) = self.peek() {
            if c.is_alphabetic() || c == '_' {
                self.word();
            } else if c.is_ascii_digit()
                || (c == '.' && self.next_is_digit() && self.before != Boundary::Glued)
                || (matches!(c, '-' | '\u{2212}') && self.starts_negative())
            {
                self.number();
            } else if c == '.'
                && self.before >= Boundary::Space
                && self.char_after(c).is_some_and(char::is_alphabetic)
            {
                self.word();
            } else {
                self.mark(c);
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    fn char_after(&self, c: char) -> Option<char> {
        self.source[self.at + c.len_utf8()..].chars().next()
    }

    fn next_is_digit(&self) -> bool {
        self.source.as_bytes().get(self.at + 1).is_some_and(u8::is_ascii_digit)
    }

    /// A minus sign: directly before a digit and not after a word or number.
    fn starts_negative(&self) -> bool {
        let sign = self.peek().map_or(0, char::len_utf8);
        self.before >= Boundary::Space
            && self.source.as_bytes().get(self.at + sign).is_some_and(u8::is_ascii_digit)
    }

    fn intern(&mut self, word: &str) -> u32 {
        if let Some(&id) = self.index.get(word) {
            return id;
        }
        let id = narrow(self.words.len());
        self.words.push(word.into());
        self.index.insert(word.into(), id);
        id
    }

    fn push(&mut self, start: usize, end: usize, word: &str) {
        let word = self.intern(word);
        let capital = self.source[start..].chars().next().is_some_and(char::is_uppercase);
        let before = std::mem::replace(&mut self.before, Boundary::Glued);
        let (start, end) = (narrow(start), narrow(end));
        self.tokens.push(Token { start, end, word, before, capital, possessive: false, number: false });
    }

    fn separate(&mut self, boundary: Boundary) {
        self.before = self.before.max(boundary);
    }

    fn close_sentence(&mut self, end: usize, question: bool) {
        if self.tokens.len() > self.sentence_first {
            self.sentences.push(Sentence {
                first: self.sentence_first,
                last: self.tokens.len(),
                question,
                end,
            });
            self.sentence_first = self.tokens.len();
        }
        self.separate(Boundary::Sentence);
    }

    fn word(&mut self) {
        let start = self.at;
        let end = self.word_end(start);
        self.at = end;
        let lower = self.source[start..end].to_lowercase();
        if lower == "e"
            && self.source[end..].starts_with('-')
            && self.source[end + 1..].starts_with(char::is_alphabetic)
        {
            // "e-mail" and "email" are one word.
            let rest = self.word_end(end + 1);
            self.at = rest;
            let joined = format!("e{}", self.source[end + 1..rest].to_lowercase());
            self.push(start, rest, &joined);
            return;
        }
        if let Some((_, verb)) = BARE_CONTRACTIONS.iter().find(|(bare, _)| *bare == lower) {
            self.push(start, end, verb);
            self.negation(start, end);
            return;
        }
        self.contracted(start, end, &lower);
    }

    /// A word and what an apostrophe adds to it.
    fn contracted(&mut self, start: usize, end: usize, lower: &str) {
        let rest = &self.source[end..];
        let apostrophe = rest.chars().next().filter(|c| matches!(c, '\'' | '\u{2019}'));
        let Some(mark) = apostrophe else {
            self.push(start, end, lower);
            return;
        };
        let suffix_start = end + mark.len_utf8();
        let suffix_end = self.word_end(suffix_start);
        let suffix = self.source[suffix_start..suffix_end].to_lowercase();
        match suffix.as_str() {
            "t" if lower.ends_with('n') => {
                let verb = match lower {
                    "can" => "can",
                    "won" => "will",
                    "shan" => "shall",
                    other => &other[..other.len() - 1],
                };
                self.push(start, end, verb);
                self.at = suffix_end;
                self.negation(suffix_start, suffix_end);
            }
            "re" | "ve" | "ll" | "d" | "m" => {
                self.push(start, end, lower);
                let full = match suffix.as_str() {
                    "re" => "are",
                    "ve" => "have",
                    "ll" => "will",
                    "d" => "would",
                    _ => "am",
                };
                self.before = Boundary::Space;
                self.push(suffix_start, suffix_end, full);
                self.at = suffix_end;
            }
            "s" => {
                self.push(start, suffix_end, lower);
                self.possess();
                self.at = suffix_end;
            }
            "" if lower.ends_with('s') => {
                self.push(start, end, lower);
                self.possess();
            }
            _ => self.push(start, end, lower),
        }
    }

    fn possess(&mut self) {
        if let Some(token) = self.tokens.last_mut() {
            token.possessive = true;
        }
    }

    fn negation(&mut self, start: usize, end: usize) {
        self.before = Boundary::Space;
        self.push(start, end, "not");
    }

    /// Where the word that begins at `start` ends.
    fn word_end(&self, start: usize) -> usize {
        let rest = &self.source[start..];
        let mut end = start;
        for (i, c) in rest.char_indices() {
            let part = c.is_alphanumeric()
                || c == '_'
                || (c == '.' && (i == 0 || self.dotted(start + i + 1)))
                || (matches!(c, '#' | '+') && i > 0 && i <= 2 && self.sharp(start + i));
            if !part {
                break;
            }
            end = start + i + c.len_utf8();
        }
        end
    }

    /// Whether what follows a dot belongs to the word.
    fn dotted(&self, after: usize) -> bool {
        let rest = &self.source[after..];
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        length <= 3 && DOTTED_ENDINGS.contains(&rest[..length].to_lowercase().as_str())
    }

    /// `c#` and `c++`: marks that end a word of one letter.
    fn sharp(&self, at: usize) -> bool {
        let rest = &self.source[at..];
        let marks = rest.find(|c| !matches!(c, '#' | '+')).unwrap_or(rest.len());
        !rest[marks..].starts_with(char::is_alphanumeric)
            && (rest.starts_with('#') || marks == 2 || self.source[..at].ends_with('+'))
    }

    fn number(&mut self) {
        let start = self.at;
        let negative = !matches!(self.peek(), Some(c) if c.is_ascii_digit() || c == '.');
        if negative {
            self.at += self.peek().map_or(1, char::len_utf8);
        }
        let digits = self.at;
        let end = self.number_end(digits);
        self.at = end;
        let written = &self.source[digits..end];
        match literal(written) {
            Some(mut literal) => {
                if negative {
                    literal.value = -literal.value;
                    literal.dotted_thousands = None;
                    literal.year_like = false;
                }
                self.number_with_groups(start, written, literal);
            }
            None => self.push(start, end, &written.to_lowercase()),
        }
    }

    /// Joins groups of three digits that white space separates: `1 000 000`.
    fn number_with_groups(&mut self, start: usize, written: &str, mut literal: Literal) {
        let mut end = self.at;
        if written.len() <= 3 && written.bytes().all(|b| b.is_ascii_digit()) && !written.starts_with('0') {
            while let Some(next) = self.group_after(end) {
                let group: f64 = self.source[next - 3..next].parse().unwrap_or(0.0);
                literal.value = literal.value * 1000.0 + group.copysign(literal.value);
                literal.year_like = false;
                end = next;
            }
        }
        self.at = end;
        let ordinal = ["st", "nd", "rd", "th"].iter().any(|s| self.source[end..].starts_with(s))
            && !self.source[end + 2..].starts_with(char::is_alphanumeric);
        let decade = written.len() == 4
            && written.ends_with('0')
            && self.source[end..].starts_with('s')
            && literal.year_like
            && !self.source[end + 1..].starts_with(char::is_alphanumeric);
        if ordinal || decade {
            self.at = self.word_end(end);
            let word = self.source[start..self.at].to_lowercase();
            self.push(start, self.at, &word);
        } else {
            let source = self.source;
            let digits = &source[start..end];
            let known = digits.len() <= SHORT_NUMBER || self.words.len() < MANY_WORDS;
            self.literals.push((narrow(self.tokens.len()), literal));
            self.push(start, end, if known { digits } else { "#" });
            if let Some(token) = self.tokens.last_mut() {
                token.number = true;
            }
        }
    }

    /// The end of a group of exactly three digits after one space.
    fn group_after(&self, at: usize) -> Option<usize> {
        let mut rest = self.source[at..].chars();
        let space = rest.next().filter(|c| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'))?;
        let from = at + space.len_utf8();
        let bytes = self.source.as_bytes();
        let digits = bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let ends = !matches!(bytes.get(from + 3), Some(b'.' | b',') if bytes.get(from + 4).is_some_and(u8::is_ascii_digit));
        (digits == 3 && ends).then_some(from + 3)
    }

    /// Where the digits and their separators end.
    fn number_end(&self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        let mut end = start;
        while let Some(&b) = bytes.get(end) {
            let part = match b {
                b'0'..=b'9' => true,
                b'.' | b',' | b'_' | b'\'' => digit(end + 1),
                b'e' | b'E' => {
                    let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
                    end > start
                        && digit(end + 1 + usize::from(signed))
                        && !bytes[start..end].iter().any(u8::is_ascii_alphabetic)
                }
                b'+' | b'-' => {
                    matches!(bytes.get(end.wrapping_sub(1)), Some(b'e' | b'E'))
                        && end > start
                        && digit(end + 1)
                }
                b'/' | b':' => digit(end + 1) && end > start,
                _ => false,
            };
            if !part {
                break;
            }
            end += 1;
        }
        // `1, 2` is a list, and so is `4,5,6`: only well-formed separators belong to the number.
        end
    }

    /// A character that is no part of a word or number.
    fn mark(&mut self, c: char) {
        let start = self.at;
        self.at += c.len_utf8();
        match c {
            '\n' => self.line_end(),
            c if c.is_whitespace() => self.separate(Boundary::Space),
            '.' | '!' | '?' | '\u{2026}' => self.full_stop(c),
            ',' => self.separate(Boundary::Comma),
            ';' | '\u{2014}' => self.separate(Boundary::Semicolon),
            ':' | '|' => self.separate(Boundary::Colon),
            '=' if self.peek() == Some('>') => self.arrow(start),
            '=' => self.separate(Boundary::Colon),
            '(' | ')' | '[' | ']' | '{' | '}' => self.separate(Boundary::Bracket),
            '\u{2192}' => self.push_apart(start, "to"),
            '-' if self.peek() == Some('>') => self.arrow(start),
            '-' | '\u{2010}'..='\u{2013}' => self.dash(),
            '/' => self.slash(start),
            '%' | '$' | '\u{20ac}' | '\u{a3}' | '\u{a5}' | '\u{20b9}' | '<' | '>' | '\u{2264}'
            | '\u{2265}' | '~' | '\u{2248}' | '\u{d7}' | '\u{221e}' => {
                let word = self.source[start..self.at].to_owned();
                self.push(start, self.at, &word);
            }
            '+' if self.before == Boundary::Glued => self.push(start, self.at, "+"),
            '&' => self.push_apart(start, "and"),
            _ => self.separate(Boundary::Space),
        }
    }

    fn push_apart(&mut self, start: usize, word: &str) {
        self.separate(Boundary::Space);
        self.push(start, self.at, word);
        self.separate(Boundary::Space);
    }

    fn arrow(&mut self, start: usize) {
        self.at += 1;
        self.push_apart(start, "to");
    }

    fn dash(&mut self) {
        let spaced = self.before >= Boundary::Space;
        let followed = self.peek().is_some_and(|c| c.is_whitespace() || c == '-');
        self.separate(match (spaced, followed) {
            (true, true) => Boundary::Semicolon,
            _ => Boundary::Hyphen,
        });
    }

    /// A slash is a word of its own where a unit may follow: `req/s`, `/ day`.
    fn slash(&mut self, start: usize) {
        if self.peek().is_some_and(char::is_alphabetic) || self.before == Boundary::Glued {
            self.push(start, self.at, "/");
        } else {
            self.separate(Boundary::Space);
        }
    }

    fn full_stop(&mut self, c: char) {
        let spaced = self
            .peek()
            .is_none_or(|n| n.is_whitespace() || matches!(n, '"' | '\'' | ')' | '\u{201d}' | '*' | '_'));
        let abbreviation = c == '.'
            && self.tokens.last().is_some_and(|t| ABBREVIATIONS.contains(&&*self.words[t.word as usize]))
            && !self.source[self.at..].trim_start().starts_with(char::is_uppercase);
        if !spaced || abbreviation {
            self.separate(Boundary::Space);
        } else {
            self.close_sentence(self.at, c == '?');
        }
    }

    /// A line end is a space inside a paragraph and an end before a blank line, list item, heading or table row.
    fn line_end(&mut self) {
        let rest = self.source[self.at..].trim_start_matches([' ', '\t', '\r']);
        let mut chars = rest.chars();
        let ends = match chars.next() {
            None | Some('\n' | '#' | '|' | '>') => true,
            Some('-' | '*' | '+' | '\u{2022}') => chars.next().is_some_and(char::is_whitespace),
            Some(c) if c.is_ascii_digit() => {
                let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                after.starts_with(". ") || after.starts_with(") ")
            }
            _ => self.line_was_heading(),
        };
        if ends { self.close_sentence(self.at - 1, false) } else { self.separate(Boundary::Space) }
    }

    /// Whether the line just read is a Markdown heading.
    fn line_was_heading(&self) -> bool {
        let Some(sentence) = self.tokens.get(self.sentence_first) else { return false };
        let before = &self.source[..sentence.start()];
        before.trim_end_matches([' ', '\t', '*', '_']).ends_with('#')
    }
}

/// A place or a count of a text that is no longer than `MOST_BYTES`.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Reads digits with separators; `None` for versions, times, dates and other things that are no quantity.
fn literal(written: &str) -> Option<Literal> {
    if let Some((a, b)) = written.split_once('/') {
        let (a, b): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
        let fraction = a > 0.0 && b > a && b <= 10.0 && written.len() <= 4;
        return fraction.then_some(Literal { value: a / b, dotted_thousands: None, year_like: false });
    }
    if written.contains(':') {
        return None;
    }
    let plain: String = written.chars().filter(|c| !matches!(c, '_' | '\'')).collect();
    if plain.contains(['e', 'E']) {
        let value = plain.replace(',', "").parse().ok()?;
        return Some(Literal { value, dotted_thousands: None, year_like: false });
    }
    let (dots, commas) = (plain.matches('.').count(), plain.matches(',').count());
    let grouped = |separator: char| {
        let mut groups = plain.split(separator);
        let first = groups.next().unwrap_or("");
        (1..=3).contains(&first.len()) && first != "0" && groups.all(|g| g.len() == 3)
    };
    let (text, dotted) = match (dots, commas) {
        (0, 0) => (plain.clone(), None),
        (0, _) if grouped(',') => (plain.replace(',', ""), None),
        (0, 1) => (plain.replace(',', "."), None),
        (1, 0) => (plain.clone(), grouped('.').then(|| plain.replace('.', ""))),
        (_, 0) if grouped('.') => (plain.replace('.', ""), None),
        (1, _) if plain.rfind('.') > plain.rfind(',') => (plain.replace(',', ""), None),
        (_, 1) if plain.rfind(',') > plain.rfind('.') => (plain.replace('.', "").replace(',', "."), None),
        _ => return None,
    };
    let value: f64 = text.parse().ok()?;
    let year_like = written.len() == 4 && dots + commas == 0 && (1900.0..=2100.0).contains(&value);
    Some(Literal { value, dotted_thousands: dotted.and_then(|d| d.parse().ok()), year_like })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<f64> {
        let text = Text::new(text);
        (0..text.tokens.len()).filter_map(|i| text.literal(i)).map(|l| l.value).collect()
    }

    #[test]
    fn numbers_in_every_notation() {
        let cases: &[(&str, &[f64])] = &[
            ("1,000 and 1 000 and 1_000 and 1'000", &[1000.0, 1000.0, 1000.0, 1000.0]),
            ("1.5M 99.95% .5", &[1.5, 99.95, 0.5]),
            ("1.234.567,5 and 1,234,567.5", &[1_234_567.5, 1_234_567.5]),
            ("12 500 users", &[12_500.0]),
            ("2,5 million", &[2.5]),
            ("20-30 ms", &[20.0, 30.0]),
            ("-5 users", &[-5.0]),
            ("1e6 rows", &[1e6]),
            ("1/3 of it, 24/7, 10:30, 3.12.1, the 95th, the 1990s", &[1.0 / 3.0]),
            ("- 5 users\n- 6 users", &[5.0, 6.0]),
        ];
        for (text, expected) in cases {
            assert_eq!(numbers(text), *expected, "{text}");
        }
    }

    #[test]
    fn words_are_lowered_and_contractions_written_out() {
        assert_eq!(
            words_of("We don't, can't and WON'T"),
            ["we", "do", "not", "can", "not", "and", "will", "not"]
        );
        assert_eq!(
            words_of("the customer\u{2019}s e-mail in real-time"),
            ["the", "customer", "email", "in", "real", "time"]
        );
        assert_eq!(words_of("C# C++ node.js .NET"), ["c#", "c++", "node.js", ".net"]);
        assert_eq!(words_of("500 req/s"), ["500", "req", "/", "s"]);
    }

    #[test]
    fn sentences_end_where_readers_expect() {
        let text =
            Text::new("We use node.js, e.g. for the API. Is 1.5 enough? Yes\n\n- one item\n- another\n");
        let found: Vec<_> =
            text.sentences.iter().map(|s| (text.slice(s.first, s.last), s.question)).collect();
        assert_eq!(
            found,
            [
                ("We use node.js, e.g. for the API", false),
                ("Is 1.5 enough", true),
                ("Yes", false),
                ("one item", false),
                ("another", false),
            ]
        );
    }
}
