//! `unguarded-concurrent-write`: two paths can change the same balance, stock or order at once.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unguarded-concurrent-write",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Two paths can change the same balance, stock or order at once.",
    why: "Both read ten, both take one, both write nine. Every counter that customers race for is oversold on its best day.",
    fires: "A value such as a balance, stock, seat or quota is read, changed in code and written back, and no lock, version column, unique key or conditional update is seen.",
    silent: "Updates that the database computes itself; entities with a version.",
    fix: "Change it in one conditional statement, add a version column, or lock the row for the transaction.",
    references: &["ASVS 2.3.4", "ASVS 15.4.2", "CWE-362"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::ConcurrencyGuard, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} reads, decides and writes without a guard: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::ConcurrencyGuard, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::ConcurrencyGuard,
            State::Absent,
            "subject",
        );
        let found = draft.find("unguarded-concurrent-write");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::ConcurrencyGuard,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("unguarded-concurrent-write"));
    }
}
