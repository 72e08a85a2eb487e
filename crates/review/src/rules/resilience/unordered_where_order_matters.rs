//! `unordered-where-order-matters`: steps that depend on order run without one.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unordered-where-order-matters",
    family: Family::Resilience,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Steps that depend on order run without one.",
    why: "Which of them ends last is left to chance. The wrong one wins on a busy day and never in a test.",
    fires: "Several asynchronous tasks that write the same entity are started without waiting for each other, or events of one state machine go to partitions without a key.",
    silent: "Tasks that touch different things.",
    fix: "Run them one after the other, or give the messages the entity as key so that one partition keeps the order.",
    references: &["train-ticket faults F1 and F13", "CWE-696"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::UnorderedTasks, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} runs steps side by side whose order matters: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::UnorderedTasks, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::UnorderedTasks,
            State::Present,
            "subject",
        );
        let found = draft.find("unordered-where-order-matters");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::UnorderedTasks,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("unordered-where-order-matters"));
    }
}
