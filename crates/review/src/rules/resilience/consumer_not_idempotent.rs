//! `consumer-not-idempotent`: a redelivered message repeats its side effect.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "consumer-not-idempotent",
    family: Family::Resilience,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A redelivered message repeats its side effect.",
    why: "Brokers deliver at least once: after a timeout, a restart or a rebalance the same message comes again, and the charge, the mail or the booking with it.",
    fires: "A consumer of an at-least-once broker inserts, calls or sends without an inbox table, a unique key or a conditional write.",
    silent: "Writes that end in the same state however often they run.",
    fix: "Write the message id under a unique key in the same transaction as the effect, and skip what is there.",
    references: &["Hohpe, idempotent receiver", "AWS REL04"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::ConsumerIdempotency, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} repeats its effect when a message comes twice: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::ConsumerIdempotency, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::ConsumerIdempotency,
            State::Absent,
            "subject",
        );
        let found = draft.find("consumer-not-idempotent");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::ConsumerIdempotency,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("consumer-not-idempotent"));
    }
}
