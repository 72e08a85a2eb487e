//! `webhook-not-verified`: anyone can post a payment event.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "webhook-not-verified",
    family: Family::Payments,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "Anyone can post a payment event.",
    why: "The address of a call-back is easily found. Without a check of the signature a stranger marks his own order as paid.",
    fires: "A handler of a provider's call-back does not check the signature over the raw body, or not the time in it.",
    silent: "Handlers that fetch the event again from the provider by its id and use only that.",
    fix: "Check the signature over the raw bytes before parsing, refuse events older than five minutes, compare in constant time.",
    references: &["RFC 9421", "Standard Webhooks", "CWE-345"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::WebhookSignature, State::Absent);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} believes any payment event it is sent: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::WebhookSignature, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::WebhookSignature,
            State::Absent,
            "subject",
        );
        let found = draft.find("webhook-not-verified");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::WebhookSignature,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("webhook-not-verified"));
    }
}
