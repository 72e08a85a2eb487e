//! How long a text may be for whoever pays for it by the token.

/// Tokens a text takes at most, counted so that no common tokenizer counts more for prose: one for every three
/// bytes of ASCII and one for every other character.
#[must_use]
pub fn tokens(text: &str) -> usize {
    let ascii = text.chars().filter(char::is_ascii).count();
    ascii.div_ceil(3) + text.chars().count() - ascii
}

/// The headings of the second and third level of a Markdown document, in order.
#[must_use]
pub fn sections(markdown: &str) -> Vec<String> {
    parts(markdown).into_iter().filter_map(|(heading, _)| heading).collect()
}

/// As much of a Markdown document as `budget` tokens hold, and the headings of what was left out or cut. A section is
/// taken whole or not at all, but for the first that is wanted, which is cut at a paragraph. With `wanted`, only the
/// sections whose heading holds one of these words.
#[must_use]
pub fn fit(markdown: &str, wanted: &[String], budget: usize) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut left_out = Vec::new();
    for (heading, part) in parts(markdown) {
        let asked = wanted.is_empty()
            || heading
                .as_ref()
                .is_some_and(|h| wanted.iter().any(|w| h.to_lowercase().contains(&w.trim().to_lowercase())));
        let name = heading.unwrap_or_else(|| "the beginning".to_owned());
        if asked && tokens(&text) + tokens(&part) <= budget {
            text.push_str(&part);
        } else {
            if asked && text.is_empty() {
                text.push_str(&beginning(&part, budget));
            }
            left_out.push(name);
        }
    }
    (text.trim_end().to_owned(), left_out)
}

/// The paragraphs of a part that the budget holds.
fn beginning(part: &str, budget: usize) -> String {
    let mut text = String::new();
    for paragraph in part.split_inclusive("\n\n") {
        if tokens(&text) + tokens(paragraph) > budget {
            break;
        }
        text.push_str(paragraph);
    }
    text
}

/// The document in parts: what stands before the first heading, then each section with its heading.
fn parts(markdown: &str) -> Vec<(Option<String>, String)> {
    let mut parts: Vec<(Option<String>, String)> = vec![(None, String::new())];
    let mut fenced = false;
    for line in markdown.split_inclusive('\n') {
        fenced ^= line.starts_with("```");
        let heading = line.strip_prefix("## ").or_else(|| line.strip_prefix("### "));
        if let Some(heading) = heading.filter(|_| !fenced) {
            parts.push((Some(heading.trim().to_owned()), String::new()));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.push_str(line);
        }
    }
    parts.retain(|(_, part)| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "Start.\n\n## One\n\nFirst of one.\n\nSecond of one.\n\n## Two\n\n```\n## no heading\n```\n";

    #[test]
    fn sections_are_cut_at_paragraphs_and_what_is_missing_is_named() {
        assert_eq!(sections(TEXT), ["One", "Two"]);
        assert_eq!(fit(TEXT, &[], 1_000), (TEXT.trim_end().to_owned(), Vec::new()));
        let (text, missing) = fit(TEXT, &[], 14);
        assert_eq!(text, "Start.\n\n## Two\n\n```\n## no heading\n```");
        assert_eq!(missing, ["One"]);
        let (text, missing) = fit(TEXT, &["one".to_owned()], 9);
        assert_eq!(text, "## One\n\nFirst of one.");
        assert_eq!(missing, ["the beginning", "One", "Two"]);
    }

    #[test]
    fn a_section_can_be_asked_for() {
        let (text, missing) = fit(TEXT, &["two".to_owned()], 1_000);
        assert!(text.starts_with("## Two"), "{text}");
        assert_eq!(missing, ["the beginning", "One"]);
    }

    #[test]
    fn tokens_are_not_undercounted() {
        assert_eq!(tokens("abcdef"), 2);
        assert_eq!(tokens("│é"), 2);
    }
}
