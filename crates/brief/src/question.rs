//! The question a text asks.

use crate::lex::Text;

/// Verbs that open a request.
const REQUESTS: &[&str] = &[
    "design",
    "give",
    "review",
    "recommend",
    "propose",
    "suggest",
    "choose",
    "explain",
    "tell",
    "help",
    "compare",
    "pick",
    "plan",
    "describe",
    "show",
    "advise",
    "sketch",
    "size",
    "estimate",
    "evaluate",
    "assess",
    "outline",
    "please",
    "decide",
    "list",
    "name",
    "draft",
    "work",
    "find",
    "architect",
];

/// Words too few to be a question on their own: "Review?" needs the sentence before it.
const BARE: usize = 2;

/// The last question, with questions directly before it; else the last request; else nothing.
pub(crate) fn question(text: &Text<'_>) -> Option<String> {
    let sentences = &text.sentences;
    if let Some(last) = sentences.iter().rposition(|s| s.question) {
        let mut first = (0..=last).rev().take_while(|&i| sentences[i].question).last().unwrap_or(last);
        if sentences[last].last - sentences[first].first <= BARE && first > 0 {
            first -= 1;
        }
        return words(text, first, last);
    }
    let request = sentences.iter().rposition(|s| REQUESTS.contains(&text.word(s.first)))?;
    words(text, request, request)
}

/// At most this many bytes of a question are kept.
const LONGEST: usize = 2_000;

fn words(text: &Text<'_>, first: usize, last: usize) -> Option<String> {
    let start = text.tokens.get(text.sentences[first].first)?.start();
    let mut end = text.sentences[last].end.min(start + LONGEST).min(text.source.len());
    while !text.source.is_char_boundary(end) {
        end -= 1;
    }
    Some(text.source.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_found() {
        for (text, expected) in [
            ("We build. Should we use it? Thanks.", Some("Should we use it?")),
            ("We build. Good? What instead?", Some("Good? What instead?")),
            ("Pages take 1.2 s. Review?", Some("Pages take 1.2 s. Review?")),
            ("We run machines. Give node counts.", Some("Give node counts.")),
            ("We run machines.", None),
            ("", None),
        ] {
            assert_eq!(question(&Text::new(text)).as_deref(), expected, "{text}");
        }
    }
}
