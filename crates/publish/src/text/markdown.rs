//! Markdown: escaping, tables, and documents as a list of blocks.

use loadcase_model::Tag;

use crate::honesty::{legend, scan, tagged_text};
use crate::text::clean;

/// Text that stays text: nothing in it can start markup, end a table cell or become a link.
pub(crate) fn escape(text: &str) -> String {
    escape_clean(&clean(text))
}

fn escape_clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '$' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    // Web addresses would become links of their own.
    at_start(out.replace("://", ":\\//").replace("www.", "www\\."))
}

/// A text that would begin a heading, a list or a rule begins with an escape instead.
fn at_start(text: String) -> String {
    if text.starts_with(['#', '+', '-', '=']) { format!("\\{text}") } else { text }
}

/// The name of something. A name with a number of its own (`Worker 2`) is set as code, which marks it as a
/// name and no quantity.
pub(crate) fn name(text: &str) -> String {
    let text = clean(text);
    match (text.is_empty(), scan(&text).is_empty()) {
        (true, _) => "unnamed".to_owned(),
        (_, true) => escape_clean(&text),
        (_, false) => code(&text),
    }
}

/// A code span that ends where it should.
pub(crate) fn code(text: &str) -> String {
    let text = clean(text);
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Sentences from a stage or the catalog. Code spans stay; numbers keep the letter they carry, and those
/// without one get the letter of whoever wrote the sentence.
pub(crate) fn prose(text: &str, writer: Tag) -> String {
    let text = unquote_tags(&clean(text));
    let mut out = String::new();
    let mut rest = text.as_str();
    loop {
        let span = code_span(rest);
        let (before, length) = span.map_or((rest, 0), |(start, length)| (&rest[..start], length));
        out.push_str(&tag_all(before, writer));
        let Some((start, _)) = span else { return at_start(out) };
        out.push_str(&rest[start..start + length]);
        rest = &rest[start + length..];
    }
}

/// The first code span: where it begins and how long it is.
fn code_span(text: &str) -> Option<(usize, usize)> {
    let start = text.find('`')?;
    let body = &text[start + 1..];
    let close = body.find('`')?;
    (close > 0 && !body[close + 1..].starts_with('`')).then_some((start, close + 2))
}

/// Turns tags already set as code into plain letters, so that one scan sees all of them.
fn unquote_tags(text: &str) -> String {
    let mut text = text.to_owned();
    for tag in Tag::ALL {
        text = text.replace(&format!(" `{}`", tag.letter()), &format!(" {}", tag.letter()));
    }
    text
}

/// Text with its numbers tagged and its web addresses as links.
fn tag_all(text: &str, writer: Tag) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("https://") {
        let length = rest[start..].find(char::is_whitespace).unwrap_or(rest.len() - start);
        let address = rest[start..start + length].trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        out.push_str(&tag_numbers(&rest[..start], writer));
        out.push_str(&if is_address(address) { format!("<{address}>") } else { code(address) });
        rest = &rest[start + address.len()..];
    }
    out + &tag_numbers(rest, writer)
}

/// Whether an address can be written as it is.
fn is_address(url: &str) -> bool {
    let safe = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '(' | ')' | '|' | '`' | '"' | '\\');
    url.len() > "https://".len() && url.starts_with("https://") && url.chars().all(safe)
}

fn tag_numbers(text: &str, writer: Tag) -> String {
    let mut out = String::new();
    let mut from = 0;
    for quantity in scan(text) {
        let (tag, after) = quantity.tag.unwrap_or((writer, quantity.end));
        out.push_str(&escape_part(&text[from..quantity.start]));
        out.push_str(&tagged_text(&escape_part(&text[quantity.start..quantity.end]), tag));
        from = after;
    }
    out + &escape_part(&text[from..])
}

/// Escapes a part of a line: unlike [`escape_clean`] it may begin anywhere.
fn escape_part(text: &str) -> String {
    let out = escape_clean(text);
    if text.starts_with(['#', '+', '-', '=']) { out[1..].to_owned() } else { out }
}

/// A link.
pub(crate) fn link(title: &str, url: &str) -> String {
    if is_address(url) {
        format!("[{}]({url})", name(title))
    } else {
        format!("{} ({})", name(title), code(url))
    }
}

/// A table; cells are Markdown.
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|h| (*h).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row; missing cells stay empty, surplus ones are dropped.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<String> = cells.into_iter().take(self.header.len()).collect();
        row.resize(self.header.len(), String::new());
        self.rows.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn render(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|c| cell(c)).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rule = format!("|{}", " --- |".repeat(self.header.len()));
        let mut lines = vec![line(&self.header), rule];
        lines.extend(self.rows.iter().map(|row| line(row)));
        lines.join("\n")
    }
}

/// Keeps a cell on its line and its pipes inside it.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.trim().chars() {
        if c == '|' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// A document: blocks with a blank line between them.
pub(crate) struct Doc {
    blocks: Vec<String>,
}

impl Doc {
    /// A document with its title and the legend of the letters.
    pub(crate) fn new(title: &str) -> Self {
        Self { blocks: vec![format!("# {title}"), legend()] }
    }

    pub(crate) fn heading(&mut self, level: usize, text: &str) -> &mut Self {
        self.blocks.push(format!("{} {}", "#".repeat(level), text.trim()));
        self
    }

    pub(crate) fn para(&mut self, text: impl AsRef<str>) -> &mut Self {
        let text = text.as_ref().trim();
        if !text.is_empty() {
            self.blocks.push(text.to_owned());
        }
        self
    }

    pub(crate) fn list(&mut self, items: impl IntoIterator<Item = String>) -> &mut Self {
        let items: Vec<String> = items.into_iter().map(|i| format!("- {}", i.trim())).collect();
        self.para(items.join("\n"))
    }

    pub(crate) fn steps(&mut self, items: impl IntoIterator<Item = String>) -> &mut Self {
        let items: Vec<String> =
            items.into_iter().enumerate().map(|(n, i)| format!("{}. {}", n + 1, i.trim())).collect();
        self.para(items.join("\n"))
    }

    /// Adds a table, or says in words that there is nothing to list.
    pub(crate) fn table(&mut self, table: &Table, otherwise: &str) -> &mut Self {
        if table.is_empty() { self.para(otherwise) } else { self.para(table.render()) }
    }

    pub(crate) fn fence(&mut self, language: &str, body: &str) -> &mut Self {
        let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.blocks.push(format!("{fence}{language}\n{}\n{fence}", body.trim_end()));
        self
    }

    pub(crate) fn finish(self) -> String {
        let mut text = self.blocks.join("\n\n");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::honesty::untagged_numbers;

    #[test]
    fn prose_gets_its_letters_once() {
        let cases = [
            ("9 services c beat 4", "9 services `c` beat 4 `f`"),
            ("set `work_mem` to 64 MB", "set `work_mem` to 64 MB `f`"),
            ("5 `c` parts|3", "5 `c` parts\\|3 `f`"),
            ("a *bold* claim", "a \\*bold\\* claim"),
            ("3-5 ms", "3-5 ms `f`"),
            ("see https://x.invalid/a_b, 3 times", "see <https://x.invalid/a_b>, 3 times `f`"),
        ];
        for (text, expected) in cases {
            assert_eq!(prose(text, Tag::Fact), expected, "{text}");
        }
    }

    #[test]
    fn names_with_numbers_are_code() {
        assert_eq!(name("Worker 2"), "`Worker 2`");
        assert_eq!(name("S3 | bucket"), "S3 \\| bucket");
        assert_eq!(code("a`b"), "``a`b``");
    }

    #[test]
    fn a_cell_stays_one_cell() {
        let mut table = Table::new(&["a", "b"]);
        table.row([code("x | y"), "p \\| q\nr".to_owned()]);
        assert_eq!(table.render(), "| a | b |\n| --- | --- |\n| `x \\| y` | p \\| q r |");
        assert!(untagged_numbers(&table.render()).is_empty());
    }
}
