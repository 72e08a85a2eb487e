//! The grammar of numbers in prose: what is a quantity, and whether the letter of its origin follows.
//!
//! A *quantity* is a number with the units and arithmetic that belong to it: `4,444 req/s`,
//! `3 x 2 vCPU x 36 USD`, `5-40%`. Its tag is a code span with one letter in Markdown (``5 `c` ``) and a lone
//! letter in plain text (`5 c`); a few words may stand between the two (``5 access patterns `c` ``).
//!
//! These digits are not quantities:
//! - a word that begins with a letter: `p99`, `C4`, `S3`, `M/M/c`, `UTF-8`, `HTTP/2`, `CVE-2026-1`, `ADR-0004`;
//! - the number of a standard after its name ([`STANDARDS`]): `RFC 9457`, `TLS 1.3`, `OWASP Top 10:2025`;
//! - a day (`2026-11-20`, `12 November 2026`), a year from 1990 to 2039 (quantities of that size are written with
//!   a separator: `2,026`), and the name of the second horizon, `24 months`;
//! - file names with a suffix such as `.md`, the line after one (`a.md:12`), and the words of [`WORDS`] (`5xx`, `2FA`);
//! - in Markdown also: code, link targets, web addresses, comments, front matter, and the numbers that
//!   headings and list items begin with.

use loadcase_model::Tag;

/// Names after which a number is part of a name.
const STANDARDS: &[&str] = &[
    "RFC",
    "ISO",
    "IEC",
    "OAuth",
    "TLS",
    "HTTP",
    "OpenAPI",
    "AsyncAPI",
    "JSON Schema",
    "ASVS",
    "DSS",
    "SOC",
    "SP",
    "Top",
    "Art.",
    "Article",
    "Articles",
    "MADR",
    "WCAG",
    "AES",
    "API",
    "§",
    "step",
    "Step",
    "status",
    "Status",
];

/// Words that begin with a digit.
const WORDS: &[&str] = &["1xx", "2xx", "3xx", "4xx", "5xx", "2FA", "3DS", "2PC"];

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Words that belong to the number before them.
const UNITS: &[&str] = &[
    "req/s",
    "msg/s",
    "/s",
    "ms",
    "s",
    "min",
    "h",
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "bytes",
    "B",
    "kB",
    "KB",
    "MB",
    "GB",
    "TB",
    "PB",
    "%",
    "percent",
    "USD",
    "USD/month",
    "EUR",
    "EUR/month",
    "engineer",
    "engineers",
    "vCPU",
    "vCPUs",
    "user",
    "users",
    "times",
    "k",
    "M",
    "G",
    "thousand",
    "million",
    "billion",
    "rows",
    "requests",
    "connections",
    "services",
    "teams",
    "people",
];

/// Words after which the letter `a` is an article and no tag.
const AFTER_ARTICLE: &[&str] = &[
    "day", "week", "month", "year", "second", "minute", "hour", "user", "person", "request", "row", "time",
    "piece", "call", "node", "team", "tenant",
];

/// A tag found in Markdown is replaced by this character plus the letter, from the private use area.
const MARKER: u32 = 0xE000;

/// A quantity in a text, with the tag that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantity {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte, without the tag.
    pub(crate) end: usize,
    /// The tag, and one past its last byte.
    pub(crate) tag: Option<(Tag, usize)>,
}

/// Every number of a Markdown text that lacks the letter of its origin, with its line; empty when all have one.
/// The grammar stands at the top of this module's source.
#[must_use]
pub fn untagged_numbers(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in prose_lines(markdown) {
        for quantity in scan_marked(&line) {
            if quantity.tag.is_none() {
                let context: String = line.chars().map(readable).collect();
                found.push(format!(
                    "{} (line {number}: {})",
                    &line[quantity.start..quantity.end],
                    context.trim()
                ));
            }
        }
    }
    found
}

/// Every number of a plain text that lacks the letter of its origin, with its line; empty when all have one.
/// What stands between double quotes is somebody's own words and stays as it is.
#[must_use]
pub fn untagged_numbers_in_text(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let own: Vec<&str> = line.split('"').step_by(2).collect();
        let own = own.join("\u{E000}");
        let untagged = scan(&own).into_iter().filter(|q| q.tag.is_none());
        found.extend(untagged.map(|q| format!("{} (line {}: {})", &own[q.start..q.end], i + 1, line.trim())));
    }
    found
}

/// Quantities in plain text, tagged by a lone letter.
pub(crate) fn scan(text: &str) -> Vec<Quantity> {
    Scanner { text, plain: true }.run()
}

fn scan_marked(text: &str) -> Vec<Quantity> {
    Scanner { text, plain: false }.run()
}

/// Shows a marker as the tag it stands for.
fn readable(c: char) -> char {
    let code = u32::from(c);
    if (MARKER..MARKER + 0x80).contains(&code) {
        char::from_u32(code - MARKER).filter(char::is_ascii_alphabetic).unwrap_or('·')
    } else {
        c
    }
}

struct Scanner<'a> {
    text: &'a str,
    plain: bool,
}

/// Whether a character joins letters and digits into one word.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '\'' | '’' | '@')
}

impl Scanner<'_> {
    fn run(&self) -> Vec<Quantity> {
        let mut found = Vec::new();
        let (mut at, mut skipped) = (0, None);
        while let Some(offset) = self.text[at..].find(|c: char| c.is_ascii_digit()) {
            let digit = at + offset;
            let start = self.word_start(at, digit);
            if let Some(end) = self.no_quantity(start, digit, skipped) {
                (at, skipped) = (end, Some(end));
                continue;
            }
            let end = self.phrase_end(digit);
            let tag = self.tag(end);
            at = tag.map_or(end, |(_, after)| after);
            found.push(Quantity { start: digit, end, tag });
        }
        found
    }

    /// Where the word around `digit` begins, not before `from`.
    fn word_start(&self, from: usize, digit: usize) -> usize {
        let before = &self.text[from..digit];
        let kept = before.trim_end_matches(joins).len();
        let word = &before[kept..];
        let lead = word.len() - word.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        from + kept + lead
    }

    /// The end of the word when its digits are not a quantity.
    fn no_quantity(&self, start: usize, digit: usize, skipped: Option<usize>) -> Option<usize> {
        let rest = &self.text[start..];
        let word =
            rest.split(|c| !joins(c)).next().unwrap_or("").trim_end_matches(['.', '-', '/', '\'', '’']);
        let end = start + word.len().max(1);
        let a_word = start < digit || WORDS.contains(&word) || is_day(word) || is_file(word);
        if a_word || self.follows_name(start) || self.follows_path(start) || self.is_date(start, word) {
            return Some(end);
        }
        let horizon = ["24 months", "24-month"].iter().find(|h| rest.starts_with(**h));
        if let Some(horizon) = horizon {
            return Some(start + horizon.len());
        }
        let joined = skipped.map(|s| &self.text[s..start])?;
        let continues =
            joined == ":" || (joined == ", " || joined == " and ") && word.matches('.').count() >= 2;
        continues.then_some(end)
    }

    /// Whether a number is a year, or the day in `12 November`.
    fn is_date(&self, start: usize, word: &str) -> bool {
        let year = word.len() == 4 && word.parse().is_ok_and(|y: u32| (1990..2040).contains(&y));
        let after = self.text[start + word.len()..].trim_start_matches(' ');
        if year {
            let unit =
                after.split(|c: char| !(c.is_alphanumeric() || matches!(c, '/' | '%'))).next().unwrap_or("");
            return !UNITS.contains(&unit) && !after.starts_with(['%', '×']);
        }
        let day = word.parse().is_ok_and(|d: u32| (1..32).contains(&d));
        day && MONTHS.iter().any(|m| after.starts_with(m))
    }

    /// Whether the name of a standard stands before `start`.
    fn follows_name(&self, start: usize) -> bool {
        let before = self.text[..start].trim_end_matches(' ');
        STANDARDS.iter().any(|name| {
            before.strip_suffix(name).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
        })
    }

    /// Whether a number is the line in `path/file.md:12`.
    fn follows_path(&self, start: usize) -> bool {
        let Some(before) = self.text[..start].strip_suffix(':') else { return false };
        let path = before.rsplit(|c| !joins(c)).next().unwrap_or("");
        path.rsplit_once('.').is_some_and(|(stem, end)| {
            !stem.is_empty() && (1..=5).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_alphabetic())
        })
    }

    /// The end of the number at `start` with its units, and of the arithmetic it is part of.
    fn phrase_end(&self, start: usize) -> usize {
        let mut end = self.number_end(start);
        loop {
            let rest = &self.text[end..];
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            let next = end + spaces;
            if let Some(unit) = self.unit(next, spaces > 0) {
                end = unit;
            } else if let Some(number) = self.operand(next) {
                end = self.number_end(number);
            } else {
                return end;
            }
        }
    }

    /// Digits with separators, an exponent, and what is glued to them: `4,444`, `1.2e12`, `5%`, `80ms`, `9.6×`.
    fn number_end(&self, start: usize) -> usize {
        let mut end = start;
        let mut chars = self.text[start..].char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let digit_next = chars.peek().is_some_and(|(_, n)| n.is_ascii_digit());
            let part = c.is_alphanumeric()
                || matches!(c, '%' | '×')
                || matches!(c, ',' | '.' | '^' | '_') && digit_next
                || matches!(c, '/' | '.' | '-') && chars.peek().is_some_and(|(_, n)| n.is_alphabetic());
            if !part {
                break;
            }
            end = start + i + c.len_utf8();
        }
        end
    }

    /// The end of a unit that begins at `at`.
    fn unit(&self, at: usize, spaced: bool) -> Option<usize> {
        let rest = &self.text[at..];
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '/' | '%'))).unwrap_or(rest.len());
        let word = &rest[..length];
        (spaced || word.starts_with('/')).then_some(())?;
        UNITS.contains(&word).then_some(at + length)
    }

    /// Where the next number of a calculation begins, when an operator stands at `at`.
    fn operand(&self, at: usize) -> Option<usize> {
        const OPERATORS: &[&str] =
            &["..", "×", "x ", "* ", "*", "+", "/", "=", "-", "−", "–", "to ", "of ", "(", "≈"];
        let rest = &self.text[at..];
        let operator = OPERATORS.iter().find(|o| rest.starts_with(**o))?;
        let after = &rest[operator.len()..];
        let spaces = after.len() - after.trim_start_matches(' ').len();
        let number = at + operator.len() + spaces;
        self.text[number..].starts_with(|c: char| c.is_ascii_digit()).then_some(number)
    }

    /// The tag after a quantity that ends at `end`.
    fn tag(&self, end: usize) -> Option<(Tag, usize)> {
        let rest = &self.text[end..];
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let at = end + spaces;
        if self.plain && spaces == 0 {
            return None;
        }
        let mut at = at;
        for words in 0..=3 {
            let rest = &self.text[at..];
            let next = rest.chars().next()?;
            let found = if self.plain { self.plain_tag(at, words) } else { marked_at(next, at) };
            if found.is_some() {
                return found;
            }
            let word = rest.len() - rest.trim_start_matches(|c: char| c.is_alphabetic() || c == '-').len();
            let space = rest[word..].len() - rest[word..].trim_start_matches(' ').len();
            if word == 0 || space == 0 {
                return None;
            }
            at += word + space;
        }
        None
    }

    /// A lone letter; `a` must follow its number at once, or it is an article.
    fn plain_tag(&self, at: usize, words: usize) -> Option<(Tag, usize)> {
        let rest = &self.text[at..];
        let letter = rest.chars().next()?;
        let tag = Tag::ALL.into_iter().find(|t| t.letter() == letter)?;
        let after = &rest[letter.len_utf8()..];
        if after.starts_with(|c: char| joins(c) && !matches!(c, '.' | '-')) {
            return None;
        }
        let word = after.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
        let article = letter == 'a' && (words > 0 || after.starts_with(' ') && AFTER_ARTICLE.contains(&word));
        (!article && words < 3).then_some((tag, at + letter.len_utf8()))
    }
}

fn marked_at(c: char, at: usize) -> Option<(Tag, usize)> {
    let letter = u32::from(c).checked_sub(MARKER).and_then(char::from_u32)?;
    let tag = Tag::ALL.into_iter().find(|t| t.letter() == letter)?;
    Some((tag, at + c.len_utf8()))
}

fn is_day(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    parts.iter().map(|p| p.len()).eq([4, 2, 2]) && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
}

fn is_file(word: &str) -> bool {
    [".md", ".yaml", ".sql", ".json"].iter().any(|suffix| word.ends_with(suffix))
}

/// The lines of a Markdown text with their numbers, without what the grammar excludes.
fn prose_lines(markdown: &str) -> Vec<(usize, String)> {
    let text = without_comments(markdown);
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    let mut front_matter = false;
    for (i, line) in text.lines().enumerate() {
        if line == "---" && (i == 0 || front_matter) {
            front_matter = i == 0;
            continue;
        }
        let bare = line.trim_start();
        let ticks: String = bare.chars().take_while(|c| matches!(c, '`' | '~')).collect();
        match &fence {
            Some(open) if ticks.starts_with(open.as_str()) && bare.trim_end() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if front_matter => {}
            None => lines.push((i + 1, unescaped(&without_links(&with_markers(without_numbering(line)))))),
        }
    }
    lines
}

/// Blanks out `<!-- -->`, keeping line breaks so that line numbers stay right.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<!--") {
        let end = rest[start..].find("-->").map_or(rest.len(), |e| start + e + 3);
        out.push_str(&rest[..start]);
        out.extend(rest[start..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    out + rest
}

/// Drops the number a heading or a list item begins with.
fn without_numbering(line: &str) -> &str {
    let body = line.trim_start_matches(['#', ' ', '\t', '>']);
    let heading = line.trim_start().starts_with('#');
    let number =
        body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit() || heading && c == '.').len();
    let after = &body[number..];
    if number > 0 && (heading && after.starts_with(' ') || after.starts_with(". ") || after.starts_with(") "))
    {
        after.trim_start_matches(['.', ')', ' '])
    } else {
        line
    }
}

/// Replaces tags by markers and other code spans by a neutral character.
fn with_markers(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let escapes = rest[..start].len() - rest[..start].trim_end_matches('\\').len();
        if escapes % 2 == 1 {
            out.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        }
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = "`".repeat(ticks);
        let body = &rest[start + ticks..];
        let Some(close) = closing(body, &fence) else { break };
        out.push_str(&rest[..start]);
        let letter = body[..close].trim().chars().next().filter(|_| body[..close].trim().len() == 1);
        let known = letter.filter(|l| Tag::ALL.iter().any(|t| t.letter() == *l));
        out.extend(char::from_u32(MARKER + known.map_or(0, u32::from)));
        rest = &body[close + ticks..];
    }
    out + rest
}

/// Where a run of exactly the same backticks closes a code span.
fn closing(body: &str, fence: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(offset) = body[from..].find(fence) {
        let at = from + offset;
        let run = body[at..].len() - body[at..].trim_start_matches('`').len();
        if run == fence.len() {
            return Some(at);
        }
        from = at + run;
    }
    None
}

/// The text without the backslashes that keep punctuation from being markup.
fn unescaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_punctuation) {
            out.push(c);
        }
    }
    out
}

/// Removes link targets and web addresses.
fn without_links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find("](") {
        let end = rest[start..].find(')').map_or(rest.len(), |e| start + e + 1);
        out.push_str(&rest[..=start]);
        rest = &rest[end..];
    }
    out.push_str(rest);
    let mut clean = String::with_capacity(out.len());
    let mut rest = out.as_str();
    while let Some(start) = rest.find("https://").or_else(|| rest.find("http://")) {
        let address = &rest[start..];
        let length = address
            .find(|c: char| c.is_whitespace() || matches!(c, '>' | ')' | '|'))
            .unwrap_or(address.len());
        clean.push_str(&rest[..start]);
        rest = &address[length..];
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(markdown: &str) -> Vec<String> {
        untagged_numbers(markdown)
            .into_iter()
            .map(|f| f.split(" (line").next().unwrap_or("").to_owned())
            .collect()
    }

    #[test]
    fn tagged_quantities_and_names_pass() {
        for text in [
            "4,444 req/s `c` at the peak",
            "| 99.95% `c` | 3.5× `c` |",
            "3 x 2 vCPU x 36 USD = 216 USD/month `c`",
            "between 5-40% `a`, 5 to 40% `a`",
            "PostgreSQL 18.4 `f`, supported to 2030-11-14, Debezium 3.6.1.Final `f`, 1.0-rc1 `f`",
            "5 access patterns `c`",
            "p99, C4, S3, M/M/c, UTF-8, HTTP/2, CVE-2026-1234, us-east-1, ADR-0004",
            "RFC 9457, TLS 1.3, OWASP Top 10:2025, A01:2025, ASVS 8.2.2, 8.4.1, ISO 27001:2022, SOC 2",
            "in 24 months, a 24-month horizon, 5xx, 2FA",
            "14.2 `f` ended on 12 November 2026, as GitHub wrote in 2021.",
            "## 3. Third\n\n1. first\n2) second",
            "`12 widgets` and [twelve](https://example.org/12) <https://example.org/12>",
            "```text\n12\n```",
            "<!-- 12\n13 -->",
            "---\nstatus: 12\n---\n",
        ] {
            assert_eq!(numbers(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_found() {
        let cases = [
            ("12 servers", "12"),
            ("replicas=3", "3"),
            ("from 3 to 5 ms", "3 to 5 ms"),
            ("a 4 and `x` 5", "4"),
            ("about ~50k users", "50k users"),
            ("(see 42)", "42"),
            ("5 apples and 3 pears `c`", "5"),
            ("RFCs: 7", "7"),
            ("2000 ms", "2000 ms"),
            ("5 dogs", "5"),
            ("| 200 | 5 `c` |", "200"),
            ("PostgreSQL 18.4", "18.4"),
            ("### 3. With 4 parts", "4"),
        ];
        for (text, first) in cases {
            assert_eq!(numbers(text).first().map(String::as_str), Some(first), "{text}");
        }
    }

    #[test]
    fn plain_tags_are_told_from_articles() {
        let tags = |text: &str| scan(text).into_iter().map(|q| q.tag.map(|t| t.0)).collect::<Vec<_>>();
        assert_eq!(tags("4,444 req/s c now"), [Some(Tag::Computed)]);
        assert_eq!(tags("3 a day, 80% a hit"), [None, Some(Tag::Assumed)]);
        assert_eq!(tags("5 engineers u."), [Some(Tag::User)]);
        assert_eq!(tags("5 cats"), [None]);
        assert_eq!(tags("5 fat cats c, 5 cats a day"), [Some(Tag::Computed), None]);
        assert_eq!(tags("9.6x c"), [Some(Tag::Computed)]);
    }

    #[test]
    fn any_text_is_scanned_without_panic() {
        for text in [
            "9",
            "９9",
            "é9é",
            "9/",
            "9 x",
            "9 (",
            "`9",
            "](9",
            "9\u{E063}",
            "<!-- 9",
            "```\n9",
            "9.",
            "9,",
            "§9",
        ] {
            let _ = (untagged_numbers(text), scan(text));
        }
    }
}
