//! Lines with a little style, turned into text for a given terminal.

use std::fmt::Write as _;

use crate::honesty::scan;
use crate::terminal::Screen;
use crate::text::plain;

/// How a line looks as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Good,
    Bad,
    Dim,
}

/// A line: its text, and how many characters at its start are a heading.
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) lead: usize,
    pub(crate) style: Style,
}

impl Line {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), lead: 0, style: Style::Plain }
    }
}

/// The lines as text.
pub(crate) fn render(lines: &[Line], screen: Screen) -> String {
    let mut out = String::new();
    for line in lines {
        let text = line.text.trim_end();
        let painted = if screen.color { paint(line, text) } else { text.to_owned() };
        out.push_str(&if screen.unicode { painted } else { plain::to_ascii(&painted) });
        out.push('\n');
    }
    out
}

fn paint(line: &Line, text: &str) -> String {
    let lead = text.char_indices().nth(line.lead).map_or(text.len(), |(i, _)| i);
    let mut out = String::new();
    if lead > 0 {
        let _ = write!(out, "\x1b[1m{}\x1b[0m", &text[..lead]);
    }
    let body = &text[lead..];
    match line.style {
        Style::Dim => {
            let _ = write!(out, "\x1b[2m{body}\x1b[0m");
            return out;
        }
        Style::Good => out.push_str("\x1b[32m"),
        Style::Bad => out.push_str("\x1b[31m"),
        Style::Plain => {}
    }
    let colored = matches!(line.style, Style::Good | Style::Bad);
    let mark = if colored { body.char_indices().nth(3).map_or(body.len(), |(i, _)| i) } else { 0 };
    if colored {
        let _ = write!(out, "{}\x1b[0m", &body[..mark]);
    }
    out.push_str(&dim_tags(&body[mark..]));
    out
}

/// Dims the letters of origins, so that the numbers stand out.
fn dim_tags(text: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    for quantity in scan(text) {
        if let Some((tag, after)) = quantity.tag {
            let letter = after - 1;
            let _ = write!(out, "{}\x1b[2m{}\x1b[0m", &text[from..letter], tag.letter());
            from = after;
        }
    }
    out + &text[from..]
}
