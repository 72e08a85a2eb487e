//! `distributed-write-without-saga`: one action changes two services and has no way back.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "distributed-write-without-saga",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "One action changes two services and has no way back.",
    why: "When the second change fails the first stays. Orders without payment and seats without passengers are found by customers.",
    fires: "One operation sends two or more changes to other components, and neither a compensation, a saga nor a state machine is seen.",
    silent: "A change of one service with reads of others.",
    fix: "Make it a saga: record each step, undo what was done when a later one fails, and let a job finish what was interrupted.",
    references: &["Garcia-Molina 1987", "train-ticket faults F1 and F11"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::DistributedWrite, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} changes several services in one action and has no way back: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::DistributedWrite, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::DistributedWrite,
            State::Present,
            "subject",
        );
        let found = draft.find("distributed-write-without-saga");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::DistributedWrite,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("distributed-write-without-saga"));
    }
}
