//! `sensitive-data-in-logs`: secrets or personal data go to the log.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "sensitive-data-in-logs",
    family: Family::Observability,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Secrets or personal data go to the log.",
    why: "Logs are kept long, copied to many and read by more people than the data they copy.",
    fires: "A log line carries a password, token, card number or personal field without masking.",
    silent: "Identifiers that name nobody outside the system.",
    fix: "Log identifiers, mask the rest in one place of the logging library.",
    references: &["ASVS 16.2.5", "CWE-532"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::SensitiveLog, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} logs what it should not: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::SensitiveLog, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::SensitiveLog,
            State::Present,
            "subject",
        );
        let found = draft.find("sensitive-data-in-logs");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::SensitiveLog, State::Absent, "subject");
        assert!(!draft.breaks("sensitive-data-in-logs"));
    }
}
