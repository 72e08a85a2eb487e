//! `no-ledger-or-reconciliation`: balances change without a journal or a check against the provider.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-ledger-or-reconciliation",
    family: Family::Payments,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Balances change without a journal or a check against the provider.",
    why: "When a number is wrong nobody can say since when or why, and a difference to the provider is found by a customer.",
    fires: "A balance, credit or wallet is updated in place, and no append-only journal of movements is seen in the same component.",
    silent: "Counters that are no money; systems with a ledger component.",
    fix: "Write each movement as a balanced pair of entries that are never changed, derive balances from them, and compare with the provider every day.",
    references: &["PCI DSS 10.2"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::BalanceInPlace, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} changes balances in place: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::BalanceInPlace, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::BalanceInPlace,
            State::Present,
            "subject",
        );
        let found = draft.find("no-ledger-or-reconciliation");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::BalanceInPlace,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("no-ledger-or-reconciliation"));
    }
}
