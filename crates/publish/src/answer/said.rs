//! Numbers and words of the question, found by phrase, for templates.

use loadcase_model::{Figure, Origin, Unit};

use super::words::{Pattern, Sentence, line_tokens, quote, seconds_in, sentences};

/// A question, read once.
pub(super) struct Said {
    text: String,
    sentences: Vec<Sentence>,
    material: Vec<Sentence>,
}

/// A rate the question states.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rate {
    /// The words: `50 orders per minute`.
    pub text: String,
    /// The same per second.
    pub per_s: f64,
}

impl Said {
    pub(super) fn new(question: &str, material: Option<&str>) -> Self {
        let material = material
            .unwrap_or("")
            .lines()
            .take(2_000)
            .map(|line| Sentence { tokens: line_tokens(line), asks: false })
            .collect();
        Self { text: question.to_owned(), sentences: sentences(question), material }
    }

    /// Whether the question or the material contains a phrase.
    pub(super) fn mentions(&self, phrase: &str) -> bool {
        let pattern = Pattern::parse(phrase);
        self.sentences.iter().chain(&self.material).any(|s| pattern.find(&s.tokens).is_some())
    }

    /// The number `#` stands for in a phrase of the question.
    pub(super) fn number(&self, phrase: &str, unit: Unit) -> Option<Figure> {
        let pattern = Pattern::parse(phrase);
        self.sentences.iter().find_map(|sentence| {
            let found = pattern.find(&sentence.tokens)?;
            let value = sentence.tokens[found.number?].number?;
            let value = if unit == Unit::Share && value > 1.0 { value / 100.0 } else { value };
            let at = sentence.tokens[found.tokens.start].at.start;
            let origin = Origin::stated(quote(&self.text, &sentence.tokens[found.tokens]), at);
            Some(Figure { value, unit, origin })
        })
    }

    /// A number of things per unit of time: `50 orders per minute`, `8 million events a day`.
    pub(super) fn rate(&self, nouns: &str) -> Option<Rate> {
        let patterns = [
            Pattern::parse(&format!(
                "# .. {nouns} ?each ?every ?per|a|an|in second|s|sec|minute*|min|hour*|h|day*|daily|week*|month*|year*|hourly"
            )),
            Pattern::parse(&format!(
                "# .. {nouns} .. per|a|an|each|every|/ second|s|sec|minute*|min|hour*|h|day*|week*|month*|year*"
            )),
            Pattern::parse(&format!(
                "# per|a|each second|s|sec|minute*|min|hour*|h|day*|week*|month* .. {nouns}"
            )),
        ];
        patterns.iter().find_map(|pattern| {
            self.sentences.iter().find_map(|sentence| {
                let found = pattern.find(&sentence.tokens)?;
                let value = sentence.tokens[found.number?].number?;
                let covered = &sentence.tokens[found.tokens];
                let seconds = covered.iter().rev().find_map(|t| seconds_in(&t.text))?;
                Some(Rate { text: quote(&self.text, covered), per_s: value / seconds })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_become_per_second() {
        let cases = [
            ("We have about 50 orders per minute and mail.", "order*", 50.0 / 60.0),
            ("8 million events per day, one data person", "event*", 8e6 / 86_400.0),
            ("We take 3,000 new messages every second.", "message*", 3_000.0),
            ("It handles 120 jobs/min", "job*", 2.0),
        ];
        for (text, noun, per_s) in cases {
            let rate = Said::new(text, None).rate(noun).unwrap_or_else(|| panic!("{text}"));
            assert!((rate.per_s - per_s).abs() < 1e-9 * per_s, "{text}: {}", rate.per_s);
        }
        assert_eq!(Said::new("We have 50 orders", None).rate("order*"), None);
    }

    #[test]
    fn numbers_are_found_by_phrase_and_keep_their_words() {
        let said = Said::new("people follow 200 accounts; some have 2 million followers", None);
        let follows = said.number("follow|follows # account*|people", Unit::One).expect("it is there");
        assert_eq!((follows.value, follows.origin.tag().letter()), (200.0, 'u'));
        assert!((said.number("# followers", Unit::One).expect("it is there").value - 2e6).abs() < 1e-6);
        assert_eq!(said.number("# posts", Unit::One), None);
    }
}
