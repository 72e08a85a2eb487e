//! `no-backpressure`: a buffer can grow without limit.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-backpressure",
    family: Family::Resilience,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "A buffer can grow without limit.",
    why: "When work comes in faster than it is done, memory is the queue. The process is killed with everything in it.",
    fires: "A queue, channel or pool is made without a bound, or a consumer takes messages without a prefetch limit.",
    silent: "Bounded queues with a rejection policy; consumers that pull one batch at a time.",
    fix: "Bound it, and decide what happens when it is full: wait, refuse, or drop the oldest.",
    references: &["AWS REL05", "CWE-770"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Backpressure, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} takes on more than it can hold: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Backpressure, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Backpressure, State::Absent, "subject");
        let found = draft.find("no-backpressure");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::Backpressure,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("no-backpressure"));
    }
}
