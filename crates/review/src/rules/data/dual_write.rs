//! `dual-write`: state and message are written to two places without an outbox.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "dual-write",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "State and message are written to two places without an outbox.",
    why: "A crash between the two leaves a change nobody hears of, or news of a change that never was. It happens on every restart under load.",
    fires: "One operation writes to a store and then publishes a message or calls a second system, and neither an outbox, change capture nor a saga is seen.",
    silent: "A message that may be lost without harm should be accepted with that reason; a job that repeats until both agree.",
    fix: "Write the message into an outbox table in the same transaction, and let a relay publish it.",
    references: &["Kleppmann 2017, chapter 11", "AWS REL04"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::DualWrite, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} writes state and a message to two places without an outbox: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::DualWrite, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::DualWrite, State::Present, "subject");
        let found = draft.find("dual-write");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::DualWrite, State::Absent, "subject");
        assert!(!draft.breaks("dual-write"));
    }
}
