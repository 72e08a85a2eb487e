//! How long a text may be for whoever pays for it by the token.

/// Tokens a text takes at most, counted so that no common tokenizer counts more for prose: one for every three
/// bytes of ASCII and one for every other character.
#[must_use]
pub fn tokens(text: &str) -> usize {
    let ascii = text.chars().filter(char::is_ascii).count();
    ascii.div_ceil(3) + text.chars().count() - ascii
}

/// Most tokens of a part: longer sections come in several, so that all of a document can be had whatever the budget.
const LONGEST_PART: usize = 1_200;
/// What stands before the first heading.
const BEGINNING: &str = "the beginning";

/// The headings of the second and third level of a Markdown document, in order; a long section has several parts.
#[must_use]
pub fn sections(markdown: &str) -> Vec<String> {
    parts(markdown).into_iter().map(|(name, _)| name).filter(|name| name != BEGINNING).collect()
}

/// As much of a Markdown document as `budget` tokens hold, and the headings of what was left out or cut. A section is
/// taken whole or not at all, but for the first that is wanted, which is cut at a paragraph. With `wanted`, only the
/// sections whose heading holds one of these words, and only they count as left out.
#[must_use]
pub fn fit(markdown: &str, wanted: &[String], budget: usize) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut left_out = Vec::new();
    let is_wanted = |name: &str| {
        let name = name.to_lowercase();
        wanted.is_empty() || wanted.iter().any(|w| name.contains(&w.trim().to_lowercase()))
    };
    for (name, part) in parts(markdown).into_iter().filter(|(name, _)| is_wanted(name)) {
        if tokens(&text) + tokens(&part) <= budget {
            text.push_str(&part);
            continue;
        }
        if text.is_empty() {
            text.push_str(&beginning(&part, budget));
        }
        left_out.push(name);
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

/// The document in parts with their names: what stands before the first heading, then each section.
fn parts(markdown: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = vec![(BEGINNING.to_owned(), String::new())];
    let mut fenced = false;
    for line in markdown.split_inclusive('\n') {
        fenced ^= line.starts_with("```");
        let heading = line.strip_prefix("## ").or_else(|| line.strip_prefix("### "));
        if let Some(heading) = heading.filter(|_| !fenced) {
            parts.push((heading.trim().to_owned(), String::new()));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.push_str(line);
        }
    }
    parts.retain(|(_, part)| !part.trim().is_empty());
    parts.into_iter().flat_map(|(name, part)| pieces(&name, &part)).collect()
}

/// A part in pieces of at most [`LONGEST_PART`] tokens, cut at line ends; one line is never cut.
fn pieces(name: &str, part: &str) -> Vec<(String, String)> {
    let mut pieces = vec![String::new()];
    for line in part.split_inclusive('\n') {
        let full = |piece: &String| !piece.is_empty() && tokens(piece) + tokens(line) > LONGEST_PART;
        if pieces.last().is_some_and(full) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(line);
        }
    }
    let called = |at: usize| if at == 0 { name.to_owned() } else { format!("{name}, part {}", at + 1) };
    pieces.into_iter().enumerate().map(|(at, piece)| (called(at), piece)).collect()
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
        assert_eq!(missing, ["One"]);
    }

    #[test]
    fn a_section_can_be_asked_for() {
        let (text, missing) = fit(TEXT, &["two".to_owned()], 1_000);
        assert!(text.starts_with("## Two"), "{text}");
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(fit(TEXT, &["the beginning".to_owned()], 1_000).0, "Start.");
    }

    #[test]
    fn all_of_a_long_section_can_be_read_part_by_part() {
        let lines: Vec<String> = (0..400).map(|n| format!("- line {n} of a list that goes on\n")).collect();
        let whole = format!("Start.\n\n## Long\n{}", lines.concat());
        let (mut read, mut open) = fit(&whole, &["long".to_owned()], 1_250);
        while let Some(next) = open.first().cloned() {
            let (more, rest) = fit(&whole, std::slice::from_ref(&next), 1_250);
            assert!(tokens(&more) <= 1_250 && rest.is_empty(), "{next}: {rest:?}");
            read = format!("{read}\n{more}");
            open.remove(0);
        }
        assert_eq!(read, whole.trim_start_matches("Start.\n\n").trim_end());
        assert!(sections(&whole).len() > 2);
    }

    #[test]
    fn tokens_are_not_undercounted() {
        assert_eq!(tokens("abcdef"), 2);
        assert_eq!(tokens("│é"), 2);
    }
}
