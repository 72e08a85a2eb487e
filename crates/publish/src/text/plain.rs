//! Plain lines for terminals: width, clipping, wrapping, ASCII.

use loadcase_model::Tag;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::honesty::scan;
use crate::text::clean;

/// Sentences from a stage or the catalog: numbers without a letter get that of whoever wrote the sentence.
pub(crate) fn prose(text: &str, writer: Tag) -> String {
    let mut text = clean(text);
    for tag in Tag::ALL {
        text = text.replace(&format!(" `{}`", tag.letter()), &format!(" {}", tag.letter()));
    }
    let mut out = String::new();
    let mut from = 0;
    for quantity in scan(&text) {
        if quantity.tag.is_none() {
            out.push_str(&text[from..quantity.end]);
            out.push(' ');
            out.push(writer.letter());
            from = quantity.end;
        }
    }
    out + &text[from..]
}

/// Columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `columns`, with an ellipsis where something is missing.
pub(crate) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w + 1 > columns {
            break;
        }
        used += w;
        out.push(c);
    }
    let mut out = out.trim_end().to_owned();
    if columns > 0 {
        out.push('…');
    }
    out
}

/// The text with spaces up to `columns`.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let text = clip(text, columns);
    let missing = columns.saturating_sub(width(&text));
    text + &" ".repeat(missing)
}

/// Breaks a text into lines of at most `columns`, the later ones indented. A quantity stays on one line.
pub(crate) fn wrap(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in bound(text).split(' ').filter(|w| !w.is_empty()) {
        if !line.trim().is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
        line.push_str(&clip(word, columns.saturating_sub(width(&line)).max(8)));
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    lines.into_iter().map(|l| l.replace('\u{A0}', " ")).collect()
}

/// The text with the spaces inside quantities made unbreakable.
fn bound(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for quantity in scan(text) {
        let end = quantity.tag.map_or(quantity.end, |(_, after)| after);
        out.push_str(&text[from..quantity.start]);
        out.push_str(&text[quantity.start..end].replace(' ', "\u{A0}"));
        from = end;
    }
    out + &text[from..]
}

/// The text in ASCII: drawing characters and typography by their look, other letters as `?`.
pub(crate) fn to_ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\0'..='\x7f' => c.to_string(),
            '─' | '–' | '—' | '−' => "-".to_owned(),
            '╌' => ".".to_owned(),
            '·' => "-".to_owned(),
            '│' => "|".to_owned(),
            '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' => "+".to_owned(),
            '▶' => ">".to_owned(),
            '◀' => "<".to_owned(),
            '✓' => "ok".to_owned(),
            '✗' => "NO".to_owned(),
            '×' => "x".to_owned(),
            '…' => "~".to_owned(),
            '≥' => ">=".to_owned(),
            '≤' => "<=".to_owned(),
            '→' => "->".to_owned(),
            '’' | '‘' => "'".to_owned(),
            '“' | '”' => "\"".to_owned(),
            _ => "?".to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_width_and_their_tags() {
        let lines = wrap("the peak of 4,444 req/s c needs three copies", 20, 2);
        assert!(lines.iter().all(|l| width(l) <= 22), "{lines:?}");
        assert!(lines.iter().any(|l| l.contains("4,444 req/s c")), "{lines:?}");
        assert_eq!(prose("9 c beat 4 of them", Tag::Fact), "9 c beat 4 f of them");
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(pad("ab", 4), "ab  ");
    }
}
