//! `no-audit-trail`: privileged and money operations leave no trace.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-audit-trail",
    family: Family::Observability,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Privileged and money operations leave no trace.",
    why: "Afterwards nobody can say who did it, nor prove who did not.",
    fires: "An operation for administration or money writes no audit event where the code would show one.",
    silent: "Systems whose store keeps a history of its own.",
    fix: "Write who did what to which object and when into an append-only sink, in the same transaction.",
    references: &["ASVS 16.3.1", "PCI DSS 10.2", "CWE-778"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Audit, State::Absent);
    let found = per_component(subject, seen, Confidence::Low, |name, all| {
        format!("{name} leaves no trace of privileged operations: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Audit, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Audit, State::Absent, "subject");
        let found = draft.find("no-audit-trail");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Audit, State::Present, "subject");
        assert!(!draft.breaks("no-audit-trail"));
    }
}
