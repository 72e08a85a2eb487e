//! `excessive-response-data`: a response carries fields its caller should not see.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "excessive-response-data",
    family: Family::Api,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A response carries fields its caller should not see.",
    why: "Clients show what they need; the rest is there for whoever looks at the traffic.",
    fires: "The response of an operation that is not for administrators is built from a type with passwords, tokens or internal fields, or from whole rows.",
    silent: "Fields that the code removes or marks as write-only.",
    fix: "Build responses from types of their own that name each field.",
    references: &["API3:2023", "ASVS 15.3.1", "CWE-213"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let shown = subject.in_state(Aspect::ResponseData, State::Present);
    let found = per_component(subject, shown, Confidence::Medium, |name, all| {
        format!("{name} answers with fields its callers should not see: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::ResponseData, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_password_in_a_response_is_found() {
        let draft =
            Draft::new().service("users").practice("users", Aspect::ResponseData, State::Present, "password");
        assert_eq!(
            draft.find("excessive-response-data")[0].message,
            "users answers with fields its callers should not see: password"
        );
    }

    #[test]
    fn a_cleaned_response_is_kept() {
        let draft =
            Draft::new().service("users").practice("users", Aspect::ResponseData, State::Absent, "password");
        assert!(!draft.breaks("excessive-response-data"));
    }
}
