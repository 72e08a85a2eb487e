//! `webhook-not-deduplicated`: a provider event is processed twice, or races with the browser confirmation.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "webhook-not-deduplicated",
    family: Family::Payments,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "A provider event is processed twice, or races with the browser confirmation.",
    why: "Providers deliver at least once, in any order, for days. The event and the customer's return from the payment page arrive together.",
    fires: "A handler of a call-back finishes an order or a payment without remembering the event's id, or the same order is finished by the call-back and by the synchronous path without a guard.",
    silent: "Handlers whose effect is a conditional change of state.",
    fix: "Insert the event id under a unique key in the transaction of the effect; let one path finish the order and the other only wait for it.",
    references: &["Provider documentation: events come at least once and unordered", "CWE-362"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::WebhookDeduplication, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} handles a provider event as often as it comes: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::WebhookDeduplication, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::WebhookDeduplication,
            State::Absent,
            "subject",
        );
        let found = draft.find("webhook-not-deduplicated");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::WebhookDeduplication,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("webhook-not-deduplicated"));
    }
}
