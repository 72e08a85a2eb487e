//! `outbox-without-relay`: outbox rows that fail to go out are never sent again.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "outbox-without-relay",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Outbox rows that fail to go out are never sent again.",
    why: "The promise of an outbox is the relay. Without one that tries again, a failed send is a lost message with a row as its gravestone.",
    fires: "An outbox table is written, and no job, listener or change capture that reads its pending rows is seen.",
    silent: "Relays outside the repository should be accepted with their place.",
    fix: "Let a job read rows that are pending or failed, oldest first, publish them and mark them, for ever until they are out; alert on the age of the oldest.",
    references: &["Richardson, transactional outbox"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Outbox, State::Weak);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} writes to an outbox that nobody empties: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Outbox, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice("orders", Aspect::Outbox, State::Weak, "subject");
        let found = draft.find("outbox-without-relay");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Outbox, State::Present, "subject");
        assert!(!draft.breaks("outbox-without-relay"));
    }
}
