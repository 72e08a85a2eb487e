//! `inconsistent-error-format`: error bodies differ from service to service.

use std::collections::BTreeMap;

use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::cite;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "inconsistent-error-format",
    family: Family::Api,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "Error bodies differ from service to service.",
    why: "Every client learns a new way to fail for every service, and guesses when it meets another.",
    fires: "The error bodies that are seen in components of one system have different shapes.",
    silent: "Systems with one component; components whose error bodies are not seen.",
    fix: "Answer problem details (RFC 9457) everywhere, made by one library.",
    references: &["RFC 9457", "AIP-193", "A10:2025"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut shapes: BTreeMap<&str, &Practice> = BTreeMap::new();
    for practice in subject.in_state(Aspect::ErrorFormat, State::Present) {
        shapes.entry(practice.detail.as_str()).or_insert(practice);
    }
    let mut seen = shapes.values().filter_map(|p| p.component.as_ref().map(|c| (c, *p)));
    let Some((first, _)) = seen.next() else { return };
    if shapes.len() < 2 || seen.all(|(c, _)| c == first) {
        return answers.kept();
    }
    let message = format!("errors come in {} shapes", shapes.len());
    let mut broken = Broken::at(first, message).sure(Confidence::Low);
    for practice in shapes.values() {
        broken = cite(broken, practice);
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system(second: &str) -> Draft {
        let mut draft = Draft::new()
            .service("a")
            .service("b")
            .practice("a", Aspect::ErrorFormat, State::Present, "")
            .practice("b", Aspect::ErrorFormat, State::Present, "");
        draft.survey.practices[0].detail = "error, message".to_owned();
        draft.survey.practices[1].detail = second.to_owned();
        draft
    }

    #[test]
    fn two_shapes_are_found() {
        assert_eq!(
            system("code, text").find("inconsistent-error-format")[0].message,
            "errors come in 2 shapes"
        );
    }

    #[test]
    fn one_shape_is_kept() {
        assert!(!system("error, message").breaks("inconsistent-error-format"));
    }
}
