//! `payment-without-idempotency`: a repeated charge, refund or payout can happen twice.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "payment-without-idempotency",
    family: Family::Payments,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "A repeated charge, refund or payout can happen twice.",
    why: "A timeout does not say whether the money moved. Clients, proxies and people try again, and each try is a new movement.",
    fires: "A call that charges, refunds or pays out carries no idempotency key, or an operation that does so takes none and stores none under a unique constraint.",
    silent: "Reads of a provider; calls whose library sends a key of its own for each object.",
    fix: "Make one key for each intended effect, store it under a unique constraint before the call, send it with every try, and answer a repeated key with the first result.",
    references: &["Idempotency-Key header, draft 07 (expired April 2026)", "AIP-155", "ASVS 2.3.3"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::IdempotencyKey, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} can move money twice for one intent: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::IdempotencyKey, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::IdempotencyKey,
            State::Absent,
            "subject",
        );
        let found = draft.find("payment-without-idempotency");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::IdempotencyKey,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("payment-without-idempotency"));
    }
}
