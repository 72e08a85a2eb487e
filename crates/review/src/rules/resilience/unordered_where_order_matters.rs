//! `unordered-where-order-matters`: steps that depend on order run without one.

use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::{cite, per_component, subjects};
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
    siblings(subject, answers);
    subject.in_state(Aspect::UnorderedTasks, State::Absent).for_each(|_| answers.kept());
}

/// Tasks that write, declared in one file and started side by side in another.
fn siblings(subject: &Subject<'_>, answers: &mut Answers) {
    for (component, tasks) in subject.by_component(subject.in_state(Aspect::UnorderedTasks, State::Weak)) {
        let (starts, writes): (Vec<&Practice>, Vec<&Practice>) =
            tasks.into_iter().partition(|p| p.subject.contains(", "));
        for start in starts {
            let started: Vec<&Practice> = writes
                .iter()
                .filter(|w| start.subject.split(", ").any(|name| name == w.subject))
                .copied()
                .collect();
            if started.len() < 2 {
                continue;
            }
            let message = format!(
                "{} starts {} side by side, which all write, and nothing says which comes first",
                subject.name(component),
                start.subject
            );
            let mut broken = Broken::at(component, message).sure(Confidence::Medium);
            broken = cite(broken, start);
            for write in started {
                broken = broken.seen(&write.place, format!("{}: {}", write.subject, write.detail));
            }
            answers.broken(broken);
        }
    }
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
    fn tasks_of_another_file_are_found_when_they_write() {
        let started = Draft::new()
            .service("orders")
            .practice("orders", Aspect::UnorderedTasks, State::Weak, "refund, cancel")
            .practice("orders", Aspect::UnorderedTasks, State::Weak, "refund");
        assert!(!started.breaks("unordered-where-order-matters"));
        let both = started.practice("orders", Aspect::UnorderedTasks, State::Weak, "cancel");
        let found = both.find("unordered-where-order-matters");
        assert!(
            found[0].message.starts_with("orders starts refund, cancel side by side"),
            "{}",
            found[0].message
        );
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
