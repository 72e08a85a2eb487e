//! `hard-dependency-for-soft-feature`: a critical operation waits for something it does not need.

use loadcase_model::{Aspect, FlowStyle, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "hard-dependency-for-soft-feature",
    family: Family::Resilience,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "A critical operation waits for something it does not need.",
    why: "Mail, recommendations and statistics fail more often than orders may. Who waits for them fails with them.",
    fires: "A component that takes orders, payments or bookings calls mail, notification, recommendation or analytics and waits for the answer.",
    silent: "Calls through a queue; calls with a breaker and a fallback.",
    fix: "Publish an event or write to an outbox, and let the other side take it when it can.",
    references: &["AWS REL05"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for flow in subject.blueprint().flows.iter().filter(|f| f.style == FlowStyle::Sync) {
        let (from, to) = (subject.name(&flow.from), subject.name(&flow.to));
        if !is(CRITICAL, &from) || !is(SOFT, &to) || is(SOFT, &from) {
            continue;
        }
        if subject.of(&flow.from, Aspect::CircuitBreaker).any(|p| p.state == State::Present) {
            answers.kept();
            continue;
        }
        let mut broken =
            Broken::at(&flow.from, format!("{from} waits for {to}, which its task does not need"))
                .and(&flow.to)
                .sure(Confidence::Medium);
        for place in flow.evidence.iter().take(3) {
            broken = broken.seen(place, "waits here");
        }
        answers.broken(broken);
    }
}

/// Words in names of components whose task people pay for.
const CRITICAL: &[&str] = &["order", "payment", "checkout", "booking", "reserve", "purchase", "preserve"];

/// Words in names of components that others can do without for a while.
const SOFT: &[&str] = &[
    "mail",
    "notification",
    "notify",
    "recommend",
    "analytics",
    "statistic",
    "audit",
    "sms",
    "newsletter",
    "ad",
    "ads",
];

fn is(words: &[&str], name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| words.iter().any(|w| if w.len() <= 3 { part == *w } else { part.starts_with(w) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn an_order_that_waits_for_mail_is_found() {
        let draft = Draft::new().service("order-service").service("mailer").calls("order-service", "mailer");
        assert_eq!(
            draft.find("hard-dependency-for-soft-feature")[0].message,
            "order-service waits for mailer, which its task does not need"
        );
    }

    #[test]
    fn an_event_does_not_wait() {
        let draft = Draft::new().service("order-service").service("mailer").flow(
            "order-service",
            "mailer",
            FlowStyle::Async,
            "amqp",
            "publishes",
        );
        assert!(!draft.breaks("hard-dependency-for-soft-feature"));
    }
}
