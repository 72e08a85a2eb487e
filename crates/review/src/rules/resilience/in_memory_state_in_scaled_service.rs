//! `in-memory-state-in-scaled-service`: state needed by all replicas lives in one process.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "in-memory-state-in-scaled-service",
    family: Family::Resilience,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "State needed by all replicas lives in one process.",
    why: "A second copy does not know it, and a restart loses it.",
    fires: "Sessions, counters, locks, schedules or uploads are kept in the memory or on the disk of a process that runs in more than one copy, or is meant to.",
    silent: "A process that can only run once is told with lower severity. Caches that can be filled again are no state.",
    fix: "Keep it in a store that all copies share, or make one copy the owner by an elected lease.",
    references: &["Twelve-factor VI", "AWS REL05"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::StateInProcess, State::Present);
    let found = per_component(subject, seen, Confidence::Low, |name, all| {
        format!("{name} keeps state in its process: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::StateInProcess, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::StateInProcess,
            State::Present,
            "subject",
        );
        let found = draft.find("in-memory-state-in-scaled-service");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::StateInProcess,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("in-memory-state-in-scaled-service"));
    }
}
