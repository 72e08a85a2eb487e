//! `default-credentials`: default or shared accounts are used.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "default-credentials",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Default or shared accounts are used.",
    why: "Well-known pairs are the first that are tried. An account that several use cannot be revoked for one, and its log lines name nobody.",
    fires: "A well-known pair of user and password, an empty password, or one account for several components stands in configuration or a deployment file.",
    silent: "Test code. Files that only serve development are told with lower severity by their acceptance.",
    fix: "Give each component an account of its own with a generated password from a secret store.",
    references: &["CWE-1392", "ASVS 13.2.3"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::DefaultCredentials, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} uses default or shared accounts: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::DefaultCredentials, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::DefaultCredentials,
            State::Present,
            "subject",
        );
        let found = draft.find("default-credentials");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::DefaultCredentials,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("default-credentials"));
    }
}
