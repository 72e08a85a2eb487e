//! Which topics a question is about.

use loadcase_catalog::{Catalog, Phrase, Topic};

use super::words::{Pattern, Sentence, line_tokens, sentences};

/// How much a phrase in the sentence that asks counts against one in the sentences around it.
const ASKING: f64 = 1.5;
/// How much a phrase in the material counts, and the most all of them may add.
const MATERIAL: (f64, f64) = (0.35, 2.0);
/// Further phrases of one topic count less and less, so that many weak hints do not beat a telling one.
const FADE: [f64; 5] = [1.0, 0.5, 0.35, 0.25, 0.15];
/// Words of the material that are looked at: its beginning says what it is.
const MOST_TOKENS: usize = 6_000;

/// The topics a question is about with their scores, the best first; empty when nothing fits.
#[must_use]
pub fn topics<'a>(question: &str, material: Option<&str>, catalog: &'a Catalog) -> Vec<(&'a Topic, f64)> {
    let asked = sentences(question);
    let mut left = MOST_TOKENS;
    let given: Vec<Sentence> = material
        .unwrap_or("")
        .lines()
        .map(|line| Sentence { tokens: line_tokens(line), asks: false })
        .take_while(|s| {
            left = left.saturating_sub(s.tokens.len().max(1));
            left > 0
        })
        .collect();
    let mut ranked: Vec<(&Topic, f64)> = catalog
        .topics
        .values()
        .map(|topic| (topic, score(topic, &asked, &given)))
        .filter(|(_, score)| *score > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn score(topic: &Topic, asked: &[Sentence], given: &[Sentence]) -> f64 {
    let own = faded(topic.asks.iter().map(|phrase| hit(phrase, asked)).collect());
    if own <= 0.0 && asked.iter().any(|s| !s.tokens.is_empty()) && given.is_empty() {
        return 0.0;
    }
    let (share, most) = MATERIAL;
    let from_material = faded(topic.asks.iter().map(|phrase| hit(phrase, given)).collect()) * share;
    topic.weight * (own + from_material.min(most))
}

/// The strength of a phrase: how many words it takes, where it stands.
fn hit(phrase: &Phrase, sentences: &[Sentence]) -> f64 {
    let pattern = Pattern::parse(phrase);
    let strength = (pattern.specificity() as f64).powf(1.2);
    sentences
        .iter()
        .filter(|s| pattern.find(&s.tokens).is_some())
        .map(|s| if s.asks { strength * ASKING } else { strength })
        .fold(0.0, f64::max)
}

fn faded(mut hits: Vec<f64>) -> f64 {
    hits.sort_by(|a, b| b.total_cmp(a));
    hits.iter().zip(FADE).map(|(hit, share)| hit * share).sum()
}

/// Whether one of the phrases is found in a sentence of the question.
pub(super) fn mentions(phrases: &[Phrase], asked: &[Sentence]) -> bool {
    phrases.iter().any(|phrase| {
        let pattern = Pattern::parse(phrase);
        asked.iter().any(|s| pattern.find(&s.tokens).is_some())
    })
}
