//! Answers to the questions of a design, read by the same reader as a brief.

use loadcase_model::Brief;

use crate::Session;

impl Session {
    /// A brief that holds one answer: `input` is the input's name, `answer` a value, or `now / in 24 months`.
    ///
    /// # Errors
    /// Why the answer cannot be read, in a sentence.
    pub fn answered(&self, input: &str, answer: &str) -> Result<Brief, String> {
        let quoted = |text: &str| serde_json::Value::String(text.trim().to_owned()).to_string();
        let value =
            match answer.split_once('/').filter(|_| !answer.contains("req/s") && !answer.contains("/s")) {
                Some((now, later)) => format!("{{\"now\": {}, \"later\": {}}}", quoted(now), quoted(later)),
                None => quoted(answer),
            };
        let yaml = format!("{{\"numbers\": {{{}: {value}}}}}", quoted(input));
        self.read(yaml.as_bytes(), "answer.yaml").map(|r| r.brief).map_err(|d| d.message)
    }
}

#[cfg(test)]
mod tests {
    use loadcase_model::Input;

    use crate::Session;

    #[test]
    fn an_answer_may_speak_of_both_horizons_and_hold_a_slash() {
        let session = Session::open(None).expect("the catalog");
        let both = session.answered("engineers", "5 / 9").expect("an answer");
        let given = &both.numbers[&Input::Engineers];
        assert_eq!(given.now.as_ref().map(|e| e.value), Some(5.0));
        assert_eq!(given.later.as_ref().map(|e| e.value), Some(9.0));
        let rate = session.answered("peak-rps", "400 req/s").expect("a rate");
        assert_eq!(rate.numbers[&Input::PeakRps].now.as_ref().map(|e| e.value), Some(400.0));
        assert!(session.answered("engineers", "many").is_err());
        assert!(session.answered("engineers\": 3, \"x", "4").is_err());
    }
}
