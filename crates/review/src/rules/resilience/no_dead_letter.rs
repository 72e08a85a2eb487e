//! `no-dead-letter`: a message that cannot be handled is lost or blocks the queue.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-dead-letter",
    family: Family::Resilience,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A message that cannot be handled is lost or blocks the queue.",
    why: "One malformed message stops all that follow it, or disappears without a trace.",
    fires: "A consumer has no dead-letter target where its code or configuration would show one, or acknowledges in the branch that handles the failure.",
    silent: "Consumers of measurements, where a lost message does no harm, should be accepted with that reason.",
    fix: "Give the queue a dead-letter target with a bound on tries, watch its depth, and write down how messages are put back.",
    references: &["AWS Well-Architected REL", "CKV_AWS_116"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::DeadLetter, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} loses or blocks on messages it cannot handle: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::DeadLetter, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::DeadLetter, State::Absent, "subject");
        let found = draft.find("no-dead-letter");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::DeadLetter, State::Present, "subject");
        assert!(!draft.breaks("no-dead-letter"));
    }
}
