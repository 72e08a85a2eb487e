//! `retry-without-backoff`: retries are endless, immediate or client-controlled.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "retry-without-backoff",
    family: Family::Resilience,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Retries are endless, immediate or client-controlled.",
    why: "When the callee is slow, every caller multiplies its load at the worst moment, and keeps it down.",
    fires: "A call is repeated in a loop without a cap, without a growing pause, or as often as the caller of this operation asks.",
    silent: "Libraries whose default has a cap and a growing pause with jitter.",
    fix: "Cap the tries at two or three, let the pause grow with jitter, and stop when a budget of retries is spent.",
    references: &["Google SRE book, chapter 22", "train-ticket fault F6"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Retry, State::Weak);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} repeats failed calls without a bound or a growing pause: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Retry, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice("orders", Aspect::Retry, State::Weak, "subject");
        let found = draft.find("retry-without-backoff");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Retry, State::Present, "subject");
        assert!(!draft.breaks("retry-without-backoff"));
    }
}
