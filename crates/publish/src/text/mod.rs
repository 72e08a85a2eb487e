//! Text for people: Markdown and markup that hostile names cannot break, and plain lines for terminals.

pub(crate) mod markdown;
pub(crate) mod markup;
pub(crate) mod plain;

/// Drops what could steer a terminal or hide text: control characters become spaces, runs of white space one
/// space, marks that reorder or hide text vanish.
pub(crate) fn clean(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_hidden(*c)).map(|c| if c.is_control() { ' ' } else { c });
    let spaced: String = visible.collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Zero-width and direction marks, and the private use area (which this crate uses for marks of its own).
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E000}'..='\u{F8FF}' | '\u{AD}'
    )
}

/// The text as a sentence: with a full stop unless it ends in one.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) { text.to_owned() } else { format!("{text}.") }
}

/// The text with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A slug as words: `modular-monolith` becomes `modular monolith`.
pub(crate) fn words(slug: &str) -> String {
    slug.replace(['-', '_', '.'], " ")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
